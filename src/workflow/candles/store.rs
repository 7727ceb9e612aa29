//! Which candles does a project have, and which of them serve a replay best?

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use crate::io::files;
use crate::market::Candles;
use crate::recipe::resolve;
use crate::recipe::resolve::CandleSource;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::candles::coverage::Coverage;
use crate::workflow::candles::coverage::Extent;
use crate::workflow::candles::kept::Kept;
use crate::workflow::candles::name;
use crate::workflow::candles::name::Name;
use crate::workflow::candles::read;
use crate::workflow::finding;
use crate::workflow::finding::Written;

/// The most files of the folder that are looked at.
const FILES_MAX: usize = 10_000;

/// A file that was written to so shortly before it was read may be written to again without looking newer.
const UNSETTLED: Duration = Duration::from_secs(2);

/// The candles of a project. Copies share what they have read.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    project: Project,
    known: Mutex<Known>,
}

/// What a file held, or what was wrong with it, and which file it was.
type Stamped<T> = (Stamp, Result<T, Written>);

/// What was read before.
#[derive(Debug, Default)]
struct Known {
    /// The extents of files, by path and by the interval that the file's name tells.
    extents: BTreeMap<(String, Option<i64>), Stamped<Extent>>,
    /// The candles that recipes name, by the recipe's file.
    recipes: BTreeMap<String, Stamped<Vec<resolve::Candles>>>,
    kept: Kept,
}

/// What tells that a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    byte_count: u64,
    modified: SystemTime,
    /// Whether the file was old enough when it was read.
    is_settled: bool,
}

/// Candles that were found.
#[derive(Debug, Clone)]
pub struct Found {
    /// All candles of the source, at their own interval.
    pub candles: Arc<Candles>,
    /// What results name them by, `sha256:…`.
    pub checksum: String,
    /// The length of a candle, in seconds.
    pub interval_s: i64,
    /// What the source holds.
    pub coverage: Coverage,
}

/// A place that candles come from.
enum Source {
    /// A file, relative to the project.
    File { path: String, named: Option<Name>, connector: String, pair: String },
    /// A generator of a recipe.
    Made { recipe: String, candles: resolve::Candles, synthetic: resolve::Synthetic },
    /// Something that is of no use.
    Broken { path: String, problem: Written },
}

