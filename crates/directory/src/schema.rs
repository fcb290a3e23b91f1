//! The attributes of a user as tables: what exists, of which type, under which wire name. What has a column or rule of its own
//! (user name, display name, name, e-mail addresses) has its members here too, since documents spell them.

/// The type of a member of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A structure of texts.
    Structure(&'static [Member]),
}

/// A member of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// As the wire spells it.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) kind: MemberKind,
    /// Whether the structure needs it.
    pub(crate) required: bool,
}

const fn text(name: &'static str) -> Member {
    Member { name, kind: MemberKind::Text, required: false }
}

const PRIMARY: Member = Member { name: "Primary", kind: MemberKind::Flag, required: false };

/// The type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttributeKind {
    /// Text.
    Text,
    /// A list of structures, with at most so many items.
    List(usize, &'static [Member]),
}

/// An attribute without a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// As the wire spells it.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) kind: AttributeKind,
}

const fn attribute(name: &'static str, kind: AttributeKind) -> Attribute {
    Attribute { name, kind }
}

/// The members of `Name`.
pub(crate) static NAME: &[Member] = &[
    text("Formatted"),
    text("FamilyName"),
    text("GivenName"),
    text("MiddleName"),
    text("HonorificPrefix"),
    text("HonorificSuffix"),
];

/// The members of an e-mail address, phone number or role.
pub(crate) static TYPED_VALUE: &[Member] = &[text("Value"), text("Type"), PRIMARY];

pub(crate) static ADDRESS: &[Member] = &[
    text("StreetAddress"),
    text("Locality"),
    text("Region"),
    text("PostalCode"),
    text("Country"),
    text("Formatted"),
    text("Type"),
    PRIMARY,
];

/// The members of a value of which identity providers say more than AWS's API does.
pub(crate) static DISPLAYED_VALUE: &[Member] = &[text("Value"), text("Display"), text("Type"), PRIMARY];

static PHOTO: &[Member] = &[
    Member { name: "Value", kind: MemberKind::Text, required: true },
    text("Type"),
    text("Display"),
    PRIMARY,
];

/// The attributes that `UserProfile::attributes` may hold.
pub(crate) static ATTRIBUTES: &[Attribute] = &[
    attribute("NickName", AttributeKind::Text),
    attribute("ProfileUrl", AttributeKind::Text),
    attribute("UserType", AttributeKind::Text),
    attribute("Title", AttributeKind::Text),
    attribute("PreferredLanguage", AttributeKind::Text),
    attribute("Locale", AttributeKind::Text),
    attribute("Timezone", AttributeKind::Text),
    attribute("Website", AttributeKind::Text),
    attribute("Birthdate", AttributeKind::Text),
    attribute("Addresses", AttributeKind::List(1, ADDRESS)),
    attribute("PhoneNumbers", AttributeKind::List(1, TYPED_VALUE)),
    attribute("Roles", AttributeKind::List(1, TYPED_VALUE)),
    attribute("Photos", AttributeKind::List(3, PHOTO)),
];

/// The one extension that exists.
pub(crate) const ENTERPRISE: &str = "aws:identitystore:enterprise";

static MANAGER: &[Member] = &[text("value"), text("displayName"), text("$ref")];

/// The attributes of the enterprise extension; its names are SCIM's (RFC 7643 §4.3), not the service's.
pub(crate) static ENTERPRISE_ATTRIBUTES: &[Member] = &[
    text("employeeNumber"),
    text("costCenter"),
    text("organization"),
    text("division"),
    text("department"),
    Member { name: "manager", kind: MemberKind::Structure(MANAGER), required: false },
];

/// The member that a caller means. Clients spell members both ways, `value` and `Value`.
pub(crate) fn member(members: &'static [Member], name: &str) -> Option<&'static Member> {
    members.iter().find(|member| member.name.eq_ignore_ascii_case(name))
}

/// A wire name as attribute paths and AWS's texts spell it: `UserName` → `userName`.
pub(crate) fn path_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
