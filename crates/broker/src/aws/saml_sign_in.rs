//! Credentials from an account's own STS, on the word of an assertion: no key of ours is used for it. What comes back must be of the role that was asked for.

use model::secret::Secret;
use model::timestamp::Timestamp;

use crate::aws::access::{Access, Reach};
use crate::aws::failure::Failure;

const CALL: &str = "sts:AssumeRoleWithSAML";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The role.
    pub role_arn: String,
    /// The SAML provider in the account.
    pub provider_arn: String,
    /// The Response, base64.
    pub assertion: Secret,
    /// How long the session is to live.
    pub seconds: i32,
    /// The ARN that the session must have.
    pub session_arn: String,
}

/// What STS gave.
#[derive(Debug)]
pub struct Given {
    /// `ASIA…`
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: Secret,
    /// The token.
    pub session_token: Secret,
    /// When they end.
    pub expires_at: Timestamp,
}

/// Takes the role.
pub async fn assume(access: &Access, reach: &Reach, ask: &Ask) -> Result<Given, Failure> {
    let answer = access
        .anonymous_sts(reach)
        .assume_role_with_saml()
        .role_arn(&ask.role_arn)
        .principal_arn(&ask.provider_arn)
        .saml_assertion(ask.assertion.expose())
        .duration_seconds(ask.seconds)
        .send()
        .await
        .map_err(|error| Failure::of(&access.account, CALL, &error))?;
    let lies = |said: String| Failure::found(&access.account, CALL, said);
    let arn = answer.assumed_role_user().map(aws_sdk_sts::types::AssumedRoleUser::arn).unwrap_or_default();
    if arn != ask.session_arn {
        return Err(lies(format!("a session of {arn} was answered where {} was asked for", ask.session_arn)));
    }
    let given = answer.credentials().ok_or_else(|| lies("no credentials were answered".to_owned()))?;
    Ok(Given {
        access_key_id: given.access_key_id().to_owned(),
        secret_access_key: Secret::new(given.secret_access_key().to_owned()),
        session_token: Secret::new(given.session_token().to_owned()),
        expires_at: Timestamp::from_seconds(given.expiration().secs()),
    })
}
