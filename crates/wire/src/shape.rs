//! Shapes: what a model allows of a value. Static tables, written by codegen, walked by [`crate::check`], the reader of inputs, [`crate::query`]
//! and [`crate::xml`].

use crate::pattern::Pattern;

/// Where a member travels in a REST request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the body.
    Body,
    /// It is the body.
    Payload,
    /// In the query string, under this name.
    Query(&'static str),
    /// In a header of this name.
    Header(&'static str),
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Where it travels in a REST request.
    pub location: Location,
    /// What it may be.
    pub shape: &'static Shape,
}

/// What a value may be. Bounds of text count characters.
#[derive(Debug)]
pub enum Shape {
    /// An object with these members.
    Structure {
        /// The members.
        members: &'static [Member],
        /// Exactly one member must be given.
        union: bool,
    },
    /// A list.
    List {
        /// Items at least.
        min: Option<i64>,
        /// Items at most.
        max: Option<i64>,
        /// Each item.
        item: &'static Shape,
    },
    /// A map with text keys.
    Map {
        /// Entries at least.
        min: Option<i64>,
        /// Entries at most.
        max: Option<i64>,
        /// Each key.
        key: &'static Shape,
        /// Each value.
        value: &'static Shape,
    },
    /// Text.
    Text {
        /// Characters at least.
        min: Option<i64>,
        /// Characters at most.
        max: Option<i64>,
        /// What it must look like, as a whole.
        pattern: Option<Pattern>,
        /// The only values, when there are any.
        values: &'static [&'static str],
        /// Never echoed, never logged.
        secret: bool,
    },
    /// Bytes as base64 text.
    Blob {
        /// Bytes at most.
        max: Option<i64>,
    },
    /// A whole number.
    Integer {
        /// At least.
        min: Option<i64>,
        /// At most.
        max: Option<i64>,
    },
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// A point in time: epoch seconds, or text in ISO 8601.
    Timestamp,
    /// Any JSON.
    Document,
}
