//! Lints recipes, patches and series, and mends what can be mended: no network, no Docker.
//!
//! A patch is looked at with all that is known around it: the recipes that name it, the patches before it, the lock, and
//! the release where it is in the cache or its tree is named.

mod base;
mod folder;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;

use self::base::Base;
use crate::io::files;
use crate::patch;
use crate::patch::lint::Context;
use crate::patch::lint::Needs;
use crate::patch::lint::context::Checksum;
use crate::patch::lint::context::Earlier;
use crate::patch::lint::context::Series;
use crate::patch::lint::context::Target;
use crate::patch::lint::fix;
use crate::patch::lint::registry::RULES;
use crate::recipe;
use crate::recipe::lint::BadAllow;
use crate::recipe::lint::Conditions;
use crate::recipe::lock::Lock;
use crate::recipe::lock::fact;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::finding;
use crate::workflow::finding::Finding;
use crate::workflow::finding::Written;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::upstream;

/// What is linted, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Recipes, patches and `series` files; everything in the project when empty.
    pub paths: &'a [String],
    /// The folder that the paths start from.
    pub from: &'a Path,
    /// The tree of the release, instead of the one that each recipe names.
    pub root: Option<&'a Path>,
    /// The day for which patches expire.
    pub today: jiff::civil::Date,
    /// What every use case may be told.
    pub options: Options,
    /// What becomes of findings that can be mended.
    pub mend: Mend,
}

/// What becomes of findings that can be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// They are told.
    Not,
    /// The difference is told, and the files stay as they are.
    Show,
    /// The files are written.
    Write,
}

/// What a lint found, and where it looked.
#[derive(Debug, Default)]
pub struct Linted {
    /// The files that were looked at, in order, each once.
    pub files: Vec<String>,
    /// What was found, file by file, and is not mended.
    pub findings: Vec<Finding>,
    /// What is mended, or would be.
    pub mended: Vec<Mended>,
    /// What could be mended, but not without another result.
    pub refused: Vec<Mended>,
    /// How the files that are mended change, as unified diffs.
    pub diffs: Vec<String>,
    /// The releases that are not in the cache; empty text for patches that no recipe names.
    pub absent: Vec<String>,
    /// How many rules look at a release, and had none.
    pub unchecked_rule_count: usize,
}

/// A finding that is mended, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// The file.
    pub file: String,
    /// The line at which it was found.
    pub line: usize,
    /// The rule.
    pub rule: &'static str,
    /// The diagnostic code.
    pub code: &'static str,
    /// Why it is not mended; `None` where it is.
    pub reason: Option<&'static str>,
}

/// Lints files: recipes (`.toml`) with the patches that they name, patches (`.patch`, `.diff`) in the recipes that name
/// them, and quilt's `series` files. Without paths, every recipe of the project and everything below `patches/`.
///
/// # Errors
///
/// Returns an error for a path that is none of these, and for a file that cannot be read or written. A recipe that does not
/// resolve is a finding.
pub fn lint(project: &Project, request: &Request<'_>) -> Result<Linted, Error> {
    // A fix is proven on the release of the first recipe that has the patch. Where another one's release would not have it,
    // all is done again without: nothing is written before.
    let mut kept = BTreeSet::new();
    loop {
        let mut linter = Linter::new(project, *request);
        // A lock that cannot be read is for other verbs to tell.
        linter.lock = lock::read(project).ok().flatten();
        linter.kept = std::mem::take(&mut kept);
        linter.all()?;
        if linter.doubtful.is_empty() {
            for (path, text) in &linter.writes {
                files::write_atomic(path, text)?;
            }
            return Ok(linter.linted);
        }
        kept = linter.kept;
        kept.extend(linter.doubtful);
    }
}

/// Lints a recipe that resolves, and its patches, without its release: who calls this applies the patches himself.
///
/// # Errors
///
/// Returns an error for a patch that cannot be read.
pub fn loaded(project: &Project, loaded: &Loaded, today: jiff::civil::Date, options: Options) -> Result<Linted, Error> {
    let from = project.path("");
    let request = Request { paths: &[], from: &from, root: None, today, options, mend: Mend::Not };
    let mut linter = Linter::new(project, request);
    linter.loaded(loaded, None, None)?;
    Ok(linter.linted)
}

