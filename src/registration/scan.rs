//! What has a Python module bound to which name when its execution ends?

mod branch;
mod expression;
mod python;

use std::collections::BTreeMap;
use std::ops::Range;

use tree_sitter::{Node, Parser, Tree};

use expression::{defaults, literal_names, references};
use python::{children, leaves, targets};

/// Bindings that are kept of one module. A module of upstream has a few hundred.
const BINDINGS_MAX: usize = 50_000;
/// Ways to bind one name, through branches, that are kept.
const ALTERNATIVES_MAX: usize = 64;
/// Depth of blocks. Python itself refuses more than 100 levels of indentation.
const DEPTH_MAX: usize = 100;
/// Longest module that is read, in bytes.
const SOURCE_BYTES_MAX: usize = 1 << 20;

/// A module after its execution.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Dotted name.
    pub(super) name: String,
    /// Every binding in order of execution; what names and references point at.
    pub(super) bindings: Vec<Binding>,
    /// Each name's possible bindings at the end.
    pub(super) namespace: BTreeMap<String, Vec<usize>>,
    /// Class statements in order of execution.
    pub(super) classes: Vec<Class>,
    /// `__all__`, where it is written as a plain list.
    pub(super) exports: Option<Vec<String>>,
    /// Whether a bound of this file was reached, so that something may be missing.
    pub(super) cut: bool,
}

/// One execution of something that binds a name.
#[derive(Debug)]
pub(super) struct Binding {
    /// Where the name stands, in bytes.
    pub(super) span: Range<usize>,
    /// What the name then stands for.
    pub(super) origin: Origin,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// The class statement at this index.
    Class(usize),
    /// The dotted module.
    Module(String),
    /// A name of another module.
    Member { module: String, name: String },
    /// What other names stand for: an assignment, with one reference a possible outcome.
    Alias(Vec<Reference>),
    /// A value that is no class: a function, an instance, the result of a call.
    Opaque,
}

/// A class statement.
#[derive(Debug)]
pub(super) struct Class {
    /// Name in the statement: the class's `__name__`.
    pub(super) name: String,
    /// Where that name stands, in bytes.
    pub(super) span: Range<usize>,
    /// Its bases, in order.
    pub(super) bases: Vec<Reference>,
    /// Fields of the class body.
    pub(super) defaults: Vec<Default>,
}

/// A field of a class body, with what it is set to.
#[derive(Debug, Clone)]
pub(super) struct Default {
    /// Name of the field.
    pub(super) field: String,
    /// Its default if that is a plain string; `None` for another default, or none.
    pub(super) value: Option<String>,
    /// Where the default stands, or else the field, in bytes.
    pub(super) span: Range<usize>,
}

/// A dotted name, tied to what its first part was bound to when it was evaluated.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// As written.
    pub(super) text: String,
    /// Possible bindings of the first part. Empty for a builtin, and for an expression that is no dotted name.
    pub(super) bindings: Vec<usize>,
    /// The parts after the first.
    pub(super) attributes: Vec<String>,
}

/// Parses Python, or returns `None` for a text that is too long.
pub(super) fn parse(text: &str) -> Option<Tree> {
    if text.len() > SOURCE_BYTES_MAX {
        return None;
    }
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar is built for this version of the parser");
    parser.parse(text, None)
}

/// Returns the place of the first thing that is no Python 3, in bytes.
pub(super) fn syntax_error(tree: &Tree) -> Option<Range<usize>> {
    python::first_error(tree.root_node())
}

/// Executes the statements of a module, as far as names are concerned.
///
/// `package` is the package that relative imports start from. `exports` answers which names `from MODULE import *` binds.
pub(super) fn scan(
    name: &str,
    package: &str,
    text: &str,
    tree: &Tree,
    exports: &mut dyn FnMut(&str) -> Vec<String>,
) -> Module {
    let module = Module { name: name.to_owned(), ..Module::default() };
    let mut scan = Scan { module, package, text, exports, names: BTreeMap::new(), undo: Vec::new() };
    scan.block(tree.root_node(), 0);
    Module { namespace: scan.names, ..scan.module }
}

