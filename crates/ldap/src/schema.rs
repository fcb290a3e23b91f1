//! The kinds of directories that are known, and in what they differ: data for the readers of entries.

use crate::attribute::AttributeName;
use crate::filter::Filter;
use crate::id::{ENTRY_UUID, NS_UNIQUE_ID, OBJECT_GUID};

/// A kind of directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schema {
    /// Microsoft's, and Samba's.
    ActiveDirectory,
    /// OpenLDAP with people as inetOrgPerson and groups as groupOfNames, groupOfUniqueNames or posixGroup (RFC 2307 and its revision).
    OpenLdap,
    /// 389 Directory Server and FreeIPA on it.
    Ds389,
}

impl Schema {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ActiveDirectory, Self::OpenLdap, Self::Ds389];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "ACTIVE_DIRECTORY",
            Self::OpenLdap => "OPENLDAP",
            Self::Ds389 => "DS389",
        }
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schema| schema.as_str() == name)
    }

    /// The attribute with the stable identifier.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::ActiveDirectory => OBJECT_GUID,
            Self::OpenLdap => ENTRY_UUID,
            Self::Ds389 => NS_UNIQUE_ID,
        }
    }

    /// The filter of people: in Active Directory those of category person, which leaves out computers and contacts (and managed service accounts).
    pub fn people(self) -> Filter {
        match self {
            Self::ActiveDirectory => {
                Filter::Equals(AttributeName::known("objectCategory"), b"person".to_vec())
                    .and(Filter::class("user"))
            }
            Self::OpenLdap => Filter::Or(vec![Filter::class("inetOrgPerson"), Filter::class("posixAccount")]),
            Self::Ds389 => Filter::Or(vec![Filter::class("inetOrgPerson"), Filter::class("posixAccount")]),
        }
    }

    /// The filter of groups: in Active Directory those that count for access, not mailing lists (bit 31 of `groupType`).
    pub fn groups(self) -> Filter {
        match self {
            Self::ActiveDirectory => {
                Filter::class("group").and(Filter::bits(&AttributeName::known("groupType"), 0x8000_0000))
            }
            Self::OpenLdap => Filter::Or(vec![
                Filter::class("groupOfNames"),
                Filter::class("groupOfUniqueNames"),
                Filter::class("posixGroup"),
            ]),
            Self::Ds389 => Filter::Or(vec![
                Filter::class("groupOfNames"),
                Filter::class("groupOfUniqueNames"),
                Filter::class("ipaUserGroup"),
            ]),
        }
    }

    /// What of an entry says whether its person may sign in.
    pub(crate) const fn state_attributes(self) -> &'static [&'static str] {
        match self {
            Self::ActiveDirectory => &[
                "userAccountControl",
                "msDS-User-Account-Control-Computed",
                "lockoutTime",
                "pwdLastSet",
                "accountExpires",
            ],
            Self::OpenLdap => {
                &["pwdAccountLockedTime", "pwdReset", "pwdStartTime", "pwdEndTime", "shadowExpire"]
            }
            Self::Ds389 => &[
                "nsAccountLock",
                "accountUnlockTime",
                "krbPrincipalExpiration",
                "krbPasswordExpiration",
                "passwordExpirationTime",
                "pwdReset",
            ],
        }
    }

    /// What of a person's entry names their primary group.
    pub(crate) const fn primary_group_attributes(self) -> &'static [&'static str] {
        match self {
            Self::ActiveDirectory => &["objectSid", "primaryGroupID"],
            Self::OpenLdap | Self::Ds389 => &["gidNumber"],
        }
    }

    /// What of a group's entry their primary group is named by.
    pub(crate) const fn group_key_attributes(self) -> &'static [&'static str] {
        match self {
            Self::ActiveDirectory => &["objectSid"],
            Self::OpenLdap | Self::Ds389 => &["gidNumber"],
        }
    }
}
