//! The settings of mail: flags and their variables over `portico.toml`, as for everything else, but for the password, which stands in a file or in a
//! variable and never on a command line, where every user of the machine could read it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use mail::mailer::Mailer;
use mail::settings::{Sender, Server, Settings};
use model::fault::Fault;
use model::secret::Secret;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cli;

/// The variable that holds the password.
const PASSWORD: &str = "PORTICO_MAIL_PASSWORD";

/// The keys of `[mail]` in `portico.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    smtp: Option<String>,
    from: Option<String>,
    password_file: Option<PathBuf>,
    ca: Option<PathBuf>,
}

/// Who delivers letters; `None` where no server is named. `public_url`: how people reach us, whose host is the name that we greet with.
pub(crate) fn mailer(
    given: cli::Mail,
    file: File,
    public_url: Option<&str>,
) -> anyhow::Result<Option<Mailer>> {
    let in_variable = variable(PASSWORD)?;
    if given.mail_password_file.is_some() && in_variable.is_some() {
        bail!("--mail-password-file and {PASSWORD} are both given: one of them is too much");
    }
    let password_file = given.mail_password_file.or(file.password_file.filter(|_| in_variable.is_none()));
    let (smtp, from) = (given.mail_smtp.or(file.smtp), given.mail_from.or(file.from));
    let (smtp, from) = match (smtp, from) {
        (Some(smtp), Some(from)) => (smtp, from),
        (None, None) => return Ok(None),
        (Some(_), None) => bail!("mail.smtp is set and mail.from is not: it says who letters are from"),
        (None, Some(_)) => bail!("mail.from is set and mail.smtp is not: it says which server takes letters"),
    };
    let password = match password_file {
        Some(path) => Some(
            std::fs::read_to_string(&path)
                .map(Zeroizing::new)
                .with_context(|| format!("the password of the mail server, {}", path.display()))?,
        ),
        None => in_variable,
    };
    let password = password.map(|text| Secret::new(text.trim_end_matches(['\r', '\n'])));
    if password.as_ref().is_some_and(|password| password.expose().is_empty()) {
        bail!("the password of the mail server is empty");
    }
    let settings = Settings {
        server: Server::parse(&smtp).map_err(|fault| said(&fault))?,
        password,
        from: Sender::parse(&from).map_err(|fault| said(&fault).context("mail.from"))?,
        ca: given.mail_ca.or(file.ca),
        hello: public_url.and_then(host_of).unwrap_or_else(|| "localhost".to_owned()),
    };
    Ok(Some(Mailer::new(settings).map_err(|fault| said(&fault))?))
}

fn said(fault: &Fault) -> anyhow::Error {
    anyhow::anyhow!("{}", fault.message())
}

/// The host of a URL.
pub(crate) fn host_of(url: &str) -> Option<String> {
    url.parse::<http::Uri>().ok()?.host().map(str::to_owned)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the settings are read here; this one has no flag, which would show it to every user of the machine"
)]
fn variable(name: &str) -> anyhow::Result<Option<Zeroizing<String>>> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(Zeroizing::new(text)).filter(|text| !text.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("{name} is not text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(smtp: Option<&str>, from: Option<&str>, password_file: Option<&str>) -> cli::Mail {
        cli::Mail {
            mail_smtp: smtp.map(str::to_owned),
            mail_from: from.map(str::to_owned),
            mail_password_file: password_file.map(PathBuf::from),
            mail_ca: None,
        }
    }

    fn refusal(given: cli::Mail) -> String {
        format!("{:#}", mailer(given, File::default(), None).unwrap_err())
    }

    #[test]
    fn mail_is_off_until_both_server_and_sender_are_named() {
        assert!(mailer(cli::Mail::default(), File::default(), None).unwrap().is_none());
        let url = "smtps://smtp.acme.example";
        assert!(
            mailer(given(Some(url), Some("p@acme.example"), None), File::default(), None).unwrap().is_some()
        );
        assert!(refusal(given(Some(url), None, None)).contains("mail.from"));
        assert!(refusal(given(None, Some("p@acme.example"), None)).contains("mail.smtp"));
        assert!(refusal(given(Some("smtps://p@host"), Some("p@acme.example"), None)).contains("no password"));
        assert!(
            refusal(given(Some("smtps://p:x@host"), Some("p@acme.example"), None)).contains("must not hold")
        );
        assert!(refusal(given(Some(url), Some("nobody"), None)).contains("mail.from"));
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_password_is_a_files_first_line() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("password");
        std::fs::write(&path, "secret of the mail server\n").unwrap();
        let file = || File {
            smtp: Some("smtps://portico@from-file.example".to_owned()),
            from: Some("portico@acme.example".to_owned()),
            password_file: Some(path.clone()),
            ca: None,
        };
        let public = Some("https://sso.acme.example");
        let shown = |given: cli::Mail| format!("{:?}", mailer(given, file(), public).unwrap().unwrap());
        assert!(shown(cli::Mail::default()).contains("from-file.example"));
        let other = shown(given(Some("smtp://portico@from-flag.example"), None, None));
        assert!(other.contains("from-flag.example") && !other.contains("secret"), "{other}");
        std::fs::write(&path, "\n").unwrap();
        let empty = mailer(cli::Mail::default(), file(), public).unwrap_err();
        assert!(empty.to_string().contains("empty"), "{empty}");
        assert_eq!(host_of("https://sso.acme.example:8443").as_deref(), Some("sso.acme.example"));
        assert_eq!(host_of("http://[::1]:8765").as_deref(), Some("[::1]"));
    }
}
