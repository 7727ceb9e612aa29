//! The causal replay on candles that can be followed by hand: when executors fill, at what price, and what they cost.

use hive::controller::Action;
use hive::controller::Controller;
use hive::controller::DecisionError;
use hive::controller::Moment;
use hive::engine::Replay;
use hive::engine::causal;
use hive::engine::causal::Costs;
use hive::engine::profile;
use hive::engine::replay::Setup;
use hive::executor::ActiveExecutor;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::position::Entry;
use hive::executor::position::LevelId;
use hive::executor::position::PositionConfig;
use hive::executor::position::TrailingStop;
use hive::executor::position::TripleBarrier;
use hive::executor::position::Unit;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;

mod kinds;
mod sight;

/// Maker 0.1 %, taker 0.2 %, and a slippage of a tenth of a percent.
const COSTS: Costs = Costs { maker_fee: 0.001, taker_fee: 0.002, slippage_bps: 10.0 };

/// Does what it is told at each close, and writes down what it sees.
#[derive(Default)]
struct Script {
    /// By row: what to do there.
    actions: Vec<(usize, Step)>,
    row: usize,
    seen: Vec<(i64, Vec<ActiveExecutor>)>,
}

#[derive(Clone)]
enum Step {
    Create(ExecutorConfig),
    Stop { index: usize, keep_position: bool },
}

impl Controller for Script {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.seen.push((moment.time, moment.active.to_vec()));
        for (_, step) in self.actions.iter().filter(|(row, _)| *row == self.row) {
            actions.push(match step.clone() {
                Step::Create(config) => Action::Create(config),
                Step::Stop { index, keep_position } => Action::Stop { id: moment.active[index].id, keep_position },
            });
        }
        self.row += 1;
        Ok(())
    }

    fn level_name(&self, level: LevelId) -> String {
        level.0.to_string()
    }

    fn total_amount_quote(&self) -> Decimal {
        "1000".parse().expect("a decimal")
    }
}

/// Returns minutes with the given `(open, high, low, close)`.
fn bars(rows: &[(f64, f64, f64, f64)]) -> Candles {
    let column = |pick: fn(&(f64, f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
    Candles {
        time: (0..rows.len()).map(|row| i64::try_from(row).expect("few rows") * 60).collect(),
        open: column(|row| row.0),
        high: column(|row| row.1),
        low: column(|row| row.2),
        close: column(|row| row.3),
        volume: vec![1.0; rows.len()],
    }
}

fn scripted(candles: &Candles, actions: Vec<(usize, Step)>) -> (Replay, Script) {
    let mut script = Script { actions, ..Script::default() };
    let setup = Setup {
        candles,
        start: 0,
        end: i64::MAX,
        resolution: 60,
        trade_cost: 0.0,
        profile: profile::V2_16,
        rules: TradingRules::default(),
    };
    let replay = causal::replay(&setup, &COSTS, &mut script).expect("nothing is wrong with it");
    (replay, script)
}

/// A position of one base, with its limit, that is created at the first close.
fn position(side: Side, entry: Option<&str>, barrier: TripleBarrier) -> Vec<(usize, Step)> {
    let config = PositionConfig {
        time: 60,
        side,
        entry_price: entry.unwrap_or("100").parse::<Decimal>().expect("a decimal").into(),
        amount: Decimal::ONE,
        unit: Unit::Base,
        entry: if entry.is_some() { Entry::Limit } else { Entry::Market },
        barrier: barrier.into(),
        level: None,
    };
    vec![(0, Step::Create(ExecutorConfig::Position(config)))]
}

/// Checks why and when the only executor ended, and its profit in quote.
#[track_caller]
fn check(replay: &Replay, close_type: CloseType, close_time: i64, pnl_quote: f64) {
    let [ended] = &replay.executors[..] else { panic!("one executor ended, not {}", replay.executors.len()) };
    assert_eq!((ended.close_type, ended.close_time), (close_type, close_time));
    assert!(
        (ended.figures.net_pnl_quote - pnl_quote).abs() < 1e-9,
        "{} is not {pnl_quote}",
        ended.figures.net_pnl_quote
    );
}

fn ends(rows: &[(f64, f64, f64, f64)], actions: Vec<(usize, Step)>, close_type: CloseType, time: i64, pnl_quote: f64) {
    check(&scripted(&bars(rows), actions).0, close_type, time, pnl_quote);
}

const FLAT: (f64, f64, f64, f64) = (100.0, 100.0, 100.0, 100.0);

fn stop(loss: f64) -> TripleBarrier {
    TripleBarrier { stop_loss: Some(loss), ..TripleBarrier::default() }
}

fn goal(profit: f64) -> TripleBarrier {
    TripleBarrier { take_profit: Some(profit), ..TripleBarrier::default() }
}

#[test]
fn a_market_entry_fills_at_the_next_open_and_slips() {
    let (replay, _) = scripted(&bars(&[FLAT, (101.0, 101.0, 101.0, 101.0)]), position(Side::Buy, None, stop(0.5)));
    let [open] = &replay.open[..] else { panic!("it is open") };
    assert_eq!((open.fill_time, replay.executors.len()), (Some(60), 0));
    assert!((open.figures.average_price - 101.0 * 1.001).abs() < 1e-9);
    assert!((open.figures.cum_fees_quote - 101.0 * 1.001 * 0.002).abs() < 1e-9);
}

#[test]
fn nothing_fills_on_the_candle_of_the_decision() {
    let rows = [(100.0, 100.0, 90.0, 100.0), FLAT];
    let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), stop(0.5)));
    assert_eq!(replay.open[0].fill_time, None);
}

