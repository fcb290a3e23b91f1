//! An application that a session of a person was told to: who must hear of its end.

use crate::applications::application::ApplicationId;
use crate::directory::user::UserId;
use crate::timestamp::Timestamp;

/// Such an application, as one assertion named the person to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlParticipant {
    /// The person's session here.
    pub session_id: String,
    /// The person.
    pub user_id: UserId,
    /// The application.
    pub application_id: ApplicationId,
    /// What the session is called there.
    pub session_index: String,
    /// What the person is called there.
    pub name_id: String,
    /// What kind of identifier that is, a URI.
    pub name_id_format: String,
    /// Since when.
    pub created_at: Timestamp,
}
