//! How do several files change as one, so that a crash at any moment leaves what was or what shall be?
//!
//! Everything new, and a copy of what was, is on the disk below `.hive/transactions/N.staged` before anything is touched. One
//! rename, to `N.decided`, decides. Then the files are put in place, each by a rename, and a last rename to `N` says that all
//! of them are. So the name of a folder tells how far it came: [`recover`] goes on from there.
//!
//! What is finished stays, so that [`undo`] can take it back.

mod place;
mod step;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::io::edit;
use crate::io::files;
use crate::io::inside;
use crate::io::inside::Fault;
use crate::io::transaction::place::Side;
use crate::io::transaction::step::step;

/// Where transactions are kept, relative to the root.
const FOLDER: &str = ".hive/transactions";

/// How many finished ones are kept.
const KEPT_MAX: usize = 50;

/// How often the lock is asked for, and how long is waited in between: a minute.
const LOCK_TRIES: usize = 1200;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// The manifest's name in a transaction's folder.
const MANIFEST: &str = "manifest.json";

/// Why files did not change as one, or were not changed back.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// A path would leave the root.
    #[error("`{path}` cannot be changed: {fault}")]
    #[diagnostic(code("HV0392"), help("name a file below the project's root"))]
    Outside {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: Fault,
    },

    /// Another hive is changing files of the project.
    #[error("another hive is changing files below `{}`", root.display())]
    #[diagnostic(code("HV0393"), help("wait until it has ended, then run the command again"))]
    Busy {
        /// The project's root.
        root: PathBuf,
    },

    /// Another hive was interrupted since this one began.
    #[error("another hive was interrupted while it changed files below `{}`", root.display())]
    #[diagnostic(code("HV0394"), help("run the command again: it first finishes what was begun"))]
    Unfinished {
        /// The project's root.
        root: PathBuf,
    },

    /// A file is no longer what the transaction made of it.
    #[error("`{path}` has changed since `{what}`, so that cannot be undone")]
    #[diagnostic(
        code("HV0395"),
        help("put the file back as it was left, or restore the older state from version control")
    )]
    Changed {
        /// The file.
        path: String,
        /// What had changed it.
        what: String,
    },

    /// There is nothing to take back.
    #[error("nothing is there to undo")]
    #[diagnostic(code("HV0396"), help("the last {KEPT_MAX} changes are kept in `.hive/transactions`"))]
    Nothing,

    /// What is kept of a transaction is not what was written.
    #[error("`{}` is broken: {problem}", path.display())]
    #[diagnostic(
        code("HV0397"),
        help("look at the copies in it, put the project's files right by hand, then remove the folder")
    )]
    Broken {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// A path leads through a link, or something else stands there.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Edit(#[from] edit::Error),

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

/// What is done, as people are told.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The verb that does it, by which it is found again to be undone.
    pub verb: &'a str,
    /// What it does, in a few words.
    pub what: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path, relative to the root, with `/` between its parts.
    pub path: String,
    /// The bytes afterwards; `None` for a file that goes.
    pub content: Option<Vec<u8>>,
}

/// A transaction, as its manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its number; later ones have higher numbers.
    pub number: u64,
    /// The verb that did it.
    pub verb: String,
    /// What it did.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// The transaction that it took back.
    pub undoes: Option<u64>,
    /// The files, sorted by path.
    pub files: Vec<Changed>,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The path, relative to the root.
    pub path: String,
    /// The SHA-256 of what was; `None` for a file that was not there.
    pub before: Option<String>,
    /// The SHA-256 of what is; `None` for a file that went.
    pub after: Option<String>,
}

/// What [`recover`] did about an interrupted transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// It had been decided, and is finished now.
    Finished {
        /// The transaction.
        record: Record,
        /// The files that somebody had changed in between.
        found: Vec<Found>,
    },
    /// It had failed, and what was is there again.
    TakenBack {
        /// The transaction.
        record: Record,
        /// The files that somebody had changed in between.
        found: Vec<Found>,
    },
    /// It had not been decided; nothing had changed.
    Forgotten,
}

/// A file that somebody had changed before an interrupted transaction was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file, relative to the root.
    pub path: String,
    /// Where the text that was found there is kept, relative to the root.
    pub kept: String,
}

