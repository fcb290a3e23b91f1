//! CreateTokenWithIAM: what an application gets for a person, who may ask for it, and what ends it.

use applications::application_tokens::{Issued, portal_caller};
use applications::token_keys::{self, TokenIssuer};
use applications::{applications as rows, trusted_token_issuers};
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::jwt::{Rules, verify};
use model::applications::grant::{Grant, GrantType};
use model::caller::Identity;
use model::directory::user::UserId;
use model::fault::{FaultKind, OAuthError};
use model::secret::Secret;
use serde_json::{Value, json};
use testkit::fixture::Fixture;
use testkit::token_issuer::TokenIssuer as Issuer;

use crate::issuing::{self, Client, put_actor, put_grant, put_scope, refused, trusted};
use crate::world::{DEV, JANE, World, is_denied, refusal};

const REFRESH: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn prepared(fixture: Fixture) -> (World, Issuer, Client) {
    let world = World::new(fixture).await;
    let issuer = Issuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    (world, issuer, client)
}

fn jane(world: &World, issuer: &Issuer, jti: &str) -> Secret {
    issuing::token(issuer, &issuing::claims(world, issuer, "jane", jti))
}

/// What an ID token says, by the keys that are published.
fn said(world: &World, issued: &Issued) -> Value {
    let keys = token_keys::key_set(&world.fixture.store, &world.fixture.instance.id).unwrap().unwrap();
    let keys = KeySet::read(keys.to_string().as_bytes()).unwrap();
    let rules = Rules { algorithms: &[Algorithm::Es256], types: &["jwt"] };
    let token = issued.id_token.as_ref().unwrap();
    Value::Object(verify(token.expose(), &keys, &rules).unwrap().into_payload())
}

/// What is committed of records of an event.
fn records(world: &World, event: &str) -> Vec<Value> {
    let found = world.fixture.store.read(|rx| Ok(store::audit::audit_records::oldest(rx, 1_000)?)).unwrap();
    let found = found.iter().map(|record| serde_json::from_str::<Value>(&record.json).unwrap());
    found.filter(|record| record["eventName"] == event).collect()
}

testkit::on_both_engines!(a_persons_tokens_say_who_they_are_for, |fixture: Fixture| async move {
    let (world, issuer, client) = prepared(fixture).await;
    let issued = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
    assert_eq!(issued.scopes, ["openid", "aws", "sts:identity_context"]);
    assert_eq!((issued.expires_in, issued.issued_token_type), (3_600, ACCESS));
    assert!(issued.refresh_token.is_some() && issued.identity_context.is_some());
    // Anybody can tell whose ID token it is.
    let (store, id) = (&world.fixture.store, &world.fixture.instance.id);
    let said = said(&world, &issued);
    let ours = TokenIssuer { base_url: "https://sso.acme.example".to_owned() };
    let published = token_keys::metadata(store, &ours, id).unwrap().unwrap();
    assert_eq!(said["iss"], published["issuer"]);
    assert_eq!(
        (said["sub"].as_str(), said["aud"].as_str()),
        (Some(JANE), Some(client.arn.to_string().as_str()))
    );
    assert_eq!(said["sts:identity_context"], issued.identity_context.unwrap().expose());
    let record = records(&world, "CreateTokenWithIAM").remove(0);
    assert_eq!(record["additionalEventData"]["identitystore:UserId"], JANE);
    assert_eq!(record["additionalEventData"]["identitycenter:CredentialId"], said["aws:credential_id"]);
    assert_eq!(record["resources"][0]["ARN"], client.arn.to_string());
    assert!(!record.to_string().contains(issued.access_token.expose()));
    // Only what is asked for, of what there is.
    let issued = client.bring_for(&world, &jane(&world, &issuer, "two"), &["aws", "aws"]).await.unwrap();
    assert_eq!(issued.scopes, ["aws"]);
    assert!(issued.id_token.is_none() && issued.identity_context.is_none());
    let other = client.bring_for(&world, &jane(&world, &issuer, "three"), &["team:read"]).await;
    assert!(refused(other, OAuthError::InvalidScope).contains("team:read"));
});

