//! OpenID Connect providers of an account.

use accounts::oidc_providers::{self, NewOidcProvider};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use policy::require::Action;

use crate::plane::policies::iam;
use crate::plane::support::{MANAGEMENT, MEMBER, World, refused};

const INVALID: FaultKind = FaultKind::Service("InvalidInput");
const NONE: FaultKind = FaultKind::Service("NoSuchEntity");
const URL: &str = "https://tokens.example.com/team";

fn new(url: &str) -> NewOidcProvider {
    NewOidcProvider {
        url: url.to_owned(),
        client_ids: vec!["one".to_owned(), "one".to_owned()],
        thumbprints: Vec::new(),
        tags: vec![("Team".to_owned(), "red".to_owned())],
    }
}

async fn create(world: &World, cx: &Cx, new: NewOidcProvider) -> Result<String, Fault> {
    oidc_providers::create(&world.fixture.store, cx, new).await.map(|(provider, _)| provider.arn())
}

const GET: Action = Action("iam:GetOpenIDConnectProvider");

testkit::on_both_engines!(a_provider_is_its_accounts_own_and_there_once, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, other) = (&world.fixture.store, iam(&world, MEMBER), iam(&world, MANAGEMENT));
    let arn = create(&world, &cx, new(URL)).await.unwrap();
    assert_eq!(arn, format!("arn:aws:iam::{MEMBER}:oidc-provider/tokens.example.com/team"));
    assert!(matches!(refused(create(&world, &cx, new(URL)).await), FaultKind::Conflict(_)));
    create(&world, &other, new(URL)).await.unwrap();
    let (provider, tags) = oidc_providers::get(store, &cx, GET, &arn).unwrap();
    assert_eq!(
        (provider.name(), provider.client_ids.as_slice()),
        ("tokens.example.com/team", &["one".to_owned()][..])
    );
    assert_eq!(tags.get("Team").map(String::as_str), Some("red"));
    // Another account's is none of the caller's, whether it is there or not.
    let absent = format!("{arn}/absent");
    let there = refused(oidc_providers::get(store, &other, GET, &arn));
    assert_eq!(there, refused(oidc_providers::get(store, &other, GET, &absent)));
    assert_eq!(there, FaultKind::AccessDenied);
    assert_eq!(refused(oidc_providers::delete(store, &other, &arn).await), FaultKind::AccessDenied);

    oidc_providers::add_client_id(store, &cx, &arn, "two".to_owned()).await.unwrap();
    oidc_providers::add_client_id(store, &cx, &arn, "two".to_owned()).await.unwrap();
    oidc_providers::remove_client_id(store, &cx, &arn, "one".to_owned()).await.unwrap();
    oidc_providers::remove_client_id(store, &cx, &arn, "one".to_owned()).await.unwrap();
    oidc_providers::set_thumbprints(store, &cx, &arn, vec!["a".repeat(40)]).await.unwrap();
    oidc_providers::untag(store, &cx, &arn, vec!["team".to_owned()]).await.unwrap();
    oidc_providers::tag(store, &cx, &arn, vec![("Cost".to_owned(), "7".to_owned())]).await.unwrap();
    let (provider, tags) = oidc_providers::get(store, &cx, GET, &arn).unwrap();
    assert_eq!((provider.client_ids, provider.thumbprints), (vec!["two".to_owned()], vec!["a".repeat(40)]));
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("Cost".to_owned(), "7".to_owned())]);
    assert_eq!(oidc_providers::list(store, &cx).unwrap().len(), 1);
    for _ in 0..2 {
        oidc_providers::delete(store, &cx, &arn).await.unwrap();
    }
    assert_eq!(refused(oidc_providers::get(store, &cx, GET, &arn)), NONE);
    assert!(oidc_providers::list(store, &cx).unwrap().is_empty());
    // Made again it has nothing of what was.
    create(&world, &cx, NewOidcProvider { tags: Vec::new(), ..new(URL) }).await.unwrap();
    assert!(oidc_providers::get(store, &cx, GET, &arn).unwrap().1.is_empty());
});

testkit::on_both_engines!(what_cannot_be_a_provider_is_refused, |fixture| async move {
    let world = World::new(fixture).await;
    let cx = iam(&world, MEMBER);
    for url in [
        "tokens.example.com",
        "http://tokens.example.com",
        "https://",
        "https://tokens.example.com/?a=b",
        "https://tokens.example.com/#a",
        "https://user@tokens.example.com/",
        "https://tokens.example.com/.well-known/openid-configuration",
    ] {
        assert_eq!(refused(create(&world, &cx, new(url)).await), INVALID, "{url}");
    }
    let thumbprints = |given: Vec<String>| NewOidcProvider { thumbprints: given, ..new(URL) };
    for given in [vec!["a".repeat(39)], vec!["g".repeat(40)], vec!["a".repeat(40); 6]] {
        assert_eq!(refused(create(&world, &cx, thumbprints(given)).await), INVALID);
    }
    let many = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    let clients = |count| NewOidcProvider { client_ids: many(count), ..new(URL) };
    assert_eq!(refused(create(&world, &cx, clients(101)).await), FaultKind::QuotaExceeded);
    let arn = create(&world, &cx, clients(100)).await.unwrap();
    let store = &world.fixture.store;
    let more = oidc_providers::add_client_id(store, &cx, &arn, "more".to_owned()).await;
    assert_eq!(refused(more), FaultKind::QuotaExceeded);
    assert_eq!(oidc_providers::get(store, &cx, GET, &arn).unwrap().0.client_ids.len(), 100);
});
