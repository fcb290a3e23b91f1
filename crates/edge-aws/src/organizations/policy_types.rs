//! EnablePolicyType and DisablePolicyType.

use accounts::policy_attachments;
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::organizations::shapes::{
    DisablePolicyTypeRequest, DisablePolicyTypeResponse, EnablePolicyTypeRequest, EnablePolicyTypeResponse,
};

use crate::app::App;
use crate::organizations::organizations::root;

pub(crate) async fn enable(
    app: App,
    cx: Cx,
    input: EnablePolicyTypeRequest,
) -> Result<EnablePolicyTypeResponse, Fault> {
    let organization = policy_attachments::enable(&app.store, &cx, input.root_id, input.policy_type).await?;
    Ok(EnablePolicyTypeResponse { root: Some(root(&organization, true)) })
}

pub(crate) async fn disable(
    app: App,
    cx: Cx,
    input: DisablePolicyTypeRequest,
) -> Result<DisablePolicyTypeResponse, Fault> {
    let organization = policy_attachments::disable(&app.store, &cx, input.root_id, input.policy_type).await?;
    Ok(DisablePolicyTypeResponse { root: Some(root(&organization, false)) })
}
