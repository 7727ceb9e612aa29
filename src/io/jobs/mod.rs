//! How are jobs kept, so that none is lost when the process dies?
//!
//! One thread writes. What others ask of it within a moment is committed as one, and everybody is told when that is done.

use std::path::Path;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::io::files;
use crate::io::sqlite;
use crate::io::sqlite::Database;
use crate::io::sqlite::Error;

mod packed;
mod table;

pub use packed::pack;

/// How many changes may wait for the writer; whoever has one more waits, too.
const WAITING_MAX: usize = 1_024;

/// How many of them are committed as one.
const BATCH_MAX: usize = 256;

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Rises with every job.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// Which kind of work it is.
    pub kind: String,
    /// What people see in lists.
    pub title: String,
    /// Whose job it is.
    pub workspace: Option<String>,
    /// The hash of all that its result is a function of.
    pub key: String,
    /// What the work is told, JSON. Empty when a row of a job that has ended is loaded.
    pub request: String,
    /// When it was accepted, in milliseconds since 1970.
    pub created_ms: i64,
    /// What changes.
    pub standing: Standing,
}

/// What of a job changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The state's name.
    pub state: String,
    /// Whether it waits until somebody resumes it.
    pub is_paused: bool,
    /// How far it is.
    pub seen: Seen,
    /// How many times somebody has begun to work on it.
    pub attempts: u32,
    /// How many times the process has died meanwhile.
    pub crashes: u32,
    /// When somebody last began to work on it.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// Rises with every job that ends; 0 before.
    pub ended_number: u64,
    /// Why it has no result, JSON.
    pub error: Option<String>,
    /// The number of its result.
    pub result: Option<u64>,
    /// Whether the result was there before.
    pub is_cached: bool,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// The stage's name.
    pub stage: String,
    /// How many units of the stage are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
    /// What the work says.
    pub message: String,
}

/// A result, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Rises with every result.
    pub number: u64,
    /// The hash of all that it is a function of.
    pub key: String,
    /// A small object about it, JSON.
    pub summary: String,
    /// How many bytes it takes on the disk.
    pub stored_bytes: u64,
}

/// Something to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A job is accepted.
    Accept(Box<Row>),
    /// A job stands otherwise than before.
    Stand {
        /// The job.
        number: u64,
        /// How it stands.
        standing: Box<Standing>,
        /// What has happened in it, JSON, where that is to be kept.
        steps: Option<String>,
    },
    /// A job is further than before, if it still runs in this attempt.
    Further {
        /// The job.
        number: u64,
        /// The attempt.
        attempt: u32,
        /// How far it is.
        seen: Seen,
    },
    /// There is a result.
    Result {
        /// What there is to know of it.
        kept: Kept,
        /// The result, packed by [`pack`].
        packed: Vec<u8>,
        /// How many bytes it has when it is unpacked.
        size: u64,
    },
    /// Nothing; shows whether something can be written.
    Nothing,
    /// Jobs and results go; the jobs first.
    Forget {
        /// The jobs.
        jobs: Vec<u64>,
        /// The results.
        results: Vec<u64>,
    },
}

/// What is in the database when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// How many times it was opened before.
    pub opened_before: u64,
    /// Its jobs, by number.
    pub rows: Vec<Row>,
    /// Its results, by number.
    pub results: Vec<Kept>,
}

/// The database of jobs.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    changes: Mutex<Option<SyncSender<Order>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    reader: Mutex<Option<Connection>>,
    is_healthy: Arc<AtomicBool>,
}

/// Changes that belong together, and who waits for them.
struct Order {
    changes: Vec<Change>,
    told: Option<SyncSender<Result<(), Error>>>,
}

/// Something that is being written.
#[derive(Debug)]
pub struct Writing {
    path: PathBuf,
    told: Option<Receiver<Result<(), Error>>>,
}

impl Writing {
    /// Waits until it is committed.
    ///
    /// # Errors
    ///
    /// Returns why it was not.
    pub fn wait(self) -> Result<(), Error> {
        let told = self.told.and_then(|told| told.recv().ok());
        told.unwrap_or(Err(Error::Closed { path: self.path }))
    }
}

