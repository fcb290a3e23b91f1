//! What pages say, in the language of whoever reads them: catalogs of Project Fluent in `words/`, a folder for each language. Knows nothing of pages.

mod catalog;
pub mod language;
pub(crate) mod moment;
pub mod sayings;
pub mod sentence;

#[cfg(test)]
mod agreement;
