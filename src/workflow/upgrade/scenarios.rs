//! What comes of each scenario on the new release, on both engines, and where it parts from what was accepted.

use std::rc::Rc;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::golden::Golden;
use crate::golden::compare::Comparison;
use crate::golden::compare::Verdict;
use crate::io::transaction::Change;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::against;
use crate::workflow::against::Parity;
use crate::workflow::attribution;
use crate::workflow::attribution::Attribution;
use crate::workflow::environment::Environment;
use crate::workflow::golden;
use crate::workflow::golden::Parted;
use crate::workflow::golden::pending;
use crate::workflow::patch::probe;
use crate::workflow::played::Played;
use crate::workflow::played::Session;
use crate::workflow::project::Loaded;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::side::Maker;
use crate::workflow::upgrade::Stage;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::why;
use crate::workflow::upstream::Release;
use crate::workflow::upstream_engine::UpstreamEngine;

/// What is told of a scenario.
#[derive(Debug, Serialize)]
pub struct ScenarioReport {
    /// The scenario.
    pub scenario: String,
    /// The engine that replays it.
    pub engine: &'static str,
    /// The mode that it is replayed in.
    pub mode: &'static str,
    /// The replay profile on the recipe's release; `null` for upstream's engine, and where none is proven.
    pub profile_before: Option<&'static str>,
    /// The replay profile on the new release.
    pub profile_after: Option<&'static str>,
    /// What became of it, in a word.
    pub verdict: &'static str,
    /// Why it failed or was not checked.
    pub why: Option<String>,
    /// What the result is compared with.
    pub compared_with: Option<String>,
    /// The metrics.
    pub results: Map<String, Value>,
    /// How the result compares.
    #[serde(skip)]
    pub comparison: Option<Comparison>,
    /// Where the ledgers part, in time.
    #[serde(skip)]
    pub parted: Option<Parted>,
    /// What it was made with otherwise: name, then, now.
    #[serde(skip)]
    pub made_differently: Vec<(String, String, String)>,
    /// How upstream's engine on the new release stands to the native one; for a scenario with `against`, how its result stands to
    /// that of the scenario which it names.
    #[serde(serialize_with = "parity")]
    pub upstream_engine: Check<Parity>,
    /// Which changes cause the drift, and how much of each metric's change belongs to which.
    pub attribution: Check<Attribution>,
    /// The file in which the result waits to be accepted, once the upgrade is applied.
    pub pending: Option<String>,
}

/// What came of all scenarios.
pub(super) struct Scenarios {
    /// The reports, in the recipe's order.
    pub(super) reports: Vec<ScenarioReport>,
    /// The results that wait to be accepted.
    pub(super) pending: Vec<Change>,
    /// The recipe in whose environment upstream's engine was asked, where it is not this one's.
    pub(super) environment_of: Option<String>,
    /// What the installed Hummingbot refuses of the new recipe.
    pub(super) fault: Option<String>,
}

impl ScenarioReport {
    /// Returns whether it cannot be replayed on the new release, or upstream's engine has another result there.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.verdict == "failed" || self.upstream_engine.seen().is_some_and(|parity| !parity.is_exact())
    }

    /// Returns whether its result is not the accepted one.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.verdict == "drift"
    }
}

/// Replays all scenarios on the new release.
pub(super) fn all(stage: &Stage<'_>, environment: &Result<(Release, Environment), String>) -> Result<Scenarios, Error> {
    let (subject, environment_of) = subject(stage);
    let options = stage.request.options;
    let engine = || UpstreamEngine::new(stage.shadow, &subject, options, stage.progress);
    let mut session = Session::new(stage.shadow, stage.after, engine());
    let mut twins = Twins { stage, engine: engine(), candles: CandleCache::default(), refusal: None, fault: None };
    if !stage.request.makes_environments {
        twins.refusal = Some("`--no-environment`".to_owned());
    } else if let Err(reason) = environment {
        twins.refusal = Some(reason.clone());
    }
    let mut all = Scenarios { reports: Vec::new(), pending: Vec::new(), environment_of, fault: None };
    for scenario in stage.after.recipe.scenarios.values() {
        let (report, pending) = one(stage, scenario, &mut session, &mut twins)?;
        all.reports.push(report);
        all.pending.extend(pending);
    }
    all.fault = twins.fault;
    Ok(all)
}

