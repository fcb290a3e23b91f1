//! A trusted token issuer: whose tokens are believed, and by what of them a person of the identity store is found. Its keys, and what was told of them,
//! are not part of it.

use crate::accounts::account::AccountId;
use crate::fault::Fault;
use crate::id::{is_uuid, string_id};
use crate::instances::instance::InstanceId;
use crate::timestamp::Timestamp;

string_id!(
    /// `tti-` and a lower-case UUID.
    TrustedTokenIssuerId,
    "trusted token issuer id",
    |value: &str| value.strip_prefix("tti-").is_some_and(is_uuid)
);

/// Its ARN: `arn:aws:sso::<account>:trustedTokenIssuer/<instance>/<issuer>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustedTokenIssuerArn {
    /// The account that made it.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The issuer.
    pub id: TrustedTokenIssuerId,
}

impl TrustedTokenIssuerArn {
    /// From its text; `None` when it is not one.
    pub fn parse(arn: &str) -> Option<Self> {
        let (account, rest) = arn.strip_prefix("arn:aws:sso::")?.split_once(":trustedTokenIssuer/")?;
        let (instance, id) = rest.split_once('/')?;
        Some(Self {
            account_id: AccountId::parse(account).ok()?,
            instance_id: InstanceId::parse(instance).ok()?,
            id: TrustedTokenIssuerId::parse(id).ok()?,
        })
    }
}

impl std::fmt::Display for TrustedTokenIssuerArn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "arn:aws:sso::{}:trustedTokenIssuer/{}/{}", self.account_id, self.instance_id, self.id)
    }
}

/// By what of a person a claim finds them. Each is unique in the identity store, or refused where it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonAttribute {
    /// `userName`, in whatever case.
    UserName,
    /// `emails.value`: the primary address, in whatever case.
    Email,
    /// `externalId`: an id that another system gave the person.
    ExternalId,
}

/// The texts by which they are named, as the identity store and SCIM name them.
const ATTRIBUTES: [(&str, PersonAttribute); 4] = [
    ("userName", PersonAttribute::UserName),
    ("emails.value", PersonAttribute::Email),
    ("externalId", PersonAttribute::ExternalId),
    ("externalIds.id", PersonAttribute::ExternalId),
];

impl PersonAttribute {
    /// From an IdentityStoreAttributePath.
    pub fn parse(path: &str) -> Result<Self, Fault> {
        let found = ATTRIBUTES.iter().find(|(name, _)| *name == path).map(|(_, attribute)| *attribute);
        found.ok_or_else(|| {
            let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
            Fault::validation(format!(
                "IdentityStoreAttributePath is {path}: people are found by one of {}",
                names.join(", ")
            ))
        })
    }
}

/// How tokens of an issuer are matched with people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMapping {
    /// `ClaimAttributePath`: the claim, or a claim within it, with dots between.
    pub claim: String,
    /// `IdentityStoreAttributePath`, as it was written.
    pub attribute: String,
}

/// A trusted token issuer. It is of type `OIDC_JWT`, and its keys are found by `OPEN_ID_DISCOVERY`: there is no other of either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedTokenIssuer {
    /// Which, of what instance, made by whom.
    pub arn: TrustedTokenIssuerArn,
    /// Its name, for people.
    pub name: String,
    /// Who it is: what its tokens say in `iss`, and where its discovery document is below. Never changed.
    pub issuer_url: String,
    /// How its tokens are matched with people.
    pub mapping: ClaimMapping,
    /// When made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_read_as_it_is_written() {
        let text = "arn:aws:sso::111122223333:trustedTokenIssuer/ssoins-1234567890abcdef/tti-11111111-1111-4111-8111-111111111111";
        assert_eq!(TrustedTokenIssuerArn::parse(text).unwrap().to_string(), text);
        for other in [
            "arn:aws:sso:::trustedTokenIssuer/ssoins-1234567890abcdef/tti-11111111-1111-4111-8111-111111111111",
            "arn:aws-cn:sso::111122223333:trustedTokenIssuer/ssoins-1234567890abcdef/tti-11111111-1111-4111-8111-111111111111",
            "arn:aws:sso::111122223333:trustedTokenIssuer/ssoins-1234567890abcdef/11111111-1111-4111-8111-111111111111",
            "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-1234567890abcdef",
        ] {
            assert!(TrustedTokenIssuerArn::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn people_are_found_by_what_is_theirs_alone() {
        assert_eq!(PersonAttribute::parse("emails.value").unwrap(), PersonAttribute::Email);
        for other in ["displayName", "username", "emails", "name.familyName"] {
            let refused = PersonAttribute::parse(other).unwrap_err();
            assert!(refused.message().contains("userName, emails.value"), "{refused}");
        }
    }
}
