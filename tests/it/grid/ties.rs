//! The grid executor where a price is met to the last bit.
//!
//! Five levels of 256 in quote at 64, 80, 96, 112 and 128, closed a quarter of their price away: every price is a binary
//! fraction, so every `<` differs from `<=`.

use hive::engine::grid::Grid;
use hive::executor::CloseType;
use hive::executor::Snapshot;
use hive::executor::grid::GridConfig;
use hive::market::Side;

use crate::small_candles;

/// A candle: high, low, close.
type Bar = (f64, f64, f64);

/// A candle that no level of [`buy`] reaches.
const CALM_ABOVE: Bar = (128.5, 128.25, 128.0);
/// A candle that no level of [`sell`] reaches.
const CALM_BELOW: Bar = (63.75, 63.5, 64.0);

pub(super) fn buy() -> GridConfig {
    let decimal = |text: &str| text.parse().expect("a decimal");
    GridConfig {
        time: 0,
        side: Side::Buy,
        start_price: decimal("64"),
        end_price: decimal("128"),
        limit_price: None,
        total_amount_quote: decimal("1280"),
        min_spread_between_orders: decimal("0.2"),
        min_order_amount_quote: decimal("5"),
        take_profit: 0.25,
        coerce_tp_to_step: false,
        stop_loss: None,
        time_limit: None,
        keep_position: false,
        level: None,
    }
}

fn sell() -> GridConfig {
    GridConfig { side: Side::Sell, ..buy() }
}

fn limited(config: GridConfig, price: &str) -> GridConfig {
    GridConfig { limit_price: Some(price.parse().expect("a decimal")), ..config }
}

/// Simulates a grid and compares its end and the number of its fill events; returns what it ended with.
fn check(bars: &[Bar], config: &GridConfig, cost: f64, end: usize, close_type: CloseType, events: usize) -> Snapshot {
    let candles = small_candles::candles(bars);
    let grid = Grid::simulate(&candles, config, 0, cost, None).expect("it has levels");
    assert_eq!((grid.end, grid.close_type, grid.fill_event_count), (end, close_type, events));
    grid.at(&candles, end)
}

#[test]
fn the_far_edge_must_be_passed() {
    let at = |close| [CALM_ABOVE, (129.0, 128.25, close), CALM_ABOVE];
    check(&at(128.0), &buy(), 0.0, 2, CloseType::TimeLimit, 0);
    check(&at(128.5), &buy(), 0.0, 1, CloseType::TakeProfit, 0);
    let at = |close| [CALM_BELOW, (63.75, 63.0, close), CALM_BELOW];
    check(&at(64.0), &sell(), 0.0, 2, CloseType::TimeLimit, 0);
    check(&at(63.5), &sell(), 0.0, 1, CloseType::TakeProfit, 0);
}

#[test]
fn the_limit_need_only_be_touched() {
    let at = |close| [CALM_ABOVE, (129.0, 128.25, close), CALM_ABOVE];
    check(&at(60.0), &limited(buy(), "60"), 0.0, 1, CloseType::StopLoss, 0);
    check(&at(60.5), &limited(buy(), "60"), 0.0, 2, CloseType::TimeLimit, 0);
    check(&at(60.0), &limited(buy(), "0"), 0.0, 2, CloseType::TimeLimit, 0);
    let keeps = GridConfig { keep_position: true, ..limited(buy(), "60") };
    check(&at(60.0), &keeps, 0.0, 1, CloseType::PositionHold, 0);
    let at = |close| [CALM_BELOW, (63.75, 63.0, close), CALM_BELOW];
    check(&at(132.0), &limited(sell(), "132"), 0.0, 1, CloseType::StopLoss, 0);
    check(&at(131.5), &limited(sell(), "132"), 0.0, 2, CloseType::TimeLimit, 0);
}

