//! What does an address say, apart from its secrets?

use url::Host;
use url::Url;

/// Returns an address fit to be shown: without credentials, query and fragment, any of which may hold a secret.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut url = without_credentials(url);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Returns the last part of an address's path, as the file would be called.
#[must_use]
pub fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    percent_decoded(last)
}

/// Returns the address without `user:password@`.
pub(crate) fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Addresses that cannot carry credentials have none to remove.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Returns the header that sends an address's credentials; `None` when it has none.
pub(crate) fn authorization(url: &Url) -> Option<String> {
    let user = percent_decoded(url.username());
    let password = url.password().map(percent_decoded).unwrap_or_default();
    if user.is_empty() && password.is_empty() {
        return None;
    }
    Some(format!("Basic {}", base64(format!("{user}:{password}").as_bytes())))
}

/// Tells whether an address is this machine's own.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => std::str::from_utf8(&[*high, *low])
                .ok()
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &rest[3..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}
