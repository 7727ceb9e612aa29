//! What controllers decide in a causal replay, where upstream's backtester freezes figures or fails.

use hive::controller::Action;
use hive::controller::Controller;
use hive::controller::Mode;
use hive::controller::Moment;
use hive::controller::Setting;
use hive::controller::config::Model;
use hive::controller::features::Feed;
use hive::controller::features::Feeds;
use hive::controller::features::Frame;
use hive::controller::registry;
use hive::engine::profile;
use hive::executor::ActiveExecutor;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorId;
use hive::executor::ExecutorInfo;
use hive::executor::Snapshot;
use hive::executor::grid::GridConfig;
use hive::executor::hold::HoldSummary;
use hive::executor::order::ExecutionStrategy;
use hive::executor::order::OrderConfig;
use hive::executor::position::LevelId;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;
use serde_json::Value;
use serde_json::json;

use super::check_in;
use super::decimal;
use super::least;
use super::mister::QUIET;
use crate::small_candles::candles;
use crate::small_candles::closes;

/// Builds a controller from its least configuration with some keys replaced.
fn build(mode: Mode, name: &str, change: &Value) -> Box<dyn Controller> {
    let mut config = least(name);
    config.extend(change.as_object().expect("a table").clone());
    let setting = Setting { mode, ..profile::V2_16.setting(None) };
    registry::build(&config, &setting).expect("the configuration is sound")
}

/// Hands a controller candles of a minute, all that it would keep.
fn frame(controller: &mut dyn Controller, candles: &Candles) -> Frame {
    let end = *candles.time.last().expect("there are candles");
    let feeds = Feeds { candles, start: 0, end, resolution: 60, is_joined: true };
    let frame = controller.features(&feeds).expect("the interval is that of the candles");
    frame.expect("the controller computes features")
}

fn decide(controller: &mut dyn Controller, moment: &Moment<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    controller.decide(moment, &mut actions).expect("prices are not zero");
    actions
}

/// Returns an executor that was just created, as the controller sees it.
fn active(config: &ExecutorConfig, is_trading: bool) -> ActiveExecutor {
    let entry_price = match config {
        ExecutorConfig::Order(config) => config.price,
        _ => Decimal::ZERO,
    };
    ActiveExecutor {
        id: ExecutorId(config.level().map_or(0, |level| level.0)),
        level: config.level(),
        side: config.side(),
        time: config.time(),
        is_trading,
        fill_time: None,
        entry_price: entry_price.into(),
    }
}

fn ended(config: ExecutorConfig, close_type: CloseType, close_time: i64) -> ExecutorInfo {
    ExecutorInfo {
        config,
        close_time,
        close_type,
        figures: Snapshot::default(),
        close_price: 64.0,
        grid: None,
        order_update_time: close_time,
    }
}

fn created(action: &Action) -> &ExecutorConfig {
    let Action::Create(config) = action else { panic!("{action:?} creates nothing") };
    config
}

fn grid(action: &Action) -> &GridConfig {
    let ExecutorConfig::Grid(grid) = created(action) else { panic!("{action:?} is not of a grid") };
    grid
}

fn order(action: &Action) -> &OrderConfig {
    let ExecutorConfig::Order(order) = created(action) else { panic!("{action:?} is not of an order") };
    order
}

#[test]
fn what_fails_in_upstreams_backtester_alone_is_built_for_a_causal_replay() {
    for (name, reason) in [
        (
            "supertrend_v1",
            "SUPERTl and SUPERTs are NaN on the opposite side each, so dropna() removes every row (IndexError)",
        ),
        (
            "bollingrid",
            "it asks pandas-ta for its bands by an old keyword and reads them by an old column name (KeyError, BBP_…)",
        ),
    ] {
        let expected = format!("controller `{name}` fails in Hummingbot's own backtester: {reason}");
        check_in(Mode::Parity, name, &json!({}), &expected);
        check_in(Mode::Causal, name, &json!({}), "");
        let help = registry::build(&least(name), &profile::V2_16.setting(None)).err().and_then(|error| error.help());
        let mend = "write `mode = \"causal\"` in the scenario: there hive replays it as its author meant it";
        assert_eq!(help.as_deref(), Some(mend));
        let missing = "`candles_connector` is missing, and Hummingbot fails without it";
        check_in(Mode::Causal, name, &json!({ "candles_connector": "(out)" }), missing);
        let unknown = format!("controller `{name}` has no key `bb_lengths`");
        check_in(Mode::Causal, name, &json!({ "bb_lengths": 20 }), &unknown);
    }
}

