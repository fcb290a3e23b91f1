//! Several values of an attribute, as identity providers send them, and what whoever knows one value alone makes of them.

use directory::patch::{AttributeOperation, Update};
use directory::users::{self, UserKey};
use http::StatusCode;
use model::directory::user::{User, UserId};
use serde_json::{Value, json};
use testkit::on_both_engines;

use crate::world::{World, describe, names};

/// Somebody with three addresses, of whom the second is the primary one.
fn ann() -> Value {
    let mut ann = describe("ann");
    ann["emails"] = json!([
        {"value": "ann@home.example", "type": "home", "primary": false},
        {"value": "ann@example.com", "type": "work", "primary": true, "display": "Ann at work"},
        {"value": "alias@example.com", "type": "other", "primary": false},
    ]);
    ann
}

fn kept(w: &World, id: &str) -> User {
    let (cx, id) = (w.root("DescribeUser"), UserId::trusted(id));
    users::describe(&w.fixture.store, &cx, &w.at(), &id, |row| Ok(row.opened()?)).unwrap()
}

async fn set(w: &World, id: &str, path: &str, value: Option<Value>) {
    let change =
        Update { operations: vec![AttributeOperation { path: path.to_owned(), value }], revision: None };
    let (cx, id) = (w.root("UpdateUser"), UserId::trusted(id));
    users::update(&w.fixture.store, &cx, &w.at(), &id, change).await.unwrap();
}

on_both_engines!(what_is_said_is_kept_in_order_and_answered, |fixture| async move {
    let w = World::new(fixture).await;
    let mut whole = ann();
    whole["phoneNumbers"] = json!([
        {"value": "1", "type": "work"}, {"value": "2", "type": "mobile", "primary": true}, {"value": "3", "type": "fax"},
    ]);
    whole["addresses"] =
        json!([{"type": "work", "locality": "Ulm"}, {"type": "home", "locality": "Bonn", "primary": true}]);
    whole["roles"] =
        json!([{"value": "crm", "display": "CRM Administrator", "type": "app"}, {"value": "hr"}]);
    whole["ims"] = json!([{"value": "ann", "type": "xmpp"}]);
    whole["entitlements"] = json!([{"value": "e1", "display": "One"}, {"value": "e2"}]);
    let made = w.post("/Users", whole.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let read = w.get(&format!("/Users/{}", made.id())).await.body;
    for name in ["emails", "phoneNumbers", "addresses", "roles", "ims", "entitlements"] {
        assert_eq!(read[name], whole[name], "{name}");
    }
    let user = kept(&w, &made.id());
    assert_eq!(user.profile.primary_email(), Some("ann@example.com"));
    assert_eq!(
        user.profile.attributes["PhoneNumbers"],
        json!([{"Value": "2", "Type": "mobile", "Primary": true}])
    );
    assert_eq!(user.profile.attributes["Roles"], json!([{"Value": "crm", "Type": "app"}]));
    // A provider that reads, changes and sends all of it changes what it changed alone, and once more nothing.
    let mut read = read;
    read["title"] = json!("Head");
    let put = w.put(&format!("/Users/{}", made.id()), read.clone()).await;
    assert_eq!((&put.body["emails"], &put.body["title"]), (&whole["emails"], &json!("Head")));
    let again = w.put(&format!("/Users/{}", made.id()), read).await;
    assert_eq!(again.body["meta"]["version"], put.body["meta"]["version"]);
    let less = w.put(&format!("/Users/{}", made.id()), describe("ann")).await.body;
    for name in ["phoneNumbers", "addresses", "roles", "ims", "entitlements"] {
        assert!(less.get(name).is_none(), "{name}: {less}");
    }
    assert_eq!(less["emails"].as_array().unwrap().len(), 1);
});

on_both_engines!(a_patch_means_the_values_that_it_chooses, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.post("/Users", ann()).await.id();
    let path = format!("/Users/{id}");
    let emails = |answer: &crate::world::Answer| -> Vec<(String, bool)> {
        let all = answer.body["emails"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        all.iter().map(|one| (one["value"].as_str().unwrap().to_owned(), one["primary"] == true)).collect()
    };
    let pair = |value: &str, primary: bool| (value.to_owned(), primary);
    let changed = w
        .patch(
            &path,
            json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"}]),
        )
        .await;
    assert_eq!(
        emails(&changed),
        [pair("ann@home.example", false), pair("new@example.com", true), pair("alias@example.com", false)]
    );
    // The newly primary one takes it from the one that was.
    let changed = w
        .patch(&path, json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]))
        .await;
    assert_eq!(
        emails(&changed),
        [pair("ann@home.example", true), pair("new@example.com", false), pair("alias@example.com", false)]
    );
    assert_eq!(kept(&w, &id).profile.primary_email(), Some("ann@home.example"));
    let changed = w.patch(&path, json!([{"op": "add", "path": "emails", "value": [{"value": "fourth@example.com", "type": "extra"}]}])).await;
    assert_eq!(emails(&changed).len(), 4);
    // The same value of the same type once more is no fifth.
    let changed = w.patch(&path, json!([{"op": "add", "path": "emails", "value": [{"value": "FOURTH@example.com", "type": "extra", "primary": true}]}])).await;
    assert_eq!(emails(&changed).last(), Some(&pair("FOURTH@example.com", true)));
    assert_eq!(emails(&changed).len(), 4);
    let changed = w.patch(&path, json!([{"op": "remove", "path": "emails[primary eq true]"}])).await;
    assert_eq!(emails(&changed).len(), 3);
    assert_eq!(
        kept(&w, &id).profile.primary_email(),
        Some("ann@home.example"),
        "the first, where none is primary"
    );
    let changed = w.patch(&path, json!([{"op": "remove", "path": "emails"}])).await;
    assert!(changed.body.get("emails").is_none());
    assert_eq!(kept(&w, &id).profile.primary_email(), None);
});

