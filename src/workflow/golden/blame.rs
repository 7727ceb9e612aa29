//! Which commit last moved each metric of a golden, and what changed with it?
//!
//! A commit has moved a value where none of the commits before it that changed the file has the same; so a merge has moved
//! only what both its sides had otherwise. A version of the file that cannot be read is passed over.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use miette::Diagnostic;
use thiserror::Error;

use crate::golden::Golden;
use crate::golden::Metric;
use crate::io::files;
use crate::io::git::history;
pub use crate::io::git::history::Commit;
use crate::io::git::history::History;
use crate::recipe::lock::Lock;
use crate::recipe::schema;
use crate::workflow;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::project::stem;

/// The name under which what happened is blamed, beside the metrics.
pub const LEDGER: &str = "ledger";

/// How much of a hash is told of a ledger.
const IDENTITY_LENGTH: usize = 12;

/// Who moved what of a golden.
#[derive(Debug)]
pub struct Blame {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// The golden's file, relative to the project's root.
    pub file: String,
    /// The ledger and the metrics, in the golden's order.
    pub values: Vec<Value>,
    /// Who moved them, the newest first.
    pub moves: Vec<Move>,
}

/// A value of a golden, and who moved it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The metric, or [`LEDGER`].
    pub name: String,
    /// What it was before; `None` where there was none.
    pub from: Option<String>,
    /// What it is.
    pub to: String,
    /// The place of who moved it in [`Blame::moves`].
    pub by: usize,
}

/// A change of a golden's file.
#[derive(Debug, Default)]
pub struct Move {
    /// The commit; `None` for what is not committed.
    pub commit: Option<Commit>,
    /// The commit that had the file as it was before; `None` for the first golden.
    pub since: Option<String>,
    /// The reasons that came with it.
    pub reasons: Vec<String>,
    /// The inputs of the golden that changed with it: name, then, now. Empty for the first golden, as is all below.
    pub inputs: Vec<Change>,
    /// The facts of `hive.lock` that changed since then: name, then, now.
    pub lock: Vec<Change>,
    /// The commits that changed `hive.lock` since then, the newest first.
    pub lock_commits: Vec<Commit>,
}

/// Something that is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub name: String,
    /// What it was; `None` where it was not there.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

/// Why nobody can be blamed.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The history cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    History(#[from] history::Error),

    /// There is no golden.
    #[error("scenario `{scenario}` has no golden")]
    #[diagnostic(
        code("HV0502"),
        help(
            "look at `hive run {recipe} {scenario}`; if it is right, `hive golden accept {recipe}/{scenario} --reason \"…\"`"
        )
    )]
    NoGolden {
        /// The recipe.
        recipe: String,
        /// The scenario.
        scenario: String,
    },

    /// The golden has no such metric.
    #[error("golden `{file}` has no metric `{name}`")]
    #[diagnostic(code("HV0522"), help("{}", match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("`hive golden blame {target}` lists all"),
    }))]
    UnknownMetric {
        /// The golden's file.
        file: String,
        /// Recipe and scenario.
        target: String,
        /// What was asked for.
        name: String,
        /// The metric that is spelled most like it.
        nearest: Option<String>,
    },
}

impl Error {
    /// Returns the exit code that goes with the error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoGolden { .. } => Exit::Drift,
            _ => Exit::Usage,
        }
    }
}

