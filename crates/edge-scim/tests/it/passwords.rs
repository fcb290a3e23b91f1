//! Passwords by SCIM: only from a tenant that may, by the directory's policy, in one transaction with the rest, and told by nothing.

use std::time::Duration;

use http::StatusCode;
use model::clock::Clock as _;
use model::directory::user::UserId;
use model::secret::Secret;
use model::signin::password_policy::PasswordPolicy;
use serde_json::{Value, json};
use sources::tenants::{self, Settings};
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::world::{World, describe};

const FIRST: &str = "correct horse battery";
const SECOND: &str = "another horse entirely";
const THIRD: &str = "a third horse on the hill";

async fn may(w: &World, may: bool) {
    let settings = Settings { may_set_passwords: Some(may), ..Settings::default() };
    let cx = w.root("UpdateProvisioningTenant");
    tenants::update(&w.fixture.store, &cx, (&w.at(), &w.tenant), settings).await.unwrap();
}

fn with(name: &str, password: &str) -> Value {
    let mut person = describe(name);
    person["password"] = password.into();
    person
}

/// Whether that is the person's password.
async fn is(w: &World, id: &str, password: &str) -> bool {
    let kept =
        w.fixture.store.read(|rx| Ok(store::signin::passwords::find(rx, &UserId::trusted(id))?)).unwrap();
    let Some(kept) = kept else { return false };
    assert!(!kept.must_change && kept.expires_at.is_none());
    let turn = w.scim.hasher.admit().await.unwrap();
    turn.verify(&Secret::new(password), Some(&kept.hash)).await.unwrap()
}

fn signed_out_at(w: &World, id: &str) -> i64 {
    let store_id = &w.fixture.instance.identity_store_id;
    let id = UserId::trusted(id);
    let standing = w.fixture.store.read(|rx| Ok(store::directory::users::find_standing(rx, store_id, &id)?));
    standing.unwrap().unwrap().not_before.micros()
}

on_both_engines!(a_tenant_sets_no_password_until_an_administrator_lets_it, |fixture| async move {
    let w = World::new(fixture).await;
    let said = w.get("/ServiceProviderConfig").await.body;
    assert_eq!(said["changePassword"]["supported"], false);
    let schema = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User";
    assert!(!w.get(schema).await.body.to_string().contains("\"password\""));
    w.post("/Users", with("ann", FIRST)).await.refused(403, "", "UpdateProvisioningTenant");
    assert_eq!(w.get("/Users?filter=userName eq \"ann\"").await.body["totalResults"], 0, "all or nothing");
    // Whoever says that there is none says nothing.
    let mut silent = with("ann", "");
    assert_eq!(w.post("/Users", silent.clone()).await.status, StatusCode::CREATED);
    silent["userName"] = json!("bob");
    silent["externalId"] = json!("bob");
    silent["emails"] = Value::Null;
    silent["password"] = Value::Null;
    let bob = w.post("/Users", silent).await.id();
    let path = format!("/Users/{bob}");
    w.put(&path, with("bob", FIRST)).await.refused(403, "", "MaySetPasswords");
    let change = json!([{"op": "replace", "path": "password", "value": FIRST}, {"op": "replace", "path": "title", "value": "Head"}]);
    w.patch(&path, change).await.refused(403, "", "password: this tenant may not set passwords");
    assert!(w.get(&path).await.body.get("title").is_none());
    assert!(!is(&w, &bob, FIRST).await);

    may(&w, true).await;
    assert_eq!(w.get("/ServiceProviderConfig").await.body["changePassword"]["supported"], true);
    let described = w.get(schema).await.body;
    let password =
        described["attributes"].as_array().unwrap().iter().find(|one| one["name"] == "password").unwrap();
    assert_eq!((&password["mutability"], &password["returned"]), (&json!("writeOnly"), &json!("never")));
    let ann = w.post("/Users", with("cid", FIRST)).await;
    assert_eq!(ann.status, StatusCode::CREATED, "{ann:?}");
    assert!(is(&w, &ann.id(), FIRST).await);
    may(&w, false).await;
    let change = json!([{"op": "replace", "path": "password", "value": SECOND}]);
    w.patch(&format!("/Users/{}", ann.id()), change).await.refused(403, "", "MaySetPasswords");
    assert!(is(&w, &ann.id(), FIRST).await);
});