/// How far a transaction came: what stands behind its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Being written; nothing else has changed.
    Staged,
    /// The files are being put in place.
    Decided,
    /// It failed, and what was is being put back.
    Back,
    /// It is whole.
    Done,
    /// It is too old, and about to be removed.
    Old,
}

/// What one file is to become, with the permissions that it is to have.
struct Wanted {
    path: String,
    after: Option<(Vec<u8>, Option<fs::Permissions>)>,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Staged, Self::Decided, Self::Back, Self::Done, Self::Old];

    fn ending(self) -> &'static str {
        match self {
            Self::Staged => ".staged",
            Self::Decided => ".decided",
            Self::Back => ".back",
            Self::Done => "",
            Self::Old => ".old",
        }
    }
}

/// Changes files of `root`, all of them or none; `None` where they are already so.
///
/// A folder that loses its last file goes, too.
///
/// # Errors
///
/// Refuses paths that leave the root or lead through a link. Where the disk refuses, everything is as before.
pub fn commit(root: &Path, deed: &Deed<'_>, changes: &[Change]) -> Result<Option<Record>, Error> {
    let _lock = lock(root, LOCK_TRIES)?;
    let wanted = changes.iter().map(|change| Wanted {
        path: change.path.clone(),
        after: change.content.as_ref().map(|content| (content.clone(), None)),
    });
    write(root, deed, None, wanted.collect())
}

/// Ends what an interrupted hive has begun: what was decided is put in place, all else is forgotten. Cheap where there is
/// nothing to do.
///
/// # Errors
///
/// Returns [`Error::Broken`] for what cannot be put in place, and [`Error::Busy`] while another hive is at it.
pub fn recover(root: &Path) -> Result<Vec<Recovered>, Error> {
    let is_pending = |(_, phase): &(u64, Phase)| *phase != Phase::Done;
    let pending: Vec<(u64, Phase)> = listed(root)?.into_iter().filter(is_pending).collect();
    let is_harmless = |(_, phase): &(u64, Phase)| matches!(phase, Phase::Staged | Phase::Old);
    let tries = match pending.as_slice() {
        [] => return Ok(Vec::new()),
        // Another hive may be about it; nobody has to wait, for no file has changed.
        pending if pending.iter().all(is_harmless) => 1,
        _ => LOCK_TRIES,
    };
    let _lock = match lock(root, tries) {
        Err(Error::Busy { .. }) if tries == 1 => return Ok(Vec::new()),
        lock => lock?,
    };
    let mut recovered = Vec::new();
    for (number, phase) in listed(root)?.into_iter().filter(is_pending) {
        let folder = folder(root, number, phase);
        match phase {
            Phase::Done => {}
            Phase::Old => files::remove_folder(&folder)?,
            Phase::Staged => {
                files::remove_folder(&folder)?;
                recovered.push(Recovered::Forgotten);
            }
            Phase::Decided => {
                let record = read(&folder)?;
                let found = place::put_all(root, &folder, &record, Side::After)?;
                finish(root, number)?;
                recovered.push(Recovered::Finished { record, found });
            }
            Phase::Back => {
                let record = read(&folder)?;
                let found = place::put_all(root, &folder, &record, Side::Before)?;
                forget(root, number, Phase::Back)?;
                recovered.push(Recovered::TakenBack { record, found });
            }
        }
    }
    Ok(recovered)
}

/// Takes back the last transaction that `is_meant`, as a transaction of its own; what was taken back already is passed over.
///
/// # Errors
///
/// Returns [`Error::Changed`] for a file that is no longer as it was left, and [`Error::Nothing`] where nothing is meant.
pub fn undo(root: &Path, at: Timestamp, is_meant: &dyn Fn(&Record) -> bool) -> Result<Record, Error> {
    if listed(root)?.is_empty() {
        return Err(Error::Nothing);
    }
    let _lock = lock(root, LOCK_TRIES)?;
    let records = history(root)?;
    let undone: BTreeSet<u64> = records.iter().filter_map(|record| record.undoes).collect();
    let is_open = |record: &&Record| record.undoes.is_none() && !undone.contains(&record.number);
    let last = records.iter().filter(is_open).find(|record| is_meant(record)).ok_or(Error::Nothing)?;
    let folder = folder(root, last.number, Phase::Done);
    let mut wanted = Vec::new();
    for (index, file) in last.files.iter().enumerate() {
        if place::hash(root, &file.path)? != file.after {
            return Err(Error::Changed { path: file.path.clone(), what: last.what.clone() });
        }
        let after = match &file.before {
            None => None,
            Some(sha256) => Some(place::kept(&folder, Side::Before, index, sha256)?),
        };
        wanted.push(Wanted { path: file.path.clone(), after });
    }
    let what = format!("undo: {}", last.what);
    let deed = Deed { verb: &last.verb, what: &what, at };
    write(root, &deed, Some(last.number), wanted)?.ok_or(Error::Nothing)
}

