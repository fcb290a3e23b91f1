//! AssumeRoleWithSAML: unsigned, the assertion is what proves the caller.

use accounts::sts_saml;
use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use wire::generated::sts::shapes::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse, AssumedRoleUser};

use crate::app::App;
use crate::sts::sessions::credentials;

pub(crate) async fn assume_role_with_saml(
    app: App,
    cx: Cx,
    input: AssumeRoleWithSAMLRequest,
) -> Result<AssumeRoleWithSAMLResponse, Fault> {
    let policy_arns = input.policy_arns.unwrap_or_default();
    let ask = sts_saml::AssumeRoleWithSaml {
        role_arn: input.role_arn,
        principal_arn: input.principal_arn,
        assertion: Secret::new(input.saml_assertion),
        duration_seconds: input.duration_seconds,
        policy: input.policy,
        policy_arns: policy_arns.into_iter().filter_map(|policy| policy.arn).collect(),
    };
    let done = sts_saml::assume_role_with_saml(&app.store, &cx, ask).await?;
    Ok(AssumeRoleWithSAMLResponse {
        credentials: Some(credentials(&done.assumed.credentials)),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: done.assumed.assumed_role_id,
            arn: done.assumed.arn,
        }),
        subject: Some(done.subject),
        subject_type: Some(done.subject_type),
        issuer: Some(done.issuer),
        audience: Some(done.audience),
        name_qualifier: Some(done.name_qualifier),
        ..AssumeRoleWithSAMLResponse::default()
    })
}