type Names = BTreeMap<String, Vec<usize>>;

struct Scan<'a> {
    module: Module,
    package: &'a str,
    text: &'a str,
    exports: &'a mut dyn FnMut(&str) -> Vec<String>,
    names: Names,
    /// What names held before each change, so that a branch can be taken back without copying all names.
    undo: Vec<(String, Vec<usize>)>,
}

impl<'a> Scan<'a> {
    fn block(&mut self, block: Node<'_>, depth: usize) {
        if depth > DEPTH_MAX {
            self.module.cut = true;
            return;
        }
        for statement in children(block) {
            if self.module.bindings.len() >= BINDINGS_MAX {
                self.module.cut = true;
                return;
            }
            self.statement(statement, depth);
        }
    }

    fn statement(&mut self, node: Node<'_>, depth: usize) {
        match node.kind() {
            "import_statement" => self.import(node),
            "import_from_statement" => self.import_from(node),
            "class_definition" => self.class(node),
            "function_definition" => self.bind_field(node, "name"),
            "decorated_definition" => {
                if let Some(definition) = node.child_by_field_name("definition") {
                    self.statement(definition, depth);
                }
            }
            "expression_statement" => {
                for expression in children(node) {
                    self.expression(expression);
                }
            }
            "delete_statement" => self.delete(node),
            "if_statement" => self.choose(node, depth),
            "try_statement" => self.attempt(node, depth),
            "for_statement" | "while_statement" | "match_statement" => self.repeat(node, depth),
            "with_statement" => {
                for target in leaves(node, "as_pattern_target") {
                    self.bind_opaque(target);
                }
                self.body_of(node, depth);
            }
            "type_alias_statement" => self.bind_field(node, "left"),
            _ => {}
        }
    }

    fn import(&mut self, node: Node<'_>) {
        for name in node.children_by_field_name("name", &mut node.walk()) {
            if let Some((path, alias)) = self.aliased(name) {
                self.bind(self.slice(alias).to_owned(), alias.byte_range(), Origin::Module(path));
            } else {
                // `import a.b` binds `a` alone.
                let first = name.named_child(0).unwrap_or(name);
                let first_name = self.slice(first).to_owned();
                self.bind(first_name.clone(), name.byte_range(), Origin::Module(first_name));
            }
        }
    }

    fn import_from(&mut self, node: Node<'_>) {
        let Some(from) = node.child_by_field_name("module_name") else {
            return;
        };
        let Some(module) = self.absolute(from) else {
            return;
        };
        for name in node.children_by_field_name("name", &mut node.walk()) {
            let (member, bound) = match self.aliased(name) {
                Some((member, alias)) => (member, alias),
                None => (self.slice(name).to_owned(), name),
            };
            let origin = Origin::Member { module: module.clone(), name: member };
            self.bind(self.slice(bound).to_owned(), bound.byte_range(), origin);
        }
        if let Some(star) = children(node).into_iter().find(|child| child.kind() == "wildcard_import") {
            for name in (self.exports)(&module) {
                let origin = Origin::Member { module: module.clone(), name: name.clone() };
                self.bind(name, star.byte_range(), origin);
            }
        }
    }

