//! What becomes of a letter.

use mail::mailer::Mailer;
use mail::settings::{Sender, Server as Place, Settings};
use mail::undelivered::{Step, Undelivered};
use model::secret::Secret;
use model::signin::letter::{Letter, Line, MailAddress};
use model::timestamp::Timestamp;

use crate::server::{Script, Server};

const PASSWORD: &str = "hunter2-of-the-mail-server";

fn letter(to: &str) -> Letter {
    Letter {
        id: "0b0f1e2d-3c4b-4a59-8877-665544332211".to_owned(),
        to: MailAddress::parse(to).unwrap(),
        subject: Line::new("Welcome"),
        text: Secret::new("The link: https://sso.acme.example/invitation?token=abc\n"),
        html: Secret::new("<p>The link.</p>"),
        written_at: Timestamp::from_seconds(1_764_000_000),
    }
}

/// Whether the certificate is trusted.
fn mailer(scheme: &str, server: &Server, trusts: bool) -> Mailer {
    let settings = Settings {
        server: Place::parse(&format!("{scheme}://portico@localhost:{}", server.port)).unwrap(),
        password: Some(Secret::new(PASSWORD)),
        from: Sender::parse("Portico <portico@acme.example>").unwrap(),
        ca: trusts.then(|| server.ca.clone()),
        hello: "sso.acme.example".to_owned(),
    };
    Mailer::new(settings).unwrap()
}

async fn delivered(scheme: &str, script: Script, to: &str) -> (Result<(), Undelivered>, Vec<String>) {
    let server = Server::start(scheme == "smtps", script).await;
    let result = mailer(scheme, &server, true).deliver(&letter(to)).await;
    (result, server.heard())
}

fn is_secret(line: &str) -> bool {
    // AUTH PLAIN and the link, as they travel.
    line.contains("AUTH") || line.contains("MAIL FROM") || line.contains("RCPT") || line.contains("token=")
}

#[tokio::test]
async fn a_letter_arrives_by_tls_and_by_starttls() {
    for scheme in ["smtps", "smtp"] {
        let (result, heard) = delivered(scheme, &[], "jane@acme.example").await;
        assert_eq!(result, Ok(()), "{heard:#?}");
        for line in [
            "tls EHLO sso.acme.example",
            "tls MAIL FROM:<portico@acme.example>",
            "tls RCPT TO:<jane@acme.example>",
        ] {
            assert!(heard.iter().any(|heard| heard == line), "{line} in {heard:#?}");
        }
        assert!(
            heard.iter().any(|line| line.contains("token=3Dabc") || line.contains("token=abc")),
            "{heard:#?}"
        );
        assert!(!heard.iter().any(|line| line.starts_with("clear") && is_secret(line)), "{heard:#?}");
    }
}

#[tokio::test]
async fn starttls_stripping_nothing_is_sent_in_the_clear() {
    for script in [
        &[("EHLO", "250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n")][..],
        &[("STARTTLS", "454 not now\r\n")],
        &[("STARTTLS", "250 why not\r\n")],
    ] {
        let (result, heard) = delivered("smtp", script, "jane@acme.example").await;
        let undelivered = result.unwrap_err();
        assert_eq!((undelivered.step, undelivered.is_final), (Step::StartTls, false), "{undelivered}");
        assert!(!heard.iter().any(|line| is_secret(line)), "{heard:#?}");
    }
}

