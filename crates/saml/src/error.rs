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
    /// Delivered to another place than the one that it names.
    #[error("the assertion is to be delivered to {0:?}")]
    Recipient(String),
}
