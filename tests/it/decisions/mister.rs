//! What `pmm_mister` decides at exact ties, and which configurations it refuses.

use hive::controller::Action;
use hive::controller::Controller;
use hive::controller::Moment;
use hive::controller::pmm_mister::Level;
use hive::controller::pmm_mister::PmmMister;
use hive::controller::pmm_mister::Position;
use hive::controller::pmm_mister::Trigger;
use hive::controller::pmm_mister::Working;
use hive::controller::registry;
use hive::engine::profile;
use hive::executor::ActiveExecutor;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorId;
use hive::executor::ExecutorInfo;
use hive::executor::Snapshot;
use hive::executor::hold::HoldSummary;
use hive::executor::position::Entry;
use hive::executor::position::LevelId;
use hive::executor::position::PositionConfig;
use hive::executor::position::TripleBarrier;
use hive::executor::position::Unit;
use hive::market::Side;
use hive::market::TradingRules;
use serde_json::json;

use super::check;
use super::decimal;
use super::least;

#[test]
fn configurations() {
    const NAME: &str = "pmm_mister";
    for key in ["buy_spreads", "sell_spreads", "buy_amounts_pct", "sell_amounts_pct"] {
        let expected = format!("`{key}` is missing, and Hummingbot fails without it");
        check(NAME, &json!({ key: "(out)" }), &expected);
    }
    for side in ["BUY", "SELL", "long", "Short"] {
        check(NAME, &json!({ "position_side": side }), "");
    }
    let accepted = [
        json!({ "open_order_type": null, "take_profit_order_type": 2, "take_profit": "" }),
        json!({ "position_mode": "HEDGE", "connector_name": "binance" }),
        json!({ "position_mode": "HEDGE", "connector_name": "binance_perpetual" }),
        json!({ "executor_refresh_time": 0, "sell_position_effectivization_time": 0 }),
        json!({ "global_tp_activation_from": "always", "global_sl_activation_from": "max_base" }),
        json!({ "global_pnl_reference": "portfolio", "max_active_executors_by_level": -1 }),
    ];
    for change in accepted {
        check(NAME, &change, "");
    }
    let refused = [
        (
            json!({ "position_side": "BOTH" }),
            "`position_side` is `\"BOTH\"`, but BUY, LONG, SELL or SHORT was expected",
        ),
        (json!({ "buy_amounts_pct": "1" }), "`buy_amounts_pct` has 1 entries, but `buy_spreads` has 2"),
        (
            json!({ "buy_spreads": "0.5,1" }),
            "`buy_spreads` is `1`, but a spread below 1: a price of zero has no amount was expected",
        ),
        (
            json!({ "buy_amounts_pct": "0,0", "sell_amounts_pct": "0" }),
            "`buy_amounts_pct` is zero in total with `sell_amounts_pct`, but a sum other than zero was expected",
        ),
        (
            json!({ "total_amount_quote": 0 }),
            "`total_amount_quote` is `0`, but a decimal number greater than zero was expected",
        ),
        (
            json!({ "global_sl_activation_from": "always" }),
            "`global_sl_activation_from` is `\"always\"`, but target_base or max_base was expected",
        ),
    ];
    for (change, expected) in refused {
        check(NAME, &change, expected);
    }
}

/// A controller on a binary price grid: one level a side, 1/64 away, whose tolerances are 1/8.
fn binary() -> PmmMister {
    let level = |side| Level { side, index: 0, spread: 0.015_625, amount_quote: decimal("64") };
    PmmMister {
        levels: [Side::Buy, Side::Sell].map(level).to_vec(),
        total_amount_quote: decimal("1024"),
        position_side: Side::Buy,
        target_base_pct: decimal("0.5"),
        min_base_pct: decimal("0.25"),
        max_base_pct: decimal("0.75"),
        min_skew: decimal("1"),
        position_profit_protection: true,
        max_active_executors_by_level: 4,
        cooldown_time: [60, 60],
        effectivization_time: [120, 120],
        executor_refresh_time: 120,
        price_distance_tolerance: decimal("0.125"),
        refresh_tolerance: decimal("0.125"),
        tolerance_scaling: decimal("1.2"),
        global_take_profit: Some(Trigger { from: decimal("0.5"), at: decimal("0.25") }),
        global_stop_loss: Some(Trigger { from: decimal("0.5"), at: decimal("0.25") }),
        pnl_of_portfolio: false,
        entry: Entry::Limit,
        tick_mode: false,
        barrier: TripleBarrier::default().into(),
        rules: TradingRules::default(),
    }
}

