//! Indicators against the real libraries, bit for bit.
//!
//! `tests/data/indicator/reference.tsv` holds what `CPython` 3.12 computed with pandas-ta 0.4.71b0 on TA-Lib 0.6.8 and on
//! TA-Lib 0.8.2, and with `pandas_ta_classic` 0.8.32: for each call the first 16 digits of the SHA-256 of its columns, as
//! little-endian doubles one column after the other, with every NaN as 7ff8000000000000. `-` stands where a library
//! gives nothing that could be repeated: TA-Lib 0.6 leaves memory unwritten in a MACD whose signal has a period of 1.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use hive::indicator::Generation;
use hive::indicator::bollinger;
use hive::indicator::macd;
use hive::indicator::natr;
use hive::indicator::rsi;
use hive::indicator::supertrend;
use hive::market::Candles;
use sha2::Digest as _;
use sha2::Sha256;

const GENERATIONS: [Generation; 3] = [Generation::TaLib06, Generation::TaLib08, Generation::Classic];

struct Series {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
}

impl Series {
    fn of(candles: Candles) -> Self {
        Self { high: candles.high, low: candles.low, close: candles.close }
    }

    /// Changes every price of the first 10,000 rows: `change(row, price)`.
    fn changed(&self, change: impl Fn(usize, f64) -> f64) -> Self {
        let column =
            |prices: &[f64]| prices[..10_000].iter().enumerate().map(|(row, &price)| change(row, price)).collect();
        Self { high: column(&self.high), low: column(&self.low), close: column(&self.close) }
    }

    /// Returns three prices that stand still for a while, one of them apart from its surroundings.
    fn stopped(&self) -> Self {
        let (first, last) = (self.close[1000], self.close[8999]);
        self.changed(|row, price| match row {
            1000..1400 => first,
            3000..3050 => 12345.6,
            9000..9040 => last,
            _ => price,
        })
    }
}

fn minutes(name: &str) -> Candles {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle/candles").join(name);
    let mut text = String::new();
    let file = File::open(path).expect("the oracle's candles are part of the project");
    GzDecoder::new(file).read_to_string(&mut text).expect("the oracle's candles are gzipped text");
    Candles::parse_csv(&text).expect("the oracle's candles are clean")
}

fn series(name: &str) -> Series {
    let btc = || minutes("SYN-BTC-USDT-1m-30d.csv.gz");
    let sol = || minutes("SYN-SOL-USDT-1m-10d.csv.gz");
    let joined =
        |candles: &Candles, step| Series::of(candles.resampled(step).expect("a multiple of a minute").into_owned());
    let plain = || Series::of(btc());
    match name {
        "btc" => plain(),
        "btc3m" => joined(&btc(), 180),
        "btc5m" => joined(&btc(), 300),
        "sol" => Series::of(sol()),
        "sol3m" => joined(&sol(), 180),
        "sol5m" => joined(&sol(), 300),
        "flat" => plain().stopped(),
        "steps" => {
            let close = plain().close;
            plain().changed(|row, _| close[row / 9 * 9])
        }
        "tiny" => plain().changed(|_, price| price * 1e-10),
        "tinyflat" => plain().stopped().changed(|_, price| price * 1e-10),
        "huge" => plain().stopped().changed(|_, price| price * 1e8),
        "jumps" => {
            let scale = [1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3];
            plain().changed(|row, price| price * scale[row / 500 % 7])
        }
        "const" => Series { high: vec![0.1; 700], low: vec![0.1; 700], close: vec![0.1; 700] },
        _ => panic!("the reference names the series `{name}`, which is not known"),
    }
}

fn columns(series: &Series, indicator: &str, arguments: &str, generation: Generation) -> Vec<Vec<f64>> {
    let Series { high, low, close } = series;
    let number = |index: usize| -> f64 {
        let text = arguments.split(',').nth(index).expect("an indicator's arguments");
        text.parse().expect("arguments are numbers")
    };
    let period = |index: usize| -> usize {
        let text = arguments.split(',').nth(index).expect("an indicator's arguments");
        text.parse().expect("periods are whole")
    };
    match indicator {
        "input" => vec![high.clone(), low.clone(), close.clone()],
        "natr" => vec![natr(high, low, close, period(0), generation)],
        "rsi" => vec![rsi(close, period(0), generation)],
        "macd" => {
            let out = macd(close, period(0), period(1), period(2), generation);
            vec![out.line, out.histogram, out.signal]
        }
        "bollinger" => {
            let out = bollinger(close, period(0), number(1), generation);
            vec![out.lower, out.middle, out.upper, out.bandwidth, out.percent]
        }
        "supertrend" => {
            let out = supertrend(high, low, close, period(0), number(1), generation);
            vec![out.trend, out.direction, out.long, out.short]
        }
        _ => panic!("the reference names the indicator `{indicator}`, which is not known"),
    }
}

