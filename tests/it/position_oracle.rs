//! The position executors of controllers that keep positions, each simulated on its own.

use hive::engine::position::Ground;
use hive::executor::Snapshot;
use hive::executor::position::Entry;
use hive::executor::position::PositionConfig;
use hive::executor::position::TripleBarrier;
use hive::executor::position::Unit;
use serde_json::Value;

use crate::oracle_case;
use crate::oracle_case::Case;
use crate::oracle_case::RELEASES;

fn config(case: &Case, executor: &Value) -> PositionConfig {
    let controller = &case.golden["config_resolved"];
    let barrier = TripleBarrier {
        stop_loss: oracle_case::fraction(controller, "stop_loss"),
        take_profit: oracle_case::fraction(controller, "take_profit"),
        take_profit_at_market: false,
        time_limit: controller["time_limit"].as_i64(),
        trailing_stop: None,
    };
    PositionConfig {
        time: oracle_case::seconds(executor, "timestamp"),
        side: oracle_case::side(executor),
        entry_price: oracle_case::decimal(executor, "entry_price").into(),
        amount: oracle_case::decimal(executor, "amount"),
        unit: Unit::Base,
        entry: Entry::Limit,
        barrier: barrier.into(),
        level: None,
    }
}

/// Simulates every position of a case and returns how many there were, and how many of them were stopped.
fn check_case(case: &Case) -> (usize, usize) {
    let ground = Ground::new(&case.candles, 2.0 * case.cost, true);
    let (mut count, mut stopped) = (0, 0);
    for executor in case.executors("position_executor") {
        let config = config(case, executor);
        let position = ground.simulate(&config, case.row(executor, "timestamp"));
        let row = case.row(executor, "close_timestamp");
        let early = case.check_end(executor, position.end, position.close_type);
        stopped += usize::from(early);
        let average_price = config.entry_price.to_f64();
        let snapshot = match position.filled_by(row) {
            None => Snapshot { average_price, ..Snapshot::default() },
            Some(fill) => {
                let (filled, pnl_pct) = (position.filled_quote, ground.pnl_pct(config.side, fill, row));
                Snapshot {
                    net_pnl_pct: pnl_pct,
                    net_pnl_quote: pnl_pct * filled,
                    cum_fees_quote: ground.fees(filled),
                    filled_amount_quote: if early { filled } else { 2.0 * filled },
                    average_price,
                }
            }
        };
        case.check(executor, &snapshot, row);
        count += 1;
    }
    (count, stopped)
}

#[test]
fn every_position_beside_orders_and_holds_is_equal() {
    let cases = [
        ("pmm_mister__c1_spot", [(807, 748), (807, 748)]),
        ("pmm_mister__c2_perp", [(807, 748), (807, 748)]),
        ("pmm_mister__c3_spot_tpsl", [(793, 751), (794, 751)]),
        ("pmm_simple__c3_spot_rebalance", [(652, 385), (656, 385)]),
    ];
    for (case, counts) in cases {
        for (release, expected) in RELEASES.into_iter().zip(counts) {
            assert_eq!(check_case(&oracle_case::open(release, case)), expected, "{release} {case}");
        }
    }
}