#[test]
fn a_limit_order_fills_at_its_limit_once_the_market_trades_through_it() {
    for (low, fill_time) in [(95.0, None), (94.9, Some(120))] {
        let rows = [FLAT, (100.0, 100.0, low, 99.0)];
        let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), stop(0.5)));
        assert_eq!(replay.open[0].fill_time, fill_time, "low {low}");
        let expected = if fill_time.is_some() { (95.0, 0.095) } else { (0.0, 0.0) };
        assert_eq!((replay.open[0].figures.average_price, replay.open[0].figures.cum_fees_quote), expected);
    }
}

#[test]
fn a_limit_order_that_arrives_beyond_the_market_pays_as_a_taker() {
    let rows = [FLAT, (94.0, 94.5, 93.0, 94.0)];
    let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), stop(0.5)));
    assert_eq!(replay.open[0].figures.average_price, 95.0);
    assert!((replay.open[0].figures.cum_fees_quote - 0.19).abs() < 1e-12);
}

#[test]
fn a_stop_fills_at_its_trigger_and_slips() {
    let rows = [FLAT, FLAT, (100.0, 100.0, 80.0, 99.0)];
    let entry = 100.0 * 1.001;
    let exit = entry * 0.9 * 0.999;
    ends(&rows, position(Side::Buy, None, stop(0.1)), CloseType::StopLoss, 180, exit - entry - 0.002 * (entry + exit));
}

#[test]
fn a_stop_that_the_open_has_passed_fills_at_the_open() {
    let rows = [FLAT, FLAT, (85.0, 86.0, 80.0, 82.0)];
    let (entry, exit) = (100.0 * 1.001, 85.0 * 0.999);
    ends(&rows, position(Side::Buy, None, stop(0.1)), CloseType::StopLoss, 180, exit - entry - 0.002 * (entry + exit));
}

#[test]
fn a_limit_fill_may_be_stopped_on_its_own_candle_but_takes_no_profit_there() {
    let rows = [FLAT, (100.0, 120.0, 80.0, 99.0)];
    let barrier = TripleBarrier { take_profit: Some(0.05), ..stop(0.1) };
    let exit = 95.0 * 0.9 * 0.999;
    let pnl = exit - 95.0 - 0.001 * 95.0 - 0.002 * exit;
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::StopLoss, 120, pnl);
    let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), goal(0.05)));
    assert_eq!((replay.executors.len(), replay.open[0].fill_time), (0, Some(120)));
}

