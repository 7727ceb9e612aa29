//! What is answered to what is wrong: a table of requests, each with status, code and message.

use axum::body::Body;
use axum::body::Bytes;
use axum::http::Request;
use futures_util::stream;
use serde_json::Value;
use serde_json::json;

use super::house::Answer;
use super::house::House;
use super::house::PASSWORD;
use super::house::Setup;
use super::house::backtest;
use super::house::post;
use super::house::request;

/// More characters of a message than this are not shown.
const SHOWN_MAX: usize = 260;

/// A row: what is wrong, and the request.
type Row = (&'static str, Request<Body>);

/// Returns a right request with one thing changed.
fn with(path: &str, value: Value) -> Value {
    let mut body = backtest();
    *body.pointer_mut(path).expect("the place is there") = value;
    body
}

/// Returns a right request with one thing more.
fn and(place: &str, key: &str, value: Value) -> Value {
    let mut body = backtest();
    body.pointer_mut(place).expect("the place is there")[key] = value;
    body
}

fn without(key: &str) -> Value {
    let mut body = backtest();
    body.as_object_mut().expect("an object").shift_remove(key);
    body
}

fn raw(path: &str, kind: &str, text: impl Into<Body>) -> Request<Body> {
    request("POST", path).header("content-type", kind).body(text.into()).expect("a request")
}

fn empty(method: &str, path: &str) -> Request<Body> {
    request(method, path).body(Body::empty()).expect("a request")
}

fn headed(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::empty()).expect("a request")
}

fn job(what: &'static str, body: &Value) -> Row {
    (what, post("/api/jobs", body))
}

/// A body of 100 MB that does not say how long it is.
fn endless() -> Body {
    let chunk = Bytes::from(vec![b' '; 1024 * 1024]);
    Body::from_stream(stream::iter((0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone()))))
}

#[rustfmt::skip]
fn bodies() -> Vec<Row> {
    let json = "application/json";
    let deep = "[".repeat(1000) + &"]".repeat(1000);
    let text = backtest().to_string();
    vec![
        ("no body", raw("/api/jobs", json, "")),
        ("broken JSON", raw("/api/jobs", json, "{\"start_time\": 1,")),
        ("NaN", raw("/api/jobs", json, text.replace("0.0002", "NaN"))),
        ("Infinity", raw("/api/jobs", json, text.replace("0.0002", "Infinity"))),
        ("a number without an end", raw("/api/jobs", json, text.replace("0.0002", "1e999"))),
        ("no UTF-8", raw("/api/jobs", json, vec![b'"', 0xff, b'"'])),
        ("a body that nests a thousand times", raw("/api/jobs", json, deep)),
        ("an array", post("/api/jobs", &json!([1]))),
        ("a text", post("/api/jobs", &json!("pmm_simple"))),
        ("null", post("/api/jobs", &Value::Null)),
        ("a form", raw("/api/jobs", "application/x-www-form-urlencoded", "start_time=1")),
        ("plain text, as a foreign form could send", raw("/api/jobs", "text/plain", text.clone())),
        ("2 MiB and a byte", raw("/api/jobs", json, vec![b' '; 2 * 1024 * 1024 + 1])),
        ("100 MB that are announced", request("POST", "/api/jobs").header("content-type", json)
            .header("content-length", "100000000").body(Body::empty()).expect("a request")),
        ("100 MB that are not", raw("/api/jobs", json, endless())),
    ]
}

