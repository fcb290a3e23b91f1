//! Trusted token issuers: what is made is what is read; a call that comes again makes nothing; what cannot be honoured is refused by name.

use applications::trusted_token_issuers::{self, TrustedTokenIssuerPatch};
use model::fault::FaultKind;
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::issuing::new_issuer;
use crate::world::{DEV, World, is_conflict, is_denied, is_not_found, is_validation, refusal};

testkit::on_both_engines!(what_is_made_is_what_is_read, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let mut new = new_issuer("https://issuer.example/realm", "email", "emails.value");
    new.tags.insert("team".to_owned(), "blue".to_owned());
    let made = trusted_token_issuers::create(store, &cx, id, new).await.unwrap();
    assert_eq!(trusted_token_issuers::describe(store, &cx, &made.arn).unwrap(), made);
    assert!(
        made.arn
            .to_string()
            .starts_with("arn:aws:sso::111122223333:trustedTokenIssuer/ssoins-1234567890abcdef/tti-")
    );
    let tags = store.read(|rx| Ok(store::instances::tags::all_of(rx, &made.arn.to_string())?)).unwrap();
    assert_eq!(tags["team"], "blue");
    let patch = TrustedTokenIssuerPatch {
        name: Some("Renamed".to_owned()),
        attribute: Some("userName".to_owned()),
        ..TrustedTokenIssuerPatch::default()
    };
    trusted_token_issuers::update(store, &cx, &made.arn, patch).await.unwrap();
    let changed = trusted_token_issuers::describe(store, &cx, &made.arn).unwrap();
    assert_eq!((changed.name.as_str(), changed.mapping.claim.as_str()), ("Renamed", "email"));
    assert_eq!((changed.mapping.attribute.as_str(), &changed.issuer_url), ("userName", &made.issuer_url));
    let listed = trusted_token_issuers::list(store, &cx, id, &PageRequest::first(9)).unwrap();
    assert_eq!(listed.items, [changed]);
    trusted_token_issuers::delete(store, &cx, &made.arn).await.unwrap();
    refusal(trusted_token_issuers::describe(store, &cx, &made.arn), is_not_found);
    refusal(trusted_token_issuers::delete(store, &cx, &made.arn).await, is_not_found);
    let tags = store.read(|rx| Ok(store::instances::tags::all_of(rx, &made.arn.to_string())?)).unwrap();
    assert!(tags.is_empty());
});

testkit::on_both_engines!(the_same_call_again_makes_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let mut new = new_issuer("https://issuer.example", "sub", "userName");
    new.client_token = Some("once".to_owned());
    let made = trusted_token_issuers::create(store, &cx, id, new.clone()).await.unwrap();
    let patch =
        TrustedTokenIssuerPatch { name: Some("Renamed".to_owned()), ..TrustedTokenIssuerPatch::default() };
    trusted_token_issuers::update(store, &cx, &made.arn, patch).await.unwrap();
    let again = trusted_token_issuers::create(store, &cx, id, new.clone()).await.unwrap();
    assert_eq!(again.arn, made.arn);
    new.name = "Another".to_owned();
    let said = refusal(trusted_token_issuers::create(store, &cx, id, new.clone()).await, is_conflict);
    assert!(said.contains("once") && said.contains(&made.arn.to_string()), "{said}");
    new.client_token = None;
    let said = refusal(trusted_token_issuers::create(store, &cx, id, new).await, is_conflict);
    assert!(said.contains("https://issuer.example is that of"), "{said}");
});

testkit::on_both_engines!(what_cannot_be_honoured_is_refused_by_name, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    for (url, attribute, says) in [
        ("https://issuer.example", "displayName", "IdentityStoreAttributePath"),
        ("http://issuer.example", "userName", "https://"),
        ("https://issuer.example/?a=b", "userName", "IssuerUrl"),
        ("https://user@issuer.example", "userName", "IssuerUrl"),
        ("https://issuer.example/.well-known/openid-configuration", "userName", "without /.well-known"),
    ] {
        let new = new_issuer(url, "sub", attribute);
        let said = refusal(trusted_token_issuers::create(store, &cx, id, new).await, is_validation);
        assert!(said.contains(says), "{url} {attribute}: {said}");
    }
    let strict = world.strict();
    for at in 0..10 {
        let new = new_issuer(&format!("https://i{at}.example"), "sub", "userName");
        trusted_token_issuers::create(store, &strict.cx(), id, new).await.unwrap();
    }
    let one_more = || new_issuer("https://more.example", "sub", "userName");
    let said = refusal(trusted_token_issuers::create(store, &strict.cx(), id, one_more()).await, |kind| {
        *kind == FaultKind::QuotaExceeded
    });
    assert!(said.contains("10"), "{said}");
    trusted_token_issuers::create(store, &cx, id, one_more()).await.unwrap();
});

testkit::on_both_engines!(who_may_not_learns_nothing_of_what_is_there, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let new = new_issuer("https://issuer.example", "sub", "userName");
    let made = trusted_token_issuers::create(store, &cx, id, new.clone()).await.unwrap();
    let mut gone = made.arn.clone();
    gone.id = model::applications::trusted_token_issuer::TrustedTokenIssuerId::trusted(
        "tti-00000000-0000-4000-8000-000000000000",
    );
    let member = world.admin(DEV);
    let there = refusal(trusted_token_issuers::describe(store, &member, &made.arn), is_denied);
    let absent = refusal(trusted_token_issuers::describe(store, &member, &gone), is_denied);
    assert_eq!(there.replace(made.arn.id.as_str(), ""), absent.replace(gone.id.as_str(), ""));
    refusal(trusted_token_issuers::create(store, &member, id, new).await, is_denied);
    refusal(trusted_token_issuers::list(store, &member, id, &PageRequest::first(9)), is_denied);
    refusal(trusted_token_issuers::delete(store, &member, &made.arn).await, is_denied);
});
