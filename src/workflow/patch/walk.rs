//! Walks a series through the releases between two versions, and says which one absorbed or broke each patch.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::io::files;
use crate::io::progress::Progress;
use crate::patch;
use crate::patch::Patch;
use crate::patch::State;
use crate::patch::merge::Names;
use crate::patch::moved::Moved;
use crate::patch::state::Outcome;
use crate::patch::state::Verdict;
use crate::patch::walk;
use crate::patch::walk::Decided;
use crate::patch::walk::Fate;
use crate::patch::walk::Standing;
use crate::patch::walk::Trees;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::report::HunkReport;
use crate::workflow::patch::report::hunk_reports;
use crate::workflow::project::Loaded;
use crate::workflow::releases::Releases;
use crate::workflow::releases::Request;

/// A series on its way from one release to another.
#[derive(Debug, Clone, Serialize)]
pub struct Walk {
    /// The recipe.
    pub recipe: String,
    /// The version that the series was made for.
    pub from: String,
    /// The version at the end.
    pub to: String,
    /// The versions that were looked at, in order; the last is the end.
    pub releases: Vec<String>,
    /// The patches, in the series' order.
    pub patches: Vec<WalkedPatch>,
    /// What the list of releases leaves out, and why.
    pub note: Option<String>,
}

/// What became of one patch.
#[derive(Debug, Clone, Serialize)]
pub struct WalkedPatch {
    /// The patch's file.
    pub file: String,
    /// The state at the end of the walk.
    pub state: &'static str,
    /// Whether the patch goes along by itself, or is no longer needed.
    pub is_fine: bool,
    /// The first release that had absorbed the patch.
    pub absorbed_in: Option<String>,
    /// The first release in which it no longer goes along, or is needed again.
    pub turned_in: Option<String>,
    /// The release right before that one.
    pub turned_after: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// How it fared, release by release.
    pub steps: Vec<Step>,
    /// Where both sides changed the same lines, at the end of the walk.
    pub conflicts: Vec<Conflict>,
}

/// A patch on one release, with the proof of its state.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The release.
    pub version: String,
    /// The state there.
    pub state: &'static str,
    /// Where the hunks fit, or stand.
    pub hunks: Vec<HunkReport>,
    /// What the merge with the base says, file by file.
    pub files: Vec<StepFile>,
}

/// One file of a patch on one release.
#[derive(Debug, Clone, Serialize)]
pub struct StepFile {
    /// The path.
    pub path: String,
    /// What the merge with the base says.
    pub verdict: Verdict,
    /// The SHA-256 of the release's file, patches before this one included; `null` where there is none.
    pub release: Option<String>,
    /// The SHA-256 of the file with the patch; `null` where there is none or the sides conflict.
    pub patched: Option<String>,
    /// Where the file went that the patch names.
    pub moved: Option<Moved>,
}

/// A file that both sides changed in the same lines.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// The path.
    pub path: String,
    /// The file with both sides between markers.
    pub text: String,
}

/// A series and its standings at the end of a walk.
#[derive(Debug)]
pub struct Walked {
    /// The patches.
    pub patches: Vec<Patch>,
    /// What became of them on the last release, in order.
    pub standings: Vec<Standing>,
    /// The report.
    pub walk: Walk,
}

/// Reads a recipe's series.
///
/// # Errors
///
/// Returns an error for a patch that cannot be read.
pub fn series(project: &Project, loaded: &Loaded) -> Result<Vec<Patch>, Error> {
    let mut patches = Vec::new();
    for said in &loaded.recipe.patches {
        let text = files::read(&project.path(&said.file))?;
        patches.push(patch::parse(&said.file, &text).map_err(Box::new)?);
    }
    Ok(patches)
}

/// A series and the releases on its way.
#[derive(Debug)]
pub struct Way<'p> {
    recipe: String,
    to: String,
    /// The patches.
    pub patches: Vec<Patch>,
    /// The releases; the first is the recipe's own.
    pub releases: Releases<'p>,
}

