//! `hive candles`: what there is, what it lacks, and more of it.

use super::project::Project;
use crate::candle_store::exchange::Exchange;

fn download<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let arguments = ["candles", "download", "binance", "BTC-USDT", "--interval", "1m", "--start", "2024-03-11"];
    [arguments.as_slice(), &["--end", "2024-03-11T02:00:00Z", "--base-url", url], more].concat()
}

#[test]
fn a_folder_without_candles() {
    let project = Project::empty();
    insta::assert_snapshot!("candles_none", project.hive(&["candles", "list"]).with(0));
    project.hive(&["candles", "coverage"]).with(0);
    assert_eq!(
        project.hive(&["candles", "list", "--format", "json"]).json(0)["candles"].as_array().map(Vec::len),
        Some(0)
    );
    assert_eq!(project.files("").len(), 0, "nothing is written");
}

#[test]
fn candles_are_listed_and_damage_is_told() {
    let project = Project::new();
    insta::assert_snapshot!("candles_list", project.hive(&["candles", "list"]).with(0));
    insta::assert_snapshot!("candles_coverage", project.hive(&["candles", "coverage"]).with(0));
    project.write(".hive/candles/binance__BTC-USDT__1m.csv", "timestamp,open,high,low,close,volume\n60,1,1,1,one,1\n");
    insta::assert_snapshot!("candles_damaged", project.hive(&["candles", "coverage"]).with(1));
    insta::assert_snapshot!("candles_list_damaged", project.hive(&["candles", "list"]).with(0));
    let all = project.hive(&["candles", "coverage", "--format", "json"]).json(1);
    let damaged = &all["candles"][0];
    assert_eq!((&damaged["connector"], &damaged["start"]), (&"binance".into(), &serde_json::Value::Null));
    assert_eq!(damaged["problem"]["code"], "HV0402");
}

#[test]
fn candles_are_downloaded() {
    let (exchange, project) = (Exchange::start(), Project::empty());
    let url = exchange.url();
    let arguments = download(&url, &["--allow-private"]);
    insta::assert_snapshot!("candles_download", project.hive(&arguments).with(0));
    let again = project.hive(&[arguments.as_slice(), &["--format", "json"]].concat()).json(0);
    assert_eq!((&again["new_rows"], &again["coverage"]["rows"]), (&0.into(), &121.into()));
    assert_eq!(project.read(".hive/candles/binance__BTC-USDT__1m.csv"), exchange.file(1_710_115_200, 1_710_122_400));
}

#[test]
fn downloads_that_are_refused() {
    let (exchange, project) = (Exchange::start(), Project::empty());
    let url = exchange.url();
    let refused = project.hive(&download(&url, &[]));
    insta::assert_snapshot!("candles_private", exchange.named(&refused.with(2)));
    insta::assert_snapshot!(
        "candles_offline",
        project.hive(&download(&url, &["--allow-private", "--offline"])).with(2)
    );
    let mut arguments = download(&url, &["--allow-private"]);
    for (name, place, value) in
        [("candles_venue", 2, "binanec"), ("candles_pair", 3, "BTCUSDT"), ("candles_interval", 5, "7m")]
    {
        let before = std::mem::replace(&mut arguments[place], value);
        insta::assert_snapshot!(name, project.hive(&arguments).with(2));
        arguments[place] = before;
    }
    arguments[7] = "11.3.2024";
    insta::assert_snapshot!("candles_moment", project.hive(&arguments).with(2));
    assert_eq!(exchange.asked(), Vec::<String>::new());
    assert_eq!(project.files("").len(), 0, "nothing is written");
}
