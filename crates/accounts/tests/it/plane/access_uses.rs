//! When a role was last used, what was not used for long, and what is counted for the first look at an instance.

use std::time::Duration;

use accounts::access::{self, Of, Question};
use accounts::summaries;
use accounts::unused_access::{self, UnusedAccess};
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSet;
use model::directory::user::{UserId, UserStatus};
use model::fault::FaultKind;
use model::page::PageRequest;
use model::timestamp::Timestamp;
use store::generations::Changes;
use store::tables::Table;
use testkit::fixture::Fixture;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const DAY: u64 = 86_400;

/// When the person last used the permission set in the member account.
fn last_use(world: &World, user: &UserId, set: &PermissionSet) -> Option<Timestamp> {
    let place = account(MEMBER);
    let found = world.fixture.store.read(|rx| Ok(store::accounts::access_uses::among(rx, [user], [&place])?));
    let found = found.unwrap().into_iter().find(|(_, ((_, id), _))| *id == set.id);
    found.map(|(_, (_, at))| at)
}

/// How often any use was written; SQLite alone counts it.
fn writes(world: &World) -> Option<u64> {
    world.fixture.store.generations().and_then(|counts| counts.sum(Changes::to(&[Table::AccessUses])))
}

/// What nobody used for so many days, by pages of `limit`.
fn unused(world: &World, days: u64, limit: usize) -> Vec<UnusedAccess> {
    let cx = world.fixture.root("sso.amazonaws.com", "ListUnusedAccess");
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let asked = (&world.fixture.instance.id, Duration::from_secs(days * DAY));
        let found = unused_access::list(&world.fixture.store, &cx, asked, &page).unwrap();
        assert!(found.page.items.len() <= limit);
        rows.extend(found.page.items);
        if found.page.next.is_none() {
            return rows;
        }
        assert_ne!(found.page.next, page.after, "a page that leads to itself");
        page.after = found.page.next;
    }
}

testkit::on_both_engines!(a_role_is_noted_once_a_day, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    assert_eq!(last_use(&world, &jane, &set), None);
    let start = world.fixture.now;
    world.issue(&jane, MEMBER, "Admin").await.unwrap();
    assert_eq!(last_use(&world, &jane, &set), Some(start));
    let written = writes(&world);
    world.later(3_600).issue(&jane, MEMBER, "Admin").await.unwrap();
    // Who knows nothing of it, such as a server that began just now, reads that it is written already.
    let fresh = World { grants: std::sync::Arc::default(), ..world.later(7_200) };
    fresh.issue(&jane, MEMBER, "Admin").await.unwrap();
    assert_eq!((last_use(&world, &jane, &set), writes(&world)), (Some(start), written));
    // It is eight o'clock: the next day begins in sixteen hours, while the session lasts eight.
    let tomorrow = world.later(16 * 3_600);
    let id = jane.to_string();
    let until = tomorrow.fixture.now.plus(Duration::from_secs(DAY));
    world.change(move |tx, _| lengthen(tx, &id, until)).await;
    tomorrow.issue(&jane, MEMBER, "Admin").await.unwrap();
    assert_eq!(last_use(&world, &jane, &set), Some(tomorrow.fixture.now));
    assert!(written.is_none() || writes(&world) > written);
    // A refusal is no use.
    let other = world.person("other").await;
    assert_eq!(refused(world.issue(&other, MEMBER, "Admin").await), FaultKind::Forbidden);
    assert_eq!(last_use(&world, &other, &set), None);
});

/// Has a session end later, by making it anew.
fn lengthen(tx: &mut store::tx::Tx<'_>, id: &str, expires_at: Timestamp) -> Result<(), model::fault::Fault> {
    let found = store::signin::portal_sessions::find(tx, id)?.unwrap();
    store::signin::sign_outs::one(tx, id)?;
    let new = store::signin::portal_sessions::NewPortalSession {
        token_hash: tx.keyring().hash_token(id),
        session_id: id.to_owned(),
        user_id: found.user.user_id,
        source_ip: String::new(),
        user_agent: String::new(),
        created_at: found.created_at,
        expires_at,
        proofs: found.proofs,
        idle: None,
        external: None,
        tags: std::collections::BTreeMap::new(),
    };
    store::signin::portal_sessions::insert(tx, &new)
}

