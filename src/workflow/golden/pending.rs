//! Which results wait for somebody to accept or to reject them?

use crate::golden::Golden;
use crate::golden::Reason;
use crate::golden::compare;
use crate::golden::compare::Comparison;
use crate::golden::compare::Rule;
use crate::io::files;
use crate::io::transaction::Change;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::golden;
use crate::workflow::golden::Parted;
use crate::workflow::project::Loaded;

/// The verb that changes of goldens are undone by.
pub const VERB: &str = "golden";

/// How a pending golden's file ends.
pub const ENDING: &str = ".pending.toml";

/// A result that waits.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// The pending file, relative to the root.
    pub file: String,
    /// The golden that it would become, relative to the root.
    pub golden_file: String,
    /// The result.
    pub result: Golden,
    /// The golden that is there.
    pub before: Before,
    /// How the two compare; `None` without a golden that can be read.
    pub comparison: Option<Comparison>,
    /// Where they part; `None` without a golden that can be read, and where the ledgers are equal.
    pub parted: Option<Parted>,
    /// What they were made with otherwise: name, then, now.
    pub made_differently: Vec<(String, String, String)>,
}

/// What stands in the place of a golden.
#[derive(Debug, Clone)]
pub enum Before {
    /// Nothing.
    Absent,
    /// A golden.
    Golden(Box<Golden>),
    /// A file that cannot be read, with the reasons that are still there.
    Broken {
        /// What is wrong with it.
        problem: String,
        /// Why results were accepted before.
        reasons: Vec<Reason>,
    },
}

impl Pending {
    /// Returns what it is called: `RECIPE/SCENARIO`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.recipe, self.scenario)
    }

    /// Returns the golden that it becomes for a reason.
    fn accepted(&self, why: &str) -> Golden {
        let mut reasons = match &self.before {
            Before::Absent => Vec::new(),
            Before::Golden(before) => before.reasons.clone(),
            Before::Broken { reasons, .. } => reasons.clone(),
        };
        reasons.push(Reason { why: why.to_owned(), moved: golden::moved(self.comparison.as_ref()) });
        Golden { reasons, ..self.result.clone() }
    }
}

/// Returns the file of a scenario's pending golden, relative to the root.
#[must_use]
pub fn file(recipe: &str, scenario: &str) -> String {
    format!("snapshots/{recipe}/{scenario}{ENDING}")
}

/// Keeps a result beside its golden until somebody decides. Returns the file, relative to the root.
///
/// # Errors
///
/// Returns an error when the disk refuses.
pub fn keep(project: &Project, recipe: &str, scenario: &str, result: &Golden) -> Result<String, Error> {
    let file = file(recipe, scenario);
    let text = result.render();
    if files::read_to_string(&project.path(&file)).ok().as_ref() != Some(&text) {
        files::write_atomic(&project.path(&file), text.as_bytes())?;
    }
    Ok(file)
}

/// Forgets the result of a scenario that needs no decision any more.
///
/// # Errors
///
/// Returns an error when the disk refuses.
pub fn forget(project: &Project, recipe: &str, scenario: &str) -> Result<(), Error> {
    Ok(files::remove_if_there(&project.path(&file(recipe, scenario)))?)
}

/// Finds what waits, sorted by recipe and scenario: of one recipe, of one scenario, or all.
///
/// # Errors
///
/// Refuses a pending file that is no golden.
pub fn all(project: &Project, recipe: Option<&str>, scenario: Option<&str>) -> Result<Vec<Pending>, Error> {
    let mut recipes = golden::names(project, "snapshots");
    recipes.retain(|name| recipe.is_none_or(|recipe| recipe == name));
    recipes.sort();
    let mut all = Vec::new();
    for recipe in recipes {
        let mut names = golden::names(project, &format!("snapshots/{recipe}"));
        names.sort();
        // The tolerances are the recipe's; a recipe that cannot be read or is gone has none.
        let loaded = project.load(&format!("recipes/{recipe}.toml")).ok();
        for name in names.iter().filter_map(|name| name.strip_suffix(ENDING)) {
            if scenario.is_none_or(|scenario| scenario == name) {
                all.push(one(project, loaded.as_ref(), &recipe, name)?);
            }
        }
    }
    Ok(all)
}

