//! How does a message get to its receiver?

use std::thread;
use std::time::Duration;

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;
use url::Url;

use crate::io::address;
use crate::io::download::Client;
use crate::io::post::Fault;
use crate::io::post::sign;
use crate::io::progress::Progress;
use crate::workflow::Project;
use crate::workflow::notify::Variables;
use crate::workflow::notify::error::Error as AnyError;
use crate::workflow::notify::outbox::MESSAGE_COUNT_MAX;
use crate::workflow::notify::outbox::Message;
use crate::workflow::notify::outbox::Outbox;
use crate::workflow::notify::schedule;
use crate::workflow::notify::settings::Kind;

/// How often a message is tried in one go.
const ATTEMPTS_AT_ONCE_MAX: u32 = 3;

/// How often a message is tried in all, before it is given up.
const ATTEMPT_COUNT_MAX: u32 = 30;

/// The longest pause that a run waits through; after a longer one the message waits for the next run.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The pause after a refusal that will not pass by itself.
const REFUSED_PAUSE: Duration = Duration::from_mins(15);

/// What time it is, and how to wait.
pub trait Clock {
    /// Returns the time, in seconds.
    fn now(&self) -> i64;
    /// Waits.
    fn sleep(&self, pause: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    fn sleep(&self, pause: Duration) {
        thread::sleep(pause);
    }
}

/// What became of the messages that waited.
#[derive(Debug, Default, Serialize)]
pub struct Delivery {
    /// How many were taken.
    pub delivered_count: usize,
    /// How many wait.
    pub waiting_count: usize,
    /// How many were given up.
    pub given_up_count: usize,
    /// What kept them, once for each webhook.
    #[serde(skip)]
    pub undelivered: Vec<Undelivered>,
}

/// Why a message was not taken. None of it names an address.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum Undelivered {
    /// A variable is not set.
    #[error("webhook {webhook} waits for the environment variable `{variable}`, which is not set")]
    #[diagnostic(code("HV0902"), severity(Warning), help("set it, and run `hive notify`"))]
    Unset {
        /// The webhook.
        webhook: String,
        /// The variable.
        variable: String,
    },

    /// The address is none.
    #[error("what `{variable}` holds is no address that hive sends to")]
    #[diagnostic(
        code("HV0902"),
        severity(Warning),
        help("it takes `https://…`; `http://` only for a `generic` webhook, or on this machine")
    )]
    Address {
        /// The variable.
        variable: String,
    },

    /// The receiver did not take it.
    #[error("webhook {webhook} did not take a message: {why}")]
    #[diagnostic(
        code("HV0903"),
        severity(Warning),
        help("the message waits in `.hive/outbox`; `hive notify --now` tries again")
    )]
    Refused {
        /// The webhook.
        webhook: String,
        /// What happened.
        why: String,
    },

    /// It was tried before, and its time has not come.
    #[error("webhook {webhook} is tried again in {seconds} s")]
    #[diagnostic(code("HV0903"), severity(Warning), help("`hive notify --now` does not wait"))]
    NotYet {
        /// The webhook.
        webhook: String,
        /// How long that is.
        seconds: i64,
    },

    /// It was tried too often.
    #[error("webhook {webhook} did not take a message in {attempt_count} attempts: it is given up")]
    #[diagnostic(code("HV0904"), severity(Warning), help("it lies in `.hive/outbox/given-up`"))]
    GivenUp {
        /// The webhook.
        webhook: String,
        /// How often it was tried.
        attempt_count: u32,
    },

    /// Too many wait.
    #[error("webhook {webhook} has too many messages waiting: the oldest is given up")]
    #[diagnostic(code("HV0904"), severity(Warning), help("it lies in `.hive/outbox/given-up`"))]
    TooMany {
        /// The webhook.
        webhook: String,
    },

    /// A file in the outbox is none of hive's.
    #[error("`{file}` is no message of hive's: it is set aside")]
    #[diagnostic(code("HV0904"), severity(Warning), help("it lies in `.hive/outbox/given-up`"))]
    Strange {
        /// The file.
        file: String,
    },
}

/// What came of trying a message.
enum Tried {
    Taken,
    /// It may be tried again after a pause, at the latest when asked.
    Passing {
        why: String,
        asked: Option<Duration>,
    },
    /// It will be refused again, until somebody changes something.
    Lasting(Undelivered),
}

