//! How is a database file opened, so that it is whole, of a known shape, and this process's alone?

use std::fs::File;
use std::fs::TryLockError;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;

use crate::io::files;

/// How often the lock is asked for: the process before may still be ending.
const LOCK_TRIES: usize = 10;

/// How long is waited in between.
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// How long a statement waits for the other connection of this process.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// How large the log may stay after its pages were written back, in bytes.
const LOG_BYTES_MAX: i64 = 16 << 20;

/// What a database of hive holds.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// What it is for, in a word: `jobs`.
    pub name: &'static str,
    /// Marks the file as one of hive's: `PRAGMA application_id`.
    pub application_id: i32,
    /// How each version comes from the one before; the first makes version 1.
    pub steps: &'static [&'static str],
}

impl Schema {
    /// Returns the version that this hive writes.
    #[must_use]
    pub fn version(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }
}

/// A database is not to be had, or refuses something.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Another process has it.
    #[error("`{}` is in use by another process", path.display())]
    #[diagnostic(code("HV0840"), help("stop the other `hive serve`, or let this one work in another project"))]
    Locked {
        /// The database.
        path: PathBuf,
    },

    /// It is not what was written.
    #[error("`{}` is damaged: {problem}", path.display())]
    #[diagnostic(code("HV0841"), help("{}", mend(path)))]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        problem: String,
    },

    /// A newer hive has written it.
    #[error("`{}` has version {found} of the tables for {name}, and this hive knows {known}", path.display())]
    #[diagnostic(code("HV0842"), help("use the hive that wrote it, or a newer one"))]
    Newer {
        /// The database.
        path: PathBuf,
        /// What it is for.
        name: &'static str,
        /// The version in the file.
        found: i64,
        /// The newest version that is understood.
        known: i64,
    },

    /// It is a database, and not this one.
    #[error("`{}` is a database of something else, not of hive's {name}", path.display())]
    #[diagnostic(code("HV0843"), help("move it away; hive does not touch it"))]
    Foreign {
        /// The database.
        path: PathBuf,
        /// What it should be for.
        name: &'static str,
    },

    /// SQLite or the system refuses: no space, no permission.
    #[error("`{}` cannot be used", path.display())]
    #[diagnostic(code("HV0844"), help("look for space on the disk, and for who may write there"))]
    Refused {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },

    /// It was closed.
    #[error("`{}` is closed", path.display())]
    #[diagnostic(code("HV0845"))]
    Closed {
        /// The database.
        path: PathBuf,
    },

    /// Its folder or its lock cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

fn mend(path: &Path) -> String {
    let path = path.display();
    format!(
        "nothing was changed; move `{path}` and `{path}-wal` away, and hive begins a new one; `sqlite3 FILE .recover` \
         reads what is left of the old"
    )
}

impl Error {
    /// Returns a closure for `map_err` that names the database.
    pub(crate) fn at(path: &Path) -> impl Fn(rusqlite::Error) -> Self + '_ {
        |source| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path: path.to_owned(), problem: source.to_string() }
            }
            _ => Self::Refused { path: path.to_owned(), source },
        }
    }

    /// Returns the error for something in the database that hive would not have written.
    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }
}

/// A database that no other process has while this is there.
#[derive(Debug)]
pub struct Database {
    /// The connection that writes.
    pub connection: Connection,
    /// Held, and never read. It goes after the connection.
    _lock: File,
}

/// Opens a database, or makes it.
///
/// A file that is damaged, foreign or newer is left as it is.
///
/// # Errors
///
/// Returns an error where another process has the database, or it cannot be used.
pub fn open(path: &Path, schema: &Schema) -> Result<Database, Error> {
    files::create_folder(files::folder_of(path))?;
    let lock = lock(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(Error::at(path))?;
    let version = checked_version(&connection, path, schema)?;
    prepare(&mut connection, schema, version).map_err(Error::at(path))?;
    Ok(Database { connection, _lock: lock })
}

/// Opens a second connection, which reads what the first has committed.
///
/// # Errors
///
/// Returns an error where the database cannot be read.
pub fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(Error::at(path))?;
    connection.busy_timeout(BUSY_WAIT).map_err(Error::at(path))?;
    Ok(connection)
}

fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(files::Error::writing(&lock_path))?;
    for tried in 0..LOCK_TRIES {
        if tried > 0 {
            thread::sleep(LOCK_WAIT);
        }
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(files::Error::writing(&lock_path)(source).into()),
        }
    }
    Err(Error::Locked { path: path.to_owned() })
}

/// Returns the version of the tables; 0 where there are none yet.
fn checked_version(connection: &Connection, path: &Path, schema: &Schema) -> Result<i64, Error> {
    let number = |pragma: &str| -> Result<i64, Error> {
        connection.query_row(pragma, [], |row| row.get(0)).map_err(Error::at(path))
    };
    let (owner, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let known = schema.version();
    if owner == 0 && version == 0 && number("SELECT count(*) FROM sqlite_master")? == 0 {
        return Ok(0);
    }
    if owner != i64::from(schema.application_id) {
        return Err(Error::Foreign { path: path.to_owned(), name: schema.name });
    }
    if version > known {
        return Err(Error::Newer { path: path.to_owned(), name: schema.name, found: version, known });
    }
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(Error::at(path))?;
    if verdict != "ok" {
        return Err(Error::damaged(path, verdict.replace('\n', " ")));
    }
    Ok(version)
}

fn prepare(connection: &mut Connection, schema: &Schema, version: i64) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY_WAIT)?;
    // With a log that is written ahead, readers never wait for the writer, and what is committed outlives the process.
    // Forcing each commit to the disk as well would save the last moments before a power cut, for a hundred times the price.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_MAX, |_| Ok(()))?;
    let missing = schema.steps.get(usize::try_from(version).unwrap_or(0)..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", schema.application_id)?;
    transaction.pragma_update(None, "user_version", schema.version())?;
    transaction.commit()
}
