//! 256 bits in two halves: enough for one operation on two prices, and much faster than numbers of any length.

/// Every power of ten that fits in 128 bits.
pub(super) const POWERS_OF_TEN: [u128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < 39 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Every power of five that fits in 128 bits.
pub(super) const POWERS_OF_FIVE: [u128; 56] = {
    let mut powers = [1; 56];
    let mut index = 1;
    while index < 56 {
        powers[index] = powers[index - 1] * 5;
        index += 1;
    }
    powers
};

/// The inverses of [`POWERS_OF_TEN`]: `(2^128 - 1) / 10^n`, rounded down.
const INVERSES: [u128; 39] = {
    let mut inverses = [0; 39];
    let mut index = 0;
    while index < 39 {
        inverses[index] = u128::MAX / POWERS_OF_TEN[index];
        index += 1;
    }
    inverses
};

const LOW: u128 = u64::MAX as u128;

/// A number below 2^256: the upper and the lower half.
pub(super) type Wide = (u128, u128);

/// Returns the number of bits; a zero has none.
pub(super) fn bits(value: u128) -> u32 {
    128 - value.leading_zeros()
}

/// Returns the number of decimal digits; a zero has one.
pub(super) fn digits(value: u128) -> u32 {
    // 1233 / 4096 is just below log10(2), near enough for 128 bits, so the guess is right or one too low.
    let guess = (bits(value) * 1233) >> 12;
    (guess + u32::from(value >= POWERS_OF_TEN[guess as usize])).max(1)
}

/// Returns the number of decimal digits of a number with up to 38 + 38 of them; `None` where it has more.
pub(super) fn digits_wide((high, low): Wide) -> Option<u32> {
    if high == 0 {
        return Some(digits(low));
    }
    let guess = ((128 + bits(high)) * 1233) >> 12;
    // Both factors are below 10^39, so the product fits.
    let power = times(POWERS_OF_TEN[38], *POWERS_OF_TEN.get(guess.checked_sub(38)? as usize)?);
    Some(guess + u32::from((high, low) >= power))
}

/// Returns the upper and the lower 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "the halves are what is asked for")]
pub(super) fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

/// Returns the product of two numbers.
pub(super) fn times(left: u128, right: u128) -> Wide {
    let (left_high, left_low) = (left >> 64, left & LOW);
    let (right_high, right_low) = (right >> 64, right & LOW);
    let low = left_low * right_low;
    let middle = left_high * right_low + (low >> 64);
    let other = left_low * right_high + (middle & LOW);
    (left_high * right_high + (middle >> 64) + (other >> 64), (other << 64) | (low & LOW))
}

/// Returns a product with a wide number; `None` where it needs more than 256 bits.
pub(super) fn times_wide((high, low): Wide, factor: u128) -> Option<Wide> {
    let (carry, low) = times(low, factor);
    Some((high.checked_mul(factor)?.checked_add(carry)?, low))
}

/// Returns the sum of two numbers below 2^255.
pub(super) fn plus(left: Wide, right: Wide) -> Wide {
    let (low, carry) = left.1.overflowing_add(right.1);
    (left.0 + right.0 + u128::from(carry), low)
}

/// Returns the difference, which must not be negative.
pub(super) fn minus(left: Wide, right: Wide) -> Wide {
    let (low, borrow) = left.1.overflowing_sub(right.1);
    (left.0 - right.0 - u128::from(borrow), low)
}

/// Returns the quotient and the remainder of a division by a power of ten, `10^0` to `10^38`.
///
/// The product with the inverse is at most one below the quotient: with `v < 2^128` and an inverse `i` of
/// `2^128 / 10^n - 1 <= i <= 2^128 / 10^n`, `v / 10^n - 1 < v * i / 2^128 <= v / 10^n`.
pub(super) fn divided_by_power_of_ten(value: u128, power: u32) -> (u128, u128) {
    let unit = POWERS_OF_TEN[power as usize];
    let (quotient, _) = times(value, INVERSES[power as usize]);
    let rest = value - quotient * unit;
    if rest >= unit { (quotient + 1, rest - unit) } else { (quotient, rest) }
}

/// Returns a number shifted to the right by 1 to 255 bits, and what falls out behind the point in 128 bits, of which the last
/// is set where anything follows; `None` where more than 128 bits are left.
pub(super) fn shifted_right((high, low): Wide, bits: u32) -> Option<(u128, u128)> {
    if bits > 128 {
        let bits = bits - 128;
        let behind = (high << (128 - bits)) | (low >> bits);
        return Some((high >> bits, behind | u128::from(low << (128 - bits) != 0)));
    }
    if bits == 128 {
        return Some((high, low));
    }
    (high >> bits == 0).then(|| ((high << (128 - bits)) | (low >> bits), low << (128 - bits)))
}

/// Returns a number shifted to the left by less than 128 bits.
pub(super) fn shifted_left(value: u128, bits: u32) -> Wide {
    if bits == 0 { (0, value) } else { (value >> (128 - bits), value << bits) }
}

/// Returns the quotient and the remainder; `None` where the quotient needs more than 128 bits.
///
/// Möller and Granlund, Improved division by invariant integers, 2011: one division of one word by another gives the
/// divisor's inverse, and multiplications do the rest.
pub(super) fn divided_by((high, low): Wide, divisor: u128) -> Option<(u128, u128)> {
    if high >= divisor {
        return None;
    }
    if high == 0 {
        return Some((low / divisor, low % divisor));
    }
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let high = if shift == 0 { high } else { (high << shift) | (low >> (128 - shift)) };
    let [upper, lower] = halves(low << shift);
    let inverse = inverse(divisor);
    let (first, rest) = digit(high, upper, divisor, inverse);
    let (second, rest) = digit(rest, lower, divisor, inverse);
    Some(((u128::from(first) << 64) | u128::from(second), rest >> shift))
}

/// Returns `(2^192 - 1) / divisor - 2^64` for a divisor whose top bit is set: algorithm 6.
fn inverse(divisor: u128) -> u64 {
    let [top, bottom] = halves(divisor);
    // With its top bit set, the inverse of the upper word lies between 2^64 and 2^65.
    let [_, mut inverse] = halves(u128::MAX / u128::from(top));
    let mut product = top.wrapping_mul(inverse).wrapping_add(bottom);
    if product < bottom {
        inverse = inverse.wrapping_sub(1);
        if product >= top {
            inverse = inverse.wrapping_sub(1);
            product = product.wrapping_sub(top);
        }
        product = product.wrapping_sub(top);
    }
    let [carry, lower] = halves(u128::from(inverse) * u128::from(bottom));
    let sum = product.wrapping_add(carry);
    if sum < product {
        inverse = inverse.wrapping_sub(1);
        if (sum, lower) >= (top, bottom) {
            inverse = inverse.wrapping_sub(1);
        }
    }
    inverse
}

/// Divides `rest · 2^64 + next`, where `rest` is less than the divisor; returns a digit of 64 bits and the remainder:
/// algorithm 5.
fn digit(rest: u128, next: u64, divisor: u128, inverse: u64) -> (u64, u128) {
    let [upper, middle] = halves(rest);
    let [top, bottom] = halves(divisor);
    let [guess, below] = halves((u128::from(inverse) * u128::from(upper)).wrapping_add(rest));
    let left = middle.wrapping_sub(guess.wrapping_mul(top));
    let mut remainder = ((u128::from(left) << 64) | u128::from(next))
        .wrapping_sub(u128::from(bottom) * u128::from(guess))
        .wrapping_sub(divisor);
    let mut digit = guess.wrapping_add(1);
    let [head, _] = halves(remainder);
    if head >= below {
        digit = digit.wrapping_sub(1);
        remainder = remainder.wrapping_add(divisor);
    }
    if remainder >= divisor {
        digit = digit.wrapping_add(1);
        remainder -= divisor;
    }
    (digit, remainder)
}
