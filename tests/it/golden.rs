//! Goldens: written and read back, compared exactly and by rule.

use hive::golden::Golden;
use hive::golden::Ledger;
use hive::golden::Metric;
use hive::golden::Reason;
use hive::golden::compare::Comparison;
use hive::golden::compare::Rule;
use hive::golden::compare::Verdict;
use hive::golden::compare::compare;
use hive::golden::ledger::CHUNK_ROWS;

fn golden() -> Golden {
    let text = |text: &str| text.to_owned();
    let table = |pairs: [(&str, &str); 2]| pairs.map(|(name, value)| (text(name), text(value))).into();
    Golden {
        inputs: table([("engine", "hive 0.1.0"), ("controller.buy_spreads", "[0.001]")]),
        made: table([("candle_count", "1440"), ("missing_count", "0")]),
        reasons: vec![
            Reason::from("first \"run\"\non a tree"),
            Reason { why: text("fees"), moved: [(text("net_pnl"), text("-0.2 -> -0.1"))].into() },
        ],
        metrics: [
            (text("net_pnl"), Metric::Figure(Some(-0.1))),
            (text("sharpe_ratio"), Metric::Figure(None)),
            (text("total"), Metric::Count(2)),
            (text("close_types"), Metric::Counts([(text("STOP_LOSS"), 2)].into())),
        ]
        .into(),
        ledger: Ledger::of(
            &["level", "opened", "pnl_quote"],
            [["buy_0", "0", "-1e-7"].to_vec(), ["sell_0", "60", "12.5"].to_vec()],
        ),
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
        refused(&whole.replace("format = 2", "format = 9")),
        "it is of format 9, but this version reads formats 1 and 2"
    );
    assert_eq!(refused(&whole.replace("12.5", "")), "row 2 of the ledger has 2 fields, but 3 were expected");
    assert_eq!(refused(&whole.replace("\"none\"", "nan")), "metric `sharpe_ratio` is NaN, which is not finite");
    assert!(refused(&whole.replace("net_pnl = -", "net_pnl -")).contains("net_pnl -0.1"));
    let edited = whole.replace("12.5", "12.6");
    assert_eq!(refused(&edited), "rows 1 to 2 of the ledger are not what was accepted: their hash differs");
    let longer = whole.replace("rows = '''\n", &format!("rows = '''\n{}", "buy_0 0 0\n".repeat(CHUNK_ROWS)));
    assert_eq!(refused(&longer), "the ledger has 2 chunks of rows, but 1 hashes");
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
    check(|golden| golden.ledger.rows[1] = "sell_0 60 12.6".to_owned(), Verdict::Drift);
    check(|golden| drop(golden.ledger.rows.pop()), Verdict::Drift);
}

#[test]
fn the_first_divergence_is_named() {
    let divergence =
        compared(|golden| golden.ledger.rows[1] = "sell_0 60 12.6".to_owned()).divergence.expect("a row differs");
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

#[test]
fn the_first_format_is_still_read() {
    let old = "format = 1\nreasons = [\n    \"first\",\n]\n[made]\nengine = \"hive 0.1.0\"\n[metrics]\ntotal = 1\n\
               [ledger]\ncolumns = [\"level\"]\nrows = '''\nbuy_0\n'''\n";
    let golden = Golden::parse(old).expect("it was written by an older version");
    assert_eq!((golden.reasons, golden.ledger.rows), (vec![Reason::from("first")], vec!["buy_0".to_owned()]));
    assert!(golden.inputs.is_empty());
}

#[test]
fn reasons_survive_a_merge_once_each() {
    let whole = golden().render();
    let ours = whole.lines().find(|line| line.contains("\"fees\"")).expect("it has that reason");
    let theirs = ours.replace("fees", "spreads");
    let merged = whole.replace(ours, &format!("<<<<<<< ours\n{ours}\n=======\n{ours}\n{theirs}\n>>>>>>> theirs"));
    let reasons = Golden::parse_reasons(&merged);
    let why: Vec<&str> = reasons.iter().map(|reason| reason.why.as_str()).collect();
    assert_eq!(why, ["first \"run\"\non a tree", "fees", "spreads"]);
    assert_eq!(reasons[1].moved["net_pnl"], "-0.2 -> -0.1");
}

#[test]
fn the_share_of_a_budget_is_that_of_the_bound_that_allows_most() {
    let share = |actual: f64, rule: Rule| {
        let mut result = golden();
        result.metrics["net_pnl"] = Metric::Figure(Some(actual));
        let compared = compare(&golden(), &result, &|_| rule);
        (compared.verdict(), compared.metrics.first().and_then(|difference| difference.budget_share))
    };
    let rule = Rule { abs: 0.5, ..Rule::default() };
    assert_eq!(share(-0.225, rule), (Verdict::WithinTolerance, Some(0.25)));
    assert_eq!(share(-0.6, rule), (Verdict::WithinTolerance, Some(1.0)));
    assert_eq!(share(-1.1, rule), (Verdict::Drift, Some(2.0)));
    let near = (-0.1f64).next_up();
    assert_eq!(share(near, Rule { ulps: 4, ..rule }).1.map(|share| share < 0.25), Some(true));
    assert_eq!(share(near, Rule { ulps: 4, ..Rule::default() }), (Verdict::WithinTolerance, Some(0.25)));
    assert_eq!(share(near, Rule::default()), (Verdict::Drift, None));
    assert_eq!(share(-0.1, rule), (Verdict::Identical, None));
    assert_eq!(share(-f64::MAX, Rule { rel: 1e308, ..Rule::default() }).0, Verdict::WithinTolerance);
}

#[test]
fn the_metric_nearest_to_its_bound_is_named() {
    let mut result = golden();
    result.metrics["net_pnl"] = Metric::Figure(Some(-0.2));
    let compared = compare(&golden(), &result, &|_| Rule { abs: 0.11, ..Rule::default() });
    let (name, share) = compared.strained().expect("one is within its tolerance");
    assert_eq!((name, share > 0.9), ("net_pnl", true));
}
