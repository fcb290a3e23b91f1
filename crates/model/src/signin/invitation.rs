//! A link by which a person chooses a password: given by an administrator, or mailed to whoever says that they forgot theirs.

use crate::directory::user::UserId;
use crate::id::{is_uuid, string_id};
use crate::signin::letter::LetterState;
use crate::timestamp::Timestamp;

string_id!(
    /// A UUID.
    InvitationId,
    "invitation id",
    is_uuid
);

/// Who has the person choose a password. Of each purpose a person has one link at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An administrator: the person has none yet, or shall have another.
    Invitation,
    /// The person, who forgot the one in force.
    Forgotten,
}

impl Purpose {
    /// The word in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "INVITATION",
            Self::Forgotten => "FORGOTTEN_PASSWORD",
        }
    }

    /// From the word in the store.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Invitation, Self::Forgotten].into_iter().find(|purpose| purpose.as_str() == value)
    }
}

/// An invitation, without its token, which nobody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    pub user_id: UserId,
    /// What the person signs in with.
    pub user_name: String,
    /// See [`Purpose`].
    pub purpose: Purpose,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When it opens nothing any more.
    pub expires_at: Timestamp,
    /// What became of its letter, if it was mailed.
    pub letter: Option<LetterState>,
}
