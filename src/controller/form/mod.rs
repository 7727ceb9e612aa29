//! What can be set on a controller, with which default and in which unit: what a form for it is made of.
//!
//! The defaults are those of Hummingbot's newest models. Keys that say nothing about a replay, such as `id`, are left out, and
//! so are `controller_name` and `controller_type`, which choose the form.

mod fields;

use crate::controller::form::fields::Group;

/// Everything that can be set on one controller.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// The `controller_name`.
    pub name: &'static str,
    /// The `controller_type`.
    pub controller_type: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What can be set, in the order in which a form shows it.
    pub fields: Vec<Field>,
}

/// One key of a configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value that a form begins with, as JSON text.
    pub default: &'static str,
    /// What the value is counted in; empty where it is not counted.
    pub unit: &'static str,
    /// The least value; `None` where there is none.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
    /// The values that there are; empty where any is.
    pub choices: &'static [&'static str],
    /// Whether Hummingbot fails where it is left out.
    pub is_required: bool,
    /// What it does.
    pub doc: &'static str,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A number, exact to the last digit; given as text.
    Decimal,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// One of some words.
    Choice,
    /// Numbers with commas between them; given as text.
    DecimalList,
    /// A table of its own, as JSON.
    Object,
}

impl Kind {
    /// Returns the kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::Flag => "flag",
            Self::Choice => "choice",
            Self::DecimalList => "decimal_list",
            Self::Object => "object",
        }
    }
}

/// Returns the forms of all controllers, in the registry's order.
#[must_use]
pub fn forms() -> Vec<Form> {
    fields::CONTROLLERS
        .iter()
        .map(|(name, controller_type, doc, groups)| form(name, controller_type, doc, groups))
        .collect()
}

/// Puts a form together; a later field of a key takes the place of an earlier one, with its own default.
fn form(name: &'static str, controller_type: &'static str, doc: &'static str, groups: &[Group]) -> Form {
    let mut all: Vec<Field> = Vec::new();
    for field in groups.iter().flat_map(|group| group.iter()) {
        match all.iter_mut().find(|known| known.key == field.key) {
            Some(known) => *known = *field,
            None => all.push(*field),
        }
    }
    Form { name, controller_type, doc, fields: all }
}
