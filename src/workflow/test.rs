//! The main job: lint, fetch, series, registration, lock, scenarios, goldens.

use serde::Serialize;

use crate::golden::compare::Comparison;
use crate::golden::compare::Verdict;
use crate::io::progress::Progress;
use crate::recipe::lock::Lock;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::against::Parity;
use crate::workflow::closure::indicators;
use crate::workflow::environment;
use crate::workflow::finding;
use crate::workflow::finding::Finding;
use crate::workflow::finding::Written;
use crate::workflow::finding::is_error;
use crate::workflow::golden;
use crate::workflow::golden::Parted;
use crate::workflow::lint;
use crate::workflow::lock;
use crate::workflow::played::Session;
use crate::workflow::project::Loaded;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;
use crate::workflow::upstream_engine::UpstreamEngine;

/// How much of its budget a metric may take where tests are strict: one that creeps is seen before it drifts.
pub const STRICT_SHARE: f64 = 0.8;

/// What a test may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// A metric that takes [`STRICT_SHARE`] of its budget is not accepted.
    pub strict: bool,
    /// Results that are not accepted are kept beside their goldens until somebody decides.
    pub keeps_pending: bool,
}

/// What became of all selected recipes.
#[derive(Debug)]
pub struct Tested {
    /// The recipes, in the order of their files.
    pub recipes: Vec<TestedRecipe>,
    /// Folders of goldens that belong to no recipe; empty when only some recipes were selected.
    pub extra_goldens: Vec<String>,
}

/// What became of a recipe.
#[derive(Debug, Default)]
pub struct TestedRecipe {
    /// The recipe's name, or its file where it could not be read.
    pub name: String,
    /// Why it could not be tested to the end.
    pub error: Option<Error>,
    /// What the checks found.
    pub findings: Vec<Finding>,
    /// The release, once it is there.
    pub upstream: Option<TestedUpstream>,
    /// The patches, in the series' order.
    pub patches: Vec<TestedPatch>,
    /// The controllers that are registered.
    pub controllers: Vec<TestedController>,
    /// How the lock stands.
    pub lock: LockState,
    /// The scenarios, in the recipe's order.
    pub scenarios: Vec<TestedScenario>,
    /// Goldens that belong to no scenario.
    pub extra_goldens: Vec<String>,
}

/// The release that a recipe was tested on.
#[derive(Debug, Serialize)]
pub struct TestedUpstream {
    /// What it is called.
    pub label: String,
    /// What identifies its bytes; `null` for a local tree.
    pub checksum: Option<String>,
    /// Whether nothing was downloaded.
    pub from_cache: bool,
    /// What is odd about it.
    pub oddity: Option<String>,
}

/// A patch and its state.
#[derive(Debug, Serialize)]
pub struct TestedPatch {
    /// The patch's file.
    pub file: String,
    /// Its state.
    pub state: crate::patch::State,
    /// The proof: hunk by hunk.
    pub hunks: Vec<TestedHunk>,
}

/// A hunk and its state.
#[derive(Debug, Serialize)]
pub struct TestedHunk {
    /// The file that it changes.
    pub target: String,
    /// Its state.
    pub state: crate::patch::State,
    /// The line at which it was found; `null` where no single place was.
    pub line: Option<usize>,
    /// How far that is from where it was expected.
    pub offset: isize,
    /// At how many places it fits.
    pub candidates: usize,
}

/// A controller that is registered.
#[derive(Debug, Serialize)]
pub struct TestedController {
    /// Its file in the environment.
    pub path: String,
    /// The configuration class that the loader takes.
    pub config_class: String,
    /// The class that the loader takes.
    pub class: String,
}

/// How the lock stands to a recipe.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "changes")]
pub enum LockState {
    /// It was not looked at.
    #[default]
    Unchecked,
    /// There is none, or it does not know the recipe.
    Missing,
    /// It says what is there.
    Fresh,
    /// Facts have changed.
    Stale(Vec<String>),
}

/// A scenario and how its result stands to its golden.
#[derive(Debug)]
pub struct TestedScenario {
    /// The scenario.
    pub name: String,
    /// The outcome.
    pub outcome: Outcome,
}

/// What became of a scenario.
#[derive(Debug)]
pub enum Outcome {
    /// It could not be replayed.
    Failed(Box<Error>),
    /// It was replayed.
    Replayed(Box<Replayed>),
}

/// A result beside its golden.
#[derive(Debug)]
pub struct Replayed {
    /// The engine that replayed it.
    pub engine: &'static str,
    /// The profile that it was replayed under; `None` for upstream's engine.
    pub profile: Option<&'static str>,
    /// The mode that it was replayed in.
    pub mode: &'static str,
    /// How many candles there were.
    pub candle_count: usize,
    /// How many are missing between them.
    pub missing_count: i64,
    /// The metrics.
    pub results: serde_json::Map<String, serde_json::Value>,
    /// How they compare; `None` without a golden.
    pub comparison: Option<Comparison>,
    /// What made the golden and is otherwise now: name, then, now.
    pub made_differently: Vec<(String, String, String)>,
    /// How it stands to the scenario that it is compared with; `None` where it is with none.
    pub parity: Option<Parity>,
    /// Where it parts from its golden first in time; `None` where the ledgers are equal, and without a golden.
    pub parted: Option<Parted>,
    /// The metric that takes too much of its budget, with the share, where the test is strict.
    pub strained: Option<(String, f64)>,
    /// Where it waits for a decision; `None` where it needs none, or must not be kept.
    pub pending: Option<String>,
}