/// Finds the releases from a recipe's own to `to`.
///
/// # Errors
///
/// Returns an error for releases that are not to be had, and for a patch that cannot be read.
pub fn way<'p>(
    project: &Project,
    loaded: &Loaded,
    to: &str,
    options: Options,
    progress: &'p dyn Progress,
) -> Result<Way<'p>, Error> {
    let patches = series(project, loaded)?;
    let known = lock::read(project)?;
    let locked = lock::expected_checksum(known.as_ref(), loaded);
    let request = Request { recipe: &loaded.recipe, locked: locked.as_deref(), target: to, index: None, options };
    let releases = Releases::between(project, &request, progress)?;
    if releases.versions().len() < 2 {
        return Err(Refusal::AlreadyThere { recipe: loaded.recipe.name.clone(), version: to.to_owned() }.into());
    }
    Ok(Way { recipe: loaded.recipe.name.clone(), to: to.to_owned(), patches, releases })
}

/// Walks a recipe's series from its own release to `to`.
///
/// # Errors
///
/// Returns an error for releases that are not to be had, and for a patch that cannot be read.
pub fn walk(
    project: &Project,
    loaded: &Loaded,
    to: &str,
    decided: &Decided,
    options: Options,
    progress: &dyn Progress,
) -> Result<Walked, Error> {
    way(project, loaded, to, options, progress)?.walk(decided)
}

impl Way<'_> {
    /// Walks the series along the releases.
    ///
    /// # Errors
    ///
    /// Returns an error for a release that is not to be had.
    pub fn walk(&mut self, decided: &Decided) -> Result<Walked, Error> {
        let Self { recipe, to, patches, releases } = self;
        let note = releases.note().map(str::to_owned);
        let versions = releases.versions().to_vec();
        let (base, later) = versions.split_first().expect("the releases begin with the recipe's own");
        let mut rows: Vec<Vec<Standing>> = Vec::new();
        for version in later {
            // What was decided is about the last release alone.
            let undecided = Decided::default();
            let decided = if version == later.last().unwrap_or(version) { decided } else { &undecided };
            rows.push(step(patches, releases, base, version, decided)?);
        }
        let standings = rows.pop().unwrap_or_default();
        rows.push(standings.clone());
        let walked = patches.iter().enumerate().map(|(index, patch)| {
            let column: Vec<&Standing> = rows.iter().map(|row| &row[index]).collect();
            walked(patch, base, later, &column)
        });
        let walk = Walk {
            recipe: recipe.clone(),
            from: base.to_owned(),
            to: to.clone(),
            releases: later.to_vec(),
            patches: walked.collect(),
            note,
        };
        Ok(Walked { patches: patches.clone(), standings, walk })
    }
}

/// Carries the series to one release. Files that moved are looked for only where one is gone, for that needs every name.
fn step(
    patches: &[Patch],
    releases: &mut Releases<'_>,
    base: &str,
    version: &str,
    decided: &Decided,
) -> Result<Vec<Standing>, Error> {
    let mut known: BTreeMap<(bool, String), Option<Vec<u8>>> = BTreeMap::new();
    let mut added = Vec::new();
    loop {
        let (standings, missing) = {
            let known = std::cell::RefCell::new(&mut known);
            let releases = std::cell::RefCell::new(&mut *releases);
            let error = std::cell::RefCell::new(None);
            let read = |is_base: bool, path: &str| {
                let key = (is_base, path.to_owned());
                if let Some(text) = known.borrow().get(&key) {
                    return text.clone();
                }
                let version = if is_base { base } else { version };
                let text = releases.borrow_mut().read(version, path).unwrap_or_else(|refused| {
                    error.borrow_mut().get_or_insert(refused);
                    None
                });
                known.borrow_mut().insert(key, text.clone());
                text
            };
            let ours = "the patch";
            let (base_name, theirs) = (format!("hummingbot {base}"), format!("hummingbot {version}"));
            let names = Names { ours, base: &base_name, theirs: &theirs };
            let trees = Trees {
                base: &mut |path: &str| read(true, path),
                target: &mut |path: &str| read(false, path),
                added: &added,
            };
            let standings = walk::step(patches, names, decided, trees);
            if let Some(error) = error.into_inner() {
                return Err(error);
            }
            let missing = standings.iter().any(|standing| standing.state == State::MissingTarget);
            (standings, missing)
        };
        if !missing || !added.is_empty() {
            return Ok(standings);
        }
        let before: BTreeSet<String> = releases.paths(base)?.into_iter().collect();
        added = releases.paths(version)?.into_iter().filter(|path| !before.contains(path)).collect();
        if added.is_empty() {
            return Ok(standings);
        }
    }
}

