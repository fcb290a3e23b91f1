//! AssumeRoleWithWebIdentity: unsigned, the token is what proves the caller. `accounts` knows whose tokens a role may trust, `applications` how an issuer is
//! heard; here the two meet.

use accounts::sts_web_identity::{self, AssumeRoleWithWebIdentity};
use applications::issuer_keys::{self, Unjudged, Whose};
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use wire::generated::sts::shapes::{
    AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, AssumedRoleUser,
};

use crate::app::App;
use crate::sts::sessions::{credentials, unsupported};

pub(crate) async fn assume_role_with_web_identity(
    app: App,
    cx: Cx,
    input: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse, Fault> {
    unsupported(&[("ProviderId", input.provider_id.is_some())])?;
    let policy_arns = input.policy_arns.unwrap_or_default();
    let ask = AssumeRoleWithWebIdentity {
        role_arn: input.role_arn,
        session_name: input.role_session_name,
        token: Secret::new(input.web_identity_token),
        duration_seconds: input.duration_seconds,
        policy: input.policy,
        policy_arns: policy_arns.into_iter().filter_map(|policy| policy.arn).collect(),
    };
    let begun = sts_web_identity::begin(&app.store, ask)?;
    let arn = begun.provider.arn();
    let whose = Whose { id: &arn, url: &begun.provider.url };
    let judged = issuer_keys::judge(&app.store, &cx, &app.outbound, whose, begun.to_judge()).await;
    let said = judged.map_err(|why| match why {
        Unjudged::Unheard(why) => sts_web_identity::unheard(&begun.provider, &why),
        Unjudged::Refused(why) => sts_web_identity::refused(&why),
    })?;
    let done = begun.finish(&app.store, &cx, said).await?;
    Ok(AssumeRoleWithWebIdentityResponse {
        credentials: Some(credentials(&done.assumed.credentials)),
        subject_from_web_identity_token: Some(done.subject),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: done.assumed.assumed_role_id,
            arn: done.assumed.arn,
        }),
        provider: Some(done.provider),
        audience: Some(done.audience),
        source_identity: done.assumed.source_identity,
        ..AssumeRoleWithWebIdentityResponse::default()
    })
}