    /// Returns `a.b` and the alias's node of `a.b as c`.
    fn aliased<'t>(&self, node: Node<'t>) -> Option<(String, Node<'t>)> {
        let name = node.child_by_field_name("name")?;
        Some((self.dotted(name), node.child_by_field_name("alias")?))
    }

    /// Returns the dotted module that an import names, or `None` if it climbs out of the top package.
    fn absolute(&self, node: Node<'_>) -> Option<String> {
        if node.kind() != "relative_import" {
            return Some(self.dotted(node));
        }
        let text = self.dotted(node);
        let rest = text.trim_start_matches('.');
        let mut base = self.package;
        for _ in 1..text.len() - rest.len() {
            base = base.rsplit_once('.')?.0;
        }
        match (base, rest) {
            ("", _) => None,
            (_, "") => Some(base.to_owned()),
            _ => Some(format!("{base}.{rest}")),
        }
    }

    fn class(&mut self, node: Node<'_>) {
        let Some(name) = node.child_by_field_name("name") else {
            return;
        };
        let bases = node.child_by_field_name("superclasses").map_or_else(Vec::new, |bases| {
            let written = children(bases).into_iter().filter(|base| base.kind() != "keyword_argument");
            written.flat_map(|base| references(base, self.text, &self.names, true)).collect()
        });
        let class = Class {
            name: self.slice(name).to_owned(),
            span: name.byte_range(),
            bases,
            defaults: defaults(node, self.text),
        };
        let origin = Origin::Class(self.module.classes.len());
        self.bind(class.name.clone(), name.byte_range(), origin);
        self.module.classes.push(class);
    }

    fn expression(&mut self, node: Node<'_>) {
        match node.kind() {
            "assignment" => self.assign(node),
            "augmented_assignment" => {
                let Some(left) = node.child_by_field_name("left") else {
                    return;
                };
                if self.slice(left) == "__all__" {
                    let more = node.child_by_field_name("right").and_then(|list| literal_names(list, self.text));
                    self.module.exports = self.module.exports.take().zip(more).map(|(all, more)| [all, more].concat());
                }
                self.bind_opaque(left);
            }
            _ => {}
        }
    }

    /// `a = b = value` nests to the right; a target gets what the innermost value is.
    fn assign(&mut self, node: Node<'_>) {
        let mut targets = Vec::new();
        let mut value = Some(node);
        while let Some(assignment) = value.filter(|value| value.kind() == "assignment") {
            targets.extend(assignment.child_by_field_name("left"));
            value = assignment.child_by_field_name("right");
        }
        // `name: type` alone binds nothing.
        let Some(value) = value else { return };
        for target in targets {
            self.assign_to(target, value);
        }
    }

    fn assign_to(&mut self, target: Node<'_>, value: Node<'_>) {
        if target.kind() == "identifier" {
            let name = self.slice(target).to_owned();
            if name == "__all__" {
                self.module.exports = literal_names(value, self.text);
            }
            let references = references(value, self.text, &self.names, false);
            let origin = if references.is_empty() { Origin::Opaque } else { Origin::Alias(references) };
            self.bind(name, target.byte_range(), origin);
            return;
        }
        let (targets, values) = (children(target), children(value));
        let is_pairwise = matches!(value.kind(), "expression_list" | "tuple" | "list")
            && targets.len() == values.len()
            && targets.iter().all(|target| target.kind() == "identifier");
        if is_pairwise {
            targets.into_iter().zip(values).for_each(|(target, value)| self.assign_to(target, value));
        } else {
            self.bind_opaque(target);
        }
    }

    fn delete(&mut self, node: Node<'_>) {
        for name in targets(node) {
            self.set(self.slice(name).to_owned(), Vec::new());
        }
    }

    fn body_of(&mut self, node: Node<'_>, depth: usize) {
        if let Some(body) = node.child_by_field_name("body") {
            self.block(body, depth + 1);
        }
    }

    fn bind_field(&mut self, node: Node<'_>, field: &str) {
        if let Some(name) = node.child_by_field_name(field) {
            self.bind_opaque(name);
        }
    }

    fn bind_opaque(&mut self, target: Node<'_>) {
        for name in targets(target) {
            self.bind(self.slice(name).to_owned(), name.byte_range(), Origin::Opaque);
        }
    }

    fn bind(&mut self, name: String, span: Range<usize>, origin: Origin) {
        if self.module.bindings.len() >= BINDINGS_MAX {
            self.module.cut = true;
            return;
        }
        self.module.bindings.push(Binding { span, origin });
        self.set(name, vec![self.module.bindings.len() - 1]);
    }

    fn set(&mut self, name: String, bindings: Vec<usize>) {
        let before = self.names.insert(name.clone(), bindings).unwrap_or_default();
        self.undo.push((name, before));
    }

    /// A dotted name without the spaces that Python allows around its dots.
    fn dotted(&self, node: Node<'_>) -> String {
        self.slice(node).split_whitespace().collect()
    }

    fn slice(&self, node: Node<'_>) -> &'a str {
        &self.text[node.byte_range()]
    }
}