/// Tells who last moved the ledger and each metric of a golden, or those that are named.
///
/// # Errors
///
/// Says that there is no golden, no repository, or no such metric.
pub fn blame(
    project: &Project,
    file: &str,
    scenario: Option<&str>,
    names: &[String],
) -> Result<Blame, workflow::Error> {
    let recipe = stem(file).to_owned();
    let Some(scenario) = scenario.map(str::to_owned) else {
        let known = project.load(file)?.recipe.scenarios.keys().cloned().collect();
        return Err(workflow::Error::WhichScenario { recipe, known });
    };
    let golden_file = Project::golden_file(&recipe, &scenario);
    let Some(current) = super::read(project, &recipe, &scenario)? else {
        let loaded = project.load(file)?;
        if !loaded.recipe.scenarios.contains_key(&scenario) {
            return Err(workflow::Error::unknown_scenario(&loaded.recipe, &scenario));
        }
        return Err(Error::NoGolden { recipe, scenario }.into());
    };
    let current = Version::of(&current);
    let selected: Vec<String> = if names.is_empty() { current.names().cloned().collect() } else { names.to_vec() };
    if let Some(name) = selected.iter().find(|name| !current.values.contains_key(*name)) {
        let nearest = schema::nearest(name, current.names().map(String::as_str)).map(str::to_owned);
        let target = format!("{recipe}/{scenario}");
        return Err(Error::UnknownMetric { file: golden_file, target, name: name.clone(), nearest }.into());
    }
    let mut past = Past::open(project, golden_file.clone(), current).map_err(Error::from)?;
    let mut by: BTreeMap<usize, Vec<(String, Option<String>, String)>> = BTreeMap::new();
    for name in &selected {
        let (place, from) = past.last_moved(name).map_err(Error::from)?;
        let to = past.value(place, name).map_err(Error::from)?.unwrap_or_default();
        by.entry(place).or_default().push((name.clone(), from, to));
    }
    let mut moves = Vec::new();
    let mut values = Vec::new();
    for (place, moved) in by {
        let of = |(name, from, to)| Value { name, from, to, by: moves.len() };
        values.extend(moved.into_iter().map(of));
        moves.push(past.told(project, &recipe, place)?);
    }
    values.sort_by_key(|value| selected.iter().position(|name| *name == value.name));
    Ok(Blame { recipe, scenario, file: golden_file, values, moves })
}

/// What is asked of one version of a golden.
#[derive(Debug, Clone, Default)]
struct Version {
    /// The ledger and the metrics: how each reads.
    values: IndexMap<String, String>,
    inputs: IndexMap<String, String>,
    reasons: Vec<String>,
}

impl Version {
    fn of(golden: &Golden) -> Self {
        let identity: String = golden.ledger.identity().chars().take(IDENTITY_LENGTH).collect();
        let ledger = format!("{} rows, {identity}", golden.ledger.rows.len());
        let metrics = golden.metrics.iter().map(|(name, metric): (_, &Metric)| (name.clone(), metric.to_string()));
        Self {
            values: [(LEDGER.to_owned(), ledger)].into_iter().chain(metrics).collect(),
            inputs: golden.inputs.clone(),
            reasons: golden.reasons.iter().map(|reason| reason.why.clone()).collect(),
        }
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.values.keys()
    }
}

/// A file's versions: the one on the disk at place 0, then those of the commits that changed it, the newest first.
struct Past {
    history: History,
    file: String,
    commits: Vec<Commit>,
    /// By place.
    versions: Vec<Known>,
}

/// What is known of a version.
#[derive(Debug, Clone)]
enum Known {
    /// Nobody has looked.
    Nothing,
    /// It cannot be read.
    Unreadable,
    /// What it says.
    Read(Version),
}

impl Past {
    fn open(project: &Project, file: String, current: Version) -> Result<Self, history::Error> {
        let history = History::open(&project.root)?;
        let commits = history.commits(&file, None, "HEAD")?;
        let mut versions = vec![Known::Nothing; commits.len() + 1];
        versions[0] = Known::Read(current);
        Ok(Self { history, file, commits, versions })
    }

    /// Returns the version at a place; `None` for one that cannot be read. A commit that removed the file has an empty one.
    fn version(&mut self, place: usize) -> Result<Option<&Version>, history::Error> {
        if matches!(self.versions[place], Known::Nothing) {
            let bytes = self.history.read(&self.commits[place - 1].id, &self.file)?;
            let golden = bytes.map(|bytes| Golden::parse(&String::from_utf8_lossy(&bytes)));
            self.versions[place] = match golden {
                None => Known::Read(Version::default()),
                Some(Ok(golden)) => Known::Read(Version::of(&golden)),
                Some(Err(_)) => Known::Unreadable,
            };
        }
        Ok(match &self.versions[place] {
            Known::Read(version) => Some(version),
            Known::Nothing | Known::Unreadable => None,
        })
    }

