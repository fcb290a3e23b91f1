//! Who is assigned what by place, however it is cut into pages; what a batch would change; what things are called.

use std::collections::BTreeSet;

use accounts::accounts::NewAccount;
use accounts::assignment_batches;
use accounts::assignments::{self, Place};
use accounts::names::{self, Named};
use model::accounts::account_assignment::AccountAssignment;
use model::accounts::assignment_batch::RowText;
use model::accounts::organizational_unit::UnitPath;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::page::PageRequest;
use serde_json::json;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, JOHN, MANAGEMENT, PROD, READERS, World, account, group, is_denied, is_not_found, jane,
    john, refusal,
};

impl World {
    /// All of a place, so many a page.
    fn assignments(&self, place: &Place, limit: usize) -> Vec<AccountAssignment> {
        let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let (cx, instance) = (self.cx("ListAssignments"), &self.fixture.instance.id);
            let got = assignments::list(&self.fixture.store, &cx, (instance, place), &page).unwrap();
            assert!(got.items.len() <= limit);
            rows.extend(got.items);
            page.after = got.next;
            if page.after.is_none() {
                return rows;
            }
        }
    }
}

testkit::on_both_engines!(assignments_of_a_place_are_listed_once_each, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (one, two) = (world.permission_set("One").await, world.permission_set("Two").await);
    let cx = world.cx("Seed");
    let more: Vec<String> = (0..7).map(|at| format!("44445555666{at}")).collect();
    let insert = more.clone();
    let seed = move |tx: &mut store::tx::Tx<'_>, cx: &Cx| {
        insert.iter().try_for_each(|id| {
            let email = format!("{id}@example.com");
            let new = NewAccount { id: Some(account(id)), name: id.clone(), email, path: UnitPath::ROOT };
            accounts::accounts::insert_in(tx, cx, &new, "CREATED").map(|_| ())
        })
    };
    world.fixture.store.maintain(&cx, seed).await.unwrap();
    let places: Vec<&str> = [DEV, PROD].into_iter().chain(more.iter().map(String::as_str)).collect();
    for place in &places {
        for who in [jane(), group(ADMINS), john()] {
            world.assign(&one, place, who).await;
        }
    }
    world.assign(&two, DEV, group(READERS)).await;
    for limit in [1, 2, 3, 4, 26, 27, 100] {
        let rows = world.assignments(&Place::PermissionSet(one.arn()), limit);
        assert_eq!((rows.len(), rows.iter().collect::<BTreeSet<_>>().len()), (27, 27), "{limit}");
        assert!(rows.iter().all(|row| row.permission_set_id == one.id));
        assert!(rows.is_sorted_by_key(|row| row.account_id.clone()));
        let rows = world.assignments(&Place::Account(account(DEV)), limit);
        assert_eq!((rows.len(), rows.iter().collect::<BTreeSet<_>>().len()), (4, 4), "{limit}");
        assert!(rows.is_sorted_by_key(|row| row.permission_set_id.clone()));
    }
    let (store, instance, page) = (&world.fixture.store, &world.fixture.instance.id, PageRequest::first(10));
    let list = |cx: &Cx, place: Place| assignments::list(store, cx, (instance, &place), &page);
    refusal(list(&world.cx("L"), Place::Account(account("999999999999"))), is_not_found);
    refusal(list(&world.cx("L"), Place::PermissionSet(world.unknown_set())), is_not_found);
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "portico:ListAssignments",
        "Resource": ["arn:aws:sso:::instance/*", format!("arn:aws:sso:::account/{DEV}")]}});
    let only_dev = world.session(MANAGEMENT, &policy);
    assert_eq!(list(&only_dev, Place::Account(account(DEV))).unwrap().items.len(), 4);
    refusal(list(&only_dev, Place::Account(account("999999999999"))), is_denied);
    refusal(list(&only_dev, Place::PermissionSet(one.arn())), is_denied);
});

testkit::on_both_engines!(a_preview_tells_what_is_there_and_what_cannot_be, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("One").await;
    world.assign(&set, DEV, jane()).await;
    let row = |target: &str, kind: &str, id: &str| RowText {
        target_id: target.to_owned(),
        permission_set_arn: set.arn().to_string(),
        principal_type: kind.to_owned(),
        principal_id: id.to_owned(),
    };
    let nobody = "99999999-9999-4999-8999-999999999999";
    let rows = vec![
        row(PROD, "USER", JOHN),
        row(DEV, "USER", JANE),
        row(DEV, "USER", nobody),
        row("999999999999", "GROUP", ADMINS),
        row(DEV, "PERSON", JANE),
    ];
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let found = assignment_batches::preview(store, &world.cx("Preview"), instance, rows.clone()).unwrap();
    assert_eq!(found.existing, [1]);
    let bad: Vec<_> = found.invalid.iter().map(|(index, member, _)| (*index, *member)).collect();
    assert_eq!(bad, [(2, "PrincipalId"), (3, "TargetId"), (4, "PrincipalType")]);
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "portico:*",
        "Resource": ["arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*", format!("arn:aws:sso:::account/{DEV}")]}});
    let only_dev = world.session(MANAGEMENT, &policy);
    refusal(assignment_batches::preview(store, &only_dev, instance, rows), is_denied);
});

testkit::on_both_engines!(names_are_told_of_what_is_there, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("One").await;
    let named = Named {
        users: [JOHN, JANE, "99999999-9999-4999-8999-999999999999"].map(UserId::trusted).into(),
        groups: [READERS, ADMINS].map(GroupId::trusted).into(),
        accounts: [PROD, DEV, "999999999999"].map(account).into(),
        permission_sets: [set.arn(), world.unknown_set()].into(),
    };
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let found = names::get(store, &world.cx("GetNames"), instance, &named).unwrap();
    let users: Vec<_> = found.users.iter().map(|user| user.user_name.as_str()).collect();
    let groups: Vec<_> = found.groups.iter().map(|group| group.display_name.as_str()).collect();
    let accounts: Vec<_> = found.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(
        (users, groups, accounts),
        (vec!["jane", "john"], vec!["admins", "readers"], vec!["dev", "prod"])
    );
    assert_eq!(found.permission_sets.len(), 1);
    let nothing = names::get(store, &world.cx("GetNames"), instance, &Named::default()).unwrap();
    assert!(nothing.users.is_empty() && nothing.accounts.is_empty());
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "portico:GetNames",
        "Resource": ["arn:aws:sso:::instance/*", format!("arn:aws:identitystore:::user/{JANE}")]}});
    let only_jane = world.session(MANAGEMENT, &policy);
    let of = |id: &str| Named { users: [UserId::trusted(id)].into(), ..Named::default() };
    assert_eq!(names::get(store, &only_jane, instance, &of(JANE)).unwrap().users.len(), 1);
    refusal(names::get(store, &only_jane, instance, &of(JOHN)), is_denied);
});
