//! `AttributePath`: the name of an attribute of a user or group, as UpdateUser, UpdateGroup, GetUserId, GetGroupId and Filters
//! spell it: `userName`, `name.givenName`, `emails.value`, `aws:identitystore:enterprise.department`. AWS's documents and
//! clients write the first letter both ways, so that case does not count.

use model::fault::Fault;

use crate::schema::{self, Attribute, Member};

/// Attributes that the service sets and no caller does.
const READ_ONLY: &[&str] = &[
    "userId",
    "groupId",
    "userStatus",
    "externalIds",
    "identityStoreId",
    "revision",
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    "userArn",
    "groupArn",
];

/// An attribute of a user that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserPath {
    /// `userName`
    UserName,
    /// `displayName`
    DisplayName,
    /// `name`: every part at once.
    Name,
    /// `name.givenName`, …: one part, by its wire name.
    NamePart(&'static str),
    /// `emails`: the whole list.
    Emails,
    /// An attribute without a rule of its own, by its place in the schema.
    Attribute(AttributeRef),
    /// `aws:identitystore:enterprise`: every attribute of it.
    Enterprise,
    /// `aws:identitystore:enterprise.department`, `….manager`: one attribute of it.
    EnterprisePart(&'static str),
    /// `aws:identitystore:enterprise.manager.value`: a member of an attribute of it.
    EnterpriseInner(&'static str, &'static str),
}

/// A reference into the schema's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeRef(pub(crate) &'static Attribute);

/// An attribute of a group that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupPath {
    /// `displayName`
    DisplayName,
    /// `description`
    Description,
}

/// An attribute that a user is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKeyPath {
    /// `userName`
    UserName,
    /// `emails.value`
    EmailValue,
}

