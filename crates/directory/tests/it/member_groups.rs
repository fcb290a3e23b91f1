//! Groups within groups: whoever is in the inner one is in the outer one, for whoever asks; whatever comes and goes, what follows is what a walk over
//! all members would find.

use std::collections::{BTreeMap, BTreeSet};

use directory::groups::NewGroup;
use directory::memberships::{self, Listing};
use directory::{groups, member_groups};
use model::directory::group::GroupId;
use model::directory::member_group::{AROUND_MAX, WITHIN_MAX};
use model::directory::membership::MembershipId;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind, ResourceType};
use model::page::PageRequest;
use serde_json::Value;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::support::{at, cx, is_missing, make, make_group, records_of};

async fn add(fixture: &Fixture, group: &GroupId, member: &GroupId) -> Result<(), Fault> {
    member_groups::add(&fixture.store, &cx(fixture, "AddMemberGroup"), &at(fixture), group, member).await
}

async fn remove(fixture: &Fixture, group: &GroupId, member: &GroupId) -> Result<(), Fault> {
    member_groups::remove(&fixture.store, &cx(fixture, "RemoveMemberGroup"), &at(fixture), group, member)
        .await
}

async fn join(fixture: &Fixture, group: &GroupId, user: &UserId) -> MembershipId {
    let cx = cx(fixture, "CreateGroupMembership");
    memberships::create(&fixture.store, &cx, &at(fixture), group, user).await.unwrap().id
}

/// Everybody whom ListGroupMemberships names, page by page, with the memberships.
fn members(fixture: &Fixture, group: &GroupId) -> Vec<(UserId, MembershipId)> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let listing = Listing::new(&page, |row| {
            assert_eq!(row.group_id, group.as_str());
            all.push((UserId::trusted(row.user_id), MembershipId::trusted(row.id)));
        });
        let cx = cx(fixture, "ListGroupMemberships");
        let Some(next) = memberships::list(&fixture.store, &cx, &at(fixture), group, listing).unwrap() else {
            return all;
        };
        page.after = Some(next);
    }
}

/// Every group that ListGroupMembershipsForMember names, likewise.
fn groups_of(fixture: &Fixture, user: &UserId) -> Vec<(GroupId, MembershipId)> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let listing = Listing::new(&page, |row| {
            assert_eq!(row.user_id, user.as_str());
            all.push((GroupId::trusted(row.group_id), MembershipId::trusted(row.id)));
        });
        let cx = cx(fixture, "ListGroupMembershipsForMember");
        let Some(next) =
            memberships::list_for_member(&fixture.store, &cx, &at(fixture), user, listing).unwrap()
        else {
            return all;
        };
        page.after = Some(next);
    }
}

/// What ListGroupsInGroup answers, and ListGroupsForGroup: each with whether it is direct.
fn nested(fixture: &Fixture, group: &GroupId) -> [Vec<(GroupId, bool)>; 2] {
    let cx = cx(fixture, "ListGroupsInGroup");
    [member_groups::list_within, member_groups::list_around].map(|list| {
        let (mut all, mut page) = (Vec::new(), PageRequest::first(2));
        loop {
            let found = list(&fixture.store, &cx, &at(fixture), group, &page).unwrap();
            all.extend(found.items.into_iter().map(|one| (one.group.id, one.is_direct)));
            if found.next.is_none() {
                return all;
            }
            page.after = found.next;
        }
    })
}

