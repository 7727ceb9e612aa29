//! The other kinds of executor: a DCA, a grid, an order.

use super::COSTS;
use super::FLAT;
use super::Step;
use super::bars;
use super::check;
use super::scripted;
use hive::engine::Replay;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::dca::DcaConfig;
use hive::executor::dca::DcaMode;
use hive::executor::dca::DcaOrder;
use hive::executor::grid::GridConfig;
use hive::executor::order::ExecutionStrategy;
use hive::executor::order::OrderConfig;
use hive::executor::position::LevelId;
use hive::market::Decimal;
use hive::market::Side;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// A DCA of two orders of 100 at 100 and 50.
fn dca() -> DcaConfig {
    let order = |price| DcaOrder { price: decimal(price), amount_quote: decimal("100") };
    DcaConfig {
        time: 60,
        anchor: 60,
        side: Side::Buy,
        mode: DcaMode::Maker,
        orders: [order("100"), order("50")].into_iter().collect(),
        take_profit: Some(decimal("0.1")),
        stop_loss: Some(decimal("0.5")),
        trailing_stop: None,
        time_limit: None,
        level: None,
    }
}

fn run(rows: &[(f64, f64, f64, f64)], config: ExecutorConfig) -> Replay {
    let (replay, _) = scripted(&bars(rows), vec![(0, Step::Create(config))]);
    replay
}

#[test]
fn a_dca_takes_its_profit_from_the_average_price_as_a_taker() {
    // One base at 100 and two at 50: three at 66.67, with a goal of 73.33.
    let rows = [(101.0, 101.0, 101.0, 101.0), (101.0, 101.0, 49.0, 60.0), (60.0, 80.0, 60.0, 75.0)];
    let exit = 3.0 * (200.0 / 3.0) * 1.1 * 0.999;
    let pnl = exit - 200.0 - COSTS.maker_fee * 200.0 - COSTS.taker_fee * exit;
    check(&run(&rows, ExecutorConfig::Dca(Box::new(dca()))), CloseType::TakeProfit, 180, pnl);
}

#[test]
fn the_stop_loss_of_a_dca_waits_for_its_last_order() {
    let rows = [(101.0, 101.0, 101.0, 101.0), (101.0, 101.0, 51.0, 51.0)];
    let config = DcaConfig { stop_loss: Some(decimal("0.1")), ..dca() };
    assert!(run(&rows, ExecutorConfig::Dca(Box::new(config.clone()))).executors.is_empty());
    // The last order lies below the trigger of 60, so the stop goes off where it fills.
    let rows = [(101.0, 101.0, 101.0, 101.0), (101.0, 101.0, 49.0, 60.0)];
    let exit = 3.0 * 50.0 * 0.999;
    let pnl = exit - 200.0 - COSTS.maker_fee * 200.0 - COSTS.taker_fee * exit;
    check(&run(&rows, ExecutorConfig::Dca(Box::new(config))), CloseType::StopLoss, 120, pnl);
}

/// A grid that buys at 90 and 100 and sells one percent higher.
fn grid() -> GridConfig {
    GridConfig {
        time: 60,
        side: Side::Buy,
        start_price: decimal("90"),
        end_price: decimal("100"),
        limit_price: Some(decimal("80")),
        total_amount_quote: decimal("300"),
        min_spread_between_orders: decimal("0.05"),
        min_order_amount_quote: decimal("90"),
        take_profit: 0.01,
        coerce_tp_to_step: false,
        stop_loss: None,
        time_limit: None,
        keep_position: false,
        level: None,
    }
}

#[test]
fn a_grid_fills_its_levels_at_their_prices_and_closes_them_on_later_candles() {
    let rows = [(97.0, 97.0, 97.0, 97.0), (97.0, 97.0, 89.0, 90.0), (90.0, 91.5, 90.0, 91.0)];
    let replay = run(&rows, ExecutorConfig::Grid(Box::new(grid())));
    // The level at 100 waits at the close before, 97; that at 90 fills at 90, and is sold at 90.9 a candle later.
    let level = replay.open[0].figures.filled_amount_quote / (1.0 + 1.0 + 1.01);
    assert!((level - 150.0).abs() < 0.01, "{level} is no half of the budget");
    let held = [0.0, level * (90.0 / 97.0 + 1.0), level * 91.0 / 97.0];
    for (found, expected) in replay.series.position_quote.iter().zip(held) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }
    let pnl = level * (0.01 + 91.0 / 97.0 - 1.0 - COSTS.maker_fee * 3.01);
    assert!((replay.open[0].figures.net_pnl_quote - pnl).abs() < 1e-9);
}

