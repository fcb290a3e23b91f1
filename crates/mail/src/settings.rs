//! What an administrator says of mail: which server, and who letters are from. A password is never part of the server's address: addresses are
//! shown, logged and typed into command lines.

use std::net::IpAddr;
use std::path::PathBuf;

use model::fault::Fault;
use model::secret::Secret;
use model::signin::letter::{Line, MailAddress};
use percent_encoding::percent_decode_str;

/// How a connection is kept from being read and altered on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte: `smtps://`.
    Tls,
    /// TLS after `STARTTLS`, or nothing at all is sent: `smtp://`.
    StartTls,
    /// None: `smtp+plain://`.
    Nothing,
}

/// The server that takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// See [`Protection`].
    pub protection: Protection,
    /// Its name, which its certificate must hold, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who we say that we are there.
    pub user: Option<String>,
}

impl Server {
    /// From `smtps://`, `smtp://` or `smtp+plain://`, perhaps a user and `@`, a host, perhaps a port.
    pub fn parse(url: &str) -> Result<Self, Fault> {
        let refused = |why: &str| Fault::validation(format!("the mail server {why}"));
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let (protection, port) = match scheme {
            "smtps" => (Protection::Tls, 465),
            "smtp" => (Protection::StartTls, 587),
            "smtp+plain" => (Protection::Nothing, 25),
            _ => {
                return Err(refused(
                    "must be smtps://HOST (TLS), smtp://HOST (STARTTLS) or smtp+plain://HOST (no encryption), with USER@ before the host if it wants one",
                ));
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // A user name is often an address: the host is behind the last @.
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(refused(
                "must not hold a password: put it into the file that mail.password_file names, or into PORTICO_MAIL_PASSWORD",
            ));
        }
        if place.contains(['/', '?', '#']) {
            return Err(refused(&format!(
                "{place:?} must be a host and perhaps a port, and nothing behind them"
            )));
        }
        let (host, port) = host_and_port(place, port)?;
        let server = Self { protection, host, port, user: user.map(decoded).transpose()? };
        if server.user.is_some() && protection == Protection::Nothing && !server.is_here() {
            return Err(refused("would get the password in the clear: use smtps:// or smtp://"));
        }
        Ok(server)
    }

    fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

fn decoded(user: &str) -> Result<String, Fault> {
    let bad = |why: &str| Fault::validation(format!("the user of the mail server {why}"));
    let user = percent_decode_str(user).decode_utf8().map_err(|_| bad("is not text"))?.into_owned();
    if user.is_empty() || user.chars().any(char::is_control) {
        return Err(bad("is empty or holds control characters"));
    }
    Ok(user)
}

fn host_and_port(place: &str, default: u16) -> Result<(String, u16), Fault> {
    let refused =
        || Fault::validation(format!("the mail server {place:?} must be a host and perhaps a port"));
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, rest)) => (address, Some(rest.strip_prefix(':').ok_or_else(refused)?)),
        None => place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(default), |port| port.parse().map_err(|_| refused()))?;
    let is_name = host.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    if port == 0 || !(is_name || host.parse::<IpAddr>().is_ok()) {
        return Err(refused());
    }
    Ok((host.to_owned(), port))
}

/// Who letters are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// What people see.
    pub name: Option<Line>,
    /// Where answers and failures go.
    pub address: MailAddress,
}

impl Sender {
    /// From `ADDRESS` or `NAME <ADDRESS>`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.chars().any(char::is_control) {
            return Err(Fault::validation("who letters are from must not hold control characters"));
        }
        let text = text.trim();
        match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => {
                let name = Line::new(name.trim().trim_matches('"'));
                let name = Some(name).filter(|name| !name.as_str().is_empty());
                Ok(Self { name, address: MailAddress::parse(address)? })
            }
            None => Ok(Self { name: None, address: MailAddress::parse(text)? }),
        }
    }
}

/// Everything that delivering a letter takes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub server: Server,
    /// The password of the server's user.
    pub password: Option<Secret>,
    /// Who letters are from.
    pub from: Sender,
    /// Certificates (PEM) that are trusted instead of those of the system.
    pub ca: Option<PathBuf>,
    /// The name by which we greet the server: a host or an address.
    pub hello: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_how_it_is_protected_and_never_a_password() {
        let server = Server::parse("smtps://portico@smtp.acme.example").unwrap();
        assert_eq!(
            (server.protection, server.port, server.user.as_deref()),
            (Protection::Tls, 465, Some("portico"))
        );
        let server = Server::parse("smtp://portico@acme.example@smtp.acme.example:2587/").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("smtp.acme.example", 2_587));
        assert_eq!(
            (server.protection, server.user.as_deref()),
            (Protection::StartTls, Some("portico@acme.example"))
        );
        assert_eq!(Server::parse("smtp://a%3Ab%40c@host").unwrap().user.as_deref(), Some("a:b@c"));
        let here = Server::parse("smtp+plain://[::1]:1025").unwrap();
        assert_eq!((here.host.as_str(), here.port, here.user), ("::1", 1_025, None));
        assert!(Server::parse("smtp+plain://portico@127.0.0.1").is_ok());
        for (bad, why) in [
            ("smtp.acme.example", "must be smtps://"),
            ("https://smtp.acme.example", "must be smtps://"),
            ("smtps://portico:secret@smtp.acme.example", "must not hold a password"),
            ("smtp+plain://portico@smtp.acme.example", "in the clear"),
            ("smtps://smtp.acme.example?tls=none", "nothing behind"),
            ("smtps://smtp.acme.example/helo", "nothing behind"),
            ("smtps://smtp.acme.example:0", "a host and perhaps a port"),
            ("smtps://smtp.acme.example:smtp", "a host and perhaps a port"),
            ("smtps://", "a host and perhaps a port"),
            ("smtps://smtp acme", "a host and perhaps a port"),
            ("smtps://@smtp.acme.example", "is empty"),
            ("smtps://a%0d%0ab@smtp.acme.example", "control characters"),
        ] {
            let fault = Server::parse(bad).unwrap_err();
            assert!(fault.message().contains(why), "{bad}: {}", fault.message());
            assert!(!fault.message().contains("secret"), "a password is not repeated");
        }
    }

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let plain = Sender::parse("portico@acme.example").unwrap();
        assert_eq!((plain.name, plain.address.as_str()), (None, "portico@acme.example"));
        let named = Sender::parse("\"Acme, Inc.\" <portico@acme.example>").unwrap();
        assert_eq!(named.name.unwrap().as_str(), "Acme, Inc.");
        for bad in ["", "Acme", "Acme <>", "Acme <a@b>\r\nBcc: c@d", "a@b, c@d", "Acme\n <a@b>"] {
            assert!(Sender::parse(bad).is_err(), "{bad:?}");
        }
    }
}
