//! What holds for every replay, whatever the configuration and the candles.

use hive::controller::DecisionError;
use hive::controller::features::last_taken;
use hive::controller::registry;
use hive::engine::Replay;
use hive::engine::profile;
use hive::engine::profile::Profile;
use hive::engine::replay::Error;
use hive::engine::replay::Setup;
use hive::engine::replay::replay;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::market::TradingRules;
use hive::market::synthetic::Walk;
use hive::workflow::report;
use hive::workflow::report::Subject;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

const TRADE_COST: f64 = 0.0004;

pub(crate) fn walk() -> impl Strategy<Value = Walk> {
    (
        any::<u64>(),
        2usize..400,
        2.0f64..40.0,
        prop_oneof![Just((93_000.0, 0.1)), Just((0.000_012_3, 1e-8)), Just((64.0, 0.25))],
    )
        .prop_map(|(seed, rows, volatility_bps, (price, tick))| Walk {
            seed,
            rows,
            start: 1_767_225_600,
            interval: 60,
            price,
            tick,
            volume: 1.0,
            volatility_bps,
        })
}

/// A fraction as text: barriers and spreads of up to a few percent.
pub(crate) fn fraction() -> impl Strategy<Value = String> + Clone {
    (1u32..300).prop_map(|parts| format!("0.{parts:04}"))
}

pub(crate) fn barriers() -> impl Strategy<Value = Value> + Clone {
    (fraction(), fraction(), 60i64..9000, fraction(), fraction(), any::<[bool; 4]>()).prop_map(
        |(stop, profit, limit, activation, delta, has)| {
            json!({
                "stop_loss": if has[0] { stop } else { "0.05".to_owned() },
                "take_profit": if has[1] { json!(profit) } else { json!("") },
                "time_limit": if has[2] { json!(limit) } else { Value::Null },
                "trailing_stop": if has[3] { json!(format!("{activation},{delta}")) } else { json!("") },
            })
        },
    )
}

fn configuration() -> impl Strategy<Value = Value> {
    let spreads = || prop::collection::vec(fraction(), 1..4).prop_map(|spreads| spreads.join(","));
    let making = (spreads(), spreads(), 0i64..1500, 0i64..4000, barriers());
    let making = making.prop_map(|(buys, sells, refresh, cooldown, barriers)| {
        with(
            json!({
                "controller_type": "market_making", "connector_name": "x_perpetual", "trading_pair": "A-B",
                "total_amount_quote": 1000, "buy_spreads": buys, "sell_spreads": sells, "buy_amounts_pct": "",
                "sell_amounts_pct": "", "executor_refresh_time": refresh, "cooldown_time": cooldown,
            }),
            &barriers,
        )
    });
    let feed = json!({ "candles_connector": "", "candles_trading_pair": "", "interval": "3m" });
    let directional = (barriers(), 1i64..4, 0i64..900).prop_map(move |(barriers, count, cooldown)| {
        let base = json!({
            "controller_type": "directional_trading", "connector_name": "x_perpetual", "trading_pair": "A-B",
            "total_amount_quote": 1000, "max_executors_per_side": count, "cooldown_time": cooldown, "bb_length": 20,
            "bb_long_threshold": 0.2, "bb_short_threshold": 0.8,
        });
        with(with(base, &barriers), &feed)
    });
    let named = |name: &'static str| move |config: Value| with(config, &json!({ "controller_name": name }));
    let ladder = json!({ "dca_spreads": "0.0005,0.0015,0.004", "dca_amounts": "1,2,3" });
    let feed = json!({ "candles_connector": "", "candles_trading_pair": "", "interval": "3m", "macd_slow": 26, "macd_fast": 12 });
    let shares = json!({ "dca_spreads": "0.0005,0.0015", "dca_amounts_pct": "", "dynamic_order_spread": true });
    prop_oneof![
        making.clone().prop_map(named("pmm_simple")),
        making.clone().prop_map(named("dman_maker_v2")).prop_map(move |config| with(config, &ladder)),
        making.prop_map(named("pmm_dynamic")).prop_map(move |config| with(config, &feed)),
        directional.clone().prop_map(named("bollinger_v1")),
        directional.prop_map(named("dman_v3")).prop_map(move |config| with(config, &shares)),
    ]
}

pub(crate) fn with(mut config: Value, more: &Value) -> Value {
    let table = config.as_object_mut().expect("a table");
    table.extend(more.as_object().expect("a table").clone());
    config
}

