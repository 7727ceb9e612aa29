//! Which candles stay in memory?

use std::sync::Arc;

use crate::market::Candles;

/// The most bytes of candles that stay, 64 MiB: two years and a half of minutes.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// The most files whose candles stay.
const FILES_MAX: usize = 16;

/// The bytes of a row: a time and five numbers.
const ROW_BYTES: usize = 48;

/// The candles that were used last, the latest at the end.
#[derive(Debug, Default)]
pub(super) struct Kept {
    candles: Vec<(String, Arc<Candles>)>,
}

impl Kept {
    /// Returns the candles with this checksum, and counts them as used.
    pub(super) fn take(&mut self, sha256: &str) -> Option<Arc<Candles>> {
        let place = self.candles.iter().position(|(known, _)| known == sha256)?;
        let found = self.candles.remove(place);
        let candles = Arc::clone(&found.1);
        self.candles.push(found);
        Some(candles)
    }

    /// Keeps candles, and lets go of those that were not used for longest. What is larger than the whole bound is not kept.
    pub(super) fn keep(&mut self, sha256: &str, candles: &Arc<Candles>) {
        if byte_count(candles) > BYTES_MAX || self.take(sha256).is_some() {
            return;
        }
        self.candles.push((sha256.to_owned(), Arc::clone(candles)));
        while self.candles.len() > FILES_MAX || self.byte_count() > BYTES_MAX {
            self.candles.remove(0);
        }
    }

    fn byte_count(&self) -> usize {
        self.candles.iter().map(|(_, candles)| byte_count(candles)).sum()
    }
}

fn byte_count(candles: &Candles) -> usize {
    candles.len() * ROW_BYTES
}
