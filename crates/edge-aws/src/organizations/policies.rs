//! Policies of the organization: there are none, and no type of them is enabled.

use accounts::organizations;
use model::cx::Cx;
use model::fault::Fault;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    ListPoliciesForTargetRequest, ListPoliciesForTargetResponse, ListPoliciesRequest, ListPoliciesResponse,
};

use crate::app::App;
use crate::organizations::pages::refuse_token;

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Fault> {
    refuse_token(&PageScope::new("ListPolicies", &[&input.filter]), input.next_token.as_deref())?;
    organizations::policies(&app.store, &cx, &input.filter)?;
    Ok(ListPoliciesResponse { policies: Some(Vec::new()), next_token: None })
}

pub(crate) async fn list_for_target(
    app: App,
    cx: Cx,
    input: ListPoliciesForTargetRequest,
) -> Result<ListPoliciesForTargetResponse, Fault> {
    let scope = PageScope::new("ListPoliciesForTarget", &[&input.target_id, &input.filter]);
    refuse_token(&scope, input.next_token.as_deref())?;
    organizations::policies_of(&app.store, &cx, &input.target_id, &input.filter)?;
    Ok(ListPoliciesForTargetResponse { policies: Some(Vec::new()), next_token: None })
}