testkit::on_both_engines!(who_is_in_the_inner_group_is_in_the_outer_one, |fixture: Fixture| async move {
    let (jane, john) = (make(&fixture, "jane").await.id, make(&fixture, "john").await.id);
    let mut made = Vec::new();
    for name in ["staff", "engineering", "platform"] {
        made.push(make_group(&fixture, name).await.id);
    }
    let [staff, engineering, platform] = [&made[0], &made[1], &made[2]];
    let (of_jane, of_john) = (join(&fixture, platform, &jane).await, join(&fixture, staff, &john).await);
    add(&fixture, staff, engineering).await.unwrap();
    add(&fixture, engineering, platform).await.unwrap();
    let records = records_of(&fixture, "AddMemberGroup");
    let record = records.iter().find(|record| record.json.contains(platform.as_str())).unwrap();
    let record: Value = serde_json::from_str(&record.json).unwrap();
    assert_eq!(record["eventSource"], "identitystore.amazonaws.com");
    assert_eq!(record["resources"].as_array().unwrap().len(), 2, "{record}");

    let people: BTreeSet<UserId> = members(&fixture, staff).into_iter().map(|(user, _)| user).collect();
    assert_eq!(people, BTreeSet::from([jane.clone(), john.clone()]));
    let is_in: BTreeSet<GroupId> = groups_of(&fixture, &jane).into_iter().map(|(group, _)| group).collect();
    assert_eq!(is_in, made.iter().cloned().collect());
    let asking = cx(&fixture, "IsMemberInGroups");
    let answers = memberships::is_member(&fixture.store, &asking, &at(&fixture), &jane, &made).unwrap();
    assert!(answers.iter().all(|(_, is_member)| *is_member), "{answers:?}");
    let answers = memberships::is_member(&fixture.store, &asking, &at(&fixture), &john, &made).unwrap();
    assert_eq!(answers.iter().filter(|(_, is_member)| *is_member).count(), 1, "{answers:?}");

    // A membership that follows has an id by which it is found, and it is ended where it comes from.
    let get = |group| memberships::get_id(&fixture.store, &asking, &at(&fixture), group, &jane);
    let (follows, own) = (get(staff).unwrap(), get(platform).unwrap());
    assert_eq!((&own, follows.as_str().len()), (&of_jane, 47));
    let described = memberships::describe(&fixture.store, &asking, &at(&fixture), &follows).unwrap();
    assert_eq!((&described.group_id, &described.user_id, &described.id), (staff, &jane, &follows));
    assert!(members(&fixture, staff).contains(&(jane.clone(), follows.clone())));
    assert!(groups_of(&fixture, &jane).contains(&(staff.clone(), follows.clone())));
    let refused = memberships::delete(&fixture.store, &asking, &at(&fixture), &follows).await.unwrap_err();
    assert!(
        refused.message().contains(of_jane.as_str()) && refused.message().contains(platform.as_str()),
        "{refused}"
    );

    // Who is in it both ways has one membership, their own, and leaves by it what is only theirs.
    let own = join(&fixture, staff, &jane).await;
    assert_eq!(get(staff).unwrap(), own);
    assert_eq!(members(&fixture, staff).len(), 2);
    memberships::delete(&fixture.store, &asking, &at(&fixture), &own).await.unwrap();
    assert_eq!(get(staff).unwrap(), follows);

    remove(&fixture, engineering, platform).await.unwrap();
    assert_eq!(members(&fixture, staff), [(john.clone(), of_john)]);
    assert!(is_missing(&get(staff).unwrap_err(), ResourceType::GroupMembership));
    let gone = memberships::describe(&fixture.store, &asking, &at(&fixture), &follows).unwrap_err();
    assert!(is_missing(&gone, ResourceType::GroupMembership));
});

testkit::on_both_engines!(a_group_is_never_within_itself, |fixture: Fixture| async move {
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        made.push(make_group(&fixture, name).await.id);
    }
    let [a, b, c] = [&made[0], &made[1], &made[2]];
    add(&fixture, a, b).await.unwrap();
    add(&fixture, b, c).await.unwrap();
    for (group, member) in [(a, a), (b, a), (c, a), (c, b)] {
        let refused = add(&fixture, group, member).await.unwrap_err();
        assert!(refused.message().contains("never within itself"), "{refused}");
    }
    let twice = add(&fixture, a, b).await.unwrap_err();
    assert!(matches!(twice.kind(), FaultKind::Conflict(_)), "{twice}");
    let by_another = remove(&fixture, a, c).await.unwrap_err();
    assert!(by_another.message().contains("ListGroupsForGroup"), "{by_another}");
    assert!(is_missing(&remove(&fixture, c, a).await.unwrap_err(), ResourceType::Group));
    let user = GroupId::trusted(make(&fixture, "jane").await.id.as_str());
    assert!(is_missing(&add(&fixture, a, &user).await.unwrap_err(), ResourceType::Group));
    let d = make_group(&fixture, "d").await.id;
    let refused = add(&fixture.strict(), a, &d).await.unwrap_err();
    assert!(refused.message().contains("strict mode"), "{refused}");
});

