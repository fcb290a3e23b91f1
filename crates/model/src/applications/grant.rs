//! How an application comes by tokens.

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// Characters of a redirect URI at most: a browser's address takes no more everywhere.
const REDIRECT_URI_MAX: usize = 2_048;
/// Where plain http goes to the machine that the browser runs on (RFC 8252, section 7.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// A kind of grant, as OAuth names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantType {
    /// A person signs in, and a code comes back.
    AuthorizationCode,
    /// Another token for an old one.
    RefreshToken,
    /// A token of a trusted token issuer.
    JwtBearer,
    /// A token of another application.
    TokenExchange,
}

impl GrantType {
    /// All.
    pub const ALL: [Self; 4] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::JwtBearer, Self::TokenExchange];

    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == value)
    }
}

/// An issuer whose tokens an application may bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizedTokenIssuer {
    /// Its ARN.
    pub trusted_token_issuer_arn: String,
    /// For whom such a token must be; for nobody where none was said.
    pub authorized_audiences: Vec<String>,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// A person signs in, and a code comes back to one of these addresses.
    AuthorizationCode {
        /// Where to; compared letter by letter.
        redirect_uris: Vec<String>,
    },
    /// Another token for an old one.
    RefreshToken,
    /// A token of one of these issuers.
    JwtBearer {
        /// The issuers.
        authorized_token_issuers: Vec<AuthorizedTokenIssuer>,
    },
    /// A token of another application.
    TokenExchange,
}

impl Grant {
    /// Its kind.
    pub const fn kind(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken => GrantType::RefreshToken,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
            Self::TokenExchange => GrantType::TokenExchange,
        }
    }

    /// What can be said of it without looking anywhere: addresses to which a code may go.
    pub fn check(&self) -> Result<(), Fault> {
        match self {
            Self::AuthorizationCode { redirect_uris } => {
                redirect_uris.iter().try_for_each(|uri| check_redirect_uri(uri))
            }
            Self::RefreshToken | Self::JwtBearer { .. } | Self::TokenExchange => Ok(()),
        }
    }
}

/// A code goes by TLS, to the person's own machine, or to a program that has a scheme of its own (RFC 8252, section 7; RFC 9700, section 2.1).
fn check_redirect_uri(uri: &str) -> Result<(), Fault> {
    let refused = |why: &str| {
        Err(Fault::validation(format!("Grant.AuthorizationCode.RedirectUris: '{}' {why}", shortened(uri))))
    };
    if uri.len() > REDIRECT_URI_MAX {
        return refused(&format!("has {} characters, {REDIRECT_URI_MAX} at most", uri.chars().count()));
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
        return refused("has characters that no URI has (RFC 3986, section 2)");
    }
    if uri.contains('#') {
        return refused("has a fragment");
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return refused("is no absolute URI") };
    let authority = rest.strip_prefix("//").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let host = authority.map(|authority| match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    });
    if authority.is_some_and(|authority| authority.contains('@')) {
        return refused("has user information");
    }
    let scheme = scheme.to_ascii_lowercase();
    match (scheme.as_str(), host) {
        ("https", Some(host)) if !host.is_empty() => Ok(()),
        ("http", Some(host)) if LOOPBACK.contains(&host) => Ok(()),
        ("http" | "https", _) => {
            refused("must be https with a host, or http on 127.0.0.1, localhost or [::1]")
        }
        (own, _) if is_private_scheme(own) && rest.starts_with('/') => Ok(()),
        _ => refused("must be https, http on a loopback name, or of a scheme like com.example.app:/"),
    }
}

/// A scheme of one program: a domain name from behind, so that it has a full stop (RFC 8252, section 7.1).
fn is_private_scheme(scheme: &str) -> bool {
    scheme.contains('.')
        && scheme.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+".contains(&byte))
        })
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_goes_only_where_nobody_else_reads_it() {
        let check = |uri: &str| Grant::AuthorizationCode { redirect_uris: vec![uri.to_owned()] }.check();
        for good in [
            "https://app.example.com/callback",
            "https://app.example.com:8443/callback?from=portal",
            "https://app.example.com",
            "http://127.0.0.1:3000/cb",
            "http://localhost/cb",
            "http://[::1]:9/cb",
            "com.example.app:/oauth2redirect",
        ] {
            assert!(check(good).is_ok(), "{good}: {:?}", check(good));
        }
        for bad in [
            "",
            "callback",
            "/callback",
            "//app.example.com/",
            "https:///callback",
            "https:app.example.com",
            "http://app.example.com/callback",
            "http://127.0.0.1.example.com/",
            "http://localhost@evil.example/",
            "https://user:word@app.example.com/",
            "https://app.example.com/#token",
            "https://app.example.com/a b",
            "https://app.example.com/\u{0}",
            "https://bücher.example/",
            "https://app.example.com\\@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            ".a:/x",
        ] {
            let fault = check(bad).unwrap_err();
            assert!(fault.message().contains("RedirectUris"), "{bad}: {fault}");
        }
        assert!(check(&format!("https://a.example/{}", "x".repeat(2_048))).is_err());
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in GrantType::ALL {
            assert_eq!(GrantType::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(GrantType::parse("password"), None);
    }
}