testkit::on_both_engines!(
    uses_go_with_their_person_and_their_permission_set,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (jane, bob) = (world.person("jane").await, world.person("bob").await);
        let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
        let reader = world.permission_set("Reader", "PT1H", &[]).await;
        for user in [&jane, &bob] {
            for set in [&admin, &reader] {
                world.assign(MEMBER, set, Principal::User(user.clone())).await;
                world.issue(user, MEMBER, &set.name).await.unwrap();
            }
        }
        let gone = jane.clone();
        world.change(move |tx, cx| store::signin::sign_outs::forget(tx, &gone, cx.now)).await;
        assert_eq!((last_use(&world, &jane, &admin), last_use(&world, &jane, &reader)), (None, None));
        let set = reader.id.clone();
        world.change(move |tx, _| store::accounts::permission_sets::delete(tx, &set)).await;
        assert!(last_use(&world, &bob, &admin).is_some());
        assert_eq!(last_use(&world, &bob, &reader), None);
        // What is not there any more leaves nothing behind, should it be noted just then.
        let (set, now) = (reader.id.clone(), world.fixture.now);
        let whose = bob.clone();
        world
            .change(move |tx, _| {
                store::accounts::access_uses::note(tx, &whose, &(account(MEMBER), set.clone()), (now, now))
            })
            .await;
        assert_eq!(last_use(&world, &bob, &reader), None);
    }
);

testkit::on_both_engines!(what_was_not_used_for_so_long_is_listed, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (jane, bob) = (world.person("jane").await, world.person("bob").await);
    let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    let reader = world.permission_set("Reader", "PT1H", &[]).await;
    let group = world.group_of(&bob).await;
    world.assign(MEMBER, &admin, Principal::User(jane.clone())).await;
    world.assign(MEMBER, &reader, Principal::User(jane.clone())).await;
    world.assign(MEMBER, &reader, Principal::Group(group.clone())).await;
    world.assign(MANAGEMENT, &reader, Principal::Group(group.clone())).await;
    world.issue(&jane, MEMBER, "Admin").await.unwrap();
    world.issue(&bob, MEMBER, "Reader").await.unwrap();
    assert!(unused(&world, 1, 100).is_empty(), "nothing is older than an hour");

    let later = world.later(10 * DAY);
    later.assign(MANAGEMENT, &admin, Principal::User(bob.clone())).await;
    later.assign(MANAGEMENT, &reader, Principal::User(bob.clone())).await;
    let mut found = unused(&later, 10, 100);
    let key = |row: &UnusedAccess| (row.user_id.clone(), row.place.clone());
    found.sort_by_key(key);
    let mut expected = vec![
        (jane.clone(), (account(MEMBER), reader.id.clone())),
        (bob.clone(), (account(MANAGEMENT), reader.id.clone())),
    ];
    expected.sort();
    // What was used on that day counts to its end, sixteen hours later.
    assert_eq!(found.iter().map(key).collect::<Vec<_>>(), expected);
    let bobs = found.iter().find(|row| row.user_id == bob).unwrap();
    assert_eq!(bobs.granted_by, [Principal::User(bob.clone()), Principal::Group(group)]);
    assert_eq!((bobs.granted_at, bobs.last_accessed_at), (world.fixture.now, None));

    let later = world.later(11 * DAY);
    let found = unused(&later, 10, 100);
    assert_eq!(found.len(), 4, "and both that were used ten days ago: {found:?}");
    for limit in 1..4 {
        assert_eq!(unused(&later, 10, limit), found, "pages of {limit}");
    }
    assert!(found.iter().any(|row| row.last_accessed_at == Some(world.fixture.now)));
    assert!(unused(&later, 12, 100).is_empty(), "it is not known for so long what is used");
    later.set_status(&bob, UserStatus::Disabled).await;
    assert_eq!(unused(&later, 10, 100).len(), 2, "who is disabled uses nothing");
});

