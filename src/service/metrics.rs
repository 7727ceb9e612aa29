//! What does `/metrics` count?

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use prometheus::HistogramOpts;
use prometheus::HistogramVec;
use prometheus::IntCounterVec;
use prometheus::IntGauge;
use prometheus::IntGaugeVec;
use prometheus::Opts;
use prometheus::Registry;
use prometheus::TextEncoder;
use prometheus::core::Collector;

use crate::service::error::Error;
use crate::workflow::jobs;
use crate::workflow::jobs::Counts;

/// Upper bounds of the buckets of answers' times, in seconds.
const ANSWER_BUCKETS_S: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0];

/// What is counted of requests. Labels are routes, methods and codes of ours: whoever asks cannot make up new ones.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    refused: IntCounterVec,
    in_flight: IntGauge,
    streams: IntGauge,
}

impl Metrics {
    /// Begins to count.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let build = IntGaugeVec::new(Opts::new("hive_build_info", "The version of hive; always 1."), &["version"])
            .expect("the name is a metric's");
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let _ = register(&registry, build);
        let requests = IntCounterVec::new(
            Opts::new(
                "hive_http_requests_total",
                "Requests that were answered, by route, method and status; 499: the client went away.",
            ),
            &["route", "method", "status"],
        );
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "hive_http_request_duration_seconds",
                "Time from a request's headers to its answer's, by route.",
            )
            .buckets(ANSWER_BUCKETS_S.to_vec()),
            &["route"],
        );
        let refused = IntCounterVec::new(
            Opts::new("hive_http_refused_total", "Requests that were refused, by the code that `hive explain` knows."),
            &["code"],
        );
        let in_flight = IntGauge::new("hive_http_requests_in_flight", "Requests that wait for their answer.");
        let streams = IntGauge::new("hive_event_streams", "Streams of events that are open.");
        Self {
            requests: register(&registry, requests.expect("the name is a metric's")),
            seconds: register(&registry, seconds.expect("the name is a metric's")),
            refused: register(&registry, refused.expect("the name is a metric's")),
            in_flight: register(&registry, in_flight.expect("the name is a metric's")),
            streams: register(&registry, streams.expect("the name is a metric's")),
            registry,
        }
    }

    /// A request has come.
    pub fn begin(&self) {
        self.in_flight.inc();
    }

    /// A request was answered, or its client went away.
    pub fn end(&self, method: &str, route: &str, status: u16, elapsed: Duration, error: Option<&Error>) {
        self.in_flight.dec();
        self.requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.seconds.with_label_values(&[route]).observe(elapsed.as_secs_f64());
        if let Some(error) = error {
            self.refused.with_label_values(&[&error.code_text()]).inc();
        }
    }

    /// A stream of events was opened.
    pub fn stream_begins(&self) {
        self.streams.inc();
    }

    /// A stream of events has ended.
    pub fn stream_ends(&self) {
        self.streams.dec();
    }

    /// Returns what was counted, with the jobs' own counts, in Prometheus' text format.
    #[must_use]
    pub fn text(&self, counts: &Counts) -> String {
        let mut text =
            TextEncoder::new().encode_to_string(&self.registry.gather()).expect("the registry checked all names");
        write_jobs(&mut text, counts);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> C {
    registry.register(Box::new(collector.clone())).expect("each name is registered once");
    collector
}

/// Writes the counts of jobs, which the jobs keep themselves.
fn write_jobs(text: &mut String, counts: &Counts) {
    let states = |by: &BTreeMap<jobs::State, u64>| -> Vec<(Option<&'static str>, u64)> {
        jobs::State::ALL.iter().map(|state| (Some(state.name()), by.get(state).copied().unwrap_or_default())).collect()
    };
    let one = |count: u64| vec![(None, count)];
    family(text, "hive_jobs", "gauge", "Jobs that are known, by state.", &states(&counts.jobs));
    family(text, "hive_jobs_paused", "gauge", "Jobs that are paused.", &one(counts.paused));
    family(text, "hive_jobs_queued", "gauge", "Jobs that wait for a worker.", &one(counts.queued));
    family(text, "hive_jobs_queue_limit", "gauge", "Jobs that may wait.", &one(counts.queued_max));
    family(text, "hive_job_workers", "gauge", "Jobs that may be worked on at once.", &one(counts.workers));
    family(text, "hive_job_workers_busy", "gauge", "Workers that have something to do.", &one(counts.workers_busy));
    family(text, "hive_job_results_bytes", "gauge", "Bytes of results on the disk.", &one(counts.result_bytes));
    family(
        text,
        "hive_jobs_submitted_total",
        "counter",
        "Jobs accepted since the start.",
        &one(counts.submitted_total),
    );
    family(
        text,
        "hive_jobs_cached_total",
        "counter",
        "Jobs whose result was there already.",
        &one(counts.cached_total),
    );
    family(text, "hive_jobs_refused_total", "counter", "Jobs refused since the start.", &one(counts.refused_total));
    family(
        text,
        "hive_jobs_evicted_total",
        "counter",
        "Ended jobs that made room for newer ones.",
        &one(counts.evicted_total),
    );
    let ended: Vec<_> = states(&counts.ended_total).into_iter().filter(|(name, _)| !is_active(*name)).collect();
    family(text, "hive_jobs_ended_total", "counter", "Jobs that ended since the start, by state.", &ended);
    histogram(text, "hive_job_wait_seconds", "How long jobs waited for a worker.", &counts.waited);
    histogram(text, "hive_job_work_seconds", "How long jobs were worked on.", &counts.worked);
}

fn is_active(name: Option<&str>) -> bool {
    jobs::State::ALL.iter().any(|state| state.is_active() && name == Some(state.name()))
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(Option<&str>, u64)]) {
    header(text, name, kind, help);
    for (state, count) in samples {
        match state {
            Some(state) => put(text, format_args!("{name}{{state=\"{state}\"}} {count}\n")),
            None => put(text, format_args!("{name} {count}\n")),
        }
    }
}

fn histogram(text: &mut String, name: &str, help: &str, counted: &jobs::Histogram) {
    header(text, name, "histogram", help);
    let mut below = 0;
    for (bound, count) in jobs::BUCKETS_S.iter().zip(counted.counts) {
        below += count;
        put(text, format_args!("{name}_bucket{{le=\"{bound}\"}} {below}\n"));
    }
    put(text, format_args!("{name}_bucket{{le=\"+Inf\"}} {}\n", counted.count));
    put(text, format_args!("{name}_sum {}\n{name}_count {}\n", counted.sum_s, counted.count));
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    put(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
}

fn put(text: &mut String, written: fmt::Arguments<'_>) {
    text.write_fmt(written).expect("writing to a `String` cannot fail");
}
