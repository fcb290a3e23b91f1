//! `aws login`: what a person approved for the AWS CLI on some machine, and what grew from it. The role is what the person chose, as two texts: what
//! it is worth is judged each time by whoever knows of roles.

use crate::accounts::account::AccountId;
use crate::directory::user::UserId;
use crate::signin::oauth::FamilyId;
use crate::timestamp::Timestamp;

/// The programs that may ask: AWS's own, known beforehand by their ids (botocore 1.44.8, service `signin`, shape `ClientId`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginClient {
    /// On the machine of the browser: the code goes to a loopback address.
    SameDevice,
    /// On another machine (`--remote`): the person carries the code.
    CrossDevice,
}

impl LoginClient {
    /// Both.
    pub const ALL: [Self; 2] = [Self::SameDevice, Self::CrossDevice];

    /// `clientId`
    pub const fn id(self) -> &'static str {
        match self {
            Self::SameDevice => "arn:aws:signin:::devtools/same-device",
            Self::CrossDevice => "arn:aws:signin:::devtools/cross-device",
        }
    }

    /// From `clientId`.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.id() == id)
    }

    /// What policies say of it: `arn:aws:signin:<region>:<account>:oauth2/public-client/…` (AWS CLI user guide, "Login for AWS local development").
    pub fn arn(self, region: &str, account: &AccountId) -> String {
        let name = match self {
            Self::SameDevice => "localhost",
            Self::CrossDevice => "remote",
        };
        format!("arn:aws:signin:{region}:{account}:oauth2/public-client/{name}")
    }

    /// What it is called before people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameDevice => "aws login",
            Self::CrossDevice => "aws login --remote",
        }
    }
}

/// The role that a person chose, by the names that the portal has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenRole {
    /// The account.
    pub account_id: AccountId,
    /// The name of the permission set.
    pub role_name: String,
}

/// A code on its way to the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginCode {
    /// The program that alone may redeem it.
    pub client: LoginClient,
    /// The redirect URI of the request, which the redemption must repeat.
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636).
    pub code_challenge: String,
    /// Who approved.
    pub user_id: UserId,
    /// In which session.
    pub session_id: String,
    /// What was chosen.
    pub chosen: ChosenRole,
    /// What it was redeemed for; a second redemption ends that login.
    pub login_id: Option<FamilyId>,
    /// When made.
    pub created_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// What one approval gave: the root of its refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLogin {
    /// The id.
    pub id: FamilyId,
    /// The program.
    pub client: LoginClient,
    /// The person.
    pub user_id: UserId,
    /// The session; without it the tokens are dead.
    pub session_id: String,
    /// What was chosen.
    pub chosen: ChosenRole,
    /// The thumbprint of the key that its refresh tokens are bound to (RFC 9449 §6.1).
    pub key: String,
    /// When redeemed.
    pub created_at: Timestamp,
    /// How often its refresh token was exchanged: also the number of the one in force.
    pub generation: i64,
    /// When the last exchanges were, newest first: as many as are remembered.
    pub exchanged_at: Vec<Timestamp>,
}
