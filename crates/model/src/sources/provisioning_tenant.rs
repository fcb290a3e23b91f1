//! Provisioning tenants, by which an identity provider writes people and groups into an identity store, and the bearer tokens that it calls with.

use std::time::Duration;

use crate::accounts::account::AccountId;
use crate::directory::identity_store::IdentityStoreId;
use crate::entropy::{Entropy, bytes};
use crate::fault::Fault;
use crate::id::{hex, is_lower_hex, is_uuid, string_id};
use crate::limits::Mode;
use crate::timestamp::Timestamp;

/// Tenants of an identity store at most: AWS has one.
pub const TENANTS_MAX: (u64, u64) = (1, 100);
/// Tokens of a tenant that live at most: AWS has two.
pub const TOKENS_MAX: (u64, u64) = (2, 50);
/// How long a token lives at most, in days: AWS's all live a year.
pub const VALIDITY_DAYS_MAX: (u32, u32) = (365, 3_650);
/// How long a token lives where nobody says, in days.
pub const VALIDITY_DAYS: u32 = 365;
/// Characters of a name at most.
pub const NAME_MAX: usize = 128;

/// The one of the mode: the first in strict, the second in relaxed mode.
pub const fn of_mode<T: Copy>(mode: Mode, (strict, relaxed): (T, T)) -> T {
    match mode {
        Mode::Strict => strict,
        Mode::Relaxed => relaxed,
    }
}

string_id!(
    /// Hexadecimal digits in the form that AWS gives tenants: 11-4-4-4-12.
    TenantId,
    "provisioning tenant id",
    is_of_tenants
);

/// Whether it has the form that AWS gives tenants.
pub(crate) fn is_of_tenants(value: &str) -> bool {
    let mut parts = value.split('-');
    let has =
        [11, 4, 4, 4, 12].iter().all(|length| parts.next().is_some_and(|part| is_lower_hex(part, *length)));
    has && parts.next().is_none()
}

/// A fresh id of that form.
pub(crate) fn fresh_of_tenants(entropy: &dyn Entropy) -> String {
    let digits = hex(&bytes::<18>(entropy));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 11), part(11, 15), part(15, 19), part(19, 23), part(23, 35)].join("-")
}

impl TenantId {
    /// A fresh one.
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self(fresh_of_tenants(entropy))
    }

    /// What external ids given by this tenant have as their issuer: it stays the same wherever the server is.
    pub fn issuer(&self, region: &str) -> String {
        format!("https://scim.{region}.amazonaws.com/{self}/scim/v2")
    }
}

string_id!(
    /// A UUID.
    BearerTokenId,
    "bearer token id",
    is_uuid
);

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisioningTenant {
    /// The id.
    pub id: TenantId,
    /// Where it writes.
    pub identity_store_id: IdentityStoreId,
    /// What people call it.
    pub name: Option<String>,
    /// Whether it may set the passwords of people whom it owns: whoever holds one of its tokens can sign in as any of them then.
    pub may_set_passwords: bool,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// The id.
    pub id: BearerTokenId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: Option<String>,
    /// When made.
    pub created_at: Timestamp,
    /// By whom (an ARN).
    pub created_by: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was last used, to about a day.
    pub last_used_at: Option<Timestamp>,
}

/// An identity provider that calls with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioner {
    /// The account that owns the instance.
    pub account_id: AccountId,
    /// Where it writes.
    pub identity_store_id: IdentityStoreId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The token.
    pub token_id: BearerTokenId,
    /// What people call the token.
    pub token_name: Option<String>,
}

impl Provisioner {
    /// What `CreatedBy` keeps and the trail shows.
    pub fn arn(&self) -> String {
        let Self { account_id, tenant_id, token_id, .. } = self;
        format!("arn:aws:identitystore::{account_id}:provisioningtenant/{tenant_id}/token/{token_id}")
    }
}

/// The name as it is kept.
pub fn checked_name(name: Option<String>) -> Result<Option<String>, Fault> {
    let Some(name) = name else { return Ok(None) };
    let (name, length) = (name.trim().to_owned(), name.trim().chars().count());
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Fault::validation(format!(
            "Name must have 1 to {NAME_MAX} characters and none that cannot be seen; it has {length}"
        )));
    }
    Ok(Some(name))
}

/// How long a token lives that is asked to live so many days.
pub fn checked_validity(days: Option<u32>, mode: Mode) -> Result<Duration, Fault> {
    let (days, most) = (days.unwrap_or(VALIDITY_DAYS), of_mode(mode, VALIDITY_DAYS_MAX));
    if days == 0 || days > most {
        return Err(Fault::validation(format!("ValidityDays must be 1 to {most}; it is {days}")));
    }
    Ok(Duration::from_hours(u64::from(days) * 24))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_fresh_id_has_the_form_of_one() {
        let id = TenantId::fresh(&SeededEntropy::new(1));
        assert_eq!(TenantId::parse(id.as_str()).unwrap(), id);
        assert!(TenantId::parse("11111111111-2222-3333-4444-555555555555").is_ok());
        for bad in
            ["", "x", "11111111111-2222-3333-4444-55555555555", "11111111111-2222-3333-4444-555555555555-6"]
        {
            assert!(TenantId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_too_long_is_said() {
        assert_eq!(checked_name(Some(" Entra ID ".to_owned())).unwrap().as_deref(), Some("Entra ID"));
        assert!(
            checked_name(Some(" ".to_owned())).is_err() && checked_name(Some("a\nb".to_owned())).is_err()
        );
        assert!(
            checked_validity(Some(366), Mode::Strict).unwrap_err().message().contains("1 to 365; it is 366")
        );
        assert!(
            checked_validity(Some(3_650), Mode::Relaxed).is_ok()
                && checked_validity(Some(0), Mode::Relaxed).is_err()
        );
    }
}
