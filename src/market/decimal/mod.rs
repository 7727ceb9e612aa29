//! Decimal numbers as Python's default context computes them.
//!
//! Hummingbot prices orders in Python's `decimal.Decimal`, so a replay that equals it needs the General Decimal
//! Arithmetic specification (Cowlishaw, version 1.70) in the context that Python starts with: 28 significant digits, half
//! to even, no traps that matter here. Two properties decide the last digit and are easily lost:
//!
//! * a binary float converts **exactly** (`Decimal(0.1)` has 55 digits), and only the result of the next operation is
//!   rounded, so operands may be far longer than results;
//! * the exponent is part of the value: `0.50` is not printed as `0.5`.
//!
//! ```
//! use hive::market::Decimal;
//!
//! let price = Decimal::product(93034.4, "0.999".parse::<Decimal>()?);
//! assert_eq!(price.to_string(), "92941.36559999999418505467474");
//! # Ok::<(), hive::market::decimal::text::Error>(())
//! ```
//!
//! `tests/it/decimal.rs` proves every operation against IBM's decNumber on generated operands.

mod float;
mod natural;
mod price;
pub mod text;
mod whole;
mod wide;

use std::cmp::Ordering;

use natural::Natural;
use natural::Short;
pub use price::Price;
use wide::Wide;

/// The number of significant digits of a result.
const PRECISION: u32 = 28;

/// A decimal number: `±coefficient · 10^exponent`, with at most 38 digits.
///
/// Results of operations have at most 28 digits. Equality and order are of the numeric value, as in Python: `0.50 == 0.5`.
// A replay keeps two of them for every executor, and so they take 24 bytes instead of 32.
#[derive(Debug, Clone, Copy)]
#[repr(Rust, packed(8))]
pub struct Decimal {
    negative: bool,
    coefficient: u128,
    exponent: i32,
}

/// What an operation takes: a decimal, or the exact value of a binary float.
///
/// The value is `±coefficient · base^power`.
#[derive(Debug, Clone, Copy)]
#[repr(Rust, packed(8))]
pub struct Operand {
    negative: bool,
    base: Base,
    coefficient: u128,
    power: i32,
}

/// The binary float nearest to an operand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// The float, see [`Operand::to_f64`].
    pub value: f64,
    /// How it compares with the operand.
    order: Ordering,
}

impl Nearest {
    /// Returns the greatest float that is not above the operand.
    #[must_use]
    pub fn floor(self) -> f64 {
        if self.order == Ordering::Greater { self.value.next_down() } else { self.value }
    }

    /// Returns the least float that is not below the operand.
    #[must_use]
    pub fn ceil(self) -> f64 {
        if self.order == Ordering::Less { self.value.next_up() } else { self.value }
    }
}

/// What the coefficient of an operand is scaled by a power of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// A decimal.
    Ten,
    /// A float.
    Two,
}

impl Decimal {
    /// Zero, with exponent zero.
    pub const ZERO: Self = Self { negative: false, coefficient: 0, exponent: 0 };
    /// One, with exponent zero.
    pub const ONE: Self = Self { negative: false, coefficient: 1, exponent: 0 };

    /// Returns whether the value is zero, of either sign.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Returns whether the value is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.coefficient != 0 && !self.negative
    }

    /// Returns the sum of two operands.
    #[must_use]
    pub fn sum(left: impl Into<Operand>, right: impl Into<Operand>) -> Self {
        add(left.into(), right.into())
    }

    /// Returns `left − right`.
    #[must_use]
    pub fn difference(left: impl Into<Operand>, right: impl Into<Operand>) -> Self {
        let right = right.into();
        add(left.into(), Operand { negative: !right.negative, ..right })
    }

    /// Returns the product of two operands.
    #[must_use]
    pub fn product(left: impl Into<Operand>, right: impl Into<Operand>) -> Self {
        multiply(left.into(), right.into())
    }

    /// Returns `dividend / divisor`, or `None` where the divisor is zero.
    #[must_use]
    pub fn quotient(dividend: impl Into<Operand>, divisor: impl Into<Operand>) -> Option<Self> {
        divide(dividend.into(), divisor.into())
    }

    /// Returns the binary float nearest to [`Self::quotient`], without its digits where they are not needed to tell.
    #[must_use]
    pub fn quotient_f64(dividend: impl Into<Operand>, divisor: impl Into<Operand>) -> Option<f64> {
        let (dividend, divisor) = (dividend.into(), divisor.into());
        float::estimated_quotient(dividend, divisor).or_else(|| divide(dividend, divisor).map(Self::to_f64))
    }

    /// Returns the binary float nearest to the value, ties to even, as Python's `float()` does.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        float::nearest(self.into())
    }
}

