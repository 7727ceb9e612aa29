//! How much does the service take at most: of everything that waits, grows or lasts?

use std::time::Duration;

/// The most bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How long a client may take to send a request's body.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(30);

/// How long a client may take to send a request's headers, and how long a connection may be idle.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(30);

/// The most bytes of a request's headers.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;

/// The most connections at once; further ones wait in the system's queue.
///
/// Half of the files that a process may have open by default.
pub const CONNECTIONS_MAX: usize = 512;

/// The most requests that are answered at once.
pub const REQUESTS_MAX: usize = 2048;

/// The most streams of events at once.
pub const STREAMS_MAX: usize = 128;

/// How often a stream of events that has nothing to say shows that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long an answer may take that does not wait for a backtest.
pub const ANSWER_TIME_MAX: Duration = Duration::from_mins(1);

/// How long an answer may take that waits for a backtest: Hummingbot's clients give up after 5 to 20 minutes.
pub const RUN_TIME_MAX: Duration = Duration::from_mins(20);

/// The most sessions of pages; the oldest goes for a new one.
pub const SESSIONS_MAX: usize = 64;

/// How long a session lasts.
pub const SESSION_TIME_MAX: Duration = Duration::from_hours(12);

/// The most wrong credentials that are answered in [`WRONG_TIME`].
pub const WRONG_MAX: u32 = 60;

/// The time in which [`WRONG_MAX`] wrong credentials are answered.
pub const WRONG_TIME: Duration = Duration::from_mins(1);

/// The fewest characters of a token, as who guesses has all the time.
pub const TOKEN_CHARS_MIN: usize = 16;

/// The fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;

/// How long open connections and running jobs may take to end when the service is asked to stop.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// When a client that was refused for want of room shall come back.
pub const RETRY_AFTER_S: u32 = 1;

/// The most jobs in one answer.
pub const LIST_MAX: usize = 200;

/// How many jobs are in an answer where nobody says.
pub const LIST_DEFAULT: usize = 50;

/// The most tasks that Hummingbot's route tells of.
pub const TASKS_MAX: usize = 50;

/// The most characters of a workspace's name.
pub const WORKSPACE_CHARS_MAX: usize = 64;
