//! The part of a recipe that says what is run: candles, scenarios, tolerances, profiles.

use indexmap::IndexMap;
use toml::de::DeValue;

use super::CandleSource;
use super::Candles;
use super::Check;
use super::Controller;
use super::Costs;
use super::Engine;
use super::Limits;
use super::Mode;
use super::Profile;
use super::Rule;
use super::Scenario;
use super::Synthetic;
use super::TRADE_COST;
use super::Tolerance;
use super::TradingRules;
use super::WallClock;
use super::moment;
use super::settings;
use crate::recipe::error::Error;
use crate::recipe::located::Located;
use crate::recipe::located::Named;
use crate::recipe::schema;
use crate::recipe::schema::Amount;
use crate::recipe::schema::hint;

/// The generations of the indicator library that are told apart.
const INDICATORS: &[&str] = &["talib-0.6", "talib-0.8"];

/// The lowest fee of a maker: no venue pays a hundredth of a trade, so more is a misplaced sign or point.
const MAKER_FEE_MIN: f64 = -0.01;

/// The largest slippage, in basis points: a tenth of the price.
const SLIPPAGE_BPS_MAX: f64 = 1_000.0;

pub(super) fn candles(check: &mut Check, written: &Named<schema::Candles>) -> IndexMap<String, Candles> {
    written
        .entries
        .iter()
        .map(|(name, written)| {
            let source = candle_source(check, name, written);
            let candles = Candles {
                source,
                pair: pair(check, &written.pair),
                connector: check.text("connector", "a venue, `kucoin`", &written.connector),
            };
            (check.name("set of candles", name), candles)
        })
        .collect()
}

fn candle_source(check: &mut Check, name: &Located<String>, written: &schema::Candles) -> CandleSource {
    if written.file.is_some() == written.synthetic.is_some() {
        check.either_or(
            format!("the set of candles `{}`", name.value),
            "file",
            "synthetic",
            written.file.is_some(),
            &name.span,
        );
    }
    if let Some(synthetic) = &written.synthetic {
        return CandleSource::Synthetic(self::synthetic(check, &synthetic.value));
    }
    CandleSource::File(match &written.file {
        Some(file) => check.file("candle file", file),
        None => String::new(),
    })
}

fn synthetic(check: &mut Check, written: &schema::Synthetic) -> Synthetic {
    let mut decimal = |key, written: Option<&Located<Amount>>, default: &str| match written {
        Some(written) => check.decimal(key, written),
        None => default.to_owned(),
    };
    Synthetic {
        price: decimal("price", written.price.as_ref(), "100"),
        tick: decimal("tick", written.tick.as_ref(), "0.01"),
        volume: decimal("volume", written.volume.as_ref(), "10"),
        seed: check.integer("seed", 0..=i64::MAX, &written.seed),
        rows: check.integer("rows", 1..=10_000_000, &written.rows),
        start: moment::epoch(check, "start", &written.start),
        interval: moment::interval(check, written.interval.as_ref()),
        volatility_bps: written.volatility_bps.as_ref().map_or(5, |it| check.integer("volatility-bps", 0..=1_000, it)),
    }
}

fn pair(check: &mut Check, written: &Located<String>) -> String {
    let is_pair = written.value.split_once('-').is_some_and(|(base, quote)| !base.is_empty() && !quote.is_empty());
    if !is_pair {
        check.errors.push(Error::BadName {
            what: "trading pair",
            name: written.value.clone(),
            rule: "a pair is base and quote with `-` between them, `BTC-USDT`",
            at: check.at(&written.span),
            found: written.value.clone(),
        });
    }
    written.value.clone()
}

pub(super) fn scenarios(
    check: &mut Check,
    document: &schema::Document,
    controllers: &[Controller],
) -> IndexMap<String, Scenario> {
    let tree = document.tree.get_ref().get("scenario");
    document
        .recipe
        .scenario
        .entries
        .iter()
        .map(|(name, written)| {
            let scenario = scenario(check, &document.recipe, name, written, tree);
            controller_type(check, name, &scenario, controllers, tree);
            (name.value.clone(), scenario)
        })
        .collect()
}

