//! Letters: which sentences stand in which, and how they are set as plain text and as HTML. What the sentences say, in which language, is
//! `letter_words.rs`. Nothing in a letter is loaded from anywhere.

use std::net::IpAddr;

use model::directory::user::User;
use model::secret::Secret;
use model::signin::letter::Line;
use model::timestamp::Timestamp;

use crate::config::Config;
use crate::letter_words::Language;

/// A letter's text.
#[derive(Debug, Clone)]
pub struct Text {
    /// About what.
    pub subject: Line,
    /// As plain text.
    pub plain: Secret,
    /// As HTML.
    pub html: Secret,
}

/// Whom a letter speaks to, and where they sign in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    /// What they are called.
    pub(crate) display_name: &'a str,
    /// What they sign in with.
    pub(crate) user_name: &'a str,
    /// Where the pages are: scheme, host, perhaps a port.
    pub(crate) pages: &'a str,
    /// What people know the portal by, if it has a name.
    pub(crate) portal: Option<&'a str>,
    /// What they read.
    pub(crate) language: Language,
}

impl<'a> Person<'a> {
    /// A user of the directory.
    pub(crate) fn of(user: &'a User, config: &'a Config, portal: Option<&'a str>) -> Self {
        Self {
            portal,
            display_name: &user.profile.display_name,
            user_name: &user.profile.user_name,
            pages: &config.portal_base_url,
            language: Language::of(user),
        }
    }
}

impl Person<'_> {
    /// The pages as people know them: by the name of the portal, and always by the host, which nobody else can give themselves.
    fn place(&self) -> String {
        let host = self.pages.split_once("://").map_or(self.pages, |(_, place)| place);
        match self.portal {
            Some(name) => format!("{} ({host})", Line::new(name).as_str()),
            None => host.to_owned(),
        }
    }

    /// A message that may name the place and the person.
    fn say(&self, name: &str) -> String {
        self.say_with(name, &[])
    }

    /// A message with a moment in it.
    fn say_of(&self, name: &str, moment: Timestamp) -> String {
        self.say_with(name, &[("moment", &moment.minute())])
    }

    fn say_with(&self, name: &str, more: &[(&'static str, &str)]) -> String {
        let user = Line::new(self.user_name);
        let place = self.place();
        let texts = [[("place", place.as_str()), ("user", user.as_str())].as_slice(), more].concat();
        self.language.say(name, &texts)
    }

    fn details(&self, happened: Happened<'_>) -> Part {
        let mut lines = vec![self.say_of("when", happened.at)];
        if let Some(address) = source(happened.source_ip) {
            lines.push(self.language.say("from", &[("address", &address)]));
        }
        let agent = Line::new(happened.user_agent);
        if !agent.as_str().is_empty() {
            lines.push(self.language.say("with", &[("agent", agent.as_str())]));
        }
        Part::Lines(lines)
    }

    /// A letter to this person.
    fn set(&self, subject: &str, mut parts: Vec<Part>) -> Text {
        let name = Line::new(self.display_name);
        parts.insert(0, Part::Words(self.language.say("hello", &[("name", name.as_str())])));
        set(self.language, subject, parts)
    }
}

/// Where and when something happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened<'a> {
    /// When.
    pub(crate) at: Timestamp,
    /// From which address; empty for an administrator's doing.
    pub(crate) source_ip: &'a str,
    /// With what.
    pub(crate) user_agent: &'a str,
}

/// What it is that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndingKind {
    /// What a provider calls with.
    Token,
    /// What it signs with.
    Certificate,
    /// By what an application knows what it is told.
    ApplicationCertificate,
    /// By what an application proves that it is itself.
    ClientSecret,
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// By which it is known whether it was announced.
    pub id: String,
    /// What it is.
    pub kind: EndingKind,
    /// What people call it, if they call it anything.
    pub name: Option<String>,
    /// What people call the provider or application.
    pub source: String,
    /// Where it is replaced: a path of the pages.
    pub page: String,
    /// When.
    pub at: Timestamp,
}

/// An account was made for a person, who chooses a password now.
pub(crate) fn invitation(person: Person<'_>, link: &Secret, until: Timestamp) -> Text {
    person.set(
        &person.say("invitation-subject"),
        vec![
            Part::Words(person.say("invitation-made")),
            Part::Words(person.say_of("invitation-link", until)),
            Part::Link(link.clone()),
            Part::Words(person.say("invitation-keep")),
        ],
    )
}

