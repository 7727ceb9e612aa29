//! Does a replay look into the future? Cut the candles, replay, and see which decisions change.
//!
//! A decision that was made at a candle can depend on that candle and on those before it. So a replay over candles that end
//! a little later must decide the same up to there, and where it does not, it has looked ahead. This proves look-ahead in any
//! controller, without knowing what it computes; that no cut shows any is no proof of its absence.

use std::ops::RangeInclusive;

use crate::controller::Action;
use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::Moment;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::controller::features::Frame;
use crate::executor::position::LevelId;
use crate::market::Decimal;
use crate::market::candles;

/// What a controller saw at a moment, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The moment, epoch seconds.
    pub time: i64,
    /// The close that it saw, in quote.
    pub close: f64,
    /// The figures that it saw: reference price, spread multiplier, signal.
    pub figures: [f64; 3],
    /// What it did.
    pub actions: Vec<Action>,
}

/// Writes down what a controller decides.
///
/// It has every moment of its span written down, also those at which the controller has said that it would do nothing.
pub struct Recorder<'a> {
    controller: &'a mut dyn Controller,
    span: RangeInclusive<i64>,
    /// The decisions so far.
    pub decisions: Vec<Decision>,
    /// Which of a decision's figures the controller computes; the others are the close, one and zero.
    pub computes: [bool; 3],
}

impl<'a> Recorder<'a> {
    /// Starts to write down what a controller decides.
    pub fn new(controller: &'a mut dyn Controller) -> Self {
        Self::within(controller, i64::MIN..=i64::MAX)
    }

    /// Starts to write down what a controller decides in a span of time, epoch seconds.
    pub fn within(controller: &'a mut dyn Controller, span: RangeInclusive<i64>) -> Self {
        Self { controller, span, decisions: Vec::new(), computes: [false; 3] }
    }
}

impl Controller for Recorder<'_> {
    fn features(&mut self, feeds: &Feeds<'_>) -> Result<Option<Frame>, candles::Error> {
        let frame = self.controller.features(feeds)?;
        if let Some(frame) = &frame {
            self.computes = [&frame.reference_price, &frame.spread_multiplier, &frame.signal].map(Option::is_some);
        }
        Ok(frame)
    }

    fn feed(&self) -> Option<Feed> {
        self.controller.feed()
    }

    fn decide(&mut self, moment: &Moment<'_>, actions: &mut Vec<Action>) -> Result<(), DecisionError> {
        let before = actions.len();
        self.controller.decide(moment, actions)?;
        if !self.span.contains(&moment.time) {
            return Ok(());
        }
        self.decisions.push(Decision {
            time: moment.time,
            close: moment.close,
            figures: [moment.reference_price, moment.spread_multiplier, moment.signal],
            actions: actions[before..].to_vec(),
        });
        Ok(())
    }

    fn idle_until(&self, moment: &Moment<'_>) -> i64 {
        let idle_until = self.controller.idle_until(moment);
        match moment.time {
            time if time < *self.span.start() => idle_until.min(*self.span.start()),
            time if time > *self.span.end() => idle_until,
            time => time,
        }
    }

    fn level_name(&self, level: LevelId) -> String {
        self.controller.level_name(level)
    }

    fn total_amount_quote(&self) -> Decimal {
        self.controller.total_amount_quote()
    }
}

/// What two replays of the same candles, one of them cut, decided differently up to a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// How many moments there were at which either of them created or stopped an executor.
    pub acted_count: usize,
    /// At how many of them they did not do the same.
    pub changed_count: usize,
    /// The first moment at which they did not do the same: with all candles, and with the cut ones. One of them may not have
    /// had the moment at all.
    pub first: Option<(Option<Decision>, Option<Decision>)>,
}

