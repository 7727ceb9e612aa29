//! Every controller that the native engine knows, one line each.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Controller;
use crate::controller::Setting;
use crate::controller::bollinger_v1;
use crate::controller::bollinger_v2;
use crate::controller::bollingrid;
use crate::controller::config::Error;
use crate::controller::dman_maker_v2;
use crate::controller::dman_v3;
use crate::controller::grid_strike;
use crate::controller::macd_bb_v1;
use crate::controller::multi_grid_strike;
use crate::controller::pmm_dynamic;
use crate::controller::pmm_dynamic_2;
use crate::controller::pmm_mister;
use crate::controller::pmm_simple;
use crate::controller::pmm_v1;
use crate::controller::supertrend_v1;
use crate::controller::unrunnable;

/// Builds a controller from its configuration.
pub type Build = fn(&Map<String, Value>, &Setting) -> Result<Box<dyn Controller>, Error>;

/// The controllers: type, name, how to build one.
const CONTROLLERS: [(&str, &str, Build); 14] = [
    ("market_making", "pmm_simple", pmm_simple::build),
    ("market_making", "pmm_dynamic", pmm_dynamic::build),
    ("market_making", "pmm_dynamic_2", pmm_dynamic_2::build),
    ("market_making", "dman_maker_v2", dman_maker_v2::build),
    ("directional_trading", "bollinger_v1", bollinger_v1::build),
    ("directional_trading", "bollinger_v2", bollinger_v2::build),
    ("directional_trading", "macd_bb_v1", macd_bb_v1::build),
    ("directional_trading", "supertrend_v1", supertrend_v1::build),
    ("directional_trading", "dman_v3", dman_v3::build),
    ("directional_trading", "bollingrid", bollingrid::build),
    ("generic", "grid_strike", grid_strike::build),
    ("generic", "multi_grid_strike", multi_grid_strike::build),
    ("generic", "pmm_v1", pmm_v1::build),
    ("generic", "pmm_mister", pmm_mister::build),
];

/// Builds the controller that a configuration names.
///
/// # Errors
///
/// Refuses an unknown controller, one that Hummingbot itself cannot backtest, and a configuration that the controller
/// refuses.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let text = |key| values.get(key).and_then(Value::as_str).unwrap_or_default();
    let (controller_type, name) = (text("controller_type"), text("controller_name"));
    let found = CONTROLLERS.iter().find(|(known_type, known, _)| *known == name && *known_type == controller_type);
    if let Some((_, _, build)) = found {
        return build(values, setting);
    }
    Err(unrunnable::refusal(controller_type, name).unwrap_or_else(|| Error::UnknownController {
        name: name.to_owned(),
        controller_type: controller_type.to_owned(),
        known: CONTROLLERS.iter().map(|(_, name, _)| *name).collect(),
    }))
}
