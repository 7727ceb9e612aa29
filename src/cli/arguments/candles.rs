//! What `hive candles` accepts.

use clap::Args;
use clap::Subcommand;

use crate::workflow::candles::wanted::moment;

/// Candles: which there are, and more of them.
#[derive(Debug, Subcommand)]
pub(crate) enum Candles {
    /// List the candles of the recipes and those in `.hive/candles`
    List,
    /// Show which candles are missing between the first and the last, and which files are damaged
    ///
    /// Ends with 1 where a file or a recipe is of no use.
    Coverage,
    /// Download the candles of a spot market from Binance or KuCoin
    ///
    /// They go to `.hive/candles/CONNECTOR__PAIR__INTERVAL.csv`. A file that is there is extended at both ends by what it
    /// lacks, and a download that ended early goes on where it ended. Candles that the exchange does not have stay gaps, and
    /// the one that has not ended yet is left out.
    Download(Download),
}

/// Candles to download.
#[derive(Debug, Args)]
pub(crate) struct Download {
    /// The exchange: `binance` or `kucoin`
    pub(crate) connector: String,
    /// The trading pair, `BTC-USDT`
    pub(crate) pair: String,
    /// The length of a candle, `1m`
    #[arg(long, value_name = "LENGTH")]
    pub(crate) interval: String,
    /// The earliest open time: a day, a moment such as `2024-03-11T00:00:00Z`, or epoch seconds
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) start: i64,
    /// The latest open time
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) end: i64,
    /// Ask another address than the exchange's own
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<url::Url>,
    /// Let that address be one of this machine or its networks, even without `https`
    #[arg(long, requires = "base_url")]
    pub(crate) allow_private: bool,
}
