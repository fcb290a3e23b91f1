//! Providers that speak OpenID Connect: discovered when they are connected, their secret kept sealed and never shown.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::fault::FaultKind;
use model::secret::Secret;
use model::sources::external_idp::{ClientAuthentication, ExternalIdpSettings, OidcIdp, Protocol};
use serde_json::Value;
use sources::external_idps::{self, NewExternalIdp};
use sources::external_logouts;
use sources::our_side::{self, Presented};
use sources::told::Told;
use testkit::fixture::Fixture;
use testkit::on_both_engines;
use testkit::provider::{KEY_SET, Provider, certificate, metadata, outbound};

use crate::support::{ENTITY, at, by_text, create, cx, describe, invalid, ours, settings, update};

fn openid(issuer: &str, authentication: ClientAuthentication, secret: Option<&str>) -> NewExternalIdp {
    let scopes = vec!["email".to_owned(), "profile".to_owned()];
    let oidc = OidcIdp { client_id: "portico".to_owned(), authentication, scopes };
    NewExternalIdp {
        settings: ExternalIdpSettings { protocol: Protocol::Oidc(oidc), ..settings() },
        metadata: None,
        issuer: Some(issuer.to_owned()),
        client_secret: secret.map(Secret::new),
    }
}

on_both_engines!(a_provider_is_discovered_and_its_secret_is_sealed, |fixture| async move {
    let provider = Provider::start().await;
    provider.speak_openid();
    let new = openid(&provider.url, ClientAuthentication::Basic, Some("a secret of the provider"));
    let made = create(&fixture, new).await.unwrap();
    let shown = describe(&fixture, &made.id).unwrap();
    assert!(shown.has_secret && !format!("{shown:?}").contains("a secret of the provider"));
    let Told::Oidc(said) = shown.told else { panic!("{shown:?}") };
    assert_eq!(said.token_endpoint, format!("{}/token", provider.url));
    let kept = fixture.store.read(|rx| Ok(store::sources::external_idps::kept(rx, &made.id)?)).unwrap();
    let kept = kept.unwrap();
    let sealed = kept.sealed_secret.unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
    assert!(kept.key_set.is_some_and(|keys| keys.contains("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")));
    let call = cx(&fixture, "GetAWSSPConfigurationForDirectory");
    let told = our_side::present(&fixture.store, &call, &ours(), (&at(&fixture), &made.id)).unwrap();
    let Presented::Oidc { redirect_uri, backchannel_logout_uri } = told else { panic!("{told:?}") };
    assert_eq!(redirect_uri, ours().redirect_uri());
    assert!(backchannel_logout_uri.ends_with(made.id.as_str()));
    // Without a secret the one before stays; who needs none has none.
    update(&fixture, &made.id, openid(&provider.url, ClientAuthentication::Post, None)).await.unwrap();
    assert!(describe(&fixture, &made.id).unwrap().has_secret);
    update(&fixture, &made.id, openid(&provider.url, ClientAuthentication::Nothing, None)).await.unwrap();
    assert!(!describe(&fixture, &made.id).unwrap().has_secret);
    let without = openid(&provider.url, ClientAuthentication::Basic, None);
    assert!(invalid(update(&fixture, &made.id, without).await).contains("ClientSecret"));
});

on_both_engines!(what_an_openid_provider_cannot_be_is_refused, |fixture| async move {
    let provider = Provider::start().await;
    let url = provider.url.as_str();
    let none = openid(url, ClientAuthentication::Nothing, None);
    assert!(invalid(create(&fixture, none.clone()).await).contains("404"));
    provider.speak_openid();
    let secret_for_nothing = openid(url, ClientAuthentication::Nothing, Some("x"));
    assert!(invalid(create(&fixture, secret_for_nothing).await).contains("ClientSecret"));
    assert!(
        invalid(create(&fixture, openid(url, ClientAuthentication::Basic, None)).await)
            .contains("ClientSecret")
    );
    let slash = openid(&format!("{url}/"), ClientAuthentication::Nothing, None);
    assert!(invalid(create(&fixture, slash).await).starts_with("Issuer: "));
    let plain = openid("http://idp.acme.example", ClientAuthentication::Nothing, None);
    assert!(invalid(create(&fixture, plain).await).contains("https://"));
    assert!(invalid(create(&fixture.strict(), none.clone()).await).contains("strict mode"));
    for (word, oidc) in [
        (
            "Scopes",
            OidcIdp {
                client_id: "c".to_owned(),
                authentication: ClientAuthentication::Nothing,
                scopes: vec!["a b".to_owned()],
            },
        ),
        (
            "ClientId",
            OidcIdp {
                client_id: String::new(),
                authentication: ClientAuthentication::Nothing,
                scopes: Vec::new(),
            },
        ),
    ] {
        let settings = ExternalIdpSettings { protocol: Protocol::Oidc(oidc), ..settings() };
        let refusal = invalid(create(&fixture, NewExternalIdp { settings, ..none.clone() }).await);
        assert!(refusal.contains(word), "{refusal}");
    }
    let made = create(&fixture, none.clone()).await.unwrap();
    let other = NewExternalIdp { issuer: Some("https://other.example".to_owned()), ..none };
    assert!(invalid(update(&fixture, &made.id, other).await).contains(url));
});

