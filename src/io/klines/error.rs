//! Why are there no candles from an exchange?

use std::path::PathBuf;

use crate::io::files;
use crate::io::klines::reach;

/// A download that ended early. What has come before it stays.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// No exchange has that name.
    #[error("candles of `{connector}` cannot be downloaded")]
    #[diagnostic(
        code("HV0850"),
        help("candles come from {known}; put a file of others into `.hive/candles/CONNECTOR__PAIR__INTERVAL.csv`")
    )]
    Venue {
        /// What was asked for.
        connector: String,
        /// The exchanges that are known.
        known: String,
    },

    /// The exchange has no candles of that length.
    #[error("`{connector}` has no candles of `{interval}`")]
    #[diagnostic(code("HV0851"), help("it has {offered}"))]
    Interval {
        /// The exchange.
        connector: &'static str,
        /// What was asked for.
        interval: String,
        /// What it has.
        offered: String,
    },

    /// The pair is not written as pairs are.
    #[error("`{pair}` is no trading pair")]
    #[diagnostic(
        code("HV0852"),
        help("a pair is base and quote, letters and digits with `-` between them: `BTC-USDT`")
    )]
    Pair {
        /// What was asked for.
        pair: String,
    },

    /// The window cannot be downloaded.
    #[error("{problem}")]
    #[diagnostic(code("HV0853"), help("{mend}"))]
    Window {
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        mend: &'static str,
    },

    /// The address is none that is asked.
    #[error("`{url}` is not asked for candles")]
    #[diagnostic(
        code("HV0854"),
        help("name a base address with `https` on the open internet, or allow private ones with `--allow-private`")
    )]
    Address {
        /// The address.
        url: String,
        /// Why.
        source: reach::Refused,
    },

    /// Nobody answered, again and again.
    #[error("`{url}` gave no answer in {attempts} attempts")]
    #[diagnostic(code("HV0855"), help("check the network; the same download goes on where this one ended"))]
    Unreachable {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// What the last attempt met.
        source: Box<ureq::Error>,
    },

    /// The exchange refuses.
    #[error("`{connector}` refuses with status {status}: {text}")]
    #[diagnostic(
        code("HV0856"),
        help("check the pair's name on the exchange, and whether it answers from where you are")
    )]
    Refused {
        /// The exchange.
        connector: &'static str,
        /// The status of HTTP.
        status: u16,
        /// What it says.
        text: String,
    },

    /// The exchange wants to be left alone for long.
    #[error("`{connector}` was asked too often{}", asked_wait(*wait_s))]
    #[diagnostic(
        code("HV0857"),
        help(
            "wait, and let nothing else ask from this machine's address; the same download goes on where this one ended"
        )
    )]
    Limited {
        /// The exchange.
        connector: &'static str,
        /// How long it asks to wait; `None` where it does not say.
        wait_s: Option<u64>,
    },

    /// What is answered are no candles.
    #[error("`{connector}` answers with something else than candles, with status {status}: {found}")]
    #[diagnostic(
        code("HV0858"),
        help("open the address in a browser: a proxy or a block of the region may answer in the exchange's place")
    )]
    Garbled {
        /// The exchange.
        connector: &'static str,
        /// The status of HTTP.
        status: u16,
        /// The answer's beginning.
        found: String,
    },

    /// A candle cannot be true.
    #[error("`{connector}` tells a candle of {time} that cannot be: {problem}")]
    #[diagnostic(code("HV0859"), help("nothing of that answer was kept; download up to that time, and behind it"))]
    Row {
        /// The exchange.
        connector: &'static str,
        /// The candle's open time, epoch seconds.
        time: i64,
        /// What is wrong with it.
        problem: String,
    },

    /// The download was cancelled.
    #[error("the download was cancelled")]
    #[diagnostic(code("HV0860"), help("the same download goes on where this one ended"))]
    Cancelled,

    /// The exchange has nothing.
    #[error("`{connector}` has no candles of {pair} in that time")]
    #[diagnostic(code("HV0861"), help("the pair may have been listed later, or is called otherwise there"))]
    Nothing {
        /// The exchange.
        connector: &'static str,
        /// The pair.
        pair: String,
    },

    /// The file that is to be extended is not one of ours.
    #[error("`{}` cannot be extended: {problem}", path.display())]
    #[diagnostic(code("HV0862"), help("it is left as it is; mend it, or move it elsewhere and download anew"))]
    Existing {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// Somebody else downloads the same candles.
    #[error("`{}` is being downloaded already", path.display())]
    #[diagnostic(code("HV0865"), help("wait for the other download, or cancel it"))]
    Busy {
        /// The file.
        path: PathBuf,
    },

    /// The disk refused.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    /// Returns whether the exchange, or the way to it, is to blame.
    #[must_use]
    pub fn is_of_the_venue(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Refused { .. }
                | Self::Limited { .. }
                | Self::Garbled { .. }
                | Self::Row { .. }
                | Self::Nothing { .. }
        )
    }
}

fn asked_wait(wait_s: Option<u64>) -> String {
    wait_s.map(|seconds| format!(" and asks to wait for {seconds} s")).unwrap_or_default()
}
