//! How a controller's configuration is read: as Hummingbot's models read it, with errors that name the mend.

use std::ops::RangeInclusive;

use serde_json::Map;
use serde_json::Value;
use thiserror::Error;

use crate::market::Decimal;

/// Which generation of Hummingbot's configuration models is meant: now and then they change what they accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// v2.6.0 and before.
    V2_6,
    /// v2.6.1 to v2.12: knows `skip_rebalance`.
    V2_6_1,
    /// v2.13 and v2.14: takes a single number for a list and counts the entries of texts, but no longer knows
    /// `candles_config`.
    V2_13,
    /// v2.15: `pmm_mister` knows short positions and global bounds.
    V2_15,
    /// v2.16: the global bounds rest until nothing is held.
    V2_16,
    /// Since v2.17: refuses executors that could not trade.
    V2_17,
}

/// Every generation of models.
pub const ALWAYS: RangeInclusive<Model> = Model::V2_6..=Model::V2_17;

/// A key, and the generations of models that have it.
pub type Key = (&'static str, RangeInclusive<Model>);

/// What is wrong with a controller's configuration.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// No controller of this name is built in.
    #[error("controller `{name}` of type `{controller_type}` is not known to the native engine")]
    UnknownController {
        /// The `controller_name`.
        name: String,
        /// The `controller_type`.
        controller_type: String,
        /// The known ones.
        known: Vec<&'static str>,
    },
    /// A controller that Hummingbot ships and cannot backtest itself.
    #[error("controller `{name}` fails in Hummingbot's own backtester: {reason}")]
    FailsUpstream {
        /// The `controller_name`.
        name: &'static str,
        /// Why it fails there.
        reason: &'static str,
        /// How it can be replayed all the same; `None` where it cannot.
        mend: Option<&'static str>,
    },
    /// A key that the controller does not have.
    #[error("controller `{controller}` has no key `{key}`")]
    UnknownKey {
        /// The controller's name.
        controller: &'static str,
        /// The key.
        key: String,
        /// The known key that is spelled most like it.
        nearest: Option<&'static str>,
    },
    /// A key that the controller has in another release.
    #[error("controller `{controller}` has no key `{key}` in this Hummingbot release")]
    OtherRelease {
        /// The controller's name.
        controller: &'static str,
        /// The key.
        key: String,
    },
    /// A value of the wrong kind or out of range.
    #[error("`{key}` is {found}, but {expected} was expected")]
    Value {
        /// The key.
        key: &'static str,
        /// The value as given.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A key without which Hummingbot's own model fails.
    #[error("`{key}` is missing, and Hummingbot fails without it")]
    Omitted {
        /// The key.
        key: &'static str,
        /// What to write.
        mend: &'static str,
    },
    /// Two lists that must be of one length.
    #[error("`{key}` has {found} entries, but `{other}` has {expected}")]
    Length {
        /// The list.
        key: &'static str,
        /// How many entries it has.
        found: usize,
        /// The list that it goes with.
        other: &'static str,
        /// How many entries that one has.
        expected: usize,
    },
    /// Something that the native engine does not replay yet.
    #[error("{what} is not replayed by the native engine")]
    Unsupported {
        /// What is asked for.
        what: String,
        /// What to do instead.
        mend: &'static str,
    },
}

impl Error {
    /// Returns the key that the error is about; `None` for one that is not about a key that is there.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, .. } | Self::OtherRelease { key, .. } => Some(key),
            Self::Value { key, .. } | Self::Length { key, .. } => Some(key),
            Self::UnknownController { .. } | Self::FailsUpstream { .. } => Some("controller_name"),
            Self::Unsupported { .. } => Some("connector_name"),
            Self::Omitted { .. } => None,
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownController { known, .. } => Some(format!("it knows {}", known.join(", "))),
            Self::UnknownKey { nearest, .. } => nearest.map(|key| format!("did you mean `{key}`?")),
            Self::OtherRelease { .. } => {
                Some("other releases have it: remove it, or change the upstream version".to_owned())
            }
            Self::Omitted { mend, .. } | Self::Unsupported { mend, .. } => Some((*mend).to_owned()),
            Self::FailsUpstream { mend, .. } => mend.map(str::to_owned),
            Self::Value { .. } | Self::Length { .. } => None,
        }
    }
}

/// A configuration, read key by key.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    values: &'a Map<String, Value>,
    model: Model,
}

impl<'a> Reader<'a> {
    /// Opens a configuration, refusing keys that are not among `known`, each of which comes with the models that have it.
    ///
    /// # Errors
    ///
    /// Names the unknown key and the known one that is spelled most like it.
    pub fn open(
        controller: &'static str,
        values: &'a Map<String, Value>,
        known: &[Key],
        model: Model,
    ) -> Result<Self, Error> {
        for key in values.keys() {
            let Some((_, models)) = known.iter().find(|(known, _)| known == key) else {
                let likeness = |known: &&'static str| (strsim::jaro_winkler(known, key) * 1000.0).round();
                let known = known.iter().filter(|(_, models)| models.contains(&model)).map(|&(known, _)| known);
                let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
                let nearest = nearest.filter(|known| likeness(known) > 750.0);
                return Err(Error::UnknownKey { controller, key: key.clone(), nearest });
            };
            if !models.contains(&model) {
                return Err(Error::OtherRelease { controller, key: key.clone() });
            }
        }
        Ok(Self { values, model })
    }

