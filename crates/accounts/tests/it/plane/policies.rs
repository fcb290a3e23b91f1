//! Policies of an account's own: versions, who uses them, and what they do to sessions at once.

use accounts::permission_set_policies::{self, Target};
use accounts::policies::{self, NewPolicy, Usage, User, UsersWanted, Wanted};
use accounts::{policy_versions, role_policies};
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSet, PermissionSetArn, PermissionsBoundary,
};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::PageRequest;
use policy::require::{Action, require};
use serde_json::json;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const NONE: FaultKind = FaultKind::Service("NoSuchEntity");
const CONFLICT: FaultKind = FaultKind::Service("DeleteConflict");
const MALFORMED: FaultKind = FaultKind::Service("MalformedPolicyDocument");

pub(crate) fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        .to_string()
}

pub(crate) fn new(path: &str, name: &str, action: &str) -> NewPolicy {
    NewPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        document: allow(action),
        description: Some("What it is for".to_owned()),
        tags: Vec::new(),
    }
}

/// The root of an account, calling IAM.
pub(crate) fn iam(world: &World, id: &str) -> Cx {
    let root = model::caller::Caller::root(account(id), "AKIAIOSFODNN7EXAMPLE");
    world.fixture.cx(root, "iam.amazonaws.com", "Test")
}

pub(crate) async fn made(world: &World, id: &str, new: NewPolicy) -> String {
    let shown = policies::create(&world.fixture.store, &iam(world, id), new).await.unwrap();
    shown.policy.arn()
}

fn shown(world: &World, arn: &str) -> Result<(usize, usize), Fault> {
    let found = policies::get(&world.fixture.store, &iam(world, MEMBER), arn)?;
    Ok((found.attachments, found.boundaries))
}

fn names(world: &World, aws: bool, usage: Option<Usage>) -> Vec<String> {
    let wanted = Wanted { path_prefix: "/".to_owned(), aws, own: true, usage };
    let page = PageRequest::first(10);
    let found = policies::list(&world.fixture.store, &iam(world, MEMBER), &wanted, &page).unwrap();
    found.items.iter().map(|shown| policy::managed::name(&shown.policy.arn()).to_owned()).collect()
}

testkit::on_both_engines!(a_policy_has_versions_of_which_one_counts, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let arn = made(&world, MEMBER, new("/team/", "Ours", "sso:List*")).await;
    assert_eq!(arn, format!("arn:aws:iam::{MEMBER}:policy/team/Ours"));
    let twice = policies::create(store, &cx, new("/", "oURS", "iam:*")).await;
    assert!(matches!(refused(twice), FaultKind::Conflict(_)), "names have no case, whatever the path");

    for number in 2..=5 {
        let version = policy_versions::create(store, &cx, &arn, (allow("iam:*"), number == 3)).await.unwrap();
        assert_eq!((version.number, version.is_default), (number, number == 3));
    }
    let sixth = policy_versions::create(store, &cx, &arn, (allow("iam:*"), true)).await;
    assert_eq!(refused(sixth), FaultKind::QuotaExceeded);
    let all = policy_versions::list(store, &cx, &arn).unwrap();
    let listed: Vec<_> = all.iter().map(|one| (one.number, one.is_default)).collect();
    assert_eq!(listed, [(5, false), (4, false), (3, true), (2, false), (1, false)]);
    assert_eq!(policy_versions::get(store, &cx, &arn, "v1").unwrap().document, allow("sso:List*"));

    let delete = |id: &str| policy_versions::delete(store, &cx, &arn, id.to_owned());
    assert_eq!(refused(delete("v3").await), CONFLICT, "the one that counts");
    assert_eq!(refused(policies::delete(store, &cx, &arn).await), CONFLICT, "it has more than one");
    for gone in ["v5", "v4", "v2"] {
        delete(gone).await.unwrap();
        assert_eq!(refused(delete(gone).await), NONE);
    }
    let next = policy_versions::create(store, &cx, &arn, (allow("iam:*"), false)).await.unwrap();
    assert_eq!(next.number, 6, "a number is never used again");
    policy_versions::set_default(store, &cx, &arn, "v1".to_owned()).await.unwrap();
    for strange in ["v2", "v7", "v0", "1"] {
        assert_eq!(refused(policy_versions::set_default(store, &cx, &arn, strange.to_owned()).await), NONE);
    }
    delete("v3").await.unwrap();
    delete("v6").await.unwrap();
    policies::delete(store, &cx, &arn).await.unwrap();
    assert_eq!(refused(shown(&world, &arn)), NONE);
    let again = made(&world, MEMBER, new("/team/", "Ours", "iam:*")).await;
    let version = policy_versions::get(store, &cx, &again, "v1").unwrap();
    assert_eq!(version.document, allow("iam:*"), "nothing is left of the first");
});

