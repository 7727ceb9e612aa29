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

const LOW: u128 = u64::MAX as u128;

/// A number below 2^256: the upper and the lower half.
pub(super) type Wide = (u128, u128);

/// Returns the number of decimal digits; a zero has one.
pub(super) fn digits(value: u128) -> u32 {
    value.checked_ilog10().unwrap_or(0) + 1
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

/// Returns a number shifted to the left by less than 128 bits.
pub(super) fn shifted_left(value: u128, bits: u32) -> Wide {
    if bits == 0 { (0, value) } else { (value >> (128 - bits), value << bits) }
}

/// Returns the quotient and the remainder; `None` where the quotient needs more than 128 bits.
///
/// Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D, for two digits of 64 bits.
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
    let low = low << shift;
    let (first, rest) = digit(high, low >> 64, divisor);
    let (second, rest) = digit(rest, low & LOW, divisor);
    Some(((first << 64) | second, rest >> shift))
}

/// Divides `rest · 2^64 + next` by a divisor whose top bit is set; returns a digit of 64 bits and the remainder.
fn digit(rest: u128, next: u128, divisor: u128) -> (u128, u128) {
    let (top, bottom) = (divisor >> 64, divisor & LOW);
    let mut guess = rest / top;
    let mut left = rest % top;
    while guess > LOW || guess * bottom > ((left << 64) | next) {
        guess -= 1;
        left += top;
        if left > LOW {
            break;
        }
    }
    let remainder = (rest << 64 | next).wrapping_sub(guess.wrapping_mul(divisor));
    (guess, remainder)
}
