//! Indicators: what a series of candles says, to the last bit of the library that upstream asks.
//!
//! Upstream's controllers reach their indicators through pandas-ta, which hands most of them to TA-Lib. The last bits
//! depend on the library's version, and a price that is derived from them carries those bits into 28 digits. A
//! [`Generation`] says which library is meant.
//!
//! Every function takes slices in time order and returns vectors as long as the input. Rows in the **warm-up** are NaN:
//! upstream's frames hold NaN there, and its `dropna` and its comparisons depend on it. Each function states how many
//! rows that are. An input that is not longer than the warm-up gives NaN alone, and so does a period below the smallest
//! that the library takes; nothing panics. Slices that belong together have the same length; where one is shorter, the
//! rows past its end are NaN.
//!
//! Inputs are taken to be finite. Everything runs in linear time but [`bollinger`] under [`Generation::Classic`], whose
//! library sums every window afresh; nothing is allocated but what is returned.

mod bollinger;
mod macd;
mod natr;
mod rsi;
mod supertrend;

mod mean;
mod true_range;
mod variance;

pub use bollinger::Bollinger;
pub use bollinger::bollinger;
pub use macd::Macd;
pub use macd::macd;
pub use natr::natr;
pub use rsi::rsi;
pub use supertrend::Supertrend;
pub use supertrend::supertrend;

/// Which library's arithmetic is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// TA-Lib C 0.6.4, as Python's TA-Lib 0.6.8 carries it, under pandas-ta 0.4.71b0: plain running sums.
    TaLib06,
    /// TA-Lib C 0.8.1, as Python's TA-Lib 0.8.2 carries it, under pandas-ta 0.4.71b0: fused multiply-add, and a
    /// variance about a shifted origin.
    TaLib08,
    /// `pandas_ta_classic` 0.8.32 without TA-Lib: pandas' and `NumPy`'s means.
    Classic,
}

impl Generation {
    /// Returns the name that recipes have for it; the one without TA-Lib is no choice there.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TaLib06 => "talib-0.6",
            Self::TaLib08 => "talib-0.8",
            Self::Classic => "classic",
        }
    }
}

/// What TA-Lib takes for zero: anything nearer to it.
const ZERO: f64 = 1e-14;

/// What pandas-ta puts in the place of a difference of zero: the distance from 1 to the next float.
const EPSILON: f64 = f64::EPSILON;

/// Returns a column that is all warm-up.
fn blank(len: usize) -> Vec<f64> {
    vec![f64::NAN; len]
}
