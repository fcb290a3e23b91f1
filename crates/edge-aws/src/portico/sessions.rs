//! ListSessions, BatchDeleteSession, and how long sign-ins last.

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::signin::session_settings::SessionSettings;
use signin::mfa_devices;
use signin::sessions::{self, Ended, Listed};
use wire::generated::portico::shapes::{
    self, BatchDeleteSessionRequest, BatchDeleteSessionResponse, GetSessionSettingsRequest,
    GetSessionSettingsResponse, ListSessionsRequest, ListSessionsResponse, PutSessionSettingsRequest,
    PutSessionSettingsResponse,
};

use crate::app::App;
use crate::identitystore::ids;

fn shape(listed: Listed) -> shapes::Session {
    let Listed { session, clients } = listed;
    let clients = clients.into_iter().map(|client| shapes::SessionClient {
        client_id: client.client_id.into(),
        client_name: client.name,
        scopes: Some(client.scopes),
        created_at: ids::seconds(client.created_at),
    });
    shapes::Session {
        session_id: session.user.session_id,
        user_id: session.user.user_id.into(),
        user_name: session.user_name,
        name: Some(session.name).filter(|name| !name.is_empty()),
        source_ip_address: Some(session.source_ip),
        user_agent: Some(session.user_agent),
        created_at: ids::seconds(session.created_at),
        expires_at: ids::seconds(session.expires_at),
        clients: Some(clients.collect()),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListSessionsRequest,
) -> Result<ListSessionsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let user = input.user_id.as_deref().map(UserId::from_reference).transpose()?;
    let selectors = [at.id().as_str(), user.as_ref().map_or("", UserId::as_str)];
    let scope = PageScope::new("ListSessions", &selectors);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = sessions::list(&app.store, &cx, (&at, user.as_ref()), &page)?;
    Ok(ListSessionsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        sessions: found.items.into_iter().map(shape).collect(),
    })
}

pub(crate) async fn batch_delete(
    app: App,
    cx: Cx,
    input: BatchDeleteSessionRequest,
) -> Result<BatchDeleteSessionResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let user = input.user_id.as_deref().map(UserId::from_reference).transpose()?;
    let ended = match (user, input.session_ids) {
        (None, None) => {
            return Err(Fault::validation(
                "give SessionIds, or UserId to end all sessions of a person. Everybody's end by `portico revoke-issued` on the host",
            ));
        }
        (None, Some(ids)) => Ended::Sessions(ids),
        (Some(user), Some(ids)) => Ended::SessionsOf(user, ids),
        (Some(user), None) => Ended::AllOf(user),
    };
    let deleted = sessions::delete(&app.store, &cx, &at, ended).await?;
    Ok(BatchDeleteSessionResponse { deleted: Some(i64::try_from(deleted).unwrap_or(i64::MAX)) })
}

pub(crate) async fn get_settings(
    app: App,
    cx: Cx,
    input: GetSessionSettingsRequest,
) -> Result<GetSessionSettingsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let settings = mfa_devices::session_settings(&app.store, &cx, &at)?;
    let minutes = |minutes: u64| i64::try_from(minutes).unwrap_or(i64::MAX);
    Ok(GetSessionSettingsResponse {
        session_settings: shapes::SessionSettings {
            session_minutes: Some(minutes(settings.session_minutes)),
            idle_minutes: settings.idle_minutes.map(minutes),
            access_token_minutes: Some(minutes(settings.access_token_minutes)),
            refresh_token_minutes: settings.refresh_token_minutes.map(minutes),
            background_session_minutes: Some(minutes(settings.background_session_minutes)),
        },
    })
}

/// What is left out is as it is by default.
pub(crate) async fn put_settings(
    app: App,
    cx: Cx,
    input: PutSessionSettingsRequest,
) -> Result<PutSessionSettingsResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let (given, default) = (input.session_settings, SessionSettings::default());
    let minutes = |minutes: i64| u64::try_from(minutes).unwrap_or_default();
    let settings = SessionSettings {
        session_minutes: given.session_minutes.map_or(default.session_minutes, minutes),
        idle_minutes: given.idle_minutes.map(minutes),
        access_token_minutes: given.access_token_minutes.map_or(default.access_token_minutes, minutes),
        refresh_token_minutes: given.refresh_token_minutes.map(minutes),
        background_session_minutes: given
            .background_session_minutes
            .map_or(default.background_session_minutes, minutes),
    };
    mfa_devices::put_session_settings(&app.store, &cx, &at, settings).await?;
    Ok(PutSessionSettingsResponse {})
}