/// Returns the finished transactions that are kept, the last first.
///
/// # Errors
///
/// Returns [`Error::Broken`] for one that cannot be read.
pub fn history(root: &Path) -> Result<Vec<Record>, Error> {
    let done = listed(root)?.into_iter().filter(|(_, phase)| *phase == Phase::Done);
    done.rev().map(|(number, phase)| read(&folder(root, number, phase))).collect()
}

/// Stages, decides, puts in place, finishes. Whoever calls holds the lock.
fn write(root: &Path, deed: &Deed<'_>, undoes: Option<u64>, wanted: Vec<Wanted>) -> Result<Option<Record>, Error> {
    let known = listed(root)?;
    if known.iter().any(|(_, phase)| matches!(phase, Phase::Decided | Phase::Back)) {
        return Err(Error::Unfinished { root: root.to_owned() });
    }
    let number = known.last().map_or(1, |(number, _)| number + 1);
    let mut record = Record {
        number,
        verb: deed.verb.to_owned(),
        what: deed.what.to_owned(),
        at: deed.at,
        undoes,
        files: Vec::new(),
    };
    let staged = folder(root, number, Phase::Staged);
    match stage(root, &staged, &mut record, wanted) {
        Ok(()) if !record.files.is_empty() => {}
        ended => {
            // Nothing refers to it, so what is left of it is forgotten by whoever comes next.
            let _ = fs::remove_dir_all(&staged);
            return ended.map(|()| None);
        }
    }
    turn(root, number, Phase::Staged, Phase::Decided)?;
    if let Err(error) = place::put_all(root, &folder(root, number, Phase::Decided), &record, Side::After) {
        turn(root, number, Phase::Decided, Phase::Back)?;
        place::put_all(root, &folder(root, number, Phase::Back), &record, Side::Before)?;
        forget(root, number, Phase::Back)?;
        return Err(error);
    }
    finish(root, number)?;
    Ok(Some(record))
}

/// Writes what was and what shall be, and forces it to the disk.
fn stage(root: &Path, folder: &Path, record: &mut Record, mut wanted: Vec<Wanted>) -> Result<(), Error> {
    let _ = fs::remove_dir_all(folder);
    files::create_folder(&folder.join(Side::Before.name()))?;
    files::create_folder(&folder.join(Side::After.name()))?;
    step();
    wanted.sort_by(|one, other| one.path.cmp(&other.path));
    for Wanted { path, after } in wanted {
        let outside = |fault| Error::Outside { path: path.clone(), fault };
        let path = inside::check(path.as_bytes()).map_err(outside)?;
        edit::check(root, &path)?;
        let is_twice = record.files.last().is_some_and(|file| file.path == path);
        assert!(!is_twice, "`{path}` is to become two things at once");
        let target = root.join(&path);
        let before = match fs::read(&target) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(files::Error::Read { path: target, source }.into()),
        };
        if before.as_deref() == after.as_ref().map(|(bytes, _)| bytes.as_slice()) {
            continue;
        }
        let (index, permissions) = (record.files.len(), fs::metadata(&target).ok().map(|found| found.permissions()));
        record.files.push(Changed {
            path,
            before: before.as_deref().map(files::sha256_hex),
            after: after.as_ref().map(|(bytes, _)| files::sha256_hex(bytes)),
        });
        if let Some(bytes) = before {
            place::keep(folder, Side::Before, index, &bytes, permissions.clone())?;
        }
        if let Some((bytes, wanted)) = after {
            place::keep(folder, Side::After, index, &bytes, permissions.or(wanted))?;
        }
    }
    let text = serde_json::to_vec_pretty(&record).expect("a record is texts and numbers");
    place::write_through(&folder.join(MANIFEST), &text, None)?;
    for folder in [folder.join(Side::Before.name()), folder.join(Side::After.name()), folder.to_owned()] {
        place::sync_folder(&folder)?;
    }
    step();
    Ok(())
}

