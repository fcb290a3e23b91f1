//! Who owns whom, as providers hear of it: a token changes whom its tenant brought, and nobody else.

use directory::owners::{self, Owned};
use directory::ownership::Named;
use directory::patch::{AttributeOperation, Update};
use directory::users;
use http::{Method, StatusCode};
use model::directory::user::{Name, TypedValue, User, UserId, UserProfile, UserStatus};
use serde_json::json;
use sources::tenants;
use testkit::on_both_engines;

use crate::world::{World, describe, names};

/// Somebody whom an administrator made: here it is the administrator.
async fn administrator(w: &World) -> String {
    let text = |value: &str| Some(value.to_owned());
    let profile = UserProfile {
        user_name: "admin".to_owned(),
        display_name: "Ada".to_owned(),
        name: Name { given_name: text("Ada"), family_name: text("Min"), ..Name::default() },
        emails: vec![TypedValue { value: text("admin@example.com"), primary: true, kind: None }],
        ..UserProfile::default()
    };
    users::create(&w.fixture.store, &w.root("CreateUser"), &w.at(), profile).await.unwrap().id.to_string()
}

fn user(w: &World, id: &str) -> User {
    let (cx, id) = (w.root("DescribeUser"), UserId::trusted(id));
    users::describe(&w.fixture.store, &cx, &w.at(), &id, |row| Ok(row.opened()?)).unwrap()
}

async fn set_status(w: &World, id: &str, status: UserStatus) {
    let (cx, id) = (w.root("SetStatus"), UserId::trusted(id));
    users::set_status(&w.fixture.store, &cx, &w.at(), &id, status).await.unwrap();
}

/// Every way of changing somebody is refused, and nothing has changed.
async fn is_out_of_reach(w: &World, id: &str, whose: &str) {
    let (path, before) = (format!("/Users/{id}"), user(w, id));
    let active = json!([{"op": "replace", "path": "active", "value": false}]);
    let mail =
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "evil@example.net"}]);
    let called = json!([{"op": "add", "path": "externalId", "value": "mine"}]);
    for operations in [active, mail, called] {
        w.patch(&path, operations).await.refused(403, "", whose);
    }
    w.put(&path, describe("evil")).await.refused(403, "", whose);
    w.delete(&path).await.refused(403, "", "TakeOwnership");
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let bulk = json!({"schemas": schemas, "Operations": [{"method": "DELETE", "path": path}]});
    let said = w.post("/Bulk", bulk).await.body;
    assert_eq!(said["Operations"][0]["status"], "403", "{said}");
    assert_eq!(user(w, id), before);
    assert_eq!(w.get(&path).await.status, StatusCode::OK, "it sees them");
}

on_both_engines!(a_token_changes_no_administrator, |fixture| async move {
    let w = World::new(fixture).await;
    let admin = administrator(&w).await;
    is_out_of_reach(&w, &admin, "no source").await;
    assert_eq!(names(&w.get("/Users?filter=userName eq \"admin\"").await), ["admin"]);
    w.post("/Users", describe("admin")).await.refused(409, "uniqueness", "UserName");
});

on_both_engines!(a_token_changes_and_deletes_nobody_of_another_source, |fixture| async move {
    let mut w = World::new(fixture).await;
    let (first, jane) = (w.tenant.clone(), w.person("jane").await);
    let group = w.group("Brought", &[&jane]).await;
    w.turn_to_another_tenant().await;
    is_out_of_reach(&w, &jane, first.as_str()).await;
    let path = format!("/Groups/{group}");
    let out = json!([{"op": "remove", "path": "members", "value": [{"value": jane}]}]);
    w.patch(&path, out).await.refused(403, "", "GroupIds");
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    let whole = json!({"schemas": schemas, "displayName": "Mine", "members": []});
    w.put(&path, whole).await.refused(403, "", first.as_str());
    w.delete(&path).await.refused(403, "", first.as_str());
    assert_eq!(w.get(&path).await.body["members"][0]["value"], jane.as_str());
    // A group of its own may hold whom it does not own: who is in a group is for its owner to say.
    w.group("Mine", &[&jane]).await;
});

on_both_engines!(who_is_handed_over_is_changed_by_their_new_source, |fixture| async move {
    let mut w = World::new(fixture).await;
    let admin = administrator(&w).await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Ada M."}]);
    let path = format!("/Users/{admin}");
    w.take(&admin, Some(&w.tenant)).await;
    assert_eq!(w.patch(&path, rename.clone()).await.status, StatusCode::OK);
    let (store, at) = (w.fixture.store.clone(), w.at());
    let operations = vec![AttributeOperation { path: "title".to_owned(), value: Some(json!("Head")) }];
    let change = Update { operations, revision: None };
    let id = UserId::trusted(admin.clone());
    let update =
        async |w: &World| users::update(&store, &w.root("UpdateUser"), &at, &id, change.clone()).await;
    let refused = update(&w).await.unwrap_err();
    assert!(refused.message().contains(w.tenant.as_str()), "{refused}");

    // Deleting the tenant releases whom it owned, who stay.
    let before = w.tenant.clone();
    tenants::delete(&w.fixture.store, &w.root("DeleteProvisioningTenant"), &w.at(), &before).await.unwrap();
    w.turn_to_another_tenant().await;
    w.patch(&path, rename).await.refused(403, "", "no source");
    update(&w).await.unwrap();
});

