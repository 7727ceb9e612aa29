//! What can be wrong with a recipe.

use std::fmt;
use std::sync::Arc;

use miette::Diagnostic;
use miette::LabeledSpan;
use miette::NamedSource;
use miette::Severity;
use miette::SourceCode;
use miette::SourceSpan;
use thiserror::Error;

/// One thing that is wrong with a recipe; where it stands is a place in [`Errors`]'s file.
#[derive(Debug, Clone, Error, Diagnostic)]
pub enum Error {
    /// The text breaks TOML's own grammar.
    #[error("this is not TOML: {reason}")]
    #[diagnostic(code("HV0100"))]
    NotToml {
        /// What the parser met.
        reason: String,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A key that the format does not have.
    #[error("unknown key `{key}`")]
    #[diagnostic(code("HV0101"), help("{known}"))]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest known key, or that there is none.
        hint: String,
        /// The keys that are known there.
        known: String,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A value of another type.
    #[error("`{key}` has the wrong type")]
    #[diagnostic(code("HV0102"))]
    WrongType {
        /// The key, with the tables that it is in.
        key: String,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
        /// How to write it, where that is known.
        #[help]
        help: Option<String>,
        /// Where.
        #[label("expected {expected}, found {found}")]
        at: SourceSpan,
    },
    /// A key that must be there and is not.
    #[error("`{key}` is missing")]
    #[diagnostic(code("HV0103"), help("add `{key}`"))]
    MissingKey {
        /// The key.
        key: String,
        /// The table without it.
        #[label("in this table")]
        at: SourceSpan,
    },
    /// No upstream, or more than one.
    #[error("a recipe builds on exactly one upstream, this one names {count}")]
    #[diagnostic(code("HV0104"), help("keep one of `[upstream.pypi]`, `[upstream.git]` and `[upstream.path]`"))]
    UpstreamCount {
        /// How many there are: `none` or all of them.
        count: String,
        /// Where each stands.
        #[label(collection)]
        at: Vec<LabeledSpan>,
    },
    /// Something that may be there once is there again.
    #[error("{what} `{name}` is there twice")]
    #[diagnostic(code("HV0105"), help("{advice}"))]
    Duplicate {
        /// What it is.
        what: &'static str,
        /// Its name.
        name: String,
        /// What to do.
        advice: String,
        /// The first, where it is known.
        #[label("first here")]
        first: Option<SourceSpan>,
        /// The second.
        #[label(primary, "again here")]
        at: SourceSpan,
    },
    /// A file that the recipe names does not exist.
    #[error("{what} `{path}` does not exist")]
    #[diagnostic(code("HV0106"), help("paths are relative to the project's root, the folder of `hive.lock`"))]
    MissingFile {
        /// What the file is for.
        what: &'static str,
        /// The path.
        path: String,
        /// Where it is named.
        #[label("no such file")]
        at: SourceSpan,
    },
    /// A path that leaves the root it belongs to.
    #[error("path `{path}` {problem}")]
    #[diagnostic(code("HV0107"), help("write it relative to {root}, with `/` between its parts and without `..`"))]
    EscapingPath {
        /// The path.
        path: String,
        /// How it leaves.
        problem: &'static str,
        /// The root.
        root: &'static str,
        /// Where.
        #[label("not inside {root}")]
        at: SourceSpan,
    },
    /// A name of something that the recipe does not have.
    #[error("there is no {what} `{name}`")]
    #[diagnostic(code("HV0108"), help("{known}"))]
    UnknownReference {
        /// What it would be.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest name, or that there is none.
        hint: String,
        /// The names that there are.
        known: String,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A word that is not one of the words allowed there.
    #[error("`{key}` cannot be `{value}`")]
    #[diagnostic(code("HV0109"), help("{known}"))]
    UnknownValue {
        /// The key.
        key: String,
        /// The word.
        value: String,
        /// The nearest word, or that there is none.
        hint: String,
        /// The words that are allowed.
        known: String,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A recipe of another version of the format.
    #[error("schema {version} is not known")]
    #[diagnostic(
        code("HV0110"),
        help("a recipe of a newer hive needs that hive; `hive schema` prints what this one reads")
    )]
    UnknownSchema {
        /// The version.
        version: String,
        /// The versions that are.
        known: String,
        /// Where.
        #[label("this hive reads schema {known}")]
        at: SourceSpan,
    },
    /// A moment or a day that is none.
    #[error("`{key}` is not {expected}")]
    #[diagnostic(code("HV0111"), help("write it like `{example}`, without quotes"))]
    BadDate {
        /// The key.
        key: &'static str,
        /// What is expected.
        expected: &'static str,
        /// A good one.
        example: &'static str,
        /// What is wrong.
        problem: String,
        /// Where.
        #[label("{problem}")]
        at: SourceSpan,
    },
    /// A length of candles that upstream does not have.
    #[error("`{value}` is not a length of candles")]
    #[diagnostic(code("HV0112"), help("known lengths: {known}"))]
    BadResolution {
        /// The length.
        value: String,
        /// The nearest length, or that there is none.
        hint: String,
        /// The lengths that there are.
        known: String,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A window that ends before it starts.
    #[error("scenario `{scenario}` ends before it starts")]
    #[diagnostic(code("HV0113"))]
    EndBeforeStart {
        /// The scenario.
        scenario: String,
        /// The start.
        #[label("starts here")]
        start: SourceSpan,
        /// The end.
        #[label(primary, "ends here")]
        at: SourceSpan,
    },
    /// A name that differs from its file's.
    #[error("{what} `{name}` is in a file of another name, `{file}`")]
    #[diagnostic(code("HV0114"), help("rename one of them: {why}"))]
    NameNotFile {
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
        /// The file.
        file: String,
        /// Why they have to be equal.
        why: &'static str,
        /// Where the name stands.
        #[label("the file's name says `{stem}`")]
        at: SourceSpan,
        /// The stem of the file's name.
        stem: String,
    },
    /// A checksum that is none.
    #[error("`{key}` is not {expected}")]
    #[diagnostic(code("HV0115"))]
    BadChecksum {
        /// The key.
        key: &'static str,
        /// What is expected.
        expected: &'static str,
        /// What was found.
        found: String,
        /// Where.
        #[label("{found}")]
        at: SourceSpan,
    },
    /// A version, or a set of versions, that is none.
    #[error("`{key}` is not {expected}")]
    #[diagnostic(code("HV0116"), help("write it like `{example}`"))]
    BadVersion {
        /// The key.
        key: &'static str,
        /// What is expected.
        expected: &'static str,
        /// A good one.
        example: &'static str,
        /// What is wrong.
        problem: String,
        /// Where.
        #[label("{problem}")]
        at: SourceSpan,
    },
    /// A number outside of its range.
    #[error("`{key}` is out of range")]
    #[diagnostic(code("HV0117"))]
    OutOfRange {
        /// The key.
        key: String,
        /// The number.
        found: String,
        /// The range.
        expected: String,
        /// Where.
        #[label("expected {expected}, found {found}")]
        at: SourceSpan,
    },
    /// A decimal number that is none.
    #[error("`{key}` is not a decimal number")]
    #[diagnostic(code("HV0118"), help("write it like `\"0.01\"`, without an exponent"))]
    BadDecimal {
        /// The key.
        key: String,
        /// What was found.
        found: String,
        /// Where.
        #[label("found `{found}`")]
        at: SourceSpan,
    },
    /// A controller configuration that does not say which controller.
    #[error("scenario `{scenario}` does not say which controller it runs")]
    #[diagnostic(code("HV0119"), help("a configuration has a `controller_name` and a `controller_type`, both text"))]
    NoController {
        /// The scenario.
        scenario: String,
        /// What is wrong with which of the two.
        problem: String,
        /// Where.
        #[label("{problem}")]
        at: SourceSpan,
    },
    /// Two ways of saying one thing, or none.
    #[error("{what} needs `{one}` or `{other}`, one of them")]
    #[diagnostic(code("HV0120"), help("write one of the two"))]
    EitherOr {
        /// What needs it.
        what: String,
        /// One way.
        one: &'static str,
        /// The other way.
        other: &'static str,
        /// `both are here` or `neither is here`.
        problem: &'static str,
        /// Where.
        #[label("{problem}")]
        at: SourceSpan,
    },
    /// Nothing where something has to be said.
    #[error("`{key}` is empty")]
    #[diagnostic(code("HV0121"))]
    Empty {
        /// The key.
        key: &'static str,
        /// Where.
        #[label("expected {expected}")]
        at: SourceSpan,
        /// What is expected.
        expected: &'static str,
    },
    /// A name that cannot be one.
    #[error("`{name}` cannot be the name of a {what}")]
    #[diagnostic(code("HV0122"), help("{rule}"))]
    BadName {
        /// What it would name.
        what: &'static str,
        /// The name.
        name: String,
        /// The rule for such names.
        rule: &'static str,
        /// Where.
        #[label("found `{found}`")]
        at: SourceSpan,
        /// What in the name breaks the rule.
        found: String,
    },
    /// A value in a controller's configuration that JSON cannot carry.
    #[error("`{key}` is {found}, which a controller's configuration cannot carry")]
    #[diagnostic(code("HV0123"), help("{advice}"))]
    BadSetting {
        /// The key, with the tables that it is in.
        key: String,
        /// What it is.
        found: &'static str,
        /// What to write instead.
        advice: &'static str,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A key that the scenario's mode or engine does not look at.
    #[error("`{key}` has no effect in {place}")]
    #[diagnostic(code("HV0125"), help("{mend}"))]
    NoEffect {
        /// The key.
        key: &'static str,
        /// Where it has none.
        place: &'static str,
        /// Who looks at it.
        who: &'static str,
        /// What to do about it.
        mend: &'static str,
        /// Where.
        #[label("only {who} looks at it")]
        at: SourceSpan,
    },
    /// A causal replay on an engine that looks ahead.
    #[error("scenario `{scenario}` asks upstream's engine for a causal replay")]
    #[diagnostic(
        code("HV0126"),
        help("write `engine = \"native\"` for a causal replay, or `mode = \"parity\"` for upstream's own")
    )]
    CausalUpstream {
        /// The scenario.
        scenario: String,
        /// Where.
        #[label("upstream's backtester sees candles before they close, and cannot be told not to")]
        at: SourceSpan,
    },
    /// A controller's YAML file that cannot be read as a configuration.
    #[error("`{config}` is not a controller's configuration: {reason}")]
    #[diagnostic(code("HV0124"))]
    BadConfig {
        /// The YAML file.
        config: String,
        /// What is wrong.
        reason: String,
        /// The YAML file's text.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
}

impl Error {
    /// Returns where the error stands first; zero for an error in another file, which is told last.
    fn order(&self) -> usize {
        match self {
            Self::BadConfig { .. } => usize::MAX,
            other => other.labels().and_then(|labels| labels.map(|label| label.offset()).min()).unwrap_or(0),
        }
    }
}

/// All that is wrong with one recipe, in the file's order; never empty.
#[derive(Debug, Clone)]
pub struct Errors {
    source: NamedSource<Arc<str>>,
    errors: Vec<Error>,
}

impl Errors {
    /// Gathers the errors of one file, in the order in which they stand there.
    ///
    /// # Panics
    ///
    /// When `errors` is empty.
    #[must_use]
    pub fn new(file: &str, text: &str, mut errors: Vec<Error>) -> Self {
        assert!(!errors.is_empty(), "a recipe without errors is not refused");
        errors.sort_by_key(Error::order);
        Self { source: NamedSource::new(file, Arc::from(text)), errors }
    }

    /// Returns the errors, in the file's order.
    #[must_use]
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// Returns the recipe's file.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// One error speaks for itself.
    fn only(&self) -> Option<&Error> {
        match self.errors.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.only() {
            Some(only) => only.fmt(formatter),
            None => write!(formatter, "recipe `{}` has {} errors", self.file(), self.errors.len()),
        }
    }
}

impl std::error::Error for Errors {}

impl Diagnostic for Errors {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.only().and_then(Diagnostic::code)
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.only().and_then(Diagnostic::help)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.only().and_then(Diagnostic::source_code).or(Some(&self.source))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.only().and_then(Diagnostic::labels)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self.only() {
            Some(_) => None,
            None => Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic))),
        }
    }
}
