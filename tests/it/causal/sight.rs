//! What a controller sees in a causal replay: closed candles, warm-up, and nothing of what comes.

use hive::controller::Action;
use hive::controller::Controller;
use hive::controller::DecisionError;
use hive::controller::Mode;
use hive::controller::Moment;
use hive::controller::Setting;
use hive::controller::features::Feed;
use hive::controller::features::Feeds;
use hive::controller::features::Frame;
use hive::controller::registry;
use hive::engine::Replay;
use hive::engine::causal;
use hive::engine::causal::Costs;
use hive::engine::profile;
use hive::engine::replay::Error;
use hive::engine::replay::Setup;
use hive::executor::position::LevelId;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::TradingRules;
use hive::market::candles;
use hive::market::synthetic::Walk;
use serde_json::Value;
use serde_json::json;

/// Writes down which candles it was handed, and what it saw when.
#[derive(Default)]
struct Witness {
    handed: Vec<Vec<i64>>,
    seen: Vec<(i64, f64)>,
}

impl Controller for Witness {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(180)?;
        self.handed.push(candles.time.clone());
        let is_complete = vec![true; candles.len()];
        let (time, price) = (candles.time.clone(), candles.close.clone());
        let frame = Frame { time, is_complete, reference_price: Some(price), ..Frame::default() };
        Ok(Some(frame))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: 180, records: 2 })
    }

    fn decide(&mut self, moment: &Moment<'_>, _: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.seen.push((moment.time, moment.reference_price));
        Ok(())
    }

    fn level_name(&self, _: LevelId) -> String {
        String::new()
    }

    fn total_amount_quote(&self) -> Decimal {
        Decimal::ONE
    }
}

/// Sees an infinite price once three minutes have closed, and a finite one after six.
struct Dazzled(Witness);

impl Controller for Dazzled {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let mut frame = self.0.features(feeds)?.expect("it has one");
        let prices = frame.reference_price.as_mut().expect("it computes one");
        prices.iter_mut().filter(|price| **price < 4.0).for_each(|price| *price /= 0.0);
        Ok(Some(frame))
    }

    fn feed(&self) -> Option<Feed> {
        self.0.feed()
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.0.decide(moment, actions)
    }

    fn total_amount_quote(&self) -> Decimal {
        Decimal::ONE
    }
}

#[test]
fn nothing_is_decided_on_an_infinite_figure() {
    let (candles, mut dazzled) = (minutes(), Dazzled(Witness::default()));
    causal::replay(&setup(&candles, 0, 540, 60), &Costs::default(), &mut dazzled).expect("it replays");
    assert_eq!(dazzled.0.seen.first(), Some(&(360, 6.0)));
}

/// Computes features and forgets to say of which candles.
struct Blind(Witness);

impl Controller for Blind {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        self.0.features(feeds)
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        self.0.decide(moment, actions)
    }

    fn total_amount_quote(&self) -> Decimal {
        Decimal::ONE
    }
}

#[test]
fn features_without_a_feed_are_refused() {
    let (candles, mut blind) = (minutes(), Blind(Witness::default()));
    let error =
        causal::replay(&setup(&candles, 0, 540, 60), &Costs::default(), &mut blind).expect_err("it sees nothing");
    assert_eq!(error, Error::Decision { time: 0, source: DecisionError::NoFeed });
    assert!(blind.0.seen.is_empty());
}

fn setup(candles: &Candles, start: i64, end: i64, resolution: i64) -> Setup<'_> {
    let (profile, rules) = (profile::V2_16, TradingRules::default());
    Setup { candles, start, end, resolution, trade_cost: 0.0, profile, rules }
}

/// Ten minutes that close at 1, 2, 3, …
fn minutes() -> Candles {
    let prices: Vec<f64> = (1..=10).map(f64::from).collect();
    Candles {
        time: (0..10).map(|row| row * 60).collect(),
        open: prices.clone(),
        high: prices.clone(),
        low: prices.clone(),
        close: prices,
        volume: vec![1.0; 10],
    }
}

