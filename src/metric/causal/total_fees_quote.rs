//! The fees of all that was traded up to the end, of what is still open as well, in quote; negative where rebates exceed them.

use super::figure;
use crate::metric::Run;
use crate::metric::Value;

/// Returns the fees.
pub(super) fn measure(run: &Run<'_>) -> Value {
    figure(Some(run.fees_quote))
}
