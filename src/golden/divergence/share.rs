//! How much of a metric's change comes from missing, new and changed executors, and from their fees?
//!
//! The golden's executors become the result's in four steps: the missing ones go, the new ones come, the changed ones take their
//! new fills and prices, then their new fees. What a step moves is its share, so the shares add up to the whole change. For sums
//! and counts the order of the steps is of no account; for ratios it is this one.

use crate::golden::Golden;
use crate::golden::Ledger;
use crate::golden::divergence::Event;
use crate::golden::divergence::Rows;
use crate::golden::divergence::moved;

/// How near a metric that was computed from the ledger must come to the reported one, relative to it.
const NEAR: f64 = 1e-9;

/// How one metric's change splits.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The metric.
    pub metric: String,
    /// What the golden has.
    pub expected: f64,
    /// What the result has.
    pub actual: f64,
    /// The parts; `None` for a metric that is not a function of what the ledger has, as one over the series of profit.
    pub parts: Option<Parts>,
}

/// The parts of a metric's change, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// From executors that are gone.
    pub missing: f64,
    /// From executors that came.
    pub new: f64,
    /// From what changed in executors that both have, fees apart.
    pub changed: f64,
    /// From the fees of those.
    pub fees: f64,
}

/// What the metrics look at in an executor.
#[derive(Debug, Clone, Copy)]
struct Figures {
    is_buy: bool,
    pnl_quote: f64,
    fees_quote: f64,
    filled_quote: f64,
}

/// A metric as a function of executors.
type Measure = fn(&[Figures]) -> f64;

/// The metrics that the ledger alone decides, where nothing is held. Whether that is so is checked on both sides.
const METRICS: [(&str, Measure); 14] = [
    ("net_pnl_quote", |all| all.iter().map(|it| it.pnl_quote).sum()),
    ("total_executors", |all| all.len() as f64),
    ("total_executors_with_position", |all| count(all, |_| true)),
    ("total_positions", |all| count(all, |_| true)),
    ("total_volume", |all| traded(all).map(|it| it.filled_quote).sum()),
    ("total_fees_quote", |all| all.iter().map(|it| it.fees_quote).sum()),
    ("total_long", |all| count(all, |it| it.is_buy)),
    ("total_short", |all| count(all, |it| !it.is_buy)),
    ("win_signals", |all| count(all, |it| it.pnl_quote > 0.0)),
    ("loss_signals", |all| count(all, |it| it.pnl_quote < 0.0)),
    ("accuracy", |all| ratio(all, |_| true)),
    ("accuracy_long", |all| ratio(all, |it| it.is_buy)),
    ("accuracy_short", |all| ratio(all, |it| !it.is_buy)),
    ("profit_factor", profit_factor),
];

/// Splits the change of every metric that moved.
pub(super) fn split(golden: &Golden, result: &Golden, events: &[Event]) -> Vec<Share> {
    let steps = steps(&golden.ledger, &result.ledger, events);
    let numbers = golden.metrics.iter().filter_map(|(name, expected)| {
        let (expected, actual) = moved(Some(expected), result.metrics.get(name))?;
        (expected != actual).then_some((name, expected, actual))
    });
    numbers
        .map(|(name, expected, actual)| {
            let measure = METRICS.iter().find(|(metric, _)| metric == name);
            let parts = measure.and_then(|(_, measure)| {
                let [first, gone, came, filled, last] = steps.as_ref()?.each_ref().map(|step| measure(step));
                let is_whole = near(first, expected) && near(last, actual);
                is_whole.then_some(Parts {
                    missing: gone - first,
                    new: came - gone,
                    changed: filled - came,
                    fees: last - filled,
                })
            });
            Share { metric: name.clone(), expected, actual, parts }
        })
        .collect()
}

fn near(computed: f64, reported: f64) -> bool {
    (computed - reported).abs() <= NEAR * computed.abs().max(reported.abs()).max(f64::MIN_POSITIVE)
}

/// Returns the executors before the first step and after each; `None` where a figure is missing.
fn steps(expected: &Ledger, actual: &Ledger, events: &[Event]) -> Option<[Vec<Figures>; 5]> {
    let all = |ledger: &Ledger| (0..ledger.rows.len()).map(|row| figures(ledger, row)).collect::<Option<Vec<_>>>();
    let (first, last) = (all(expected)?, all(actual)?);
    let mut is_missing = vec![false; first.len()];
    let mut new = Vec::new();
    let mut changed = Vec::new();
    for event in events {
        match event.rows {
            Rows::Missing(row) => is_missing[row] = true,
            Rows::New(row) => new.push(last[row]),
            Rows::Changed(left, right) => changed.push((left, last[right])),
        }
    }
    let kept = |all: &[Figures]| -> Vec<Figures> {
        all.iter().zip(&is_missing).filter(|(_, is_missing)| !**is_missing).map(|(it, _)| *it).collect()
    };
    let gone = kept(&first);
    let came: Vec<Figures> = gone.iter().chain(&new).copied().collect();
    let mut filled = first.clone();
    let mut whole = first.clone();
    for (row, now) in changed {
        // The old fees stay until the last step.
        let fees_quote = first[row].fees_quote;
        filled[row] = Figures { pnl_quote: now.pnl_quote + now.fees_quote - fees_quote, fees_quote, ..now };
        whole[row] = now;
    }
    let with_new = |all: &[Figures]| kept(all).into_iter().chain(new.iter().copied()).collect();
    let (filled, whole) = (with_new(&filled), with_new(&whole));
    Some([first, gone, came, filled, whole])
}

fn figures(ledger: &Ledger, row: usize) -> Option<Figures> {
    let number = |column| ledger.field(row, column)?.parse::<f64>().ok();
    Some(Figures {
        is_buy: ledger.field(row, "side") == Some("BUY"),
        pnl_quote: number("pnl_quote")?,
        fees_quote: number("fees_quote")?,
        filled_quote: number("filled_quote")?,
    })
}

/// Returns the executors with a profit or a loss.
fn traded(all: &[Figures]) -> impl Iterator<Item = &Figures> {
    all.iter().filter(|it| it.pnl_quote != 0.0)
}

fn count(all: &[Figures], is: fn(&Figures) -> bool) -> f64 {
    traded(all).filter(|it| is(it)).count() as f64
}

/// Returns the share of executors with a profit among those of a kind.
fn ratio(all: &[Figures], is: fn(&Figures) -> bool) -> f64 {
    let (won, of) = traded(all)
        .filter(|it| is(it))
        .fold((0u32, 0u32), |(won, of), it| (won + u32::from(it.pnl_quote > 0.0), of + 1));
    if of == 0 { 0.0 } else { f64::from(won) / f64::from(of) }
}

fn profit_factor(all: &[Figures]) -> f64 {
    let sum = |is: fn(&f64) -> bool| traded(all).map(|it| it.pnl_quote).filter(is).sum::<f64>();
    let (won, lost) = (sum(|pnl| *pnl > 0.0), sum(|pnl| *pnl < 0.0));
    match (all.is_empty(), lost < 0.0) {
        (true, _) => 0.0,
        (false, true) => won / -lost,
        (false, false) => 1.0,
    }
}
