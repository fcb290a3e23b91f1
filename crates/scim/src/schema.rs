//! Schemas as tables: what an attribute is and how it is treated (RFC 7643 §2 and §7). Which attributes there are is in [`crate::schema::core`];
//! a server that keeps less says so in its own table.

pub mod core;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A date and time (RFC 7643 §2.3.5).
    Moment,
    /// A URI.
    Reference(&'static [&'static str]),
    /// Sub-attributes.
    Complex(&'static [Attribute]),
}

/// Who may set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// Anybody who may change the resource.
    ReadWrite,
    /// The server alone: what a client says of it is passed over (RFC 7644 §3.3).
    ReadOnly,
    /// Once.
    Immutable,
    /// Anybody who may change the resource, and nobody reads it.
    WriteOnly,
}

/// When it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// In every answer.
    Always,
    /// Unless it is left out by name.
    Default,
    /// Where it is asked for by name.
    Request,
    /// Never: it is not compared and not sorted by either, which would tell it bit by bit.
    Never,
}

/// Whether two resources may have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// They may.
    None,
    /// Not on this server.
    Server,
}

/// An attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// As answers spell it.
    pub name: &'static str,
    /// What a value is.
    pub kind: Kind,
    /// Whether it holds several values.
    pub is_many: bool,
    /// Whether a resource must have it.
    pub is_required: bool,
    /// Whether upper and lower case differ.
    pub case_exact: bool,
    /// Who may set it.
    pub mutability: Mutability,
    /// When it is answered.
    pub returned: Returned,
    /// Whether two resources may have the same.
    pub uniqueness: Uniqueness,
    /// The values that are usual.
    pub canonical: &'static [&'static str],
    /// What it is.
    pub description: &'static str,
}

impl Attribute {
    /// A string of either case that anybody may set.
    pub const fn text(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Text,
            is_many: false,
            is_required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical: &[],
            description,
        }
    }

    /// Of another kind.
    #[must_use]
    pub const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// With several values.
    #[must_use]
    pub const fn many(self) -> Self {
        Self { is_many: true, ..self }
    }

    /// That every resource has.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Of which the case matters.
    #[must_use]
    pub const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// That the server sets.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    /// That is set once.
    #[must_use]
    pub const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    /// That is set and never told.
    #[must_use]
    pub const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    /// Of which these are the usual values.
    #[must_use]
    pub const fn usually(self, canonical: &'static [&'static str]) -> Self {
        Self { canonical, ..self }
    }

    /// Answered then.
    #[must_use]
    pub const fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// That no two resources share.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    /// Its sub-attributes; none unless it is complex.
    pub const fn parts(&self) -> &'static [Attribute] {
        match self.kind {
            Kind::Complex(parts) => parts,
            _ => &[],
        }
    }

    /// The sub-attribute of this name, in any case.
    pub fn part(&self, name: &str) -> Option<&'static Attribute> {
        named(self.parts(), name)
    }
}

/// The attribute of this name, in any case (RFC 7643 §2.1).
pub fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// Its attributes, without those that every resource has.
    pub attributes: &'static [Attribute],
}

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    /// `User`, `Group`.
    pub name: &'static str,
    /// `/Users`, `/Groups`.
    pub endpoint: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its schema.
    pub schema: &'static Schema,
    /// What may be added to it.
    pub extensions: &'static [&'static Schema],
}
