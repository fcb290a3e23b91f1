//! What letters say: every sentence of every letter, and how they are set as plain text and as HTML. Nothing in a letter is loaded from anywhere.

use std::net::IpAddr;

use model::directory::user::User;
use model::secret::Secret;
use model::signin::letter::Line;
use model::timestamp::Timestamp;

use crate::config::Config;

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
}

impl<'a> Person<'a> {
    /// A user of the directory.
    pub(crate) fn of(user: &'a User, config: &'a Config) -> Self {
        Self {
            display_name: &user.profile.display_name,
            user_name: &user.profile.user_name,
            pages: &config.portal_base_url,
        }
    }
}

impl Person<'_> {
    /// The host of the pages, as people know it.
    fn place(&self) -> &str {
        self.pages.split_once("://").map_or(self.pages, |(_, place)| place)
    }

    fn greeting(&self) -> Part {
        Part::Words(format!("Hello {},", Line::new(self.display_name)))
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

/// An account was made for a person, who chooses a password now.
pub(crate) fn invitation(person: Person<'_>, link: &Secret, until: Timestamp) -> Text {
    let place = person.place();
    set(
        &format!("Welcome: choose your password for {place}"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "an account was made for you at {place}. Your user name is {}.",
                Line::new(person.user_name)
            )),
            Part::Words(format!("Choose your password here. The link works once, until {}:", until.minute())),
            Part::Link(link.clone()),
            Part::Words(
                "Keep the link to yourself: whoever has it can choose the password. If you did not expect this letter, ask your administrator."
                    .to_owned(),
            ),
        ],
    )
}

/// An administrator has a person choose another password.
pub(crate) fn reset(person: Person<'_>, link: &Secret, until: Timestamp) -> Text {
    let place = person.place();
    set(
        &format!("Choose a new password for {place}"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "your administrator asks you to choose a new password at {place}, for the user name {}.",
                Line::new(person.user_name)
            )),
            Part::Words(format!("Choose it here. The link works once, until {}:", until.minute())),
            Part::Link(link.clone()),
            Part::Words(
                "Until then your password stays as it is. Keep the link to yourself: whoever has it can choose the password."
                    .to_owned(),
            ),
        ],
    )
}

/// Somebody said on the page that they forgot a person's password.
pub(crate) fn forgotten(
    person: Person<'_>,
    link: &Secret,
    (until, asked): (Timestamp, Happened<'_>),
) -> Text {
    let place = person.place();
    let from =
        source(asked.source_ip).map(|from| format!(" The question came from {from}.")).unwrap_or_default();
    set(
        &format!("Choose a new password for {place}"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "somebody, most likely you, said at {place} that they forgot the password of the user name {}.{from}",
                Line::new(person.user_name)
            )),
            Part::Words(format!("Choose a new one here. The link works once, until {}:", until.minute())),
            Part::Link(link.clone()),
            Part::Words(
                "If it was not you, there is nothing to do: without the link your password stays as it is. Keep the link to yourself."
                    .to_owned(),
            ),
        ],
    )
}

/// A person's password is another one now.
pub(crate) fn password_changed(person: Person<'_>, happened: Happened<'_>) -> Text {
    let place = person.place();
    set(
        &format!("Your password for {place} was changed"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "the password of your user name {} at {place} was changed.",
                Line::new(person.user_name)
            )),
            details(happened),
            Part::Words(
                "If that was you or your administrator, there is nothing to do. If not, tell your administrator at once."
                    .to_owned(),
            ),
        ],
    )
}

/// A person was signed in with a browser that was not seen with them before, from an address where they were not.
pub(crate) fn new_device(person: Person<'_>, happened: Happened<'_>) -> Text {
    let place = person.place();
    set(
        &format!("A new device signed in to {place}"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "somebody signed in at {place} as {} with a browser that was not seen there with that name before.",
                Line::new(person.user_name)
            )),
            details(happened),
            Part::Words(
                "If it was you, there is nothing to do. If not, somebody knows your password: choose another one and tell your administrator at once."
                    .to_owned(),
            ),
        ],
    )
}

/// A code to sign in with was asked for, by somebody who knows the password.
pub(crate) fn code(person: Person<'_>, code: &Secret, (until, asked): (Timestamp, Happened<'_>)) -> Text {
    let place = person.place();
    set(
        &format!("Your code to sign in to {place}"),
        vec![
            person.greeting(),
            Part::Words(format!(
                "somebody, most likely you, signs in at {place} as {} and gave the right password. The code for it is:",
                Line::new(person.user_name)
            )),
            Part::Code(code.clone()),
            Part::Words(format!(
                "It works once, until {}, in the browser where it was asked for. Type it there and nowhere else, and tell it to nobody who asks for it.",
                until.minute()
            )),
            details(asked),
            Part::Words(
                "If it was not you, somebody knows your password: choose another one and tell your administrator at once."
                    .to_owned(),
            ),
        ],
    )
}

/// An administrator tries the settings of mail.
pub fn test(place: &str) -> Text {
    set(
        "Mail from Portico works",
        vec![Part::Words(format!(
            "This letter was sent by `portico mail-test` at {}. Whoever sent it can read now that letters from there arrive here.",
            Line::new(place)
        ))],
    )
}

fn details(happened: Happened<'_>) -> Part {
    let mut lines = vec![format!("When: {}", happened.at.minute())];
    lines.extend(source(happened.source_ip).map(|from| format!("From: {from}")));
    let agent = Line::new(happened.user_agent);
    if !agent.as_str().is_empty() {
        lines.push(format!("With: {agent}"));
    }
    Part::Lines(lines)
}

/// The address that something came from, if it is one.
fn source(source_ip: &str) -> Option<String> {
    source_ip.parse::<IpAddr>().ok().map(|address| format!("the address {address}"))
}

/// A paragraph.
enum Part {
    Words(String),
    Lines(Vec<String>),
    Link(Secret),
    Code(Secret),
}

fn set(subject: &str, parts: Vec<Part>) -> Text {
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
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n{html}</body>\n</html>\n"
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
}
