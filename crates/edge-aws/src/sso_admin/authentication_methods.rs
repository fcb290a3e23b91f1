//! PutApplicationAuthenticationMethod, GetApplicationAuthenticationMethod, ListApplicationAuthenticationMethods, DeleteApplicationAuthenticationMethod.

use applications::authentication_methods;
use model::applications::authentication_method::{AuthenticationMethod as Method, AuthenticationMethodType};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    AuthenticationMethod, AuthenticationMethodItem, DeleteApplicationAuthenticationMethodRequest,
    GetApplicationAuthenticationMethodRequest, GetApplicationAuthenticationMethodResponse,
    IamAuthenticationMethod, ListApplicationAuthenticationMethodsRequest,
    ListApplicationAuthenticationMethodsResponse, PutApplicationAuthenticationMethodRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::sso_admin::ids;

fn kind(word: &str) -> Result<AuthenticationMethodType, Fault> {
    AuthenticationMethodType::parse(word)
        .ok_or_else(|| Fault::validation("AuthenticationMethodType must be IAM"))
}

fn shape(method: Method) -> AuthenticationMethod {
    let Method::Iam { actor_policy } = method;
    AuthenticationMethod { iam: Some(IamAuthenticationMethod { actor_policy }) }
}

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutApplicationAuthenticationMethodRequest,
) -> Result<Nothing, Fault> {
    let AuthenticationMethodType::Iam = kind(&input.authentication_method_type)?;
    let Some(iam) = input.authentication_method.iam else {
        return Err(Fault::validation("AuthenticationMethod must hold Iam for AuthenticationMethodType IAM"));
    };
    let method = Method::Iam { actor_policy: iam.actor_policy };
    let arn = ids::application(&input.application_arn)?;
    authentication_methods::put(&app.store, &cx, &arn, method).await?;
    Ok(Nothing {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationAuthenticationMethodRequest,
) -> Result<GetApplicationAuthenticationMethodResponse, Fault> {
    let (arn, kind) = (ids::application(&input.application_arn)?, kind(&input.authentication_method_type)?);
    let found = authentication_methods::get(&app.store, &cx, &arn, kind)?;
    Ok(GetApplicationAuthenticationMethodResponse { authentication_method: Some(shape(found)) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationAuthenticationMethodsRequest,
) -> Result<ListApplicationAuthenticationMethodsResponse, Fault> {
    let scope = PageScope::new("ListApplicationAuthenticationMethods", &[&input.application_arn]);
    let page = scope.request(None, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let arn = ids::application(&input.application_arn)?;
    let all = authentication_methods::list(&app.store, &cx, &arn)?;
    let found = page.page_of(all, |method| method.kind().as_str().to_owned());
    let item = |method: Method| AuthenticationMethodItem {
        authentication_method_type: Some(method.kind().as_str().to_owned()),
        authentication_method: Some(shape(method)),
    };
    Ok(ListApplicationAuthenticationMethodsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        authentication_methods: Some(found.items.into_iter().map(item).collect()),
    })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationAuthenticationMethodRequest,
) -> Result<Nothing, Fault> {
    let (arn, kind) = (ids::application(&input.application_arn)?, kind(&input.authentication_method_type)?);
    authentication_methods::delete(&app.store, &cx, &arn, kind).await?;
    Ok(Nothing {})
}
