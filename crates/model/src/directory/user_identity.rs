//! Who called, as a record has it: CloudTrail's `userIdentity`. Knows nothing of the event that it stands in.

use std::borrow::Cow;

use serde::Serialize;

use crate::accounts::account::AccountId;
use crate::caller::{Identity, KeySession, RoleSession};

/// CloudTrail's `userIdentity`, member by member in its order.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrittenIdentity<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<Cow<'r, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<&'static str>,
    account_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<WrittenSession<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<WrittenPerson<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<&'r str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSession<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<WrittenIssuer<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'r str>,
    attributes: WrittenAttributes,
}

impl WrittenSession<'_> {
    /// One that was made with a key: nobody issued it but its user, who gave no second factor.
    fn of_key(session: &KeySession) -> Self {
        let creation_date = session.issued_at.rfc3339();
        let attributes = WrittenAttributes { creation_date, mfa_authenticated: "false" };
        Self { session_issuer: None, source_identity: None, attributes }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenIssuer<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    principal_id: &'r str,
    arn: String,
    account_id: &'r str,
    user_name: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAttributes {
    creation_date: String,
    mfa_authenticated: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenPerson<'r> {
    user_id: &'r str,
    identity_store_arn: String,
}

impl<'r> WrittenIdentity<'r> {
    /// `owner`: the management account, whose the directory is, whatever account somebody acts in.
    pub(crate) fn of(identity: &'r Identity, owner: &AccountId) -> Self {
        match identity {
            Identity::Root { account_id, access_key_id, session } => Self {
                kind: "Root",
                principal_id: Some(account_id.as_str().into()),
                arn: Some(format!("arn:aws:iam::{account_id}:root")),
                account_id: account_id.as_str(),
                access_key_id: Some(access_key_id),
                session_context: session.as_ref().map(WrittenSession::of_key),
                ..Self::default()
            },
            Identity::User(user) => Self {
                kind: "IAMUser",
                principal_id: Some(user.id.as_str().into()),
                arn: Some(user.arn()),
                account_id: user.account_id.as_str(),
                access_key_id: Some(&user.access_key_id),
                user_name: Some(user.name.as_str()),
                session_context: user.session.as_ref().map(WrittenSession::of_key),
                ..Self::default()
            },
            Identity::Role(session) => Self::of_role(session, owner),
            Identity::PortalUser(user) => Self {
                kind: "IdentityCenterUser",
                account_id: user.account_id.as_str(),
                on_behalf_of: Some(WrittenPerson {
                    user_id: user.user_id.as_str(),
                    identity_store_arn: user.identity_store_id.arn(owner),
                }),
                credential_id: Some(&user.session_id),
                ..Self::default()
            },
            // CloudTrail's word for who calls SCIM with a bearer token.
            Identity::Provisioner(provisioner) => Self {
                kind: "WebIdentityUser",
                principal_id: Some(provisioner.tenant_id.as_str().into()),
                arn: Some(provisioner.arn()),
                account_id: provisioner.account_id.as_str(),
                user_name: provisioner.token_name.as_deref(),
                credential_id: Some(provisioner.token_id.as_str()),
                ..Self::default()
            },
            // As a tenant's: CloudTrail has no word for what reads a directory.
            Identity::Synchronizer(synchronizer) => Self {
                kind: "WebIdentityUser",
                principal_id: Some(synchronizer.directory_id.as_str().into()),
                arn: Some(synchronizer.arn()),
                account_id: synchronizer.account_id.as_str(),
                user_name: Some(&synchronizer.name),
                ..Self::default()
            },
            Identity::Service { account_id } => Self {
                kind: "AWSService",
                invoked_by: Some("sso.amazonaws.com"),
                account_id: account_id.as_str(),
                ..Self::default()
            },
            Identity::Anonymous => Self {
                kind: "Unknown",
                principal_id: Some("".into()),
                arn: Some(String::new()),
                access_key_id: Some(""),
                ..Self::default()
            },
        }
    }

    fn of_role(session: &'r RoleSession, owner: &AccountId) -> Self {
        let account_id = session.account_id.as_str();
        Self {
            kind: "AssumedRole",
            principal_id: Some(format!("{}:{}", session.role_id, session.session_name).into()),
            arn: Some(session.arn()),
            account_id,
            access_key_id: Some(&*session.access_key_id).filter(|_| !session.is_of_console()),
            session_context: Some(WrittenSession {
                session_issuer: Some(WrittenIssuer {
                    kind: "Role",
                    principal_id: &session.role_id,
                    arn: session.role_arn(),
                    account_id,
                    user_name: session.role_name.as_str(),
                }),
                source_identity: session.handed_on.source_identity.as_deref(),
                attributes: WrittenAttributes {
                    creation_date: session.issued_at.rfc3339(),
                    mfa_authenticated: if session.mfa_at.is_some() { "true" } else { "false" },
                },
            }),
            on_behalf_of: session.on_behalf_of.as_ref().map(|person| WrittenPerson {
                user_id: person.user_id.as_str(),
                identity_store_arn: person.identity_store_id.arn(owner),
            }),
            ..Self::default()
        }
    }
}