#[test]
fn where_the_open_jumps_over_limit_and_stop_the_stop_fills_at_the_open() {
    // The order fills at 95 while the market stands at 80 already: nobody sells at the trigger of 85.5 there.
    let rows = [FLAT, FLAT, (80.0, 84.0, 78.0, 82.0)];
    let (barrier, exit) = (stop(0.1), 80.0 * 0.999);
    let pnl = exit - 95.0 - 0.001 * 95.0 - 0.002 * exit;
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::StopLoss, 180, pnl);
    let rows = [FLAT, FLAT, (120.0, 122.0, 116.0, 118.0)];
    let exit = 120.0 * 1.001;
    let pnl = 105.0 - exit - 0.001 * 105.0 - 0.002 * exit;
    ends(&rows, position(Side::Sell, Some("105"), barrier), CloseType::StopLoss, 180, pnl);
}

#[test]
fn a_profit_is_taken_at_its_limit_by_a_maker() {
    let rows = [FLAT, (100.0, 100.0, 94.0, 95.0), (95.0, 130.0, 95.0, 120.0)];
    let exit = 95.0 * 1.1;
    let pnl = exit - 95.0 - 0.001 * (95.0 + exit);
    ends(&rows, position(Side::Buy, Some("95"), goal(0.1)), CloseType::TakeProfit, 180, pnl);
}

#[test]
fn a_profit_that_a_market_order_takes_slips() {
    let rows = [FLAT, (100.0, 100.0, 94.0, 95.0), (95.0, 130.0, 95.0, 120.0)];
    let barrier = TripleBarrier { take_profit_at_market: true, ..goal(0.1) };
    let exit = 95.0 * 1.1 * 0.999;
    let pnl = exit - 95.0 - 0.001 * 95.0 - 0.002 * exit;
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::TakeProfit, 180, pnl);
}

#[test]
fn a_touch_takes_no_profit() {
    let entry = 95.0;
    let rows = [FLAT, (100.0, 100.0, 94.0, 95.0), (95.0, entry * 1.2, 95.0, 95.0)];
    let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), goal(0.2)));
    assert!(replay.executors.is_empty());
}

#[test]
fn of_stop_and_profit_on_one_candle_the_stop_came_first() {
    let rows = [FLAT, (100.0, 100.0, 94.0, 95.0), (95.0, 130.0, 60.0, 120.0)];
    let barrier = TripleBarrier { take_profit: Some(0.1), ..stop(0.1) };
    let exit = 95.0 * 0.9 * 0.999;
    let pnl = exit - 95.0 - 0.001 * 95.0 - 0.002 * exit;
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::StopLoss, 180, pnl);
}

#[test]
fn a_sell_mirrors_a_buy() {
    let rows = [FLAT, (100.0, 106.0, 100.0, 105.0), (105.0, 120.0, 104.0, 110.0)];
    let exit = 105.0 * 1.1 * 1.001;
    let pnl = 105.0 - exit - 0.001 * 105.0 - 0.002 * exit;
    ends(&rows, position(Side::Sell, Some("105"), stop(0.1)), CloseType::StopLoss, 180, pnl);
}