/// Returns the recipe in whose environment upstream's engine runs: with the packages of the recipe of the project that builds on
/// the release, where there is one, for an old closure seldom fits a new release; and the name of that one.
fn subject(stage: &Stage<'_>) -> (Loaded, Option<String>) {
    let after = stage.after;
    let version = after.recipe.upstream.version();
    let other = version.and_then(|version| probe::of_release(stage.project, stage.loaded, version).ok().flatten());
    let Some(mut other) = other.filter(|other| other.recipe.name != after.recipe.name) else {
        return (after.clone(), None);
    };
    other.recipe.patches.clone_from(&after.recipe.patches);
    other.recipe.controllers.clone_from(&after.recipe.controllers);
    other.recipe.candles.clone_from(&after.recipe.candles);
    other.recipe.scenarios.clone_from(&after.recipe.scenarios);
    let name = other.recipe.name.clone();
    (other, Some(name))
}

/// Upstream's engine, asked what the native one was asked.
struct Twins<'a> {
    stage: &'a Stage<'a>,
    engine: UpstreamEngine<'a>,
    candles: CandleCache,
    /// Why there is no environment to ask in.
    refusal: Option<String>,
    /// What the installed Hummingbot refuses of the new recipe.
    fault: Option<String>,
}

impl Twins<'_> {
    fn ask(&mut self, scenario: &Scenario, native: &Played) -> Result<Check<Parity>, Error> {
        if let Some(refusal) = &self.refusal {
            return Ok(Check::NotChecked(refusal.clone()));
        }
        if scenario.mode == Mode::Causal {
            return Ok(Check::NotChecked("upstream's engine has no causal mode".to_owned()));
        }
        let twin = Scenario { engine: Engine::Upstream, against: None, ..scenario.clone() };
        match self.engine.run(&twin, &mut self.candles) {
            Ok(ran) => {
                let played = Played::Upstream(Box::new(ran));
                Ok(Check::Checked(against::compare(self.stage.after, [(&twin, &played), (scenario, native)])))
            }
            Err(error) if error.exit() == Exit::Interrupted => Err(error),
            Err(error) => {
                let reason = why(&error);
                if matches!(error, Error::Product(_)) {
                    self.fault = Some(reason.clone());
                }
                if !matches!(error, Error::UpstreamEngine(_) | Error::Candles { .. }) {
                    self.refusal = Some(reason.clone());
                }
                Ok(Check::NotChecked(reason))
            }
        }
    }
}

fn one(
    stage: &Stage<'_>,
    scenario: &Scenario,
    session: &mut Session<'_>,
    twins: &mut Twins<'_>,
) -> Result<(ScenarioReport, Option<Change>), Error> {
    let is_native = scenario.engine == Engine::Native;
    let profile = |project: &Project, loaded: &Loaded| {
        let scenario = loaded.recipe.scenarios.get(&scenario.name).filter(|_| is_native)?;
        scenario::profile_of(project, &loaded.recipe, scenario).ok().map(|profile| profile.name)
    };
    let mut report = ScenarioReport {
        scenario: scenario.name.clone(),
        engine: if is_native { "native" } else { "upstream" },
        mode: scenario.mode.name(),
        profile_before: profile(stage.project, stage.loaded),
        profile_after: profile(stage.shadow, stage.after),
        verdict: "not-checked",
        why: None,
        compared_with: None,
        results: Map::new(),
        comparison: None,
        parted: None,
        made_differently: Vec::new(),
        upstream_engine: Check::NotChecked("it is upstream's engine that replays it".to_owned()),
        attribution: Check::NotChecked("nothing drifts".to_owned()),
        pending: None,
    };
    if !is_native && let Some(refusal) = &twins.refusal {
        report.why = Some(refusal.clone());
        return Ok((report, None));
    }
    let played = match session.play(scenario) {
        Ok(played) => played,
        Err(error) if error.exit() == Exit::Interrupted => return Err(error),
        Err(error) => {
            let is_answer = is_native || matches!(error, Error::UpstreamEngine(_));
            report.verdict = if is_answer { "failed" } else { "not-checked" };
            report.why = Some(why(&error));
            report.upstream_engine = Check::NotChecked("the native engine has no result to compare with".to_owned());
            return Ok((report, None));
        }
    };
    report.results = played.results();
    report.upstream_engine = match (is_native, &scenario.against) {
        (true, _) => twins.ask(scenario, &played)?,
        (false, None) => report.upstream_engine,
        (false, Some(_)) => match session.parity(scenario, &played) {
            Ok(Some(parity)) => Check::Checked(parity),
            Ok(None) => report.upstream_engine,
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(error) => Check::NotChecked(why(&error)),
        },
    };
    let result = session.golden(scenario, &played);
    let pending = compare(stage, scenario, &mut report, &result)?;
    if report.is_drift() {
        report.attribution = attributed(stage, scenario)?;
    }
    Ok((report, pending))
}

