//! In what do two rows of a ledger differ, and by how much?

use serde::Serialize;

use crate::golden::Ledger;
use crate::golden::compare::ulps;
use crate::market::Decimal;

/// A field of an executor in both runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The column.
    pub field: String,
    /// What the golden says; `None` where it says nothing.
    pub golden: Option<String>,
    /// What the result says.
    pub now: Option<String>,
    /// Whether the two differ.
    pub differs: bool,
    /// The result less the golden: a decimal, a float, or a number of seconds; `None` for words and equal fields.
    pub difference: Option<String>,
    /// How many floats lie between the two, the second included; `None` for what is no float.
    pub ulps: Option<u64>,
}

/// What a column holds.
enum Kind {
    Word,
    Time,
    Float,
    /// One decimal, or several with `/` between them.
    Decimal,
}

fn kind(column: &str) -> Kind {
    match column {
        "opened" | "filled" | "closed" => Kind::Time,
        "close_price" | "filled_quote" | "fees_quote" | "pnl_pct" | "pnl_quote" => Kind::Float,
        "entry_price" | "amount" => Kind::Decimal,
        _ => Kind::Word,
    }
}

/// Lays two rows side by side, in the order of the golden's columns, then those that only the result has.
#[must_use]
pub fn fields(golden: (&Ledger, Option<usize>), now: (&Ledger, Option<usize>)) -> Vec<Field> {
    let extra = now.0.columns.iter().filter(|column| !golden.0.columns.contains(column));
    let names = golden.0.columns.iter().chain(extra);
    names
        .map(|column| {
            let text = |(ledger, row): (&Ledger, Option<usize>)| ledger.field(row?, column).map(str::to_owned);
            field(column, text(golden), text(now))
        })
        .collect()
}

/// Lays two values of a column side by side.
#[must_use]
pub fn field(column: &str, golden: Option<String>, now: Option<String>) -> Field {
    let differs = golden != now;
    let (difference, ulps) = match (&golden, &now) {
        (Some(golden), Some(now)) if differs => distance(&kind(column), golden, now),
        _ => (None, None),
    };
    Field { field: column.to_owned(), golden, now, differs, difference, ulps }
}

fn distance(kind: &Kind, golden: &str, now: &str) -> (Option<String>, Option<u64>) {
    match kind {
        Kind::Word => (None, None),
        Kind::Time => {
            let seconds = golden.parse::<i64>().ok().zip(now.parse::<i64>().ok());
            (seconds.map(|(golden, now)| (now - golden).to_string()), None)
        }
        Kind::Float => match golden.parse::<f64>().ok().zip(now.parse::<f64>().ok()) {
            Some((golden, now)) => (Some(format!("{:?}", now - golden)), Some(ulps(golden, now))),
            None => (None, None),
        },
        Kind::Decimal => {
            // Of orders with several prices the first that moved tells by how much.
            let pair = golden.split('/').zip(now.split('/')).find(|(golden, now)| golden != now);
            let decimals = pair.and_then(|(golden, now)| Some((golden.parse().ok()?, now.parse().ok()?)));
            (decimals.map(|(golden, now): (Decimal, Decimal)| Decimal::difference(now, golden).to_string()), None)
        }
    }
}
