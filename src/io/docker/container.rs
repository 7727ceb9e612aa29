//! How is a container made for the length of a call, and surely removed?

use std::collections::HashMap;
use std::io;
use std::io::Write;

use bollard::body_try_stream;
use bollard::models::ContainerCreateBody;
use bollard::models::HostConfig;
use bollard::models::HostConfigLogConfig;
use bollard::query_parameters::CreateContainerOptionsBuilder;
use bollard::query_parameters::ListContainersOptionsBuilder;
use bollard::query_parameters::RemoveContainerOptionsBuilder;
use bollard::query_parameters::UploadToContainerOptionsBuilder;
use futures_util::TryStreamExt as _;

use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::transfer;
use crate::io::interrupt::Listening;
use crate::io::progress::NoProgress;

/// The label that all containers of hive carry, so that a leftover can be found: its value says what it was made for.
pub(super) const LABEL: &str = "hive.container";

/// The label that names the process which made a container.
pub(super) const LABEL_PROCESS: &str = "hive.process";

/// How many processes may run in a container at once.
const PROCESS_COUNT_MAX: i64 = 1024;

const CREATING: &str = "create a container";

/// What a container is made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan<'p> {
    pub(super) image: &'p str,
    /// What it is made for: the value of its label.
    pub(super) purpose: &'p str,
    /// Its name; the engine invents one where none is given.
    pub(super) name: Option<&'p str>,
    /// What it runs; a container that is never started runs nothing.
    pub(super) command: Vec<String>,
    /// `NAME=VALUE`, on top of the image's.
    pub(super) environment: Vec<String>,
    /// The folder that it starts in.
    pub(super) folder: Option<&'p str>,
    /// `HOST:CONTAINER[:ro]`.
    pub(super) binds: Vec<String>,
    /// How much memory it may take, in bytes.
    pub(super) memory_bytes: Option<i64>,
    /// Who runs it; the image's user where none is given.
    pub(super) user: Option<&'p str>,
    /// What it has when it is more than a closed box: its network. It then keeps the image's entry point, the engine's
    /// usual rights, and its log.
    pub(super) network: Option<&'p str>,
}

/// A container, which is removed with this value.
#[derive(Debug)]
pub(super) struct Container<'e> {
    pub(super) engine: &'e Engine,
    pub(super) id: String,
    /// As long as the container is there, Ctrl-C is heard, so that it can be removed.
    _listening: Listening,
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // An engine that is gone takes its containers along, or the label tells where they come from.
        let _ = self.engine.remove_container(&self.id);
    }
}

impl Engine {
    /// Makes a container.
    pub(super) fn create(&self, plan: &Plan) -> Result<Container<'_>, Error> {
        let listening = Listening::begin();
        if listening.is_asked_to_stop() {
            return Err(Error::Interrupted { doing: CREATING });
        }
        let options = plan.name.map(|name| CreateContainerOptionsBuilder::default().name(name).build());
        // Waited for to the end: a container that nobody knows the name of could not be removed.
        let answer = self.anyway(CREATING, self.docker.create_container(options, body(plan)));
        let id = answer.map_err(|error| error.about_image(plan.image))?.id;
        Ok(Container { engine: self, id, _listening: listening })
    }

    /// Returns the IDs of the containers with a label, `hive.container` or `hive.process=PROCESS`, running or not, by whatever
    /// process they were made.
    ///
    /// # Errors
    ///
    /// Says what the engine refused.
    pub fn containers(&self, label: &str) -> Result<Vec<String>, Error> {
        let filters = HashMap::from([("label", vec![label.to_owned()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = self.quick("list containers", self.docker.list_containers(Some(options)))?;
        let mut ids: Vec<String> = found.into_iter().filter_map(|container| container.id).collect();
        ids.sort();
        Ok(ids)
    }

    /// Removes a container, whether it runs or not.
    pub(super) fn remove_container(&self, name: &str) -> Result<(), Error> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.anyway("remove a container", self.docker.remove_container(name, Some(options))) {
            // Who else removes it at the same time does what is wanted.
            Ok(()) | Err(Error::Unknown { .. } | Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Container<'_> {
    /// Puts the files of a tar archive, which `archive` writes, below a folder that is there.
    pub(super) fn put(
        &self,
        folder: &str,
        archive: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    ) -> Result<(), Error> {
        const DOING: &str = "put files into a container";
        let engine = self.engine;
        transfer::send(DOING, &NoProgress, archive, |outgoing| {
            let options = UploadToContainerOptionsBuilder::default().path(folder).build();
            let body = body_try_stream(outgoing.map_ok(Into::into));
            let call = engine.docker.upload_to_container(&self.id, Some(options), body);
            engine.within(engine.patience.piece, DOING, call)
        })
    }
}

fn body(plan: &Plan) -> ContainerCreateBody {
    let some = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
    let process = std::process::id().to_string();
    let labels = [(LABEL, plan.purpose), (LABEL_PROCESS, &process)];
    let labels: HashMap<String, String> =
        labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut host = HostConfig {
        memory: plan.memory_bytes,
        // Swap counts, too: otherwise a program that takes too much is slow instead of stopped.
        memory_swap: plan.memory_bytes,
        binds: some(&plan.binds),
        ..HostConfig::default()
    };
    host.network_mode = Some(plan.network.unwrap_or("none").to_owned());
    if plan.network.is_none() {
        host.cap_drop = Some(vec!["ALL".to_owned()]);
        host.security_opt = Some(vec!["no-new-privileges".to_owned()]);
        host.pids_limit = Some(PROCESS_COUNT_MAX);
        // What is written is read while it is written, and not kept on the engine's disk besides.
        host.log_config = Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None });
    }
    ContainerCreateBody {
        image: Some(plan.image.to_owned()),
        cmd: some(&plan.command),
        // An empty one takes the image's away.
        entrypoint: if plan.network.is_some() { None } else { Some(vec![String::new()]) },
        env: some(&plan.environment),
        working_dir: plan.folder.map(str::to_owned),
        labels: Some(labels),
        user: plan.user.map(str::to_owned),
        attach_stdout: Some(plan.network.is_none()),
        attach_stderr: Some(plan.network.is_none()),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}