/// Compares the decisions of a whole replay with those of a cut one, up to a time (inclusive).
#[must_use]
pub fn compare(whole: &[Decision], cut: &[Decision], until: i64) -> Difference {
    let mut difference = Difference::default();
    let upto = |decisions: &[Decision]| decisions.partition_point(|decision| decision.time <= until);
    let (mut whole, mut cut) = (&whole[..upto(whole)], &cut[..upto(cut)]);
    while let Some(time) = whole.first().into_iter().chain(cut.first()).map(|decision| decision.time).min() {
        let left = take_at(&mut whole, time);
        let right = take_at(&mut cut, time);
        let acts = |decision: Option<&Decision>| decision.is_some_and(|decision| !decision.actions.is_empty());
        if !acts(left) && !acts(right) {
            continue;
        }
        difference.acted_count += 1;
        if left.map(|decision| &decision.actions) != right.map(|decision| &decision.actions) {
            difference.changed_count += 1;
            difference.first.get_or_insert_with(|| (left.cloned(), right.cloned()));
        }
    }
    difference
}

/// Takes the first decision, if it is of a time.
fn take_at<'a>(decisions: &mut &'a [Decision], time: i64) -> Option<&'a Decision> {
    let (first, rest) = decisions.split_first()?;
    if first.time != time {
        return None;
    }
    *decisions = rest;
    Some(first)
}

/// How far ahead the moments of a parity replay look, because candles are joined by their open time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lead {
    /// How many moments there were.
    pub moment_count: usize,
    /// At how many of them the controller's candle had not closed when the replayed one did.
    pub unclosed_count: usize,
    /// By how much on average, over those, in seconds; `None` where there is none.
    pub mean: Option<f64>,
}

/// Measures how far ahead moments look that take the controller's candle from its open on; `resolution` is the length of a
/// replayed candle, in seconds.
#[must_use]
pub fn lead(decisions: &[Decision], feed: Option<Feed>, resolution: i64) -> Lead {
    let closes = |time: i64, interval: i64| (time.div_euclid(interval) + 1) * interval;
    let ahead = |decision: &Decision| closes(decision.time, feed?.interval).checked_sub(decision.time + resolution);
    let leads: Vec<i64> = decisions.iter().filter_map(ahead).filter(|&lead| lead > 0).collect();
    let mean = (!leads.is_empty()).then(|| leads.iter().sum::<i64>() as f64 / leads.len() as f64);
    Lead { moment_count: decisions.len(), unclosed_count: leads.len(), mean }
}

/// Why a decision depends on what came after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The controller saw a candle of its own interval that had not closed yet.
    UnclosedCandle,
    /// A figure of that moment was computed from candles that came later than the controller's candle.
    WholeWindow,
    /// The figures are the same, so it is the state of an executor that its later candles decided.
    ExecutorState,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 3] = [Self::UnclosedCandle, Self::WholeWindow, Self::ExecutorState];

    /// Returns its name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnclosedCandle => "unclosed-candle",
            Self::WholeWindow => "whole-window",
            Self::ExecutorState => "executor-state",
        }
    }

    /// Returns what it is, for people.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::UnclosedCandle => {
                "candles of the controller's interval are joined by their open time, so it saw one that had not closed"
            }
            Self::WholeWindow => {
                "the controller computes its figures once, over the whole window, so candles that came later moved them"
            }
            Self::ExecutorState => {
                "the figures are the same; whether an executor trades was decided by candles that came later"
            }
        }
    }
}

/// Returns why a decision changed; `settled` is the decision of that moment over candles that end with the controller's
/// candle, so that nothing of that one is missing.
///
/// A moment that only one of the replays had is one whose figures were missing in the other.
#[must_use]
pub fn cause(whole: Option<&Decision>, cut: Option<&Decision>, settled: Option<&Decision>) -> Cause {
    let bits = |decision: Option<&Decision>| decision.map(|decision| decision.figures.map(f64::to_bits));
    if bits(whole) == bits(cut) {
        Cause::ExecutorState
    } else if bits(whole) == bits(settled) {
        Cause::UnclosedCandle
    } else {
        Cause::WholeWindow
    }
}
