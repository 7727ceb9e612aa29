//! What a download makes of what an exchange has: pages, gaps, extensions at both ends.

use std::fs;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use hive::io::klines;
use hive::io::klines::Error;
use hive::io::klines::registry;
use tempfile::TempDir;
use url::Url;

use super::DAY;
use super::TWO_DAYS;
use super::exchange::Exchange;
use super::exchange::Fault;
use super::fetched;
use super::order;
use super::watch::Noting;
use crate::fetch::drawn;

const VENUES: [&str; 2] = ["binance", "kucoin"];

#[test]
fn two_days_are_a_few_pages() {
    for (venue, pages, first) in [
        (
            "binance",
            3,
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1710115200000&endTime=1710175199999&limit=1000",
        ),
        ("kucoin", 2, "/api/v1/market/candles?type=1min&symbol=BTC-USDT&startAt=1710115200&endAt=1710205140"),
    ] {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        let watch = Noting::default();
        let fetched = klines::download(&order, &watch).expect("the exchange answers");
        assert_eq!((fetched.new_count, fetched.asked_count), (2_881, 2_881), "{venue}");
        assert_eq!(
            fs::read_to_string(&order.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
        let asked = exchange.asked();
        assert_eq!((asked.len(), asked[0].as_str()), (pages, first), "{venue}");
        let rows = watch.seen().rows.clone();
        assert_eq!((rows[0], rows[rows.len() - 1]), ((0, 2_881), (2_881, 2_881)), "{venue}");
        assert!(rows.is_sorted(), "{venue}: {rows:?}");
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        assert_eq!(left.len(), 1, "{venue}: only the file is left: {left:?}");
    }
}

#[test]
fn what_is_there_is_not_asked_again() {
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let middle = order(&exchange, venue, folder.path(), DAY + 36_000, DAY + 72_000);
        fetched(&middle).expect("the exchange answers");
        exchange.asked();
        assert_eq!(fetched(&middle).expect("nothing is missing").new_count, 0);
        assert_eq!(exchange.asked(), Vec::<String>::new(), "{venue}");
        let whole = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        assert_eq!(fetched(&whole).expect("the exchange answers").new_count, 2_881 - 601, "{venue}");
        assert_eq!(
            fs::read_to_string(&whole.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
    }
}

#[test]
fn a_time_far_away_is_joined_to_the_file_without_a_hole() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    fetched(&order(&exchange, "binance", folder.path(), DAY, DAY + 600)).expect("the exchange answers");
    let far = order(&exchange, "binance", folder.path(), TWO_DAYS - 600, TWO_DAYS);
    fetched(&far).expect("the exchange answers");
    assert_eq!(fs::read_to_string(&far.file).expect("the file is there"), exchange.file(DAY, TWO_DAYS));
}

#[test]
fn gaps_of_the_exchange_stay_gaps() {
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let gaps = [(0, 3), (500, 1), (990, 30), (1_400, 200), (2_870, 11)];
        exchange.state().missing =
            gaps.iter().flat_map(|(from, count)| (0..*count).map(move |step| DAY + (from + step) * 60)).collect();
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        assert_eq!(fetched(&order).expect("the exchange answers").new_count, 2_881 - 245, "{venue}");
        assert_eq!(
            fs::read_to_string(&order.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
        let asked = exchange.asked().len();
        assert!(asked < 15, "{venue}: {asked} questions");
    }
}

#[test]
fn years_before_a_pair_was_listed_take_few_questions() {
    const YEARS: i64 = 7 * 365 * 86_400;
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        exchange.state().listed = DAY + 120;
        // Upward from nothing, and downward from a file.
        for (start, end) in [(DAY - YEARS, DAY + 6_000), (DAY - YEARS, DAY + 12_000)] {
            let order = order(&exchange, venue, folder.path(), start, end);
            fetched(&order).expect("the exchange answers");
            assert_eq!(fs::read_to_string(&order.file).expect("the file is there"), exchange.file(DAY, end), "{venue}");
            let asked = exchange.asked().len();
            assert!(asked < 80, "{venue}: {asked} questions");
        }
    }
}

#[test]
fn an_exchange_that_answers_with_less_than_it_says_leaves_no_hole() {
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        exchange.state().rows_max = Some(300);
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        fetched(&order).expect("the exchange answers");
        assert_eq!(
            fs::read_to_string(&order.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
    }
}

#[test]
fn a_candle_that_has_not_ended_is_left_out() {
    let now =
        || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()).expect("small");
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let order = order(&exchange, venue, folder.path(), now() - 3_600, now() + 86_400);
        let before = now();
        fetched(&order).expect("the exchange answers");
        let text = fs::read_to_string(&order.file).expect("the file is there");
        let last: i64 = text.lines().last().and_then(|row| row.split(',').next()?.parse().ok()).expect("a time");
        assert!(last + 60 <= now() && last + 60 > before - 60, "{venue}: {last} at {before}");
    }
}

#[test]
fn limits_are_not_met() {
    for (venue, headers) in [
        ("binance", vec![("x-mbx-used-weight-1m", "5000")]),
        ("kucoin", vec![("gw-ratelimit-limit", "500"), ("gw-ratelimit-remaining", "20"), ("gw-ratelimit-reset", "30")]),
    ] {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        exchange.state().headers = [headers[0]].map(|(name, value)| (name, value.to_owned())).into();
        if venue == "kucoin" {
            exchange.state().headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        }
        let watch = Noting::default();
        klines::download(&order, &watch).expect("the exchange answers");
        let told = watch.seen().told.clone();
        assert!(told.iter().all(|text| text.contains(&format!("until {venue} has room again"))), "{told:?}");
        // Before each page but the first.
        assert_eq!(told.len(), exchange.asked().len() - 1, "{venue}: {told:?}");
        let roomy = Noting::default();
        exchange.state().headers = [("x-mbx-used-weight-1m", "40".to_owned())].into();
        fs::remove_file(&order.file).expect("the file is there");
        klines::download(&order, &roomy).expect("the exchange answers");
        assert_eq!(roomy.seen().told, Vec::<String>::new(), "{venue}");
    }
}

#[test]
fn orders_that_cannot_be() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let far = i64::from(u32::MAX) * 2;
    for (name, start, end) in [
        ("order_backwards", TWO_DAYS, DAY),
        ("order_future", far, far + 600),
        ("order_between", DAY + 1, DAY + 59),
        ("order_before_1970", -60, DAY),
        ("order_too_many", 0, DAY),
    ] {
        let error = fetched(&order(&exchange, "binance", folder.path(), start, end)).expect_err(name);
        insta::assert_snapshot!(name, drawn(&error));
    }
    assert_eq!(exchange.asked(), Vec::<String>::new());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is written");
}

