//! Ledgers that part: the first event in time, and what of a metric's change comes from which executors.

use hive::golden::Golden;
use hive::golden::Ledger;
use hive::golden::Metric;
use hive::golden::divergence::EventKind;
use hive::golden::divergence::Parting;
use hive::golden::divergence::Rows;
use hive::golden::divergence::part;

const COLUMNS: [&str; 10] = [
    "level",
    "side",
    "opened",
    "filled",
    "closed",
    "close_type",
    "entry_price",
    "filled_quote",
    "fees_quote",
    "pnl_quote",
];

/// Three executors: one that won, one that never filled, one that lost.
const ROWS: [&str; 3] = [
    "buy_0 BUY 0 60 300 TAKE_PROFIT 100 50 0.5 4.5",
    "sell_0 SELL 0 - 360 EARLY_STOP 110 0.0 0.0 0.0",
    "buy_0 BUY 300 360 600 STOP_LOSS 99 50 0.5 -2.5",
];

fn golden(rows: &[&str]) -> Golden {
    let ledger = Ledger::of(&COLUMNS, rows.iter().map(|row| row.split(' ').collect()));
    let column = |name: &str| (0..rows.len()).filter_map(|row| ledger.field(row, name)?.parse::<f64>().ok()).collect();
    let pnl: Vec<f64> = column("pnl_quote");
    let fees: Vec<f64> = column("fees_quote");
    let (won, lost) = (pnl.iter().filter(|pnl| **pnl > 0.0).count(), pnl.iter().filter(|pnl| **pnl < 0.0).count());
    let figure = |value: f64| Metric::Figure(Some(value));
    let metrics = [
        ("net_pnl_quote", figure(pnl.iter().sum())),
        ("total_fees_quote", figure(fees.iter().sum())),
        ("total_executors", Metric::Count(rows.len() as u64)),
        ("accuracy", figure(won as f64 / (won + lost) as f64)),
        ("sharpe_ratio", figure(pnl.len() as f64)),
    ];
    let metrics = metrics.map(|(name, metric)| (name.to_owned(), metric)).into();
    Golden { metrics, ledger, ..Golden::default() }
}

fn parted(rows: &[&str]) -> Parting {
    part(&golden(&ROWS), &golden(rows))
}

/// Checks the first event: when, what, whom.
fn check(rows: &[&str], expected: (i64, EventKind, Rows)) {
    let parting = parted(rows);
    let first = parting.first().expect("they differ");
    assert_eq!((first.time, first.kind, first.rows), expected);
}

#[test]
fn equal_ledgers_do_not_part() {
    let parting = parted(&ROWS);
    assert_eq!((parting.first(), parting.same_count, parting.shares.len()), (None, 3, 0));
}

#[test]
fn rows_in_another_order_are_the_same_executors() {
    assert_eq!(parted(&[ROWS[2], ROWS[0], ROWS[1]]).events, []);
}

#[test]
fn the_first_event_is_the_first_in_time_not_in_the_ledger() {
    // The first row ends otherwise at 240; the last row was never opened otherwise before 300.
    check(
        &["buy_0 BUY 0 60 240 STOP_LOSS 100 50 0.5 -4.5", ROWS[1], ROWS[2]],
        (240, EventKind::Closed, Rows::Changed(0, 0)),
    );
    check(
        &["buy_0 BUY 0 120 300 TAKE_PROFIT 100 50 0.5 4.5", ROWS[1], ROWS[2]],
        (60, EventKind::Filled, Rows::Changed(0, 0)),
    );
    check(
        &[ROWS[0], ROWS[1], "buy_0 BUY 300 360 600 STOP_LOSS 98 50 0.5 -2.5"],
        (300, EventKind::Created, Rows::Changed(2, 2)),
    );
    check(&[ROWS[0], ROWS[1]], (300, EventKind::Created, Rows::Missing(2)));
    check(
        &[ROWS[0], "buy_1 BUY 120 - 180 EARLY_STOP 90 0.0 0.0 0.0", ROWS[1], ROWS[2]],
        (120, EventKind::Created, Rows::New(1)),
    );
}

#[test]
fn what_ended_otherwise_comes_before_what_it_made_way_for() {
    let rows =
        ["buy_0 BUY 0 60 300 STOP_LOSS 100 50 0.5 -4.5", ROWS[1], "buy_0 BUY 300 360 600 STOP_LOSS 97 50 0.5 -2.5"];
    check(&rows, (300, EventKind::Closed, Rows::Changed(0, 0)));
}

#[test]
fn executors_of_one_moment_are_paired_in_order() {
    let twice = ["g BUY 0 60 300 TAKE_PROFIT 100 50 0.5 4.5", "g BUY 0 60 360 TAKE_PROFIT 100 50 0.5 3.5"];
    let other = [twice[0], "g BUY 0 60 360 STOP_LOSS 100 50 0.5 -3.5"];
    let parting = part(&golden(&twice), &golden(&other));
    assert_eq!((parting.counts(), parting.same_count), ([0, 0, 1], 1));
    assert_eq!(parting.events[0].fields, ["close_type", "pnl_quote"]);
}

#[test]
fn changes_add_up_from_their_parts() {
    let parting = parted(&[
        "buy_0 BUY 0 60 300 TAKE_PROFIT 100 50 1.0 4.0",
        ROWS[1],
        "buy_1 BUY 420 480 600 TAKE_PROFIT 99 50 0.25 7.0",
    ]);
    assert_eq!(parting.counts(), [1, 1, 1]);
    let share = |name: &str| parting.shares.iter().find(|share| share.metric == name).expect("it moved");
    let parts = |name: &str| share(name).parts.map(|parts| [parts.missing, parts.new, parts.changed, parts.fees]);
    assert_eq!(parts("net_pnl_quote"), Some([2.5, 7.0, 0.0, -0.5]));
    assert_eq!(parts("total_fees_quote"), Some([-0.5, 0.25, 0.0, 0.5]));
    assert_eq!(parts("accuracy"), Some([0.5, 0.0, 0.0, 0.0]));
    for share in &parting.shares {
        let parts = share.parts.expect("each is a function of the ledger");
        let sum = parts.missing + parts.new + parts.changed + parts.fees;
        assert!((sum - (share.actual - share.expected)).abs() < 1e-12, "{share:?}");
    }
}

#[test]
fn a_metric_that_is_not_of_the_ledger_is_not_split() {
    let parting = parted(&[ROWS[0]]);
    let sharpe = parting.shares.iter().find(|share| share.metric == "sharpe_ratio").expect("it moved");
    assert_eq!(sharpe.parts, None);
    // Where something else moves the profit, too, such as a hold, the ledger cannot tell how much.
    let mut result = golden(&[ROWS[0]]);
    result.metrics["net_pnl_quote"] = Metric::Figure(Some(9.0));
    let parting = part(&golden(&ROWS), &result);
    assert_eq!(parting.shares[0].parts, None);
}
