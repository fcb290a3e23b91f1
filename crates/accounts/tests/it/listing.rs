//! Lists of assignments: whole, once, in order, for users with their groups, in pages of any size.

use accounts::account_assignments::{list, list_for_principal};
use model::accounts::account_assignment::Principal;
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::world::{ADMINS, DEV, JANE, MANAGEMENT, PROD, READERS, World, account, group, jane, john};

/// Everything that `principal` reaches, read in pages of `size`, as account, permission set and principal.
fn reached(world: &World, principal: &Principal, size: usize, place: Option<&str>) -> Vec<String> {
    let place = place.map(account);
    let (mut page, mut seen) = (PageRequest::first(size), Vec::new());
    loop {
        let cx = world.cx("ListAccountAssignmentsForPrincipal");
        let target = (&world.fixture.instance.id, principal);
        let found = list_for_principal(&world.fixture.store, &cx, target, place.as_ref(), &page).unwrap();
        assert!(found.items.len() <= size);
        seen.extend(
            found
                .items
                .iter()
                .map(|row| format!("{} {} {}", row.account_id, row.permission_set_id, row.principal.id())),
        );
        match found.next {
            Some(next) => page.after = Some(next),
            None => return seen,
        }
    }
}

testkit::on_both_engines!(a_user_reaches_what_their_groups_reach, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let sets = [world.permission_set("A").await, world.permission_set("B").await];
    let mut expected = Vec::new();
    for (at, place) in [DEV, PROD, MANAGEMENT].into_iter().enumerate() {
        for (more, set) in sets.iter().enumerate() {
            let moment = world.later((at * 10 + more * 5) as u64);
            moment.assign(set, place, group(ADMINS)).await;
            moment.later(1).assign(set, place, group(READERS)).await;
            moment.later(2).assign(set, place, john()).await;
            expected.push(format!("{place} {} {ADMINS}", set.id));
            if more == 0 {
                moment.later(3).assign(set, place, jane()).await;
                expected.push(format!("{place} {} {JANE}", set.id));
            }
        }
    }
    world.later(100).work().await;
    expected.sort();
    for size in [1, 2, 4, 100] {
        assert_eq!(reached(&world, &jane(), size, None), expected, "pages of {size}");
    }
    let in_dev: Vec<_> = expected.iter().filter(|row| row.starts_with(DEV)).cloned().collect();
    for size in [1, 2, 100] {
        assert_eq!(reached(&world, &jane(), size, Some(DEV)), in_dev, "pages of {size}");
    }
    assert_eq!(reached(&world, &group(READERS), 4, None).len(), 6, "a group's own and nothing else");
    assert!(reached(&world, &group(JANE), 4, None).is_empty(), "a user's id is no group");
    assert!(reached(&world, &Principal::parse("USER", ADMINS).unwrap(), 4, None).is_empty());
    assert!(reached(&world, &jane(), 4, Some("999999999999")).is_empty());
    let shouted = Principal::parse("USER", &JANE.to_uppercase()).unwrap();
    assert_eq!(reached(&world, &shouted, 100, None), expected);
});

testkit::on_both_engines!(the_assigned_of_an_account_come_in_pages, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    for (at, principal) in [john(), group(READERS), jane(), group(ADMINS)].into_iter().enumerate() {
        world.later(at as u64).assign(&set, DEV, principal).await;
    }
    world.later(100).work().await;
    for size in [1, 3, 4] {
        let (mut page, mut seen) = (PageRequest::first(size), Vec::new());
        loop {
            let target = (&world.fixture.instance.id, &set.arn());
            let found = list(&world.fixture.store, &world.cx("List"), target, &account(DEV), &page).unwrap();
            seen.extend(found.items.into_iter().map(|row| row.principal));
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, [group(ADMINS), group(READERS), jane(), john()], "pages of {size}");
    }
    assert!(world.assigned(&set, PROD).is_empty());
});