impl Store {
    /// Opens the candles of a project: those of its recipes and those in `.hive/candles/`. Nothing is read before it is asked for.
    #[must_use]
    pub fn open(project: &Project) -> Self {
        let inner = Inner { project: project.clone(), known: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the project.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.inner.project
    }

    /// Tells what there is, by connector, pair, interval and source. What is damaged is told with its problem.
    ///
    /// # Errors
    ///
    /// Tells that the folder cannot be read.
    pub fn coverage(&self) -> Result<Vec<Coverage>, Error> {
        let mut all: Vec<Coverage> = self.sources()?.iter().map(|source| self.covered(source)).collect();
        all.sort_by(|one, other| {
            let key = |it: &Coverage| (it.connector.clone(), it.pair.clone(), it.interval_s, it.source.clone());
            key(one).cmp(&key(other))
        });
        // Several recipes may name one file.
        all.dedup_by(|one, other| one == other);
        Ok(all)
    }

    /// Tells what a file of the folder holds, whether or not it is there.
    pub(super) fn coverage_of(&self, path: &str) -> Coverage {
        let file_name = path.rsplit('/').next().unwrap_or(path);
        self.covered(&Source::named(file_name))
    }

    /// Finds the candles from which a replay at `interval_s` can be made: those that cover most, and of these the finest.
    #[must_use]
    pub fn find(&self, connector: &str, pair: &str, interval_s: i64) -> Option<Found> {
        self.find_in(connector, pair, interval_s, i64::MIN, i64::MAX)
    }

    /// Finds the candles that cover most of the stretch from the open time `start` to the open time `end`, and of these the
    /// finest. Their interval divides `interval_s`; they may cover a part of the stretch only, but are never without any of it.
    #[must_use]
    pub fn find_in(&self, connector: &str, pair: &str, interval_s: i64, start: i64, end: i64) -> Option<Found> {
        let serves = |coverage: &Coverage| {
            let divides = coverage.interval_s.is_some_and(|own| own > 0 && interval_s > 0 && interval_s % own == 0);
            let is_meant = coverage.connector == connector && coverage.pair == pair;
            is_meant && divides && coverage.problem.is_none() && coverage.covered_s(start, end) > 0
        };
        let sources = self.sources().ok()?;
        let is_meant = |source: &&Source| source.is_of(connector, pair);
        let mut candidates: Vec<(Coverage, &Source)> = sources
            .iter()
            .filter(is_meant)
            .map(|source| (self.covered(source), source))
            .filter(|(coverage, _)| serves(coverage))
            .collect();
        candidates.sort_by_key(|(coverage, _)| {
            (Reverse(coverage.covered_s(start, end)), coverage.interval_s, coverage.source.clone())
        });
        // A file may have been damaged since it was measured; then the next one serves.
        candidates.into_iter().find_map(|(coverage, source)| self.read(coverage, source))
    }

    fn read(&self, coverage: Coverage, source: &Source) -> Option<Found> {
        let interval_s = coverage.interval_s?;
        let sha256 = coverage.sha256.clone()?;
        let kept = self.known().kept.take(&sha256);
        if let Some(candles) = kept {
            return Some(Found { candles, checksum: format!("sha256:{sha256}"), interval_s, coverage });
        }
        let (candles, sha256) = match source {
            Source::File { path, .. } => read::file(&self.inner.project, path).ok()?,
            Source::Made { synthetic, .. } => (read::walk(synthetic).candles(), sha256),
            Source::Broken { .. } => return None,
        };
        let candles = Arc::new(candles);
        self.known().kept.keep(&sha256, &candles);
        let coverage = if coverage.sha256.as_ref() == Some(&sha256) { coverage } else { self.covered(source) };
        Some(Found { candles, checksum: format!("sha256:{sha256}"), interval_s, coverage })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What is kept is whole after each statement, so a panic elsewhere leaves nothing half done.
        self.inner.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sources(&self) -> Result<Vec<Source>, Error> {
        let mut sources = self.files()?;
        sources.extend(self.recipes());
        Ok(sources)
    }

    /// Returns the files of the folder, by name.
    fn files(&self) -> Result<Vec<Source>, Error> {
        let folder = self.inner.project.path(name::FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| files::Error::Read { path: folder.clone(), source })?,
        };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names.truncate(FILES_MAX);
        let is_file = |name: &String| folder.join(name).is_file();
        Ok(names.into_iter().filter(is_file).map(|file| Source::named(&file)).collect())
    }

    /// Returns the candles of all recipes; a recipe that cannot be read is one that is of no use.
    fn recipes(&self) -> Vec<Source> {
        let mut sources = Vec::new();
        for recipe in self.inner.project.all().unwrap_or_default() {
            match self.candles_of(&recipe) {
                Ok(all) => sources.extend(all.into_iter().map(|candles| match candles.source.clone() {
                    CandleSource::File(path) => {
                        Source::File { path, named: None, connector: candles.connector, pair: candles.pair }
                    }
                    CandleSource::Synthetic(synthetic) => Source::Made { recipe: recipe.clone(), candles, synthetic },
                })),
                Err(problem) => sources.push(Source::Broken { path: recipe, problem }),
            }
        }
        sources
    }

    fn candles_of(&self, recipe: &str) -> Result<Vec<resolve::Candles>, Written> {
        let project = &self.inner.project;
        let stamp = Stamp::of(&project.path(recipe));
        if let Some((then, candles)) = self.known().recipes.get(recipe)
            && Stamp::is_same(stamp, *then)
        {
            return candles.clone();
        }
        let loaded = project.load(recipe).map_err(|error| finding::written(&error));
        let candles = loaded.map(|loaded| loaded.recipe.candles.into_values().collect());
        if let Some(stamp) = stamp {
            self.known().recipes.insert(recipe.to_owned(), (stamp, candles.clone()));
        }
        candles
    }

    /// Returns what a source covers.
    fn covered(&self, source: &Source) -> Coverage {
        match source {
            Source::File { path, named, connector, pair } => {
                let extent = self.extent(path, named.as_ref());
                let named = named.as_ref().map(|name| name.interval_s);
                Coverage::new(connector, pair, path.clone(), named, extent)
            }
            Source::Made { recipe, candles, synthetic } => {
                let walk = read::walk(synthetic);
                let extent = Extent {
                    interval_s: Some(walk.interval),
                    start: walk.start,
                    end: walk.last_time(),
                    rows: walk.rows as u64,
                    gaps: Vec::new(),
                    gap_count: 0,
                    missing: 0,
                    sha256: read::synthetic_sha256(synthetic),
                };
                let source = format!("made up by {recipe} from seed {}", walk.seed);
                Coverage::new(&candles.connector, &candles.pair, source, None, Ok(extent))
            }
            Source::Broken { path, problem } => Coverage::new("", "", path.clone(), None, Err(problem.clone())),
        }
    }

    /// Returns what a file covers, from memory where it is the one that was read.
    fn extent(&self, path: &str, named: Option<&Name>) -> Result<Extent, Written> {
        let stamp = Stamp::of(&self.inner.project.path(path));
        let key = (path.to_owned(), named.map(|name| name.interval_s));
        if let Some((then, extent)) = self.known().extents.get(&key)
            && Stamp::is_same(stamp, *then)
        {
            return extent.clone();
        }
        let extent = self.measured(path, named).map_err(|error| finding::written(&error));
        if let Some(stamp) = stamp {
            self.known().extents.insert(key, (stamp, extent.clone()));
        }
        extent
    }

    fn measured(&self, path: &str, named: Option<&Name>) -> Result<Extent, Error> {
        let (candles, sha256) = read::file(&self.inner.project, path)?;
        if let (Some(name), Some(own)) = (named, candles.interval())
            && own % name.interval_s != 0
        {
            let problem = format!("its candles are {own} s apart, which is not `{}`", name.interval);
            return Err(Error::CandleName { file: path.to_owned(), problem });
        }
        let empty = || Error::Candles { file: path.to_owned(), source: crate::market::candles::Error::Empty };
        Extent::of(&candles, named.map(|name| name.interval_s), sha256).ok_or_else(empty)
    }
}

impl Source {
    /// Returns the source for a file of the folder.
    fn named(file_name: &str) -> Self {
        let path = format!("{}/{file_name}", name::FOLDER);
        match Name::of_file(file_name) {
            Ok(name) => {
                Self::File { path, connector: name.connector.clone(), pair: name.pair.clone(), named: Some(name) }
            }
            Err(problem) => {
                let error = Error::CandleName { file: path.clone(), problem };
                Self::Broken { problem: finding::written(&error), path }
            }
        }
    }

