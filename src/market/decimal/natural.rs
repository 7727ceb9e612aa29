//! Natural numbers that decimal operations are computed with: 512 bits on the stack, or as many as it takes.
//!
//! Prices and amounts of any market fit the short form, in which nothing is allocated; floats such as 1e-80 convert to
//! hundreds of digits and take the long one. Both run the same algorithms.

use std::cmp::Ordering;
use std::sync::LazyLock;

use num_bigint::BigUint;

/// A natural number that can be scaled by powers of two, five and ten.
pub(super) trait Natural: Ord + Sized {
    /// Converts from 128 bits.
    fn from_u128(value: u128) -> Self;
    /// Returns the value, which must fit in 128 bits.
    fn to_u128(&self) -> u128;
    /// Returns `10^power`.
    fn power_of_ten(power: u32) -> Self;
    /// Returns `5^power`.
    fn power_of_five(power: u32) -> Self;
    /// Returns whether the value is zero.
    fn is_zero(&self) -> bool;
    /// Returns the number of decimal digits; a zero has one.
    fn digits(&self) -> u32;
    /// Returns the sum.
    fn plus(&self, other: &Self) -> Self;
    /// Returns the difference, which must not be negative.
    fn minus(&self, other: &Self) -> Self;
    /// Returns the product.
    fn times(&self, other: &Self) -> Self;
    /// Returns the quotient and the remainder.
    fn divided_by(&self, divisor: &Self) -> (Self, Self);
    /// Returns the value times a power of two.
    fn shifted_left(&self, bits: u32) -> Self;
}

impl Natural for BigUint {
    fn from_u128(value: u128) -> Self {
        Self::from(value)
    }

    fn to_u128(&self) -> u128 {
        u128::try_from(self).expect("callers ask for at most 38 digits")
    }

    fn power_of_ten(power: u32) -> Self {
        Self::from(10u32).pow(power)
    }

    fn power_of_five(power: u32) -> Self {
        Self::from(5u32).pow(power)
    }

    fn is_zero(&self) -> bool {
        self.bits() == 0
    }

    fn digits(&self) -> u32 {
        u32::try_from(self.to_string().len()).expect("a float has at most 767 digits")
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn divided_by(&self, divisor: &Self) -> (Self, Self) {
        (self / divisor, self % divisor)
    }

    fn shifted_left(&self, bits: u32) -> Self {
        self << bits
    }
}

const LIMBS: usize = 8;

/// A natural number below 2^512; the caller keeps results in range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    /// Least significant first.
    limbs: [u64; LIMBS],
    /// How many limbs are in use: the last one of them is not zero.
    len: usize,
}

static POWERS_OF_TEN: LazyLock<Vec<Short>> = LazyLock::new(|| powers(10));
static POWERS_OF_FIVE: LazyLock<Vec<Short>> = LazyLock::new(|| powers(5));

/// Returns every power of `base` below 2^512.
fn powers(base: u128) -> Vec<Short> {
    let base = Short::from_u128(base);
    let mut power = Short::from_u128(1);
    let mut all = vec![power];
    while power.bits() + base.bits() <= Short::BITS {
        power = power.times(&base);
        all.push(power);
    }
    all
}

impl Short {
    /// The number of bits.
    pub(super) const BITS: u32 = 512;

    const ZERO: Self = Self { limbs: [0; LIMBS], len: 0 };

    /// Returns the number of bits.
    pub(super) fn bits(&self) -> u32 {
        match self.used().last() {
            None => 0,
            Some(top) => u32::try_from(self.len).expect("at most eight") * 64 - top.leading_zeros(),
        }
    }

    /// Returns the value without its lowest bits, which must leave at most 64, and whether any of those is set.
    pub(super) fn split(&self, dropped: u32) -> (u64, bool) {
        let (whole, part) = ((dropped / 64) as usize, dropped % 64);
        let limb = |index: usize| self.limbs.get(index).copied().unwrap_or(0);
        let head = if part == 0 { limb(whole) } else { (limb(whole) >> part) | (limb(whole + 1) << (64 - part)) };
        let below = self.limbs[..whole.min(LIMBS)].iter().any(|&limb| limb != 0);
        (head, below || limb(whole) & ((1u64 << part) - 1) != 0)
    }

    fn used(&self) -> &[u64] {
        &self.limbs[..self.len]
    }

    fn trimmed(limbs: [u64; LIMBS], at_most: usize) -> Self {
        let mut len = at_most.min(LIMBS);
        while len > 0 && limbs[len - 1] == 0 {
            len -= 1;
        }
        Self { limbs, len }
    }

    /// Divides by one limb.
    fn divided_by_limb(&self, divisor: u64) -> (Self, Self) {
        let mut quotient = [0; LIMBS];
        let mut rest = 0u128;
        for index in (0..self.len).rev() {
            let part = (rest << 64) | u128::from(self.limbs[index]);
            quotient[index] = low(part / u128::from(divisor));
            rest = part % u128::from(divisor);
        }
        (Self::trimmed(quotient, self.len), Self::from_u128(rest))
    }

