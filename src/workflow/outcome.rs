//! What comes of one run, as far as runs are compared: the metrics, and what identifies the ledger.
//!
//! Runs are kept below `.hive/cache/runs` by the hash of all that they are a function of: a run of upstream's engine takes
//! seconds, and its environment half a minute the first time.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::engine::profile::switch::SWITCHES;
use crate::golden::Metric;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::runs::Runs;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::finding;
use crate::workflow::finding::Written;
use crate::workflow::golden;
use crate::workflow::install;
use crate::workflow::install::Planned;
use crate::workflow::lock;
use crate::workflow::played::Played;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::side::Side;
use crate::workflow::upstream_engine::UpstreamEngine;

/// What a kept run holds. Goes up when the same inputs are to be run anew.
const GENERATION: u32 = 1;

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The SHA-256 of the ledger, in lower-case hex.
    pub ledger: String,
    /// The metrics, in the order of the report.
    pub metrics: IndexMap<String, Metric>,
}

/// Runs sides, and keeps what came of them.
pub struct Runner<'a> {
    project: &'a Project,
    options: Options,
    progress: &'a dyn Progress,
    candles: CandleCache,
    kept: Runs,
    /// How many runs were made.
    pub made_count: usize,
    /// How many were made before, and kept.
    pub cached_count: usize,
}

impl<'a> Runner<'a> {
    /// Begins with nothing run.
    #[must_use]
    pub fn new(project: &'a Project, options: Options, progress: &'a dyn Progress) -> Self {
        let kept = Runs::new(project.path(".hive/cache/runs"));
        let candles = CandleCache::default();
        Self { project, options, progress, candles, kept, made_count: 0, cached_count: 0 }
    }

    /// Runs a side, or returns what came of it before; the inner error says why it has no outcome.
    ///
    /// # Errors
    ///
    /// Says why nothing more can be run.
    pub fn run(&mut self, side: &Side) -> Result<Result<Outcome, String>, Error> {
        let outcome = match self.key(side) {
            Ok((key, planned)) => self.outcome(side, &key, planned.as_ref()),
            Err(Refusal::Error(error)) => Err(*error),
            Err(Refusal::Findings(findings)) => {
                let written = findings.iter().map(|finding| finding::written(finding.as_ref()));
                return Ok(Err(told(written.filter(|written| written.severity == "error"))));
            }
        };
        match outcome {
            Err(error) if matches!(error.exit(), Exit::Interrupted | Exit::Bug) => Err(error),
            Err(error) => Ok(Err(told([finding::written(&error)]))),
            Ok(outcome) => Ok(Ok(outcome)),
        }
    }

    fn outcome(&mut self, side: &Side, key: &str, planned: Option<&Planned>) -> Result<Outcome, Error> {
        if let Some(known) = self.kept.read(key).and_then(|bytes| read(&bytes)) {
            self.cached_count += 1;
            return Ok(known);
        }
        let (project, scenario) = (self.project, &side.scenario);
        let played = if let Some(profile) = side.profile {
            let ran = scenario::run_under(project, &side.loaded, scenario, profile, &mut self.candles)?;
            Played::Native(Box::new(ran))
        } else {
            let engine = UpstreamEngine::new(project, &side.loaded, self.options, self.progress);
            let engine = match side.closure.as_ref().zip(planned) {
                Some((closure, planned)) => engine.on(closure, planned),
                None => engine,
            };
            Played::Upstream(Box::new(engine.run(scenario, &mut self.candles)?))
        };
        self.made_count += 1;
        let result = golden::of(&side.loaded, scenario, &played);
        let outcome = Outcome { ledger: result.ledger.identity(), metrics: result.metrics };
        // Where nothing can be written, it is run again another time.
        let _ = self.kept.keep(key, &written(&outcome));
        Ok(outcome)
    }

