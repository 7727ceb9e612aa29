//! What a controller can see: figures of the candles that have closed, as a live bot computes them.
//!
//! A live bot keeps the last candles of its own interval and computes everything anew from them. So does this: whenever one
//! has closed the controller is handed those that it would keep, and the last row of its frame is what it sees until the
//! next one closes. Candles before the start of the window are used, so indicators are warm where the file begins early
//! enough. Nothing that has not closed is ever handed over, so normalisation over the window cannot look ahead.

use std::borrow::Cow;

use thiserror::Error;

use crate::controller::Controller;
use crate::controller::DecisionError;
use crate::controller::features::Feed;
use crate::controller::features::Feeds;
use crate::market::Candles;
use crate::market::candles;

/// The eyes of a controller.
#[derive(Debug)]
pub struct Sight<'a> {
    /// What the controller asks for, and all candles of that interval; `None` for a controller that computes nothing.
    feed: Option<(Feed, Cow<'a, Candles>)>,
    /// How many of the candles have closed.
    closed_count: usize,
    view: Option<View>,
}

/// Why a controller cannot see.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The candles cannot be joined to its interval.
    #[error(transparent)]
    Candles(#[from] candles::Error),
    /// It does not say what it looks at.
    #[error(transparent)]
    Controller(#[from] DecisionError),
}

/// The figures that a controller decides on; what it does not compute is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct View {
    /// The price that orders are placed around, in quote.
    pub reference_price: Option<f64>,
    /// What spreads are multiplied by.
    pub spread_multiplier: Option<f64>,
    /// The direction to trade in.
    pub signal: Option<f64>,
}

impl<'a> Sight<'a> {
    /// Opens the eyes of a controller on candles, all of which may close before the replay ends.
    ///
    /// # Errors
    ///
    /// Returns an error when the candles cannot be joined to the controller's interval, and refuses a controller that
    /// computes features without a feed: it would decide on figures that never come.
    pub fn new(controller: &mut dyn Controller, candles: &'a Candles) -> Result<Self, Error> {
        let feed = controller.feed();
        let feed = feed.map(|feed| Ok::<_, candles::Error>((feed, candles.resampled(feed.interval)?))).transpose()?;
        if feed.is_none() && computes(controller, candles)? {
            return Err(DecisionError::NoFeed.into());
        }
        let view = feed.is_none().then(View::default);
        Ok(Self { feed, closed_count: 0, view })
    }

    /// Returns what the controller sees at a time, epoch seconds; `None` while it has not enough candles, and where a figure of
    /// the last row is not finite: there is nothing to decide on.
    ///
    /// # Errors
    ///
    /// Returns the controller's error.
    pub fn look(&mut self, time: i64, controller: &mut dyn Controller) -> Result<Option<View>, candles::Error> {
        let Some((feed, candles)) = &self.feed else { return Ok(self.view) };
        let news = candles.time[self.closed_count..].iter().take_while(|&&open| open + feed.interval <= time).count();
        if news == 0 {
            return Ok(self.view);
        }
        self.closed_count += news;
        let first = self.closed_count.saturating_sub(feed.records.max(1));
        let (start, end) = (candles.time[first], candles.time[self.closed_count - 1]);
        let kept = candles.window(start, end);
        let feeds = Feeds { candles: &kept, start, end, resolution: feed.interval, is_joined: true };
        let frame = controller.features(&feeds)?;
        self.view = frame.map_or(Some(View::default()), |frame| {
            let last = frame.time.len().checked_sub(1).filter(|&last| frame.is_complete[last])?;
            let of = |column: &Option<Vec<f64>>| column.as_ref().map(|column| column[last]);
            let view = View {
                reference_price: of(&frame.reference_price),
                spread_multiplier: of(&frame.spread_multiplier),
                signal: of(&frame.signal),
            };
            let mut figures = [view.reference_price, view.spread_multiplier, view.signal].into_iter().flatten();
            figures.all(f64::is_finite).then_some(view)
        });
        Ok(self.view)
    }
}

/// Returns whether a controller computes features of the first candle, which is known as soon as anything is.
fn computes(controller: &mut dyn Controller, candles: &Candles) -> Result<bool, candles::Error> {
    let Some((&start, resolution)) = candles.time.first().zip(candles.interval()) else { return Ok(false) };
    let first = candles.window(start, start);
    let feeds = Feeds { candles: &first, start, end: start, resolution, is_joined: true };
    Ok(controller.features(&feeds)?.is_some())
}
