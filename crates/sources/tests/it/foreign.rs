//! Metadata of the shapes that well-known providers write, with invented names and keys: what they say beside what is needed is passed over, and what is
//! missing is said.

use model::sources::external_idp::ExternalIdp;
use sources::external_idps::NewExternalIdp;
use sources::told::Told;
use testkit::fixture::Fixture;
use testkit::on_both_engines;
use testkit::provider::certificate;

use crate::support::{by_text, create, describe, invalid};

const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// As SimpleSAMLphp: two uses of one key, a transient NameID, an organization and a contact.
fn simplesaml(key: &str) -> String {
    format!(
        r#"<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example/simplesaml/module.php/saml/idp/metadata">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{key}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{key}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="{REDIRECT}" Location="https://idp.example/simplesaml/module.php/saml/idp/singleLogout"/>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:SingleSignOnService Binding="{REDIRECT}" Location="https://idp.example/simplesaml/module.php/saml/idp/singleSignOnService"/>
  </md:IDPSSODescriptor>
  <md:Organization><md:OrganizationName xml:lang="en">Example</md:OrganizationName><md:OrganizationDisplayName xml:lang="en">Example</md:OrganizationDisplayName><md:OrganizationURL xml:lang="en">https://example.com/</md:OrganizationURL></md:Organization>
  <md:ContactPerson contactType="technical"><md:GivenName>Administrator</md:GivenName><md:EmailAddress>mailto:na@example.org</md:EmailAddress></md:ContactPerson>
</md:EntityDescriptor>"#
    )
}

/// As Entra ID: roles of WS-Federation beside that of SAML, claims described, no namespace prefix.
fn entra(key: &str) -> String {
    let tenant = "https://sts.windows.net/11111111-2222-3333-4444-555555555555/";
    let saml2 = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/saml2";
    format!(
        r#"<EntityDescriptor ID="_aaaa" entityID="{tenant}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">
  <RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{key}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <fed:ClaimTypesOffered><auth:ClaimType Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"><auth:DisplayName>Name</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered>
  </RoleDescriptor>
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{key}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleLogoutService Binding="{REDIRECT}" Location="{saml2}"/>
    <SingleSignOnService Binding="{REDIRECT}" Location="{saml2}"/>
    <SingleSignOnService Binding="{POST}" Location="{saml2}"/>
  </IDPSSODescriptor>
</EntityDescriptor>"#
    )
}

/// As Okta: signed requests are not wanted in so many words, the certificate is broken into lines, no sign-out.
fn okta(key: &str) -> String {
    let lines: Vec<&str> = key.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="http://www.okta.com/exkexample" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat><md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat><md:SingleSignOnService Binding="{POST}" Location="https://example.okta.com/app/exkexample/sso/saml"/><md:SingleSignOnService Binding="{REDIRECT}" Location="https://example.okta.com/app/exkexample/sso/saml"/></md:IDPSSODescriptor></md:EntityDescriptor>"#,
        lines.join("\n")
    )
}

async fn connected(fixture: &Fixture, text: &str) -> (ExternalIdp, usize) {
    let mut new = by_text(text);
    // A domain leads to one provider.
    new.settings.domains = vec![format!("of-{}-letters.example", text.len())];
    let made = create(fixture, new).await.unwrap();
    let Told::Saml(said) = describe(fixture, &made.id).unwrap().told else { panic!() };
    (made, said.single_sign_on.len())
}

on_both_engines!(metadata_of_well_known_shapes_is_read, |fixture| async move {
    for (text, issuer, addresses) in [
        (
            simplesaml(&certificate().to_base64()),
            "https://idp.example/simplesaml/module.php/saml/idp/metadata",
            1,
        ),
        (
            entra(&certificate().to_base64()),
            "https://sts.windows.net/11111111-2222-3333-4444-555555555555/",
            2,
        ),
        (okta(&certificate().to_base64()), "http://www.okta.com/exkexample", 2),
    ] {
        let (made, found) = connected(&fixture, &text).await;
        assert_eq!((made.issuer.as_str(), found), (issuer, addresses));
    }
});

on_both_engines!(one_of_several_entities_is_named, |fixture| async move {
    let key = certificate().to_base64();
    let one = |text: String| text.split_once("?>").map_or(text.clone(), |(_, rest)| rest.to_owned());
    let all = format!(
        r#"<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{}{}</md:EntitiesDescriptor>"#,
        one(simplesaml(&key)),
        one(okta(&key))
    );
    invalid(create(&fixture, by_text(&all)).await);
    let named = |issuer: &str| NewExternalIdp { issuer: Some(issuer.to_owned()), ..by_text(&all) };
    let made = create(&fixture, named("http://www.okta.com/exkexample")).await.unwrap();
    assert_eq!(made.issuer, "http://www.okta.com/exkexample");
    invalid(create(&fixture, named("https://nobody.example")).await);
    // It is found again in its document.
    describe(&fixture, &made.id).unwrap();
});

on_both_engines!(metadata_that_cannot_be_used_says_why, |fixture| async move {
    let key = certificate().to_base64();
    let whole = okta(&key);
    let over = whole.replace("entityID=", r#"validUntil="2020-01-01T00:00:00Z" entityID="#);
    let called = |issuer: &str| whole.replace("http://www.okta.com/exkexample", issuer);
    let artifact = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";
    let by_artifact = whole.replace(REDIRECT, artifact).replace(POST, artifact);
    for (word, text) in [
        ("XML", "this is no XML".to_owned()),
        ("validUntil", over),
        ("gives to sources", called("urn:portico:directory:00000000-0000-4000-8000-000000000000")),
        (
            "gives to sources",
            called("https://scim.us-east-1.amazonaws.com/00000000000-0000-0000-0000-000000000000/scim/v2"),
        ),
        ("SingleSignOnService", by_artifact),
        ("262144", " ".repeat(262_145)),
        ("256 characters", called(&format!("urn:{}", "x".repeat(256)))),
    ] {
        let refusal = invalid(create(&fixture, by_text(&text)).await);
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
});
