//! How does a program run beside hive until it has to go?
//!
//! It shares hive's terminal and environment, since it is the user's own, but has a group of its own, so that all that it has
//! started goes with it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::WaitId;
use rustix::process::WaitIdOptions;

/// How long a program may take to end by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// A program cannot be started.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("`{}` cannot be started", program.display())]
#[diagnostic(code("HV0391"), help("name a program on the environment's or your own `PATH`, or give its path"))]
pub struct Error {
    /// The program.
    program: PathBuf,
    /// What the system says.
    #[source]
    source: io::Error,
}

/// A program that runs; it is stopped when this goes.
#[derive(Debug)]
pub struct Running {
    child: Child,
    has_ended: bool,
}

impl Running {
    /// Starts a program in a folder. What it writes goes to `output`, its talk to hive's own standard error, and it reads
    /// nothing. `variables` are set beside those that hive has itself.
    ///
    /// # Errors
    ///
    /// Returns an error when the system does not start it.
    pub fn start(
        program: &Path,
        arguments: &[String],
        folder: &Path,
        variables: &[(&str, OsString)],
        output: Stdio,
    ) -> Result<Self, Error> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(output).process_group(0);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let started = command.spawn().map_err(|source| Error { program: program.to_owned(), source })?;
        Ok(Self { child: started, has_ended: false })
    }

    /// Returns the number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns how the program ended, if it has: once, and `None` ever after. What it has left running goes then.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.has_ended {
            return None;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let group = Pid::from_child(&self.child);
        rustix::process::waitid(WaitId::Pid(group), options).ok().flatten()?;
        // As long as it is not reaped, its group's number is nobody else's.
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
        self.has_ended = true;
        self.child.wait().ok()
    }

    /// Asks the program and all that it started to end, and makes them when they take too long.
    pub fn stop(&mut self) {
        if self.has_ended {
            return;
        }
        let group = Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(group, Signal::TERM);
        let until = Instant::now() + GRACE;
        while Instant::now() < until {
            if self.ended().is_some() {
                return;
            }
            thread::sleep(GLANCE);
        }
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
        self.has_ended = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