#[test]
fn nothing_to_download() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    exchange.state().listed = i64::MAX / 2;
    let error = fetched(&order(&exchange, "kucoin", folder.path(), DAY, TWO_DAYS)).expect_err("there is nothing");
    insta::assert_snapshot!("download_nothing", drawn(&error));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is written");
}

#[test]
fn files_of_others_are_left_as_they_are() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let order = order(&exchange, "binance", folder.path(), DAY, TWO_DAYS);
    let head = "timestamp,open,high,low,close,volume";
    for (name, text) in [
        ("existing_columns", format!("{head},trades\n{DAY},1,1,1,1,1,5\n")),
        ("existing_damaged", format!("{head}\n{DAY},1,1,1,1,1\n{DAY},2,2,2,2,2\n")),
        ("existing_cut", format!("{head}\n{DAY},1,1,1\n")),
        ("existing_interval", format!("{head}\n{},1,1,1,1,1\n", DAY + 30)),
    ] {
        fs::write(&order.file, &text).expect("a fresh folder");
        let error = fetched(&order).expect_err(name);
        assert!(matches!(error, Error::Existing { .. }), "{name}: {error}");
        insta::assert_snapshot!(name, drawn(&error).replace(&folder.path().display().to_string(), "FOLDER"));
        assert_eq!(fs::read_to_string(&order.file).expect("the file is there"), text, "{name}");
    }
    assert_eq!(exchange.asked(), Vec::<String>::new());
}

#[test]
fn each_exchange_can_be_asked_for_each_of_its_intervals() {
    for venue in registry::VENUES {
        let base = Url::parse(venue.base_url()).expect("an address");
        assert_eq!(base.scheme(), "https");
        let names: Vec<&str> = venue.intervals().iter().map(|interval| interval.name).collect();
        for name in ["1m", "3m", "5m", "15m", "30m", "1h", "4h", "1d"] {
            assert!(names.contains(&name), "{}: {name}", venue.name());
        }
        assert_eq!(names.contains(&"1s"), venue.name() == "binance");
        for interval in venue.intervals() {
            let known = hive::workflow::candles::name::seconds(interval.name);
            assert_eq!(known, Some(interval.seconds), "{} {}", venue.name(), interval.name);
        }
    }
}

#[test]
fn a_base_address_may_have_a_path() {
    let base = Url::parse("https://mirror.test/binance/").expect("an address");
    let venue = registry::named("binance").expect("a known exchange");
    let pair = klines::Pair::parse("eth-usdt").expect("a pair");
    let stretch = klines::venue::Stretch { from: 0, to: 60 };
    let url = venue.address(&base, &pair, &venue.intervals()[1], stretch);
    let expected =
        "https://mirror.test/binance/api/v3/klines?symbol=ETHUSDT&interval=1m&startTime=0&endTime=59999&limit=1000";
    assert_eq!(url.as_str(), expected);
}

#[test]
fn pairs() {
    for (text, expected) in
        [("BTC-USDT", Some("BTC USDT")), ("btc-usdt", Some("BTC USDT")), ("1INCH-USDT", Some("1INCH USDT"))]
    {
        let pair = klines::Pair::parse(text).map(|pair| format!("{} {}", pair.base, pair.quote));
        assert_eq!(pair.as_deref(), expected, "{text}");
    }
    for text in
        ["", "BTCUSDT", "BTC-", "-USDT", "BTC-USDT-X", "BTC/USDT", "../BTC-USDT", "BTC-US DT", "B%C-USDT", "é-USDT"]
    {
        assert_eq!(klines::Pair::parse(text), None, "{text}");
    }
    assert_eq!(klines::Pair::parse(&format!("{}-USDT", "A".repeat(21))), None);
}

#[test]
fn rows_twice_and_in_no_order_are_one_each() {
    for venue in VENUES {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        exchange.state().always = Some(Fault::Twice);
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        fetched(&order).expect("the exchange answers");
        assert_eq!(
            fs::read_to_string(&order.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
    }
}
