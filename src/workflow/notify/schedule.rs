//! When is a message tried again?

use std::time::Duration;

use jiff::fmt::rfc2822;
use sha2::Digest as _;
use sha2::Sha256;

/// The pause after the first attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two attempts that hive chooses by itself.
pub const PAUSE_MAX: Duration = Duration::from_hours(1);

/// The longest pause that a server may ask for.
pub const ASKED_MAX: Duration = Duration::from_hours(24);

/// Returns the pause after an attempt, counted from one: exponential, and between a half and the whole of that, so that many
/// who failed at once do not come back at once. `seed` decides where.
#[must_use]
pub fn pause(attempt: u32, seed: &str) -> Duration {
    let doublings = attempt.saturating_sub(1).min(30);
    let whole = FIRST_PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let digest = Sha256::digest(format!("{seed}\0{attempt}").as_bytes());
    let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    whole.mul_f64(0.5 + 0.5 * f64::from(number) / f64::from(u32::MAX))
}

/// Reads `Retry-After`: a number of seconds, or a moment. `None` for what is neither; a moment that is over is no pause.
#[must_use]
pub fn asked(header: &str, now: i64) -> Option<Duration> {
    let header = header.trim();
    let seconds = match header.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => seconds.max(0.0),
        Ok(_) => return None,
        Err(_) => {
            let moment = rfc2822::parse(header).ok()?.timestamp().as_second();
            moment.saturating_sub(now).max(0) as f64
        }
    };
    Some(Duration::from_secs_f64(seconds.min(ASKED_MAX.as_secs_f64())))
}
