//! What did a controller see in the candles around an event, and what did it do?

use serde::Serialize;

use crate::controller::Action;
use crate::engine::audit::Decision;
use crate::engine::audit::Recorder;
use crate::market::Candles;
use crate::workflow::Error;
use crate::workflow::report;
use crate::workflow::why::again::Given;

/// A candle, and the moment that a controller decided at with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its open time, epoch seconds.
    pub time: i64,
    /// When the controller decides on it, epoch seconds: at its open in a parity replay, at its close in a causal one.
    pub moment: i64,
    /// The candle, in quote, and its volume in base.
    pub open: f64,
    /// See [`Row::open`].
    pub high: f64,
    /// See [`Row::open`].
    pub low: f64,
    /// See [`Row::open`].
    pub close: f64,
    /// See [`Row::open`].
    pub volume: f64,
    /// Whether it is the candle of the event.
    pub is_event: bool,
    /// What the golden's controller saw; `None` where there was no such moment, or nobody knows.
    pub golden: Option<Seen>,
    /// What the controller saw; `None` where there was no such moment.
    pub now: Option<Seen>,
}

/// What a controller saw at a moment, and what it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// The price that orders are placed around, in quote.
    pub reference_price: f64,
    /// What spreads are multiplied by.
    pub spread_multiplier: f64,
    /// The direction to trade in.
    pub signal: f64,
    /// What it created and stopped, a sentence each.
    pub actions: Vec<String>,
}

/// What was seen at some moments.
#[derive(Debug)]
pub struct Sight {
    /// Which of reference price, spread multiplier and signal the controller computes.
    pub computes: [bool; 3],
    /// The moments.
    moments: Vec<(i64, Seen)>,
}

/// Returns the candle of an event, and up to `around` candles before and after it; none where its time is not among them.
#[must_use]
pub fn rows(candles: &Candles, resolution: i64, time: i64, is_causal: bool, around: usize) -> Vec<Row> {
    // A causal replay names an event by the close of its candle, which is the open of the next.
    let inside = candles.time.partition_point(|&open| if is_causal { open < time } else { open <= time });
    let last_end = candles.time.last().map_or(i64::MIN, |&open| open.saturating_add(resolution));
    let Some(at) = inside.checked_sub(1).filter(|_| time <= last_end) else { return Vec::new() };
    let shown = at.saturating_sub(around)..=(at + around).min(candles.len() - 1);
    let row = |index: usize| Row {
        time: candles.time[index],
        moment: candles.time[index] + if is_causal { resolution } else { 0 },
        open: candles.open[index],
        high: candles.high[index],
        low: candles.low[index],
        close: candles.close[index],
        volume: candles.volume[index],
        is_event: index == at,
        golden: None,
        now: None,
    };
    shown.map(row).collect()
}

/// Replays once more and looks at the moments of some candles.
///
/// # Errors
///
/// Says why it cannot be replayed.
pub fn look(given: &Given, rows: &[Row]) -> Result<Sight, Error> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(Sight { computes: [false; 3], moments: Vec::new() });
    };
    let ready = given.ready();
    let mut controller = ready.controller(given.mode())?;
    let mut recorder = Recorder::within(controller.as_mut(), first.moment..=last.moment);
    ready.replay_with(given.mode(), ready.candles, &mut recorder)?;
    let (computes, decisions) = (recorder.computes, recorder.decisions);
    let seen = |decision: &Decision| {
        let action = |action: &Action| match action {
            Action::Create(config) => {
                let asked = report::asked_json(None, config, controller.as_ref());
                let text = |key: &str| asked.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
                let price = ["entry_price", "price", "start_price"].map(text).into_iter().find(|it| !it.is_empty());
                let level = text("level_id");
                let at = price.map_or_else(String::new, |price| format!(" at {price}"));
                let level = if level.is_empty() { text("type") } else { level };
                format!("creates {level} {}{at}", text("side"))
            }
            Action::Stop { id, keep_position } => {
                format!("stops executor {}{}", id.0 + 1, if *keep_position { ", keeps its position" } else { "" })
            }
        };
        let [reference_price, spread_multiplier, signal] = decision.figures;
        let actions = decision.actions.iter().map(action).collect();
        (decision.time, Seen { reference_price, spread_multiplier, signal, actions })
    };
    Ok(Sight { computes, moments: decisions.iter().map(seen).collect() })
}

/// Puts what was seen to the candles.
pub fn put(rows: &mut [Row], sight: Sight, side: fn(&mut Row) -> &mut Option<Seen>) {
    for (time, seen) in sight.moments {
        if let Some(row) = rows.iter_mut().find(|row| row.moment == time) {
            *side(row) = Some(seen);
        }
    }
}
