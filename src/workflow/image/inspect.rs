//! What is inside an image?

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::image::label;
use crate::io::docker::Engine;
use crate::io::docker::ImageFacts;
use crate::workflow::Error as AnyError;
use crate::workflow::Project;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::planned;
use crate::workflow::image::record;

/// An image, as it and its labels say.
#[derive(Debug, Serialize)]
pub struct Inspected {
    /// The image's name, as it was asked for.
    pub name: String,
    /// Its id in the engine.
    pub id: String,
    /// All its names.
    pub tags: Vec<String>,
    /// The operating system and the machine, `linux/amd64`.
    pub platform: String,
    /// The size of its layers in the engine, in bytes.
    pub size_bytes: u64,
    /// The recipe; `null` for an image that hive did not build.
    pub recipe: Option<String>,
    /// The release.
    pub upstream: Option<String>,
    /// `overlay` or `build`.
    pub kind: Option<String>,
    /// The folder that holds `hummingbot/`.
    pub root: Option<String>,
    /// The base's name.
    pub base: Option<String>,
    /// The patches, by file, with their SHA-256.
    pub patches: BTreeMap<String, String>,
    /// The controllers, by source, with their SHA-256.
    pub controllers: BTreeMap<String, String>,
    /// The Python packages that hive installed, by name, with version and SHA-256.
    pub packages: BTreeMap<String, String>,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
    /// All labels.
    pub labels: BTreeMap<String, String>,
}

/// A layer of an image.
#[derive(Debug, Serialize)]
pub struct Layer {
    /// What it is: `base`, or the name that hive gave it.
    pub name: String,
    /// Its diff id.
    pub digest: String,
    /// The size of its archive, in bytes; `null` where it was not measured.
    pub size_bytes: Option<u64>,
}

/// Looks at an image: `named` is a recipe or the name of any image.
///
/// # Errors
///
/// Says that there is no such image.
pub fn inspect(project: &Project, named: &str, from: &Path) -> Result<Inspected, AnyError> {
    let engine = Engine::connect()?;
    let (name, mend) = match project.one(named, from) {
        Ok(file) => {
            let recipe = project.load(&file)?.recipe;
            (planned::name(&recipe)?.short(), format!("build it with `hive build {}`", recipe.name))
        }
        Err(_) => (named.to_owned(), "name a recipe, or an image that `docker image ls` lists".to_owned()),
    };
    let facts = engine.image(&name)?.ok_or(Error::NotThere { name: name.clone(), mend })?;
    Ok(told(project, name, facts))
}

fn told(project: &Project, name: String, facts: ImageFacts) -> Inspected {
    let labels = labels(&facts);
    let label = |name: &str| labels.get(name).cloned().filter(|value| !value.is_empty());
    let known = label::facts(&labels).unwrap_or_default();
    let files =
        known.iter().filter_map(|(name, value)| Some((name.strip_prefix("file ")?.replace("%20", " "), value.clone())));
    let (patches, controllers): (BTreeMap<_, _>, BTreeMap<_, _>) =
        files.partition(|(file, _)| [".patch", ".diff"].iter().any(|ending| file.ends_with(ending)));
    let packages = known
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("python run ")?.to_owned(), value.clone())))
        .collect();
    Inspected {
        platform: format!("{}/{}", facts.os, facts.architecture),
        size_bytes: facts.size_bytes,
        recipe: label(label::RECIPE),
        upstream: label(label::UPSTREAM),
        kind: label(label::KIND),
        root: label(label::ROOT),
        base: label(label::BASE_NAME),
        patches,
        controllers,
        packages,
        layers: layers(project, &facts, &labels),
        labels,
        name,
        id: facts.id,
        tags: facts.tags,
    }
}

fn layers(project: &Project, facts: &ImageFacts, labels: &BTreeMap<String, String>) -> Vec<Layer> {
    let own: Vec<&str> = labels.get(label::LAYERS).map(|names| names.split(',').collect()).unwrap_or_default();
    let below = facts.diff_ids.len().saturating_sub(own.len());
    let base = labels.get(label::BASE_NAME).and_then(|base| Knowledge::remembered(project, base));
    let base_sizes = base.and_then(|base| base.known.sizes).filter(|sizes| sizes.len() == below);
    let record = labels.get(label::RECIPE).and_then(|recipe| record::last(project, recipe));
    let measured: BTreeMap<&str, u64> = record
        .iter()
        .flat_map(|record| &record.layers)
        .map(|layer| (layer.measured.digest.as_str(), layer.measured.byte_count))
        .collect();
    let layer = |(place, digest): (usize, &String)| match place.checked_sub(below) {
        None => {
            let size_bytes = base_sizes.as_ref().and_then(|sizes| sizes.get(place)).copied();
            Layer { name: "base".to_owned(), digest: digest.clone(), size_bytes }
        }
        Some(index) => Layer {
            name: own[index].to_owned(),
            digest: digest.clone(),
            size_bytes: measured.get(digest.as_str()).copied(),
        },
    };
    facts.diff_ids.iter().enumerate().map(layer).collect()
}

/// Returns an image's labels.
pub(in crate::workflow) fn labels(facts: &ImageFacts) -> BTreeMap<String, String> {
    let labels = facts.config.get("Labels").and_then(Value::as_object);
    let texts =
        labels.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.collect()
}