#[test]
fn a_level_works_up_to_its_bounds() {
    let controller = binary();
    let works = |level, working: Working| controller.is_working(level, &working, 1000, 64.0);
    assert!(!works(0, Working::default()));
    assert!(works(0, Working { is_waiting: true, ..Working::default() }));
    assert!(works(0, Working { active_count: 4, ..Working::default() }));
    assert!(!works(0, Working { active_count: 3, ..Working::default() }));
    // The cooldown is over when it has passed to the second.
    assert!(works(0, Working { last_update: Some(941), ..Working::default() }));
    assert!(!works(0, Working { last_update: Some(940), ..Working::default() }));
    // An eighth above the market is far enough for a buy, and anything below it never is.
    let lowest = |price: &str| Working { lowest_entry: Some(decimal(price)), ..Working::default() };
    assert!(!works(0, lowest("72")) && works(0, lowest("71.5")) && works(0, lowest("32")));
    let highest = |price: &str| Working { highest_entry: Some(decimal(price)), ..Working::default() };
    assert!(!works(1, highest("56")) && works(1, highest("56.5")) && works(1, highest("96")));
}

#[test]
fn executors_are_replaced_beyond_their_bounds() {
    let controller = binary();
    // The buying level stands at 63; an eighth away from it is no reason yet.
    let stale = |price: &str, age| controller.is_stale(0, decimal(price), age, 64.0);
    assert!(!stale("63", 120) && stale("63", 121));
    assert!(!stale("70.875", 0) && stale("70.876", 0) && !stale("55.125", 0) && stale("55.124", 0));
    assert!(controller.is_effective(Side::Buy, 120) && !controller.is_effective(Side::Buy, 119));
}

#[test]
fn the_size_of_the_position_decides_who_quotes() {
    let (both, building, reducing) = ([true, true], [true, false], [false, true]);
    let cases = [
        ("0.24", "64", 64.0, building),
        ("0.25", "64", 64.0, both),
        ("0.75", "64", 64.0, both),
        ("0.76", "64", 64.0, reducing),
        ("0.4", "64", 63.5, building),
        ("0.4", "64", 64.0, both),
        ("0.6", "64", 64.5, reducing),
        ("0.6", "64", 64.0, both),
        ("0.5", "64", 32.0, both),
    ];
    for (current, breakeven, close, expected) in cases {
        let position = Position {
            current_base_pct: decimal(current),
            breakeven_price: Some(decimal(breakeven)),
            ..binary().position(None)
        };
        assert_eq!(binary().sides(&position, close), expected, "{current} {close}");
        // A short position is the mirror image: its profit lies below.
        let short = PmmMister { position_side: Side::Sell, ..binary() };
        let mirrored = short.sides(&position, 128.0 - close);
        assert_eq!(mirrored, [expected[1], expected[0]], "{current} {close}, short");
    }
}

#[test]
fn everything_is_stopped_where_a_bound_is_touched() {
    let cases = [
        ("0.5", "0.25", true),
        ("0.5", "0.24", false),
        ("0.49", "0.25", false),
        ("0.5", "-0.25", true),
        ("0.5", "-0.24", false),
    ];
    for (current, pnl, expected) in cases {
        let position = Position {
            current_base_pct: decimal(current),
            breakeven_price: Some(decimal("64")),
            unrealized_pnl_pct: decimal(pnl),
            ..binary().position(None)
        };
        assert_eq!(binary().is_triggered(&position), expected, "{current} {pnl}");
    }
    assert!(!binary().is_triggered(&binary().position(None)));
}

/// The moment 10000 at a price of 64, at which nothing is going on.
pub(super) const QUIET: Moment<'static> = Moment {
    time: 10_000,
    close: 64.0,
    reference_price: 64.0,
    spread_multiplier: 1.0,
    signal: 0.0,
    active: &[],
    ended: &[],
    visible_from: 0,
    held: None,
};

/// Builds a controller of two buys and a sell from the least configuration with some keys replaced.
fn build(change: &serde_json::Value) -> Box<dyn Controller> {
    let mut config = least("pmm_mister");
    config.extend(change.as_object().expect("a table").clone());
    registry::build(&config, &profile::V2_18.setting(None)).expect("the configuration is sound")
}

