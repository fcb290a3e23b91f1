//! Roles of an account's own: who may assume them, and what may not be changed.

use accounts::policies::{self, NewPolicy};
use accounts::role_policies;
use accounts::roles::{self, NewRole};
use accounts::sts::{AssumeRole, Assumed, assume_role};
use model::accounts::account_assignment::Principal;
use model::accounts::account_connection::{AccountConnection, ConnectionSettings};
use model::accounts::role::Role;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use policy::require::{Action, require};
use serde_json::{Value, json};
use store::tx::Tx;

use crate::plane::policies::{allow, iam, made, new as new_policy};
use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const NONE: FaultKind = FaultKind::Service("NoSuchEntity");
const INVALID: FaultKind = FaultKind::Service("InvalidInput");
const PROTECTED: FaultKind = FaultKind::Service("UnmodifiableEntity");

pub(crate) fn trusts(principal: &str, condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
        "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": condition}]})
    .to_string()
}

pub(crate) fn new(name: &str) -> NewRole {
    NewRole {
        name: name.to_owned(),
        path: "/team/".to_owned(),
        trust_policy: trusts(MEMBER, &json!({})),
        description: None,
        max_session_seconds: None,
        permissions_boundary: None,
        tags: Vec::new(),
    }
}

pub(crate) async fn role(world: &World, new: NewRole) -> Role {
    roles::create(&world.fixture.store, &iam(world, MEMBER), new).await.unwrap().0
}

async fn assume(world: &World, id: &str, role: &Role) -> Result<Assumed, Fault> {
    assume_with(world, id, role, Vec::new()).await
}

async fn assume_with(
    world: &World,
    id: &str,
    role: &Role,
    tags: Vec<(String, String)>,
) -> Result<Assumed, Fault> {
    let ask = AssumeRole {
        role_arn: role.arn(),
        session_name: "work".to_owned(),
        duration_seconds: None,
        policy: None,
        policy_arns: Vec::new(),
        tags,
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        external_id: None,
        provided_contexts: Vec::new(),
    };
    assume_role(&world.fixture.store, &iam(world, id), ask).await
}

testkit::on_both_engines!(
    a_role_is_assumed_by_whom_it_trusts_and_ends_with_its_sessions,
    |fixture| async move {
        let world = World::new(fixture).await;
        let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
        let made = role(&world, new("Deploy")).await;
        assert_eq!(
            (made.arn().as_str(), made.max_session_seconds),
            ("arn:aws:iam::222233334444:role/team/Deploy", 3_600)
        );
        let session = assume(&world, MEMBER, &made).await.unwrap();
        assert!(world.caller(&session.credentials).is_ok());
        assert_eq!(refused(assume(&world, MANAGEMENT, &made).await), FaultKind::AccessDenied);

        roles::set_trust(store, &cx, "deploy", &trusts(MANAGEMENT, &json!({}))).await.unwrap();
        assert!(assume(&world, MANAGEMENT, &made).await.is_ok());
        assert_eq!(refused(assume(&world, MEMBER, &made).await), FaultKind::AccessDenied);
        let external = trusts(MANAGEMENT, &json!({"StringEquals": {"sts:ExternalId": "x"}}));
        roles::set_trust(store, &cx, "Deploy", &external).await.unwrap();
        assert_eq!(refused(assume(&world, MANAGEMENT, &made).await), FaultKind::AccessDenied);
        let wide = trusts("*", &json!({})).replace("sts:TagSession", "iam:PassRole");
        let malformed = FaultKind::Service("MalformedPolicyDocument");
        assert_eq!(refused(roles::set_trust(store, &cx, "Deploy", &wide).await), malformed);
        let long = trusts(MANAGEMENT, &json!({"StringEquals": {"sts:ExternalId": "x".repeat(2_048)}}));
        assert_eq!(refused(roles::set_trust(store, &cx, "Deploy", &long).await), FaultKind::QuotaExceeded);

        let tagged = trusts(MEMBER, &json!({"StringEquals": {"aws:ResourceTag/team": "red"}}));
        roles::set_trust(store, &cx, "Deploy", &tagged).await.unwrap();
        assert_eq!(refused(assume(&world, MEMBER, &made).await), FaultKind::AccessDenied);
        roles::tag(store, &cx, "Deploy", vec![("team".to_owned(), "red".to_owned())]).await.unwrap();
        assert!(assume(&world, MEMBER, &made).await.is_ok(), "the role's tags count");

        roles::delete(store, &cx, "DEPLOY").await.unwrap();
        assert_eq!(
            refused(world.caller(&session.credentials)),
            FaultKind::Service("UnrecognizedClientException")
        );
        assert_eq!(refused(roles::delete(store, &cx, "Deploy").await), NONE);
        let again = role(&world, new("Deploy")).await;
        assert_ne!(again.role_id, made.role_id);
        assert!(world.caller(&session.credentials).is_err(), "another role of the same name");
    }
);

