//! What shape does a piece of Python's syntax tree have?

use std::ops::Range;

use tree_sitter::Node;

/// Whether a branch runs when its module is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    /// It runs.
    Always,
    /// It may run.
    Maybe,
    /// It does not run.
    Never,
}

/// Returns whether the branch of an `if`, `elif` or `else` runs on import, if the ones before it do not.
pub(super) fn condition(clause: Node<'_>, text: &str) -> Branch {
    match clause.child_by_field_name("condition") {
        Some(condition) => truth(condition, text),
        None => Branch::Always,
    }
}

fn truth(condition: Node<'_>, text: &str) -> Branch {
    let (mut condition, mut is_negated) = (condition, false);
    while matches!(condition.kind(), "parenthesized_expression" | "not_operator") {
        is_negated ^= condition.kind() == "not_operator";
        let Some(inner) = condition.named_child(0) else {
            return Branch::Maybe;
        };
        condition = inner;
    }
    let written = &text[condition.byte_range()];
    let is_true = match condition.kind() {
        "true" => true,
        "false" | "none" => false,
        "integer" => written != "0",
        // True for type checkers only: on import it is False.
        "identifier" | "attribute" if written.rsplit('.').next() == Some("TYPE_CHECKING") => false,
        "comparison_operator" if is_main_guard(written) => false,
        _ => return Branch::Maybe,
    };
    if is_true == is_negated { Branch::Never } else { Branch::Always }
}

/// `__name__ == "__main__"` is what an imported module is not.
fn is_main_guard(condition: &str) -> bool {
    condition.contains("__name__") && condition.contains("__main__") && condition.contains("==")
}

/// Returns the named children of a node, without comments.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).filter(|child| child.kind() != "comment").collect()
}

/// Returns whether a block ends in an exception, and the import with it.
pub(super) fn raises(block: Node<'_>) -> bool {
    children(block).iter().any(|statement| statement.kind() == "raise_statement")
}

/// Returns the plain names that a target binds or a `del` unbinds: `a` and `b` of `(a, *b), c.d, e[f]`.
pub(super) fn targets(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node.kind() {
            "identifier" => found.push(node),
            "attribute" | "subscript" | "call" => {}
            _ => open.extend(children(node).into_iter().rev()),
        }
    }
    found
}

/// Returns all nodes of one kind below a node and the node itself, in order, without going into blocks.
pub(super) fn leaves<'t>(node: Node<'t>, kind: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.kind() == kind {
            found.push(node);
        } else if node.kind() != "block" {
            open.extend(children(node).into_iter().rev());
        }
    }
    found
}

/// Returns the place of the first node that is no Python 3.
pub(super) fn first_error(root: Node<'_>) -> Option<Range<usize>> {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let is_python_2 = matches!(node.kind(), "print_statement" | "exec_statement");
        if node.is_error() || node.is_missing() || is_python_2 {
            return Some(node.byte_range());
        }
        // Only a tree that has an error somewhere, or an old statement, is worth the walk; both can hide anywhere.
        open.extend(node.children(&mut node.walk()).collect::<Vec<_>>().into_iter().rev());
    }
    None
}
