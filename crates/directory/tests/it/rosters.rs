//! Users with their groups and groups with their members: everything once, however it is cut into pages.

use std::collections::{BTreeMap, BTreeSet};

use directory::{member_groups, rosters};
use model::directory::group::GroupId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::UserId;
use model::fault::FaultKind;
use model::page::PageRequest;
use store::directory::memberships::Which;
use testkit::fixture::Fixture;

use crate::support::{at, cx, make, make_group};

type Pairs = BTreeSet<(String, String)>;

async fn join(fixture: &Fixture, group: &GroupId, user: &UserId) {
    let new = Membership {
        id: MembershipId::trusted(model::entropy::uuid(fixture.surroundings.entropy.as_ref()).to_string()),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        group_id: group.clone(),
        user_id: user.clone(),
        created_at: fixture.now,
        created_by: String::new(),
    };
    let insert =
        move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| store::directory::memberships::insert(tx, &new);
    fixture.store.maintain(&cx(fixture, "Join"), insert).await.unwrap();
}

/// Everybody and their groups, by pages of so many, and how often each came.
fn people(fixture: &Fixture, limit: usize) -> (BTreeMap<String, usize>, Pairs) {
    let (mut seen, mut pairs) = (BTreeMap::new(), Pairs::new());
    let mut page = PageRequest::first(limit);
    loop {
        let cx = cx(fixture, "ListUsersWithGroups");
        let got = rosters::users_with_groups(&fixture.store, &cx, &at(fixture), &page).unwrap();
        assert!(got.items.len() <= limit);
        for (user, memberships) in got.items {
            *seen.entry(user.id.to_string()).or_default() += 1;
            for one in memberships {
                assert_eq!(one.user_id, user.id);
                assert!(pairs.insert((user.id.to_string(), one.group_name)), "given twice");
            }
        }
        page.after = got.next;
        if page.after.is_none() {
            return (seen, pairs);
        }
    }
}

/// Every group and its members, likewise.
fn groups(fixture: &Fixture, limit: usize) -> (BTreeMap<String, usize>, Pairs) {
    let (mut seen, mut pairs) = (BTreeMap::new(), Pairs::new());
    let mut page = PageRequest::first(limit);
    loop {
        let cx = cx(fixture, "ListGroupsWithMembers");
        let got = rosters::groups_with_members(&fixture.store, &cx, &at(fixture), &page).unwrap();
        assert!(got.items.len() <= limit);
        for (group, members) in got.items {
            *seen.entry(group.id.to_string()).or_default() += 1;
            for one in members {
                assert_eq!(one.group_id, group.id);
                assert!(pairs.insert((one.user_id.to_string(), group.display_name.clone())), "given twice");
            }
        }
        page.after = got.next;
        if page.after.is_none() {
            return (seen, pairs);
        }
    }
}

/// The same, asked for group by group and person by person.
fn one_by_one(
    fixture: &Fixture,
    groups: &[(GroupId, String)],
    people: &[UserId],
    limit: usize,
) -> (Pairs, Pairs) {
    let (mut by_group, mut by_person) = (Pairs::new(), Pairs::new());
    for (group, name) in groups {
        let mut page = PageRequest::first(limit);
        loop {
            let cx = cx(fixture, "ListMembersInGroup");
            let got =
                rosters::members_in_group(&fixture.store, &cx, &at(fixture), (group, Which::Own), &page)
                    .unwrap();
            assert!(got.items.len() <= limit);
            for (_, member) in got.items {
                assert!(member.user_name.starts_with("person"));
                assert!(by_group.insert((member.id.to_string(), name.clone())), "given twice");
            }
            page.after = got.next;
            if page.after.is_none() {
                break;
            }
        }
    }
    for user in people {
        let mut page = PageRequest::first(limit);
        loop {
            let cx = cx(fixture, "ListGroupsForUser");
            let got = rosters::groups_for_user(&fixture.store, &cx, &at(fixture), (user, Which::Own), &page)
                .unwrap();
            assert!(got.items.len() <= limit);
            for one in got.items {
                assert!(by_person.insert((user.to_string(), one.group_name)), "given twice");
            }
            page.after = got.next;
            if page.after.is_none() {
                break;
            }
        }
    }
    (by_group, by_person)
}