testkit::on_both_engines!(what_a_role_may_be_called_and_be_bound_by, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let fence = made(&world, MEMBER, new_policy("/", "Fence", "sso:*")).await;
    let foreign = made(&world, MANAGEMENT, new_policy("/", "Fence", "sso:*")).await;
    role(&world, new("Deploy")).await;
    let bound = |arn: &str| NewRole { permissions_boundary: Some(arn.to_owned()), ..new("Bound") };
    let service = "arn:aws:iam::aws:policy/aws-service-role/AWSSSOServiceRolePolicy";
    for (wrong, kind) in [
        (NewRole { path: "/aws-reserved/x/".to_owned(), ..new("Other") }, INVALID),
        (new("awsReservedSSO_Admin_0123456789abcdef"), INVALID),
        (
            NewRole { trust_policy: allow("sts:*"), ..new("Other") },
            FaultKind::Service("MalformedPolicyDocument"),
        ),
        (NewRole { tags: vec![("aws:x".to_owned(), String::new())], ..new("Other") }, INVALID),
        (bound("nonsense-of-twenty-characters"), INVALID),
        (bound(&foreign), NONE),
        (bound(&fence.replace("Fence", "Absent")), NONE),
        (bound("arn:aws:iam::aws:policy/Absent"), NONE),
        (bound(service), FaultKind::Service("PolicyNotAttachable")),
    ] {
        let name = wrong.name.clone();
        let got = roles::create(store, &cx, wrong.clone()).await;
        assert_eq!(refused(got), kind, "{wrong:?}");
        let get = roles::get(store, &cx, Action("iam:GetRole"), &name);
        assert_eq!(refused(get), NONE, "nothing by halves");
    }
    assert!(matches!(refused(roles::create(store, &cx, new("dEPLOY")).await), FaultKind::Conflict(_)));

    let mut made = role(&world, bound(&fence)).await;
    assert_eq!(refused(policies::delete(store, &cx, &fence).await), FaultKind::Service("DeleteConflict"));
    roles::delete_boundary(store, &cx, "Bound").await.unwrap();
    assert_eq!(refused(roles::delete_boundary(store, &cx, "Bound").await), NONE);
    roles::put_boundary(store, &cx, "Bound", ADMIN.to_owned()).await.unwrap();
    roles::update(store, &cx, "Bound", (Some("What for".to_owned()), Some(7_200))).await.unwrap();
    roles::update(store, &cx, "Bound", (None, None)).await.unwrap();
    let found = roles::get(store, &cx, Action("iam:GetRole"), "Bound").unwrap();
    (made.permissions_boundary, made.description) = (Some(ADMIN.to_owned()), Some("What for".to_owned()));
    assert_eq!(found, made, "an hour, where nothing is said of it");
    policies::delete(store, &cx, &fence).await.unwrap();
});

testkit::on_both_engines!(nobody_changes_what_a_permission_set_made, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(world.person("jane").await)).await;
    let before = world.role_of(MEMBER, &set);
    let name = before.name.as_str();
    let tags = || vec![("a".to_owned(), "b".to_owned())];
    let fault = roles::delete(store, &cx, name).await.unwrap_err();
    assert_eq!(
        fault.message(),
        format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        )
    );
    for refusal in [
        roles::delete(store, &cx, name).await,
        roles::update(store, &cx, name, (None, None)).await,
        roles::set_description(store, &cx, name, String::new()).await.map(drop),
        roles::set_trust(store, &cx, name, &trusts("*", &json!({}))).await,
        roles::put_boundary(store, &cx, name, ADMIN.to_owned()).await,
        roles::delete_boundary(store, &cx, name).await,
        roles::tag(store, &cx, name, tags()).await,
        roles::untag(store, &cx, name, vec!["a".to_owned()]).await,
        role_policies::attach(store, &cx, name, ADMIN.to_owned()).await,
        role_policies::detach(store, &cx, name, ADMIN.to_owned()).await,
        role_policies::put_inline(store, &cx, name, ("p".to_owned(), &allow("*"))).await,
        role_policies::delete_inline(store, &cx, name, "p".to_owned()).await,
    ] {
        assert_eq!(refused(refusal), PROTECTED);
    }
    assert_eq!(world.role_of(MEMBER, &set), before);
});

