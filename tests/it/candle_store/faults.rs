//! What goes wrong with an exchange: what passes is waited for, what stays is told, and what came before is kept.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;
use std::time::Instant;

use hive::io::klines;
use hive::io::klines::Error;
use tempfile::TempDir;
use url::Url;

use super::DAY;
use super::TWO_DAYS;
use super::exchange::Exchange;
use super::exchange::Fault;
use super::fetched;
use super::order;
use super::watch::Noting;
use crate::fetch::drawn;

const VENUES: [&str; 2] = ["binance", "kucoin"];

fn said(status: u16, body: &str) -> Fault {
    Fault::Said(status, body.to_owned())
}

#[test]
fn passing_faults_are_waited_for() {
    for venue in VENUES {
        for fault in [
            Fault::Status(429, Some(0)),
            Fault::Status(429, None),
            Fault::Status(418, Some(0)),
            Fault::Status(503, None),
            Fault::Cut,
            Fault::Silence,
            Fault::Html,
            Fault::HalfJson,
            Fault::Empty,
            Fault::Elsewhere,
            said(200, "{\"code\":\"429000\",\"msg\":\"Too Many Requests\"}"),
            said(200, "{\"code\":\"500000\",\"msg\":\"Internal\"}"),
            said(400, "{\"code\":-1003,\"msg\":\"Too much request weight used\"}"),
            said(500, "{\"code\":-1001,\"msg\":\"Internal error\"}"),
            said(502, "<html>bad gateway</html>"),
        ] {
            // KuCoin's codes are texts, Binance's are numbers; the answers of the one mean nothing to the other.
            let is_of_other = match &fault {
                Fault::Said(200, _) => venue == "binance",
                Fault::Said(_, body) => venue == "kucoin" && body.contains("code"),
                _ => false,
            };
            if is_of_other {
                continue;
            }
            let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
            let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
            // With the first page, and twice with the second.
            exchange.next(&[Some(fault.clone()), None, Some(fault.clone()), None]);
            let fetched = fetched(&order).unwrap_or_else(|error| panic!("{venue} {fault:?}: {error:?}"));
            assert_eq!(fetched.new_count, 2_881, "{venue} {fault:?}");
            let text = fs::read_to_string(&order.file).expect("the file is there");
            assert_eq!(text, exchange.file(DAY, TWO_DAYS), "{venue} {fault:?}");
        }
    }
}

