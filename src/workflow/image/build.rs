//! Builds a recipe's image: plans it, gets it into the engine, proves it, and keeps what was learnt.

use std::panic;
use std::thread;

use serde::Serialize;

use crate::image::assemble::Added;
use crate::image::bill::Package;
use crate::io::docker::Engine;
use crate::io::docker::ImageFacts;
use crate::io::progress::Progress;
use crate::recipe::resolve::Recipe;
use crate::workflow::Error as AnyError;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::build::sound;
use crate::workflow::environment::Environment;
use crate::workflow::finding::Finding;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::load;
use crate::workflow::image::load::Way;
use crate::workflow::image::parts;
use crate::workflow::image::place;
use crate::workflow::image::planned;
use crate::workflow::image::planned::Planned;
use crate::workflow::image::proof;
use crate::workflow::image::proof::Proven;
use crate::workflow::image::record;
use crate::workflow::image::record::Documents;
use crate::workflow::image::record::Parts;
use crate::workflow::image::why;
use crate::workflow::project::Loaded;
use crate::workflow::upstream::Release;

/// What a build may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// Sends all layers, and so learns the manifest's digest on every engine.
    pub whole: bool,
    /// Trusts the digest, and does not look into the image afterwards.
    pub unproven: bool,
}

/// An image in an engine.
#[derive(Debug, Serialize)]
pub struct Built {
    /// The recipe.
    pub recipe: String,
    /// The release.
    pub upstream: String,
    /// The image's name.
    pub name: String,
    /// `overlay` or `build`.
    pub kind: String,
    /// The base's name.
    pub base: String,
    /// The folder that holds `hummingbot/`.
    pub root: String,
    /// The image's id in this engine, as it was predicted and as it is.
    pub id: String,
    /// The digest of the configuration: the id where a graph driver stores layers.
    pub config_digest: String,
    /// The digest of the manifest: the id where containerd stores them. `null` where the base's layers were not measured.
    pub manifest_digest: Option<String>,
    /// The layers on top of the base.
    pub layers: Vec<Added>,
    /// How it got into the engine.
    pub loaded: Way,
    /// Which input changed since the last build; empty for the first one, and when nothing did.
    pub changes: Vec<String>,
    /// Files that patches change and that no installation has.
    pub not_installed: Vec<String>,
    /// What was proven inside the image; `null` where nobody looked.
    pub proof: Option<Proven>,
    /// What was written beside it.
    #[serde(flatten)]
    pub documents: Documents,
    /// What is doubtful.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// A recipe's image, planned, with all that it was planned from.
pub(super) struct Prepared<'e> {
    pub(super) loaded: Loaded,
    pub(super) release: Release,
    pub(super) environment: Environment,
    pub(super) knowledge: Knowledge<'e>,
    pub(super) planned: Planned,
    pub(super) packages: Vec<Package>,
}

/// Builds a recipe's image.
///
/// # Errors
///
/// Refuses a broken series or registration, and a base that does not fit; says what the engine refused. No name is given to
/// an image that is not the predicted one, and nothing is recorded of it.
pub fn build(
    project: &Project,
    file: &str,
    options: Options,
    wish: Wish,
    progress: &dyn Progress,
) -> Result<Built, Refusal> {
    let loaded = project.load(file)?;
    // What can be wrong with the recipe alone is told before anybody is asked.
    planned::name(&loaded.recipe).map_err(AnyError::from)?;
    let engine = Engine::connect().map_err(AnyError::from)?;
    let mut prepared = thread::scope(|scope| {
        // Where images are kept is asked for before it is needed, while hive thinks. A refusal comes again to whoever needs it.
        scope.spawn(|| engine.storage());
        prepare(project, loaded, &engine, options, progress)
    })?;
    let Prepared { loaded, release, environment, knowledge, planned, packages } = &mut prepared;
    let before = record::last(project, &loaded.recipe.name);
    let opened = knowledge.close();
    let (way, id) = thread::scope(|scope| {
        // The base was looked into; its container is removed while the image is loaded, and surely before anything follows.
        scope.spawn(|| drop(opened));
        load::load(project, &engine, planned, knowledge, wish.whole, progress)
    })?;
    let proof = if wish.unproven {
        None
    } else {
        let proven = proof::prove(&engine, &id, planned, &loaded.recipe, release, environment);
        if proven.is_err() && way != Way::There {
            // What failed is not kept; whether it goes is the engine's affair, and changes nothing about the failure.
            let _ = engine.remove_image(&id);
        }
        Some(proven?)
    };
    load::name(&engine, planned, &id)?;
    let parts = Parts { recipe: &loaded.recipe, release, environment, packages };
    let documents = record::keep(project, planned, &parts)?;
    let changes = before.map(|before| why::changes(&before.facts, &planned.origin.facts)).unwrap_or_default();
    Ok(Built {
        recipe: loaded.recipe.name.clone(),
        upstream: release.label.clone(),
        name: planned.name.short(),
        kind: planned.origin.kind.clone(),
        base: planned.origin.base.clone(),
        root: planned.origin.root.clone(),
        id,
        config_digest: planned.image.config_digest.clone(),
        manifest_digest: planned.image.manifest.as_ref().map(|manifest| manifest.digest.clone()),
        layers: planned.layers.iter().map(|layer| layer.added.clone()).collect(),
        loaded: way,
        changes,
        not_installed: std::mem::take(&mut planned.not_installed),
        proof,
        documents,
        findings: std::mem::take(&mut environment.findings),
    })
}

