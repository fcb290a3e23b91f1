//! `cargo xtask attack [--short]`: performs every attack of `tests/attack/register.md` and says how each ended.

mod programs;
pub(crate) mod register;
mod run;
mod rust_tests;

pub(crate) use run::run;
