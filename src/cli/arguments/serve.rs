//! What `hive serve` accepts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

/// Where to serve, to whom, and how much.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Serve {
    /// Where to listen; other machines are let in with a token or a password alone
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// The file with the token that opens the service; or set `HIVE_TOKEN`
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The user of HTTP Basic; any where none is named
    #[arg(long, value_name = "NAME", requires = "password_file")]
    pub(crate) user: Option<String>,
    /// The file with the password of HTTP Basic, which Hummingbot's clients send
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// The folder of controller configurations that requests may name [default: conf/controllers]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) configs: Option<PathBuf>,
    /// The replay profile of requests that name none [default: the newest]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// How many jobs are worked on at once [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) workers: Option<u16>,
    /// How many jobs may wait; more are refused [default: 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) queue: Option<u32>,
    /// Run one backtest at a time, and refuse another one meanwhile
    #[arg(long)]
    pub(crate) single_run: bool,
    /// A further name that the service is reached by, as it stands in the browser's address
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Say that a proxy stands before the service and encrypts: the page's cookie then never travels in the clear
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// Let downloads of candles ask machines of private networks
    #[arg(long)]
    pub(crate) allow_private_downloads: bool,
    /// How the log is written, to standard error
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    pub(crate) log: LogForm,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Lines for people
    Text,
    /// An object a line
    Json,
}