fn digest(columns: &[Vec<f64>]) -> String {
    let mut hasher = Sha256::new();
    for &value in columns.iter().flatten() {
        let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
        hasher.update(bits.to_le_bytes());
    }
    hasher.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes all that is written");
        text
    })
}

fn check_against_the_library(generation: Generation, column: usize) {
    let reference = include_str!("../data/indicator/reference.tsv");
    let mut current = (String::new(), series("const"));
    let mut differing = Vec::new();
    let mut compared = 0;
    for line in reference.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, indicator, arguments, ..] = fields[..] else {
            panic!("a reference has six fields: {line}");
        };
        if fields[column] == "-" {
            continue;
        }
        if current.0 != name {
            current = (name.to_owned(), series(name));
        }
        compared += 1;
        if digest(&columns(&current.1, indicator, arguments, generation)) != fields[column] {
            differing.push(format!("{name} {indicator}({arguments})"));
        }
    }
    assert!(compared > 950, "{compared} calls were compared");
    assert_eq!(differing, Vec::<String>::new());
}

#[test]
fn talib_06_is_met_to_the_last_bit() {
    check_against_the_library(Generation::TaLib06, 3);
}

#[test]
fn talib_08_is_met_to_the_last_bit() {
    check_against_the_library(Generation::TaLib08, 4);
}

#[test]
fn pandas_ta_classic_is_met_to_the_last_bit() {
    check_against_the_library(Generation::Classic, 5);
}

const CLOSE: [f64; 8] = [10.0, 10.5, 9.75, 10.25, 11.0, 10.125, 10.5, 9.5];

fn small() -> Series {
    Series {
        high: CLOSE.map(|price| price + 0.25).to_vec(),
        low: CLOSE.map(|price| price - 0.5).to_vec(),
        close: CLOSE.to_vec(),
    }
}

/// A few of the libraries' figures in the open, so that a differing digest has somewhere to start.
#[test]
#[expect(clippy::unreadable_literal, reason = "the figures stand as the libraries print them")]
fn last_figures_of_a_small_series() {
    let check = |indicator: &str, arguments: &str, expected: [&[f64]; 2]| {
        for (generation, expected) in GENERATIONS.into_iter().zip(expected) {
            let columns = columns(&small(), indicator, arguments, generation);
            let last: Vec<f64> = columns.iter().map(|column| column[7]).collect();
            assert_eq!(last, expected, "{indicator}({arguments}), {generation:?}");
        }
    };
    check("natr", "3", [&[12.107429066493394], &[12.107429066493394]]);
    check("rsi", "3", [&[30.349650349650354], &[30.349650349650346]]);
    let line = -0.14924125514403386;
    check(
        "macd",
        "2,3,2",
        [&[line, -0.05566272290809354, -0.09357853223594031], &[line, -0.05566272290809354, -0.09357853223594031]],
    );
    let bands =
        |generation| columns(&small(), "bollinger", "3,2", generation).iter().map(|it| it[7]).collect::<Vec<_>>();
    assert_eq!(bands(Generation::TaLib06)[..3], [9.216708755282333, 10.041666666666666, 10.866624578050999]);
    assert_eq!(bands(Generation::TaLib08)[..3], [9.21670875528236, 10.041666666666666, 10.866624578050972]);
}

#[test]
fn warm_ups_are_as_long_as_stated() {
    let check = |indicator: &str, arguments: &str, generation: Generation, expected: &[usize]| {
        let columns = columns(&small(), indicator, arguments, generation);
        let found: Vec<usize> =
            columns.iter().map(|column| column.iter().take_while(|value| value.is_nan()).count()).collect();
        assert_eq!(found, expected, "{indicator}({arguments}), {generation:?}");
    };
    for generation in GENERATIONS {
        let classic = generation == Generation::Classic;
        check("natr", "1", generation, &[1]);
        check("natr", "3", generation, &[3]);
        check("natr", "7", generation, &[7]);
        check("rsi", "3", generation, &[3]);
        check("macd", "2,4,3", generation, &[if classic { 3 } else { 5 }, 5, 5]);
        check("macd", "4,2,3", generation, &[if classic { 3 } else { 5 }, 5, 5]);
        check("macd", "2,3,1", generation, &[2, 2, 2]);
        check("bollinger", "3,2", generation, &[2; 5]);
        check("bollinger", "8,2", generation, &[7; 5]);
        let start: &[usize] = if classic { &[0, 0, 3, 8] } else { &[3, 3, 3, 8] };
        check("supertrend", "3,9", generation, start);
    }
}

