//! Who may do what: nobody without a policy that names the instance, the permission set and the account; and who may not learns nothing.

use accounts::permission_set_policies as policies;
use accounts::{account_assignments, permission_sets, provisioning, provisioning_requests};
use model::accounts::account_assignment::RequestKind;
use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSetArn, PermissionsBoundary,
};
use model::caller::Caller;
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::InstanceId;
use model::page::PageRequest;
use serde_json::{Value, json};
use store::accounts::provisioned_permission_sets::Latest;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, MANAGEMENT, PROD, READ_ONLY, World, account, is_denied, is_not_found, jane, new_set, refusal,
};

/// Every operation on `set` of `instance`, asked by `cx`, without its answer.
async fn everything(
    world: &World,
    cx: &Cx,
    instance: &InstanceId,
    set: &PermissionSetArn,
) -> Vec<Result<(), Fault>> {
    let (store, page) = (&world.fixture.store, PageRequest::first(10));
    let target = policies::Target { instance: instance.clone(), arn: set.clone() };
    let policy = CustomerManagedPolicyReference { name: "p".to_owned(), path: "/".to_owned() };
    let boundary = PermissionsBoundary::ManagedPolicyArn(READ_ONLY.to_owned());
    let ask = account_assignments::Ask {
        instance: instance.clone(),
        permission_set: set.clone(),
        account: account(DEV),
        principal: jane(),
    };
    let (id, both, arn) =
        (RequestId::trusted("00000000-0000-4000-8000-000000000000"), (instance, set), READ_ONLY.to_owned());
    let mut all = vec![
        permission_sets::create(store, cx, instance, new_set("New")).await.map(drop),
        permission_sets::describe(store, cx, instance, set).map(drop),
        permission_sets::list(store, cx, instance, &page).map(drop),
        permission_sets::update(store, cx, instance, set, permission_sets::PermissionSetPatch::default())
            .await,
        permission_sets::delete(store, cx, instance, set).await,
        policies::attach_managed(store, cx, &target, arn.clone()).await,
        policies::detach_managed(store, cx, &target, arn).await,
        policies::list_managed(store, cx, &target, &page).map(drop),
        policies::attach_customer(store, cx, &target, policy.clone()).await,
        policies::detach_customer(store, cx, &target, policy).await,
        policies::list_customer(store, cx, &target, &page).map(drop),
        // Broken, and yet the first thing said is that the caller may not.
        policies::put_inline(store, cx, &target, "{".to_owned()).await,
        policies::get_inline(store, cx, &target).map(drop),
        policies::delete_inline(store, cx, &target).await,
        policies::put_boundary(store, cx, &target, boundary).await,
        policies::get_boundary(store, cx, &target).map(drop),
        policies::delete_boundary(store, cx, &target).await,
        account_assignments::create(store, cx, ask.clone()).await.map(drop),
        account_assignments::delete(store, cx, ask).await.map(drop),
        account_assignments::list(store, cx, both, &account(DEV), &page).map(drop),
        account_assignments::list_for_principal(store, cx, (instance, &jane()), None, &page).map(drop),
        provisioning::provision(store, cx, instance, set, None).await.map(drop),
        provisioning::provision(store, cx, instance, set, Some(account(DEV))).await.map(drop),
        provisioning::accounts(store, cx, both, Latest::Any, &page).map(drop),
        provisioning::permission_sets(store, cx, (instance, &account(DEV)), Latest::Any, &page).map(drop),
    ];
    for kind in [RequestKind::CreateAssignment, RequestKind::DeleteAssignment, RequestKind::Provision] {
        all.push(provisioning_requests::describe(store, cx, instance, kind, &id).map(drop));
        all.push(provisioning_requests::list(store, cx, instance, (kind, None), &page).map(drop));
    }
    all
}

fn allow(action: &str, resources: &[String]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resources}]})
}

testkit::on_both_engines!(nobody_unnamed_may_do_anything, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let instance = world.fixture.instance.id.clone();
    let elsewhere = InstanceId::trusted("ssoins-0000000000000000");
    let everything_allowed = allow("*", &["*".to_owned()]);
    let strangers = [
        ("nobody", world.fixture.cx(Caller::anonymous(), "sso.amazonaws.com", "Call")),
        (
            "another account's root",
            world.fixture.cx(Caller::root(account(DEV), "AKIA"), "sso.amazonaws.com", "Call"),
        ),
        ("another account's administrator", world.session(DEV, &everything_allowed)),
        (
            "a session that may do something else",
            world.session(MANAGEMENT, &allow("iam:*", &["*".to_owned()])),
        ),
    ];
    for (who, cx) in &strangers {
        for arn in [set.arn(), world.unknown_set()] {
            for (at, result) in everything(&world, cx, &instance, &arn).await.into_iter().enumerate() {
                let fault = result.expect_err(who);
                assert!(is_denied(fault.kind()), "{who}, operation {at}: {fault}");
            }
        }
    }
    let root = world.cx("Call");
    for (at, result) in everything(&world, &root, &elsewhere, &set.arn()).await.into_iter().enumerate() {
        let fault = result.unwrap_err();
        assert!(is_denied(fault.kind()), "an instance that is not there, operation {at}: {fault}");
    }
    let page = PageRequest::first(10);
    let left = permission_sets::list(&world.fixture.store, &world.cx("List"), &instance, &page).unwrap();
    assert_eq!(left.items, [set], "nothing was changed");
});

