//! What holds for every replay of every controller, whatever the configuration, the candles and the kind of replay.

use std::cell::Cell;
use std::collections::BTreeSet;

use hive::controller::Controller;
use hive::controller::Mode;
use hive::controller::Setting;
use hive::controller::config;
use hive::controller::registry;
use hive::engine::Replay;
use hive::engine::causal::Costs;
use hive::engine::plan;
use hive::engine::profile;
use hive::engine::profile::Profile;
use hive::engine::replay;
use hive::engine::replay::Error;
use hive::engine::replay::Setup;
use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorInfo;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;
use hive::market::synthetic::Walk;
use hive::metric::Convention;
use hive::workflow::report;
use hive::workflow::report::Subject;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use self::configuration::KINDS;
use self::configuration::Kind;
use crate::replays::walk;

mod causal;
mod configuration;
mod parity;
pub(crate) mod strict;

/// The fee of one side of a trade, and of all trades of a parity replay.
const TRADE_COST: f64 = 0.0004;

/// What a property returns: nothing, or what does not hold.
type Holds = Result<(), TestCaseError>;

/// Replays a configuration over candles; also returns the JSON that is reported.
fn replayed(
    mode: Mode,
    config: &Value,
    candles: &Candles,
    tick: f64,
    profile: Profile,
    costs: &Costs,
) -> Result<(Replay, Value), Error> {
    let (setup, mut controller) = prepared(mode, config, candles, tick, profile);
    let replay = match mode {
        Mode::Parity => replay::replay(&setup, controller.as_mut())?,
        Mode::Causal => hive::engine::causal::replay(&setup, costs, controller.as_mut())?,
    };
    for executor in &replay.executors {
        let name = executor.config.level().map(|level| controller.level_name(level)).unwrap_or_default();
        let (buys, sells) = (name.starts_with("buy"), name.starts_with("sell"));
        let is_named = if executor.config.side() == Side::Buy { !sells } else { !buys };
        assert!(is_named, "`{name}` is no name of a {}", executor.config.side());
    }
    let convention = if mode == Mode::Causal { Convention::Causal } else { profile.convention };
    let controller = controller.as_ref();
    let subject = Subject { replay: &replay, controller, convention, period: setup.resolution };
    let json = report::replay_json(&subject, "x_perpetual", "A-B");
    Ok((replay, json))
}

/// Builds a controller, and what it is replayed on.
fn prepared<'a>(
    mode: Mode,
    config: &Value,
    candles: &'a Candles,
    tick: f64,
    profile: Profile,
) -> (Setup<'a>, Box<dyn Controller>) {
    let rules = TradingRules { min_price_increment: Decimal::from_shortest(tick), ..TradingRules::default() };
    let setting = Setting { mode, rules, ..profile.setting(None) };
    let controller =
        registry::build(config.as_object().expect("a table"), &setting).expect("the configuration is right");
    let setup = Setup {
        candles,
        start: candles.time[0],
        end: i64::MAX,
        resolution: 60,
        trade_cost: TRADE_COST,
        profile,
        rules,
    };
    (setup, controller)
}

/// One generated replay.
#[derive(Debug, Clone)]
struct Case {
    config: Value,
    walk: Walk,
    profile: Profile,
    costs: Costs,
    /// Where to cut the candles.
    cut: Index,
}

impl Case {
    fn replayed(&self, mode: Mode, candles: &Candles) -> Result<(Replay, Value), Error> {
        replayed(mode, &self.config, candles, self.walk.tick, self.profile, &self.costs)
    }
}

fn cases(kind: &Kind) -> impl Strategy<Value = Case> {
    let (configuration, profiles) = (kind.configuration, kind.profiles);
    let costs = (-1i32..10, 0i32..10, 0i32..20).prop_map(|(maker, taker, slippage)| Costs {
        maker_fee: f64::from(maker) / 10_000.0,
        taker_fee: f64::from(taker) / 10_000.0,
        slippage_bps: f64::from(slippage),
    });
    let rest = (0..profiles.len(), costs, any::<Index>());
    let markets = walk().prop_flat_map(move |walk| (configuration(&walk), Just(walk)));
    (markets, rest).prop_map(move |((config, walk), (place, costs, cut))| Case {
        config,
        walk,
        profile: profiles[place],
        costs,
        cut,
    })
}

