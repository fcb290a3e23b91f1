//! Users and groups of an account, what their keys open, and sessions that are made with keys.

use accounts::access_keys::{self, Change, NewAccessKey};
use accounts::users::{self, NewUser};
use accounts::{iam_groups, key_callers, key_sessions, user_keys, user_policies};
use model::caller::Caller;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use policy::require::{Action, require};
use serde_json::{Value, json};

use crate::plane::policies::{allow, iam};
use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, refused};

const NONE: FaultKind = FaultKind::Service("NoSuchEntity");
const CONFLICT: FaultKind = FaultKind::Service("DeleteConflict");

fn new(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        path: "/team/".to_owned(),
        permissions_boundary: None,
        tags: vec![("Team".to_owned(), "red".to_owned())],
    }
}

async fn user_with_key(world: &World, cx: &Cx, name: &str) -> NewAccessKey {
    users::create(&world.fixture.store, cx, new(name)).await.unwrap();
    user_keys::create(&world.fixture.store, cx, Some(name)).await.unwrap().key
}

/// Whoever a key speaks for now.
fn holder(world: &World, id: &str) -> Option<Caller> {
    let found = world.fixture.store.read(|rx| match store::accounts::access_keys::find_active(rx, id)? {
        Some(key) => key_callers::caller(rx, (&key, id), None),
        None => Ok(None),
    });
    found.unwrap()
}

fn may(world: &World, key: &NewAccessKey, action: &'static str) -> Result<(), Fault> {
    let cx = world.fixture.cx(holder(world, &key.id).unwrap(), "iam.amazonaws.com", action);
    require(&cx, Action(action), &[])
}

testkit::on_both_engines!(a_user_may_what_its_policies_and_its_groups_say_now, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    assert!(key.id.starts_with("AKIA"));
    let action = "iam:ListRoles";
    assert!(may(&world, &key, action).is_err());
    user_policies::attach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    assert!(may(&world, &key, action).is_ok());
    users::put_boundary(store, &cx, "robot", "arn:aws:iam::aws:policy/AWSOrganizationsFullAccess".to_owned())
        .await
        .unwrap();
    let bounded = may(&world, &key, action).unwrap_err();
    assert!(bounded.message().contains("permissions boundary"), "{bounded}");
    users::delete_boundary(store, &cx, "robot").await.unwrap();
    user_policies::detach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    assert!(may(&world, &key, action).is_err());

    let own = ("lists".to_owned(), allow("iam:List*"));
    user_policies::put_inline(store, &cx, "robot", own.clone()).await.unwrap();
    assert!(may(&world, &key, action).is_ok());
    user_policies::delete_inline(store, &cx, "robot", "lists".to_owned()).await.unwrap();
    iam_groups::create(store, &cx, "crew".to_owned(), "/".to_owned()).await.unwrap();
    iam_groups::put_inline(store, &cx, "crew", own).await.unwrap();
    assert!(may(&world, &key, action).is_err());
    iam_groups::add_user(store, &cx, "crew", "Robot".to_owned()).await.unwrap();
    assert!(may(&world, &key, action).is_ok());
    let by_tag = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "red", "aws:username": "robot"}}}]});
    iam_groups::put_inline(store, &cx, "crew", ("red".to_owned(), by_tag.to_string())).await.unwrap();
    assert!(may(&world, &key, action).is_err());
    users::untag(store, &cx, "robot", vec!["team".to_owned()]).await.unwrap();
    assert!(may(&world, &key, action).is_ok());
    iam_groups::remove_user(store, &cx, "crew", "robot".to_owned()).await.unwrap();
    assert!(may(&world, &key, action).is_err());

    user_keys::change_key(store, &cx, (Some("robot"), key.id.clone()), Change::Deactivate).await.unwrap();
    assert!(holder(&world, &key.id).is_none());
});

testkit::on_both_engines!(a_key_that_ended_makes_no_key_by_a_call_under_way, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    user_policies::attach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    let under_way =
        world.fixture.cx(holder(&world, &key.id).unwrap(), "iam.amazonaws.com", "CreateAccessKey");
    user_keys::change_key(store, &cx, (Some("robot"), key.id.clone()), Change::Deactivate).await.unwrap();
    let invalid = FaultKind::Service("UnrecognizedClientException");
    assert_eq!(refused(user_keys::create(store, &under_way, Some("robot")).await), invalid);
    user_keys::change_key(store, &cx, (Some("robot"), key.id.clone()), Change::Activate).await.unwrap();
    user_keys::create(store, &under_way, Some("robot")).await.unwrap();
});

