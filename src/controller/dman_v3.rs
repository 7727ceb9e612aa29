//! `dman_v3`: a DCA when the close leaves the Bollinger bands, in spreads that may follow the bands' width.
//!
//! Upstream stamps its executors with the wall clock, which a backtest does not turn: after the candles, no time limit ever
//! comes. It also freezes the bands' width at that of the last row. In a causal replay an executor is stamped with its
//! moment, its time limit counts from there, and the width is the latest that is known. The configured take profit has no
//! effect in either: upstream's controller does not pass it on.

use serde_json::Map;
use serde_json::Value;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Mode;
use crate::controller::Moment;
use crate::controller::Setting;
use crate::controller::barrier;
use crate::controller::barrier::DecimalBarrier;
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
use crate::controller::features::last_taken;
use crate::controller::ladder::shares;
use crate::executor::ExecutorConfig;
use crate::executor::dca::DcaConfig;
use crate::executor::dca::DcaMode;
use crate::executor::dca::DcaOrder;
use crate::executor::dca::DcaOrders;
use crate::executor::dca::DcaTrailingStop;
use crate::executor::ladder::Ladder;
use crate::executor::ladder::Rung;
use crate::indicator::Generation;
use crate::market::Decimal;
use crate::market::Side;
use crate::market::candles;
use crate::market::decimal::Operand;

const KEYS: [Key; 5] = [
    ("dca_spreads", ALWAYS),
    ("dca_amounts_pct", ALWAYS),
    ("dynamic_order_spread", ALWAYS),
    ("dynamic_target", ALWAYS),
    ("activation_bounds", ALWAYS),
];

/// The controller.
#[derive(Debug, Clone)]
pub struct DmanV3 {
    config: DirectionalConfig,
    bands: BandConfig,
    barrier: DecimalBarrier,
    spreads: Vec<Decimal>,
    shares: Vec<Decimal>,
    follows_bands: bool,
    targets_follow_bands: bool,
    generation: Generation,
    /// What the wall clock reads all the time; `None` where it goes with the candles.
    wall_clock: Option<i64>,
    /// What spreads are multiplied by, once the bands are known.
    multiplier: Operand,
    ladder: Ladder,
}

/// Builds the controller from its configuration.
///
/// # Errors
///
/// Refuses what Hummingbot's model refuses, and explains where it would fail later.
pub fn build(values: &Map<String, Value>, setting: &Setting) -> Result<Box<dyn Controller>, Error> {
    let known = [&directional::KEYS[..], &bollinger::KEYS, &KEYS].concat();
    let reader = Reader::open("dman_v3", values, &known, setting.model)?;
    let omitted = |key, mend| if reader.value(key).is_none() { Err(Error::Omitted { key, mend }) } else { Ok(()) };
    omitted("trailing_stop", "write `trailing_stop = \"\"` for none: upstream does not parse its default")?;
    let mend = "write the list out: upstream does not parse its default";
    let spreads = reader.decimals("dca_spreads")?.ok_or(Error::Omitted { key: "dca_spreads", mend })?;
    let given = match reader.value("dca_amounts_pct") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => equal_shares(spreads.len()),
        Some(_) => reader.decimals("dca_amounts_pct")?,
    };
    if let Some(amounts) = given.as_ref().filter(|amounts| amounts.len() != spreads.len()) {
        let (found, expected) = (amounts.len(), spreads.len());
        return Err(Error::Length { key: "dca_amounts_pct", found, other: "dca_spreads", expected });
    }
    let shares = order_shares(given.as_deref(), spreads.len()).ok_or_else(|| Error::Value {
        key: "dca_amounts_pct",
        found: "zero in total".to_owned(),
        expected: "a sum other than zero",
    })?;
    let flag = |key| if reader.value(key).is_some_and(Value::is_null) { Ok(false) } else { reader.flag(key, false) };
    Ok(Box::new(DmanV3 {
        config: DirectionalConfig::read(reader)?,
        bands: BandConfig::read(reader)?,
        barrier: barrier::read_decimals(reader)?,
        follows_bands: flag("dynamic_order_spread")?,
        targets_follow_bands: flag("dynamic_target")?,
        generation: setting.indicators,
        wall_clock: (setting.mode == Mode::Parity).then_some(setting.wall_clock),
        multiplier: spread_multiplier(None),
        ladder: Ladder::new(&[], &[], Decimal::ONE),
        spreads,
        shares,
    }))
}

