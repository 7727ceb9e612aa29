//! How does a stretch of time become pages, whatever an exchange does to them on the way?

use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use url::Url;

use crate::io::klines::client;
use crate::io::klines::client::Answer;
use crate::io::klines::client::Client;
use crate::io::klines::download::Watch;
use crate::io::klines::error::Error;
use crate::io::klines::pace::Pace;
use crate::io::klines::venue::Interval;
use crate::io::klines::venue::Pair;
use crate::io::klines::venue::Refusal;
use crate::io::klines::venue::Row;
use crate::io::klines::venue::Stretch;
use crate::io::klines::venue::Venue;
use crate::io::klines::venue::excerpt;

/// How many pages a question spans at most after stretches in which there was nothing.
const PAGES_MAX: i64 = 1 << 20;

/// Which end of a stretch is asked for first, so that what has come is always next to what was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the oldest.
    Upward,
    /// From the newest.
    Downward,
}

/// Asks an exchange for the candles of a market.
pub(super) struct Asking<'a> {
    pub(super) venue: &'static dyn Venue,
    pub(super) pair: &'a Pair,
    pub(super) interval: Interval,
    pub(super) base: &'a Url,
    pub(super) client: Client,
    pub(super) pace: Pace,
    pub(super) watch: &'a dyn Watch,
    /// How long to wait before the next question, as the last answer tells.
    pub(super) wait: Duration,
}

/// What is done with the candles that have come, and with how many steps of time are settled by them.
pub(super) type Take<'t> = dyn FnMut(&[Row], i64) -> Result<(), Error> + 't;

/// The candles of an answer that belong to the stretch that was asked for.
struct Page {
    /// In rising order, each once.
    rows: Vec<Row>,
    /// Whether there may be more in the stretch than one answer holds.
    is_full: bool,
}

/// What came of a part of a stretch.
enum Outcome {
    Rows,
    Nothing,
    /// There are more candles in it than one answer holds.
    TooLong,
}

/// What is still to do for a part.
enum Task {
    /// Asks for a stretch; for the second time where the first answer had nothing of it.
    Ask { stretch: Stretch, is_second: bool },
    /// Hands on what has come.
    Hand(Vec<Row>),
}