#[test]
fn configurations_of_a_supertrend() {
    let accepted = json!({ "length": 1, "multiplier": "0.5", "percentage_threshold": 0, "interval": "1h" });
    check_in(Mode::Causal, "supertrend_v1", &accepted, "");
    let cases = [
        (json!({ "length": 0 }), "`length` is `0`, but a number of candles greater than zero was expected"),
        (json!({ "multiplier": 0 }), "`multiplier` is `0`, but a number greater than zero was expected"),
        (json!({ "percentage_threshold": "near" }), "`percentage_threshold` is `\"near\"`, but a number was expected"),
    ];
    for (change, expected) in cases {
        check_in(Mode::Causal, "supertrend_v1", &change, expected);
    }
}

#[test]
fn configurations_of_a_grid_in_bands() {
    let accepted = json!({ "grid_start_price_coefficient": "1", "order_frequency": 0, "trailing_stop": "" });
    check_in(Mode::Causal, "bollingrid", &accepted, "");
    let cases = [
        (json!({ "take_profit": null }), "`take_profit` is missing, and Hummingbot fails without it"),
        (json!({ "max_open_orders": null }), "`max_open_orders` is `null`, but a whole number was expected"),
        (
            json!({ "min_spread_between_orders": "" }),
            "`min_spread_between_orders` is `\"\"`, but a decimal number was expected",
        ),
        (
            json!({ "trailing_stop": "0.02,0.01" }),
            "`trailing_stop` is `\"0.02,0.01\"`, but none, because grids are simulated without it, was expected",
        ),
    ];
    for (change, expected) in cases {
        check_in(Mode::Causal, "bollingrid", &change, expected);
    }
    let setting = Setting { mode: Mode::Causal, model: Model::V2_6_1, ..profile::V2_16.setting(None) };
    let error = registry::build(&least("bollingrid"), &setting).err().map(|error| error.to_string());
    let expected = "a controller of grid executors before v2.14 is not replayed by the native engine";
    assert_eq!(error.as_deref(), Some(expected));
}

#[test]
fn a_trailing_stop_of_a_grid_is_refused_only_where_it_would_matter() {
    let stop = json!({ "activation_price": "0.02", "trailing_delta": "0.01" });
    let change = json!({ "triple_barrier_config": { "take_profit": "0.01", "trailing_stop": stop } });
    for name in ["grid_strike", "multi_grid_strike"] {
        check_in(Mode::Parity, name, &change, "");
        let found = format!("`trailing_stop` is `{stop}`");
        let expected = format!("{found}, but none, because grids are simulated without it, was expected");
        check_in(Mode::Causal, name, &change, &expected);
    }
}

#[test]
fn a_supertrend_signals_near_the_band_that_trails() {
    // Ranges of 2 about 64: the lower band is 62, a distance of 1/32. Then a fall to 60, where the upper band is 64.
    let quiet = [(65.0, 63.0, 64.0); 4];
    let fallen = [&quiet[..], &[(62.0, 60.0, 60.0)]].concat();
    for (rows, threshold, expected) in
        [(&quiet[..], 0.032, 1.0), (&quiet, 0.03125, 0.0), (&fallen, 0.067, -1.0), (&fallen, 0.066, 0.0)]
    {
        let change = json!({ "interval": "1m", "length": 2, "multiplier": 1, "percentage_threshold": threshold });
        let mut controller = build(Mode::Causal, "supertrend_v1", &change);
        assert_eq!(controller.feed(), Some(Feed { interval: 60, records: 12 }));
        let frame = frame(controller.as_mut(), &candles(rows));
        assert_eq!(frame.is_complete[..3], [false, false, true]);
        let signal = *frame.signal.expect("it signals").last().expect("there are rows");
        assert_eq!(signal, expected, "{threshold}");
        let actions = decide(controller.as_mut(), &Moment { signal, ..QUIET });
        let sides: Vec<Side> = actions.iter().map(|action| created(action).side()).collect();
        let side = if expected > 0.0 { Side::Buy } else { Side::Sell };
        assert_eq!(sides, if expected == 0.0 { vec![] } else { vec![side] });
    }
}

