//! Which of Hummingbot's controllers can its own backtester not run, and why?

use crate::controller::Mode;
use crate::controller::config::Error;

/// Such a controller: type, name, why it fails.
type Unrunnable = (&'static str, &'static str, &'static str);

const ONE_MARKET: &str = "the engine asks for one `connector_name` and `trading_pair`, and this controller trades on two \
     markets and has neither (AttributeError)";

const UNRUNNABLE: [Unrunnable; 6] = [
    ("generic", "arbitrage_controller", ONE_MARKET),
    ("generic", "hedge_asset", ONE_MARKET),
    ("generic", "xemm_multiple_levels", ONE_MARKET),
    (
        "generic",
        "quantum_grid_allocator",
        "its pairs come from its portfolio and not from `trading_pair`, so it asks a live connector for them",
    ),
    ("generic", "lp_rebalancer", "the backtester has no simulator for the liquidity positions that it opens"),
    (
        "generic",
        "stat_arb",
        "it imports scikit-learn, which Hummingbot does not declare, and trades on two markets, where the engine knows one",
    ),
];

/// Returns the refusal of a controller that fails upstream; `None` for any other.
pub(super) fn refusal(controller_type: &str, name: &str) -> Option<Error> {
    let found = UNRUNNABLE.iter().find(|(its_type, its_name, _)| *its_type == controller_type && *its_name == name);
    found.map(|&(_, name, reason)| Error::FailsUpstream { name, reason, mend: None })
}

/// Refuses a controller that fails in upstream's backtester alone, where the replay is to equal that backtester.
pub(super) fn check_mode(mode: Mode, name: &'static str, reason: &'static str) -> Result<(), Error> {
    const MEND: &str = "write `mode = \"causal\"` in the scenario: there hive replays it as its author meant it";
    match mode {
        Mode::Causal => Ok(()),
        Mode::Parity => Err(Error::FailsUpstream { name, reason, mend: Some(MEND) }),
    }
}
