//! Every controller that the native engine knows, one line each.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Controller;
use crate::controller::config::Error;
use crate::controller::config::Model;
use crate::controller::pmm_simple;

/// Builds a controller from its configuration.
type Build = fn(&Map<String, Value>, Model) -> Result<Box<dyn Controller>, Error>;

/// The controllers: type, name, how to build one.
const CONTROLLERS: [(&str, &str, Build); 1] = [("market_making", "pmm_simple", pmm_simple::build)];

/// Builds the controller that a configuration names, read as `model` reads it.
///
/// # Errors
///
/// Refuses an unknown controller and a configuration that the controller refuses.
pub fn build(values: &Map<String, Value>, model: Model) -> Result<Box<dyn Controller>, Error> {
    let text = |key| values.get(key).and_then(Value::as_str).unwrap_or_default();
    let (controller_type, name) = (text("controller_type"), text("controller_name"));
    let found = CONTROLLERS.iter().find(|(known_type, known, _)| *known == name && *known_type == controller_type);
    match found {
        Some((_, _, build)) => build(values, model),
        None => Err(Error::UnknownController {
            name: name.to_owned(),
            controller_type: controller_type.to_owned(),
            known: CONTROLLERS.iter().map(|(_, name, _)| *name).collect(),
        }),
    }
}
