//! What ends what an application was given, beside the end of itself, its issuer and its person: that somebody may not, that it may not, and what it grew from.

use std::time::Duration;

use applications::application_tokens::portal_caller;
use applications::{access_scopes, applications as rows, grants, trusted_token_issuers};
use model::applications::access_scope::ScopeName;
use model::applications::application::Switch;
use model::applications::grant::{AuthorizedTokenIssuer, Grant, GrantType};
use model::caller::Identity;
use model::directory::user::UserId;
use model::fault::{FaultKind, OAuthError};
use model::secret::Secret;
use store::signin::{directory_settings, portal_sessions, user_sign_ins};
use testkit::fixture::Fixture;
use testkit::token_issuer::TokenIssuer as Issuer;

use crate::issuing::{self, AUDIENCE, Client, put_grant, put_scope, refused, trusted};
use crate::world::{JANE, World};

const ACCESS: &str = "sso:account:access";

fn jane(world: &World, issuer: &Issuer, jti: &str) -> Secret {
    issuing::token(issuer, &issuing::claims(world, issuer, "jane", jti))
}

/// Nobody is assigned to an application that wants it.
async fn close(world: &World, client: &Client) {
    let id = client.arn.id.clone();
    world
        .change(move |tx, _| {
            let mut row = store::applications::applications::find(tx, &id)?.unwrap();
            row.assignment_required = true;
            store::applications::applications::update(tx, &row)
        })
        .await;
}

async fn status(world: &World, client: &Client, status: Switch) {
    let patch = rows::ApplicationPatch { name: None, description: None, status: Some(status), sign_in: None };
    rows::update(&world.fixture.store, &world.cx(), &client.arn, patch).await.unwrap();
}

testkit::on_both_engines!(what_may_not_be_any_more_ends_what_was_given, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = Issuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let data = Client::new(&world, "data").await;
    put_grant(&world, &data.arn, Grant::TokenExchange).await;
    for ending in ["assignment", "scope", "grant", "issuer", "mapping"] {
        let client = Client::of(&world, ending, &[&made]).await;
        put_scope(&world, &client.arn, ACCESS, &[]).await;
        put_scope(&world, &client.arn, "data:read", &[&data.arn]).await;
        let (store, cx) = (&world.fixture.store, world.cx());
        let issued = client.bring(&world, &jane(&world, &issuer, ending)).await.unwrap();
        let grown = data.exchange(&world, &issued.access_token, None).await.unwrap();
        let lives =
            |token: &Secret| portal_caller(store, token.expose(), world.fixture.now).unwrap().is_some();
        assert!(lives(&issued.access_token) && !lives(&grown.access_token));
        match ending {
            "assignment" => close(&world, &client).await,
            "scope" => {
                for name in [ACCESS, "data:read"] {
                    let scope = ScopeName::parse(name).unwrap();
                    access_scopes::delete(store, &cx, &client.arn, scope).await.unwrap();
                }
            }
            "grant" => grants::delete(store, &cx, &client.arn, GrantType::JwtBearer).await.unwrap(),
            "issuer" => {
                let none = Grant::JwtBearer { authorized_token_issuers: Vec::new() };
                put_grant(&world, &client.arn, none).await;
            }
            _ => {
                let patch = trusted_token_issuers::TrustedTokenIssuerPatch {
                    claim: Some("email".to_owned()),
                    ..Default::default()
                };
                trusted_token_issuers::update(store, &cx, &made.arn, patch).await.unwrap();
            }
        }
        assert!(!lives(&issued.access_token), "{ending}");
        client.refresh(&world, &issued.refresh_token.unwrap()).await.unwrap_err();
        refused(data.exchange(&world, &issued.access_token, None).await, OAuthError::InvalidGrant);
    }
});