impl Store {
    /// Opens the database, or makes it, and returns what is in it.
    ///
    /// # Errors
    ///
    /// Returns an error where another process has the database, or it cannot be used.
    pub fn open(path: &Path) -> Result<(Self, Loaded), Error> {
        let database = sqlite::open(path, &table::SCHEMA)?;
        let loaded = table::load(&database.connection, path)?;
        let reader = sqlite::open_reader(path)?;
        let is_healthy = Arc::new(AtomicBool::new(true));
        let (sender, receiver) = mpsc::sync_channel(WAITING_MAX);
        let desk = Desk { path: path.to_owned(), database, is_healthy: is_healthy.clone() };
        let writer = thread::Builder::new().name("jobs-writer".to_owned()).spawn(move || desk.write_all(&receiver));
        let writer = writer.map_err(files::Error::writing(path))?;
        let store = Self {
            path: path.to_owned(),
            changes: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            reader: Mutex::new(Some(reader)),
            is_healthy,
        };
        Ok((store, loaded))
    }

    /// Hands changes to the writer: all of them are made or none. Changes are made in the order in which they are handed in.
    pub fn write(&self, changes: Vec<Change>) -> Writing {
        let (teller, told) = mpsc::sync_channel(1);
        let sent = match &*lock(&self.changes) {
            Some(sender) => sender.send(Order { changes, told: Some(teller) }).is_ok(),
            None => false,
        };
        Writing { path: self.path.clone(), told: sent.then_some(told) }
    }

    /// Hands over a change that nobody misses where the writer has too much to do.
    pub fn write_if_idle(&self, change: Change) {
        if let Some(sender) = &*lock(&self.changes) {
            let _ = sender.try_send(Order { changes: vec![change], told: None });
        }
    }

    /// Returns a result; `None` where it is not kept.
    ///
    /// # Errors
    ///
    /// Returns an error where it cannot be read, or is damaged.
    pub fn result(&self, number: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some((size, packed)) = self.read(|connection| table::result(connection, number))? else {
            return Ok(None);
        };
        let result = packed::unpack(&packed, size);
        result.map(Some).ok_or_else(|| Error::damaged(&self.path, format!("result {number} cannot be unpacked")))
    }

    /// Returns the request and the steps of a job, JSON; `None` where it is not kept.
    ///
    /// # Errors
    ///
    /// Returns an error where they cannot be read.
    pub fn detail(&self, number: u64) -> Result<Option<(String, String)>, Error> {
        self.read(|connection| table::detail(connection, number))
    }

    /// Returns whether the last thing that was to be written could be; where not, whether something can be now.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Relaxed) || self.write(vec![Change::Nothing]).wait().is_ok()
    }

    /// Writes what was handed in, and closes the database, so that another process can have it.
    pub fn close(&self) {
        // The one that writes closes last: it can bring the log home, which one that reads cannot.
        drop(lock(&self.reader).take());
        drop(lock(&self.changes).take());
        if let Some(writer) = lock(&self.writer).take() {
            // A writer that panicked has said so; what it had committed is there.
            let _ = writer.join();
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        match &*lock(&self.reader) {
            Some(connection) => read(connection).map_err(Error::at(&self.path)),
            None => Err(Error::Closed { path: self.path.clone() }),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where changes are written.
struct Desk {
    path: PathBuf,
    database: Database,
    is_healthy: Arc<AtomicBool>,
}

impl Desk {
    fn write_all(mut self, orders: &Receiver<Order>) {
        while let Ok(first) = orders.recv() {
            let mut batch = vec![first];
            batch.extend(orders.try_iter().take(BATCH_MAX - 1));
            if self.commit(&batch).is_ok() {
                self.is_healthy.store(true, Ordering::Relaxed);
                for order in batch {
                    tell(order.told, Ok(()));
                }
                continue;
            }
            // One of them is to blame, or the disk is: only who is refused by himself is told so.
            for order in batch {
                let written = self.commit(slice::from_ref(&order)).map_err(Error::at(&self.path));
                self.is_healthy.store(written.is_ok(), Ordering::Relaxed);
                tell(order.told, written);
            }
        }
    }

    fn commit(&mut self, batch: &[Order]) -> rusqlite::Result<()> {
        let transaction = self.database.connection.transaction()?;
        for change in batch.iter().flat_map(|order| &order.changes) {
            table::write(&transaction, change)?;
        }
        transaction.commit()
    }
}

fn tell(told: Option<SyncSender<Result<(), Error>>>, written: Result<(), Error>) {
    if let Some(told) = told {
        // Whoever asked may have gone.
        let _ = told.send(written);
    }
}
