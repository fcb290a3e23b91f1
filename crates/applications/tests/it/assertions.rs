//! Whom a token of a trusted issuer means, and what is refused: each in the words that whoever brought it hears.

use applications::trusted_token_issuers;
use model::directory::user::{ExternalId, UserId, UserStatus};
use model::fault::OAuthError;
use serde_json::{Value, json};
use store::directory::external_ids::{self, Holder};
use testkit::fixture::Fixture;
use testkit::token_issuer::TokenIssuer;

use crate::issuing::{self, AUDIENCE, Client, refused, token, trusted};
use crate::world::{JANE, JOHN, World};

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

testkit::on_both_engines!(a_token_means_one_person_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = TokenIssuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    let claims = |sub: &str, jti: &str| issuing::claims(&world, &issuer, sub, jti);
    let brought = token(&issuer, &claims("JANE", "one"));
    client.bring(&world, &brought).await.unwrap();
    let said = refused(client.bring(&world, &brought).await, OAuthError::InvalidGrant);
    assert!(said.contains("used before (jti)"), "{said}");
    // Under another token, too, and after the issuer was made again.
    let same = token(&issuer, &with(claims("jane", "one"), "more", json!(1)));
    assert!(refused(client.bring(&world, &same).await, OAuthError::InvalidGrant).contains("jti"));
    for (claims, says) in [
        (claims("nobody", "two"), "nobody has the userName"),
        (claims("", "three"), "sub"),
        (with(claims("jane", "four"), "aud", json!("https://elsewhere.example")), AUDIENCE),
        (
            with(claims("jane", "five"), "iss", json!("https://evil.example")),
            "none of the trusted token issuers",
        ),
        (with(claims("jane", "six"), "exp", json!(world.fixture.now.seconds() - 121)), "expired"),
        (with(claims("jane", "seven"), "nbf", json!(world.fixture.now.seconds() + 121)), "nbf"),
        (with(claims("jane", "eight"), "exp", json!(world.fixture.now.seconds() + 90_000)), "sooner"),
    ] {
        let said = refused(client.bring(&world, &token(&issuer, &claims)).await, OAuthError::InvalidGrant);
        assert!(said.contains(says), "{claims}: {said}");
    }
    let huge = token(&issuer, &with(claims("jane", "nine"), "more", json!("x".repeat(70_000))));
    refused(client.bring(&world, &huge).await, OAuthError::InvalidGrant);
    // Without a jti nothing says that it is the same token.
    let mut without = claims("jane", "");
    without.as_object_mut().unwrap().remove("jti");
    client.bring(&world, &token(&issuer, &without)).await.unwrap();
    client.bring(&world, &token(&issuer, &without)).await.unwrap();
});

testkit::on_both_engines!(external_ids_are_those_of_the_issuer_alone, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let store_id = world.fixture.instance.identity_store_id.clone();
    let issuer = TokenIssuer::start().await;
    let url = issuer.said.url.clone();
    world
        .change(move |tx, _| {
            for (user, issuer, id) in [(JANE, url.as_str(), "1001"), (JOHN, "https://hr.example", "1002")] {
                let external = ExternalId { issuer: issuer.to_owned(), id: id.to_owned() };
                external_ids::insert(tx, &store_id, Holder::User, user, &external)?;
            }
            Ok(())
        })
        .await;
    let made = trusted(&world, &issuer, "externalId").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    let bring = |id: &str, jti: &str| token(&issuer, &issuing::claims(&world, &issuer, id, jti));
    client.bring(&world, &bring("1001", "one")).await.unwrap();
    // What another system numbered says nothing of whom this issuer numbers so.
    let said = refused(client.bring(&world, &bring("1002", "two")).await, OAuthError::InvalidGrant);
    assert!(said.contains("nobody has the externalId"), "{said}");
});

testkit::on_both_engines!(names_that_look_alike_are_not_the_same, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = TokenIssuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    for (at, name) in ["\u{ff4a}ane", " jane", "jane\u{a0}", "j\u{1d43}ne"].into_iter().enumerate() {
        let claims = issuing::claims(&world, &issuer, name, &format!("{at}"));
        let mut claims = with(claims, "preferred_username", json!(name));
        claims["sub"] = json!("somebody");
        let patch = trusted_token_issuers::TrustedTokenIssuerPatch {
            claim: Some("preferred_username".to_owned()),
            ..Default::default()
        };
        trusted_token_issuers::update(&world.fixture.store, &world.cx(), &made.arn, patch).await.unwrap();
        let said = refused(client.bring(&world, &token(&issuer, &claims)).await, OAuthError::InvalidGrant);
        assert!(said.contains("nobody has the userName"), "{name}: {said}");
    }
});

testkit::on_both_engines!(an_address_that_nobody_verified_means_nobody, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = TokenIssuer::start().await;
    let made = trusted(&world, &issuer, "emails.value").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    for (jti, verified) in [("one", json!(false)), ("two", json!("false"))] {
        let claims =
            with(issuing::claims(&world, &issuer, "jane@acme.example", jti), "email_verified", verified);
        let said = refused(client.bring(&world, &token(&issuer, &claims)).await, OAuthError::InvalidGrant);
        assert!(said.contains("not verified"), "{said}");
    }
});

