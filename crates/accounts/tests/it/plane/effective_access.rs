//! What a person sees of their own access.

use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::directory::user::UserId;
use model::fault::{FaultKind, ResourceType};
use model::page::PageRequest;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

fn seen(world: &World, user: &UserId, limit: usize) -> Vec<String> {
    let mut page = PageRequest::first(limit);
    let mut all = Vec::new();
    loop {
        let step =
            world.reach.accounts(&world.fixture.store, &world.portal(user, "ListAccounts"), &page).unwrap();
        assert!(step.page().items.len() <= limit);
        all.extend(step.page().items.iter().map(|account| account.id.to_string()));
        match step.page().next.clone() {
            Some(next) => page.after = Some(next),
            None => return all,
        }
    }
}

fn roles_in(world: &World, user: &UserId, id: &str, limit: usize) -> Vec<String> {
    let mut page = PageRequest::first(limit);
    let mut all = Vec::new();
    loop {
        let cx = world.portal(user, "ListAccountRoles");
        let step = world.reach.roles(&world.fixture.store, &cx, &account(id), &page).unwrap();
        all.extend(step.page().items.iter().map(|role| role.permission_set_name.clone()));
        match step.page().next.clone() {
            Some(next) => page.after = Some(next),
            None => return all,
        }
    }
}

testkit::on_both_engines!(direct_and_by_group_once_each, |fixture| async move {
    let world = World::new(fixture).await;
    let (jane, john) = (world.person("jane").await, world.person("john").await);
    let (one, two) = (world.group_of(&jane).await, world.group_of(&jane).await);
    let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    let reader = world.permission_set("Reader", "PT1H", &[]).await;
    for principal in [Principal::User(jane.clone()), Principal::Group(one), Principal::Group(two.clone())] {
        world.assign(MEMBER, &admin, principal).await;
    }
    world.assign(MEMBER, &reader, Principal::Group(two.clone())).await;
    world.assign(MANAGEMENT, &reader, Principal::Group(two)).await;
    world.assign(MANAGEMENT, &admin, Principal::User(john.clone())).await;

    for limit in [1, 2, 100] {
        assert_eq!(seen(&world, &jane, limit), [MANAGEMENT, MEMBER]);
        assert_eq!(seen(&world, &john, limit), [MANAGEMENT]);
        assert_eq!(roles_in(&world, &jane, MEMBER, limit), ["Admin", "Reader"]);
        assert_eq!(roles_in(&world, &jane, MANAGEMENT, limit), ["Reader"]);
    }
});

testkit::on_both_engines!(what_is_not_usable_is_not_shown, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.add_account("333344445555", "Suspended", AccountState::Suspended).await;
    for id in [MANAGEMENT, MEMBER] {
        world.assign(id, &set, Principal::User(jane.clone())).await;
    }
    world.assigned_before("333344445555", &set, Principal::User(jane.clone())).await;
    let id = set.id.clone();
    world
        .change(move |tx, cx| {
            store::accounts::provisioned_permission_sets::delete(tx, &account(MEMBER), &id, cx.now)
        })
        .await;
    assert_eq!(seen(&world, &jane, 100), [MANAGEMENT]);

    // One answer for what is suspended, not provisioned, another's and not there.
    for id in [MEMBER, "333344445555", "999988887777"] {
        let cx = world.portal(&jane, "ListAccountRoles");
        let answer = world.reach.roles(&world.fixture.store, &cx, &account(id), &PageRequest::first(10));
        assert_eq!(refused(answer), FaultKind::NotFound(ResourceType::Other));
    }
});

testkit::on_both_engines!(only_the_person_sees, |fixture| async move {
    let world = World::new(fixture).await;
    let store = &world.fixture.store;
    let cx = world.fixture.root("sso.amazonaws.com", "ListAccounts");
    let page = PageRequest::first(10);
    assert_eq!(refused(world.reach.accounts(store, &cx, &page)), FaultKind::Unauthorized);
    assert_eq!(refused(world.reach.roles(store, &cx, &account(MEMBER), &page)), FaultKind::Unauthorized);
});
