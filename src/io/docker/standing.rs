//! How does a container stand while somebody edits what it runs?

use std::time::Duration;
use std::time::Instant;

use bollard::query_parameters::LogsOptionsBuilder;
use bollard::query_parameters::RestartContainerOptionsBuilder;
use bollard::query_parameters::StartContainerOptions;
use bollard::query_parameters::StopContainerOptionsBuilder;
use futures_util::StreamExt as _;

use crate::io::docker::Bind;
use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::Request;
use crate::io::docker::container::Container;
use crate::io::docker::container::LABEL;
use crate::io::docker::container::Plan;
use crate::io::docker::engine::GLANCE;
use crate::io::docker::lines::Lines;
use crate::io::script::Ended;

/// What the label of such a container says.
const PURPOSE: &str = "dev";

/// A container that stands. It is killed and removed with this value.
#[derive(Debug)]
pub struct Standing<'e> {
    container: Container<'e>,
    name: String,
}

impl Engine {
    /// Starts a container under a name.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoImage`], [`Error::NameTaken`], [`Error::NotStarted`], and says what the engine refused.
    pub fn stand(&self, request: &Request) -> Result<Standing<'_>, Error> {
        self.clear(&request.name)?;
        let bind = |bind: &Bind| {
            let rights = if bind.is_read_only { "ro" } else { "rw" };
            format!("{}:{}:{rights}", bind.host.display(), bind.container)
        };
        let plan = Plan {
            image: &request.image,
            purpose: PURPOSE,
            name: Some(&request.name),
            command: request.command.clone(),
            environment: request.environment.clone(),
            binds: request.binds.iter().map(bind).collect(),
            network: Some(&request.network),
            ..Plan::default()
        };
        let container = self.create(&plan)?;
        let call = self.docker.start_container(&container.id, None::<StartContainerOptions>);
        let program = request.command.first().map_or("its command", String::as_str);
        self.quick("start a container", call).map_err(|error| error.about_start(program, &request.image))?;
        Ok(Standing { container, name: request.name.clone() })
    }

    /// Removes what an earlier hive has left under a name.
    fn clear(&self, name: &str) -> Result<(), Error> {
        match self.quick("look at a container", self.docker.inspect_container(name, None)) {
            Ok(found) => {
                let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
                if labels.get(LABEL).map(String::as_str) != Some(PURPOSE) {
                    return Err(Error::NameTaken { name: name.to_owned() });
                }
                self.remove_container(name)
            }
            Err(Error::Unknown { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Standing<'_> {
    /// Returns the container's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells each line that the container writes from its start on, until it ends, or until `go_on` says no, which is asked
    /// many times a second. Returns how the container ended; `None` while it stands. May be called on another thread than
    /// the one that restarts it: a restart ends what is told of the run before.
    ///
    /// # Errors
    ///
    /// Says what the engine refused, and [`Error::Interrupted`].
    pub fn follow(&self, go_on: &dyn Fn() -> bool, on_line: &mut dyn FnMut(&str)) -> Result<Option<Ended>, Error> {
        const FOLLOWING: &str = "tell a container's log";
        let (engine, id) = (self.container.engine, self.container.id.as_str());
        let started = engine.quick("look at a container", engine.docker.inspect_container(id, None))?;
        let started = started.state.and_then(|state| state.started_at);
        let options = LogsOptionsBuilder::default().follow(true).stdout(true).stderr(true).build();
        let mut pieces = engine.docker.logs(id, Some(options));
        let mut lines = Lines::default();
        loop {
            if !go_on() {
                lines.finish(on_line);
                return Ok(None);
            }
            match engine.within(GLANCE, FOLLOWING, async { pieces.next().await.transpose() }) {
                Ok(Some(piece)) => lines.push(piece.as_ref(), on_line),
                Ok(None) => break,
                Err(Error::Silent { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        lines.finish(on_line);
        let state = engine.quick("look at a container", engine.docker.inspect_container(id, None))?.state;
        let state = state.unwrap_or_default();
        if state.running == Some(true) || state.started_at != started {
            return Ok(None);
        }
        self.container.ended(state.exit_code.unwrap_or_default()).map(Some)
    }

    /// Stops the container's program, with `grace` before it is killed, and starts it again.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn restart(&self, grace: Duration) -> Result<(), Error> {
        let engine = self.container.engine;
        let options = RestartContainerOptionsBuilder::default().t(seconds(grace)).build();
        let call = engine.docker.restart_container(&self.container.id, Some(options));
        engine.within(engine.patience.quick + grace, "restart a container", call)
    }

    /// Stops the container's program, with `grace` before it is killed, and removes the container; also when hive itself is
    /// asked to stop. Returns how long that took.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn stop(self, grace: Duration) -> Result<Duration, Error> {
        let before = Instant::now();
        let engine = self.container.engine;
        let options = StopContainerOptionsBuilder::default().t(seconds(grace)).build();
        match engine.anyway("stop a container", engine.docker.stop_container(&self.container.id, Some(options))) {
            Ok(()) | Err(Error::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
        engine.remove_container(&self.container.id)?;
        Ok(before.elapsed())
    }
}

fn seconds(grace: Duration) -> i32 {
    i32::try_from(grace.as_secs()).unwrap_or(i32::MAX)
}
