//! A scenario in both modes, side by side, and how much of the parity replay is look-ahead.

use std::error::Error as _;

use indexmap::IndexMap;
use miette::Diagnostic as _;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::controller::Action;
use crate::controller::Controller;
use crate::engine::Replay;
use crate::engine::audit;
use crate::engine::audit::Cause;
use crate::engine::audit::Decision;
use crate::engine::audit::Recorder;
use crate::io::progress::Progress;
use crate::metric::Convention;
use crate::recipe::resolve::Mode;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::report;
use crate::workflow::report::Subject;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::scenario::Ready;
use crate::workflow::upstream;

/// Both replays of a scenario, of which one may be refused.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// The upstream that the recipe builds on.
    pub upstream: String,
    /// The replay profile.
    pub profile: &'static str,
    /// As upstream replays it.
    pub parity: Outcome,
    /// Without look-ahead.
    pub causal: Outcome,
}

/// What came of a mode.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Its replay.
    Replayed(Box<Side>),
    /// No replay: upstream's backtester cannot run every controller, and the causal mode not every setting.
    Refused(Refusal),
}

/// Why a mode has no replay.
#[derive(Debug, Serialize)]
pub struct Refusal {
    /// The reason, in a sentence.
    pub refused: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// One of the two replays.
#[derive(Debug, Serialize)]
pub struct Side {
    /// The metrics that the mode reports.
    pub results: Map<String, Value>,
    /// The metrics of a causal replay, computed from this one's executors and series, so that the two can be compared.
    pub figures: Map<String, Value>,
    /// What came of cutting the candles.
    pub look_ahead: LookAhead,
}

/// What a replay decided otherwise where the candles ended earlier.
#[derive(Debug, Serialize)]
pub struct LookAhead {
    /// How often the candles were cut.
    pub cut_count: usize,
    /// How many of the cuts changed an earlier decision.
    pub changed_cut_count: usize,
    /// How many decisions to create or stop something were compared, over all cuts.
    pub decision_count: usize,
    /// How many of them changed.
    pub changed_count: usize,
    /// By cause: how many cuts changed something because of it, by their first change.
    pub causes: IndexMap<&'static str, usize>,
    /// How many moments there were.
    pub moment_count: usize,
    /// At how many of them the controller saw a candle of its own that had not closed.
    pub unclosed_count: usize,
    /// How long those candles still had to go, on average, in seconds; `None` where there is none.
    pub unclosed_seconds_mean: Option<f64>,
    /// The first change of the first cut that has one with figures in both replays, else of the first that has one; `None`
    /// where none has.
    pub first: Option<Example>,
}

/// A decision that depends on what came after it.
#[derive(Debug, Serialize)]
pub struct Example {
    /// When it was made, epoch seconds.
    pub time: i64,
    /// The open time of the last candle that was left, epoch seconds.
    pub cut_after: i64,
    /// What was seen and done with all candles; null where there was no such moment.
    pub whole: Value,
    /// What was seen and done with the cut ones.
    pub cut: Value,
    /// Why.
    pub cause: &'static str,
    /// Why, in a sentence.
    pub explanation: &'static str,
}

/// Replays a scenario in both modes, whole and over candles that are cut at `cuts` places.
///
/// # Errors
///
/// Says what is wrong with the recipe, the candles or the version, and with the configuration where both modes refuse it.
pub fn audit(
    project: &Project,
    file: &str,
    scenario: &str,
    cuts: usize,
    progress: &dyn Progress,
) -> Result<Audit, Error> {
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(recipe, scenario))?;
    let mut candles = CandleCache::default();
    let ready = Ready::new(project, &loaded, found, &mut candles)?;
    progress.begin_steps("replaying cut candles", 2 * cuts as u64);
    let [parity, causal] =
        [Mode::Parity, Mode::Causal].map(|mode| side(&ready, mode, found.resolution, cuts, progress));
    let (parity, causal) = match (parity, causal) {
        (Err(parity), Err(causal)) => return Err(if found.mode == Mode::Parity { parity } else { causal }),
        (parity, causal) => (outcome(parity)?, outcome(causal)?),
    };
    progress.end();
    Ok(Audit {
        recipe: recipe.name.clone(),
        scenario: scenario.to_owned(),
        upstream: upstream::label(recipe),
        profile: ready.profile.name,
        parity,
        causal,
    })
}

