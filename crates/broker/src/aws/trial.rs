//! Whether an account can be worked in, step by step, in words for an administrator. Changes nothing there.

use crate::aws::access::{Access, Reach};
use crate::aws::failure::Failure;

/// A step of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was tried: `ACCESS`, `IDENTITY`, `ROLES`, `SAML_PROVIDERS`.
    pub name: &'static str,
    /// Whether it worked; nothing where an earlier step had to work first.
    pub passed: Option<bool>,
    /// What came of it, and what can be done.
    pub said: String,
}

const NAMES: [&str; 4] = ["ACCESS", "IDENTITY", "ROLES", "SAML_PROVIDERS"];

/// Tries all steps; after one that failed the rest is left out.
pub async fn attempt(access: &Access, reach: &Reach, path: &str) -> Vec<Tried> {
    let mut tried = Vec::new();
    if let Err(failure) = walk(access, reach, path, &mut tried).await {
        let name = NAMES.get(tried.len()).copied().unwrap_or("ACCESS");
        tried.push(Tried { name, passed: Some(false), said: advice(&failure) });
    }
    for name in NAMES.iter().skip(tried.len()) {
        tried.push(Tried { name, passed: None, said: "An earlier step failed.".to_owned() });
    }
    tried
}

async fn walk(access: &Access, reach: &Reach, path: &str, tried: &mut Vec<Tried>) -> Result<(), Failure> {
    let mut passed = |said: String| {
        let name = NAMES.get(tried.len()).copied().unwrap_or("ACCESS");
        tried.push(Tried { name, passed: Some(true), said });
    };
    let failed = |call, said: String| Failure::found(&access.account, call, said);
    let credentials = access.credentials(reach).await?;
    passed(match access.way.roles.last() {
        Some(role) => format!("The key {} took the role {}.", access.way.access_key_id, role.arn),
        None => format!("The key {} is used as it is.", access.way.access_key_id),
    });
    let call = "sts:GetCallerIdentity";
    let identity = access.identity(reach, &credentials).await?;
    let (account, arn) = (identity.account().unwrap_or_default(), identity.arn().unwrap_or_default());
    if account != access.account.as_str() {
        return Err(failed(
            call,
            format!(
                "the credentials are those of {arn} in account {account}. Give a key of account {}, or RoleArn of a role in it",
                access.account
            ),
        ));
    }
    passed(format!("We are {arn} there."));
    let iam = access.iam(reach, credentials);
    let call = "iam:ListRoles";
    let roles = iam.list_roles().path_prefix(path).max_items(1_000).send().await;
    let roles = roles.map_err(|error| Failure::of(&access.account, call, &error))?;
    passed(format!("Roles can be listed; {} stand at {path}.", roles.roles().len()));
    let call = "iam:ListSAMLProviders";
    let providers = iam.list_saml_providers().send().await;
    let providers = providers.map_err(|error| Failure::of(&access.account, call, &error))?;
    let count = providers.saml_provider_list().len();
    passed(format!("SAML providers can be listed; there are {count}."));
    Ok(())
}

/// What can be done about a failure, where that is known.
fn advice(failure: &Failure) -> String {
    let what = match failure.code.as_deref() {
        Some("InvalidClientTokenId" | "SignatureDoesNotMatch") => " Check AccessKeyId and SecretAccessKey.",
        Some("AccessDenied") => {
            " Give whoever we come as this action; for sts:AssumeRole check the role's trust policy and ExternalId."
        }
        Some("RequestExpired") => " Check the clocks of both sides.",
        None if failure.passes => " Check the endpoint, and what outbound.allow lets through.",
        _ => "",
    };
    format!("{failure}.{what}")
}
