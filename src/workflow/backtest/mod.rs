//! One backtest that somebody asks a service for: from what the request says to Hummingbot's answer.
//!
//! A [`Desk`] knows where candles and configurations are. [`check`] turns a request into an order that cannot be wrong any
//! more, and the desk's [`Work`](crate::workflow::jobs::Work) does it, as often as it is asked, with the same bytes each time.

pub mod check;
pub mod packet;

mod desk;
mod forms;
mod named;
mod work;

pub use check::Checked;
pub use check::Invalid;
pub use check::Problem;
pub use check::check;
pub use desk::Desk;
pub use desk::Settings;
pub use forms::Field;
pub use forms::Form;
pub use forms::forms;

/// The kind of the jobs that are backtests.
pub const KIND: &str = "backtest";

/// The most levels that a list of a configuration may have.
pub const LIST_LENGTH_MAX: usize = 1_000;

/// The most rows that a window may have: a century of minutes is 52 million, a year of seconds 32 million.
pub const ROWS_MAX: i64 = 60_000_000;

/// The most executors that one result holds; about a kilobyte each.
pub const EXECUTORS_MAX: usize = 500_000;

/// The largest configuration file that is read, in bytes.
pub const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
