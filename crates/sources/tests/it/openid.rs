//! Providers that speak OpenID Connect: discovered when they are connected, their secret kept sealed and never shown.

use model::secret::Secret;
use model::sources::external_idp::{ClientAuthentication, ExternalIdpSettings, OidcIdp, Protocol};
use sources::external_idps::{self, NewExternalIdp};
use sources::our_side::{self, Presented};
use sources::told::Told;
use testkit::on_both_engines;
use testkit::provider::{KEY_SET, Provider, outbound};

use crate::support::{at, create, cx, describe, invalid, ours, settings, update};

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
