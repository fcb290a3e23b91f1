//! Organizational units: their ids, where they lie in the organization, and what Organizations says of them.

use crate::id::string_id;
use crate::timestamp::Timestamp;

string_id!(
    /// `ou-`, what follows `r-` in its root's id, and eight or more of `[a-z0-9]`.
    OrganizationalUnitId,
    "organizational unit id",
    |value: &str| {
        let is = |part: &str, least: usize| {
            (least..=32).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        value
            .strip_prefix("ou-")
            .and_then(|rest| rest.split_once('-'))
            .is_some_and(|(root, own)| is(root, 4) && is(own, 8))
    }
);

/// Where something lies under the root: the ids of the units around it from the outermost, each with a slash behind it. Empty directly under the
/// root. Units never move, so that the path of one never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnitPath(String);

impl UnitPath {
    /// Directly under the root.
    pub const ROOT: Self = Self(String::new());

    /// The path from a place that only ever held valid ones.
    pub fn trusted(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What lies in that unit, which itself lies here.
    #[must_use]
    pub fn within(&self, unit: &OrganizationalUnitId) -> Self {
        Self(format!("{}{unit}/", self.0))
    }

    /// The units from the outermost.
    pub fn units(&self) -> impl DoubleEndedIterator<Item = OrganizationalUnitId> {
        self.0.split_terminator('/').map(OrganizationalUnitId::trusted)
    }

    /// The innermost unit; `None` at the root.
    pub fn innermost(&self) -> Option<OrganizationalUnitId> {
        self.units().next_back()
    }

    /// How many units are around.
    pub fn depth(&self) -> usize {
        self.units().count()
    }
}

/// What holds accounts and units: the root or a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// `r-…` or `ou-…`.
    pub id: String,
    /// The path of what lies in it.
    pub path: UnitPath,
}

impl Parent {
    /// The wire word for what it is.
    pub const fn kind(&self) -> &'static str {
        match self.id.as_bytes() {
            [b'r', ..] => "ROOT",
            _ => "ORGANIZATIONAL_UNIT",
        }
    }
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// `ou-…`
    pub id: OrganizationalUnitId,
    /// 1 to 128 characters, unique among the units of one parent.
    pub name: String,
    /// Where it lies: the units around it, without itself.
    pub path: UnitPath,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OrganizationalUnit {
    /// The path of what lies in it.
    pub fn inside(&self) -> UnitPath {
        self.path.within(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_its_root_and_itself() {
        for good in ["ou-a1b2-12345678", "ou-abcd-0123456789abcdefghijklmnopqrstuv"] {
            assert_eq!(OrganizationalUnitId::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "ou-",
            "ou-a1b2",
            "ou-a1b-12345678",
            "ou-a1b2-1234567",
            "ou-a1b2-1234567A",
            "r-a1b2-12345678",
        ] {
            assert!(OrganizationalUnitId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_grows_inwards() {
        let (outer, inner) = ("ou-a1b2-11111111", "ou-a1b2-22222222");
        let root = UnitPath::ROOT;
        assert_eq!((root.depth(), root.innermost()), (0, None));
        let path = root.within(&OrganizationalUnitId::trusted(outer));
        let path = path.within(&OrganizationalUnitId::trusted(inner));
        assert_eq!(path.as_str(), "ou-a1b2-11111111/ou-a1b2-22222222/");
        assert_eq!((path.depth(), path.innermost().unwrap().as_str()), (2, inner));
    }
}
