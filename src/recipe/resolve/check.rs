//! The checks that values of every part of a recipe share.

use std::ops::Range;

use super::Project;
use crate::recipe::error::Error;
use crate::recipe::located::Located;
use crate::recipe::located::first_line;
use crate::recipe::schema::Amount;
use crate::recipe::schema::hint;
use crate::recipe::schema::known;

/// The rule for names that become names of files: recipes, scenarios, candles, services, profiles.
const NAME_RULE: &str = "a name is 1 to 64 lower-case letters, digits, `-`, `_` and `.`, and starts with a letter or a \
                         digit: files are named after it";

/// The rule for names that Python has to accept.
const IDENTIFIER_RULE: &str = "the name is imported by Python: letters, digits and `_`, not starting with a digit";

/// Collects what is wrong, so that all of it can be told at once.
///
/// Each check returns a value in any case; what it returns after an error is never seen.
pub(super) struct Check<'a> {
    pub(super) text: &'a str,
    pub(super) project: &'a dyn Project,
    pub(super) errors: Vec<Error>,
}

impl<'a> Check<'a> {
    pub(super) fn new(text: &'a str, project: &'a dyn Project) -> Self {
        Self { text, project, errors: Vec::new() }
    }

    /// Returns a span for the drawing, no longer than a line.
    pub(super) fn at(&self, span: &Range<usize>) -> miette::SourceSpan {
        first_line(self.text, span.clone()).into()
    }

    /// Checks that a text says something.
    pub(super) fn text(&mut self, key: &'static str, expected: &'static str, written: &Located<String>) -> String {
        if written.value.trim().is_empty() {
            self.errors.push(Error::Empty { key, at: self.at(&written.span), expected });
        }
        written.value.clone()
    }

    /// Checks a name that becomes the name of a file.
    pub(super) fn name(&mut self, what: &'static str, written: &Located<String>) -> String {
        let name = written.value.as_str();
        let odd = name
            .chars()
            .find(|letter| !(letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(*letter)));
        let odd = odd.or_else(|| name.chars().next().filter(|first| !first.is_ascii_alphanumeric()));
        self.bad_name(what, written, NAME_RULE, odd);
        written.value.clone()
    }

    /// Checks a name that Python imports.
    pub(super) fn identifier(&mut self, what: &'static str, written: &Located<String>) -> String {
        let name = written.value.as_str();
        let odd = name.chars().find(|letter| !(letter.is_ascii_alphanumeric() || *letter == '_'));
        let odd = odd.or_else(|| name.chars().next().filter(char::is_ascii_digit));
        self.bad_name(what, written, IDENTIFIER_RULE, odd);
        written.value.clone()
    }

    fn bad_name(&mut self, what: &'static str, written: &Located<String>, rule: &'static str, odd: Option<char>) {
        let length = written.value.len();
        let found = match odd {
            Some(letter) => letter.to_string(),
            None if length == 0 => "nothing".to_owned(),
            None if length > 64 => format!("{length} letters"),
            None => return,
        };
        self.errors.push(Error::BadName { what, name: written.value.clone(), rule, at: self.at(&written.span), found });
    }

    /// Checks that a path stays inside its root, and returns it without `.` and doubled `/`.
    pub(super) fn path(&mut self, root: &'static str, written: &Located<String>) -> String {
        match inside(&written.value) {
            Ok(path) => path,
            Err(problem) => {
                self.errors.push(Error::EscapingPath {
                    path: written.value.clone(),
                    problem,
                    root,
                    at: self.at(&written.span),
                });
                written.value.clone()
            }
        }
    }

    /// Checks that a file of the project is there, and returns its path.
    pub(super) fn file(&mut self, what: &'static str, written: &Located<String>) -> String {
        let errors_before = self.errors.len();
        let path = self.path("the project", written);
        if self.errors.len() == errors_before && !self.project.exists(&path) {
            self.errors.push(Error::MissingFile { what, path: path.clone(), at: self.at(&written.span) });
        }
        path
    }

    /// Checks that a path of an image is absolute and plain, and returns it without `.` and doubled `/`.
    pub(super) fn absolute(&mut self, root: &'static str, written: &Located<String>) -> String {
        let checked = match written.value.strip_prefix('/') {
            Some(rest) => inside(rest),
            None => Err("is not absolute"),
        };
        match checked {
            Ok(path) => format!("/{path}"),
            Err(problem) => {
                let at = self.at(&written.span);
                self.errors.push(Error::EscapingPath { path: written.value.clone(), problem, root, at });
                written.value.clone()
            }
        }
    }