testkit::on_both_engines!(
    what_follows_is_what_a_walk_over_the_members_finds,
    |fixture: Fixture| async move {
        let jane = make(&fixture, "jane").await.id;
        let mut all = Vec::new();
        for number in 0..7 {
            all.push(make_group(&fixture, &format!("group-{number}")).await.id);
        }
        let (mut edges, mut own): (BTreeSet<(GroupId, GroupId)>, BTreeMap<GroupId, MembershipId>) =
            Default::default();
        let mut chance = 11_u64;
        let mut below = |limit: usize| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(chance >> 33).unwrap() % limit
        };
        let reached = |edges: &BTreeSet<(GroupId, GroupId)>, from: &GroupId| {
            let (mut found, mut next) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(at) = next.pop() {
                for (group, _) in edges.iter().filter(|(_, member)| *member == at) {
                    if found.insert(group.clone()) {
                        next.push(group.clone());
                    }
                }
            }
            found
        };
        let mut deepest = 0;
        for step in 0..70 {
            let (one, other) = (all[below(all.len())].clone(), all[below(all.len())].clone());
            match below(12) {
                0..=6 => {
                    let is_wrong = one == other
                        || reached(&edges, &one).contains(&other)
                        || edges.contains(&(one.clone(), other.clone()));
                    let is_done = add(&fixture, &one, &other).await.is_ok();
                    assert_eq!(is_done, !is_wrong, "{step}");
                    if is_done {
                        edges.insert((one, other));
                    }
                }
                7 | 8 => {
                    if let Some(edge) = edges.iter().nth(below(edges.len().max(1))).cloned() {
                        remove(&fixture, &edge.0, &edge.1).await.unwrap();
                        edges.remove(&edge);
                    }
                }
                9 | 10 => {
                    if let Some(id) = own.remove(&one) {
                        let cx = cx(&fixture, "DeleteGroupMembership");
                        memberships::delete(&fixture.store, &cx, &at(&fixture), &id).await.unwrap();
                    } else {
                        let id = join(&fixture, &one, &jane).await;
                        own.insert(one, id);
                    }
                }
                _ => {
                    groups::delete(&fixture.store, &cx(&fixture, "DeleteGroup"), &at(&fixture), &one, None)
                        .await
                        .unwrap();
                    edges.retain(|(group, member)| *group != one && *member != one);
                    own.remove(&one);
                    all.retain(|group| *group != one);
                    all.push(make_group(&fixture, &format!("again-{step}")).await.id);
                }
            }
            let mut is_in: BTreeSet<GroupId> = own.keys().cloned().collect();
            for group in own.keys() {
                is_in.extend(reached(&edges, group));
            }
            let found: Vec<GroupId> =
                groups_of(&fixture, &jane).into_iter().map(|(group, _)| group).collect();
            assert_eq!(found, is_in.iter().cloned().collect::<Vec<_>>(), "{step}");
            for group in &all {
                let around = reached(&edges, group);
                deepest = deepest.max(around.len());
                let within: BTreeSet<GroupId> =
                    all.iter().filter(|other| reached(&edges, other).contains(group)).cloned().collect();
                let direct = |other: &GroupId, is_outer: bool| {
                    let (group, member) = if is_outer { (other, group) } else { (group, other) };
                    edges.contains(&(group.clone(), member.clone()))
                };
                let [has, is_of] = nested(&fixture, group);
                let wanted = within.into_iter().map(|id| (id.clone(), direct(&id, false)));
                assert_eq!(has, wanted.collect::<Vec<_>>(), "{step}");
                let wanted = around.into_iter().map(|id| (id.clone(), direct(&id, true)));
                assert_eq!(is_of, wanted.collect::<Vec<_>>(), "{step}");
                let people = members(&fixture, group);
                assert_eq!(people.len(), usize::from(is_in.contains(group)), "{step}");
                for (user, id) in people {
                    let cx = cx(&fixture, "DescribeGroupMembership");
                    let described = memberships::describe(&fixture.store, &cx, &at(&fixture), &id).unwrap();
                    assert_eq!((&described.group_id, described.user_id), (group, user), "{step}");
                }
            }
        }
        assert!(deepest > 3, "groups within at most {deepest}");
    }
);

testkit::on_both_engines!(there_is_room_for_so_many_and_no_more, |fixture: Fixture| async move {
    let (top, middle) = (make_group(&fixture, "top").await.id, make_group(&fixture, "middle").await.id);
    let one_more = make_group(&fixture, "one-more").await.id;
    let store_id = fixture.instance.identity_store_id.clone();
    let (outermost, full, last) = (top.clone(), middle.clone(), one_more.clone());
    fixture
        .store
        .maintain(&cx(&fixture, "AddMemberGroup"), move |tx, cx| {
            let make = |tx: &mut Tx<'_>, name: String| {
                groups::insert_in(tx, cx, NewGroup::new(store_id.clone(), name, None)).map(|group| group.id)
            };
            member_groups::insert_in(tx, cx, &store_id, (&outermost, &full))?;
            for number in 1..WITHIN_MAX {
                let member = make(tx, format!("inner-{number}"))?;
                member_groups::insert_in(tx, cx, &store_id, (&full, &member))?;
            }
            for number in 0..AROUND_MAX {
                let group = make(tx, format!("outer-{number}"))?;
                member_groups::insert_in(tx, cx, &store_id, (&group, &last))?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let refused = add(&fixture, &middle, &one_more).await.unwrap_err();
    assert!(refused.message().starts_with(&format!("The group {top} would have 501 groups")), "{refused}");
    let other = make_group(&fixture, "other").await.id;
    let refused = add(&fixture, &other, &one_more).await.unwrap_err();
    assert!(
        refused.message().starts_with(&format!("The group {one_more} would be within 101 groups")),
        "{refused}"
    );
});
