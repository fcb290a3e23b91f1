//! Where an application may have a browser sent: https, http on the person's own machine (RFC 8252 §7.3), or a scheme of a program's own (§7.1). Compared letter
//! by letter (RFC 9700 §4.1.3); on a loopback address the port alone is free. Whether one is registered is not known here.

use crate::fault::Fault;

/// Characters at most.
const LENGTH_MAX: usize = 2_048;
/// The names of a person's own machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// Schemes of browsers and systems, which carry out what they are given or lead elsewhere.
const NEVER: [&str; 8] = ["javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws"];

/// An address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri<'a> {
    whole: &'a str,
    /// Its host, and all that is before and behind its port, where that is free.
    loopback: Option<(&'static str, &'a str)>,
    /// Its host, where it has one that browsers look for cookies of.
    host: Option<&'a str>,
}

impl<'a> RedirectUri<'a> {
    /// Takes an address apart; `field` is where it stands, for what is said of one that is not taken.
    pub fn parse(field: &str, uri: &'a str) -> Result<Self, Fault> {
        read(uri).ok_or_else(|| {
            let shown: String = uri.chars().filter(|letter| !letter.is_control()).take(200).collect();
            Fault::validation(format!(
                "{field}: {shown} must be an https address, an http address on 127.0.0.1, [::1] or localhost, or an address of a scheme with a dot in it \
                 (com.example.app:/callback), of printable ASCII characters, without a user or a fragment, of {LENGTH_MAX} characters at most"
            ))
        })
    }

    /// Whether this registered address lets a browser go to `asked`.
    pub fn admits(&self, asked: &RedirectUri<'_>) -> bool {
        match (self.loopback, asked.loopback) {
            (Some(own), Some(other)) => own == other,
            _ => self.whole == asked.whole,
        }
    }

    /// Whether whoever listens there is sent the cookies of pages on `page_host`: cookies know no port.
    pub fn is_on(&self, page_host: &str) -> bool {
        self.host.is_some_and(|host| host.eq_ignore_ascii_case(page_host))
    }
}

fn read(uri: &str) -> Option<RedirectUri<'_>> {
    // Visible ASCII without the characters that parsers of URLs disagree about.
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&byte);
    if uri.len() > LENGTH_MAX || !uri.bytes().all(plain) {
        return None;
    }
    let (scheme, rest) = uri.split_once(':')?;
    if matches!(scheme, "https" | "http") {
        let rest = rest.strip_prefix("//")?;
        let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = split(authority)?;
        let loopback = LOOPBACK.into_iter().find(|known| *known == host);
        if scheme == "http" && loopback.is_none() {
            return None;
        }
        let is_number = |digits: &str| {
            digits.bytes().all(|byte| byte.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        };
        if port.is_some_and(|digits| !is_number(digits)) {
            return None;
        }
        let loopback = loopback.filter(|_| scheme == "http").map(|host| (host, path));
        Some(RedirectUri { whole: uri, loopback, host: Some(host) })
    } else {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-+".contains(&byte);
        let own = scheme.contains('.')
            && scheme.starts_with(|first: char| first.is_ascii_lowercase())
            && scheme.bytes().all(is_letter)
            && !NEVER.contains(&scheme);
        (own && !rest.is_empty()).then_some(RedirectUri { whole: uri, loopback: None, host: None })
    }
}

/// Host and port of an authority without a user.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let end = rest.find(']')?;
        rest.get(..end)?.parse::<std::net::Ipv6Addr>().ok()?;
        authority.split_at_checked(end + 2)?
    } else {
        let (host, port) = authority.find(':').map_or((authority, ""), |at| authority.split_at(at));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_name) {
            return None;
        }
        (host, port)
    };
    match port {
        "" => Some((host, None)),
        port => Some((host, Some(port.strip_prefix(':')?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_may_be_sent_to() {
        for good in [
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=a",
            "https://[2001:db8::1]/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:8000/cb",
            "http://localhost:3000",
            "com.example.app:/callback",
        ] {
            assert!(read(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "app.example/cb",
            "//app.example/cb",
            "http://app.example/cb",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "https://user@app.example/cb",
            "https:///cb",
            "https://app.example:0/cb",
            "https://app.example:99999/cb",
            "https://app.example:80:80/cb",
            "https://app.example/cb#x",
            "https://app.example/c b",
            "https://app.example/\r\nSet-Cookie: a",
            "https://app.example\\@evil.example/",
            "https://*.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "com.example.app:",
            "Com.Example:/cb",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_port_of_ones_own_machine_is_free_and_nothing_else_is() {
        let admits = |registered, asked| read(registered).unwrap().admits(&read(asked).unwrap());
        assert!(admits("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb"));
        assert!(admits("http://127.0.0.1:1/cb?a=b", "http://127.0.0.1:5000/cb?a=b"));
        assert!(!admits("http://127.0.0.1/cb", "http://localhost:5000/cb"));
        assert!(!admits("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb?a=b"));
        assert!(!admits("https://app.example/cb", "https://app.example:5000/cb"));
        assert!(!admits("https://localhost/cb", "https://localhost:5000/cb"));
        assert!(read("http://localhost:3000/cb").unwrap().is_on("localhost"));
        assert!(!read("http://127.0.0.1:3000/cb").unwrap().is_on("localhost"));
    }
}
