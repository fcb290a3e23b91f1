//! The list of identity providers.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::directories::directory::{Directory, Summary};
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};
use crate::provisioning_tenants::tenant::Tenant;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Providers {
    configurations: Vec<Provider>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provider {
    configuration_id: String,
    name: String,
    protocol: String,
    status: String,
    #[serde(default)]
    domains: Vec<String>,
    fetch_error: Option<String>,
}

impl Provider {
    fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }

    fn speaks(&self) -> &'static str {
        if self.protocol == "SAML" { "SAML 2.0" } else { "OpenID Connect" }
    }
}

#[derive(Template)]
#[template(path = "identity_providers/list.html")]
struct ProvidersPage {
    frame: Frame,
    shell: Shell,
    providers: Vec<Provider>,
    /// Those that write people here; nothing where the role may not know.
    tenants: Option<Vec<Tenant>>,
    /// Those that are read; nothing where the role may not know.
    directories: Option<Vec<Summary>>,
    /// Whether this is not the first page.
    further: bool,
    next: Option<String>,
}

/// The list.
pub(crate) async fn list(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let input = json!({
        "IdentityStoreId": desk.identity_store_id(), "MaxResults": ROWS, "NextToken": query.some("token"),
    });
    let op = Op("portico", "ListExternalIdPConfigurationsForDirectory");
    let found: Providers = match admin.call(&desk, op, input).await {
        Ok(found) => found,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let tenants = match Tenant::all_if_allowed(&desk, &mut admin).await {
        Ok(tenants) => tenants,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let directories = match Directory::all_if_allowed(&desk, &mut admin).await {
        Ok(directories) => directories,
        Err(why) => return refused(&desk, &admin, Room::IdentityProviders, &why),
    };
    let next = |token: String| format!("/console/identity-providers?token={}", encoded(&token));
    let page = ProvidersPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::IdentityProviders).after(&admin, &query),
        providers: found.configurations,
        tenants,
        directories,
        further: query.some("token").is_some(),
        next: found.next_token.map(next),
    };
    show(&desk, &admin, &page)
}