impl Replayed {
    /// Returns whether the result is what was accepted, and equal to what it is compared with. A scenario that is compared
    /// with another needs no golden: the other's result is its check.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        let is_golden = match &self.comparison {
            Some(comparison) => comparison.verdict() != Verdict::Drift,
            None => self.parity.is_some(),
        };
        is_golden && self.strained.is_none() && self.parity.as_ref().is_none_or(Parity::is_exact)
    }
}

/// Tests the selected recipes.
///
/// Everything that can be told is told: a recipe that fails does not keep the next from being tested.
///
/// # Errors
///
/// Returns an error only when nothing could be tested at all.
pub fn test(
    project: &Project,
    files: &[String],
    all: bool,
    today: jiff::civil::Date,
    wish: Wish,
    options: Options,
    progress: &dyn Progress,
) -> Result<Tested, Error> {
    let lock = lock::read(project)?;
    let mut recipes = Vec::new();
    for file in files {
        let tested = one(project, file, lock.as_ref(), today, wish, options, progress);
        // Who stops hive does not want the next recipe.
        let stopped = tested.exit() == Exit::Interrupted;
        recipes.push(tested);
        if stopped {
            break;
        }
    }
    let extra_goldens = if all { golden::extra_folders(project, files) } else { Vec::new() };
    Ok(Tested { recipes, extra_goldens })
}

fn one(
    project: &Project,
    file: &str,
    lock: Option<&Lock>,
    today: jiff::civil::Date,
    wish: Wish,
    options: Options,
    progress: &dyn Progress,
) -> TestedRecipe {
    let mut tested = TestedRecipe { name: lock::recipe_name(file).to_owned(), ..TestedRecipe::default() };
    if let Err(error) = tested.test(project, file, lock, today, wish, options, progress) {
        tested.error = Some(error);
    }
    tested
}

impl TestedRecipe {
    #[allow(clippy::too_many_arguments, reason = "each is one thing that a test is told")]
    fn test(
        &mut self,
        project: &Project,
        file: &str,
        lock: Option<&Lock>,
        today: jiff::civil::Date,
        wish: Wish,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let loaded = project.load(file)?;
        self.findings.extend(lint::loaded(project, &loaded, today, options)?.findings);
        self.findings.extend(indicators::doubts(project, &loaded, lock));
        let engine = UpstreamEngine::new(project, &loaded, options, progress);
        let mut session = Session::new(project, &loaded, engine);
        let own = lock::own_facts(project, &loaded, &mut session.candles);
        if options.locked {
            // What can be told without the release is told first: a stale lock needs no download.
            verify_own(&loaded, lock, own?)?;
        }
        let expected = lock::expected_checksum(lock, &loaded);
        let release = upstream::obtain(project, &loaded.recipe, expected.as_deref(), options, progress)?;
        self.environment(project, &loaded, &release, lock, options, &mut session.candles)?;
        for scenario in loaded.recipe.scenarios.values() {
            let outcome = match replayed(project, &loaded, scenario, wish, &mut session) {
                Ok(replayed) => Outcome::Replayed(Box::new(replayed)),
                Err(error) if error.exit() == Exit::Interrupted => return Err(error),
                Err(error) => Outcome::Failed(Box::new(error)),
            };
            self.scenarios.push(TestedScenario { name: scenario.name.clone(), outcome });
        }
        self.extra_goldens = golden::extra(project, &loaded);
        Ok(())
    }