impl Decimal {
    /// Returns the greatest binary float that is not above the value; see [`Operand::floor_f64`].
    #[must_use]
    pub fn floor_f64(self) -> f64 {
        Operand::from(self).floor_f64()
    }

    /// Returns the least binary float that is not below the value; see [`Operand::ceil_f64`].
    #[must_use]
    pub fn ceil_f64(self) -> f64 {
        Operand::from(self).ceil_f64()
    }
}

impl std::ops::Neg for Decimal {
    type Output = Self;

    /// Flips the sign; as in Python, the negation of a zero is a positive zero.
    fn neg(self) -> Self {
        Self { negative: !self.negative && self.coefficient != 0, ..self }
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self { negative: false, coefficient: u128::from(value), exponent: 0 }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(compare((*self).into(), (*other).into()))
    }
}

impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        compare(*self, *other) == Ordering::Equal
    }
}

impl From<Decimal> for Operand {
    fn from(value: Decimal) -> Self {
        Self { negative: value.negative, base: Base::Ten, coefficient: value.coefficient, power: value.exponent }
    }
}

impl From<f64> for Operand {
    /// Takes the exact value of a finite float.
    ///
    /// # Panics
    ///
    /// Panics on a NaN or an infinity: candles and parameters are checked where they enter.
    fn from(value: f64) -> Self {
        assert!(value.is_finite(), "only finite floats have a decimal value");
        let bits = value.to_bits();
        let biased = (bits >> 52) & 0x7ff;
        let fraction = bits & ((1 << 52) - 1);
        let (mut mantissa, mut power) = if biased == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << 52), i32::try_from(biased).expect("eleven bits fit") - 1075)
        };
        let negative = value.is_sign_negative();
        if mantissa == 0 {
            return Self { negative, base: Base::Two, coefficient: 0, power: 0 };
        }
        let even = mantissa.trailing_zeros();
        mantissa >>= even;
        power += even.cast_signed();
        Self { negative, base: Base::Two, coefficient: u128::from(mantissa), power }
    }
}

impl Operand {
    /// Returns whether the value is zero, of either sign.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Returns the binary float nearest to the value.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        float::nearest(self)
    }

    /// Returns whether the value is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.coefficient != 0 && !self.negative
    }

    /// Returns the greatest binary float that is not above the value.
    ///
    /// A float `x` compares with the value exactly as it compares with this bound: `x <= v` if and only if `x <= floor`.
    #[must_use]
    pub fn floor_f64(self) -> f64 {
        self.nearest().floor()
    }

    /// Returns the least binary float that is not below the value.
    #[must_use]
    pub fn ceil_f64(self) -> f64 {
        self.nearest().ceil()
    }

    /// Returns the binary float nearest to the value, with the side of the value that it is on.
    #[must_use]
    pub fn nearest(self) -> Nearest {
        let (value, order) = float::nearest_and_order(self);
        Nearest { value, order }
    }

    /// Returns the power of two that the coefficient lacks, see [`Self::exponent`].
    fn twos(self) -> u32 {
        if self.base == Base::Two { self.power.max(0).unsigned_abs() } else { 0 }
    }

    /// Returns the power of five that the coefficient lacks, see [`Self::exponent`].
    fn fives(self) -> u32 {
        if self.base == Base::Two { self.power.min(0).unsigned_abs() } else { 0 }
    }

    /// Returns the decimal exponent of the value, as Python writes it: `±coefficient · 2^twos · 5^fives · 10^exponent`.
    fn exponent(self) -> i32 {
        // 2^-k = 5^k · 10^-k.
        if self.base == Base::Two { self.power.min(0) } else { self.power }
    }

    /// Returns an upper bound of the number of bits of the coefficient with its twos and fives multiplied in.
    fn bits(self) -> u32 {
        // log2(5) < 2.33.
        (128 - self.coefficient.leading_zeros()) + self.twos() + (self.fives() * 233).div_ceil(100)
    }

    /// Returns the coefficient with its twos and fives multiplied in, where that surely fits in 128 bits.
    fn plain(self) -> Option<u128> {
        if self.base == Base::Ten {
            return Some(self.coefficient);
        }
        (self.bits() <= 128).then(|| (self.coefficient * wide::POWERS_OF_FIVE[self.fives() as usize]) << self.twos())
    }

    /// Returns [`Self::plain`] times a power of ten, where that surely fits in 255 bits.
    fn aligned(self, shift: u32) -> Option<Wide> {
        let power = *wide::POWERS_OF_TEN.get(shift as usize)?;
        let plain = self.plain()?;
        (wide::bits(plain) + wide::bits(power) < 256).then(|| wide::times(plain, power))
    }

    /// Returns the coefficient with its twos and fives multiplied in.
    fn magnitude<N: Natural>(self) -> N {
        let mut magnitude = N::from_u128(self.coefficient);
        if self.fives() > 0 {
            magnitude = magnitude.times(&N::power_of_five(self.fives()));
        }
        magnitude.shifted_left(self.twos())
    }
}

