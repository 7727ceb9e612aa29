//! Do two scenarios of a recipe have the same result, and if not, where do they part first?
//!
//! Everything that both engines report is compared, executor by executor, field by field, and nothing may differ: figures
//! as binary floats, prices and amounts as decimals. What only one of the two releases keeps is not compared.

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::golden::Metric;
use crate::golden::compare::MetricDifference;
use crate::golden::compare::Rule;
use crate::golden::compare::compare as compare_goldens;
use crate::golden::compare::ulps;
use crate::recipe::resolve::Scenario;
use crate::workflow::golden;
use crate::workflow::played::Played;
use crate::workflow::project::Loaded;

/// The tables of a result beside its executors and its metrics.
const TABLES: [&str; 2] = ["pnl_timeseries", "position_held_timeseries"];

/// How two scenarios stand to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Parity {
    /// The scenario that the first one is compared with.
    pub other: String,
    /// What the two were given otherwise, told before their results.
    pub inputs: Vec<InputDifference>,
    /// The first difference of what happened; `None` where nothing differs.
    pub difference: Option<Difference>,
    /// The metrics that differ.
    pub metrics: Vec<MetricDifference>,
    /// How many executors were compared.
    pub executor_count: usize,
}

/// Something that two scenarios are given otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputDifference {
    /// What it is.
    pub input: String,
    /// What this scenario has.
    pub this: Value,
    /// What the other one has.
    pub other: Value,
}

/// The first place in which two results differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The part of the result: `executors`, `position_holds`, or a series.
    pub part: &'static str,
    /// The row, from zero.
    pub row: usize,
    /// The executor's level, where it has one.
    pub level: Option<String>,
    /// The field; `None` where one of the two has no such row.
    pub field: Option<String>,
    /// What this scenario has.
    pub this: Value,
    /// What the other one has.
    pub other: Value,
    /// How many floats lie between the two, where both are floats.
    pub ulps: Option<u64>,
    /// How many rows this scenario has.
    pub this_count: usize,
    /// How many the other one has.
    pub other_count: usize,
}

impl Parity {
    /// Returns whether the two results are the same.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.difference.is_none() && self.metrics.is_empty()
    }

    /// Returns the outcome as an object.
    #[must_use]
    pub fn json(&self) -> Value {
        let metric = |metric: &Metric| match metric {
            Metric::Count(count) => json!(count),
            Metric::Figure(figure) => json!(figure),
            Metric::Counts(counts) => json!(counts),
        };
        let metrics = self.metrics.iter().map(|difference| {
            json!({
                "metric": difference.name,
                "this": difference.actual.as_ref().map(metric),
                "other": difference.expected.as_ref().map(metric),
            })
        });
        json!({
            "scenario": self.other,
            "verdict": if self.is_exact() { "exact" } else { "drift" },
            "executor_count": self.executor_count,
            "inputs": self.inputs,
            "first_difference": self.difference,
            "metrics": metrics.collect::<Vec<_>>(),
        })
    }
}

/// Lays the results of two scenarios side by side.
#[must_use]
pub fn compare(loaded: &Loaded, sides: [(&Scenario, &Played); 2]) -> Parity {
    let [(this, played), (other, beside)] = sides;
    let goldens = sides.map(|(scenario, played)| golden::of(loaded, scenario, played));
    // What is exact has no tolerance.
    let comparison = compare_goldens(&goldens[1], &goldens[0], &|_| Rule::default());
    let jsons = sides.map(|(scenario, played)| played.json(loaded, scenario));
    Parity {
        other: other.name.clone(),
        inputs: inputs([(this, played), (other, beside)]),
        difference: first_difference([&jsons[0], &jsons[1]]),
        metrics: comparison.metrics,
        executor_count: rows(&jsons[0], "executors").len(),
    }
}

/// Returns what two scenarios are given otherwise.
fn inputs(sides: [(&Scenario, &Played); 2]) -> Vec<InputDifference> {
    let given = sides.map(|(scenario, played)| {
        let rules = &scenario.trading_rules;
        let mut given = Map::new();
        let mut put = |key: &str, value: Value| drop(given.insert(key.to_owned(), value));
        put("candles", json!(played.candles_checksum()));
        put("start", json!(scenario.start));
        put("end", json!(scenario.end));
        put("resolution", json!(scenario.resolution));
        put("trade-cost", json!(scenario.trade_cost));
        put("mode", json!(scenario.mode.name()));
        put("wall-clock", json!(format!("{:?}", scenario.wall_clock)));
        put("trading-rules.min_price_increment", json!(rules.min_price_increment));
        put("trading-rules.min_base_amount_increment", json!(rules.min_base_amount_increment));
        put("trading-rules.min_notional_size", json!(rules.min_notional_size));
        put("trading-rules.min_order_size", json!(rules.min_order_size));
        for (key, value) in &scenario.controller {
            put(&format!("controller.{key}"), value.clone());
        }
        given
    });
    let [this, other] = given;
    let keys = this.keys().chain(other.keys().filter(|key| !this.contains_key(*key)));
    keys.filter(|key| this.get(*key) != other.get(*key))
        .map(|key| InputDifference {
            input: key.clone(),
            this: this.get(key).cloned().unwrap_or_default(),
            other: other.get(key).cloned().unwrap_or_default(),
        })
        .collect()
}

