//! Which classes does a name stand for, through all the modules it comes through?

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::scan::{self, Class, Module, Origin, Reference};

/// Steps from name to name, base to base and module to module that are followed before giving up.
const DEPTH_MAX: usize = 200;
/// Modules that are read for one registration. A controller of upstream needs about ten.
const MODULES_MAX: usize = 2_000;
/// Packages whose modules have to be found; all others are other people's and hold no controllers.
const OURS: [&str; 2] = ["hummingbot", "controllers"];

/// Identity of a class object: its module, and its class statement there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassId {
    module: usize,
    class: usize,
}

/// Something of our packages that could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missing {
    /// Module that asks for it.
    pub(super) importer: String,
    /// Where it asks, in bytes of the importer.
    pub(super) start: usize,
    /// End of that place.
    pub(super) end: usize,
    /// What is missing: a module, or a name in it.
    pub(super) what: String,
    /// Why, fit to follow a colon.
    pub(super) why: &'static str,
}

/// What a name may stand for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Class(ClassId),
    Module(String),
}

/// The modules read so far.
pub(super) struct Library<'a> {
    find: &'a dyn Fn(&str) -> Option<String>,
    modules: Vec<Module>,
    /// Dotted name to module; `None` for one that is absent, or that is being read.
    index: BTreeMap<String, Option<usize>>,
    /// Answers by module and binding; `None` while one is being worked out, which ends circles.
    values: BTreeMap<(usize, usize), Option<Vec<Value>>>,
    ancestry: BTreeMap<(ClassId, ClassId), bool>,
    missing: BTreeSet<Missing>,
    depth: usize,
}

