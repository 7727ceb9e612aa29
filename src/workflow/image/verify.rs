//! Is an image what its recipe gives? Everything is made again, and compared with what the engine has.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::image::label;
use crate::image::listing;
use crate::io::docker::Engine;
use crate::io::docker::ImageFacts;
use crate::io::progress::Progress;
use crate::workflow::Error as AnyError;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::image::Error;
use crate::workflow::image::build;
use crate::workflow::image::build::Prepared;
use crate::workflow::image::error::Changes;
use crate::workflow::image::error::Digests;
use crate::workflow::image::inspect::labels;
use crate::workflow::image::load;
use crate::workflow::image::planned;
use crate::workflow::image::planned::Planned;
use crate::workflow::image::saved::Saved;
use crate::workflow::image::why;

/// How many changed facts are named.
const SHOWN_CHANGES: usize = 3;

/// An image that is what its recipe gives.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// The recipe.
    pub recipe: String,
    /// The image's name.
    pub name: String,
    /// Its id in the engine, equal to that of the rebuild.
    pub id: String,
    /// The digest of its configuration.
    pub config_digest: String,
    /// The digest of its manifest.
    pub manifest_digest: Option<String>,
    /// How many layers were compared, byte by byte through their digests.
    pub layer_count: usize,
    /// Always true; what differs is an error.
    pub equal: bool,
}

/// Builds an image again, in memory, and compares it with the one in the engine.
///
/// `named` is a recipe, or the name of an image that says of which recipe it was made.
///
/// # Errors
///
/// Names the first file that differs, or the input that changed since the image was built.
pub fn verify(
    project: &Project,
    named: &str,
    from: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Verified, Refusal> {
    let engine = Engine::connect().map_err(AnyError::from)?;
    let (file, name, facts) = subject(project, &engine, named, from)?;
    let loaded = project.load(&file)?;
    let mut prepared = build::prepare(project, loaded, &engine, options, progress)?;
    let Prepared { loaded, planned, knowledge, .. } = &mut prepared;
    let recipe = &loaded.recipe.name;
    let labels = labels(&facts);
    let told = label::facts(&labels).ok_or_else(|| AnyError::from(Error::NotOurs { name: name.clone() }))?;
    let changes = why::changes(&told, &planned.origin.facts);
    if !changes.is_empty() {
        let more = changes.len().saturating_sub(SHOWN_CHANGES);
        let mut changes: Vec<String> = changes.into_iter().take(SHOWN_CHANGES).collect();
        if more > 0 {
            changes.push(format!("{more} more"));
        }
        let changes = Changes(changes);
        return Err(AnyError::from(Error::OtherFacts { name, recipe: recipe.clone(), changes }).into());
    }
    let saved = Saved::take(&engine, &facts.id, &project.cache().work_folder().map_err(AnyError::from)?, progress)?;
    let measured = saved.measure(&facts.diff_ids)?;
    let below = planned.image.base_count;
    if let Some(difference) = difference(planned, &saved, &facts)? {
        let digests = Digests { expected: planned.image.config_digest.clone(), found: facts.id };
        return Err(AnyError::from(Error::NotReproducible { name, recipe: recipe.clone(), difference, digests }).into());
    }
    // All layers have passed by: their sizes are known now, and so is the manifest.
    if knowledge.known.sizes.is_none() {
        knowledge.known.sizes = Some(measured[..below].iter().map(|layer| layer.byte_count).collect());
        knowledge.keep()?;
        planned.with_sizes(knowledge);
    }
    let expected = load::id(planned, engine.storage().map_err(AnyError::from)?.store);
    if facts.id != expected {
        let digests = Digests { expected, found: facts.id };
        let difference = "its manifest is written otherwise".to_owned();
        return Err(AnyError::from(Error::NotReproducible { name, recipe: recipe.clone(), difference, digests }).into());
    }
    Ok(Verified {
        recipe: recipe.clone(),
        name,
        id: facts.id,
        config_digest: planned.image.config_digest.clone(),
        manifest_digest: planned.image.manifest.as_ref().map(|manifest| manifest.digest.clone()),
        layer_count: measured.len(),
        equal: true,
    })
}

/// Finds the recipe's file and the image that are meant.
pub(super) fn subject(
    project: &Project,
    engine: &Engine,
    named: &str,
    from: &Path,
) -> Result<(String, String, ImageFacts), AnyError> {
    match project.one(named, from) {
        Ok(file) => {
            let recipe = project.load(&file)?.recipe;
            let name = planned::name(&recipe)?.short();
            let mend = format!("build it with `hive build {}`", recipe.name);
            let facts = engine.image(&name)?.ok_or(Error::NotThere { name: name.clone(), mend })?;
            Ok((file, name, facts))
        }
        Err(unknown) => {
            let Some(facts) = engine.image(named)? else {
                let mend = format!("name an image that `docker image ls` lists, or a recipe: {}", told(&unknown));
                return Err(Error::NotThere { name: named.to_owned(), mend }.into());
            };
            let labels = labels(&facts);
            let recipe = labels.get(label::RECIPE).ok_or_else(|| Error::NotOurs { name: named.to_owned() })?;
            let file = project.one(recipe, from)?;
            Ok((file, named.to_owned(), facts))
        }
    }
}

fn told(unknown: &AnyError) -> String {
    miette::Diagnostic::help(unknown).map_or_else(|| unknown.to_string(), |help| help.to_string())
}

/// Returns what differs first between a plan and an image, in words; `None` when all is equal.
fn difference(planned: &Planned, saved: &Saved, facts: &ImageFacts) -> Result<Option<String>, AnyError> {
    let expected = &planned.image.diff_ids;
    let below = planned.image.base_count;
    if facts.diff_ids.get(..below) != Some(&expected[..below]) {
        return Ok(Some("it stands on another base".to_owned()));
    }
    for (index, made) in planned.layers.iter().enumerate() {
        let place = below + index;
        let name = &made.added.name;
        let Some(found) = facts.diff_ids.get(place) else {
            return Ok(Some(format!("layer `{name}` is missing")));
        };
        if *found == expected[place] {
            continue;
        }
        let read = |error| saved.unreadable(error);
        let ours = made.open().and_then(|mut layer| listing::list(&mut layer)).map_err(read)?;
        let theirs = saved.layer(place).and_then(|mut layer| listing::list(&mut layer)).map_err(read)?;
        let text = match listing::first_difference(&ours, &theirs) {
            Some(difference) => format!("in layer `{name}`, {difference}"),
            None => format!("layer `{name}` holds the same files, and is written otherwise"),
        };
        return Ok(Some(text));
    }
    if facts.diff_ids.len() > expected.len() {
        return Ok(Some(format!("it has {} more layers", facts.diff_ids.len() - expected.len())));
    }
    let ours: Value = serde_json::from_slice(&planned.image.config).unwrap_or_default();
    Ok(first_key(&ours, &saved.config, "").map(|key| format!("its configuration has another `{key}`")))
}

/// Returns the path of the first value that differs; `None` for equal values.
fn first_key(expected: &Value, found: &Value, path: &str) -> Option<String> {
    if let (Value::Object(expected), Value::Object(found)) = (expected, found) {
        let mut keys: Vec<&String> = expected.keys().chain(found.keys()).collect();
        keys.sort();
        keys.dedup();
        return keys.into_iter().find_map(|key| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let none = Value::Null;
            first_key(expected.get(key).unwrap_or(&none), found.get(key).unwrap_or(&none), &path)
        });
    }
    (expected != found).then(|| path.to_owned())
}
