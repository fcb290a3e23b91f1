//! Access scopes, authentication methods and grants: read back as they were put; what cannot be honoured is refused by name.

use applications::{access_scopes, authentication_methods, grants};
use model::applications::access_scope::{AccessScope, ScopeName, ScopeTarget};
use model::applications::authentication_method::{AuthenticationMethod, AuthenticationMethodType};
use model::applications::grant::{AuthorizedTokenIssuer, Grant, GrantType};
use model::page::PageRequest;
use serde_json::{Value, json};
use testkit::fixture::Fixture;

use crate::world::{DEV, MANAGEMENT, PROD, World, is_denied, is_not_found, is_validation, refusal};

fn scope(name: &str, authorized_targets: Vec<ScopeTarget>) -> AccessScope {
    AccessScope { scope: ScopeName::parse(name).unwrap(), authorized_targets }
}

testkit::on_both_engines!(scopes_are_put_read_listed_and_taken_away, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let (arn, other) = (world.application("a").await.arn(), world.application("b").await.arn());
    let whole = scope(
        "wiki:page:read",
        vec![ScopeTarget::Application(other.clone()), ScopeTarget::Instance(id.clone())],
    );
    access_scopes::put(store, &cx, &arn, scope("wiki:page:read", Vec::new())).await.unwrap();
    access_scopes::put(store, &cx, &arn, whole.clone()).await.unwrap();
    access_scopes::put(store, &cx, &arn, scope("openid", Vec::new())).await.unwrap();
    assert_eq!(access_scopes::get(store, &cx, &arn, &whole.scope).unwrap(), whole, "in the order given");
    let first = access_scopes::list(store, &cx, &arn, &PageRequest::first(1)).unwrap();
    assert_eq!(first.items, [scope("openid", Vec::new())]);
    let rest = PageRequest { limit: 9, after: first.next };
    assert_eq!(access_scopes::list(store, &cx, &arn, &rest).unwrap().items, std::slice::from_ref(&whole));
    assert_eq!(access_scopes::list(store, &cx, &other, &PageRequest::first(9)).unwrap().items, []);
    access_scopes::delete(store, &cx, &arn, whole.scope.clone()).await.unwrap();
    refusal(access_scopes::delete(store, &cx, &arn, whole.scope.clone()).await, is_not_found);
    refusal(access_scopes::get(store, &cx, &arn, &whole.scope), is_not_found);
});

testkit::on_both_engines!(a_scope_for_nobody_is_refused, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let arn = world.application("a").await.arn();
    let mut foreign = arn.clone();
    foreign.account_id = model::accounts::account::AccountId::trusted(DEV);
    let elsewhere = model::instances::instance::InstanceId::trusted("ssoins-ffffffffffffffff");
    for target in [
        ScopeTarget::Application(world.unknown()),
        ScopeTarget::Application(foreign),
        ScopeTarget::Instance(elsewhere),
    ] {
        let named = target.to_string();
        let said =
            refusal(access_scopes::put(store, &cx, &arn, scope("a", vec![target])).await, is_not_found);
        assert!(said.contains(&named), "{said}");
    }
    for n in 0..25 {
        access_scopes::put(store, &cx, &arn, scope(&format!("s{n}"), Vec::new())).await.unwrap();
    }
    let said =
        refusal(access_scopes::put(store, &cx, &arn, scope("one_more", Vec::new())).await, is_validation);
    assert!(said.contains("26 access scopes, 25 at most"), "{said}");
    access_scopes::put(store, &cx, &arn, scope("s3", Vec::new())).await.unwrap();
});

testkit::on_both_engines!(
    accounts_are_reached_by_the_owners_applications_alone,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, cx, dev) = (&world.fixture.store, world.cx(), world.admin(DEV));
        let (own, theirs) = (world.application("a").await.arn(), world.application_of(&dev, "b").await.arn());
        let reach = || scope(ScopeName::ACCOUNT_ACCESS, Vec::new());
        access_scopes::put(store, &cx, &own, reach()).await.unwrap();
        for caller in [&dev, &cx] {
            let said = refusal(access_scopes::put(store, caller, &theirs, reach()).await, is_validation);
            assert!(said.contains("sso:account:access") && said.contains(MANAGEMENT), "{said}");
        }
        refusal(
            access_scopes::put(store, &world.admin(PROD), &theirs, scope("a", Vec::new())).await,
            is_denied,
        );
    }
);