#[test]
fn a_grid_lies_about_the_last_close_and_is_as_wide_as_the_bands() {
    let change = json!({
        "interval": "1m", "bb_length": 2, "bb_std": 0.5, "grid_limit_price_coefficient": 0.5, "total_amount_quote": 128,
        "stop_loss": "0.25", "take_profit": "0.125", "time_limit": 600,
    });
    let mut controller = build(Mode::Causal, "bollingrid", &change);
    assert_eq!(controller.feed(), Some(Feed { interval: 60, records: 2 }));
    // Before there are bands nothing is known to place a grid by.
    assert_eq!(decide(controller.as_mut(), &Moment { signal: 1.0, ..QUIET }), []);
    // The bands are 2 about 64, a width of 1/16.
    for (rows, signal, side, prices) in [
        ([60.0, 68.0], -1.0, Side::Sell, ["64.8125", "69.0625", "70.125"]),
        ([68.0, 60.0], 1.0, Side::Buy, ["59.0625", "62.8125", "58.125"]),
    ] {
        let frame = frame(controller.as_mut(), &closes(&rows));
        assert_eq!((frame.is_complete, frame.signal), (vec![false, true], Some(vec![0.0, signal])));
        let actions = decide(controller.as_mut(), &Moment { signal, ..QUIET });
        let [start_price, end_price, limit_price] = prices.map(decimal);
        let expected = GridConfig {
            time: QUIET.time,
            side,
            start_price,
            end_price,
            limit_price: Some(limit_price),
            total_amount_quote: decimal("64"),
            min_spread_between_orders: decimal("0.005"),
            min_order_amount_quote: decimal("6"),
            take_profit: 0.125,
            coerce_tp_to_step: false,
            stop_loss: Some(0.25),
            time_limit: Some(600),
            keep_position: false,
            level: None,
        };
        assert_eq!(actions.iter().map(grid).collect::<Vec<_>>(), [&expected]);
    }
}

#[test]
fn a_grid_of_many_is_opened_once() {
    let table = |id: &str| {
        json!({
            "grid_id": id, "start_price": 60, "end_price": 70, "limit_price": 0, "side": 1, "amount_quote_pct": 0.5,
        })
    };
    let change = json!({ "grids": [table("a"), table("b")] });
    let mut controller = build(Mode::Causal, "multi_grid_strike", &change);
    let mut levels = |moment: &Moment<'_>| -> Vec<u32> {
        let actions = decide(controller.as_mut(), moment);
        actions.iter().map(|action| grid(action).level.expect("grids have levels").0).collect()
    };
    assert_eq!(levels(&QUIET), [0, 1]);
    let opened: Vec<_> = decide(build(Mode::Causal, "multi_grid_strike", &change).as_mut(), &QUIET);
    let opened: Vec<_> = opened.iter().map(created).collect();
    let going_on = [active(opened[0], true)];
    assert_eq!(levels(&Moment { active: &going_on, ..QUIET }), [1]);
    let over = [ended(opened[0].clone(), CloseType::StopLoss, 9000)];
    assert_eq!(levels(&Moment { active: &[active(opened[1], true)], ended: &over, ..QUIET }), [0; 0]);
    assert_eq!(levels(&Moment { ended: &over, visible_from: 1, ..QUIET }), [0, 1]);
    // A name stands for one grid, however many carry it.
    let mut twins = build(Mode::Causal, "multi_grid_strike", &json!({ "grids": [table("a"), table("a")] }));
    assert_eq!(decide(twins.as_mut(), &Moment { ended: &over, ..QUIET }), []);
    // Upstream's backtester knows nothing of what it has opened.
    let mut frozen = build(Mode::Parity, "multi_grid_strike", &change);
    assert_eq!(decide(frozen.as_mut(), &Moment { active: &going_on, ended: &over, ..QUIET }).len(), 2);
}

