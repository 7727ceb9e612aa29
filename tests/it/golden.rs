//! Goldens: written and read back, compared exactly and by rule.

use hive::golden::Golden;
use hive::golden::Ledger;
use hive::golden::Metric;
use hive::golden::compare::Comparison;
use hive::golden::compare::Rule;
use hive::golden::compare::Verdict;
use hive::golden::compare::compare;

fn golden() -> Golden {
    let text = |text: &str| text.to_owned();
    Golden {
        made: [("engine", "hive 0.1.0"), ("profile", "2.6")].map(|(name, value)| (text(name), text(value))).into(),
        reasons: vec![text("first \"run\"\non a tree")],
        metrics: [
            (text("net_pnl"), Metric::Figure(Some(-0.1))),
            (text("sharpe_ratio"), Metric::Figure(None)),
            (text("total"), Metric::Count(2)),
            (text("close_types"), Metric::Counts([(text("STOP_LOSS"), 2)].into())),
        ]
        .into(),
        ledger: Ledger {
            columns: ["level", "opened", "pnl_quote"].map(text).into(),
            rows: vec![["buy_0", "0", "-1e-7"].map(text).into(), ["sell_0", "60", "12.5"].map(text).into()],
        },
    }
}

fn compared(change: impl FnOnce(&mut Golden)) -> Comparison {
    let mut result = golden();
    change(&mut result);
    compare(&golden(), &result, &|name| {
        if name == "net_pnl" { Rule { rel: 1e-9, ..Rule::default() } } else { Rule::default() }
    })
}

#[test]
fn what_is_written_reads_back() {
    let golden = golden();
    assert_eq!(Golden::parse(&golden.render()), Ok(golden.clone()));
    insta::assert_snapshot!(golden.render());
}

#[test]
fn what_is_not_a_golden_is_refused() {
    let whole = golden().render();
    let refused = |text: &str| Golden::parse(text).expect_err("it is broken").to_string();
    assert_eq!(refused(&format!("<<<<<<< ours\n{whole}")), "line 1 is a merge conflict marker");
    assert_eq!(
        refused(&whole.replace("format = 1", "format = 9")),
        "it is of format 9, but this version reads format 1"
    );
    assert_eq!(refused(&whole.replace("12.5", "")), "row 2 of the ledger has 2 fields, but 3 were expected");
    assert_eq!(refused(&whole.replace("\"none\"", "nan")), "metric `sharpe_ratio` is NaN, which is not finite");
    assert!(refused(&whole.replace("net_pnl =", "net_pnl")).contains("net_pnl -0.1"));
}

#[test]
fn verdicts() {
    let check = |change: fn(&mut Golden), expected: Verdict| assert_eq!(compared(change).verdict(), expected);
    check(|_| {}, Verdict::Identical);
    check(|golden| golden.made.clear(), Verdict::Identical);
    check(|golden| golden.metrics["net_pnl"] = Metric::Figure(Some(-0.1 - 1e-11)), Verdict::WithinTolerance);
    check(|golden| golden.metrics["net_pnl"] = Metric::Figure(Some(-0.1 - 1e-9)), Verdict::Drift);
    check(|golden| golden.metrics["net_pnl"] = Metric::Figure(None), Verdict::Drift);
    check(|golden| golden.metrics["total"] = Metric::Count(3), Verdict::Drift);
    check(|golden| drop(golden.metrics.shift_remove("total")), Verdict::Drift);
    check(|golden| drop(golden.metrics.insert("new".to_owned(), Metric::Count(0))), Verdict::Drift);
    check(|golden| golden.ledger.rows[1][2] = "12.6".to_owned(), Verdict::Drift);
    check(|golden| drop(golden.ledger.rows.pop()), Verdict::Drift);
}

#[test]
fn the_first_divergence_is_named() {
    let divergence = compared(|golden| golden.ledger.rows[1][2] = "12.6".to_owned()).divergence.expect("a row differs");
    assert_eq!((divergence.row, divergence.fields), (1, vec!["pnl_quote".to_owned()]));
    let divergence = compared(|golden| drop(golden.ledger.rows.pop())).divergence.expect("a row is missing");
    assert_eq!(
        (divergence.row, divergence.actual, divergence.expected_count, divergence.actual_count),
        (1, None, 2, 1)
    );
}

#[test]
fn distances_in_units_in_the_last_place() {
    let check = |actual: f64, ulps: u64, expected: Verdict| {
        let mut result = golden();
        result.metrics["net_pnl"] = Metric::Figure(Some(actual));
        assert_eq!(compare(&golden(), &result, &|_| Rule { ulps, ..Rule::default() }).verdict(), expected);
    };
    check((-0.1f64).next_up(), 0, Verdict::Drift);
    check((-0.1f64).next_up(), 1, Verdict::WithinTolerance);
    check((-0.1f64).next_down().next_down(), 1, Verdict::Drift);
    check(0.1, 1_000_000, Verdict::Drift);
}
