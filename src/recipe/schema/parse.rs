//! How a recipe's text becomes what it says, and what is said when it does not.

use std::ops::Range;

use serde::Deserialize;
use strsim::normalized_damerau_levenshtein;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;
use toml::de::Deserializer;

use super::Recipe;
use super::VERSIONS;
use crate::recipe::error::Error;
use crate::recipe::located::first_line;

/// How alike two words have to be, from 0 to 1, for one to be offered instead of the other.
const ALIKE_MIN: f64 = 0.5;

/// A recipe as written, beside the tree it was read from.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    /// What the file says.
    pub recipe: Recipe,
    /// Every value of the file with its place.
    pub tree: Spanned<DeTable<'t>>,
}

/// Reads a recipe's text.
///
/// # Errors
///
/// The first thing that is not TOML, not known, not there or not of its type. What values mean is not looked at.
pub fn parse(text: &str) -> Result<Document<'_>, Error> {
    let tree = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    check_version(&tree)?;
    let recipe = Recipe::deserialize(Deserializer::from(tree.clone())).map_err(|error| shape(text, error))?;
    Ok(Document { recipe, tree })
}

/// Returns the candidate that `word` was most likely meant to be; `None` when none is like it.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (alike(word, candidate), candidate))
        .filter(|(alike, _)| *alike >= ALIKE_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// Returns how alike two words are, from 0 to 1; a word and its abbreviation are rather alike.
fn alike(word: &str, candidate: &str) -> f64 {
    let is_abbreviation =
        candidate.len().min(word.len()) >= 2 && (word.starts_with(candidate) || candidate.starts_with(word));
    let distance = normalized_damerau_levenshtein(word, candidate);
    if is_abbreviation { distance.max(ALIKE_MIN) } else { distance }
}

/// Returns what a label says about a word that is not known.
pub(crate) fn hint<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    match nearest(word, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => "not known here".to_owned(),
    }
}

/// Returns the list of what is known, for a hint: known keys: `a`, `b`.
pub(crate) fn known<'c>(what: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    let quoted: Vec<String> = candidates.into_iter().map(|candidate| format!("`{candidate}`")).collect();
    if quoted.is_empty() { format!("known {what}: none") } else { format!("known {what}: {}", quoted.join(", ")) }
}

/// A recipe of another version may differ in everything else, so its version is looked at first.
fn check_version(tree: &Spanned<DeTable<'_>>) -> Result<(), Error> {
    let Some(written) = tree.get_ref().get("schema") else {
        return Ok(());
    };
    let DeValue::Integer(version) = written.get_ref() else {
        return Ok(());
    };
    let is_known =
        i64::from_str_radix(version.as_str(), version.radix()).is_ok_and(|version| VERSIONS.contains(&version));
    if is_known {
        return Ok(());
    }
    let known: Vec<String> = VERSIONS.iter().map(ToString::to_string).collect();
    Err(Error::UnknownSchema { version: version.to_string(), known: known.join(", "), at: written.span().into() })
}

fn syntax(text: &str, error: &toml::de::Error) -> Error {
    let span = error.span().unwrap_or(0..0);
    if error.message().starts_with("duplicate key") {
        return duplicate(text, span);
    }
    Error::NotToml { reason: error.message().to_owned(), at: first_line(text, span).into() }
}

