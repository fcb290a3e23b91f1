//! Which source wins, of each attribute of a person of whom several sources speak: an order of sources, and others for single attributes. Sources are
//! named as owners are, by the issuer of the external ids that they give; what is said here has the empty name.

use serde::{Deserialize, Serialize};

/// Administrators here, as a source.
pub const HERE: &str = "";
/// Sources of an order at most.
pub const SOURCES_MAX: usize = 20;
/// Attributes with an order of their own at most.
pub const EXCEPTIONS_MAX: usize = 50;

/// What becomes of a value that another source outranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outranked {
    /// It is refused, by the name of the attribute and of who owns it.
    #[default]
    Refuse,
    /// It is kept aside, and comes forward when nobody outranks it any more.
    Keep,
}

impl Outranked {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "REFUSE",
            Self::Keep => "KEEP",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Refuse, Self::Keep].into_iter().find(|outranked| outranked.as_str() == value)
    }
}

/// An attribute, or a group of them (`name`), with an order of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its path.
    pub attribute: String,
    /// Its order.
    pub order: Vec<String>,
}

/// Which source wins. Sources that no order names come last: the owner first, and then as they were linked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AttributePrecedence {
    /// Of all attributes.
    pub order: Vec<String>,
    /// Of some.
    pub exceptions: Vec<Exception>,
    /// What becomes of the others' values.
    pub outranked: Outranked,
}

impl AttributePrecedence {
    /// The order of an attribute: its own, or that of the group that it is in, or that of all.
    pub fn order_of(&self, path: &str) -> &[String] {
        let own = |path: &str| self.exceptions.iter().find(|exception| exception.attribute == path);
        let of_group = || path.rsplit_once('.').and_then(|(group, _)| own(group));
        own(path).or_else(of_group).map_or(&self.order, |exception| &exception.order)
    }

    /// Whether anything may be said here of people whom a source owns.
    pub fn names_here(&self) -> bool {
        let orders = std::iter::once(&self.order).chain(self.exceptions.iter().map(|one| &one.order));
        orders.flatten().any(|source| source == HERE)
    }

    /// The same without a source that is gone, and without attributes whose order named it alone.
    #[must_use]
    pub fn without(mut self, source: &str) -> Self {
        self.order.retain(|one| one != source);
        for exception in &mut self.exceptions {
            exception.order.retain(|one| one != source);
        }
        self.exceptions.retain(|exception| !exception.order.is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_its_own_order_or_that_of_its_group_or_that_of_all() {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let exception = |attribute: &str, order: &[&str]| Exception {
            attribute: attribute.to_owned(),
            order: texts(order),
        };
        let precedence = AttributePrecedence {
            order: texts(&["hr"]),
            exceptions: vec![exception("name", &["entra"]), exception("name.middleName", &[HERE, "hr"])],
            outranked: Outranked::Keep,
        };
        assert_eq!(precedence.order_of("title"), ["hr"]);
        assert_eq!(precedence.order_of("name.givenName"), ["entra"]);
        assert_eq!(precedence.order_of("name.middleName"), ["", "hr"]);
        assert!(precedence.names_here());
        let without = precedence.without("entra");
        assert_eq!(without.order_of("name.givenName"), ["hr"], "an order of nobody is none");
        assert!(!without.without(HERE).names_here());
    }
}