on_both_engines!(whom_an_administrator_disabled_no_token_lets_in_again, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.person("jane").await;
    let path = format!("/Users/{id}");
    let active = |value: bool| json!([{"op": "replace", "path": "active", "value": value}]);
    set_status(&w, &id, UserStatus::Disabled).await;
    w.patch(&path, active(true)).await.refused(403, "", "EnableUser");
    w.with(Method::PUT, &path, describe("jane")).await.refused(403, "", "disabled here");
    let mut silent = describe("jane");
    silent.as_object_mut().unwrap().shift_remove("active");
    silent["title"] = json!("Head");
    let said = w.put(&path, silent).await;
    assert_eq!((&said.body["active"], &said.body["title"]), (&json!(false), &json!("Head")));
    assert_eq!(w.patch(&path, active(false)).await.status, StatusCode::OK);
    w.patch(&path, active(true)).await.refused(403, "", "EnableUser");
    set_status(&w, &id, UserStatus::Enabled).await;
    w.patch(&path, active(false)).await;
    assert_eq!(w.patch(&path, active(true)).await.body["active"], true);
});

/// Somebody whom an administrator disabled here, and the source deleted then.
async fn gone(w: &World, name: &str) -> String {
    let id = w.person(name).await;
    set_status(w, &id, UserStatus::Disabled).await;
    assert_eq!(w.delete(&format!("/Users/{id}")).await.status, StatusCode::NO_CONTENT);
    id
}

fn owner(w: &World, id: &str) -> Option<Named> {
    let of = Owned::User(UserId::trusted(id));
    owners::describe(&w.fixture.store, &w.root("DescribeOwner"), &w.at(), &of).unwrap()
}

on_both_engines!(whom_an_administrator_disabled_comes_back_disabled, |fixture| async move {
    let w = World::new(fixture).await;
    let before = gone(&w, "jane").await;
    let told = owner(&w, &before).unwrap();
    assert_eq!(told.tenant.as_ref(), Some(&w.tenant));
    assert!(told.deleted_at.is_some() && told.owner.disabled_here_at.is_some());

    let back = w.post("/Users", describe("JANE")).await;
    assert_eq!((back.status, &back.body["active"]), (StatusCode::CREATED, &json!(false)), "{back:?}");
    let told_of_back = owner(&w, &back.id()).unwrap();
    assert_eq!(told_of_back.owner.disabled_here_at, told.owner.disabled_here_at);
    let path = format!("/Users/{}", back.id());
    let active = |value: bool| json!([{"op": "replace", "path": "active", "value": value}]);
    w.patch(&path, active(true)).await.refused(403, "", "EnableUser");
    // Once more and once more: it stays so.
    assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    let back = w.post("/Users", describe("jane")).await;
    assert_eq!(back.body["active"], false);
    set_status(&w, &back.id(), UserStatus::Enabled).await;
    let path = format!("/Users/{}", back.id());
    assert_eq!(w.patch(&path, active(true)).await.body["active"], true);
    assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(w.post("/Users", describe("jane")).await.body["active"], true, "an administrator let them in");
});

on_both_engines!(who_is_kept_out_is_known_by_name_and_by_id_however_they_come, |fixture| async move {
    let mut w = World::new(fixture).await;
    gone(&w, "jane").await;
    let called = |name: &str, external: &str| {
        let mut person = describe(name);
        person["externalId"] = json!(external);
        person
    };
    assert_eq!(w.post("/Users", called("jane.doe", "ext-jane")).await.body["active"], false, "the same id");
    let renamed = w.post("/Users", called("temporary", "temporary")).await;
    assert_eq!(renamed.body["active"], true);
    let path = format!("/Users/{}", renamed.id());
    let rename = json!([{"op": "replace", "path": "userName", "value": "jane"}]);
    assert_eq!(w.patch(&path, rename).await.body["active"], false, "somebody takes the name");
    w.patch(&path, json!([{"op": "replace", "path": "active", "value": true}])).await.refused(
        403,
        "",
        "EnableUser",
    );
    assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    w.turn_to_another_tenant().await;
    assert_eq!(
        w.post("/Users", called("other", "ext-jane")).await.body["active"],
        true,
        "another's id says nothing"
    );
    assert_eq!(w.post("/Users", called("Jane", "7")).await.body["active"], false, "the name says who it is");
});

on_both_engines!(an_administrator_lets_in_who_is_gone_and_who_is_made_here, |fixture| async move {
    let w = World::new(fixture).await;
    let jane = gone(&w, "jane").await;
    set_status(&w, &jane, UserStatus::Enabled).await;
    let cx = w.root("EnableUser");
    let again =
        users::set_status(&w.fixture.store, &cx, &w.at(), &UserId::trusted(jane), UserStatus::Enabled).await;
    assert!(again.is_err(), "there is none any more");
    assert_eq!(w.post("/Users", describe("jane")).await.body["active"], true);
    gone(&w, "admin").await;
    let made = administrator(&w).await;
    assert_eq!(user(&w, &made).status, UserStatus::Enabled);
    // Whom the source itself stopped it may let in again.
    let bob = w.person("bob").await;
    w.patch(&format!("/Users/{bob}"), json!([{"op": "replace", "path": "active", "value": false}])).await;
    w.delete(&format!("/Users/{bob}")).await;
    assert_eq!(w.post("/Users", describe("bob")).await.body["active"], true);
});

on_both_engines!(strict_mode_keeps_nobody_out, |fixture| async move {
    let w = World::strict(fixture).await;
    gone(&w, "jane").await;
    assert_eq!(w.post("/Users", describe("jane")).await.body["active"], true);
});

on_both_engines!(strict_mode_knows_no_owner, |fixture| async move {
    let w = World::strict(fixture).await;
    let admin = administrator(&w).await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Ada M."}]);
    assert_eq!(w.patch(&format!("/Users/{admin}"), rename).await.status, StatusCode::OK);
    assert_eq!(w.delete(&format!("/Users/{admin}")).await.status, StatusCode::NO_CONTENT);
});
