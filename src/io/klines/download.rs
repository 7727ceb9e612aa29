//! How does one file come to hold all candles of a market from one time to another?

use std::fs;
use std::io;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use url::Url;

use crate::io::files;
use crate::io::klines::client;
use crate::io::klines::client::Client;
use crate::io::klines::error::Error;
use crate::io::klines::journal;
use crate::io::klines::journal::Journal;
use crate::io::klines::pace::Pace;
use crate::io::klines::pages::Asking;
use crate::io::klines::pages::Direction;
use crate::io::klines::reach;
use crate::io::klines::venue::Interval;
use crate::io::klines::venue::Pair;
use crate::io::klines::venue::Row;
use crate::io::klines::venue::Stretch;
use crate::io::klines::venue::Venue;
use crate::market::Candles;

/// The most candles that one download asks for: nine years of minutes.
pub const ROWS_MAX: i64 = 5_000_000;

/// The first line of a candle file.
const HEADER: &str = "timestamp,open,high,low,close,volume\n";

/// Who waits for a download.
pub trait Watch: Sync {
    /// Tells how many of the candles that were asked for are settled: they have come, or the exchange has none.
    fn rows(&self, done: u64, total: u64);

    /// Tells what has just happened.
    fn told(&self, text: &str);

    /// Returns whether to stop now.
    fn is_cancelled(&self) -> bool;
}

/// What to download.
#[derive(Clone)]
pub struct Order {
    /// The exchange.
    pub venue: &'static dyn Venue,
    /// The trading pair.
    pub pair: Pair,
    /// The length of a candle.
    pub interval: Interval,
    /// The earliest open time, epoch seconds.
    pub start: i64,
    /// The latest open time, epoch seconds; candles that have not ended yet are left out.
    pub end: i64,
    /// Another address than the exchange's own.
    pub base: Option<Url>,
    /// Whether that address may be one of this machine or its networks.
    pub allow_private: bool,
    /// The file that is made or extended.
    pub file: PathBuf,
    /// The bounds on asking and waiting.
    pub pace: Pace,
}

/// What came of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// How many candles are new in the file.
    pub new_count: u64,
    /// How many were asked for, those that the exchange does not have among them.
    pub asked_count: u64,
}

