//! Why is a request refused: with which status, and with which words that are safe to tell?

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::service::bound;

/// How many causes the log tells.
const CAUSES_MAX: usize = 8;

/// Why a request is refused.
///
/// What a message says may be told to whoever asked: no secret, no path of this machine, no cause from below.
#[derive(Debug, Clone, Error, Diagnostic)]
pub enum Error {
    /// There are no credentials, or they are wrong.
    #[error("{}", if *.is_wrong { "the credentials are wrong" } else { "credentials are needed" })]
    #[diagnostic(
        code("HV0870"),
        help(
            "send the token as `Authorization: Bearer TOKEN`, a user and password as HTTP Basic, or sign in on the page"
        )
    )]
    Unauthorised {
        /// Whether some were given.
        is_wrong: bool,
    },

    /// Too many wrong credentials came in a short time.
    #[error("too many wrong credentials")]
    #[diagnostic(code("HV0871"), help("wait a minute"))]
    TooManyWrong,

    /// The request is for another host.
    #[error("the host of the request is not one of this service's")]
    #[diagnostic(
        code("HV0872"),
        help("start `hive serve` with `--allow-host NAME` for each name that it is reached by")
    )]
    ForeignHost,

    /// A page of somebody else sent the request.
    #[error("the request comes from a page of another origin")]
    #[diagnostic(
        code("HV0873"),
        help("only the service's own page may write from a browser; scripts send no `Origin`")
    )]
    ForeignOrigin,

    /// The body is too large.
    #[error("the body has more than {} bytes", bound::BODY_BYTES_MAX)]
    #[diagnostic(code("HV0874"), help("a request names its candles by connector and pair, it does not carry them"))]
    BodyTooLarge,

    /// The body did not come in time.
    #[error("the body did not come within {} s", bound::BODY_TIME_MAX.as_secs())]
    #[diagnostic(code("HV0875"), help("send the request again"))]
    BodyTooSlow,

    /// The body is no JSON.
    #[error("the body is no JSON: {why}")]
    #[diagnostic(code("HV0876"), help("numbers are finite, names and texts stand in double quotes"))]
    BrokenJson {
        /// What is wrong.
        why: String,
        /// At which byte.
        place: usize,
    },

    /// The body says that it is something else than JSON.
    #[error("the body has to be `application/json`")]
    #[diagnostic(code("HV0877"), help("send `Content-Type: application/json`"))]
    NotJson,

    /// A field or a parameter is wrong.
    #[error("{}", told(problems))]
    #[diagnostic(code("HV0878"), help("{}", hint.as_deref().unwrap_or("`/openapi.json` describes each route")))]
    Invalid {
        /// Each thing that is wrong.
        problems: Vec<Problem>,
        /// What to do.
        hint: Option<String>,
        /// Whether Hummingbot's API would accept it, and fail at it: the controller or the candles are not to be had.
        is_of_the_engine: bool,
    },

    /// There is no such path.
    #[error("there is no such path")]
    #[diagnostic(code("HV0879"), help("`/openapi.json` lists the routes"))]
    UnknownPath,

    /// The path has no such method.
    #[error("the path does not take this method")]
    #[diagnostic(code("HV0880"), help("`/openapi.json` lists the routes"))]
    UnknownMethod,

    /// There is no such job.
    #[error("there is no job `{id}`")]
    #[diagnostic(code("HV0881"), help("old jobs are forgotten; `GET /api/jobs` lists those that are known"))]
    UnknownJob {
        /// Its id, as it was asked for.
        id: String,
    },

    /// The job is not in a state for that.
    #[error("job `{id}` is {state}, so that it cannot be {deed}")]
    #[diagnostic(code("HV0882"), help("`GET /api/jobs/{id}` tells the job's state"))]
    WrongState {
        /// Its id.
        id: String,
        /// Its state, in a word.
        state: String,
        /// What was asked for.
        deed: &'static str,
    },

    /// The job has no result.
    #[error("job `{id}` has no result")]
    #[diagnostic(
        code("HV0883"),
        help(
            "a result is there once the job is complete, until older results make room for newer ones; start the job again"
        )
    )]
    NoResult {
        /// Its id.
        id: String,
    },

    /// A job of the workspace is active, and shall not be replaced.
    #[error("Backtest already running")]
    #[diagnostic(code("HV0884"), help("stop it, or wait for its end"))]
    Busy {
        /// The active job.
        job_id: String,
    },

    /// As many jobs wait as may.
    #[error("{limit} jobs wait already, and no more may")]
    #[diagnostic(code("HV0885"), help("send the request again when some have ended"))]
    QueueFull {
        /// How many may.
        limit: usize,
    },

    /// As many running jobs are paused as may be.
    #[error("{limit} running jobs are paused, and no more may be")]
    #[diagnostic(code("HV0891"), help("a paused job holds its memory; resume or cancel one"))]
    TooManyPaused {
        /// How many may be paused.
        limit: usize,
    },

    /// As many requests are answered as can be at once.
    #[error("the service answers as many requests as it can at once")]
    #[diagnostic(code("HV0886"), help("send the request again in a moment"))]
    TooBusy,

    /// The service ends.
    #[error("the service is about to end")]
    #[diagnostic(code("HV0887"), help("jobs that were accepted are kept, and go on when it is started again"))]
    ShuttingDown,

    /// The answer was not there in time.
    #[error("the answer was not there within {seconds} s")]
    #[diagnostic(code("HV0888"), help("start it as a job with `POST /api/jobs`, and ask for its state"))]
    TooSlow {
        /// How long was waited.
        seconds: u64,
    },

    /// The use case below failed.
    #[error("{what} could not be read or written")]
    #[diagnostic(code("HV0889"), help("the service's log tells why, under this answer's `x-request-id`"))]
    Failed {
        /// What it was about.
        what: &'static str,
        /// Why, for the log alone.
        why: String,
    },

    /// A mistake of hive's own.
    #[error("this is a bug of hive")]
    #[diagnostic(code("HV0890"), help("the service's log tells more, under this answer's `x-request-id`"))]
    Bug,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Where: names and indices from the body inwards, or the name of a parameter.
    pub loc: Vec<String>,
    /// What.
    pub message: String,
    /// Which code explains it.
    pub code: String,
    /// Pydantic's word for it, for clients of Hummingbot's API.
    pub kind: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Problem {
    /// Returns a problem of a value.
    #[must_use]
    pub fn new(loc: &[&str], kind: &str, message: &str) -> Self {
        let loc = loc.iter().map(|name| (*name).to_owned()).collect();
        Self { loc, message: message.to_owned(), code: "HV0878".to_owned(), kind: kind.to_owned(), hint: None }
    }
}

