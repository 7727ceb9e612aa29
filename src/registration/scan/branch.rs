//! What do branches that may or may not run leave bound?

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::python::{Branch, children, condition, raises};
use super::{ALTERNATIVES_MAX, Names, Scan};

impl Scan<'_> {
    /// An `if` with its `elif`s: the branches that can run on import, and going past them all.
    pub(super) fn choose(&mut self, node: Node<'_>, depth: usize) {
        let mut outcomes = Vec::new();
        let mut may_go_past = true;
        let mut clauses = vec![node];
        clauses.extend(node.children_by_field_name("alternative", &mut node.walk()));
        for clause in clauses {
            let branch = condition(clause, self.text);
            if may_go_past && branch != Branch::Never {
                let body = clause.child_by_field_name("consequence").or_else(|| clause.child_by_field_name("body"));
                outcomes.extend(body.and_then(|body| self.branch(body, depth)));
            }
            may_go_past &= branch != Branch::Always;
        }
        if may_go_past {
            outcomes.push(Names::new());
        }
        self.merge(&outcomes);
    }

    /// A `try`: its body ran whole, or one of the handlers ran after some of it.
    pub(super) fn attempt(&mut self, node: Node<'_>, depth: usize) {
        let clauses = children(node);
        let bodies = |kind: &str| -> Vec<Node<'_>> {
            let of_kind = clauses.iter().filter(|clause| clause.kind() == kind);
            of_kind.filter_map(|clause| children(*clause).into_iter().find(|part| part.kind() == "block")).collect()
        };
        let Some(body) = node.child_by_field_name("body") else {
            return;
        };
        let (partly, body_raises) = self.run(body, depth);
        let mut outcomes = Vec::new();

        let mark = self.undo.len();
        self.merge(std::slice::from_ref(&partly));
        let else_raises = bodies("else_clause").into_iter().any(|block| {
            self.block(block, depth + 1);
            raises(block)
        });
        let whole = self.take_back(mark);
        if !body_raises && !else_raises {
            outcomes.push(whole);
        }

        self.merge(&[partly, Names::new()]);
        let handlers = [bodies("except_clause"), bodies("except_group_clause")].concat();
        let handled: Vec<Names> = handlers.into_iter().filter_map(|block| self.branch(block, depth)).collect();
        let before_handlers = self.take_back(mark);
        for names in handled {
            outcomes.push(before_handlers.clone().into_iter().chain(names).collect());
        }
        self.merge(&outcomes);
        for body in bodies("finally_clause") {
            self.block(body, depth + 1);
        }
    }

    /// A loop or a `match`: any of its blocks may run, or none.
    pub(super) fn repeat(&mut self, node: Node<'_>, depth: usize) {
        if let Some(target) = node.child_by_field_name("left") {
            self.bind_opaque(target);
        }
        let body = node.child_by_field_name("body");
        let cases = body.map_or_else(Vec::new, |body| {
            let cases = children(body).into_iter().filter(|case| case.kind() == "case_clause");
            cases.filter_map(|case| case.child_by_field_name("consequence")).collect()
        });
        let blocks = if cases.is_empty() { body.into_iter().collect() } else { cases };
        let mut outcomes = vec![Names::new()];
        for block in blocks {
            outcomes.extend(self.branch(block, depth));
        }
        self.merge(&outcomes);
        if let Some(alternative) = node.child_by_field_name("alternative") {
            self.body_of(alternative, depth);
        }
    }

    /// Runs a block, takes its effect back and returns it; `None` if the block ends the import.
    fn branch(&mut self, block: Node<'_>, depth: usize) -> Option<Names> {
        let (changed, raises) = self.run(block, depth);
        (!raises).then_some(changed)
    }

    fn run(&mut self, block: Node<'_>, depth: usize) -> (Names, bool) {
        let mark = self.undo.len();
        self.block(block, depth + 1);
        (self.take_back(mark), raises(block))
    }

    /// Restores the names as they were at `mark`, and returns those that differed, as they were now.
    fn take_back(&mut self, mark: usize) -> Names {
        let mut changed = Names::new();
        for (name, before) in self.undo.split_off(mark).into_iter().rev() {
            let now = self.names.insert(name.clone(), before).unwrap_or_default();
            changed.entry(name).or_insert(now);
        }
        changed
    }

    /// Gives each name that some outcome changed the bindings of all outcomes.
    fn merge(&mut self, outcomes: &[Names]) {
        let changed: BTreeSet<String> = outcomes.iter().flat_map(|names| names.keys().cloned()).collect();
        for name in changed {
            let before = self.names.get(&name).cloned().unwrap_or_default();
            let mut bindings: Vec<usize> = Vec::new();
            for names in outcomes {
                bindings.extend(names.get(&name).unwrap_or(&before));
            }
            bindings.sort_unstable();
            bindings.dedup();
            if bindings.len() > ALTERNATIVES_MAX {
                self.module.cut = true;
                bindings.drain(..bindings.len() - ALTERNATIVES_MAX);
            }
            self.set(name, bindings);
        }
    }
}