#[test]
fn a_level_opens_where_it_is_touched_and_all_levels_beyond_it() {
    check(&[CALM_ABOVE, (128.25, 128.0, 128.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 1);
    check(&[CALM_ABOVE, (128.5, 80.0, 100.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 4);
    check(&[CALM_ABOVE, (128.5, 80.5, 100.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 3);
    check(&[CALM_BELOW, (112.0, 63.5, 100.0)], &sell(), 0.0, 1, CloseType::TimeLimit, 4);
    check(&[CALM_BELOW, (111.5, 63.5, 100.0)], &sell(), 0.0, 1, CloseType::TimeLimit, 3);
}

#[test]
fn a_take_profit_need_only_be_touched() {
    let opened = (79.0, 64.0, 70.0);
    // Only the level at 64 has its take profit, 80, within reach; it opens again at 64 or below.
    let last = check(&[opened, (80.0, 70.0, 70.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 6);
    // Realized 16 on 4; open 80, 96, 112 and 128 at 70: the amounts count twice at the end.
    assert_eq!((last.filled_amount_quote, last.average_price), (2.0 * 5.0 * 256.0, 104.0));
    check(&[opened, (79.5, 70.0, 70.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 5);
    let opened = (128.0, 100.0, 120.0);
    check(&[opened, (120.0, 96.0, 120.0)], &sell(), 0.0, 1, CloseType::TimeLimit, 6);
    check(&[opened, (120.0, 96.5, 120.0)], &sell(), 0.0, 1, CloseType::TimeLimit, 5);
}

#[test]
fn a_level_is_never_closed_on_the_candle_that_opens_it() {
    check(&[(128.0, 64.0, 100.0)], &buy(), 0.0, 0, CloseType::TimeLimit, 5);
}

#[test]
fn a_level_opens_again_on_the_candle_that_closes_it() {
    // Closed at 80 and opened again at 64; the other four stay.
    check(&[(79.0, 64.0, 70.0), (80.0, 64.0, 70.0)], &buy(), 0.0, 1, CloseType::TimeLimit, 7);
}

#[test]
fn a_candle_that_ends_the_grid_closes_levels_and_opens_none() {
    let bars = [(79.0, 64.0, 70.0), (128.5, 64.0, 128.5)];
    // 64, 80 and 96 close at 80, 100 and 120.
    let last = check(&bars, &buy(), 0.0, 1, CloseType::TakeProfit, 8);
    // 3 · 64 realized; at 128.5 the level at 112 has 16.5 · 256 / 112, that at 128 has 1.
    assert_eq!(last.net_pnl_quote, 192.0 + (16.5 * (256.0 / 112.0) + 1.0));
    assert_eq!(last.average_price, 120.0);
}

#[test]
fn a_stop_loss_need_only_be_touched() {
    // 256 in quote bought at 128, so a close of 96 has lost a quarter.
    let config = GridConfig { stop_loss: Some(0.25), ..buy() };
    let at = |close| [(128.0, 120.0, 120.0), (128.0, 120.0, close), CALM_ABOVE];
    let last = check(&at(96.0), &config, 0.0, 1, CloseType::StopLoss, 1);
    assert_eq!((last.net_pnl_pct, last.net_pnl_quote), (-0.25, -64.0));
    check(&at(96.5), &config, 0.0, 2, CloseType::TimeLimit, 1);
    let config = GridConfig { stop_loss: Some(0.0), ..buy() };
    check(&at(96.0), &config, 0.0, 2, CloseType::TimeLimit, 1);
}

#[test]
fn on_one_candle_the_stop_loss_overrides_every_other_end() {
    // Fees of a half make every take profit a loss of a quarter. The first candle closes high, so nothing is lost yet.
    let opened = (128.0, 64.0, 128.0);
    let config = GridConfig { stop_loss: Some(0.25), ..buy() };
    check(&[opened, (128.5, 128.25, 128.5)], &config, 0.25, 1, CloseType::StopLoss, 8);
    let config = GridConfig { stop_loss: Some(0.5), ..buy() };
    check(&[opened, (128.5, 128.25, 128.5)], &config, 0.25, 1, CloseType::TakeProfit, 8);
    // At the limit of a kept position it looks at what was realized, and that is what is reported.
    let keeps = GridConfig { keep_position: true, stop_loss: Some(0.25), ..limited(buy(), "60") };
    let last = check(&[opened, (80.0, 60.0, 60.0)], &keeps, 0.25, 1, CloseType::StopLoss, 6);
    assert_eq!((last.net_pnl_quote, last.filled_amount_quote, last.cum_fees_quote), (-64.0, 512.0, 128.0));
}

#[test]
fn the_take_profit_goes_before_the_limit() {
    // A limit beyond the far edge: both are reached.
    let keeps = GridConfig { keep_position: true, ..limited(buy(), "200") };
    check(&[(129.0, 128.5, 129.0)], &keeps, 0.0, 0, CloseType::TakeProfit, 0);
    check(&[(128.5, 128.5, 128.0)], &keeps, 0.0, 0, CloseType::PositionHold, 0);
}

#[test]
fn a_kept_position_is_not_reported_and_does_not_stop() {
    let keeps = GridConfig { keep_position: true, stop_loss: Some(0.5), ..limited(buy(), "60") };
    // Everything is open and far below, yet nothing was realized.
    let last = check(&[(128.0, 64.0, 100.0), (70.0, 60.0, 60.0)], &keeps, 0.0, 1, CloseType::PositionHold, 5);
    assert_eq!(last, Snapshot { average_price: 96.0, ..Snapshot::default() });
    // The level at 64 was realized on the candle that ends it: 256, which count twice.
    let bars = [(79.0, 64.0, 70.0), (80.0, 60.0, 60.0)];
    let last = check(&bars, &keeps, 0.0, 1, CloseType::PositionHold, 6);
    assert_eq!((last.filled_amount_quote, last.net_pnl_quote, last.net_pnl_pct), (512.0, 64.0, 0.25));
    assert_eq!(last.average_price, 104.0);
}

#[test]
fn the_time_limit_is_inclusive() {
    let config = GridConfig { time_limit: Some(60), ..buy() };
    let bars = [CALM_ABOVE, (129.0, 128.5, 129.0), CALM_ABOVE];
    check(&bars, &config, 0.0, 1, CloseType::TakeProfit, 0);
    check(&[CALM_ABOVE, CALM_ABOVE, bars[1]], &config, 0.0, 1, CloseType::TimeLimit, 0);
    // In a gap the last candle before it ends the grid.
    let mut gapped = small_candles::candles(&[CALM_ABOVE, CALM_ABOVE, CALM_ABOVE]);
    gapped.time = vec![0, 60, 600];
    let config = GridConfig { time_limit: Some(300), ..buy() };
    assert_eq!(Grid::simulate(&gapped, &config, 0, 0.0, None).expect("levels").end, 1);
}

#[test]
fn an_average_stays_when_everything_is_closed() {
    let bars = [(128.0, 120.0, 120.0), (160.0, 130.0, 100.0), (130.0, 130.0, 100.0)];
    let last = check(&bars, &buy(), 0.0, 2, CloseType::TimeLimit, 2);
    assert_eq!((last.average_price, last.net_pnl_quote, last.filled_amount_quote), (128.0, 64.0, 512.0));
}

#[test]
fn fees_are_those_of_both_sides() {
    let bars = [(128.0, 120.0, 120.0), (160.0, 127.0, 100.0)];
    let last = check(&bars, &buy(), 0.125, 1, CloseType::TimeLimit, 3);
    // One round trip and one open amount, a quarter of each.
    assert_eq!(last.cum_fees_quote, 128.0);
    assert_eq!(last.net_pnl_quote, (64.0 - 64.0) + (-56.0 - 64.0));
}