    fn value(&mut self, place: usize, name: &str) -> Result<Option<String>, history::Error> {
        Ok(self.version(place)?.and_then(|version| version.values.get(name).cloned()))
    }

    /// Returns the places of the versions before one, those that cannot be read replaced by the ones before them.
    fn before(&mut self, place: usize) -> Result<Vec<usize>, history::Error> {
        let mut waiting = self.parents(place);
        let mut found = Vec::new();
        while let Some(place) = waiting.pop() {
            if self.version(place)?.is_some() {
                found.push(place);
            } else {
                waiting.extend(self.parents(place));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn parents(&self, place: usize) -> Vec<usize> {
        if place == 0 {
            return (1..=self.commits.len()).take(1).collect();
        }
        let parents = &self.commits[place - 1].parents;
        let places = parents.iter().filter_map(|id| self.commits.iter().position(|commit| commit.id == *id));
        places.map(|index| index + 1).collect()
    }

    /// Returns the place at which a value was last moved, and what it was before.
    fn last_moved(&mut self, name: &str) -> Result<(usize, Option<String>), history::Error> {
        let mut place = 0;
        let value = self.value(place, name)?;
        loop {
            let before = self.before(place)?;
            let mut next = None;
            for &place in &before {
                if self.value(place, name)? == value {
                    next = Some(place);
                    break;
                }
            }
            match (next, before.first()) {
                (Some(before), _) => place = before,
                (None, Some(&first)) => return Ok((place, self.value(first, name)?)),
                (None, None) => return Ok((place, None)),
            }
        }
    }

    /// Tells what came with the version at a place.
    fn told(&mut self, project: &Project, recipe: &str, place: usize) -> Result<Move, workflow::Error> {
        let commit = place.checked_sub(1).map(|index| self.commits[index].clone());
        let now = self.version(place).map_err(Error::from)?.cloned().unwrap_or_default();
        let Some(&before) = self.before(place).map_err(Error::from)?.first() else {
            return Ok(Move { commit, reasons: now.reasons, ..Move::default() });
        };
        let then = self.version(before).map_err(Error::from)?.cloned().unwrap_or_default();
        let since = self.commits[before - 1].clone();
        // A list of reasons only grows, unless somebody has merged two.
        let reasons = now.reasons.into_iter().filter(|reason| !then.reasons.contains(reason)).collect();
        let mut facts = |commit: Option<&Commit>| -> Result<Option<Lock>, workflow::Error> {
            let text = match commit {
                Some(commit) => self.history.read(&commit.id, lock::FILE).map_err(Error::from)?,
                None => files::read(&project.path(lock::FILE)).ok(),
            };
            // What cannot be read tells nothing.
            Ok(text.and_then(|text| Lock::parse(lock::FILE, &String::from_utf8_lossy(&text)).ok()))
        };
        let locks = facts(Some(&since))?.zip(facts(commit.as_ref())?);
        let lock = locks.map_or_else(Vec::new, |(then, now)| {
            let changes = then.compare(&now, recipe).into_iter();
            changes.map(|it| Change { name: it.key.to_string(), from: it.locked, to: it.now }).collect()
        });
        let until = commit.as_ref().map_or("HEAD", |commit| commit.id.as_str());
        let lock_commits = self.history.commits(lock::FILE, Some(&since.id), until).map_err(Error::from)?;
        Ok(Move {
            commit,
            since: Some(since.short),
            reasons,
            inputs: changes(&then.inputs, &now.inputs),
            lock,
            lock_commits,
        })
    }
}

/// Returns what differs between two tables: in the order of the new one, then what is gone.
fn changes(then: &IndexMap<String, String>, now: &IndexMap<String, String>) -> Vec<Change> {
    let gone = then.keys().filter(|name| !now.contains_key(*name));
    let names = now.keys().chain(gone).filter(|name| then.get(*name) != now.get(*name));
    names.map(|name| Change { name: name.clone(), from: then.get(name).cloned(), to: now.get(name).cloned() }).collect()
}
