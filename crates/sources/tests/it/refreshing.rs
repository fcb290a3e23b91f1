//! What a provider says of itself is asked for again: when an administrator says so, and by the day. What it said before counts as long as it cannot be asked.

use std::time::Duration;

use model::sources::external_idp::{ExternalIdpId, ExternalIdpStatus};
use sources::external_idp_certificates::list;
use sources::external_idps::{refresh, refresh_stale, set_status};
use testkit::fixture::Fixture;
use testkit::on_both_engines;
use testkit::provider::{Provider, certificate, metadata, outbound};

use crate::support::{ENTITY, at, by_text, by_url, create, cx, describe, invalid};

fn certificates(fixture: &Fixture, idp: &ExternalIdpId) -> Vec<String> {
    let listed = list(&fixture.store, &cx(fixture, "ListExternalIdPCertificates"), &at(fixture), idp);
    listed.unwrap().into_iter().map(|listed| listed.certificate.to_base64()).collect()
}

async fn asked_again(fixture: &Fixture) -> usize {
    refresh_stale(&fixture.store, &cx(fixture, "Refresh"), &outbound()).await.unwrap()
}

on_both_engines!(a_new_certificate_is_taken_over_when_somebody_asks, |fixture| async move {
    let (provider, old, new) = (Provider::start().await, certificate(), certificate());
    let url = provider.say("/metadata", &metadata(ENTITY, &[&old]));
    let idp = create(&fixture, by_url(&url)).await.unwrap().id;
    assert_eq!(certificates(&fixture, &idp), [old.to_base64()]);
    provider.say("/metadata", &metadata(ENTITY, &[&new]));
    let later = fixture.later(Duration::from_secs(60));
    let call = cx(&later, "RefreshExternalIdPMetadata");
    let heard = refresh(&later.store, &call, &outbound(), (&at(&later), &idp)).await.unwrap();
    assert_eq!(heard.fetched_at, later.now);
    assert_eq!(certificates(&fixture, &idp), [new.to_base64()]);
    // Another provider at the same address is not believed.
    provider.say("/metadata", &metadata("https://idp.evil.example", &[&certificate()]));
    let refusal = invalid(refresh(&later.store, &call, &outbound(), (&at(&later), &idp)).await);
    assert!(refusal.contains("https://idp.acme.example/saml"), "{refusal}");
    assert_eq!(certificates(&fixture, &idp), [new.to_base64()]);
});

on_both_engines!(a_provider_is_asked_once_a_day_and_each_hour_after_a_failure, |fixture| async move {
    let provider = Provider::start().await;
    let url = provider.say("/metadata", &metadata(ENTITY, &[&certificate()]));
    let idp = create(&fixture, by_url(&url)).await.unwrap().id;
    let after = |hours: u64| fixture.later(Duration::from_secs(hours * 3_600));
    // One that nobody can sign in by is not asked.
    assert_eq!(asked_again(&after(48)).await, 0);
    let call = cx(&fixture, "EnableExternalIdPConfigurationForDirectory");
    set_status(&fixture.store, &call, (&at(&fixture), &idp), ExternalIdpStatus::Enabled).await.unwrap();
    assert_eq!(asked_again(&after(23)).await, 0);
    let rotated = certificate();
    provider.say("/metadata", &metadata(ENTITY, &[&rotated]));
    assert_eq!(asked_again(&after(24)).await, 1);
    assert_eq!(certificates(&fixture, &idp), [rotated.to_base64()]);
    assert_eq!(asked_again(&after(25)).await, 0);
    provider.fall_silent("/metadata");
    assert_eq!(asked_again(&after(48)).await, 1);
    let shown = describe(&fixture, &idp).unwrap().idp;
    assert!(shown.fetch_error.as_deref().is_some_and(|why| why.contains("404")), "{:?}", shown.fetch_error);
    assert_eq!((shown.fetched_at, certificates(&fixture, &idp)), (after(24).now, vec![rotated.to_base64()]));
    let before = provider.asked();
    assert_eq!(asked_again(&after(48).later(Duration::from_secs(1_800))).await, 0);
    assert_eq!(provider.asked(), before);
    provider.say("/metadata", &metadata(ENTITY, &[&rotated]));
    assert_eq!(asked_again(&after(49)).await, 1);
    assert_eq!(describe(&fixture, &idp).unwrap().idp.fetch_error, None);
});

on_both_engines!(metadata_as_text_cannot_be_asked_for_again, |fixture| async move {
    let idp = create(&fixture, by_text(&metadata(ENTITY, &[&certificate()]))).await.unwrap().id;
    let call = cx(&fixture, "RefreshExternalIdPMetadata");
    let refusal = invalid(refresh(&fixture.store, &call, &outbound(), (&at(&fixture), &idp)).await);
    assert!(refusal.contains("UpdateExternalIdPConfigurationForDirectory"), "{refusal}");
});

on_both_engines!(an_address_that_may_not_be_asked_is_refused_before_anybody_is, |fixture| async move {
    let provider = Provider::start().await;
    let url = provider.say("/metadata", &metadata(ENTITY, &[&certificate()]));
    let closed = outbound::client::Outbound::new(outbound::terms::Terms::default()).unwrap();
    let refusal = invalid(crate::support::create_asking(&fixture, &closed, by_url(&url)).await);
    assert!(refusal.starts_with("MetadataUrl: "), "{refusal}");
    assert_eq!(provider.asked(), 0);
    let silent = invalid(create(&fixture, by_url(&format!("{}/nothing", provider.url))).await);
    assert!(silent.starts_with("MetadataUrl: ") && silent.contains("404"), "{silent}");
});