#[rustfmt::skip]
fn fields() -> Vec<Row> {
    vec![
        job("no config", &without("config")),
        job("a begin that is text", &with("/start_time", json!("2026-01-01"))),
        job("a begin that is no whole number", &with("/start_time", json!(1_767_225_600.5))),
        job("a begin before 1970", &with("/start_time", json!(-1))),
        job("a begin in milliseconds", &with("/start_time", json!(1_767_225_600_000_i64))),
        job("an end before the begin", &with("/end_time", json!(1_767_225_599))),
        job("an end at the begin", &with("/end_time", json!(1_767_225_600))),
        job("an end beyond all numbers", &with("/end_time", json!(u64::MAX))),
        job("a window without candles", &with("/end_time", json!(4_000_000_000_i64))),
        job("no such resolution", &with("/backtesting_resolution", json!("7x"))),
        job("a resolution that is a number", &with("/backtesting_resolution", json!(60))),
        job("a negative cost", &with("/trade_cost", json!(-0.1))),
        job("a cost of 500 %", &with("/trade_cost", json!(5))),
        job("a cost that is text", &with("/trade_cost", json!("cheap"))),
        job("a key that nobody knows", &and("", "trade_costs", json!(1))),
        job("no such mode", &and("", "mode", json!("honest"))),
        job("no such profile", &and("", "profile", json!("99.1"))),
        job("a workspace with a path", &and("", "workspace", json!("../other"))),
        job("a workspace that is a number", &and("", "workspace", json!(7))),
        job("a workspace of 65 letters", &and("", "workspace", json!("w".repeat(65)))),
        job("no such controller", &with("/config/controller_name", json!("pmm_simpel"))),
        job("no such controller type", &with("/config/controller_type", json!("astrology"))),
        job("a controller of another type", &with("/config/controller_type", json!("directional_trading"))),
        job("a config that is a number", &with("/config", json!(7))),
        job("an empty config", &with("/config", json!({}))),
        job("no such config", &with("/config", json!("nobody.yml"))),
        job("a config with a path upward", &with("/config", json!("../../secret.yml"))),
        job("a config with an absolute path", &with("/config", json!("/etc/passwd"))),
        job("a config with a backslash", &with("/config", json!("..\\secret.yml"))),
        job("a config with a NUL", &with("/config", json!("walk.yml\u{0}"))),
        job("a config without a name", &with("/config", json!(""))),
        job("a field that the controller has not", &and("/config", "take_profits", json!(1))),
        job("a spread that is text", &with("/config/buy_spreads", json!("wide"))),
        job("100,000 spreads", &with("/config/buy_spreads", json!(vec![0.001; 100_000]))),
        job("a time limit below nothing", &with("/config/time_limit", json!(-5))),
        job("candles that are not there", &with("/config/trading_pair", json!("DOGE-USDT"))),
    ]
}

#[rustfmt::skip]
fn places() -> Vec<Row> {
    let host = ("host", "127.0.0.1:8000");
    vec![
        ("a foreign host", headed("GET", "/api/jobs", &[("host", "evil.example:8000")])),
        ("a host that only begins well", headed("GET", "/api/jobs", &[("host", "localhost.evil.example")])),
        ("no host", headed("GET", "/api/jobs", &[])),
        ("two hosts", headed("GET", "/api/jobs", &[host, ("host", "evil.example")])),
        ("a host in the request line that is another", headed("GET", "http://evil.example/api/jobs", &[host])),
        ("a foreign origin", headed("POST", "/api/jobs", &[host, ("origin", "https://evil.example")])),
        ("an origin of another port", headed("POST", "/api/jobs", &[host, ("origin", "http://127.0.0.1:9000")])),
        ("no origin at all: null", headed("POST", "/api/jobs", &[host, ("origin", "null")])),
        ("another site's page", headed("POST", "/api/jobs", &[host, ("sec-fetch-site", "cross-site")])),
        ("a sister site's page", headed("DELETE", "/api/jobs/x", &[host, ("sec-fetch-site", "same-site")])),
        ("no such path", empty("GET", "/jobs")),
        ("no such path below /api", empty("GET", "/api/job")),
        ("no such path far below", empty("GET", "/a/b/c/d")),
        ("a method that the path has not", empty("PUT", "/api/jobs")),
        ("a method that nobody knows", empty("BREW", "/api/jobs")),
        ("no such job", empty("GET", "/api/jobs/00000000-0000-4000-8000-000000000000")),
        ("an id that is a path", empty("GET", "/api/jobs/..%2F..%2Fetc%2Fpasswd")),
        ("cancelling no such job", empty("POST", "/api/jobs/x/cancel")),
        ("removing no such job", empty("DELETE", "/api/jobs/x")),
        ("the result of no such job", empty("GET", "/api/jobs/x/result")),
        ("the table of no such job", empty("GET", "/api/jobs/x/executors.csv")),
        ("the events of no such job", empty("GET", "/api/jobs/x/events")),
        ("no such state", empty("GET", "/api/jobs?state=done")),
        ("a page of no jobs", empty("GET", "/api/jobs?limit=0")),
        ("a page of all jobs", empty("GET", "/api/jobs?limit=1000000")),
        ("a page of some jobs", empty("GET", "/api/jobs?limit=some")),
        ("a page before the first", empty("GET", "/api/jobs?before=-1")),
        ("a file of the project", empty("GET", "/..%2FCargo.toml")),
        ("a file that is no page's", empty("GET", "/mod.rs")),
        ("a hidden file", empty("GET", "/.htaccess.js")),
        ("stopping what does not run", empty("POST", "/api/backtest/stop")),
        ("the status of a workspace that is none", empty("GET", "/api/backtest/status?workspace=a%2Fb")),
    ]
}