    /// Divides by two or more limbs: Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.
    fn divided_long(&self, divisor: &Self) -> (Self, Self) {
        let count = divisor.len;
        let shift = divisor.limbs[count - 1].leading_zeros();
        let by = divisor.shifted_left(shift);
        let top = u128::from(by.limbs[count - 1]);
        let second = u128::from(by.limbs[count - 2]);
        let mut rest = [0u64; LIMBS + 1];
        for index in 0..self.len {
            let spread = u128::from(self.limbs[index]) << shift;
            rest[index] |= low(spread);
            rest[index + 1] = low(spread >> 64);
        }
        let mut quotient = [0u64; LIMBS];
        for index in (0..=self.len - count).rev() {
            let head = (u128::from(rest[index + count]) << 64) | u128::from(rest[index + count - 1]);
            let mut guess = head / top;
            let mut left = head % top;
            while guess >> 64 != 0 || guess * second > ((left << 64) | u128::from(rest[index + count - 2])) {
                guess -= 1;
                left += top;
                if left >> 64 != 0 {
                    break;
                }
            }
            let mut borrow = 0i128;
            let mut carry = 0u128;
            for limb in 0..count {
                let product = guess * u128::from(by.limbs[limb]) + carry;
                carry = product >> 64;
                let part = i128::from(rest[index + limb]) - borrow - i128::from(low(product));
                rest[index + limb] = low(part.cast_unsigned());
                borrow = i128::from(part < 0);
            }
            let part = i128::from(rest[index + count]) - borrow - carry.cast_signed();
            rest[index + count] = low(part.cast_unsigned());
            if part < 0 {
                guess -= 1;
                let mut carry = 0u128;
                for limb in 0..count {
                    let part = u128::from(rest[index + limb]) + u128::from(by.limbs[limb]) + carry;
                    rest[index + limb] = low(part);
                    carry = part >> 64;
                }
                rest[index + count] = rest[index + count].wrapping_add(low(carry));
            }
            quotient[index] = low(guess);
        }
        let mut remainder = [0; LIMBS];
        for index in 0..count {
            let high = if shift == 0 { 0 } else { rest[index + 1] << (64 - shift) };
            remainder[index] = (rest[index] >> shift) | high;
        }
        (Self::trimmed(quotient, self.len - count + 1), Self::trimmed(remainder, count))
    }
}

/// Returns the lowest 64 bits.
fn low(value: u128) -> u64 {
    u64::try_from(value & u128::from(u64::MAX)).expect("masked")
}

impl Natural for Short {
    fn from_u128(value: u128) -> Self {
        let mut limbs = [0; LIMBS];
        limbs[0] = low(value);
        limbs[1] = low(value >> 64);
        Self::trimmed(limbs, 2)
    }

    fn to_u128(&self) -> u128 {
        debug_assert!(self.len <= 2, "callers ask for at most 38 digits");
        u128::from(self.limbs[0]) | (u128::from(self.limbs[1]) << 64)
    }

    fn power_of_ten(power: u32) -> Self {
        POWERS_OF_TEN[power as usize]
    }

    fn power_of_five(power: u32) -> Self {
        POWERS_OF_FIVE[power as usize]
    }

    fn is_zero(&self) -> bool {
        self.len == 0
    }

    fn digits(&self) -> u32 {
        // 1233 / 4096 is just below log10(2), near enough for 512 bits.
        let guess = (self.bits() * 1233) >> 12;
        if guess as usize >= POWERS_OF_TEN.len() || *self < POWERS_OF_TEN[guess as usize] {
            guess.max(1)
        } else {
            guess + 1
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let len = self.len.max(other.len);
        let mut limbs = [0; LIMBS];
        let mut carry = false;
        for (index, limb) in limbs.iter_mut().enumerate().take(len) {
            let (sum, first) = self.limbs[index].overflowing_add(other.limbs[index]);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
        if carry {
            limbs[len] = 1;
        }
        Self::trimmed(limbs, len + 1)
    }

    fn minus(&self, other: &Self) -> Self {
        let mut limbs = [0; LIMBS];
        let mut borrow = false;
        for (index, limb) in limbs.iter_mut().enumerate().take(self.len) {
            let (part, first) = self.limbs[index].overflowing_sub(other.limbs[index]);
            let (part, second) = part.overflowing_sub(u64::from(borrow));
            *limb = part;
            borrow = first || second;
        }
        Self::trimmed(limbs, self.len)
    }

    fn times(&self, other: &Self) -> Self {
        let mut limbs = [0u64; LIMBS];
        for (left, &a) in self.used().iter().enumerate() {
            let mut carry = 0u128;
            for (right, &b) in other.used().iter().enumerate() {
                let part = u128::from(a) * u128::from(b) + u128::from(limbs[left + right]) + carry;
                limbs[left + right] = low(part);
                carry = part >> 64;
            }
            if carry != 0 {
                limbs[left + other.len] = low(carry);
            }
        }
        Self::trimmed(limbs, self.len + other.len)
    }

    fn divided_by(&self, divisor: &Self) -> (Self, Self) {
        if self < divisor {
            return (Self::ZERO, *self);
        }
        if divisor.len == 1 {
            return self.divided_by_limb(divisor.limbs[0]);
        }
        if self.len <= 2 {
            let (left, right) = (self.to_u128(), divisor.to_u128());
            return (Self::from_u128(left / right), Self::from_u128(left % right));
        }
        self.divided_long(divisor)
    }

    fn shifted_left(&self, bits: u32) -> Self {
        if bits == 0 || self.len == 0 {
            return *self;
        }
        let (whole, part) = ((bits / 64) as usize, bits % 64);
        let mut limbs = [0; LIMBS];
        for (index, &limb) in self.used().iter().enumerate() {
            let spread = u128::from(limb) << part;
            limbs[index + whole] |= low(spread);
            let high = low(spread >> 64);
            if high != 0 {
                limbs[index + whole + 1] = high;
            }
        }
        Self::trimmed(limbs, self.len + whole + 1)
    }
}

impl Ord for Short {
    fn cmp(&self, other: &Self) -> Ordering {
        self.len.cmp(&other.len).then_with(|| self.used().iter().rev().cmp(other.used().iter().rev()))
    }
}

impl PartialOrd for Short {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