impl Asking<'_> {
    /// Fetches all candles of a stretch, and hands them on page by page.
    ///
    /// After a page without candles twice as many are spanned by the next question: years before a pair was listed take a few
    /// questions, not thousands.
    pub(super) fn stretch(&mut self, whole: Stretch, direction: Direction, take: &mut Take<'_>) -> Result<(), Error> {
        let (mut rest, mut pages) = (whole, 1);
        while !rest.is_empty() {
            let length = (pages * self.venue.page_rows_max()).saturating_mul(self.interval.seconds);
            let part = match direction {
                Direction::Upward => Stretch { to: rest.from.saturating_add(length).min(rest.to), ..rest },
                Direction::Downward => Stretch { from: rest.to.saturating_sub(length).max(rest.from), ..rest },
            };
            match self.part(part, pages > 1, direction, take)? {
                Outcome::TooLong => {
                    pages = (pages / 2).max(1);
                    continue;
                }
                Outcome::Nothing => pages = (pages * 2).min(PAGES_MAX),
                Outcome::Rows => pages = 1,
            }
            take(&[], part.steps(self.interval.seconds))?;
            match direction {
                Direction::Upward => rest.from = part.to,
                Direction::Downward => rest.to = part.from,
            }
        }
        Ok(())
    }

    /// Fetches the candles of a part.
    ///
    /// Whatever an answer lacks at its ends is asked for once more before it counts as a gap. So neither an answer that is
    /// empty by a fault nor one that is shorter than it should be leaves a hole.
    fn part(
        &mut self,
        part: Stretch,
        may_be_too_long: bool,
        direction: Direction,
        take: &mut Take<'_>,
    ) -> Result<Outcome, Error> {
        let mut tasks = vec![Task::Ask { stretch: part, is_second: false }];
        let mut outcome = Outcome::Nothing;
        while let Some(task) = tasks.pop() {
            match task {
                Task::Hand(rows) => {
                    outcome = Outcome::Rows;
                    take(&rows, 0)?;
                }
                Task::Ask { stretch, .. } if stretch.is_empty() => {}
                Task::Ask { stretch, is_second } => {
                    let page = self.page(stretch)?;
                    if page.is_full && may_be_too_long && matches!(outcome, Outcome::Nothing) {
                        return Ok(Outcome::TooLong);
                    }
                    let (Some(first), Some(last)) = (page.rows.first(), page.rows.last()) else {
                        if !is_second {
                            tasks.push(Task::Ask { stretch, is_second: true });
                        }
                        continue;
                    };
                    let below = Stretch { to: first.time, ..stretch };
                    let above = Stretch { from: last.time + self.interval.seconds, ..stretch };
                    let (sooner, later) = match direction {
                        Direction::Upward => (below, above),
                        Direction::Downward => (above, below),
                    };
                    tasks.push(Task::Ask { stretch: later, is_second: true });
                    tasks.push(Task::Hand(page.rows));
                    tasks.push(Task::Ask { stretch: sooner, is_second: true });
                }
            }
        }
        Ok(outcome)
    }

    /// Asks for a stretch until there is an answer, within bounds.
    fn page(&mut self, stretch: Stretch) -> Result<Page, Error> {
        let url = self.venue.address(self.base, self.pair, &self.interval, stretch);
        let mut attempt = 1;
        loop {
            let wait = std::mem::take(&mut self.wait).min(self.pace.wait_max);
            if wait > Duration::ZERO {
                self.watch.told(&format!("{} s until {} has room again", wait.as_secs_f64().ceil(), self.venue.name()));
            }
            client::rest(wait, self.watch)?;
            let (fault, asked) = match self.client.ask(&url, self.watch)? {
                Ok(answer) => match self.judged(&answer, stretch)? {
                    Ok(page) => {
                        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                        let header = |name: &str| answer.number(name);
                        self.wait = self.venue.wait(&header, since_epoch, self.pace.window).unwrap_or_default();
                        return Ok(page);
                    }
                    Err(fault) => (fault, answer.number("retry-after")),
                },
                Err(source) => {
                    let url = client::bare(&url);
                    (Error::Unreachable { url, attempts: attempt, source: Box::new(source) }, None)
                }
            };
            let is_too_long = asked.is_some_and(|seconds| Duration::from_secs(seconds) > self.pace.wait_max);
            if attempt >= self.pace.attempts_max || is_too_long {
                return Err(fault);
            }
            let pause = asked.map_or_else(|| self.pace.pause(attempt), Duration::from_secs);
            self.watch.told(&format!("{fault}; again in {:.1} s", pause.as_secs_f64()));
            client::rest(pause, self.watch)?;
            attempt += 1;
        }
    }

    /// Reads an answer: the outer error is one that stays, the inner one may pass.
    fn judged(&self, answer: &Answer, stretch: Stretch) -> Result<Result<Page, Error>, Error> {
        let (connector, status) = (self.venue.name(), answer.status);
        let asked = answer.number("retry-after");
        let limited = || Error::Limited { connector, wait_s: asked };
        match status {
            // Who is shut out already and does not know for how long had better not ask again.
            418 if asked.is_none() => return Err(limited()),
            418 | 429 => return Ok(Err(limited())),
            300..=399 => {
                let text = "it leads elsewhere, which is not followed".to_owned();
                return Err(Error::Refused { connector, status, text });
            }
            _ => {}
        }
        let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else {
            let found = match excerpt(&String::from_utf8_lossy(&answer.body)) {
                empty if empty.is_empty() => "nothing".to_owned(),
                text => format!("`{text}`"),
            };
            let garbled = Error::Garbled { connector, status, found };
            // What stands between the exchange and hive answers with pages of its own; some of them pass.
            return if (400..=499).contains(&status) { Err(garbled) } else { Ok(Err(garbled)) };
        };
        let rows = match self.venue.read(status, &json) {
            Ok(rows) => rows,
            Err(Refusal::Busy) => return Ok(Err(limited())),
            Err(Refusal::Passing(text)) => return Ok(Err(Error::Refused { connector, status, text })),
            Err(Refusal::Said(text)) if status >= 500 => return Ok(Err(Error::Refused { connector, status, text })),
            Err(Refusal::Said(text)) => return Err(Error::Refused { connector, status, text }),
            Err(Refusal::Shape(text)) => {
                return Err(Error::Garbled { connector, status, found: format!("`{text}`") });
            }
        };
        self.belonging(rows, status, stretch)
    }

    /// Returns the rows of an answer that were asked for, checked, in rising order, each once.
    fn belonging(&self, rows: Vec<Row>, status: u16, stretch: Stretch) -> Result<Result<Page, Error>, Error> {
        let (connector, interval) = (self.venue.name(), self.interval.seconds);
        let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= self.venue.page_rows_max();
        let count = rows.len();
        // Some exchanges add the candle at the end.
        let near = Stretch { from: stretch.from.saturating_sub(interval), to: stretch.to.saturating_add(interval) };
        let is_meant = rows.iter().any(|row| (near.from..near.to).contains(&row.time));
        if count > 0 && !is_meant {
            let found = format!("{count} candles of another time, the first of {}", rows[0].time);
            return Ok(Err(Error::Garbled { connector, status, found }));
        }
        let mut rows: Vec<Row> =
            rows.into_iter().filter(|row| (stretch.from..stretch.to).contains(&row.time)).collect();
        for row in &rows {
            if let Some(problem) = problem(row, interval) {
                return Err(Error::Row { connector, time: row.time, problem });
            }
        }
        rows.sort_by_key(|row| row.time);
        rows.dedup_by_key(|row| row.time);
        Ok(Ok(Page { rows, is_full }))
    }
}

/// Returns why a candle cannot be true; `None` where it can.
fn problem(row: &Row, interval: i64) -> Option<String> {
    let [open, high, low, close, volume] = row.values;
    if row.time.rem_euclid(interval) != 0 {
        return Some(format!("it opens between two steps of {interval} s"));
    }
    if row.values.iter().any(|value| !value.is_finite()) {
        return Some("a figure is not finite".to_owned());
    }
    if [open, high, low, close].iter().any(|price| *price <= 0.0) {
        return Some("a price is not above zero".to_owned());
    }
    if volume < 0.0 {
        return Some(format!("volume {volume} is below zero"));
    }
    if high < open.max(close).max(low) || low > open.min(close) {
        return Some(format!("open {open}, high {high}, low {low}, close {close}"));
    }
    None
}
