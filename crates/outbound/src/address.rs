//! An address as people write it: `https://`, a host, perhaps a port, a path and a query. What two programs could read differently is refused, so that
//! the host that is judged is the one that is meant. Knows nothing of which hosts are allowed.

use std::fmt;
use std::net::IpAddr;

use rustls_pki_types::ServerName;
use url::{Host, Position, Url};

use crate::flaw::{Flaw, LENGTH_MAX};

/// Characters of a host's name at most (RFC 1035 §2.3.4), and of a label.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Where something is asked for. `Debug` and every error show its host and port only: a path or a query may hold what is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    host: Named,
    port: u16,
}

/// The host of an address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// A name, in lower case, without a dot at its end.
    Name(String),
    /// An address of the network, which stands for itself.
    Literal(IpAddr),
}

impl Address {
    /// Reads an address. Nobody is asked: whether it may be connected to is what [`crate::client::Outbound::admits`] and each request say.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        if text.len() > LENGTH_MAX {
            return Err(Flaw::Length(text.len()));
        }
        // RFC 3986 has no place for these. A parser that takes them drops, turns around or packs some, and then reads another address than people do.
        let is_odd = |kept: &char| !kept.is_ascii_graphic() || r#""<>\^`{|}"#.contains(*kept);
        if let Some(odd) = text.chars().find(is_odd) {
            return Err(Flaw::Character(odd));
        }
        if text.contains('#') {
            return Err(Flaw::Fragment);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Flaw::Scheme)?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(Flaw::Scheme);
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(Flaw::UserInfo);
        }
        let (written_host, written_port) = taken_apart(authority)?;
        let url = Url::parse(text).map_err(|error| Flaw::Unreadable(error.to_string()))?;
        let read_host = url.host_str().unwrap_or_default();
        if !read_host.eq_ignore_ascii_case(written_host) {
            return Err(Flaw::Spelling(read_host.to_owned()));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => Named::Name(host_name(name)?),
            Some(Host::Ipv4(address)) => Named::Literal(address.into()),
            Some(Host::Ipv6(address)) => Named::Literal(address.into()),
            None => return Err(Flaw::Host),
        };
        let port = url.port_or_known_default().filter(|port| *port > 0).ok_or(Flaw::Port)?;
        // Both have read the same port, or there is none.
        if written_port.is_some_and(|written| written != port) {
            return Err(Flaw::Port);
        }
        Ok(Self { url, host, port })
    }

    /// Its host and port, as errors name it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.url.host_str().unwrap_or_default(), self.port)
    }

    /// Its host, as certificates and allowances name it: a name in lower case, or an address of the network without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Named::Name(name) => name.clone(),
            Named::Literal(address) => address.to_string(),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it begins with `https://`.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn named(&self) -> &Named {
        &self.host
    }

    /// What the request line holds: path and query.
    pub(crate) fn target(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// What the `Host` header holds (RFC 9110 §7.2): the port where it is not the usual one.
    pub(crate) fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// What its certificate must hold.
    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, Flaw> {
        match &self.host {
            Named::Name(name) => ServerName::try_from(name.clone()).map_err(|_| Flaw::Host),
            Named::Literal(address) => Ok(ServerName::IpAddress((*address).into())),
        }
    }

    /// Where a `Location` of an answer from here leads, without user, query and fragment, which may hold what is secret. Nor is anything of our own path in
    /// it, which is all that some webhooks have for a secret: what is relative to that is left as it came.
    pub(crate) fn leads_to(&self, location: &str) -> Option<String> {
        let there = match Url::parse(location) {
            Ok(there) => there,
            Err(_) if location.starts_with('/') => self.url.join(location).ok()?,
            Err(_) => {
                let path = location.split(['?', '#']).next().unwrap_or_default();
                // Neither can stand in it unescaped where it is a path (RFC 3986 §4.2), and what it is else may hold a password.
                return (!path.is_empty() && !path.contains([':', '@'])).then(|| path.to_owned());
            }
        };
        let (host, port) = (there.host_str()?, there.port());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{host}{port}{}", there.scheme(), there.path()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Address").field(&self.place()).finish()
    }
}

/// Host and port as they are written.
fn taken_apart(authority: &str) -> Result<(&str, Option<u16>), Flaw> {
    let (host, rest) = match authority.find(']') {
        Some(end) => authority.split_at(end.saturating_add(1)),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    if host.is_empty() {
        return Err(Flaw::Host);
    }
    if rest.is_empty() {
        return Ok((host, None));
    }
    let digits = rest.strip_prefix(':').ok_or(Flaw::Host)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|port| is_number && *port > 0).ok_or(Flaw::Port)?;
    Ok((host, Some(port)))
}

/// A name of a host: letters, digits, hyphens and underscores between dots, in lower case.
pub(crate) fn host_name(text: &str) -> Result<String, Flaw> {
    if text.ends_with('.') {
        return Err(Flaw::DotAtEnd);
    }
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name whose last label is a number is an address in one of the spellings that resolvers take (WHATWG URL §3.5, "ends in a number").
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).is_some_and(is_hex);
    if text.len() > NAME_MAX || !text.split('.').all(is_label) || is_number {
        return Err(Flaw::Host);
    }
    Ok(text.to_ascii_lowercase())
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is taken as a host, TLS can ask a certificate for: nothing is found out only when it is too late.
        #[test]
        fn every_host_can_be_asked_for_its_certificate(name in "[a-zA-Z0-9_.-]{1,20}", port in 1_u16..) {
            if let Ok(address) = Address::parse(&format!("https://{name}:{port}/a?b")) {
                let server = address.server_name();
                prop_assert!(server.is_ok(), "{}", name);
                prop_assert_eq!(server.unwrap().to_str().into_owned(), address.host());
            }
        }

        /// A name is a name in one way, and no address.
        #[test]
        fn a_host_name_is_kept_as_it_is_but_for_its_case(name in "[a-zA-Z0-9_.-]{1,20}") {
            if let Ok(kept) = host_name(&name) {
                prop_assert_eq!(host_name(&kept), Ok(kept.clone()));
                prop_assert_eq!(kept.to_ascii_lowercase(), name.to_ascii_lowercase());
                prop_assert!(kept.parse::<IpAddr>().is_err());
            }
        }
    }
}
