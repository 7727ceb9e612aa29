//! What the store finds, what it says of what is damaged, and how often it reads a file.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;
use hive::io::files::sha256_hex;
use hive::workflow;
use hive::workflow::candles::Coverage;
use hive::workflow::candles::Gap;
use hive::workflow::candles::Store;
use hive::workflow::candles::Wanted;
use hive::workflow::candles::download;
use hive::workflow::candles::name::Name;
use hive::workflow::candles::wanted::moment;
use serde_json::json;

use super::DAY;
use super::exchange::Exchange;
use super::watch::Quiet;
use crate::verbs::project::CANDLES;
use crate::verbs::project::Project;

/// Returns a candle file: `count` candles of `interval` seconds from midnight on, without those in `missing`.
fn file(interval: i64, count: i64, missing: &[i64]) -> String {
    let rows = (0..count).filter(|step| !missing.contains(step));
    let rows = rows.map(|step| format!("{},{},{},{},{},1\n", DAY + step * interval, 10, 12, 9, 11));
    format!("timestamp,open,high,low,close,volume\n{}", rows.collect::<String>())
}

fn store(project: &Project) -> Store {
    Store::open(&workflow::Project::at(&project.path("")))
}

fn coverage(store: &Store) -> Vec<Coverage> {
    store.coverage().expect("the folder can be read")
}

/// Returns where the candles come from that are found for minutes of a pair.
fn found(store: &Store, interval_s: i64, start: i64, end: i64) -> Option<String> {
    let found = store.find_in("binance", "BTC-USDT", interval_s, start, end)?;
    Some(found.coverage.source.trim_start_matches(".hive/candles/binance__BTC-USDT__").to_owned())
}

#[test]
fn files_are_found_by_their_names() {
    let project = Project::empty();
    assert_eq!(coverage(&store(&project)), Vec::new());
    let text = file(60, 10, &[2, 3, 7]);
    project.write(".hive/candles/binance__BTC-USDT__1m.csv", &text);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(file(300, 4, &[]).as_bytes()).expect("memory takes it");
    let gzip = gzip.finish().expect("memory takes it");
    fs::write(project.path(".hive/candles/kucoin__ETH-USDT__5m.csv.gz"), &gzip).expect("the folder is ours");
    let parquet = include_bytes!("../../data/candles/polars-us.parquet");
    fs::write(project.path(".hive/candles/okx__SOL-USDT__1m.parquet"), parquet).expect("the folder is ours");
    // What is being written is not looked at, nor is what is in folders.
    project.write(".hive/candles/.binance__BTC-USDT__1m.csv.part", "half");
    project.write(".hive/candles/old/binance__BTC-USDT__1m.csv", &text);
    let all = coverage(&store(&project));
    let names = all.iter().map(|it| (it.connector.as_str(), it.pair.as_str(), it.interval.as_deref(), it.rows));
    let expected = [
        ("binance", "BTC-USDT", Some("1m"), 7),
        ("kucoin", "ETH-USDT", Some("5m"), 4),
        ("okx", "SOL-USDT", Some("1m"), 59),
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    let first = &all[0];
    assert_eq!((first.start, first.end, first.interval_s), (Some(DAY), Some(DAY + 540), Some(60)));
    let gaps =
        [Gap { start: DAY + 120, end: DAY + 180, missing: 2 }, Gap { start: DAY + 420, end: DAY + 420, missing: 1 }];
    assert_eq!((first.gaps.as_slice(), first.gap_count, first.missing), (gaps.as_slice(), 2, 3));
    assert_eq!(first.sha256, Some(sha256_hex(text.as_bytes())));
    assert_eq!(all[1].sha256, Some(sha256_hex(&gzip)));
    assert_eq!(all.iter().filter(|it| it.problem.is_some()).count(), 0);
}

#[test]
fn candles_of_recipes_are_found_too() {
    let project = Project::new();
    let store = store(&project);
    let all = coverage(&store);
    assert_eq!(all.len(), 2, "{all:?}");
    let file = all.iter().find(|it| it.source == "recipes/candles/small.csv").expect("the recipe names it");
    assert_eq!((file.connector.as_str(), file.rows, file.missing), ("binance_perpetual", 7, 1));
    assert_eq!(file.sha256, Some(sha256_hex(CANDLES.as_bytes())));
    let made =
        all.iter().find(|it| it.source == "made up by recipes/demo.toml from seed 7").expect("the recipe has it");
    let found = store.find("binance_perpetual", "BTC-USDT", 60).expect("there are two");
    // The longer one serves better, and what was told of it without making it up is so.
    assert_eq!(found.coverage, *made);
    assert_eq!(found.candles.len() as u64, made.rows);
    assert_eq!(found.candles.time.last().copied(), made.end);
    assert_eq!(Some(found.checksum), made.sha256.as_ref().map(|sha256| format!("sha256:{sha256}")));
    // Another recipe that names the same file adds nothing.
    let text = project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"again\"");
    project.write("recipes/again.toml", &text);
    let again = coverage(&store);
    assert_eq!(again.iter().filter(|it| it.source == "recipes/candles/small.csv").count(), 1);
    // A recipe that is wrong is one entry, and the others stay.
    project.write("recipes/again.toml", "schema = 1\n[recipe]\nname = \"again\"\n");
    let broken = coverage(&store);
    let problem = broken.iter().find(|it| it.source == "recipes/again.toml").and_then(|it| it.problem.as_ref());
    assert!(problem.is_some(), "{broken:?}");
    assert_eq!(broken.len(), 3);
}

