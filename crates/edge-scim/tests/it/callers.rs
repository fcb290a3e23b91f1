//! Who may, what others learn, and what is recorded.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use model::directory::user::{UserId, UserStatus};
use model::page::PageRequest;
use model::sources::provisioning_tenant::BearerTokenId;
use serde_json::json;
use sources::tenants::Settings;
use sources::tokens::NewToken;
use sources::{tenants, tokens};
use testkit::on_both_engines;

use crate::world::{World, describe, names};

async fn asked(w: &World, tenant: &str, token: &str) -> StatusCode {
    let request = Request::builder().method(Method::GET).uri(format!("/{tenant}/scim/v2/Users"));
    let request = request.header("authorization", token).body(Body::empty()).unwrap();
    w.send(request).await.status
}

on_both_engines!(only_a_living_token_of_the_tenant_is_let_in, |fixture| async move {
    let w = World::new(fixture).await;
    let (tenant, good) = (w.tenant.to_string(), format!("Bearer {}", w.token));
    assert_eq!(asked(&w, &tenant, &good).await, StatusCode::OK);
    assert_eq!(asked(&w, &tenant, &good.replace("Bearer", "bearer")).await, StatusCode::OK);
    let other = w.another_tenant().await;
    let of_other = w.token_of(&other, 1).await;
    for (tenant, token) in [
        (tenant.as_str(), ""),
        (&tenant, "Bearer"),
        (&tenant, "Bearer x"),
        (&tenant, "Basic x"),
        (&tenant, &good[..good.len() - 1]),
        (&tenant, &format!("Bearer {}", of_other.secret.expose())),
        (other.as_str(), &good),
        ("11111111111-2222-3333-4444-555555555555", &good),
        ("no-tenant", &good),
    ] {
        assert_eq!(asked(&w, tenant, token).await, StatusCode::UNAUTHORIZED, "{tenant} {token}");
    }
    let nobody =
        w.send(Request::builder().uri(format!("/{tenant}/scim/v2/Users")).body(Body::empty()).unwrap()).await;
    nobody.refused(401, "", "bearer token is missing");
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let cx = w.root("DeleteBearerToken");
    let second = w.token_of(&w.tenant, 1).await;
    let second_says = format!("Bearer {}", second.secret.expose());
    assert_eq!(asked(&w, &tenant, &second_says).await, StatusCode::OK, "both live");
    tokens::delete(&w.fixture.store, &cx, (&w.at(), &w.tenant), &second.token.id).await.unwrap();
    assert_eq!(asked(&w, &tenant, &second_says).await, StatusCode::UNAUTHORIZED);
    w.clock.advance(Duration::from_hours(24 * 30));
    assert_eq!(asked(&w, &tenant, &good).await, StatusCode::UNAUTHORIZED, "its time is over");
    tenants::delete(&w.fixture.store, &w.root("DeleteProvisioningTenant"), &w.at(), &other).await.unwrap();
    assert_eq!(
        asked(&w, other.as_str(), &format!("Bearer {}", of_other.secret.expose())).await,
        StatusCode::UNAUTHORIZED
    );
});

on_both_engines!(each_provider_sees_its_own_external_ids, |fixture| async move {
    let mut w = World::new(fixture).await;
    let id = w.person("jane").await;
    w.turn_to_another_tenant().await;
    let path = format!("/Users/{id}");
    w.take(&id, Some(&w.tenant)).await;
    assert!(w.get(&path).await.body.get("externalId").is_none());
    assert_eq!(names(&w.get("/Users?filter=externalId eq \"ext-jane\"").await), [] as [&str; 0]);
    let own = w.patch(&path, json!([{"op": "add", "path": "externalId", "value": "mine"}])).await;
    assert_eq!(own.body["externalId"], "mine");
    assert_eq!(names(&w.get("/Users?filter=externalId eq \"mine\"").await), ["jane"]);
    let user = directory::users::describe(
        &w.fixture.store,
        &w.root("DescribeUser"),
        &w.at(),
        &UserId::trusted(id),
        |row| Ok(row.opened()?),
    );
    let issuers: Vec<String> =
        user.unwrap().external_ids.into_iter().map(|external| external.issuer).collect();
    assert_eq!(issuers.len(), 2, "the other one's stays");
    assert!(issuers.contains(&format!("https://scim.us-east-1.amazonaws.com/{}/scim/v2", w.tenant)));
});