#[rustfmt::skip]
fn drop_ins() -> Vec<Row> {
    let json = "application/json";
    vec![
        ("drop-in: no body", raw("/backtesting/run", json, "")),
        ("drop-in: broken JSON", raw("/backtesting/run", json, "{\"config\": ")),
        ("drop-in: NaN", raw("/run-backtesting", json, "{\"trade_cost\": NaN}")),
        ("drop-in: an array", post("/backtesting/run-backtesting", &json!([]))),
        ("drop-in: no JSON", raw("/backtesting/run", "text/plain", "{}")),
        ("drop-in: a begin that is text", post("/backtesting/run", &with("/start_time", json!("now")))),
        ("drop-in: no such resolution", post("/backtesting/tasks", &with("/backtesting_resolution", json!("7x")))),
        ("drop-in: no such controller", post("/backtesting/run", &with("/config/controller_name", json!("nobody")))),
        ("drop-in: a path as config", post("/backtesting/run", &with("/config", json!("../../etc/passwd")))),
        ("drop-in: candles that are not there", post("/backtesting/run", &with("/config/trading_pair", json!("DOGE-USDT")))),
        ("drop-in: 2 MiB and a byte", raw("/backtesting/tasks", json, vec![b' '; 2 * 1024 * 1024 + 1])),
        ("drop-in: no such task", empty("GET", "/backtesting/tasks/deadbeef")),
        ("drop-in: deleting no such task", empty("DELETE", "/backtesting/tasks/deadbeef")),
        ("drop-in: a method that the path has not", empty("GET", "/backtesting/run")),
        ("drop-in: a foreign host", headed("GET", "/backtesting/tasks", &[("host", "evil.example")])),
        ("drop-in: a foreign origin", headed("POST", "/backtesting/run",
            &[("host", "127.0.0.1:8000"), ("origin", "http://evil.example")])),
    ]
}

#[rustfmt::skip]
fn downloads() -> Vec<Row> {
    let ask = |what, key: &str, value: Value| {
        let mut body = json!({
            "connector": "binance", "pair": "BTC-USDT", "interval": "1m", "start": 1_767_225_600, "end": 1_767_229_200,
        });
        body[key] = value;
        (what, post("/api/candles/download", &body))
    };
    vec![
        ("download: nothing", post("/api/candles/download", &json!({}))),
        ask("download: no such exchange", "connector", json!("mtgox")),
        ask("download: no such interval", "interval", json!("7m")),
        ask("download: no pair", "pair", json!("../../BTC")),
        ask("download: a begin that is text", "start", json!("yesterday")),
        ask("download: an end before the begin", "end", json!(0)),
        ask("download: this machine", "base_url", json!("http://127.0.0.1:9999")),
        ask("download: a cloud's own address", "base_url", json!("http://169.254.169.254/latest")),
        ask("download: a file", "base_url", json!("file:///etc/passwd")),
        ask("download: no address", "base_url", json!("not an address")),
        ask("download: it allows itself private addresses", "allow_private", json!(true)),
    ]
}

