//! Decimals against IBM's decNumber, the reference implementation of the same specification.

use std::cmp::Ordering;

use dec::Context;
use hive::market::Decimal;
use hive::market::decimal;
use hive::market::decimal::Operand;
use hive::market::decimal::Price;
use proptest::prelude::*;

/// Wide enough for every digit of every float.
type Reference = dec::Decimal<300>;

fn reference(text: &str) -> Reference {
    let mut context = Context::<Reference>::default();
    context.parse(text).expect("our own text is a number")
}

fn context() -> Context<Reference> {
    let mut context = Context::<Reference>::default();
    context.set_precision(28).expect("28 is below the capacity");
    context.set_rounding(dec::Rounding::HalfEven);
    context
}

/// Either kind of operand, with its text for the reference.
fn operand() -> impl Strategy<Value = (Operand, String)> {
    let decimals = (any::<bool>(), 0u128..10u128.pow(28), -40i32..12, 0u32..28).prop_map(
        |(negative, digits, exponent, shorten)| {
            let text = format!("{}{}E{exponent}", if negative { "-" } else { "" }, digits / 10u128.pow(shorten));
            let value: Decimal = text.parse().expect("in range");
            (Operand::from(value), text)
        },
    );
    let short = (-1_000_000i64..1_000_000, -8i32..4).prop_map(|(digits, exponent)| {
        let text = format!("{digits}E{exponent}");
        (Operand::from(text.parse::<Decimal>().expect("in range")), text)
    });
    let prices = (1u64..100_000_000, 0u32..8).prop_map(|(ticks, places)| {
        let value = ticks as f64 / 10f64.powi(places.cast_signed());
        (Operand::from(value), Operand::from(value).to_string())
    });
    let floats = any::<f64>()
        .prop_filter("finite", |value| value.is_finite())
        .prop_map(|value| (Operand::from(value), Operand::from(value).to_string()));
    let fractions = (-1.0f64..1.0).prop_map(|value| (Operand::from(value), Operand::from(value).to_string()));
    prop_oneof![3 => decimals, 2 => short, 3 => prices, 1 => floats, 2 => fractions, 3 => edges()]
}

/// Operands whose results lie on an edge: nearly a power of ten, which carries; a few fives, which tie; next to a power of two.
fn edges() -> impl Strategy<Value = (Operand, String)> {
    let signed = |digits: u128, exponent: i32, negative: bool| {
        let text = format!("{}{digits}E{exponent}", if negative { "-" } else { "" });
        (Operand::from(text.parse::<Decimal>().expect("in range")), text)
    };
    let nines = (1u32..29, 0u128..3, -30i32..3, any::<bool>())
        .prop_map(move |(digits, below, exponent, negative)| signed(10u128.pow(digits) - below, exponent, negative));
    let fives = (0u128..8, 0u32..29, -30i32..3, any::<bool>()).prop_map(move |(odd, zeros, exponent, negative)| {
        signed((2 * odd + 1) * 5 * 10u128.pow(zeros.min(26)), exponent, negative)
    });
    let tied = (10u128.pow(27)..10u128.pow(28), 1u128..1000, -30i32..3)
        .prop_map(move |(digits, last, exponent)| signed(digits / 1000 * 1000 + last * 5 % 1000, exponent, false));
    let twos = (-1074i32..1024, -2i64..3, any::<bool>()).prop_map(|(power, steps, negative)| {
        let bits = if power < -1022 { 1u64 << (power + 1074) } else { u64::from((power + 1023).unsigned_abs()) << 52 };
        let near = f64::from_bits(bits.saturating_add_signed(steps));
        let value = if near.is_finite() { near } else { f64::MAX };
        let value = Operand::from(if negative { -value } else { value });
        (value, value.to_string())
    });
    prop_oneof![nines, fives, tied, twos]
}

