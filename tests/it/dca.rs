//! The DCA executor: candles made for exact ties, upstream's mistakes by name, and every executor of the oracle.
//!
//! Prices and barriers are powers of two apart, so a barrier is reached to the last bit and every `<` differs from `<=`.

mod generated;
mod golden;
mod plain;

use std::sync::Arc;

use hive::engine::dca::Dca;
use hive::engine::dca::Error;
use hive::engine::position::Ground;
use hive::executor::CloseType;
use hive::executor::dca::DcaConfig;
use hive::executor::dca::DcaMode;
use hive::executor::dca::DcaOrder;
use hive::executor::dca::DcaOrders;
use hive::executor::dca::DcaTrailingStop;
use hive::executor::ladder::Ladder;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;

use crate::small_candles::candles;
use crate::small_candles::closes;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// A purchase of 1 quote at each price, with a stop loss that is out of reach.
fn buy(prices: &[&str]) -> DcaConfig {
    let order = |price: &&str| DcaOrder { price: decimal(price), amount_quote: Decimal::ONE };
    DcaConfig {
        time: 0,
        anchor: 0,
        side: Side::Buy,
        mode: DcaMode::Maker,
        orders: prices.iter().map(order).collect(),
        take_profit: None,
        stop_loss: Some(decimal("0.875")),
        trailing_stop: None,
        time_limit: None,
        level: None,
    }
}

fn sell(prices: &[&str]) -> DcaConfig {
    DcaConfig { side: Side::Sell, ..buy(prices) }
}

fn simulated(candles: &Candles, config: &DcaConfig) -> Dca {
    Dca::simulate(candles, config, 0).expect("upstream simulates it").expect("it lives")
}

/// Checks the row of the first booking, the row of the end, and why it ends.
fn check(candles: &Candles, config: &DcaConfig, booked: Option<usize>, end: usize, close_type: CloseType) -> Dca {
    let dca = simulated(candles, config);
    assert_eq!((dca.booked_from(), dca.end, dca.close_type), (booked, end, close_type));
    dca
}

#[test]
fn an_order_fills_at_a_close_that_touches_it() {
    check(&closes(&[65.0, 64.0, 64.0]), &buy(&["64"]), Some(1), 2, CloseType::TimeLimit);
    check(&closes(&[63.0, 64.0, 64.0]), &sell(&["64"]), Some(1), 2, CloseType::TimeLimit);
    // The price is compared as a decimal: the nearest float may lie on its other side.
    check(&closes(&[65.0, 0.1]), &buy(&["0.1"]), None, 1, CloseType::TimeLimit);
    check(&closes(&[0.05, 0.1]), &sell(&["0.1"]), Some(1), 1, CloseType::TimeLimit);
}

#[test]
fn a_take_profit_need_only_be_touched() {
    let take_profit = Some(decimal("0.25"));
    let long = DcaConfig { take_profit, ..buy(&["64"]) };
    check(&closes(&[64.0, 79.5, 64.0]), &long, Some(0), 2, CloseType::TimeLimit);
    check(&closes(&[64.0, 80.0, 64.0]), &long, Some(0), 1, CloseType::TakeProfit);
    let short = DcaConfig { take_profit, ..sell(&["64"]) };
    check(&closes(&[64.0, 48.5, 64.0]), &short, Some(0), 2, CloseType::TimeLimit);
    check(&closes(&[64.0, 48.0, 64.0]), &short, Some(0), 1, CloseType::TakeProfit);
    // It is gross of fees, and relative to the price that was asked for, not to the better close that was got.
    check(&closes(&[60.0, 76.0, 64.0]), &long, Some(0), 2, CloseType::TimeLimit);
    // A goal of zero is no goal.
    let none = DcaConfig { take_profit: Some(Decimal::ZERO), ..buy(&["64"]) };
    check(&closes(&[64.0, 64.0, 64.0]), &none, Some(0), 2, CloseType::TimeLimit);
    // The goal is a decimal: 0.1 · 1.1 lies below the float nearest to it, which reaches it; 0.9 · 1.1 lies above its.
    for (price, fill, close, end, close_type) in
        [("0.1", 0.0625, 0.11, 1, CloseType::TakeProfit), ("0.9", 0.875, 0.99, 2, CloseType::TimeLimit)]
    {
        let config = DcaConfig { take_profit: Some(decimal("0.1")), ..buy(&[price]) };
        check(&closes(&[fill, close, fill]), &config, Some(0), end, close_type);
    }
}

