//! A part of a page that one call answers: it is shown, or why not, while the rest of the page stands. Roles may see one thing and not another.

use model::fault::Fault;

use crate::administrator::Administrator;

/// What a call answered.
#[derive(Debug)]
pub(crate) enum Part<T> {
    /// This.
    Here(T),
    /// Nothing: why.
    Not(String),
}

impl<T> Part<T> {
    /// From the answer.
    pub(crate) fn of(admin: &Administrator, answer: Result<T, Fault>) -> Self {
        match answer {
            Ok(found) => Self::Here(found),
            Err(why) => Self::Not(admin.visitor.language.told(&why)),
        }
    }
}