fn check(ours: Decimal, theirs: &Reference) -> Result<(), TestCaseError> {
    // The reference writes a zero with a positive exponent, and the sign of an exponent, as Python does.
    prop_assert_eq!(ours.to_string(), theirs.to_string());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_equal_the_reference((a, a_text) in operand(), (b, b_text) in operand()) {
        let (mut left, right) = (reference(&a_text), reference(&b_text));
        context().add(&mut left, &right);
        check(Decimal::sum(a, b), &left)?;
    }

    #[test]
    fn differences_equal_the_reference((a, a_text) in operand(), (b, b_text) in operand()) {
        let (mut left, right) = (reference(&a_text), reference(&b_text));
        context().sub(&mut left, &right);
        check(Decimal::difference(a, b), &left)?;
    }

    #[test]
    fn products_equal_the_reference((a, a_text) in operand(), (b, b_text) in operand()) {
        let (mut left, right) = (reference(&a_text), reference(&b_text));
        context().mul(&mut left, &right);
        check(Decimal::product(a, b), &left)?;
    }

    #[test]
    fn quotients_equal_the_reference((a, a_text) in operand(), (b, b_text) in operand()) {
        prop_assume!(!b.is_zero());
        let (mut left, right) = (reference(&a_text), reference(&b_text));
        context().div(&mut left, &right);
        check(Decimal::quotient(a, b).expect("the divisor is not zero"), &left)?;
    }

    #[test]
    fn a_float_times_a_decimal_equals_the_reference(
        (ticks, tick_places) in (1u64..10_000_000_000, 0i32..12),
        (digits, places) in (1u128..10u128.pow(28), 0i32..40),
    ) {
        // A price times 1 - spread, as market makers ask for it.
        let (price, factor) = (ticks as f64 / 10f64.powi(tick_places), format!("{digits}E-{places}"));
        let (mut left, right) = (reference(&Operand::from(price).to_string()), reference(&factor));
        context().mul(&mut left, &right);
        let factor: Decimal = factor.parse().expect("in range");
        check(Decimal::product(price, factor), &left)?;
        check(Decimal::product(factor, price), &left)?;
    }

    #[test]
    fn a_price_without_its_digits_is_near_the_same_float(
        (reference, factor) in prop_oneof![
            (1u64..10_000_000_000, 0i32..12, 1u128..10u128.pow(28), -60i32..3).prop_map(
                |(ticks, places, digits, scale)| (ticks as f64 / 10f64.powi(places), format!("{digits}E{scale}")),
            ),
            (-1.0e6..1.0e6f64, -1000i64..1000, -8i32..3)
                .prop_map(|(value, digits, scale)| (value, format!("{digits}E{scale}"))),
            (any::<f64>().prop_filter("finite", |value| value.is_finite()), -1000i64..1000)
                .prop_map(|(value, digits)| (value, format!("{digits}E-3"))),
        ],
    ) {
        let factor: Decimal = factor.parse().expect("in range");
        let (price, digits) = (Price::product(reference, factor), Decimal::product(reference, factor));
        prop_assert_eq!(price.nearest(), Operand::from(digits).nearest());
        prop_assert_eq!((price.is_zero(), price.is_positive()), (digits.is_zero(), digits.is_positive()));
        prop_assert_eq!(price.to_string(), digits.to_string());
    }

    #[test]
    fn the_float_of_a_quotient_needs_no_digits((a, _) in operand(), (b, _) in operand()) {
        let digits = Decimal::quotient(a, b).map(|quotient| quotient.to_f64().to_bits());
        prop_assert_eq!(Decimal::quotient_f64(a, b).map(f64::to_bits), digits);
    }

    #[test]
    fn the_float_of_an_amount_needs_no_digits(
        (digits, places) in (1u64..10_000_000_000, 0i32..12),
        price in 1u128..10u128.pow(28),
        scale in -30i32..5,
    ) {
        let decimal = |text: String| text.parse::<Decimal>().expect("in range");
        let (amount, price) = (decimal(format!("{digits}E-{places}")), decimal(format!("{price}E{scale}")));
        let digits = Decimal::quotient(amount, price).map(|quotient| quotient.to_f64().to_bits());
        prop_assert_eq!(Decimal::quotient_f64(amount, price).map(f64::to_bits), digits);
    }

    #[test]
    fn order_equals_the_reference((a, a_text) in operand(), (b, b_text) in operand()) {
        let theirs = Context::<Reference>::default().partial_cmp(&reference(&a_text), &reference(&b_text));
        prop_assert_eq!(Some(decimal::compare(a, b)), theirs);
        prop_assert_eq!(decimal::compare(a, a), Ordering::Equal);
    }

    #[test]
    fn floats_come_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(Operand::from(value).to_f64().to_bits(), value.to_bits());
    }

    #[test]
    fn the_nearest_float_is_the_parsers((a, a_text) in operand()) {
        let parsed: f64 = a_text.parse().expect("a number");
        prop_assert_eq!(a.to_f64().to_bits(), parsed.to_bits());
    }

    #[test]
    fn halves_go_to_even(mantissa in 1u64 << 53..1 << 54, places in 0u32..12, above in any::<bool>()) {
        // An odd number of 55 bits lies exactly between two floats; a last digit behind it decides.
        let text = format!("{}.{}{}", 2 * mantissa + 1, "0".repeat(places as usize), u8::from(above));
        let parsed: f64 = text.parse().expect("a number");
        prop_assert_eq!(text.parse::<Decimal>().expect("in range").to_f64().to_bits(), parsed.to_bits());
    }

    #[test]
    fn bounds_are_the_floats_on_either_side((a, _) in operand(), unit in -2i64..3) {
        // The decimal nearest to a float, and those that differ from it in the last digit.
        let one = Decimal::sum(a, Decimal::ZERO);
        for value in [Operand::from(one), Decimal::sum(one, Decimal::product(one, unit as f64 * 1e-28)).into()] {
            let (floor, ceil) = (value.floor_f64(), value.ceil_f64());
            prop_assume!(floor.is_finite() && ceil.is_finite());
            prop_assert_ne!(decimal::compare(floor.into(), value), Ordering::Greater);
            prop_assert_ne!(decimal::compare(ceil.into(), value), Ordering::Less);
            prop_assert!(floor.next_up() == ceil || floor == ceil, "{floor:e} and {ceil:e} are not neighbours");
        }
    }

    #[test]
    fn bounds_separate_floats_as_the_decimal_does(ticks in 1u64..100_000_000_000, near in -3i32..4) {
        let price = Operand::from(Decimal::product(ticks as f64 / 1000.0, "0.999".parse::<Decimal>().expect("a number")));
        let mut close = price.to_f64();
        for _ in 0..near.abs() {
            close = if near < 0 { close.next_down() } else { close.next_up() };
        }
        prop_assert_eq!(close <= price.floor_f64(), decimal::compare(close.into(), price) != Ordering::Greater);
        prop_assert_eq!(close >= price.ceil_f64(), decimal::compare(close.into(), price) != Ordering::Less);
    }
}

