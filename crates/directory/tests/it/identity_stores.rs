//! Identity stores: described, listed, and no restriction of the network pretended.

use directory::identity_stores;
use model::fault::FaultKind;
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::support::{at, cx, record_of};

testkit::on_both_engines!(the_store_is_described_and_listed, |fixture: Fixture| async move {
    let call = cx(&fixture, "DescribeIdentityStore");
    let found = identity_stores::describe(&fixture.store, &call, &at(&fixture)).unwrap();
    assert_eq!(found.arn(), "arn:aws:identitystore::111122223333:identitystore/d-1234567890");
    let page = identity_stores::list(&fixture.store, &call, &PageRequest::first(9)).unwrap();
    assert_eq!((page.items, page.next), (vec![found], None));
    let after = PageRequest { limit: 9, after: Some("d-1234567890".to_owned()) };
    assert!(identity_stores::list(&fixture.store, &call, &after).unwrap().items.is_empty());
});

testkit::on_both_engines!(
    a_network_restriction_is_refused_and_clearing_recorded,
    |fixture: Fixture| async move {
        let call = cx(&fixture, "UpdateIdentityStore");
        let refused = identity_stores::update(&fixture.store, &call, &at(&fixture), true).await.unwrap_err();
        assert_eq!(*refused.kind(), FaultKind::Validation);
        assert!(refused.message().contains("not supported"));
        identity_stores::update(&fixture.store, &call, &at(&fixture), false).await.unwrap();
        record_of(&fixture, "UpdateIdentityStore");
    }
);