on_both_engines!(who_is_let_go_is_disabled_at_once, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.person("jane").await;
    let user = UserId::trusted(id.clone());
    let standing = |w: &World| {
        let store_id = w.fixture.instance.identity_store_id.clone();
        w.fixture
            .store
            .read(|rx| Ok(store::directory::users::find_standing(rx, &store_id, &user)?.unwrap()))
            .unwrap()
    };
    assert_eq!(standing(&w).status, UserStatus::Enabled);
    w.clock.advance(Duration::from_secs(1));
    w.patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "active", "value": false}])).await;
    let now = standing(&w);
    assert_eq!(now.status, UserStatus::Disabled);
    assert!(now.not_before > w.fixture.now, "what was handed out before is void");
    // Who sends the whole person and says nothing of it lets nobody in again.
    let mut whole = describe("jane");
    whole.as_object_mut().unwrap().shift_remove("active");
    assert_eq!(w.put(&format!("/Users/{id}"), whole).await.body["active"], false);
});

on_both_engines!(
    every_call_is_recorded_with_its_token_and_without_what_it_says_of_people,
    |fixture| async move {
        let w = World::new(fixture).await;
        let id = w.person("jane").await;
        w.get(&format!("/Users/{id}")).await;
        w.post("/Users", describe("jane")).await;
        asked(&w, w.tenant.as_str(), "Bearer pscim_wrong").await;
        let records = w.records().await;
        let of = |name: &str, code: Option<&str>| {
            let found = records.iter().find(|record| {
                record["eventSource"] == "identitystore-scim.amazonaws.com"
                    && record["eventName"] == name
                    && record["errorCode"].as_str() == code
            });
            found.unwrap_or_else(|| panic!("{name} {code:?}: {records:#?}")).clone()
        };
        let made = of("CreateUser", None);
        assert_eq!(
            (&made["userIdentity"]["type"], &made["userIdentity"]["userName"]),
            (&json!("WebIdentityUser"), &json!("tests"))
        );
        assert_eq!(
            (&made["resources"][0]["ARN"], &made["sourceIPAddress"]),
            (&json!(format!("arn:aws:identitystore:::user/{id}")), &json!("192.0.2.1"))
        );
        assert_eq!(made["requestParameters"]["httpBody"]["userName"], "HIDDEN_DUE_TO_SECURITY_REASONS");
        assert_eq!(
            of("GetUser", None)["requestParameters"],
            json!({"tenantId": w.tenant.as_str(), "id": id})
        );
        assert_eq!(of("CreateUser", Some("ConflictException"))["errorMessage"], "Duplicate UserName");
        assert_eq!(of("ListUsers", Some("UnauthorizedException"))["userIdentity"]["type"], "Unknown");
        let all = serde_json::to_string(&records).unwrap();
        assert!(
            !all.contains("jane@example.com") && !all.contains(&w.token),
            "neither people's data nor secrets"
        );
    }
);

on_both_engines!(the_use_of_a_token_is_written_once_a_day, |fixture| async move {
    let w = World::new(fixture).await;
    let used = |w: &World| {
        let page = PageRequest::first(9);
        let all =
            tokens::list(&w.fixture.store, &w.root("ListBearerTokens"), (&w.at(), &w.tenant), &page).unwrap();
        all.items[0].last_used_at
    };
    assert_eq!(used(&w), None);
    let mut uses = Vec::new();
    for hours in [0, 1, 22, 2, 3] {
        w.clock.advance(Duration::from_hours(hours));
        w.get("/Users").await;
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if used(&w).is_some_and(|at| uses.last() != Some(&at)) {
                break;
            }
        }
        uses.extend(used(&w));
        uses.dedup();
    }
    assert_eq!(uses.len(), 2, "{uses:?}");
    let none = tokens::delete(
        &w.fixture.store,
        &w.root("DeleteBearerToken"),
        (&w.at(), &w.tenant),
        &BearerTokenId::trusted("x"),
    )
    .await;
    assert!(none.unwrap_err().message().contains("has no bearer token x"));
});

on_both_engines!(tenants_and_tokens_have_their_quotas, |fixture| async move {
    let strict = fixture.strict();
    let w = World::new(strict).await;
    let again =
        tenants::create(&w.fixture.store, &w.root("CreateProvisioningTenant"), &w.at(), Settings::default())
            .await;
    assert!(again.unwrap_err().message().contains("at most 1 provisioning tenants"));
    w.token_of(&w.tenant, 365).await;
    let new = NewToken { name: None, validity_days: Some(366) };
    let create = async |new| {
        tokens::create(&w.fixture.store, &w.root("CreateBearerToken"), (&w.at(), &w.tenant), new).await
    };
    assert!(create(new).await.unwrap_err().message().contains("ValidityDays must be 1 to 365; it is 366"));
    assert!(create(NewToken::default()).await.unwrap_err().message().contains("at most 2 bearer tokens"));
});
