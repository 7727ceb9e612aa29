//! Every DCA of the oracle, simulated on its own, and the prices and amounts that its controllers ask for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use hive::controller::Moment;
use hive::controller::config::Model;
use hive::controller::config::Reader;
use hive::controller::dman_maker_v2;
use hive::controller::dman_v3;
use hive::controller::ladder;
use hive::controller::market_making;
use hive::controller::market_making::MarketMakingConfig;
use hive::controller::market_making::Quotes;
use hive::engine::Profile;
use hive::engine::dca::Dca;
use hive::engine::position::Ground;
use hive::engine::profile;
use hive::executor::dca::DcaConfig;
use hive::executor::dca::DcaMode;
use hive::executor::dca::DcaOrder;
use hive::executor::dca::DcaOrders;
use hive::executor::dca::DcaTrailingStop;
use hive::executor::ladder::Ladder;
use hive::executor::position::LevelId;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use serde_json::Map;
use serde_json::Value;

/// A release of the oracle, its profile, and how many executors its `dman_maker_v2` and `dman_v3` cases have.
const RELEASES: [(&str, Profile, usize, usize); 4] = [
    ("v2.6.0", profile::V2_6, 2153, 35),
    ("v2.16.0", profile::V2_16, 2153, 59),
    ("v2.16.0-talib-0.6.8", profile::V2_16, 0, 59),
    ("20260922", profile::V2_18, 2163, 59),
];

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = File::open(path).expect("the oracle's file is in the repository");
    GzDecoder::new(file).read_to_string(&mut text).expect("the oracle's files are gzipped text");
    text
}

/// A golden with its candles.
struct Case {
    name: String,
    golden: Value,
    candles: Candles,
}

/// Reads the goldens of a release whose names begin with `prefix`.
fn cases(release: &str, prefix: &str) -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle");
    let mut paths: Vec<_> = std::fs::read_dir(data.join("golden").join(release))
        .expect("the release is in the repository")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)))
        .collect();
    paths.sort();
    let mut parsed: BTreeMap<String, Candles> = BTreeMap::new();
    let case = |path: std::path::PathBuf| {
        let golden: Value = serde_json::from_str(&unpacked(&path)).expect("goldens are JSON");
        let candles = parsed.entry(text(&golden["candles"]).to_owned()).or_insert_with_key(|name| {
            Candles::parse_csv(&unpacked(&data.join(format!("candles/{name}.gz")))).expect("clean candles")
        });
        assert_eq!(golden["resolution"], "1m");
        let candles = candles.window(whole(&golden["start"]), whole(&golden["end"])).into_owned();
        Case { name: format!("{release} {}", text(&golden["case"])), golden, candles }
    };
    paths.into_iter().map(case).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn whole(value: &Value) -> i64 {
    let value = value.as_f64().expect("a number");
    assert_eq!(value.fract(), 0.0);
    format!("{value:.0}").parse().expect("digits")
}

fn decimal(value: &Value) -> Decimal {
    text(value).parse().expect("a decimal")
}

fn decimals(value: &Value) -> Vec<Decimal> {
    value.as_array().expect("a list").iter().map(decimal).collect()
}

fn given(value: &Value) -> Option<Decimal> {
    (!value.is_null()).then(|| decimal(value))
}

fn trailing_stop(value: &Value) -> Option<DcaTrailingStop> {
    let stop = value.as_object()?;
    Some(DcaTrailingStop { activation: decimal(&stop["activation_price"]), delta: decimal(&stop["trailing_delta"]) })
}

fn side(executor: &Value) -> Side {
    if executor["side"] == "BUY" { Side::Buy } else { Side::Sell }
}

/// Returns the configuration of an executor, with its case's barriers as they are given.
fn config(case: &Case, executor: &Value) -> DcaConfig {
    let resolved = &case.golden["config_resolved"];
    let orders = decimals(&executor["prices"]).into_iter().zip(decimals(&executor["amounts_quote"]));
    DcaConfig {
        time: whole(&executor["timestamp"]),
        anchor: whole(&executor["timestamp"]),
        side: side(executor),
        mode: DcaMode::Maker,
        orders: orders.map(|(price, amount_quote)| DcaOrder { price, amount_quote }).collect(),
        take_profit: given(&resolved["take_profit"]),
        stop_loss: given(&resolved["stop_loss"]),
        trailing_stop: trailing_stop(&resolved["trailing_stop"]),
        time_limit: (!resolved["time_limit"].is_null()).then(|| whole(&resolved["time_limit"])),
        level: None,
    }
}