impl Outcome {
    /// Returns the replay, where there is one.
    #[must_use]
    pub fn side(&self) -> Option<&Side> {
        match self {
            Self::Replayed(side) => Some(side),
            Self::Refused(_) => None,
        }
    }
}

/// Takes the errors that a mode of its own makes for refusals; returns all others.
fn outcome(side: Result<Side, Error>) -> Result<Outcome, Error> {
    match side {
        Ok(side) => Ok(Outcome::Replayed(Box::new(side))),
        Err(error @ (Error::Controller { .. } | Error::Replay { .. })) => {
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            let refused = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
            Ok(Outcome::Refused(Refusal { refused, help: error.help().map(|help| help.to_string()) }))
        }
        Err(error) => Err(error),
    }
}

fn side(ready: &Ready<'_>, mode: Mode, resolution: i64, cuts: usize, progress: &dyn Progress) -> Result<Side, Error> {
    let mut controller = ready.controller(mode)?;
    let mut recorder = Recorder::new(controller.as_mut());
    let replay = ready.replay_with(mode, ready.candles, &mut recorder)?;
    let whole = recorder.decisions;
    let measured = |convention| subject_results(&replay, controller.as_ref(), convention, resolution);
    Ok(Side {
        results: measured(scenario::convention(mode, &ready.profile)),
        figures: measured(Convention::Causal),
        look_ahead: Cutter { ready, mode, resolution, controller: controller.as_ref(), whole: &whole }
            .look_ahead(cuts, progress)?,
    })
}

fn subject_results(
    replay: &Replay,
    controller: &dyn Controller,
    convention: Convention,
    period: i64,
) -> Map<String, Value> {
    report::results(&Subject { replay, controller, convention, period })
}

/// Cuts the candles of a scenario and compares what is decided.
struct Cutter<'a> {
    ready: &'a Ready<'a>,
    mode: Mode,
    resolution: i64,
    /// Knows the names of its levels, and the interval of its own candles.
    controller: &'a dyn Controller,
    /// What was decided over all candles.
    whole: &'a [Decision],
}

