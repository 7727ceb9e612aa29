//! Is a patch needed, and does it work? Its probe is asked on the pristine release and on the patched one.
//!
//! A probe shows behaviour, not text: it fails where the fault is and passes where it is not, however upstream mended it.
//! What keeps a probe from asking at all, a package that cannot be imported, time or memory that is over, is no answer.

use std::str::FromStr as _;

use pep440_rs::Version;
use pep440_rs::VersionSpecifiers;
use serde::Serialize;

use crate::io::files;
use crate::io::progress::Progress;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::recipe::resolve;
use crate::recipe::resolve::Limits;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::install;
use crate::workflow::install::Variant;
use crate::workflow::patch::selection::position;
use crate::workflow::project::Loaded;
use crate::workflow::project::stem;
use crate::workflow::upstream;
use crate::workflow::upstream_engine::place::Environment;

/// The program that runs a probe.
const RUNNER: &str = include_str!("probe.py");

/// Its name among the script's files.
const RUNNER_NAME: &str = "hive_probe.py";

/// The probe's own name there.
const PROBE_NAME: &str = "probe.py";

/// The exit status of a probe that could not ask.
const UNDECIDED: i32 = 251;

/// What a probe may take.
const LIMITS: Limits = Limits { timeout_s: 300, memory_mb: 4_096 };

/// What became of a recipe's probes.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The recipe.
    pub recipe: String,
    /// The release that was asked.
    pub upstream: String,
    /// The recipe whose environment was taken for that release, where it is not this one's.
    pub environment_of: Option<String>,
    /// The patches, in the series' order.
    pub patches: Vec<Probed>,
}

/// A patch and what its probe shows.
#[derive(Debug, Serialize)]
pub struct Probed {
    /// The patch's file.
    pub patch: String,
    /// The probe's file; `null` where the patch has none.
    pub probe: Option<String>,
    /// What it shows.
    pub verdict: Verdict,
    /// What it says on the release as published.
    pub pristine: Option<Answer>,
    /// What it says on the release with the series; `null` where that was not asked.
    pub patched: Option<Answer>,
}

/// What a probe says of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The answer.
    pub outcome: Outcome,
    /// Why: the last line that it said, or what kept it from asking; `null` where it passes.
    pub reason: Option<String>,
}

/// An answer in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The fault is not there.
    Passes,
    /// The fault is there.
    Fails,
    /// The probe could not ask.
    Undecided,
}

/// What a probe shows of its patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The release has the fault, and the patch mends it; without a patched release only the former.
    Needed,
    /// The release does not have the fault, and nobody says that it has.
    Obsolete,
    /// The probe passes on both, and the recipe says that this release needs the patch.
    ProvesNothing,
    /// The probe fails on both.
    NotWorking,
    /// The patch makes what was whole fail.
    Inverted,
    /// The probe could not ask.
    Undecided,
    /// The patch has no probe.
    NoProbe,
}

impl Verdict {
    /// Returns the verdict's name, as JSON has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Obsolete => "obsolete",
            Self::ProvesNothing => "proves-nothing",
            Self::NotWorking => "not-working",
            Self::Inverted => "inverted",
            Self::Undecided => "undecided",
            Self::NoProbe => "no-probe",
        }
    }

    /// Returns whether nothing has to be done about the patch or its probe.
    #[must_use]
    pub fn is_fine(self) -> bool {
        matches!(self, Self::Needed | Self::Obsolete | Self::NoProbe)
    }
}

