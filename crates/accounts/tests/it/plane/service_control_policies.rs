//! What the organization lets its accounts do at most: policies, what they are attached to, and that they count at once.

use accounts::policy_attachments::{attach, detach, disable, enable, of_target, targets};
use accounts::service_control_policies::{NewPolicy, PolicyChange, create, delete, describe, list, update};
use accounts::{organization_tags, organizational_units};
use model::accounts::service_control_policy::ServiceControlPolicyId;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::page::PageRequest;
use policy::require::{Action, require};
use serde_json::{Value, json};

use crate::plane::support::{MANAGEMENT, MEMBER, World, account, refused};

const ROOT: &str = "r-a1b2";
const TYPE: &str = "SERVICE_CONTROL_POLICY";
const FULL: &str = ServiceControlPolicyId::FULL_ACCESS;

fn root(world: &World) -> Cx {
    world.fixture.root("organizations.amazonaws.com", "Test")
}

fn id(text: &str) -> ServiceControlPolicyId {
    ServiceControlPolicyId::trusted(text)
}

fn says(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn new(name: &str, statements: &Value) -> NewPolicy {
    NewPolicy {
        name: name.to_owned(),
        description: format!("About {name}"),
        content: says(statements),
        kind: TYPE.to_owned(),
        tags: Tags::new(),
    }
}

async fn made(world: &World, name: &str, statements: &Value) -> ServiceControlPolicyId {
    create(&world.fixture.store, &root(world), new(name, statements)).await.unwrap().0.id
}

async fn enabled(world: &World) {
    enable(&world.fixture.store, &root(world), ROOT.to_owned(), TYPE.to_owned()).await.unwrap();
}

async fn attached(world: &World, policy: &ServiceControlPolicyId, target: &str) {
    attach(&world.fixture.store, &root(world), policy.clone(), target.to_owned()).await.unwrap();
}

async fn detached(world: &World, policy: &str, target: &str) -> Result<(), Fault> {
    detach(&world.fixture.store, &root(world), id(policy), target.to_owned()).await
}

fn names(world: &World, target: &str) -> Vec<String> {
    let found =
        of_target(&world.fixture.store, &root(world), (target, TYPE), &PageRequest::first(20)).unwrap();
    found.0.items.into_iter().map(|policy| policy.name).collect()
}

fn code(kind: &FaultKind) -> &str {
    match kind {
        FaultKind::Service(code) => code,
        _ => "",
    }
}

testkit::on_both_engines!(a_policy_counts_at_once_for_every_session_below, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, root(&world));
    let (member, management) = (world.admin(MEMBER).await, {
        let john = world.person("john").await;
        let set = world.permission_set("Manager", "PT1H", &[crate::plane::support::ADMIN]).await;
        let who = model::accounts::account_assignment::Principal::User(john.clone());
        world.assign(MANAGEMENT, &set, who).await;
        world.issue(&john, MANAGEMENT, "Manager").await.unwrap()
    });
    let may =
        |who, action: &'static str| require(&world.cx(who, "sso.amazonaws.com", "Call"), Action(action), &[]);
    let named = ("r-a1b2".to_owned(), "Workloads".to_owned());
    let (unit, _) = organizational_units::create(store, &cx, named, Tags::new()).await.unwrap();
    let between = (ROOT.to_owned(), unit.id.to_string());
    organizational_units::move_account(store, &cx, account(MEMBER), between).await.unwrap();
    enabled(&world).await;
    assert!(may(&member, "sso:CreateInstance").is_ok(), "FullAWSAccess changes nothing");
    for target in [ROOT, unit.id.as_str(), MEMBER, MANAGEMENT] {
        assert_eq!(names(&world, target), ["FullAWSAccess"], "{target}");
    }

    let guard =
        made(&world, "guard", &json!({"Effect": "Deny", "Action": "sso:CreateInstance", "Resource": "*"}))
            .await;
    for target in [ROOT, unit.id.as_str(), MEMBER] {
        attached(&world, &guard, target).await;
        let fault = may(&member, "sso:CreateInstance").unwrap_err();
        assert!(fault.message().ends_with("with an explicit deny in a service control policy"), "{fault:?}");
        assert!(may(&member, "sso:ListInstances").is_ok());
        assert!(may(&management, "sso:CreateInstance").is_ok(), "the management account is not bounded");
        detached(&world, guard.as_str(), target).await.unwrap();
        assert!(may(&member, "sso:CreateInstance").is_ok());
    }

    // Instead of AWS's own policy: what is not allowed at each level is denied.
    let lists =
        made(&world, "lists", &json!({"Effect": "Allow", "Action": "sso:List*", "Resource": "*"})).await;
    attached(&world, &lists, unit.id.as_str()).await;
    detached(&world, FULL, unit.id.as_str()).await.unwrap();
    let fault = may(&member, "sso:CreateInstance").unwrap_err();
    assert!(
        fault.message().ends_with("because no service control policy allows the sso:CreateInstance action"),
        "{fault:?}"
    );
    assert!(may(&member, "sso:ListInstances").is_ok());
    // A change of the policy counts at the next call, and so does a move.
    let change = PolicyChange {
        content: Some(says(&json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*"}))),
        ..PolicyChange::default()
    };
    update(store, &cx, lists.clone(), change).await.unwrap();
    assert!(may(&member, "sso:CreateInstance").is_ok() && may(&member, "iam:ListUsers").is_err());
    let back = (unit.id.to_string(), ROOT.to_owned());
    organizational_units::move_account(store, &cx, account(MEMBER), back).await.unwrap();
    assert!(may(&member, "iam:ListUsers").is_ok());

    attached(&world, &guard, ROOT).await;
    assert!(may(&member, "sso:CreateInstance").is_err());
    disable(store, &cx, ROOT.to_owned(), TYPE.to_owned()).await.unwrap();
    assert!(may(&member, "sso:CreateInstance").is_ok());
    assert_eq!(names(&world, ROOT), Vec::<String>::new());
    assert!(describe(store, &cx, &guard).is_ok(), "the policies stay");
    let fault = attach(store, &cx, guard, ROOT.to_owned()).await.unwrap_err();
    assert_eq!(code(fault.kind()), "PolicyTypeNotEnabledException");
});

testkit::on_both_engines!(what_is_new_has_awss_own_policy, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, root(&world));
    enabled(&world).await;
    let named = (ROOT.to_owned(), "New".to_owned());
    let (unit, _) = organizational_units::create(store, &cx, named, Tags::new()).await.unwrap();
    let new = ("New".to_owned(), "new@example.com".to_owned());
    let creation = accounts::account_creations::create(store, &cx, new, None, Tags::new()).await.unwrap();
    world.work().await;
    for target in [unit.id.as_str(), creation.account_id.as_str()] {
        assert_eq!(names(&world, target), ["FullAWSAccess"]);
    }
    organizational_units::delete(store, &cx, unit.id.clone()).await.unwrap();
    let (found, _) = targets(store, &cx, &id(FULL), &PageRequest::first(20)).unwrap();
    let found: Vec<(&str, &str)> = found.items.iter().map(|one| (one.id.as_str(), one.kind)).collect();
    assert_eq!(found.len(), 4, "the root and three accounts: {found:?}");
    assert!(found.contains(&(ROOT, "ROOT")) && found.contains(&(creation.account_id.as_str(), "ACCOUNT")));
});

