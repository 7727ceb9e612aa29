//! Candles of a few rows, for rules that a test can follow by hand.

use hive::market::Candles;

/// Returns the candles of a minute with the given `(high, low, close)`.
pub(crate) fn candles(rows: &[(f64, f64, f64)]) -> Candles {
    let column = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
    Candles {
        time: (0..rows.len()).map(|row| i64::try_from(row).expect("few rows") * 60).collect(),
        open: column(|row| row.2),
        high: column(|row| row.0),
        low: column(|row| row.1),
        close: column(|row| row.2),
        volume: vec![0.0; rows.len()],
    }
}

/// Returns the candles of a minute with the given closes, without wicks.
pub(crate) fn closes(values: &[f64]) -> Candles {
    candles(&values.iter().map(|&close| (close, close, close)).collect::<Vec<_>>())
}