testkit::on_both_engines!(nothing_of_another_account_is_reached, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let (here, there) = (iam(&world, MEMBER), iam(&world, MANAGEMENT));
    let key = user_with_key(&world, &here, "robot").await;
    assert_eq!(refused(users::get(store, &there, Action("iam:GetUser"), Some("robot"))), NONE);
    assert_eq!(refused(user_keys::last_use(store, &there, &key.id)), FaultKind::AccessDenied);
    let other = user_with_key(&world, &there, "robot").await;
    let taken = user_keys::change_key(store, &there, (Some("robot"), key.id.clone()), Change::Delete).await;
    assert_eq!(refused(taken), NONE);
    assert!(holder(&world, &key.id).is_some());
    let owners = [(&key, MEMBER), (&other, MANAGEMENT)];
    for (key, account) in owners {
        assert_eq!(access_keys::account_of(store, &here, &key.id).unwrap().as_str(), account);
        assert_eq!(accounts::key_ids::account_of(&key.id).unwrap().as_str(), account);
    }
    let unknown = access_keys::account_of(store, &here, "AKIAIOSFODNN7EXAMPLE").unwrap_err();
    assert_eq!(*unknown.kind(), FaultKind::Validation);
});

testkit::on_both_engines!(a_user_is_deleted_when_nothing_hangs_on_it, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    let delete = async || users::delete(store, &cx, "robot").await;
    assert_eq!(refused(delete().await), CONFLICT);
    user_keys::change_key(store, &cx, (Some("robot"), key.id.clone()), Change::Delete).await.unwrap();
    user_policies::attach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    assert_eq!(refused(delete().await), CONFLICT);
    user_policies::detach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    let own = ("own".to_owned(), allow("iam:List*"));
    user_policies::put_inline(store, &cx, "robot", own.clone()).await.unwrap();
    assert_eq!(refused(delete().await), CONFLICT);
    user_policies::delete_inline(store, &cx, "robot", "own".to_owned()).await.unwrap();
    iam_groups::create(store, &cx, "crew".to_owned(), "/".to_owned()).await.unwrap();
    iam_groups::add_user(store, &cx, "crew", "robot".to_owned()).await.unwrap();
    assert_eq!(refused(delete().await), CONFLICT);
    assert_eq!(refused(iam_groups::delete(store, &cx, "crew").await), CONFLICT);
    iam_groups::remove_user(store, &cx, "crew", "robot".to_owned()).await.unwrap();
    delete().await.unwrap();
    iam_groups::delete(store, &cx, "crew").await.unwrap();
    assert_eq!(refused(delete().await), NONE);
    let (again, tags) =
        users::create(store, &cx, NewUser { tags: Vec::new(), ..new("robot") }).await.unwrap();
    assert_eq!((again.path.as_str(), tags), ("/team/", Tags::new()), "its tags went with it");
});

testkit::on_both_engines!(a_user_keeps_its_keys_and_tags_under_another_name, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    users::create(store, &cx, new("other")).await.unwrap();
    let rename = async |to: &str, path: Option<&str>| {
        users::update(store, &cx, "robot", (Some(to.to_owned()), path.map(str::to_owned))).await
    };
    assert!(matches!(refused(rename("OTHER", None).await), FaultKind::Conflict(_)));
    rename("Machine", Some("/moved/")).await.unwrap();
    let (user, tags) = users::get(store, &cx, Action("iam:GetUser"), Some("machine")).unwrap();
    assert_eq!(user.arn(), format!("arn:aws:iam::{MEMBER}:user/moved/Machine"));
    assert_eq!(tags.get("Team").map(String::as_str), Some("red"));
    assert_eq!(holder(&world, &key.id).unwrap().arn(), user.arn());
    assert_eq!(refused(users::get(store, &cx, Action("iam:GetUser"), Some("robot"))), NONE);
});

testkit::on_both_engines!(who_may_not_learns_nothing_of_users_and_groups, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    iam_groups::create(store, &cx, "crew".to_owned(), "/team/".to_owned()).await.unwrap();
    let cx = world.fixture.cx(holder(&world, &key.id).unwrap(), "iam.amazonaws.com", "GetUser");
    let user = |name: &str| {
        let refused = users::get(store, &cx, Action("iam:GetUser"), Some(name)).unwrap_err();
        assert_eq!(*refused.kind(), FaultKind::AccessDenied);
        // Who they are is their own name, whatever they asked for.
        let (who, what) = refused.message().split_once(" to perform: ").unwrap();
        (who.to_owned(), what.replace(name, "…"))
    };
    assert_eq!(user("robot"), user("nobody"));
    let group = |name: &str| {
        iam_groups::get(store, &cx, Action("iam:GetGroup"), name).unwrap_err().message().replace(name, "…")
    };
    assert_eq!(group("crew"), group("none"));
    let of_key = |id: &str| user_keys::last_use(store, &cx, id).unwrap_err().message().replace(id, "…");
    assert_eq!(of_key(&key.id), of_key("AKIAIOSFODNN7EXAMPLE"));
    // Where nobody is named, whoever calls is meant; a role or the root is nobody.
    let own = users::get(store, &cx, Action("iam:GetUser"), None).unwrap_err();
    assert!(own.message().contains("user robot"), "{own}");
    let root = users::get(store, &iam(&world, MEMBER), Action("iam:GetUser"), None).unwrap_err();
    assert!(root.message().contains("userName"), "{root}");
});

