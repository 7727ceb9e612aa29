//! How is an exchange asked, so that a user who cancels does not wait for the answer?

use std::io::Read as _;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use ureq::http::HeaderMap;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

use crate::io::klines::download::Watch;
use crate::io::klines::error::Error;
use crate::io::klines::reach::Guard;
use crate::io::klines::reach::Refused;

/// The largest answer, 4 MiB: ten times what the longest page takes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How often it is looked whether the download was cancelled.
const GLANCE: Duration = Duration::from_millis(20);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// From the first look at the name to the last byte.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Speaks HTTP with an exchange.
#[derive(Debug, Clone)]
pub(super) struct Client {
    agent: ureq::Agent,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Returns a header that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.headers.get(name)?.to_str().ok()?.trim().parse().ok()
    }
}

impl Client {
    /// Returns a client for an exchange's own address, with the environment's proxies, or for one that somebody has chosen.
    pub(super) fn new(is_own_address: bool, allow_private: bool) -> Self {
        let config = ureq::Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .proxy(if is_own_address { ureq::Proxy::try_from_env() } else { None })
            .user_agent(concat!("hive/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(ANSWER_TIMEOUT))
            .build();
        let agent = if is_own_address {
            ureq::Agent::with_parts(config, DefaultConnector::default(), DefaultResolver::default())
        } else {
            ureq::Agent::with_parts(config, DefaultConnector::default(), Guard { allow_private })
        };
        Self { agent }
    }

    /// Asks once. A thread of its own waits for the answer, and is left alone with it when the download is cancelled: its
    /// timeouts end it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Cancelled`], or that the address is none to be asked.
    pub(super) fn ask(&self, url: &Url, watch: &dyn Watch) -> Result<Result<Answer, ureq::Error>, Error> {
        let (sender, receiver) = mpsc::channel();
        let (agent, address) = (self.agent.clone(), url.clone());
        thread::spawn(move || {
            // Nobody may wait for it any more.
            let _ = sender.send(answer(&agent, &address));
        });
        loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(Err(ureq::Error::Other(other))) => {
                    return match other.downcast::<Refused>() {
                        Ok(source) => Err(Error::Address { url: bare(url), source: *source }),
                        Err(other) => Ok(Err(ureq::Error::Other(other))),
                    };
                }
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Timeout) if watch.is_cancelled() => return Err(Error::Cancelled),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Err(ureq::Error::ConnectionFailed)),
            }
        }
    }
}

/// Returns an address without what is asked there.
pub(super) fn bare(url: &Url) -> String {
    crate::io::address::shown(url)
}

/// Waits, unless the download is cancelled.
pub(super) fn rest(duration: Duration, watch: &dyn Watch) -> Result<(), Error> {
    let until = Instant::now() + duration;
    loop {
        if watch.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(GLANCE));
    }
}

fn answer(agent: &ureq::Agent, url: &Url) -> Result<Answer, ureq::Error> {
    let response = agent.get(url.as_str()).header("Accept", "application/json").call()?;
    let (head, body) = response.into_parts();
    let mut bytes = Vec::new();
    body.into_reader().take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        return Err(ureq::Error::BodyExceedsLimit(ANSWER_BYTES_MAX));
    }
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: bytes })
}
