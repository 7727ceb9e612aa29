//! What can be set on a controller, for a page that asks people for it.

use serde::Serialize;
use serde_json::Value;

use crate::controller::form;

/// Everything that can be set on one controller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Form {
    /// The `controller_name`.
    pub name: &'static str,
    /// The `controller_type`.
    #[serde(rename = "type")]
    pub controller_type: &'static str,
    /// What it does, in one sentence.
    pub title: &'static str,
    /// What can be set, in the order in which a form shows it.
    pub fields: Vec<Field>,
}

/// One key of a configuration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What its value is: `text`, `decimal`, `integer`, `flag`, `choice`, `decimal_list` or `object`.
    pub kind: &'static str,
    /// The value that a form begins with.
    pub default: Value,
    /// What the value is counted in; empty where it is not counted.
    pub unit: &'static str,
    /// The least value; `None` where there is none.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
    /// The values that there are; empty where any is.
    pub choices: &'static [&'static str],
    /// What it does.
    pub doc: &'static str,
    /// Whether Hummingbot fails where it is left out.
    pub is_required: bool,
}

/// Returns the forms of all controllers.
#[must_use]
pub fn forms() -> Vec<Form> {
    let field = |field: &form::Field| Field {
        key: field.key,
        kind: field.kind.name(),
        default: serde_json::from_str(field.default).unwrap_or(Value::Null),
        unit: field.unit,
        min: field.min,
        max: field.max,
        choices: field.choices,
        doc: field.doc,
        is_required: field.is_required,
    };
    let told = |form: form::Form| Form {
        name: form.name,
        controller_type: form.controller_type,
        title: form.doc,
        fields: form.fields.iter().map(field).collect(),
    };
    form::forms().into_iter().map(told).collect()
}