/// Plans a recipe's image on the base that the engine has.
pub(super) fn prepare<'e>(
    project: &Project,
    loaded: Loaded,
    engine: &'e Engine,
    options: Options,
    progress: &dyn Progress,
) -> Result<Prepared<'e>, Refusal> {
    let (sound, knowledge) = thread::scope(|scope| {
        // The base is looked into while the series is tried. What is wrong with the recipe is told first.
        let knowledge = scope.spawn(|| look(project, engine, &loaded.recipe, options));
        let sound = sound(project, &loaded, options, progress);
        (sound, knowledge.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)))
    });
    let (release, environment) = sound?;
    let mut knowledge = knowledge?;
    let planned = plan(project, &loaded, &release, &environment, &mut knowledge, options, progress);
    // What was learnt of the base is true whatever comes of the plan.
    knowledge.keep()?;
    let (planned, packages) = planned?;
    Ok(Prepared { loaded, release, environment, knowledge, planned, packages })
}

/// Finds the base, and where in it Hummingbot stands.
fn look<'e>(
    project: &Project,
    engine: &'e Engine,
    recipe: &Recipe,
    options: Options,
) -> Result<Knowledge<'e>, AnyError> {
    let (name, facts) = base(engine, recipe, options)?;
    let mut knowledge = Knowledge::of(project, engine, &name, &facts)?;
    place::find(&mut knowledge, recipe)?;
    Ok(knowledge)
}

/// Plans an overlay where the base holds Hummingbot, and its installation where it does not and the recipe says with what.
fn plan(
    project: &Project,
    loaded: &Loaded,
    release: &Release,
    environment: &Environment,
    knowledge: &mut Knowledge<'_>,
    options: Options,
    progress: &dyn Progress,
) -> Result<(Planned, Vec<Package>), Refusal> {
    let recipe = &loaded.recipe;
    if recipe.python.is_none() || place::find(knowledge, recipe)?.is_some() {
        let planned = planned::overlay(project, recipe, release, environment, knowledge)?;
        return Ok((planned, Vec::new()));
    }
    let mut parts = parts::make(project, loaded, knowledge, options, progress)?;
    let packages = std::mem::take(&mut parts.packages);
    Ok((planned::install(project, recipe, release, environment, knowledge, parts)?, packages))
}

/// Returns the base's name and what the engine says of it, once it is the one that the recipe pins.
pub(in crate::workflow) fn base(
    engine: &Engine,
    recipe: &Recipe,
    options: Options,
) -> Result<(String, ImageFacts), AnyError> {
    let image = recipe.image.as_ref().ok_or_else(|| Error::NoImage { recipe: recipe.name.clone() })?;
    let (recipe, base) = (recipe.name.clone(), image.base.clone());
    let named = engine.image(&base)?;
    let Some(expected) = &image.digest else {
        let facts = named.ok_or_else(|| Error::NoBase { recipe: recipe.clone(), base: base.clone() })?;
        if options.locked {
            return Err(Error::NotPinned { recipe, base, id: facts.id }.into());
        }
        return Ok((base, facts));
    };
    let is_pinned = |facts: &ImageFacts| {
        facts.id == *expected || facts.digests.iter().any(|digest| digest.ends_with(&format!("@{expected}")))
    };
    if let Some(facts) = named.as_ref().filter(|facts| is_pinned(facts)) {
        return Ok((base, facts.clone()));
    }
    // The name may mean a newer one by now, while the pinned one is still there.
    if let Some(facts) = engine.image(expected)?.filter(is_pinned) {
        return Ok((base, facts));
    }
    match named {
        None => Err(Error::NoBase { recipe, base }.into()),
        Some(facts) => {
            let found = [facts.id].into_iter().chain(facts.digests).collect();
            Err(Error::OtherBase { recipe, base, expected: expected.clone(), found }.into())
        }
    }
}