/// Replays generated cases of every controller, each twice, and holds what came of them against a property.
fn check_all(mode: Mode, count: u32, holds: fn(&Case, &Candles, &Replay, &Value) -> Holds) {
    for kind in KINDS.iter().filter(|kind| mode == Mode::Causal || !kind.is_causal_only) {
        let filled = Cell::new(0);
        let config = ProptestConfig {
            cases: count,
            failure_persistence: None,
            max_shrink_iters: 200,
            ..ProptestConfig::default()
        };
        // Always the same cases: by luck a controller might fill nothing in all of them, and that is an error below.
        let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let outcome = TestRunner::new_with_rng(config, seed).run(&cases(kind), |case| {
            let candles = case.walk.candles();
            let outcome = case.replayed(mode, &candles);
            prop_assert_eq!(&outcome, &case.replayed(mode, &candles));
            // A controller of indicators needs more candles than a short walk has, and a grid in parity prices that are apart.
            let is_refused = match &outcome {
                Err(Error::NoRows { .. }) => true,
                Err(Error::Executor { source: plan::Error::Grid(_), .. }) => mode == Mode::Parity,
                _ => false,
            };
            if is_refused {
                return Ok(());
            }
            let (replay, json) = outcome.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            executors(mode, &replay)?;
            let has_filled = |executor: &&ExecutorInfo| executor.figures.filled_amount_quote > 0.0;
            filled.set(filled.get() + replay.executors.iter().filter(has_filled).count());
            holds(&case, &candles, &replay, &json)
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", kind.controller));
        assert!(filled.get() > 0, "nothing was filled by {}, so nothing is proven", kind.controller);
    }
}

/// What holds for executors in both kinds of replay.
fn executors(mode: Mode, replay: &Replay) -> Holds {
    let last = replay.series.time.last().copied().unwrap_or_default();
    let mut latest = 0;
    for executor in &replay.executors {
        let ExecutorInfo { config, close_time, close_type, figures, .. } = executor;
        // A DCA may be stamped with a wall clock that is later than all candles.
        prop_assert!(*close_time >= config.time() || config.time() > last, "ended before it began: {executor:?}");
        prop_assert!(*close_time <= last, "ended after the candles: {executor:?}");
        // They stand in the order of ending. One that ends on the candle that it is created on is seen to have ended on the next.
        prop_assert!(latest - close_time <= 60, "out of order: {executor:?}");
        latest = latest.max(*close_time);
        prop_assert!(may_end(mode, config, *close_type), "nothing ends so: {executor:?}");
        prop_assert!(figures.filled_amount_quote >= 0.0 && figures.average_price.is_finite(), "{executor:?}");
        let earned = [figures.net_pnl_pct, figures.net_pnl_quote, figures.cum_fees_quote];
        prop_assert!(earned.iter().all(|figure| figure.is_finite()), "{executor:?}");
        prop_assert!(figures.filled_amount_quote > 0.0 || earned == [0.0; 3], "earned by nothing: {executor:?}");
    }
    let series = &replay.series;
    prop_assert!(series.time.is_sorted_by(|before, now| before < now));
    prop_assert!(series.total_pnl.iter().all(|pnl| pnl.is_finite()));
    let rows = [series.total_pnl.len(), series.volume_quote.len(), series.active_count.len()];
    prop_assert_eq!(rows, [series.time.len(); 3]);
    // A causal replay adds up its open executors anew on each candle, in another order once one has ended.
    let grows = |before: &f64, now: &f64| *now >= before * (1.0 - 1e-12);
    prop_assert!(series.volume_quote.is_sorted_by(grows), "volume was taken back");
    Ok(())
}

/// Returns whether an executor can end for a reason: a barrier only where it is configured.
fn may_end(mode: Mode, config: &ExecutorConfig, close_type: CloseType) -> bool {
    // The end of the candles ends everything in parity, and nothing in a causal replay.
    let is_timed = |limit: Option<i64>| mode == Mode::Parity || limit.is_some();
    let is_set = |barrier: Option<Decimal>| barrier.is_some_and(|barrier| !barrier.is_zero());
    match (config, close_type) {
        (_, CloseType::Failed) => false,
        (ExecutorConfig::Position(config), _) => match close_type {
            CloseType::StopLoss => config.barrier.stop_loss.is_some(),
            CloseType::TakeProfit => config.barrier.take_profit.is_some(),
            CloseType::TrailingStop => config.barrier.trailing_stop.is_some(),
            CloseType::TimeLimit => is_timed(config.barrier.time_limit),
            other => matches!(other, CloseType::EarlyStop | CloseType::PositionHold),
        },
        (ExecutorConfig::Dca(config), _) => match close_type {
            CloseType::StopLoss => is_set(config.stop_loss),
            CloseType::TakeProfit => is_set(config.take_profit),
            CloseType::TrailingStop => config.trailing_stop.is_some(),
            CloseType::TimeLimit => is_timed(config.time_limit),
            other => other == CloseType::EarlyStop,
        },
        (ExecutorConfig::Grid(config), _) => match close_type {
            CloseType::StopLoss => {
                config.stop_loss.is_some() || (config.limit_price.is_some() && !config.keep_position)
            }
            CloseType::PositionHold => config.limit_price.is_some() && config.keep_position,
            CloseType::TimeLimit => is_timed(config.time_limit),
            other => other == CloseType::TakeProfit,
        },
        (ExecutorConfig::Order(_), _) => {
            matches!(close_type, CloseType::PositionHold | CloseType::EarlyStop | CloseType::Expired)
        }
    }
}

#[test]
fn parity_replays_add_up() {
    check_all(Mode::Parity, 20, parity::holds);
}

#[test]
fn causal_replays_add_up_and_do_not_look_ahead() {
    check_all(Mode::Causal, 20, causal::holds);
}

#[test]
fn every_controller_is_replayed() {
    let setting = profile::V2_18.setting(None);
    let unknown = json!({ "controller_type": "generic", "controller_name": "none" });
    let refused = registry::build(unknown.as_object().expect("a table"), &setting);
    let Err(config::Error::UnknownController { known, .. }) = refused else { panic!("it is none of them") };
    let replayed: BTreeSet<&str> = KINDS.iter().map(|kind| kind.controller).collect();
    assert_eq!(replayed, BTreeSet::from_iter(known));
}

#[test]
fn a_thousand_repeats_give_the_same_bytes() {
    let walk = Walk {
        seed: 7,
        rows: 40,
        start: 1_767_225_600,
        interval: 60,
        price: 93_000.0,
        tick: 0.1,
        volume: 1.0,
        volatility_bps: 12.0,
    };
    let config = json!({
        "controller_type": "market_making", "controller_name": "pmm_simple", "connector_name": "x_perpetual",
        "trading_pair": "A-B", "total_amount_quote": 1000, "buy_spreads": "0.0005,0.001", "sell_spreads": "0.0005,0.001",
        "buy_amounts_pct": "", "sell_amounts_pct": "", "executor_refresh_time": 300, "cooldown_time": 60,
        "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800, "trailing_stop": "0.001,0.0004",
    });
    for mode in [Mode::Parity, Mode::Causal] {
        let bytes = || {
            let costs = Costs { maker_fee: 0.0002, taker_fee: 0.0005, slippage_bps: 1.0 };
            let replayed = replayed(mode, &config, &walk.candles(), walk.tick, profile::V2_18, &costs);
            serde_json::to_vec(&replayed.expect("it decides").1).expect("a result is JSON")
        };
        let first = bytes();
        assert!(first.len() > 1_000, "next to nothing is proven");
        assert!((1..1_000).all(|_| bytes() == first));
    }
}
