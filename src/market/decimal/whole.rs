//! Where decimals meet whole numbers and shortest texts: `int(d)`, `a // b`, `Decimal(str(x))`.

use super::Decimal;
use super::Operand;
use super::PRECISION;
use super::natural::Natural;

impl Decimal {
    /// Returns the decimal of a float's shortest text, as Python's `Decimal(str(x))` does: 0.1 becomes 0.1.
    ///
    /// Where the float lies in the middle between two texts, Python takes the even one: 145.964630126953125 becomes
    /// 145.96463012695312.
    ///
    /// # Panics
    ///
    /// Panics on a NaN or an infinity: candles and parameters are checked where they enter.
    #[must_use]
    pub fn from_shortest(value: f64) -> Self {
        let shortest: Self =
            format!("{value:?}").parse().expect("the shortest text of a finite float is a short decimal");
        shortest.evened(value)
    }

    /// Returns the even neighbour of a float's shortest decimal where the float lies in the middle between the two: Rust takes
    /// the one that is away from zero.
    fn evened(self, value: f64) -> Self {
        // With fewer digits the neighbours are other floats.
        const LONG: u128 = 10u128.pow(14);
        if self.coefficient < LONG || self.coefficient.is_multiple_of(2) {
            return self;
        }
        let neighbours =
            [(self.coefficient - 1, self.coefficient * 10 - 5), (self.coefficient + 1, self.coefficient * 10 + 5)];
        let is_even = |&(coefficient, middle): &(u128, u128)| {
            let middle = Self { coefficient: middle, exponent: self.exponent - 1, ..self };
            Operand::from(middle) == Operand::from(value) && Self { coefficient, ..self }.to_f64() == value
        };
        let found = neighbours.into_iter().find(is_even);
        found.map_or(self, |(coefficient, _)| Self { coefficient, ..self })
    }

    /// Returns the value without its fraction, as Python's `int()` does; what is beyond 64 bits becomes the nearest bound.
    #[must_use]
    pub fn truncated(self) -> i64 {
        let power = 10u128.checked_pow(self.exponent.unsigned_abs());
        let magnitude = match power {
            Some(power) if self.exponent < 0 => self.coefficient / power,
            Some(power) => self.coefficient.saturating_mul(power),
            None if self.exponent < 0 || self.coefficient == 0 => 0,
            None => u128::MAX,
        };
        let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
        if self.negative { -magnitude } else { magnitude }
    }

    /// Returns how often the divisor fits whole into the dividend, toward zero, as Python's `a // b` does; `None` where the
    /// divisor is zero, or the result has more than 28 digits.
    #[must_use]
    pub fn whole_quotient(dividend: Self, divisor: Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let scale = dividend.exponent - divisor.exponent;
        let power = num_bigint::BigUint::power_of_ten(scale.unsigned_abs());
        let numerator = num_bigint::BigUint::from_u128(dividend.coefficient);
        let denominator = num_bigint::BigUint::from_u128(divisor.coefficient);
        let (quotient, _) = if scale >= 0 {
            Natural::times(&numerator, &power).divided_by(&denominator)
        } else {
            numerator.divided_by(&Natural::times(&denominator, &power))
        };
        if quotient.digits() > PRECISION {
            return None;
        }
        let negative = dividend.negative != divisor.negative;
        Some(Self { negative, coefficient: quotient.to_u128(), exponent: 0 })
    }

    /// Returns the value rounded toward zero to a multiple of a step, as Hummingbot quantizes prices and amounts; `None`
    /// where [`Self::whole_quotient`] has none.
    #[must_use]
    pub fn quantized(self, step: Self) -> Option<Self> {
        Self::whole_quotient(self, step).map(|count| Self::product(count, step))
    }

    /// Returns the value without its sign.
    #[must_use]
    pub fn magnitude(self) -> Self {
        Self { negative: false, ..self }
    }

    /// Returns the greater of two values; of equal ones the first, as Python does.
    #[must_use]
    pub fn greater(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// Returns the lesser of two values; of equal ones the first, as Python does.
    #[must_use]
    pub fn lesser(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
}
