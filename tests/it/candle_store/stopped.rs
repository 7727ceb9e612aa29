//! Downloads that are cancelled, killed, or not alone.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use hive::io::klines;
use hive::io::klines::Error;
use hive::io::klines::Watch;
use tempfile::TempDir;

use super::DAY;
use super::TWO_DAYS;
use super::exchange::Exchange;
use super::fetched;
use super::order;
use super::watch::Noting;
use crate::fetch::drawn;
use crate::verbs::project::Project;

#[test]
fn a_cancelled_download_goes_on_where_it_ended() {
    for venue in ["binance", "kucoin"] {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        let error = klines::download(&order, &Noting::cancelling_at(900)).expect_err("cancelled");
        insta::assert_snapshot!("download_cancelled", drawn(&error));
        assert_eq!(exchange.asked().len(), 1, "{venue}: no page after it was cancelled");
        let kept = fs::read_to_string(&order.file).expect("what came is kept").lines().count() as u64 - 1;
        assert!(kept >= 999, "{venue}: {kept}");
        assert_eq!(fetched(&order).expect("the exchange answers").new_count, 2_881 - kept);
        assert_eq!(
            fs::read_to_string(&order.file).expect("the file is there"),
            exchange.file(DAY, TWO_DAYS),
            "{venue}"
        );
    }
}

/// Cancels as soon as it is asked.
struct Now(AtomicBool);

impl Watch for Now {
    fn rows(&self, _done: u64, _total: u64) {}

    fn told(&self, _text: &str) {}

    fn is_cancelled(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }
}

#[test]
fn who_cancels_does_not_wait_for_the_answer() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    exchange.delay(Duration::from_secs(20));
    let begun = Instant::now();
    let watch = Now(AtomicBool::new(false));
    let error = klines::download(&order(&exchange, "binance", folder.path(), DAY, TWO_DAYS), &watch);
    assert!(matches!(error, Err(Error::Cancelled)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left behind");
}

#[test]
fn a_killed_download_goes_on_where_it_ended() {
    let (exchange, project) = (Exchange::start(), Project::empty());
    exchange.delay(Duration::from_millis(150));
    let url = exchange.url();
    let end = (DAY + 8 * 86_400).to_string();
    let start = DAY.to_string();
    let arguments =
        ["candles", "download", "binance", "BTC-USDT", "--interval", "1m", "--start", &start, "--end", &end];
    let arguments = [arguments.as_slice(), &["--base-url", &url, "--allow-private"]].concat();
    let file = ".hive/candles/binance__BTC-USDT__1m.csv";
    let journal = project.path(".hive/candles/.binance__BTC-USDT__1m.csv.part");
    let mut child =
        project.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("hive is built");
    let noted = || fs::read_to_string(&journal).unwrap_or_default().lines().count();
    let begun = Instant::now();
    while noted() < 2_001 {
        assert!(begun.elapsed() < Duration::from_mins(2), "no pages come");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it runs");
    child.wait().expect("it was started");
    assert!(!project.path(file).exists(), "a page is no file yet");
    // The last row may have been cut in the middle of its writing.
    let text = fs::read_to_string(&journal).expect("the journal is left");
    fs::write(&journal, &text[..text.len() - 7]).expect("the journal is ours");
    let rows = text.lines().count() - 2;
    // As would what was being written at the end.
    let half = journal.with_file_name(".binance__BTC-USDT__1m.csv.new");
    fs::write(&half, "timestamp,open").expect("the folder is ours");
    exchange.delay(Duration::ZERO);
    exchange.asked();
    project.hive(&arguments).with(0);
    assert_eq!(project.read(file), exchange.file(DAY, DAY + 8 * 86_400));
    let first = exchange.asked().remove(0);
    let from = DAY + 60 * i64::try_from(rows).expect("small");
    assert!(first.contains(&format!("startTime={from}000&")), "{first}, after {rows} rows");
    assert!(!journal.exists() && !half.exists(), "nothing is left behind");
}

#[test]
fn a_journal_of_another_file_is_worth_nothing() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let order = order(&exchange, "binance", folder.path(), DAY, DAY + 6_000);
    let journal = folder.path().join(".minutes.csv.part");
    for text in [
        format!("# rows to add to the file with sha256 {}\n{},1,1,1,1,1\n", "0".repeat(64), DAY + 600),
        format!("{},1,1,1,1,1\n", DAY + 600),
        "\u{0}\u{1}\u{2}".to_owned(),
        String::new(),
    ] {
        fs::write(&journal, text).expect("the folder is ours");
        fetched(&order).expect("the exchange answers");
        assert_eq!(fs::read_to_string(&order.file).expect("the file is there"), exchange.file(DAY, DAY + 6_000));
        fs::remove_file(&order.file).expect("the file is there");
    }
}

/// Starts the same download once more in the middle of itself.
struct Doubling<'o> {
    order: &'o klines::Order,
    outcome: std::sync::Mutex<Option<Result<klines::Fetched, Error>>>,
}

impl Watch for Doubling<'_> {
    fn rows(&self, _done: u64, _total: u64) {
        *self.outcome.lock().expect("no test panics here") = Some(fetched(self.order));
    }

    fn told(&self, _text: &str) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

#[test]
fn two_downloads_do_not_write_one_file() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let order = order(&exchange, "binance", folder.path(), DAY, DAY + 6_000);
    let watch = Doubling { order: &order, outcome: std::sync::Mutex::default() };
    klines::download(&order, &watch).expect("the first one goes on");
    let outcome = watch.outcome.into_inner().expect("no test panics here").expect("it was tried");
    let error = outcome.expect_err("the file is taken");
    insta::assert_snapshot!("download_busy", drawn(&error).replace(&folder.path().display().to_string(), "FOLDER"));
    assert_eq!(fs::read_to_string(&order.file).expect("the file is there"), exchange.file(DAY, DAY + 6_000));
    fetched(&order).expect("the file is free again");
}
