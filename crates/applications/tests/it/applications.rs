//! Applications: what is made, read and changed; the same call again; whose they are; what ends with one.

use applications::access_scopes;
use applications::application_assignments as assignments;
use applications::applications::{ApplicationPatch, create, delete, describe, list, update};
use applications::{authentication_methods, grants};
use model::applications::access_scope::{AccessScope, ScopeName};
use model::applications::application::{SignInOptions, SignInOrigin, Switch};
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::application_provider::ApplicationProviderId;
use model::applications::authentication_method::AuthenticationMethod;
use model::applications::grant::Grant;
use model::fault::FaultKind;
use model::instances::tag::Tags;
use model::limits::TAGS_MAX;
use model::page::PageRequest;
use serde_json::json;
use store::applications::applications::Which;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, JANE, MANAGEMENT, PROD, STRANGER, World, account, is_conflict, is_denied, is_not_found,
    is_validation, new, refusal, user,
};

testkit::on_both_engines!(what_is_made_is_read_back_and_changed, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let there =
        SignInOptions::new(SignInOrigin::Application, Some("https://wiki.example.com/".to_owned())).unwrap();
    let mut wanted = new("Wiki\n of the team");
    wanted.description = Some("pages".to_owned());
    wanted.status = Switch::Disabled;
    wanted.visibility = Switch::Disabled;
    wanted.sign_in = Some(there.clone());
    let (_, made) = create(store, &cx, id, wanted).await.unwrap();
    let (_, read) = describe(store, &cx, &made.arn()).unwrap();
    assert_eq!(read, made);
    assert_eq!((read.name.as_str(), read.sign_in.as_ref()), ("Wiki\n of the team", Some(&there)));
    assert!(read.assignment_required, "until somebody says otherwise");
    assert_eq!(read.account_id, account(MANAGEMENT));
    assert_eq!(read.created_from, "us-east-1");

    update(store, &cx, &made.arn(), ApplicationPatch::default()).await.unwrap();
    assert_eq!(describe(store, &cx, &made.arn()).unwrap().1, made, "what is absent stays");
    let here = SignInOptions::new(SignInOrigin::IdentityCenter, None).unwrap();
    let patch = ApplicationPatch {
        name: Some("Wiki".to_owned()),
        status: Some(Switch::Enabled),
        sign_in: Some(here.clone()),
        ..ApplicationPatch::default()
    };
    update(store, &cx, &made.arn(), patch).await.unwrap();
    let (_, read) = describe(store, &cx, &made.arn()).unwrap();
    assert_eq!((read.name.as_str(), read.description.as_deref()), ("Wiki", Some("pages")));
    assert_eq!((read.status, read.sign_in), (Switch::Enabled, Some(here)));
});

testkit::on_both_engines!(what_cannot_be_made_is_refused, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let mut unknown = new("a");
    unknown.provider = ApplicationProviderId::trusted("nothing");
    let said = refusal(create(store, &cx, id, unknown).await, is_not_found);
    assert!(said.contains("applicationProvider/nothing"), "{said}");
    let mut many = new("a");
    many.tags = (0..=TAGS_MAX).map(|n| (format!("k{n}"), String::new())).collect::<Tags>();
    let said = refusal(create(store, &cx, id, many).await, is_validation);
    assert!(said.contains("76 entries, 75 at most"), "{said}");
    for gone in
        [describe(store, &cx, &world.unknown()).map(|_| ()), delete(store, &cx, &world.unknown()).await]
    {
        refusal(gone, is_not_found);
    }
});

testkit::on_both_engines!(the_same_call_again_makes_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let call = |name: &str, token: &str| {
        let mut call = new(name);
        call.client_token = Some(token.to_owned());
        call.tags = Tags::from([("team".to_owned(), "red".to_owned())]);
        call
    };
    let (_, first) = create(store, &cx, id, call("a", "one")).await.unwrap();
    let patch = ApplicationPatch { name: Some("b".to_owned()), ..ApplicationPatch::default() };
    update(store, &cx, &first.arn(), patch).await.unwrap();
    let later = world.later(5_000);
    let (_, again) = create(store, &later.cx(), id, call("a", "one")).await.unwrap();
    assert_eq!(
        (again.arn(), again.name.as_str()),
        (first.arn(), "b"),
        "what was asked, not what became of it"
    );
    let mut other_tags = call("a", "one");
    other_tags.tags.clear();
    for other in [call("c", "one"), other_tags] {
        let said = refusal(create(store, &cx, id, other).await, is_conflict);
        assert!(said.contains("IdempotentParameterMismatch") && said.contains(first.id.as_str()), "{said}");
    }
    let (_, second) = create(store, &cx, id, call("a", "two")).await.unwrap();
    assert_ne!(second.id, first.id);
    // A token is its account's: another's call is another call.
    let (_, theirs) = create(store, &world.admin(DEV), id, call("c", "one")).await.unwrap();
    assert_eq!(theirs.account_id, account(DEV));
    let page = list(store, &cx, id, Which::default(), &PageRequest::first(10)).unwrap().1;
    assert_eq!(page.items.len(), 3);
    // What the token made is gone: nothing is left to answer with.
    delete(store, &cx, &first.arn()).await.unwrap();
    let (_, third) = create(store, &cx, id, call("c", "one")).await.unwrap();
    assert_ne!(third.id, first.id);
});

