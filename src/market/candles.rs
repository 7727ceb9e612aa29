//! Candles in columns: parsing, checking, resampling and cutting to a window.

mod row;

use std::borrow::Cow;

use thiserror::Error;

/// Candles in columns, stamped at their open time, in strictly rising order.
///
/// Every column has the same length; every price and volume is finite.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Candles {
    /// Open times, UTC epoch seconds.
    pub time: Vec<i64>,
    /// Prices at the open time.
    pub open: Vec<f64>,
    /// Highest prices.
    pub high: Vec<f64>,
    /// Lowest prices.
    pub low: Vec<f64>,
    /// Prices at the close.
    pub close: Vec<f64>,
    /// Traded volumes, in base.
    pub volume: Vec<f64>,
}

/// A stretch without candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The open time of the last candle before it.
    pub after: i64,
    /// How many candles are missing.
    pub missing: i64,
}

/// What is wrong with a candle file.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs, reason = "the messages say what the fields hold")]
pub enum Error {
    /// The first line does not name the columns.
    #[error("line 1 names the columns `{found}`, but `{COLUMNS}` was expected")]
    Header { found: String },
    /// A row has too few or too many fields.
    #[error("line {line} has {found} fields, but {expected} were expected")]
    FieldCount { line: usize, found: usize, expected: usize },
    /// A field is not a number.
    #[error("line {line}: `{column}` is `{text}`, which is not a number")]
    NotANumber { line: usize, column: &'static str, text: String },
    /// A field is NaN or infinite.
    #[error("line {line}: `{column}` is `{text}`, which is not finite")]
    NotFinite { line: usize, column: &'static str, text: String },
    /// A price is zero or negative.
    #[error("line {line}: `{column}` is {value}, but prices are greater than zero")]
    NotPositive { line: usize, column: &'static str, value: f64 },
    /// A timestamp has a fraction of a second.
    #[error("line {line}: timestamp `{text}` is not a whole number of seconds")]
    FractionalTime { line: usize, text: String },
    /// A timestamp is in milliseconds or finer.
    #[error("line {line}: timestamp `{text}` is not in seconds; divide by {divisor}")]
    NotSeconds { line: usize, text: String, divisor: i64 },
    /// A row repeats the timestamp of the row before.
    #[error("line {line} repeats timestamp {time} of line {before}")]
    Duplicate { line: usize, before: usize, time: i64 },
    /// A row is earlier than the row before.
    #[error("line {line} has timestamp {time}, which is before {previous} of line {before}")]
    Unsorted { line: usize, before: usize, time: i64, previous: i64 },
    /// The file has no rows.
    #[error("there are no candles")]
    Empty,
    /// The asked interval is finer than the candles.
    #[error("candles of {interval} s cannot be replayed at {resolution} s")]
    TooCoarse { interval: i64, resolution: i64 },
    /// The asked interval is not a multiple of the candles'.
    #[error("candles of {interval} s cannot be joined to {resolution} s, which is not a multiple")]
    NotAMultiple { interval: i64, resolution: i64 },
}

/// The columns of a candle file, in order.
const COLUMNS: &str = "timestamp,open,high,low,close,volume";
const NAMES: [&str; 6] = ["timestamp", "open", "high", "low", "close", "volume"];

/// Epoch seconds beyond the year 9999 are milliseconds or finer.
const LATEST_SECOND: f64 = 253_402_300_799.0;

impl Candles {
    /// Parses comma-separated rows under the header `timestamp,open,high,low,close,volume`.
    ///
    /// Timestamps are UTC epoch seconds (`1767225600` or `1767225600.0`). Further columns are allowed and ignored; empty
    /// lines at the end are, too.
    ///
    /// # Errors
    ///
    /// Names the line of the first row that is malformed, not finite, not positive, out of order or repeated.
    pub fn parse_csv(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (header, mut rest) = text.split_once('\n').unwrap_or((text, ""));
        let header = header.trim();
        let names: Vec<String> =
            header.split(',').map(|name| name.trim().trim_matches('"').to_ascii_lowercase()).collect();
        if names.len() < NAMES.len() || names.iter().zip(NAMES).any(|(found, expected)| found != expected) {
            return Err(Error::Header { found: header.to_owned() });
        }
        let mut candles = Self::default();
        // A row of prices takes some fifty bytes.
        candles.reserve(text.len() / 48);
        let (mut line, mut before) = (1, 0);
        while !rest.is_empty() {
            line += 1;
            if let Some(plain) = row::plain(rest.as_bytes(), names.len()) {
                candles.push_checked(line, before, plain.time, plain.values)?;
                rest = &rest[plain.byte_count..];
            } else {
                let (row, below) = rest.split_once('\n').unwrap_or((rest, ""));
                rest = below;
                if row.trim().is_empty() {
                    continue;
                }
                candles.push_row(line, row, names.len(), before)?;
            }
            before = line;
        }
        if candles.is_empty() { Err(Error::Empty) } else { Ok(candles) }
    }

    fn reserve(&mut self, rows: usize) {
        self.time.reserve(rows);
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume] {
            column.reserve(rows);
        }
    }

    fn push_row(&mut self, line: usize, row: &str, columns: usize, before: usize) -> Result<(), Error> {
        let mut fields = row.split(',').map(str::trim);
        let mut next = |found: usize| fields.next().ok_or(Error::FieldCount { line, found, expected: columns });
        let time_text = next(0)?;
        let mut values = [0.0f64; 5];
        for (index, value) in values.iter_mut().enumerate() {
            let text = next(index + 1)?;
            let column = NAMES[index + 1];
            *value = text.parse().map_err(|_| Error::NotANumber { line, column, text: text.to_owned() })?;
            if !value.is_finite() {
                return Err(Error::NotFinite { line, column, text: text.to_owned() });
            }
        }
        let found = NAMES.len() + fields.count();
        if found != columns {
            return Err(Error::FieldCount { line, found, expected: columns });
        }
        self.push_checked(line, before, parse_time(line, time_text)?, values)
    }

    /// Appends a row whose order and prices are checked here.
    fn push_checked(&mut self, line: usize, before: usize, time: i64, values: [f64; 5]) -> Result<(), Error> {
        if let Some(&previous) = self.time.last() {
            if previous == time {
                return Err(Error::Duplicate { line, before, time });
            }
            if previous > time {
                return Err(Error::Unsorted { line, before, time, previous });
            }
        }
        for (column, value) in NAMES[1..5].iter().zip(values) {
            if value <= 0.0 {
                return Err(Error::NotPositive { line, column, value });
            }
        }
        self.push(time, values);
        Ok(())
    }

    /// Appends a row; the caller keeps the order.
    pub(super) fn push(&mut self, time: i64, [open, high, low, close, volume]: [f64; 5]) {
        self.time.push(time);
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }

    /// Returns the number of candles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Returns whether there are no candles.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Returns the length of a candle in seconds: the smallest distance of two neighbours; `None` below two candles.
    #[must_use]
    pub fn interval(&self) -> Option<i64> {
        self.time.windows(2).map(|pair| pair[1] - pair[0]).min()
    }

    /// Joins candles to a longer interval, as Hummingbot's feeds would deliver them.
    ///
    /// Rows fall into steps of `resolution` seconds since the epoch: first open, highest high, lowest low, last close,
    /// summed volume. A step without rows stays absent. Candles of one row, whose own length is unknown, are joined too.
    ///
    /// # Errors
    ///
    /// Refuses a resolution that is finer than the candles or not a multiple of them.
    pub fn resampled(&self, resolution: i64) -> Result<Cow<'_, Self>, Error> {
        if self.is_whole(resolution) {
            return Ok(Cow::Borrowed(self));
        }
        match self.interval() {
            Some(interval) if interval == resolution && self.is_in_step(resolution) => {
                return Ok(Cow::Borrowed(self));
            }
            Some(interval) if interval > resolution => {
                return Err(Error::TooCoarse { interval, resolution });
            }
            Some(interval) if resolution % interval != 0 => {
                return Err(Error::NotAMultiple { interval, resolution });
            }
            _ => {}
        }
        let mut joined = Self::default();
        for row in 0..self.len() {
            let step = self.time[row].div_euclid(resolution) * resolution;
            if joined.time.last() == Some(&step) {
                let last = joined.len() - 1;
                joined.high[last] = joined.high[last].max(self.high[row]);
                joined.low[last] = joined.low[last].min(self.low[row]);
                joined.close[last] = self.close[row];
                joined.volume[last] += self.volume[row];
            } else {
                joined.push(step, [self.open[row], self.high[row], self.low[row], self.close[row], self.volume[row]]);
            }
        }
        Ok(Cow::Owned(joined))
    }

    /// Returns whether there are two candles or more, in steps of `resolution` seconds without a gap.
    fn is_whole(&self, resolution: i64) -> bool {
        // Counting them all goes without branches, and so takes a fraction of the time of looking for the first.
        let gap_count = self.time.windows(2).filter(|pair| pair[1] - pair[0] != resolution).count();
        gap_count == 0 && self.len() > 1 && self.time[0] % resolution == 0
    }

    /// Returns whether every open time is a multiple of `resolution` seconds.
    fn is_in_step(&self, resolution: i64) -> bool {
        // Most neighbours are one step apart, and comparing is much cheaper than dividing.
        let in_step = |pair: &[i64]| pair[1] - pair[0] == resolution || (pair[1] - pair[0]) % resolution == 0;
        self.time.first().is_none_or(|first| first % resolution == 0) && self.time.windows(2).all(in_step)
    }

    /// Returns the candles whose open time is in `start..=end`.
    #[must_use]
    pub fn window(&self, start: i64, end: i64) -> Cow<'_, Self> {
        let from = self.time.partition_point(|&time| time < start);
        let to = self.time.partition_point(|&time| time <= end).max(from);
        if to - from == self.len() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            time: self.time[from..to].to_vec(),
            open: self.open[from..to].to_vec(),
            high: self.high[from..to].to_vec(),
            low: self.low[from..to].to_vec(),
            close: self.close[from..to].to_vec(),
            volume: self.volume[from..to].to_vec(),
        })
    }

    /// Returns the candles of some rows, which must be in rising order.
    #[must_use]
    pub fn picked(&self, rows: &[usize]) -> Self {
        let column = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        Self {
            time: rows.iter().map(|&row| self.time[row]).collect(),
            open: column(&self.open),
            high: column(&self.high),
            low: column(&self.low),
            close: column(&self.close),
            volume: column(&self.volume),
        }
    }

    /// Returns the stretches in which candles of `interval` seconds are missing.
    #[must_use]
    pub fn gaps(&self, interval: i64) -> Vec<Gap> {
        let missing = |pair: &[i64]| Gap { after: pair[0], missing: (pair[1] - pair[0]) / interval - 1 };
        self.time.windows(2).map(missing).filter(|gap| gap.missing > 0).collect()
    }
}

fn parse_time(line: usize, text: &str) -> Result<i64, Error> {
    if let Ok(time) = text.parse::<i64>()
        && (time as f64) <= LATEST_SECOND
    {
        return Ok(time);
    }
    let column = NAMES[0];
    let time: f64 = text.parse().map_err(|_| Error::NotANumber { line, column, text: text.to_owned() })?;
    if !time.is_finite() {
        return Err(Error::NotFinite { line, column, text: text.to_owned() });
    }
    if time > LATEST_SECOND {
        let divisor = [1_000, 1_000_000, 1_000_000_000].into_iter().find(|&by| time / (by as f64) <= LATEST_SECOND);
        return Err(Error::NotSeconds { line, text: text.to_owned(), divisor: divisor.unwrap_or(1_000_000_000) });
    }
    if time.fract() != 0.0 {
        return Err(Error::FractionalTime { line, text: text.to_owned() });
    }
    // Whole and below the year 10000, so the conversion is exact.
    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
    Ok(time as i64)
}
