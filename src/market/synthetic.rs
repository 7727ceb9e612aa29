//! Candles that were never traded: a seeded random walk for tests and examples.
//!
//! The walk uses additions and multiplications alone, no logarithm and no cosine, so the same seed gives the same bytes on
//! every machine whatever its mathematics library.

use crate::market::Candles;

/// What a random walk is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walk {
    /// Different seeds give different walks.
    pub seed: u64,
    /// How many candles.
    pub rows: usize,
    /// The first open time, epoch seconds.
    pub start: i64,
    /// The length of a candle, in seconds.
    pub interval: i64,
    /// The first open, in quote.
    pub price: f64,
    /// The smallest price step, in quote.
    pub tick: f64,
    /// The mean volume of a candle, in base.
    pub volume: f64,
    /// The standard deviation of a candle's return, in basis points.
    pub volatility_bps: f64,
}

impl Walk {
    /// How often the price moves within a candle.
    const STEPS: usize = 8;

    /// Returns the open time of the last candle; the first one's where there are none.
    #[must_use]
    pub fn last_time(&self) -> i64 {
        let steps = i64::try_from(self.rows.saturating_sub(1)).unwrap_or(i64::MAX);
        self.start.saturating_add(steps.saturating_mul(self.interval))
    }

    /// Walks.
    #[must_use]
    pub fn candles(&self) -> Candles {
        let mut draws = Draws(self.seed);
        // The square root is exactly rounded everywhere, unlike a logarithm.
        let step = self.volatility_bps / 10_000.0 / (Self::STEPS as f64).sqrt();
        let mut candles = Candles::default();
        let mut price = self.price;
        let mut time = self.start;
        for _ in 0..self.rows {
            let open = self.quantized(price);
            let (mut high, mut low) = (open, open);
            for _ in 0..Self::STEPS {
                price *= 1.0 + step * draws.bell();
                high = high.max(self.quantized(price));
                low = low.min(self.quantized(price));
            }
            let volume = self.volume * (0.5 + draws.unit());
            candles.push(time, [open, high, low, self.quantized(price), volume]);
            time += self.interval;
        }
        candles
    }

    /// Rounds to the tick, and never to zero.
    fn quantized(&self, price: f64) -> f64 {
        let ticks = (price / self.tick).round().max(1.0);
        // A tick such as 0.1 has no exact float, but its inverse often has; dividing gives the shorter number.
        let per_unit = (1.0 / self.tick).round();
        if (per_unit * self.tick - 1.0).abs() < 1e-9 { ticks / per_unit } else { ticks * self.tick }
    }
}

/// `SplitMix64`: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a float in 0..1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a float of mean 0 and deviation 1, near enough to normal: twelve uniform ones less six.
    fn bell(&mut self) -> f64 {
        (0..12).fold(-6.0, |sum, _| sum + self.unit())
    }
}
