//! The grid executor on random candles, a third of them on a binary price grid, against what upstream's simulator computes.
//!
//! The oracle's controllers always know the venue's rules and never coerce a take profit; these grids do both and neither,
//! and every row is compared, not only the last.

use std::fs;
use std::io::Read as _;

use flate2::read::GzDecoder;
use hive::engine::grid::Grid;
use hive::executor::grid::GridConfig;
use hive::market::Candles;
use hive::market::TradingRules;
use serde_json::Value;

use crate::oracle_case;
use crate::small_candles;

fn floats(values: &Value) -> Vec<f64> {
    values.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

fn candles(grid: &Value) -> Candles {
    let rows: Vec<Vec<f64>> = grid["rows"].as_array().expect("a list").iter().map(floats).collect();
    small_candles::candles(&rows.iter().map(|row| (row[1], row[2], row[3])).collect::<Vec<_>>())
}

fn config(grid: &Value) -> GridConfig {
    GridConfig {
        time: 0,
        side: oracle_case::side(grid),
        start_price: oracle_case::decimal(grid, "start_price"),
        end_price: oracle_case::decimal(grid, "end_price"),
        limit_price: Some(oracle_case::decimal(grid, "limit_price")),
        total_amount_quote: oracle_case::decimal(grid, "total_amount_quote"),
        min_spread_between_orders: oracle_case::decimal(grid, "min_spread_between_orders"),
        min_order_amount_quote: oracle_case::decimal(grid, "min_order_amount_quote"),
        take_profit: oracle_case::fraction(grid, "tp").expect("grids have one"),
        coerce_tp_to_step: grid["coerce_tp_to_step"].as_bool().expect("a flag"),
        stop_loss: oracle_case::fraction(grid, "sl"),
        time_limit: grid["tl"].as_i64(),
        keep_position: grid["keep_position"].as_bool().expect("a flag"),
        level: None,
    }
}

/// Compares every row of a grid; one that upstream divides by zero for must be refused.
fn check(index: usize, golden: &Value) {
    let candles = candles(golden);
    let rules = (!golden["rules"].is_null()).then(|| oracle_case::rules(&golden["rules"]));
    let cost = golden["cost"].as_f64().expect("a number");
    let simulate = |rules: Option<&TradingRules>| Grid::simulate(&candles, &config(golden), 0, cost, rules);
    let grid = match simulate(rules.as_ref()) {
        Ok(grid) => grid,
        Err(error) => {
            assert_eq!(golden["error"], "DivisionByZero", "grid {index}: {error}");
            return;
        }
    };
    let theirs = &golden["out"];
    assert_eq!(grid.levels.prices, floats(&theirs["prices"]), "grid {index}");
    assert_eq!(grid.levels.take_profit_prices, floats(&theirs["tps"]), "grid {index}");
    assert_eq!(Some(grid.fill_event_count as u64), theirs["events"].as_u64(), "grid {index}");
    assert_eq!(grid.close_type.name(), theirs["close_type"], "grid {index}");
    let rows = theirs["rows"].as_array().expect("a list");
    assert_eq!(grid.end + 1, rows.len(), "grid {index}");
    for (row, theirs) in rows.iter().enumerate() {
        let at = grid.at(&candles, row);
        let ours =
            [at.net_pnl_pct, at.net_pnl_quote, at.cum_fees_quote, at.filled_amount_quote, at.average_price].to_vec();
        assert_eq!(ours, floats(theirs), "grid {index}, row {row}");
        assert!(row == grid.end || grid.filled_by(row).is_some() == (at.filled_amount_quote > 0.0), "grid {index}");
    }
}

#[test]
fn random_grids_are_equal_row_by_row() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/grid/random.json.gz");
    let mut text = String::new();
    let file = fs::File::open(path).expect("the file is in the repository");
    GzDecoder::new(file).read_to_string(&mut text).expect("it is gzipped text");
    let file: Value = serde_json::from_str(&text).expect("it is JSON");
    let grids = file["grids"].as_array().expect("a list");
    assert!(grids.len() > 100, "there are only {} grids", grids.len());
    for (index, grid) in grids.iter().enumerate() {
        check(index, grid);
    }
}
