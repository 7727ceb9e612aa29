//! Candle files: what is read, what is refused, and how candles are joined and cut.

use hive::io::cache::Cache;
use hive::io::columns;
use hive::market::Candles;
use hive::market::candles::Gap;
use hive::market::synthetic::Walk;
use proptest::prelude::*;

const HEADER: &str = "timestamp,open,high,low,close,volume\n";

fn refused(rows: &str) -> String {
    Candles::parse_csv(&format!("{HEADER}{rows}")).expect_err("the rows are wrong").to_string()
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let first = "60,1,1,1,1,1\n";
    let check = |rows: &str, expected: &str| assert_eq!(refused(rows), expected);
    check("", "there are no candles");
    check("60,1,1,1,1\n", "line 2 has 5 fields, but 6 were expected");
    check("60,1,1,1,1,1,9\n", "line 2 has 7 fields, but 6 were expected");
    check("60,1,x,1,1,1\n", "line 2: `high` is `x`, which is not a number");
    check("60,1,1,1,NaN,1\n", "line 2: `close` is `NaN`, which is not finite");
    check("60,inf,1,1,1,1\n", "line 2: `open` is `inf`, which is not finite");
    check("60,1,1,0,1,1\n", "line 2: `low` is 0, but prices are greater than zero");
    check(&format!("{first}\n60,1,1,1,1,1\n"), "line 4 repeats timestamp 60 of line 2");
    check(&format!("{first}0,1,1,1,1,1\n"), "line 3 has timestamp 0, which is before 60 of line 2");
    check("60.5,1,1,1,1,1\n", "line 2: timestamp `60.5` is not a whole number of seconds");
    check("1767225600000,1,1,1,1,1\n", "line 2: timestamp `1767225600000` is not in seconds; divide by 1000");
    let header = Candles::parse_csv("time,open\n1,2\n").expect_err("the header is wrong").to_string();
    assert_eq!(header, "line 1 names the columns `time,open`, but `timestamp,open,high,low,close,volume` was expected");
}

#[test]
fn spellings_of_other_tools_are_read() {
    let plain = Candles::parse_csv(&format!("{HEADER}60,1,2,0.5,1.5,3\n120,1.5,2,1,1,0\n")).expect("right");
    let check = |text: &str| assert_eq!(Candles::parse_csv(text).expect("right"), plain);
    check("\u{feff}timestamp,open,high,low,close,volume\r\n60.0,1.0,2.0,0.5,1.5,3.0\r\n120.0,1.5,2,1,1,0\r\n\r\n");
    check("Timestamp, Open, High, Low, Close, Volume, quote_volume\n60,1,2,0.5,1.5,3,9\n120,1.5,2,1,1,0,9\n");
}