/// Returns the sum, rounded to the context.
fn add(left: Operand, right: Operand) -> Decimal {
    let exponent = left.exponent().min(right.exponent());
    let shift_left = left.exponent().abs_diff(exponent);
    let shift_right = right.exponent().abs_diff(exponent);
    if left.is_zero() && right.is_zero() {
        return Decimal { negative: left.negative && right.negative, coefficient: 0, exponent };
    }
    if left.is_zero() {
        return add_to_zero(right, exponent);
    }
    if right.is_zero() {
        return add_to_zero(left, exponent);
    }
    if let (Some(aligned_left), Some(aligned_right)) = (left.aligned(shift_left), right.aligned(shift_right))
        && let Some(sum) = add_wide((left.negative, aligned_left), (right.negative, aligned_right), exponent)
    {
        return sum;
    }
    // log2(10) < 3.33.
    let bits = |operand: Operand, shift: u32| operand.bits() + (shift * 333).div_ceil(100);
    if bits(left, shift_left).max(bits(right, shift_right)) < Short::BITS {
        add_aligned::<Short>(left, shift_left, right, shift_right, exponent)
    } else {
        add_aligned::<num_bigint::BigUint>(left, shift_left, right, shift_right, exponent)
    }
}

/// Returns a non-zero operand plus a zero whose exponent pulls the result's down to `exponent`, as far as digits allow.
fn add_to_zero(operand: Operand, exponent: i32) -> Decimal {
    if operand.exponent() == exponent
        && let Some(sum) = operand.plain().and_then(|plain| rounded_wide(operand.negative, (0, plain), exponent))
    {
        return sum;
    }
    let magnitude = operand.magnitude::<num_bigint::BigUint>();
    let digits = magnitude.digits();
    let room = i64::from(PRECISION) - i64::from(digits);
    let wanted = i64::from(operand.exponent()) - i64::from(exponent);
    let shift = u32::try_from(wanted.min(room).max(0)).expect("at most 28");
    let scaled = magnitude.times(&num_bigint::BigUint::power_of_ten(shift));
    rounded(operand.negative, &scaled, operand.exponent() - shift.cast_signed(), false)
}

/// Returns the sum of two signed magnitudes of one exponent; `None` where it has too many digits for two halves.
fn add_wide(left: (bool, Wide), right: (bool, Wide), exponent: i32) -> Option<Decimal> {
    if left.0 == right.0 {
        return rounded_wide(left.0, wide::plus(left.1, right.1), exponent);
    }
    match left.1.cmp(&right.1) {
        Ordering::Equal => Some(Decimal { negative: false, coefficient: 0, exponent }),
        Ordering::Greater => rounded_wide(left.0, wide::minus(left.1, right.1), exponent),
        Ordering::Less => rounded_wide(right.0, wide::minus(right.1, left.1), exponent),
    }
}