#[test]
fn a_dca_is_stamped_with_its_moment() {
    for (mode, expected) in [(Mode::Parity, Setting::CLOCK), (Mode::Causal, QUIET.time)] {
        let mut controller = build(mode, "dman_v3", &json!({ "interval": "1m", "bb_length": 2, "time_limit": 600 }));
        frame(controller.as_mut(), &closes(&[60.0, 68.0]));
        let actions = decide(controller.as_mut(), &Moment { signal: -1.0, ..QUIET });
        let ExecutorConfig::Dca(dca) = created(&actions[0]) else { panic!("{actions:?} is not of a DCA") };
        assert_eq!((dca.time, dca.anchor, dca.time_limit, dca.take_profit), (expected, expected, Some(600), None));
    }
}

#[test]
fn spreads_of_a_dca_follow_the_latest_width() {
    let change = json!({ "interval": "1m", "bb_length": 2, "bb_std": 0.5, "dynamic_order_spread": true });
    let mut controller = build(Mode::Causal, "dman_v3", &change);
    // Half the width is the multiplier: 1/32, then 1/16 of the spread of 1/8.
    for (rows, price) in [([60.0, 68.0], "64.25"), ([56.0, 72.0], "64.5")] {
        frame(controller.as_mut(), &closes(&rows));
        let actions = decide(controller.as_mut(), &Moment { signal: -1.0, ..QUIET });
        let ExecutorConfig::Dca(dca) = created(&actions[0]) else { panic!("{actions:?} is not of a DCA") };
        assert_eq!(dca.first_price(), Some(decimal(price)));
    }
}

/// Builds `pmm_v1` with one level a side, an eighth away.
fn maker(change: &Value) -> Box<dyn Controller> {
    let mut config = json!({ "buy_spreads": "0.125", "sell_spreads": "0.125", "filled_order_delay": 120 });
    config.as_object_mut().expect("a table").extend(change.as_object().expect("a table").clone());
    build(Mode::Causal, "pmm_v1", &config)
}

#[test]
fn balances_are_not_known() {
    let skew = json!({ "inventory_skew_enabled": true });
    check_in(Mode::Parity, "pmm_v1", &skew, "");
    let expected = "`inventory_skew_enabled` is `true`, but false, because the skew follows balances that a replay does not \
         know, was expected";
    check_in(Mode::Causal, "pmm_v1", &skew, expected);
    check_in(Mode::Causal, "pmm_v1", &json!({ "inventory_skew_enabled": "no" }), "");
}