#[test]
fn a_candle_is_seen_when_it_has_closed() {
    let candles = minutes();
    let mut witness = Witness::default();
    causal::replay(&setup(&candles, 0, 540, 60), &Costs::default(), &mut witness).expect("it replays");
    assert_eq!(witness.handed, [vec![0], vec![0, 180], vec![180, 360]]);
    let seen: Vec<(i64, f64)> = (3..=10).map(|minute| (minute * 60, (minute / 3 * 3) as f64)).collect();
    assert_eq!(witness.seen, seen);
}

#[test]
fn candles_before_the_start_warm_up() {
    let candles = minutes();
    let mut witness = Witness::default();
    causal::replay(&setup(&candles, 420, 540, 60), &Costs::default(), &mut witness).expect("it replays");
    assert_eq!(witness.handed, [vec![0, 180], vec![180, 360]]);
    assert_eq!(witness.seen, [(480, 6.0), (540, 9.0), (600, 9.0)]);
}

#[test]
fn a_candle_that_has_not_closed_by_the_end_is_left_out() {
    let candles = minutes();
    for (end, rows) in [(480, vec![180, 360, 540]), (420, vec![180, 360])] {
        let replay = causal::replay(&setup(&candles, 0, end, 180), &Costs::default(), &mut Witness::default());
        assert_eq!(replay.expect("it replays").series.time, rows, "end {end}");
    }
}

/// A configuration of every controller.
fn configurations() -> Vec<Value> {
    let base = json!({
        "connector_name": "x_perpetual", "trading_pair": "A-B", "total_amount_quote": 1000, "buy_spreads": "0.0005,0.001",
        "sell_spreads": "0.0005,0.001", "buy_amounts_pct": "", "sell_amounts_pct": "", "executor_refresh_time": 300,
        "cooldown_time": 60, "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800,
        "trailing_stop": "0.001,0.0005",
    });
    let feed = json!({ "candles_connector": "", "candles_trading_pair": "", "interval": "3m" });
    let bands = json!({ "bb_length": 20, "bb_long_threshold": 0.2, "bb_short_threshold": 0.8 });
    let controller = |kind: &str, name: &str, keys: &[&Value]| {
        let mut table = json!({ "controller_type": kind, "controller_name": name });
        for more in keys {
            table.as_object_mut().expect("a table").extend(more.as_object().expect("a table").clone());
        }
        table
    };
    let without = |keys: &[&str]| {
        let mut table = base.clone();
        table.as_object_mut().expect("a table").retain(|key, _| !keys.contains(&key.as_str()));
        table
    };
    let quotes = ["buy_spreads", "sell_spreads", "buy_amounts_pct", "sell_amounts_pct", "executor_refresh_time"];
    let directional = without(&quotes);
    let ladder = json!({ "dca_spreads": "0.0005,0.0015,0.003", "dca_amounts": "1,3,6" });
    let shares = json!({ "dca_spreads": "0.0005,0.0015", "dca_amounts_pct": "", "dynamic_order_spread": true });
    let grid = json!({
        "connector_name": "x_perpetual", "trading_pair": "A-B", "total_amount_quote": 1000, "side": 1,
        "start_price": "90", "end_price": "110", "limit_price": "80", "min_spread_between_orders": "0.001",
        "min_order_amount_quote": "6", "triple_barrier_config": { "take_profit": "0.001" },
    });
    let only = |source: &Value, keys: &[&str]| {
        let mut table = source.clone();
        table.as_object_mut().expect("a table").retain(|key, _| keys.contains(&key.as_str()));
        table
    };
    let supertrend = json!({ "percentage_threshold": 0.02, "length": 10, "multiplier": 2 });
    let unstopped = without(&[&quotes[..], &["trailing_stop"]].concat());
    let places = json!({ "grids": [
        { "grid_id": "low", "start_price": 90, "end_price": 100, "limit_price": 80, "side": 1, "amount_quote_pct": 0.5 },
        { "grid_id": "high", "start_price": 100, "end_price": 110, "limit_price": 120, "side": 2, "amount_quote_pct": 0.5 },
    ] });
    let market = ["connector_name", "trading_pair", "total_amount_quote"];
    let grids = only(&grid, &[&market[..], &["triple_barrier_config"]].concat());
    let orders = json!({ "buy_spreads": "0.0005,0.001", "sell_spreads": "0.0005,0.001", "order_refresh_tolerance_pct": "0.001" });
    let position = json!({
        "buy_spreads": "0.0005,0.001", "sell_spreads": "0.0005", "buy_amounts_pct": "", "sell_amounts_pct": "",
        "portfolio_allocation": 0.5, "global_tp_enabled": true, "global_take_profit": 0.0005, "global_sl_enabled": true,
        "global_stop_loss": 0.0005,
    });
    vec![
        controller("market_making", "pmm_simple", &[&base]),
        controller(
            "market_making",
            "pmm_dynamic",
            &[&base, &feed, &json!({ "buy_spreads": "1,2", "sell_spreads": "1,2" })],
        ),
        controller("market_making", "dman_maker_v2", &[&base, &ladder]),
        controller("directional_trading", "bollinger_v1", &[&directional, &feed, &bands]),
        controller("directional_trading", "macd_bb_v1", &[&directional, &feed, &bands]),
        controller("directional_trading", "dman_v3", &[&directional, &feed, &bands, &shares]),
        controller("generic", "grid_strike", &[&grid]),
        controller("directional_trading", "bollinger_v2", &[&directional, &feed, &bands]),
        controller("directional_trading", "supertrend_v1", &[&directional, &feed, &supertrend]),
        controller("directional_trading", "bollingrid", &[&unstopped, &feed, &bands]),
        controller("generic", "multi_grid_strike", &[&grids, &places]),
        controller("generic", "pmm_v1", &[&only(&grid, &market), &orders]),
        controller("generic", "pmm_mister", &[&only(&grid, &market), &position]),
    ]
}

