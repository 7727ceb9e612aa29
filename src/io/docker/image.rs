//! Which images has the engine, and how do they get in and out?

use std::io;
use std::io::Write;

use bollard::body_try_stream;
use bollard::query_parameters::ImportImageOptionsBuilder;
use bollard::query_parameters::RemoveImageOptionsBuilder;
use bollard::query_parameters::TagImageOptionsBuilder;
use futures_util::TryStreamExt as _;
use serde_json::Map;
use serde_json::Value;

use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::ImageFacts;
use crate::io::docker::transfer;
use crate::io::progress::Progress;

const LOADING: &str = "load an image";
const SAVING: &str = "save an image";

impl Engine {
    /// Returns what the engine knows about an image; `None` when it has no such image. `reference` is a name, an ID, or a
    /// name with a digest.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn image(&self, reference: &str) -> Result<Option<ImageFacts>, Error> {
        let found = match self.quick("look at an image", self.docker.inspect_image(reference)) {
            Ok(found) => found,
            Err(Error::Unknown { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let sorted = |names: Option<Vec<String>>| {
            let mut names = names.unwrap_or_default();
            names.sort();
            names
        };
        let mut config = canonical(serde_json::to_value(found.config.unwrap_or_default()).unwrap_or_default());
        if let Some(entries) = config.as_object_mut() {
            // Engines differ in whether they tell what is not set.
            entries.retain(|_, value| !is_empty(value));
        }
        Ok(Some(ImageFacts {
            id: found.id.unwrap_or_default(),
            tags: sorted(found.repo_tags),
            digests: sorted(found.repo_digests),
            os: found.os.unwrap_or_default(),
            architecture: found.architecture.unwrap_or_default(),
            variant: found.variant.filter(|variant| !variant.is_empty()),
            diff_ids: found.root_fs.and_then(|layers| layers.layers).unwrap_or_default(),
            config,
            created: found.created.filter(|created| !created.is_empty()),
            size_bytes: found.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        }))
    }

    /// Loads the images of an archive, which `archive` writes; `byte_count` is how large it will be, where that is known.
    /// Returns what the engine says it has loaded: names, or IDs of images without one.
    ///
    /// # Errors
    ///
    /// Says what the engine refused, and [`Error::Local`] when `archive` failed.
    pub fn load(
        &self,
        archive: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        byte_count: Option<u64>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, Error> {
        progress.begin(LOADING, byte_count);
        let loaded = transfer::send(LOADING, progress, archive, |outgoing| {
            // Without progress of the engine's own, which would be one line for each piece of each layer.
            let options = ImportImageOptionsBuilder::default().quiet(true).build();
            let body = body_try_stream(outgoing.map_ok(Into::into));
            let mut answers = self.docker.import_image(options, body, None);
            let mut loaded = Vec::new();
            while let Some(answer) = self.piece(LOADING, &mut answers)? {
                if let Some(detail) = answer.error_detail {
                    return Err(Error::failed(&detail.message.unwrap_or_default(), LOADING));
                }
                let text = answer.stream.unwrap_or_default();
                let name = text.strip_prefix("Loaded image ID: ").or_else(|| text.strip_prefix("Loaded image: "));
                loaded.extend(name.map(|name| name.trim().to_owned()));
            }
            Ok(loaded)
        })?;
        progress.end();
        Ok(loaded)
    }

    /// Writes an image's archive, as `docker save` does.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoImage`], says what the engine refused, and [`Error::Local`] when `into` failed.
    pub fn save(&self, reference: &str, into: &mut dyn Write, progress: &dyn Progress) -> Result<(), Error> {
        progress.begin(SAVING, None);
        let mut pieces = self.docker.export_image(reference);
        while let Some(piece) = self.piece(SAVING, &mut pieces).map_err(|error| error.about_image(reference))? {
            into.write_all(&piece).map_err(|error| transfer::local(error, "keeping the archive", SAVING))?;
            progress.advance(piece.len() as u64);
        }
        progress.end();
        Ok(())
    }

    /// Gives an image another name, `NAME:TAG`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoImage`], and says what the engine refused.
    pub fn tag(&self, reference: &str, name: &str) -> Result<(), Error> {
        // What stands behind a colon is a port where a slash follows.
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (name, "latest"),
        };
        let options = TagImageOptionsBuilder::default().repo(repository).tag(tag).build();
        self.quick("name an image", self.docker.tag_image(reference, Some(options)))
            .map_err(|error| error.about_image(reference))
    }

    /// Removes a name of an image, and the image with its last name; an image that is not there is as good as removed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Conflict`] when a container uses it.
    pub fn remove_image(&self, reference: &str) -> Result<(), Error> {
        let options = RemoveImageOptionsBuilder::default().build();
        match self.quick("remove an image", self.docker.remove_image(reference, Some(options), None)) {
            Ok(_) | Err(Error::Unknown { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Returns the value with sorted keys: the order of the engine's tables is not ours.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(table) => {
            let mut entries: Vec<(String, Value)> = table.into_iter().collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key, canonical(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(table) => table.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
