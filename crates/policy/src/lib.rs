//! IAM policy documents: parse, evaluate, explain. Decides which caller may do which action on which resource.
//!
//! Sources: the IAM user guide's policy grammar, element reference and evaluation logic.

pub mod condition;
pub mod document;
pub mod evaluate;
pub mod managed;
pub mod require;
pub mod resource;
pub mod trust;
pub mod variable;
pub mod wildcard;
