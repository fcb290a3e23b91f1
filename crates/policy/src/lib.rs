//! IAM policy documents: parse, evaluate, explain. Decides which caller may do which action on which resource.
//!
//! Sources: the IAM user guide's policy grammar, element reference and evaluation logic.
//!
//! Where those leave a choice, the stricter reading holds:
//! - A variable without a value (or with several) matches nothing. In a negated condition or a `NotResource` it keeps an `Allow` from
//!   applying and lets a `Deny` apply. The same goes for values of the request that are not of the operator's kind.
//! - An operator without `ForAllValues:` or `ForAnyValue:` on a key with several values: all must fit for an `Allow`, any for a `Deny`.
//! - A key without values counts as absent.
//! - `Principal: "*"` of a trust policy means everybody with AWS credentials who may also call `sts:AssumeRole` by their own policies;
//!   identity providers are only trusted by name.

mod arn_pattern;
pub mod condition;
pub mod condition_keys;
pub mod delegation;
pub mod document;
mod effect;
pub mod evaluate;
pub mod explain;
pub mod flaw;
pub mod gate;
mod generated;
pub mod honour;
pub mod in_words;
mod json;
pub mod managed;
mod operator;
pub mod principal;
pub mod require;
pub mod resource;
mod spot;
mod things;
pub mod trust;
pub mod value;
pub mod variable;
mod whom;
pub mod wildcard;
