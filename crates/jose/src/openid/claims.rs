//! What a provider says of a person, read as the type that is wanted. Whether it is true, and what becomes of it, is not known here.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::json::{kind, shown};

/// Characters of a claim's name at most.
const NAME_MAX: usize = 256;
/// Names that one pointer goes through at most.
const STEPS_MAX: usize = 8;
/// Where a provider says that it keeps a claim elsewhere (OpenID Connect Core §5.6.2). Entra ID does so with the groups of people who have many.
const ELSEWHERE: &str = "_claim_names";

/// The name of a claim, as an administrator writes it: the name to the letter (`https://id.example/groups`, `custom.team`), or a JSON pointer
/// (RFC 6901), which begins with `/`, for what lies within another claim (`/realm_access/roles`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimName {
    text: String,
    steps: Vec<String>,
}

/// Why a claim is not what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// No name of a claim.
    #[error("the name of a claim must have 1 to {NAME_MAX} characters; it has {0}")]
    NameLength(usize),
    /// No JSON pointer.
    #[error(
        "the claim {0} begins with / and so must be a JSON pointer: ~ only as ~0 (for ~) or ~1 (for /), {STEPS_MAX} names at most"
    )]
    Pointer(String),
    /// Of another type.
    #[error(
        "the claim {name} is {found}, not {wanted}: change what the provider puts into it, or map another claim"
    )]
    Kind {
        /// The claim.
        name: String,
        /// What it is.
        found: &'static str,
        /// What is wanted.
        wanted: &'static str,
    },
    /// Not sent, but said to be elsewhere.
    #[error(
        "the provider sent the claim {0} not itself but only where it could be asked for (too many groups, usually): have it send fewer, such as those assigned to the application"
    )]
    Elsewhere(String),
    /// Not there.
    #[error("the claim {0} is missing")]
    Missing(&'static str),
}

impl ClaimName {
    /// Reads a name.
    pub fn read(text: &str) -> Result<Self, ClaimError> {
        let length = text.chars().count();
        if !(1..=NAME_MAX).contains(&length) {
            return Err(ClaimError::NameLength(length));
        }
        let steps = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescaped).collect(),
            None => Some(vec![text.to_owned()]),
        };
        match steps {
            Some(steps) if steps.len() <= STEPS_MAX => Ok(Self { text: text.to_owned(), steps }),
            _ => Err(ClaimError::Pointer(shown(text))),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A name within a pointer (RFC 6901 §3, §4).
fn unescaped(step: &str) -> Option<String> {
    let is_escape = |rest: &str| rest.starts_with(['0', '1']);
    step.split('~').skip(1).all(is_escape).then(|| step.replace("~1", "/").replace("~0", "~"))
}

/// The claims of a token or of a userinfo answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Claims that somebody answers for: the payload of a verified token.
    pub(crate) const fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// All of them: to show an administrator what arrived.
    pub const fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A string, if the claim is there.
    pub fn text(&self, name: &ClaimName) -> Result<Option<&str>, ClaimError> {
        text(&name.text, self.find(name)?)
    }

    /// Strings: an array of them, or one alone, as some providers write it of somebody with one group. None, if the claim is not there.
    pub fn texts(&self, name: &ClaimName) -> Result<Option<Vec<&str>>, ClaimError> {
        texts(&name.text, self.find(name)?)
    }

    /// A boolean, or `"true"` and `"false"`, as Amazon Cognito and Apple write it.
    pub fn truth(&self, name: &ClaimName) -> Result<Option<bool>, ClaimError> {
        match self.find(name)? {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(other) => Err(of_kind(&name.text, other, "a boolean")),
        }
    }

    /// A value that is there and is not null. What is within an array has a number for a name, from 0, as RFC 6901 says.
    fn find(&self, name: &ClaimName) -> Result<Option<&Value>, ClaimError> {
        let Some((first, rest)) = name.steps.split_first() else { return Ok(None) };
        let Some(mut value) = self.0.get(first) else {
            let is_elsewhere = self.0.get(ELSEWHERE).is_some_and(|names| names.get(first).is_some());
            let elsewhere = || ClaimError::Elsewhere(shown(&name.text));
            return if is_elsewhere { Err(elsewhere()) } else { Ok(None) };
        };
        for step in rest {
            let is_index = step == "0" || !step.starts_with(['0', '+']);
            let below = match value {
                Value::Object(members) => members.get(step),
                Value::Array(elements) if is_index => {
                    step.parse().ok().and_then(|at: usize| elements.get(at))
                }
                _ => None,
            };
            let Some(below) = below else { return Ok(None) };
            value = below;
        }
        Ok(Some(value).filter(|value| !value.is_null()))
    }

    /// A claim of the standards, which is there and is not null.
    fn registered(&self, name: &'static str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether a claim of the standards is there.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.0.contains_key(name)
    }

    /// The object that a claim of the standards must be.
    pub(crate) fn object_of(&self, name: &'static str) -> Result<&Map<String, Value>, ClaimError> {
        let value = self.registered(name).ok_or(ClaimError::Missing(name))?;
        value.as_object().ok_or_else(|| of_kind(name, value, "an object"))
    }

    /// A string of the standards, if it is there.
    pub(crate) fn text_of(&self, name: &'static str) -> Result<Option<&str>, ClaimError> {
        text(name, self.registered(name))
    }

    /// A string of the standards that must be there.
    pub(crate) fn required_text(&self, name: &'static str) -> Result<&str, ClaimError> {
        self.text_of(name)?.ok_or(ClaimError::Missing(name))
    }

    /// Strings of the standards, or one, if it is there.
    pub(crate) fn texts_of(&self, name: &'static str) -> Result<Option<Vec<&str>>, ClaimError> {
        texts(name, self.registered(name))
    }

    /// A time in whole seconds since the epoch, if it is there. It may have a fraction (RFC 7519 §2, NumericDate).
    pub(crate) fn time_of(&self, name: &'static str) -> Result<Option<i64>, ClaimError> {
        let Some(value) = self.registered(name) else { return Ok(None) };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time beyond any number of seconds is out of every window all the same"
        )]
        let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
        seconds.map(Some).ok_or_else(|| of_kind(name, value, "a number of seconds since 1970"))
    }

    /// A time that must be there.
    pub(crate) fn required_time(&self, name: &'static str) -> Result<i64, ClaimError> {
        self.time_of(name)?.ok_or(ClaimError::Missing(name))
    }
}

fn text<'v>(name: &str, value: Option<&'v Value>) -> Result<Option<&'v str>, ClaimError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(of_kind(name, other, "a string")),
    }
}

fn texts<'v>(name: &str, value: Option<&'v Value>) -> Result<Option<Vec<&'v str>>, ClaimError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(vec![text])),
        Some(Value::Array(elements)) => {
            let one = |element: &'v Value| {
                element.as_str().ok_or_else(|| ClaimError::Kind {
                    name: shown(name),
                    found: "an array that holds something else",
                    wanted: "an array of strings",
                })
            };
            elements.iter().map(one).collect::<Result<_, _>>().map(Some)
        }
        Some(other) => Err(of_kind(name, other, "an array of strings")),
    }
}

fn of_kind(name: &str, found: &Value, wanted: &'static str) -> ClaimError {
    ClaimError::Kind { name: shown(name), found: kind(found), wanted }
}