testkit::on_both_engines!(whoever_may_not_change_a_role_learns_nothing_of_it, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    role(&world, NewRole { tags: vec![("team".to_owned(), "red".to_owned())], ..new("Deploy") }).await;
    // Somebody who may do what they like to roles of the blue team, and attach what is below a boundary.
    let delegate = role(&world, new("Delegate")).await;
    let root = iam(&world, MEMBER);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"iam:ResourceTag/team": "blue"}}},
        {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": "*",
         "Condition": {"StringEquals": {"iam:PermissionsBoundary": ADMIN}}},
        {"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*",
         "Condition": {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/IAM*"}}}]});
    role_policies::put_inline(store, &root, "Delegate", ("p".to_owned(), &policy.to_string())).await.unwrap();
    let session = assume(&world, MEMBER, &delegate).await.unwrap();
    let cx: Cx = world.cx(&session.credentials, "iam.amazonaws.com", "Test");

    for name in ["Deploy", "Absent"] {
        let fault = roles::delete(store, &cx, name).await.unwrap_err();
        assert_eq!(*fault.kind(), FaultKind::AccessDenied);
        assert!(fault.message().contains(&format!("on resource: role {name} ")), "{}", fault.message());
        let trust = roles::set_trust(store, &cx, name, "nonsense").await;
        assert_eq!(refused(trust), FaultKind::AccessDenied, "not what is wrong with the text either");
        let inline = role_policies::put_inline(store, &cx, name, ("p".to_owned(), &allow("*"))).await;
        assert_eq!(refused(inline), FaultKind::AccessDenied, "it has no boundary");
    }
    assert_eq!(refused(roles::create(store, &cx, new("Made")).await), FaultKind::AccessDenied);
    let bound = NewRole { permissions_boundary: Some(ADMIN.to_owned()), ..new("Made") };
    roles::create(store, &cx, bound).await.unwrap();
    role_policies::put_inline(store, &cx, "Made", ("p".to_owned(), &allow("*"))).await.unwrap();
    let reads = "arn:aws:iam::aws:policy/IAMReadOnlyAccess".to_owned();
    role_policies::attach(store, &cx, "Made", reads).await.unwrap();
    let all = role_policies::attach(store, &cx, "Made", ADMIN.to_owned()).await;
    assert_eq!(refused(all), FaultKind::AccessDenied);
    roles::tag(store, &root, "Deploy", vec![("Team".to_owned(), "blue".to_owned())]).await.unwrap();
    let kept = roles::get_tagged(store, &root, Action("iam:GetRole"), "Deploy").unwrap().1;
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("Team".to_owned(), "blue".to_owned())]);
    // Keys of conditions have no case.
    roles::delete(store, &cx, "Deploy").await.unwrap();
});

testkit::on_both_engines!(the_tags_of_a_policy_hold_back_who_may_do_all_else, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, root) = (&world.fixture.store, iam(&world, MEMBER));
    let delegate = role(&world, new("Delegate")).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:DeletePolicy", "Resource": "*", "Condition": {"StringEquals": {"iam:ResourceTag/team": "red"}}}]});
    role_policies::put_inline(store, &root, "Delegate", ("p".to_owned(), &policy.to_string())).await.unwrap();
    let session = assume(&world, MEMBER, &delegate).await.unwrap();
    let cx: Cx = world.cx(&session.credentials, "iam.amazonaws.com", "Test");
    let tags = vec![("team".to_owned(), "red".to_owned())];
    let red = made(&world, MEMBER, NewPolicy { tags, ..new_policy("/", "Red", "s3:*") }).await;
    let plain = made(&world, MEMBER, new_policy("/", "Plain", "s3:*")).await;
    assert_eq!(refused(policies::delete(store, &cx, &red).await), FaultKind::AccessDenied);
    policies::delete(store, &cx, &plain).await.unwrap();
});

