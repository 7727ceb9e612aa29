//! From decimals back to binary floats, correctly rounded.

use std::cmp::Ordering;

use num_bigint::BigUint;

use super::Base;
use super::Decimal;
use super::Natural;
use super::Operand;
use super::Short;
use super::compare;
use super::wide;

/// The largest power of ten, either way, for which the quotient is computed on the stack.
const SHORT_EXPONENT: u32 = 40;

/// Returns the float nearest to an operand, ties to even.
pub(super) fn nearest(operand: Operand) -> f64 {
    if let Some((nearest, _)) = of_float(operand).or_else(|| estimated(operand)).or_else(|| of_decimal(operand)) {
        return nearest;
    }
    if operand.is_zero() {
        return if operand.negative { -0.0 } else { 0.0 };
    }
    let magnitude = if operand.exponent().unsigned_abs() <= SHORT_EXPONENT && operand.bits() < 256 {
        by_division(operand.magnitude(), operand.exponent())
    } else {
        // The standard library's parser rounds correctly for any number of digits.
        let digits = operand.magnitude::<BigUint>();
        format!("{digits}e{}", operand.exponent()).parse().expect("digits with an exponent are a float")
    };
    if operand.negative { -magnitude } else { magnitude }
}

/// Returns the float nearest to an operand, and how that float compares with the operand.
pub(super) fn nearest_and_order(operand: Operand) -> (f64, Ordering) {
    of_float(operand).or_else(|| estimated(operand)).or_else(|| of_decimal(operand)).unwrap_or_else(|| {
        let nearest = nearest(operand);
        (nearest, compare(nearest.into(), operand))
    })
}

/// Returns the float that an operand was made of.
fn of_float(operand: Operand) -> Option<(f64, Ordering)> {
    // A power of two below these is no normal float.
    if operand.base == Base::Ten || operand.power < -1022 {
        return None;
    }
    let [_, mantissa] = wide::halves(operand.coefficient);
    let magnitude = mantissa as f64 * power_of_two(operand.power);
    Some((if operand.negative { -magnitude } else { magnitude }, Ordering::Equal))
}

/// `2^(63 + n) / 10^index` rounded down, with the `n` that makes it a number of 64 bits.
const INVERSES: [(u64, u32); 39] = {
    let mut inverses = [(1 << 63, 0); 39];
    let mut index = 1;
    while index < 39 {
        let power = wide::POWERS_OF_TEN[index];
        let bits = 128 - power.leading_zeros();
        // 2^127 / 10^index has 128 − bits of the bits, and the rest comes of what is left over.
        let (mut inverse, mut rest) = ((1 << 127) / power, (1 << 127) % power);
        let mut lacking = bits.saturating_sub(64);
        while lacking > 0 {
            rest *= 2;
            inverse *= 2;
            if rest >= power {
                rest -= power;
                inverse += 1;
            }
            lacking -= 1;
        }
        inverse >>= 64u32.saturating_sub(bits);
        #[allow(clippy::cast_possible_truncation, reason = "64 bits are left")]
        let inverse = inverse as u64;
        inverses[index] = (inverse, bits);
        index += 1;
    }
    inverses
};

/// The upper 64 bits of `10^index`, and the power of two that they are to be multiplied by.
const POWERS: [(u64, i32); 39] = {
    let mut powers = [(0, 0); 39];
    let mut index = 0;
    while index < 39 {
        let power = wide::POWERS_OF_TEN[index];
        let zeros = power.leading_zeros();
        #[allow(clippy::cast_possible_truncation, reason = "64 bits are left")]
        let head = ((power << zeros) >> 64) as u64;
        powers[index] = (head, 64 - zeros.cast_signed());
        index += 1;
    }
    powers
};

