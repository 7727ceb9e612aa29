//! What has been fetched before?
//!
//! Everything stands under the hash of its content, so nothing in the cache ever changes or goes stale:
//!
//! ```text
//! archives/sha256/HEX            an archive as published
//! trees/sha256/HEX/tree/…        the tree that it unpacks to
//! trees/sha256/HEX/archive.json  what the archive was; its presence says that the tree is whole
//! index/NAME.json                which archive the index offered for a release
//! candles/sha256/HEX             the candles that a file was parsed to, in columns
//! runs/HEX.json                  what came of a run, by the hash of its inputs; the only ones that go, see `io::runs`
//! work/                          what is being written right now
//! ```

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;
use tempfile::TempDir;

use crate::io::archive::Kind;
use crate::io::archive::layout::Layout;
use crate::io::columns;
use crate::io::files;
use crate::io::files::Error;
use crate::market::Candles;

const RECORD_NAME: &str = "archive.json";
const TREE_NAME: &str = "tree";

/// The cache of a project, `.hive/cache`. Any number of processes may use it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// What an unpacked archive was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// The archive's name on the index.
    pub file_name: String,
    /// The archive's SHA-256, in lower-case hex.
    pub sha256: String,
    /// The archive's size.
    pub byte_count: u64,
    /// The archive's kind, by its content.
    pub kind: Kind,
    /// How the archive was laid out.
    pub layout: Layout,
}

/// Which archive an index offered for a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Memo {
    /// The archive's name on the index.
    pub file_name: String,
    /// The archive's SHA-256, in lower-case hex.
    pub sha256: String,
    /// The archive's size.
    pub byte_count: u64,
    /// The first index that was asked, without credentials.
    pub index: String,
}

impl Cache {
    /// Returns the cache in a folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns where the archive with this hash stands, whether or not it is there.
    #[must_use]
    pub fn archive_path(&self, sha256: &str) -> PathBuf {
        self.root.join("archives/sha256").join(sha256)
    }

    /// Returns where the tree of the archive with this hash stands, whether or not it is there.
    #[must_use]
    pub fn tree_path(&self, sha256: &str) -> PathBuf {
        self.tree_folder(sha256).join(TREE_NAME)
    }

    /// Returns a folder for what is being written, on the same file system as the rest.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when it cannot be made.
    pub fn work_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.root.join("work");
        files::create_folder(&folder)?;
        Ok(folder)
    }

    /// Returns what the archive of a whole tree was; `None` when the tree is not there.
    #[must_use]
    pub fn record(&self, sha256: &str) -> Option<Record> {
        let folder = self.tree_folder(sha256);
        let record: Record = json(&folder.join(RECORD_NAME))?;
        (record.sha256 == sha256 && folder.join(TREE_NAME).is_dir()).then_some(record)
    }

    /// Takes an archive into the cache.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when the disk refuses.
    pub fn keep_archive(&self, file: NamedTempFile, sha256: &str) -> Result<PathBuf, Error> {
        let path = self.archive_path(sha256);
        files::create_folder(files::folder_of(&path))?;
        // Another process may have been faster: the bytes are the same.
        file.persist(&path).map_err(|error| Error::writing(&path)(error.error))?;
        Ok(path)
    }

    /// Takes the tree `root`, which stands somewhere in the work folder `unpacked`, into the cache.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when the disk refuses.
    pub fn keep_tree(&self, unpacked: TempDir, root: &Path, record: &Record) -> Result<PathBuf, Error> {
        let whole = files::temporary_folder(&self.work_folder()?)?;
        let tree = whole.path().join(TREE_NAME);
        fs::rename(root, &tree).map_err(Error::writing(&tree))?;
        drop(unpacked);
        write_json(&whole.path().join(RECORD_NAME), record)?;
        let folder = self.tree_folder(&record.sha256);
        files::create_folder(files::folder_of(&folder))?;
        if self.place(whole.path(), &folder, &record.sha256)? {
            // The folder is no longer where it would be cleaned up.
            let _ = whole.keep();
        }
        Ok(folder.join(TREE_NAME))
    }

    /// Returns which archive the index offered; `None` when it was not asked, or the note cannot be read.
    #[must_use]
    pub fn memo(&self, name: &str) -> Option<Memo> {
        json(&self.memo_path(name))
    }

    /// Returns all that was noted of indexes' answers, in the order of the notes' names.
    #[must_use]
    pub fn memos(&self) -> Vec<Memo> {
        let entries = fs::read_dir(self.root.join("index")).map(|entries| entries.flatten().collect::<Vec<_>>());
        let mut paths: Vec<PathBuf> = entries.unwrap_or_default().iter().map(fs::DirEntry::path).collect();
        paths.sort();
        paths.iter().filter_map(|path| json(path)).collect()
    }

    /// Notes which archive the index offered.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when the disk refuses.
    pub fn keep_memo(&self, name: &str, memo: &Memo) -> Result<(), Error> {
        write_json(&self.memo_path(name), memo)
    }

    /// Returns the candles that the file with this hash was parsed to; `None` when it was not, or what stands here is not whole.
    #[must_use]
    pub fn candles(&self, sha256: &str) -> Option<Candles> {
        let mut file = fs::File::open(self.candles_path(sha256)).ok()?;
        let byte_count = file.metadata().ok()?.len();
        columns::read(&mut file, byte_count, sha256)
    }

    /// Keeps the candles that the file with this hash was parsed to.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when the disk refuses.
    pub fn keep_candles(&self, sha256: &str, candles: &Candles) -> Result<(), Error> {
        files::write_atomic(&self.candles_path(sha256), &columns::written(candles, sha256))
    }

    /// Forgets an archive, because its bytes are not what they should be.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Write`] when the disk refuses.
    pub fn forget_archive(&self, sha256: &str) -> Result<(), Error> {
        let path = self.archive_path(sha256);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::writing(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Moves a whole tree into place; `false` when another process was faster and its tree is taken.
    fn place(&self, whole: &Path, folder: &Path, sha256: &str) -> Result<bool, Error> {
        let Err(refused) = fs::rename(whole, folder) else {
            return Ok(true);
        };
        if self.record(sha256).is_some() {
            return Ok(false);
        }
        if !folder.exists() {
            return Err(Error::writing(folder)(refused));
        }
        // What stands there is not whole: somebody has deleted parts of it by hand.
        let broken = files::temporary_folder(&self.work_folder()?)?;
        fs::rename(folder, broken.path().join(TREE_NAME)).map_err(Error::writing(folder))?;
        fs::rename(whole, folder).map_err(Error::writing(folder))?;
        Ok(true)
    }

    fn tree_folder(&self, sha256: &str) -> PathBuf {
        self.root.join("trees/sha256").join(sha256)
    }

    fn candles_path(&self, sha256: &str) -> PathBuf {
        self.root.join("candles/sha256").join(sha256)
    }

    fn memo_path(&self, name: &str) -> PathBuf {
        self.root.join("index").join(format!("{name}.json"))
    }
}

/// Returns what a JSON file of ours holds; a missing or broken one is as good as none, since it can be made again.
fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(value).expect("records hold only texts, numbers and flat enums");
    text.push(b'\n');
    files::write_atomic(path, &text)
}
