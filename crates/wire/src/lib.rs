//! The AWS wire: JSON 1.1, REST-JSON and Query, the shapes of every operation served, and the one check that untrusted input passes
//! before it becomes a structure. Knows nothing of the product behind it.

pub mod aws_json;
pub mod check;
pub mod error;
#[rustfmt::skip]
pub mod generated;
pub mod input;
pub mod operation;
pub mod pattern;
pub mod query;
pub mod query_json;
mod reader;
pub mod rest_json;
pub mod row;
mod scan;
pub mod shape;
pub mod timestamp;
pub mod xml;