/// Returns the float nearest to a quotient of two decimals, which was rounded to the context before, where 64 bits tell it.
pub(super) fn estimated_quotient(dividend: Operand, divisor: Operand) -> Option<f64> {
    // What is rounded to 28 digits has moved by less than 2^-90 of itself, each factor below by less than 2^-63.
    const UNSURE: u64 = 16;
    let is_plain = |operand: Operand| operand.base == Base::Ten && operand.coefficient != 0;
    if !is_plain(dividend) || !is_plain(divisor) {
        return None;
    }
    let scale = dividend.power - divisor.power;
    let index = scale.unsigned_abs() as usize;
    let (power, power_exponent) = if scale < 0 {
        let (inverse, bits) = *INVERSES.get(index)?;
        (inverse, -63 - bits.cast_signed())
    } else {
        *POWERS.get(index)?
    };
    let shifts = [dividend, divisor].map(|operand| operand.coefficient.leading_zeros());
    let [[above, _], [below, _]] = [(dividend, shifts[0]), (divisor, shifts[1])]
        .map(|(operand, shift)| wide::halves(operand.coefficient << shift));
    // At most 2^64 - 1, and too high or too low by less than two.
    let [_, quotient] = wide::halves((u128::from(above) << 63) / u128::from(below));
    let zeros = quotient.leading_zeros();
    let [product, _] = wide::halves(u128::from(quotient << zeros) * u128::from(power));
    let extra = 11 - product.leading_zeros();
    let rounding = product & ((1 << extra) - 1);
    let half = 1 << (extra - 1);
    if rounding.abs_diff(half) < UNSURE {
        return None;
    }
    // At most 2^53, which a float holds.
    let mantissa = ((product >> extra) + u64::from(rounding > half)) as f64;
    let shift = shifts[1].cast_signed() - shifts[0].cast_signed() - zeros.cast_signed();
    let magnitude = mantissa * power_of_two(extra.cast_signed() + 1 + shift + power_exponent);
    Some(if dividend.negative == divisor.negative { magnitude } else { -magnitude })
}

/// Returns what [`of_decimal`] does where 64 bits of the value tell it, which is nearly always.
fn estimated(operand: Operand) -> Option<(f64, Ordering)> {
    if operand.base == Base::Two || operand.coefficient == 0 || operand.exponent() > 0 {
        return None;
    }
    let (inverse, bits) = *INVERSES.get(operand.exponent().unsigned_abs() as usize)?;
    let shift = operand.coefficient.leading_zeros();
    // Both factors have 64 bits and are too low by less than one, so the product's upper half is too low by less than three.
    let [head, _] = wide::halves(operand.coefficient << shift);
    let [product, _] = wide::halves(u128::from(head) * u128::from(inverse));
    of_head(product, 3, 65 - shift.cast_signed() - bits.cast_signed(), operand.negative)
}

/// Returns the float nearest to `head · 2^power`, and how it compares with the value, where that is certain: a head of 63 or 64
/// bits that is too low by less than `lacking`.
fn of_head(head: u64, lacking: u64, power: i32, negative: bool) -> Option<(f64, Ordering)> {
    let extra = 11 - head.leading_zeros();
    let rounding = head & ((1 << extra) - 1);
    let half = 1 << (extra - 1);
    let kept = head >> extra;
    let up = rounding > half;
    let is_sure = if up { rounding + lacking < 2 * half } else { rounding > 0 && rounding + lacking < half };
    // At most 2^53, which a float holds.
    let mantissa = (kept + u64::from(up)) as f64;
    let magnitude = mantissa * power_of_two(extra.cast_signed() + power);
    let order = if up { Ordering::Greater } else { Ordering::Less };
    is_sure.then_some(if negative { (-magnitude, order.reverse()) } else { (magnitude, order) })
}