fn scenario(
    check: &mut Check,
    recipe: &schema::Recipe,
    name: &Located<String>,
    written: &schema::Scenario,
    tree: Option<&toml::Spanned<DeValue<'_>>>,
) -> Scenario {
    let (controller, config) = settings::controller(check, name, written, tree);
    let start = moment::epoch(check, "start", &written.start);
    let end = moment::epoch(check, "end", &written.end);
    if end < start {
        check.errors.push(Error::EndBeforeStart {
            scenario: name.value.clone(),
            start: check.at(&written.start.span),
            at: check.at(&written.end.span),
        });
    }
    let trade_cost = written.trade_cost.as_ref().map_or(TRADE_COST, |cost| fraction(check, "trade-cost", 0.0, cost));
    upstream_engine(check, name, written, tree);
    Scenario {
        name: check.name("scenario", name),
        engine: written.engine.unwrap_or_default(),
        mode: written.mode.unwrap_or_default(),
        candles: check.reference("set of candles", &written.candles, recipe.candles.names()),
        start,
        end,
        resolution: moment::interval(check, written.resolution.as_ref()),
        trade_cost,
        costs: costs(check, written, trade_cost),
        controller,
        replay_profile: written.replay_profile.as_ref().map(|profile| replay_profile(check, profile)),
        trading_rules: trading_rules(check, &written.trading_rules),
        wall_clock: written.wall_clock.as_ref().map_or(WallClock::After, |clock| wall_clock(check, clock)),
        indicators: written.indicators.as_ref().map(|indicators| check.word("indicators", indicators, INDICATORS)),
        config,
        against: written.against.as_ref().map(|against| {
            let others = recipe.scenario.names().filter(|other| *other != name.value);
            check.reference("other scenario", against, others)
        }),
        limits: limits(check, written),
        repeat: written.repeat.as_ref().map_or(1, |repeat| check.integer("repeat", 1..=100, repeat)),
    }
}

/// Upstream's engine does what its release does: it looks ahead, and its indicators are those of the environment.
fn upstream_engine(
    check: &mut Check,
    name: &Located<String>,
    written: &schema::Scenario,
    tree: Option<&toml::Spanned<DeValue<'_>>>,
) {
    if written.engine.unwrap_or_default() != Engine::Upstream {
        return;
    }
    if written.mode.unwrap_or_default() == Mode::Causal {
        let span = settings::written_at(tree, &[&name.value, "mode"]).unwrap_or_else(|| name.span.clone());
        check.errors.push(Error::CausalUpstream { scenario: name.value.clone(), at: check.at(&span) });
    }
    for (key, written) in [("replay-profile", &written.replay_profile), ("indicators", &written.indicators)] {
        if let Some(written) = written {
            let mend = "leave it out, or write `engine = \"native\"`: the upstream engine does what the release in its environment does";
            check.errors.push(Error::NoEffect {
                key,
                place: "an upstream replay",
                who: "the native engine",
                mend,
                at: check.at(&written.span),
            });
        }
    }
}

/// A controller that the recipe registers under one type is not found under another.
fn controller_type(
    check: &mut Check,
    name: &Located<String>,
    scenario: &Scenario,
    controllers: &[Controller],
    tree: Option<&toml::Spanned<DeValue<'_>>>,
) {
    let wanted = |key: &str| scenario.controller.get(key).and_then(|it| it.as_str());
    let (Some(wanted_name), Some(wanted_type)) = (wanted("controller_name"), wanted("controller_type")) else {
        return;
    };
    let Some(registered) = controllers.iter().find(|it| it.name == wanted_name) else {
        return;
    };
    if registered.controller_type == wanted_type {
        return;
    }
    let span = settings::written_at(tree, &[&name.value, "controller", "controller_type"])
        .unwrap_or_else(|| name.span.clone());
    check.errors.push(Error::UnknownReference {
        what: "registered controller",
        name: format!("{wanted_type}/{wanted_name}"),
        hint: hint(wanted_type, [registered.controller_type.as_str()]),
        known: format!("`{wanted_name}` is registered with type `{}`", registered.controller_type),
        at: check.at(&span),
    });
}

fn fraction(check: &mut Check, key: &str, least: f64, written: &Located<f64>) -> f64 {
    if !(least..1.0).contains(&written.value) {
        let expected = format!("a fraction, {least} to below 1");
        check.out_of_range(key, expected, written.value.to_string(), &written.span);
    }
    written.value
}

/// Upstream's engine is somebody else's program: it gets a bound on time and memory.
fn limits(check: &mut Check, written: &schema::Scenario) -> Limits {
    let (timeout, memory) = (&written.timeout, &written.memory_mb);
    if written.engine.unwrap_or_default() == Engine::Native {
        for (key, written) in [("timeout", timeout), ("memory-mb", memory)] {
            if let Some(written) = written {
                let mend = "write `engine = \"upstream\"`, or leave it out: the native engine takes next to nothing";
                check.errors.push(Error::NoEffect {
                    key,
                    place: "a native replay",
                    who: "the upstream engine",
                    mend,
                    at: check.at(&written.span),
                });
            }
        }
    }
    let default = Limits::default();
    Limits {
        timeout_s: timeout.as_ref().map_or(default.timeout_s, |it| check.integer("timeout", 1..=86_400, it)),
        memory_mb: memory.as_ref().map_or(default.memory_mb, |it| check.integer("memory-mb", 256..=1_048_576, it)),
    }
}