/// Lays a result beside its golden, or beside what the recipe's release says now; returns what waits to be accepted.
fn compare(
    stage: &Stage<'_>,
    scenario: &Scenario,
    report: &mut ScenarioReport,
    result: &Golden,
) -> Result<Option<Change>, Error> {
    let recipe = &stage.loaded.recipe.name;
    let accepted = match golden::read(stage.project, recipe, &scenario.name) {
        Ok(accepted) => accepted,
        Err(error) => {
            (report.verdict, report.why) = ("failed", Some(why(&error)));
            return Ok(None);
        }
    };
    let before = match &accepted {
        Some(accepted) => {
            report.compared_with = Some("its golden".to_owned());
            Some(Rc::new(accepted.clone()))
        }
        None => now(stage, &scenario.name)?.inspect(|_| {
            report.compared_with = Some("a run on the recipe's release".to_owned());
        }),
    };
    if let Some(before) = &before {
        report.made_differently = golden::made_differently(before, result);
        report.parted = golden::parted(before, result);
    }
    let comparison = before.map(|before| golden::compared(stage.after, &before, result));
    let verdict = comparison.as_ref().map(Comparison::verdict);
    report.verdict = match verdict {
        None => "no-golden",
        Some(Verdict::Identical) => "identical",
        Some(Verdict::WithinTolerance) => "within-tolerance",
        Some(Verdict::Drift) => "drift",
    };
    report.comparison = comparison;
    // A scenario that is compared with another needs no golden: the other's result is its check.
    let needs_none = accepted.is_none() && scenario.against.is_some();
    if needs_none || (accepted.is_some() && verdict == Some(Verdict::Identical)) {
        return Ok(None);
    }
    let path = pending::file(recipe, &scenario.name);
    report.pending = Some(path.clone());
    Ok(Some(Change { path, content: Some(result.render().into_bytes()) }))
}

/// Finds what causes a drift: between what the golden was made of, or the recipe as it is, and the recipe on the new release.
fn attributed(stage: &Stage<'_>, scenario: &Scenario) -> Result<Check<Attribution>, Error> {
    let (options, progress, name) = (stage.request.options, stage.progress, scenario.name.as_str());
    let recipe = &stage.loaded.recipe;
    let here = Maker { project: stage.project, options, progress };
    let there = Maker { project: stage.shadow, options, progress };
    let file = Project::golden_file(&recipe.name, name);
    let from_golden = || match golden::read(stage.project, &recipe.name, name)? {
        Some(golden) => here.of_golden(stage.loaded, name, &file, &golden),
        None => here.of("now", stage.loaded, name),
    };
    let sides = from_golden().and_then(|old| Ok((old, there.of(stage.to, stage.after, name)?)));
    let found = sides.and_then(|(old, new)| {
        attribution::attribute(stage.shadow, &old, &new, attribution::Request::default(), options, progress)
    });
    match found {
        Ok(found) => Ok(Check::Checked(found)),
        Err(error) if error.exit() == Exit::Interrupted => Err(error),
        Err(error) => Ok(Check::NotChecked(why(&error))),
    }
}

/// Replays a scenario on the recipe's own release; `None` where that has no result, or needs an environment.
fn now(stage: &Stage<'_>, name: &str) -> Result<Option<Rc<Golden>>, Error> {
    let loaded = stage.loaded;
    let Some(scenario) = loaded.recipe.scenarios.get(name).filter(|scenario| scenario.engine == Engine::Native) else {
        return Ok(None);
    };
    let engine = UpstreamEngine::new(stage.project, loaded, stage.request.options, stage.progress);
    let mut session = Session::new(stage.project, loaded, engine);
    match session.play(scenario) {
        Ok(played) => Ok(Some(Rc::new(session.golden(scenario, &played)))),
        Err(error) if error.exit() == Exit::Interrupted => Err(error),
        Err(_) => Ok(None),
    }
}

fn parity<S: serde::Serializer>(check: &Check<Parity>, serializer: S) -> Result<S::Ok, S::Error> {
    let written = match check {
        Check::Checked(parity) => Check::Checked(parity.json()),
        Check::NotChecked(reason) => Check::NotChecked(reason.clone()),
    };
    written.serialize(serializer)
}