#[test]
fn the_best_candles_are_found() {
    let project = Project::empty();
    let write = |name: &str, text: &str| project.write(&format!(".hive/candles/binance__BTC-USDT__{name}"), text);
    // A day of minutes with holes, two days of five minutes, an hour of seconds.
    write("1m.csv", &file(60, 1_440, &[100, 101]));
    write("5m.csv", &file(300, 576, &[]));
    write("1s.csv", &file(1, 3_600, &[]));
    let store = store(&project);
    let hour = 3_600;
    for (interval_s, start, end, expected) in [
        (60, DAY, DAY + 86_399, Some("1m.csv")),
        // Seconds cover the first hour as well as the others do, and are finer.
        (60, DAY, DAY + hour - 1, Some("1s.csv")),
        (300, DAY, DAY + hour - 1, Some("1s.csv")),
        (300, DAY, DAY + 2 * 86_400 - 1, Some("5m.csv")),
        // Minutes lack two candles there.
        (300, DAY + 90 * 60, DAY + 120 * 60, Some("5m.csv")),
        (60, DAY + 90 * 60, DAY + 120 * 60, Some("1m.csv")),
        (1, DAY, DAY + 86_399, Some("1s.csv")),
        // Five minutes cannot be told from three.
        (180, DAY + 86_400, DAY + 90_000, None),
        (300, DAY + 86_400, DAY + 90_000, Some("5m.csv")),
        (60, DAY - 600, DAY - 60, None),
        (0, DAY, DAY + 60, None),
    ] {
        assert_eq!(found(&store, interval_s, start, end).as_deref(), expected, "{interval_s} s from {start} to {end}");
    }
    assert_eq!(found(&store, 60, i64::MIN, i64::MAX).as_deref(), Some("1m.csv"));
    assert!(store.find("binance", "ETH-USDT", 60).is_none());
    assert!(store.find("kucoin", "BTC-USDT", 60).is_none());
    let found = store.find("binance", "BTC-USDT", 60).expect("it is there");
    assert_eq!((found.interval_s, found.candles.len()), (60, 1_438));
    assert_eq!(Some(found.checksum), found.coverage.sha256.map(|sha256| format!("sha256:{sha256}")));
}

