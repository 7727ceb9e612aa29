//! What does a recipe become on another release, what of it is proven, and what drifts?
//!
//! Everything is put together beside the project: the series made for the release, the recipe, a project that has both. It is
//! looked at there as `hive test` looks at the project itself. Nothing is written until [`apply`](apply::apply), which
//! changes all files as one.

pub mod apply;
pub mod changed;
pub mod fate;
pub mod packages;
pub mod report;
pub mod scenarios;

mod shadow;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::engine::profile;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::transaction::Change;
use crate::patch::Patch;
use crate::patch::walk::Decided;
use crate::recipe::edit as recipe_edit;
use crate::recipe::lock::Facts;
use crate::recipe::lock::fact;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::environment;
use crate::workflow::environment::Environment;
use crate::workflow::finding;
use crate::workflow::finding::Finding;
use crate::workflow::finding::is_error;
use crate::workflow::install;
use crate::workflow::lint;
use crate::workflow::lock;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::rebase;
use crate::workflow::patch::walk;
use crate::workflow::project::Loaded;
use crate::workflow::releases;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upgrade::packages::Packages;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::Registration;
use crate::workflow::upgrade::report::Report;
use crate::workflow::upgrade::report::Series;
use crate::workflow::upgrade::report::why;
use crate::workflow::upgrade::shadow::Shadow;
use crate::workflow::upstream;
use crate::workflow::upstream::Release;

/// How an upgrade is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Whether environments are made: for probes, for upstream's engine, for the closure.
    pub makes_environments: bool,
    /// The day for which patches expire.
    pub today: jiff::civil::Date,
    /// What every use case may be told.
    pub options: Options,
}

/// An upgrade that was looked at, with what it would write.
#[derive(Debug)]
pub struct Planned {
    /// What is known of it.
    pub report: Report,
    /// The recipe as it was looked at.
    before: Loaded,
    /// Its patches, with their SHA-256.
    patches: Vec<(String, String)>,
    /// The recipe, the patches and the pending goldens.
    changes: Vec<Change>,
    /// What the lock is to say of the recipe; `None` where it cannot be told.
    facts: Option<Facts>,
}

/// Returns the newest release for which a replay profile is proven; `None` where the recipe builds on it, or on a newer one.
///
/// # Errors
///
/// Says why upstream's releases are not to be had.
pub fn newest_proven(
    project: &Project,
    loaded: &Loaded,
    options: Options,
    progress: &dyn Progress,
) -> Result<Option<String>, Error> {
    let newer = releases::newer(project, &loaded.recipe, None, options, progress)?.versions;
    Ok(newer.into_iter().rfind(|version| profile::of_version(version).is_ok()))
}

