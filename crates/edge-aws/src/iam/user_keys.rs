//! CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed: of users.

use accounts::access_keys::Change;
use accounts::user_keys;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::iam::shapes::{
    AccessKey, AccessKeyLastUsed, AccessKeyMetadata, CreateAccessKeyRequest, CreateAccessKeyResponse,
    DeleteAccessKeyRequest, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse, ListAccessKeysRequest,
    ListAccessKeysResponse, UpdateAccessKeyRequest,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::iam::words::{date, limit};

/// What IAM says where a key was not used, or not for anything that is known.
const UNKNOWN: &str = "N/A";

fn status(active: bool) -> String {
    if active { "Active" } else { "Inactive" }.to_owned()
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, Fault> {
    let made = user_keys::create(&app.store, &cx, input.user_name.as_deref()).await?;
    Ok(CreateAccessKeyResponse {
        access_key: AccessKey {
            user_name: made.user.name.into(),
            access_key_id: made.key.id,
            status: status(true),
            secret_access_key: made.key.secret.expose().to_owned(),
            create_date: Some(date(cx.now)),
        },
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, Fault> {
    let of = input.user_name.as_deref();
    let scope = PageScope::new("ListAccessKeys", &[of.unwrap_or_default()]);
    let page = scope.request(limit(input.max_items), input.marker.as_deref(), PAGE_DEFAULT)?;
    let (user, keys) = user_keys::list(&app.store, &cx, of)?;
    let found = page.page_of(keys, |key| key.id.clone());
    let marker = found.next.as_deref().map(|key| scope.encode(key));
    let shown = |key: model::accounts::service_user::AccessKey| AccessKeyMetadata {
        user_name: Some(user.name.to_string()),
        access_key_id: Some(key.id),
        status: Some(status(key.active)),
        create_date: Some(date(key.created_at)),
    };
    Ok(ListAccessKeysResponse {
        access_key_metadata: found.items.into_iter().map(shown).collect(),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

pub(crate) async fn update(app: App, cx: Cx, input: UpdateAccessKeyRequest) -> Result<Nothing, Fault> {
    let change = match input.status.as_str() {
        "Active" => Change::Activate,
        "Inactive" => Change::Deactivate,
        other => {
            return Err(Fault::validation(format!(
                "Status is {other}, which is not supported by this server: keys are Active or Inactive"
            )));
        }
    };
    let of = (input.user_name.as_deref(), input.access_key_id);
    user_keys::change_key(&app.store, &cx, of, change).await?;
    Ok(Nothing {})
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteAccessKeyRequest) -> Result<Nothing, Fault> {
    let of = (input.user_name.as_deref(), input.access_key_id);
    user_keys::change_key(&app.store, &cx, of, Change::Delete).await?;
    Ok(Nothing {})
}

pub(crate) async fn last_used(
    app: App,
    cx: Cx,
    input: GetAccessKeyLastUsedRequest,
) -> Result<GetAccessKeyLastUsedResponse, Fault> {
    let (user, used) = user_keys::last_use(&app.store, &cx, &input.access_key_id)?;
    let at = used.as_ref().map(|used| date(used.at));
    let (service, region) = used.map_or((None, None), |used| (used.service, used.region));
    Ok(GetAccessKeyLastUsedResponse {
        user_name: Some(user.name.into()),
        access_key_last_used: Some(AccessKeyLastUsed {
            last_used_date: at,
            service_name: service.unwrap_or_else(|| UNKNOWN.to_owned()),
            region: region.unwrap_or_else(|| UNKNOWN.to_owned()),
        }),
    })
}