#[test]
fn damage_is_told_and_breaks_nothing_else() {
    let project = Project::empty();
    project.write(".hive/candles/binance__BTC-USDT__1m.csv", &file(60, 10, &[]));
    for (name, text) in [
        ("binance__BTC-USDT__3m.csv", format!("{}1710999999,nonsense\n", file(180, 5, &[]))),
        ("binance__BTC-USDT__1s.csv", String::new()),
        ("binance__ETH-USDT__1m.parquet", "PAR1 and no more".to_owned()),
        ("binance__LTC-USDT__5m.csv", file(90, 5, &[])),
        ("minutes.csv", file(60, 5, &[])),
        ("binance__BTCUSDT__1m.csv", file(60, 5, &[])),
        ("binance__BTC-USDT__7m.csv", file(60, 5, &[])),
        ("notes.txt", "buy milk".to_owned()),
    ] {
        project.write(&format!(".hive/candles/{name}"), &text);
    }
    fs::write(project.path(".hive/candles/binance__ETH-USDT__5m.csv.gz"), b"\x1f\x8bx").expect("the folder is ours");
    let store = store(&project);
    let mut text = String::new();
    for entry in coverage(&store) {
        let Some(problem) = entry.problem else { continue };
        let help = problem.help.unwrap_or_default();
        let code = problem.code.unwrap_or_default();
        assert_eq!((entry.rows, entry.start, entry.sha256), (0, None, None), "{}", entry.source);
        let causes: Vec<String> = problem.causes.iter().map(|cause| format!("  cause: {cause}\n")).collect();
        let _ = write!(text, "{code}  {}\n{}  hint: {help}\n", problem.message, causes.concat());
    }
    insta::assert_snapshot!("damaged", text);
    assert_eq!(found(&store, 60, i64::MIN, i64::MAX).as_deref(), Some("1m.csv"));
    // A file that is mended is found at once.
    project.write(".hive/candles/binance__ETH-USDT__1m.csv", &file(60, 3, &[]));
    assert!(store.find("binance", "ETH-USDT", 60).is_some());
}

#[test]
fn a_file_that_has_not_changed_is_not_read_again() {
    let project = Project::empty();
    let (name, store) = (".hive/candles/binance__BTC-USDT__1m.csv", store(&project));
    let set_time = |age: u64| {
        let file = fs::File::options().write(true).open(project.path(name)).expect("the file is there");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - age)).expect("the file is ours");
    };
    let first = file(60, 10, &[]);
    project.write(name, &first);
    set_time(0);
    assert_eq!(coverage(&store)[0].sha256, Some(sha256_hex(first.as_bytes())));
    let second = first.replace(",12,", ",13,");
    project.write(name, &second);
    set_time(0);
    // Size and time are the same: the file was not read again.
    assert_eq!(coverage(&store)[0].sha256, Some(sha256_hex(first.as_bytes())));
    set_time(1);
    assert_eq!(coverage(&store)[0].sha256, Some(sha256_hex(second.as_bytes())));
    // What was written to a moment ago may be written to again in the same moment.
    let third = first.replace(",12,", ",14,");
    let fourth = first.replace(",12,", ",15,");
    project.write(name, &third);
    assert_eq!(coverage(&store)[0].sha256, Some(sha256_hex(third.as_bytes())));
    project.write(name, &fourth);
    assert_eq!(coverage(&store)[0].sha256, Some(sha256_hex(fourth.as_bytes())));
}

#[test]
fn candles_are_kept_in_memory_within_bounds() {
    let project = Project::empty();
    let pairs = 20;
    for pair in 0..pairs {
        project.write(&format!(".hive/candles/binance__A{pair}-USDT__1m.csv"), &file(60, 10 + pair, &[]));
    }
    let store = store(&project);
    let find = |pair: i64| store.find("binance", &format!("A{pair}-USDT"), 60).expect("it is there").candles;
    let first = find(0);
    assert!(Arc::ptr_eq(&first, &find(0)), "it was kept");
    assert!(Arc::ptr_eq(&first, &store.clone().find("binance", "A0-USDT", 60).expect("it is there").candles));
    let all: Vec<_> = (0..pairs).map(find).collect();
    assert!(Arc::ptr_eq(&all[19], &find(19)), "the last ones stay");
    assert!(!Arc::ptr_eq(&first, &find(0)), "the oldest went");
    assert_eq!(first, find(0));
}