fn replayed(config: &Value, walk: &Walk, profile: Profile) -> Result<(Replay, Value), Error> {
    let table = config.as_object().expect("a table");
    let mut controller = registry::build(table, &profile.setting(None)).expect("the configuration is right");
    let setup = Setup {
        candles: &walk.candles(),
        start: walk.start,
        end: i64::MAX,
        resolution: 60,
        trade_cost: TRADE_COST,
        profile,
        rules: TradingRules::default(),
    };
    let replay = replay(&setup, controller.as_mut())?;
    let json = {
        let (controller, convention) = (controller.as_ref(), profile.convention);
        let subject = Subject { replay: &replay, controller, convention, period: setup.resolution };
        report::replay_json(&subject, "x_perpetual", "A-B")
    };
    Ok((replay, json))
}

#[test]
fn a_frame_is_read_up_to_the_last_replayed_candle() {
    let check = |replayed: &[i64], complete: [bool; 4], expected| {
        assert_eq!(last_taken(replayed, &[0, 60, 120, 180], &complete), expected);
    };
    check(&[0, 60, 120, 180], [true; 4], Some(3));
    check(&[0, 120], [true; 4], Some(2));
    check(&[0, 120], [true, true, false, true], Some(0));
    check(&[-60], [true; 4], None);
    check(&[], [true; 4], None);
}

/// Returns a number of candles on a fixed way.
fn minutes(rows: usize) -> Walk {
    Walk {
        seed: 1,
        rows,
        start: 1_767_225_600,
        interval: 60,
        price: 64.0,
        tick: 0.25,
        volume: 1.0,
        volatility_bps: 20.0,
    }
}

#[test]
fn without_a_candle_to_replay_there_is_no_replay_since_v2_14() {
    let feed = json!({
        "connector_name": "x_perpetual", "trading_pair": "A-B", "candles_connector": "", "candles_trading_pair": "",
        "interval": "1m", "bb_length": 20,
    });
    let bands = |name| json!({ "controller_name": name, "controller_type": "directional_trading" });
    let lengths = json!({ "macd_fast": 3, "macd_slow": 5, "macd_signal": 9 });
    let making = json!({
        "controller_name": "pmm_dynamic", "controller_type": "market_making", "connector_name": "x_perpetual",
        "trading_pair": "A-B", "candles_connector": "", "candles_trading_pair": "", "interval": "1m", "natr_length": 12,
        "buy_spreads": "1", "sell_spreads": "1", "buy_amounts_pct": "", "sell_amounts_pct": "",
    });
    let check = |version, config: &Value, rows, expected: Option<usize>| {
        let profile = profile::of_version(version).expect("a release with a profile");
        let found = replayed(config, &minutes(rows), profile).map(|(replay, _)| replay.series.time.len());
        assert_eq!(found, expected.ok_or(Error::NoRows { count: rows }), "{version} {rows} {config}");
    };
    let (first, second) = (with(bands("bollinger_v1"), &feed), with(bands("bollinger_v2"), &feed));
    for config in [&first, &second] {
        check("20260922", config, 19, None);
        check("20260922", config, 20, Some(1));
    }
    // Before, nothing is asked of the last row. Only where pandas-ta computes nothing does the controller miss a column.
    check("20251103", &first, 19, None);
    check("20251103", &second, 19, Some(0));
    check("20251103", &second, 20, Some(1));
    let agreed = with(with(bands("macd_bb_v1"), &feed), &lengths);
    let short = with(agreed.clone(), &json!({ "bb_length": 4 }));
    check("20250612", &short, 8, None);
    check("20250612", &short, 9, Some(0));
    check("20250612", &short, 13, Some(1));
    check("20251103", &short, 12, None);
    check("20251103", &short, 13, Some(1));
    let dynamic = with(making, &lengths);
    check("20250612", &dynamic, 11, None);
    check("20250612", &dynamic, 12, Some(0));
    check("20250612", &dynamic, 13, Some(1));
    // A line and no signal: pandas-ta gives neither.
    check("20250612", &with(dynamic.clone(), &json!({ "natr_length": 3 })), 8, None);
    check("20251103", &dynamic, 12, None);
    // A single value does not deviate.
    check("20251103", &dynamic, 13, Some(0));
    check("20251103", &dynamic, 14, Some(2));
}