impl<'a> Library<'a> {
    pub(super) fn new(find: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            find,
            modules: Vec::new(),
            index: BTreeMap::new(),
            values: BTreeMap::new(),
            ancestry: BTreeMap::new(),
            missing: BTreeSet::new(),
            depth: 0,
        }
    }

    /// Adds the module under examination, which others may import in turn.
    pub(super) fn add(&mut self, name: &str, package: &str, text: &str, tree: &tree_sitter::Tree) -> usize {
        self.index.insert(name.to_owned(), None);
        let module = scan::scan(name, package, text, tree, &mut |star| self.exports(star));
        if module.cut {
            self.miss(name, 0..0, name.to_owned(), "it is too large to be followed whole");
        }
        self.modules.push(module);
        let added = self.modules.len() - 1;
        self.index.insert(name.to_owned(), Some(added));
        added
    }

    /// Adds an empty package where the tree has none, as the environment will.
    pub(super) fn add_package(&mut self, name: &str) {
        if self.load(name).is_none() {
            self.modules.push(Module { name: name.to_owned(), ..Module::default() });
            self.index.insert(name.to_owned(), Some(self.modules.len() - 1));
        }
    }

    pub(super) fn module(&self, module: usize) -> &Module {
        &self.modules[module]
    }

    pub(super) fn class(&self, id: ClassId) -> &Class {
        &self.modules[id.module].classes[id.class]
    }

    /// Returns the dotted path of a class, where it is defined.
    pub(super) fn path(&self, id: ClassId) -> String {
        format!("{}.{}", self.modules[id.module].name, self.class(id).name)
    }

    /// Returns the module that defines a class.
    pub(super) fn home(id: ClassId) -> usize {
        id.module
    }

    /// Returns the classes that a module's name may stand for when its execution ends.
    pub(super) fn classes(&mut self, module: usize, name: &str) -> Vec<ClassId> {
        let bindings = self.modules[module].namespace.get(name).cloned().unwrap_or_default();
        classes_among(self.values_of_all(module, &bindings))
    }

    /// Returns the binding through which a module's name stands for a class.
    pub(super) fn binding_to(&mut self, module: usize, name: &str, class: ClassId) -> usize {
        let bindings = self.modules[module].namespace[name].clone();
        let leads_there = |binding: &usize| self.values(module, *binding).contains(&Value::Class(class));
        bindings.iter().copied().find(leads_there).unwrap_or(bindings[0])
    }

    /// Returns the classes under a dotted module and a name in it.
    pub(super) fn classes_at(&mut self, module: &str, name: &str) -> Vec<ClassId> {
        self.load(module).map_or_else(Vec::new, |module| self.classes(module, name))
    }

    /// Returns the classes that a base of a class may stand for.
    pub(super) fn base_classes(&mut self, id: ClassId, base: usize) -> Vec<ClassId> {
        let reference = self.class(id).bases[base].clone();
        let span = self.class(id).span.clone();
        classes_among(self.follow(id.module, &reference, &span))
    }

    /// Returns whether a class may be another one or descend from it.
    pub(super) fn descends(&mut self, id: ClassId, ancestor: ClassId) -> bool {
        if id == ancestor {
            return true;
        }
        if let Some(known) = self.ancestry.get(&(id, ancestor)) {
            return *known;
        }
        // No class descends from itself; where alternatives make it look so, that way leads nowhere.
        self.ancestry.insert((id, ancestor), false);
        let descends = self.deeper(id.module, |library| {
            (0..library.class(id).bases.len())
                .any(|base| library.base_classes(id, base).into_iter().any(|base| library.descends(base, ancestor)))
        });
        self.ancestry.insert((id, ancestor), descends);
        descends
    }

    /// Returns what of our packages could not be followed, in order of importer and place.
    pub(super) fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.missing.iter()
    }

    /// Reads a module if there is one.
    fn load(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.index.get(name) {
            return *known;
        }
        self.index.insert(name.to_owned(), None);
        if self.modules.len() >= MODULES_MAX || self.depth >= DEPTH_MAX {
            self.miss(name, 0..0, name.to_owned(), "too many other modules lead to it");
            return None;
        }
        let text = (self.find)(name)?;
        let tree = scan::parse(&text)?;
        let is_package = (self.find)(&format!("{name}.__init__")).is_some();
        let package = if is_package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) };
        self.depth += 1;
        let module = self.add(name, package, &text, &tree);
        self.depth -= 1;
        Some(module)
    }

    /// Returns what `from MODULE import *` binds. Nothing for a module that is being read, as in Python.
    fn exports(&mut self, module: &str) -> Vec<String> {
        let Some(module) = self.load(module) else {
            return Vec::new();
        };
        let module = &self.modules[module];
        module.exports.clone().unwrap_or_else(|| {
            let bound = module.namespace.iter().filter(|(_, bindings)| !bindings.is_empty());
            bound.map(|(name, _)| name.clone()).filter(|name| !name.starts_with('_')).collect()
        })
    }

    fn values_of_all(&mut self, module: usize, bindings: &[usize]) -> Vec<Value> {
        let mut values: Vec<Value> = bindings.iter().flat_map(|binding| self.values(module, *binding)).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    fn values(&mut self, module: usize, binding: usize) -> Vec<Value> {
        if let Some(known) = self.values.get(&(module, binding)) {
            return known.clone().unwrap_or_default();
        }
        self.values.insert((module, binding), None);
        let bound = &self.modules[module].bindings[binding];
        let (origin, span) = (bound.origin.clone(), bound.span.clone());
        let values = self.deeper(module, |library| match origin {
            Origin::Class(class) => vec![Value::Class(ClassId { module, class })],
            Origin::Module(name) => vec![Value::Module(name)],
            Origin::Member { module: from, name } => library.member(module, &span, &from, &name),
            Origin::Alias(references) => {
                references.iter().flat_map(|reference| library.follow(module, reference, &span)).collect()
            }
            Origin::Opaque => Vec::new(),
        });
        self.values.insert((module, binding), Some(values.clone()));
        values
    }

    fn follow(&mut self, module: usize, reference: &Reference, span: &Range<usize>) -> Vec<Value> {
        let mut values = self.values_of_all(module, &reference.bindings);
        for attribute in &reference.attributes {
            let mut next = Vec::new();
            for value in values {
                // A class inside a class is never a member of a module.
                if let Value::Module(from) = value {
                    next.extend(self.member(module, span, &from, attribute));
                }
            }
            values = next;
        }
        values
    }

    /// What a name of another module stands for: what that module binds, or else its submodule of that name.
    fn member(&mut self, importer: usize, span: &Range<usize>, from: &str, name: &str) -> Vec<Value> {
        let loaded = self.load(from);
        let bindings = loaded.and_then(|module| self.modules[module].namespace.get(name).cloned()).unwrap_or_default();
        if let Some(module) = loaded {
            // `from . import part` in a package binds what it is asking for: then only the submodule can be meant.
            let values = self.values_of_all(module, &bindings);
            if !values.is_empty() {
                return values;
            }
        }
        let submodule = format!("{from}.{name}");
        if self.load(&submodule).is_some() {
            return vec![Value::Module(submodule)];
        }
        if bindings.is_empty() && OURS.contains(&from.split('.').next().unwrap_or(from)) {
            let importer = self.modules[importer].name.clone();
            if loaded.is_some() {
                self.miss(&importer, span.clone(), submodule, "the module binds no such name");
            } else {
                self.miss(&importer, span.clone(), from.to_owned(), "there is no such module to read");
            }
        }
        Vec::new()
    }

    fn miss(&mut self, importer: &str, span: Range<usize>, what: String, why: &'static str) {
        self.missing.insert(Missing { importer: importer.to_owned(), start: span.start, end: span.end, what, why });
    }

    /// Goes one step further, unless that would be one too many.
    fn deeper<T: Default>(&mut self, module: usize, step: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEPTH_MAX {
            let name = self.modules[module].name.clone();
            self.miss(&name.clone(), 0..0, name, "its names lead through too many others");
            return T::default();
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }
}

fn classes_among(values: Vec<Value>) -> Vec<ClassId> {
    let classes = values.into_iter().filter_map(|value| match value {
        Value::Class(id) => Some(id),
        Value::Module(_) => None,
    });
    classes.collect()
}