#[test]
fn names() {
    let name = Name::of_file("binance_perpetual__1000PEPE-USDT__15m.csv.gz").expect("a name");
    assert_eq!((name.connector.as_str(), name.pair.as_str()), ("binance_perpetual", "1000PEPE-USDT"));
    assert_eq!((name.interval.as_str(), name.interval_s), ("15m", 900));
    assert_eq!(name.stem(), "binance_perpetual__1000PEPE-USDT__15m");
    for (file, expected) in [
        ("binance__BTC-USDT__1m.json", "the name ends in none of `.csv`, `.csv.gz`, `.parquet`"),
        ("binance-BTC-USDT-1m.csv", "the name has 1 parts with `__` between them"),
        ("a__b__c__d.csv", "the name has 4 parts with `__` between them"),
        ("__BTC-USDT__1m.csv", "`` and `BTC-USDT` are no connector and pair"),
        ("binance__BTCUSDT__1m.csv", "`binance` and `BTCUSDT` are no connector and pair"),
        ("binance__BTC-USDT__60.csv", "`60` is no interval"),
    ] {
        assert_eq!(Name::of_file(file).expect_err(file), expected, "{file}");
    }
}

#[test]
fn moments() {
    for (text, expected) in [
        ("2024-03-11", DAY),
        ("2024-03-11T00:01:00Z", DAY + 60),
        ("2024-03-11T02:00:00+02:00", DAY),
        ("1710115200", DAY),
    ] {
        assert_eq!(moment(text), Ok(expected), "{text}");
    }
    for text in ["", "yesterday", "2024-13-01", "2024-03-11T00:00:00", "11.03.2024", "1e9"] {
        assert!(moment(text).is_err(), "{text}");
    }
}

#[test]
fn a_job_downloads_into_the_store() {
    let (exchange, project) = (Exchange::start(), Project::empty());
    let store = store(&project);
    let request = json!({
        "connector": "kucoin", "pair": "btc-usdt", "interval": "1m", "start": DAY, "end": DAY + 600, "base_url": exchange.url(),
    });
    let refused = download::job(&store, &request, false, &Quiet).expect_err("the address is private");
    assert_eq!(refused.code, "HV0854");
    assert!(refused.message.contains("127.0.0.1") && refused.hint.is_some(), "{refused:?}");
    assert_eq!(exchange.asked(), Vec::<String>::new());
    let done = download::job(&store, &request, true, &Quiet).expect("who runs hive allows it");
    let result: serde_json::Value = serde_json::from_slice(&done.result).expect("a result is JSON");
    assert_eq!(
        (&result["pair"], &result["rows"], &result["source"]),
        (&json!("BTC-USDT"), &json!(11), &json!(".hive/candles/kucoin__BTC-USDT__1m.csv"))
    );
    assert_eq!(done.summary, json!({"new_rows": 11, "rows": 11, "missing": 0, "start": DAY, "end": DAY + 600}));
    let found = store.find("kucoin", "BTC-USDT", 300).expect("it was downloaded");
    assert_eq!(found.candles.len(), 11);
    // Nobody allows it to himself.
    let mut greedy = request.clone();
    greedy["allow_private"] = json!(true);
    let refused = download::job(&store, &greedy, false, &Quiet).expect_err("there is no such key");
    assert!(refused.message.contains("allow_private"), "{}", refused.message);
    for (key, value, code) in [
        ("connector", json!("binanec"), "HV0850"),
        ("connector", json!("../../etc"), "HV0850"),
        ("interval", json!("1s"), "HV0851"),
        ("pair", json!("../../BTC-USDT"), "HV0852"),
        ("start", json!(DAY + 601), "HV0853"),
        ("start", json!("yesterday"), "HV0853"),
        ("start", json!(null), "HV0853"),
        ("base_url", json!("not an address"), "HV0853"),
        ("base_url", json!("https://user:secret@exchange.test"), "HV0854"),
    ] {
        let mut request = request.clone();
        request[key] = value.clone();
        let refused = download::job(&store, &request, true, &Quiet).expect_err("a wrong request");
        assert_eq!(refused.code, code, "{key} {value}: {refused:?}");
        assert!(!refused.message.contains("secret"), "{}", refused.message);
    }
    let wanted: Wanted = serde_json::from_value(request.clone()).expect("a request");
    // As in a request, so in a job that is kept.
    assert_eq!(
        serde_json::to_value(&wanted).expect("a request"),
        json!({"base_url": format!("{}/", exchange.url()), "connector": "kucoin", "end": DAY + 600, "interval": "1m", "pair": "btc-usdt", "start": DAY})
    );
    assert!(wanted.check(store.project()).is_err(), "private addresses are not allowed by a request");
}
