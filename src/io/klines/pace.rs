//! How often is an exchange asked again, and how long is it waited for?

use std::hash::BuildHasher as _;
use std::hash::RandomState;
use std::time::Duration;

/// The bounds on asking and waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often one page is asked for.
    pub attempts_max: u32,
    /// The wait before the second attempt, which doubles with each further one. Each is stretched or shortened by up to a half,
    /// so that many who were refused together do not return together.
    pub first_pause: Duration,
    /// The longest wait between attempts where the exchange names none.
    pub pause_max: Duration,
    /// The longest wait that an exchange is granted; where it asks for more, the download ends and says so.
    pub wait_max: Duration,
    /// After how long an exchange that counts by the clock begins to count anew.
    pub window: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            attempts_max: 6,
            first_pause: Duration::from_millis(500),
            pause_max: Duration::from_secs(30),
            wait_max: Duration::from_mins(2),
            window: Duration::from_mins(1),
        }
    }
}

impl Pace {
    /// Returns the wait after an attempt that failed, the first being 1.
    #[must_use]
    pub fn pause(&self, attempt: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        // The standard library seeds its hash maps with what the system draws.
        let drawn = RandomState::new().hash_one(attempt) % 1_000;
        doubled.min(self.pause_max).mul_f64(0.5 + drawn as f64 / 1_000.0)
    }
}
