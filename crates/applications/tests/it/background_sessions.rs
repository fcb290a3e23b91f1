//! What goes on in the background for a person who has signed out, where an application may have that: for how long, who sees it, and what ends it at once.

use std::time::Duration;

use applications::{application_assignments, application_sessions, applications as rows};
use model::applications::application::Switch;
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::grant::Grant;
use model::directory::user::UserId;
use model::fault::OAuthError;
use model::page::PageRequest;
use model::secret::Secret;
use model::signin::portal_session::PortalSession;
use store::signin::directory_settings::{self, SESSION_SETTINGS};
use store::signin::portal_sessions;
use testkit::fixture::Fixture;
use testkit::token_issuer::TokenIssuer as Issuer;

use crate::application_codes::{SESSION, answer, code_of, prepared, redeem};
use crate::issuing::{self, Client, put_grant, put_scope, refused, trusted};
use crate::world::{JANE, World, user};

const DAY: u64 = 24 * 3_600 * 1_000;

async fn in_background(world: &World, client: &Client, switch: Switch) {
    application_sessions::put(&world.fixture.store, &world.cx(), &client.arn, Some(switch)).await.unwrap();
}

/// Jane's sessions, as a list of them has them.
fn listed(world: &World) -> Vec<PortalSession> {
    let (store, jane) = (&world.fixture.instance.identity_store_id, UserId::trusted(JANE));
    let page = PageRequest::first(10);
    let read = |rx: &mut store::tx::Rx<'_>| {
        Ok(portal_sessions::page(rx, (store, Some(&jane)), world.fixture.now, &page)?)
    };
    world.fixture.store.read(read).unwrap()
}

/// The one that an application holds.
fn held(world: &World) -> PortalSession {
    let of_application = |session: &PortalSession| session.user_agent == "Application wiki";
    listed(world).into_iter().find(of_application).unwrap()
}

/// An application that refreshes in the background what a code gave it, and its refresh token.
async fn begun(fixture: Fixture) -> (World, Client, Secret) {
    let (world, client, who) = prepared(fixture).await;
    put_grant(&world, &client.arn, Grant::RefreshToken).await;
    in_background(&world, &client, Switch::Enabled).await;
    let code = code_of(&answer(&world, &client, &who).await);
    let issued = redeem(&world, &client, &code).await.unwrap();
    (world, client, issued.refresh_token.unwrap())
}

async fn renewed(world: &World, client: &Client, token: &Secret) -> Secret {
    client.refresh(world, token).await.unwrap().refresh_token.unwrap()
}

testkit::on_both_engines!(
    what_was_begun_goes_on_after_a_sign_out_for_seven_days,
    |fixture: Fixture| async move {
        let (world, client, token) = begun(fixture).await;
        world.change(|tx, _| store::signin::sign_outs::one(tx, SESSION).map(drop)).await;
        let token = renewed(&world, &client, &token).await;
        assert_eq!(held(&world).expires_at, world.fixture.now.plus(Duration::from_hours(24 * 7)));
        // What has begun ends as it began.
        in_background(&world, &client, Switch::Disabled).await;
        let token = renewed(&world.later(6 * DAY), &client, &token).await;
        refused(client.refresh(&world.later(7 * DAY), &token).await, OAuthError::InvalidGrant);
        assert!(listed(&world.later(7 * DAY)).is_empty());
    }
);

