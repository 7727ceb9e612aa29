//! Which addresses are asked, and which are not, whoever names them.

use std::fs;
use std::net::IpAddr;

use hive::io::klines::Error;
use hive::io::klines::reach;
use tempfile::TempDir;
use url::Url;

use super::DAY;
use super::TWO_DAYS;
use super::exchange::Exchange;
use super::fetched;
use super::order;
use crate::fetch::drawn;

#[test]
fn numbers_of_the_open_internet() {
    for text in [
        "8.8.8.8",
        "1.1.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ] {
        let address: IpAddr = text.parse().expect("an address");
        assert!(reach::is_public(address), "{text}");
    }
    for text in [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        let address: IpAddr = text.parse().expect("an address");
        assert!(!reach::is_public(address), "{text}");
    }
}

#[test]
fn addresses_say_by_themselves_whether_they_are_asked() {
    for (text, by_default, if_allowed) in [
        ("https://api.exchange.test", true, true),
        ("https://api.exchange.test/prefix/", true, true),
        ("https://8.8.8.8", true, true),
        ("http://api.exchange.test", false, true),
        ("http://8.8.8.8", false, false),
        ("http://127.0.0.1:8080", false, true),
        ("http://localhost:8080", false, true),
        ("http://[::1]:8080", false, true),
        ("https://127.0.0.1", false, true),
        // Other ways to write 127.0.0.1.
        ("https://2130706433", false, true),
        ("https://0x7f.1", false, true),
        ("https://017700000001", false, true),
        ("https://[::ffff:127.0.0.1]", false, true),
        ("https://169.254.169.254/latest", false, true),
        ("https://user@api.exchange.test", false, false),
        ("https://user:secret@api.exchange.test", false, false),
        ("https://api.exchange.test/?key=secret", false, false),
        ("https://api.exchange.test/#x", false, false),
        ("ftp://api.exchange.test", false, false),
        ("file:///etc/passwd", false, false),
        ("data:text/plain,x", false, false),
    ] {
        let url = Url::parse(text).expect("an address");
        assert_eq!(reach::check(&url, false).is_ok(), by_default, "{text}");
        assert_eq!(reach::check(&url, true).is_ok(), if_allowed, "{text}, allowed");
    }
}

#[test]
fn names_are_looked_up_before_they_are_asked() {
    let (exchange, folder) = (Exchange::start(), TempDir::new().expect("a temporary folder"));
    for (name, address, allow_private) in [
        ("reach_loopback", "http://127.0.0.1:9", false),
        ("reach_link_local", "https://169.254.169.254", false),
        ("reach_plain", "http://api.exchange.test", false),
        ("reach_open", "http://8.8.8.8", true),
        ("reach_user", "https://user:secret@api.exchange.test", true),
        // Nothing in the address says where it leads.
        ("reach_name", "https://localhost:9", false),
    ] {
        let mut order = order(&exchange, "binance", folder.path(), DAY, TWO_DAYS);
        order.base = Some(Url::parse(address).expect("an address"));
        order.allow_private = allow_private;
        let error = fetched(&order).expect_err(name);
        assert!(matches!(error, Error::Address { .. }), "{name}: {error:?}");
        // A name may lead to either loopback first.
        insta::assert_snapshot!(name, drawn(&error).replace("it leads to ::1,", "it leads to 127.0.0.1,"));
    }
    assert_eq!(exchange.asked(), Vec::<String>::new());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left behind");
}
