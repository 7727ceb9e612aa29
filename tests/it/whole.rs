//! Decimals and whole numbers: `int(d)`, `a // b`, and the shortest text of a float.

use hive::market::Decimal;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn a_float_becomes_its_shortest_text() {
    let cases = [(0.1, "0.1"), (123.0, "123.0"), (1e16, "1E+16"), (1e-5, "0.00001"), (1e-7, "1E-7"), (-0.5, "-0.5")];
    for (float, expected) in cases {
        assert_eq!(Decimal::from_shortest(float).to_string(), expected);
    }
}

#[test]
fn truncation_goes_toward_zero_and_stays_in_64_bits() {
    let cases = [
        ("0", 0),
        ("2.99", 2),
        ("-2.99", -2),
        ("0.5", 0),
        ("3E2", 300),
        ("1E-400", 0),
        ("1E+400", i64::MAX),
        ("-1E+30", -i64::MAX),
        ("9223372036854775808", i64::MAX),
        ("0E+400", 0),
    ];
    for (text, expected) in cases {
        assert_eq!(decimal(text).truncated(), expected, "{text}");
    }
}

#[test]
fn a_whole_quotient_goes_toward_zero() {
    let cases = [
        ("7", "2", Some("3")),
        ("-7", "2", Some("-3")),
        ("1", "0.3", Some("3")),
        ("0.001", "0.00001", Some("100")),
        ("1E+3", "1E-2", Some("100000")),
        ("0.1", "7", Some("0")),
        ("1", "0", None),
        ("1E+28", "1", None),
        ("9999999999999999999999999999", "1", Some("9999999999999999999999999999")),
    ];
    for (dividend, divisor, expected) in cases {
        let quotient = Decimal::whole_quotient(decimal(dividend), decimal(divisor)).map(|value| value.to_string());
        assert_eq!(quotient.as_deref(), expected, "{dividend} // {divisor}");
    }
}

#[test]
fn quantizing_keeps_the_digits_of_the_step() {
    let quantized = |text, step| decimal(text).quantized(decimal(step)).map(|value| value.to_string());
    assert_eq!(quantized("0.001", "0.00001").as_deref(), Some("0.00100"));
    assert_eq!(quantized("93127.4344", "0.01").as_deref(), Some("93127.43"));
    assert_eq!(quantized("0.000009", "0.00001").as_deref(), Some("0.00000"));
    assert_eq!(quantized("1", "0"), None);
}

#[test]
fn of_equal_values_the_first_is_taken() {
    let (long, short) = (decimal("1.0"), decimal("1"));
    assert_eq!([long.greater(short), long.lesser(short)].map(|value| value.to_string()), ["1.0", "1.0"]);
    assert_eq!([short.greater(decimal("2")), short.lesser(decimal("-2"))], [decimal("2"), decimal("-2")]);
    assert_eq!(decimal("-2").magnitude(), decimal("2"));
}