fn one(project: &Project, loaded: Option<&Loaded>, recipe: &str, scenario: &str) -> Result<Pending, Error> {
    let (file, golden_file) = (file(recipe, scenario), Project::golden_file(recipe, scenario));
    let text = files::read_to_string(&project.path(&file))?;
    let result = Golden::parse(&text).map_err(|source| Error::Golden { file: file.clone(), source })?;
    let before = if project.path(&golden_file).is_file() {
        let text = files::read_to_string(&project.path(&golden_file))?;
        match Golden::parse(&text) {
            Ok(before) => Before::Golden(Box::new(before)),
            Err(problem) => Before::Broken { problem: problem.to_string(), reasons: Golden::parse_reasons(&text) },
        }
    } else {
        Before::Absent
    };
    let known = match &before {
        Before::Golden(before) => Some(before.as_ref()),
        _ => None,
    };
    Ok(Pending {
        recipe: recipe.to_owned(),
        scenario: scenario.to_owned(),
        file,
        golden_file,
        comparison: known.map(|before| match loaded {
            Some(loaded) => golden::compared(loaded, before, &result),
            None => compare::compare(before, &result, &|_| Rule::default()),
        }),
        parted: known.and_then(|before| golden::parted(before, &result)),
        made_differently: known.map_or_else(Vec::new, |before| golden::made_differently(before, &result)),
        result,
        before,
    })
}

/// Makes goldens of results that wait, all as one.
///
/// # Errors
///
/// Tells why nothing has changed.
pub fn accept(project: &Project, pending: &[&Pending], why: &str) -> Result<(), Error> {
    let changes = pending.iter().flat_map(|pending| {
        let golden = pending.accepted(why).render().into_bytes();
        [
            Change { path: pending.golden_file.clone(), content: Some(golden) },
            Change { path: pending.file.clone(), content: None },
        ]
    });
    change(project, "accept", pending, &changes.collect::<Vec<_>>())
}

/// Forgets results that wait, all as one; the goldens stay as they are.
///
/// # Errors
///
/// Tells why nothing has changed.
pub fn reject(project: &Project, pending: &[&Pending]) -> Result<(), Error> {
    let changes = pending.iter().map(|pending| Change { path: pending.file.clone(), content: None });
    change(project, "reject", pending, &changes.collect::<Vec<_>>())
}

fn change(project: &Project, what: &str, pending: &[&Pending], changes: &[Change]) -> Result<(), Error> {
    let names: Vec<String> = pending.iter().map(|pending| pending.name()).collect();
    project.change(VERB, &format!("{what} {}", names.join(", ")), changes)?;
    Ok(())
}

/// What pruning found.
#[derive(Debug, Default, serde::Serialize)]
pub struct Pruned {
    /// Files that went, or would go: goldens and pending ones that belong to no scenario.
    pub files: Vec<String>,
    /// Other files below `snapshots/`, which are not touched.
    pub left: Vec<String>,
}

/// Removes goldens and pending goldens that belong to no scenario, all as one; `is_dry` only tells which.
///
/// # Errors
///
/// Returns an error when a recipe cannot be read, whose scenarios nobody knows then.
pub fn prune(project: &Project, is_dry: bool) -> Result<Pruned, Error> {
    let recipes = project.all()?;
    let mut known = Vec::new();
    for file in &recipes {
        let loaded = project.load(file)?;
        known.extend(loaded.recipe.scenarios.keys().map(|scenario| (loaded.recipe.name.clone(), scenario.clone())));
    }
    let mut pruned = Pruned::default();
    let mut folders = golden::names(project, "snapshots");
    folders.sort();
    for folder in folders {
        let mut names = golden::names(project, &format!("snapshots/{folder}"));
        names.sort();
        for name in names {
            let scenario = name.strip_suffix(".golden.toml").or_else(|| name.strip_suffix(ENDING));
            let path = format!("snapshots/{folder}/{name}");
            match scenario {
                None => pruned.left.push(path),
                Some(scenario) if known.contains(&(folder.clone(), scenario.to_owned())) => {}
                Some(_) => pruned.files.push(path),
            }
        }
    }
    if !is_dry && !pruned.files.is_empty() {
        let gone = |path: &String| Change { path: path.clone(), content: None };
        let changes: Vec<Change> = pruned.files.iter().map(gone).collect();
        project.change(VERB, &format!("prune {} files", changes.len()), &changes)?;
    }
    Ok(pruned)
}