/// Returns the float nearest to the product of a float and a decimal, which was rounded to the context before, and how that
/// float compares with it, where 64 bits tell both.
pub(super) fn estimated_product(float: f64, factor: Decimal) -> Option<(f64, Ordering)> {
    let bits = float.to_bits();
    let biased = (bits >> 52) & 0x7ff;
    if !(1..0x7ff).contains(&biased) || factor.coefficient == 0 || factor.exponent > 0 {
        return None;
    }
    let float_power = i32::try_from(biased).expect("eleven bits fit") - 1023 - 63;
    let (inverse, inverse_bits) = *INVERSES.get(factor.exponent.unsigned_abs() as usize)?;
    let mantissa = (1 << 63) | (bits << 11);
    let shift = factor.coefficient.leading_zeros();
    let [head, _] = wide::halves(factor.coefficient << shift);
    // The first product is too low by less than two, with its top bit set by less than four, and so the second by less than
    // six. What is rounded to 28 digits has moved by less than 2^-90 of itself.
    let [product, _] = wide::halves(u128::from(mantissa) * u128::from(head));
    let zeros = product.leading_zeros();
    let [product, _] = wide::halves(u128::from(product << zeros) * u128::from(inverse));
    let power = float_power + 64 - zeros.cast_signed() + 64 - shift.cast_signed();
    let power = power + 64 - 63 - inverse_bits.cast_signed();
    // Only the power of a normal float is taken.
    (-900..900).contains(&power).then_some(())?;
    of_head(product, 7, power, float.is_sign_negative() != factor.negative)
}

/// Returns the float nearest to a plain decimal of usual size, and how that float compares with it.
fn of_decimal(operand: Operand) -> Option<(f64, Ordering)> {
    if operand.base == Base::Two || operand.coefficient == 0 || operand.exponent() > 0 {
        return None;
    }
    let divisor = *wide::POWERS_OF_TEN.get(operand.exponent().unsigned_abs() as usize)?;
    // The quotient has 65 to 67 bits: those of a float, one to round by, and some to spare.
    let shift = (operand.coefficient.leading_zeros() + 66).checked_sub(divisor.leading_zeros())?;
    if shift >= 128 {
        return None;
    }
    let (quotient, remainder) = wide::divided_by(wide::shifted_left(operand.coefficient, shift), divisor)?;
    let extra = (128 - quotient.leading_zeros()).checked_sub(53)?;
    let kept = quotient >> extra;
    let rounding = quotient & ((1 << extra) - 1);
    let half = 1 << (extra - 1);
    let up = rounding > half || (rounding == half && (remainder != 0 || kept & 1 == 1));
    let order = match (up, rounding == 0 && remainder == 0) {
        (_, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, false) => Ordering::Less,
    };
    // At most 2^53, which a float holds.
    let mantissa = (kept + u128::from(up)) as f64;
    let magnitude = mantissa * power_of_two(extra.cast_signed() - shift.cast_signed());
    Some(if operand.negative { (-magnitude, order.reverse()) } else { (magnitude, order) })
}

/// Returns the float nearest to `magnitude · 10^exponent`, from a quotient of at least 64 bits and whether anything follows it.
fn by_division(magnitude: Short, exponent: i32) -> f64 {
    let (quotient, follows, shift) = if exponent >= 0 {
        (magnitude.times(&Short::power_of_ten(exponent.unsigned_abs())), false, 0)
    } else {
        let divisor = Short::power_of_ten(exponent.unsigned_abs());
        let shift = (divisor.bits() + 66).saturating_sub(magnitude.bits());
        let (quotient, remainder) = magnitude.shifted_left(shift).divided_by(&divisor);
        (quotient, !remainder.is_zero(), shift)
    };
    let bits = quotient.bits();
    let dropped = bits.saturating_sub(64);
    let (head, rest) = quotient.split(dropped);
    let follows = follows || rest;
    // `head` has at most 64 bits; a float keeps 53 of them.
    let extra = (64 - head.leading_zeros()).saturating_sub(53);
    let kept = head >> extra;
    let rounding = head & ((1u64 << extra) - 1);
    let half = if extra == 0 { 0 } else { 1u64 << (extra - 1) };
    let up = extra > 0 && (rounding > half || (rounding == half && (follows || kept & 1 == 1)));
    let mantissa = kept + u64::from(up);
    let power = (extra + dropped).cast_signed() - shift.cast_signed();
    // The magnitude is between 1e-40 and 2^256 · 1e40, so the power of two is a normal float and the product is exact.
    mantissa as f64 * power_of_two(power)
}

/// Returns a power of two as a float, which must be normal.
fn power_of_two(power: i32) -> f64 {
    let biased = u64::try_from(power + 1023).expect("the power is that of a normal float");
    f64::from_bits(biased << 52)
}
