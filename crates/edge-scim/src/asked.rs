//! What a request asks, by its method and what follows the tenant's address.

use http::Method;
use model::limits::Mode;
use scim::schema::{ResourceType, core};

/// People or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Users,
    Groups,
}

impl Kind {
    /// As it is described in this mode: AWS has less of people.
    pub(crate) const fn resource_type(self, mode: Mode) -> &'static ResourceType {
        match (self, mode) {
            (Self::Users, Mode::Relaxed) => &core::USERS,
            (Self::Users, Mode::Strict) => &core::LEAN_USERS,
            (Self::Groups, _) => &core::GROUPS,
        }
    }

    /// Where resources of this kind are.
    pub(crate) const fn endpoint(self) -> &'static str {
        self.resource_type(Mode::Relaxed).endpoint
    }

    const ALL: [Self; 2] = [Self::Users, Self::Groups];

    fn of(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.endpoint().strip_prefix('/') == Some(segment))
    }

    const fn name(self, user: &'static str, group: &'static str) -> &'static str {
        match self {
            Self::Users => user,
            Self::Groups => group,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    List(Kind),
    /// A list by POST; of both kinds where none is named.
    Search(Option<Kind>),
    Create(Kind),
    Get(Kind, String),
    Put(Kind, String),
    Patch(Kind, String),
    Delete(Kind, String),
    Config,
    Types(Option<String>),
    Schemas(Option<String>),
    Bulk,
    /// The caller itself, which is no person.
    Me,
    /// A path that is known, and not with this method.
    WrongMethod,
    Nothing,
}

impl Asked {
    /// By method and path, decoded segment by segment.
    pub(crate) fn of(method: &Method, segments: &[String]) -> Self {
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["ServiceProviderConfig"] => Self::by(&Method::GET, method, Self::Config),
            ["ResourceTypes"] => Self::by(&Method::GET, method, Self::Types(None)),
            ["ResourceTypes", id] => Self::by(&Method::GET, method, Self::Types(Some((*id).to_owned()))),
            ["Schemas"] => Self::by(&Method::GET, method, Self::Schemas(None)),
            ["Schemas", id] => Self::by(&Method::GET, method, Self::Schemas(Some((*id).to_owned()))),
            ["Bulk"] => Self::by(&Method::POST, method, Self::Bulk),
            ["Me", ..] => Self::Me,
            [".search"] => Self::by(&Method::POST, method, Self::Search(None)),
            [kind] => Kind::of(kind).map_or(Self::Nothing, |kind| match *method {
                Method::GET => Self::List(kind),
                Method::POST => Self::Create(kind),
                _ => Self::WrongMethod,
            }),
            [kind, ".search"] => Kind::of(kind)
                .map_or(Self::Nothing, |kind| Self::by(&Method::POST, method, Self::Search(Some(kind)))),
            [kind, id] => Kind::of(kind).map_or(Self::Nothing, |kind| {
                let id = (*id).to_owned();
                match *method {
                    Method::GET => Self::Get(kind, id),
                    Method::PUT => Self::Put(kind, id),
                    Method::PATCH => Self::Patch(kind, id),
                    Method::DELETE => Self::Delete(kind, id),
                    _ => Self::WrongMethod,
                }
            }),
            _ => Self::Nothing,
        }
    }

    /// What is asked by one method alone.
    fn by(wanted: &Method, method: &Method, asked: Self) -> Self {
        if method == wanted { asked } else { Self::WrongMethod }
    }

    /// The operation's name in records: CloudTrail's, and ours where AWS has none.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::List(kind) | Self::Search(Some(kind)) => kind.name("ListUsers", "ListGroups"),
            Self::Search(None) => "Search",
            Self::Create(kind) => kind.name("CreateUser", "CreateGroup"),
            Self::Get(kind, _) => kind.name("GetUser", "GetGroup"),
            Self::Put(kind, _) => kind.name("PutUser", "PutGroup"),
            Self::Patch(kind, _) => kind.name("PatchUser", "PatchGroup"),
            Self::Delete(kind, _) => kind.name("DeleteUser", "DeleteGroup"),
            Self::Config => "ServiceProviderConfig",
            Self::Types(_) => "ListResourceTypes",
            Self::Schemas(None) => "ListSchemas",
            Self::Schemas(Some(_)) => "GetSchema",
            Self::Bulk => "Bulk",
            Self::Me => "GetMe",
            Self::WrongMethod | Self::Nothing => "Unknown",
        }
    }

    /// Whether it changes nothing by itself: a bulk request's operations have records of their own.
    pub(crate) const fn is_read_only(&self) -> bool {
        !matches!(self, Self::Create(_) | Self::Put(..) | Self::Patch(..) | Self::Delete(..))
    }

    /// Whether a body says what is asked.
    pub(crate) const fn has_body(&self) -> bool {
        matches!(self, Self::Search(_) | Self::Create(_) | Self::Put(..) | Self::Patch(..) | Self::Bulk)
    }

    /// The id that it names.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Get(_, id) | Self::Put(_, id) | Self::Patch(_, id) | Self::Delete(_, id) => Some(id),
            _ => None,
        }
    }
}
