//! Which image would be built, and why? Nobody is asked: what is known of the base was learnt before.

use crate::recipe::resolve::Recipe;
use crate::workflow::Project;
use crate::workflow::environment::Environment;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::planned;
use crate::workflow::image::record;
use crate::workflow::image::why;
use crate::workflow::plan::Step;
use crate::workflow::upstream::Release;

/// Returns the step that builds a recipe's image; `None` for a recipe without one.
#[must_use]
pub fn step(project: &Project, recipe: &Recipe, release: &Release, environment: &Environment) -> Option<Step> {
    let image = recipe.image.as_ref()?;
    let subject = image.tag.clone().unwrap_or_else(|| image.base.clone());
    let step = |needed, why: String| Some(Step { action: "image", subject, needed, why });
    if let Err(error) = planned::name(recipe) {
        return step(true, error.to_string());
    }
    let last = record::last(project, &recipe.name);
    let Some(mut knowledge) = Knowledge::remembered(project, &image.base) else {
        return step(true, format!("`{}` was not looked into yet: `hive build` predicts the digest", image.base));
    };
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
