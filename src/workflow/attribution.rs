//! Which differences between two sides cause a drift, and how much of every metric's change belongs to each of them?

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use indexmap::IndexSet;
use serde::Serialize;

use crate::cause::Figures;
use crate::cause::NoBase;
use crate::cause::Question;
use crate::cause::Runs;
use crate::cause::Subject;
use crate::cause::Taken;
use crate::cause::search;
use crate::cause::search::Causes;
use crate::cause::share;
use crate::cause::share::Change;
use crate::cause::share::Method;
use crate::cause::share::Shared;
use crate::cause::share::Shares;
use crate::golden::Golden;
use crate::golden::Metric;
use crate::golden::compare;
use crate::golden::compare::Rule;
use crate::golden::compare::Verdict;
use crate::recipe::resolve;
use crate::recipe::resolve::Tolerance;
use crate::recipe::schema;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Progress;
use crate::workflow::Project;
use crate::workflow::axis;
use crate::workflow::axis::Axis;
use crate::workflow::bisect::Refusal;
use crate::workflow::outcome::Outcome;
use crate::workflow::outcome::Runner;
use crate::workflow::side::Side;

/// How many runs of the native engine are asked for where nobody says.
pub const NATIVE_RUNS: usize = 256;

/// How many runs of upstream's engine are asked for where nobody says: each takes seconds, and most an environment.
pub const UPSTREAM_RUNS: usize = 24;

/// How many runs without an outcome are told.
const TOLD_FAILURES: usize = 8;

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The metric that is looked at alone; `None` for the ledger and every metric.
    pub metric: Option<&'a str>,
    /// How many runs may be asked for; `None` for as many as the engine is given where nobody says.
    pub budget: Option<usize>,
}

/// What causes a drift, and how much of what changed belongs to what.
#[derive(Debug, Clone, Serialize)]
pub struct Attribution {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// The engine that replayed it, `native` or `upstream`.
    pub engine: &'static str,
    /// The old side.
    pub old: Told,
    /// The new side.
    pub new: Told,
    /// Whether what the old side gives is what its golden says; `null` for a side that is no golden's.
    pub is_reproduced: Option<bool>,
    /// How the new side stands to the old one: `identical`, `within-tolerance`, `drift`, or `fails` where it has no result.
    pub verdict: &'static str,
    /// Why the new side has no result.
    pub failure: Option<String>,
    /// The metric that was looked at alone.
    pub metric: Option<String>,
    /// In what the sides differ.
    pub axes: Vec<Axis>,
    /// The smallest sets of axes that cause it, the smallest first.
    pub causes: Vec<Cause>,
    /// Whether there are no other causes: every mixture that could be one was run.
    pub causes_are_complete: bool,
    /// Whether there are causes and no drift: they cancel each other out.
    pub causes_cancel: bool,
    /// The axes that are enough to take back, for nothing to drift any more; `null` where nothing drifts.
    pub undo: Option<Vec<String>>,
    /// How the shares were found.
    pub method: MethodTold,
    /// The metrics and their shares, in the order of the report.
    pub metrics: Vec<MetricShares>,
    /// How many runs there were.
    pub runs: RunsTold,
    /// What could not be had as it was, in words.
    pub notes: Vec<String>,
}

/// A side, as reports tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// The release.
    pub upstream: String,
    /// The profile that it was replayed under; `null` for upstream's engine.
    pub profile: Option<&'static str>,
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The names of its axes.
    pub axes: Vec<String>,
    /// Whether it is of two and more axes, which do nothing without each other.
    pub is_interaction: bool,
    /// Whether every part of it was run, and none drifts.
    pub is_minimal: bool,
    /// The cause in a sentence.
    pub sentence: String,
}

/// How shares were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MethodTold {
    /// Its name: `exact`, `effective`, `ordered` or `nothing`.
    pub name: &'static str,
    /// What that means, in a sentence.
    pub words: String,
    /// The axes that are seen to have an effect.
    pub effective: Vec<String>,
}

/// A metric and its shares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricShares {
    /// The metric's name; a count by name has a dot in it, `close_types.STOP_LOSS`.
    pub name: String,
    /// Its value on the old side; `null` where it does not exist.
    pub old: Option<f64>,
    /// Its value on the new side; `null` where it does not exist.
    pub new: Option<f64>,
    /// What changes: `value`, or that it `appears` or `disappears`; then the shares are of 1 and of -1.
    pub change: &'static str,
    /// By how much its value changes; `null` where it has not two of them.
    pub by: Option<f64>,
    /// The share of each axis that has one, by name; `null` where no order of the axes could be run through.
    pub shares: Option<IndexMap<String, f64>>,
    /// What each axis does when it alone is taken over, by name; left out where that is nothing or not known.
    pub alone: IndexMap<String, f64>,
}

