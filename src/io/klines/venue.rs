//! What is different from one exchange to another?

use std::time::Duration;

use serde_json::Value;
use url::Url;

/// An exchange that tells the candles of its spot markets.
pub trait Venue: Sync {
    /// Returns what Hummingbot calls the exchange: the name of its connector.
    fn name(&self) -> &'static str;

    /// Returns where the exchange answers by itself.
    fn base_url(&self) -> &'static str;

    /// Returns the lengths of candles that it has, the shortest first.
    fn intervals(&self) -> &'static [Interval];

    /// Returns the most candles that one answer is asked to hold.
    fn page_rows_max(&self) -> i64;

    /// Returns the address of the candles of a stretch.
    fn address(&self, base: &Url, pair: &Pair, interval: &Interval, stretch: Stretch) -> Url;

    /// Reads an answer that is JSON, in whatever order its rows are.
    ///
    /// # Errors
    ///
    /// Tells what the exchange says instead of candles.
    fn read(&self, status: u16, answer: &Value) -> Result<Vec<Row>, Refusal>;

    /// Returns how long to wait before the next request so that the exchange's limit is never met; `header` returns a header
    /// of the last answer, and `since_epoch` is the time now.
    fn wait(&self, header: &dyn Fn(&str) -> Option<u64>, since_epoch: Duration, window: Duration) -> Option<Duration>;
}

/// A length of candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// What everybody calls it, `1m`.
    pub name: &'static str,
    /// Its seconds.
    pub seconds: i64,
    /// What the exchange calls it.
    pub code: &'static str,
}

/// A trading pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What is bought and sold, `BTC`.
    pub base: String,
    /// What it is paid with, `USDT`.
    pub quote: String,
}

impl Pair {
    /// Reads `BTC-USDT`: letters and digits with one dash between them; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const LENGTH_MAX: usize = 20;
        let (base, quote) = text.split_once('-')?;
        let is_symbol = |part: &str| {
            (1..=LENGTH_MAX).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let is_pair = is_symbol(base) && is_symbol(quote);
        is_pair.then(|| Self { base: base.to_ascii_uppercase(), quote: quote.to_ascii_uppercase() })
    }
}

/// Candles that follow one another, by their open times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first open time, epoch seconds.
    pub from: i64,
    /// The open time behind the last one, epoch seconds.
    pub to: i64,
}

impl Stretch {
    /// Returns whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// Returns how many candles of `interval` seconds are in it.
    #[must_use]
    pub fn steps(self, interval: i64) -> i64 {
        (self.to - self.from).max(0) / interval
    }
}

/// A candle as an exchange tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Its open time, epoch seconds.
    pub time: i64,
    /// Open, high, low, close, volume in base.
    pub values: [f64; 5],
}

/// What an exchange says instead of candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There were too many requests.
    Busy,
    /// Something is wrong with it at the moment.
    Passing(String),
    /// It refuses, and will do so again.
    Said(String),
    /// The answer is not of the form that it should be.
    Shape(String),
}

/// Reads a number that is written as text, as exchanges do to keep its digits, or as a number.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}

/// Reads the rows of an answer.
pub(super) fn rows(rows: &Value, row: impl Fn(&[Value]) -> Option<Row>) -> Result<Vec<Row>, Refusal> {
    let shape = |value: &Value| Refusal::Shape(excerpt(&value.to_string()));
    let all = rows.as_array().ok_or_else(|| shape(rows))?;
    all.iter().map(|fields| fields.as_array().and_then(|fields| row(fields)).ok_or_else(|| shape(fields))).collect()
}

/// Returns the beginning of a text, on one line.
pub(super) fn excerpt(text: &str) -> String {
    const CHARACTERS_MAX: usize = 100;
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
