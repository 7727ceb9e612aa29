//! When `multi_grid_strike` opens its grids: at **every** candle whose close lies within their range.
//!
//! Upstream remembers which grid has an executor in `update_processed_data`, which a backtest calls once, before the first
//! candle. So no grid ever has one, and a single day opens a thousand of them, each with the whole share of the budget.
//!
//! A live bot remembers, and so does a causal replay: a grid is not opened again while it is active, nor afterwards as long
//! as the controller can see that it was. Where controllers never forget (before v2.17), each grid is opened once.

use std::ops::RangeInclusive;

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Mode;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::config::wrong;
use crate::controller::grid;
use crate::controller::grid_strike::closes_within;
use crate::controller::market_making::number;
use crate::executor::ExecutorConfig;
use crate::executor::grid::GridConfig;
use crate::executor::position::LevelId;
use crate::market::Decimal;

const NAME: &str = "multi_grid_strike";

/// The keys of one of the grids.
const GRID_KEYS: [Key; 7] = [
    ("grid_id", ALWAYS),
    ("start_price", ALWAYS),
    ("end_price", ALWAYS),
    ("limit_price", ALWAYS),
    ("side", ALWAYS),
    ("amount_quote_pct", ALWAYS),
    ("enabled", ALWAYS),
];

/// What `multi_grid_strike` decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiGridStrike {
    /// The grids that are enabled, in the order of the configuration; a grid's time is that of the candle that opens it.
    pub grids: Vec<GridConfig>,
    /// By grid: the closes that it is opened at.
    pub closes: Vec<RangeInclusive<f64>>,
    /// By grid: its `grid_id`.
    pub names: Vec<String>,
    /// The budget that the grids have shares of, in quote.
    pub total_amount_quote: Decimal,
    /// Whether it knows which grids it has opened.
    pub mode: Mode,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and releases whose backtester does not know grids.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    const EXPECTED: &str = "a list of tables, one for each grid";
    grid::check_release(setting.model)?;
    let known = [&grid::KEYS[..], &[("grids", ALWAYS)]].concat();
    let reader = Reader::open(NAME, values, &known, setting.model)?;
    let common = grid::read(reader, NAME, setting)?;
    let mut controller = MultiGridStrike {
        grids: Vec::new(),
        closes: Vec::new(),
        names: Vec::new(),
        total_amount_quote: common.total_amount_quote,
        mode: setting.mode,
    };
    match reader.value("grids") {
        None => {}
        Some(Value::Array(tables)) => {
            for table in tables {
                let table = table.as_object().ok_or_else(|| wrong("grids", table, EXPECTED))?;
                controller.add(Reader::open(NAME, table, &GRID_KEYS, setting.model)?, &common)?;
            }
        }
        Some(found) => return Err(wrong("grids", found, EXPECTED)),
    }
    Ok(Box::new(controller))
}

impl Controller for MultiGridStrike {
    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let opened = self.open(moment.time, moment.close);
        let opened = opened.filter(|grid| self.mode == Mode::Parity || !self.is_known(grid.level, moment));
        actions.extend(opened.map(|grid| Action::Create(ExecutorConfig::Grid(Box::new(grid)))));
        Ok(())
    }

    fn level_name(&self, level: LevelId) -> String {
        self.names[level.0 as usize].clone()
    }

    fn total_amount_quote(&self) -> Decimal {
        self.total_amount_quote
    }
}

impl MultiGridStrike {
    /// Returns the grids to open at a close.
    pub fn open(&self, time: i64, close: f64) -> impl Iterator<Item = GridConfig> {
        let inside = self.grids.iter().zip(&self.closes).filter(move |(_, closes)| closes.contains(&close));
        inside.map(move |(grid, _)| GridConfig { time, ..*grid })
    }

    /// Returns whether the controller sees an executor of a grid's name, one that has ended included.
    fn is_known(&self, grid: Option<LevelId>, moment: &Moment<'_>) -> bool {
        let name = |level: Option<LevelId>| level.map(|level| &self.names[level.0 as usize]);
        let active = moment.active.iter().map(|active| active.level);
        let ended = moment.ended[moment.visible_from..].iter().map(|ended| ended.config.level());
        active.chain(ended).any(|level| name(level) == name(grid))
    }

    /// Reads one of the grids, and takes it up if it is enabled.
    fn add(&mut self, reader: Reader<'_>, common: &GridConfig) -> Result<(), Error> {
        grid::require(reader, "grid_id", "give each grid a `grid_id` of its own")?;
        grid::require(reader, "side", "write the `side` of each grid: BUY or SELL")?;
        grid::require(reader, "amount_quote_pct", "write each grid's share of the budget, 0.5 for a half")?;
        let placed = grid::place(reader, common)?;
        let total_amount_quote = share(self.total_amount_quote, reader.decimal("amount_quote_pct", "0")?);
        let name = reader.text("grid_id", "")?;
        if reader.flag("enabled", true)? {
            let level = Some(LevelId(number(self.grids.len())));
            self.grids.push(GridConfig { total_amount_quote, level, ..placed });
            self.closes.push(closes_within(placed.start_price, placed.end_price));
            self.names.push(name);
        }
        Ok(())
    }
}

/// Returns a grid's share of the budget, in quote.
#[must_use]
pub fn share(total_amount_quote: Decimal, amount_quote_pct: Decimal) -> Decimal {
    Decimal::product(total_amount_quote, amount_quote_pct)
}
