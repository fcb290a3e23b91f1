//! IAM's view of the caller's own account.

use accounts::role_policies::inline_policy;
use accounts::roles::{get, list};
use model::accounts::account_assignment::Principal;
use model::caller::Caller;
use model::fault::FaultKind;
use model::page::PageRequest;
use policy::require::Action;

use crate::plane::support::{MANAGEMENT, MEMBER, World, account, refused};

const GET: Action = Action("iam:GetRole");

testkit::on_both_engines!(an_account_sees_its_own_roles, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let session = world.admin(MEMBER).await;
    let cx = world.cx(&session, "iam.amazonaws.com", "Test");
    let reader = world.permission_set("Reader", "PT1H", &[]).await;
    let john = Principal::User(world.person("john").await);
    world.assign(MANAGEMENT, &reader, john).await;
    let foreign = world.role_of(MANAGEMENT, &reader);

    let all = list(store, &cx, "/", &PageRequest::first(10)).unwrap().items;
    let [own] = all.as_slice() else { unreachable!("{all:?}") };
    assert!(own.name.as_str().starts_with("AWSReservedSSO_Admin_"));
    assert_eq!(own.path, "/aws-reserved/sso.amazonaws.com/");
    assert_eq!(own.max_session_seconds, 43_200);
    let upper = own.name.as_str().to_uppercase();
    assert_eq!(get(store, &cx, GET, &upper).unwrap().role_id, own.role_id, "names have no case");
    assert!(list(store, &cx, "/other/", &PageRequest::first(10)).unwrap().items.is_empty());

    let missing = FaultKind::Service("NoSuchEntity");
    let fault = get(store, &cx, GET, foreign.name.as_str()).unwrap_err();
    assert_eq!(*fault.kind(), missing);
    assert_eq!(fault.message(), format!("The role with name {} cannot be found.", foreign.name));
    assert_eq!(refused(inline_policy(store, &cx, own.name.as_str(), "AwsSSOInlinePolicy")), missing);
});

testkit::on_both_engines!(iam_is_guarded, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let jane = world.person("jane").await;
    let set = world.permission_set("Nothing", "PT1H", &[]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let session = world.issue(&jane, MEMBER, "Nothing").await.unwrap();
    let name = world.role_of(MEMBER, &set).name;
    for cx in [
        world.cx(&session, "iam.amazonaws.com", "Test"),
        world.fixture.cx(Caller::anonymous(), "iam.amazonaws.com", "Test"),
        world.portal(&jane, "Test"),
    ] {
        // A role that is not there is not told apart from one that is.
        for name in [name.as_str(), "Absent"] {
            assert_eq!(refused(get(store, &cx, GET, name)), FaultKind::AccessDenied);
            assert_eq!(refused(inline_policy(store, &cx, name, "p")), FaultKind::AccessDenied);
        }
        assert_eq!(refused(list(store, &cx, "/", &PageRequest::first(1))), FaultKind::AccessDenied);
    }
    let root =
        world.fixture.cx(Caller::root(account(MEMBER), "AKIAIOSFODNN7EXAMPLE"), "iam.amazonaws.com", "Test");
    assert!(get(store, &root, GET, name.as_str()).unwrap().managed_policies.is_empty());
});
