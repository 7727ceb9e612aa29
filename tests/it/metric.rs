//! The metrics of a causal replay, against empyrical-reloaded 0.7.1 and quantstats 0.0.86 where they define the figure, and by hand.

use hive::executor::CloseType;
use hive::executor::ExecutorConfig;
use hive::executor::ExecutorInfo;
use hive::executor::Snapshot;
use hive::executor::order::ExecutionStrategy;
use hive::executor::order::OrderConfig;
use hive::executor::position::LevelId;
use hive::market::Decimal;
use hive::market::Side;
use hive::metric::Convention;
use hive::metric::Run;
use hive::metric::Value;
use hive::metric::registry::measure;

const DAY: i64 = 86_400;

/// A run that did nothing with a budget of a thousand, in rows of a day.
fn idle() -> Run<'static> {
    Run {
        executors: &[],
        total_pnl_quote: &[],
        total_amount_quote: Decimal::from(1_000),
        convention: Convention::Causal,
        hold: None,
        period: DAY,
        position_quote: &[],
        fees_quote: 0.0,
        volume_quote: 0.0,
        unrealized_pnl_quote: 0.0,
    }
}

/// Returns the executors with these ends: the reason, what was filled and the profit.
fn executors(ends: &[(CloseType, f64, f64)]) -> Vec<ExecutorInfo> {
    let ended = |&(close_type, filled_amount_quote, net_pnl_quote): &(CloseType, f64, f64)| ExecutorInfo {
        config: ExecutorConfig::Order(OrderConfig {
            time: 0,
            side: Side::Buy,
            price: Decimal::from(100),
            amount: Decimal::from(1),
            strategy: ExecutionStrategy::Limit,
            level: LevelId(0),
        }),
        close_time: 60,
        close_type,
        figures: Snapshot { net_pnl_quote, filled_amount_quote, ..Snapshot::default() },
        close_price: 100.0,
        grid: None,
        order_update_time: 60,
    };
    ends.iter().map(ended).collect()
}

#[track_caller]
fn check(run: &Run<'_>, name: &str, expected: impl Into<Option<f64>>) {
    let expected = expected.into();
    let found = match &measure(run)[name] {
        Value::Figure(figure) => *figure,
        Value::Count(count) => Some(*count as f64),
        Value::Counts(_) => panic!("`{name}` is no number"),
    };
    let near = |(found, expected): (f64, f64)| (found - expected).abs() <= 1e-10 * expected.abs();
    let equal = found.is_none() == expected.is_none() && found.zip(expected).is_none_or(near);
    assert!(equal, "{name} of {:?}: found {found:?}, expected {expected:?}", run.total_pnl_quote);
    assert!(
        found.is_none_or(|found| found.is_finite() && (found != 0.0 || found.is_sign_positive())),
        "{name}: {found:?}"
    );
}

fn over(total_pnl_quote: &[f64]) -> Run<'_> {
    Run { total_pnl_quote, ..idle() }
}

#[test]
fn ratios_agree_with_empyrical_and_quantstats() {
    let check = |period, pnl: &[f64], [sharpe, sortino, drawdown_quote, drawdown, calmar]: [f64; 5]| {
        let run = Run { period, ..over(pnl) };
        check(&run, "sharpe_ratio", sharpe);
        check(&run, "sortino_ratio", sortino);
        check(&run, "max_drawdown_quote", drawdown_quote);
        check(&run, "max_drawdown", drawdown);
        check(&run, "calmar_ratio", calmar);
    };
    check(
        DAY,
        &[10.0, -5.0, 20.0, 15.0, 40.0],
        [8.606_503_236_392, 21.861_258_109_45, -15.0, -0.014_851_485_148_51, 1_114.389_291_635],
    );
    check(
        60,
        &[0.01, -0.005, 0.02, 0.015, 0.04],
        [324.335_442_489_5, 820.514_235_823_3, -0.015, -1.499_985_000_15e-5, 4_413_030.729_623],
    );
    check(DAY, &[-10.0, -30.0, -20.0], [-8.158_996_412_979, -9.737_451_210_17, -30.0, -0.03, -30.484_589_088_27]);
    check(
        7 * DAY,
        &[300.0, 200.0, 500.0, -400.0, 100.0],
        [1.934_657_457_481, 3.772_477_846_821, -900.0, -0.6, 2.839_538_751_748],
    );
}

