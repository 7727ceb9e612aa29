//! How does a program in a container run, and how did it end?

use std::time::Duration;
use std::time::Instant;

use bollard::container::LogOutput;
use bollard::query_parameters::AttachContainerOptionsBuilder;
use bollard::query_parameters::KillContainerOptions;
use bollard::query_parameters::StartContainerOptions;
use bollard::query_parameters::WaitContainerOptions;
use futures_util::StreamExt as _;

use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::container::Container;
use crate::io::script::Ended;

const RUNNING: &str = "run a container";

/// The exit status of a program that a signal ended is the signal's number on top of this.
const SIGNAL_BASE: i64 = 128;

/// The highest number of a signal.
const SIGNAL_MAX: i64 = 64;

/// Where output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Output,
    Talk,
}

/// Is told what a program writes.
pub(super) type Told<'t> = dyn FnMut(Channel, &[u8]) -> Result<(), Error> + 't;

/// Returns how a program ended, in words that follow its name.
pub(super) fn in_words(ended: Ended) -> String {
    match ended {
        Ended::Exit(status) => format!("ended with exit status {status}"),
        Ended::TimedOut => "took longer than it may".to_owned(),
        Ended::OutOfMemory => "took more memory than it may".to_owned(),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
    }
}

impl Container<'_> {
    /// Runs the container's command to its end, or to the end of its time, and tells what it writes.
    pub(super) fn run(&self, limit: Duration, told: &mut Told) -> Result<Ended, Error> {
        let (engine, id) = (self.engine, self.id.as_str());
        let options = AttachContainerOptionsBuilder::default().stream(true).stdout(true).stderr(true).build();
        // Attached before it starts, so that nothing is missed.
        let attached = engine.quick("attach to a container", engine.docker.attach_container(id, Some(options)))?;
        let mut output = attached.output;
        engine.quick("start a container", engine.docker.start_container(id, None::<StartContainerOptions>))?;
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let piece = match engine.within(left, RUNNING, async { output.next().await.transpose() }) {
                Ok(piece) => piece,
                Err(Error::Silent { .. }) => {
                    self.kill()?;
                    return Ok(Ended::TimedOut);
                }
                Err(error) => return Err(error),
            };
            match piece {
                Some(LogOutput::StdErr { message }) => told(Channel::Talk, &message)?,
                Some(piece) => told(Channel::Output, piece.as_ref())?,
                None => break,
            }
        }
        // A program may close its output long before it ends.
        let left = deadline.saturating_duration_since(Instant::now());
        match engine.exit_status(id, left) {
            Ok(status) => self.ended(status),
            Err(Error::Silent { .. }) => {
                self.kill()?;
                Ok(Ended::TimedOut)
            }
            Err(error) => Err(error),
        }
    }

    fn kill(&self) -> Result<(), Error> {
        let call = self.engine.docker.kill_container(&self.id, None::<KillContainerOptions>);
        match self.engine.anyway("stop a container", call) {
            // It has just ended by itself.
            Ok(()) | Err(Error::Conflict { .. } | Error::Unknown { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn ended(&self, status: i64) -> Result<Ended, Error> {
        if status == 0 {
            return Ok(Ended::Exit(0));
        }
        let found = self.engine.quick("look at a container", self.engine.docker.inspect_container(&self.id, None))?;
        if found.state.and_then(|state| state.oom_killed) == Some(true) {
            return Ok(Ended::OutOfMemory);
        }
        let signal = status - SIGNAL_BASE;
        let number = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
        Ok(if (1..=SIGNAL_MAX).contains(&signal) { Ended::Signal(number(signal)) } else { Ended::Exit(number(status)) })
    }
}

impl Engine {
    /// Waits until a container has ended, at most `limit`, and returns its exit status.
    pub(super) fn exit_status(&self, id: &str, limit: Duration) -> Result<i64, Error> {
        let mut answers = self.docker.wait_container(id, None::<WaitContainerOptions>);
        let answer = self.within(limit, RUNNING, async {
            match answers.next().await.transpose() {
                // The library below takes a status other than 0 for an error of its own.
                Err(bollard::errors::Error::DockerContainerWaitError { code, error }) if error.is_empty() => {
                    Ok(Some(code))
                }
                answer => answer.map(|answer| answer.map(|answer| answer.status_code)),
            }
        })?;
        answer.ok_or_else(|| Error::failed("the wait for its end broke off", RUNNING))
    }
}
