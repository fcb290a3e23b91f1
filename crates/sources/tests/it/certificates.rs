//! A provider's certificates: all count, one must stay, and those of the metadata come and go with it.

use model::fault::FaultKind;
use sources::external_idp_certificates::{delete, import, list};
use testkit::fixture::Fixture;
use testkit::on_both_engines;
use testkit::provider::{certificate, metadata, pem};

use crate::support::{ENTITY, at, by_text, create, cx, invalid, update};

fn ids(fixture: &Fixture, idp: &model::sources::external_idp::ExternalIdpId) -> Vec<(String, bool)> {
    let listed = list(&fixture.store, &cx(fixture, "ListExternalIdPCertificates"), &at(fixture), idp);
    listed.unwrap().into_iter().map(|listed| (listed.row.id, listed.row.imported)).collect()
}

on_both_engines!(the_last_certificate_stays, |fixture| async move {
    let idp = create(&fixture, by_text(&metadata(ENTITY, &[&certificate()]))).await.unwrap().id;
    let (store, at) = (&fixture.store, at(&fixture));
    let first = ids(&fixture, &idp)[0].0.clone();
    let deleting = cx(&fixture, "DeleteExternalIdPCertificate");
    let last = delete(store, &deleting, (&at, &idp), first.clone()).await.unwrap_err();
    assert!(matches!(last.kind(), FaultKind::Conflict(_)), "{last:?}");
    let importing = cx(&fixture, "ImportExternalIdPCertificate");
    let second = import(store, &importing, (&at, &idp), pem(&certificate())).await.unwrap();
    assert_eq!(ids(&fixture, &idp).len(), 2);
    delete(store, &deleting, (&at, &idp), first.clone()).await.unwrap();
    assert_eq!(ids(&fixture, &idp), [(second, true)]);
    let gone = delete(store, &deleting, (&at, &idp), first.clone()).await.unwrap_err();
    assert!(matches!(gone.kind(), FaultKind::NotFound(_)) && gone.message().contains(&first), "{gone:?}");
});

on_both_engines!(what_is_no_certificate_or_there_already_is_refused, |fixture| async move {
    let own = certificate();
    let idp = create(&fixture, by_text(&metadata(ENTITY, &[&own]))).await.unwrap().id;
    let (store, at, cx) = (&fixture.store, at(&fixture), cx(&fixture, "ImportExternalIdPCertificate"));
    let two = format!("{}{}", pem(&own), pem(&certificate()));
    for (word, text) in [
        ("PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned()),
        ("PEM", "a certificate".to_owned()),
        ("more than one", two),
        ("2500", "A".repeat(2_501)),
    ] {
        let refusal = invalid(import(store, &cx, (&at, &idp), text).await);
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
    let again = import(store, &cx, (&at, &idp), pem(&own)).await.unwrap_err();
    assert!(matches!(again.kind(), FaultKind::Conflict(_)), "{again:?}");
    for _ in 1..20 {
        import(store, &cx, (&at, &idp), pem(&certificate())).await.unwrap();
    }
    let full = import(store, &cx, (&at, &idp), pem(&certificate())).await.unwrap_err();
    assert_eq!(full.kind(), &FaultKind::QuotaExceeded, "{full:?}");
});

on_both_engines!(new_metadata_replaces_its_own_certificates_and_leaves_imported_ones, |fixture| async move {
    let (old, new, brought) = (certificate(), certificate(), certificate());
    let idp = create(&fixture, by_text(&metadata(ENTITY, &[&old]))).await.unwrap().id;
    let (store, at) = (&fixture.store, at(&fixture));
    let importing = cx(&fixture, "ImportExternalIdPCertificate");
    let kept = import(store, &importing, (&at, &idp), pem(&brought)).await.unwrap();
    update(&fixture, &idp, by_text(&metadata(ENTITY, &[&new, &brought]))).await.unwrap();
    let now = ids(&fixture, &idp);
    assert_eq!(now.len(), 2, "{now:?}");
    assert!(now.contains(&(kept.clone(), true)), "{now:?}");
    // And again without the one that was brought: it stays.
    update(&fixture, &idp, by_text(&metadata(ENTITY, &[&new]))).await.unwrap();
    assert!(ids(&fixture, &idp).contains(&(kept, true)));
});