    fn is_of(&self, wanted_connector: &str, wanted_pair: &str) -> bool {
        match self {
            Self::File { connector, pair, .. } => connector == wanted_connector && pair == wanted_pair,
            Self::Made { candles, .. } => candles.connector == wanted_connector && candles.pair == wanted_pair,
            Self::Broken { .. } => false,
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?;
        let is_settled = modified.elapsed().is_ok_and(|age| age > UNSETTLED);
        Some(Self { byte_count: metadata.len(), modified, is_settled })
    }

    /// Returns whether what was read under the stamp `then` is still what stands there.
    fn is_same(now: Option<Self>, then: Self) -> bool {
        now.is_some_and(|now| now.byte_count == then.byte_count && now.modified == then.modified && then.is_settled)
    }
}

impl Coverage {
    fn new(connector: &str, pair: &str, source: String, named: Option<i64>, extent: Result<Extent, Written>) -> Self {
        let (extent, problem) = match extent {
            Ok(extent) => (Some(extent), None),
            Err(problem) => (None, Some(problem)),
        };
        let interval_s = extent.as_ref().and_then(|extent| extent.interval_s).or(named);
        Self {
            connector: connector.to_owned(),
            pair: pair.to_owned(),
            interval: interval_s.map(name::interval),
            interval_s,
            start: extent.as_ref().map(|extent| extent.start),
            end: extent.as_ref().map(|extent| extent.end),
            rows: extent.as_ref().map_or(0, |extent| extent.rows),
            gaps: extent.as_ref().map(|extent| extent.gaps.clone()).unwrap_or_default(),
            gap_count: extent.as_ref().map_or(0, |extent| extent.gap_count),
            missing: extent.as_ref().map_or(0, |extent| extent.missing),
            source,
            sha256: extent.map(|extent| extent.sha256),
            problem,
        }
    }
}
