//! The organization's tree and accounts.

use accounts::organizations::{self, Children};
use accounts::{
    account_creations, accounts as members, delegated_administrators, organization_tags,
    organizational_units, policy_attachments, service_control_policies,
};
use model::accounts::account::AccountState;
use model::accounts::organizational_unit::OrganizationalUnitId;
use model::directory::identity_store::IdentityStoreId;
use model::fault::{Fault, FaultKind};
use model::instances::instance::{Instance, InstanceId, InstanceStatus};
use model::instances::tag::Tags;
use model::page::PageRequest;
use policy::require::Action;
use store::instances::account_instances::{self, AccountInstance};

use crate::plane::support::{MANAGEMENT, MEMBER, World, account, refused};

testkit::on_both_engines!(a_root_with_every_account_under_it, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let cx = world.fixture.root("organizations.amazonaws.com", "Test");
    for number in 0..45_u64 {
        let id = (300_000_000_000 + number).to_string();
        world.add_account(&id, "Many", AccountState::Active).await;
    }
    let (organization, email) = organizations::describe(store, &cx).unwrap();
    assert_eq!(email, format!("{MANAGEMENT}@example.com"));
    assert_eq!(organization.arn(), format!("arn:aws:organizations::{MANAGEMENT}:organization/o-a1b2c3d4e5"));

    let mut page = PageRequest::first(20);
    let mut sizes = Vec::new();
    let mut children = Vec::new();
    loop {
        let (listed, _) = members::list(store, &cx, &page).unwrap();
        let under = organizations::children(store, &cx, ("r-a1b2", Children::Accounts), &page).unwrap();
        assert_eq!(listed.items.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), under.items);
        sizes.push(listed.items.len());
        children.extend(under.items);
        match listed.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 7]);
    children.dedup();
    assert_eq!(children.len(), 47);

    assert_eq!(organizations::parent_of(store, &cx, MEMBER).unwrap().id, "r-a1b2");
    assert!(organizations::units(store, &cx, "r-a1b2", &page).unwrap().0.items.is_empty());
    let (found, _) = members::describe(store, &cx, &account(MEMBER)).unwrap();
    assert_eq!((found.name.as_str(), found.state), ("Member", AccountState::Active));
});

