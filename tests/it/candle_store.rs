//! Candles by connector, pair and interval: what the store finds, what it says of damage, and how more come from exchanges.

mod download;
pub(crate) mod exchange;
mod faults;
mod find;
mod parquet;
mod reach;
mod stopped;
mod watch;

use std::path::Path;
use std::time::Duration;

use hive::io::klines;
use hive::io::klines::Order;
use hive::io::klines::Pace;
use hive::io::klines::Pair;
use hive::io::klines::registry;
use url::Url;

use self::exchange::Exchange;

/// 2024-03-11, midnight: a day on which every exchange was there.
const DAY: i64 = 1_710_115_200;

/// Two days of minutes, both ends included.
const TWO_DAYS: i64 = DAY + 2 * 86_400;

/// A pace at which a test does not wait.
fn pace() -> Pace {
    Pace {
        attempts_max: 4,
        first_pause: Duration::from_millis(1),
        pause_max: Duration::from_millis(4),
        wait_max: Duration::from_secs(2),
        window: Duration::from_millis(200),
    }
}

/// Returns an order for minutes of a pair that the exchange has, into a file of a folder.
fn order(exchange: &Exchange, venue: &str, folder: &Path, start: i64, end: i64) -> Order {
    let venue = registry::named(venue).expect("a known exchange");
    let interval = *venue.intervals().iter().find(|interval| interval.name == "1m").expect("everybody has minutes");
    Order {
        venue,
        pair: Pair::parse("BTC-USDT").expect("a pair"),
        interval,
        start,
        end,
        base: Some(Url::parse(&exchange.url()).expect("an address")),
        allow_private: true,
        file: folder.join("minutes.csv"),
        pace: pace(),
    }
}

/// Downloads with nobody watching.
fn fetched(order: &Order) -> Result<klines::Fetched, klines::Error> {
    klines::download(order, &watch::Quiet)
}
