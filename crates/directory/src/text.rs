//! Which texts a person's or group's attributes may hold: the limits and patterns of the identity store's model. They are
//! here too, and not only in the model, since attributes also arrive in documents (UpdateUser), in SCIM and from seed files.

use std::sync::OnceLock;

use model::fault::Fault;
use model::name_key::name_key;
use regex::Regex;

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextRule {
    /// A user name: no white space.
    UserName,
    /// Any other attribute.
    Attribute,
    /// The issuer or id of an external id: no white space.
    ExternalId,
}

/// Names that neither a user nor a group may have (API reference, CreateUser and CreateGroup).
const RESERVED: [&str; 2] = ["Administrator", "AWSAdministrators"];

impl TextRule {
    const fn length_max(self) -> usize {
        match self {
            Self::UserName => 128,
            Self::Attribute => 1_024,
            Self::ExternalId => 256,
        }
    }

    /// Characters of the model's classes only; a pattern that did not compile would allow nothing.
    fn allows(self, text: &str) -> bool {
        static SPACED: OnceLock<Option<Regex>> = OnceLock::new();
        static SOLID: OnceLock<Option<Regex>> = OnceLock::new();
        let regex = match self {
            Self::Attribute => SPACED
                .get_or_init(|| Regex::new(r"\A[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \x{a0}\x{3000}]+\z").ok()),
            Self::UserName | Self::ExternalId => {
                SOLID.get_or_init(|| Regex::new(r"\A[\p{L}\p{M}\p{S}\p{N}\p{P}]+\z").ok())
            }
        };
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// Refuses a text that the rule does not allow. The value is a person's data, so that it is not repeated.
pub(crate) fn check(path: &str, text: &str, rule: TextRule) -> Result<(), Fault> {
    let length = text.chars().count();
    if length == 0 || length > rule.length_max() {
        return Err(Fault::validation(format!(
            "{path} must have 1 to {} characters; it has {length}",
            rule.length_max()
        )));
    }
    if rule.allows(text) {
        return Ok(());
    }
    Err(Fault::validation(match rule {
        TextRule::Attribute => {
            format!("{path} must hold letters, marks, symbols, numbers, punctuation and white space only")
        }
        TextRule::UserName | TextRule::ExternalId => {
            format!("{path} must hold letters, marks, symbols, numbers and punctuation only, no white space")
        }
    }))
}

/// Refuses a name that is AWS's own.
pub(crate) fn refuse_reserved(path: &str, name: &str) -> Result<(), Fault> {
    let key = name_key(name);
    match RESERVED.iter().find(|reserved| name_key(reserved) == key) {
        Some(reserved) => Err(Fault::validation(format!("{path} must not be the reserved name {reserved}"))),
        None => Ok(()),
    }
}

/// Refuses an attribute that is not given.
pub(crate) fn require<'a>(path: &str, text: Option<&'a str>) -> Result<&'a str, Fault> {
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| Fault::validation(format!("{path} is a required attribute")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_have_no_white_space_and_at_most_128_characters() {
        for good in ["jane", "jane.doe+x@example.com", "ジェーン", "jos\u{301}e", &"é".repeat(128)] {
            assert!(check("UserName", good, TextRule::UserName).is_ok(), "{good}");
        }
        for bad in ["", "jane doe", "jane\n", "a\u{0}", "a\u{200b}", &"é".repeat(129)] {
            let fault = check("UserName", bad, TextRule::UserName).unwrap_err();
            assert!(fault.message().starts_with("UserName must"), "{bad:?}: {fault}");
        }
    }

    #[test]
    fn attributes_may_have_white_space_but_no_control_characters() {
        assert!(check("Title", "Head of\tIT\u{3000}", TextRule::Attribute).is_ok());
        assert!(check("Title", "bell\u{7}", TextRule::Attribute).is_err());
        assert!(check("Title", &"x".repeat(1_025), TextRule::Attribute).is_err());
    }

    #[test]
    fn reserved_names_are_refused_however_spelled() {
        for name in ["Administrator", "ADMINISTRATOR", "awsadministrators"] {
            assert!(refuse_reserved("UserName", name).is_err(), "{name}");
        }
        assert!(refuse_reserved("UserName", "Administrators").is_ok());
    }
}