/// How many runs there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunsTold {
    /// How many mixtures were asked for.
    pub count: usize,
    /// How many of them were run before.
    pub cached_count: usize,
    /// How many may be asked for.
    pub budget: usize,
    /// How many have no result.
    pub failed_count: usize,
    /// The first of those, the smallest mixtures first.
    pub failed: Vec<Failed>,
}

/// A mixture without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The axes that were taken from the new side.
    pub axes: Vec<String>,
    /// Why there is none.
    pub reason: String,
}

impl Attribution {
    /// Returns whether the new side drifts from the old one, or has no result.
    #[must_use]
    pub fn drifts(&self) -> bool {
        ["drift", "fails"].contains(&self.verdict)
    }
}

/// Finds what causes the new side to drift from the old one, and shares out what changed.
///
/// # Errors
///
/// Refuses sides of two engines, an old side without a result, and a metric that neither side has; says why nothing more
/// can be run.
pub fn attribute(
    project: &Project,
    old: &Side,
    new: &Side,
    request: Request<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Attribution, Error> {
    if old.profile.is_some() != new.profile.is_some() {
        return Err(Refusal::Engines { old: old.name.clone(), new: new.name.clone() }.into());
    }
    let is_native = old.profile.is_some();
    let budget = request.budget.unwrap_or(if is_native { NATIVE_RUNS } else { UPSTREAM_RUNS });
    let axes = axis::between(old, new);
    let judge = Judge { tolerance: &new.loaded.recipe.tolerance, metric: request.metric };
    // Upstream's engine tells itself how far it is.
    let watched = is_native.then_some(progress);
    let runner = Runner::new(project, options, progress);
    let mut mixtures = Mixtures { old, new, axes, judge, runner, counts: BTreeMap::new(), watched, asked_count: 0 };
    if let Some(progress) = watched {
        progress.begin_steps("replay mixtures", budget as u64);
    }
    let found = found(&mut mixtures, budget)?;
    if let Some(progress) = watched {
        progress.end();
    }
    let Mixtures { runner, axes, .. } = mixtures;
    let mut told = found.map_err(|NoBase(reason)| Refusal::NoBase { name: old.name.clone(), reason })?;
    told.check(request.metric)?;
    told.runs.cached_count = runner.cached_count;
    let name = |axis: usize| axes[axis].name.clone();
    let names = |taken: &Taken| taken.iter().map(name).collect::<Vec<_>>();
    let causes = told.causes.causes.iter().map(|cause| Cause {
        axes: names(&cause.axes),
        is_interaction: cause.axes.len() > 1,
        is_minimal: cause.is_minimal,
        sentence: sentence(&axes, &cause.axes, told.question),
    });
    let failed = told.undecided.iter().take(TOLD_FAILURES);
    let failed = failed.map(|(taken, reason)| Failed { axes: names(taken), reason: reason.clone() });
    let is_reproduced = old.expected.as_ref().map(|expected| Some(expected) == told.old_ledger.as_ref());
    let mut notes: IndexSet<String> = old.notes.iter().chain(&new.notes).cloned().collect();
    // Where something of the golden is lost, that is the reason.
    if is_reproduced == Some(false) && old.notes.is_empty() {
        notes.insert(
            "the result of the golden does not come of its inputs any more: hive itself has changed it, or what a golden does \
             not name; the causes and shares are about the rest"
                .to_owned(),
        );
    }
    Ok(Attribution {
        recipe: new.loaded.recipe.name.clone(),
        scenario: new.scenario.name.clone(),
        engine: if is_native { "native" } else { "upstream" },
        old: said(old),
        new: said(new),
        verdict: told.verdict,
        failure: told.failure,
        metric: request.metric.map(str::to_owned),
        causes: causes.collect(),
        causes_are_complete: told.causes.is_complete,
        causes_cancel: told.causes.are_masked(),
        undo: told.causes.undo.as_ref().map(names),
        method: method(told.shares.method, names(&told.shares.effective)),
        metrics: told.shares.figures.iter().map(|(name, shared)| metric(name, shared, &axes)).collect(),
        runs: RunsTold { failed_count: told.undecided.len(), failed: failed.collect(), budget, ..told.runs },
        is_reproduced,
        notes: notes.into_iter().collect(),
        axes,
    })
}

/// What runs have told.
struct Found {
    question: Question,
    verdict: &'static str,
    failure: Option<String>,
    old_ledger: Option<String>,
    causes: Causes,
    shares: Shares,
    undecided: Vec<(Taken, String)>,
    runs: RunsTold,
}

impl Found {
    /// Refuses a metric that neither side has.
    fn check(&self, metric: Option<&str>) -> Result<(), Error> {
        let Some(metric) = metric else { return Ok(()) };
        let known: Vec<&str> = self.shares.figures.keys().map(String::as_str).collect();
        let is_of =
            |name: &&str| **name == *metric || name.strip_prefix(metric).is_some_and(|rest| rest.starts_with('.'));
        if known.is_empty() || known.iter().any(is_of) {
            return Ok(());
        }
        let nearest = schema::nearest(metric, known.iter().copied()).map(str::to_owned);
        let known = known.into_iter().map(str::to_owned).collect();
        Err(Refusal::NoMetric { metric: metric.to_owned(), nearest, known }.into())
    }
}

/// Asks for runs: half of the budget for the causes, or what it takes to look at each axis from both ends and to narrow down
/// what is left; then all that remains for the shares.
fn found(mixtures: &mut Mixtures<'_>, budget: usize) -> Result<Result<Found, NoBase>, Error> {
    let mut runs = match Runs::begin(mixtures, budget)? {
        Ok(runs) => runs,
        Err(none) => return Ok(Err(none)),
    };
    let all = Taken::all(runs.axis_count());
    let causes = search::causes(&mut runs, budget.div_ceil(2).max(3 * all.len() + 4).min(budget))?;
    let shares = share::shares(&mut runs, budget)?;
    let (question, undecided, count) = (runs.question(), runs.undecided(), runs.count());
    let failure = undecided.iter().find(|(taken, _)| *taken == all).map(|(_, reason)| reason.clone());
    let verdict = match runs.ends() {
        (Some(old), Some(new)) => runs.subject().judge.verdict(old, new),
        _ => "fails",
    };
    let old_ledger = runs.ends().0.map(|old| old.ledger.clone());
    let runs = RunsTold { count, cached_count: 0, budget, failed_count: 0, failed: Vec::new() };
    Ok(Ok(Found { question, verdict, failure, old_ledger, causes, shares, undecided, runs }))
}

/// The mixtures of two sides.
struct Mixtures<'a> {
    old: &'a Side,
    new: &'a Side,
    axes: Vec<Axis>,
    judge: Judge<'a>,
    runner: Runner<'a>,
    /// The names that counts by name were seen to have: one that is not there is zero.
    counts: BTreeMap<String, BTreeSet<String>>,
    watched: Option<&'a dyn Progress>,
    asked_count: u64,
}