testkit::on_both_engines!(a_permission_set_of_another_instance_is_not_here, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("Admin").await;
    let foreign =
        PermissionSetArn { instance_id: InstanceId::trusted("ssoins-0000000000000000"), id: set.id.clone() };
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    refusal(permission_sets::describe(store, &world.cx("Describe"), instance, &foreign), is_not_found);
    refusal(permission_sets::delete(store, &world.cx("Delete"), instance, &foreign).await, is_not_found);
});

testkit::on_both_engines!(
    assigning_can_be_delegated_by_permission_set_and_account,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (mine, other) = (world.permission_set("Mine").await, world.permission_set("Other").await);
        let instance = world.fixture.instance.id.arn();
        let policy =
            allow("sso:CreateAccountAssignment", &[instance, mine.arn().to_string(), account(DEV).sso_arn()]);
        let store = &world.fixture.store;
        let cx = || world.session(MANAGEMENT, &policy);
        account_assignments::create(store, &cx(), world.ask(&mine.arn(), DEV, jane())).await.unwrap();
        let refused = account_assignments::create(store, &cx(), world.ask(&mine.arn(), PROD, jane())).await;
        assert!(refusal(refused, is_denied).contains(&account(PROD).sso_arn()));
        let refused = account_assignments::create(store, &cx(), world.ask(&other.arn(), DEV, jane())).await;
        assert!(refusal(refused, is_denied).contains(&other.arn().to_string()));
        refusal(
            account_assignments::delete(store, &cx(), world.ask(&mine.arn(), DEV, jane())).await,
            is_denied,
        );
    }
);

testkit::on_both_engines!(
    a_delegate_for_one_account_renews_roles_in_no_other,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (mine, theirs, nowhere) = (
            world.permission_set("Mine").await,
            world.permission_set("Theirs").await,
            world.permission_set("Nowhere").await,
        );
        for (set, place) in [(&mine, DEV), (&theirs, DEV), (&theirs, PROD)] {
            world.assign(set, place, jane()).await;
        }
        world.work().await;
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let sets = "arn:aws:sso:::permissionSet/*".to_owned();
        let one = allow("sso:ProvisionPermissionSet", &[instance.arn(), sets, account(DEV).sso_arn()]);
        let but_one = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sso:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sso:ProvisionPermissionSet", "Resource": account(PROD).sso_arn()}]});
        let everywhere = async |policy: &Value, set: &PermissionSetArn| {
            let cx = world.session(MANAGEMENT, policy);
            provisioning::provision(store, &cx, instance, set, None).await
        };
        everywhere(&one, &mine.arn()).await.unwrap();
        everywhere(&but_one, &mine.arn()).await.unwrap();
        let refused = refusal(everywhere(&one, &theirs.arn()).await, is_denied);
        assert!(refused.contains("on resource: arn:aws:sso:::account/* because"), "{refused}");
        assert_eq!(
            refusal(everywhere(&one, &nowhere.arn()).await, is_denied),
            refused,
            "who holds it is not told"
        );
        assert_eq!(refusal(everywhere(&one, &world.unknown_set()).await, is_denied), refused);
        let refused = refusal(everywhere(&but_one, &theirs.arn()).await, is_denied);
        assert!(refused.contains("arn:aws:sso:::account/* with an explicit deny"), "{refused}");
        world.later(1).unassign(&theirs, PROD, jane()).await;
        world.later(2).work().await;
        let at = world.later(5_000);
        let cx = at.session(MANAGEMENT, &one);
        provisioning::provision(store, &cx, instance, &theirs.arn(), None).await.unwrap();
    }
);

testkit::on_both_engines!(
    who_may_make_none_but_some_permission_sets_makes_no_other,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let mine = world.permission_set("Mine").await;
        let some = allow("sso:*", &[instance.arn(), mine.arn().to_string()]);
        let refused =
            permission_sets::create(store, &world.session(MANAGEMENT, &some), instance, new_set("New")).await;
        let refused = refusal(refused, is_denied);
        let any = format!("arn:aws:sso:::permissionSet/{instance}/*");
        assert!(refused.contains(&any), "{refused}");
        let cx = world.session(MANAGEMENT, &allow("sso:*", &[instance.arn(), any]));
        permission_sets::create(store, &cx, instance, new_set("New")).await.unwrap();
    }
);

testkit::on_both_engines!(tags_decide_where_a_policy_says_so, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sso:CreatePermissionSet", "sso:DescribePermissionSet"], "Resource": instance.arn()},
        {"Effect": "Allow", "Action": "sso:CreatePermissionSet", "Resource": "arn:aws:sso:::permissionSet/*"},
        {"Effect": "Allow", "Action": "sso:DescribePermissionSet", "Resource": "arn:aws:sso:::permissionSet/*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "core"}}},
        {"Effect": "Deny", "Action": "sso:CreatePermissionSet", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestTag/team": "core"}}},
    ]});
    let cx = || world.session(MANAGEMENT, &policy);
    refusal(permission_sets::create(store, &cx(), instance, new_set("Untagged")).await, is_denied);
    let mut new = new_set("Tagged");
    new.tags.insert("team".to_owned(), "core".to_owned());
    let set = permission_sets::create(store, &cx(), instance, new).await.unwrap();
    permission_sets::describe(store, &cx(), instance, &set.arn()).unwrap();
    let untagged = world.permission_set("Other").await;
    refusal(permission_sets::describe(store, &cx(), instance, &untagged.arn()), is_denied);
});
