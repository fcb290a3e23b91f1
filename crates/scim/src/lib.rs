//! SCIM 2.0 (RFC 7643, 7644, 9865) as values and pure functions. It knows no store, no HTTP server and nothing of whose people these are.
//!
//! - [`schema`] has the attributes, and [`path`] finds the one that a text names.
//! - [`resource::read`] is the one way in for untrusted JSON: names as the schema spells them, values of the schema's types, nothing else.
//! - [`filter`] and [`patch`] are read once against a schema; [`matching`] and [`patch::apply`] then work on resources that have passed [`resource`].
//! - [`projection`], [`sort`], [`listing`], [`bulk`] and [`discovery`] make answers.

pub mod bulk;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod listing;
pub mod matching;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;
