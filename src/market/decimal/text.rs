//! Decimals as text: Python's `str(Decimal)`, and back.

use std::fmt;
use std::fmt::Display;
use std::str::FromStr;

use super::Decimal;
use super::Operand;

/// The largest number of digits that a literal may have.
const LITERAL_DIGITS: usize = 38;
/// The largest exponent of a literal, either way.
const LITERAL_EXPONENT: i32 = 400;

/// Why a text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a number in digits.
    #[error("`{text}` is not a decimal number")]
    Malformed {
        /// The text as given.
        text: String,
    },
    /// The number is longer than any price or amount.
    #[error("`{text}` has more than {LITERAL_DIGITS} digits, or an exponent beyond {LITERAL_EXPONENT}")]
    TooLong {
        /// The text as given.
        text: String,
    },
}

impl FromStr for Decimal {
    type Err = Error;

    /// Reads digits with an optional sign, point and exponent, white space around them allowed, as Python does.
    ///
    /// # Errors
    ///
    /// Refuses anything else, NaN and infinities included, and more than 38 digits.
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::Malformed { text: text.to_owned() };
        let too_long = || Error::TooLong { text: text.to_owned() };
        let body = text.trim();
        let (negative, body) = match body.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, body.strip_prefix('+').unwrap_or(body)),
        };
        let (digits, exponent) = match body.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| malformed())?),
            None => (body, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
        {
            return Err(malformed());
        }
        let joined = format!("{whole}{fraction}");
        let significant = joined.trim_start_matches('0');
        if significant.len() > LITERAL_DIGITS || exponent.abs() > LITERAL_EXPONENT || fraction.len() > 300 {
            return Err(too_long());
        }
        let coefficient = if significant.is_empty() { 0 } else { significant.parse().map_err(|_| too_long())? };
        let places = i32::try_from(fraction.len()).map_err(|_| too_long())?;
        Ok(Self { negative, coefficient, exponent: exponent - places })
    }
}

impl Display for Decimal {
    /// Writes the number as Python's `str` does: plain, or scientific where the exponent is positive or very small.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient;
        write(formatter, self.negative, &digits.to_string(), self.exponent)
    }
}

impl Display for Operand {
    /// Writes all digits of the value, as Python's `str(Decimal(float))` does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(digits) = self.plain() {
            return write(formatter, self.negative, &digits.to_string(), self.exponent());
        }
        write(formatter, self.negative, &self.magnitude::<num_bigint::BigUint>().to_string(), self.exponent())
    }
}

/// Writes `digits · 10^exponent` by the specification's to-scientific-string.
fn write(formatter: &mut fmt::Formatter<'_>, negative: bool, digits: &str, exponent: i32) -> fmt::Result {
    if negative {
        formatter.write_str("-")?;
    }
    let count = i32::try_from(digits.len()).expect("a float has at most 767 digits");
    let adjusted = exponent + count - 1;
    if exponent > 0 || adjusted < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return write!(formatter, "{first}{point}{rest}E{adjusted:+}");
    }
    if exponent == 0 {
        return formatter.write_str(digits);
    }
    let whole = count + exponent;
    if whole > 0 {
        let (whole, fraction) = digits.split_at(usize::try_from(whole).expect("positive"));
        write!(formatter, "{whole}.{fraction}")
    } else {
        let zeros = usize::try_from(-whole).expect("not positive");
        write!(formatter, "0.{:0<zeros$}{digits}", "")
    }
}