/// Returns the first place in which two results, as JSON, differ in what happened.
///
/// The metrics are not looked at: they follow from what happened, and have a comparison of their own.
#[must_use]
pub fn first_difference(sides: [&Value; 2]) -> Option<Difference> {
    let executors = || rows_differ("executors", sides.map(|side| rows(side, "executors")));
    let holds = || rows_differ("position_holds", sides.map(|side| rows(side, "position_holds")));
    let tables = || TABLES.iter().find_map(|table| table_differs(table, sides.map(|side| &side[*table])));
    executors().or_else(holds).or_else(tables)
}

fn rows<'v>(result: &'v Value, part: &str) -> &'v [Value] {
    result[part].as_array().map_or(&[], Vec::as_slice)
}

fn rows_differ(part: &'static str, [this, other]: [&[Value]; 2]) -> Option<Difference> {
    let found = |row: usize, field: Option<String>, values: [Value; 2]| {
        let level = this.get(row).or(other.get(row)).and_then(|row| row["level_id"].as_str());
        let [this_value, other_value] = values;
        Difference {
            part,
            row,
            level: level.map(str::to_owned),
            ulps: distance(field.as_deref(), &this_value, &other_value),
            field,
            this: this_value,
            other: other_value,
            this_count: this.len(),
            other_count: other.len(),
        }
    };
    for (row, (left, right)) in this.iter().zip(other).enumerate() {
        let (Some(left), Some(right)) = (left.as_object(), right.as_object()) else { continue };
        let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
        for key in keys {
            let values = [left, right].map(|side| side.get(key).unwrap_or(&Value::Null));
            // An older ledger of holds has fewer figures.
            let unknown = part == "position_holds" && values.iter().any(|value| value.is_null());
            if !unknown && !same(values[0], values[1]) {
                return Some(found(row, Some(key.clone()), values.map(Clone::clone)));
            }
        }
    }
    let shorter = this.len().min(other.len());
    let row = |side: &[Value]| side.get(shorter).cloned().unwrap_or_default();
    (this.len() != other.len()).then(|| found(shorter, None, [row(this), row(other)]))
}

fn table_differs(part: &'static str, [this, other]: [&Value; 2]) -> Option<Difference> {
    // A release from before there were series has none.
    if this.is_null() || other.is_null() {
        return None;
    }
    let counts = [this, other].map(|side| side["rows"].as_u64().and_then(|rows| rows.try_into().ok()).unwrap_or(0));
    let found = |row, field: Option<&String>, values: [Value; 2]| {
        let [this, other] = values;
        Difference {
            part,
            row,
            level: None,
            ulps: distance(field.map(String::as_str), &this, &other),
            field: field.cloned(),
            this,
            other,
            this_count: counts[0],
            other_count: counts[1],
        }
    };
    if counts[0] != counts[1] {
        return Some(found(counts[0].min(counts[1]), None, [Value::Null, Value::Null]));
    }
    let [left, right] = [this, other].map(|side| side["all"].as_object());
    let (Some(left), Some(right)) = (left, right) else { return None };
    // The first row that differs in any column, not the first column that differs in any row.
    let places = left.iter().filter_map(|(name, column)| {
        let beside = right.get(name)?;
        let (column, beside) = (column.as_array()?, beside.as_array()?);
        let row = column.iter().zip(beside).position(|(left, right)| !same(left, right))?;
        Some((row, name, [column[row].clone(), beside[row].clone()]))
    });
    let (row, name, values) = places.min_by_key(|place| place.0)?;
    Some(found(row, Some(name), values))
}

/// Returns whether two values are the same: numbers as floats, texts as decimals where both are.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::String(left), Value::String(right)) => {
            left == right || digits(left).is_some_and(|digits_of| Some(digits_of) == digits(right))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

/// Returns a decimal's sign, its digits without zeros at either end, and the power of ten of the last digit; `None` for a
/// text that is no decimal.
fn digits(text: &str) -> Option<(bool, String, i64)> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
    let kept = all.trim_end_matches('0');
    let dropped = i64::try_from(all.len() - kept.len()).ok()?;
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() {
        return Some((false, String::new(), 0));
    }
    Some((is_negative, kept.to_owned(), exponent + dropped))
}

/// Returns how many floats lie between two figures; a time's distance is not measured in floats.
fn distance(field: Option<&str>, left: &Value, right: &Value) -> Option<u64> {
    if field.is_some_and(|field| field.ends_with("timestamp")) {
        return None;
    }
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return None };
    Some(ulps(left.as_f64()?, right.as_f64()?))
}