on_both_engines!(somebody_is_found_by_any_of_their_addresses, |fixture| async move {
    let w = World::new(fixture).await;
    let ann = w.post("/Users", ann()).await.id();
    let mut bob = describe("bob");
    bob["emails"] = json!([{"value": "bob@example.com", "primary": true}, {"value": "alias@example.com"}]);
    let bob_id = w.post("/Users", bob.clone()).await.id();
    w.person("alias").await;
    for (filter, wanted) in [
        ("emails.value eq \"ALIAS@example.com\"", vec!["alias", "ann", "bob"]),
        ("emails eq \"ann@home.example\"", vec!["ann"]),
        ("emails.value eq \"ann@example.com\"", vec!["ann"]),
        ("emails.value eq \"alias@example.com\" and userName eq \"bob\"", vec!["bob"]),
        ("emails[type eq \"other\" and value eq \"alias@example.com\"]", vec!["ann"]),
        ("emails[type eq \"work\" and value eq \"ann@home.example\"]", vec![]),
        ("emails.value eq \"alias\"", vec![]),
        ("phoneNumbers pr", vec![]),
    ] {
        assert_eq!(names(&w.get(&format!("/Users?filter={filter}")).await), wanted, "{filter}");
    }
    // An index that follows: who is disabled, changed, or gone.
    w.patch(&format!("/Users/{ann}"), json!([{"op": "replace", "path": "active", "value": false}])).await;
    let by = |address: &str| format!("/Users?filter=emails.value eq \"{address}\"");
    assert_eq!(names(&w.get(&by("ann@home.example")).await), ["ann"]);
    bob["emails"] = json!([{"value": "bob@example.com", "primary": true}]);
    w.put(&format!("/Users/{bob_id}"), bob).await;
    assert_eq!(names(&w.get(&by("alias@example.com")).await), ["alias", "ann"]);
    w.delete(&format!("/Users/{ann}")).await;
    assert_eq!(names(&w.get(&by("ann@home.example")).await), [] as [&str; 0]);
    // Nobody signs in or is identified by an address besides: two may have the same.
    let key = UserKey::Email("alias@example.com".to_owned());
    let cx = w.root("GetUserId");
    let found = users::get_id(&w.fixture.store, &cx, &w.at(), &key).unwrap();
    assert_eq!(kept(&w, found.as_str()).profile.user_name, "alias");
});