fn replayed(candles: &Candles, end: i64, config: &Value) -> Replay {
    let setting = Setting { mode: Mode::Causal, ..profile::V2_16.setting(None) };
    let mut controller = registry::build(config.as_object().expect("a table"), &setting).expect("it is right");
    let costs = Costs { maker_fee: 0.0002, taker_fee: 0.0005, slippage_bps: 1.0 };
    causal::replay(&setup(candles, 7_200, end, 60), &costs, controller.as_mut()).expect("it replays")
}

fn walk(seed: u64) -> Candles {
    let rows = 700;
    Walk { seed, rows, start: 0, interval: 60, price: 100.0, tick: 0.01, volume: 1.0, volatility_bps: 12.0 }.candles()
}

#[test]
fn more_candles_change_nothing_of_what_was() {
    for (seed, config) in configurations().iter().enumerate() {
        let candles = walk(seed as u64);
        let whole = replayed(&candles, i64::MAX, config);
        assert!(!whole.executors.is_empty() || !whole.open.is_empty(), "{config}");
        for row in [180, 181, 335, 512, 698] {
            let end = candles.time[row];
            let cut = replayed(&candles.window(0, end), i64::MAX, config);
            assert_eq!(cut, replayed(&candles, end, config), "candles after the end of row {row} are seen by {config}");
            let ended = cut.executors.len();
            assert_eq!(cut.executors, whole.executors[..ended], "{config}");
            let rows = cut.series.time.len();
            assert_eq!(cut.series.total_pnl, whole.series.total_pnl[..rows], "{config}");
        }
    }
}

#[test]
fn the_profit_of_the_series_is_that_of_all_executors() {
    for (seed, config) in configurations().iter().enumerate() {
        let replay = replayed(&walk(100 + seed as u64), i64::MAX, config);
        let ended: f64 = replay.executors.iter().map(|it| it.figures.net_pnl_quote).sum();
        let open: f64 = replay.open.iter().map(|it| it.figures.net_pnl_quote).sum();
        let held = replay.hold.zip(replay.last_close).map_or(0.0, |(hold, close)| {
            let hold = hold.summary(close);
            hold.realized_pnl_quote.to_f64() + hold.unrealized_pnl_quote.to_f64()
        });
        let total = replay.series.total_pnl.last().expect("there are rows");
        assert!((total - ended - open - held).abs() < 1e-6, "{total}, but {ended} + {open} + {held} of {config}");
    }
}
