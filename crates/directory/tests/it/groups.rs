//! Groups: names, descriptions, revisions, and the memberships that go with them.

use directory::groups::{self, GroupKey, NewGroup};
use directory::memberships::{self, Listing};
use directory::patch::Update;
use model::directory::group::{Group, GroupId};
use model::directory::user::ExternalId;
use model::fault::{ConflictReason, FaultKind, ResourceType};
use model::limits;
use model::page::PageRequest;
use serde_json::{Value, json};
use testkit::fixture::Fixture;

use crate::support::{at, cx, is_duplicate, is_missing, make, make_group, record_of, set};

testkit::on_both_engines!(a_group_lives_its_life, |fixture: Fixture| async move {
    let ops = make_group(&fixture, "Ops Team").await;
    let record: Value = serde_json::from_str(&record_of(&fixture, "CreateGroup").json).unwrap();
    assert_eq!(record["responseElements"]["groupArn"], ops.id.arn());
    let described = groups::describe(&fixture.store, &cx(&fixture, "DescribeGroup"), &at(&fixture), &ops.id);
    assert_eq!(described.unwrap(), ops);
    let update = async |change: Update| {
        groups::update(&fixture.store, &cx(&fixture, "UpdateGroup"), &at(&fixture), &ops.id, change).await
    };
    let changed = update(set("description", json!("on call"))).await.unwrap();
    assert_eq!((changed.revision, changed.description.as_deref()), (2, Some("on call")));
    let stale = update(Update { revision: Some("1".to_owned()), ..set("displayName", json!("X")) })
        .await
        .unwrap_err();
    assert_eq!(*stale.kind(), FaultKind::Conflict(ConflictReason::ConcurrentModification));
    groups::delete(&fixture.store, &cx(&fixture, "DeleteGroup"), &at(&fixture), &ops.id, None).await.unwrap();
    let gone =
        groups::describe(&fixture.store, &cx(&fixture, "DescribeGroup"), &at(&fixture), &ops.id).unwrap_err();
    assert!(is_missing(&gone, ResourceType::Group));
});

testkit::on_both_engines!(group_names_are_unique_and_not_reserved, |fixture: Fixture| async move {
    let ops = make_group(&fixture, "Ops").await;
    let create = async |name| {
        groups::create(&fixture.store, &cx(&fixture, "CreateGroup"), &at(&fixture), name, None)
            .await
            .unwrap_err()
    };
    let fault = create("OPS").await;
    assert!(is_duplicate(&fault) && fault.message() == "Duplicate GroupDisplayName", "{fault}");
    for (name, word) in [
        ("", "DisplayName is a required attribute"),
        ("awsadministrators", "reserved name AWSAdministrators"),
        ("bell\u{7}", "DisplayName must hold"),
    ] {
        let fault = create(name).await;
        assert!(fault.message().contains(word), "{fault}");
    }
    let dev = make_group(&fixture, "Dev").await;
    let change = set("displayName", json!("ops"));
    let fault =
        groups::update(&fixture.store, &cx(&fixture, "UpdateGroup"), &at(&fixture), &dev.id, change).await;
    assert!(is_duplicate(&fault.unwrap_err()));
    let find = |name: &str| {
        let key = GroupKey::DisplayName(name.to_owned());
        groups::get_id(&fixture.store, &cx(&fixture, "GetGroupId"), &at(&fixture), &key)
    };
    assert_eq!(find("oPs").unwrap(), ops.id);
    assert!(is_missing(&find("ops2").unwrap_err(), ResourceType::Group));
    let page = PageRequest::first(1);
    let list =
        |name| groups::list(&fixture.store, &cx(&fixture, "ListGroups"), &at(&fixture), name, &page).unwrap();
    assert_eq!(list(Some("DEV")).items, std::slice::from_ref(&dev));
    assert!(list(None).next.is_some());
});

testkit::on_both_engines!(a_group_of_another_system_is_found_by_its_id, |fixture: Fixture| async move {
    let external = ExternalId { issuer: "idp".to_owned(), id: "g-1".to_owned() };
    let new = NewGroup {
        external_ids: vec![external.clone()],
        ..NewGroup::new(fixture.instance.identity_store_id.clone(), "Ops", None)
    };
    let cx = cx(&fixture, "CreateGroup");
    let ops = fixture.store.write(&cx, move |tx, cx| groups::insert_in(tx, cx, new.clone())).await.unwrap();
    let key = GroupKey::ExternalId(external);
    assert_eq!(groups::get_id(&fixture.store, &cx, &at(&fixture), &key).unwrap(), ops.id);
});

testkit::on_both_engines!(a_deleted_groups_memberships_go, |fixture: Fixture| async move {
    let (jane, ops, dev) =
        (make(&fixture, "jane").await, make_group(&fixture, "Ops").await, make_group(&fixture, "Dev").await);
    for group in [&ops, &dev] {
        let cx = cx(&fixture, "CreateGroupMembership");
        memberships::create(&fixture.store, &cx, &at(&fixture), &group.id, &jane.id).await.unwrap();
    }
    groups::delete(&fixture.store, &cx(&fixture, "DeleteGroup"), &at(&fixture), &ops.id, None).await.unwrap();
    let page = PageRequest::first(9);
    let cx = cx(&fixture, "ListGroupMembershipsForMember");
    let mut left = Vec::new();
    let listing = Listing::new(&page, |row| left.push(row.group_id.to_owned()));
    memberships::list_for_member(&fixture.store, &cx, &at(&fixture), &jane.id, listing).unwrap();
    assert_eq!(left, [dev.id.as_str()]);
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_holds_in_strict_mode_only() {
    let fixture = Fixture::sqlite().await;
    let template = make_group(&fixture, "first").await;
    let fill = cx(&fixture, "Fill");
    fixture
        .store
        .maintain(&fill, move |tx, _| {
            (1..limits::GROUPS_MAX).try_for_each(|number| {
                let id = GroupId::trusted(format!("00000000-0000-4000-8000-{number:012}"));
                let row = Group { id, display_name: format!("group{number}"), ..template.clone() };
                store::directory::groups::insert(tx, &row)
            })
        })
        .await
        .unwrap();
    let strict = fixture.strict();
    let create = async |fixture: &Fixture, name| {
        groups::create(&fixture.store, &cx(fixture, "CreateGroup"), &at(fixture), name, None).await
    };
    let fault = create(&strict, "one too many").await.unwrap_err();
    assert_eq!(*fault.kind(), FaultKind::QuotaExceeded);
    assert!(fault.message().contains("100000"), "{fault}");
    create(&fixture, "one more").await.unwrap();
}