testkit::on_both_engines!(everything_comes_once_whatever_the_pages, |fixture: Fixture| async move {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for at in 0..7 {
        ids.push(make(&fixture, &format!("person{at}")).await.id);
        let group = make_group(&fixture, &format!("group{at}")).await;
        names.push((group.id, group.display_name));
    }
    let mut wanted = Pairs::new();
    for (at, user) in ids.iter().enumerate() {
        // Somebody is in no group, somebody in all.
        for (group, name) in names.iter().take(at) {
            join(&fixture, group, user).await;
            wanted.insert((user.to_string(), name.clone()));
        }
    }
    for limit in [1, 2, 3, 7, 100] {
        let (seen, pairs) = people(&fixture, limit);
        assert_eq!(pairs, wanted, "{limit}");
        assert_eq!((seen.len(), seen.values().max()), (7, Some(&1)), "{limit}");
        let (seen, pairs) = groups(&fixture, limit);
        assert_eq!(pairs, wanted, "{limit}");
        assert_eq!((seen.len(), seen.values().max()), (7, Some(&1)), "{limit}");
        assert_eq!(one_by_one(&fixture, &names, &ids, limit), (wanted.clone(), wanted.clone()), "{limit}");
    }
    let cx = cx(&fixture, "ListMembersInGroup");
    let nobody = GroupId::trusted("99999999-9999-4999-8999-999999999999");
    let page = PageRequest::first(1);
    let unknown = rosters::members_in_group(&fixture.store, &cx, &at(&fixture), (&nobody, Which::All), &page)
        .unwrap_err();
    assert!(matches!(unknown.kind(), FaultKind::NotFound(_)), "{unknown}");
});

testkit::on_both_engines!(what_follows_is_listed_where_it_is_asked_for, |fixture: Fixture| async move {
    let f = &fixture;
    let (outer, inner) = (make_group(f, "outer").await.id, make_group(f, "inner").await.id);
    let (own, within) = (make(f, "own").await.id, make(f, "within").await.id);
    for (group, user) in [(&outer, &own), (&inner, &within)] {
        join(f, group, user).await;
    }
    member_groups::add(&f.store, &cx(f, "AddMemberGroup"), &at(f), &outer, &inner).await.unwrap();
    for limit in [1, 100] {
        let page = PageRequest::first(limit);
        let cx = cx(f, "List");
        let mut members = Vec::new();
        let mut page_of = page.clone();
        loop {
            let got =
                rosters::members_in_group(&f.store, &cx, &at(f), (&outer, Which::All), &page_of).unwrap();
            members.extend(got.items.into_iter().map(|(id, user)| (user.user_name, id.follows().is_none())));
            page_of.after = got.next;
            if page_of.after.is_none() {
                break;
            }
        }
        members.sort();
        assert_eq!(members, [("own".to_owned(), true), ("within".to_owned(), false)]);
        let mut groups = Vec::new();
        let mut page_of = page;
        loop {
            let got =
                rosters::groups_for_user(&f.store, &cx, &at(f), (&within, Which::All), &page_of).unwrap();
            groups.extend(got.items.into_iter().map(|one| (one.group_name, one.id.follows().is_none())));
            page_of.after = got.next;
            if page_of.after.is_none() {
                break;
            }
        }
        groups.sort();
        assert_eq!(groups, [("inner".to_owned(), true), ("outer".to_owned(), false)]);
    }
});

testkit::on_both_engines!(
    whoever_has_more_than_a_page_takes_comes_again_with_the_rest,
    |fixture: Fixture| async move {
        let crowd = make_group(&fixture, "crowd").await;
        let (first, last) = (make_group(&fixture, "a").await, make_group(&fixture, "b").await);
        let (store_id, mut people) = (fixture.instance.identity_store_id.clone(), Vec::new());
        for at in 0..2_001 {
            people.push(UserId::trusted(format!("{at:08}-1111-4111-8111-111111111111")));
        }
        let (all, group) = (people.clone(), crowd.id.clone());
        let insert = move |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
            all.iter().try_for_each(|user| {
                let new = Membership {
                    id: MembershipId::trusted(user.as_str()),
                    identity_store_id: store_id.clone(),
                    group_id: group.clone(),
                    user_id: user.clone(),
                    created_at: cx.now,
                    created_by: String::new(),
                };
                store::directory::memberships::insert(tx, &new)
            })
        };
        fixture.store.maintain(&cx(&fixture, "Join"), insert).await.unwrap();
        for group in [&first, &last] {
            join(&fixture, &group.id, &people[0]).await;
        }
        for limit in [1, 2, 100] {
            let (seen, pairs) = groups(&fixture, limit);
            assert_eq!(pairs.len(), 2_003, "{limit}");
            assert_eq!((seen.len(), seen[crowd.id.as_str()]), (3, 3), "a thousand, a thousand, and one");
        }
        // All of the page before had been everything, as it turns out: nothing is said again.
        let key = format!("{} {}", crowd.id, people[2_000]);
        let page = PageRequest { limit: 10, after: Some(key) };
        let cx = cx(&fixture, "ListGroupsWithMembers");
        let rest = rosters::groups_with_members(&fixture.store, &cx, &at(&fixture), &page).unwrap();
        assert!(rest.items.iter().all(|(group, _)| group.id != crowd.id));
    }
);
