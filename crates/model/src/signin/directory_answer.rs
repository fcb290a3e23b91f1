//! What is asked of a directory about somebody who signs in, and what it answers: a plain value between who knows sign-ins and who knows directories.

use crate::saying::Saying;
use crate::sources::directory::DirectoryId;

/// Of whom a directory is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedDirectory {
    /// Which directory.
    pub directory_id: DirectoryId,
    /// What the person is called in it, whatever their name is.
    pub external_id: String,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryAnswer {
    /// They may sign in.
    Welcome,
    /// They may not.
    Refused {
        /// Why, for the trail.
        reason: &'static str,
        /// What the directory said, for the trail.
        said: String,
        /// What the person is told: nothing more than anybody, unless the directory says that the password was right.
        told: Option<Saying>,
    },
    /// The password is right, and they may sign in once they have chosen another, which they may do here.
    MustChange {
        /// Why, for the trail.
        reason: &'static str,
        /// What the directory said, for the trail.
        said: String,
    },
    /// It did not answer.
    Away {
        /// Why, for the trail.
        said: String,
        /// Whether it may have heard the password all the same, and counted it as a wrong one.
        may_have_heard: bool,
    },
}

/// What it answers to a new password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewPasswordAnswer {
    /// It is theirs now.
    Done,
    /// It is not.
    Refused {
        /// Why, for the trail.
        reason: &'static str,
        /// What the directory said, for the trail.
        said: String,
        /// What the person is told.
        told: Saying,
        /// Whether the directory counts no wrong password for it: the old one was right, or it was not asked.
        is_no_guess: bool,
    },
    /// It did not answer.
    Away {
        /// Why, for the trail.
        said: String,
        /// Whether it may have heard the old one all the same, and counted it as a wrong one.
        may_have_heard: bool,
    },
}
