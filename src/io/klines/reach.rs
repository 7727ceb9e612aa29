//! May an address be asked that somebody else has chosen?
//!
//! Who may tell hive where to download from could point it at what only hive's machine can reach. So an address is resolved
//! by hive itself, each of its numbers is looked at, and the connection goes to these numbers; no proxy and no redirect leads
//! elsewhere.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::NextTimeout;
use url::Host;
use url::Url;

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is neither `https` nor allowed to be less.
    #[error("it is not `https`")]
    NotHttps,
    /// It carries what belongs in no base address.
    #[error("it has {0}, which a base address has not")]
    Extra(&'static str),
    /// It leads to this machine or its network.
    #[error("it leads to {0}, which is not an address of the open internet")]
    Private(IpAddr),
    /// It would send a question over the open internet for everybody to read and change.
    #[error("it leads to {0} without `https`")]
    Open(IpAddr),
}

/// Checks what an address says by itself. Whether its name leads to a forbidden place is only known when it is resolved.
///
/// # Errors
///
/// Says what is wrong with it.
pub fn check(url: &Url, allow_private: bool) -> Result<(), Refused> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Extra("a user"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Refused::Extra("a query"));
    }
    let is_plain = url.scheme() == "http";
    if url.scheme() != "https" && !is_plain {
        return Err(Refused::NotHttps);
    }
    match url.host() {
        Some(Host::Ipv4(address)) => check_number(address.into(), is_plain, allow_private),
        Some(Host::Ipv6(address)) => check_number(address.into(), is_plain, allow_private),
        Some(Host::Domain(_)) if is_plain && !allow_private => Err(Refused::NotHttps),
        Some(Host::Domain(_)) => Ok(()),
        None => Err(Refused::NotHttps),
    }
}

fn check_number(address: IpAddr, is_plain: bool, allow_private: bool) -> Result<(), Refused> {
    match (is_public(address), is_plain) {
        (true, true) => Err(Refused::Open(address)),
        (false, _) if !allow_private => Err(Refused::Private(address)),
        _ => Ok(()),
    }
}

/// Returns whether a number is one of the open internet: not of this machine, of its networks, or of no use.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // This network and the classes D and E; what a provider's customers share; protocols, examples and relays that are gone;
    // benchmarks.
    let is_reserved = matches!(
        (a, b, c),
        (0 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (192, 0, 0 | 2)
            | (198, 51, 100)
            | (203, 0, 113)
            | (192, 88, 99)
            | (198, 18 | 19, _)
    );
    !(is_reserved || address.is_private() || address.is_loopback() || address.is_link_local())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // Gateways to the older internet.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Protocols, among them a tunnel, and examples.
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        // Only this eighth is given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Resolves names, and refuses those of which any number is not to be asked.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) allow_private: bool,
}

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let resolved = DefaultResolver::default().resolve(uri, config, timeout)?;
        let is_plain = uri.scheme_str() != Some("https");
        for address in &resolved {
            check_number(address.ip(), is_plain, self.allow_private)
                .map_err(|refused| ureq::Error::Other(refused.into()))?;
        }
        Ok(resolved)
    }
}
