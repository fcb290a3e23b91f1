//! A machine that has a service, as DNS names it (RFC 2782). Values only.

/// A machine that has a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// Which are asked before others: the smaller.
    pub priority: u16,
    /// Which of the same priority are asked more often: the greater.
    pub weight: u16,
    /// The name of the machine.
    pub host: String,
    /// Its port.
    pub port: u16,
}