on_both_engines!(a_provider_that_is_asked_again_brings_its_new_keys, |fixture| async move {
    let provider = Provider::start().await;
    provider.speak_openid();
    let made = create(&fixture, openid(&provider.url, ClientAuthentication::Nothing, None)).await.unwrap();
    provider.say("/keys", &KEY_SET.replace(r#""kid":"1""#, r#""kid":"2""#));
    let call = cx(&fixture, "RefreshExternalIdPMetadata");
    let (store_at, id) = (at(&fixture), made.id);
    external_idps::refresh(&fixture.store, &call, &outbound(), (&store_at, &id)).await.unwrap();
    let keys = || {
        let kept = fixture.store.read(|rx| Ok(store::sources::external_idps::kept(rx, &id)?));
        kept.unwrap().unwrap().key_set.unwrap()
    };
    assert!(keys().contains(r#""kid":"2""#), "{}", keys());
    // What it says now cannot be used: what it said before counts.
    provider.say("/keys", r#"{"keys":[]}"#);
    let refused = external_idps::refresh(&fixture.store, &call, &outbound(), (&store_at, &id)).await;
    assert!(invalid(refused).starts_with("Issuer: "));
    assert!(keys().contains(r#""kid":"2""#));
});

on_both_engines!(
    tokens_of_unknown_keys_have_keys_asked_for_a_few_times_and_then_once_a_minute,
    |fixture| async move {
        let provider = Provider::start().await;
        provider.speak_openid();
        let made =
            create(&fixture, openid(&provider.url, ClientAuthentication::Nothing, None)).await.unwrap();
        let text = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signature = URL_SAFE_NO_PAD.encode([7; 64]);
        let token = format!("{}.{}.{signature}", text(r#"{"alg":"ES256","kid":"unheard of"}"#), text("{}"));
        // Right after it was connected: its keys may be other ones a moment later.
        let asked = async |fixture: &Fixture, tokens: usize| {
            let before = provider.asked();
            for _ in 0..tokens {
                let call = cx(fixture, "Logout");
                let told =
                    external_logouts::by_token(&fixture.store, &call, (&outbound(), &made.id), &token).await;
                assert_eq!(*told.unwrap_err().kind(), FaultKind::Validation);
            }
            provider.asked() - before
        };
        assert_eq!(asked(&fixture, 1).await, 1);
        assert_eq!(asked(&fixture, 5).await, 2);
        let later = |seconds| fixture.later(Duration::from_secs(seconds));
        assert_eq!(asked(&later(59), 1).await, 0);
        assert_eq!(asked(&later(60), 5).await, 1);
        assert_eq!(asked(&later(600), 5).await, 3);
        // A clock that is set back does not hold them up.
        assert_eq!(asked(&fixture, 5).await, 3);
    }
);

on_both_engines!(metadata_that_is_given_as_text_stands_in_the_record_by_its_digest, |fixture| async move {
    let metadata = metadata(ENTITY, &[&certificate()]);
    create(&fixture, by_text(&metadata)).await.unwrap();
    let records =
        fixture.store.read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 99)?)).unwrap();
    let name = "CreateExternalIdPConfigurationForDirectory";
    let record = records.into_iter().find(|record| record.event_name == name).unwrap();
    let said: Value = serde_json::from_str(&record.json).unwrap();
    let told = &said["serviceEventDetails"]["metadata"];
    assert_eq!(told["bytes"], metadata.len(), "{said}");
    assert_eq!(told["sha256"].as_str().map(str::len), Some(64), "{said}");
});