#[test]
fn returns_that_do_not_vary_have_no_sharpe_ratio() {
    let compound = |growth: f64| -> Vec<f64> {
        let equity = std::iter::successors(Some(1_000.0), |equity| Some(equity * growth));
        equity.skip(1).take(100).map(|equity| equity - 1_000.0).collect()
    };
    for growth in [1.1, 1.0, 0.9, 1.0 + 1e-4, 1.0 - 1e-9, 2.0] {
        check(&over(&compound(growth)), "sharpe_ratio", None);
    }
    // The profit of a position that is hedged ten times over moves by rounding alone, up and down.
    let hedged: Vec<f64> = (0..100).map(|row| 5.0 + f64::from(row % 7 - 3) * 1e-12).collect();
    check(&over(&hedged[1..]), "sortino_ratio", None);
    check(&over(&hedged[1..]), "calmar_ratio", None);
    // The smallest return that a venue's smallest order can make is told from rounding.
    let mut once = vec![0.0; 525_600];
    once[300_000..].fill(-5e-6);
    let ratio = -(365.25 * 86_400.0 / 60.0 / 525_600.0_f64).sqrt();
    let run = Run { period: 60, ..over(&once) };
    assert!(matches!(measure(&run)["sharpe_ratio"], Value::Figure(Some(found)) if (found / ratio - 1.0).abs() < 1e-3));
}

#[test]
fn what_has_no_ratio() {
    let check = |case: &str, run: &Run<'_>, sharpe: bool, sortino: bool, calmar: bool| {
        let exists = |name| matches!(measure(run)[name], Value::Figure(Some(_)));
        let found = [exists("sharpe_ratio"), exists("sortino_ratio"), exists("calmar_ratio")];
        assert_eq!(found, [sharpe, sortino, calmar], "{case}");
    };
    check("no rows", &idle(), false, false, false);
    check("one row", &over(&[-10.0]), false, false, true);
    check("two rows", &over(&[-10.0, 5.0]), true, true, true);
    check("never a profit", &over(&[0.0, 0.0, 0.0]), false, false, false);
    check("never a loss", &over(&[1.0, 3.0, 4.0]), true, false, false);
    check("nothing left", &over(&[10.0, -1_000.0, 20.0]), false, false, false);
    check("less than nothing left", &over(&[10.0, -1_500.0, 20.0]), false, false, false);
    check("no budget", &Run { total_amount_quote: Decimal::ZERO, ..over(&[-1.0, 2.0, 1.0]) }, false, false, false);
    check("not a number", &over(&[-1.0, f64::NAN, 1.0]), false, false, false);
    check("infinite", &over(&[-1.0, f64::INFINITY, 1.0]), false, false, false);
    // 1.5 to the power of 262,980 is no float.
    check("a year too good", &Run { period: 60, ..over(&[-1.0, 500.0]) }, true, true, false);
    check("rows of no length", &Run { period: 0, ..over(&[-1.0, 5.0]) }, false, false, false);
}

#[test]
fn drawdown_starts_at_the_budget_and_does_not_end_at_ruin() {
    let check = |pnl: &[f64], quote: Option<f64>, fraction: Option<f64>| {
        check(&over(pnl), "max_drawdown_quote", quote);
        check(&over(pnl), "max_drawdown", fraction);
    };
    check(&[], Some(0.0), Some(0.0));
    check(&[0.0, 5.0, 5.0, 9.0], Some(0.0), Some(0.0));
    check(&[-100.0, 50.0], Some(-100.0), Some(-0.1));
    // Two falls: the first is deeper as a fraction, the second in quote.
    check(&[-400.0, 9_000.0, 8_500.0], Some(-500.0), Some(-0.4));
    check(&[1_000.0, -1_000.0], Some(-2_000.0), Some(-1.0));
    check(&[1_000.0, -1_500.0, 0.0], Some(-2_500.0), Some(-1.25));
    check(&[1.0, f64::NAN], None, None);
    let without_budget = Run { total_amount_quote: Decimal::ZERO, ..over(&[5.0, 2.0]) };
    self::check(&without_budget, "max_drawdown_quote", -3.0);
    self::check(&without_budget, "max_drawdown", None);
}

