//! Where do two ledgers part first in time, and how much of what moved comes from which executors?
//!
//! Executors are paired by level, side and the moment they were created; several of the same are paired in the ledger's order.
//! What only one ledger has is **missing** or **new**; a pair that is not equal is **changed**. The first event is the earliest
//! moment at which any of them shows. A ledger that is compared row by row would name another place: rows stand in the order
//! of ending, and an executor that was opened otherwise may end much later.

mod share;

use std::collections::BTreeMap;

use crate::golden::Golden;
use crate::golden::Ledger;
use crate::golden::Metric;
pub use share::Share;

/// What happens to an executor, in the order in which a candle goes: what stands ends, what stands fills, new ones come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// It ended.
    Closed,
    /// Its opening order filled.
    Filled,
    /// A controller created it.
    Created,
}

impl EventKind {
    /// Returns the event in a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Filled => "filled",
            Self::Created => "created",
        }
    }
}

/// Which rows an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// An executor that only the golden has: its row there.
    Missing(usize),
    /// An executor that only the result has: its row there.
    New(usize),
    /// An executor that both have and that differs: its rows in the golden and in the result.
    Changed(usize, usize),
}

impl Rows {
    /// Returns the row in the golden.
    #[must_use]
    pub fn expected(self) -> Option<usize> {
        match self {
            Self::Missing(row) | Self::Changed(row, _) => Some(row),
            Self::New(_) => None,
        }
    }

    /// Returns the row in the result.
    #[must_use]
    pub fn actual(self) -> Option<usize> {
        match self {
            Self::New(row) | Self::Changed(_, row) => Some(row),
            Self::Missing(_) => None,
        }
    }
}

/// An executor that is not the same in both ledgers, and when that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, epoch seconds.
    pub time: i64,
    /// What happens then, in at least one of the two.
    pub kind: EventKind,
    /// Whom it happens to.
    pub rows: Rows,
    /// The columns that differ; none where only one of the two has the executor.
    pub fields: Vec<String>,
}

/// How two ledgers differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parting {
    /// All that differs, in order of time.
    pub events: Vec<Event>,
    /// How many executors are the same in both.
    pub same_count: usize,
    /// How the metrics' changes split, in the order of the golden.
    pub shares: Vec<Share>,
}

impl Parting {
    /// Returns the first event that differs; `None` where the ledgers are equal.
    #[must_use]
    pub fn first(&self) -> Option<&Event> {
        self.events.first()
    }

    /// Counts missing, new and changed executors.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let count = |is: fn(Rows) -> bool| self.events.iter().filter(|event| is(event.rows)).count();
        [
            count(|rows| matches!(rows, Rows::Missing(_))),
            count(|rows| matches!(rows, Rows::New(_))),
            count(|rows| matches!(rows, Rows::Changed(..))),
        ]
    }
}

/// Columns that are known when an executor is created; the others change until it ends.
const AT_CREATION: [&str; 5] = ["level", "side", "opened", "entry_price", "amount"];

/// Lays two results side by side. Ledgers with other columns differ from the start: what only one of them has is left out.
#[must_use]
pub fn part(golden: &Golden, result: &Golden) -> Parting {
    let (expected, actual) = (&golden.ledger, &result.ledger);
    let mut parting = Parting::default();
    for rows in pairs(expected, actual) {
        match event(expected, actual, rows) {
            Some(event) => parting.events.push(event),
            None => parting.same_count += 1,
        }
    }
    parting.events.sort_by_key(|event| (event.time, event.kind, event.rows.expected(), event.rows.actual()));
    parting.shares = share::split(golden, result, &parting.events);
    parting
}

/// Pairs executors of two ledgers; what is equal is a pair as well.
fn pairs(expected: &Ledger, actual: &Ledger) -> Vec<Rows> {
    let mut waiting: BTreeMap<[&str; 3], std::collections::VecDeque<usize>> = BTreeMap::new();
    for row in 0..actual.rows.len() {
        waiting.entry(key(actual, row)).or_default().push_back(row);
    }
    let mut all = Vec::with_capacity(expected.rows.len());
    for row in 0..expected.rows.len() {
        let beside = waiting.get_mut(&key(expected, row)).and_then(std::collections::VecDeque::pop_front);
        all.push(beside.map_or(Rows::Missing(row), |beside| Rows::Changed(row, beside)));
    }
    let mut new: Vec<usize> = waiting.into_values().flatten().collect();
    new.sort_unstable();
    all.extend(new.into_iter().map(Rows::New));
    all
}

fn key(ledger: &Ledger, row: usize) -> [&str; 3] {
    ["level", "side", "opened"].map(|column| ledger.field(row, column).unwrap_or_default())
}

/// Returns when and how an executor differs; `None` where it does not.
fn event(expected: &Ledger, actual: &Ledger, rows: Rows) -> Option<Event> {
    let time = |ledger: &Ledger, row, column| ledger.field(row, column).and_then(|text| text.parse::<i64>().ok());
    let created = |ledger, row| time(ledger, row, "opened").unwrap_or_default();
    let only = |time| Some(Event { time, kind: EventKind::Created, rows, fields: Vec::new() });
    let (left, right) = match rows {
        Rows::Missing(row) => return only(created(expected, row)),
        Rows::New(row) => return only(created(actual, row)),
        Rows::Changed(left, right) => (left, right),
    };
    if expected.columns == actual.columns && expected.rows[left] == actual.rows[right] {
        return None;
    }
    let in_both = expected.columns.iter().filter(|column| actual.columns.contains(column));
    let fields: Vec<String> =
        in_both.filter(|column| expected.field(left, column) != actual.field(right, column)).cloned().collect();
    let differs = |column: &str| fields.iter().any(|field| field == column);
    let earliest = |column| {
        let times = [time(expected, left, column), time(actual, right, column)];
        times.into_iter().flatten().min().unwrap_or_else(|| created(expected, left))
    };
    let (time, kind) = if AT_CREATION.iter().any(|column| differs(column)) {
        (created(expected, left), EventKind::Created)
    } else if differs("filled") {
        (earliest("filled"), EventKind::Filled)
    } else if fields.is_empty() {
        return None;
    } else {
        (earliest("closed"), EventKind::Closed)
    };
    Some(Event { time, kind, rows, fields })
}

/// Returns how a number moved, as far as there are two.
fn moved(expected: Option<&Metric>, actual: Option<&Metric>) -> Option<(f64, f64)> {
    Some((expected?.number()?, actual?.number()?))
}
