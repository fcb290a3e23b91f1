//! The machinery of typed ids: a validated string behind a name of its own, so that no bare `String` id crosses a
//! function boundary. Which shapes exist is said beside each entity.

use uuid::Uuid;

use crate::fault::Fault;

/// Defines a newtype over a validated string.
macro_rules! string_id {
    ($(#[$meta:meta])* $name:ident, $what:literal, $valid:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses the id; the error names what was expected.
            pub fn parse(value: impl Into<String>) -> Result<Self, $crate::fault::Fault> {
                let value = value.into();
                if ($valid)(value.as_str()) {
                    Ok(Self(value))
                } else {
                    Err($crate::fault::Fault::validation(concat!($what, " is not valid")))
                }
            }

            /// The id from a place that only ever held valid ones: our own store or our own generator.
            pub fn trusted(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}
pub(crate) use string_id;

/// A lower-case hyphenated UUID.
pub fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        && Uuid::try_parse(value).is_ok()
}

/// The identity store's id form for users, groups and memberships: a UUID, optionally behind ten hexadecimal digits and a hyphen.
pub fn is_resource_uuid(value: &str) -> bool {
    match value.len() {
        36 => is_uuid(value),
        47 => value.split_once('-').is_some_and(|(prefix, rest)| is_lower_hex(prefix, 10) && is_uuid(rest)),
        _ => false,
    }
}

/// The id in a reference to a user, group or membership: the id itself, or its ARN `arn:aws:identitystore:::<kind>/<id>`. The model
/// of the identity store takes hexadecimal digits of either case; ids are kept in lower case.
pub(crate) fn referenced_id(text: &str, kind: &str) -> Result<String, Fault> {
    let Some(rest) = text.strip_prefix("arn:") else { return Ok(text.to_ascii_lowercase()) };
    rest.strip_prefix("aws:identitystore:::")
        .and_then(|rest| rest.strip_prefix(kind)?.strip_prefix('/'))
        .map(str::to_ascii_lowercase)
        .ok_or_else(|| Fault::validation(format!("{text} is not the ARN of a {kind} in this partition")))
}

/// Exactly `length` lower-case hexadecimal digits.
pub fn is_lower_hex(value: &str, length: usize) -> bool {
    value.len() == length && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

string_id!(
    /// The id of an asynchronous request: a lower-case UUID.
    RequestId,
    "request id",
    is_uuid
);

/// Lower-case hexadecimal text of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_an_id_or_the_arn_of_its_own_kind() {
        let id = "90670c1bd4-1c1e2a3b-0000-4000-8000-00000000abcd";
        assert_eq!(referenced_id(id, "user").unwrap(), id);
        assert_eq!(referenced_id(&id.to_uppercase(), "user").unwrap(), id);
        assert_eq!(referenced_id(&format!("arn:aws:identitystore:::user/{id}"), "user").unwrap(), id);
        for other in
            ["arn:aws:identitystore:::group/", "arn:aws-cn:identitystore:::user/", "arn:aws:iam:::user/"]
        {
            assert!(referenced_id(&format!("{other}{id}"), "user").is_err(), "{other}");
        }
    }
}
