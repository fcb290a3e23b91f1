//! Addresses of a provider: https, or http on this machine alone. Strict, so that whoever fetches one reads the same host here and there. Whether a
//! host may be reached is not known here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Characters of an address at most.
const LENGTH_MAX: usize = 2_048;

/// An http or https address, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address<'u> {
    pub(crate) is_https: bool,
    host: &'u str,
    /// Behind the `?`.
    pub(crate) query: Option<&'u str>,
    pub(crate) has_fragment: bool,
}

impl<'u> Address<'u> {
    /// Takes an address apart, or says what it must be.
    pub(crate) fn read(url: &'u str) -> Result<Self, &'static str> {
        if url.len() > LENGTH_MAX {
            return Err("must have 2048 characters at most");
        }
        // The rest is what readers of URLs disagree about (WHATWG: a backslash is a slash, a tab is nothing).
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
            return Err("must be an address of printable ASCII characters without spaces");
        }
        let (is_https, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err("must begin with https://"),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let host = host(authority).ok_or("must name a host, and a port if any, without a user")?;
        let (rest, has_fragment) = rest.split_once('#').map_or((rest, false), |(rest, _)| (rest, true));
        let query = rest.split_once('?').map(|(_, query)| query);
        Ok(Self { is_https, host, query, has_fragment })
    }

    /// Whether it is on this machine: an address of the loopback, or `localhost`, which is one by RFC 6761 §6.3.
    pub(crate) fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
            || bare.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
    }
}

fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')?;
            rest.get(..end)?.parse::<Ipv6Addr>().ok()?;
            authority.split_at(end + 2)
        }
        None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !host.starts_with('[') && (host.is_empty() || !host.bytes().all(is_name)) {
        return None;
    }
    match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
            digits.parse::<u16>().ok().filter(|port| *port > 0)?;
        }
        None if !port.is_empty() => return None,
        None => {}
    }
    Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_on_this_machine_or_https_somewhere() {
        for (url, is_https, is_loopback) in [
            ("https://id.example", true, false),
            ("https://id.example:8443/realms/a?p=1#x", true, false),
            ("http://127.0.0.1:9000", false, true),
            ("http://127.8.8.8/", false, true),
            ("http://localhost:9000/a", false, true),
            ("http://LOCALHOST", false, true),
            ("http://[::1]:9000/a", false, true),
            ("https://[2001:db8::1]", true, false),
            ("http://id.example", false, false),
            ("http://127.0.0.1.evil.example/", false, false),
            ("http://localhost.evil.example/", false, false),
            ("http://0x7f.1/", false, false),
            ("http://2130706433/", false, false),
        ] {
            let read = Address::read(url).unwrap();
            assert_eq!((read.is_https, read.is_loopback()), (is_https, is_loopback), "{url}");
        }
        let read = Address::read("https://id.example/a?b=c?d#e").unwrap();
        assert_eq!((read.query, read.has_fragment), (Some("b=c?d"), true));
        assert_eq!(Address::read("https://id.example#a?b").unwrap().query, None);
    }

    #[test]
    fn what_readers_disagree_about_is_no_address() {
        let long = format!("https://id.example/{}", "a".repeat(2_048));
        for url in [
            "",
            "id.example",
            "ftp://id.example",
            "HTTPS://id.example",
            "https:/id.example",
            "https:///a",
            "https://",
            "https://:443",
            "https://a@b",
            "https://a:b@c",
            "https://a:",
            "https://a:0",
            "https://a:+1",
            "https://a:65536",
            "https://a:8a",
            "https://[::1",
            "https://[::1]x",
            "https://[127.0.0.1]",
            "https://a\\b",
            "https://a/b\\c",
            "https://a/{tenant}",
            "https://a/b?c=<d>",
            "https://a/b\"c",
            "https://a\tb",
            "https://a b",
            "https://ü.example",
            "https://a%2eb",
            "https://a,b",
            &long,
        ] {
            assert!(Address::read(url).is_err(), "{url}");
        }
    }
}
