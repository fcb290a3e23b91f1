//! GetCallerIdentity and AssumeRole.

use accounts::sts;
use model::caller::Identity;
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use wire::generated::sts::shapes::{
    AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, Credentials, GetCallerIdentityRequest,
    GetCallerIdentityResponse,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;

/// Needs no permission: whoever holds credentials may ask whose they are.
pub(crate) async fn get_caller_identity(
    _app: App,
    cx: Cx,
    _input: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, Fault> {
    let account = cx.caller.account_id().map(ToString::to_string);
    let user_id = match cx.caller.identity() {
        Identity::Role(session) => Some(format!("{}:{}", session.role_id, session.session_name)),
        Identity::User(user) => Some(user.id.clone()),
        _ => account.clone(),
    };
    Ok(GetCallerIdentityResponse { user_id, account, arn: Some(cx.caller.arn()) })
}

/// Refuses what is given and cannot be honoured, by name.
pub(crate) fn unsupported(given: &[(&str, bool)]) -> Result<(), Fault> {
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => {
            Err(Fault::validation(format!("{name} is not supported by this server: leave it out")))
        }
        None => Ok(()),
    }
}

pub(crate) async fn assume_role(
    app: App,
    cx: Cx,
    input: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, Fault> {
    unsupported(&[
        ("SerialNumber", input.serial_number.is_some()),
        ("TokenCode", input.token_code.is_some()),
    ])?;
    let contexts = input.provided_contexts.unwrap_or_default().into_iter().map(|context| {
        let missing = |member: &str| Fault::validation(format!("ProvidedContexts: {member} is missing"));
        let provider = context.provider_arn.ok_or_else(|| missing("ProviderArn"))?;
        let assertion = context.context_assertion.ok_or_else(|| missing("ContextAssertion"))?;
        Ok((provider, Secret::new(assertion)))
    });
    let provided_contexts = contexts.collect::<Result<_, Fault>>()?;
    let policy_arns = input.policy_arns.unwrap_or_default();
    let tags = input.tags.unwrap_or_default();
    let ask = sts::AssumeRole {
        role_arn: input.role_arn,
        session_name: input.role_session_name,
        duration_seconds: input.duration_seconds,
        policy: input.policy,
        policy_arns: policy_arns.into_iter().filter_map(|policy| policy.arn).collect(),
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        transitive_tag_keys: input.transitive_tag_keys.unwrap_or_default(),
        source_identity: input.source_identity,
        external_id: input.external_id,
        provided_contexts,
    };
    let assumed = sts::assume_role(&app.store, &cx, ask).await?;
    Ok(AssumeRoleResponse {
        credentials: Some(credentials(&assumed.credentials)),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: assumed.assumed_role_id,
            arn: assumed.arn,
        }),
        packed_policy_size: None,
        source_identity: assumed.source_identity,
        session_token_utilization: None,
        session_token_size: None,
    })
}

/// Temporary credentials as STS writes them.
pub(crate) fn credentials(made: &accounts::role_sessions::Credentials) -> Credentials {
    Credentials {
        access_key_id: made.access_key_id.clone(),
        secret_access_key: made.secret_access_key.expose().to_owned(),
        session_token: made.session_token.expose().to_owned(),
        expiration: EpochSeconds(made.expires_at.epoch_seconds()),
    }
}