impl Subject for Mixtures<'_> {
    type Outcome = Outcome;
    type Stop = Error;

    fn axis_count(&self) -> usize {
        self.axes.len()
    }

    fn run(&mut self, taken: &Taken) -> Result<Result<Outcome, String>, Error> {
        let outcome = self.runner.run(&axis::mixed(self.old, self.new, &self.axes, taken))?;
        for (name, metric) in outcome.iter().flat_map(|outcome| &outcome.metrics) {
            if let Metric::Counts(counts) = metric {
                self.counts.entry(name.clone()).or_default().extend(counts.keys().cloned());
            }
        }
        self.asked_count += 1;
        if let Some(progress) = self.watched {
            progress.advance(1);
        }
        Ok(outcome)
    }

    fn drifts(&self, old: &Outcome, other: &Outcome) -> bool {
        self.judge.verdict(old, other) == "drift"
    }

    fn figures(&self, outcome: &Outcome) -> Figures {
        let mut figures = Figures::new();
        for (name, metric) in &outcome.metrics {
            match metric {
                Metric::Count(count) => drop(figures.insert(name.clone(), Some(*count as f64))),
                Metric::Figure(figure) => drop(figures.insert(name.clone(), *figure)),
                Metric::Counts(counts) => {
                    for of in self.counts.get(name).into_iter().flatten() {
                        let count = counts.get(of).copied().unwrap_or(0);
                        figures.insert(format!("{name}.{of}"), Some(count as f64));
                    }
                }
            }
        }
        figures
    }
}

/// Says what is a drift.
pub(super) struct Judge<'a> {
    pub(super) tolerance: &'a Tolerance,
    pub(super) metric: Option<&'a str>,
}