testkit::on_both_engines!(two_calls_at_once_with_one_token_make_one, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, id) = (&world.fixture.store, &world.fixture.instance.id);
    let call = || {
        let mut call = new("a");
        call.client_token = Some("one".to_owned());
        call
    };
    let (one, other) = (world.cx(), world.cx());
    let (one, other) = tokio::join!(create(store, &one, id, call()), create(store, &other, id, call()));
    assert_eq!(one.unwrap().1.id, other.unwrap().1.id);
});

testkit::on_both_engines!(an_application_is_its_accounts_and_the_owners, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, id) = (&world.fixture.store, &world.fixture.instance.id);
    let (root, dev, prod) = (world.cx(), world.admin(DEV), world.admin(PROD));
    let (own, theirs) =
        (world.application_of(&root, "own").await, world.application_of(&dev, "theirs").await);
    assert_eq!(theirs.arn().to_string(), format!("arn:aws:sso::{DEV}:application/{id}/{}", theirs.id));
    for cx in [&root, &dev] {
        assert_eq!(describe(store, cx, &theirs.arn()).unwrap().1, theirs);
    }
    // Whoever may not hears the same of what is there and of what is not.
    let mut gone = own.arn();
    gone.id = world.unknown().id;
    for (cx, arn) in [(&dev, own.arn()), (&prod, own.arn()), (&prod, theirs.arn()), (&dev, gone)] {
        let said = refusal(describe(store, cx, &arn), is_denied);
        assert!(
            said.contains("no resource-based policy allows the sso:DescribeApplication action"),
            "{said}"
        );
    }
    // The ARN with another account's number names nothing.
    let mut posed = theirs.arn();
    posed.account_id = account(PROD);
    refusal(describe(store, &root, &posed), is_not_found);
    refusal(describe(store, &prod, &posed), is_not_found);

    let first = PageRequest::first(10);
    let names = |cx, which| -> Result<Vec<String>, _> {
        Ok(list(store, cx, id, which, &first)?.1.items.into_iter().map(|it| it.name).collect())
    };
    let of = |account| Which { account: Some(account), provider: None };
    let (dev_id, prod_id) = (account(DEV), account(PROD));
    assert_eq!(names(&root, Which::default()).unwrap().len(), 2);
    assert_eq!(names(&root, of(&dev_id)).unwrap(), ["theirs"]);
    assert_eq!(names(&dev, of(&dev_id)).unwrap(), ["theirs"]);
    assert_eq!(names(&prod, of(&prod_id)).unwrap(), Vec::<String>::new());
    refusal(names(&dev, Which::default()), is_denied);
    refusal(names(&dev, of(&prod_id)), is_denied);

    let stranger = world.admin(STRANGER);
    refusal(create(store, &stranger, id, new("x")).await, is_denied);
    let strange = account(STRANGER);
    refusal(names(&stranger, of(&strange)), is_denied);
});

