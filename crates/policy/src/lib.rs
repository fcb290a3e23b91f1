//! IAM policy documents: parse, evaluate, explain. Decides which caller may do which action on which resource.
//!
//! Sources: the IAM user guide's policy grammar, element reference and evaluation logic.

pub mod condition;
pub mod document;
pub mod evaluate;
pub mod explain;
mod json;
pub mod managed;
mod operator;
pub mod principal;
pub mod require;
pub mod resource;
pub mod trust;
mod value;
pub mod variable;
pub mod wildcard;
