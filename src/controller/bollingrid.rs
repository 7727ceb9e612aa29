//! `bollingrid`: a grid when the close leaves the Bollinger bands, as wide as the bands are.
//!
//! Upstream's own backtester cannot run it, so there is nothing that a parity replay could equal. A causal replay does what
//! its author meant: with today's pandas-ta a live bot fails at the same names.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::bollinger;
use crate::controller::bollinger::BandConfig;
use crate::controller::config::ALWAYS;
use crate::controller::config::Error;
use crate::controller::config::Key;
use crate::controller::config::Reader;
use crate::controller::directional;
use crate::controller::directional::DirectionalConfig;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::controller::grid;
use crate::controller::unrunnable;
use crate::executor::ExecutorConfig;
use crate::executor::grid::GridConfig;
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::candles;

const NAME: &str = "bollingrid";

/// Why upstream's backtester fails with it.
const FAILURE: &str =
    "it asks pandas-ta for its bands by an old keyword and reads them by an old column name (KeyError, BBP_…)";

/// The keys of the grid.
const KEYS: [Key; 8] = [
    ("grid_start_price_coefficient", ALWAYS),
    ("grid_end_price_coefficient", ALWAYS),
    ("grid_limit_price_coefficient", ALWAYS),
    ("min_spread_between_orders", ALWAYS),
    ("order_frequency", ALWAYS),
    ("max_orders_per_batch", ALWAYS),
    ("min_order_amount_quote", ALWAYS),
    ("max_open_orders", ALWAYS),
];

/// The controller.
#[derive(Debug, Clone)]
pub struct Bollingrid {
    config: DirectionalConfig,
    bands: BandConfig,
    reach: Reach,
    /// A grid with all that does not depend on the moment.
    grid: GridConfig,
    generation: Generation,
    /// The last row of the bands; `None` before there was one.
    last: Option<Last>,
}

/// How far a grid reaches from the close, in widths of the bands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reach {
    /// Against the signal, to where the grid begins: below the close for a buy.
    start: f64,
    /// With the signal, to where it ends.
    end: f64,
    /// Against the signal, to where it gives up.
    limit: f64,
}

/// What the grid is placed by.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Last {
    /// The close of the last candle of the feed, in quote.
    close: f64,
    /// The width of the bands there, as a fraction of their middle.
    width: f64,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses a replay that is to equal upstream's backtester, which fails, releases without a grid executor in it, what
/// Hummingbot's model refuses, and a grid without a take profit, with which the executor fails.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    unrunnable::check_mode(setting.mode, NAME, FAILURE)?;
    grid::check_release(setting.model)?;
    let known = [&directional::KEYS[..], &bollinger::KEYS, &KEYS].concat();
    let reader = Reader::open(NAME, values, &known, setting.model)?;
    let config = DirectionalConfig::read(reader)?;
    grid::check_trailing_stop(reader, setting.mode)?;
    for (key, default) in [("order_frequency", 2), ("max_orders_per_batch", 1), ("max_open_orders", 5)] {
        reader.whole(key, default)?;
    }
    let mend = "write a `take_profit`: the grid computes its levels' exits from it";
    let grid = GridConfig {
        min_spread_between_orders: reader.decimal("min_spread_between_orders", "0.005")?,
        min_order_amount_quote: reader.decimal("min_order_amount_quote", "6")?,
        take_profit: config.barrier.take_profit.ok_or(Error::Omitted { key: "take_profit", mend })?,
        stop_loss: config.barrier.stop_loss,
        time_limit: config.barrier.time_limit,
        ..grid::BLANK
    };
    let reach = Reach {
        start: reader.float("grid_start_price_coefficient", 0.25)?,
        end: reader.float("grid_end_price_coefficient", 0.75)?,
        limit: reader.float("grid_limit_price_coefficient", 0.35)?,
    };
    let bands = BandConfig::read(reader)?;
    Ok(Box::new(Bollingrid { config, bands, reach, grid, generation: setting.indicators, last: None }))
}

impl Controller for Bollingrid {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.config.interval)?;
        let bands = self.bands.bands(&candles, self.generation);
        let last = candles.close.last().zip(bands.bandwidth.last());
        self.last = last.map(|(&close, width)| Last { close, width: width / 100.0 });
        Ok(Some(self.bands.frame(&candles, &bands)))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: self.config.interval, records: self.bands.length })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let Some((side, last)) = self.config.signalled(moment).zip(self.last) else { return Ok(()) };
        let [start_price, end_price, limit_price] = self.reach.prices(side, last).map(Decimal::from_shortest);
        actions.push(Action::Create(ExecutorConfig::Grid(Box::new(GridConfig {
            time: moment.time,
            side,
            start_price,
            end_price,
            limit_price: Some(limit_price).filter(|limit| !limit.is_zero()),
            total_amount_quote: Decimal::product(self.config.amount(moment)?, moment.close),
            ..self.grid
        }))));
        Ok(())
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}

impl Reach {
    /// Returns the lowest and the highest price of a grid and the one at which it gives up.
    fn prices(self, side: Side, last: Last) -> [f64; 3] {
        let below = |reach: f64| last.close * (1.0 - last.width * reach);
        let above = |reach: f64| last.close * (1.0 + last.width * reach);
        match side {
            Side::Buy => [below(self.start), above(self.end), below(self.limit)],
            Side::Sell => [below(self.end), above(self.start), above(self.limit)],
        }
    }
}