#[rustfmt::skip]
fn keys() -> Vec<Row> {
    let host = ("host", "127.0.0.1:8000");
    let get = |authorization: &str| headed("GET", "/api/jobs", &[host, ("authorization", authorization)]);
    // `root` and the right password; `admin` and a wrong one.
    let wrong_user = format!("Basic {}", base64(&format!("root:{PASSWORD}")));
    let wrong_password = format!("Basic {}", base64("admin:admin"));
    vec![
        ("locked: no key", empty("GET", "/api/jobs")),
        ("locked: a wrong token", get("Bearer canary-token-0123456788")),
        ("locked: an empty token", get("Bearer ")),
        ("locked: a wrong user", get(&wrong_user)),
        ("locked: a wrong password", get(&wrong_password)),
        ("locked: what is no base64", get("Basic !!!")),
        ("locked: a scheme that nobody knows", get("Digest abc")),
        ("locked: a session that is none", headed("GET", "/api/jobs", &[host, ("cookie", "hive_session=0123")])),
        ("locked: a wrong token typed", post("/api/session", &json!({ "token": "canary" }))),
        ("locked: nothing typed", post("/api/session", &json!({}))),
        ("locked: the counts", empty("GET", "/metrics")),
        ("locked: drop-in without a key", post("/backtesting/run", &backtest())),
        ("locked: drop-in with what clients send by default", headed("GET", "/backtesting/tasks",
            &[host, ("authorization", &wrong_password)])),
        ("locked: a path that is not there", empty("GET", "/a/b/c")),
    ]
}

pub(super) fn base64(text: &str) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}

/// Returns a line: status, code and message.
fn told(what: &str, answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
    let error = &body["error"];
    let (code, message) = match (error["code"].as_str(), body.get("detail"), error.as_str()) {
        (Some(code), _, _) => (code, error["message"].as_str().unwrap_or_default().to_owned()),
        (None, Some(detail), _) => ("detail", detail.to_string()),
        (None, None, Some(error)) => ("error", error.to_owned()),
        _ if answer.status == 202 => ("", format!("accepted: {}", body["title"].as_str().unwrap_or_default())),
        _ => ("?", answer.text.clone()),
    };
    let shown: String = message.chars().take(SHOWN_MAX).collect();
    let more = if message.chars().count() > SHOWN_MAX { "…" } else { "" };
    format!("{} {code:<7} {what}\n            {}{more}\n", answer.status, shown.replace('\n', "\n            "))
}

#[test]
fn bad_input() {
    let open = House::new();
    let locked = House::with(Setup::locked());
    let (mut table, mut count) = (String::new(), 0);
    let all = [
        (&open, bodies()),
        (&open, fields()),
        (&open, places()),
        (&open, drop_ins()),
        (&open, downloads()),
        (&locked, keys()),
    ];
    for (house, rows) in all {
        for (what, request) in rows {
            let answer = house.ask(request);
            assert!(answer.status < 500, "{what}: {answer:?}");
            assert!(!answer.header("x-request-id").is_empty(), "{what}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
            table.push_str(&told(what, &answer));
            count += 1;
        }
    }
    assert!(count >= 100, "{count} rows");
    insta::assert_snapshot!(table);
    // What was refused has left nothing behind; candles that are not there may be fetched before a job is begun.
    let jobs = open.get("/api/jobs").with(200);
    let titles: Vec<&str> =
        jobs["jobs"].as_array().expect("a list").iter().flat_map(|job| job["title"].as_str()).collect();
    let doge = "pmm_simple DOGE-USDT 2026-01-01";
    assert_eq!(titles, [doge, doge, "pmm_simple BTC-USDT 2026-01-01..2096-10-02"]);
}
