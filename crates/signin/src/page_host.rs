//! The host name that the pages are on. Cookies know no port (RFC 6265 §8.5): whatever else listens on the host name of a page, on any port, is
//! sent the cookies of that page. A program that asks for a code listens on a loopback name, so the pages must be on another one. Why and
//! what follows: docs/decisions/0007-cookies-know-no-port.md.

use std::net::IpAddr;

/// The name that pages have on a person's own machine. Never an address: those are what programs listen on (RFC 8252 §7.3).
const LOCAL: &str = "localhost";

/// The base URL of the pages of a server reached at `public_url`: there too, unless that is a loopback address.
pub fn base_url(public_url: &str) -> String {
    let Some((scheme, authority)) = public_url.split_once("://") else { return public_url.to_owned() };
    let host = host_of(authority);
    match authority.strip_prefix(host) {
        Some(port) if is_loopback(host) => format!("{scheme}://{LOCAL}{port}"),
        _ => public_url.to_owned(),
    }
}

/// Whether the pages of a server reached at `public_url` are on `localhost`.
pub fn is_local(public_url: &str) -> bool {
    of_url(&base_url(public_url)) == LOCAL
}

/// The host of a base URL, in lower case.
pub(crate) fn of_url(base_url: &str) -> String {
    let authority = base_url.split_once("://").map_or(base_url, |(_, authority)| authority);
    host_of(authority).to_ascii_lowercase()
}

/// Whether a page asked for at `authority` (a `Host` header) belongs on the pages' own host instead.
pub(crate) fn is_misplaced(page_host: &str, authority: &str) -> bool {
    page_host == LOCAL && is_loopback(host_of(authority))
}

/// The host without its port; an IPv6 address with its brackets.
fn host_of(authority: &str) -> &str {
    let end = match authority.find(']') {
        Some(bracket) => bracket.saturating_add(1),
        None => authority.find(':').unwrap_or(authority.len()),
    };
    authority.get(..end).unwrap_or(authority)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_never_on_a_loopback_address() {
        for (public, pages) in [
            ("http://127.0.0.1:8765", "http://localhost:8765"),
            ("https://127.0.0.1", "https://localhost"),
            ("http://127.9.9.9:1", "http://localhost:1"),
            ("http://[::1]:8765", "http://localhost:8765"),
            ("http://[::ffff:127.0.0.1]", "http://localhost"),
            ("http://localhost:8765", "http://localhost:8765"),
            ("https://sso.example.org", "https://sso.example.org"),
            ("http://192.0.2.1:8765", "http://192.0.2.1:8765"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(base_url(public), pages);
        }
    }

    #[test]
    fn only_a_loopback_address_is_the_wrong_place_and_only_where_there_is_a_right_one() {
        for authority in ["127.0.0.1:8765", "127.0.0.1", "[::1]:8765", "[::1]", "[::ffff:7f00:1]:1"] {
            assert!(is_misplaced("localhost", authority), "{authority}");
            assert!(!is_misplaced("sso.example.org", authority), "behind a proxy that names its upstream");
        }
        for authority in [
            "localhost:8765",
            "localhost",
            "",
            "sso.example.org",
            "192.0.2.1:8765",
            "[",
            "]:",
            "127.0.0.1.example",
        ] {
            assert!(!is_misplaced("localhost", authority), "{authority}");
        }
        assert_eq!(of_url("http://LocalHost:8765"), "localhost");
        assert_eq!(of_url("https://[2001:DB8::1]"), "[2001:db8::1]");
    }
}
