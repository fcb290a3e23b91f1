//! Redirect URIs of programs on a person's own machine: plain http on a loopback name, any port (RFC 8252 §7.3). Everything else
//! is refused, so a code can only ever go to the machine that the browser runs on.

use model::fault::{Fault, OAuthError};

/// Characters of a redirect URI at most.
const LENGTH_MAX: usize = 512;
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// A loopback redirect URI, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectUri<'a> {
    host: &'static str,
    path: &'a str,
}

impl<'a> RedirectUri<'a> {
    /// Parses `uri`; the error says what is accepted.
    pub(crate) fn parse(uri: &'a str) -> Result<Self, Fault> {
        parse(uri).ok_or_else(|| {
            let message = format!(
                "a redirect URI must be http://127.0.0.1, http://localhost or http://[::1], with any port and path, without user \
                 information, query or fragment, of at most {LENGTH_MAX} characters"
            );
            Fault::oauth(OAuthError::InvalidRedirectUri, message)
        })
    }

    /// Whether what listens there is sent the cookies of pages on `page_host`.
    pub(crate) fn is_on(&self, page_host: &str) -> bool {
        self.host == page_host
    }

    /// Whether a code for the registered URI `self` may go to `asked`: same host, same path, whatever port.
    pub(crate) fn admits(&self, asked: &RedirectUri<'_>) -> bool {
        let path = |path: &'_ str| if path == "/" { String::new() } else { path.to_owned() };
        self.host == asked.host && path(self.path) == path(asked.path)
    }
}

/// Why a program may not listen on the host name of the pages.
pub(crate) fn shares_host(page_host: &str) -> Fault {
    let message = format!(
        "a redirect URI must not be on {page_host}: the sign-in pages are there, and cookies know no port. Use http://127.0.0.1 or \
         http://[::1], with any port"
    );
    Fault::oauth(OAuthError::InvalidRedirectUri, message)
}

fn parse(uri: &str) -> Option<RedirectUri<'_>> {
    // Visible ASCII without the characters that parsers of URLs disagree about.
    let plain = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'#' | b'?' | b'@')
    };
    if uri.len() > LENGTH_MAX || !uri.bytes().all(plain) {
        return None;
    }
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = HOSTS.into_iter().find(|host| authority.starts_with(host))?;
    match authority.strip_prefix(host)? {
        "" => {}
        port => {
            let digits = port.strip_prefix(':')?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.parse::<u16>().ok()? == 0 {
                return None;
            }
        }
    }
    Some(RedirectUri { host, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_a_redirect_uri() {
        for uri in [
            "http://127.0.0.1",
            "http://127.0.0.1/oauth/callback",
            "http://127.0.0.1:49152/oauth/callback",
            "http://localhost:1/",
            "http://[::1]:65535/cb",
        ] {
            assert!(RedirectUri::parse(uri).is_ok(), "{uri}");
        }
        for uri in [
            "",
            "https://127.0.0.1/oauth/callback",
            "HTTP://127.0.0.1/",
            "http://evil.example/oauth/callback",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://localhost.evil.example/",
            "http://localhostevil/",
            "http://127.0.0.1:/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:65536/",
            "http://127.0.0.1:80:80/",
            "http://127.0.0.1:+80/",
            "http://127.0.0.1\\@evil.example/",
            "http://127.0.0.1/#",
            "http://127.0.0.1/?a=b",
            "http://127.0.0.1/\r\nSet-Cookie: a",
            "http://127.0.0.1/ü",
            "http://127.1/",
            "http://[::ffff:127.0.0.1]/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert!(RedirectUri::parse(uri).is_err(), "{uri:?}");
        }
        assert!(RedirectUri::parse(&format!("http://127.0.0.1/{}", "a".repeat(LENGTH_MAX))).is_err());
    }

    #[test]
    fn the_port_is_free_and_nothing_else() {
        let registered = RedirectUri::parse("http://127.0.0.1/oauth/callback").unwrap();
        let admits = |uri| registered.admits(&RedirectUri::parse(uri).unwrap());
        assert!(admits("http://127.0.0.1:40000/oauth/callback"));
        assert!(admits("http://127.0.0.1/oauth/callback"));
        assert!(!admits("http://localhost:40000/oauth/callback"));
        assert!(!admits("http://127.0.0.1:40000/oauth/callback/"));
        assert!(!admits("http://127.0.0.1:40000/oauth/callback/../evil"));
        assert!(!admits("http://127.0.0.1:40000/OAUTH/callback"));
        assert!(!admits("http://127.0.0.1:40000"));
        let bare = RedirectUri::parse("http://127.0.0.1").unwrap();
        assert!(bare.admits(&RedirectUri::parse("http://127.0.0.1:40000/").unwrap()));
        assert!(!bare.admits(&RedirectUri::parse("http://127.0.0.1:40000/x").unwrap()));
    }
}
