//! Who is told when a golden turns red, or green again?
//!
//! `hive.toml` names webhooks; their addresses and secrets come from the environment alone. What turned is compared with
//! what each webhook last saw, and a message is kept in the project's outbox until its receiver has taken it: a run that is
//! killed at any moment loses none, and a message that is sent again is sent under the same id. Whatever comes of a message,
//! a test's own outcome stays what it is.

pub mod body;
pub mod change;
pub mod error;
pub mod outbox;
pub mod schedule;
pub mod settings;

mod deliver;

use crate::io::files;
use crate::workflow::Project;
use crate::workflow::notify::change::Colour;
use crate::workflow::notify::change::Seen;
use crate::workflow::notify::outbox::Message;
use crate::workflow::notify::outbox::Outbox;
use crate::workflow::notify::settings::Webhook;
use crate::workflow::test::Tested;

pub use deliver::Clock;
pub use deliver::Delivery;
pub use deliver::SystemClock;
pub use deliver::Undelivered;
pub use deliver::deliver;
pub use error::Error;

/// How an environment variable is read; `None` where it is not set, or is empty.
pub type Variables<'v> = dyn Fn(&str) -> Option<String> + 'v;

/// What was noted of a test run.
#[derive(Debug, Default)]
pub struct Noted {
    /// How many messages wait because of it.
    pub message_count: usize,
    /// The webhooks that are off, because the variable with their address is not set.
    pub off: Vec<String>,
}

/// Compares a test run with what each webhook last saw, and keeps a message for each that is to hear of it. A webhook whose
/// address is not set sees nothing: once it is, it hears of what turned meanwhile.
///
/// # Errors
///
/// Says why the outbox cannot be read or written; nothing has changed then.
pub fn note(
    project: &Project,
    webhooks: &[Webhook],
    tested: &Tested,
    variables: &Variables<'_>,
    now: i64,
) -> Result<Noted, Error> {
    let mut noted = Noted::default();
    if webhooks.is_empty() {
        return Ok(noted);
    }
    let outbox = Outbox::open(project)?;
    let mut state = outbox.state()?;
    let before = state.clone();
    let seen = change::seen(tested);
    let source = source(variables);
    let mut messages = Vec::new();
    for webhook in webhooks {
        if variables(&webhook.url_from).is_none() {
            noted.off.push(webhook.name());
            continue;
        }
        let known = state.webhooks.entry(webhook.name()).or_default();
        let wanted = |seen: &&Seen| webhook.recipes.is_empty() || webhook.recipes.contains(&seen.recipe);
        let mut changes = Vec::new();
        for seen in seen.iter().filter(wanted) {
            // Nobody is told that all is well with what was never known to be otherwise.
            let before = known.insert(seen.name(), seen.colour).unwrap_or(Colour::Green);
            if before != seen.colour && webhook.on.contains(&seen.colour) {
                changes.push(seen.clone());
            }
        }
        change::forget(known, tested);
        if !changes.is_empty() {
            let place = messages.len();
            messages.push(message(webhook, &changes, &source, (before.sequence, place), now));
        }
    }
    noted.message_count = messages.len();
    if state != before || !messages.is_empty() {
        outbox.commit(state, &messages)?;
    }
    Ok(noted)
}

/// Makes the message about some changes. Its id is a function of all that it says, and of its place in the outbox.
fn message(
    webhook: &Webhook,
    changes: &[Seen],
    source: &body::Source,
    (sequence, place): (u64, usize),
    now: i64,
) -> Message {
    let identity = format!("{sequence}\0{place}\0{now}\0{}\0{}", webhook.name(), body::plain(changes, source));
    let id = files::sha256_hex(identity.as_bytes())[..32].to_owned();
    let body = body::write(webhook.kind, &id, changes, source, now);
    Message {
        id,
        sequence,
        place,
        kind: webhook.kind,
        url_from: webhook.url_from.clone(),
        secret_from: webhook.secret_from.clone(),
        body,
        created: now,
        attempt_count: 0,
        not_before: now,
    }
}

/// Reads where a run can be looked at from the variables that GitHub's runner sets; others may set the same.
fn source(variables: &Variables<'_>) -> body::Source {
    let parts = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(variables);
    let repository = parts[1].clone();
    let run_url = match parts {
        [Some(server), Some(repository), Some(run)] => Some(format!("{server}/{repository}/actions/runs/{run}")),
        _ => None,
    };
    body::Source { repository, run_url, commit: variables("GITHUB_SHA") }
}