#[test]
fn a_stop_loss_need_only_be_touched_by_a_wick() {
    let stop_loss = Some(decimal("0.25"));
    let long = DcaConfig { stop_loss, ..buy(&["64"]) };
    let dip = |low| candles(&[(64.0, 64.0, 64.0), (64.0, low, 60.0), (60.0, 60.0, 60.0)]);
    check(&dip(48.5), &long, Some(0), 2, CloseType::TimeLimit);
    let stopped = check(&dip(48.0), &long, Some(0), 1, CloseType::StopLoss);
    // It books the close of that candle, not the stop's price.
    assert_eq!(stopped.at(&Ground::new(&dip(48.0), 0.0, true), 1).net_pnl_pct, 60.0 / 64.0 - 1.0);
    let short = DcaConfig { stop_loss, ..sell(&["64"]) };
    let spike = |high| candles(&[(64.0, 64.0, 64.0), (high, 64.0, 70.0), (60.0, 60.0, 60.0)]);
    check(&spike(79.5), &short, Some(0), 2, CloseType::TimeLimit);
    check(&spike(80.0), &short, Some(0), 1, CloseType::StopLoss);
    // Unlike a position's, it is not looked for before the fill.
    let early = candles(&[(70.0, 48.0, 70.0), (64.0, 64.0, 64.0), (64.0, 64.0, 64.0)]);
    check(&early, &long, Some(1), 2, CloseType::TimeLimit);
}

#[test]
fn only_the_last_order_has_a_stop_loss() {
    // The first order's own stop would be at 48; that of both together is at 36, three quarters of (64 + 32) / 2.
    let config = DcaConfig { stop_loss: Some(decimal("0.25")), ..buy(&["64", "32"]) };
    let rows = candles(&[(64.0, 64.0, 64.0), (64.0, 33.0, 60.0), (60.0, 32.0, 32.0), (40.0, 37.0, 40.0)]);
    check(&rows, &config, Some(2), 2, CloseType::StopLoss);
    let deeper = DcaConfig { stop_loss: Some(decimal("0.5")), ..config };
    check(&rows, &deeper, Some(2), 3, CloseType::TimeLimit);
}

#[test]
fn a_trailing_stop_is_armed_and_hit_by_touching() {
    let trailing_stop = Some(DcaTrailingStop { activation: decimal("0.25"), delta: decimal("0.125") });
    let long = DcaConfig { trailing_stop, ..buy(&["64"]) };
    // Below the activation nothing is armed; at it the line is at seven eighths of 80.
    check(&closes(&[64.0, 79.0, 64.0, 64.0]), &long, Some(0), 3, CloseType::TimeLimit);
    check(&closes(&[64.0, 80.0, 70.5, 70.5]), &long, Some(0), 3, CloseType::TimeLimit);
    check(&closes(&[64.0, 80.0, 70.0, 64.0]), &long, Some(0), 2, CloseType::TrailingStop);
    // The line follows the best close and does not come back.
    check(&closes(&[64.0, 80.0, 96.0, 90.0, 84.0]), &long, Some(0), 4, CloseType::TrailingStop);
    let short = DcaConfig { trailing_stop, ..sell(&["64"]) };
    check(&closes(&[64.0, 49.0, 64.0, 64.0]), &short, Some(0), 3, CloseType::TimeLimit);
    check(&closes(&[64.0, 48.0, 53.5, 53.5]), &short, Some(0), 3, CloseType::TimeLimit);
    check(&closes(&[64.0, 48.0, 54.0, 64.0]), &short, Some(0), 2, CloseType::TrailingStop);
    // The arming row itself can be hit: with no distance it always is.
    let none = DcaTrailingStop { activation: decimal("0.25"), delta: Decimal::ZERO };
    let at_once = DcaConfig { trailing_stop: Some(none), ..buy(&["64"]) };
    check(&closes(&[64.0, 80.0, 96.0]), &at_once, Some(0), 1, CloseType::TrailingStop);
}

