//! How does a planned image get into the engine, whole or not at all?

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::image::archive;
use crate::io::docker;
use crate::io::docker::Engine;
use crate::io::docker::Store;
use crate::io::progress::Progress;
use crate::workflow::Error as AnyError;
use crate::workflow::Project;
use crate::workflow::image::Error;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::planned::Planned;
use crate::workflow::image::saved::Saved;

/// How an image got into the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It was there already; nothing was sent.
    There,
    /// Only what is new was sent.
    Thin,
    /// All layers were sent.
    Whole,
}

/// Sends an image to the engine, unless it is there, and compares the id with the predicted one. Returns the id.
///
/// # Errors
///
/// Says what the engine refused; the image's name means what it meant before, here as after success.
pub fn load(
    project: &Project,
    engine: &Engine,
    planned: &mut Planned,
    knowledge: &mut Knowledge<'_>,
    whole: bool,
    progress: &dyn Progress,
) -> Result<(Way, String), AnyError> {
    let store = engine.storage()?.store;
    if store == Store::Containerd || whole {
        measure(project, engine, planned, knowledge, progress)?;
    }
    let expected = id(planned, store);
    let mut way = Way::There;
    if engine.image(&expected)?.is_none() {
        way = send(project, engine, planned, knowledge, store, whole, progress)?;
    }
    if engine.image(&expected)?.is_none() {
        let found = engine.image(&planned.name.short())?.map_or_else(|| "nothing".to_owned(), |image| image.id);
        let engine = engine.version().engine.clone();
        return Err(Error::Mismatch { expected, found, engine }.into());
    }
    Ok((way, expected))
}

/// Gives an image its name, which no other one has then.
///
/// # Errors
///
/// Says what the engine refused.
pub fn name(engine: &Engine, planned: &Planned, id: &str) -> Result<(), AnyError> {
    let name = planned.name.short();
    let is_named = engine.image(id)?.is_some_and(|image| image.tags.contains(&name));
    if is_named { Ok(()) } else { Ok(engine.tag(id, &name)?) }
}

/// Returns the id that a planned image has in a store.
#[must_use]
pub fn id(planned: &Planned, store: Store) -> String {
    match (store, &planned.image.manifest) {
        (Store::Containerd, Some(manifest)) => manifest.digest.clone(),
        _ => planned.image.config_digest.clone(),
    }
}

/// Measures the base's layers, once for each base.
pub(super) fn measure(
    project: &Project,
    engine: &Engine,
    planned: &mut Planned,
    knowledge: &mut Knowledge<'_>,
    progress: &dyn Progress,
) -> Result<(), AnyError> {
    if knowledge.known.sizes.is_none() {
        let saved = Saved::take(engine, &planned.base_id, &project.cache().work_folder()?, progress)?;
        let measured = saved.measure(&knowledge.known.base.diff_ids)?;
        knowledge.known.sizes = Some(measured.iter().map(|layer| layer.byte_count).collect());
        knowledge.keep()?;
    }
    planned.with_sizes(knowledge);
    Ok(())
}

fn send(
    project: &Project,
    engine: &Engine,
    planned: &mut Planned,
    knowledge: &mut Knowledge<'_>,
    store: Store,
    whole: bool,
    progress: &dyn Progress,
) -> Result<Way, AnyError> {
    if store == Store::Graph && !whole {
        match send_thin(engine, planned, progress) {
            Ok(()) => return Ok(Way::Thin),
            // That an engine knows the base's layers by their digests is nobody's promise.
            Err(refused) if is_refusal(&refused) => {}
            Err(error) => return Err(error.into()),
        }
    }
    measure(project, engine, planned, knowledge, progress)?;
    let saved = Saved::take(engine, &planned.base_id, &project.cache().work_folder()?, progress)?;
    send_whole(engine, planned, &saved, store, progress)?;
    Ok(Way::Whole)
}

fn send_thin(engine: &Engine, planned: &Planned, progress: &dyn Progress) -> Result<(), docker::Error> {
    let sizes: Vec<u64> = planned.layers.iter().map(|layer| layer.added.measured.byte_count).collect();
    let below = planned.image.base_count;
    // Without a name: the image gets it when it is known to be the predicted one.
    let write = |into: &mut dyn Write| {
        archive::thin(&planned.image, None, &sizes, into, &mut |place, into| copy(planned, place - below, into))
    };
    engine.load(write, Some(sizes.iter().sum()), progress).map(drop)
}

fn send_whole(
    engine: &Engine,
    planned: &Planned,
    saved: &Saved,
    store: Store,
    progress: &dyn Progress,
) -> Result<(), AnyError> {
    let manifest = planned.image.manifest.as_ref().expect("the sizes of the base's layers were measured");
    let below = planned.image.base_count;
    // containerd's store keeps nothing that has no name.
    let name = (store == Store::Containerd).then_some(&planned.name);
    let write = |into: &mut dyn Write| {
        archive::whole(&planned.image, manifest, name, into, &mut |place, into| match place.checked_sub(below) {
            Some(own) => copy(planned, own, into),
            None => io::copy(&mut saved.layer(place)?, into).map(drop),
        })
    };
    Ok(engine.load(write, Some(manifest.sizes.iter().sum()), progress).map(drop)?)
}

fn copy(planned: &Planned, own: usize, into: &mut dyn Write) -> io::Result<()> {
    io::copy(&mut planned.layers[own].open()?, into).map(drop)
}

/// Tells whether an engine has looked at an archive and did not want it.
fn is_refusal(error: &docker::Error) -> bool {
    matches!(error, docker::Error::Failed { .. } | docker::Error::Unknown { .. } | docker::Error::Refused { .. })
}
