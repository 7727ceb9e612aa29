//! Every way in which upstream's engine can fail to answer.

use std::fmt;
use std::fmt::Write as _;

use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;

use crate::io::script::Ended;

/// How many of a program's last lines are shown.
const LAST_LINES: usize = 8;

/// Why there is no result.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Upstream, or a controller, raised an exception.
    #[error("scenario `{scenario}` stopped: {} raised `{}`", raised.by(), raised.name)]
    #[diagnostic(code("HV0415"), help("{}{}", traceback(raised), mend(stage)))]
    Raised {
        /// The scenario.
        scenario: String,
        /// What upstream was at: `import`, `configuration` or `replay`.
        stage: String,
        /// What it raised.
        #[source]
        raised: Box<Raised>,
    },
    /// The candles cannot give what the controller asks for.
    #[error("scenario `{scenario}` has not the candles that its controller asks for")]
    #[diagnostic(
        code("HV0416"),
        help("give the scenario candles of that pair and of that length, or of a shorter one")
    )]
    Candles {
        /// The scenario.
        scenario: String,
        /// What it asked for.
        #[source]
        raised: Box<Raised>,
    },
    /// It took longer than it may.
    #[error("scenario `{scenario}` took longer than {timeout_s} s on upstream's engine, and was stopped")]
    #[diagnostic(
        code("HV0417"),
        help("replay a shorter window, or give it more time with `timeout = {}`", timeout_s.saturating_mul(4))
    )]
    TimedOut {
        /// The scenario.
        scenario: String,
        /// How long it might take.
        timeout_s: u32,
    },
    /// It took more memory than it may.
    #[error("scenario `{scenario}` took more than {memory_mb} MiB on upstream's engine, and was stopped")]
    #[diagnostic(code("HV0418"), help("replay a shorter window, or give it more memory with `memory-mb = {}`", memory_mb.saturating_mul(2)))]
    OutOfMemory {
        /// The scenario.
        scenario: String,
        /// How much it might take.
        memory_mb: u32,
    },
    /// The program ended without an answer.
    #[error("scenario `{scenario}` has no result: the Python of its environment {how}")]
    #[diagnostic(code("HV0419"), help("{last}"))]
    Died {
        /// The scenario.
        scenario: String,
        /// How it ended.
        how: String,
        /// What it said last.
        last: String,
    },
    /// The answer is not one.
    #[error("scenario `{scenario}` has no result: the answer of upstream's engine cannot be read")]
    #[diagnostic(
        code("HV0420"),
        help("something in the environment writes to standard output by itself; see that no package does")
    )]
    Unreadable {
        /// The scenario.
        scenario: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Two runs of the same inputs differ.
    #[error("scenario `{scenario}` gave another result when upstream's engine replayed it again")]
    #[diagnostic(code("HV0421"), help("see that its controller neither draws random numbers nor reads the clock"))]
    NotDeterministic {
        /// The scenario.
        scenario: String,
    },
    /// The image has no Python.
    #[error("image `{image}` has no Python beside its Hummingbot")]
    #[diagnostic(code("HV0422"), help("run without `--in image`, or build on a base that has one"))]
    NoPython {
        /// The image.
        image: String,
    },
    /// The scenario that another one is compared with has no result.
    #[error("scenario `{scenario}` cannot be compared with `{other}`, which has no result")]
    #[diagnostic(code("HV0424"), help("`hive run {recipe} {other}` says why"))]
    NoOther {
        /// The recipe.
        recipe: String,
        /// The scenario.
        scenario: String,
        /// The scenario that it is compared with.
        other: String,
    },
}

/// An exception, as the runner reports it.
#[derive(Debug, Clone, Deserialize)]
pub struct Raised {
    /// The exception's class.
    #[serde(rename = "type")]
    pub name: String,
    /// Its message.
    pub message: String,
    /// Whether the runner itself refuses.
    #[serde(default)]
    pub is_refusal: bool,
    /// Where it was raised: upstream's own frames and the controllers', outermost first, and the one that raised.
    #[serde(default)]
    pub frames: Vec<Frame>,
}

/// A frame of a traceback.
#[derive(Debug, Clone, Deserialize)]
pub struct Frame {
    /// The file, relative to the environment's packages.
    pub file: String,
    /// The line, from one.
    pub line: u64,
    /// The function.
    pub function: String,
    /// The line's text.
    pub text: String,
}

impl fmt::Display for Raised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.trim();
        formatter.write_str(if message.is_empty() { "it has no message" } else { message })
    }
}

impl std::error::Error for Raised {}

impl Raised {
    /// Returns whose code is to blame: that of the innermost frame which is Hummingbot's or a controller's.
    fn by(&self) -> &'static str {
        let innermost = |frame: &&Frame| ["controllers/", "hummingbot/"].iter().any(|at| frame.file.starts_with(at));
        match self.frames.iter().rev().find(innermost) {
            Some(frame) if frame.file.starts_with("controllers/") => "the controller",
            Some(_) => "Hummingbot",
            None => "its environment",
        }
    }
}

/// Draws the frames, one a line.
fn traceback(raised: &Raised) -> String {
    let mut text = String::new();
    for Frame { file, line, function, text: code } in &raised.frames {
        let _ = writeln!(text, "{file}:{line} in {function}: {code}");
    }
    text
}

fn mend(stage: &str) -> &'static str {
    match stage {
        "import" => "the packages of the environment do not fit this release: see `[python]` of the recipe",
        "configuration" => "change the scenario's configuration",
        _ => {
            "change the configuration, the controller or the series; the native engine may replay what this release cannot"
        }
    }
}

/// Says how a program ended that did not end as it should.
pub(super) fn how(ended: Ended) -> String {
    match ended {
        Ended::Exit(status) => format!("ended with status {status}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
        Ended::TimedOut => "took too long".to_owned(),
        Ended::OutOfMemory => "took too much memory".to_owned(),
    }
}

/// Returns the last lines of what a program said.
pub(super) fn last_words(talk: &str) -> String {
    let lines: Vec<&str> =
        talk.lines().filter(|line| !line.trim().is_empty() && !line.starts_with(super::PROGRESS)).collect();
    match lines.as_slice() {
        [] => "it said nothing".to_owned(),
        lines => lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"),
    }
}
