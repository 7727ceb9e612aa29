//! Profit factor: what the winning executors earned, divided by what the losing ones lost, both net of fees; 0 or more.
//!
//! `None` without a loss: a quotient by nothing is no figure, neither one nor infinite. What went to the holds and what is
//! still open is in neither sum.

use super::figure;
use super::filled::outcomes;
use crate::metric::Run;
use crate::metric::Value;

/// Divides gains by losses.
pub(super) fn measure(run: &Run<'_>) -> Value {
    let (won, lost) = outcomes(run).fold((0.0, 0.0), |(won, lost), pnl| (won + pnl.max(0.0), lost - pnl.min(0.0)));
    figure((lost > 0.0).then(|| won / lost))
}
