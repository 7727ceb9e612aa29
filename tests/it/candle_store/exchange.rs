//! An exchange on this machine that speaks Binance's and KuCoin's formats, and has their faults.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::thread;
use std::time::Duration;

/// The most rows that each exchange answers with, by its documentation.
const BINANCE_ROWS: usize = 1_000;
const KUCOIN_ROWS: usize = 1_500;

const STEP: i64 = 60;

/// What goes wrong with one answer.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// A status, with the seconds after which to ask again.
    Status(u16, Option<u64>),
    /// The connection ends in the middle of the answer.
    Cut,
    /// The connection ends before the answer.
    Silence,
    /// A page of somebody in between.
    Html,
    /// JSON that ends too early, but is announced as whole.
    HalfJson,
    /// No rows, though there are some.
    Empty,
    /// The rows of another time.
    Elsewhere,
    /// The rows twice, and in no order.
    Twice,
    /// An answer of the test's own.
    Said(u16, String),
    /// It leads elsewhere.
    Redirect,
}

#[derive(Default)]
pub(super) struct State {
    /// What goes wrong with the next answers; `None` is an answer that is fine.
    pub(super) faults: VecDeque<Option<Fault>>,
    /// What goes wrong with every answer after those.
    pub(super) always: Option<Fault>,
    /// Open times without a candle.
    pub(super) missing: BTreeSet<i64>,
    /// The first candle that there is.
    pub(super) listed: i64,
    /// Fewer rows at once than the documentation says.
    pub(super) rows_max: Option<usize>,
    /// Further headers.
    pub(super) headers: BTreeMap<&'static str, String>,
    /// How long each answer takes.
    pub(super) delay: Duration,
    /// What was asked, without the address.
    pub(super) requests: Vec<String>,
}

/// An exchange that answers until the tests end.
pub(crate) struct Exchange {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// A candle of the market: time, open, high, low, close, volume.
type Row = (i64, [f64; 5]);

impl Exchange {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                // A client that hangs up early is part of some tests.
                thread::spawn(move || answer(&stream, &served).ok());
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn named(&self, text: &str) -> String {
        text.replace(&format!("127.0.0.1:{}", self.port), "EXCHANGE")
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics here")
    }

    /// Sets how long each answer takes.
    pub(crate) fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Lets the next answers be so.
    pub(super) fn next(&self, faults: &[Option<Fault>]) {
        self.state().faults = faults.iter().cloned().collect();
    }