impl Judge<'_> {
    /// Returns how a result stands to another.
    pub(super) fn verdict(&self, old: &Outcome, new: &Outcome) -> &'static str {
        if self.metric.is_none() && old.ledger != new.ledger {
            return "drift";
        }
        let golden = |outcome: &Outcome| Golden { metrics: self.chosen(outcome), ..Golden::default() };
        let rule = |rule: resolve::Rule| Rule { abs: rule.abs, rel: rule.rel, ulps: rule.ulps };
        let tolerance = self.tolerance;
        let of = |name: &str| {
            let name = name.split('.').next().unwrap_or(name);
            rule(*tolerance.metric.get(name).unwrap_or(&tolerance.default))
        };
        match compare::compare(&golden(old), &golden(new), &of).verdict() {
            Verdict::Identical => "identical",
            Verdict::WithinTolerance => "within-tolerance",
            Verdict::Drift => "drift",
        }
    }

    /// Returns the metrics that are looked at.
    fn chosen(&self, outcome: &Outcome) -> IndexMap<String, Metric> {
        let Some(chosen) = self.metric else { return outcome.metrics.clone() };
        if let Some(metric) = outcome.metrics.get(chosen) {
            return [(chosen.to_owned(), metric.clone())].into();
        }
        // One of the counts by name, which is zero where it is not there.
        let Some((name, of)) = chosen.split_once('.') else { return IndexMap::new() };
        match outcome.metrics.get(name) {
            Some(Metric::Counts(counts)) => {
                [(chosen.to_owned(), Metric::Count(counts.get(of).copied().unwrap_or(0)))].into()
            }
            _ => IndexMap::new(),
        }
    }
}

fn said(side: &Side) -> Told {
    Told { name: side.name.clone(), upstream: side.upstream(), profile: side.profile_name() }
}

/// Returns a cause in a sentence.
fn sentence(axes: &[Axis], cause: &Taken, question: Question) -> String {
    let told = |axis: usize| {
        let Axis { name, old, new, .. } = &axes[axis];
        (name, format!("{new}; before: {old}"))
    };
    let told: Vec<(&String, String)> = cause.iter().map(told).collect();
    let does = match question {
        Question::Drift => "neither does it without the other",
        Question::Failure => "neither fails without the other",
    };
    if let [(name, words)] = told.as_slice() {
        return format!("{name}: {words}");
    }
    let parts: Vec<String> = told.iter().map(|(name, words)| format!("{name} ({words})")).collect();
    let does = if parts.len() == 2 { does } else { "nothing less than all of them does it" };
    format!("{}: {does}", parts.join(" together with "))
}

fn method(method: Method, effective: Vec<String>) -> MethodTold {
    let count = effective.len();
    let (name, words) = match method {
        Method::Exact => ("exact", "Shapley values over every mixture".to_owned()),
        Method::Effective => (
            "effective",
            format!(
                "Shapley values over every mixture of the {count} with an effect; the others have none alone, none taken \
                 back, and none all together"
            ),
        ),
        Method::Ordered => (
            "ordered",
            "an approximation: the axes taken over in the order given and in its reverse, averaged; more runs are exact"
                .to_owned(),
        ),
        Method::Nothing => ("nothing", "nothing is shared out: that takes more runs, or a result on both sides".to_owned()),
    };
    MethodTold { name, words, effective }
}

fn metric(name: &str, of: &Shared, axes: &[Axis]) -> MetricShares {
    let (change, by) = match of.change {
        Change::Value(by) => ("value", Some(by)),
        Change::Appears => ("appears", None),
        Change::Disappears => ("disappears", None),
        Change::Missing => ("missing", None),
    };
    let named = |(axis, share): (usize, f64)| (share != 0.0).then(|| (axes[axis].name.clone(), share));
    let shares = of.shares.as_ref();
    let alone = of.alone.iter().enumerate().filter_map(|(axis, share)| named((axis, (*share)?)));
    MetricShares {
        name: name.to_owned(),
        old: of.old,
        new: of.new,
        change,
        by,
        shares: shares.map(|shares| shares.iter().copied().enumerate().filter_map(named).collect()),
        alone: alone.collect(),
    }
}

impl MetricShares {
    /// Returns whether anything about the metric moves, if only to move back.
    #[must_use]
    pub fn moves(&self) -> bool {
        let is_moved = |shares: &IndexMap<String, f64>| !shares.is_empty();
        self.by != Some(0.0) && self.change != "missing" || self.shares.as_ref().is_some_and(is_moved)
    }
}