/// Looks at a recipe on the release `to`.
///
/// # Errors
///
/// Says why there is no way to the release, and what is wrong with the recipe. What cannot be looked at there is told in the
/// report.
pub fn plan(
    project: &Project,
    file: &str,
    to: &str,
    request: Request,
    progress: &dyn Progress,
) -> Result<Planned, Error> {
    let Request { makes_environments, today, options } = request;
    let loaded = project.load(file)?;
    let mut way = walk::way(project, &loaded, to, options, progress)?;
    let target = way.releases.versions().last().cloned().unwrap_or_default();
    let mut walked = way.walk(&Decided::default())?;
    let upstream_files = changed::files(&mut way)?;
    let probes = fate::probes(project, &loaded, &target, makes_environments, options, progress)?;
    let mut fates = fate::fates(&loaded, &walked, &probes, &target);
    let left_out: BTreeSet<usize> = (0..fates.len()).filter(|&index| !fates[index].stays()).collect();
    if left_out.iter().any(|&index| !walked.standings[index].changes.is_empty()) {
        // Later patches were carried upon one that goes.
        walked = way.walk(&Decided { left_out: left_out.clone(), ..Decided::default() })?;
        for (index, fate) in fate::fates(&loaded, &walked, &probes, &target).into_iter().enumerate() {
            if !left_out.contains(&index) {
                fates[index] = fate;
            }
        }
    }
    let reasons: BTreeMap<usize, String> =
        fates.iter().enumerate().filter_map(|(index, fate)| Some((index, fate.reason()?))).collect();
    let changes = remade(project, &loaded, &target, &walked, &reasons)?;
    let shadow = Shadow::new(project, &changes)?;
    let after = shadow.project.load(file)?;
    let to = target.as_str();
    let stage = Stage { project, loaded: &loaded, shadow: &shadow.project, after: &after, to, request, progress };
    let mut series = Vec::new();
    let mut blocks: Vec<String> =
        loaded.recipe.patches.iter().zip(&fates).filter_map(|(patch, fate)| fate.block(&patch.file)).collect();
    for (patch, fate) in loaded.recipe.patches.iter().zip(&fates).filter(|(_, fate)| fate.stays()) {
        let change = changes.iter().find(|change| change.path == patch.file);
        let text = change.and_then(|change| change.content.clone());
        let text = text.map_or_else(|| files::read(&project.path(&patch.file)), Ok)?;
        let (file, is_rewritten) = (patch.file.clone(), change.is_some());
        let text = String::from_utf8_lossy(&text).into_owned();
        let works = fate::works(&stage, &patch.file, patch.probe.is_some())?;
        if fate::is_unfit(works.as_ref()) {
            blocks.push(format!("the probe of `{file}` fails on {target} with the new series"));
        }
        series.push(Series { file, state: fate.state().to_owned(), is_rewritten, text, works });
    }
    let packages = Packages::compared(&stage)?;
    let looked = stage.look(today)?;
    let scenarios = scenarios::all(&stage, &looked.environment)?;
    let facts =
        looked.environment.as_ref().map_err(String::clone).and_then(|(release, environment)| {
            facts(&stage, release, environment, &packages).map_err(|error| why(&error))
        });
    blocks.extend(looked.blocks);
    blocks.extend(scenarios.fault);
    blocks.extend(shared(project, &loaded, &changes)?);
    if let Some(waiting) = rebase::waiting(project, &loaded)? {
        blocks.push(why(&Refusal::RebaseWaits { recipe: loaded.recipe.name.clone(), to: waiting }.into()));
    }
    let facts = facts.map_err(|reason| blocks.push(format!("the lock cannot be written: {reason}"))).ok();
    let mut all = changes;
    all.extend(scenarios.pending);
    let patches = fate::reports(&loaded, &walked, fates, probes.answers);
    let report = Report {
        recipe: loaded.recipe.name.clone(),
        from: loaded_version(&loaded),
        to: target.clone(),
        upstream: upstream::label(&after.recipe),
        releases: walked.walk.releases.clone(),
        note: walked.walk.note.clone(),
        upstream_files,
        environment_of: probes.environment_of.or(scenarios.environment_of),
        patches,
        series,
        packages: packages.report,
        registration: looked.registration,
        lint: looked.lint,
        scenarios: scenarios.reports,
        recipe_changes: recipe_changes(&loaded, &after),
        blocks,
        written: Vec::new(),
    };
    let hash = |patch: &Patch| (patch.name.clone(), files::sha256_hex(&patch.text));
    let hashes = walked.patches.iter().map(hash).collect();
    Ok(Planned { report, before: loaded, patches: hashes, changes: all, facts })
}

/// Both sides of an upgrade.
struct Stage<'a> {
    project: &'a Project,
    loaded: &'a Loaded,
    /// The project as it would be.
    shadow: &'a Project,
    after: &'a Loaded,
    /// The release.
    to: &'a str,
    request: Request,
    progress: &'a dyn Progress,
}

/// What is seen of the new tree.
struct Looked {
    /// The release and the tree upon it; or why they are not to be had.
    environment: Result<(Release, Environment), String>,
    registration: Check<Registration>,
    lint: Check<Vec<finding::Written>>,
    blocks: Vec<String>,
}

