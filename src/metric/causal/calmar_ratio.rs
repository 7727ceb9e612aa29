//! Calmar ratio: the compound return of a year divided by the maximum drawdown's size.
//!
//! `((equity / budget)^(1 / years) − 1) / |max_drawdown|`, over the whole window instead of the 36 months that it was first
//! given for (Young, Calmar Ratio: A Smoother Tool, Futures, 1991). A window of hours says nothing of a year: its gain is
//! raised to the power of thousands.
//!
//! `None` without rows, without a drawdown that is more than rounding, where equity is ever zero or less, and where the
//! return of a year is too large for a float.

use super::equity;
use super::figure;
use super::max_drawdown;
use crate::metric::Run;
use crate::metric::Value;

/// Divides the return of a year by the drawdown.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(ratio(run))
}

fn ratio(run: &Run<'_>) -> Option<f64> {
    let fall = max_drawdown::of_highest(run).filter(|fall| *fall < -equity::NOISE && *fall > -1.0)?;
    let (first, last) = (equity::path(run).next()?, equity::path(run).last()?);
    let growth = power(last / first, 1.0 / equity::years(run))?;
    Some((growth - 1.0) / -fall)
}

/// Raises a positive number to a power of zero or more; `None` for a power that is not finite.
///
/// Squares give the whole part and square roots the fraction, bit by bit: both are exactly rounded everywhere, unlike a
/// logarithm, so that goldens hold on every machine.
fn power(base: f64, exponent: f64) -> Option<f64> {
    if !exponent.is_finite() {
        return None;
    }
    let (mut power, mut square, mut root) = (1.0, base, base);
    let mut whole = exponent.trunc();
    while whole >= 1.0 {
        if whole % 2.0 == 1.0 {
            power *= square;
        }
        whole = (whole / 2.0).trunc();
        square *= square;
    }
    let mut fraction = exponent.fract();
    while fraction > 0.0 {
        root = root.sqrt();
        fraction *= 2.0;
        if fraction >= 1.0 {
            power *= root;
            fraction -= 1.0;
        }
    }
    Some(power)
}