    /// Checks the series, the registrations and the lock.
    fn environment(
        &mut self,
        project: &Project,
        loaded: &Loaded,
        release: &Release,
        lock: Option<&Lock>,
        options: Options,
        candles: &mut CandleCache,
    ) -> Result<(), Error> {
        self.upstream = Some(TestedUpstream {
            label: release.label.clone(),
            checksum: release.checksum.clone(),
            from_cache: release.from_cache,
            oddity: release.oddity.clone(),
        });
        let mut environment = environment::prepare(project, &loaded.recipe, release)?;
        let told: Vec<_> = self.findings.iter().map(|finding| finding::written(finding.as_ref())).collect();
        environment.findings.retain(|finding| {
            let again = finding::written(finding.as_ref());
            // The lint has already shown why a patch cannot be read, at the same line.
            let place =
                |finding: &Written| (finding.severity, finding.file.clone(), finding.line, finding.help.clone());
            again.file.is_none() || !told.iter().any(|told| place(told) == place(&again))
        });
        self.findings.append(&mut environment.findings);
        for (patch, outcome) in &environment.patches {
            let hunks = outcome.files.iter().flat_map(|file| {
                file.hunks.iter().map(|hunk| TestedHunk {
                    target: file.path.clone(),
                    state: hunk.state,
                    line: hunk.line,
                    offset: hunk.offset,
                    candidates: hunk.candidate_count(),
                })
            });
            let hunks = hunks.collect();
            self.patches.push(TestedPatch { file: patch.name.clone(), state: outcome.state, hunks });
        }
        self.controllers = environment
            .registered
            .iter()
            .map(|registered| TestedController {
                path: registered.path.clone(),
                config_class: registered.config_class.clone(),
                class: registered.class.clone(),
            })
            .collect();
        // A scenario whose profile or candles are wrong says so itself; the lock then has nothing to say.
        let facts = match lock::facts(project, loaded, release, &environment, lock, candles) {
            Ok(facts) => facts,
            Err(error) if options.locked => return Err(error),
            Err(_) => return Ok(()),
        };
        let mut now = Lock::default();
        now.recipes.insert(self.name.clone(), facts);
        let known = lock.filter(|lock| lock.recipes.contains_key(&self.name));
        self.lock = match known {
            None => LockState::Missing,
            Some(lock) => match lock.compare(&now, &self.name) {
                changes if changes.is_empty() => LockState::Fresh,
                changes => LockState::Stale(changes.iter().map(ToString::to_string).collect()),
            },
        };
        if options.locked {
            lock.ok_or(Error::NoLock)?.verify(&now, &self.name)?;
        }
        Ok(())
    }

    /// Returns how the recipe fared: the first of usage, fetch, lock, findings and drift that applies.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if let Some(error) = &self.error {
            return error.exit();
        }
        let failed = |scenario: &TestedScenario| match &scenario.outcome {
            Outcome::Failed(error) => Some(error.exit()),
            Outcome::Replayed(_) => None,
        };
        if self.findings.iter().any(|finding| is_error(finding.as_ref())) {
            return Exit::Findings;
        }
        if let Some(exit) = self.scenarios.iter().find_map(failed) {
            return exit;
        }
        let accepted = |scenario: &TestedScenario| match &scenario.outcome {
            Outcome::Replayed(replayed) => replayed.is_accepted(),
            Outcome::Failed(_) => false,
        };
        if !self.extra_goldens.is_empty() || !self.scenarios.iter().all(accepted) {
            return Exit::Drift;
        }
        Exit::Fine
    }
}

impl Tested {
    /// Returns how the recipes fared: the first that did not do well decides.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let first = self.recipes.iter().map(TestedRecipe::exit).find(|exit| *exit != Exit::Fine);
        match first {
            Some(exit) => exit,
            None if !self.extra_goldens.is_empty() => Exit::Drift,
            None => Exit::Fine,
        }
    }
}

/// Checks the facts that need no release.
fn verify_own(loaded: &Loaded, lock: Option<&Lock>, own: crate::recipe::lock::Facts) -> Result<(), Error> {
    let name = &loaded.recipe.name;
    let lock = lock.ok_or(Error::NoLock)?;
    let mut now = lock.clone();
    if let Some(facts) = now.recipes.get_mut(name) {
        facts.extend(own);
    }
    Ok(lock.verify(&now, name)?)
}

fn replayed(
    project: &Project,
    loaded: &Loaded,
    scenario: &crate::recipe::resolve::Scenario,
    wish: Wish,
    session: &mut Session<'_>,
) -> Result<Replayed, Error> {
    let played = session.play(scenario)?;
    let parity = session.parity(scenario, &played)?;
    let result = session.golden(scenario, &played);
    let recipe = &loaded.recipe.name;
    let before = golden::read(project, recipe, &scenario.name)?;
    let made_differently = before.as_ref().map_or_else(Vec::new, |before| golden::made_differently(before, &result));
    let comparison = before.as_ref().map(|before| golden::compared(loaded, before, &result));
    let verdict = comparison.as_ref().map(Comparison::verdict);
    let strained = comparison.as_ref().and_then(Comparison::strained).map(|(name, share)| (name.to_owned(), share));
    let mut pending = None;
    if wish.keeps_pending {
        if verdict == Some(Verdict::Drift) || verdict.is_none() && parity.is_none() {
            // Where nothing can be written, there is still the report.
            pending = golden::pending::keep(project, recipe, &scenario.name, &result).ok();
        } else {
            golden::pending::forget(project, recipe, &scenario.name)?;
        }
    }
    Ok(Replayed {
        engine: played.engine(),
        profile: played.profile(),
        mode: played.mode().name(),
        candle_count: played.candle_count(),
        missing_count: played.missing_count(),
        results: played.results(),
        parted: before.as_ref().and_then(|before| golden::parted(before, &result)),
        comparison,
        made_differently,
        parity,
        strained: strained.filter(|(_, share)| wish.strict && *share >= STRICT_SHARE),
        pending,
    })
}
