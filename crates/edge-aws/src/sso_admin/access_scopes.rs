//! PutApplicationAccessScope, GetApplicationAccessScope, ListApplicationAccessScopes, DeleteApplicationAccessScope.

use applications::access_scopes;
use model::applications::access_scope::{AccessScope, ScopeName, ScopeTarget};
use model::cx::Cx;
use model::fault::Fault;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    DeleteApplicationAccessScopeRequest, GetApplicationAccessScopeRequest, GetApplicationAccessScopeResponse,
    ListApplicationAccessScopesRequest, ListApplicationAccessScopesResponse,
    PutApplicationAccessScopeRequest, ScopeDetails,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::sso_admin::ids;

/// Scopes of a page at most, by the model of the answer.
const PAGE: usize = 10;

fn target(arn: &String) -> Result<ScopeTarget, Fault> {
    ScopeTarget::parse(arn).ok_or_else(|| {
        Fault::not_found(format!("AuthorizedTargets: {arn} was not found")).with_resource_id(arn)
    })
}

fn shape(scope: AccessScope) -> ScopeDetails {
    let targets: Vec<String> = scope.authorized_targets.iter().map(ScopeTarget::to_string).collect();
    ScopeDetails {
        scope: scope.scope.into(),
        authorized_targets: Some(targets).filter(|targets| !targets.is_empty()),
    }
}

pub(crate) async fn put(app: App, cx: Cx, input: PutApplicationAccessScopeRequest) -> Result<Nothing, Fault> {
    let scope = AccessScope {
        scope: ScopeName::parse(input.scope)?,
        authorized_targets: input
            .authorized_targets
            .iter()
            .flatten()
            .map(target)
            .collect::<Result<_, _>>()?,
    };
    access_scopes::put(&app.store, &cx, &ids::application(&input.application_arn)?, scope).await?;
    Ok(Nothing {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationAccessScopeRequest,
) -> Result<GetApplicationAccessScopeResponse, Fault> {
    let (arn, scope) = (ids::application(&input.application_arn)?, ScopeName::parse(input.scope)?);
    let it = shape(access_scopes::get(&app.store, &cx, &arn, &scope)?);
    Ok(GetApplicationAccessScopeResponse { scope: it.scope, authorized_targets: it.authorized_targets })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationAccessScopesRequest,
) -> Result<ListApplicationAccessScopesResponse, Fault> {
    let scope = PageScope::new("ListApplicationAccessScopes", &[&input.application_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE)?;
    let found = access_scopes::list(&app.store, &cx, &ids::application(&input.application_arn)?, &page)?;
    Ok(ListApplicationAccessScopesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        scopes: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationAccessScopeRequest,
) -> Result<Nothing, Fault> {
    let (arn, scope) = (ids::application(&input.application_arn)?, ScopeName::parse(input.scope)?);
    access_scopes::delete(&app.store, &cx, &arn, scope).await?;
    Ok(Nothing {})
}
