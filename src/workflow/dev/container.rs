//! The edit loop in a container: the base that holds Hummingbot, with the patched files and the controllers bound over it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::thread::Scope;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use tempfile::TempDir;

use crate::io::docker;
use crate::io::docker::Bind;
use crate::io::docker::Engine;
use crate::io::docker::Standing;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::script::Ended;
use crate::io::tree;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::build::Refusal;
use crate::workflow::dev::Event;
use crate::workflow::dev::Request;
use crate::workflow::dev::Shown;
use crate::workflow::dev::Stage;
use crate::workflow::image;
use crate::workflow::image::base::Knowledge;
use crate::workflow::image::place;
use crate::workflow::product::Proof;
use crate::workflow::wheel;

/// How long the container's program may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// A container that is made anew whenever what is bound over it changes.
pub(super) struct Container<'a, 'scope, 'env> {
    project: &'a Project,
    request: &'a Request,
    options: Options,
    engine: &'env Engine,
    scope: &'scope Scope<'scope, 'env>,
    standing: Option<Followed<'scope, 'env>>,
    laid: Option<Laid>,
}

/// The files that are bound over an image.
struct Laid {
    image: String,
    /// The container's name.
    name: String,
    /// The folder of the image that holds `hummingbot/`.
    root: String,
    changes: BTreeMap<String, Option<Vec<u8>>>,
    /// Where the files are; they go with this.
    folder: TempDir,
}

/// A container whose lines somebody listens to.
struct Followed<'scope, 'env> {
    standing: Arc<Standing<'env>>,
    goes_on: Arc<AtomicBool>,
    events: Receiver<Event>,
    follower: ScopedJoinHandle<'scope, ()>,
    has_ended: bool,
}

impl<'a, 'scope, 'env> Container<'a, 'scope, 'env> {
    pub(super) fn new(
        project: &'a Project,
        request: &'a Request,
        options: Options,
        engine: &'env Engine,
        scope: &'scope Scope<'scope, 'env>,
    ) -> Self {
        Self { project, request, options, engine, scope, standing: None, laid: None }
    }

    /// Finds Hummingbot in the recipe's base.
    fn lay(&self, shown: &Shown) -> Result<Laid, Error> {
        let recipe = &shown.loaded.recipe;
        let (base, facts) = image::build::base(self.engine, recipe, self.options)?;
        let mut knowledge = Knowledge::of(self.project, self.engine, &base, &facts)?;
        let root = place::find(&mut knowledge, recipe)?;
        knowledge.keep()?;
        let root = root.ok_or_else(|| image::error::Error::NoHummingbot {
            base,
            looked: place::looked(&knowledge.known.base, recipe),
        });
        let stages = self.project.path(".hive/dev");
        files::create_folder(&stages)?;
        Ok(Laid {
            image: facts.id,
            name: format!("hive-dev-{}", recipe.name),
            root: root?,
            changes: BTreeMap::new(),
            folder: files::temporary_folder(&stages)?,
        })
    }

    fn stop(&mut self) -> Result<(), Error> {
        let Some(followed) = self.standing.take() else {
            return Ok(());
        };
        followed.goes_on.store(false, Ordering::Relaxed);
        // A follower that panicked has nothing more to say.
        let _ = followed.follower.join();
        if let Ok(standing) = Arc::try_unwrap(followed.standing) {
            standing.stop(GRACE)?;
        }
        Ok(())
    }
}

impl Drop for Container<'_, '_, '_> {
    fn drop(&mut self) {
        // The container is removed with its value in any case.
        let _ = self.stop();
    }
}

