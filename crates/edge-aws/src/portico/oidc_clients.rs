//! CreateApplicationClientSecret, ListApplicationClientSecrets, DeleteApplicationClientSecret.

use applications::oidc_clients::{self, NewSecret};
use model::applications::oidc_client::ClientSecret;
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    ApplicationClientSecret, ApplicationClientSecretMetadata, CreateApplicationClientSecretRequest,
    CreateApplicationClientSecretResponse, DeleteApplicationClientSecretRequest,
    DeleteApplicationClientSecretResponse, ListApplicationClientSecretsRequest,
    ListApplicationClientSecretsResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn shape(held: ClientSecret) -> ApplicationClientSecretMetadata {
    ApplicationClientSecretMetadata {
        secret_id: held.id,
        name: held.name,
        created_at: ids::seconds(held.created_at),
        created_by: held.created_by,
        expires_at: held.expires_at.map(ids::seconds),
        last_used_at: held.last_used_at.map(ids::seconds),
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateApplicationClientSecretRequest,
) -> Result<CreateApplicationClientSecretResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let validity_days = input.validity_days.and_then(|days| u32::try_from(days).ok());
    let new = NewSecret { name: input.name, validity_days };
    let (made, secret) = oidc_clients::create(&app.store, &cx, &arn, new).await?;
    Ok(CreateApplicationClientSecretResponse {
        client_secret: ApplicationClientSecret {
            secret_id: made.id,
            secret: secret.expose().to_owned(),
            expires_at: made.expires_at.map(ids::seconds),
        },
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationClientSecretsRequest,
) -> Result<ListApplicationClientSecretsResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let found = oidc_clients::list(&app.store, &cx, &arn)?;
    Ok(ListApplicationClientSecretsResponse { client_secrets: found.into_iter().map(shape).collect() })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationClientSecretRequest,
) -> Result<DeleteApplicationClientSecretResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    oidc_clients::delete(&app.store, &cx, &arn, input.secret_id).await?;
    Ok(DeleteApplicationClientSecretResponse {})
}