testkit::on_both_engines!(what_cannot_be_held_to_is_refused_when_it_is_written, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let with = |document: String| NewPolicy { document, ..new("/", "Ours", "*") };
    let typo = allow("sso:List*").replace("Resource", "Resuorce");
    assert_eq!(refused(policies::create(store, &cx, with(typo)).await), MALFORMED);
    let long = allow(&format!("sso:{}", "x".repeat(6_144)));
    let fault = policies::create(store, &cx, with(long)).await.unwrap_err();
    assert_eq!(*fault.kind(), FaultKind::QuotaExceeded);
    assert!(fault.message().contains("PolicySize: 6144"), "{}", fault.message());
    let spaced = allow("sso:*").replace(':', &format!(":{}", " ".repeat(4_000)));
    let spaced = spaced.replace(&format!("sso:{}", " ".repeat(4_000)), "sso:");
    let blank = policies::create(store, &cx, with(spaced)).await;
    assert!(blank.is_ok(), "white space does not count: {blank:?}");

    let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let changed = policy_versions::create(store, &cx, aws, (allow("*"), true)).await;
    assert_eq!(refused(changed), FaultKind::AccessDenied, "AWS's are nobody's to change");
    let foreign = made(&world, MANAGEMENT, new("/", "Theirs", "*")).await;
    let absent = foreign.replace("Theirs", "Nobodys");
    for arn in [&foreign, &absent] {
        assert_eq!(refused(shown(&world, arn)), FaultKind::AccessDenied, "another account's");
        assert_eq!(refused(policies::delete(store, &cx, arn).await), FaultKind::AccessDenied);
    }
    assert_eq!(refused(shown(&world, &absent.replace(MANAGEMENT, MEMBER))), NONE);
});

/// A permission set with a policy of the account's own, and perhaps another as its boundary.
async fn set_with(world: &World, policy: &str, boundary: Option<&str>) -> PermissionSet {
    let set = world.permission_set("Custom", "PT1H", &[]).await;
    let target = Target {
        instance: set.instance_id.clone(),
        arn: PermissionSetArn { instance_id: set.instance_id.clone(), id: set.id.clone() },
    };
    let cx = world.fixture.root("sso.amazonaws.com", "Test");
    let reference =
        |name: &str| CustomerManagedPolicyReference { name: name.to_owned(), path: "/team/".to_owned() };
    let store = &world.fixture.store;
    permission_set_policies::attach_customer(store, &cx, &target, reference(policy)).await.unwrap();
    if let Some(name) = boundary {
        let boundary = PermissionsBoundary::CustomerManaged(reference(name));
        permission_set_policies::put_boundary(store, &cx, &target, boundary).await.unwrap();
    }
    set
}

