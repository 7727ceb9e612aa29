//! Is a request meant for this service, and sent by its own page or by no page at all?
//!
//! A browser sends requests for whoever's page is open. A page whose name was made to resolve to this machine would be of
//! the same origin; only the `Host` header tells (DNS rebinding). And a page of another origin cannot read answers, but
//! could write; `Origin` and `Sec-Fetch-Site` tell, which no script can set.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::SocketAddr;

use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::Uri;
use axum::http::header;

use crate::service::error::Error;

/// The names that the service is reached by.
#[derive(Debug, Clone)]
pub struct Hosts {
    names: BTreeSet<String>,
    /// Whether any address may be named: it cannot be made to resolve to another one.
    takes_addresses: bool,
}

impl Hosts {
    /// Returns the names of a service that listens at an address, with those that were allowed besides.
    #[must_use]
    pub fn of(listen: SocketAddr, allowed: &[String]) -> Self {
        let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        let ip = listen.ip();
        if !ip.is_unspecified() {
            names.insert(ip.to_string());
        }
        names.extend(allowed.iter().map(|name| plain(name)));
        Self { names, takes_addresses: ip.is_unspecified() }
    }

    /// Checks that a request is meant for this service.
    ///
    /// # Errors
    ///
    /// Refuses a host that is not known, and a request that names none.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok()).ok_or(Error::ForeignHost)?;
        if named.next().is_some() || !self.is_known(host) {
            return Err(Error::ForeignHost);
        }
        // A request line may name the host as well, and it has to be the same.
        match uri.authority() {
            Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => Err(Error::ForeignHost),
            _ => Ok(()),
        }
    }

    fn is_known(&self, host: &str) -> bool {
        let name = plain(name_of(host));
        self.names.contains(&name) || (self.takes_addresses && name.parse::<IpAddr>().is_ok())
    }
}

/// Checks that what writes was sent by the service's own page, or by something that is no browser.
///
/// # Errors
///
/// Refuses what a page of another origin has sent.
pub fn check_origin(method: &Method, headers: &HeaderMap) -> Result<(), Error> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err(Error::ForeignOrigin);
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(scheme, authority)| is_same(scheme, authority, host));
    if is_own { Ok(()) } else { Err(Error::ForeignOrigin) }
}

/// Returns whether an origin's authority is the host; the scheme's own port may be left out on either side.
fn is_same(scheme: &str, authority: &str, host: &str) -> bool {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let strip = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    strip(authority) == strip(host)
}

/// Returns the name in `NAME:PORT`, `[ADDRESS]:PORT` or either without a port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            // Without brackets, what looks like a port is a part of an address.
            if name.contains(':') && !name.ends_with(']') { host } else { name }
        }
        _ => host,
    }
}

fn plain(name: &str) -> String {
    name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}
