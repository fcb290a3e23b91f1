//! What becomes of a person's sign-in and of their new password: answers, not failures.

use ldap::found::Person;
use ldap::password::PasswordRefusal;
use ldap::refusal::BindRefusal;

use crate::ldap::failure::Failure;

/// How a directory answered a sign-in.
#[derive(Debug)]
pub enum SignIn {
    /// The password is right and the account may be used.
    Welcome(Box<Person>),
    /// It may not, or not with this password.
    Refused {
        /// Why: for administrators; to who guesses, all of these look alike.
        refusal: BindRefusal,
        /// The person, where there is one.
        person: Option<Box<Person>>,
        /// What the directory said, in one line without secrets.
        said: String,
    },
}

/// A sign-in that nothing was answered to.
#[derive(Debug)]
pub struct Unproven {
    /// What failed.
    pub failure: Failure,
    /// Whether the directory may have heard the password all the same, and counted it as a wrong one.
    pub may_have_heard: bool,
}

/// How a directory answered a new password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordChange {
    /// It is the new one now.
    Done,
    /// It is not.
    Refused {
        /// Why.
        why: PasswordRefusal,
        /// What the directory said, in one line without secrets.
        said: String,
    },
}
