//! What is an image called?

use std::fmt;

/// The registry that engines take where a name has none.
const DEFAULT_REGISTRY: &str = "docker.io";

/// The longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;

/// The longest name without its tag, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// The name of an image: a repository and a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    repository: String,
    tag: String,
}

/// A name that no engine takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` is no name for an image: {problem}")]
#[diagnostic(
    code("HV0642"),
    help(
        "expected `[REGISTRY/]NAME[:TAG]` in lower case, like `hive/backtesting-api` or `localhost:5000/bots/api:2.6`"
    )
)]
pub struct Error {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Reference {
    /// Reads a name; without a tag it is `latest`.
    ///
    /// # Errors
    ///
    /// Refuses what the engine would refuse, and a digest: what an image's digest is follows from what is in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |problem| Err(Error { text: text.to_owned(), problem });
        if text.contains('@') {
            return refuse("it has a digest, which what is built decides");
        }
        let (repository, tag) = match text.rsplit_once(':') {
            // A colon before the last `/` belongs to a registry's port.
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (text, "latest"),
        };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_tag = |byte: u8| is_word(byte) || byte == b'.' || byte == b'-';
        if tag.is_empty() || tag.len() > TAG_BYTES_MAX || !is_word(tag.as_bytes()[0]) || !tag.bytes().all(is_tag) {
            return refuse(
                "a tag is at most 128 letters, digits, `_`, `.` and `-`, and begins with one of the first three",
            );
        }
        if repository.is_empty() || repository.len() > NAME_BYTES_MAX {
            return refuse("it is empty or too long");
        }
        let mut parts = repository.split('/').peekable();
        let first = repository.split('/').next().unwrap_or_default();
        if is_registry(first) && repository.contains('/') {
            parts.next();
        }
        if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return refuse("it has capitals");
        }
        if !parts.all(is_component) {
            return refuse(
                "its parts are lower-case letters and digits, with single `.`, `_`, `__` or `-` between them",
            );
        }
        if repository.len() == 64 && repository.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return refuse("it looks like an image's id");
        }
        Ok(Self { repository: repository.to_owned(), tag: tag.to_owned() })
    }

    /// Returns the name as engines list it, `hive/backtesting-api:latest`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}:{}", self.repository, self.tag)
    }

    /// Returns the name without its tag.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns the name with its registry, `docker.io/hive/backtesting-api:latest`.
    #[must_use]
    pub fn full(&self) -> String {
        let first = self.repository.split('/').next().unwrap_or_default();
        match self.repository.contains('/') {
            true if is_registry(first) => self.short(),
            true => format!("{DEFAULT_REGISTRY}/{}", self.short()),
            false => format!("{DEFAULT_REGISTRY}/library/{}", self.short()),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.short())
    }
}

/// Tells whether the first part of a name is a registry, by the rule that engines have.
fn is_registry(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':'])
}

/// Tells whether a part of a name is letters and digits with separators between them.
fn is_component(part: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if !part.starts_with(is_letter) || !part.ends_with(is_letter) {
        return false;
    }
    let separators = part.split(is_letter).filter(|between| !between.is_empty());
    let mut separators = separators.peekable();
    separators.all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-'))
}