/// A setting that does nothing would have its author believe a result that does not know of it.
fn costs(check: &mut Check, written: &schema::Scenario, trade_cost: f64) -> Costs {
    let (maker_fee, taker_fee, slippage_bps) = (&written.maker_fee, &written.taker_fee, &written.slippage_bps);
    if written.mode.unwrap_or_default() == Mode::Parity {
        for (key, written) in [("maker-fee", maker_fee), ("taker-fee", taker_fee), ("slippage-bps", slippage_bps)] {
            if let Some(written) = written {
                let mend = "write `mode = \"causal\"`, or leave it out: a parity replay fills as upstream does, at `trade-cost`";
                check.errors.push(Error::NoEffect {
                    key,
                    place: "a parity replay",
                    who: "a causal replay",
                    mend,
                    at: check.at(&written.span),
                });
            }
        }
    }
    let slippage = |written: &Located<f64>| {
        if !(0.0..=SLIPPAGE_BPS_MAX).contains(&written.value) {
            let expected = format!("0 to {SLIPPAGE_BPS_MAX}");
            check.out_of_range("slippage-bps", expected, written.value.to_string(), &written.span);
        }
        written.value
    };
    Costs {
        slippage_bps: slippage_bps.as_ref().map_or(0.0, slippage),
        maker_fee: maker_fee.as_ref().map_or(trade_cost, |fee| fraction(check, "maker-fee", MAKER_FEE_MIN, fee)),
        taker_fee: taker_fee.as_ref().map_or(trade_cost, |fee| fraction(check, "taker-fee", 0.0, fee)),
    }
}

fn replay_profile(check: &mut Check, written: &Located<String>) -> String {
    let is_version = written
        .value
        .split_once('.')
        .is_some_and(|(major, minor)| major.parse::<u16>().is_ok() && minor.parse::<u16>().is_ok());
    if !is_version {
        check.errors.push(Error::BadVersion {
            key: "replay-profile",
            expected: "the version of an upstream generation",
            example: "2.16",
            problem: "expected two numbers".to_owned(),
            at: check.at(&written.span),
        });
    }
    written.value.clone()
}

fn trading_rules(check: &mut Check, written: &schema::TradingRules) -> TradingRules {
    let default = TradingRules::default();
    // A venue may have no smallest notional value; the increments are divided by.
    let min_notional_size = match &written.min_notional_size {
        Some(written) => check.decimal_or_zero("min_notional_size", written),
        None => default.min_notional_size,
    };
    let mut decimal = |key, written: Option<&Located<Amount>>, default| match written {
        Some(written) => check.decimal(key, written),
        None => default,
    };
    TradingRules {
        min_price_increment: decimal(
            "min_price_increment",
            written.min_price_increment.as_ref(),
            default.min_price_increment,
        ),
        min_base_amount_increment: decimal(
            "min_base_amount_increment",
            written.min_base_amount_increment.as_ref(),
            default.min_base_amount_increment,
        ),
        min_notional_size,
        min_order_size: decimal("min_order_size", written.min_order_size.as_ref(), default.min_order_size),
    }
}

fn wall_clock(check: &mut Check, written: &Located<schema::WallClock>) -> WallClock {
    let span = written.span.clone();
    match &written.value {
        schema::WallClock::Word(word) => {
            let value = word.clone();
            check.word("wall-clock", &Located { value, span }, &["after"]);
            WallClock::After
        }
        schema::WallClock::At(moment) => {
            let value = moment.clone();
            WallClock::At(moment::epoch(check, "wall-clock", &Located { value, span }))
        }
    }
}

pub(super) fn tolerance(check: &mut Check, written: &schema::Tolerance) -> Tolerance {
    Tolerance {
        default: written.default.as_ref().map(|it| rule(check, "default", it)).unwrap_or_default(),
        metric: written
            .metric
            .entries
            .iter()
            .map(|(name, it)| (name.value.clone(), rule(check, &name.value, it)))
            .collect(),
    }
}

fn rule(check: &mut Check, key: &str, written: &Located<schema::Rule>) -> Rule {
    let bounds = match &written.value {
        schema::Rule::Word(word) => {
            let word = Located { value: word.clone(), span: written.span.clone() };
            check.word(key, &word, &["exact"]);
            return Rule::default();
        }
        schema::Rule::Within(bounds) => bounds,
    };
    let mut bound = |key: &str, written: Option<&Located<f64>>| {
        let Some(written) = written else {
            return 0.0;
        };
        if !(written.value.is_finite() && written.value >= 0.0) {
            check.out_of_range(key, "0 or more".to_owned(), written.value.to_string(), &written.span);
        }
        written.value
    };
    Rule {
        abs: bound("abs", bounds.abs.as_ref()),
        rel: bound("rel", bounds.rel.as_ref()),
        ulps: bounds.ulps.as_ref().map_or(0, |ulps| check.integer("ulps", 0..=i64::MAX, ulps)),
    }
}

pub(super) fn profiles(check: &mut Check, written: &schema::Recipe) -> IndexMap<String, Profile> {
    written
        .profile
        .entries
        .iter()
        .map(|(name, profile)| {
            let services =
                profile.services.iter().map(|it| check.reference("service", it, written.service.names())).collect();
            let scenarios = profile.scenarios.as_ref().map(|scenarios| {
                scenarios.iter().map(|it| check.reference("scenario", it, written.scenario.names())).collect()
            });
            let profile = Profile { services, scenarios };
            (check.name("profile", name), profile)
        })
        .collect()
}
