//! Decimals against IBM's decNumber, the reference implementation of the same specification.

use std::cmp::Ordering;

use dec::Context;
use hive::market::Decimal;
use hive::market::decimal;
use hive::market::decimal::Operand;
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
    prop_oneof![3 => decimals, 2 => short, 3 => prices, 1 => floats, 2 => fractions]
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
fn what_is_not_a_number_is_refused() {
    for text in ["", "-", "1.2.3", "NaN", "Infinity", "0x1", "1e", "1_000", "12345678901234567890123456789012345678901"]
    {
        assert!(text.parse::<Decimal>().is_err(), "`{text}` was taken for a number");
    }
    assert!(Decimal::quotient(Decimal::ONE, Decimal::ZERO).is_none());
}
