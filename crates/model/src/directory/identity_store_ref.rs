//! How callers name an identity store: by its id, or by its ARN.

use crate::accounts::account::AccountId;
use crate::directory::identity_store::IdentityStoreId;
use crate::fault::{Fault, FaultKind, ResourceType};

/// A reference to an identity store: its id, or its ARN, which also names the account that owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityStoreRef {
    id: IdentityStoreId,
    owner: Option<AccountId>,
}

impl IdentityStoreRef {
    /// From the id or `arn:aws:identitystore::<account>:identitystore/<id>`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let Some(rest) = text.strip_prefix("arn:") else {
            return Ok(Self { id: IdentityStoreId::parse(text)?, owner: None });
        };
        let (owner, id) = rest
            .strip_prefix("aws:identitystore::")
            .and_then(|rest| rest.split_once(":identitystore/"))
            .ok_or_else(|| {
                Fault::new(
                    FaultKind::NotFound(ResourceType::IdentityStore),
                    "IDENTITY_STORE not found in this partition.",
                )
            })?;
        Ok(Self { id: IdentityStoreId::parse(id)?, owner: Some(AccountId::parse(owner)?) })
    }

    /// The id.
    pub fn id(&self) -> &IdentityStoreId {
        &self.id
    }

    /// Whether a store of this owner can be meant.
    pub fn is_of(&self, owner: &AccountId) -> bool {
        self.owner.as_ref().is_none_or(|named| named == owner)
    }
}

impl From<IdentityStoreId> for IdentityStoreRef {
    fn from(id: IdentityStoreId) -> Self {
        Self { id, owner: None }
    }
}
