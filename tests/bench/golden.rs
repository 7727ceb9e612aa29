//! CPU time of a golden with 100,000 executors, written, read, compared and laid side by side: `cargo bench --bench golden`.

use cpu_time::ProcessTime;
use hive::golden::Golden;
use hive::golden::Ledger;
use hive::golden::Metric;
use hive::golden::compare::Rule;
use hive::golden::compare::Verdict;
use hive::golden::compare::compare;
use hive::golden::divergence::part;
use mimalloc::MiMalloc;

// That of the `hive` command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ROWS: usize = 100_000;
const RUNS: usize = 5;

const COLUMNS: [&str; 13] = [
    "level",
    "side",
    "opened",
    "filled",
    "closed",
    "close_type",
    "entry_price",
    "amount",
    "close_price",
    "filled_quote",
    "fees_quote",
    "pnl_pct",
    "pnl_quote",
];

/// A ledger as a market maker's: digits as long as upstream's.
fn golden() -> Golden {
    let rows = (0..ROWS).map(|row| {
        let opened = 1_767_225_600 + 60 * (row / 2);
        let price = 93_000.0 + (row % 977) as f64 * 0.1;
        vec![
            format!("{}_{}", ["buy", "sell"][row % 2], row % 3),
            ["BUY", "SELL"][row % 2].to_owned(),
            opened.to_string(),
            (opened + 60).to_string(),
            (opened + 900).to_string(),
            ["TAKE_PROFIT", "STOP_LOSS", "TIME_LIMIT"][row % 3].to_owned(),
            format!("{price:.1}0999999999418311803848"),
            format!("0.0026899113136342{:012}", row),
            format!("{price:?}"),
            format!("{:?}", 499.0 + 1.0 / (row + 3) as f64),
            format!("{:?}", 0.05 + 1.0 / (row + 7) as f64),
            format!("{:?}", 0.003 - 1.0 / (row + 11) as f64),
            format!("{:?}", 0.75 - 1.0 / (row + 13) as f64),
        ]
    });
    let ledger = Ledger::of(&COLUMNS, rows);
    let metrics = [("total_executors".to_owned(), Metric::Count(ROWS as u64))].into();
    Golden { metrics, ledger, ..Golden::default() }
}

/// Runs something, says what CPU time it took, and returns what came of it.
#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn timed<T>(what: &str, runs: usize, mut run: impl FnMut() -> T) -> T {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..runs {
        let start = ProcessTime::now();
        last = Some(run());
        times.push(start.elapsed());
    }
    times.sort();
    println!("{what:<52} {:>8.1} ms", times[runs / 2].as_secs_f64() * 1e3);
    last.expect("it ran")
}

#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn main() {
    // `cargo test --benches` passes `--test`: one run of each shows that it works.
    let runs = if std::env::args().any(|argument| argument == "--test") { 1 } else { RUNS };
    let before = golden();
    let text = timed("written", runs, || before.render());
    println!("{:<52} {:>8.1} MB", "the file", text.len() as f64 / 1e6);
    let read = timed("read, each row's hash checked", runs, || Golden::parse(&text).expect("it was just written"));
    let mut now = golden();
    let verdict = timed("compared, equal", runs, || compare(&read, &now, &|_| Rule::default()).verdict());
    assert_eq!(verdict, Verdict::Identical);
    let row = ROWS - 10;
    now.ledger.rows[row] = now.ledger.rows[row].replace("TAKE_PROFIT", "EARLY_STOP").replace("STOP_LOSS", "EARLY_STOP");
    now.ledger.rows[row].push('1');
    let compared = timed("compared, one of the last rows differs", runs, || compare(&read, &now, &|_| Rule::default()));
    assert_eq!(compared.divergence.map(|divergence| divergence.row), Some(row));
    let parting = timed("laid side by side: first event, shares", runs, || part(&read, &now));
    assert_eq!(parting.counts(), [0, 0, 1]);
}
