//! A Region of an instance: a server, or a group of them, whose database follows the primary's. It signs people in, gives out credentials and answers
//! reads under its own name; what changes the instance is done in the primary Region.

use crate::id::string_id;
use crate::timestamp::Timestamp;

/// Characters of a Region's name at most (sso-admin's model, `RegionName`).
const NAME_MAX: usize = 32;

string_id!(
    /// Two or three words and a digit, such as `eu-west-1` (sso-admin's model, `RegionName`).
    RegionName,
    "RegionName",
    |value: &str| {
        let parts: Vec<&str> = value.split('-').collect();
        let (digit, words) = parts.split_last().map_or(("", &[][..]), |(last, before)| (*last, before));
        value.len() <= NAME_MAX
            && matches!(digit.as_bytes(), [b'0'..=b'9'])
            && matches!(words.len(), 2 | 3)
            && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
    }
);

/// How far a Region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionStatus {
    /// Asked for; its database does not follow yet.
    Adding,
    /// In use.
    Active,
    /// Ended: its servers answer nothing any more, and the primary forgets it.
    Removing,
}

impl RegionStatus {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adding => "ADDING",
            Self::Active => "ACTIVE",
            Self::Removing => "REMOVING",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Adding, Self::Active, Self::Removing].into_iter().find(|status| status.as_str() == value)
    }
}

/// A Region beside the primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its name.
    pub name: RegionName,
    /// How far it is.
    pub status: RegionStatus,
    /// When it was asked for.
    pub added_at: Timestamp,
}

/// What a database that follows knows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Which Region it is.
    pub name: RegionName,
    /// Where the primary Region answers, for whoever must go there.
    pub primary_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_model() {
        for good in ["us-east-1", "us-gov-west-1", "self-host-9", "a-b-0"] {
            assert!(RegionName::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}-{}-1", "a".repeat(20), "b".repeat(20));
        for bad in [
            "",
            "us-1",
            "us-east",
            "us-east-12",
            "US-east-1",
            "us--1",
            "us-east-1-2",
            "a-b-c-d-1",
            "eu-wést-1",
            &long,
        ] {
            assert!(RegionName::parse(bad).is_err(), "{bad}");
        }
    }
}