/// Sends the messages that wait, each webhook's in their order: what one does not take keeps its others. `all` are those
/// whose time has not come, too.
///
/// # Errors
///
/// Says why the outbox cannot be read or written.
pub fn deliver(
    project: &Project,
    variables: &Variables<'_>,
    all: bool,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<Delivery, AnyError> {
    let mut delivery = Delivery::default();
    if !Outbox::is_there(project) {
        return Ok(delivery);
    }
    let outbox = Outbox::open(project)?;
    let (mut messages, strange) = outbox.messages()?;
    delivery.undelivered.extend(strange.into_iter().map(|file| Undelivered::Strange { file }));
    for message in messages.drain(..messages.len().saturating_sub(MESSAGE_COUNT_MAX)) {
        outbox.give_up(&message)?;
        delivery.given_up_count += 1;
        delivery.undelivered.push(Undelivered::TooMany { webhook: message.webhook() });
    }
    if messages.is_empty() {
        return Ok(delivery);
    }
    let client = Client::new(None).ok();
    progress.begin_steps("notify", messages.len() as u64);
    let mut kept: Vec<String> = Vec::new();
    for mut message in messages {
        progress.advance(1);
        let webhook = message.webhook();
        if kept.contains(&webhook) {
            delivery.waiting_count += 1;
            continue;
        }
        let left = message.not_before.saturating_sub(clock.now());
        let why = if left > 0 && !all {
            Some(Undelivered::NotYet { webhook: webhook.clone(), seconds: left })
        } else {
            sent(&outbox, &mut message, client.as_ref(), variables, clock)?
        };
        match why {
            None => delivery.delivered_count += 1,
            Some(Undelivered::GivenUp { webhook, attempt_count }) => {
                delivery.given_up_count += 1;
                delivery.undelivered.push(Undelivered::GivenUp { webhook, attempt_count });
            }
            Some(why) => {
                delivery.waiting_count += 1;
                delivery.undelivered.push(why);
                kept.push(webhook);
            }
        }
    }
    progress.end();
    Ok(delivery)
}

/// Tries a message until it is taken, or this run has tried often enough; returns what kept it.
fn sent(
    outbox: &Outbox<'_>,
    message: &mut Message,
    client: Option<&Client>,
    variables: &Variables<'_>,
    clock: &dyn Clock,
) -> Result<Option<Undelivered>, AnyError> {
    for attempt in 1..=ATTEMPTS_AT_ONCE_MAX {
        let (why, pause, is_lasting) = match tried(message, client, variables, clock.now()) {
            Tried::Taken => {
                outbox.remove(message)?;
                return Ok(None);
            }
            // Nobody was asked: that is no attempt.
            Tried::Lasting(why @ (Undelivered::Unset { .. } | Undelivered::Address { .. })) => return Ok(Some(why)),
            Tried::Lasting(why) => (why, REFUSED_PAUSE, true),
            Tried::Passing { why, asked } => {
                let own = schedule::pause(message.attempt_count + 1, &message.id);
                let why = Undelivered::Refused { webhook: message.webhook(), why };
                (why, asked.map_or(own, |asked| asked.max(own)), false)
            }
        };
        message.attempt_count += 1;
        if message.attempt_count >= ATTEMPT_COUNT_MAX {
            outbox.give_up(message)?;
            let attempt_count = message.attempt_count;
            return Ok(Some(Undelivered::GivenUp { webhook: message.webhook(), attempt_count }));
        }
        let seconds = i64::try_from(pause.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
        message.not_before = clock.now().saturating_add(seconds);
        outbox.keep(message)?;
        if is_lasting || attempt == ATTEMPTS_AT_ONCE_MAX || pause > WAIT_MAX {
            return Ok(Some(why));
        }
        clock.sleep(pause);
    }
    unreachable!("the last attempt returns")
}

/// Tries a message once.
fn tried(message: &Message, client: Option<&Client>, variables: &Variables<'_>, now: i64) -> Tried {
    let webhook = message.webhook();
    let unset = |variable: &String| {
        Tried::Lasting(Undelivered::Unset { webhook: message.webhook(), variable: variable.clone() })
    };
    let Some(url) = variables(&message.url_from) else { return unset(&message.url_from) };
    let Some(url) = Url::parse(url.trim()).ok().filter(|url| is_sendable(url, message.kind)) else {
        return Tried::Lasting(Undelivered::Address { variable: message.url_from.clone() });
    };
    let timestamp = now.to_string();
    let mut headers = vec![("Content-Type", "application/json".to_owned()), ("X-Hive-Delivery", message.id.clone())];
    if let Some(variable) = &message.secret_from {
        let Some(secret) = variables(variable) else { return unset(variable) };
        let signature = sign(&secret, &format!("{timestamp}.{}", message.body));
        headers.push(("X-Hive-Timestamp", timestamp));
        headers.push(("X-Hive-Signature", format!("sha256={signature}")));
    }
    let lasting = |why: String| Tried::Lasting(Undelivered::Refused { webhook: webhook.clone(), why });
    let Some(client) = client else { return lasting("no certificates are trusted here".to_owned()) };
    match client.post(&url, &headers, &message.body) {
        Ok(answer) if (200..300).contains(&answer.status) => Tried::Taken,
        Ok(answer) => {
            let why = format!("it answers with HTTP status {}", answer.status);
            let is_passing = matches!(answer.status, 408 | 425 | 429 | 500..);
            let asked = answer.retry_after.as_deref().and_then(|header| schedule::asked(header, now));
            if is_passing { Tried::Passing { why, asked } } else { lasting(why) }
        }
        Err(fault @ Fault::Untrusted) => lasting(fault.to_string()),
        Err(fault) => Tried::Passing { why: fault.to_string(), asked: None },
    }
}

/// Tells whether a message may go to an address: not in the clear over a network, where the address itself is the secret.
fn is_sendable(url: &Url, kind: Kind) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => kind == Kind::Generic || address::is_loopback(url),
        _ => false,
    }
}