/// Runs the probes of a recipe's patches, or of those that are named, on its own release, or on another one.
///
/// Of another release, only the pristine one is asked where the probe passes there or the series does not apply: a patch
/// whose probe passes on it is not needed any more.
///
/// # Errors
///
/// Says why there is no environment, and names a patch that the recipe does not have.
pub fn probe(
    project: &Project,
    file: &str,
    selectors: &[String],
    version: Option<&str>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Report, Error> {
    let loaded = project.load(file)?;
    let files: Vec<&str> = loaded.recipe.patches.iter().map(|patch| patch.file.as_str()).collect();
    let mut chosen = Vec::new();
    for selector in selectors {
        chosen.push(position(&loaded.recipe.name, &files, selector)?);
    }
    let is_chosen = |index: &usize| selectors.is_empty() || chosen.contains(index);
    let selected: Vec<resolve::Patch> =
        (0..files.len()).filter(is_chosen).map(|index| loaded.recipe.patches[index].clone()).collect();
    let own = loaded.recipe.upstream.version().map(str::to_owned);
    let is_other = version.is_some_and(|version| own.as_deref() != Some(version));
    let (subject, environment_of) = match version.filter(|_| is_other) {
        Some(version) => at(project, &loaded, version)?,
        None => (loaded.clone(), None),
    };
    let asked = subject.recipe.upstream.version().map(str::to_owned);
    let mut ask = Ask { project, subject: &subject, options, progress, pristine: None, patched: Patched::Unknown };
    let mut report = Report {
        recipe: loaded.recipe.name.clone(),
        upstream: upstream::label(&subject.recipe),
        environment_of,
        patches: Vec::new(),
    };
    for patch in &selected {
        let claims = is_for(patch, asked.as_deref());
        let Some(probe) = &patch.probe else {
            let (patch, verdict) = (patch.file.clone(), Verdict::NoProbe);
            report.patches.push(Probed { patch, probe: None, verdict, pristine: None, patched: None });
            continue;
        };
        let pristine = ask.pristine(probe)?;
        let with_series = match pristine.outcome {
            Outcome::Passes if is_other => None,
            _ => ask.patched(probe, is_other)?,
        };
        let verdict = verdict(pristine.outcome, with_series.as_ref().map(|answer| answer.outcome), claims && !is_other);
        let (pristine, patch, probe) = (Some(pristine), patch.file.clone(), Some(probe.clone()));
        report.patches.push(Probed { patch, probe, verdict, pristine, patched: with_series });
    }
    Ok(report)
}

/// Returns what the two answers show; `claims` is whether the recipe says that the release needs the patch.
#[must_use]
pub fn verdict(pristine: Outcome, patched: Option<Outcome>, claims: bool) -> Verdict {
    match (pristine, patched) {
        (Outcome::Undecided, _) | (_, Some(Outcome::Undecided)) => Verdict::Undecided,
        (Outcome::Fails, None | Some(Outcome::Passes)) => Verdict::Needed,
        (Outcome::Fails, Some(Outcome::Fails)) => Verdict::NotWorking,
        (Outcome::Passes, Some(Outcome::Fails)) => Verdict::Inverted,
        (Outcome::Passes, Some(Outcome::Passes)) if claims => Verdict::ProvesNothing,
        (Outcome::Passes, _) => Verdict::Obsolete,
    }
}

/// Returns whether a patch is for a version, as far as the recipe says.
#[must_use]
pub fn is_for(patch: &resolve::Patch, version: Option<&str>) -> bool {
    let (Some(applies), Some(version)) = (&patch.applies, version) else { return true };
    let (Ok(applies), Ok(version)) = (VersionSpecifiers::from_str(applies), Version::from_str(version)) else {
        return true;
    };
    applies.contains(&version)
}

/// Returns the recipe on another release: with the environment of a recipe of the project that builds on it, where there is
/// one, since an old closure seldom fits a new release.
fn at(project: &Project, loaded: &Loaded, version: &str) -> Result<(Loaded, Option<String>), Error> {
    let Some(mut subject) = of_release(project, loaded, version)? else {
        return Ok((install::at_release(loaded, version, None), None));
    };
    subject.recipe.patches.clone_from(&loaded.recipe.patches);
    let name = stem(&subject.recipe.file).to_owned();
    Ok((subject, Some(name)))
}

/// Returns the recipe of the project that builds on a release of a recipe's package and has a Python closure, where there is
/// one.
///
/// # Errors
///
/// Refuses a recipe whose upstream is no package.
pub fn of_release(project: &Project, loaded: &Loaded, version: &str) -> Result<Option<Loaded>, Error> {
    let Upstream::Pypi { package, .. } = &loaded.recipe.upstream else {
        return Err(super::Refusal::NoReleases { recipe: loaded.recipe.name.clone() }.into());
    };
    for file in project.all()? {
        // Another recipe that is wrong has nothing to do with this one.
        let Ok(other) = project.load(&file) else { continue };
        let is_it = matches!(&other.recipe.upstream, Upstream::Pypi { package: its, version: at, .. } if its == package && at == version);
        if is_it && other.recipe.python.is_some() {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// The environments in which probes ask, each made when it is needed first.
struct Ask<'a> {
    project: &'a Project,
    subject: &'a Loaded,
    options: Options,
    progress: &'a dyn Progress,
    pristine: Option<Environment>,
    patched: Patched,
}

/// What is known of the release with the series.
enum Patched {
    /// It was not asked for.
    Unknown,
    /// The series does not apply to that release.
    DoesNotApply,
    /// It is there.
    There(Environment),
}

impl Ask<'_> {
    fn environment(&self, variant: Variant) -> Result<Environment, Error> {
        Environment::of(self.project, self.subject, variant, self.options, self.progress)
    }

    fn pristine(&mut self, probe: &str) -> Result<Answer, Error> {
        if self.pristine.is_none() {
            self.pristine = Some(self.environment(Variant::Pristine)?);
        }
        let environment = self.pristine.as_ref().expect("it was made just now");
        answer(self.project, probe, environment)
    }

    /// Asks the patched release; `None` where a series need not apply and does not.
    fn patched(&mut self, probe: &str, may_not_apply: bool) -> Result<Option<Answer>, Error> {
        if matches!(self.patched, Patched::Unknown) {
            self.patched = match self.environment(Variant::Patched) {
                Err(Error::NotBuildable { .. }) if may_not_apply => Patched::DoesNotApply,
                made => Patched::There(made?),
            };
        }
        match &self.patched {
            Patched::There(environment) => answer(self.project, probe, environment).map(Some),
            Patched::Unknown | Patched::DoesNotApply => Ok(None),
        }
    }
}

/// Runs a probe in an environment.
fn answer(project: &Project, probe: &str, environment: &Environment) -> Result<Answer, Error> {
    let output = environment.run(&script(files::read(&project.path(probe))?), &mut |_| {})?;
    Ok(read(&output))
}

/// Returns the program that asks a probe.
#[must_use]
pub fn script(probe: Vec<u8>) -> Script {
    Script {
        files: [(RUNNER_NAME.to_owned(), RUNNER.as_bytes().to_vec()), (PROBE_NAME.to_owned(), probe)].into(),
        entry: RUNNER_NAME.to_owned(),
        arguments: vec![PROBE_NAME.to_owned()],
        limits: LIMITS,
    }
}

/// Returns what the end of a probe says.
#[must_use]
pub fn read(output: &Output) -> Answer {
    let last = output.talk.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned());
    let said = |otherwise: String| Some(last.clone().unwrap_or(otherwise));
    let (outcome, reason) = match output.ended {
        Ended::Exit(0) => (Outcome::Passes, None),
        Ended::Exit(UNDECIDED) => (Outcome::Undecided, said("it could not import what it asks".to_owned())),
        Ended::TimedOut => (Outcome::Undecided, Some(format!("it took longer than {} s", LIMITS.timeout_s))),
        Ended::OutOfMemory => (Outcome::Undecided, Some(format!("it took more than {} MiB", LIMITS.memory_mb))),
        Ended::Exit(status) => (Outcome::Fails, said(format!("it ended with status {status}"))),
        // What a patch mends may well be a crash.
        Ended::Signal(signal) => (Outcome::Fails, Some(format!("it was ended by signal {signal}"))),
    };
    Answer { outcome, reason }
}
