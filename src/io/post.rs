//! How is a small message sent to an address that is a secret itself?
//!
//! Nothing that is returned names the address: a library's own words about a fault may quote it.

use std::time::Duration;

use ring::hmac;
use thiserror::Error;
use ureq::http::header::RETRY_AFTER;
use url::Url;

use crate::io::address::authorization;
use crate::io::address::is_loopback;
use crate::io::address::without_credentials;
use crate::io::download::Client;

/// How long a message may take, from the connection to the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a receiver answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// When it wants to hear of the sender again.
    pub retry_after: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// Nobody answered.
    #[error("nobody answers")]
    Unreachable,
    /// Nobody answered in time.
    #[error("there is no answer in time")]
    TimedOut,
    /// The certificate is not trusted.
    #[error("its certificate is not trusted")]
    Untrusted,
}

impl Client {
    /// Sends a message. Redirects are not followed: what was meant for one receiver is not for another.
    ///
    /// # Errors
    ///
    /// Says that there is no answer, in words that name no address.
    pub fn post(&self, url: &Url, headers: &[(&str, String)], body: &str) -> Result<Answer, Fault> {
        let mut bare = without_credentials(url);
        bare.set_fragment(None);
        let mut request = self.agent().post(bare.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = authorization(url) {
            request = request.header("Authorization", authorization);
        }
        let mut config = request.config().max_redirects(0).timeout_global(Some(TIMEOUT));
        if is_loopback(url) {
            // A proxy's loopback is another machine's.
            config = config.proxy(None);
        }
        let response = config.build().send(body).map_err(|error| match error {
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Fault::Untrusted,
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Fault::Untrusted,
            ureq::Error::Timeout(_) => Fault::TimedOut,
            _ => Fault::Unreachable,
        })?;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| Some(value.to_str().ok()?.to_owned()));
        Ok(Answer { status: response.status().as_u16(), retry_after })
    }
}

/// Returns the HMAC-SHA-256 of a text, in lower-case hex.
#[must_use]
pub fn sign(secret: &str, text: &str) -> String {
    use std::fmt::Write as _;

    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, text.as_bytes()).as_ref().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
