//! Why a message was refused. The sentences are for a log and for the administrator of the other side: they quote nothing secret.

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is larger than any honest message: the limit that it exceeds.
    #[error("the message exceeds a limit: {0}")]
    Limit(&'static str),
    /// It is not well-formed XML, or has parts (DTD, processing instructions) that no SAML message has.
    #[error("the message is not acceptable XML: {0}")]
    Xml(String),
    /// It is XML, but not of the one shape that is accepted.
    #[error("the message is not of the accepted shape: {0}")]
    Shape(&'static str),
    /// An algorithm that is not accepted.
    #[error("the algorithm {0:?} is not accepted")]
    Algorithm(String),
    /// No given key verifies the signature, or the signed content was altered.
    #[error("the signature does not verify: {0}")]
    Signature(&'static str),
    /// A key or certificate that cannot be read.
    #[error("the key is not usable: {0}")]
    Key(&'static str),
    /// Not valid yet.
    #[error("the assertion is not valid before {0}")]
    NotYetValid(String),
    /// Not valid any more.
    #[error("the assertion expired at {0}")]
    Expired(String),
    /// Meant for somebody else.
    #[error("the assertion is meant for the audience {0:?}")]
    Audience(Vec<String>),
    /// Sent to another place than this, or to none that it names.
    #[error("the message was sent to {0:?}, which is no address of this receiver")]
    Destination(String),
    /// Made after now, or too long before.
    #[error("the message is {0}")]
    Stale(String),
    /// The identity provider did not do what it was asked for: its status.
    #[error("the identity provider did not sign the person in: {0}")]
    Refused(String),
    /// The one thing that is said of whatever is wrong with encrypted content.
    #[error("the content cannot be decrypted: it is encrypted to no key of this receiver, or was altered")]
    Decryption,
    /// Metadata of several entities where one is meant.
    #[error("the metadata describes {count} {role}s: say which one is meant by its entity ID")]
    Several {
        /// How many.
        count: usize,
        /// What each of them is.
        role: &'static str,
    },
    /// Metadata without the entity that is meant.
    #[error("the metadata describes no {role} of the entity ID {entity_id:?}")]
    Absent {
        /// The entity ID that was asked for.
        entity_id: String,
        /// What it was to be.
        role: &'static str,
    },
    /// Delivered to another place than the one that it names.
    #[error("the assertion is to be delivered to {0:?}")]
    Recipient(String),
}