#[test]
fn profit_is_what_the_last_row_says() {
    let check = |pnl: &[f64], unrealized_pnl_quote, [fraction, quote, realized]: [f64; 3]| {
        let run = Run { unrealized_pnl_quote, ..over(pnl) };
        check(&run, "net_pnl", fraction);
        check(&run, "net_pnl_quote", quote);
        check(&run, "realized_pnl_quote", realized);
        check(&run, "unrealized_pnl_quote", unrealized_pnl_quote);
    };
    check(&[], 0.0, [0.0, 0.0, 0.0]);
    check(&[30.0, 20.0], 0.0, [0.02, 20.0, 20.0]);
    check(&[30.0, -20.0], 25.0, [-0.02, -20.0, -45.0]);
    let without_budget = Run { total_amount_quote: Decimal::ZERO, ..over(&[20.0]) };
    self::check(&without_budget, "net_pnl", None);
    self::check(&over(&[-0.0]), "net_pnl_quote", 0.0);
}

#[test]
fn what_was_traded_and_held() {
    let run = Run { volume_quote: 2_500.0, fees_quote: -0.5, position_quote: &[0.0, 500.0, 1_500.0, 0.0], ..idle() };
    check(&run, "total_volume", 2_500.0);
    check(&run, "turnover", 2.5);
    check(&run, "total_fees_quote", -0.5);
    check(&run, "exposure", 0.5);
    check(&run, "time_in_market", 0.5);
    let without_budget = Run { total_amount_quote: Decimal::ZERO, ..run };
    check(&without_budget, "turnover", None);
    check(&without_budget, "exposure", None);
    check(&without_budget, "time_in_market", 0.5);
    check(&idle(), "turnover", 0.0);
    check(&idle(), "exposure", None);
    check(&idle(), "time_in_market", None);
}

#[test]
fn winners_and_losers() {
    use CloseType::EarlyStop;
    use CloseType::Expired;
    use CloseType::PositionHold;
    use CloseType::StopLoss;
    use CloseType::TakeProfit;
    let check = |ends: &[(CloseType, f64, f64)], filled: f64, hit_rate: Option<f64>, profit_factor: Option<f64>| {
        let executors = executors(ends);
        let run = Run { executors: &executors, ..idle() };
        check(&run, "total_executors", ends.len() as f64);
        check(&run, "total_executors_with_position", filled);
        check(&run, "hit_rate", hit_rate);
        check(&run, "profit_factor", profit_factor);
    };
    let (won, lost) = ((TakeProfit, 100.0, 3.0), (StopLoss, 100.0, -2.0));
    check(&[], 0.0, None, None);
    check(&[won, lost, won, lost, lost], 5.0, Some(0.4), Some(1.0));
    check(&[won, won], 2.0, Some(1.0), None);
    check(&[lost], 1.0, Some(0.0), Some(0.0));
    // What never filled, what came out even and what was kept have neither won nor lost.
    check(&[(Expired, 0.0, 0.0), (EarlyStop, 100.0, 0.0), (PositionHold, 100.0, -1.0)], 2.0, None, None);
    check(&[(PositionHold, 100.0, 9.0), won, lost], 3.0, Some(0.5), Some(1.5));
}

#[test]
fn a_causal_run_reports_in_this_order() {
    let names: Vec<&str> = measure(&idle()).into_keys().collect();
    assert_eq!(
        names,
        [
            "net_pnl",
            "net_pnl_quote",
            "realized_pnl_quote",
            "unrealized_pnl_quote",
            "total_fees_quote",
            "total_volume",
            "turnover",
            "total_executors",
            "total_executors_with_position",
            "close_types",
            "hit_rate",
            "profit_factor",
            "max_drawdown_quote",
            "max_drawdown",
            "sharpe_ratio",
            "sortino_ratio",
            "calmar_ratio",
            "exposure",
            "time_in_market",
        ]
    );
}
