//! Upstream, series and registrations put together in memory: what an environment's tree is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::io::files;
use crate::io::tree;
use crate::patch;
use crate::patch::Patch;
use crate::patch::lint::Context;
use crate::patch::series;
use crate::patch::series::SeriesOutcome;
use crate::recipe::resolve::Recipe;
use crate::registration;
use crate::registration::Declaration;
use crate::registration::Registered;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::finding::Finding;
use crate::workflow::upstream::Release;

/// An environment's tree, as changes to the release.
#[derive(Debug)]
pub struct Environment {
    /// The patches that could be read, with what became of each, in the series' order.
    pub patches: Vec<(Patch, patch::state::Outcome)>,
    /// The controllers that are registered.
    pub registered: Vec<Registered>,
    /// What differs from the release: new bytes by path, `None` for a file that goes.
    pub changes: BTreeMap<String, Option<Vec<u8>>>,
    /// Which files patches let their owner execute, or no longer do.
    pub executable: BTreeMap<String, bool>,
    /// What is wrong or doubtful: patches that do not apply, registrations that would load another class.
    pub findings: Vec<Finding>,
    /// How many patches and controllers are broken.
    pub broken_count: usize,
}

/// Applies a recipe's series to a release and registers its controllers, all in memory.
///
/// # Errors
///
/// Returns an error when a file cannot be read. A patch or a registration that fails is a finding.
pub fn prepare(project: &Project, recipe: &Recipe, release: &Release) -> Result<Environment, Error> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut broken_count = 0;
    let mut parsed = Vec::new();
    for patch in &recipe.patches {
        let bytes = files::read(&project.path(&patch.file))?;
        match patch::parse(&patch.file, &bytes) {
            Ok(read) => {
                // What is odd about a patch's text does not stop it, and is told all the same.
                let odd: Vec<usize> = read.notes.iter().map(|note| note.line).collect();
                for finding in patch::lint(&patch.file, &bytes, &Context::default()) {
                    if odd.contains(&finding.line) {
                        findings.push(Box::new(finding.draw(&bytes)));
                    }
                }
                parsed.push(read);
            }
            Err(error) => {
                broken_count += 1;
                findings.push(Box::new(error));
            }
        }
    }
    let mut unreadable = None;
    let SeriesOutcome { outcomes, changes } = series::apply(&parsed, &mut |path| {
        release.tree.read(path).unwrap_or_else(|error| {
            unreadable.get_or_insert(error);
            None
        })
    });
    if let Some(error) = unreadable {
        return Err(error.into());
    }
    for (patch, outcome) in parsed.iter().zip(&outcomes) {
        if let Some(error) = outcome.error(patch) {
            broken_count += 1;
            findings.push(Box::new(error));
        }
    }
    let modes = changes.iter().filter_map(|(path, change)| Some((path.clone(), change.mode? & 0o100 != 0)));
    let executable = modes.collect();
    let changes = changes.into_iter().map(|(path, change)| (path, change.after)).collect();
    let patches = parsed.into_iter().zip(outcomes).collect();
    let mut environment = Environment { patches, registered: Vec::new(), changes, executable, findings, broken_count };
    environment.register(project, recipe, release)?;
    Ok(environment)
}

impl Environment {
    /// Checks every controller of the recipe and adds its files.
    fn register(&mut self, project: &Project, recipe: &Recipe, release: &Release) -> Result<(), Error> {
        let mut own = BTreeMap::new();
        for controller in &recipe.controllers {
            let text = files::read_to_string(&project.path(&controller.source))?;
            own.insert(registration::path(&controller.controller_type, &controller.name), text);
        }
        let mut added = BTreeSet::new();
        for controller in &recipe.controllers {
            let declaration = Declaration {
                name: controller.name.clone(),
                controller_type: controller.controller_type.clone(),
                config_class: controller.config_class.clone(),
                class: controller.class.clone(),
            };
            let source = &own[&registration::path(&controller.controller_type, &controller.name)];
            let modules = |module: &str| self.module(module, &own, release);
            match registration::check(&declaration, source, &controller.source, &modules) {
                Ok(mut registered) => {
                    added.extend(registered.package_files.iter().cloned());
                    let warnings = std::mem::take(&mut registered.warnings);
                    self.findings.extend(warnings.into_iter().map(|warning| Box::new(warning) as Finding));
                    self.registered.push(registered);
                }
                Err(error) => {
                    self.broken_count += 1;
                    self.findings.push(Box::new(error));
                }
            }
        }
        self.changes.extend(added.into_iter().map(|path| (path, Some(Vec::new()))));
        self.changes.extend(own.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))));
        Ok(())
    }

    /// Returns the text of a Python module of the environment.
    fn module(&self, module: &str, own: &BTreeMap<String, String>, release: &Release) -> Option<String> {
        let folder = module.replace('.', "/");
        [format!("{folder}.py"), format!("{folder}/__init__.py")].into_iter().find_map(|path| {
            if let Some(text) = own.get(&path) {
                return Some(text.clone());
            }
            let bytes = match self.changes.get(&path) {
                Some(change) => change.clone()?,
                // A path that the tree refuses is no module of it.
                None => release.tree.read(&path).ok().flatten()?,
            };
            String::from_utf8(bytes).ok()
        })
    }

    /// Returns the hash of the environment's tree, from the digests of the release's files.
    #[must_use]
    pub fn tree_hash(&self, pristine: &BTreeMap<String, String>) -> String {
        let mut digests = pristine.clone();
        for (path, change) in &self.changes {
            match change {
                Some(bytes) => digests.insert(path.clone(), files::sha256_hex(bytes)),
                None => digests.remove(path),
            };
        }
        tree::hash_of(&digests)
    }
}
