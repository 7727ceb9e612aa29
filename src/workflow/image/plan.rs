//! Which image would be built, and why? Nobody is asked: what is known of the base was learnt before.

use crate::recipe::resolve::Recipe;
use crate::workflow::Project;
use crate::workflow::closure;
use crate::workflow::environment::Environment;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::place;
use crate::workflow::image::planned;
use crate::workflow::image::record;
use crate::workflow::image::record::Record;
use crate::workflow::image::why;
use crate::workflow::lock;
use crate::workflow::step::Step;
use crate::workflow::upstream::Release;

/// Returns the step that builds a recipe's image; `None` for a recipe without one.
#[must_use]
pub fn step(project: &Project, recipe: &Recipe, release: &Release, environment: &Environment) -> Option<Step> {
    let image = recipe.image.as_ref()?;
    let subject = image.tag.clone().unwrap_or_else(|| image.base.clone());
    let step = |needed, why: String| Some(Step { action: "image", subject: subject.clone(), needed, why });
    if let Err(error) = planned::name(recipe) {
        return step(true, error.to_string());
    }
    let last = record::last(project, &recipe.name);
    let Some(mut knowledge) = Knowledge::remembered(project, &image.base) else {
        return step(true, format!("`{}` was not looked into yet: `hive build` predicts the digest", image.base));
    };
    if recipe.python.is_some() && matches!(place::find(&mut knowledge, recipe), Ok(None)) {
        return installed(project, recipe, release, environment, &mut knowledge, last).map(|(needed, why)| Step {
            action: "image",
            subject: subject.clone(),
            needed,
            why,
        });
    }
    let planned = match planned::overlay(project, recipe, release, environment, &mut knowledge) {
        Ok(planned) => planned,
        Err(error) => return step(true, error.to_string()),
    };
    let digest = &planned.image.config_digest;
    let Some(last) = last else {
        return step(true, format!("{digest}, never built here"));
    };
    if last.config_digest == *digest && last.name == planned.name.short() {
        return step(false, format!("{digest}, as it was built"));
    }
    let mut changes = why::changes(&last.facts, &planned.origin.facts);
    if last.name != planned.name.short() {
        changes.push(format!("its name was `{}`", last.name));
    }
    if changes.is_empty() {
        changes.push("this hive writes configurations otherwise".to_owned());
    }
    step(true, format!("{digest}: {}", changes.join("; ")))
}

/// Tells what is to be done where hive installs the packages: their layer decides the digest, and it is not made for a plan.
fn installed(
    project: &Project,
    recipe: &Recipe,
    release: &Release,
    environment: &Environment,
    knowledge: &mut Knowledge<'_>,
    last: Option<Record>,
) -> Option<(bool, String)> {
    let untold = "its digest depends on packages that `hive build` installs";
    let Some(last) = last.filter(|last| last.kind == "build") else {
        return Some((true, format!("never built here; {untold}")));
    };
    let root = place::packages(knowledge, recipe).ok()?;
    let mut now = match planned::facts(project, recipe, release, environment, knowledge, &root, "build") {
        Ok(facts) => facts,
        Err(error) => return Some((true, error.to_string())),
    };
    // The packages are those of the lock; where it has none for these inputs, nobody knows them yet.
    let lock = lock::read(project).ok().flatten();
    let closure = closure::carried_over(recipe, lock.as_ref());
    let is_package = |name: &str| name.starts_with("python run ");
    now.extend(
        closure.iter().map(|(key, value)| (key.to_string(), value.clone())).filter(|(name, _)| is_package(name)),
    );
    let is_told = |name: &String| name != "hummingbot" && (!closure.is_empty() || !is_package(name));
    let before = last.facts.into_iter().filter(|(name, _)| is_told(name)).collect();
    let changes = why::changes(&before, &now);
    if changes.is_empty() {
        return Some((false, format!("{}, as it was built", last.config_digest)));
    }
    Some((true, format!("{}; {untold}", changes.join("; "))))
}