#[test]
fn the_next_order_follows_at_a_close_that_touches_it() {
    let rows = closes(&[64.0, 32.5, 32.0, 32.0]);
    let dca = check(&rows, &buy(&["64", "32"]), Some(2), 3, CloseType::TimeLimit);
    let ground = Ground::new(&rows, 0.0, true);
    // Both are booked from the second's fill on, each with its own return.
    let second = dca.at(&ground, 2);
    assert_eq!((second.filled_amount_quote, second.net_pnl_quote), (2.0, ground.pnl_pct(Side::Buy, 0, 2)));
    // (64 + 32) / 2, weighted by quote.
    assert_eq!(second.average_price, 48.0);
    check(&closes(&[64.0, 127.5, 128.0]), &sell(&["64", "128"]), Some(2), 2, CloseType::TimeLimit);
    check(&closes(&[64.0, 127.5, 127.5]), &sell(&["64", "128"]), None, 2, CloseType::TimeLimit);
}

#[test]
fn on_one_candle_the_take_profit_goes_first() {
    let all = DcaConfig {
        take_profit: Some(decimal("0.25")),
        stop_loss: Some(decimal("0.25")),
        time_limit: Some(60),
        trailing_stop: Some(DcaTrailingStop { activation: decimal("0.125"), delta: Decimal::ZERO }),
        ..buy(&["64"])
    };
    let second = |high, low, close| candles(&[(64.0, 64.0, 64.0), (high, low, close), (64.0, 64.0, 64.0)]);
    check(&second(96.0, 40.0, 96.0), &all, Some(0), 1, CloseType::TakeProfit);
    check(&second(96.0, 40.0, 72.0), &all, Some(0), 1, CloseType::StopLoss);
    check(&second(96.0, 60.0, 72.0), &all, Some(0), 1, CloseType::TrailingStop);
    check(&second(96.0, 60.0, 64.0), &all, Some(0), 1, CloseType::TimeLimit);
}

#[test]
fn on_one_candle_the_trailing_stop_goes_before_the_next_order() {
    let trailing_stop = Some(DcaTrailingStop { activation: decimal("0.25"), delta: decimal("0.125") });
    let config = DcaConfig { trailing_stop, ..buy(&["64", "32"]) };
    let rows = closes(&[64.0, 128.0, 32.0, 32.0]);
    let dca = check(&rows, &config, Some(2), 2, CloseType::TrailingStop);
    // The second order fills on that very row, which books the first; the second is not among the booked ones.
    let end = dca.at(&Ground::new(&rows, 0.0, true), 2);
    assert_eq!((end.filled_amount_quote, end.net_pnl_quote, end.average_price), (2.0, -0.5, 64.0));
}

#[test]
fn a_next_order_on_the_last_candle_goes_before_the_time_limit() {
    let rows = closes(&[64.0, 60.0, 32.0]);
    let dca = check(&rows, &buy(&["64", "32"]), Some(2), 2, CloseType::TimeLimit);
    assert_eq!(dca.at(&Ground::new(&rows, 0.0, true), 2).filled_amount_quote, 4.0);
}

