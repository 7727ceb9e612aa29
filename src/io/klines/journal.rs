//! What has come of a download that may end at any moment?
//!
//! Beside the file that is extended stands its journal, `.NAME.part`: the rows that have come, each page written at once. Its
//! first line names the file's content that it belongs to. Where that is another one by now, the journal is worth nothing, for
//! its rows are only known to have no hole between them and that content.
//!
//! Who writes holds a lock on the journal, which the system takes back from a process that dies.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::SeekFrom;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::io::files;
use crate::io::klines::error::Error;
use crate::io::klines::venue::Row;

/// How often a journal is opened that another process has just removed.
const ATTEMPTS_MAX: u32 = 100;

/// The rows that have come for a file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal of a file, and keeps everybody else from extending that file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Busy`] where somebody extends it already.
    pub(super) fn open(target: &Path) -> Result<Self, Error> {
        files::create_folder(files::folder_of(target))?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = files::folder_of(target).join(format!(".{name}.part"));
        let refused = |source| files::Error::Write { path: path.clone(), source };
        for _ in 0..ATTEMPTS_MAX {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(refused)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: target.to_owned() }),
                Err(TryLockError::Error(source)) => return Err(refused(source).into()),
            }
            // Whoever held the lock may have removed the journal before it let go.
            if is_the_one(&file, &path) {
                return Ok(Self { path, file });
            }
        }
        Err(Error::Busy { path: target.to_owned() })
    }

    /// Returns the rows of an earlier download that belong to the content with the hash `sha256`, and begins anew where there
    /// are none. A row that was not written as a whole is dropped.
    pub(super) fn begin(&mut self, sha256: Option<&str>) -> Result<Vec<Row>, Error> {
        let refused = |source| files::Error::Write { path: self.path.clone(), source };
        let head = format!("# rows to add to the file with sha256 {}\n", sha256.unwrap_or("none"));
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0)).map_err(refused)?;
        self.file.read_to_end(&mut bytes).map_err(refused)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut rows = Vec::new();
        let mut length = 0;
        if let Some(body) = text.strip_prefix(&head) {
            length = head.len();
            for line in body.split_inclusive('\n') {
                let Some(row) = line.strip_suffix('\n').and_then(parsed) else { break };
                rows.push(row);
                length += line.len();
            }
        }
        self.file.set_len(length as u64).map_err(refused)?;
        self.file.seek(SeekFrom::End(0)).map_err(refused)?;
        if length == 0 {
            self.file.write_all(head.as_bytes()).map_err(refused)?;
        }
        Ok(rows)
    }

    /// Notes rows.
    pub(super) fn note(&mut self, rows: &[Row]) -> Result<(), Error> {
        let text: String = rows.iter().map(written).collect();
        let refused = |source| files::Error::Write { path: self.path.clone(), source };
        Ok(self.file.write_all(text.as_bytes()).map_err(refused)?)
    }

    /// Removes the journal: its rows are in the file.
    pub(super) fn remove(self) -> Result<(), Error> {
        // The lock is held until the name is gone, so that nobody takes up what is about to go.
        Ok(files::remove_if_there(&self.path)?)
    }
}

/// Returns a row as a line of a candle file.
pub(super) fn written(row: &Row) -> String {
    let [open, high, low, close, volume] = row.values;
    format!("{},{open},{high},{low},{close},{volume}\n", row.time)
}

fn parsed(line: &str) -> Option<Row> {
    let mut fields = line.split(',');
    let time = fields.next()?.parse().ok()?;
    let mut values = [0.0; 5];
    for value in &mut values {
        *value = fields.next()?.parse().ok().filter(|value: &f64| value.is_finite())?;
    }
    fields.next().is_none().then_some(Row { time, values })
}

/// Returns whether a path still leads to an open file.
#[cfg(unix)]
fn is_the_one(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(open), Ok(named)) = (file.metadata(), path.metadata()) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Returns whether a path still leads to an open file; where an open file cannot be removed it always does.
#[cfg(not(unix))]
fn is_the_one(_file: &File, _path: &Path) -> bool {
    true
}