testkit::on_both_engines!(without_it_what_was_begun_ends_with_the_session, |fixture: Fixture| async move {
    let (world, client, who) = prepared(fixture).await;
    put_grant(&world, &client.arn, Grant::RefreshToken).await;
    in_background(&world, &client, Switch::Enabled).await;
    in_background(&world, &client, Switch::Disabled).await;
    let code = code_of(&answer(&world, &client, &who).await);
    let token = redeem(&world, &client, &code).await.unwrap().refresh_token.unwrap();
    assert_eq!(listed(&world).len(), 1, "no application holds one");
    world.change(|tx, _| store::signin::sign_outs::one(tx, SESSION).map(drop)).await;
    refused(client.refresh(&world, &token).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(
    it_is_listed_and_ends_at_once_when_somebody_ends_it,
    |fixture: Fixture| async move {
        let (world, client, token) = begun(fixture).await;
        assert_eq!(listed(&world).len(), 2);
        let id = held(&world).user.session_id;
        world.change(move |tx, _| store::signin::sign_outs::one(tx, &id).map(drop)).await;
        refused(client.refresh(&world, &token).await, OAuthError::InvalidGrant);
        assert_eq!(listed(&world).len(), 1, "the person's own stays");
    }
);

testkit::on_both_engines!(
    whoever_is_signed_out_everywhere_has_nothing_going_on,
    |fixture: Fixture| async move {
        let (world, client, token) = begun(fixture).await;
        let jane = UserId::trusted(JANE);
        world.change(move |tx, cx| store::signin::sign_outs::of_user(tx, &jane, cx.now).map(drop)).await;
        refused(client.refresh(&world, &token).await, OAuthError::InvalidGrant);
        assert!(listed(&world).is_empty());
    }
);

testkit::on_both_engines!(the_end_of_an_assignment_ends_it_at_once, |fixture: Fixture| async move {
    let (world, client, token) = begun(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let assignment = || ApplicationAssignment { application: client.arn.clone(), principal: user(JANE) };
    application_assignments::create(store, &cx, assignment()).await.unwrap();
    application_assignments::put_configuration(store, &cx, &client.arn, true).await.unwrap();
    let token = renewed(&world, &client, &token).await;
    application_assignments::delete(store, &world.cx(), assignment()).await.unwrap();
    refused(client.refresh(&world, &token).await, OAuthError::InvalidGrant);
});

testkit::on_both_engines!(the_end_of_an_application_ends_it_at_once, |fixture: Fixture| async move {
    let (world, client, token) = begun(fixture).await;
    rows::delete(&world.fixture.store, &world.cx(), &client.arn).await.unwrap();
    assert!(client.refresh(&world, &token).await.is_err());
    assert_eq!(listed(&world).len(), 1, "nobody sees a session of what is not there");
});

testkit::on_both_engines!(
    an_issuers_word_begins_one_that_lasts_as_long_as_is_decided,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let issuer = Issuer::start().await;
        let made = trusted(&world, &issuer, "userName").await;
        let client = Client::of(&world, "wiki", &[&made]).await;
        let next = Client::new(&world, "next").await;
        put_grant(&world, &next.arn, Grant::TokenExchange).await;
        put_grant(&world, &next.arn, Grant::RefreshToken).await;
        put_scope(&world, &client.arn, "team:read", &[&next.arn]).await;
        in_background(&world, &client, Switch::Enabled).await;
        in_background(&world, &next, Switch::Enabled).await;
        let store_id = world.fixture.instance.identity_store_id.clone();
        world
            .change(move |tx, cx| {
                let settings =
                    (SESSION_SETTINGS, r#"{"session_minutes":30,"background_session_minutes":2880}"#);
                directory_settings::put(tx, &store_id, settings, cx.now)
            })
            .await;
        let jane = issuing::token(&issuer, &issuing::claims(&world, &issuer, "jane", "one"));
        let issued = client.bring(&world, &jane).await.unwrap();
        assert_eq!(held(&world).expires_at, world.fixture.now.plus(Duration::from_hours(48)));
        let wanted = Some("urn:ietf:params:oauth:token-type:refresh_token");
        let further = next.exchange(&world, &issued.access_token, wanted).await.unwrap();
        assert_eq!(listed(&world).len(), 1, "it hangs on what it grew from");
        let at = world.later(2 * DAY - 1_000);
        renewed(&at, &client, &issued.refresh_token.unwrap()).await;
        let further = renewed(&at, &next, &further.refresh_token.unwrap()).await;
        refused(next.refresh(&world.later(2 * DAY), &further).await, OAuthError::InvalidGrant);
        // What opens the portal is no longer than people are let in there.
        put_scope(&world, &client.arn, "sso:account:access", &[]).await;
        let jane = issuing::token(&issuer, &issuing::claims(&world, &issuer, "jane", "two"));
        let opens = client.bring_for(&world, &jane, &["sso:account:access"]).await.unwrap();
        let token = opens.refresh_token.unwrap();
        let token = renewed(&world.later(29 * 60_000), &client, &token).await;
        refused(client.refresh(&world.later(30 * 60_000), &token).await, OAuthError::InvalidGrant);
    }
);