on_both_engines!(who_knows_one_value_loses_no_other, |fixture| async move {
    let w = World::new(fixture).await;
    let mut whole = ann();
    whole["phoneNumbers"] = json!([{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}]);
    let id = w.post("/Users", whole).await.id();
    w.take(&id, None).await;
    set(&w, &id, "emails", Some(json!([{"value": "second@example.com", "type": "work", "primary": true}])))
        .await;
    set(&w, &id, "phoneNumbers", Some(json!([{"value": "3", "type": "work"}]))).await;
    set(&w, &id, "title", Some(json!("Head"))).await;
    let read = w.get(&format!("/Users/{id}")).await.body;
    assert_eq!(
        read["emails"],
        json!([
            {"value": "ann@home.example", "type": "home", "primary": false}, {"value": "second@example.com", "type": "work", "primary": true},
            {"value": "alias@example.com", "type": "other", "primary": false},
        ])
    );
    assert_eq!(
        read["phoneNumbers"],
        json!([{"value": "3", "type": "work"}, {"value": "2", "type": "mobile"}])
    );
    // Whoever takes away the one they know means that there is none.
    set(&w, &id, "emails", None).await;
    let read = w.get(&format!("/Users/{id}")).await.body;
    assert!(read.get("emails").is_none(), "{read}");
    assert_eq!(names(&w.get("/Users?filter=emails.value eq \"alias@example.com\"").await), [] as [&str; 0]);
});

on_both_engines!(what_is_too_much_is_refused_by_name, |fixture| async move {
    let w = World::new(fixture).await;
    let emails = |count: usize| -> Value {
        (0..count).map(|at| json!({"value": format!("a{at}@x.example"), "type": "work"})).collect()
    };
    let with = |value: Value| {
        let mut ann = describe("ann");
        ann["emails"] = value;
        ann
    };
    w.post("/Users", with(emails(21))).await.refused(
        400,
        "invalidValue",
        "emails must have 1 to 20 items; it has 21",
    );
    let two = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]);
    w.post("/Users", with(two)).await.refused(400, "invalidValue", "at most 1 primary");
    let id = w.post("/Users", with(emails(20))).await.id();
    let more = json!([{"op": "add", "path": "emails", "value": [{"value": "one@more.example"}]}]);
    w.patch(&format!("/Users/{id}"), more).await.refused(400, "invalidValue", "it has 21");
    let mut with_certificate = describe("bob");
    with_certificate["x509Certificates"] = json!([{"value": "MII"}]);
    w.post("/Users", with_certificate).await.refused(400, "invalidValue", "x509Certificates is no attribute");
});

on_both_engines!(strict_mode_has_one_value_of_each_and_no_more_attributes, |fixture| async move {
    let w = World::strict(fixture).await;
    let with = |name: &str, value: Value| {
        let mut ann = describe("ann");
        ann[name] = value;
        ann
    };
    for (name, value, word) in [
        (
            "phoneNumbers",
            json!([{"value": "1"}, {"value": "2"}]),
            "List attribute phoneNumbers exceeds allowed limit of 1",
        ),
        ("ims", json!([{"value": "ann"}]), "ims is no attribute"),
        ("entitlements", json!([{"value": "e"}]), "entitlements is no attribute"),
        ("password", json!("Tr4vels!Tr4vels!"), "password is no attribute"),
        ("roles", json!([{"value": "r", "display": "R"}]), "display is no attribute"),
    ] {
        let refused = w.post("/Users", with(name, value)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{name}: {refused:?}");
        assert!(refused.body["detail"].as_str().unwrap().contains(word), "{name}: {refused:?}");
    }
    let schema = w.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await.body.to_string();
    for name in ["ims", "entitlements", "password"] {
        assert!(!schema.contains(&format!("\"{name}\"")), "{name}");
    }
    let id = w.person("ann").await;
    let second = json!([{"op": "add", "path": "phoneNumbers", "value": [{"value": "1"}, {"value": "2"}]}]);
    w.patch(&format!("/Users/{id}"), second).await.refused(
        400,
        "",
        "phoneNumbers must have exactly 1 item; it has 2",
    );
});
