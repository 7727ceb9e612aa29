//! What does the name of a candle file say?

use crate::recipe::resolve::INTERVALS;

/// Where candle files of a project are found by name, relative to its root.
pub const FOLDER: &str = ".hive/candles";

/// What stands between the parts of a name.
const BETWEEN: &str = "__";

/// The endings of files that can be read.
const ENDINGS: [&str; 3] = [".csv", ".csv.gz", ".parquet"];

/// What candles are called by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The venue, `binance`.
    pub connector: String,
    /// The trading pair, `BTC-USDT`.
    pub pair: String,
    /// The length of a candle, `1m`.
    pub interval: String,
    /// The length of a candle, in seconds.
    pub interval_s: i64,
}

impl Name {
    /// Reads the name of a file, `binance__BTC-USDT__1m.csv.gz`.
    ///
    /// # Errors
    ///
    /// Says which part is not as it should be.
    pub fn of_file(file_name: &str) -> Result<Self, String> {
        let stem = ENDINGS.iter().rev().find_map(|ending| file_name.strip_suffix(ending));
        let stem = stem.ok_or_else(|| format!("the name ends in none of {}", quoted(&ENDINGS)))?;
        let parts: Vec<&str> = stem.split(BETWEEN).collect();
        let [connector, pair, interval] = parts[..] else {
            return Err(format!("the name has {} parts with `{BETWEEN}` between them", parts.len()));
        };
        let is_pair = pair.split_once('-').is_some_and(|(base, quote)| !base.is_empty() && !quote.is_empty());
        if connector.is_empty() || !is_pair {
            return Err(format!("`{connector}` and `{pair}` are no connector and pair"));
        }
        let interval_s = seconds(interval).ok_or_else(|| format!("`{interval}` is no interval"))?;
        Ok(Self { connector: connector.to_owned(), pair: pair.to_owned(), interval: interval.to_owned(), interval_s })
    }

    /// Returns the name without an ending.
    #[must_use]
    pub fn stem(&self) -> String {
        [self.connector.as_str(), self.pair.as_str(), self.interval.as_str()].join(BETWEEN)
    }
}

/// Returns the seconds of an interval, `1m`; `None` where there is no such interval.
#[must_use]
pub fn seconds(interval: &str) -> Option<i64> {
    INTERVALS.iter().find(|(name, _)| *name == interval).map(|(_, seconds)| *seconds)
}

/// Returns what an interval is called, `1m` or, where it has no name of its own, `90s`.
#[must_use]
pub fn interval(seconds: i64) -> String {
    let named = INTERVALS.iter().find(|(_, known)| *known == seconds).map(|(name, _)| (*name).to_owned());
    named.unwrap_or_else(|| format!("{seconds}s"))
}

/// Returns names in backticks, with commas between them.
pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
