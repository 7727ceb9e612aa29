//! The grid executor, against Hummingbot's and on candles made for exact ties.

use hive::engine::grid::Grid;
use hive::executor::grid::GridConfig;
use hive::market::Candles;
use serde_json::Value;

use crate::oracle_case;
use crate::oracle_case::Case;
use crate::oracle_case::RELEASES;

mod plain;
mod random;
mod refusals;
mod ties;

/// Puts the configuration of a golden's grid together: from the executor what it names, from the controller the rest.
pub(crate) fn config(case: &Case, executor: &Value) -> GridConfig {
    let controller = &case.golden["config_resolved"];
    let barrier = &controller["triple_barrier_config"];
    GridConfig {
        time: oracle_case::seconds(executor, "timestamp"),
        side: oracle_case::side(executor),
        start_price: oracle_case::decimal(executor, "start_price"),
        end_price: oracle_case::decimal(executor, "end_price"),
        limit_price: Some(oracle_case::decimal(executor, "limit_price")),
        total_amount_quote: oracle_case::decimal(executor, "total_amount_quote"),
        min_spread_between_orders: oracle_case::decimal(controller, "min_spread_between_orders"),
        min_order_amount_quote: oracle_case::decimal(controller, "min_order_amount_quote"),
        take_profit: oracle_case::fraction(barrier, "take_profit").expect("grids have one"),
        coerce_tp_to_step: controller["coerce_tp_to_step"].as_bool().unwrap_or(false),
        stop_loss: oracle_case::fraction(barrier, "stop_loss"),
        time_limit: barrier["time_limit"].as_i64(),
        keep_position: controller["keep_position"].as_bool().expect("a flag"),
        level: None,
    }
}

fn floats(executor: &Value, key: &str) -> Vec<f64> {
    executor[key].as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

/// Simulates every grid of a case on its own and returns how many there were.
fn check_case(case: &Case) -> usize {
    let mut count = 0;
    for executor in case.executors("grid_executor") {
        let created = case.row(executor, "timestamp");
        let grid = Grid::simulate(&case.candles, &config(case, executor), created, case.cost, Some(&case.rules))
            .expect("the oracle's grids have levels");
        assert_eq!(grid.levels.prices, floats(executor, "grid_level_prices"));
        assert_eq!(grid.levels.take_profit_prices, floats(executor, "grid_tp_prices"));
        assert_eq!(Some(grid.fill_event_count as u64), executor["n_grid_fill_events"].as_u64());
        assert!(!case.check_end(executor, grid.end, grid.close_type), "these controllers never stop a grid");
        case.check(executor, &grid.at(&case.candles, grid.end), grid.end);
        count += 1;
    }
    count
}

#[test]
fn every_grid_of_the_oracle_is_equal() {
    let cases = [
        ("grid_strike__c1_buy", [1, 2]),
        ("grid_strike__c2_sell_limit_hold", [2, 2]),
        ("grid_strike__c3_buy_sl_tl", [570, 570]),
        ("grid_strike__c4_buy_limit_hold", [10, 10]),
        ("multi_grid_strike__c1", [1162, 1162]),
    ];
    for (case, counts) in cases {
        for (release, expected) in RELEASES.into_iter().zip(counts) {
            assert_eq!(check_case(&oracle_case::open(release, case)), expected, "{release} {case}");
        }
    }
}

#[test]
fn a_row_before_the_end_is_that_of_a_run_cut_there() {
    let case = oracle_case::open("v2.16.0", "grid_strike__c2_sell_limit_hold");
    let executor = case.executors("grid_executor").next().expect("two grids");
    let config = config(&case, executor);
    let grid = |candles: &Candles| Grid::simulate(candles, &config, 0, case.cost, Some(&case.rules)).expect("levels");
    let whole = grid(&case.candles);
    for row in [0, 1, 100, 500, whole.end - 1] {
        let cut = case.candles.window(case.candles.time[0], case.candles.time[row]);
        let last = grid(&cut).at(&cut, row);
        let mut ours = whole.at(&case.candles, row);
        ours.filled_amount_quote *= 2.0;
        assert_eq!(ours, last, "row {row}");
    }
    assert_eq!(whole.at(&case.candles, whole.end + 1), whole.at(&case.candles, whole.end));
    assert_eq!(whole.filled_by(0), whole.fill.filter(|&fill| fill == 0));
}