fn add_aligned<N: Natural>(left: Operand, shift_left: u32, right: Operand, shift_right: u32, exponent: i32) -> Decimal {
    let aligned = |operand: Operand, shift: u32| {
        let magnitude = operand.magnitude::<N>();
        if shift == 0 { magnitude } else { magnitude.times(&N::power_of_ten(shift)) }
    };
    let left_magnitude = aligned(left, shift_left);
    let right_magnitude = aligned(right, shift_right);
    if left.negative == right.negative {
        return rounded(left.negative, &left_magnitude.plus(&right_magnitude), exponent, false);
    }
    match left_magnitude.cmp(&right_magnitude) {
        Ordering::Equal => Decimal { negative: false, coefficient: 0, exponent },
        Ordering::Greater => rounded(left.negative, &left_magnitude.minus(&right_magnitude), exponent, false),
        Ordering::Less => rounded(right.negative, &right_magnitude.minus(&left_magnitude), exponent, false),
    }
}

/// Returns the product, rounded to the context.
fn multiply(left: Operand, right: Operand) -> Decimal {
    let negative = left.negative != right.negative;
    let exponent = left.exponent() + right.exponent();
    if left.is_zero() || right.is_zero() {
        return Decimal { negative, coefficient: 0, exponent };
    }
    let by_word = match (left.base, right.base) {
        (Base::Two, Base::Ten) => multiply_by_word(right, left, negative),
        (Base::Ten, Base::Two) => multiply_by_word(left, right, negative),
        _ => None,
    };
    if let Some(product) = by_word {
        return product;
    }
    let product = match (left.plain(), right.plain()) {
        (Some(left), Some(right)) => rounded_wide(negative, wide::times(left, right), exponent),
        // One factor alone has more digits than a result may have, so the product is not exact.
        _ => multiply_with_float(left, right, negative),
    };
    if let Some(product) = product {
        return product;
    }
    if left.bits() + right.bits() < Short::BITS {
        rounded(negative, &left.magnitude::<Short>().times(&right.magnitude()), exponent, false)
    } else {
        rounded(negative, &left.magnitude::<num_bigint::BigUint>().times(&right.magnitude()), exponent, false)
    }
}

/// Returns the product of a long decimal and a float that is no whole number; `None` where it has no digit to drop before the
/// binary point, or the float more than 63 bits behind it.
///
/// The usual price of a market maker: a close times 1 - spread, where the spread is a float, too.
fn multiply_by_word(decimal: Operand, float: Operand, negative: bool) -> Option<Decimal> {
    let halvings = float.fives();
    if halvings == 0 || halvings > 63 {
        return None;
    }
    let [upper, lower] = wide::halves(decimal.coefficient);
    let [_, word] = wide::halves(float.coefficient);
    let low = u128::from(lower) * u128::from(word);
    let high = u128::from(upper) * u128::from(word) + (low >> 64);
    let [_, low] = wide::halves(low);
    if high.leading_zeros() < 64 - halvings {
        return None;
    }
    let whole = (high << (64 - halvings)) | u128::from(low >> halvings);
    let dropped = wide::digits(whole).checked_sub(PRECISION).filter(|&dropped| dropped > 0)?;
    let (kept, rest) = wide::divided_by_power_of_ten(whole, dropped);
    let order = against_half(rest, dropped, low << (64 - halvings) != 0);
    Some(half_even(negative, kept, order, decimal.power + dropped.cast_signed()))
}

/// Returns an inexact product with a float, whose powers of five cancel against its powers of ten; `None` where 256 bits are
/// not enough.
///
/// A close of 93034.4 is `c · 5^36 · 10^-36`, 41 digits long, but also `c · 2^-36`: dividing by `2^36 · 10^n` needs one word.
fn multiply_with_float(left: Operand, right: Operand, negative: bool) -> Option<Decimal> {
    let fives = left.fives() + right.fives();
    // The value is `product · 2^-halvings · 10^scale`.
    let halvings = fives.checked_sub(left.twos() + right.twos()).filter(|halvings| (1..256).contains(halvings))?;
    let scale = left.exponent() + right.exponent() + fives.cast_signed();
    let product = wide::times(left.coefficient, right.coefficient);
    let bits = wide::bits(left.coefficient) + wide::bits(right.coefficient);
    // 95 bits before the binary point are 28 digits at least; a power of ten has more than 3.32 bits for each of its own.
    let lacking = (97 + halvings).saturating_sub(bits).div_ceil(3);
    let power = *wide::POWERS_OF_TEN.get(lacking as usize)?;
    let product = if lacking == 0 { product } else { wide::times_wide(product, power)? };
    let (whole, behind) = wide::shifted_right(product, halvings)?;
    let dropped = wide::digits(whole).checked_sub(PRECISION)?;
    let (kept, rest) = wide::divided_by_power_of_ten(whole, dropped);
    let order = match dropped {
        // Without a digit to drop, what stands behind the binary point alone decides.
        0 => behind.cmp(&(1 << 127)),
        _ => against_half(rest, dropped, behind != 0),
    };
    Some(half_even(negative, kept, order, scale - lacking.cast_signed() + dropped.cast_signed()))
}

