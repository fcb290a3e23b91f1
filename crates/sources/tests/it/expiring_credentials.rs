//! What ends soon: of identity providers tokens and the certificate that ends last, of applications the certificate that signs and client secrets.

use std::time::Duration;

use model::applications::application::{Application, ApplicationId, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::applications::oidc_application::OidcApplication;
use model::applications::oidc_client::ClientSecret;
use model::applications::saml_application::CertificateKey;
use model::applications::saml_certificate::SamlCertificate;
use model::page::PageRequest;
use model::sources::external_idp::ExternalIdpStatus;
use model::sources::provisioning_tenant::TenantId;
use sources::expiring_credentials::{self, Credential, Expiring};
use sources::external_idps;
use sources::tenants::{self, Settings};
use sources::tokens::{self, NewToken};
use store::applications::applications::{self, MadeBy};
use store::applications::{oidc_applications, oidc_secrets, saml_certificates};
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

fn application(fixture: &Fixture, id: &str, name: &str, status: Switch) -> Application {
    Application {
        id: ApplicationId::trusted(id),
        instance_id: fixture.instance.id.clone(),
        account_id: fixture.instance.owner.clone(),
        provider_id: ApplicationProviderId::trusted("custom"),
        name: name.to_owned(),
        description: None,
        status,
        visibility: Switch::Enabled,
        sign_in: None,
        assignment_required: true,
        background_sessions: Switch::Disabled,
        created_at: fixture.now,
        created_from: "us-east-1".to_owned(),
    }
}

async fn registered(fixture: &Fixture, new: Application) {
    let cx = cx(fixture, "CreateApplication");
    let by = MadeBy { client_token: None, input: String::new() };
    fixture.store.maintain(&cx, move |tx, _| applications::insert(tx, &new, &by)).await.unwrap();
}

/// A certificate of an application's that ends after so many days.
async fn certificate(fixture: &Fixture, application: &str, (id, days, is_active): (&str, u32, bool)) {
    let new = SamlCertificate {
        id: id.to_owned(),
        is_active,
        key: CertificateKey::EcP256,
        der: Vec::new(),
        not_after: fixture.now.plus(DAY * days),
        created_at: fixture.now,
        created_by: String::new(),
    };
    let (cx, application) = (cx(fixture, "Certify"), ApplicationId::trusted(application));
    fixture
        .store
        .maintain(&cx, move |tx, cx| saml_certificates::insert(tx, cx, &application, (&new, b"key")))
        .await
        .unwrap();
}

/// A client secret that ends after so many days, or never.
async fn secret(fixture: &Fixture, application: &str, (id, days): (&str, Option<u32>)) {
    let new = ClientSecret {
        id: id.to_owned(),
        name: None,
        created_at: fixture.now,
        created_by: String::new(),
        expires_at: days.map(|days| fixture.now.plus(DAY * days)),
        last_used_at: None,
    };
    let (cx, application) = (cx(fixture, "Secret"), ApplicationId::trusted(application));
    fixture
        .store
        .maintain(&cx, move |tx, _| {
            let hash = tx.keyring().hash_token(&new.id);
            oidc_secrets::insert(tx, &application, (&new, &hash))
        })
        .await
        .unwrap();
}

async fn speaks_openid(fixture: &Fixture, application: &str, authentication: &str) {
    let settings = serde_json::json!({
        "redirect_uris": [], "post_logout_redirect_uris": [], "authentication": authentication, "key_set": null, "require_pkce": true,
        "refresh_tokens": false, "scopes": [], "claims": [], "signing_algorithm": "RS256", "access_token_minutes": 60,
    });
    let decided = OidcApplication {
        application_id: ApplicationId::trusted(application),
        settings: serde_json::from_value(settings).unwrap(),
        updated_at: fixture.now,
        updated_by: String::new(),
    };
    let cx = cx(fixture, "Decide");
    fixture.store.maintain(&cx, move |tx, _| oidc_applications::put(tx, &decided)).await.unwrap();
}

const SHOP: &str = "apl-1111111111111111";
const WIKI: &str = "apl-2222222222222222";
const DESK: &str = "apl-3333333333333333";

on_both_engines!(the_certificate_that_signs_for_an_enabled_application_counts, |fixture| async move {
    registered(&fixture, application(&fixture, SHOP, "Shop", Switch::Enabled)).await;
    registered(&fixture, application(&fixture, DESK, "Desk", Switch::Disabled)).await;
    certificate(&fixture, SHOP, ("aa", 20, true)).await;
    certificate(&fixture, SHOP, ("bb", 10, false)).await;
    certificate(&fixture, DESK, ("cc", 5, true)).await;
    let found = listed(&fixture, 30);
    assert_eq!(
        ids(&found),
        [format!("{SHOP}/aa")],
        "neither one that does not sign nor a disabled application's"
    );
    assert_eq!(found[0].source_name, "Shop");
    assert_eq!(found[0].expires_at, fixture.now.plus(DAY * 20));
    let Credential::ApplicationCertificate { application, .. } = &found[0].credential else {
        panic!("{found:?}")
    };
    assert_eq!(application.instance_id, fixture.instance.id);
    assert_eq!(listed(&fixture, 19), [], "not before");
    assert_eq!(ids(&listed(&fixture.later(DAY * 40), 30)), [format!("{SHOP}/aa")], "it has ended and signs");
    let soon = |fixture: &Fixture| {
        let (cx, at) = (cx(fixture, "Announce"), &fixture.instance.identity_store_id);
        expiring_credentials::soon(&fixture.store, &cx, at, DAY * 30).unwrap()
    };
    assert_eq!(soon(&fixture), found, "whoever announces it hears the same");
});

on_both_engines!(client_secrets_count_where_an_application_proves_itself_by_one, |fixture| async move {
    for (id, name) in [(SHOP, "Shop"), (WIKI, "Wiki"), (DESK, "Desk")] {
        registered(&fixture, application(&fixture, id, name, Switch::Enabled)).await;
    }
    speaks_openid(&fixture, SHOP, "CLIENT_SECRET").await;
    speaks_openid(&fixture, WIKI, "CLIENT_SECRET").await;
    speaks_openid(&fixture, DESK, "PRIVATE_KEY_JWT").await;
    secret(&fixture, SHOP, ("shop-1", Some(3))).await;
    secret(&fixture, SHOP, ("shop-2", None)).await;
    secret(&fixture, WIKI, ("wiki-1", Some(2))).await;
    secret(&fixture, WIKI, ("wiki-2", Some(9))).await;
    secret(&fixture, DESK, ("desk-1", Some(1))).await;
    assert_eq!(ids(&listed(&fixture, 30)), ["wiki-1", "shop-1", "wiki-2"], "one that never ends is none");
    assert_eq!(
        ids(&listed(&fixture.later(DAY * 5), 30)),
        ["wiki-2"],
        "what has another is no news once it ended"
    );
    assert_eq!(ids(&listed(&fixture.later(DAY * 12), 30)), ["wiki-2"], "nothing took its place");
});
