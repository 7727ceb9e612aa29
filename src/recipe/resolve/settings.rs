//! A controller's configuration: from TOML or YAML to JSON, keys in the file's order.

use std::ops::Range;
use std::sync::Arc;

use miette::NamedSource;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use toml::Spanned;
use toml::de::DeValue;

use super::Check;
use crate::recipe::error::Error;
use crate::recipe::located::Located;
use crate::recipe::located::child;
use crate::recipe::schema;

/// How deep a configuration may be nested.
const DEPTH_MAX: usize = 64;

/// Returns a scenario's configuration, and the YAML file that it was read from.
pub(super) fn controller(
    check: &mut Check,
    name: &Located<String>,
    written: &schema::Scenario,
    tree: Option<&Spanned<DeValue<'_>>>,
) -> (Map<String, Value>, Option<String>) {
    if written.controller.is_some() == written.config.is_some() {
        check.either_or(
            format!("scenario `{}`", name.value),
            "controller",
            "config",
            written.controller.is_some(),
            &name.span,
        );
        return (Map::new(), None);
    }
    if let Some(config) = &written.config {
        let file = check.file("configuration", config);
        let map = from_yaml(check, name, config, &file);
        return (map, Some(file));
    }
    let path = [name.value.as_str(), "controller"];
    let Some(table) = tree.and_then(|tree| descend(tree, &path)) else {
        return (Map::new(), None);
    };
    let key = format!("scenario.{}.controller", name.value);
    let map = match from_toml(check, &key, table, DEPTH_MAX) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let span = table.span();
    says_which(check, name, &map, &|key| {
        written_at(tree, &[&name.value, "controller", key]).unwrap_or_else(|| span.clone())
    });
    (map, None)
}

/// Returns where the value at `path` below `tree` stands.
pub(super) fn written_at(tree: Option<&Spanned<DeValue<'_>>>, path: &[&str]) -> Option<Range<usize>> {
    descend(tree?, path).map(Spanned::span)
}

fn descend<'v, 't>(tree: &'v Spanned<DeValue<'t>>, path: &[&str]) -> Option<&'v Spanned<DeValue<'t>>> {
    path.iter().try_fold(tree, |value, step| child(value.get_ref(), step))
}

/// Checks that a configuration says which controller it is for.
fn says_which(
    check: &mut Check,
    name: &Located<String>,
    map: &Map<String, Value>,
    place: &dyn Fn(&str) -> Range<usize>,
) {
    for key in ["controller_name", "controller_type"] {
        let problem = match map.get(key) {
            Some(Value::String(_)) => continue,
            Some(_) => format!("`{key}` is not text"),
            None => format!("`{key}` is missing"),
        };
        check.errors.push(Error::NoController { scenario: name.value.clone(), problem, at: check.at(&place(key)) });
    }
}

fn from_toml(check: &mut Check, key: &str, written: &Spanned<DeValue<'_>>, depth_left: usize) -> Value {
    let mut refuse = |found, advice| {
        check.errors.push(Error::BadSetting { key: key.to_owned(), found, advice, at: check.at(&written.span()) });
        Value::Null
    };
    if depth_left == 0 {
        return refuse("nested too deep", "nest at most 64 tables and arrays");
    }
    match written.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Number(number.into()),
            Err(_) => refuse("an integer of more than 64 bits", "write it as text"),
        },
        DeValue::Float(number) => {
            let number = number.as_str().parse::<f64>().ok();
            match number.and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => refuse("not a finite number", "leave the key out, or give a number"),
            }
        }
        DeValue::Datetime(_) => {
            refuse("a date-time", "write it as text in quotes, or as epoch seconds, as the controller expects it")
        }
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| from_toml(check, &format!("{key}.{index}"), item, depth_left - 1))
            .collect(),
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            // The parser keeps tables in the order of the alphabet.
            entries.sort_by_key(|(name, _)| name.span().start);
            entries
                .into_iter()
                .map(|(name, value)| {
                    let name = name.get_ref().to_string();
                    let value = from_toml(check, &format!("{key}.{name}"), value, depth_left - 1);
                    (name, value)
                })
                .collect()
        }
    }
}

fn from_yaml(check: &mut Check, name: &Located<String>, config: &Located<String>, file: &str) -> Map<String, Value> {
    // A file that is missing has been told already.
    if !check.project.exists(file) {
        return Map::new();
    }
    let mut refuse = |text: &str, reason: String, offset: usize| {
        let start = offset.min(text.len());
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        check.errors.push(Error::BadConfig {
            config: file.to_owned(),
            reason,
            source_code: NamedSource::new(file, Arc::from(text)),
            at: (start..end).into(),
        });
        Map::new()
    };
    let Some(text) = check.project.read(file) else {
        return refuse("", "it is not UTF-8 text".to_owned(), 0);
    };
    let yaml: Yaml = match serde_yaml_ng::from_str(&text) {
        Ok(yaml) => yaml,
        Err(error) => {
            let offset = error.location().map_or(0, |place| place.index());
            let sentence = error.to_string();
            let reason = sentence.split(" at line ").next().unwrap_or(&sentence);
            return refuse(&text, reason.to_owned(), offset);
        }
    };
    match yaml_to_json("", &yaml) {
        Ok(Value::Object(map)) => {
            let span = config.span.clone();
            says_which(check, name, &map, &|_| span.clone());
            map
        }
        Ok(_) => refuse(&text, "expected keys and values".to_owned(), 0),
        Err((key, found)) => {
            let offset = key.rsplit('.').find_map(|word| text.find(&format!("{word}:"))).unwrap_or(0);
            refuse(&text, format!("`{key}` is {found}"), offset)
        }
    }
}

/// Returns the JSON of a YAML value, or the key that JSON cannot carry and what it is.
fn yaml_to_json(key: &str, yaml: &Yaml) -> Result<Value, (String, &'static str)> {
    match yaml {
        Yaml::Null => Ok(Value::Null),
        Yaml::Bool(truth) => Ok(Value::Bool(*truth)),
        Yaml::String(text) => Ok(Value::String(text.clone())),
        Yaml::Number(number) => {
            let json = number
                .as_i64()
                .map(Number::from)
                .or_else(|| number.as_u64().map(Number::from))
                .or_else(|| number.as_f64().and_then(Number::from_f64));
            json.map(Value::Number).ok_or_else(|| (key.to_owned(), "not a finite number"))
        }
        Yaml::Sequence(items) => {
            items.iter().enumerate().map(|(index, item)| yaml_to_json(&join(key, &index.to_string()), item)).collect()
        }
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (name, value) in entries {
                let Yaml::String(name) = name else {
                    return Err((key.to_owned(), "a mapping with a key that is not text"));
                };
                map.insert(name.clone(), yaml_to_json(&join(key, name), value)?);
            }
            Ok(Value::Object(map))
        }
        Yaml::Tagged(_) => Err((key.to_owned(), "a tagged value")),
    }
}

fn join(key: &str, step: &str) -> String {
    if key.is_empty() { step.to_owned() } else { format!("{key}.{step}") }
}
