//! A field of a form as a page shows it: what it is called, what is in it, and what was refused about it.

use edge_portal::message;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::{Fault, FaultKind};

use crate::administrator::Administrator;
use crate::fields::Fields;

/// What a form has one of for each thing that people type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// What it is called in the catalogs.
    pub(crate) label: &'static str,
    /// By which word, in small letters, a refusal of the API names it.
    pub(crate) named: &'static str,
    /// Whether there must be something in it.
    pub(crate) required: bool,
    /// The kind of `<input>`.
    pub(crate) kind: &'static str,
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: Sentence,
    pub(crate) value: String,
    pub(crate) required: bool,
    pub(crate) kind: &'static str,
    /// What was there when the form was made, by which it is seen whether somebody else changed it meanwhile.
    pub(crate) was: Option<String>,
    /// What somebody else made of it meanwhile.
    pub(crate) meanwhile: Option<Sentence>,
    /// What the API has against it.
    pub(crate) fault: Option<String>,
}

impl Field {
    /// A field with this in it.
    pub(crate) fn new(language: Language, spec: &Spec, value: impl Into<String>) -> Self {
        Self {
            name: spec.name,
            label: language.say(spec.label),
            value: value.into(),
            required: spec.required,
            kind: spec.kind,
            was: None,
            meanwhile: None,
            fault: None,
        }
    }

    /// Said against what is there now: whether somebody changed it since the form was made.
    #[must_use]
    pub(crate) fn against(self, language: Language, form: &Fields, now: &str) -> Self {
        let was = form.text(&format!("was_{}", self.name));
        let meanwhile = (now.trim() != was).then(|| match now {
            "" => language.say("console-meanwhile-empty"),
            now => language.say("console-meanwhile").with("value", now),
        });
        Self { was: Some(now.to_owned()), meanwhile, ..self }
    }

    /// Whether its text has many lines.
    pub(crate) fn is_long(&self) -> bool {
        self.kind == "textarea"
    }
}

/// What went wrong with a form, or with one of the acts of a page: said at the head of it.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) text: String,
    pub(crate) next: Option<Sentence>,
}

impl Trouble {
    /// In the visitor's language.
    pub(crate) fn of(admin: &Administrator, why: &Fault) -> Self {
        let language = admin.visitor.language;
        let next = matches!(why.kind(), FaultKind::AccessDenied)
            .then(|| language.say("console-refused-next").with("role", &admin.role));
        Self { text: language.told(why), next }
    }

    /// The status of a page that says it.
    pub(crate) fn status(why: &Fault) -> StatusCode {
        message::words(Language::English, why.kind()).0
    }

    /// The status of a page that asks for a name and was refused, or given a wrong one.
    pub(crate) fn status_of_confirming(why: Option<&Fault>, is_wrong: bool) -> StatusCode {
        let unless_refused = if is_wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        why.map_or(unless_refused, Self::status)
    }

    /// The same, unless one of `fields` is what it is about: then it is said there.
    pub(crate) fn beside(
        admin: &Administrator,
        why: &Fault,
        specs: &[Spec],
        fields: &mut [Field],
    ) -> Option<Self> {
        let trouble = Self::of(admin, why);
        let is_about_input = matches!(why.kind(), FaultKind::Validation | FaultKind::Conflict(_));
        let Some(spec) = is_about_input.then(|| meant(why.message(), specs)).flatten() else {
            return Some(trouble);
        };
        match fields.iter_mut().find(|field| field.name == spec.name) {
            Some(field) => {
                field.fault = Some(trouble.text);
                None
            }
            None => Some(trouble),
        }
    }
}

/// The field that a refusal names: the first of those in it, and of two that begin alike the longer one.
fn meant<'s>(message: &str, specs: &'s [Spec]) -> Option<&'s Spec> {
    let message = message.to_ascii_lowercase();
    let found = specs.iter().filter_map(|spec| Some((message.find(spec.named)?, spec)));
    found.min_by_key(|(at, spec)| (*at, usize::MAX - spec.named.len())).map(|(_, spec)| spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_said_beside_the_field_that_it_names() {
        let spec = |name, named| Spec { name, label: "console", named, required: false, kind: "text" };
        let specs = [spec("user", "username"), spec("given", "givenname"), spec("mail", "email")];
        for (message, expected) in [
            ("Duplicate UserName", Some("user")),
            ("name.givenName must have 1 to 1024 characters", Some("given")),
            ("emails[0].value must not hold a userName", Some("mail")),
            ("Too many users", None),
        ] {
            assert_eq!(meant(message, &specs).map(|spec| spec.name), expected, "{message}");
        }
    }
}