#[test]
fn a_trailing_stop_follows_the_best_of_earlier_candles() {
    let trailing = TrailingStop { activation: 0.1, delta: 0.05 };
    let barrier = TripleBarrier { trailing_stop: Some(trailing), ..TripleBarrier::default() };
    let fill = (100.0, 100.0, 94.0, 100.0);
    // Armed at 120, so the line is at 95 · (1 + 120 / 95 − 1 − 0.05) = 115.25; the candle after falls through it.
    let rows = [FLAT, fill, (100.0, 120.0, 100.0, 118.0), (118.0, 119.0, 110.0, 112.0)];
    let exit = 115.25 * 0.999;
    let pnl = exit - 95.0 - 0.001 * 95.0 - 0.002 * exit;
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::TrailingStop, 240, pnl);
    // A close below the line has passed it after the best price.
    let rows = [FLAT, fill, (100.0, 120.0, 100.0, 110.0)];
    ends(&rows, position(Side::Buy, Some("95"), barrier), CloseType::TrailingStop, 180, pnl);
    // What fell before the best price, or came back, is not known.
    let rows = [FLAT, fill, (100.0, 120.0, 96.0, 118.0)];
    assert!(scripted(&bars(&rows), position(Side::Buy, Some("95"), barrier)).0.executors.is_empty());
}

#[test]
fn a_time_limit_leaves_at_the_first_open_after_it() {
    let barrier = TripleBarrier { time_limit: Some(120), ..TripleBarrier::default() };
    let rows = [FLAT, FLAT, FLAT, (103.0, 110.0, 90.0, 95.0), FLAT];
    let (entry, exit) = (100.0 * 1.001, 103.0 * 0.999);
    ends(&rows, position(Side::Buy, None, barrier), CloseType::TimeLimit, 180, exit - entry - 0.002 * (entry + exit));
    ends(&rows, position(Side::Buy, Some("50"), barrier), CloseType::TimeLimit, 180, 0.0);
}

#[test]
fn an_early_stop_leaves_at_the_next_open_and_is_seen_until_then() {
    let mut actions = position(Side::Buy, None, TripleBarrier::default());
    actions.push((1, Step::Stop { index: 0, keep_position: false }));
    let candles = bars(&[FLAT, FLAT, (104.0, 110.0, 90.0, 95.0), FLAT]);
    let (replay, script) = scripted(&candles, actions);
    let (entry, exit) = (100.0 * 1.001, 104.0 * 0.999);
    check(&replay, CloseType::EarlyStop, 120, exit - entry - 0.002 * (entry + exit));
    assert_eq!(
        script.seen.iter().map(|(time, active)| (*time, active.len())).collect::<Vec<_>>(),
        [(60, 0), (120, 1), (180, 0), (240, 0)]
    );
}

#[test]
fn an_order_that_waits_is_cancelled_at_once() {
    let mut actions = position(Side::Buy, Some("50"), TripleBarrier::default());
    actions.push((1, Step::Stop { index: 0, keep_position: false }));
    ends(&[FLAT, FLAT, FLAT], actions, CloseType::EarlyStop, 120, 0.0);
}

#[test]
fn what_is_open_is_marked_in_the_series() {
    let rows = [FLAT, (100.0, 100.0, 94.0, 96.0), (96.0, 99.0, 96.0, 98.0)];
    let (replay, _) = scripted(&bars(&rows), position(Side::Buy, Some("95"), TripleBarrier::default()));
    let series = &replay.series;
    assert_eq!(series.time, [60, 120, 180]);
    for (found, expected) in series.total_pnl.iter().zip([0.0, 0.905, 2.905]) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }
    assert_eq!(series.position_quote, [0.0, 96.0, 98.0]);
    assert_eq!(series.executor_realized_pnl, [0.0; 3]);
}

#[test]
fn a_kept_position_is_held_with_its_profit_and_its_fees() {
    let mut actions = position(Side::Buy, Some("95"), TripleBarrier::default());
    actions.push((1, Step::Stop { index: 0, keep_position: true }));
    let rows = [FLAT, (100.0, 100.0, 94.0, 96.0), (96.0, 99.0, 96.0, 98.0)];
    let (replay, _) = scripted(&bars(&rows), actions);
    check(&replay, CloseType::PositionHold, 120, -0.095);
    let hold = replay.hold.expect("it is held");
    assert_eq!((hold.net_amount_base.to_f64(), hold.avg_entry_price.to_f64()), (1.0, 95.0));
    // The same profit as when the executor still has it.
    assert!((replay.series.total_pnl[2] - 2.905).abs() < 1e-9);
}