fn walked(patch: &Patch, base: &str, releases: &[String], column: &[&Standing]) -> WalkedPatch {
    let states: Vec<State> = column.iter().map(|standing| standing.state).collect();
    let is_fine: Vec<bool> = column.iter().map(|standing| standing.is_fine()).collect();
    let Fate { state, absorbed_in, turned_in } = walk::fate(&states, &is_fine);
    let before = |at: usize| at.checked_sub(1).map_or(base, |at| &releases[at]).to_owned();
    let steps = releases.iter().zip(column).map(|(version, standing)| Step {
        version: version.clone(),
        state: standing.state.name(),
        hunks: hunk_reports(&standing.text),
        files: step_files(standing),
    });
    let last = column.last().expect("a walk has a release at its end");
    let is_fine = state == State::Absorbed || last.is_fine();
    WalkedPatch {
        file: patch.name.clone(),
        state: state.name(),
        is_fine,
        absorbed_in: absorbed_in.map(|at| releases[at].clone()),
        turned_in: turned_in.map(|at| releases[at].clone()),
        turned_after: turned_in.or(absorbed_in).map(before),
        hint: hint(state, &last.text),
        steps: steps.collect(),
        conflicts: if is_fine { Vec::new() } else { conflicts(last) },
    }
}

fn step_files(standing: &Standing) -> Vec<StepFile> {
    let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(files::sha256_hex);
    let files = standing.carried.iter().flat_map(|carried| &carried.files);
    files
        .map(|file| StepFile {
            path: file.path.clone(),
            verdict: file.verdict,
            release: hash(&file.change.before),
            patched: hash(&file.change.after).filter(|_| file.verdict < Verdict::Gone),
            moved: standing.moved.values().find(|moved| moved.path == file.path).cloned(),
        })
        .collect()
}

fn conflicts(standing: &Standing) -> Vec<Conflict> {
    let files = standing.carried.iter().flat_map(|carried| &carried.files);
    let conflicting = files.filter(|file| file.verdict == Verdict::Conflict);
    conflicting
        .map(|file| Conflict {
            path: file.path.clone(),
            text: String::from_utf8_lossy(file.change.after.as_deref().unwrap_or_default()).into_owned(),
        })
        .collect()
}

fn hint(state: State, text: &Outcome) -> Option<String> {
    let hint = match state {
        State::Absorbed => "drop it, or bound it with `applies` in the recipe",
        State::Conflict if text.state == State::Fuzzy => {
            "the text fits with fuzz, and the merge says that this would be the wrong place: merge it by hand"
        }
        State::Conflict => {
            "upstream rewrote these lines: merge them by hand, or prove with a `probe` that the patch is obsolete"
        }
        State::MissingTarget => "upstream dropped the file: drop the patch, or find out what took the file's place",
        State::FileMoved => "the patch follows the file to its new name",
        State::NeededAgain => "upstream took the change back: keep the patch",
        State::PartlyAbsorbed => "a part of it is upstream: what is left stays in the patch",
        _ => return None,
    };
    Some(hint.to_owned())
}