testkit::on_both_engines!(a_policy_is_made_changed_and_removed, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, root(&world));
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let tags = Tags::from([("team".to_owned(), "red".to_owned())]);
    let (policy, organization) =
        create(store, &cx, NewPolicy { tags: tags.clone(), ..new("guard", &allow) }).await.unwrap();
    let arn = format!(
        "arn:aws:organizations::{MANAGEMENT}:policy/o-a1b2c3d4e5/service_control_policy/{}",
        policy.id
    );
    assert_eq!(organization.arn_of(policy.id.as_str()), arn);
    assert_eq!(organization_tags::list(store, &cx, policy.id.as_str()).unwrap(), tags);
    assert_eq!(describe(store, &cx, &policy.id).unwrap().0, policy);
    let change = PolicyChange { name: Some("fence".to_owned()), ..PolicyChange::default() };
    let changed = update(store, &cx, policy.id.clone(), change).await.unwrap().0;
    assert_eq!((changed.name.as_str(), &changed.content), ("fence", &policy.content));
    let (listed, _) = list(store, &cx, TYPE, &PageRequest::first(20)).unwrap();
    let mut listed: Vec<&str> = listed.items.iter().map(|one| one.name.as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["FullAWSAccess", "fence"]);
    assert!(list(store, &cx, "TAG_POLICY", &PageRequest::first(20)).unwrap().0.items.is_empty());
    let own = describe(store, &cx, &id(FULL)).unwrap();
    assert_eq!(
        own.1.arn_of(own.0.id.as_str()),
        "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    );

    enabled(&world).await;
    attached(&world, &policy.id, MEMBER).await;
    let fault = delete(store, &cx, policy.id.clone()).await.unwrap_err();
    assert_eq!(code(fault.kind()), "PolicyInUseException");
    detached(&world, policy.id.as_str(), MEMBER).await.unwrap();
    delete(store, &cx, policy.id.clone()).await.unwrap();
    let fault = describe(store, &cx, &policy.id).unwrap_err();
    assert_eq!(code(fault.kind()), "PolicyNotFoundException");
    let untouched = organization_tags::list(store, &cx, policy.id.as_str());
    assert_eq!(code(&refused(untouched)), "TargetNotFoundException");
});

