//! Memberships: both ends must exist, one of each pair, listed from both sides.

use directory::memberships::{self, Listing};
use directory::users;
use model::directory::group::GroupId;
use model::directory::membership::MembershipId;
use model::directory::user::UserId;
use model::fault::ResourceType;
use model::page::PageRequest;
use serde_json::Value;
use testkit::fixture::Fixture;

use crate::support::{at, cx, is_duplicate, is_missing, make, make_group, record_of};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

testkit::on_both_engines!(a_membership_lives_its_life, |fixture: Fixture| async move {
    let (jane, ops) = (make(&fixture, "jane").await, make_group(&fixture, "Ops").await);
    let create = async |group: &GroupId, user: &UserId| {
        memberships::create(
            &fixture.store,
            &cx(&fixture, "CreateGroupMembership"),
            &at(&fixture),
            group,
            user,
        )
        .await
    };
    let made = create(&ops.id, &jane.id).await.unwrap();
    let record: Value = serde_json::from_str(&record_of(&fixture, "CreateGroupMembership").json).unwrap();
    assert_eq!(record["responseElements"]["membershipId"], made.id.as_str());
    assert_eq!(record["resources"].as_array().unwrap().len(), 3);
    let twice = create(&ops.id, &jane.id).await.unwrap_err();
    assert!(
        is_duplicate(&twice) && twice.message() == "Member and Group relationship already exists",
        "{twice}"
    );
    let nobody = create(&ops.id, &UserId::trusted(NOBODY)).await.unwrap_err();
    assert!(is_missing(&nobody, ResourceType::User));
    let nothing = create(&GroupId::trusted(jane.id.as_str()), &jane.id).await.unwrap_err();
    assert!(is_missing(&nothing, ResourceType::Group), "a user's id is no group's");

    let cx = cx(&fixture, "GetGroupMembershipId");
    let find = || memberships::get_id(&fixture.store, &cx, &at(&fixture), &ops.id, &jane.id);
    assert_eq!(find().unwrap(), made.id);
    assert_eq!(memberships::describe(&fixture.store, &cx, &at(&fixture), &made.id).unwrap(), made);
    memberships::delete(&fixture.store, &cx, &at(&fixture), &made.id).await.unwrap();
    assert!(is_missing(&find().unwrap_err(), ResourceType::GroupMembership));
    let gone = memberships::delete(&fixture.store, &cx, &at(&fixture), &made.id).await.unwrap_err();
    assert!(is_missing(&gone, ResourceType::GroupMembership));
    assert!(is_missing(
        &memberships::describe(&fixture.store, &cx, &at(&fixture), &MembershipId::trusted(NOBODY))
            .unwrap_err(),
        ResourceType::GroupMembership
    ));
});

testkit::on_both_engines!(members_and_groups_page, |fixture: Fixture| async move {
    let ops = make_group(&fixture, "Ops").await;
    let mut people = Vec::new();
    for number in 0..5 {
        let person = make(&fixture, &format!("user{number}")).await;
        let cx = cx(&fixture, "CreateGroupMembership");
        memberships::create(&fixture.store, &cx, &at(&fixture), &ops.id, &person.id).await.unwrap();
        people.push(person.id);
    }
    people.sort();
    let cx = cx(&fixture, "ListGroupMemberships");
    let mut request = PageRequest::first(2);
    let mut listed = Vec::new();
    loop {
        let listing = Listing::new(&request, |row| listed.push(UserId::trusted(row.user_id)));
        let next = memberships::list(&fixture.store, &cx, &at(&fixture), &ops.id, listing).unwrap();
        let Some(next) = next else { break };
        request.after = Some(next);
    }
    assert_eq!(listed, people);
    users::delete(&fixture.store, &cx, &at(&fixture), &people[0], None).await.unwrap();
    let mut left = 0;
    let all = PageRequest::first(9);
    let all = Listing::new(&all, |_| left += 1);
    let next = memberships::list(&fixture.store, &cx, &at(&fixture), &ops.id, all).unwrap();
    assert_eq!((left, next), (4, None), "a deleted user is no member");
    let any = Listing::new(&request, |_| ());
    let missing =
        memberships::list_for_member(&fixture.store, &cx, &at(&fixture), &people[0], any).unwrap_err();
    assert!(is_missing(&missing, ResourceType::User));
});

testkit::on_both_engines!(membership_in_many_groups_is_answered_in_order, |fixture: Fixture| async move {
    let jane = make(&fixture, "jane").await;
    let mut groups = Vec::new();
    for name in ["c", "a", "b"] {
        groups.push(make_group(&fixture, name).await.id);
    }
    let cx = cx(&fixture, "IsMemberInGroups");
    memberships::create(&fixture.store, &cx, &at(&fixture), &groups[1], &jane.id).await.unwrap();
    let ask = |asked: &[GroupId]| memberships::is_member(&fixture.store, &cx, &at(&fixture), &jane.id, asked);
    let asked = [groups[2].clone(), groups[1].clone(), groups[2].clone(), groups[0].clone()];
    let answers: Vec<bool> = ask(&asked).unwrap().into_iter().map(|(_, is_member)| is_member).collect();
    assert_eq!(answers, [false, true, false, false]);
    let unknown = ask(&[groups[0].clone(), GroupId::trusted(NOBODY)]).unwrap_err();
    assert!(is_missing(&unknown, ResourceType::Group));
    assert_eq!(unknown.resource_id(), Some(NOBODY));
});