#[test]
fn lasting_faults_are_told_and_what_came_before_is_kept() {
    let row = |fields: &str| said(200, &format!("[[{}000,{fields},0]]", DAY + 60_000));
    for (venue, name, fault, asked) in [
        ("binance", "fault_banned", Fault::Status(418, None), 1),
        ("binance", "fault_banned_for_long", Fault::Status(418, Some(1_800)), 1),
        ("binance", "fault_limited_for_long", Fault::Status(429, Some(1_800)), 1),
        ("binance", "fault_limited", Fault::Status(429, None), 4),
        ("binance", "fault_html", Fault::Html, 4),
        ("binance", "fault_forbidden_page", said(403, "<html>no</html>"), 1),
        ("binance", "fault_nothing", said(200, ""), 4),
        ("binance", "fault_elsewhere", Fault::Elsewhere, 4),
        ("binance", "fault_symbol", said(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"), 1),
        (
            "binance",
            "fault_region",
            said(451, "{\"code\":0,\"msg\":\"Service unavailable from a restricted location\"}"),
            1,
        ),
        ("binance", "fault_shape", said(200, "{\"klines\":[]}"), 1),
        ("binance", "fault_row_short", said(200, "[[1710175200000,\"1\"]]"), 1),
        ("binance", "fault_row_text", row("\"1\",\"1\",\"1\",\"cheap\",\"1\""), 1),
        ("binance", "fault_row_nan", row("\"1\",\"1\",\"NaN\",\"1\",\"1\""), 1),
        ("binance", "fault_row_zero", row("\"0\",\"1\",\"0\",\"1\",\"1\""), 1),
        ("binance", "fault_row_high", row("\"10\",\"9\",\"8\",\"9\",\"1\""), 1),
        ("binance", "fault_row_volume", row("\"1\",\"1\",\"1\",\"1\",\"-1\""), 1),
        ("binance", "fault_row_between", said(200, "[[1710175230000,\"1\",\"1\",\"1\",\"1\",\"1\"]]"), 1),
        ("binance", "fault_redirect", Fault::Redirect, 1),
        ("binance", "fault_large", said(200, &" ".repeat(5 << 20)), 4),
        ("kucoin", "fault_kucoin_symbol", said(200, "{\"code\":\"900001\",\"msg\":\"Unsupported trading pair.\"}"), 1),
        ("kucoin", "fault_kucoin_shape", said(200, "[]"), 1),
        ("kucoin", "fault_kucoin_cut", Fault::Cut, 4),
    ] {
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        exchange.next(&[None]);
        exchange.state().always = Some(fault);
        let order = order(&exchange, venue, folder.path(), DAY, TWO_DAYS);
        let error = fetched(&order).expect_err(name);
        insta::assert_snapshot!(name, exchange.named(&drawn(&error)));
        assert_eq!(exchange.asked().len(), 1 + asked, "{name}");
        let page = if venue == "binance" { 1_000 } else { 1_499 };
        let kept = fs::read_to_string(&order.file).expect("the first page is kept");
        assert_eq!(kept, exchange.file(DAY, DAY + (page - 1) * 60), "{name}");
        // Once the fault is gone, the rest comes.
        exchange.state().always = None;
        assert_eq!(
            fetched(&order).expect("the exchange answers").new_count,
            2_881 - u64::try_from(page).expect("small"),
            "{name}"
        );
        let text = fs::read_to_string(&order.file).expect("the file is there");
        assert_eq!(text, exchange.file(DAY, TWO_DAYS), "{name}");
    }
}

#[test]
fn nobody_listens() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        listener.local_addr().expect("a bound socket has an address").port()
    };
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let mut order = order(&exchange, "binance", folder.path(), DAY, TWO_DAYS);
    order.base = Some(Url::parse(&format!("http://127.0.0.1:{port}")).expect("an address"));
    let error = fetched(&order).expect_err("nobody listens");
    insta::assert_snapshot!("fault_unreachable", drawn(&error).replace(&port.to_string(), "PORT"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left behind");
}

#[test]
fn an_exchange_that_asks_for_patience_gets_it() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    let order = order(&exchange, "binance", folder.path(), DAY, DAY + 600);
    exchange.next(&[Some(Fault::Status(429, Some(1)))]);
    let (watch, begun) = (Noting::default(), Instant::now());
    klines::download(&order, &watch).expect("the exchange answers");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let told = watch.seen().told.clone();
    assert_eq!(told, ["`binance` was asked too often and asks to wait for 1 s; again in 1.0 s"]);
}

#[test]
fn pauses_grow_within_bounds() {
    let pace = klines::Pace::default();
    for (attempt, seconds) in [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (30, 30.0), (u32::MAX, 30.0)] {
        for _ in 0..50 {
            let pause = pace.pause(attempt).as_secs_f64();
            assert!((seconds * 0.5..seconds * 1.5).contains(&pause), "{attempt}: {pause}");
        }
    }
    let drawn: Vec<Duration> = (0..20).map(|_| pace.pause(3)).collect();
    assert!(drawn.iter().any(|pause| *pause != drawn[0]), "those who were refused together return apart");
}

/// Whatever goes wrong in whatever order: the file is what an undisturbed download makes, in the end.
#[test]
fn whatever_goes_wrong_the_file_is_the_same_in_the_end() {
    let mut seed: u64 = 20_240_311;
    let mut draw = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for round in 0..16 {
        let venue = VENUES[round % 2];
        let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
        let end = DAY + 3 * 86_400;
        exchange.state().missing = (0..20).map(|_| DAY + 60 * i64::try_from(draw(4_320)).expect("small")).collect();
        let order = order(&exchange, venue, folder.path(), DAY, end);
        // What is told of an answer that is empty or of another time twice is believed, or ends the download: so no fault
        // of these kinds follows another one.
        let mut faults = Vec::new();
        for _ in 0..12 {
            faults.push(match draw(12) {
                0 => Some(Fault::Status(429, None)),
                1 => Some(Fault::Status(418, None)),
                2 => Some(Fault::Cut),
                3 => Some(Fault::Html),
                4 => Some(Fault::Elsewhere),
                5 => Some(Fault::Silence),
                6 => Some(Fault::Twice),
                7 => Some(Fault::Empty),
                _ => None,
            });
            if matches!(faults.last(), Some(Some(Fault::Empty))) {
                faults.push(None);
            }
        }
        exchange.next(&faults);
        let mut runs = 0;
        loop {
            runs += 1;
            assert!(runs < 60, "round {round} does not end");
            let watch = Noting { cancels_at: (draw(3) == 0).then(|| draw(3_000)), ..Noting::default() };
            match klines::download(&order, &watch) {
                Ok(_) => break,
                Err(
                    Error::Cancelled
                    | Error::Limited { .. }
                    | Error::Unreachable { .. }
                    | Error::Garbled { .. }
                    | Error::Refused { .. },
                ) => {}
                Err(error) => panic!("round {round}: {error:?}"),
            }
        }
        let text = fs::read_to_string(&order.file).expect("the file is there");
        assert_eq!(text, exchange.file(DAY, end), "round {round}");
    }
}
