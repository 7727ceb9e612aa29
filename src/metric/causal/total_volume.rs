//! All that was bought and sold up to the end, in quote: an entry and its exit both count, and so does what is still open.

use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Returns the volume.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(Some(run.volume_quote))
}
