//! The DCA executor against upstream's own simulator, row by row, on generated candles and configurations.
//!
//! `tests/data/dca/generated.jsonl.gz` holds a case a line, with the answer of the `DCAExecutorSimulator` of the release
//! 20260922 under pandas 2.3.3, which is also that of 20250609 but for the fees. More than half the cases are made for exact
//! ties; others have prices out of order, amounts of zero, a clock before or after the candles, gaps, or no stop loss.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use hive::engine::dca::Dca;
use hive::engine::dca::Error;
use hive::engine::position::Ground;
use hive::executor::dca::DcaConfig;
use hive::executor::dca::DcaMode;
use hive::executor::dca::DcaOrder;
use hive::executor::dca::DcaTrailingStop;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use serde_json::Value;

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

fn candles(case: &Value) -> Candles {
    let close = floats(&case["close"]);
    Candles {
        time: case["time"].as_array().expect("a list").iter().map(|time| time.as_i64().expect("seconds")).collect(),
        open: close.clone(),
        high: floats(&case["high"]),
        low: floats(&case["low"]),
        volume: vec![0.0; close.len()],
        close,
    }
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().expect("a text").parse().expect("a decimal")
}

fn given(value: &Value) -> Option<Decimal> {
    (!value.is_null()).then(|| decimal(value))
}

fn config(case: &Value, created: i64) -> DcaConfig {
    let list = |key: &str| case[key].as_array().expect("a list").iter().map(decimal);
    let orders = list("prices").zip(list("amounts_quote"));
    DcaConfig {
        time: created,
        anchor: case["anchor"].as_i64().expect("seconds"),
        side: if case["side"] == "BUY" { Side::Buy } else { Side::Sell },
        mode: DcaMode::Maker,
        orders: orders.map(|(price, amount_quote)| DcaOrder { price, amount_quote }).collect(),
        take_profit: given(&case["take_profit"]),
        stop_loss: given(&case["stop_loss"]),
        trailing_stop: case["trailing_stop"]
            .as_array()
            .map(|stop| DcaTrailingStop { activation: decimal(&stop[0]), delta: decimal(&stop[1]) }),
        time_limit: case["time_limit"].as_i64(),
        level: None,
    }
}

/// Checks a simulation on every row; what upstream has as NaN is null.
fn check(at: &str, dca: &Dca, ground: &Ground<'_>, created: usize, theirs: &Value) {
    assert_eq!(dca.close_type.name(), theirs["close_type"], "{at}");
    let rows = theirs["rows"].as_array().expect("a list");
    assert_eq!(dca.end + 1 - created, rows.len(), "{at}: the number of rows");
    for (row, theirs) in (created..).zip(rows) {
        let ours = dca.at(ground, row);
        let figures =
            [ours.net_pnl_pct, ours.net_pnl_quote, ours.cum_fees_quote, ours.filled_amount_quote, ours.average_price];
        let figures = figures.map(|figure| (!figure.is_nan()).then_some(figure));
        let theirs: Vec<Option<f64>> = theirs.as_array().expect("a list").iter().map(Value::as_f64).collect();
        assert_eq!(figures, theirs[..], "{at} row {row}");
        let trades = theirs[3].is_some_and(|filled| filled > 0.0) && row < dca.end;
        assert_eq!(dca.is_trading(row), trades, "{at} row {row}");
    }
}

#[test]
fn every_row_is_upstreams() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dca/generated.jsonl.gz");
    let mut text = String::new();
    let file = File::open(path).expect("the cases are in the repository");
    GzDecoder::new(file).read_to_string(&mut text).expect("the cases are gzipped text");
    let mut outcomes = [0; 4];
    for (number, line) in text.lines().enumerate() {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let at = format!("case {number}");
        let candles = candles(&case);
        let created = case["created"].as_u64().and_then(|row| usize::try_from(row).ok()).expect("a row");
        let theirs = &case["upstream"];
        let cost = 2.0 * case["cost"].as_f64().expect("a number");
        let outcome = match Dca::simulate(&candles, &config(&case, candles.time[created]), created) {
            Ok(Some(dca)) => {
                check(&at, &dca, &Ground::new(&candles, cost, true), created, theirs);
                0
            }
            Ok(None) => {
                assert_eq!(theirs["dropped"], "empty", "{at}");
                1
            }
            Err(Error::NoStopLoss) => {
                assert_eq!(theirs["error"], "IndexError", "{at}");
                2
            }
            Err(error) => {
                assert_eq!(theirs["error"], "InvalidOperation", "{at}: {error}");
                3
            }
        };
        outcomes[outcome] += 1;
    }
    // Simulated, dropped, without a stop loss, without an amount.
    assert_eq!(outcomes, [1112, 18, 41, 2]);
}