    /// Returns the generation of models that the configuration is read for.
    #[must_use]
    pub fn model(self) -> Model {
        self.model
    }

    /// Returns a value; `None` where it is absent.
    #[must_use]
    pub fn value(self, key: &str) -> Option<&'a Value> {
        self.values.get(key)
    }

    /// Returns a value; `None` where it is absent, null or an empty text.
    fn given(self, key: &str) -> Option<&'a Value> {
        self.value(key).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// Refuses anything but a text.
    pub fn text(self, key: &'static str, default: &str) -> Result<String, Error> {
        match self.value(key) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(found) => Err(wrong(key, found, "a text")),
        }
    }

    /// Reads a truth value, as Pydantic does: also `"true"`, `"no"`, `1`.
    ///
    /// # Errors
    ///
    /// Refuses anything else.
    pub fn flag(self, key: &'static str, default: bool) -> Result<bool, Error> {
        let Some(found) = self.value(key) else {
            return Ok(default);
        };
        let truth = match found {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => match number.as_f64() {
                Some(0.0) => Some(false),
                Some(1.0) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" | "t" | "y" => Some(true),
                "false" | "no" | "off" | "0" | "f" | "n" => Some(false),
                _ => None,
            },
            _ => None,
        };
        truth.ok_or_else(|| wrong(key, found, "true or false"))
    }

    /// Reads a whole number, as Pydantic does: also `"300"`, `"300.0"` and `300.0`.
    ///
    /// # Errors
    ///
    /// Refuses anything else, and fractions.
    pub fn whole(self, key: &'static str, default: i64) -> Result<i64, Error> {
        self.value(key).map_or(Ok(default), |found| whole(found).ok_or_else(|| wrong(key, found, "a whole number")))
    }

    /// Reads a number of seconds greater than zero; null and `""` mean none.
    ///
    /// # Errors
    ///
    /// Refuses fractions, zero and less.
    pub fn positive_whole(&self, key: &'static str, default: Option<i64>) -> Result<Option<i64>, Error> {
        if self.value(key).is_none() {
            return Ok(default);
        }
        let Some(found) = self.given(key) else {
            return Ok(None);
        };
        // Upstream takes a text through a decimal here, so that even "3e1" is a whole number.
        let through_decimal = || decimal(found).and_then(|value| integral(value.to_f64()));
        let seconds = whole(found).or_else(through_decimal).filter(|&seconds| seconds > 0);
        seconds.map(Some).ok_or_else(|| wrong(key, found, "a whole number of seconds greater than zero"))
    }

    /// Reads a decimal from text or from a number's own text.
    ///
    /// # Errors
    ///
    /// Refuses what is not a decimal number.
    pub fn decimal(self, key: &'static str, default: &str) -> Result<Decimal, Error> {
        match self.value(key) {
            None => Ok(default.parse().expect("defaults are decimals")),
            Some(found) => decimal(found).ok_or_else(|| wrong(key, found, "a decimal number")),
        }
    }

    /// Reads a decimal greater than zero; null and `""` mean none.
    ///
    /// # Errors
    ///
    /// Refuses zero, less, and what is not a number.
    pub fn positive_decimal(self, key: &'static str, default: &str) -> Result<Option<Decimal>, Error> {
        if self.value(key).is_none() {
            return Ok(Some(default.parse().expect("defaults are decimals")));
        }
        let Some(found) = self.given(key) else {
            return Ok(None);
        };
        let positive = decimal(found).filter(|value| value.is_positive());
        positive.map(Some).ok_or_else(|| wrong(key, found, "a decimal number greater than zero"))
    }

    /// Reads a float.
    ///
    /// # Errors
    ///
    /// Refuses what is not a finite number.
    pub fn float(self, key: &'static str, default: f64) -> Result<f64, Error> {
        self.value(key).map_or(Ok(default), |found| float(found).ok_or_else(|| wrong(key, found, "a number")))
    }

    /// Reads the length of an indicator, in candles.
    ///
    /// # Errors
    ///
    /// Refuses fractions, zero and less.
    pub fn length(self, key: &'static str, default: usize) -> Result<usize, Error> {
        let Some(found) = self.value(key) else { return Ok(default) };
        let length = whole(found).and_then(|length| usize::try_from(length).ok()).filter(|&length| length > 0);
        length.ok_or_else(|| wrong(key, found, "a number of candles greater than zero"))
    }

    /// Returns a list, a text with commas, or, since v2.13, a single number; `None` where it is null or `""`.
    ///
    /// # Errors
    ///
    /// Refuses a single number before v2.13.
    fn list(self, key: &'static str) -> Result<Option<&'a Value>, Error> {
        match self.given(key) {
            Some(found @ (Value::Number(_) | Value::Bool(_))) if self.model < Model::V2_13 => {
                Err(wrong(key, found, "a list, or a text such as \"0.001,0.002\": this release takes no single number"))
            }
            found => Ok(found),
        }
    }

    /// Reads a list of floats: a list, a text with commas, or, since v2.13, a single number; null and `""` are an empty list.
    ///
    /// # Errors
    ///
    /// Refuses entries that are not finite numbers.
    pub fn floats(self, key: &'static str) -> Result<Vec<f64>, Error> {
        let Some(found) = self.list(key)? else {
            return Ok(Vec::new());
        };
        let floats: Option<Vec<f64>> = entries(found).iter().map(float).collect();
        floats.ok_or_else(|| wrong(key, found, "a list of numbers, or a text such as \"0.001,0.002\""))
    }

    /// Reads a list of decimals; `None` where it is null or `""`.
    ///
    /// Entries of a text pass through a float, as Hummingbot's validator passes them.
    ///
    /// # Errors
    ///
    /// Refuses entries that are not numbers.
    pub fn decimals(self, key: &'static str) -> Result<Option<Vec<Decimal>>, Error> {
        let Some(found) = self.list(key)? else {
            return Ok(None);
        };
        let decimals: Option<Vec<Decimal>> = if found.is_string() {
            entries(found).iter().map(|entry| float(entry).and_then(through_text)).collect()
        } else {
            entries(found).iter().map(decimal).collect()
        };
        decimals.map(Some).ok_or_else(|| wrong(key, found, "a list of numbers, or a text such as \"1,2\""))
    }

    /// Reads the name of an enumeration's member.
    ///
    /// With a `prefix`, the name may follow it, and the member's number, from one, will do as well.
    ///
    /// # Errors
    ///
    /// Refuses a name that is not among `members`.
    pub fn member(
        &self,
        key: &'static str,
        prefix: Option<&str>,
        members: &[&'static str],
        default: &'static str,
        expected: &'static str,
    ) -> Result<&'static str, Error> {
        let Some(found) = self.value(key) else {
            return Ok(default);
        };
        let member = match (found, prefix) {
            (Value::String(text), _) => {
                let name = prefix.map_or_else(|| text.clone(), |prefix| text.replace(prefix, "")).to_ascii_uppercase();
                members.iter().copied().find(|member| *member == name)
            }
            (Value::Number(number), Some(_)) => {
                let index = number.as_u64().and_then(|number| usize::try_from(number).ok());
                index.and_then(|index| members.get(index.checked_sub(1)?)).copied()
            }
            _ => None,
        };
        member.ok_or_else(|| wrong(key, found, expected))
    }
}