testkit::on_both_engines!(who_may_not_tag_makes_nothing_with_tags, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, root) = (&world.fixture.store, iam(&world, MEMBER));
    let delegate = role(&world, new("Delegate")).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:TagRole", "iam:TagPolicy"], "Resource": "*"}]});
    role_policies::put_inline(store, &root, "Delegate", ("p".to_owned(), &policy.to_string())).await.unwrap();
    let session = assume(&world, MEMBER, &delegate).await.unwrap();
    let cx: Cx = world.cx(&session.credentials, "iam.amazonaws.com", "Test");
    let tags = || vec![("team".to_owned(), "red".to_owned())];
    let tagged = roles::create(store, &cx, NewRole { tags: tags(), ..new("Made") }).await;
    assert_eq!(refused(tagged), FaultKind::AccessDenied);
    roles::create(store, &cx, new("Made")).await.unwrap();
    let plain = || new_policy("/", "Made", "s3:*");
    let tagged = policies::create(store, &cx, NewPolicy { tags: tags(), ..plain() }).await;
    assert_eq!(refused(tagged), FaultKind::AccessDenied);
    policies::create(store, &cx, plain()).await.unwrap();
});

testkit::on_both_engines!(the_tags_of_a_role_are_its_sessions_where_these_have_none, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, root) = (&world.fixture.store, iam(&world, MEMBER));
    let team = |value: &str| vec![("Team".to_owned(), value.to_owned())];
    let made = role(&world, NewRole { tags: team("red"), ..new("Tagged") }).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}]});
    role_policies::put_inline(store, &root, "Tagged", ("p".to_owned(), &policy.to_string())).await.unwrap();
    let plain = assume(&world, MEMBER, &made).await.unwrap();
    let passed = vec![("team".to_owned(), "red".to_owned())];
    let passed = assume_with(&world, MEMBER, &made, passed).await.unwrap();
    let may = |session: &Assumed| {
        let cx = world.cx(&session.credentials, "iam.amazonaws.com", "Test");
        require(&cx, Action("iam:ListRoles"), &[]).is_ok()
    };
    assert_eq!((may(&plain), may(&passed)), (true, true));
    roles::tag(store, &root, "Tagged", team("blue")).await.unwrap();
    assert_eq!((may(&plain), may(&passed)), (false, true), "at the next call; a session's own counts first");
    roles::untag(store, &root, "Tagged", vec!["team".to_owned()]).await.unwrap();
    assert_eq!((may(&plain), may(&passed)), (false, true));
});

testkit::on_both_engines!(the_roles_of_an_account_open_nothing_while_it_is_connected, |fixture| async move {
    let world = World::new(fixture).await;
    let made = role(&world, new("Deploy")).await;
    let session = assume(&world, MEMBER, &made).await.unwrap();
    assert!(world.caller(&session.credentials).is_ok());
    let connect = |tx: &mut Tx<'_>, cx: &Cx| {
        let connection = AccountConnection {
            organization_id: None,
            account_id: account(MEMBER),
            settings: ConnectionSettings {
                access_key_id: "AKIAELSEWHERE".to_owned(),
                role_arn: None,
                external_id: None,
                iam_endpoint: None,
                sts_endpoint: None,
                region: None,
                role_path: None,
                role_name_prefix: None,
                drift_detection_hours: None,
            },
            created_at: cx.now,
            created_by: "test".to_owned(),
            updated_at: cx.now,
            updated_by: "test".to_owned(),
        };
        store::accounts::account_connections::insert(tx, &connection, b"sealed")
    };
    world.change(connect).await;
    assert!(world.caller(&session.credentials).is_err(), "at once");
    assert_eq!(refused(assume(&world, MEMBER, &made).await), FaultKind::AccessDenied);
    world.change(|tx, _| store::accounts::account_connections::delete(tx, &account(MEMBER))).await;
    assert!(world.caller(&session.credentials).is_ok());
});