testkit::on_both_engines!(a_page_of_unused_access_ends_and_none_is_lost, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let reader = world.permission_set("Reader", "PT1H", &[]).await;
    let jane = world.person("jane").await;
    world.assign(MEMBER, &reader, Principal::User(jane.clone())).await;
    let group = world.group_of(&jane).await;
    // More accounts than are read at once, by two ways.
    for at in 0..150_u64 {
        let id = format!("{}", 300_000_000_000 + at);
        world.add_account(&id, "A", model::accounts::account::AccountState::Active).await;
        let principal =
            if at % 3 == 0 { Principal::Group(group.clone()) } else { Principal::User(jane.clone()) };
        world.assigned_before(&id, &reader, principal).await;
    }
    let later = world.later(2 * DAY);
    let all = unused(&later, 1, 1_000);
    assert_eq!(all.len(), 151);
    assert!(all.is_sorted_by_key(|row| row.place.clone()));
    for limit in [1, 64, 65, 100] {
        assert_eq!(unused(&later, 1, limit), all, "pages of {limit}");
    }
});

testkit::on_both_engines!(
    who_asks_what_people_reach_learns_when_it_was_used,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let jane = world.person("jane").await;
        let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
        let reader = world.permission_set("Reader", "PT1H", &[]).await;
        for set in [&admin, &reader] {
            world.assign(MEMBER, set, Principal::User(jane.clone())).await;
        }
        world.issue(&jane, MEMBER, "Reader").await.unwrap();
        let cx = world.fixture.root("sso.amazonaws.com", "ListEffectiveAccess");
        let ask = |of: &Of, at: Option<Timestamp>| {
            let question = Question { instance: &world.fixture.instance.id, of, at, last_used: true };
            let mut uses = Vec::new();
            let known = (&world.fixture.store, &*world.reach);
            access::list(known, &cx, &question, &PageRequest::first(10), |page, found| {
                let sets = page.items.iter().map(|row| row.permission_set_id.clone());
                uses = sets.zip(found.uses.iter().copied()).collect();
                Ok(String::new())
            })?;
            Ok::<_, model::fault::Fault>(uses)
        };
        for of in [Of::User(jane.clone()), Of::Account(account(MEMBER))] {
            let uses = ask(&of, None).unwrap();
            assert_eq!(uses.len(), 2);
            for (set, used_at) in uses {
                assert_eq!(used_at, (set == reader.id).then_some(world.fixture.now), "{of:?}");
            }
        }
        let then = ask(&Of::User(jane.clone()), Some(world.fixture.now)).unwrap_err();
        assert!(then.message().starts_with("IncludeLastAccessed has no meaning with At"), "{then}");
    }
);

testkit::on_both_engines!(an_instance_is_summed_up, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (jane, bob) = (world.person("jane").await, world.person("bob").await);
    world.set_status(&bob, UserStatus::Disabled).await;
    let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
    world.assign(MEMBER, &admin, Principal::User(jane.clone())).await;
    let (owner, secret) = (account(MANAGEMENT), model::secret::Secret::new("secret"));
    world
        .change(move |tx, cx| {
            store::accounts::access_keys::insert(tx, cx, "AKIAIOSFODNN7EXAMPLE", &owner, &secret)
        })
        .await;
    let sum = |world: &World| {
        let cx = world.fixture.root("sso.amazonaws.com", "GetInstanceSummary");
        let asked = (&world.fixture.instance.id, Duration::from_secs(90 * DAY));
        summaries::get(&world.fixture.store, &cx, asked).unwrap()
    };
    let now = sum(&world);
    let counts = [
        now.enabled_users,
        now.disabled_users,
        now.groups,
        now.service_users,
        now.permission_sets,
        now.accounts,
        now.account_assignments,
        now.failed_requests,
        now.users_without_mfa_device,
        now.old_access_keys,
        now.unused_access,
    ];
    assert!(counts.iter().all(|count| !count.at_least));
    assert_eq!(counts.map(|count| count.count), [1, 1, 0, 0, 1, 2, 1, 0, 0, 0, 0]);
    assert_eq!(now.tracked_since, world.fixture.now);
    let later = sum(&world.later(90 * DAY));
    assert_eq!((later.old_access_keys.count, later.unused_access.count), (1, 1));
});