    /// Returns what was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    /// Returns the file that an undisturbed download makes.
    pub(crate) fn file(&self, start: i64, end: i64) -> String {
        let state = self.state();
        let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
        for (time, [open, high, low, close, volume]) in rows(&state, start, end) {
            let _ = writeln!(text, "{time},{open},{high},{low},{close},{volume}");
        }
        text
    }
}

/// Returns the candles of the market from one open time to another.
fn rows(state: &State, from: i64, to: i64) -> Vec<Row> {
    let first = from.max(state.listed).div_euclid(STEP) * STEP;
    let first = if first < from.max(state.listed) { first + STEP } else { first };
    let price = |time: i64| 60_000.0 + ((time / STEP * 37) % 1_009) as f64 / 8.0;
    let row = |time: i64| {
        let (open, close) = (price(time), price(time + STEP));
        (time, [open, open.max(close) + 0.5, open.min(close) - 0.25, close, (time / STEP % 13) as f64 + 0.125])
    };
    let times = (0..).map(|step| first + step * STEP).take_while(|time| *time <= to);
    times.filter(|time| !state.missing.contains(time)).map(row).collect()
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let target = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let (fault, delay, headers, fine) = {
        let mut state = state.lock().expect("no test panics here");
        state.requests.push(target.clone());
        let always = state.always.clone();
        let fault = state.faults.pop_front().unwrap_or(always);
        let (from, to) = asked(&target);
        let page = |from: i64, to: i64| limited(&target, &state, rows(&state, from, to));
        let rows = match fault {
            Some(Fault::Empty) => Vec::new(),
            Some(Fault::Elsewhere) => page(to + 90 * 86_400, to + 91 * 86_400),
            Some(Fault::Twice) => {
                let once = page(from, to);
                once.iter().chain(once.iter().rev()).copied().collect()
            }
            _ => page(from, to),
        };
        (fault, state.delay, state.headers.clone(), written(&target, &rows))
    };
    thread::sleep(delay);
    let mut send = |status: u16, body: &str, announced: usize, more: &str| {
        let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: {announced}\r\nConnection: close\r\n{more}");
        for (name, value) in &headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        stream.write_all(format!("{text}\r\n{body}").as_bytes())
    };
    match fault {
        None | Some(Fault::Empty | Fault::Elsewhere | Fault::Twice) => send(200, &fine, fine.len(), ""),
        Some(Fault::Status(status, after)) => {
            let after = after.map_or_else(String::new, |after| format!("Retry-After: {after}\r\n"));
            let body = "{\"code\":-1003,\"msg\":\"Too many requests.\"}";
            send(status, body, body.len(), &after)
        }
        Some(Fault::Cut) => send(200, &fine[..fine.len() / 2], fine.len(), ""),
        Some(Fault::Silence) => Ok(()),
        Some(Fault::Html) => {
            let body = "<!doctype html>\n<title>Just a moment</title>";
            send(200, body, body.len(), "Content-Type: text/html\r\n")
        }
        Some(Fault::HalfJson) => send(200, &fine[..fine.len() / 2], fine.len() / 2, ""),
        Some(Fault::Said(status, body)) => send(status, &body, body.len(), ""),
        Some(Fault::Redirect) => send(302, "", 0, "Location: http://169.254.169.254/latest/\r\n"),
    }
}

fn is_binance(target: &str) -> bool {
    target.starts_with("/api/v3/klines?")
}

/// Reads which open times are asked for, both ends included.
fn asked(target: &str) -> (i64, i64) {
    let number = |key: &str| {
        let text = target.split(['?', '&']).find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        text.and_then(|text| text.parse::<i64>().ok()).unwrap_or_else(|| panic!("no `{key}` in {target}"))
    };
    if is_binance(target) {
        assert!(target.contains("symbol=BTCUSDT&interval=1m&"), "{target}");
        return (number("startTime").div_euclid(1_000), number("endTime").div_euclid(1_000));
    }
    assert!(target.starts_with("/api/v1/market/candles?type=1min&symbol=BTC-USDT&"), "{target}");
    (number("startAt"), number("endAt"))
}

/// Returns as many rows as the exchange answers with: Binance the oldest, KuCoin the newest.
fn limited(target: &str, state: &State, mut rows: Vec<Row>) -> Vec<Row> {
    if is_binance(target) {
        rows.truncate(state.rows_max.unwrap_or(BINANCE_ROWS));
        return rows;
    }
    let excess = rows.len().saturating_sub(state.rows_max.unwrap_or(KUCOIN_ROWS));
    rows.drain(..excess);
    rows.reverse();
    rows
}

fn written(target: &str, rows: &[Row]) -> String {
    let binance = |(time, [open, high, low, close, volume]): &Row| {
        let (opens, closes) = (time * 1_000, (time + STEP) * 1_000 - 1);
        format!(
            "[{opens},\"{open:.8}\",\"{high:.8}\",\"{low:.8}\",\"{close:.8}\",\"{volume:.8}\",{closes},\"1\",2,\"3\",\"4\",\"0\"]"
        )
    };
    let kucoin = |(time, [open, high, low, close, volume]): &Row| {
        format!("[\"{time}\",\"{open}\",\"{close}\",\"{high}\",\"{low}\",\"{volume}\",\"1.5\"]")
    };
    if is_binance(target) {
        return format!("[{}]", rows.iter().map(binance).collect::<Vec<_>>().join(","));
    }
    format!("{{\"code\":\"200000\",\"data\":[{}]}}", rows.iter().map(kucoin).collect::<Vec<_>>().join(","))
}
