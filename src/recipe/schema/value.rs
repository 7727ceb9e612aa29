//! Values that may be written in more than one way.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use schemars::json_schema;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Unexpected;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use toml::Value;
use toml::value::Datetime;

use super::Bounds;
use crate::recipe::resolve::INTERVALS;

/// A moment: a date-time with an offset, or epoch seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// `2024-03-11T00:00:00Z`; whether it has an offset is checked later.
    DateTime(Datetime),
    /// Epoch seconds.
    Seconds(i64),
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Datetime(moment) => Ok(Self::DateTime(moment)),
            Value::Integer(seconds) => Ok(Self::Seconds(seconds)),
            other => Err(unexpected(&other, "a date-time with an offset, without quotes")),
        }
    }
}

/// A day: a local date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day(pub Datetime);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Datetime(day) => Ok(Self(day)),
            other => Err(unexpected(&other, "a date without quotes")),
        }
    }
}

/// A decimal number, as text or as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount(pub String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Integer(number) => Ok(Self(number.to_string())),
            // The shortest text that reads back as the same float, never with an exponent.
            Value::Float(number) => Ok(Self(number.to_string())),
            other => Err(unexpected(&other, "a decimal number")),
        }
    }
}

/// What the wall clock reads in a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WallClock {
    /// A word; only `after` is known.
    Word(String),
    /// A fixed moment.
    At(Moment),
}

impl<'de> Deserialize<'de> for WallClock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(word) => Ok(Self::Word(word)),
            Value::Integer(seconds) => Ok(Self::At(Moment::Seconds(seconds))),
            Value::Datetime(moment) => Ok(Self::At(Moment::DateTime(moment))),
            other => Err(unexpected(&other, "\"after\" or epoch seconds")),
        }
    }
}

/// How one metric is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A word; only `exact` is known.
    Word(String),
    /// Within bounds.
    Within(Bounds),
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Rule;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("\"exact\" or a table of bounds")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Rule, E> {
                Ok(Rule::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                // Unlike an untagged enum, this keeps the spans and the names of unknown keys.
                Bounds::deserialize(MapAccessDeserializer::new(map)).map(Rule::Within)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

fn unexpected<E: serde::de::Error>(found: &Value, expected: &str) -> E {
    let found = match found {
        Value::String(text) => Unexpected::Str(text),
        Value::Integer(number) => Unexpected::Signed(*number),
        Value::Float(number) => Unexpected::Float(*number),
        Value::Boolean(truth) => Unexpected::Bool(*truth),
        Value::Datetime(_) => Unexpected::Other("date-time"),
        Value::Array(_) => Unexpected::Seq,
        Value::Table(_) => Unexpected::Map,
    };
    E::invalid_type(found, &expected)
}

/// Gives a type a schema that is written out in place.
macro_rules! schema_in_place {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

/// The schema of a SHA-256 in hex.
pub(super) struct Sha256;
/// The schema of an image's digest.
pub(super) struct Digest;
/// The schema of the length of a candle.
pub(super) struct Interval;
/// The schema of a controller's configuration: its keys are the controller's own business, but for two.
pub(super) struct Settings;

schema_in_place!(Sha256, "Sha256", |_generator| json_schema!({
    "type": "string",
    "pattern": "^[0-9a-fA-F]{64}$",
}));
schema_in_place!(Digest, "Digest", |_generator| json_schema!({
    "type": "string",
    "pattern": "^sha256:[0-9a-f]{64}$",
}));
schema_in_place!(Interval, "Interval", |_generator| {
    let names: Vec<&str> = INTERVALS.iter().map(|(name, _)| *name).collect();
    json_schema!({ "enum": names })
});
schema_in_place!(Settings, "Settings", |_generator| json_schema!({
    "type": "object",
    "required": ["controller_name", "controller_type"],
    "properties": {
        "controller_name": { "type": "string" },
        "controller_type": { "type": "string" },
    },
}));
// Editors hand TOML's own date-times to the schema as text.
schema_in_place!(Moment, "Moment", |_generator| json_schema!({
    "anyOf": [{ "type": "string", "format": "date-time" }, { "type": "integer" }],
}));
schema_in_place!(Day, "Day", |_generator| json_schema!({
    "type": "string",
    "format": "date",
}));
schema_in_place!(Amount, "Amount", |_generator| json_schema!({
    "anyOf": [
        { "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$" },
        { "type": "number", "exclusiveMinimum": 0 },
    ],
}));
schema_in_place!(WallClock, "WallClock", |_generator| json_schema!({
    "anyOf": [
        { "const": "after" },
        { "type": "string", "format": "date-time" },
        { "type": "integer" },
    ],
}));
schema_in_place!(Rule, "Rule", |generator| json_schema!({
    "anyOf": [{ "const": "exact" }, generator.subschema_for::<Bounds>()],
}));
