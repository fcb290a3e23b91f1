//! The attributes by which a look-up may be narrowed, as CloudTrail names them: how each is read, which term of a piece finds it, which records are
//! meant. Must not know where records are.

use model::fault::{Fault, FaultKind};
use model::record::AuditRecord;

use crate::piece::{EVERYTHING, term};

/// The attribute that a look-up may narrow by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// `EventId`
    EventId(String),
    /// `EventName`
    EventName(String),
    /// `ReadOnly`
    ReadOnly(bool),
    /// `Username`
    Username(String),
    /// `ResourceType`
    ResourceType(String),
    /// `ResourceName`
    ResourceName(String),
    /// `EventSource`
    EventSource(String),
    /// `AccessKeyId`
    AccessKeyId(String),
}

impl Attribute {
    /// From the wire's key and value.
    pub fn parse(key: &str, value: &str) -> Result<Self, Fault> {
        let text = value.to_owned();
        Ok(match key {
            "EventId" => Self::EventId(text),
            "EventName" => Self::EventName(text),
            "ReadOnly" => Self::ReadOnly(match value {
                "true" => true,
                "false" => false,
                _ => return Err(invalid("ReadOnly must be true or false")),
            }),
            "Username" => Self::Username(text),
            "ResourceType" => Self::ResourceType(text),
            "ResourceName" => Self::ResourceName(text),
            "EventSource" => Self::EventSource(text),
            "AccessKeyId" => Self::AccessKeyId(text),
            _ => return Err(invalid("the attribute key is not one that can be looked up")),
        })
    }

    /// Whether a record is meant.
    pub(crate) fn matches(&self, record: &AuditRecord) -> bool {
        match self {
            Self::EventId(id) => record.event_id == *id,
            Self::EventName(name) => record.event_name == *name,
            Self::ReadOnly(read_only) => record.read_only == *read_only,
            Self::Username(name) => record.user_name.as_deref() == Some(name),
            Self::ResourceType(kind) => record.resources.iter().any(|(has, _)| has == kind),
            Self::ResourceName(name) => record.resources.iter().any(|(_, has)| has == name),
            Self::EventSource(source) => record.event_source == *source,
            Self::AccessKeyId(id) => record.access_key_id.as_deref() == Some(id),
        }
    }

    /// The term that finds it in a piece; `None` for what no piece has. Types and names of resources share one, and what is found is looked at
    /// again as a whole.
    pub(crate) fn term(&self) -> Option<String> {
        match self {
            Self::EventId(_) => Some(EVERYTHING.to_owned()),
            Self::EventName(name) => term('n', name),
            Self::ReadOnly(read_only) => term('o', if *read_only { "true" } else { "false" }),
            Self::Username(name) => term('u', name),
            Self::ResourceType(resource) | Self::ResourceName(resource) => term('r', resource),
            Self::EventSource(source) => term('s', source),
            Self::AccessKeyId(id) => term('k', id),
        }
    }
}

fn invalid(message: &str) -> Fault {
    Fault::new(FaultKind::Service("InvalidLookupAttributesException"), message)
}
