//! ListSessions, BatchDeleteSession.

use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use signin::sessions::{self, Ended, Listed};
use wire::generated::portico::shapes::{
    self, BatchDeleteSessionRequest, BatchDeleteSessionResponse, ListSessionsRequest, ListSessionsResponse,
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