testkit::on_both_engines!(
    a_disabled_application_takes_along_what_grew_from_it,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let issuer = Issuer::start().await;
        let made = trusted(&world, &issuer, "userName").await;
        let (wiki, data) = (Client::of(&world, "wiki", &[&made]).await, Client::new(&world, "data").await);
        put_grant(&world, &data.arn, Grant::TokenExchange).await;
        put_grant(&world, &data.arn, Grant::RefreshToken).await;
        put_scope(&world, &wiki.arn, "data:read", &[&data.arn]).await;
        let renewable = Some("urn:ietf:params:oauth:token-type:refresh_token");
        let issued = wiki.bring(&world, &jane(&world, &issuer, "one")).await.unwrap();
        let grown = data.exchange(&world, &issued.access_token, renewable).await.unwrap();
        let grown = data.refresh(&world, &grown.refresh_token.unwrap()).await.unwrap();
        status(&world, &wiki, Switch::Disabled).await;
        refused(data.refresh(&world, grown.refresh_token.as_ref().unwrap()).await, OAuthError::InvalidGrant);
        status(&world, &wiki, Switch::Enabled).await;
        refused(data.refresh(&world, &grown.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
        refused(wiki.refresh(&world, &issued.refresh_token.unwrap()).await, OAuthError::InvalidGrant);
        // What is given from then on counts.
        let later = world.later(1_000);
        let issued = wiki.bring(&later, &jane(&later, &issuer, "two")).await.unwrap();
        wiki.refresh(&later, &issued.refresh_token.unwrap()).await.unwrap();
    }
);

testkit::on_both_engines!(
    an_applications_session_says_nothing_of_its_person,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let issuer = Issuer::start().await;
        let made = trusted(&world, &issuer, "userName").await;
        let client = Client::of(&world, "wiki", &[&made]).await;
        put_scope(&world, &client.arn, ACCESS, &[]).await;
        let store_id = world.fixture.instance.identity_store_id.clone();
        let settings = r#"{"session_minutes":30,"access_token_minutes":15}"#;
        world
            .change(move |tx, cx| {
                let document = (directory_settings::SESSION_SETTINGS, settings);
                directory_settings::put(tx, &store_id, document, cx.now)
            })
            .await;
        let (store, now, who) = (&world.fixture.store, world.fixture.now, UserId::trusted(JANE));
        let mut sessions = Vec::new();
        for jti in ["one", "two", "three"] {
            let issued = client.bring(&world, &jane(&world, &issuer, jti)).await.unwrap();
            assert_eq!(issued.expires_in, 15 * 60, "as long as the directory's access tokens");
            let caller = portal_caller(store, issued.access_token.expose(), now).unwrap().unwrap();
            let Identity::PortalUser(user) = caller.identity() else { panic!("{caller:?}") };
            sessions.push(user.session_id.clone());
        }
        sessions.dedup();
        assert_eq!(sessions.len(), 1, "one for the person and the application");
        let listed = store.read(|rx| Ok(portal_sessions::list_by_user(rx, &who, now, 10)?)).unwrap();
        assert_eq!(listed.len(), 1);
        let session = listed.first().unwrap();
        assert_eq!(
            (session.user_agent.as_str(), session.expires_at),
            ("Application wiki", now.plus(Duration::from_mins(30)))
        );
        let ip = session.source_ip.clone();
        assert!(!store.read(|rx| Ok(portal_sessions::is_from_source(rx, &who, &ip, now)?)).unwrap());
        assert!(store.read(|rx| Ok(user_sign_ins::find(rx, &who)?)).unwrap().is_none(), "nobody signed in");
        status(&world, &client, Switch::Disabled).await;
        let listed = store.read(|rx| Ok(portal_sessions::list_by_user(rx, &who, now, 10)?)).unwrap();
        assert!(listed.is_empty());
    }
);

testkit::on_both_engines!(a_grant_names_issuers_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = Issuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    let named = |arn: &str| AuthorizedTokenIssuer {
        trusted_token_issuer_arn: arn.to_owned(),
        authorized_audiences: vec![AUDIENCE.to_owned()],
    };
    let arn = made.arn.to_string();
    let elsewhere = arn.replace(world.fixture.instance.id.as_str(), "ssoins-0000000000000000");
    let put = async |arns: [&str; 2]| {
        let grant = Grant::JwtBearer { authorized_token_issuers: arns.map(named).to_vec() };
        grants::put(&world.fixture.store, &world.cx(), &client.arn, grant).await.unwrap_err()
    };
    assert!(put([&arn, &arn]).await.message().contains("twice"));
    assert!(matches!(put([&arn, &elsewhere]).await.kind(), FaultKind::NotFound(_)));
});