    /// Checks 64 hex digits after `prefix`, and returns the checksum in lower case.
    pub(super) fn checksum(&mut self, key: &'static str, prefix: &'static str, written: &Located<String>) -> String {
        let expected =
            if prefix.is_empty() { "a SHA-256, 64 hex digits" } else { "a digest, `sha256:` and 64 hex digits" };
        let found = match written.value.strip_prefix(prefix) {
            None => Some(format!("does not start with `{prefix}`")),
            Some(hex) => match hex.chars().find(|digit| !digit.is_ascii_hexdigit()) {
                Some(odd) => Some(format!("`{odd}` is not a hex digit")),
                None if hex.len() != 64 => Some(format!("found {} hex digits", hex.len())),
                None => None,
            },
        };
        if let Some(found) = found {
            self.errors.push(Error::BadChecksum { key, expected, found, at: self.at(&written.span) });
        }
        written.value.to_ascii_lowercase()
    }

    /// Checks that a number is in a range, ends included.
    pub(super) fn integer<T: TryFrom<i64> + Default>(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        written: &Located<i64>,
    ) -> T {
        if !range.contains(&written.value) {
            let expected = if *range.end() == i64::MAX {
                format!("{} or more", range.start())
            } else {
                format!("{} to {}", range.start(), range.end())
            };
            self.out_of_range(key, expected, written.value.to_string(), &written.span);
        }
        T::try_from(written.value).unwrap_or_default()
    }

    pub(super) fn out_of_range(&mut self, key: &str, expected: String, found: String, span: &Range<usize>) {
        self.errors.push(Error::OutOfRange { key: key.to_owned(), found, expected, at: self.at(span) });
    }

    /// Checks a decimal number above zero, and returns its text.
    pub(super) fn decimal(&mut self, key: &str, written: &Located<Amount>) -> String {
        let text = self.decimal_or_zero(key, written);
        if is_decimal(&text) && !text.contains(|digit: char| ('1'..='9').contains(&digit)) {
            self.out_of_range(key, "more than 0".to_owned(), text.clone(), &written.span);
        }
        text
    }

    /// Checks a decimal number of zero or more, and returns its text.
    pub(super) fn decimal_or_zero(&mut self, key: &str, written: &Located<Amount>) -> String {
        let text = written.value.0.as_str();
        if !is_decimal(text) {
            self.errors.push(Error::BadDecimal {
                key: key.to_owned(),
                found: text.to_owned(),
                at: self.at(&written.span),
            });
        }
        text.to_owned()
    }

    /// Checks that a name names something that is there.
    pub(super) fn reference<'n>(
        &mut self,
        what: &'static str,
        written: &Located<String>,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> String {
        if !names.clone().any(|name| name == written.value) {
            self.errors.push(Error::UnknownReference {
                what,
                name: written.value.clone(),
                hint: hint(&written.value, names.clone()),
                known: known("names", names),
                at: self.at(&written.span),
            });
        }
        written.value.clone()
    }

    /// Checks that a word is one of those that are known.
    pub(super) fn word(&mut self, key: &str, written: &Located<String>, words: &[&str]) -> String {
        if !words.contains(&written.value.as_str()) {
            self.errors.push(Error::UnknownValue {
                key: key.to_owned(),
                value: written.value.clone(),
                hint: hint(&written.value, words.iter().copied()),
                known: known("values", words.iter().copied()),
                at: self.at(&written.span),
            });
        }
        written.value.clone()
    }

    pub(super) fn either_or(
        &mut self,
        what: String,
        one: &'static str,
        other: &'static str,
        has_both: bool,
        span: &Range<usize>,
    ) {
        self.errors.push(Error::EitherOr {
            what,
            one,
            other,
            problem: if has_both { "both are here" } else { "neither is here" },
            at: self.at(span),
        });
    }
}

/// Returns a relative path in its plainest form, or what is wrong with it.
fn inside(path: &str) -> Result<String, &'static str> {
    if path.contains('\\') {
        return Err("has a `\\` in it");
    }
    if path.contains('\0') {
        return Err("has a zero byte in it");
    }
    let has_drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with('/') || has_drive {
        return Err("is absolute");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("leaves its root");
    }
    if parts.is_empty() {
        return Err("names no file");
    }
    Ok(parts.join("/"))
}

/// Whether a text is digits, with at most one point between them: `93000`, `0.01`.
fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}