struct Linter<'a> {
    project: &'a Project,
    request: Request<'a>,
    lock: Option<Lock>,
    /// The texts of files that were read, mended where that was asked for.
    texts: BTreeMap<String, Vec<u8>>,
    /// The texts that files had before, where they are mended.
    before: BTreeMap<String, Vec<u8>>,
    /// What is to be written.
    writes: Vec<(PathBuf, Vec<u8>)>,
    /// Patches that stay as they are.
    kept: BTreeSet<String>,
    /// Patches that another recipe's release would not have mended.
    doubtful: BTreeSet<String>,
    /// Whether a recipe could not be read.
    has_broken: bool,
    linted: Linted,
}

impl<'a> Linter<'a> {
    fn new(project: &'a Project, request: Request<'a>) -> Self {
        Self {
            project,
            request,
            lock: None,
            texts: BTreeMap::new(),
            before: BTreeMap::new(),
            writes: Vec::new(),
            kept: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            has_broken: false,
            linted: Linted::default(),
        }
    }

    /// Lints what is asked for.
    fn all(&mut self) -> Result<(), Error> {
        let (project, request) = (self.project, self.request);
        if request.paths.is_empty() {
            let mut named = BTreeSet::new();
            for file in project.select(&[], request.from)? {
                named.extend(self.recipe(&file)?);
            }
            self.loose(project.patches().into_iter().filter(|file| !named.contains(file)).collect())?;
            for file in project.series() {
                self.series(&file, &project.path(&file))?;
            }
            return Ok(());
        }
        let mut patches = Vec::new();
        for path in request.paths {
            let is_patch = [".patch", ".diff"].iter().any(|ending| path.ends_with(ending));
            let name = || project.relative(&request.from.join(path)).unwrap_or_else(|| path.clone());
            if is_patch {
                patches.push(name());
            } else if path.rsplit('/').next() == Some("series") {
                self.series(&name(), &request.from.join(path))?;
            } else {
                self.recipe(&project.one(path, request.from)?)?;
            }
        }
        self.patches(patches)
    }