impl Stage for Container<'_, '_, '_> {
    fn show(&mut self, shown: &Shown, _progress: &dyn Progress) -> Result<Vec<String>, Refusal> {
        if let Some(path) = shown.changes().keys().find(|path| wheel::is_compiled(path)) {
            return Err(image::error::Error::Compiled { path: path.clone() }.into());
        }
        let fresh = self.lay(shown)?;
        let laid = match self.laid.take() {
            Some(laid) if laid.image == fresh.image && laid.root == fresh.root => laid,
            _ => fresh,
        };
        self.laid.insert(laid).show(shown.changes()).map_err(|error| Error::from(error).into())
    }

    fn start(&mut self) -> Result<(), Error> {
        self.stop()?;
        let Some(laid) = &self.laid else {
            return Ok(());
        };
        let binds: Result<Vec<Bind>, Error> = laid.changes.keys().map(|path| laid.bind(path)).collect();
        let standing = self.engine.stand(&docker::Request {
            image: laid.image.clone(),
            name: laid.name.clone(),
            command: self.request.command.clone(),
            environment: vec!["PYTHONUNBUFFERED=1".to_owned(), "PYTHONDONTWRITEBYTECODE=1".to_owned()],
            binds: binds?,
            // The engine's own, its bridge where it has one.
            network: "default".to_owned(),
        })?;
        let (sender, events) = mpsc::channel();
        let (standing, goes_on) = (Arc::new(standing), Arc::new(AtomicBool::new(true)));
        let (told, asked) = (Arc::clone(&standing), Arc::clone(&goes_on));
        let follower = self.scope.spawn(move || follow(&told, &asked, &sender));
        self.standing = Some(Followed { standing, goes_on, events, follower, has_ended: false });
        Ok(())
    }

    fn prove(&mut self, _shown: &Shown) -> Result<Option<Vec<Proof>>, Error> {
        Ok(None)
    }

    fn place(&self) -> Option<String> {
        self.laid.as_ref().map(|laid| laid.name.clone())
    }

    fn is_running(&self) -> bool {
        self.standing.as_ref().is_some_and(|followed| !followed.has_ended)
    }

    fn news(&mut self) -> Vec<Event> {
        let Some(followed) = &mut self.standing else {
            return Vec::new();
        };
        let events: Vec<Event> = followed.events.try_iter().collect();
        followed.has_ended |= events.iter().any(|event| matches!(event, Event::Ended(_)));
        events
    }
}

/// Sends on what a container writes, and how it ends.
fn follow(standing: &Standing<'_>, goes_on: &AtomicBool, sender: &Sender<Event>) {
    // The loop that listens outlives whoever is listened to, or has stopped listening on purpose.
    let ended = standing.follow(&|| goes_on.load(Ordering::Relaxed), &mut |line| {
        let _ = sender.send(Event::Line(line.to_owned()));
    });
    let event = match ended {
        Ok(None) | Err(docker::Error::Interrupted { .. }) => return,
        Ok(Some(Ended::Exit(status))) => Event::Ended(format!("exit status: {status}")),
        Ok(Some(Ended::OutOfMemory)) => Event::Ended("out of memory".to_owned()),
        Ok(Some(Ended::Signal(signal))) => Event::Ended(format!("signal: {signal}")),
        Ok(Some(Ended::TimedOut)) => Event::Ended("timed out".to_owned()),
        Err(error) => Event::Broken(error.into()),
    };
    let _ = sender.send(event);
}

impl Laid {
    /// Writes the files that are otherwise than before, and returns their paths, sorted.
    fn show(&mut self, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<Vec<String>, tree::Error> {
        let all: BTreeSet<&String> = self.changes.keys().chain(changes.keys()).collect();
        let different: Vec<String> =
            all.into_iter().filter(|path| self.changes.get(*path) != changes.get(*path)).cloned().collect();
        for path in &different {
            let own = self.folder.path().join(tree::checked(path)?);
            match changes.get(path) {
                // A file that goes is bound over by an empty one: a bind cannot take a file away.
                Some(change) => files::write_atomic(&own, change.as_deref().unwrap_or_default())?,
                None => {
                    // Nothing is bound there any more.
                    let _ = fs::remove_file(&own);
                }
            }
        }
        self.changes.clone_from(changes);
        Ok(different)
    }

    fn bind(&self, path: &str) -> Result<Bind, Error> {
        let host = self.folder.path().join(path);
        let host = host.canonicalize().map_err(files::Error::reading(&host))?;
        Ok(Bind { host, container: format!("{}/{path}", self.root), is_read_only: true })
    }
}