testkit::on_both_engines!(policies_decide_by_account_tag_and_provider, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, id) = (&world.fixture.store, &world.fixture.instance.id);
    let dev = world.application_of(&world.admin(DEV), "theirs").await;
    let own = world.application("own").await;
    let only = |condition: serde_json::Value| {
        world.session(
            MANAGEMENT,
            &json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sso:*", "Resource": "*", "Condition": condition}}),
        )
    };
    let by_account = only(json!({"StringEquals": {"sso:ApplicationAccount": DEV}}));
    assert!(describe(store, &by_account, &dev.arn()).is_ok());
    refusal(describe(store, &by_account, &own.arn()), is_denied);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:CreateApplication",
        "Resource": ["arn:aws:sso:::instance/*", "arn:aws:sso::*:application/*", "arn:aws:sso::aws:applicationProvider/custom-saml"]}]});
    let saml_alone = world.session(MANAGEMENT, &policy);
    let said = refusal(create(store, &saml_alone, id, new("x")).await, is_denied);
    assert!(said.contains("applicationProvider/custom"), "{said}");
    let mut saml = new("x");
    saml.provider = ApplicationProviderId::trusted("custom-saml");
    assert!(create(store, &saml_alone, id, saml).await.is_ok());
    let tagged = only(json!({"StringEquals": {"aws:RequestTag/team": "red"}}));
    let said = refusal(create(store, &tagged, id, new("x")).await, is_denied);
    assert!(!said.contains("apl-"), "{said}");
    let mut red = new("x");
    red.tags = Tags::from([("team".to_owned(), "red".to_owned())]);
    let made = create(store, &tagged, id, red).await.unwrap().1;
    let by_tag = only(json!({"StringEquals": {"aws:ResourceTag/team": "red"}}));
    assert!(describe(store, &by_tag, &made.arn()).is_ok());
    refusal(describe(store, &by_tag, &own.arn()), is_denied);
});

testkit::on_both_engines!(a_list_is_paged_and_filtered, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    for n in 0..5 {
        world.application(&format!("a{n}")).await;
    }
    let mut saml = new("s");
    saml.provider = ApplicationProviderId::trusted("custom-saml");
    create(store, &cx, id, saml).await.unwrap();
    let (mut names, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let found = list(store, &cx, id, Which::default(), &page).unwrap().1;
        names.extend(found.items.into_iter().map(|it| it.name));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    names.sort();
    assert_eq!(names, ["a0", "a1", "a2", "a3", "a4", "s"]);
    let (owner, provider) = (account(MANAGEMENT), ApplicationProviderId::trusted("custom-saml"));
    for account in [None, Some(&owner)] {
        let which = Which { account, provider: Some(&provider) };
        let found = list(store, &cx, id, which, &PageRequest::first(10)).unwrap().1;
        assert_eq!(found.items.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["s"]);
    }
});

testkit::on_both_engines!(whatever_hangs_on_an_application_ends_with_it, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let it = world.application("a").await;
    let arn = it.arn();
    let new = ApplicationAssignment { application: arn.clone(), principal: user(JANE) };
    assignments::create(store, &cx, new).await.unwrap();
    let scope = AccessScope { scope: ScopeName::trusted("a:b"), authorized_targets: Vec::new() };
    access_scopes::put(store, &cx, &arn, scope).await.unwrap();
    let actor_policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}});
    authentication_methods::put(store, &cx, &arn, AuthenticationMethod::Iam { actor_policy }).await.unwrap();
    grants::put(store, &cx, &arn, Grant::RefreshToken).await.unwrap();
    let named = arn.to_string();
    world.change(move |tx, _| store::instances::tags::upsert(tx, &named, "team", "red")).await;
    delete(store, &cx, &arn).await.unwrap();
    refusal(describe(store, &cx, &arn), is_not_found);
    let (id, named) = (it.id.clone(), arn.to_string());
    store
        .read(|rx| {
            assert!(!store::applications::application_assignments::exists(rx, &id, &user(JANE))?);
            assert_eq!(store::applications::access_scopes::page(rx, &id, &PageRequest::first(9))?, []);
            assert_eq!(store::applications::authentication_methods::all_of(rx, &id)?, []);
            assert_eq!(store::applications::grants::all_of(rx, &id)?, []);
            assert_eq!(store::instances::tags::all_of(rx, &named)?, Tags::new());
            Ok(())
        })
        .unwrap();
});

testkit::on_both_engines!(strict_mode_has_the_quota, |fixture: Fixture| async move {
    let world = World::new(fixture).await.strict();
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let quota = model::limits::APPLICATIONS_MAX;
    let (_, first) = create(store, &cx, id, new("a")).await.unwrap();
    world
        .change(move |tx, _| {
            let by = store::applications::applications::MadeBy { client_token: None, input: String::new() };
            for n in 1..quota {
                let mut one = first.clone();
                one.id = model::applications::application::ApplicationId::trusted(format!("apl-{n:016}"));
                store::applications::applications::insert(tx, &one, &by)?;
            }
            Ok(())
        })
        .await;
    let said = refusal(create(store, &cx, id, new("b")).await, |kind| *kind == FaultKind::QuotaExceeded);
    assert!(said.contains("7000"), "{said}");
});