/// Returns what differs between a simulation and the executor that upstream reports; empty where nothing does.
fn differences(case: &Case, ground: &Ground<'_>, config: &DcaConfig, created: usize, executor: &Value) -> Vec<String> {
    let dca = Dca::simulate(&case.candles, config, created).expect("upstream simulates it").expect("it lives");
    let closed = case.candles.time.binary_search(&whole(&executor["close_timestamp"])).expect("it closes on a candle");
    let mut differences = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(format!("{what}: {ours} is not {theirs}"));
        }
    };
    if executor["close_type"] == "EARLY_STOP" {
        compare("stopped before the end", (closed < dca.end).to_string(), "true".to_owned());
        compare("trading", dca.is_trading(closed).to_string(), "false".to_owned());
    } else {
        compare("close type", dca.close_type.name().to_owned(), text(&executor["close_type"]).to_owned());
        compare("close time", dca.end.to_string(), closed.to_string());
    }
    if differences.is_empty() {
        let ours = dca.at(ground, closed);
        for (key, ours) in [
            ("net_pnl_pct_f", ours.net_pnl_pct),
            ("net_pnl_quote_f", ours.net_pnl_quote),
            ("cum_fees_quote_f", ours.cum_fees_quote),
            ("filled_amount_quote_f", ours.filled_amount_quote),
            ("current_position_average_price", ours.average_price),
            ("close_price", case.candles.close[closed]),
        ] {
            let theirs = executor[key].as_f64().expect("a number");
            if ours != theirs {
                differences.push(format!("{key}: {ours} is not {theirs}"));
            }
        }
    }
    differences
}

fn ground<'a>(case: &'a Case, profile: &Profile) -> Ground<'a> {
    let cost = profile.fee_sides * case.golden["trade_cost"].as_f64().expect("a number");
    Ground::new(&case.candles, cost, profile.entry_ends_at_time_limit)
}

fn executors(case: &Case) -> &[Value] {
    case.golden["executors"].as_array().expect("a list")
}

#[test]
fn every_executor_of_dman_maker_v2_is_equal() {
    for (release, profile, expected, _) in RELEASES {
        let mut equal = 0;
        for case in cases(release, "dman_maker_v2__") {
            let ground = ground(&case, &profile);
            for executor in executors(&case) {
                let config = config(&case, executor);
                let created = case.candles.time.binary_search(&config.time).expect("it is created on a candle");
                let found = differences(&case, &ground, &config, created, executor);
                assert!(found.is_empty(), "{} executor {}: {found:?}", case.name, executor["seq"]);
                equal += 1;
            }
        }
        assert_eq!(equal, expected, "{release}");
    }
}

/// The band width that a case's spreads follow, of the last row of its features.
fn width_pct(case: &Case) -> Option<f64> {
    let config = &case.golden["config_resolved"];
    let name = |(name, value): (&String, &Value)| name.starts_with("BBB_").then(|| value.as_f64().expect("a number"));
    let last = case.golden["features"]["last_row"].as_object().expect("a table");
    config["dynamic_order_spread"].as_bool().expect("a flag").then(|| last.iter().find_map(name).expect("a width"))
}

/// Returns the orders as the texts that Python would write.
fn texts(orders: &[DcaOrder]) -> Vec<[String; 2]> {
    orders.iter().map(|order| [order.price.to_string(), order.amount_quote.to_string()]).collect()
}

fn expected_texts(executor: &Value) -> Vec<[String; 2]> {
    let list = |key: &str| executor[key].as_array().expect("a list").iter().map(|value| text(value).to_owned());
    list("prices").zip(list("amounts_quote")).map(|(price, amount)| [price, amount]).collect()
}

