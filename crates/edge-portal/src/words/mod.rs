//! What pages say, in the language of whoever reads them: catalogs of Project Fluent in `words/`, a folder for each language. Knows nothing of pages.

mod catalog;
pub(crate) mod language;
pub(crate) mod sayings;
pub(crate) mod sentence;

#[cfg(test)]
mod agreement;