fn unknown(path: &str, what: &str) -> Fault {
    Fault::validation(format!("AttributePath {path} is not {what}"))
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl UserPath {
    /// Reads a path of UpdateUser.
    pub fn parse(path: &str) -> Result<Self, Fault> {
        if let Some(rest) = strip_extension(path) {
            return enterprise(path, rest);
        }
        if READ_ONLY.iter().any(|name| same(name, path)) {
            return Err(unknown(path, "an attribute that can be changed"));
        }
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let attribute = schema::ATTRIBUTES.iter().find(|attribute| same(attribute.name, first));
        let part = |name| schema::member(schema::NAME, name).map(|member| Self::NamePart(member.name));
        let found = match rest {
            None if same(first, "userName") => Some(Self::UserName),
            None if same(first, "displayName") => Some(Self::DisplayName),
            None if same(first, "name") => Some(Self::Name),
            None if same(first, "emails") => Some(Self::Emails),
            None => attribute.map(|attribute| Self::Attribute(AttributeRef(attribute))),
            Some(name) if same(first, "name") => part(name),
            Some(_) if same(first, "emails") || attribute.is_some() => {
                return Err(Fault::validation(format!(
                    "AttributePath {path} names a part of {first}; only the whole attribute can be set"
                )));
            }
            Some(_) => None,
        };
        found.ok_or_else(|| unknown(path, "an attribute of a user"))
    }
}

/// What follows the enterprise extension's name; `None` when the path is not of an extension.
fn strip_extension(path: &str) -> Option<&str> {
    path.contains(':').then(|| match path.get(..schema::ENTERPRISE.len()) {
        Some(name) if same(name, schema::ENTERPRISE) => path.get(schema::ENTERPRISE.len()..).unwrap_or("?"),
        _ => "?",
    })
}

fn enterprise(path: &str, rest: &str) -> Result<UserPath, Fault> {
    if rest.is_empty() {
        return Ok(UserPath::Enterprise);
    }
    let refused =
        || unknown(path, &format!("an attribute of a user; the only extension is {}", schema::ENTERPRISE));
    let rest = rest.strip_prefix('.').ok_or_else(refused)?;
    let (first, inner) = rest.split_once('.').map_or((rest, None), |(first, inner)| (first, Some(inner)));
    let outer = schema::member(schema::ENTERPRISE_ATTRIBUTES, first).ok_or_else(refused)?;
    match (inner, outer.kind) {
        (None, _) => Ok(UserPath::EnterprisePart(outer.name)),
        (Some(inner), schema::MemberKind::Structure(members)) => {
            let inner: &Member = schema::member(members, inner).ok_or_else(refused)?;
            Ok(UserPath::EnterpriseInner(outer.name, inner.name))
        }
        (Some(_), _) => Err(refused()),
    }
}

impl GroupPath {
    /// Reads a path of UpdateGroup.
    pub fn parse(path: &str) -> Result<Self, Fault> {
        if same(path, "displayName") {
            Ok(Self::DisplayName)
        } else if same(path, "description") {
            Ok(Self::Description)
        } else if READ_ONLY.iter().any(|name| same(name, path)) {
            Err(unknown(path, "an attribute that can be changed"))
        } else {
            Err(unknown(path, "an attribute of a group"))
        }
    }
}

impl UserKeyPath {
    /// Reads the path of GetUserId's unique attribute.
    pub fn parse(path: &str) -> Result<Self, Fault> {
        if same(path, "userName") {
            Ok(Self::UserName)
        } else if same(path, "emails.value") {
            Ok(Self::EmailValue)
        } else {
            Err(not_unique(path))
        }
    }

    /// Reads the path of ListUsers' filter: only `UserName` (API reference, Filter).
    pub fn parse_filter(path: &str) -> Result<Self, Fault> {
        if same(path, "userName") {
            Ok(Self::UserName)
        } else {
            Err(unknown(path, "an attribute that ListUsers filters by; this is UserName"))
        }
    }
}

/// Checks the path of GetGroupId's unique attribute, or of ListGroups' filter: only the display name is one.
pub fn require_group_key(path: &str) -> Result<(), Fault> {
    if same(path, "displayName") { Ok(()) } else { Err(not_unique(path)) }
}

/// AWS's sentence.
fn not_unique(path: &str) -> Fault {
    Fault::validation(format!("The attribute {path} is not a unique attribute"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(path: &str) -> &'static str {
        match UserPath::parse(path) {
            Ok(UserPath::Attribute(AttributeRef(attribute))) => attribute.name,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn every_attribute_has_a_path() {
        for (path, expected) in [
            ("userName", UserPath::UserName),
            ("UserName", UserPath::UserName),
            ("displayName", UserPath::DisplayName),
            ("name", UserPath::Name),
            ("name.givenName", UserPath::NamePart("GivenName")),
            ("Name.HonorificSuffix", UserPath::NamePart("HonorificSuffix")),
            ("emails", UserPath::Emails),
            ("aws:identitystore:enterprise", UserPath::Enterprise),
            ("aws:identitystore:enterprise.department", UserPath::EnterprisePart("department")),
            ("aws:identitystore:enterprise.manager", UserPath::EnterprisePart("manager")),
            ("aws:identitystore:enterprise.manager.value", UserPath::EnterpriseInner("manager", "value")),
        ] {
            assert_eq!(UserPath::parse(path).unwrap(), expected, "{path}");
        }
        for listed in schema::ATTRIBUTES {
            assert_eq!(attribute(&schema::path_name(listed.name)), listed.name);
        }
    }

    #[test]
    fn other_paths_are_refused_and_named() {
        for path in [
            "",
            ".",
            "name.",
            "name.nick",
            "shoeSize",
            "emails.value",
            "addresses.country",
            "title.x",
            "userStatus",
            "externalIds",
            "aws:identitystore:other",
            "aws:identitystore:enterprise.",
            "aws:identitystore:enterprise.shoeSize",
            "aws:identitystore:enterprisedepartment",
            "aws:identitystore:enterprise.department.x",
            "aws:é",
            "a:b:c.d",
            "aws:identitystore:enterprise.manager.salary",
        ] {
            let fault = UserPath::parse(path).unwrap_err();
            assert!(fault.message().contains(&format!("AttributePath {path} ")), "{path}: {fault}");
        }
    }

    #[test]
    fn groups_and_keys_have_their_own_few() {
        assert_eq!(GroupPath::parse("DisplayName").unwrap(), GroupPath::DisplayName);
        assert_eq!(GroupPath::parse("description").unwrap(), GroupPath::Description);
        assert!(GroupPath::parse("userName").is_err() && GroupPath::parse("externalIds").is_err());
        assert_eq!(UserKeyPath::parse("emails.value").unwrap(), UserKeyPath::EmailValue);
        assert_eq!(UserKeyPath::parse("UserName").unwrap(), UserKeyPath::UserName);
        assert!(UserKeyPath::parse("displayName").is_err());
        assert!(UserKeyPath::parse_filter("emails.value").is_err());
        assert!(require_group_key("DisplayName").is_ok() && require_group_key("description").is_err());
    }
}