#[test]
fn a_grid_gives_up_at_its_limit_price() {
    let rows = [(97.0, 97.0, 97.0, 97.0), (97.0, 97.0, 70.0, 75.0)];
    let replay = run(&rows, ExecutorConfig::Grid(Box::new(grid())));
    let [ended] = &replay.executors[..] else { panic!("it has ended") };
    assert_eq!((ended.close_type, ended.close_time), (CloseType::StopLoss, 120));
    let opened = ended.figures.average_price;
    let loss = ended.figures.net_pnl_pct;
    let expected = (80.0 * 0.999 / opened) * (1.0 - COSTS.taker_fee) - 1.0 - COSTS.maker_fee;
    assert!((loss - expected).abs() < 1e-9, "{loss} is not {expected}");
}

#[test]
fn a_grid_takes_no_profit_on_the_candle_of_its_limit_price() {
    let fill = (97.0, 97.0, 89.0, 90.0);
    // The level at 90 would close at 90.9, but the candle may have fallen to 80 before.
    let rows = [(97.0, 97.0, 97.0, 97.0), fill, (90.0, 91.5, 70.0, 75.0)];
    let replay = run(&rows, ExecutorConfig::Grid(Box::new(grid())));
    let [ended] = &replay.executors[..] else { panic!("it has ended") };
    assert_eq!((ended.close_type, ended.close_time), (CloseType::StopLoss, 180));
    assert_eq!(ended.grid.as_ref().expect("it is a grid").fill_event_count, 2);
    let opened = ended.figures.average_price;
    let expected = (80.0 * 0.999 / opened) * (1.0 - COSTS.taker_fee) - 1.0 - COSTS.maker_fee;
    assert!((ended.figures.net_pnl_pct - expected).abs() < 1e-9, "{} is not {expected}", ended.figures.net_pnl_pct);
}

#[test]
fn a_grid_that_keeps_its_position_hands_it_over() {
    let rows = [(97.0, 97.0, 97.0, 97.0), (97.0, 97.0, 70.0, 75.0), FLAT];
    let replay = run(&rows, ExecutorConfig::Grid(Box::new(GridConfig { keep_position: true, ..grid() })));
    assert_eq!(replay.executors[0].close_type, CloseType::PositionHold);
    assert!(replay.hold.expect("it is held").net_amount_base.is_positive());
}

#[test]
fn a_grid_without_levels_does_not_start_and_the_replay_goes_on() {
    let narrow = GridConfig { min_spread_between_orders: decimal("0.2"), ..grid() };
    let actions = [narrow, grid()].map(|grid| (0, Step::Create(ExecutorConfig::Grid(Box::new(grid)))));
    let (replay, script) = scripted(&bars(&[FLAT, FLAT]), actions.into());
    assert_eq!((replay.unstarted_count, replay.executors.len(), replay.open.len()), (1, 0, 1));
    let seen: Vec<usize> = script.seen.iter().map(|(_, active)| active.len()).collect();
    assert_eq!(seen, [0, 1]);
}

fn order(strategy: ExecutionStrategy, price: &str) -> ExecutorConfig {
    let (price, amount) = (decimal(price), Decimal::ONE);
    ExecutorConfig::Order(OrderConfig { time: 60, side: Side::Buy, price, amount, strategy, level: LevelId(0) })
}

#[test]
fn an_order_is_kept_where_it_fills() {
    let rows = [FLAT, (100.0, 101.0, 94.0, 96.0), FLAT];
    for (strategy, price, time, fill, fee) in [
        (ExecutionStrategy::Market, "95", 60, 100.1, 0.002),
        (ExecutionStrategy::LimitChaser, "95", 60, 100.1, 0.002),
        (ExecutionStrategy::Limit, "95", 120, 95.0, 0.001),
        (ExecutionStrategy::Limit, "105", 60, 105.0, 0.002),
        (ExecutionStrategy::LimitMaker, "105", 120, 100.0, 0.001),
    ] {
        let replay = run(&rows, order(strategy, price));
        check(&replay, CloseType::PositionHold, time, -fill * fee);
        assert_eq!(replay.hold.expect("it is held").avg_entry_price.to_f64(), fill, "{strategy:?} {price}");
    }
    assert_eq!(run(&rows, order(ExecutionStrategy::Limit, "90")).open.len(), 1);
}