#[test]
fn what_is_too_short_or_too_small_has_no_figures() {
    let check = |len: usize, indicator: &str, arguments: &str| {
        let Series { high, low, close } = small();
        let series = Series { high: high[..len].to_vec(), low: low[..len].to_vec(), close: close[..len].to_vec() };
        for generation in GENERATIONS {
            for column in columns(&series, indicator, arguments, generation) {
                assert_eq!(column.len(), len);
                assert!(
                    column.iter().all(|value| value.is_nan()),
                    "{indicator}({arguments}), {generation:?}: {column:?}"
                );
            }
        }
    };
    let most = usize::MAX;
    for len in [0, 1, 2] {
        check(len, "natr", "2");
        check(len, "rsi", "2");
        check(len, "macd", "2,3,1");
        check(len, "bollinger", "3,2");
        check(len, "supertrend", "2,3");
    }
    for period in [0, 8, most] {
        check(8, "natr", &period.to_string());
        check(8, "rsi", &period.to_string());
        check(8, "supertrend", &format!("{period},3"));
    }
    for period in [0, 1, 9, most] {
        check(8, "bollinger", &format!("{period},2"));
    }
    for periods in ["0,3,2", "2,0,2", "2,3,0", "0,0,0", "2,9,1", "9,2,1"] {
        check(8, "macd", periods);
    }
    check(2, "macd", &format!("{most},{most},{most}"));
}

#[test]
fn the_signal_may_be_longer_than_what_is_left() {
    for generation in GENERATIONS {
        let out = macd(&CLOSE, 2, 4, 6, generation);
        assert!(out.signal.iter().chain(&out.histogram).all(|value| value.is_nan()));
        let seen = out.line.iter().filter(|value| !value.is_nan()).count();
        assert_eq!(seen, if generation == Generation::Classic { 5 } else { 0 }, "{generation:?}");
        assert_eq!(macd(&CLOSE, 2, 4, usize::MAX, generation).line.len(), CLOSE.len());
    }
}

/// `TA-Lib` refuses these periods; `pandas_ta_classic` takes a MACD of 1.
#[test]
fn a_period_of_one() {
    for generation in GENERATIONS {
        let classic = generation == Generation::Classic;
        let all_nan = |column: &[f64]| column.iter().all(|value| value.is_nan());
        assert_eq!(all_nan(&macd(&CLOSE, 1, 3, 2, generation).line), !classic);
        assert_eq!(all_nan(&rsi(&CLOSE, 1, generation)), !classic);
    }
    let Series { high, low, close } = small();
    assert_eq!(natr(&high, &low, &close, 1, Generation::TaLib06)[1], 0.75, "a range in units of price");
    assert_eq!(natr(&high, &low, &close, 1, Generation::Classic)[1], 100.0 / 10.5 * 0.75);
}

#[test]
fn slices_of_different_lengths_end_with_the_shortest() {
    let Series { high, low, close } = small();
    for generation in GENERATIONS {
        let cut = natr(&high[..5], &low, &close, 3, generation);
        assert_eq!(cut[..5][3..], natr(&high, &low, &close, 3, generation)[3..5]);
        assert!(cut[5..].iter().all(|value| value.is_nan()));
    }
}

#[test]
fn one_flat_window_moves_the_whole_column_in_pandas_ta_alone() {
    let mut close: Vec<f64> = (0..40).map(|row| 1e-7 * f64::from(row * row % 17)).collect();
    let before = |close: &[f64], generation| bollinger(close, 4, 2.0, generation).percent[10];
    let moving = close.clone();
    close[30..].fill(1e-7);
    assert_eq!(before(&moving, Generation::Classic), before(&close, Generation::Classic));
    assert_ne!(before(&moving, Generation::TaLib08), before(&close, Generation::TaLib08));
}
