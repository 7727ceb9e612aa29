//! The position executor on candles made for exact ties, which ordinary candles do not have.
//!
//! Prices and barriers are powers of two apart, so a barrier is reached to the last bit and every `<` differs from `<=`.

use hive::engine::position::Ground;
use hive::engine::position::Position;
use hive::executor::CloseType;
use hive::executor::position::Entry;
use hive::executor::position::PositionConfig;
use hive::executor::position::TrailingStop;
use hive::executor::position::TripleBarrier;
use hive::executor::position::Unit;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;

use crate::small_candles::candles;
use crate::small_candles::closes;

fn buy(price: &str) -> PositionConfig {
    PositionConfig {
        time: 0,
        side: Side::Buy,
        entry_price: price.parse::<Decimal>().expect("a price").into(),
        amount: Decimal::ONE,
        unit: Unit::Base,
        entry: Entry::Limit,
        barrier: TripleBarrier::default().into(),
        level: None,
    }
}

fn sell(price: &str) -> PositionConfig {
    PositionConfig { side: Side::Sell, ..buy(price) }
}

fn check(
    candles: &Candles,
    config: &PositionConfig,
    fill: Option<usize>,
    end: usize,
    close_type: CloseType,
) -> Position {
    let position = Ground::new(candles, 0.0, true).simulate(config, 0);
    assert_eq!((position.fill, position.end, position.close_type), (fill, end, close_type));
    position
}

#[test]
fn a_limit_fills_at_a_close_that_touches_it() {
    check(&closes(&[65.0, 64.0, 64.0]), &buy("64"), Some(1), 2, CloseType::TimeLimit);
    check(&closes(&[63.0, 64.0, 64.0]), &sell("64"), Some(1), 2, CloseType::TimeLimit);
    // The limit is compared as a decimal: the nearest float may lie on its other side.
    check(&closes(&[65.0, 0.1]), &buy("0.1"), None, 1, CloseType::TimeLimit);
    check(&closes(&[0.05, 0.1]), &sell("0.1"), Some(1), 1, CloseType::TimeLimit);
}

#[test]
fn a_take_profit_must_be_exceeded() {
    let barrier = TripleBarrier { take_profit: Some(0.25), ..TripleBarrier::default() };
    check(
        &closes(&[64.0, 80.0, 80.0]),
        &PositionConfig { barrier: barrier.into(), ..buy("64") },
        Some(0),
        2,
        CloseType::TimeLimit,
    );
    check(
        &closes(&[64.0, 80.5, 80.0]),
        &PositionConfig { barrier: barrier.into(), ..buy("64") },
        Some(0),
        1,
        CloseType::TakeProfit,
    );
}

#[test]
fn a_stop_loss_need_only_be_touched() {
    let barrier = TripleBarrier { stop_loss: Some(0.25), ..TripleBarrier::default() };
    let touched = candles(&[(64.0, 64.0, 64.0), (64.0, 48.0, 60.0), (60.0, 60.0, 60.0)]);
    let position =
        check(&touched, &PositionConfig { barrier: barrier.into(), ..buy("64") }, Some(0), 1, CloseType::StopLoss);
    // It books the close of that candle, not the stop's price.
    assert_eq!(position.pnl_pct, 60.0 / 64.0 - 1.0);
    let touched = candles(&[(64.0, 64.0, 64.0), (80.0, 64.0, 70.0), (60.0, 60.0, 60.0)]);
    check(&touched, &PositionConfig { barrier: barrier.into(), ..sell("64") }, Some(0), 1, CloseType::StopLoss);
}

#[test]
fn a_stop_loss_counts_before_the_fill() {
    let barrier = TripleBarrier { stop_loss: Some(0.25), ..TripleBarrier::default() };
    let dips = candles(&[(70.0, 48.0, 70.0), (64.0, 64.0, 64.0), (64.0, 64.0, 64.0)]);
    let position = check(&dips, &PositionConfig { barrier: barrier.into(), ..buy("64") }, None, 0, CloseType::StopLoss);
    assert_eq!(position.filled_quote, 0.0);
}

#[test]
fn a_trailing_stop_is_armed_above_and_hit_below() {
    let trailing_stop = Some(TrailingStop { activation: 0.25, delta: 0.125 });
    let config =
        PositionConfig { barrier: TripleBarrier { trailing_stop, ..TripleBarrier::default() }.into(), ..buy("64") };
    // 80 is exactly the activation, which does not arm it.
    check(&closes(&[64.0, 80.0, 64.0]), &config, Some(0), 2, CloseType::TimeLimit);
    // 88 arms it; 80 is exactly the line, which does not hit it; 79 does.
    check(&closes(&[64.0, 88.0, 80.0, 80.0]), &config, Some(0), 3, CloseType::TimeLimit);
    check(&closes(&[64.0, 88.0, 80.0, 79.0]), &config, Some(0), 3, CloseType::TrailingStop);
}

#[test]
fn on_one_candle_the_take_profit_goes_first() {
    let all = TripleBarrier {
        take_profit: Some(0.25),
        stop_loss: Some(0.25),
        take_profit_at_market: false,
        time_limit: Some(60),
        trailing_stop: Some(TrailingStop { activation: 0.125, delta: 0.125 }),
    };
    let both = candles(&[(64.0, 64.0, 64.0), (96.0, 40.0, 96.0), (64.0, 64.0, 64.0)]);
    check(&both, &PositionConfig { barrier: all.into(), ..buy("64") }, Some(0), 1, CloseType::TakeProfit);
    let stop = candles(&[(64.0, 64.0, 64.0), (96.0, 40.0, 64.0), (64.0, 64.0, 64.0)]);
    check(&stop, &PositionConfig { barrier: all.into(), ..buy("64") }, Some(0), 1, CloseType::StopLoss);
    let time = candles(&[(64.0, 64.0, 64.0), (64.0, 64.0, 64.0), (64.0, 40.0, 64.0)]);
    check(&time, &PositionConfig { barrier: all.into(), ..buy("64") }, Some(0), 1, CloseType::TimeLimit);
}

#[test]
fn a_time_limit_in_a_gap_ends_on_the_candle_before() {
    let mut gapped = closes(&[65.0, 65.0, 64.0]);
    gapped.time = vec![0, 60, 600];
    let config = PositionConfig {
        barrier: TripleBarrier { time_limit: Some(300), ..TripleBarrier::default() }.into(),
        ..buy("64")
    };
    check(&gapped, &config, None, 1, CloseType::TimeLimit);
}

#[test]
fn before_v2_14_a_later_fill_moves_the_stop_of_an_unfilled_executor() {
    let barrier = TripleBarrier { stop_loss: Some(0.25), time_limit: Some(60), ..TripleBarrier::default() };
    let config = PositionConfig { barrier: barrier.into(), ..buy("64") };
    // The fill at row 2 is after the limit; the low of row 1 is below its stop all the same.
    let dips = candles(&[(70.0, 70.0, 70.0), (70.0, 48.0, 70.0), (64.0, 64.0, 64.0)]);
    let old = Ground::new(&dips, 0.0, false).simulate(&config, 0);
    assert_eq!((old.fill, old.end, old.close_type), (None, 1, CloseType::StopLoss));
    check(&dips, &config, None, 1, CloseType::TimeLimit);
}
