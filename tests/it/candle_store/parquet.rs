//! Parquet files as pandas, pyarrow and polars write them. `tests/data/candles/make.py` has made them.

use hive::io::parquet;
use hive::io::parquet::Error;
use hive::market::Candles;

/// Reads one of the files.
fn bytes(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/candles/").to_owned() + name;
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(name: &str) -> Result<Candles, Error> {
    parquet::read(bytes(name))
}

/// The candles that each of the files holds.
fn expected() -> Candles {
    let text = String::from_utf8(bytes("minutes.csv")).expect("text");
    Candles::parse_csv(&text).expect("candles")
}

#[test]
fn what_python_writes_is_what_its_csv_says() {
    for name in ["pandas-index-ns", "hummingbot-floats", "plain-ms-zstd", "polars-us", "int96"] {
        let found = read(&format!("{name}.parquet")).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(found, expected(), "{name}");
    }
    // Narrow floats are the nearest ones.
    #[allow(clippy::cast_possible_truncation, reason = "it is what the files hold")]
    let narrow = |values: &[f64]| values.iter().map(|value| f64::from(*value as f32)).collect::<Vec<f64>>();
    let wide = expected();
    for name in ["arrow-ms-groups", "gzip"] {
        let found = read(&format!("{name}.parquet")).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!((&found.time, &found.close), (&wide.time, &narrow(&wide.close)), "{name}");
        assert_eq!((&found.high, &found.volume), (&narrow(&wide.high), &narrow(&wide.volume)), "{name}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    for (name, expected) in [
        ("bad-nan", "row 4: `high` is null"),
        (
            "bad-column",
            "there is no column `volume` among `\"timestamp\"`, `\"open\"`, `\"high\"`, `\"low\"`, `\"close\"`, `\"vol\"`",
        ),
        ("bad-text", "column `open` is of type String, but a number was expected"),
        ("bad-null", "row 2: `timestamp` is null"),
        ("bad-order", "row 2 has timestamp 1767229080, which is not after 1767229140 of the row before"),
    ] {
        let error = read(&format!("{name}.parquet")).expect_err(name);
        assert_eq!(error.to_string(), expected, "{name}");
    }
    let error = parquet::read(b"PAR1".to_vec()).expect_err("no more than its beginning");
    assert!(matches!(error, Error::Format(_)), "{error:?}");
}

/// Whatever is done to a file's bytes, reading it ends, with candles or with an error.
#[test]
fn damage_is_an_error() {
    let mut seed: u64 = 42;
    let mut draw = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("small")
    };
    let mut refused = 0;
    for name in ["pandas-index-ns.parquet", "plain-ms-zstd.parquet", "arrow-ms-groups.parquet", "gzip.parquet"] {
        let whole = bytes(name);
        for _ in 0..400 {
            let mut damaged = whole.clone();
            for _ in 0..=draw(3) {
                let place = draw(damaged.len());
                damaged[place] = u8::try_from(draw(256)).expect("a byte");
            }
            if draw(8) == 0 {
                damaged.truncate(draw(whole.len()));
            }
            refused += usize::from(parquet::read(damaged).is_err());
        }
    }
    assert!(refused > 400, "only {refused} were refused");
}