/// An administrator has a person choose another password.
pub(crate) fn reset(person: Person<'_>, link: &Secret, until: Timestamp) -> Text {
    person.set(
        &person.say("reset-subject"),
        vec![
            Part::Words(person.say("reset-asked")),
            Part::Words(person.say_of("reset-link", until)),
            Part::Link(link.clone()),
            Part::Words(person.say("reset-keep")),
        ],
    )
}

/// Somebody said on the page that they forgot a person's password.
pub(crate) fn forgotten(
    person: Person<'_>,
    link: &Secret,
    (until, asked): (Timestamp, Happened<'_>),
) -> Text {
    let said = match source(asked.source_ip) {
        None => person.say("forgotten-said"),
        Some(address) => person.say_with("forgotten-said-from", &[("address", &address)]),
    };
    person.set(
        &person.say("forgotten-subject"),
        vec![
            Part::Words(said),
            Part::Words(person.say_of("forgotten-link", until)),
            Part::Link(link.clone()),
            Part::Words(person.say("forgotten-keep")),
        ],
    )
}

/// A person's password is another one now.
pub(crate) fn password_changed(person: Person<'_>, happened: Happened<'_>) -> Text {
    person.set(
        &person.say("changed-subject"),
        vec![
            Part::Words(person.say("changed")),
            person.details(happened),
            Part::Words(person.say("changed-next")),
        ],
    )
}

/// A person was signed in with a browser that was not seen with them before, from an address where they were not.
pub(crate) fn new_device(person: Person<'_>, happened: Happened<'_>) -> Text {
    person.set(
        &person.say("device-subject"),
        vec![
            Part::Words(person.say("device")),
            person.details(happened),
            Part::Words(person.say("device-next")),
        ],
    )
}

/// A code to sign in with was asked for, by somebody who knows the password.
pub(crate) fn code(person: Person<'_>, code: &Secret, (until, asked): (Timestamp, Happened<'_>)) -> Text {
    person.set(
        &person.say("code-subject"),
        vec![
            Part::Words(person.say("code")),
            Part::Code(code.clone()),
            Part::Words(person.say_of("code-works", until)),
            person.details(asked),
            Part::Words(person.say("code-next")),
        ],
    )
}

/// What an identity provider calls or signs with, or what is between an application and us, ends soon.
pub(crate) fn expiry(person: Person<'_>, ending: &Ending) -> Text {
    let source = Line::new(&ending.source);
    let name = ending.name.as_deref().map(Line::new);
    let moment = ending.at.minute();
    let called = name.as_ref().map(Line::as_str).unwrap_or_default();
    let more = [("source", source.as_str()), ("moment", moment.as_str()), ("name", called)];
    let say = |message: &str| person.say_with(message, &more);
    let [subject, said, next] = match (ending.kind, &name) {
        (EndingKind::Token, Some(_)) => {
            [say("expiry-token-subject"), say("expiry-named-token"), say("expiry-token-next")]
        }
        (EndingKind::Token, None) => {
            [say("expiry-token-subject"), say("expiry-token"), say("expiry-token-next")]
        }
        (EndingKind::Certificate, _) => {
            [say("expiry-certificate-subject"), say("expiry-certificate"), say("expiry-certificate-next")]
        }
        (EndingKind::ApplicationCertificate, _) => [
            say("expiry-application-certificate-subject"),
            say("expiry-application-certificate"),
            say("expiry-application-certificate-next"),
        ],
        (EndingKind::ClientSecret, Some(_)) => {
            [say("expiry-secret-subject"), say("expiry-named-secret"), say("expiry-secret-next")]
        }
        (EndingKind::ClientSecret, None) => {
            [say("expiry-secret-subject"), say("expiry-secret"), say("expiry-secret-next")]
        }
    };
    let link = Secret::new(format!("{}{}", person.pages, ending.page));
    person.set(&subject, vec![Part::Words(said), Part::Words(next), Part::Link(link)])
}

/// An administrator tries the settings of mail.
pub fn test(place: &str) -> Text {
    let (language, place) = (Language::English, Line::new(place));
    let texts = [("place", place.as_str()), ("command", "portico mail-test")];
    set(language, &language.say("test-subject", &[]), vec![Part::Words(language.say("test", &texts))])
}

/// The address that something came from, if it is one.
fn source(source_ip: &str) -> Option<String> {
    source_ip.parse::<IpAddr>().ok().map(|address| address.to_string())
}

/// A paragraph.
enum Part {
    Words(String),
    Lines(Vec<String>),
    Link(Secret),
    Code(Secret),
}

