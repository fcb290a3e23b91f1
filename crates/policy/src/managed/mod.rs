//! AWS managed policies by ARN, with their real meaning for the services that Portico serves. A policy that is not in the list may be
//! attached like any other: it grants nothing here, whatever it grants in a real account.

mod data;
mod lookup;

pub use lookup::{arns, find, is_aws_managed, is_known, name, path};