testkit::on_both_engines!(a_permission_sets_reference_is_each_accounts_own_policy, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let ours = made(&world, MEMBER, new("/team/", "Ours", "sso:List*")).await;
    let fence = made(&world, MEMBER, new("/team/", "Fence", "*")).await;
    let set = set_with(&world, "Ours", Some("Fence")).await;
    let jane = world.person("jane").await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let issued = world.issue(&jane, MEMBER, "Custom").await.unwrap();
    let may = |action: &'static str| {
        require(&world.cx(&issued, "sso.amazonaws.com", "Test"), Action(action), &[]).is_ok()
    };
    let rights = || (may("sso:ListInstances"), may("iam:ListPolicies"));
    assert_eq!(rights(), (true, false));
    assert_eq!((shown(&world, &ours).unwrap(), shown(&world, &fence).unwrap()), ((1, 0), (0, 1)));

    // Each change counts at the next call of a session that there is.
    policy_versions::create(store, &cx, &ours, (allow("iam:*"), false)).await.unwrap();
    assert_eq!(rights(), (true, false), "it does not count yet");
    policy_versions::set_default(store, &cx, &ours, "v2".to_owned()).await.unwrap();
    assert_eq!(rights(), (false, true));
    policy_versions::create(store, &cx, &fence, (allow("sso:*"), true)).await.unwrap();
    assert_eq!(rights(), (false, false), "the boundary allows none of it");
    policy_versions::set_default(store, &cx, &ours, "v1".to_owned()).await.unwrap();
    assert_eq!(rights(), (true, false));

    for arn in [&ours, &fence] {
        assert_eq!(refused(policies::delete(store, &cx, arn).await), CONFLICT, "{arn} is in use");
    }
    let role = world.role_of(MEMBER, &set).name;
    let protected = role_policies::detach(store, &cx, role.as_str(), ours.clone()).await.unwrap_err();
    assert_eq!(*protected.kind(), FaultKind::Service("UnmodifiableEntity"));
    let wanted = UsersWanted {
        path_prefix: "/aws-reserved/".to_owned(),
        roles: true,
        service_users: true,
        groups: true,
        usages: vec![Usage::Attached, Usage::Boundary],
    };
    let users =
        |arn: &str| policies::list_users(store, &cx, (arn, &wanted), &PageRequest::first(5)).unwrap().items;
    for arn in [&ours, &fence] {
        let found = users(arn);
        let [User::Role(name, _)] = found.as_slice() else { unreachable!("{found:?}") };
        assert_eq!(name, role.as_str());
    }
    assert!(users(ADMIN).is_empty());
    let unused = made(&world, MEMBER, new("/", "Unused", "*")).await;
    assert_eq!(names(&world, false, None), ["Unused", "Fence", "Ours"], "by ARN");
    assert_eq!(names(&world, true, Some(Usage::Attached)), ["Ours"]);
    assert_eq!(names(&world, true, Some(Usage::Boundary)), ["Fence"]);
    policies::delete(store, &cx, &unused).await.unwrap();
    assert_eq!(names(&world, false, None), ["Fence", "Ours"]);
});

testkit::on_both_engines!(tags_of_a_policy_differ_in_more_than_case, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tagged = NewPolicy { tags: vec![pair("Team", "red")], ..new("/", "Ours", "*") };
    let arn = made(&world, MEMBER, tagged).await;
    let all = || policies::list_tags(store, &cx, &arn).unwrap().into_iter().collect::<Vec<_>>();
    policies::tag(store, &cx, &arn, vec![pair("team", "blue"), pair("cost", "1")]).await.unwrap();
    assert_eq!(all(), [pair("cost", "1"), pair("team", "blue")], "the new spelling stands");
    for wrong in [vec![pair("a", "1"), pair("A", "2")], vec![pair("aws:x", "1")]] {
        let fault = policies::tag(store, &cx, &arn, wrong).await;
        assert_eq!(refused(fault), FaultKind::Service("InvalidInput"));
    }
    let many = (0..49).map(|at| pair(&format!("k{at}"), "")).collect();
    assert_eq!(refused(policies::tag(store, &cx, &arn, many).await), FaultKind::QuotaExceeded);
    policies::untag(store, &cx, &arn, vec!["TEAM".to_owned(), "absent".to_owned()]).await.unwrap();
    assert_eq!(all(), [pair("cost", "1")]);
    policies::delete(store, &cx, &arn).await.unwrap();
    made(&world, MEMBER, new("/", "Ours", "*")).await;
    assert!(all().is_empty(), "tags go with their policy");
});
