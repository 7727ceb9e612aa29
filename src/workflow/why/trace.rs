//! What do ledgers look like as lines: when was traded at which price, and how did the profit grow?

use crate::golden::Ledger;
use crate::golden::divergence::Parting;
use crate::golden::divergence::Rows;

/// A trade of an executor.
#[derive(Debug, Clone, PartialEq)]
pub struct Trade {
    /// When, epoch seconds.
    pub time: i64,
    /// At which price, in quote: that of the first order on the way in, the candle's close on the way out.
    pub price: f64,
    /// Whether the executor bought on its way in.
    pub is_buy: bool,
    /// Whether it is the way in.
    pub is_entry: bool,
    /// The executor's row in the ledger, from zero.
    pub row: usize,
}

/// Returns the trades of some rows of a ledger, in order of time.
#[must_use]
pub fn trades(ledger: &Ledger, rows: impl IntoIterator<Item = usize>) -> Vec<Trade> {
    let mut trades = Vec::new();
    for row in rows {
        let number = |column: &str| ledger.field(row, column)?.split('/').next()?.parse::<f64>().ok();
        let time = |column: &str| ledger.field(row, column)?.parse::<i64>().ok();
        if number("filled_quote").is_none_or(|filled| filled == 0.0) {
            continue;
        }
        let is_buy = ledger.field(row, "side") == Some("BUY");
        // Upstream does not report when an order filled, only when it was placed.
        let entered = time("filled").or_else(|| time("opened")).zip(number("entry_price"));
        let left = time("closed").zip(number("close_price"));
        for (found, is_entry) in [(entered, true), (left, false)] {
            trades.extend(found.map(|(time, price)| Trade { time, price, is_buy, is_entry, row }));
        }
    }
    trades.sort_by_key(|trade| (trade.time, trade.row, !trade.is_entry));
    trades
}

/// Returns the profit of what had ended, net of fees, in quote, after each time at which it changed: times, then sums.
#[must_use]
pub fn profit(ledger: &Ledger) -> (Vec<i64>, Vec<f64>) {
    let ended = |row: usize| {
        let time = ledger.field(row, "closed")?.parse::<i64>().ok()?;
        Some((time, ledger.field(row, "pnl_quote")?.parse::<f64>().ok()?))
    };
    let mut ends: Vec<(i64, f64)> = (0..ledger.rows.len()).filter_map(ended).filter(|(_, pnl)| *pnl != 0.0).collect();
    ends.sort_by_key(|(time, _)| *time);
    let (mut times, mut sums) = (Vec::<i64>::new(), Vec::new());
    let mut sum = 0.0;
    for (time, pnl) in ends {
        sum += pnl;
        if times.last() == Some(&time) {
            sums.pop();
        } else {
            times.push(time);
        }
        sums.push(sum);
    }
    (times, sums)
}

/// Returns the rows of both ledgers that differ: of the golden, of the result; each in order.
#[must_use]
pub fn differing(parting: &Parting) -> [Vec<usize>; 2] {
    let rows = |row: fn(Rows) -> Option<usize>| {
        let mut rows: Vec<usize> = parting.events.iter().filter_map(|event| row(event.rows)).collect();
        rows.sort_unstable();
        rows
    };
    [rows(Rows::expected), rows(Rows::actual)]
}