/// `dman_v3` stamps its executors with the wall clock, so the row of the creation is looked for: a row at whose close the
/// controller asks for exactly these orders, not before the end of the last executor of the same side, which would have
/// blocked it. Several rows can have that close; the simulation from one of them must equal upstream's.
#[test]
fn every_executor_of_dman_v3_is_equal() {
    for (release, profile, _, expected) in RELEASES {
        let mut equal = 0;
        for case in cases(release, "dman_v3__") {
            let resolved = &case.golden["config_resolved"];
            let shares = dman_v3::order_shares(Some(&decimals(&resolved["dca_amounts_pct"])), 0).expect("not zero");
            let multiplier = dman_v3::spread_multiplier(width_pct(&case));
            let ladder = Ladder::new(&decimals(&resolved["dca_spreads"]), &shares, multiplier);
            let total = decimal(&resolved["total_amount_quote"]);
            let per_side = resolved["max_executors_per_side"].as_u64().expect("a count");
            let ground = ground(&case, &profile);
            let (mut buy_from, mut sell_from) = (0, 0);
            let mut ambiguous = 0;
            for executor in executors(&case) {
                let mut config = config(&case, executor);
                config.take_profit = None;
                if resolved["dynamic_target"] == true {
                    let stop_loss = config.stop_loss.expect("the cases have one");
                    let (stop_loss, trailing) = dman_v3::scaled_targets(stop_loss, config.trailing_stop, multiplier);
                    (config.stop_loss, config.trailing_stop) = (Some(stop_loss), trailing);
                }
                let until = case.candles.time.binary_search(&whole(&executor["close_timestamp"])).expect("a candle");
                let theirs = expected_texts(executor);
                let asks = |row: &usize| {
                    let close = case.candles.close[*row];
                    let orders = dman_v3::orders(&ladder, config.side, close, total, per_side).expect("a close");
                    texts(&orders) == theirs
                };
                let from = if config.side == Side::Buy { &mut buy_from } else { &mut sell_from };
                let created: Vec<usize> = (*from..=until).filter(asks).collect();
                let name = format!("{} executor {}", case.name, executor["seq"]);
                assert!(!created.is_empty(), "{name}: no row asks for its orders");
                let found: Vec<_> =
                    created.iter().map(|&row| differences(&case, &ground, &config, row, executor)).collect();
                assert!(found.iter().any(Vec::is_empty), "{name}: {found:?}");
                *from = until;
                ambiguous += usize::from(created.len() > 1);
                equal += 1;
            }
            // Ticks are coarse against the bands' width in one case only.
            assert_eq!(ambiguous, if case.name.ends_with("c2_dynamic") { 7 } else { 0 }, "{}", case.name);
        }
        assert_eq!(equal, expected, "{release}");
    }
}

#[test]
fn every_order_of_dman_maker_v2_is_equal() {
    for (release, _, expected, _) in RELEASES {
        let mut equal = 0;
        for case in cases(release, "dman_maker_v2__") {
            let resolved = &case.golden["config_resolved"];
            let shares = ladder::shares(&decimals(&resolved["dca_amounts"])).expect("not zero");
            let ladder = Arc::new(Ladder::new(&decimals(&resolved["dca_spreads"]), &shares, Decimal::ONE));
            let common: Map<String, Value> = case.golden["config"]
                .as_object()
                .expect("a table")
                .iter()
                .filter(|(key, _)| market_making::KEYS.iter().any(|(known, _)| known == key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let reader =
                Reader::open("dman_maker_v2", &common, &market_making::KEYS, Model::V2_6_1).expect("known keys");
            let config = MarketMakingConfig::read(reader).expect("the configuration is right");
            let mut quotes = Quotes::new(&config);
            for executor in executors(&case) {
                let row = case.candles.time.binary_search(&whole(&executor["timestamp"])).expect("a candle");
                let level = (0..config.levels.len())
                    .find(|&level| quotes.name(LevelId(market_making::number(level))) == text(&executor["level_id"]))
                    .expect("a level of the configuration");
                let close = case.candles.close[row];
                let moment = Moment {
                    time: case.candles.time[row],
                    close,
                    reference_price: close,
                    spread_multiplier: 1.0,
                    signal: 0.0,
                    held: None,
                    active: &[],
                    ended: &[],
                    visible_from: 0,
                };
                let (side, price, amount_quote) = quotes.quote(level, &moment).expect("a price");
                let orders = DcaOrders::Hung { ladder: Arc::clone(&ladder), price, amount_quote };
                let ours = DcaConfig { side, orders, ..self::config(&case, executor) };
                assert_eq!(
                    texts(&ours.orders()),
                    expected_texts(executor),
                    "{} executor {}",
                    case.name,
                    executor["seq"]
                );
                equal += 1;
            }
        }
        assert_eq!(equal, expected, "{release}");
    }
}

#[test]
fn the_first_level_is_refreshed_by_its_own_time_too() {
    let refresh = dman_maker_v2::Refresh { every_level: 600, top_level: Some(60.0) };
    let due = [(60, 0), (61, 0), (61, 1), (600, 1), (601, 1)].map(|(age, index)| refresh.is_due(age, index));
    assert_eq!(due, [false, true, false, false, true]);
    let plain = dman_maker_v2::Refresh { every_level: 600, top_level: None };
    assert_eq!([plain.is_due(600, 0), plain.is_due(601, 0)], [false, true]);
}

#[test]
fn shares_of_nothing_are_refused() {
    assert_eq!(ladder::shares(&[Decimal::ZERO, Decimal::ZERO]), None);
    assert_eq!(dman_v3::order_shares(None, 0), None);
    let quarter: Decimal = "0.25".parse().expect("a decimal");
    assert_eq!(dman_v3::order_shares(None, 4), Some(vec![quarter; 4]));
}
