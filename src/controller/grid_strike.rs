//! When `grid_strike` opens its grid: whenever none is active and the close lies within its range.
//!
//! The controller never stops a grid. One that ends at a candle is opened again at that candle, if its range allows. It
//! computes nothing that a backtest could freeze, so both kinds of replay decide alike.

use std::ops::RangeInclusive;

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::grid;
use crate::executor::ExecutorConfig;
use crate::executor::grid::GridConfig;
use crate::market::Decimal;

/// The keys that say where the grid lies.
const KEYS: [Key; 4] = [("side", ALWAYS), ("start_price", ALWAYS), ("end_price", ALWAYS), ("limit_price", ALWAYS)];

/// What `grid_strike` decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct GridStrike {
    /// The grid; its time is that of the candle that opens it.
    grid: GridConfig,
    /// The closes that it is opened at.
    closes: RangeInclusive<f64>,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and releases whose backtester does not know grids.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    grid::check_release(setting.model)?;
    let reader = Reader::open("grid_strike", values, &[&grid::KEYS[..], &KEYS].concat(), setting.model)?;
    let common = grid::read(reader, "grid_strike", setting)?;
    let grid = grid::place(reader, &common)?;
    Ok(Box::new(GridStrike { grid, closes: closes_within(grid.start_price, grid.end_price) }))
}

impl Controller for GridStrike {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let opened = self.open(moment.time, moment.close, !moment.active.is_empty());
        actions.extend(opened.map(|grid| Action::Create(ExecutorConfig::Grid(Box::new(grid)))));
        Ok(())
    }

    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        // Nothing is opened beside a grid that is active, and nothing is ever stopped.
        if moment.active.is_empty() { moment.time } else { i64::MAX }
    }

    fn total_amount_quote(&self) -> Decimal {
        self.grid.total_amount_quote
    }
}

impl GridStrike {
    /// Returns the grid to open at a close, if there is one. Grids that end at this candle count as ended.
    #[must_use]
    pub fn open(&self, time: i64, close: f64, is_active: bool) -> Option<GridConfig> {
        let opens = !is_active && self.closes.contains(&close);
        opens.then_some(GridConfig { time, ..self.grid })
    }
}

/// Returns the closes between two prices, both inclusive.
///
/// Upstream compares the exact value of a close, so the prices are not rounded to floats but to those on the inside.
#[must_use]
pub fn closes_within(start_price: Decimal, end_price: Decimal) -> RangeInclusive<f64> {
    start_price.ceil_f64()..=end_price.floor_f64()
}