impl Problem {
    /// Returns what is wrong and what to do, in one line.
    #[must_use]
    pub fn advice(&self) -> String {
        let hint = self.hint.iter().map(|hint| format!("; {hint}"));
        std::iter::once(self.message.clone()).chain(hint).collect()
    }
}

fn told(problems: &[Problem]) -> String {
    let Some(first) = problems.first() else {
        return "the request is wrong".to_owned();
    };
    let name = first.loc.join(".");
    // Many a message names its field itself.
    let is_named = name.is_empty() || first.loc.last().is_some_and(|last| first.message.contains(&format!("`{last}`")));
    let message = if is_named { first.message.clone() } else { format!("`{name}`: {}", first.message) };
    if problems.len() == 1 { message } else { format!("{message} (and {} more)", problems.len() - 1) }
}

impl Error {
    /// Returns a refusal of one thing.
    #[must_use]
    pub fn invalid(problem: Problem) -> Self {
        Self::Invalid { problems: vec![problem], hint: None, is_of_the_engine: false }
    }

    /// Returns a refusal of one parameter.
    #[must_use]
    pub fn parameter(name: &str, kind: &str, message: &str) -> Self {
        Self::invalid(Problem::new(&[name], kind, message))
    }

    /// Returns a failure of something below, whose causes are for the log alone.
    #[must_use]
    pub fn failed(what: &'static str, error: &dyn std::error::Error) -> Self {
        let mut why = error.to_string();
        let mut cause = error.source();
        for _ in 0..CAUSES_MAX {
            let Some(next) = cause else { break };
            why.push_str(": ");
            why.push_str(&next.to_string());
            cause = next.source();
        }
        Self::Failed { what, why }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorised { .. } => StatusCode::UNAUTHORIZED,
            Self::TooManyWrong | Self::QueueFull { .. } | Self::TooManyPaused { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenJson { .. } | Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnknownPath | Self::UnknownJob { .. } | Self::NoResult { .. } => StatusCode::NOT_FOUND,
            Self::UnknownMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::WrongState { .. } | Self::Busy { .. } => StatusCode::CONFLICT,
            Self::TooBusy | Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Failed { .. } | Self::Bug => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the code that `hive explain` knows: that of the first problem where a request is wrong.
    #[must_use]
    pub fn code_text(&self) -> String {
        if let Self::Invalid { problems, .. } = self
            && let Some(first) = problems.first()
        {
            return first.code.clone();
        }
        self.code().map(|code| code.to_string()).unwrap_or_default()
    }

    /// Returns in how many seconds it makes sense to ask again.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyWrong => Some(u32::try_from(bound::WRONG_TIME.as_secs()).unwrap_or(u32::MAX)),
            Self::QueueFull { .. } | Self::TooManyPaused { .. } | Self::TooBusy | Self::ShuttingDown => {
                Some(bound::RETRY_AFTER_S)
            }
            _ => None,
        }
    }

    /// Returns each field that is wrong.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        if let Self::Invalid { problems, .. } = self { problems } else { &[] }
    }
}

/// An answer's error, as hive's own API writes it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Answer {
    /// The error.
    pub error: Told,
}

/// What hive's own API tells of an error.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Told {
    /// The code; `hive explain CODE` says more.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Each field that is wrong.
    pub fields: Vec<Field>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Field {
    /// Where it is: names and indices from the body inwards, or the name of a parameter.
    pub loc: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl From<&Error> for Answer {
    fn from(error: &Error) -> Self {
        let fields = error.problems().iter();
        Self {
            error: Told {
                code: error.code_text(),
                message: error.to_string(),
                hint: error.help().map(|help| help.to_string()),
                fields: fields
                    .map(|problem| Field { loc: problem.loc.clone(), message: problem.message.clone() })
                    .collect(),
            },
        }
    }
}

impl IntoResponse for Error {
    /// Answers as hive's own API does; the error stays with the answer, for the log and for routes that speak otherwise.
    fn into_response(self) -> Response {
        let text = serde_json::to_vec(&Answer::from(&self)).expect("errors are text");
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
