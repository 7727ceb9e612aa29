//! `bollinger_v2`: `bollinger_v1` with a longer memory.
//!
//! The two differ in how upstream computes the bands, pandas-ta or TA-Lib directly, which moves no value. A live bot keeps
//! five times as many candles for this one, which moves the last bits of the bands, and lets a flat stretch move more rows.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Controller;
use crate::controller::Setting;
use crate::controller::bollinger_v1::BollingerV1;
use crate::controller::config::Error;

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let mut controller = BollingerV1::read("bollinger_v2", values, setting, 5)?;
    // It asks TA-Lib itself, which computes from any number of candles.
    controller.candle_count_min = 0;
    Ok(Box::new(controller))
}
