//! Delegated administrators: there are none.

use accounts::organizations;
use model::cx::Cx;
use model::fault::Fault;
use model::page::PageScope;
use wire::generated::organizations::shapes::{
    ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
};

use crate::app::App;
use crate::organizations::pages::refuse_token;

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListDelegatedAdministratorsRequest,
) -> Result<ListDelegatedAdministratorsResponse, Fault> {
    let service = input.service_principal.as_deref();
    let scope = PageScope::new("ListDelegatedAdministrators", &[service.unwrap_or_default()]);
    refuse_token(&scope, input.next_token.as_deref())?;
    organizations::delegated_administrators(&app.store, &cx, service)?;
    Ok(ListDelegatedAdministratorsResponse { delegated_administrators: Some(Vec::new()), next_token: None })
}