testkit::on_both_engines!(what_cannot_be_is_refused_by_name, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, root(&world));
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let guard = made(&world, "guard", &allow).await;
    let with = |edit: &dyn Fn(&mut NewPolicy)| {
        let mut new = new("other", &allow);
        edit(&mut new);
        new
    };
    for (new, wanted) in [
        (with(&|new| "guard".clone_into(&mut new.name)), "DuplicatePolicyException"),
        (
            with(&|new| "TAG_POLICY".clone_into(&mut new.kind)),
            "PolicyTypeNotAvailableForOrganizationException",
        ),
        (with(&|new| "{}".clone_into(&mut new.content)), "MalformedPolicyDocumentException"),
        (
            with(&|new| {
                let who = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"});
                new.content = says(&who);
            }),
            "MalformedPolicyDocumentException",
        ),
        (
            with(&|new| new.content = format!("{}{}", " ".repeat(5_120), new.content)),
            "ConstraintViolationException",
        ),
    ] {
        let fault = create(store, &cx, new).await.unwrap_err();
        assert_eq!(code(fault.kind()), wanted, "{fault:?}");
    }
    for change in [
        PolicyChange { content: Some("[]".to_owned()), ..PolicyChange::default() },
        PolicyChange { name: Some("FullAWSAccess".to_owned()), ..PolicyChange::default() },
    ] {
        assert!(update(store, &cx, guard.clone(), change).await.is_err());
    }
    assert!(update(store, &cx, id(FULL), PolicyChange::default()).await.is_err(), "AWS's own");
    assert!(delete(store, &cx, id(FULL)).await.is_err());

    let types = |root: &str, kind: &str| (root.to_owned(), kind.to_owned());
    for ((root, kind), wanted) in [
        (types("r-ffff", TYPE), "RootNotFoundException"),
        (types(ROOT, "TAG_POLICY"), "PolicyTypeNotAvailableForOrganizationException"),
    ] {
        let fault = enable(store, &cx, root, kind).await.unwrap_err();
        assert_eq!(code(fault.kind()), wanted);
    }
    let fault = disable(store, &cx, ROOT.to_owned(), TYPE.to_owned()).await.unwrap_err();
    assert_eq!(code(fault.kind()), "PolicyTypeNotEnabledException");
    enabled(&world).await;
    let fault = enable(store, &cx, ROOT.to_owned(), TYPE.to_owned()).await.unwrap_err();
    assert_eq!(code(fault.kind()), "PolicyTypeAlreadyEnabledException");
    let fault = detached(&world, FULL, ROOT).await.unwrap_err();
    assert_eq!(code(fault.kind()), "ConstraintViolationException");
    assert!(fault.message().contains("the last service control policy"), "{fault:?}");
    assert_eq!(code(&refused(detached(&world, guard.as_str(), ROOT).await)), "PolicyNotAttachedException");
    let to = |policy: &str, target: &str| attach(store, &cx, id(policy), target.to_owned());
    assert_eq!(code(&refused(to("p-00000000", ROOT).await)), "PolicyNotFoundException");
    assert_eq!(code(&refused(to(guard.as_str(), "999999999999").await)), "TargetNotFoundException");
    assert_eq!(code(&refused(to(FULL, ROOT).await)), "DuplicatePolicyAttachmentException");
    for number in 0..4 {
        let more = made(&world, &format!("more-{number}"), &allow).await;
        attached(&world, &more, MEMBER).await;
    }
    let fault = to(guard.as_str(), MEMBER).await.unwrap_err();
    assert_eq!(code(fault.kind()), "ConstraintViolationException");
    assert!(fault.message().contains("has 5 service control policies"), "{fault:?}");
});