on_both_engines!(a_password_is_set_and_ends_what_is_open_and_is_told_by_nothing, |fixture| async move {
    let w = World::new(fixture).await;
    may(&w, true).await;
    let made = w.post("/Users", with("ann", FIRST)).await;
    let (id, path) = (made.id(), format!("/Users/{}", made.id()));
    w.clock.advance(Duration::from_secs(5));
    let changed =
        w.patch(&path, json!([{"op": "replace", "value": {"password": SECOND, "title": "Head"}}])).await;
    assert_eq!((changed.status, &changed.body["title"]), (StatusCode::OK, &json!("Head")), "{changed:?}");
    assert!(is(&w, &id, SECOND).await && !is(&w, &id, FIRST).await);
    let out = signed_out_at(&w, &id);
    assert_eq!(out, w.clock.now().micros());
    // Every night the same: nobody is signed out for it.
    w.clock.advance(Duration::from_secs(5));
    let same = w.put(&path, with("ann", SECOND)).await;
    assert_eq!(same.status, StatusCode::OK, "{same:?}");
    assert_eq!(signed_out_at(&w, &id), out);
    // Whoever says nothing of it leaves it.
    w.put(&path, describe("ann")).await;
    assert!(is(&w, &id, SECOND).await);
    assert_eq!(w.put(&path, with("ann", THIRD)).await.status, StatusCode::OK);
    assert!(is(&w, &id, THIRD).await && signed_out_at(&w, &id) > out);

    let asked = w.get(&format!("{path}?attributes=password,userName")).await;
    assert_eq!((&asked.body["userName"], asked.body.get("password")), (&json!("ann"), None));
    for filter in ["password pr", "password eq \"x\"", "password sw \"c\"", "userName pr and password pr"] {
        w.get(&format!("/Users?filter={filter}")).await.refused(
            400,
            "invalidFilter",
            "password is never told",
        );
    }
    w.get("/Users?sortBy=password").await.refused(400, "invalidValue", "password is never told");
    w.patch(&path, json!([{"op": "remove", "path": "password"}])).await.refused(
        400,
        "mutability",
        "cannot be removed",
    );
    let records = w.records().await;
    let all = Value::from(records.clone()).to_string();
    for answer in [&made, &changed, &same] {
        assert!(!answer.body.to_string().contains("horse"), "{answer:?}");
    }
    assert!(!all.contains("horse"), "a record tells a password");
    let set = records.iter().filter(|record| record["serviceEventDetails"]["passwordSet"] == true).count();
    assert_eq!(set, 3, "made, changed twice: {records:#?}");
});

on_both_engines!(the_policy_holds_and_then_nothing_changes, |fixture| async move {
    let w = World::new(fixture).await;
    may(&w, true).await;
    w.post("/Users", with("ann", "short")).await.refused(400, "invalidValue", "8 to 64 characters, not 5");
    assert_eq!(w.get("/Users?filter=userName eq \"ann\"").await.body["totalResults"], 0);
    let id = w.post("/Users", with("ann", FIRST)).await.id();
    let change = json!([{"op": "replace", "path": "title", "value": "Head"}, {"op": "replace", "path": "password", "value": "alllowercase"}]);
    w.patch(&format!("/Users/{id}"), change).await.refused(400, "invalidValue", "an upper-case letter");
    assert!(w.get(&format!("/Users/{id}")).await.body.get("title").is_none());
    assert!(is(&w, &id, FIRST).await);
    let policy = PasswordPolicy { remembered: 3, ..PasswordPolicy::default() };
    let cx = w.root("PutPasswordPolicy");
    signin::passwords::put_policy(&w.fixture.store, &cx, &w.at(), policy).await.unwrap();
    let change = |to: &str| json!([{"op": "replace", "path": "password", "value": to}]);
    assert_eq!(w.patch(&format!("/Users/{id}"), change(SECOND)).await.status, StatusCode::OK);
    w.patch(&format!("/Users/{id}"), change(FIRST)).await.refused(400, "invalidValue", "3");
});

on_both_engines!(nothing_is_told_of_the_password_of_somebody_who_is_not_its_own, |fixture| async move {
    let mut w = World::new(fixture).await;
    may(&w, true).await;
    let id = w.post("/Users", with("ann", FIRST)).await.id();
    w.turn_to_another_tenant().await;
    may(&w, true).await;
    let change = |to: &str| json!([{"op": "replace", "path": "password", "value": to}]);
    for guess in [FIRST, SECOND, "short"] {
        w.patch(&format!("/Users/{id}"), change(guess)).await.refused(403, "", "is owned by");
        w.put(&format!("/Users/{id}"), with("ann", guess)).await.refused(403, "", "is owned by");
    }
    assert!(is(&w, &id, FIRST).await);
});

on_both_engines!(a_bulk_request_sets_passwords_one_by_one, |fixture| async move {
    let w = World::new(fixture).await;
    may(&w, true).await;
    let operation = |name: &str, password: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": with(name, password)});
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation("ann", FIRST), operation("bob", "short"), operation("cid", SECOND)],
    });
    let said = w.post("/Bulk", body).await.body;
    let statuses: Vec<&str> =
        said["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "400", "201"], "{said}");
    let cid = said["Operations"][2]["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(is(&w, &cid, SECOND).await);
    assert!(!said.to_string().contains("horse"));
});

on_both_engines!(strict_mode_takes_no_password, |fixture: Fixture| async move {
    let w = World::strict(fixture).await;
    let settings = Settings { may_set_passwords: Some(true), ..Settings::default() };
    let cx = w.root("UpdateProvisioningTenant");
    let refused = tenants::update(&w.fixture.store, &cx, (&w.at(), &w.tenant), settings).await.unwrap_err();
    assert!(refused.message().contains("MaySetPasswords"), "{refused}");
    w.post("/Users", with("ann", FIRST)).await.refused(400, "", "password is no attribute");
});