#[test]
fn a_level_rests_after_its_fill() {
    let mut controller = maker(&json!({}));
    let first = decide(controller.as_mut(), &QUIET);
    assert_eq!(first.iter().map(|action| order(action).price).collect::<Vec<_>>(), [decimal("56"), decimal("72")]);
    let [buy, sell] = [&first[0], &first[1]].map(created);
    // The buy filled within the next candle, and rests from there to the second.
    let filled = [ended(buy.clone(), CloseType::PositionHold, QUIET.time + 60)];
    let waiting = [active(sell, false)];
    let levels = |controller: &mut dyn Controller, moment: &Moment<'_>| -> Vec<u32> {
        decide(controller, moment).iter().map(|action| order(action).level.0).collect()
    };
    let later = |seconds| Moment { time: QUIET.time + seconds, active: &waiting, ended: &filled, ..QUIET };
    let mut patient = maker(&json!({ "order_refresh_time": 1000 }));
    decide(patient.as_mut(), &QUIET);
    for (seconds, expected) in [(60, &[][..]), (120, &[]), (179, &[]), (180, &[0])] {
        assert_eq!(levels(patient.as_mut(), &later(seconds)), expected, "{seconds}");
    }
    // A fill that nobody remembers is none, and neither is a stop.
    let mut forgetful = maker(&json!({ "order_refresh_time": 1000 }));
    decide(forgetful.as_mut(), &QUIET);
    assert_eq!(levels(forgetful.as_mut(), &Moment { visible_from: 1, ..later(60) }), [0]);
    let stopped = [ended(buy.clone(), CloseType::EarlyStop, QUIET.time + 60)];
    let mut stopping = maker(&json!({ "order_refresh_time": 1000 }));
    decide(stopping.as_mut(), &QUIET);
    assert_eq!(levels(stopping.as_mut(), &Moment { ended: &stopped, ..later(60) }), [0]);
    // Upstream's slip: with a fill before it, a stop makes the level rest as well.
    let both = [filled[0].clone(), stopped[0].clone()];
    let mut slipping = maker(&json!({ "order_refresh_time": 1000 }));
    assert_eq!(levels(slipping.as_mut(), &later(60)), [0]);
    assert_eq!(levels(slipping.as_mut(), &Moment { ended: &both, ..later(120) }), [0; 0]);
}

#[test]
fn orders_are_compared_with_what_would_be_quoted_now() {
    let mut controller = maker(&json!({ "order_refresh_time": 30, "order_refresh_tolerance_pct": "0.125" }));
    let first = decide(controller.as_mut(), &QUIET);
    let resting: Vec<_> = first.iter().map(|action| active(created(action), false)).collect();
    let stops = |controller: &mut dyn Controller, time: i64, reference_price: f64| {
        let moment = Moment { time, reference_price, active: &resting, ..QUIET };
        decide(controller, &moment).len()
    };
    // The buy at 56 is an eighth away from what 72 asks for; beyond that both are replaced.
    for (age, reference, expected) in [(31, 64.0, 0), (31, 72.0, 0), (31, 72.5, 2), (30, 96.0, 0), (31, 56.0, 0)] {
        assert_eq!(stops(controller.as_mut(), QUIET.time + age, reference), expected, "{age} {reference}");
    }
}

#[test]
fn the_band_is_compared_with_the_shortest_text() {
    // The float 0.3 lies below the decimal 0.3, which upstream's backtester therefore lets buys go on at.
    let change = json!({ "price_ceiling": "0.3" });
    let at = Moment { close: 0.3, reference_price: 0.3, ..QUIET };
    let sides = |controller: &mut dyn Controller| -> Vec<Side> {
        decide(controller, &at).iter().map(|action| order(action).side).collect()
    };
    assert_eq!(sides(maker(&change).as_mut()), [Side::Sell]);
    let mut frozen = json!({ "buy_spreads": "0.125", "sell_spreads": "0.125" });
    frozen.as_object_mut().expect("a table").extend(change.as_object().expect("a table").clone());
    assert_eq!(sides(build(Mode::Parity, "pmm_v1", &frozen).as_mut()), [Side::Buy, Side::Sell]);
}

/// A long position that has won a quarter.
fn held(amount: &str, side: Side) -> HoldSummary {
    HoldSummary {
        side,
        amount: decimal(amount),
        breakeven_price: decimal("50"),
        unrealized_pnl_quote: Decimal::product(decimal(amount), decimal("12.5")),
        realized_pnl_quote: decimal("0"),
        cum_fees_quote: decimal("0"),
        volume_traded_quote: decimal("50"),
    }
}

/// Builds `pmm_mister` with a global take profit of a quarter.
fn bounded(connector_name: &str) -> Box<dyn Controller> {
    let change = json!({
        "connector_name": connector_name, "global_tp_enabled": true, "global_take_profit": 0.25,
    });
    build(Mode::Causal, "pmm_mister", &change)
}