testkit::on_both_engines!(who_is_disabled_is_nobody, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let issuer = TokenIssuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    let store_id = world.fixture.instance.identity_store_id.clone();
    world
        .change(move |tx, _| {
            let found = store::directory::users::find(tx, &store_id, &UserId::trusted(JANE))?;
            let mut user = found.unwrap();
            user.status = UserStatus::Disabled;
            store::directory::users::update(tx, &user)
        })
        .await;
    let brought = token(&issuer, &issuing::claims(&world, &issuer, "jane", "one"));
    let said = refused(client.bring(&world, &brought).await, OAuthError::InvalidGrant);
    assert!(said.contains("disabled"), "{said}");
});

testkit::on_both_engines!(keys_are_heard_once_and_again_when_they_change, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let mut issuer = TokenIssuer::start().await;
    let made = trusted(&world, &issuer, "userName").await;
    let client = Client::of(&world, "wiki", &[&made]).await;
    for jti in ["one", "two", "three"] {
        let brought = token(&issuer, &issuing::claims(&world, &issuer, "jane", jti));
        client.bring(&world, &brought).await.unwrap();
    }
    assert_eq!(issuer.said.asked(), 2, "its document and its keys, once");
    issuer.rotate("two");
    client.bring(&world, &token(&issuer, &issuing::claims(&world, &issuer, "jane", "four"))).await.unwrap();
    assert_eq!(issuer.said.asked(), 4);
    // Whoever names keys that there are not has it asked a few times, and no more.
    for at in 0..20 {
        let mut claims = issuing::claims(&world, &issuer, "jane", &format!("stranger{at}"));
        claims["iss"] = json!(issuer.said.url);
        let other = TokenIssuer::impostor(&format!("unknown{at}")).await;
        refused(client.bring(&world, &token(&other, &claims)).await, OAuthError::InvalidGrant);
    }
    assert!(issuer.said.asked() <= 6, "asked {} times", issuer.said.asked());
    // It is away for two days: what it said before counts, for what it signed before.
    issuer.said.fall_silent("/keys");
    let later = world.later(1_000 * 60 * 60 * 48);
    client.bring(&later, &token(&issuer, &issuing::claims(&later, &issuer, "jane", "five"))).await.unwrap();
    let much_later = world.later(1_000 * 60 * 60 * 24 * 8);
    let brought = token(&issuer, &issuing::claims(&much_later, &issuer, "jane", "six"));
    let said = refused(client.bring(&much_later, &brought).await, OAuthError::InvalidGrant);
    assert!(said.contains("keys of its issuer are not known"), "{said}");
});

testkit::on_both_engines!(
    an_issuer_that_lies_or_is_silent_vouches_for_nobody,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        for (path, text) in [
            ("/.well-known/openid-configuration", "no json".to_owned()),
            (
                "/.well-known/openid-configuration",
                json!({"issuer": "https://evil.example", "jwks_uri": "https://evil.example"}).to_string(),
            ),
            ("/keys", json!({"keys": []}).to_string()),
            ("/keys", json!({"keys": [{"kty": "oct", "k": "AAAA", "kid": "one"}]}).to_string()),
            ("/keys", "x".repeat(2_000_000)),
        ] {
            let issuer = TokenIssuer::start().await;
            let made = trusted(&world, &issuer, "userName").await;
            let client = Client::of(&world, "wiki", &[&made]).await;
            issuer.said.say(path, &text);
            let brought = token(&issuer, &issuing::claims(&world, &issuer, "jane", "one"));
            let said = refused(client.bring(&world, &brought).await, OAuthError::InvalidGrant);
            assert!(said.contains("keys of its issuer are not known"), "{said}");
        }
        // Addresses that are nobody's to ask.
        let issuer = TokenIssuer::start().await;
        let made = trusted(&world, &issuer, "userName").await;
        let mut client = Client::of(&world, "wiki", &[&made]).await;
        client.outbound = outbound::client::Outbound::new(outbound::terms::Terms::default()).unwrap();
        let brought = token(&issuer, &issuing::claims(&world, &issuer, "jane", "one"));
        let fault = client.bring(&world, &brought).await.unwrap_err();
        // Where the issuer is and what it answered is for the log, not for whoever brought a token.
        assert!(
            fault.message().contains("keys of its issuer") && !fault.message().contains("127.0.0.1"),
            "{fault}"
        );
        assert!(fault.context().is_some_and(|why| why.contains("127.0.0.1")) && issuer.said.asked() == 0);
        // One that was taken away.
        let client = Client::of(&world, "wiki", &[&made]).await;
        trusted_token_issuers::delete(&world.fixture.store, &world.cx(), &made.arn).await.unwrap();
        let said = refused(client.bring(&world, &brought).await, OAuthError::InvalidGrant);
        assert!(said.contains("none of the trusted token issuers"), "{said}");
    }
);