/// Compares the last digits of a number with a half of their unit; `follows` says that more than zeros stand behind them.
fn against_half(rest: u128, dropped: u32, follows: bool) -> Ordering {
    match rest.cmp(&(wide::POWERS_OF_TEN[dropped as usize] / 2)) {
        Ordering::Equal if follows => Ordering::Greater,
        order => order,
    }
}

/// Rounds an exact magnitude to the context, half to even; `None` where it has more than 38 digits too many.
fn rounded_wide(negative: bool, magnitude: Wide, exponent: i32) -> Option<Decimal> {
    let digits = wide::digits_wide(magnitude)?;
    let (high, low) = magnitude;
    if digits <= PRECISION {
        return Some(Decimal { negative, coefficient: low, exponent });
    }
    let dropped = digits - PRECISION;
    let (kept, rest) = if high == 0 {
        wide::divided_by_power_of_ten(low, dropped)
    } else {
        wide::divided_by(magnitude, *wide::POWERS_OF_TEN.get(dropped as usize)?)?
    };
    Some(half_even(negative, kept, against_half(rest, dropped, false), exponent + dropped.cast_signed()))
}

/// Rounds 28 digits up or not, by how what follows them compares with a half of their last unit.
fn half_even(negative: bool, mut coefficient: u128, rest: Ordering, mut exponent: i32) -> Decimal {
    let up = match rest {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => coefficient & 1 == 1,
    };
    if up {
        coefficient += 1;
        if coefficient == 10u128.pow(PRECISION) {
            coefficient /= 10;
            exponent += 1;
        }
    }
    Decimal { negative, coefficient, exponent }
}

/// Returns the quotient, rounded to the context; `None` where the divisor is zero.
fn divide(dividend: Operand, divisor: Operand) -> Option<Decimal> {
    if divisor.is_zero() {
        return None;
    }
    let negative = dividend.negative != divisor.negative;
    if dividend.is_zero() {
        return Some(Decimal { negative, coefficient: 0, exponent: dividend.exponent() - divisor.exponent() });
    }
    if let Some(quotient) = divide_short(dividend, divisor, negative) {
        return Some(quotient);
    }
    // The shift below is bounded by the digits of both, and 29 digits are 97 bits.
    let fits = dividend.bits().max(divisor.bits()) + divisor.bits() + 100 < Short::BITS;
    Some(if fits {
        divide_magnitudes::<Short>(negative, dividend, divisor)
    } else {
        divide_magnitudes::<num_bigint::BigUint>(negative, dividend, divisor)
    })
}

/// Returns the quotient of two short numbers; `None` where 256 bits do not hold the shifted dividend.
fn divide_short(dividend: Operand, divisor: Operand, negative: bool) -> Option<Decimal> {
    let ideal = dividend.exponent() - divisor.exponent();
    let (dividend, divisor) = (dividend.plain()?, divisor.plain()?);
    let shift = (wide::digits(divisor) + PRECISION + 1).checked_sub(wide::digits(dividend))?;
    // The divisor has at most 39 digits, so a first power of ten brings the dividend to 30 digits at most.
    let first = shift.saturating_sub(38);
    let [first, second] = [first, shift - first].map(|power| wide::POWERS_OF_TEN[power as usize]);
    let numerator = wide::times(dividend * first, second);
    let (mut quotient, remainder) = wide::divided_by(numerator, divisor)?;
    let mut exponent = ideal - shift.cast_signed();
    // An exact quotient takes the exponent nearest to the ideal one.
    while remainder == 0 && exponent < ideal && quotient % 10 == 0 {
        quotient /= 10;
        exponent += 1;
    }
    let digits = wide::digits(quotient);
    let Some(dropped) = digits.checked_sub(PRECISION).filter(|&dropped| dropped > 0) else {
        return Some(Decimal { negative, coefficient: quotient, exponent });
    };
    let (kept, rest) = wide::divided_by_power_of_ten(quotient, dropped);
    let order = against_half(rest, dropped, remainder != 0);
    Some(half_even(negative, kept, order, exponent + dropped.cast_signed()))
}

