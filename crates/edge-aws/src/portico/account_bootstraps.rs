//! GetAccountBootstrap.

use accounts::account_bootstraps;
use model::accounts::account::AccountId;
use model::accounts::account_bootstrap::{BOOTSTRAP_ROLE_NAME, BootstrapAsk, BootstrapFormat};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    AccountBootstrap, GetAccountBootstrapRequest, GetAccountBootstrapResponse,
};

use crate::app::App;
use crate::sso_admin::ids::instance;

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetAccountBootstrapRequest,
) -> Result<GetAccountBootstrapResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let ask = BootstrapAsk {
        // The model's words and ours are the same: what is another was refused.
        format: BootstrapFormat::parse(&input.format).unwrap_or(BootstrapFormat::CloudFormation),
        trusted_principal_arn: input.trusted_principal_arn,
        external_id: input.external_id,
        role_name: input.role_name.unwrap_or_else(|| BOOTSTRAP_ROLE_NAME.to_owned()),
        role_path: input.role_path,
    };
    let made = account_bootstraps::get(&app.store, &cx, (&at, &account), ask)?;
    Ok(GetAccountBootstrapResponse {
        account_bootstrap: AccountBootstrap {
            role_arn: made.role_arn,
            format: made.format.as_str().to_owned(),
            template: made.template,
            policy_document: made.policy,
            trust_policy_document: made.trust,
        },
    })
}