impl Cutter<'_> {
    fn look_ahead(&self, cuts: usize, progress: &dyn Progress) -> Result<LookAhead, Error> {
        // A causal replay takes no candle before it has closed, so there is nothing to measure.
        let feed = self.controller.feed().filter(|_| self.mode == Mode::Parity);
        let lead = audit::lead(self.whole, feed, self.resolution);
        let mut found = LookAhead {
            moment_count: lead.moment_count,
            unclosed_count: lead.unclosed_count,
            unclosed_seconds_mean: lead.mean,
            cut_count: 0,
            changed_cut_count: 0,
            decision_count: 0,
            changed_count: 0,
            causes: Cause::ALL.map(|cause| (cause.name(), 0)).into(),
            first: None,
        };
        for at in self.places(cuts) {
            found.cut_count += 1;
            progress.advance(1);
            // In parity the end of the candles ends every executor, which is no look-ahead: the last moment does not count.
            let (open, until) = match self.mode {
                Mode::Parity => (at, at - 1),
                // A replayed candle that lacks its last rows has closed once others follow it, and in the cut none do.
                Mode::Causal => (at - self.resolution, at.min(self.horizon(at))),
            };
            let cut = self.decided(open + self.resolution)?;
            let difference = audit::compare(self.whole, &cut, until);
            found.decision_count += difference.acted_count;
            found.changed_count += difference.changed_count;
            let Some((whole, cut)) = difference.first else { continue };
            found.changed_cut_count += 1;
            let time = whole.as_ref().or(cut.as_ref()).map_or(at, |decision| decision.time);
            let settled = self.settled(time, open + self.resolution)?;
            let cause = audit::cause(whole.as_ref(), cut.as_ref(), settled.as_ref());
            found.causes[cause.name()] += 1;
            let shows_both = |example: &Example| !example.whole.is_null() && !example.cut.is_null();
            if !found.first.as_ref().is_some_and(shows_both) {
                let example = Example {
                    time,
                    cut_after: open,
                    whole: decision_json(whole.as_ref(), self.controller),
                    cut: decision_json(cut.as_ref(), self.controller),
                    cause: cause.name(),
                    explanation: cause.explanation(),
                };
                if found.first.is_none() || shows_both(&example) {
                    found.first = Some(example);
                }
            }
        }
        Ok(found)
    }

    /// Returns when the last candle that opens before a time closes, epoch seconds.
    fn horizon(&self, time: i64) -> i64 {
        let candles = self.ready.candles;
        let last = candles.time.partition_point(|&open| open < time).checked_sub(1).map(|last| candles.time[last]);
        last.map_or(time, |open| open + candles.interval().unwrap_or(self.resolution))
    }

    /// Returns the moments to cut at, evenly spread over those that there were.
    ///
    /// Where a file begins with gaps, its first candles alone look like longer ones, so none of these is early enough for that.
    fn places(&self, cuts: usize) -> Vec<i64> {
        let time = &self.ready.candles.time;
        let interval = self.ready.candles.interval();
        let known = time.windows(2).find(|pair| Some(pair[1] - pair[0]) == interval).map_or(i64::MAX, |pair| pair[1]);
        let whole = &self.whole[self.whole.partition_point(|decision| decision.time <= known)..];
        let count = whole.len();
        let cuts = cuts.min(count.saturating_sub(1));
        (1..=cuts).map(|cut| whole[cut * (count - 1) / (cuts + 1)].time).collect()
    }

    /// Returns what is decided over the candles that open before a time.
    fn decided(&self, end: i64) -> Result<Vec<Decision>, Error> {
        let candles = self.ready.candles.window(i64::MIN, end - 1);
        let mut controller = self.ready.controller(self.mode)?;
        let mut recorder = Recorder::new(controller.as_mut());
        match self.ready.replay_with(self.mode, &candles, &mut recorder) {
            // A replay that the cut keeps from its end has decided up to there.
            Ok(_) | Err(Error::Replay { .. }) => Ok(recorder.decisions),
            Err(error) => Err(error),
        }
    }

    /// Returns what is decided at a moment where the controller's own candle of that moment is whole.
    fn settled(&self, time: i64, end: i64) -> Result<Option<Decision>, Error> {
        let Some(feed) = self.controller.feed() else { return Ok(None) };
        let closes = (time.div_euclid(feed.interval) + 1) * feed.interval;
        let decisions = self.decided(closes.max(end))?;
        Ok(decisions.into_iter().find(|decision| decision.time == time))
    }
}

fn decision_json(decision: Option<&Decision>, controller: &dyn Controller) -> Value {
    let Some(decision) = decision else { return Value::Null };
    let [reference_price, spread_multiplier, signal] = decision.figures;
    let action = |action: &Action| match action {
        Action::Create(config) => json!({ "create": report::asked_json(None, config, controller) }),
        Action::Stop { id, keep_position } => json!({ "stop": { "seq": id.0, "keep_position": keep_position } }),
    };
    json!({
        "close": decision.close,
        "reference_price": reference_price,
        "spread_multiplier": spread_multiplier,
        "signal": signal,
        "actions": decision.actions.iter().map(action).collect::<Vec<_>>(),
    })
}