#[tokio::test]
async fn starttls_injection_what_was_said_before_tls_is_not_heard_after_it() {
    for script in [
        &[("STARTTLS", "220 go on\r\n250-evil\r\n250 AUTH PLAIN\r\n")][..],
        &[("GREETING", "220 ready\r\n250 STARTTLS\r\n")],
        &[("EHLO", "250-mail.test\r\n250 STARTTLS\r\n220 go on\r\n")],
    ] {
        let (result, heard) = delivered("smtp", script, "jane@acme.example").await;
        let undelivered = result.unwrap_err();
        assert!(undelivered.said.contains("more than it was asked"), "{undelivered}");
        assert!(!heard.iter().any(|line| is_secret(line)), "{heard:#?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_nothing() {
    for scheme in ["smtps", "smtp"] {
        let server = Server::start(scheme == "smtps", &[]).await;
        let undelivered =
            mailer(scheme, &server, false).deliver(&letter("jane@acme.example")).await.unwrap_err();
        assert_eq!((undelivered.step, undelivered.is_final), (Step::Handshake, false), "{undelivered}");
        assert!(!server.heard().iter().any(|line| is_secret(line)), "{:#?}", server.heard());
        // Trusted, and for another name.
        let settings = Settings {
            server: Place::parse(&format!("{scheme}://127.0.0.1:{}", server.port)).unwrap(),
            password: None,
            from: Sender::parse("portico@acme.example").unwrap(),
            ca: Some(server.ca.clone()),
            hello: "192.0.2.1".to_owned(),
        };
        let undelivered =
            Mailer::new(settings).unwrap().deliver(&letter("jane@acme.example")).await.unwrap_err();
        assert_eq!(undelivered.step, Step::Handshake, "{undelivered}");
    }
}

#[tokio::test]
async fn only_a_refusal_of_this_letter_is_final() {
    for (script, step, is_final) in [
        (&[("GREETING", "554 no service\r\n")][..], Step::Greet, false),
        (&[("AUTH", "535 5.7.8 wrong\r\n")], Step::Authenticate, false),
        (&[("AUTH", "454 4.7.0 not now\r\n")], Step::Authenticate, false),
        (&[("MAIL", "550 5.7.1 not yours\r\n")], Step::Sender, false),
        (&[("RCPT", "550 5.1.1 nobody\r\n")], Step::Recipient, true),
        (&[("RCPT", "450 4.2.0 greylisted\r\n")], Step::Recipient, false),
        (&[("RCPT", "530 5.7.0 authenticate first\r\n")], Step::Recipient, false),
        (&[("DATA", "451 4.3.0 not now\r\n")], Step::Content, false),
        (&[(".", "554 5.6.0 we do not like it\r\n")], Step::Content, true),
        (&[(".", "452 4.3.1 full\r\n")], Step::Content, false),
    ] {
        let (result, heard) = delivered("smtps", script, "jane@acme.example").await;
        let undelivered = result.unwrap_err();
        assert_eq!((undelivered.step, undelivered.is_final), (step, is_final), "{undelivered} {heard:#?}");
        assert!(!undelivered.to_string().contains(PASSWORD) && !undelivered.said.contains("token"));
        assert_eq!(undelivered.is_of_server(), !matches!(step, Step::Recipient | Step::Content));
    }
    let (result, _) = delivered("smtps", &[], "jürgen@acme.example").await;
    assert!(result.unwrap_err().is_final, "this server does not take other than ASCII");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_so() {
    let nobody = Settings {
        server: Place::parse("smtps://127.0.0.1:1").unwrap(),
        password: None,
        from: Sender::parse("portico@acme.example").unwrap(),
        ca: None,
        hello: "sso.acme.example".to_owned(),
    };
    let undelivered = Mailer::new(nobody).unwrap().deliver(&letter("jane@acme.example")).await.unwrap_err();
    assert_eq!((undelivered.step, undelivered.is_final), (Step::Connect, false), "{undelivered}");
}

#[test]
fn settings_that_do_not_belong_together_are_refused() {
    let settings = |server: &str, password: bool, ca: Option<&str>| Settings {
        server: Place::parse(server).unwrap(),
        password: password.then(|| Secret::new(PASSWORD)),
        from: Sender::parse("portico@acme.example").unwrap(),
        ca: ca.map(Into::into),
        hello: "sso.acme.example".to_owned(),
    };
    for (given, why) in [
        (settings("smtps://portico@localhost", false, None), "no password"),
        (settings("smtps://localhost", true, None), "no user"),
        (settings("smtps://localhost", false, Some("/nowhere/ca.pem")), "/nowhere/ca.pem"),
        (settings("smtps://localhost", false, Some("Cargo.toml")), "Cargo.toml"),
    ] {
        let fault = Mailer::new(given).unwrap_err();
        assert!(fault.message().contains(why) && !fault.message().contains(PASSWORD), "{}", fault.message());
    }
}