fn actors(edit: &Value) -> AuthenticationMethod {
    let mut statement = json!({"Sid": "Who may act", "Effect": "Allow", "Principal": {"AWS": ["111122223333"]},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*",
        "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3_600}}});
    for (key, value) in edit.as_object().unwrap() {
        statement[key] = value.clone();
    }
    AuthenticationMethod::Iam {
        actor_policy: json!({"Version": "2012-10-17", "Id": "é", "Statement": [statement]}),
    }
}

testkit::on_both_engines!(an_actor_policy_is_read_as_it_was_written, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, iam) = (&world.fixture.store, world.cx(), AuthenticationMethodType::Iam);
    let arn = world.application("a").await.arn();
    refusal(authentication_methods::get(store, &cx, &arn, iam), is_not_found);
    for method in [actors(&json!({})), actors(&json!({"Principal": "*"}))] {
        authentication_methods::put(store, &cx, &arn, method.clone()).await.unwrap();
        assert_eq!(authentication_methods::get(store, &cx, &arn, iam).unwrap(), method);
        assert_eq!(authentication_methods::list(store, &cx, &arn).unwrap(), [method]);
    }
    for (edit, why) in [
        (json!({"Resource": "arn:aws:s3:::bucket"}), "Resource must be \"*\""),
        (json!({"Principal": null}), "Principal"),
        (json!({"Action": "*"}), "only have actions of sso-oauth"),
        (json!({"Condition": {"StringLikes": {}}}), "StringLikes is unknown"),
        (json!({"Effect": "Perhaps"}), "Effect must be Allow or Deny"),
    ] {
        let said = refusal(authentication_methods::put(store, &cx, &arn, actors(&edit)).await, is_validation);
        assert!(said.starts_with("AuthenticationMethod.Iam.ActorPolicy: "), "{said}");
        assert!(
            said.contains(why) && said.contains("statement 1") && said.contains("(line 1, column "),
            "{said}"
        );
    }
    let nothing = AuthenticationMethod::Iam { actor_policy: json!({}) };
    refusal(authentication_methods::put(store, &cx, &arn, nothing).await, is_validation);
    authentication_methods::delete(store, &cx, &arn, iam).await.unwrap();
    refusal(authentication_methods::delete(store, &cx, &arn, iam).await, is_not_found);
});

testkit::on_both_engines!(grants_are_one_of_a_kind, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let arn = world.application("a").await.arn();
    let code = |uri: &str| Grant::AuthorizationCode { redirect_uris: vec![uri.to_owned()] };
    for grant in
        [code("https://a.example/1"), code("https://a.example/2"), Grant::RefreshToken, Grant::TokenExchange]
    {
        grants::put(store, &cx, &arn, grant.clone()).await.unwrap();
        assert_eq!(grants::get(store, &cx, &arn, grant.kind()).unwrap(), grant);
    }
    let all = grants::list(store, &cx, &arn).unwrap();
    assert_eq!(all, [code("https://a.example/2"), Grant::RefreshToken, Grant::TokenExchange]);
    let said = refusal(grants::put(store, &cx, &arn, code("http://a.example/")).await, is_validation);
    assert!(said.contains("RedirectUris: 'http://a.example/' must be https"), "{said}");
    let issuer = AuthorizedTokenIssuer {
        trusted_token_issuer_arn: format!(
            "arn:aws:sso::{MANAGEMENT}:trustedTokenIssuer/{}/tti-00000000-0000-4000-8000-000000000000",
            world.fixture.instance.id
        ),
        authorized_audiences: vec!["aud".to_owned()],
    };
    let said = refusal(
        grants::put(store, &cx, &arn, Grant::JwtBearer { authorized_token_issuers: vec![issuer] }).await,
        is_not_found,
    );
    assert!(said.contains("trustedTokenIssuer/"), "{said}");
    refusal(grants::get(store, &cx, &arn, GrantType::JwtBearer), is_not_found);
    grants::delete(store, &cx, &arn, GrantType::RefreshToken).await.unwrap();
    refusal(grants::delete(store, &cx, &arn, GrantType::RefreshToken).await, is_not_found);
});
