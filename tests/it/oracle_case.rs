//! The cases of `tests/data/oracle`, opened: a golden, the candles that it was made on, and how its figures compare.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use hive::executor::CloseType;
use hive::executor::Snapshot;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;
use serde_json::Value;

/// The releases that have grids, orders and holds.
pub(crate) const RELEASES: [&str; 2] = ["v2.16.0", "20260922"];

/// A golden and its candles.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) golden: Value,
    pub(crate) candles: Candles,
    pub(crate) cost: f64,
    pub(crate) rules: TradingRules,
}

/// Opens a case of a release.
pub(crate) fn open(release: &str, case: &str) -> Case {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/oracle");
    let golden: Value = serde_json::from_str(&unpacked(&data.join(format!("golden/{release}/{case}.json.gz"))))
        .expect("goldens are JSON");
    let name = text(&golden, "candles");
    assert_eq!(golden["resolution"], "1m", "these cases are on the candles as they are");
    let candles = Candles::parse_csv(&unpacked(&data.join(format!("candles/{name}.gz"))))
        .expect("the oracle's candles are clean")
        .window(golden["start"].as_i64().expect("seconds"), golden["end"].as_i64().expect("seconds"))
        .into_owned();
    let rules = rules(&golden["trading_rules"]);
    let cost = golden["trade_cost"].as_f64().expect("a number");
    Case { name: format!("{release} {case}"), golden, candles, cost, rules }
}

impl Case {
    /// Returns the executors of a type, in upstream's order.
    pub(crate) fn executors(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let executors = self.golden["executors"].as_array().expect("a list");
        executors.iter().filter(move |executor| executor["type"] == kind)
    }

    /// Returns the row of a time that stands under a key of an executor.
    pub(crate) fn row(&self, executor: &Value, key: &str) -> usize {
        let time = seconds(executor, key);
        self.candles.time.binary_search(&time).expect("executors start and end on candles")
    }

    /// Compares an executor's figures.
    pub(crate) fn check(&self, executor: &Value, snapshot: &Snapshot, row: usize) {
        let float = |key: &str| executor[key].as_f64().expect("a number");
        let ours = [
            snapshot.net_pnl_pct,
            snapshot.net_pnl_quote,
            snapshot.cum_fees_quote,
            snapshot.filled_amount_quote,
            snapshot.average_price,
            self.candles.close[row],
        ];
        let theirs = [
            float("net_pnl_pct_f"),
            float("net_pnl_quote_f"),
            float("cum_fees_quote_f"),
            float("filled_amount_quote_f"),
            float("current_position_average_price"),
            float("close_price"),
        ];
        assert_eq!(ours, theirs, "{} {}", self.name, executor["seq"]);
    }

    /// Compares how an executor ends with how it would end by itself; returns whether it was stopped before.
    pub(crate) fn check_end(&self, executor: &Value, end: usize, close_type: CloseType) -> bool {
        let (row, theirs) = (self.row(executor, "close_timestamp"), text(executor, "close_type"));
        let stopped = theirs == "EARLY_STOP" || (theirs == "POSITION_HOLD" && close_type != CloseType::PositionHold);
        if stopped {
            assert!(row <= end, "{} {}: stopped at {row}, ended at {end}", self.name, executor["seq"]);
        } else {
            assert_eq!((row, theirs.as_str()), (end, close_type.name()), "{} {}", self.name, executor["seq"]);
        }
        stopped
    }
}

/// Returns trading rules by their names.
pub(crate) fn rules(rules: &Value) -> TradingRules {
    TradingRules {
        min_price_increment: decimal(rules, "min_price_increment"),
        min_base_amount_increment: decimal(rules, "min_base_amount_increment"),
        min_notional_size: decimal(rules, "min_notional_size"),
        min_order_size: decimal(rules, "min_order_size"),
    }
}

/// Returns the text under a key.
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is a text")).to_owned()
}

/// Returns the decimal under a key.
pub(crate) fn decimal(value: &Value, key: &str) -> Decimal {
    text(value, key).parse().unwrap_or_else(|_| panic!("`{key}` is a decimal"))
}

/// Returns the seconds under a key.
pub(crate) fn seconds(value: &Value, key: &str) -> i64 {
    let seconds = value[key].as_f64().unwrap_or_else(|| panic!("`{key}` is a number"));
    format!("{seconds:.0}").parse().expect("whole seconds")
}

/// Returns the side of an executor.
pub(crate) fn side(executor: &Value) -> Side {
    if executor["side"] == "BUY" { Side::Buy } else { Side::Sell }
}

/// Returns the fraction under a key; `None` where it is null.
pub(crate) fn fraction(value: &Value, key: &str) -> Option<f64> {
    (!value[key].is_null()).then(|| decimal(value, key).to_f64())
}

fn unpacked(path: &Path) -> String {
    let file = fs::File::open(path).expect("the oracle's file is in the repository");
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("the oracle's files are gzipped text");
    text
}
