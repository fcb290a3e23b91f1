//! What is said about a form that was refused: beside the field that the refusal names, or at the head of the page.

use edge_portal::message;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::administrator::Administrator;

/// What is said.
#[derive(Debug)]
pub(crate) struct Told {
    field: Option<&'static str>,
    text: String,
    /// What to do next.
    pub(crate) next: Option<Sentence>,
    pub(crate) status: StatusCode,
}

impl Told {
    /// Of a refusal. `fields`: of the form, each with the word by which refusals name it.
    pub(crate) fn of(admin: &Administrator, why: &Fault, fields: &[(&'static str, &'static str)]) -> Self {
        let language = admin.visitor.language;
        let is_about_input = matches!(why.kind(), FaultKind::Validation | FaultKind::Conflict(_));
        let is_denied = matches!(why.kind(), FaultKind::AccessDenied);
        Self {
            field: if is_about_input { named(why.message(), fields) } else { None },
            text: language.told(why),
            next: is_denied.then(|| language.say("console-refused-next").with("role", &admin.role)),
            status: message::words(Language::English, why.kind()).0,
        }
    }

    /// Of a field, in words of the page.
    pub(crate) fn at_field(field: &'static str, text: &Sentence) -> Self {
        Self { field: Some(field), text: text.to_string(), next: None, status: StatusCode::BAD_REQUEST }
    }

    /// Of the whole form, in words of the page.
    pub(crate) fn whole(status: StatusCode, text: impl Into<String>) -> Self {
        Self { field: None, text: text.into(), next: None, status }
    }

    /// The same, said beside this field.
    pub(crate) fn on(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// What is said beside a field.
    pub(crate) fn beside(&self, field: &str) -> Option<&str> {
        (self.field == Some(field)).then_some(self.text.as_str())
    }

    /// What is said at the head.
    pub(crate) fn head(&self) -> Option<&str> {
        self.field.is_none().then_some(self.text.as_str())
    }
}

/// The field that is named first.
fn named(message: &str, fields: &[(&'static str, &'static str)]) -> Option<&'static str> {
    let message = message.to_ascii_lowercase();
    let found =
        fields.iter().filter_map(|(field, word)| Some((message.find(&word.to_ascii_lowercase())?, *field)));
    found.min_by_key(|(at, _)| *at).map(|(_, field)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_is_named_first_is_meant() {
        let fields = [("name", "'name'"), ("session", "sessionDuration")];
        for (message, expected) in [
            ("1 validation error detected: Value 'x' at 'name' failed to satisfy", Some("name")),
            ("SessionDuration is 'PT0H': it must be", Some("session")),
            ("no room", None),
        ] {
            assert_eq!(named(message, &fields), expected);
        }
    }
}
