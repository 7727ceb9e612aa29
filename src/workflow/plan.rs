//! Says what would be done for a recipe, and why; downloads and writes nothing.

use serde::Serialize;

use crate::io::fetch;
use crate::io::progress::NoProgress;
use crate::recipe::lock::Lock;
use crate::recipe::resolve::Engine;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::environment;
use crate::workflow::finding::is_error;
use crate::workflow::image;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::step::Step;
use crate::workflow::upstream;

/// The steps for a recipe.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The recipe.
    pub recipe: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// Plans the selected recipes.
///
/// # Errors
///
/// Returns an error for a recipe that does not resolve.
pub fn plan(project: &Project, files: &[String]) -> Result<Vec<Plan>, Error> {
    let lock = lock::read(project)?;
    files.iter().map(|file| one(project, file, lock.as_ref())).collect()
}

fn one(project: &Project, file: &str, lock: Option<&Lock>) -> Result<Plan, Error> {
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let mut steps = Vec::new();
    let offline = Options { offline: true, ..Options::default() };
    let expected = lock::expected_checksum(lock, &loaded);
    let release = upstream::obtain(project, recipe, expected.as_deref(), offline, &NoProgress);
    let label = upstream::label(recipe);
    match &release {
        Ok(release) => {
            let checksum = release.checksum.clone().unwrap_or_else(|| "a local tree".to_owned());
            steps.push(Step { action: "fetch", subject: label, needed: false, why: format!("there: {checksum}") });
        }
        Err(error) => steps.push(Step { action: "fetch", subject: label, needed: true, why: unfetched(error) }),
    }
    match &release {
        Ok(release) => {
            let environment = environment::prepare(project, recipe, release)?;
            for (patch, outcome) in &environment.patches {
                steps.push(Step {
                    action: "patch",
                    subject: patch.name.clone(),
                    // A patch that does not apply is work, too.
                    needed: outcome.writes() || !outcome.is_fine(),
                    why: outcome.state.name().to_owned(),
                });
            }
            for registered in &environment.registered {
                let why = format!("the loader takes `{}`", registered.class);
                steps.push(Step { action: "register", subject: registered.path.clone(), needed: true, why });
            }
            for finding in environment.findings.iter().filter(|finding| is_error(finding.as_ref())) {
                let code = finding.code().map(|code| code.to_string());
                let (subject, why) = (code.unwrap_or_default(), finding.to_string());
                steps.push(Step { action: "mend", subject, needed: true, why });
            }
            steps.extend(image::plan::step(project, recipe, release, &environment));
            steps.push(lock_step(project, &loaded, release, &environment, lock));
        }
        Err(_) => {
            for patch in &recipe.patches {
                steps.push(Step { action: "patch", subject: patch.file.clone(), needed: true, why: patch.why.clone() });
            }
        }
    }
    for found in recipe.scenarios.values() {
        let why = match scenario::profile_of(project, recipe, found) {
            _ if found.engine == Engine::Upstream => "upstream's own engine, in the recipe's environment".to_owned(),
            Ok(profile) => format!("profile {}", profile.name),
            Err(error) => error.to_string(),
        };
        steps.push(Step { action: "replay", subject: found.name.clone(), needed: true, why });
        let golden = Project::golden_file(&recipe.name, &found.name);
        let there = project.path(&golden).is_file();
        let why = if there { "accepted before" } else { "no golden yet: `hive golden accept` writes it" };
        steps.push(Step { action: "compare", subject: golden, needed: true, why: why.to_owned() });
    }
    Ok(Plan { recipe: recipe.name.clone(), steps })
}

/// Returns why a release has to be fetched; nobody asked for `--offline`, so it is not blamed.
fn unfetched(error: &Error) -> String {
    match error {
        Error::Fetch(error) if matches!(**error, fetch::Error::Offline { .. }) => "not in the cache".to_owned(),
        other => other.to_string(),
    }
}

fn lock_step(
    project: &Project,
    loaded: &Loaded,
    release: &upstream::Release,
    environment: &environment::Environment,
    lock: Option<&Lock>,
) -> Step {
    let name = &loaded.recipe.name;
    let step = |needed, why| Step { action: "lock", subject: lock::FILE.to_owned(), needed, why };
    let facts = match lock::facts(project, loaded, release, environment, lock, &mut CandleCache::default()) {
        Ok(facts) => facts,
        Err(error) => return step(true, error.to_string()),
    };
    let mut now = Lock::default();
    now.recipes.insert(name.clone(), facts);
    match lock.filter(|lock| lock.recipes.contains_key(name)) {
        None => step(true, "the recipe was never locked".to_owned()),
        Some(lock) => match lock.compare(&now, name).as_slice() {
            [] => step(false, "fresh".to_owned()),
            [first, rest @ ..] => step(
                true,
                match rest.len() {
                    0 => first.to_string(),
                    more => format!("{first}, and {more} more"),
                },
            ),
        },
    }
}
