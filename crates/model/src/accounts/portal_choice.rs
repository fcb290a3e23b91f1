//! What a person puts first on their portal.

use crate::accounts::account::AccountId;
use crate::timestamp::Timestamp;

/// Why something comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// An account that the person marked.
    Favourite,
    /// A role that the person took.
    Recent,
}

impl ChoiceKind {
    /// The word of the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Favourite => "FAVOURITE",
            Self::Recent => "RECENT",
        }
    }

    /// From the word of the row.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Favourite, Self::Recent].into_iter().find(|kind| kind.as_str() == value)
    }
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalChoice {
    /// Why it comes first.
    pub kind: ChoiceKind,
    /// The account.
    pub account_id: AccountId,
    /// The permission set's name; empty where the account itself is meant.
    pub role_name: String,
    /// When it was chosen last.
    pub chosen_at: Timestamp,
}