#[test]
fn what_pmm_mister_cannot_do_shows_when_it_would_do_it() {
    let least = json!({
        "controller_name": "pmm_mister", "controller_type": "generic", "connector_name": "x_perpetual",
        "trading_pair": "A-B", "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "1",
        "sell_amounts_pct": "1", "min_base_pct": "0.01",
    });
    let run = |version, change: &Value| {
        let profile = profile::of_version(version).expect("a release with a profile");
        replayed(&with(least.clone(), change), &minutes(300), profile).map(|(replay, _)| replay.executors.len())
    };
    let hedge = json!({ "position_mode": "HEDGE" });
    assert_eq!(run("20260410", &hedge), run("20260410", &json!({})));
    assert_eq!(run("20260616", &hedge), Ok(0));
    // Upstream divides by a time as soon as there is an executor to be measured by it.
    let fails = |key: &str| {
        let Err(Error::Decision { source: DecisionError::ZeroTime { key: found, .. }, .. }) =
            run("20260922", &json!({ key: 0 }))
        else {
            panic!("`{key}` is divided by")
        };
        assert_eq!(found, key);
    };
    fails("executor_refresh_time");
    fails("buy_position_effectivization_time");
    fails("sell_position_effectivization_time");
    // Below 1 % of the budget nothing is sold.
    let builds = json!({ "sell_position_effectivization_time": 0, "portfolio_allocation": "0.00001" });
    assert_eq!(run("20260922", &builds), run("20260922", &json!({ "portfolio_allocation": "0.00001" })));
}

#[test]
fn before_v2_14_nothing_comes_of_rebalancing() {
    let making = json!({
        "controller_name": "pmm_simple", "controller_type": "market_making", "connector_name": "x", "trading_pair": "A-B",
        "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "", "sell_amounts_pct": "",
    });
    let skipping = with(making.clone(), &json!({ "skip_rebalance": true }));
    for (version, is_equal) in [("20250612", true), ("20260126", true), ("20260410", false), ("20260922", false)] {
        let profile = profile::of_version(version).expect("a release with a profile");
        let run = |config| replayed(config, &minutes(200), profile).expect("it decides").0.executors.len();
        assert_eq!(run(&making) == run(&skipping), is_equal, "{version}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn orders_in_any_order_end_or_are_refused(
        walk in walk(),
        spreads in prop::collection::vec(-200i32..300, 2..5),
        barriers in barriers(),
        refresh in 0i64..900,
        place in 0usize..4,
    ) {
        let spreads: Vec<f64> = spreads.into_iter().map(|spread| f64::from(spread) / 20_000.0).collect();
        let base = json!({
            "controller_name": "dman_maker_v2", "controller_type": "market_making", "connector_name": "x_perpetual",
            "trading_pair": "A-B", "total_amount_quote": 1000, "buy_spreads": "0.0004", "sell_spreads": "0.0004",
            "buy_amounts_pct": "", "sell_amounts_pct": "", "executor_refresh_time": refresh, "cooldown_time": 0,
            "dca_spreads": spreads, "dca_amounts": vec![1.0; spreads.len()],
        });
        // Upstream raises an error where an order is booked before it fills; hive must not panic there.
        match replayed(&with(base, &barriers), &walk, profile::PROFILES[place]) {
            Ok((replay, _)) => prop_assert!(replay.series.total_pnl.iter().all(|pnl| pnl.is_finite())),
            Err(error) => prop_assert!(matches!(error, Error::NoProfit { .. } | Error::Executor { .. }), "{error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ledgers_add_up(config in configuration(), walk in walk(), place in 0usize..5) {
        let profile = profile::PROFILES[place];
        let outcome = replayed(&config, &walk, profile);
        prop_assert_eq!(&outcome, &replayed(&config, &walk, profile));
        if matches!(outcome, Err(Error::NoRows { .. })) {
            return Ok(());
        }
        let (replay, json) = outcome.expect("it decides");
        let cost = profile.fee_sides * TRADE_COST;
        let mut booked = 0.0;
        for executor in &replay.executors {
            let figures = &executor.figures;
            let trades = if executor.close_type == CloseType::EarlyStop { 1.0 } else { 2.0 };
            prop_assert!((figures.cum_fees_quote - cost * figures.filled_amount_quote / trades).abs() < 1e-9);
            prop_assert!(figures.filled_amount_quote >= 0.0 && figures.net_pnl_quote.is_finite());
            let is_stamped = matches!(executor.config, ExecutorConfig::Position(_));
            prop_assert!(!is_stamped || executor.close_time >= executor.config.time());
            booked += figures.net_pnl_quote;
        }
        if profile.closing_tick {
            let last = replay.series.total_pnl.last().copied().unwrap_or_default();
            let late: f64 = replay.executors.iter().filter(|executor| executor.config.time() == walk.last_time())
                .map(|executor| executor.figures.net_pnl_quote).sum();
            prop_assert!((booked - late - last).abs() < 1e-6, "{booked} {late} {last}");
        }
        prop_assert_eq!(replay.series.time.len(), replay.series.total_pnl.len());
        let text = serde_json::to_string(&json).expect("finite numbers");
        let again: Value = serde_json::from_str(&text).expect("strict JSON");
        prop_assert_eq!(again["n_executors"].as_u64(), Some(replay.executors.len() as u64));
        prop_assert!(!text.contains("NaN") && !text.contains("inf"));
    }
}