fn set(language: Language, subject: &str, parts: Vec<Part>) -> Text {
    let tag = language.tag();
    let (mut plain, mut html) = (String::new(), String::new());
    for part in parts {
        let (as_plain, as_html) = match part {
            Part::Words(words) => (words.clone(), escaped(&words)),
            Part::Lines(lines) => {
                let as_html: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
                (lines.join("\n"), as_html.join("<br>\n"))
            }
            Part::Link(link) => {
                let shown = escaped(link.expose());
                (link.expose().to_owned(), format!("<a href=\"{shown}\">{shown}</a>"))
            }
            Part::Code(code) => {
                (code.expose().to_owned(), format!("<strong>{}</strong>", escaped(code.expose())))
            }
        };
        plain = format!("{plain}{as_plain}\n\n");
        html = format!("{html}<p>{as_html}</p>\n");
    }
    let subject = Line::new(subject);
    let title = escaped(subject.as_str());
    let html = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n{html}</body>\n</html>\n"
    );
    let plain = Secret::new(format!("{}\n", plain.trim_end()));
    Text { subject, plain, html: Secret::new(html) }
}

/// Text within HTML, also within quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: Person<'static> = Person {
        display_name: "Jane\r\nBcc: all@evil.example <b>\"x\"</b>",
        user_name: "jane",
        pages: "https://sso.acme.example",
        portal: None,
        language: Language::English,
    };

    #[test]
    fn what_people_call_themselves_is_text_on_one_line() {
        let link = Secret::new("https://sso.acme.example/invitation?token=abc&x='\"");
        let text = invitation(PERSON, &link, Timestamp::from_seconds(1_764_000_000));
        assert_eq!(text.subject.as_str(), "Welcome: choose your password for sso.acme.example");
        let plain = text.plain.expose();
        assert!(plain.starts_with("Hello Jane Bcc: all@evil.example <b>\"x\"</b>,\n"), "{plain}");
        assert!(plain.contains("until 2025-11-24 16:00 UTC:\n\nhttps://"), "{plain}");
        let html = text.html.expose();
        assert!(html.contains("&lt;b&gt;&quot;x&quot;&lt;/b&gt;") && !html.contains("<b>"), "{html}");
        assert!(
            html.contains("href=\"https://sso.acme.example/invitation?token=abc&amp;x=&#39;&quot;\""),
            "{html}"
        );
        assert!(!format!("{text:?}").contains("token"));
    }

    #[test]
    fn what_happened_is_told_without_what_is_not_known() {
        let happened = Happened {
            at: Timestamp::from_seconds(1_764_000_000),
            source_ip: "192.0.2.1",
            user_agent: "Mozilla\n5.0",
        };
        let plain = new_device(PERSON, happened).plain;
        assert!(
            plain.expose().contains("\nFrom: the address 192.0.2.1\nWith: Mozilla 5.0\n"),
            "{}",
            plain.expose()
        );
        let unknown = Happened { source_ip: "", user_agent: "", ..happened };
        let plain = password_changed(PERSON, unknown).plain;
        assert!(!plain.expose().contains("From:") && !plain.expose().contains("With:"), "{}", plain.expose());
    }

    #[test]
    fn a_letter_says_whose_portal_it_is_about_and_where_that_is() {
        let named = Person { portal: Some("Acme\r\nBcc: x"), ..PERSON };
        let link = Secret::new("https://sso.acme.example/invitation?token=abc");
        let text = invitation(named, &link, Timestamp::from_seconds(1_764_000_000));
        assert_eq!(text.subject.as_str(), "Welcome: choose your password for Acme Bcc: x (sso.acme.example)");
    }

    #[test]
    fn a_letter_is_in_the_language_of_its_person() {
        let german = Person { language: Language::German, ..PERSON };
        let until = Timestamp::from_seconds(1_764_000_000);
        let text = code(
            german,
            &Secret::new("12345678"),
            (until, Happened { at: until, source_ip: "192.0.2.1", user_agent: "" }),
        );
        assert_eq!(text.subject.as_str(), "Ihr Code für die Anmeldung bei sso.acme.example");
        let plain = text.plain.expose();
        assert!(plain.starts_with("Guten Tag Jane Bcc:") && plain.contains("\n\n12345678\n\n"), "{plain}");
        assert!(plain.contains("Wann: 2025-11-24 16:00 UTC\nVon: der Adresse 192.0.2.1\n"), "{plain}");
        assert!(text.html.expose().contains("<html lang=\"de\">"));
    }
}