/// A field of a row: mostly what exchanges write, now and then what only a parser of floats understands.
fn field() -> impl Strategy<Value = String> {
    let tail = prop_oneof![8 => Just(""), 1 => Just("e3"), 1 => Just("."), 1 => Just("x"), 1 => Just("-")];
    let number = (0u64..1 << 60, 0u32..19, 0usize..20, tail).prop_map(|(digits, shorten, places, tail)| {
        let digits = (digits / 10u64.pow(shorten)).to_string();
        let (whole, fraction) = digits.split_at(digits.len() - places.min(digits.len()));
        format!("{whole}{}{fraction}{tail}", if fraction.is_empty() { "" } else { "." })
    });
    prop_oneof![30 => number, 1 => Just(String::new()), 1 => Just("+1.5".to_owned()), 1 => Just("1.5.5".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_rows_are_read_as_all_others_are(
        rows in prop::collection::vec((0usize..3, prop::collection::vec(field(), 4..7)), 1..5),
        ends in prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
    ) {
        // White space around a field is allowed, and only the parser for odd rows looks for it.
        let text = |gap: &str| {
            let row = |(index, (step, fields)): (usize, &(usize, Vec<String>))| {
                format!("{}{gap},{}{ends}", index * 60 + step * 30, fields.join(","))
            };
            HEADER.to_owned() + &rows.iter().enumerate().map(row).collect::<String>()
        };
        let [plain, odd] = ["", " "].map(|gap| Candles::parse_csv(&text(gap)).map_err(|error| error.to_string()));
        prop_assert_eq!(plain, odd);
    }

    #[test]
    fn a_plain_number_is_the_parsers(price in field(), columns in 0usize..3) {
        let text = format!("{}{}\n60,{price},1,1,1,1{}\n", HEADER.trim(), ",more".repeat(columns), ",7".repeat(columns));
        let expected = price.parse::<f64>().ok().filter(|price| *price > 0.0);
        let found = Candles::parse_csv(&text).ok().map(|candles| candles.open[0]);
        prop_assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
    }
}

#[test]
fn joining_takes_first_highest_lowest_last_and_sum() {
    let minutes = "60,1,5,1,2,1\n120,2,3,0.5,3,1\n180,3,4,3,4,1\n300,9,9,9,9,1\n";
    let candles = Candles::parse_csv(&format!("{HEADER}{minutes}")).expect("right");
    let joined = candles.resampled(180).expect("three minutes are a multiple");
    assert_eq!(joined.time, [0, 180]);
    assert_eq!(joined.open, [1.0, 3.0]);
    assert_eq!(joined.high, [5.0, 9.0]);
    assert_eq!(joined.low, [0.5, 3.0]);
    assert_eq!(joined.close, [3.0, 9.0]);
    assert_eq!(joined.volume, [2.0, 2.0]);
    assert_eq!(candles.gaps(60), [Gap { after: 180, missing: 1 }]);
    assert_eq!(candles.window(61, 180).time, [120, 180]);
    assert!(candles.window(400, 500).is_empty());
    let coarse = candles.resampled(30).expect_err("finer than the candles").to_string();
    assert_eq!(coarse, "candles of 60 s cannot be replayed at 30 s");
    let odd = candles.resampled(90).expect_err("not a multiple").to_string();
    assert_eq!(odd, "candles of 60 s cannot be joined to 90 s, which is not a multiple");
}

fn walk(rows: usize) -> Walk {
    Walk { seed: 7, rows, start: 0, interval: 60, price: 100.0, tick: 0.01, volume: 2.0, volatility_bps: 10.0 }
}

#[test]
fn columns_come_back_to_the_last_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    for rows in [0, 1, 8191, 8192, 8193, 20_000] {
        let mut candles = walk(rows).candles();
        if let Some(volume) = candles.volume.first_mut() {
            *volume = -0.0;
        }
        cache.keep_candles("abc", &candles).expect("the folder can be written to");
        let found = cache.candles("abc").expect("just written");
        assert_eq!(found, candles);
        assert_eq!(found.volume.first().map(|volume| volume.to_bits()), candles.volume.first().map(|v| v.to_bits()));
    }
    assert_eq!(cache.candles("abd"), None);
}

#[test]
fn columns_that_are_not_whole_are_absent() {
    let bytes = columns::written(&walk(100).candles(), "abc");
    let read = |bytes: &[u8], sha256: &str| columns::read(&mut &*bytes, bytes.len() as u64, sha256);
    assert!(read(&bytes, "abc").is_some());
    assert_eq!(read(&bytes, "abd"), None, "of another file");
    for (index, _) in bytes.iter().enumerate() {
        let mut broken = bytes.clone();
        broken[index] ^= 1 << (index % 8);
        assert_eq!(read(&broken, "abc"), None, "byte {index} is another");
        assert_eq!(read(&bytes[..index], "abc"), None, "only {index} bytes are left");
    }
    assert_eq!(read(&[&bytes[..], &[0]].concat(), "abc"), None, "one byte too many");
    let newer = String::from_utf8_lossy(&bytes[..14]).replace('1', "2").into_bytes();
    assert_eq!(read(&[&newer[..], &bytes[14..]].concat(), "abc"), None, "another format");
}

#[test]
fn a_seed_is_a_walk() {
    let walk = walk(500);
    let candles = walk.candles();
    assert_eq!(candles, walk.candles());
    assert_ne!(candles, Walk { seed: 8, ..walk }.candles());
    assert_eq!(candles.len(), 500);
    assert!((0..500).all(|row| candles.low[row] <= candles.close[row] && candles.close[row] <= candles.high[row]));
    // The bytes are promised: this is the last close on every machine.
    assert_eq!(candles.close[499].to_bits(), LAST_CLOSE.to_bits());
}

const LAST_CLOSE: f64 = 97.52;
