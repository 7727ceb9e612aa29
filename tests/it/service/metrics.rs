//! `/metrics`: what Prometheus' own linter says of it, and that what happened is counted.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::io::Write as _;
use std::process::Command;
use std::process::Stdio;

use super::house::House;
use super::house::backtest;

/// Returns the counts after a few requests.
fn counts() -> String {
    let house = House::new();
    let id = house.start(&backtest());
    house.until(&id, "complete");
    house.get("/api/nothing");
    house.get("/nowhere/at/all");
    house.delete("/api/jobs/nobody");
    house.get("/metrics").text
}

#[test]
fn what_happened_is_counted() {
    let text = counts();
    for line in [
        "hive_http_requests_total{method=\"POST\",route=\"/api/jobs\",status=\"202\"} 1",
        "hive_http_requests_total{method=\"DELETE\",route=\"/api/jobs/{id}\",status=\"404\"} 1",
        // Whoever asks for what is not there makes no new names.
        "hive_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 2",
        "hive_http_refused_total{code=\"HV0879\"} 2",
        "hive_http_refused_total{code=\"HV0881\"} 1",
        "hive_jobs{state=\"complete\"} 1",
        "hive_jobs{state=\"failed\"} 0",
        "hive_jobs_submitted_total 1",
        "hive_jobs_ended_total{state=\"complete\"} 1",
        "hive_job_work_seconds_count 1",
        "hive_http_requests_in_flight 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn promtool_accepts_the_metrics() {
    let text = counts();
    let promtool =
        Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut promtool) = promtool else {
        for name in ["HIVE_REQUIRE_PROMTOOL", "HIVE_REQUIRE_DOCKER"] {
            let is_required = std::env::var_os(name).is_some_and(|value| value == "1");
            assert!(!is_required, "{name}=1, and promtool is not there: it is in Debian's package prometheus");
        }
        eprintln!("skipped: promtool is not there");
        return;
    };
    promtool.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
    let said = promtool.wait_with_output().expect("it ends");
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && words.trim().is_empty(), "{words}\n{text}");
}