impl Controller for DmanV3 {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let candles = feeds.window(self.config.interval)?;
        let bands = self.bands.bands(&candles, self.generation);
        let frame = self.bands.frame(&candles, &bands);
        let replayed = feeds.window(feeds.resolution)?;
        let last = last_taken(&replayed.time, &frame.time, &frame.is_complete);
        let width = last.map(|last| bands.bandwidth[last]).filter(|_| self.follows_bands);
        self.multiplier = spread_multiplier(width.filter(|width| width.is_finite()));
        self.ladder = Ladder::new(&self.spreads, &self.shares, self.multiplier);
        Ok(Some(frame))
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { interval: self.config.interval, records: self.bands.length })
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let Some(side) = self.config.signalled(moment) else { return Ok(()) };
        let (total, count) = (self.config.total_amount_quote, self.config.max_executors_per_side.unsigned_abs());
        let orders = orders(&self.ladder, side, moment.close, total, count)
            .ok_or_else(|| DecisionError::ZeroPrice { level: "entry".to_owned() })?;
        let DecimalBarrier { mut stop_loss, mut trailing_stop, time_limit, .. } = self.barrier;
        if self.targets_follow_bands {
            let (scaled, stop) = scaled_targets(stop_loss.unwrap_or(Decimal::ZERO), trailing_stop, self.multiplier);
            (stop_loss, trailing_stop) = (stop_loss.map(|_| scaled), stop);
        }
        let now = self.wall_clock.unwrap_or(moment.time);
        actions.push(Action::Create(ExecutorConfig::Dca(Box::new(DcaConfig {
            time: now,
            anchor: now,
            side,
            mode: DcaMode::Maker,
            orders: DcaOrders::Listed(orders),
            // Upstream does not pass its take profit on.
            take_profit: None,
            stop_loss,
            trailing_stop,
            time_limit,
            level: None,
        }))));
        Ok(())
    }

    fn total_amount_quote(&self) -> Decimal {
        self.config.total_amount_quote
    }
}

/// Returns each order's part of the amount; `None` where the given amounts are zero in total.
///
/// Without amounts the shares are equal and are not divided by their sum.
#[must_use]
pub fn order_shares(amounts_pct: Option<&[Decimal]>, count: usize) -> Option<Vec<Decimal>> {
    match amounts_pct {
        Some(amounts) => shares(amounts),
        None => equal_shares(count),
    }
}

/// Returns `count` equal amounts, which an empty `dca_amounts_pct` stands for; `None` for a count of zero.
#[must_use]
pub fn equal_shares(count: usize) -> Option<Vec<Decimal>> {
    let count = u64::try_from(count).ok()?;
    let share = Decimal::quotient(one(), Decimal::from(count))?;
    Some((0..count).map(|_| share).collect())
}

/// Returns what spreads are multiplied by: half the bands' width as a fraction where they follow the bands, else 1.
///
/// `width_pct` is `BBB`, in percent, of the last row that there is: in a parity replay **that of the whole period**, for
/// upstream looks ahead. It must be finite.
#[must_use]
pub fn spread_multiplier(width_pct: Option<f64>) -> Operand {
    width_pct.map_or_else(|| one().into(), |width_pct| (width_pct / 200.0).into())
}

/// Returns the orders of the DCA that is opened at a close; `None` for a close or a count of zero.
///
/// The budget goes through base and back, as upstream's does: `total / close / max_executors · close`.
#[must_use]
pub fn orders(
    ladder: &Ladder,
    side: Side,
    close: f64,
    total_amount_quote: Decimal,
    max_executors_per_side: u64,
) -> Option<Vec<DcaOrder>> {
    let amount = Decimal::quotient(total_amount_quote, close)?;
    let amount = Decimal::quotient(amount, Decimal::from(max_executors_per_side))?;
    let quote = Decimal::product(amount, close);
    let order =
        |rung: &Rung| DcaOrder { price: rung.price(side, close), amount_quote: Decimal::product(rung.share, quote) };
    Some(ladder.rungs().iter().map(order).collect())
}

/// Returns the stop loss and the trailing stop of a target that follows the bands (`dynamic_target`).
///
/// `multiplier` is [`spread_multiplier`]'s, so without spreads that follow the bands the targets do not either.
#[must_use]
pub fn scaled_targets(
    stop_loss: Decimal,
    trailing_stop: Option<DcaTrailingStop>,
    multiplier: Operand,
) -> (Decimal, Option<DcaTrailingStop>) {
    let scaled = |value: Decimal| Decimal::product(value, multiplier);
    let trailing_stop =
        trailing_stop.map(|stop| DcaTrailingStop { activation: scaled(stop.activation), delta: scaled(stop.delta) });
    (scaled(stop_loss), trailing_stop)
}

/// Returns 1 as upstream writes it: its exponent is seen in the results' digits.
fn one() -> Decimal {
    "1.0".parse().expect("it is a decimal")
}