/// The parser tells of the second place only; the first is the earlier line that opens the same way.
fn duplicate(text: &str, span: Range<usize>) -> Error {
    let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default().trim();
    let is_header = line.starts_with('[');
    let name = if is_header {
        line.split('#').next().unwrap_or(line).trim().trim_matches(['[', ']']).to_owned()
    } else {
        text[span.clone()].to_owned()
    };

    let mut first = None;
    let mut offset = 0;
    for earlier in text[..line_start].split_inclusive('\n') {
        let trimmed = earlier.trim();
        if !is_header && trimmed.starts_with('[') {
            // The same key in another table is another key.
            first = None;
        }
        let is_same = if is_header {
            trimmed == line
        } else {
            trimmed.strip_prefix(name.as_str()).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
        };
        if is_same {
            let start = offset + earlier.len() - earlier.trim_start().len();
            first = Some(start..start + trimmed.len());
        }
        offset += earlier.len();
    }

    let what = match name.split_once('.') {
        Some(("scenario", _)) if is_header => "scenario",
        Some(("candles", _)) if is_header => "candles",
        Some(("service", _)) if is_header => "service",
        Some(("profile", _)) if is_header => "profile",
        _ if is_header => "table",
        _ => "key",
    };
    let name = match name.split_once('.') {
        Some((_, rest)) if what != "table" && what != "key" => rest.to_owned(),
        _ => name,
    };
    Error::Duplicate {
        what,
        name,
        advice: "rename or remove one of them".to_owned(),
        first: first.map(Into::into),
        at: span.into(),
    }
}

/// Turns the deserialiser's sentence into an error of ours.
fn shape(text: &str, mut error: toml::de::Error) -> Error {
    let message = error.message().to_owned();
    let span = first_line(text, error.span().unwrap_or(0..0));
    // Only an error that does not know its text tells which keys lead to it.
    error.set_input(None);
    let path = error
        .to_string()
        .lines()
        .nth(1)
        .and_then(|line| line.strip_prefix("in `"))
        .and_then(|line| line.strip_suffix('`'))
        .unwrap_or_default()
        .to_owned();

    if let Some((key, known_keys)) = unknown(&message, "unknown field ") {
        return Error::UnknownKey {
            hint: hint(key, known_keys.iter().copied()),
            known: known("keys", known_keys),
            key: key.to_owned(),
            at: span.into(),
        };
    }
    if let Some((value, known_values)) = unknown(&message, "unknown variant ") {
        return Error::UnknownValue {
            key: path,
            hint: hint(value, known_values.iter().copied()),
            known: known("values", known_values),
            value: value.to_owned(),
            at: span.into(),
        };
    }
    if let Some(key) = quoted(&message, "missing field ") {
        let at = if path.is_empty() { 0..0 } else { span };
        return Error::MissingKey { key: key.to_owned(), at: at.into() };
    }
    let (found, expected) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.split_once(", expected "))
        .unwrap_or((message.as_str(), "something else"));
    let (expected, found) = (in_toml_words(expected), in_toml_words(found));
    let is_list_as_table = expected == "an array" && found == "a table";
    Error::WrongType {
        help: is_list_as_table.then(|| format!("write `[[{path}]]`, once for each")),
        key: path,
        expected,
        found,
        at: span.into(),
    }
}

/// Takes "unknown field `x`, expected one of `a`, `b`" apart: the word, and the words that are known.
fn unknown<'m>(message: &'m str, prefix: &str) -> Option<(&'m str, Vec<&'m str>)> {
    let word = quoted(message, prefix)?;
    let rest = &message[prefix.len() + word.len() + 2..];
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((word, known))
}

/// Returns the word in backticks after `prefix`.
fn quoted<'m>(message: &'m str, prefix: &str) -> Option<&'m str> {
    message.strip_prefix(prefix)?.strip_prefix('`')?.split('`').next()
}

/// The deserialiser speaks of Rust's types; a recipe has TOML's.
fn in_toml_words(text: &str) -> String {
    match text {
        "map" | "a map" => "a table".to_owned(),
        "sequence" | "a sequence" => "an array".to_owned(),
        "f64" => "a number".to_owned(),
        "i64" => "an integer".to_owned(),
        other => match other.split_once(' ') {
            Some(("string", value)) => format!("the string {value}"),
            Some(("integer", value)) => format!("the integer {value}"),
            Some(("floating", value)) => {
                format!("the float {}", value.trim_start_matches("point "))
            }
            Some(("boolean", value)) => format!("the boolean {value}"),
            _ => other.to_owned(),
        },
    }
}
