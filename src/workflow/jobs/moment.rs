//! What time is it, and how is it written?

use jiff::Timestamp;

/// Returns the time in milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Returns a time as RFC 3339 writes it, in UTC, with milliseconds.
pub(super) fn text(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| format!("{moment:.3}"))
}
