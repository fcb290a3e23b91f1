//! A key that seals what is kept and signs what is given out. The root key seals it; it can be replaced while servers run.

use crate::timestamp::Timestamp;

/// What is known of a data key, but for the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKey {
    /// Which it is: they are counted from 0, and never used again.
    pub number: u32,
    /// When it was made; of number 0, when the first replaced it.
    pub created_at: Timestamp,
    /// From when on servers seal and sign with it, unless a later one does. Until then every server has to have heard of it.
    pub seals_from: Timestamp,
    /// Since when nothing that is kept is sealed with a former one.
    pub resealed_at: Option<Timestamp>,
    /// Why the last try to bring that about ended.
    pub failure: Option<String>,
    /// Since when nothing that it sealed or signed is believed.
    pub retired_at: Option<Timestamp>,
}

/// How far what is kept is encrypted with the key that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionStatus {
    /// All of it is.
    Enabled,
    /// Some still is under a former key.
    Updating,
    /// Something does not open, so that it stays under a former key.
    UpdateFailed,
}

impl EncryptionStatus {
    /// Of an instance whose newest data key this is, if it ever had a second one.
    pub fn of(newest: Option<&DataKey>) -> Self {
        match newest {
            Some(DataKey { failure: Some(_), .. }) => Self::UpdateFailed,
            Some(DataKey { resealed_at: None, .. }) => Self::Updating,
            _ => Self::Enabled,
        }
    }

    /// The wire word (`KmsKeyStatus`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Updating => "UPDATING",
            Self::UpdateFailed => "UPDATE_FAILED",
        }
    }
}
