//! How are many objects of a repository read by one process?

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Stdio;

use crate::io::git::program;

/// The largest file that is read into memory, 64 MiB.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A running `git cat-file --batch`, which ends when dropped.
#[derive(Debug)]
pub(super) struct Objects {
    child: Child,
    answers: BufReader<ChildStdout>,
    /// Where git writes its errors: a file, since nobody reads along.
    errors: File,
}

impl Objects {
    /// Starts git for the bare repository in a folder.
    pub(super) fn open(repository: &Path) -> io::Result<Self> {
        let errors = tempfile::tempfile()?;
        let mut command = program::reading(repository);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors.try_clone()?);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().expect("the output was asked for");
        Ok(Self { child, answers: BufReader::new(stdout), errors })
    }

    /// Returns the bytes of a file's object; the error says what git said, and then no other object may be asked for.
    pub(super) fn read(&mut self, id: &str) -> Result<Vec<u8>, String> {
        self.find(id)?.ok_or_else(|| format!("`cat-file` answers `{id} missing`"))
    }

    /// Returns the bytes of a file by its object or by `COMMIT:PATH`; `None` where there is none. After an error no other may
    /// be asked for.
    pub(super) fn find(&mut self, id: &str) -> Result<Option<Vec<u8>>, String> {
        let header = self.ask(id).map_err(|error| self.broken(&error))?;
        let size = match header.trim_end().split(' ').collect::<Vec<_>>()[..] {
            [.., "missing"] => return Ok(None),
            [_, "blob", size] => size.parse::<u64>().ok(),
            _ => None,
        };
        match size {
            None => Err(format!("`cat-file` answers `{}`", header.trim_end())),
            Some(size) if size > FILE_BYTES_MAX => {
                Err(format!("object {id} has {size} bytes, and {FILE_BYTES_MAX} are the most"))
            }
            Some(size) => self.content(size).map(Some).map_err(|error| self.broken(&error)),
        }
    }

    fn ask(&mut self, id: &str) -> io::Result<String> {
        let questions = self.child.stdin.as_mut().expect("the input was asked for");
        questions.write_all(format!("{id}\n").as_bytes())?;
        questions.flush()?;
        let mut header = String::new();
        match self.answers.read_line(&mut header)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(header),
        }
    }

    fn content(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // Behind the content stands a line's end.
        self.answers.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        match bytes.pop() {
            Some(b'\n') if bytes.len() as u64 == size => Ok(bytes),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn broken(&self, error: &io::Error) -> String {
        match program::said(&self.errors) {
            said if said.is_empty() => format!("`cat-file` broke off ({error})"),
            said => program::reason(&said, ""),
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads, so nothing is lost, and it may be stuck half through an answer.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
