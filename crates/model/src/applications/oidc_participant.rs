//! An application that was told of a person's session by OpenID Connect, and is told when that ends.

use crate::applications::application::ApplicationId;
use crate::directory::user::UserId;
use crate::timestamp::Timestamp;

/// Who is told of the end of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcParticipant {
    /// Its id: also of the job that tells.
    pub id: String,
    /// The session that lives now.
    pub session_id: String,
    /// What the application was told that the session is called: `sid`. A session that takes another's place is told under the name of that.
    pub sid: String,
    /// The application.
    pub application_id: ApplicationId,
    /// The person.
    pub user_id: UserId,
    /// Whether the session ended, and the application is yet to hear of it.
    pub has_ended: bool,
    /// When it was told.
    pub created_at: Timestamp,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}
