//! Which names does a Python expression refer to?

use tree_sitter::Node;

use super::python::{children, leaves};
use super::{Default, Names, Reference};

/// Nesting of brackets and choices that is followed.
const DEPTH_MAX: usize = 20;

/// Returns the dotted names that an expression may evaluate to, tied to what their first parts are bound to.
///
/// In a list of bases (`is_base`) every base leaves a reference, tied to nothing where it cannot be followed, and
/// `Base[T]` counts as `Base`. Elsewhere `Base[T]` makes an alias object, which the loader does not take for a class.
pub(super) fn references(node: Node<'_>, text: &str, names: &Names, is_base: bool) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(node, text, names, is_base, DEPTH_MAX, &mut found);
    if found.is_empty() && is_base {
        let text = text[node.byte_range()].to_owned();
        found.push(Reference { text, bindings: Vec::new(), attributes: Vec::new() });
    }
    found
}

fn collect(node: Node<'_>, text: &str, names: &Names, is_base: bool, depth: usize, found: &mut Vec<Reference>) {
    let parts: Vec<Node<'_>> = match node.kind() {
        "identifier" | "attribute" => {
            found.extend(dotted(node, text, names));
            return;
        }
        "parenthesized_expression" | "boolean_operator" => children(node),
        // `a if b else c` may be `a` or `c`.
        "conditional_expression" => {
            children(node).into_iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, part)| part).collect()
        }
        "named_expression" => node.child_by_field_name("value").into_iter().collect(),
        "subscript" if is_base => node.child_by_field_name("value").into_iter().collect(),
        _ => return,
    };
    if depth > 0 {
        for part in parts {
            collect(part, text, names, is_base, depth - 1, found);
        }
    }
}

fn dotted(node: Node<'_>, text: &str, names: &Names) -> Option<Reference> {
    let mut attributes = Vec::new();
    let mut object = node;
    while object.kind() == "attribute" {
        attributes.push(text[object.child_by_field_name("attribute")?.byte_range()].to_owned());
        object = object.child_by_field_name("object")?;
    }
    if object.kind() != "identifier" {
        return None;
    }
    attributes.reverse();
    let bindings = names.get(&text[object.byte_range()]).cloned().unwrap_or_default();
    Some(Reference { text: text[node.byte_range()].to_owned(), bindings, attributes })
}

/// Returns the strings of a list or tuple of plain strings; `None` for anything else.
pub(super) fn literal_names(node: Node<'_>, text: &str) -> Option<Vec<String>> {
    if !matches!(node.kind(), "list" | "tuple") {
        return None;
    }
    children(node).into_iter().map(|item| string(item, text)).collect()
}

/// Returns the fields of a class body with their defaults: `name: str = "x"`, `name: str = Field(default="x")`.
pub(super) fn defaults(class: Node<'_>, text: &str) -> Vec<Default> {
    let Some(body) = class.child_by_field_name("body") else {
        return Vec::new();
    };
    children(body)
        .into_iter()
        .filter(|statement| statement.kind() == "expression_statement")
        .filter_map(|statement| statement.named_child(0))
        .filter(|expression| expression.kind() == "assignment")
        .filter_map(|assignment| {
            let field = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            let right = assignment.child_by_field_name("right");
            let value = right
                .and_then(|right| if right.kind() == "call" { default_argument(right, text) } else { Some(right) });
            Some(Default {
                field: text[field.byte_range()].to_owned(),
                value: value.and_then(|value| string(value, text)),
                span: value.unwrap_or(field).byte_range(),
            })
        })
        .collect()
}

/// The first argument of `Field(…)`, or the one called `default`.
fn default_argument<'t>(call: Node<'t>, text: &str) -> Option<Node<'t>> {
    let arguments = children(call.child_by_field_name("arguments")?);
    let keyword = |argument: &Node<'t>| {
        let name = argument.child_by_field_name("name")?;
        (&text[name.byte_range()] == "default").then(|| argument.child_by_field_name("value"))?
    };
    let first = arguments.first().filter(|argument| argument.kind() == "string");
    first.copied().or_else(|| arguments.iter().find_map(keyword))
}

fn string(node: Node<'_>, text: &str) -> Option<String> {
    let is_plain = node.kind() == "string"
        && leaves(node, "interpolation").is_empty()
        && leaves(node, "escape_sequence").is_empty();
    is_plain.then(|| leaves(node, "string_content").iter().map(|part| &text[part.byte_range()]).collect())
}
