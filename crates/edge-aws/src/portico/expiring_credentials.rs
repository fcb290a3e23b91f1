//! ListExpiringCredentials.

use std::time::Duration;

use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use sources::expiring_credentials::{self, Credential, Expiring};
use wire::generated::portico::shapes::{
    ExpiringCredential, ListExpiringCredentialsRequest, ListExpiringCredentialsResponse,
};

use crate::app::App;
use crate::identitystore::ids;

/// Within how many days, unless a call says otherwise.
const DAYS: i64 = 30;

fn shape(expiring: Expiring) -> ExpiringCredential {
    let shape = ExpiringCredential {
        tenant_id: None,
        token_id: None,
        token_name: None,
        last_used_at: None,
        configuration_id: None,
        certificate_id: None,
        application_arn: None,
        secret_id: None,
        secret_name: None,
        source_name: expiring.source_name,
        expires_at: ids::seconds(expiring.expires_at),
    };
    match expiring.credential {
        Credential::Token(token) => ExpiringCredential {
            tenant_id: Some(token.tenant_id.into()),
            token_id: Some(token.id.into()),
            token_name: token.name,
            last_used_at: token.last_used_at.map(ids::seconds),
            ..shape
        },
        Credential::Certificate { idp, id } => {
            ExpiringCredential { configuration_id: Some(idp.into()), certificate_id: Some(id), ..shape }
        }
        Credential::ApplicationCertificate { application, id } => ExpiringCredential {
            application_arn: Some(application.to_string()),
            certificate_id: Some(id),
            ..shape
        },
        Credential::ClientSecret(secret) => ExpiringCredential {
            application_arn: Some(secret.application.to_string()),
            secret_id: Some(secret.id),
            secret_name: secret.name,
            last_used_at: secret.last_used_at.map(ids::seconds),
            ..shape
        },
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListExpiringCredentialsRequest,
) -> Result<ListExpiringCredentialsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    // The model holds the limits.
    let days = input.days.unwrap_or(DAYS);
    let scope = PageScope::new("ListExpiringCredentials", &[at.id().as_str(), &days.to_string()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let within = Duration::from_hours(24 * u64::try_from(days).unwrap_or_default());
    let found = expiring_credentials::list(&app.store, &cx, (&at, within), &page)?;
    Ok(ListExpiringCredentialsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        credentials: found.items.into_iter().map(shape).collect(),
    })
}