testkit::on_both_engines!(a_refresh_token_is_good_once, |fixture: Fixture| async move {
    let (world, issuer, client) = prepared(fixture).await;
    let first = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
    let first = first.refresh_token.unwrap();
    let second = client.refresh(&world, &first).await.unwrap().refresh_token.unwrap();
    // Beside the call that got it: nothing is given, nothing ends.
    refused(client.refresh(&world, &first).await, OAuthError::InvalidGrant);
    let third = client.refresh(&world, &second).await.unwrap();
    let later = world.later(11_000);
    let said = refused(client.refresh(&later, &first).await, OAuthError::InvalidGrant);
    assert!(said.contains("revoked"), "{said}");
    refused(client.refresh(&later, &third.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
    // Another application's is none.
    let other = Client::new(&world, "other").await;
    put_grant(&world, &other.arn, Grant::RefreshToken).await;
    let token = client.bring(&world, &jane(&world, &issuer, "two")).await.unwrap().refresh_token.unwrap();
    refused(other.refresh(&world, &token).await, OAuthError::InvalidGrant);
    // An access token refreshes nothing, and a token ends.
    let issued = client.refresh(&world, &token).await.unwrap();
    refused(client.refresh(&world, &issued.access_token).await, OAuthError::InvalidGrant);
    let over = world.later(1_000 * 60 * 60 * 8);
    refused(client.refresh(&over, &issued.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(
    a_token_goes_where_its_scopes_lead_and_nowhere_else,
    |fixture: Fixture| async move {
        let (world, issuer, client) = prepared(fixture).await;
        let (data, stranger) = (Client::new(&world, "data").await, Client::new(&world, "stranger").await);
        for other in [&data, &stranger] {
            put_grant(&world, &other.arn, Grant::TokenExchange).await;
        }
        put_scope(&world, &client.arn, "data:read", &[&data.arn]).await;
        let issued = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
        let token = issued.access_token;
        let exchanged = data.exchange(&world, &token, None).await.unwrap();
        assert!(exchanged.refresh_token.is_none());
        let said = refused(stranger.exchange(&world, &token, None).await, OAuthError::InvalidGrant);
        assert!(said.contains("AuthorizedTargets"), "{said}");
        let without = client.bring_for(&world, &jane(&world, &issuer, "two"), &["openid"]).await.unwrap();
        refused(data.exchange(&world, &without.access_token, None).await, OAuthError::InvalidGrant);
        // A refresh token is a grant of its own, and what is none of a kind is refused.
        refused(data.exchange(&world, &token, Some(REFRESH)).await, OAuthError::UnauthorizedClient);
        refused(data.exchange(&world, &token, Some("urn:x")).await, OAuthError::InvalidRequest);
        put_grant(&world, &data.arn, Grant::RefreshToken).await;
        let renewable = data.exchange(&world, &token, Some(REFRESH)).await.unwrap();
        let renewable = renewable.refresh_token.unwrap();
        let renewed = data.refresh(&world, &renewable).await.unwrap();
        // It ends with what it grew from.
        let first = issued.refresh_token.unwrap();
        client.refresh(&world, &first).await.unwrap();
        refused(client.refresh(&world.later(11_000), &first).await, OAuthError::InvalidGrant);
        refused(data.refresh(&world, &renewed.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
        refused(data.exchange(&world, &token, None).await, OAuthError::InvalidGrant);
    }
);

testkit::on_both_engines!(an_exchanged_token_tells_by_whom_it_came, |fixture: Fixture| async move {
    let (world, issuer, client) = prepared(fixture).await;
    let (data, archive) = (Client::new(&world, "data").await, Client::new(&world, "archive").await);
    for other in [&data, &archive] {
        put_grant(&world, &other.arn, Grant::TokenExchange).await;
    }
    put_grant(&world, &archive.arn, Grant::RefreshToken).await;
    put_scope(&world, &client.arn, "data:read", &[&data.arn]).await;
    put_scope(&world, &data.arn, "archive:read", &[&archive.arn]).await;
    let first = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
    let second = data.exchange(&world, &first.access_token, None).await.unwrap();
    let third = archive.exchange(&world, &second.access_token, Some(REFRESH)).await.unwrap();
    let renewed = archive.refresh(&world, third.refresh_token.as_ref().unwrap()).await.unwrap();
    let (one, two) = (client.arn.to_string(), data.arn.to_string());
    let (wiki, both) = (json!({"sub": one}), json!({"sub": two, "act": {"sub": one}}));
    let told = [
        (first, Value::Null, Value::Null),
        (second, wiki, json!([one])),
        (third, both.clone(), json!([two, one])),
        (renewed, both, json!([two, one])),
    ];
    let records = records(&world, "CreateTokenWithIAM");
    assert_eq!(records.len(), told.len());
    for (issued, act, acting) in &told {
        let claims = said(&world, issued);
        assert_eq!((&claims["act"], claims["sub"].as_str()), (act, Some(JANE)));
        let additional = records.iter().map(|record| &record["additionalEventData"]);
        let mut of =
            additional.filter(|data| data["identitycenter:CredentialId"] == claims["aws:credential_id"]);
        assert!(
            of.clone().next().is_some() && of.all(|data| data["actingApplicationArns"] == *acting),
            "{records:?}"
        );
    }
});

testkit::on_both_engines!(who_may_not_act_for_an_application_learns_nothing, |fixture: Fixture| async move {
    let (world, issuer, client) = prepared(fixture).await;
    let token = jane(&world, &issuer, "one");
    let ask = || applications::token_requests::TokenRequest {
        assertion: Some(token.clone()),
        ..client.request(GrantType::JwtBearer)
    };
    let member = world.admin(DEV);
    let denied = refusal(client.call(&world, &member, ask()).await, is_denied);
    let mut absent = ask();
    absent.application = world.unknown();
    let said = refusal(client.call(&world, &member, absent.clone()).await, is_denied);
    assert_eq!(denied.replace(&client.arn.to_string(), ""), said.replace(&world.unknown().to_string(), ""));
    refusal(client.call(&world, &world.caller(), absent).await, is_denied);
    // Another account's trust, with their own policies, and without.
    put_actor(&world, &client.arn, DEV).await;
    let nothing = serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    refusal(client.call(&world, &world.session(DEV, &nothing), ask()).await, is_denied);
    client.call(&world, &member, ask()).await.unwrap();
    refusal(client.call(&world, &world.caller(), ask()).await, is_denied);
    let anonymous = world.fixture.cx(model::caller::Caller::anonymous(), "sso-oauth.amazonaws.com", "x");
    refusal(client.call(&world, &anonymous, ask()).await, is_denied);
});

testkit::on_both_engines!(a_request_is_for_what_the_application_has, |fixture: Fixture| async move {
    let (world, issuer, _) = prepared(fixture).await;
    let bare = Client::new(&world, "bare").await;
    let token = jane(&world, &issuer, "one");
    let said = refused(bare.bring(&world, &token).await, OAuthError::UnauthorizedClient);
    assert!(said.contains("jwt-bearer"), "{said}");
    for kind in ["urn:ietf:params:oauth:grant-type:device_code", "password", ""] {
        let mut request = bare.request(GrantType::JwtBearer);
        request.grant_type = kind.to_owned();
        let called = bare.call(&world, &world.caller(), request).await;
        refused(called, OAuthError::UnsupportedGrantType);
    }
    let mut request = bare.request(GrantType::JwtBearer);
    let called = bare.call(&world, &world.caller(), request.clone()).await;
    assert!(refused(called, OAuthError::InvalidRequest).contains("assertion is required"));
    request.assertion = Some(token.clone());
    request.redirect_uri = Some("https://evil.example".to_owned());
    let called = bare.call(&world, &world.caller(), request).await;
    assert!(refused(called, OAuthError::InvalidRequest).contains("redirectUri does not belong"));
    // Whom nobody assigned.
    let made = trusted_token_issuers::list(
        &world.fixture.store,
        &world.cx(),
        &world.fixture.instance.id,
        &model::page::PageRequest::first(1),
    );
    let made = made.unwrap().items.remove(0);
    let closed = Client::of(&world, "closed", &[&made]).await;
    let id = closed.arn.id.clone();
    world
        .change(move |tx, _| {
            let mut row = store::applications::applications::find(tx, &id)?.unwrap();
            row.assignment_required = true;
            store::applications::applications::update(tx, &row)
        })
        .await;
    refused(closed.bring(&world, &token).await, OAuthError::AccessDenied);
    // What was refused used nothing up.
    let open = Client::of(&world, "open", &[&made]).await;
    open.bring(&world, &token).await.unwrap();
});

testkit::on_both_engines!(a_job_reaches_the_portal_without_a_browser, |fixture: Fixture| async move {
    let (world, issuer, client) = prepared(fixture).await;
    let (store, now) = (&world.fixture.store, world.fixture.now);
    let plain = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
    assert!(portal_caller(store, plain.access_token.expose(), now).unwrap().is_none(), "not for that");
    put_scope(&world, &client.arn, "sso:account:access", &[]).await;
    let issued = client.bring(&world, &jane(&world, &issuer, "two")).await.unwrap();
    let caller = portal_caller(store, issued.access_token.expose(), now).unwrap().unwrap();
    let Identity::PortalUser(user) = caller.identity() else { panic!("{caller:?}") };
    assert_eq!((user.user_id.as_str(), user.user_name.as_str()), (JANE, "jane"));
    let session = store.read(|rx| Ok(store::signin::portal_sessions::find(rx, &user.session_id)?)).unwrap();
    assert!(session.unwrap().is_live(now));
    let over = now.plus(std::time::Duration::from_hours(1));
    assert!(portal_caller(store, issued.access_token.expose(), over).unwrap().is_none());
    assert!(portal_caller(store, issued.refresh_token.as_ref().unwrap().expose(), now).unwrap().is_none());
    // Whoever ends the session ends the tokens.
    let id = user.session_id.clone();
    world.change(move |tx, _| store::signin::sign_outs::one(tx, &id).map(drop)).await;
    assert!(portal_caller(store, issued.access_token.expose(), now).unwrap().is_none());
    refused(client.refresh(&world, &issued.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(
    what_ends_an_issuer_an_application_or_a_person_ends_tokens,
    |fixture: Fixture| async move {
        let (world, issuer, client) = prepared(fixture).await;
        let store = &world.fixture.store;
        put_scope(&world, &client.arn, "sso:account:access", &[]).await;
        let lives =
            |token: &Secret| portal_caller(store, token.expose(), world.fixture.now).unwrap().is_some();
        let issued = client.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
        assert!(lives(&issued.access_token));
        let store_id = world.fixture.instance.identity_store_id.clone();
        world
            .change(move |tx, cx| {
                let found = store::directory::users::find(tx, &store_id, &UserId::trusted(JANE))?.unwrap();
                let disabled = directory_of(found.clone(), model::directory::user::UserStatus::Disabled);
                store::directory::users::update(tx, &disabled)?;
                store::signin::sign_outs::of_user(tx, &found.id, cx.now)?;
                Ok(())
            })
            .await;
        assert!(!lives(&issued.access_token));
        refused(
            client.refresh(&world, issued.refresh_token.as_ref().unwrap()).await,
            OAuthError::InvalidGrant,
        );
        // Enabled again, what was given before stays void.
        let store_id = world.fixture.instance.identity_store_id.clone();
        world
            .change(move |tx, _| {
                let found = store::directory::users::find(tx, &store_id, &UserId::trusted(JANE))?.unwrap();
                store::directory::users::update(
                    tx,
                    &directory_of(found, model::directory::user::UserStatus::Enabled),
                )
            })
            .await;
        assert!(!lives(&issued.access_token));
        let world = world.later(2_000);
        let lives =
            |token: &Secret| portal_caller(store, token.expose(), world.fixture.now).unwrap().is_some();
        let issued = client.bring(&world, &jane(&world, &issuer, "two")).await.unwrap();
        assert!(lives(&issued.access_token));
        let made = trusted_token_issuers::list(
            store,
            &world.cx(),
            &world.fixture.instance.id,
            &model::page::PageRequest::first(1),
        );
        let made = made.unwrap().items.remove(0);
        trusted_token_issuers::delete(store, &world.cx(), &made.arn).await.unwrap();
        assert!(!lives(&issued.access_token));
        let again = trusted(&world, &issuer, "userName").await;
        let client = Client::of(&world, "another", &[&again]).await;
        put_scope(&world, &client.arn, "sso:account:access", &[]).await;
        let said =
            refused(client.bring(&world, &jane(&world, &issuer, "two")).await, OAuthError::InvalidGrant);
        assert!(said.contains("jti"), "made again, it does not make its tokens good again: {said}");
        let issued = client.bring(&world, &jane(&world, &issuer, "three")).await.unwrap();
        assert!(lives(&issued.access_token));
        rows::delete(store, &world.cx(), &client.arn).await.unwrap();
        assert!(!lives(&issued.access_token));
        let gone = client.refresh(&world, &issued.refresh_token.unwrap()).await;
        assert_eq!(*gone.unwrap_err().kind(), FaultKind::AccessDenied);
    }
);

fn directory_of(
    user: model::directory::user::User,
    status: model::directory::user::UserStatus,
) -> model::directory::user::User {
    model::directory::user::User { status, ..user }
}
