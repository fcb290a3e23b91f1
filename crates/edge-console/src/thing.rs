//! What the rooms of access point at: people, groups, permission sets and accounts, as addresses and forms name them.

use std::borrow::Borrow;

use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use serde_json::{Map, Value, json};

use crate::desk::Desk;
use crate::fields::Fields;
use crate::page::encoded;

/// Of what kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    User,
    Group,
    Set,
    Account,
}

impl Kind {
    /// Every kind, as they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::User, Self::Group, Self::Set, Self::Account];

    /// Its name in addresses and forms.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Set => "set",
            Self::Account => "account",
        }
    }

    /// The kind of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What several of it are called.
    pub(crate) fn many(self, language: impl Borrow<Language>) -> Sentence {
        let language = language.borrow();
        match self {
            Self::User => language.say("access-people"),
            Self::Group => language.say("access-groups"),
            Self::Set => language.say("access-sets"),
            Self::Account => language.say("access-accounts"),
        }
    }
}

/// One thing. A permission set goes by the end of its ARN, `ps-…`, everything else by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    pub(crate) id: String,
}

impl Thing {
    /// A thing of an answer; an ARN is cut to its end.
    pub(crate) fn new(kind: Kind, id: &str) -> Self {
        let id = id.rsplit('/').next().unwrap_or(id);
        Self { kind, id: id.to_owned() }
    }

    /// Whom an assignment names.
    pub(crate) fn principal(principal_type: &str, id: &str) -> Self {
        Self::new(if principal_type == "GROUP" { Kind::Group } else { Kind::User }, id)
    }

    /// The one that an address is about: the first kind that it names.
    pub(crate) fn asked(query: &Fields) -> Option<Self> {
        let named = Kind::ALL.into_iter().find_map(|kind| Some((kind, query.some(kind.name())?)));
        named.map(|(kind, id)| Self::new(kind, id))
    }

    /// Every thing of a kind that an address or form names, each once.
    pub(crate) fn chosen(fields: &Fields, kind: Kind) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for id in fields.all(kind.name()).map(str::trim).filter(|id| !id.is_empty()) {
            let thing = Self::new(kind, id);
            if !found.contains(&thing) {
                found.push(thing);
            }
        }
        found
    }

    /// `user=…`, as an address asks about it.
    pub(crate) fn query(&self) -> String {
        format!("{}={}", self.kind.name(), encoded(&self.id))
    }

    /// `USER` or `GROUP`, where it is one that is assigned.
    pub(crate) const fn principal_type(&self) -> &'static str {
        match self.kind {
            Kind::Group => "GROUP",
            Kind::User | Kind::Set | Kind::Account => "USER",
        }
    }

    /// What operations call it.
    pub(crate) fn reference(&self, desk: &Desk) -> String {
        match self.kind {
            Kind::Set => desk.permission_set_arn(&self.id),
            Kind::User | Kind::Group | Kind::Account => self.id.clone(),
        }
    }

    /// An input that names the instance and this by the member that operations have for its kind.
    pub(crate) fn input(&self, desk: &Desk) -> Map<String, Value> {
        let member = match self.kind {
            Kind::User => "UserId",
            Kind::Group => "GroupId",
            Kind::Set => "PermissionSetArn",
            Kind::Account => "AccountId",
        };
        let mut input = Map::new();
        input.insert("InstanceArn".to_owned(), json!(desk.instance_arn()));
        input.insert(member.to_owned(), json!(self.reference(desk)));
        input
    }
}