#[test]
fn a_time_limit_is_inclusive_and_ends_on_the_candle_before_a_gap() {
    let limited = DcaConfig { time_limit: Some(60), take_profit: Some(decimal("0.25")), ..buy(&["64"]) };
    check(&closes(&[64.0, 80.0, 64.0]), &limited, Some(0), 1, CloseType::TakeProfit);
    check(&closes(&[64.0, 64.0, 80.0]), &limited, Some(0), 1, CloseType::TimeLimit);
    let mut gapped = closes(&[65.0, 65.0, 64.0]);
    gapped.time = vec![0, 60, 600];
    check(&gapped, &DcaConfig { time_limit: Some(300), ..buy(&["64"]) }, None, 1, CloseType::TimeLimit);
    // A limit of zero is no limit.
    check(&gapped, &DcaConfig { time_limit: Some(0), ..buy(&["64"]) }, Some(2), 2, CloseType::TimeLimit);
}

#[test]
fn a_time_limit_counts_from_its_anchor() {
    let rows = closes(&[64.0, 64.0, 64.0]);
    let limited = DcaConfig { time_limit: Some(60), ..buy(&["64"]) };
    let never = DcaConfig { anchor: i64::MAX, ..limited.clone() };
    check(&rows, &never, Some(0), 2, CloseType::TimeLimit);
    // A wall clock before the candles: the limit was over before the creation, and upstream drops the executor.
    let over = DcaConfig { anchor: -120, ..limited };
    assert_eq!(Dca::simulate(&rows, &over, 0), Ok(None));
}

#[test]
fn nothing_is_booked_where_the_last_order_never_fills() {
    let config = DcaConfig { take_profit: Some(decimal("0.25")), ..buy(&["64", "32"]) };
    let rows = closes(&[64.0, 80.0, 64.0]);
    let dca = check(&rows, &config, None, 1, CloseType::TakeProfit);
    let end = dca.at(&Ground::new(&rows, 0.001, true), 1);
    assert_eq!((end.filled_amount_quote, end.net_pnl_quote, end.net_pnl_pct, end.cum_fees_quote), (0.0, 0.0, 0.0, 0.0));
    // The average is the first order's price all the same.
    assert_eq!(end.average_price, 64.0);
    assert!(!dca.is_trading(0));
    // A fill after the end is no better.
    check(&closes(&[64.0, 80.0, 32.0]), &config, None, 1, CloseType::TakeProfit);
}

#[test]
fn an_order_that_fills_after_the_closing_one_moves_the_booking() {
    // The first order ends by its trailing stop at row 3, the second would fill there too, the third at row 4: nothing is
    // booked. Were the third to fill at row 3 too, all were booked from there.
    let trailing_stop = Some(DcaTrailingStop { activation: decimal("0.25"), delta: decimal("0.125") });
    let config = DcaConfig { trailing_stop, ..buy(&["64", "32", "16"]) };
    check(&closes(&[64.0, 64.0, 80.0, 32.0, 16.0]), &config, None, 3, CloseType::TrailingStop);
    check(&closes(&[64.0, 64.0, 80.0, 16.0, 16.0]), &config, Some(3), 3, CloseType::TrailingStop);
}

#[test]
fn the_filled_amount_is_doubled_on_the_last_row_only() {
    let rows = closes(&[64.0, 64.0, 64.0]);
    let dca = simulated(&rows, &buy(&["64"]));
    let ground = Ground::new(&rows, 0.25, true);
    let figures = |row| (dca.at(&ground, row).filled_amount_quote, dca.at(&ground, row).cum_fees_quote);
    assert_eq!([figures(0), figures(1), figures(2)], [(1.0, 0.25), (1.0, 0.25), (2.0, 0.25)]);
    assert_eq!([dca.is_trading(0), dca.is_trading(1), dca.is_trading(2)], [true, true, false]);
}