impl Stage<'_> {
    /// Puts the new tree together, and looks at its registrations and the lint.
    fn look(&self, today: jiff::civil::Date) -> Result<Looked, Error> {
        let options = self.request.options;
        let linted = lint::loaded(self.shadow, self.after, today, options)?.findings;
        let mut blocks = Vec::new();
        let release = upstream::obtain(self.shadow, &self.after.recipe, None, options, self.progress);
        let prepared = release.and_then(|release| {
            let environment = environment::prepare(self.shadow, &self.after.recipe, &release)?;
            Ok((release, environment))
        });
        let (environment, registration) = match prepared {
            Ok((release, environment)) => {
                let count = environment.broken_count;
                if count > 0 {
                    blocks.push(format!("{count} of the patches and registrations fail on the new tree"));
                }
                let registration = Check::Checked(Registration {
                    controllers: environment.registered.iter().map(|registered| registered.class.clone()).collect(),
                    findings: written(&environment.findings),
                });
                (Ok((release, environment)), registration)
            }
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(error) => (Err(why(&error)), Check::NotChecked(why(&error))),
        };
        if linted.iter().any(|finding| is_error(finding.as_ref())) {
            blocks.push("the lint finds errors in the new series or recipe".to_owned());
        }
        Ok(Looked { environment, registration, lint: Check::Checked(written(&linted)), blocks })
    }
}

fn written(findings: &[Finding]) -> Vec<finding::Written> {
    findings.iter().map(|finding| finding::written(finding.as_ref())).collect()
}

/// Returns what changes in patches and recipe.
fn remade(
    project: &Project,
    loaded: &Loaded,
    to: &str,
    walked: &walk::Walked,
    reasons: &BTreeMap<usize, String>,
) -> Result<Vec<Change>, Error> {
    let mut changes = rebase::remade(project, loaded, to, walked, reasons)?;
    let later = install::at_release(loaded, to, None).recipe.python.and_then(|python| python.cut_off);
    let now = loaded.recipe.python.as_ref().and_then(|python| python.cut_off);
    if let Some(moment) = later.filter(|_| later != now).and_then(|moment| jiff::Timestamp::from_second(moment).ok())
        && let Some(change) = changes.iter_mut().find(|change| change.path == loaded.recipe.file)
        && let Some(text) = &mut change.content
    {
        let unwritable = |source| Refusal::Unwritable { recipe: loaded.recipe.file.clone(), source };
        let recipe = String::from_utf8_lossy(text).into_owned();
        *text = recipe_edit::cut_off(&recipe, &moment.to_string()).map_err(unwritable)?.into_bytes();
    }
    Ok(changes)
}

/// Returns the patches that would be written anew, and that another recipe names, too.
fn shared(project: &Project, loaded: &Loaded, changes: &[Change]) -> Result<Vec<String>, Error> {
    let mut shared = Vec::new();
    for file in project.all()?.into_iter().filter(|file| *file != loaded.recipe.file) {
        let Ok(other) = project.load(&file) else { continue };
        for patch in &other.recipe.patches {
            if changes.iter().any(|change| change.path == patch.file && change.content.is_some()) {
                let name = &other.recipe.name;
                shared.push(format!(
                    "`{}` would be written anew, and recipe `{name}` names it, too: give this recipe a copy of its own",
                    patch.file
                ));
            }
        }
    }
    Ok(shared)
}

/// Returns what the lock says of the recipe afterwards.
fn facts(stage: &Stage<'_>, release: &Release, environment: &Environment, packages: &Packages) -> Result<Facts, Error> {
    let known = lock::read(stage.project)?;
    let (shadow, after) = (stage.shadow, stage.after);
    let mut facts = lock::facts(shadow, after, release, environment, known.as_ref(), &mut CandleCache::default())?;
    if let (Some(checksum), Some(closure)) = (facts.get(&fact::closure()).cloned(), &packages.after) {
        facts.extend(closure.pins.facts(&checksum));
    }
    Ok(facts)
}

fn loaded_version(loaded: &Loaded) -> String {
    match &loaded.recipe.upstream {
        Upstream::Pypi { version, .. } => version.clone(),
        Upstream::Git { tag, .. } => tag.clone(),
        Upstream::Path { path } => path.clone(),
    }
}

/// Returns how the recipe's lines change, as a unified diff without its head.
fn recipe_changes(before: &Loaded, after: &Loaded) -> String {
    let mut options = diffy::DiffOptions::new();
    options.set_context_len(1);
    let text = options.create_patch(&before.text, &after.text).to_string();
    let lines: Vec<&str> = text.lines().skip(2).collect();
    lines.join("\n")
}
