//! What identity providers really send, from their public documentation and issue threads: the shapes, not the texts. Each passes in both modes, unless
//! AWS refuses it and the test says so.

use http::StatusCode;
use model::directory::user::UserStatus;
use serde_json::{Value, json};
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::world::{World, describe, names};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

on_both_engines!(entra_id_with_its_default_mappings, |fixture| async move {
    let w = World::new(fixture).await;
    // What its provisioning maps at first: phone numbers of three types, the parts of an address, a manager.
    let made = w.post("/Users", json!({
        "schemas": [CORE, ENTERPRISE], "externalId": "jsmith", "userName": "jsmith@example.com", "active": true, "displayName": "John Smith",
        "title": "Guide", "preferredLanguage": "en-US",
        "emails": [{"primary": true, "type": "work", "value": "jsmith@example.com"}], "name": {"formatted": "John Smith", "familyName": "Smith", "givenName": "John"},
        "phoneNumbers": [{"type": "work", "value": "+1 1"}, {"type": "mobile", "value": "+1 2"}, {"type": "fax", "value": "+1 3"}],
        "addresses": [{"type": "work", "primary": true, "formatted": "Office 9", "streetAddress": "1 Way", "locality": "Ulm", "region": "BW", "postalCode": "89073", "country": "DE"}],
        ENTERPRISE: {"employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "26118915"}},
    })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let path = format!("/Users/{}", made.id());
    let changed = w.patch(&path, json!([
        {"op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 22"},
        {"op": "Add", "path": "phoneNumbers[type eq \"home\"].value", "value": "+1 4"},
        {"op": "Remove", "path": "phoneNumbers[type eq \"fax\"].value"},
        {"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Bonn"},
        {"op": "Add", "path": "addresses[type eq \"home\"].formatted", "value": "At home"},
        {"op": "Add", "path": "emails[type eq \"other\"].value", "value": "john@other.example"},
        {"op": "Add", "path": "roles", "value": [
            {"primary": "False", "type": "WindowsAzureActiveDirectoryRole", "display": "CRM Administrator", "value": "crm"},
            {"primary": "False", "type": "WindowsAzureActiveDirectoryRole", "display": "Basic User", "value": "basic"},
        ]},
        {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "one"},
    ])).await;
    assert_ok(&changed);
    let body = &changed.body;
    let numbers = json!([{"type": "work", "value": "+1 1"}, {"type": "mobile", "value": "+1 22"}, {"type": "fax"}, {"type": "home", "value": "+1 4"}]);
    assert_eq!(body["phoneNumbers"], numbers);
    assert_eq!(
        (&body["addresses"][0]["locality"], &body["addresses"][1]),
        (&json!("Bonn"), &json!({"type": "home", "formatted": "At home"}))
    );
    assert_eq!(body["emails"][1], json!({"type": "other", "value": "john@other.example", "primary": false}));
    let roles: Vec<&str> =
        body["roles"].as_array().unwrap().iter().map(|role| role["value"].as_str().unwrap()).collect();
    assert_eq!(
        (roles.as_slice(), &body["roles"][1]["display"]),
        (&["crm", "basic", "one"][..], &json!("Basic User"))
    );
});

on_both_engines!(okta_with_a_secondary_address, |fixture| async move {
    let w = World::new(fixture).await;
    let made = w.post("/Users", json!({
        "schemas": [CORE], "userName": "isaac@example.com", "name": {"givenName": "Isaac", "familyName": "Brock"}, "displayName": "Isaac Brock",
        "emails": [{"primary": true, "value": "isaac@example.com", "type": "work"}, {"primary": false, "value": "isaac@home.example", "type": "home"}],
        "phoneNumbers": [{"primary": true, "value": "123", "type": "work"}, {"value": "456", "type": "mobile"}],
        "entitlements": [{"value": "e1", "display": "Editor", "type": "license", "primary": true}], "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "active": true,
    })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let path = format!("/Users/{}", made.id());
    let mut whole = w.get(&path).await.body;
    whole["emails"][1]["value"] = json!("brock@home.example");
    let put = w.put(&path, whole.clone()).await;
    assert_eq!((put.status, &put.body["emails"]), (StatusCode::OK, &whole["emails"]), "{put:?}");
    assert_eq!(put.body["entitlements"], whole["entitlements"]);
    assert_eq!(
        names(&w.get("/Users?filter=emails.value eq \"brock@home.example\"").await),
        ["isaac@example.com"]
    );
});

async fn both(fixture: Fixture) -> [World; 2] {
    let strict = World::strict(Fixture::sqlite().await).await;
    [World::new(fixture).await, strict]
}

#[track_caller]
fn assert_ok(answer: &crate::world::Answer) {
    assert!(answer.status.is_success(), "{answer:?}");
}

on_both_engines!(entra_id, |fixture| async move {
    for w in both(fixture).await {
        // It asks for somebody who is not there, which must be an empty list and no error.
        assert_eq!(names(&w.get("/Users?filter=userName eq \"7ba0ef3a\"").await), [] as [&str; 0]);
        let made = w.post("/Users", json!({
            "schemas": [CORE, ENTERPRISE], "externalId": "jsmith", "userName": "jsmith@example.com", "active": true, "displayName": "John Smith",
            "emails": [{"primary": true, "type": "work", "value": "jsmith@example.com"}], "meta": {"resourceType": "User"},
            "name": {"formatted": "John Smith", "familyName": "Smith", "givenName": "John"}, "roles": [],
            ENTERPRISE: {"employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "26118915"}},
        })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let path = format!("/Users/{}", made.id());
        // Operations with capitals, flags as text, dotted paths as members' names.
        let changed = w
            .patch(
                &path,
                json!([
                    {"op": "Replace", "path": "active", "value": "False"},
                    {"op": "Add", "path": "title", "value": "Guide"},
                    {"op": "Replace", "path": "name.familyName", "value": "Smithe"},
                    {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "john@example.com"},
                    {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"},
                ]),
            )
            .await;
        assert_ok(&changed);
        let body = &changed.body;
        assert_eq!(
            (&body["active"], &body["title"], &body["name"]["familyName"]),
            (&json!(false), &json!("Guide"), &json!("Smithe"))
        );
        assert_eq!(
            (&body["emails"][0]["value"], &body[ENTERPRISE]["department"]),
            (&json!("john@example.com"), &json!("Sales"))
        );
        let whole = json!([{"op": "Replace", "value": {"active": "True", "name.givenName": "Johnny", "displayName": "Johnny"}}]);
        let changed = w.patch(&path, whole).await;
        if w.fixture.surroundings.mode == model::limits::Mode::Strict {
            changed.refused(400, "", "Missing path in PATCH request");
            assert!(changed.body.get("schema").is_some() && changed.body.get("exceptionRequestId").is_some());
        } else {
            assert_eq!(
                (&changed.body["active"], &changed.body["name"]["givenName"]),
                (&json!(true), &json!("Johnny"))
            );
        }
        let group = w.post("/Groups", json!({"schemas": [GROUP], "externalId": "8aa1a0c0", "displayName": "Guides", "meta": {"resourceType": "Group"}})).await;
        assert_eq!(group.status, StatusCode::CREATED, "{group:?}");
        let of_group = format!("/Groups/{}", group.id());
        let member = json!([{"value": made.id()}]);
        assert_ok(&w.patch(&of_group, json!([{"op": "Add", "path": "members", "value": member}])).await);
        let is_in = format!("/Groups?filter=id eq \"{}\" and members eq \"{}\"", group.id(), made.id());
        assert_eq!(names(&w.get(&is_in).await), ["Guides"]);
        assert_ok(&w.get(&format!("{of_group}?excludedAttributes=members")).await);
        let other = w.person("other").await;
        assert_ok(
            &w.patch(&of_group, json!([{"op": "Add", "path": "members", "value": [{"value": other}]}])).await,
        );
        // The one that it names goes, and never everybody (client-habits: older Entra ID).
        assert_ok(&w.patch(&of_group, json!([{"op": "Remove", "path": "members", "value": member}])).await);
        assert_eq!(names(&w.get(&is_in).await), [] as [&str; 0]);
        assert_eq!(names(&w.get(&format!("/Groups?filter=members.value eq \"{other}\"")).await), ["Guides"]);
    }
});

on_both_engines!(okta, |fixture| async move {
    for w in both(fixture).await {
        assert_eq!(
            names(&w.get("/Users?filter=userName eq \"isaac@example.com\"&startIndex=1&count=100").await),
            [] as [&str; 0]
        );
        let made = w.post("/Users", json!({
            "schemas": [CORE], "userName": "isaac@example.com", "name": {"givenName": "Isaac", "familyName": "Brock"}, "displayName": "Isaac Brock",
            "emails": [{"primary": true, "value": "isaac@example.com", "type": "work"}], "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "active": true,
        })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let path = format!("/Users/{}", made.id());
        // It reads, changes what it read, and sends all of it.
        let mut whole = w.get(&path).await.body;
        whole["name"]["familyName"] = json!("Brocke");
        whole["nickName"] = json!("");
        let put = w.put(&path, whole).await;
        assert_eq!(
            (put.status, &put.body["name"]["familyName"]),
            (StatusCode::OK, &json!("Brocke")),
            "{put:?}"
        );
        let off = w.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await;
        assert_eq!((off.status, &off.body["active"]), (StatusCode::OK, &json!(false)), "{off:?}");
        let id = w.group("Okta Group", &[]).await;
        let member = json!([{"value": made.id(), "display": "isaac@example.com"}]);
        assert_ok(
            &w.patch(&format!("/Groups/{id}"), json!([{"op": "add", "path": "members", "value": member}]))
                .await,
        );
        let of_one = format!("members[value eq \"{}\"]", made.id());
        assert_ok(&w.patch(&format!("/Groups/{id}"), json!([{"op": "remove", "path": of_one}])).await);
        let renamed = json!([{"op": "replace", "path": "displayName", "value": "Renamed"}]);
        assert_ok(&w.patch(&format!("/Groups/{id}"), renamed).await);
        assert_eq!(
            names(&w.get("/Groups?filter=displayName eq \"Renamed\"&startIndex=1&count=100").await),
            ["Renamed"]
        );
    }
});

on_both_engines!(onelogin_jumpcloud_and_google, |fixture| async move {
    for w in both(fixture).await {
        // OneLogin: PUT of the whole person; JumpCloud: PUT with `active` to let go; Google: PATCH of one flag with the path.
        let id = w.person("anna").await;
        let path = format!("/Users/{id}");
        let mut whole = describe("anna");
        whole["title"] = json!("Engineer");
        whole["phoneNumbers"] = json!([{"type": "mobile", "value": "123", "primary": true}]);
        whole["addresses"] = json!([{"type": "work", "formatted": "1 Way, Ulm", "country": "DE"}]);
        let put = w.put(&path, whole.clone()).await;
        assert_eq!(
            (put.status, &put.body["title"], &put.body["phoneNumbers"]),
            (StatusCode::OK, &json!("Engineer"), &whole["phoneNumbers"])
        );
        whole["active"] = json!(false);
        assert_eq!(w.put(&path, whole).await.body["active"], false);
        let google = json!([{"op": "replace", "path": "active", "value": true}]);
        assert_eq!(w.patch(&path, google).await.body["active"], true);
        assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    }
});

on_both_engines!(ssosync_and_idp_scim_sync, |fixture| async move {
    for w in both(fixture).await {
        // They look people up one by one, and ask about each membership by a filter since AWS never shows members.
        let made = w.post("/Users", json!({
            "schemas": [CORE], "userName": "lee@example.com", "name": {"familyName": "Lee", "givenName": "Kim"}, "displayName": "Kim Lee", "active": true,
            "emails": [{"value": "lee@example.com", "type": "work", "primary": true}], "addresses": [{"type": "work"}],
        })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_eq!(names(&w.get("/Users?filter=userName eq \"lee@example.com\"").await), ["lee@example.com"]);
        let group = w
            .post("/Groups", json!({"schemas": [GROUP], "displayName": "dev@example.com", "members": []}))
            .await;
        assert_eq!(group.status, StatusCode::CREATED, "{group:?}");
        let change = |op: &str| json!([{"op": op, "path": "members", "value": [{"value": made.id()}]}]);
        let path = format!("/Groups/{}", group.id());
        assert_ok(&w.patch(&path, change("add")).await);
        assert_eq!(
            w.patch(&path, change("add")).await.status,
            StatusCode::NO_CONTENT,
            "once more is no error"
        );
        let is_in = format!("/Groups?filter=id eq \"{}\" and members eq \"{}\"", group.id(), made.id());
        assert_eq!(w.get(&is_in).await.body["totalResults"].as_u64().unwrap_or_default(), 1);
        assert_ok(&w.patch(&path, change("remove")).await);
        assert_eq!(w.patch(&path, change("remove")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(names(&w.get(&is_in).await), [] as [&str; 0]);
    }
});

on_both_engines!(people_without_parts_of_their_names_are_taken_in_relaxed_mode, |fixture| async move {
    let w = World::new(fixture).await;
    let made = w.post("/Users", json!({"schemas": [CORE], "userName": "robot@example.com"})).await;
    assert_eq!(
        (made.status, &made.body["displayName"], made.body.get("name")),
        (StatusCode::CREATED, &json!("robot@example.com"), None)
    );
    let id = model::directory::user::UserId::trusted(made.id());
    w.take(&made.id(), None).await;
    let cx = w.root("UpdateUser");
    let operation =
        directory::patch::AttributeOperation { path: "title".to_owned(), value: Some(json!("Robot")) };
    let change = directory::patch::Update { operations: vec![operation], revision: None };
    let user = directory::users::update(&w.fixture.store, &cx, &w.at(), &id, change).await.unwrap();
    assert_eq!(
        (user.profile.attributes["Title"].clone(), user.status),
        (json!("Robot"), UserStatus::Enabled)
    );
    let strict = World::strict(Fixture::sqlite().await).await;
    let refused: Value = strict.post("/Users", json!({"userName": "robot"})).await.body;
    assert!(refused["detail"].as_str().unwrap().contains("displayName"), "{refused}");
});