#[test]
fn orders_that_do_not_lie_one_behind_the_other_are_looked_for_from_the_creation() {
    // The second order's price comes first; the first fills at row 1, and the second follows on the same row, though it
    // counts from row 0, where its price was reached.
    let rows = closes(&[64.0, 32.0, 32.0]);
    let dca = check(&rows, &buy(&["32", "64"]), Some(0), 2, CloseType::TimeLimit);
    let ground = Ground::new(&rows, 0.0, true);
    assert!(dca.at(&ground, 0).net_pnl_quote.is_nan(), "upstream's frame has no return for the first order here");
    assert_eq!(dca.at(&ground, 2).net_pnl_quote, -0.5);
}

#[test]
fn without_a_stop_loss_a_filled_last_order_is_refused() {
    for stop_loss in [None, Some(Decimal::ZERO)] {
        let config = DcaConfig { stop_loss, take_profit: Some(decimal("0.25")), ..buy(&["64", "32"]) };
        // Upstream meets its mistake when it takes up the last order, also after the end.
        for rows in [closes(&[64.0, 32.0]), closes(&[64.0, 80.0, 32.0])] {
            assert_eq!(Dca::simulate(&rows, &config, 0), Err(Error::NoStopLoss));
        }
        check(&closes(&[64.0, 80.0, 64.0]), &config, None, 1, CloseType::TakeProfit);
    }
    assert!(Error::NoStopLoss.help().contains("stop_loss"));
}

#[test]
fn what_upstream_cannot_simulate_is_refused() {
    let rows = closes(&[64.0, 32.0]);
    let refused = |config: DcaConfig| Dca::simulate(&rows, &config, 0).expect_err("upstream raises here");
    assert_eq!(refused(DcaConfig { mode: DcaMode::Taker, ..buy(&["64"]) }), Error::Taker);
    assert_eq!(refused(buy(&[])), Error::NoOrders);
    let nothing = |price| DcaOrder { price: decimal(price), amount_quote: Decimal::ZERO };
    let worthless = DcaConfig { orders: ["64", "32"].into_iter().map(nothing).collect(), ..buy(&["64"]) };
    assert_eq!(refused(worthless), Error::NoAmount { count: 2 });
}

#[test]
fn a_ladder_is_regular_where_its_orders_are() {
    let is_regular = |spreads: &[&str], shares: &[&str], price: &str, side: Side| {
        let decimals = |texts: &[&str]| texts.iter().map(|text| decimal(text)).collect::<Vec<_>>();
        let ladder = Arc::new(Ladder::new(&decimals(spreads), &decimals(shares), Decimal::ONE));
        let orders = DcaOrders::Hung { ladder, price: decimal(price), amount_quote: decimal("64") };
        let hung = DcaConfig { side, orders, ..buy(&[]) };
        let listed = DcaConfig { orders: hung.orders().iter().copied().collect(), ..hung.clone() };
        assert_eq!(hung.first_price(), listed.first_price());
        assert_eq!(hung.is_regular(), listed.is_regular(), "{hung:?}");
        hung.is_regular()
    };
    let halves = ["0.5", "0.5"];
    let both = |spreads: &[&str], shares: &[&str], price: &str| {
        [Side::Buy, Side::Sell].map(|side| is_regular(spreads, shares, price, side))
    };
    assert_eq!(both(&["0.1", "0.25"], &halves, "64"), [true, true]);
    assert_eq!(both(&["0.25", "0.25"], &halves, "64"), [true, true]);
    assert_eq!(both(&["0.25", "0.1"], &halves, "64"), [false, false]);
    // A purchase a whole price away has a price of zero.
    assert_eq!(both(&["0.5", "1"], &halves, "64"), [false, true]);
    assert_eq!(both(&["0.1", "0.25"], &["1", "0"], "64"), [false, false]);
    assert_eq!(both(&["0.1", "0.25"], &["1.5", "-0.5"], "64"), [false, false]);
    assert_eq!(both(&["0.1", "0.25"], &halves, "-64"), [false, false]);
}