/// Returns what a controller does at a moment: the names of the levels that it creates, and `stop` with a number.
fn actions(controller: &mut dyn Controller, moment: &Moment<'_>) -> Vec<String> {
    let mut actions = Vec::new();
    controller.decide(moment, &mut actions).expect("prices are not zero");
    let show = |action: &Action| match action {
        Action::Create(config) => controller.level_name(config.level().expect("levels have names")),
        Action::Stop { id, keep_position } => {
            assert!(keep_position);
            format!("stop {}", id.0)
        }
    };
    actions.iter().map(show).collect()
}

/// An executor of a level, stopped unfilled at a time.
fn ended(level: u32, order_update_time: i64, close_time: i64) -> ExecutorInfo {
    ExecutorInfo {
        config: ExecutorConfig::Position(PositionConfig {
            time: 0,
            side: Side::Buy,
            entry_price: decimal("63").into(),
            amount: decimal("1"),
            unit: Unit::Base,
            entry: Entry::Limit,
            barrier: TripleBarrier::default().into(),
            level: Some(LevelId(level)),
        }),
        close_time,
        close_type: CloseType::EarlyStop,
        figures: Snapshot::default(),
        close_price: 64.0,
        grid: None,
        order_update_time,
    }
}

#[test]
fn levels_rest_until_what_updated_them_last_is_long_ago_or_forgotten() {
    // Of the first level, the one that ended first was updated last.
    let list = [ended(0, 5000, 5100), ended(1, 4999, 5200), ended(0, 4000, 5300)];
    let cases = [
        (5000, 0, &["buy_0", "buy_1"][..]),
        (5001, 0, &["buy_1"]),
        (5002, 0, &[]),
        // The latest update of the first level is forgotten, its other one is not.
        (5002, 1, &["buy_0"]),
        (6001, 1, &[]),
        (6001, 2, &["buy_1"]),
        (6001, 3, &["buy_0", "buy_1"]),
    ];
    for (cooldown, visible_from, expected) in cases {
        let mut controller = build(&json!({ "buy_cooldown_time": cooldown }));
        let moment = Moment { ended: &list, visible_from, ..QUIET };
        assert_eq!(actions(controller.as_mut(), &moment), expected, "{cooldown} {visible_from}");
        // What was taken note of before counts as well.
        let mut controller = build(&json!({ "buy_cooldown_time": cooldown }));
        for count in 0..3 {
            actions(controller.as_mut(), &Moment { ended: &list[..count], ..QUIET });
        }
        assert_eq!(actions(controller.as_mut(), &moment), expected, "{cooldown} {visible_from}, one by one");
    }
}

#[test]
fn a_global_bound_stops_everything_once_until_nothing_is_held() {
    let mut controller = build(&json!({ "global_tp_enabled": true, "global_take_profit": 0.25 }));
    let active = |id, level, is_trading| ActiveExecutor {
        id: ExecutorId(id),
        level: Some(LevelId(level)),
        side: Side::Buy,
        time: 9990,
        is_trading,
        fill_time: is_trading.then_some(9990),
        entry_price: decimal("63.36").into(),
    };
    let list = [active(7, 0, false), active(9, 0, true)];
    // Half of the budget of 100, with a quarter of it won.
    let held = HoldSummary {
        side: Side::Buy,
        amount: decimal("1"),
        breakeven_price: decimal("50"),
        unrealized_pnl_quote: decimal("12.5"),
        realized_pnl_quote: decimal("0"),
        cum_fees_quote: decimal("0"),
        volume_traded_quote: decimal("50"),
    };
    let won = Moment { active: &list, held: Some(&held), ..QUIET };
    let going_on = ["buy_1", "sell_0"];
    assert_eq!(actions(controller.as_mut(), &won), ["stop 7", "stop 9"]);
    assert_eq!(actions(controller.as_mut(), &won), going_on);
    // Without a position only buys build one; after that the bound is awake again.
    assert_eq!(actions(controller.as_mut(), &Moment { active: &list, ..QUIET }), ["buy_1"]);
    assert_eq!(actions(controller.as_mut(), &won), ["stop 7", "stop 9"]);
    let later = Moment { time: 10_110, ..won };
    assert_eq!(actions(controller.as_mut(), &later), ["buy_1", "sell_0", "stop 7", "stop 9"]);
    let stale_only = Moment { time: 10_109, ..later };
    assert_eq!(actions(controller.as_mut(), &stale_only), ["buy_1", "sell_0", "stop 7"]);
}