testkit::on_both_engines!(what_is_not_there_has_its_own_word, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let cx = world.fixture.root("organizations.amazonaws.com", "Test");
    let page = PageRequest::first(20);
    let parent = FaultKind::Service("ParentNotFoundException");
    let child = FaultKind::Service("ChildNotFoundException");
    for wrong in ["r-zzzz", "ou-a1b2-12345678", ""] {
        assert_eq!(refused(organizations::children(store, &cx, (wrong, Children::Accounts), &page)), parent);
        assert_eq!(refused(organizations::units(store, &cx, wrong, &page)), parent);
    }
    for wrong in ["999988887777", "r-a1b2", "ou-a1b2-12345678"] {
        assert_eq!(refused(organizations::parent_of(store, &cx, wrong)), child);
    }
    let missing = FaultKind::Service("AccountNotFoundException");
    assert_eq!(refused(members::describe(store, &cx, &account("999988887777"))), missing);
    let missing = FaultKind::Service("CreateAccountStatusNotFoundException");
    assert_eq!(refused(account_creations::describe(store, &cx, "car-0")), missing);
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_organization_it_is_not_in_use() {
    let fixture = testkit::fixture::Fixture::sqlite().await;
    let cx = fixture.root("organizations.amazonaws.com", "Test");
    let kind = FaultKind::Service("AWSOrganizationsNotInUseException");
    assert_eq!(refused(organizations::describe(&fixture.store, &cx)), kind);
    assert_eq!(refused(members::list(&fixture.store, &cx, &PageRequest::first(1))), kind);
}

testkit::on_both_engines!(a_member_account_may_only_ask_what_organization_it_is_in, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let member = world.admin(MEMBER).await;
    let cx = world.cx(&member, "organizations.amazonaws.com", "Test");
    let page = PageRequest::first(20);
    assert!(organizations::describe(store, &cx).is_ok());
    let new = ("Mine".to_owned(), "mine@example.com".to_owned());
    let (unit, roots) =
        (OrganizationalUnitId::trusted("ou-a1b2-12345678"), ("r-a1b2".to_owned(), "r-a1b2".to_owned()));
    let answers: Vec<Result<(), Fault>> = vec![
        members::list(store, &cx, &page).map(drop),
        members::describe(store, &cx, &account(MEMBER)).map(drop),
        organizations::tree(store, &cx, Action("organizations:ListRoots")).map(drop),
        organizations::children(store, &cx, ("r-a1b2", Children::Accounts), &page).map(drop),
        organizations::units(store, &cx, "r-a1b2", &page).map(drop),
        organizations::parent_of(store, &cx, MEMBER).map(drop),
        account_creations::create(store, &cx, new, None, Tags::new()).await.map(drop),
        organizations::accounts(store, &cx, "r-a1b2", &page).map(drop),
        organizations::trusted_services(store, &cx).map(drop),
        delegated_administrators::list(store, &cx, None).map(drop),
        delegated_administrators::services(store, &cx, &account(MEMBER)).map(drop),
        delegated_administrators::register(store, &cx, account(MEMBER), "sso.amazonaws.com".to_owned()).await,
        delegated_administrators::deregister(store, &cx, account(MEMBER), "sso.amazonaws.com".to_owned())
            .await,
        members::close(store, &cx, account(MEMBER)).await,
        service_control_policies::list(store, &cx, "TAG_POLICY", &page).map(drop),
        policy_attachments::of_target(store, &cx, (MEMBER, "TAG_POLICY"), &page).map(drop),
        organizational_units::create(store, &cx, ("r-a1b2".to_owned(), "Mine".to_owned()), Tags::new())
            .await
            .map(drop),
        organizational_units::describe(store, &cx, &unit).map(drop),
        organizational_units::update(store, &cx, unit.clone(), None).await.map(drop),
        organizational_units::delete(store, &cx, unit.clone()).await,
        organizational_units::move_account(store, &cx, account(MEMBER), roots).await,
        organization_tags::list(store, &cx, MEMBER).map(drop),
        organization_tags::tag(store, &cx, MEMBER.to_owned(), Tags::new()).await,
        organization_tags::untag(store, &cx, MEMBER.to_owned(), Vec::new()).await,
        account_creations::describe(store, &cx, "car-0").map(drop),
        account_creations::list(store, &cx, &[], &page).map(drop),
    ];
    for answer in answers {
        assert_eq!(refused(answer), FaultKind::AccessDenied);
    }
});

testkit::on_both_engines!(the_instance_of_an_account_ends_when_it_is_closed, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let id = InstanceId::trusted("ssoins-0123456789abcdef");
    let instance = Instance {
        id: id.clone(),
        owner: account(MEMBER),
        identity_store_id: IdentityStoreId::trusted("d-0123456789"),
        name: None,
        region: "us-east-1".to_owned(),
        created_at: world.fixture.now,
    };
    let row = AccountInstance {
        instance,
        status: InstanceStatus::Active,
        client_token: None,
        request_digest: String::new(),
    };
    world
        .change(move |tx, _| {
            account_instances::insert(tx, &row)?;
            store::instances::instances::insert(tx, &row.instance)
        })
        .await;
    let cx = world.fixture.root("organizations.amazonaws.com", "Test");
    members::close(store, &cx, account(MEMBER)).await.unwrap();
    let (standing, found, jobs) = store
        .read(|rx| {
            Ok((
                account_instances::find(rx, &id)?.map(|own| own.status),
                store::instances::instances::find(rx, &id)?,
                store::jobs::in_lane(rx, &format!("instance/{MEMBER}"))?,
            ))
        })
        .unwrap();
    assert_eq!((standing, found, jobs), (Some(InstanceStatus::DeleteInProgress), None, true));
});
