//! Which package index is pip configured with?

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use url::Url;

use crate::io::index::Error;

/// The indexes to ask, in order, and whom to trust on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexes {
    /// The index and the extra ones; the first that has a file wins.
    pub urls: Vec<Url>,
    /// The PEM file that pip trusts instead of the system's store; `None` for the system's store.
    pub certificates: Option<PathBuf>,
}

/// What only pip knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What `pip config list` prints.
    Config,
    /// The index that pip uses when nothing is configured.
    DefaultIndex,
}

/// Returns the indexes that pip would use on this machine.
///
/// `PIP_INDEX_URL` is taken without starting Python, and then the extra indexes are those of `PIP_EXTRA_INDEX_URL`
/// alone. Without it pip is asked, since nobody reads pip's configuration files better.
///
/// # Errors
///
/// Returns [`Error::NoIndex`] when there is neither the variable nor pip, [`Error::Address`] for what is no address.
pub fn configured() -> Result<Indexes, Error> {
    find(&variable, &ask_pip)
}

/// Returns the one index that a user names instead, with the trust of the environment.
///
/// # Errors
///
/// Returns [`Error::Address`] for what is no address.
pub fn named(index: &str) -> Result<Indexes, Error> {
    Ok(Indexes { urls: vec![address(index)?], certificates: variable("PIP_CERT").map(PathBuf::from) })
}

/// Returns the address in `PIP_INDEX_URL`; `None` when pip would have to be asked.
#[must_use]
pub fn from_environment() -> Option<String> {
    variable("PIP_INDEX_URL")
}

/// Returns the indexes that pip would use, with the environment and pip itself as arguments.
///
/// # Errors
///
/// Those of [`configured`].
pub fn find(
    variable: &dyn Fn(&str) -> Option<String>,
    ask: &dyn Fn(Question) -> Option<String>,
) -> Result<Indexes, Error> {
    let given = variable("PIP_INDEX_URL");
    let settings = match given {
        Some(_) => Settings::default(),
        None => Settings(parse(&ask(Question::Config).unwrap_or_default())),
    };
    let index = given
        .or_else(|| settings.value("index-url"))
        .or_else(|| ask(Question::DefaultIndex).map(|answer| answer.trim().to_owned()))
        .filter(|address| !address.is_empty())
        .ok_or(Error::NoIndex)?;
    let extra = variable("PIP_EXTRA_INDEX_URL").or_else(|| settings.value("extra-index-url")).unwrap_or_default();
    let certificates = variable("PIP_CERT").or_else(|| settings.value("cert"));
    let urls = std::iter::once(index.as_str()).chain(extra.split_whitespace()).map(address);
    Ok(Indexes { urls: urls.collect::<Result<_, _>>()?, certificates: certificates.map(PathBuf::from) })
}

/// Returns the address of an index; a folder's path stands for its `file://` address, as it does for pip.
///
/// # Errors
///
/// Returns [`Error::Address`] for what is no address, or one of a kind that hive does not fetch.
pub fn address(text: &str) -> Result<Url, Error> {
    let parsed = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "file") => Some(url),
        _ => Url::from_directory_path(text).ok(),
    };
    // What is no address may still hold a password: only what follows it is shown.
    parsed.ok_or_else(|| Error::Address { address: text.rsplit('@').next().unwrap_or(text).to_owned() })
}

/// Returns the settings of `pip config list`, one `key='value'` a line, the value written as Python would.
#[must_use]
pub fn parse(listing: &str) -> BTreeMap<String, String> {
    listing
        .lines()
        .filter_map(|line| {
            let (key, value) = line.trim().split_once('=')?;
            Some((key.to_owned(), unquoted(value)))
        })
        .collect()
}

#[derive(Default)]
struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Returns a setting as `pip download` would: the environment, then the commands' own sections, then all.
    fn value(&self, name: &str) -> Option<String> {
        [":env:", "download", "install", "global"]
            .into_iter()
            .find_map(|section| self.0.get(&format!("{section}.{name}")))
            .filter(|value| !value.trim().is_empty())
            .cloned()
    }
}

fn unquoted(literal: &str) -> String {
    let mut letters = literal.chars();
    let (Some(open @ ('\'' | '"')), Some(close)) = (letters.next(), letters.next_back()) else {
        return literal.to_owned();
    };
    if open != close {
        return literal.to_owned();
    }
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(escaped) => text.push(escaped),
                None => {}
            },
            letter => text.push(letter),
        }
    }
    text
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn ask_pip(question: Question) -> Option<String> {
    let arguments: &[&str] = match question {
        Question::Config => &["-m", "pip", "config", "list"],
        Question::DefaultIndex => &["-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"],
    };
    let by_interpreter = ["python3", "python"].into_iter().find_map(|python| answer_of(python, arguments));
    match question {
        // A `pip` of its own, as pipx and distributions ship it, still reads its configuration.
        Question::Config => {
            by_interpreter.or_else(|| ["pip3", "pip"].into_iter().find_map(|pip| answer_of(pip, &arguments[2..])))
        }
        Question::DefaultIndex => by_interpreter,
    }
}

/// Returns what a program prints, `None` when it is missing or fails.
fn answer_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
