//! The order executor, against Hummingbot's and on candles made for exact ties.

use hive::engine::order::Order;
use hive::executor::CloseType;
use hive::executor::order::ExecutionStrategy;
use hive::executor::order::OrderConfig;
use hive::executor::position::LevelId;
use hive::market::Side;
use serde_json::Value;

use crate::oracle_case;
use crate::oracle_case::Case;
use crate::oracle_case::RELEASES;
use crate::small_candles;

fn config(executor: &Value) -> OrderConfig {
    let strategy = match executor["execution_strategy"].as_str().expect("a text") {
        "MARKET" => ExecutionStrategy::Market,
        "LIMIT" => ExecutionStrategy::Limit,
        other => panic!("`{other}` is not in these cases"),
    };
    OrderConfig {
        time: oracle_case::seconds(executor, "timestamp"),
        side: oracle_case::side(executor),
        price: oracle_case::decimal(executor, "price"),
        amount: oracle_case::decimal(executor, "amount"),
        strategy,
        level: LevelId(0),
    }
}

/// Simulates every order of a case on its own and returns how many there were, and how many of them were stopped.
fn check_case(case: &Case) -> (usize, usize) {
    let (mut count, mut stopped) = (0, 0);
    for executor in case.executors("order_executor") {
        let created = case.row(executor, "timestamp");
        let order = Order::simulate(&case.candles, &config(executor), created, case.cost);
        let row = case.row(executor, "close_timestamp");
        stopped += usize::from(case.check_end(executor, order.end, order.close_type));
        case.check(executor, &order.at(row), row);
        count += 1;
    }
    (count, stopped)
}

#[test]
fn every_order_of_the_oracle_is_equal() {
    for (release, expected) in RELEASES.into_iter().zip([(426, 302), (428, 302)]) {
        assert_eq!(check_case(&oracle_case::open(release, "pmm_v1__c1")), expected);
        assert_eq!(check_case(&oracle_case::open(release, "pmm_simple__c3_spot_rebalance")), (960, 0));
    }
}

const ORDER: OrderConfig = OrderConfig {
    time: 0,
    side: Side::Buy,
    price: hive::market::Decimal::ONE,
    amount: hive::market::Decimal::ONE,
    strategy: ExecutionStrategy::Limit,
    level: LevelId(0),
};

/// Simulates an order on closes without wicks.
fn check(closes: &[f64], price: &str, config: OrderConfig, fill: Option<usize>) -> Order {
    let rows: Vec<_> = closes.iter().map(|&close| (close, close, close)).collect();
    let config = OrderConfig { price: price.parse().expect("a price"), ..config };
    let order = Order::simulate(&small_candles::candles(&rows), &config, 0, 0.125);
    let close_type = if fill.is_some() { CloseType::PositionHold } else { CloseType::Expired };
    assert_eq!((order.fill, order.end, order.close_type), (fill, fill.unwrap_or(closes.len() - 1), close_type));
    order
}

#[test]
fn a_limit_fills_at_a_close_that_touches_it() {
    let sell = OrderConfig { side: Side::Sell, ..ORDER };
    check(&[65.0, 64.0, 63.0], "64", ORDER, Some(1));
    check(&[63.0, 64.0, 65.0], "64", sell, Some(1));
    check(&[64.0, 65.0], "64", ORDER, Some(0));
    check(&[65.0, 64.5], "64", ORDER, None);
    check(&[63.0, 63.5], "64", sell, None);
}

#[test]
fn a_limit_is_compared_as_a_float() {
    // As a decimal 0.1 lies below the float 0.1, and a position would not fill here.
    check(&[0.2, 0.1], "0.1", ORDER, Some(1));
    // As a decimal this one lies above the float 0.3.
    check(&[0.2, 0.3], "0.30000000000000000001", OrderConfig { side: Side::Sell, ..ORDER }, Some(1));
}

#[test]
fn a_maker_order_waits_for_the_better_of_price_and_market() {
    let maker = OrderConfig { strategy: ExecutionStrategy::LimitMaker, ..ORDER };
    let sell = OrderConfig { side: Side::Sell, ..maker };
    // The market is better than the price: upstream fills at once, at the close.
    assert_eq!(check(&[60.0, 64.0], "64", maker, Some(0)).at(0).average_price, 60.0);
    assert_eq!(check(&[68.0, 64.0], "64", sell, Some(0)).at(0).average_price, 68.0);
    check(&[68.0, 64.0], "64", maker, Some(1));
    check(&[60.0, 64.0], "64", sell, Some(1));
}

#[test]
fn market_orders_and_chasers_fill_at_once() {
    for strategy in [ExecutionStrategy::Market, ExecutionStrategy::LimitChaser] {
        check(&[65.0, 64.0], "1", OrderConfig { strategy, ..ORDER }, Some(0));
    }
}

#[test]
fn a_fill_counts_once_and_pays_one_fee() {
    let order = check(&[65.0, 60.0, 80.0], "64", ORDER, Some(1));
    assert_eq!(order.at(0), hive::executor::Snapshot::default());
    for row in [1, 2] {
        let snapshot = order.at(row);
        assert_eq!((snapshot.filled_amount_quote, snapshot.cum_fees_quote, snapshot.average_price), (60.0, 7.5, 60.0));
        assert_eq!((snapshot.net_pnl_quote, snapshot.net_pnl_pct), (0.0, 0.0));
    }
}