/// Returns the error for a value of the wrong kind.
pub(super) fn wrong(key: &'static str, found: &Value, expected: &'static str) -> Error {
    Error::Value { key, found: format!("`{found}`"), expected }
}

/// Splits a value into list entries.
fn entries(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        Value::String(text) => text.split(',').map(|entry| Value::String(entry.trim().to_owned())).collect(),
        single => vec![single.clone()],
    }
}

fn float(value: &Value) -> Option<f64> {
    let float = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => grouped(text.trim()).and_then(|text| text.parse().ok()),
        _ => None,
    };
    float.filter(|value: &f64| value.is_finite())
}

/// Reads a decimal from a text, or from a number's shortest text as Pydantic does.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        // Python's decimals pass over underscores wherever they stand.
        Value::String(text) => text.replace('_', "").parse().ok(),
        Value::Number(number) if number.is_f64() => number.as_f64().and_then(through_text),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// Converts a float by its shortest text: 0.1 becomes 0.1, not its exact binary value.
fn through_text(value: f64) -> Option<Decimal> {
    value.is_finite().then(|| Decimal::from_shortest(value))
}

/// Returns a number without the underscores that group its digits, `1_000`; `None` where one does not stand between digits.
fn grouped(text: &str) -> Option<String> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let groups = |at: usize| is_digit(at.checked_sub(1).and_then(|at| bytes.get(at))) && is_digit(bytes.get(at + 1));
    let is_grouped = text.match_indices('_').all(|(at, _)| groups(at));
    is_grouped.then(|| text.replace('_', ""))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        // Python's truth values are numbers.
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(integral)),
        Value::String(text) => {
            let text = grouped(text.trim())?;
            let (digits, zeros) = text.split_once('.').unwrap_or((&text, "0"));
            let all_zeros = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
            digits.parse().ok().filter(|_| all_zeros)
        }
        _ => None,
    }
}

/// Returns a float as the integer that it is, below 2^53.
fn integral(value: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "checked by the condition")]
    (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
}
