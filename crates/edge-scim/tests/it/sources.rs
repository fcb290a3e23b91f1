//! Two providers that speak of one person: what the second one may set, and what it hears of the rest.

use ::sources::tenants;
use directory::source_id::SourceId;
use directory::user_sources;
use http::StatusCode;
use model::directory::user::UserId;
use model::fault::Fault;
use serde_json::json;
use testkit::on_both_engines;

use crate::world::{World, describe};

/// An administrator links somebody to the tenant that calls.
async fn link(w: &World, id: &str) {
    let (to, cx) = (SourceId::Tenant(w.tenant.clone()), w.root("LinkUsersToSource"));
    let failures =
        user_sources::link(&w.fixture.store, &cx, (&w.at(), &to), vec![UserId::trusted(id)]).await.unwrap();
    assert_eq!(failures, []);
}

async fn delete_tenant(w: &World) -> Result<(), Fault> {
    tenants::delete(&w.fixture.store, &w.root("DeleteProvisioningTenant"), &w.at(), &w.tenant).await
}

on_both_engines!(a_linked_token_sets_what_its_owner_does_not_and_nothing_else, |fixture| async move {
    let mut w = World::new(fixture).await;
    let (owner, jane) = (w.tenant.clone(), w.person("jane").await);
    let path = format!("/Users/{jane}");
    w.turn_to_another_tenant().await;
    w.post("/Users", describe("jane")).await.refused(409, "uniqueness", "UserName");
    link(&w, &jane).await;

    let title = json!([{"op": "add", "path": "title", "value": "Head"}]);
    let said = w.patch(&path, title).await;
    assert_eq!((said.status, &said.body["title"]), (StatusCode::OK, &json!("Head")));
    assert_eq!(said.body["userName"], "jane", "what holds is answered");
    let mail =
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "evil@example.net"}]);
    w.patch(&path, mail).await.refused(403, "", "emails is owned by");
    let renamed = json!([{"op": "replace", "value": {"userName": "root", "displayName": "Root"}}]);
    let refused = w.patch(&path, renamed).await;
    refused.refused(403, "", "displayName is owned by");
    refused.refused(403, "", owner.as_str());
    let active = |value: bool| json!([{"op": "replace", "path": "active", "value": value}]);
    w.patch(&path, active(false)).await.refused(403, "", "active is owned by");
    assert_eq!(w.patch(&path, active(true)).await.status, StatusCode::OK);
    let password = json!([{"op": "replace", "path": "password", "value": "correct horse battery staple"}]);
    w.patch(&path, password).await.refused(403, "", "password");

    // What holds may be said; what was said is kept without another word.
    let mut whole = describe("jane");
    whole["title"] = json!("Head");
    let put = w.put(&path, whole.clone()).await;
    assert_eq!(put.status, StatusCode::OK, "{put:?}");
    let again = w.put(&path, whole.clone()).await;
    assert_eq!(again.body["meta"]["version"], put.body["meta"]["version"], "nothing is written anew");
    // The first POST of whom an administrator linked finds them.
    let found = w.post("/Users", whole).await;
    assert_eq!((found.status, found.id()), (StatusCode::CREATED, jane.clone()));

    // A source does not go away silently, and takes its word alone with it.
    let refused = delete_tenant(&w).await.unwrap_err();
    assert!(refused.message().contains("of 1 users") && refused.message().contains("UnlinkUsersFromSource"));
    assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    let left = w.get(&path).await;
    assert_eq!((left.status, &left.body["title"]), (StatusCode::OK, &json!("Head")), "nobody else says it");
    w.patch(&path, active(true)).await.refused(403, "", owner.as_str());
    delete_tenant(&w).await.unwrap();
});