#[test]
fn a_global_bound_closes_the_position() {
    let mut controller = bounded("x_perpetual");
    let long = held("1", Side::Buy);
    let quotes = decide(controller.as_mut(), &QUIET);
    let going_on = [active(created(&quotes[0]), true)];
    let won = Moment { held: Some(&long), ..QUIET };
    let stop = |id| Action::Stop { id: ExecutorId(id), keep_position: true };
    assert_eq!(decide(controller.as_mut(), &Moment { active: &going_on, ..won }), [stop(0)]);
    // While one is still there nothing happens; then all that is held is sold, and nothing happens until that is over.
    assert_eq!(decide(controller.as_mut(), &Moment { active: &going_on, ..won }), []);
    let sold = decide(controller.as_mut(), &won);
    let expected = OrderConfig {
        time: QUIET.time,
        side: Side::Sell,
        price: decimal("64"),
        amount: decimal("1"),
        strategy: ExecutionStrategy::Market,
        level: LevelId(3),
    };
    assert_eq!(sold.iter().map(order).collect::<Vec<_>>(), [&expected]);
    assert_eq!(controller.level_name(LevelId(3)), "global_close");
    let selling = [active(created(&sold[0]), false)];
    assert_eq!(decide(controller.as_mut(), &Moment { active: &selling, ..won }), []);
    let over = [ended(created(&sold[0]).clone(), CloseType::PositionHold, QUIET.time)];
    let again = decide(controller.as_mut(), &Moment { ended: &over, ..QUIET });
    assert_eq!(again, quotes);
}

#[test]
fn closing_is_given_up() {
    let long = held("1", Side::Buy);
    let won = Moment { held: Some(&long), ..QUIET };
    let is_close = |actions: &[Action]| actions.len() == 1 && created(&actions[0]).level() == Some(LevelId(3));
    // After three attempts.
    let mut controller = bounded("x_perpetual");
    assert_eq!(decide(controller.as_mut(), &won), []);
    for _ in 0..3 {
        assert!(is_close(&decide(controller.as_mut(), &won)));
    }
    assert_eq!(decide(controller.as_mut(), &won).len(), 3);
    // Where what was stopped has turned the position, or is less than an increment of the venue.
    for rest in [held("1", Side::Sell), held("0.0000001", Side::Buy)] {
        let mut controller = bounded("x_perpetual");
        assert_eq!(decide(controller.as_mut(), &won), []);
        let actions = decide(controller.as_mut(), &Moment { held: Some(&rest), ..QUIET });
        assert!(!actions.is_empty() && !is_close(&actions), "{actions:?}");
    }
    // And on a spot exchange, whose account upstream does not ask for a position, it is not begun.
    let mut spot = bounded("x");
    assert_eq!(decide(spot.as_mut(), &won), []);
    assert_eq!(decide(spot.as_mut(), &won).len(), 3);
}

#[test]
fn spreads_count_ticks() {
    let change = json!({ "tick_mode": true, "buy_spreads": "1,200", "sell_spreads": 100 });
    let expected = "`buy_spreads` is `200`, but a spread below 1: a price of zero has no amount was expected";
    let frozen = json!({ "tick_mode": true, "buy_spreads": "0.5,200" });
    check_in(Mode::Parity, "pmm_mister", &frozen, expected);
    check_in(Mode::Causal, "pmm_mister", &json!({ "tick_mode": false, "buy_spreads": "0.5,200" }), expected);
    let rules = TradingRules { min_price_increment: decimal("0.25"), ..TradingRules::default() };
    let mut config = least("pmm_mister");
    config.extend(change.as_object().expect("a table").clone());
    let setting = Setting { mode: Mode::Causal, rules, ..profile::V2_16.setting(None) };
    let mut controller = registry::build(&config, &setting).expect("the configuration is sound");
    let held = held("1", Side::Buy);
    let actions = decide(controller.as_mut(), &Moment { held: Some(&held), ..QUIET });
    let price = |action: &Action| match created(action) {
        ExecutorConfig::Position(config) => Decimal::sum(Decimal::ZERO, config.entry_price),
        other => panic!("{other:?} is not a position"),
    };
    assert_eq!(actions.iter().map(price).collect::<Vec<_>>(), ["63.75", "14", "89"].map(decimal));
}