#[test]
fn every_power_of_ten_is_counted_and_rounded_right() {
    // Next to a power of ten the number of digits changes, and with it what a result drops.
    for power in 0..38 {
        let near = [10u128.pow(power) - 1, 10u128.pow(power), 10u128.pow(power) + 1];
        for (digits, by) in near.into_iter().flat_map(|digits| (0..38).map(move |by| (digits, by))) {
            let (left, right) = (digits.to_string(), format!("1E{by}"));
            let (mut sum, mut product) = (reference(&left), reference(&left));
            context().add(&mut sum, &reference(&right));
            context().mul(&mut product, &reference(&right));
            let [left, right] = [left, right].map(|text| text.parse::<Decimal>().expect("in range"));
            assert_eq!(Decimal::sum(left, right).to_string(), sum.to_string(), "{left} + {right}");
            assert_eq!(Decimal::product(left, right).to_string(), product.to_string(), "{left} * {right}");
        }
    }
}

#[test]
fn text_is_pythons() {
    let check = |text: &str, expected: &str| {
        assert_eq!(text.parse::<Decimal>().expect("a number").to_string(), expected);
    };
    check("0.50", "0.50");
    check("1E-7", "1E-7");
    check("0.000001", "0.000001");
    check("1e3", "1E+3");
    check("-0", "-0");
    check(" 12.5 ", "12.5");
    check("0.00", "0.00");
    assert_eq!(Operand::from(0.1).to_string(), "0.1000000000000000055511151231257827021181583404541015625");
    assert_eq!(Operand::from(93000.0).to_string(), "93000");
    assert_eq!(
        Operand::from(1e-7).to_string(),
        "9.99999999999999954748111825886258685613938723690807819366455078125E-8"
    );
}

#[test]
#[allow(clippy::excessive_precision, reason = "the digit that is too many is what lies between")]
fn a_float_between_two_texts_has_the_even_one() {
    let check = |value: f64, expected: &str| assert_eq!(Decimal::from_shortest(value).to_string(), expected);
    check(145.964_630_126_953_125, "145.96463012695312");
    check(-145.964_630_126_953_125, "-145.96463012695312");
    check(666_226_586_368_853.75, "666226586368853.8");
    check(660_008_961_722_094.25, "660008961722094.2");
    check(224_834_716_662_135.875, "224834716662135.88");
    check(90_736_231_266_317.625, "90736231266317.62");
    // Nothing else changes.
    check(0.1, "0.1");
    check(93_000.0, "93000.0");
    check(f64::from_bits(1), "5E-324");
    check(9_223_372_036_854_775_808.0, "9.223372036854776E+18");
}

#[test]
fn what_is_not_a_number_is_refused() {
    for text in ["", "-", "1.2.3", "NaN", "Infinity", "0x1", "1e", "1_000", "12345678901234567890123456789012345678901"]
    {
        assert!(text.parse::<Decimal>().is_err(), "`{text}` was taken for a number");
    }
    assert!(Decimal::quotient(Decimal::ONE, Decimal::ZERO).is_none());
}
