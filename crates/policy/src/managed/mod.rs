//! AWS managed policies: which there are, and what each says about the services that Portico serves. Facts as of the day on which
//! `cargo xtask managed-policies` took them. A policy that is not among them was never AWS's, or is younger than the facts: nobody knows
//! what it forbids.

mod facts;
mod lookup;

pub use lookup::{ManagedPolicy, Missing, arns, attachable, find, lookup, name, path, tells_of};
