//! What of identity providers ends soon: tokens, and the certificate that ends last.

use std::time::Duration;

use model::page::PageRequest;
use model::sources::external_idp::ExternalIdpStatus;
use model::sources::provisioning_tenant::TenantId;
use sources::expiring_credentials::{self, Credential, Expiring};
use sources::external_idps;
use sources::tenants::{self, Settings};
use sources::tokens::{self, NewToken};
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::support::{at, cx, of_entity};

const DAY: Duration = Duration::from_hours(24);

async fn tenant(fixture: &Fixture, name: Option<&str>) -> TenantId {
    let cx = cx(fixture, "CreateProvisioningTenant");
    let settings = Settings { name: name.map(str::to_owned), ..Settings::default() };
    tenants::create(&fixture.store, &cx, &at(fixture), settings).await.unwrap().id
}

async fn token(fixture: &Fixture, tenant: &TenantId, days: u32) -> String {
    let new = NewToken { name: None, validity_days: Some(days) };
    let cx = cx(fixture, "CreateBearerToken");
    let made = tokens::create(&fixture.store, &cx, (&at(fixture), tenant), new).await.unwrap();
    made.token.id.as_str().to_owned()
}

fn listed(fixture: &Fixture, days: u32) -> Vec<Expiring> {
    let (cx, at) = (cx(fixture, "ListExpiringCredentials"), at(fixture));
    let mut page = PageRequest::first(2);
    let mut all = Vec::new();
    loop {
        let found = expiring_credentials::list(&fixture.store, &cx, (&at, DAY * days), &page).unwrap();
        assert!(found.items.len() <= 2);
        all.extend(found.items);
        let Some(next) = found.next else { return all };
        page.after = Some(next);
    }
}

fn ids(listed: &[Expiring]) -> Vec<String> {
    listed.iter().map(Expiring::id).collect()
}

on_both_engines!(tokens_that_end_soon_are_listed_the_soonest_first, |fixture| async move {
    let (first, second) = (tenant(&fixture, Some("Entra ID")).await, tenant(&fixture, None).await);
    let long = token(&fixture, &first, 365).await;
    let (twenty, ten, five) = (
        token(&fixture, &first, 20).await,
        token(&fixture, &second, 10).await,
        token(&fixture, &first, 5).await,
    );
    assert_eq!(ids(&listed(&fixture, 30)), [five.clone(), ten.clone(), twenty.clone()]);
    assert_eq!(ids(&listed(&fixture, 10)), [five.clone(), ten.clone()]);
    let names: Vec<String> = listed(&fixture, 10).into_iter().map(|one| one.source_name).collect();
    assert_eq!(names, ["Entra ID", second.as_str()], "without a name it is its id");

    // What has ended is only told where nothing took its place.
    let later = fixture.later(DAY * 12);
    assert_eq!(ids(&listed(&later, 30)), [ten, twenty.clone()]);
    let later = fixture.later(DAY * 400);
    let told = ids(&listed(&later, 30));
    assert!(
        told.contains(&long) && !told.contains(&twenty) && told.len() == 2,
        "the last one of each: {told:?}"
    );
});

on_both_engines!(the_last_certificate_of_an_enabled_provider_counts, |fixture| async move {
    let idp = crate::support::create(&fixture, of_entity("https://idp.acme.example/saml")).await.unwrap();
    let far = 365 * 3_000;
    assert_eq!(listed(&fixture, far), [], "nobody meets it yet");
    let cx = cx(&fixture, "EnableExternalIdPConfigurationForDirectory");
    external_idps::set_status(&fixture.store, &cx, (&at(&fixture), &idp.id), ExternalIdpStatus::Enabled)
        .await
        .unwrap();
    let found = listed(&fixture, far);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].source_name, "Acme");
    let Credential::Certificate { idp: whose, .. } = &found[0].credential else { panic!("{found:?}") };
    assert_eq!(*whose, idp.id);
    let left = found[0].expires_at.since(fixture.now);
    let days = u32::try_from(left.as_secs() / (24 * 3_600)).unwrap();
    assert_eq!(listed(&fixture, days.saturating_sub(1)), [], "not before");
});
