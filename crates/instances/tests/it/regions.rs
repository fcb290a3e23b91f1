//! Regions on both engines, as far as one database goes: tests/clients/regions.py has the second.

use instances::regions::{activate, add, describe, forget, list, remove};
use model::fault::FaultKind;
use model::instances::region::{Region, RegionName, RegionStatus};
use serde_json::json;
use testkit::fixture::Fixture;

use crate::{OUTSIDER, kind, root, session};

fn name(name: &str) -> RegionName {
    RegionName::parse(name).unwrap()
}

/// A Region as AddRegion leaves it.
async fn added(fixture: &Fixture, region: &str) {
    let (instance, added_at) = (fixture.instance.id.clone(), fixture.now);
    let region = Region { name: name(region), status: RegionStatus::Adding, added_at };
    let insert = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        store::instances::regions::insert(tx, &instance, &region)
    };
    fixture.store.maintain(&root(fixture), insert).await.unwrap();
}

testkit::on_both_engines!(
    a_database_that_nobody_can_follow_takes_no_region_and_says_why,
    |fixture: Fixture| async move {
        let (store, id) = (&fixture.store, &fixture.instance.id);
        let refused = add(store, &root(&fixture), id, &name("eu-west-1")).await.unwrap_err();
        assert_eq!(*refused.kind(), FaultKind::Validation);
        // The tests' PostgreSQL is as it comes.
        let why = if store.can_be_followed() {
            "wal_level is replica and must be logical"
        } else {
            "kept in SQLite"
        };
        assert!(refused.message().contains(why), "{}", refused.message());
        let primary = add(store, &root(&fixture), id, &name("us-east-1")).await.unwrap_err();
        assert!(matches!(primary.kind(), FaultKind::Conflict(_)), "{primary}");
        assert_eq!(list(store, &root(&fixture), id).unwrap().len(), 1);
    }
);

testkit::on_both_engines!(a_region_comes_is_listed_and_goes, |fixture: Fixture| async move {
    let (store, id, cx) = (&fixture.store, &fixture.instance.id, root(&fixture));
    let eu = name("eu-west-1");
    let absent = remove(store, &cx, id, &eu).await.unwrap_err();
    assert!(matches!(absent.kind(), FaultKind::NotFound(_)), "{absent}");
    added(&fixture, "eu-west-1").await;
    let again = add(store, &cx, id, &eu).await.unwrap_err();
    assert!(matches!(again.kind(), FaultKind::Conflict(_)), "{again}");
    let listed = || -> Vec<_> {
        let all = list(store, &root(&fixture), id).unwrap().into_iter();
        all.map(|(region, is_primary)| (region.name.to_string(), region.status, is_primary)).collect()
    };
    let primary = ("us-east-1".to_owned(), RegionStatus::Active, true);
    assert_eq!(listed(), [("eu-west-1".to_owned(), RegionStatus::Adding, false), primary.clone()]);
    activate(store, &root(&fixture), id, &eu).await.unwrap();
    assert_eq!(describe(store, &cx, id, &eu).unwrap().0.status, RegionStatus::Active);
    assert!(describe(store, &cx, id, &name("us-east-1")).unwrap().1, "the primary");
    assert_eq!(kind(remove(store, &root(&fixture), id, &name("us-east-1")).await), FaultKind::Validation);
    let removing = remove(store, &root(&fixture), id, &eu).await.unwrap();
    assert_eq!(removing, RegionStatus::Removing);
    for refused in [
        remove(store, &root(&fixture), id, &eu).await.map(|_| ()),
        activate(store, &root(&fixture), id, &eu).await,
    ] {
        assert!(matches!(kind(refused), FaultKind::Conflict(_)));
    }
    if store.can_be_followed() {
        let (region, _) = describe(store, &cx, id, &eu).unwrap();
        forget(store, &root(&fixture), id, &region).await.unwrap();
        assert_eq!(listed(), [primary]);
    }
});

testkit::on_both_engines!(who_may_not_see_the_instance_learns_no_region, |fixture: Fixture| async move {
    let (store, id) = (&fixture.store, &fixture.instance.id);
    let everything =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let nothing = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*"}});
    let owner = fixture.instance.owner.clone();
    for cx in [session(&fixture, OUTSIDER, &everything), session(&fixture, owner.as_str(), &nothing)] {
        for region in ["us-east-1", "eu-west-1"] {
            assert_eq!(kind(describe(store, &cx, id, &name(region))), FaultKind::AccessDenied);
            assert_eq!(kind(add(store, &cx, id, &name(region)).await), FaultKind::AccessDenied);
            assert_eq!(kind(remove(store, &cx, id, &name(region)).await), FaultKind::AccessDenied);
        }
        assert_eq!(kind(list(store, &cx, id)), FaultKind::AccessDenied);
    }
});