/// Says that a transaction is whole, and removes those that are too old.
fn finish(root: &Path, number: u64) -> Result<(), Error> {
    turn(root, number, Phase::Decided, Phase::Done)?;
    let mut done: Vec<u64> =
        listed(root)?.into_iter().filter(|(_, phase)| *phase == Phase::Done).map(|(at, _)| at).collect();
    done.truncate(done.len().saturating_sub(KEPT_MAX));
    for number in done {
        forget(root, number, Phase::Done)?;
    }
    Ok(())
}

/// Removes a transaction; a crash in the middle leaves what is known to be rubbish.
fn forget(root: &Path, number: u64, phase: Phase) -> Result<(), Error> {
    turn(root, number, phase, Phase::Old)?;
    files::remove_folder(&folder(root, number, Phase::Old))?;
    step();
    Ok(())
}

fn turn(root: &Path, number: u64, from: Phase, to: Phase) -> Result<(), Error> {
    let (from, to) = (folder(root, number, from), folder(root, number, to));
    fs::rename(&from, &to).map_err(files::Error::writing(&to))?;
    place::sync_folder(&root.join(FOLDER))?;
    step();
    Ok(())
}

fn folder(root: &Path, number: u64, phase: Phase) -> PathBuf {
    root.join(FOLDER).join(format!("{number}{}", phase.ending()))
}

/// Returns every transaction's number and phase, in order.
fn listed(root: &Path) -> Result<Vec<(u64, Phase)>, Error> {
    let folder = root.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        // No folder, or none where one could be.
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(source) => return Err(files::Error::Read { path: folder, source }.into()),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry.map_err(files::Error::reading(&folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let digits = name.len() - name.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let phase = Phase::ALL.into_iter().find(|phase| phase.ending() == &name[digits..]);
        if let (Ok(number), Some(phase)) = (name[..digits].parse(), phase) {
            listed.push((number, phase));
        }
    }
    listed.sort_unstable();
    Ok(listed)
}

fn read(folder: &Path) -> Result<Record, Error> {
    let broken = |problem: String| Error::Broken { path: folder.to_owned(), problem };
    let text = fs::read(folder.join(MANIFEST)).map_err(|error| broken(format!("its manifest: {error}")))?;
    let record: Record = serde_json::from_slice(&text).map_err(|error| broken(format!("its manifest: {error}")))?;
    for file in &record.files {
        let checked = inside::check(file.path.as_bytes());
        if checked.as_ref() != Ok(&file.path) {
            return Err(broken(format!("its manifest names `{}`", file.path)));
        }
    }
    Ok(record)
}

/// Keeps every other hive from changing files of the project, as long as the file is open.
fn lock(root: &Path, tries: usize) -> Result<File, Error> {
    let folder = root.join(FOLDER);
    if !folder.is_dir() {
        files::create_folder(&folder)?;
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(root)) {
            place::sync_folder(above)?;
        }
    }
    let path = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(files::Error::writing(&path))?;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(source)) => return Err(files::Error::Write { path, source }.into()),
        }
    }
    Err(Error::Busy { root: root.to_owned() })
}

impl Recovered {
    /// Returns what was done, for people.
    #[must_use]
    pub fn told(&self) -> String {
        let (record, word, found) = match self {
            Self::Forgotten => {
                return "an interrupted change was forgotten: it had not been decided, and no file had changed"
                    .to_owned();
            }
            Self::Finished { record, found } => (record, "finished", found),
            Self::TakenBack { record, found } => (record, "taken back", found),
        };
        let count = record.files.len();
        let plural = if count == 1 { "" } else { "s" };
        let mut text = format!("an interrupted change was {word}: {}, {count} file{plural}", record.what);
        for Found { path, kept } in found {
            // Writing to a text cannot fail.
            let _ = write!(text, "\n  `{path}` had been changed since; that text is kept in `{kept}`");
        }
        text
    }
}
