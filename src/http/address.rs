//! Which addresses may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::HttpError;
use crate::model::text::cut;

/// The longest address that is taken, in bytes.
const LONGEST: usize = 2000;

/// Reads an address somebody gave: `http` or `https`, with a host, without name and password.
pub(super) fn parse(text: &str) -> Result<Url, HttpError> {
    of_scheme(text, ["https", "http"])
}

/// The same for the address of a web socket: `ws` or `wss`.
pub(super) fn parse_socket(text: &str) -> Result<Url, HttpError> {
    of_scheme(text, ["wss", "ws"])
}

fn of_scheme(text: &str, schemes: [&str; 2]) -> Result<Url, HttpError> {
    let bad = |why: &str| HttpError::BadUrl {
        shown: cut(text, 80).replace('`', "'"),
        why: why.into(),
    };
    if text.len() > LONGEST {
        return Err(bad("it is too long"));
    }
    let mut url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
    if !schemes.contains(&url.scheme()) {
        let [safe, plain] = schemes;
        return Err(bad(&format!("it must begin with {safe}:// or {plain}://")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HttpError::Password);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Where a redirect from `url` to `location` leads. A name and password in it are dropped.
pub(super) fn follow(url: &Url, location: &str) -> Result<Url, HttpError> {
    let mut to = url.join(location).map_err(|error| HttpError::BadUrl {
        shown: cut(location, 80).replace('`', "'"),
        why: error.to_string(),
    })?;
    // These fail only for addresses without a host, which `parse` refuses.
    to.set_username("").ok();
    to.set_password(None).ok();
    parse(to.as_str())
}

/// The host as people know it, with the port if it is not the usual one.
pub(super) fn shown(url: &Url) -> String {
    let host = cut(url.host_str().unwrap_or_default(), 100);
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// The IP address, when the host is written as one.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

/// Whether anybody on the internet would reach the same machine under this address.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        // Shared by customers of one provider.
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, and the old way from IPv6 to IPv4.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Benchmarks.
        || (a == 198 && (18..20).contains(&b))
        // Multicast, reserved, broadcast.
        || a >= 224)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // Addresses that carry an IPv4 address inside lead where that leads.
    let inside = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Mapped, and translated for networks that have IPv6 only.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            inside(high, low)
        }
        [0x2002, high, low, ..] => inside(high, low),
        // Only 2000::/3 has been given out for the internet; within it, documentation and protocol
        // assignments (which include tunnels) have not.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private() {
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.254",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "2002:101:101::",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn tricks_with_addresses() {
        for (text, ip) in [
            ("http://127.1/", "127.0.0.1"),
            ("http://0x7f000001/", "127.0.0.1"),
            ("http://0177.0.0.1/", "127.0.0.1"),
            ("http://2130706433/", "127.0.0.1"),
            ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
            ("http://１２７.0.0.1/", "127.0.0.1"),
        ] {
            assert_eq!(literal(&parse(text).unwrap()), ip.parse().ok(), "{text}");
        }
        for text in [
            "ftp://example.org",
            "file:///etc/passwd",
            "//example.org",
            "http://",
            "gopher://x",
        ] {
            assert!(
                matches!(parse(text), Err(HttpError::BadUrl { .. })),
                "{text}"
            );
        }
        for text in [
            "http://user:pass@example.org",
            "http://user@example.org",
            "http://:pass@example.org",
        ] {
            assert_eq!(parse(text), Err(HttpError::Password), "{text}");
        }
    }

    #[test]
    fn a_redirect_takes_no_password_along() {
        let from = parse("https://example.org/a/b").unwrap();
        assert_eq!(
            follow(&from, "//x:y@other.org/c").unwrap().as_str(),
            "https://other.org/c"
        );
        assert_eq!(
            follow(&from, "../d#e").unwrap().as_str(),
            "https://example.org/d"
        );
        assert!(follow(&from, "javascript:alert(1)").is_err());
    }
}
