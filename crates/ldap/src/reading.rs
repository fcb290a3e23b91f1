//! Entries into people and groups, by a mapping. What an entry lacks is missing; what is no text, too long or too much is left out, so that nothing of
//! a directory grows without bound here.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::attribute::AttributeName;
use crate::dn::Dn;
use crate::entry::Entry;
use crate::found::{Group, GroupKey, Member, Person};
use crate::id::EntryId;
use crate::mapping::{Field, Mapping};
use crate::schema::Schema;
use crate::sid::Sid;
use crate::state::State;

/// Characters of a text at most, and texts of one attribute.
const TEXT_MAX: usize = 1_024;
const TEXTS_MAX: usize = 50;
const PRINCIPAL_NAME: &str = "userPrincipalName";

/// Why an entry is nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The stable identifier is missing, or is none.
    #[error("the entry has no stable identifier that this account can read")]
    Id,
    /// Its own name is none.
    #[error("the entry has a name that is no distinguished name")]
    Dn,
}

/// What reads entries of one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What kind of directory it is.
    pub schema: Schema,
    /// Which attribute becomes what.
    pub mapping: Mapping,
}

impl Reading {
    /// Which attributes of people are asked for.
    pub fn person_attributes(&self) -> Vec<String> {
        let mapping = &self.mapping;
        let named =
            mapping.user_name.iter().chain(&mapping.account_name).chain(mapping.fields.values().flatten());
        let named = named.chain(mapping.extra.values()).chain([&mapping.id]).map(AttributeName::as_str);
        let fixed =
            self.schema.state_attributes().iter().chain(self.schema.primary_group_attributes()).copied();
        let principal = (self.schema == Schema::ActiveDirectory).then_some(PRINCIPAL_NAME);
        each_once(named.chain(fixed).chain(principal))
    }

    /// Which attributes of groups are asked for.
    pub fn group_attributes(&self) -> Vec<String> {
        let mapping = &self.mapping;
        let named = mapping.group_name.iter().chain(&mapping.group_description).chain(&mapping.members);
        let named = named.chain([&mapping.id]).map(AttributeName::as_str);
        each_once(named.chain(self.schema.group_key_attributes().iter().copied()))
    }

    /// The stable identifier of an entry.
    pub fn id(&self, entry: &Entry) -> Result<EntryId, Unreadable> {
        let value = entry.first(self.mapping.id.as_str()).ok_or(Unreadable::Id)?;
        EntryId::read(&self.mapping.id, value).ok_or(Unreadable::Id)
    }

    /// The person of an entry, as of now.
    pub fn person(&self, entry: &Entry, now: OffsetDateTime) -> Result<Person, Unreadable> {
        let mapping = &self.mapping;
        let fields =
            mapping.fields.iter().filter_map(|(field, names)| Some((*field, values(entry, *field, names)?)));
        let extra = mapping.extra.iter().filter_map(|(name, attribute)| {
            let texts = texts(entry, attribute);
            (!texts.is_empty()).then(|| (name.clone(), texts))
        });
        Ok(Person {
            id: self.id(entry)?,
            dn: Dn::parse(&entry.dn).map_err(|_| Unreadable::Dn)?,
            user_name: first_text(entry, &mapping.user_name),
            account_name: first_text(entry, &mapping.account_name),
            principal_name: entry.text(PRINCIPAL_NAME).filter(|text| is_short(text)).map(str::to_owned),
            fields: fields.collect::<BTreeMap<_, _>>(),
            extra: extra.collect(),
            state: State::of(entry, self.schema, now),
            primary_group: self.primary_group(entry),
        })
    }

    /// The group of an entry, with the members that are in it.
    pub fn group(&self, entry: &Entry) -> Result<Group, Unreadable> {
        let mapping = &self.mapping;
        let members = mapping.members.iter().flat_map(|name| members(entry, name));
        Ok(Group {
            id: self.id(entry)?,
            dn: Dn::parse(&entry.dn).map_err(|_| Unreadable::Dn)?,
            name: first_text(entry, &mapping.group_name),
            description: first_text(entry, &mapping.group_description),
            key: self.group_key(entry),
            members: members.collect(),
        })
    }

    fn primary_group(&self, entry: &Entry) -> Option<GroupKey> {
        match self.schema {
            Schema::ActiveDirectory => {
                let relative = u32::try_from(entry.number("primaryGroupID")?).ok()?;
                let group = Sid::read(entry.first("objectSid")?)?.sibling(relative)?;
                Some(GroupKey::new(group.to_string()))
            }
            Schema::OpenLdap | Schema::Ds389 => unix_group(entry),
        }
    }

    fn group_key(&self, entry: &Entry) -> Option<GroupKey> {
        match self.schema {
            Schema::ActiveDirectory => Some(GroupKey::new(Sid::read(entry.first("objectSid")?)?.to_string())),
            Schema::OpenLdap | Schema::Ds389 => unix_group(entry),
        }
    }
}

fn unix_group(entry: &Entry) -> Option<GroupKey> {
    entry.number("gidNumber").map(|number| GroupKey::new(format!("gid:{number}")))
}

fn each_once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            kept.push(name.to_owned());
        }
    }
    kept
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= TEXT_MAX
}

fn texts(entry: &Entry, name: &AttributeName) -> Vec<String> {
    entry.texts(name.as_str()).filter(|text| is_short(text)).take(TEXTS_MAX).map(str::to_owned).collect()
}

fn first_text(entry: &Entry, names: &[AttributeName]) -> Option<String> {
    names.iter().find_map(|name| entry.text(name.as_str()).filter(|text| is_short(text))).map(str::to_owned)
}

fn values(entry: &Entry, field: Field, names: &[AttributeName]) -> Option<Vec<String>> {
    if !field.is_list() {
        return first_text(entry, names).map(|text| vec![text]);
    }
    let mut all: Vec<String> = Vec::new();
    for text in names.iter().flat_map(|name| texts(entry, name)) {
        if all.len() < TEXTS_MAX && !all.contains(&text) {
            all.push(text);
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The members of one attribute. `memberUid` holds names of accounts, all others names of entries (`uniqueMember` with a number of bits behind some).
fn members(entry: &Entry, name: &AttributeName) -> Vec<Member> {
    let is_account = name.as_str().eq_ignore_ascii_case("memberUid");
    let read = |text: &str| {
        if is_account {
            return Some(Member::Account(text.to_owned()));
        }
        Dn::parse(text).ok().filter(|dn| !dn.is_root()).map(Member::Dn)
    };
    entry.texts(name.as_str()).filter_map(read).collect()
}