fn divide_magnitudes<N: Natural>(negative: bool, dividend: Operand, divisor: Operand) -> Decimal {
    let numerator = dividend.magnitude::<N>();
    let denominator = divisor.magnitude::<N>();
    let ideal = dividend.exponent() - divisor.exponent();
    let shift = denominator.digits().cast_signed() - numerator.digits().cast_signed() + PRECISION.cast_signed() + 1;
    let exponent = ideal - shift;
    let power = N::power_of_ten(shift.unsigned_abs());
    let (mut quotient, remainder) = if shift >= 0 {
        numerator.times(&power).divided_by(&denominator)
    } else {
        numerator.divided_by(&denominator.times(&power))
    };
    if !remainder.is_zero() {
        return rounded(negative, &quotient, exponent, true);
    }
    // An exact quotient takes the exponent nearest to the ideal one.
    let ten = N::from_u128(10);
    let mut exponent = exponent;
    while exponent < ideal {
        let (tenth, digit) = quotient.divided_by(&ten);
        if !digit.is_zero() {
            break;
        }
        quotient = tenth;
        exponent += 1;
    }
    rounded(negative, &quotient, exponent, false)
}

/// Rounds a magnitude to the context, half to even; `sticky` says that non-zero digits follow it.
fn rounded<N: Natural>(negative: bool, magnitude: &N, exponent: i32, sticky: bool) -> Decimal {
    let digits = magnitude.digits();
    if digits <= PRECISION {
        debug_assert!(!sticky, "an inexact result carries more digits than the context keeps");
        return Decimal { negative, coefficient: magnitude.to_u128(), exponent };
    }
    let dropped = digits - PRECISION;
    let unit = N::power_of_ten(dropped);
    let (kept, rest) = magnitude.divided_by(&unit);
    let rest = match rest.shifted_left(1).cmp(&unit) {
        Ordering::Equal if sticky => Ordering::Greater,
        order => order,
    };
    half_even(negative, kept.to_u128(), rest, exponent + dropped.cast_signed())
}

/// Compares two values exactly.
#[must_use]
pub fn compare(left: Operand, right: Operand) -> Ordering {
    match (left.is_zero(), right.is_zero()) {
        (true, true) => return Ordering::Equal,
        (true, false) => {
            return if right.negative { Ordering::Greater } else { Ordering::Less };
        }
        (false, true) => {
            return if left.negative { Ordering::Less } else { Ordering::Greater };
        }
        (false, false) => {}
    }
    match (left.negative, right.negative) {
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        _ => {}
    }
    let exponent = left.exponent().min(right.exponent());
    let shift_left = left.exponent().abs_diff(exponent);
    let shift_right = right.exponent().abs_diff(exponent);
    let bits = |operand: Operand, shift: u32| operand.bits() + (shift * 333).div_ceil(100);
    let order = if let (Some(left), Some(right)) = (left.aligned(shift_left), right.aligned(shift_right)) {
        left.cmp(&right)
    } else if bits(left, shift_left).max(bits(right, shift_right)) < Short::BITS {
        compare_magnitudes::<Short>(left, shift_left, right, shift_right)
    } else {
        compare_magnitudes::<num_bigint::BigUint>(left, shift_left, right, shift_right)
    };
    if left.negative { order.reverse() } else { order }
}

fn compare_magnitudes<N: Natural>(left: Operand, shift_left: u32, right: Operand, shift_right: u32) -> Ordering {
    let left = left.magnitude::<N>().times(&N::power_of_ten(shift_left));
    let right = right.magnitude::<N>().times(&N::power_of_ten(shift_right));
    left.cmp(&right)
}