    /// Lints a recipe file and returns the patches that it names.
    fn recipe(&mut self, file: &str) -> Result<Vec<String>, Error> {
        match self.project.load(file) {
            Ok(loaded) => {
                let base = self.base(&loaded)?;
                self.loaded(&loaded, base, None)?;
                Ok(loaded.recipe.patches.into_iter().map(|patch| patch.file).collect())
            }
            Err(Error::Recipe(errors)) => {
                self.has_broken = true;
                self.file(file);
                self.linted.findings.push(errors);
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Lints patches, each in the recipes that name it.
    fn patches(&mut self, files: Vec<String>) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        let asked: BTreeSet<&String> = files.iter().collect();
        let mut named = BTreeSet::new();
        for recipe in self.project.all().unwrap_or_default() {
            // What is wrong with a recipe that was not asked for is told when it is.
            let Ok(loaded) = self.project.load(&recipe) else {
                self.has_broken = true;
                continue;
            };
            let its: BTreeSet<String> = loaded.recipe.patches.iter().map(|patch| patch.file.clone()).collect();
            let its: BTreeSet<String> = its.into_iter().filter(|file| asked.contains(file)).collect();
            if !its.is_empty() {
                let base = self.base(&loaded)?;
                self.loaded(&loaded, base, Some(&its))?;
                named.extend(its);
            }
        }
        let folders: BTreeSet<String> =
            files.iter().map(|file| file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()).collect();
        self.loose(files.into_iter().filter(|file| !named.contains(file)).collect())?;
        for folder in folders {
            let file = if folder.is_empty() { "series".to_owned() } else { format!("{folder}/series") };
            let path = self.place(&file);
            if path.is_file() && !self.linted.files.contains(&file) {
                self.series(&file, &path)?;
            }
        }
        Ok(())
    }

    /// Lints a recipe that resolves with its patches, or only some of them.
    fn loaded(
        &mut self,
        loaded: &Loaded,
        mut base: Option<Base>,
        asked: Option<&BTreeSet<String>>,
    ) -> Result<(), Error> {
        let recipe = &loaded.recipe;
        if asked.is_none() {
            self.file(&recipe.file);
        }
        let place = self.linted.findings.len();
        let mut earlier: Vec<Earlier> = Vec::new();
        let mut allows = Vec::new();
        let is_asked = |file: &String| asked.is_none_or(|asked| asked.contains(file));
        // What comes behind the last one that was asked for does not matter.
        let count = recipe.patches.iter().rposition(|patch| is_asked(&patch.file)).map_or(0, |last| last + 1);
        for (index, patch) in recipe.patches[..count].iter().enumerate() {
            let touches = Some(patch.touches.as_slice()).filter(|touches| !touches.is_empty());
            let locked = self.locked(&recipe.name, &patch.file);
            let context = Context {
                touches,
                why: Some(&patch.why),
                series: Some(Series { earlier: &earlier, after: &patch.after }),
                allows: &patch.allow,
                ..Context::default()
            };
            let is_asked = is_asked(&patch.file);
            let report = self.patch(&patch.file, context, base.as_ref(), locked.as_deref(), is_asked)?;
            let bad = report.allows.into_iter().enumerate().filter_map(|(at, problem)| Some((at, problem?)));
            allows.extend(bad.filter(|_| is_asked).map(|(at, problem)| BadAllow { patch: index, index: at, problem }));
            if let Some((base, outcome)) = base.as_mut().zip(report.outcome.as_ref()) {
                base.write(outcome.changes());
            }
            if let Some(sound) = report.patch {
                earlier.push(Earlier { patch: sound, outcome: report.outcome, after: patch.after.clone() });
            }
        }
        let conditions = Conditions { today: self.request.today, locked: self.request.options.locked, allows: &allows };
        let found = recipe::lint::lint(recipe, &loaded.text, conditions).into_iter();
        let found = found.filter(|finding| asked.is_none() || finding.rule == "bad-allow");
        let found = found.map(|finding| Box::new(finding.in_file(&recipe.file, &loaded.text)) as Finding);
        let found: Vec<Finding> = found.collect();
        // The recipe comes before its patches.
        self.linted.findings.splice(place..place, found);
        Ok(())
    }

    /// Lints patches that no recipe names, on the tree that was named, one upon the other.
    fn loose(&mut self, files: Vec<String>) -> Result<(), Error> {
        let mut base = self.request.root.map(Base::open).transpose()?;
        if base.is_none() && !files.is_empty() && !self.has_broken {
            self.lacks(String::new());
        }
        // A recipe that cannot be read may name the patch, and say why it is needed.
        let why = self.has_broken.then_some("unknown");
        for file in files {
            let report = self.patch(&file, Context { why, ..Context::default() }, base.as_ref(), None, true)?;
            if let Some((base, outcome)) = base.as_mut().zip(report.outcome) {
                base.write(outcome.changes());
            }
        }
        Ok(())
    }

    /// Lints a patch, and mends it first where that is asked for; only reads it where it is not asked for itself.
    fn patch(
        &mut self,
        name: &str,
        context: Context<'_>,
        base: Option<&Base>,
        locked: Option<&str>,
        is_asked: bool,
    ) -> Result<patch::lint::Report, Error> {
        let read = |path: &str| base.and_then(|base| base.read(path));
        let syntax = |text: &[u8]| std::str::from_utf8(text).ok().and_then(crate::registration::broken_line);
        let target = base.map(|_| Target { read: &read, syntax: &syntax });
        let context = Context { target, ..context };
        let path = self.place(name);
        if !self.texts.contains_key(name) {
            let mut text = files::read(&path)?;
            if is_asked && self.request.mend != Mend::Not {
                let fixed = fix::fix(name, &text, &context);
                text = self.mended(name, &path, &text, fixed);
            }
            self.texts.insert(name.to_owned(), text);
        } else if let Some((before, target)) = self.before.get(name).zip(target)
            && !fix::does_the_same(before, &self.texts[name], &target)
        {
            self.doubtful.insert(name.to_owned());
        }
        let text = &self.texts[name];
        if !is_asked {
            let sound = patch::parse(name, text).ok();
            let outcome = target.zip(sound.as_ref()).map(|(target, patch)| target.apply(patch));
            return Ok(patch::lint::Report { patch: sound, outcome, ..patch::lint::Report::default() });
        }
        let now = fact::sha256(&files::sha256_hex(text));
        let is_binding = self.request.options.locked;
        let checksum = locked.map(|locked| Checksum { locked, now: &now, is_binding });
        let mut report = patch::lint::report(name, text, &Context { checksum, ..context });
        let findings: Vec<patch::lint::Finding> = std::mem::take(&mut report.findings);
        let drawn: Vec<Finding> = findings.iter().map(|finding| Box::new(finding.draw(text)) as Finding).collect();
        self.tell(name, drawn);
        Ok(report)
    }

    /// Lints a quilt `series` file, and mends it first where that is asked for.
    fn series(&mut self, name: &str, path: &Path) -> Result<(), Error> {
        let mut text = files::read(path)?;
        let beside = folder::files(path);
        if self.request.mend != Mend::Not {
            let fixed = fix::fix_series(name, &text, &beside);
            text = self.mended(name, path, &text, fixed);
        }
        let findings = patch::lint::lint_series(name, &text, &beside);
        self.tell(name, findings.iter().map(|finding| Box::new(finding.draw(&text)) as Finding).collect());
        Ok(())
    }

    /// Notes what was mended in a file, and what is to be written, and returns its text.
    fn mended(&mut self, name: &str, path: &Path, before: &[u8], fixed: fix::Fixed) -> Vec<u8> {
        let note = |finding: &patch::lint::Finding, reason| Mended {
            file: name.to_owned(),
            line: finding.line,
            rule: finding.rule,
            code: finding.code,
            reason,
        };
        if self.kept.contains(name) {
            let reason = Some("the release of another recipe would become something else");
            self.linted.refused.extend(fixed.fixed.iter().map(|finding| note(finding, reason)));
            return before.to_owned();
        }
        self.linted.mended.extend(fixed.fixed.iter().map(|finding| note(finding, None)));
        self.linted.refused.extend(fixed.refused.iter().map(|refusal| note(&refusal.finding, Some(refusal.reason))));
        if fixed.text != before {
            self.linted.diffs.push(difference(name, before, &fixed.text));
            self.before.insert(name.to_owned(), before.to_owned());
            if self.request.mend == Mend::Write {
                self.writes.push((path.to_owned(), fixed.text.clone()));
            }
        }
        fixed.text
    }

    /// Returns the tree that was named, or else the release of a recipe where it is in the cache.
    fn base(&mut self, loaded: &Loaded) -> Result<Option<Base>, Error> {
        if let Some(root) = self.request.root {
            return Base::open(root).map(Some);
        }
        let recipe = &loaded.recipe;
        if recipe.patches.is_empty() {
            return Ok(None);
        }
        let expected = lock::expected_checksum(self.lock.as_ref(), loaded);
        let base = base::of_release(self.project, recipe, expected.as_deref(), self.request.options);
        if base.is_none() {
            self.lacks(upstream::label(recipe));
        }
        Ok(base)
    }

    /// Notes that a release is not there to be looked at.
    fn lacks(&mut self, label: String) {
        let looks = |needs| matches!(needs, Needs::Hints | Needs::Target);
        self.linted.unchecked_rule_count = RULES.iter().filter(|rule| looks(rule.needs)).count();
        if !self.linted.absent.contains(&label) {
            self.linted.absent.push(label);
        }
    }

    /// Returns the hash that the lock has for a file of a recipe.
    fn locked(&self, recipe: &str, file: &str) -> Option<String> {
        self.lock.as_ref()?.recipes.get(recipe)?.get(&fact::file(file)).cloned()
    }

    /// Returns where a file is: below the project's root, or below the folder that paths start from.
    fn place(&self, name: &str) -> PathBuf {
        let inside = self.project.path(name);
        if inside.is_file() { inside } else { self.request.from.join(name) }
    }

    fn file(&mut self, name: &str) {
        if !self.linted.files.iter().any(|file| file == name) {
            self.linted.files.push(name.to_owned());
        }
    }

    /// Takes the findings about a file in; what another recipe with the same file has already had is left out.
    fn tell(&mut self, name: &str, findings: Vec<Finding>) {
        let is_again = self.linted.files.iter().any(|file| file == name);
        self.file(name);
        let all = self.linted.findings.iter().filter(|_| is_again);
        let known: Vec<Written> = all.map(|finding| finding::written(finding.as_ref())).collect();
        let is_new = |finding: &Finding| !is_again || !known.contains(&finding::written(finding.as_ref()));
        self.linted.findings.extend(findings.into_iter().filter(is_new));
    }
}

/// Returns how a file changes, as a unified diff.
fn difference(name: &str, before: &[u8], after: &[u8]) -> String {
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(format!("a/{name}")).set_modified_filename(format!("b/{name}"));
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    // Blank context lines keep their space, as the lint wants it.
    let formatter = diffy::PatchFormatter::new().suppress_blank_empty(false);
    formatter.fmt_patch(&options.create_patch(&before, &after)).to_string()
}
