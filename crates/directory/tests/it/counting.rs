//! How many there are, and which has a number: right after whoever came and whoever went.

use directory::counting::Numbers;
use directory::groups::{self, NewGroup};
use model::directory::group::Group;
use testkit::on_both_engines;

use crate::support::{at, cx};

/// More than two of the steps by which numbers are known.
const MANY: usize = 2_050;

on_both_engines!(every_number_leads_to_its_place_whoever_comes_or_goes, |fixture| async move {
    let (store, at) = (&fixture.store, at(&fixture));
    let look = cx(&fixture, "ListGroups");
    let numbers = Numbers::default();
    let place = |number: u64| numbers.of_group(store, &look, &at, number).unwrap();
    assert_eq!((place(0).total, place(0).after, place(7).total), (0, None, 0));
    let id = fixture.instance.identity_store_id.clone();
    let create = cx(&fixture, "CreateGroup");
    let made = store.write(&create, move |tx, cx| {
        (0..MANY)
            .map(|at| groups::insert_in(tx, cx, NewGroup::new(id.clone(), format!("group {at}"), None)))
            .collect::<Result<Vec<Group>, _>>()
    });
    let mut ids: Vec<String> = made.await.unwrap().iter().map(|group| group.id.to_string()).collect();
    ids.sort();
    for _ in 0..2 {
        for number in [0, 1, 2, 999, 1_000, 1_001, 1_002, 1_999, 2_000, 2_001, ids.len()] {
            let found = place(number as u64);
            let before = number.checked_sub(1).map(|before| ids[before].clone());
            assert_eq!((found.total, found.after), (ids.len() as u64, before), "{number}");
        }
        assert_eq!(place(9_999).after.as_ref(), ids.last(), "after the last one");
        // Everybody behind the first one has another number then.
        let gone = model::directory::group::GroupId::parse(ids.remove(0)).unwrap();
        groups::delete(store, &cx(&fixture, "DeleteGroup"), &at, &gone, None).await.unwrap();
    }
});
