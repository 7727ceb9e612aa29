//! The side that a recipe was at a revision of the project's git repository.

use super::Maker;
use super::Side;
use crate::io::git::revision;
use crate::recipe::lock::Lock;
use crate::recipe::resolve;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::bisect::Refusal;
use crate::workflow::closure;
use crate::workflow::lock;
use crate::workflow::project::Loaded;

/// The project's files at a revision.
struct Files<'a> {
    maker: &'a Maker<'a>,
    revision: &'a str,
}

impl resolve::Project for Files<'_> {
    fn exists(&self, path: &str) -> bool {
        matches!(self.bytes(path), Ok(Some(_)))
    }

    fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(path).ok()??).ok()
    }
}

impl Files<'_> {
    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(revision::read(&self.maker.project.root, self.revision, path)?)
    }

    /// Keeps a file among the inputs, and returns where.
    fn kept(&self, path: &str) -> Result<String, Error> {
        let (revision, file) = (self.revision.to_owned(), path.to_owned());
        let bytes = self.bytes(path)?.ok_or(Refusal::NotInRevision { revision, file })?;
        self.maker.keep(path, &bytes)
    }
}

impl Maker<'_> {
    /// Returns the side that a recipe's file was at a revision, with everything that it named then.
    ///
    /// # Errors
    ///
    /// Says that there is no such revision or file, and what was wrong with the recipe then.
    pub fn at_revision(&self, file: &str, scenario: &str, revision: &str) -> Result<Side, Error> {
        revision::check(&self.project.root, revision)?;
        let files = Files { maker: self, revision };
        let missing = || Refusal::NotInRevision { revision: revision.to_owned(), file: file.to_owned() };
        let text = resolve::Project::read(&files, file).ok_or_else(missing)?;
        let mut recipe = resolve::resolve(file, &text, &files)?;
        let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(&recipe, scenario))?.clone();
        for patch in &mut recipe.patches {
            patch.file = files.kept(&patch.file)?;
        }
        for controller in &mut recipe.controllers {
            controller.source = files.kept(&controller.source)?;
        }
        if let Some(candles) = recipe.candles.get_mut(&found.candles)
            && let CandleSource::File(path) = &mut candles.source
        {
            *path = files.kept(path)?;
        }
        let lock = resolve::Project::read(&files, lock::FILE).map(|text| Lock::parse(lock::FILE, &text)).transpose()?;
        let closure =
            |loaded: &Loaded| closure::obtain(self.project, loaded, lock.as_ref(), self.options, self.progress);
        let is_local = matches!(recipe.upstream, Upstream::Path { .. });
        let mut side = self.completed(revision, Loaded { text, recipe }, found, &closure)?;
        if is_local {
            side.notes.push(
                "a local upstream is taken as it is now: its tree has no revisions that hive knows of".to_owned(),
            );
        }
        Ok(side)
    }
}