    /// Returns the hash of all that a run is a function of, with the environment that it would be made in.
    fn key(&mut self, side: &Side) -> Result<(String, Option<Planned>), Refusal> {
        let Side { loaded, scenario, profile, closure, .. } = side;
        let (_, candles) = self.candles.get(self.project, &loaded.recipe, &scenario.candles)?;
        let mut text = format!("run {GENERATION}\ncandles {candles}\n");
        let mut line =
            |name: &str, value: &str| writeln!(text, "{name} {value}").expect("writing to a text cannot fail");
        let program = build();
        let mut planned = None;
        if let Some(profile) = profile {
            line("engine", &format!("{} {program}", lock::engine()));
            // The words tell every two values of a switch apart.
            for switch in &SWITCHES {
                line(switch.name, &(switch.words)(profile));
            }
            line("mode", scenario.mode.name());
            line("costs", &format!("{:?}", scenario.costs));
            line("indicators", scenario.indicators.as_deref().unwrap_or("-"));
        } else {
            // A side of upstream's engine has a closure.
            if let Some(closure) = closure {
                let (options, progress) = (self.options, self.progress);
                let made = install::planned(self.project, loaded, Some(closure), options, progress)?;
                line("environment", &made.key);
                planned = Some(made);
            }
            line("engine", &format!("upstream {program}"));
            line("pair", &loaded.recipe.candles[&scenario.candles].pair);
        }
        line("window", &format!("{} {} {}", scenario.start, scenario.end, scenario.resolution));
        line("trade-cost", &format!("{:?}", scenario.trade_cost));
        line("rules", &format!("{:?}", scenario.trading_rules));
        line("wall-clock", &format!("{:?}", scenario.wall_clock));
        line("controller", &json!(scenario.controller).to_string());
        Ok((files::sha256_hex(text.as_bytes()), planned))
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        if self.made_count > 0 {
            self.kept.make_room();
        }
    }
}

/// Returns what identifies this build of hive: two of one version may compute otherwise while hive itself is worked on.
fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let metadata = std::env::current_exe().and_then(std::fs::metadata).ok();
        let written = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let nanoseconds = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |it| it.as_nanos());
        format!("{}-{nanoseconds}", metadata.map_or(0, |metadata| metadata.len()))
    })
}

/// Returns why a run has no outcome, in one line.
fn told(written: impl IntoIterator<Item = Written>) -> String {
    let one = |written: Written| [vec![written.message], written.causes].concat().join(": ");
    written.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// A kept run. Floats are text: not every reader of JSON gives back the same float.
#[derive(Serialize, Deserialize)]
struct Kept {
    ledger: String,
    metrics: IndexMap<String, KeptMetric>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptMetric {
    Count(u64),
    Figure(Option<String>),
    Counts(IndexMap<String, u64>),
}

fn written(outcome: &Outcome) -> Vec<u8> {
    let metric = |metric: &Metric| match metric {
        Metric::Count(count) => KeptMetric::Count(*count),
        Metric::Figure(figure) => KeptMetric::Figure(figure.map(|figure| format!("{figure:?}"))),
        Metric::Counts(counts) => KeptMetric::Counts(counts.clone()),
    };
    let metrics = outcome.metrics.iter().map(|(name, value)| (name.clone(), metric(value))).collect();
    let kept = Kept { ledger: outcome.ledger.clone(), metrics };
    serde_json::to_vec(&kept).expect("a kept run has text keys and no floats")
}

/// Reads a kept run; one that cannot be read is as good as none.
fn read(bytes: &[u8]) -> Option<Outcome> {
    let kept: Kept = serde_json::from_slice(bytes).ok()?;
    let metric = |metric| {
        Some(match metric {
            KeptMetric::Count(count) => Metric::Count(count),
            KeptMetric::Figure(None) => Metric::Figure(None),
            KeptMetric::Figure(Some(text)) => Metric::Figure(Some(text.parse().ok()?)),
            KeptMetric::Counts(counts) => Metric::Counts(counts),
        })
    };
    let metrics = kept.metrics.into_iter().map(|(name, value)| Some((name, metric(value)?)));
    Some(Outcome { ledger: kept.ledger, metrics: metrics.collect::<Option<_>>()? })
}