testkit::on_both_engines!(a_session_of_a_key_is_its_holder_for_a_while, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    let by = |caller: Caller| world.fixture.cx(caller, "sts.amazonaws.com", "GetSessionToken");
    let made = key_sessions::make(store, &by(holder(&world, &key.id).unwrap()), None).await.unwrap();
    assert_eq!(made.expires_at.since(world.fixture.now).as_secs(), 43_200);
    let caller = world.caller(&made).unwrap();
    assert_eq!(caller.arn(), format!("arn:aws:iam::{MEMBER}:user/team/robot"));

    for (service, operation, may) in [
        ("sts", "GetCallerIdentity", true),
        ("sts", "AssumeRole", true),
        ("sts", "GetSessionToken", false),
        ("sts", "GetAccessKeyInfo", false),
        ("iam", "ListUsers", false),
        ("sso-admin", "ListInstances", true),
    ] {
        assert_eq!(key_sessions::check_call(&caller, service, operation).is_ok(), may, "{operation}");
        let by_key = holder(&world, &key.id).unwrap();
        assert!(key_sessions::check_call(&by_key, service, operation).is_ok());
    }
    let again = key_sessions::make(store, &by(caller.clone()), None).await.unwrap_err();
    assert_eq!(again.message(), "Cannot call GetSessionToken with session credentials");

    // What the user may counts now, not when the session was made.
    let lists = |world: &World| {
        let cx = world.fixture.cx(world.caller(&made).unwrap(), "sso.amazonaws.com", "ListInstances");
        require(&cx, Action("sso:ListInstances"), &[]).is_ok()
    };
    assert!(!lists(&world));
    user_policies::attach(store, &cx, "robot", ADMIN.to_owned()).await.unwrap();
    assert!(lists(&world));
    let records = world.records("GetSessionToken");
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    let json: Value = serde_json::from_str(&record.json).unwrap();
    assert_eq!(json["responseElements"]["credentials"]["accessKeyId"], made.access_key_id);
    for secret in [&made.secret_access_key, &made.session_token] {
        assert!(!record.json.contains(secret.expose()));
    }
    assert!(world.later(43_199).caller(&made).is_ok());
    assert!(world.later(43_200).caller(&made).is_err());
    user_keys::change_key(store, &cx, (Some("robot"), key.id.clone()), Change::Deactivate).await.unwrap();
    assert!(world.caller(&made).is_err(), "it ends with its key");
});

testkit::on_both_engines!(a_session_of_the_root_lasts_an_hour_at_most, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, at) = (&world.fixture.store, &world.fixture.instance.id);
    let root = world.fixture.root("sts.amazonaws.com", "GetSessionToken");
    let key = access_keys::create(store, &root, (at, None)).await.unwrap();
    let cx = world.fixture.cx(holder(&world, &key.id).unwrap(), "sts.amazonaws.com", "GetSessionToken");
    for (asked, seconds) in [(None, 3_600), (Some(43_200), 3_600), (Some(900), 900)] {
        let made = key_sessions::make(store, &cx, asked).await.unwrap();
        assert_eq!(made.expires_at.since(world.fixture.now).as_secs(), seconds);
        assert_eq!(world.caller(&made).unwrap().arn(), format!("arn:aws:iam::{MANAGEMENT}:root"));
    }
    let admin = world.admin(MANAGEMENT).await;
    let by_role = world.cx(&admin, "sts.amazonaws.com", "GetSessionToken");
    assert_eq!(refused(key_sessions::make(store, &by_role, None).await), FaultKind::AccessDenied);
});

testkit::on_both_engines!(a_session_of_a_key_can_be_forbidden, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let key = user_with_key(&world, &cx, "robot").await;
    let deny = allow("sts:GetSessionToken").replace("Allow", "Deny");
    user_policies::put_inline(store, &cx, "robot", ("no".to_owned(), deny)).await.unwrap();
    let by = world.fixture.cx(holder(&world, &key.id).unwrap(), "sts.amazonaws.com", "GetSessionToken");
    assert_eq!(refused(key_sessions::make(store, &by, None).await), FaultKind::AccessDenied);
});
