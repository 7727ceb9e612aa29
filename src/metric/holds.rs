//! The profit of the position that ended executors left behind, before fees, in quote: realised, and at the last close.

use super::Run;
use super::Value;

/// Returns the realised profit; zero without a position.
pub(super) fn realized(run: &Run<'_>) -> Value {
    Value::Figure(Some(run.hold.map_or(0.0, |hold| hold.realized_pnl_quote.to_f64())))
}

/// Returns the unrealised profit; zero without a position.
pub(super) fn unrealized(run: &Run<'_>) -> Value {
    Value::Figure(Some(run.hold.map_or(0.0, |hold| hold.unrealized_pnl_quote.to_f64())))
}
