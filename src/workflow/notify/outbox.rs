//! Where do messages wait, and what has each webhook last seen?
//!
//! `.hive/outbox` holds a file for each message, and `state.json`. A message belongs to the sequence number that the state
//! had before it; the new state, written last and as a whole, makes it valid. So a run that is killed between the two leaves
//! messages that nobody sends, and that the next run replaces: it sees the same change again.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;

use serde::Deserialize;
use serde::Serialize;

use crate::io::files;
use crate::workflow::Project;
use crate::workflow::notify::change::Colour;
use crate::workflow::notify::error::Error;
use crate::workflow::notify::settings::Kind;

/// The folder, below the project's root.
pub const FOLDER: &str = ".hive/outbox";

/// How many messages wait at most; the oldest ones are given up.
pub const MESSAGE_COUNT_MAX: usize = 256;

const STATE: &str = "state.json";
const LOCK: &str = "lock";
/// Where messages go that nobody took.
const GIVEN_UP: &str = "given-up";

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is known by, however often it is sent.
    pub id: String,
    /// The number of the run that it comes from.
    pub sequence: u64,
    /// Its place among the messages of that run.
    pub place: usize,
    /// Whose form it has.
    pub kind: Kind,
    /// The variable with the address.
    pub url_from: String,
    /// The variable with the secret.
    pub secret_from: Option<String>,
    /// What is sent, to the byte.
    pub body: String,
    /// When it was made, in seconds.
    pub created: i64,
    /// How often it was tried.
    pub attempt_count: u32,
    /// When it may be tried again, in seconds.
    pub not_before: i64,
}

impl Message {
    /// Returns what its receiver is called in talk.
    #[must_use]
    pub fn webhook(&self) -> String {
        format!("{} ({})", self.kind.name(), self.url_from)
    }

    fn file(&self) -> String {
        format!("{:012}-{:03}.json", self.sequence, self.place)
    }
}

/// What the webhooks have seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The number of the next run that has something to say.
    pub sequence: u64,
    /// The colour of each scenario that a webhook knows of.
    pub webhooks: BTreeMap<String, BTreeMap<String, Colour>>,
}

/// The outbox, which nobody else may change as long as this value lives.
#[derive(Debug)]
pub struct Outbox<'p> {
    project: &'p Project,
    _lock: File,
}

impl<'p> Outbox<'p> {
    /// Opens the outbox; waits for another process that has it open.
    ///
    /// # Errors
    ///
    /// Says why the file system refused.
    pub fn open(project: &'p Project) -> Result<Self, Error> {
        let folder = project.path(FOLDER);
        files::create_folder(&folder)?;
        let path = folder.join(LOCK);
        let refused = |source| files::Error::Write { path: path.clone(), source };
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(refused)?;
        lock.lock().map_err(refused)?;
        Ok(Self { project, _lock: lock })
    }

    /// Tells whether there is an outbox at all.
    #[must_use]
    pub fn is_there(project: &Project) -> bool {
        project.path(FOLDER).join(STATE).is_file()
    }

    /// Returns what the webhooks have seen.
    ///
    /// # Errors
    ///
    /// Refuses a state that hive did not write.
    pub fn state(&self) -> Result<State, Error> {
        let path = self.project.path(FOLDER).join(STATE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| damaged(STATE)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
            Err(source) => Err(files::Error::Read { path, source }.into()),
        }
    }

    /// Keeps messages, and the state that makes them valid. Messages of a run that was killed before are removed.
    ///
    /// # Errors
    ///
    /// Says why the file system refused; the state is what it was then.
    pub fn commit(&self, mut state: State, messages: &[Message]) -> Result<(), Error> {
        for name in self.names() {
            if sequence_of(&name).is_some_and(|sequence| sequence >= state.sequence) {
                self.remove_file(&name)?;
            }
        }
        for message in messages {
            self.keep(message)?;
        }
        if !messages.is_empty() {
            state.sequence += 1;
        }
        let text = serde_json::to_vec_pretty(&state).expect("a state has text keys");
        Ok(files::write_atomic(&self.project.path(FOLDER).join(STATE), &text)?)
    }

    /// Returns the messages that are valid, the oldest first, and the names of files that are none; those are set aside.
    ///
    /// # Errors
    ///
    /// Says why the file system refused.
    pub fn messages(&self) -> Result<(Vec<Message>, Vec<String>), Error> {
        let valid_below = self.state()?.sequence;
        let (mut messages, mut strange) = (Vec::new(), Vec::new());
        for name in self.names() {
            if sequence_of(&name).is_none_or(|sequence| sequence >= valid_below) {
                continue;
            }
            let bytes = files::read(&self.project.path(FOLDER).join(&name))?;
            match serde_json::from_slice::<Message>(&bytes) {
                Ok(message) if message.file() == name => messages.push(message),
                _ => {
                    self.set_aside(&name)?;
                    strange.push(format!("{FOLDER}/{name}"));
                }
            }
        }
        Ok((messages, strange))
    }

    /// Writes a message, anew after each attempt.
    ///
    /// # Errors
    ///
    /// Says why the file system refused.
    pub fn keep(&self, message: &Message) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(message).expect("a message has text keys");
        Ok(files::write_atomic(&self.project.path(FOLDER).join(message.file()), &text)?)
    }

    /// Removes a message that was taken.
    ///
    /// # Errors
    ///
    /// Says why the file system refused.
    pub fn remove(&self, message: &Message) -> Result<(), Error> {
        self.remove_file(&message.file())
    }

    /// Sets a message aside that nobody took.
    ///
    /// # Errors
    ///
    /// Says why the file system refused.
    pub fn give_up(&self, message: &Message) -> Result<(), Error> {
        self.set_aside(&message.file())
    }

    /// Returns the names of the messages' files, the oldest first.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.project.path(FOLDER)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| sequence_of(name).is_some()).collect();
        names.sort();
        names
    }

    fn remove_file(&self, name: &str) -> Result<(), Error> {
        let path = self.project.path(FOLDER).join(name);
        Ok(fs::remove_file(&path).map_err(|source| files::Error::Write { path, source })?)
    }

    fn set_aside(&self, name: &str) -> Result<(), Error> {
        let folder = self.project.path(FOLDER).join(GIVEN_UP);
        files::create_folder(&folder)?;
        let path = folder.join(name);
        let from = self.project.path(FOLDER).join(name);
        Ok(fs::rename(&from, &path).map_err(|source| files::Error::Write { path, source })?)
    }
}

/// Returns the number of the run that a message's file comes from; `None` for another file.
fn sequence_of(name: &str) -> Option<u64> {
    let (sequence, place) = name.strip_suffix(".json")?.split_once('-')?;
    place.parse::<usize>().ok()?;
    sequence.parse().ok()
}

fn damaged(name: &str) -> Error {
    Error::Damaged { file: format!("{FOLDER}/{name}") }
}