impl Order {
    /// Checks what can be checked without asking anybody, and returns the stretch of candles that have ended by now.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the window or the address.
    pub fn check(&self) -> Result<Stretch, Error> {
        if let Some(base) = &self.base {
            let refused = |source| Error::Address { url: client::bare(base), source };
            reach::check(base, self.allow_private).map_err(refused)?;
        }
        let window = |problem: &str, mend: &'static str| Error::Window { problem: problem.to_owned(), mend };
        let interval = self.interval.seconds;
        if self.start < 0 || self.end < self.start {
            return Err(window("the end is before the start, or both are before 1970", "name an earlier start"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let ended = i64::try_from(now).unwrap_or(i64::MAX).div_euclid(interval) * interval;
        let from = self.start.div_euclid(interval) * interval + if self.start % interval == 0 { 0 } else { interval };
        let to = (self.end.div_euclid(interval) * interval).saturating_add(interval).min(ended);
        let stretch = Stretch { from, to };
        if stretch.is_empty() {
            let mend = "only candles that have ended are downloaded; name an earlier start, or a later end";
            return Err(window("no candle opens in that time and has ended by now", mend));
        }
        too_many(stretch.steps(interval))?;
        Ok(stretch)
    }
}

fn too_many(steps: i64) -> Result<(), Error> {
    if steps <= ROWS_MAX {
        return Ok(());
    }
    let problem = format!("{steps} candles are more than the {ROWS_MAX} that one download asks for");
    let mend = "name a shorter time or a longer interval; a file that is there is extended without a hole, so name a time near it";
    Err(Error::Window { problem, mend })
}

/// Downloads the candles that the file of an order lacks.
///
/// # Errors
///
/// Says why the download ended. What had come before is in the file by then.
pub fn download(order: &Order, watch: &dyn Watch) -> Result<Fetched, Error> {
    let wanted = order.check()?;
    let interval = order.interval.seconds;
    let mut journal = Journal::open(&order.file)?;
    let (existing, sha256) = match existing(&order.file, interval)? {
        Some((candles, sha256)) => (candles, Some(sha256)),
        None => (Candles::default(), None),
    };
    let mut rows = journal.begin(sha256.as_deref())?;
    let known = extent(&existing, &rows, interval);
    let missing = missing(wanted, known);
    let asked: i64 = missing.iter().map(|(stretch, _)| stretch.steps(interval)).sum();
    too_many(asked)?;
    let own = Url::parse(order.venue.base_url()).expect("the addresses of exchanges are checked by a test");
    let mut asking = Asking {
        venue: order.venue,
        pair: &order.pair,
        interval: order.interval,
        base: order.base.as_ref().unwrap_or(&own),
        client: Client::new(order.base.is_none(), order.allow_private),
        pace: order.pace,
        watch,
        wait: std::time::Duration::ZERO,
    };
    let total = u64::try_from(asked).unwrap_or_default();
    let mut settled = 0;
    watch.rows(0, total);
    let mut outcome = Ok(());
    for (stretch, direction) in missing {
        outcome = asking.stretch(stretch, direction, &mut |new, steps| {
            journal.note(new)?;
            rows.extend_from_slice(new);
            settled += u64::try_from(steps).unwrap_or_default();
            if steps > 0 {
                watch.rows(settled, total);
            }
            Ok(())
        });
        if outcome.is_err() {
            break;
        }
    }
    let new_count = rows.len() as u64;
    if !rows.is_empty() {
        write(&order.file, &existing, rows)?;
    }
    journal.remove()?;
    outcome?;
    if new_count == 0 && existing.is_empty() {
        let pair = format!("{}-{}", order.pair.base, order.pair.quote);
        return Err(Error::Nothing { connector: order.venue.name(), pair });
    }
    Ok(Fetched { new_count, asked_count: total })
}

/// Reads the file that is extended; `None` where there is none.
fn existing(path: &Path, interval: i64) -> Result<Option<(Candles, String)>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let refused = |problem: String| Error::Existing { path: path.to_owned(), problem };
    let text = files::read_to_string(path)?;
    let header = text.lines().next().unwrap_or_default();
    if header.split(',').count() != HEADER.split(',').count() {
        // Writing the file anew would lose them.
        return Err(refused("it has columns that candles of an exchange have not".to_owned()));
    }
    let candles = Candles::parse_csv(&text).map_err(|error| refused(error.to_string()))?;
    if let Some(time) = candles.time.iter().find(|time| *time % interval != 0) {
        return Err(refused(format!("timestamp {time} is not a multiple of {interval} s")));
    }
    Ok(Some((candles, files::sha256_hex(text.as_bytes()))))
}

/// Returns the stretch of what is known already; `None` where nothing is.
fn extent(existing: &Candles, rows: &[Row], interval: i64) -> Option<Stretch> {
    let times = || existing.time.iter().copied().chain(rows.iter().map(|row| row.time));
    Some(Stretch { from: times().min()?, to: times().max()? + interval })
}

/// Returns what is not known yet, each stretch with the end at which it is next to what is.
fn missing(wanted: Stretch, known: Option<Stretch>) -> Vec<(Stretch, Direction)> {
    let Some(known) = known else { return vec![(wanted, Direction::Upward)] };
    let before = (Stretch { from: wanted.from, to: known.from }, Direction::Downward);
    let behind = (Stretch { from: known.to, to: wanted.to }, Direction::Upward);
    [before, behind].into_iter().filter(|(stretch, _)| !stretch.is_empty()).collect()
}

/// Writes the candles that were there and the rows that are new as one file, as a whole.
fn write(path: &Path, existing: &Candles, mut rows: Vec<Row>) -> Result<(), Error> {
    for (index, time) in existing.time.iter().enumerate() {
        let column = |values: &Vec<f64>| values[index];
        let values = [&existing.open, &existing.high, &existing.low, &existing.close, &existing.volume].map(column);
        rows.push(Row { time: *time, values });
    }
    rows.sort_by_key(|row| row.time);
    rows.dedup_by_key(|row| row.time);
    // Who is killed while writing leaves it behind, and the next one, who holds the same lock, writes over it.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = files::folder_of(path).join(format!(".{name}.new"));
    let whole = write_rows(&new, &rows).and_then(|()| {
        if let Ok(before) = fs::metadata(path) {
            fs::set_permissions(&new, before.permissions())?;
        }
        fs::rename(&new, path)
    });
    whole.map_err(|source| {
        // What is not whole is of no use; the rows are in the journal.
        let _ = fs::remove_file(&new);
        files::Error::Write { path: path.to_owned(), source }.into()
    })
}

fn write_rows(path: &Path, rows: &[Row]) -> io::Result<()> {
    let mut writer = BufWriter::new(fs::File::create(path)?);
    writer.write_all(HEADER.as_bytes())?;
    for row in rows {
        writer.write_all(journal::written(row).as_bytes())?;
    }
    writer.flush()
}
