//! Applications that speak SAML: people come from them and go to them, sign out of both; and every way in which what is asked is not theirs, not new, or not
//! for us.

use applications::saml_certificates::{self, NewCertificate};
use http::StatusCode;
use model::applications::saml_application::{
    AssertionEncryption, ContentEncryption, KeyEncryption, NameIdFormat,
};
use saml::algorithm::Accepted;
use saml::answer::{Answer as Said, Holds};
use saml::assertion::Assertion;
use saml::encrypted;
use saml::key::PublicKey;
use saml::redirect::Received;
use saml::status::{NO_PASSIVE, Status};
use saml::verify::verify;
use time::Duration;

use crate::application::{ACS, App, Change, form_of, goes, leads_to, message, now};
use crate::world::{Answer, DISPLAY_NAME, JANE, PASSWORD, World};

const APP: &str = "https://app.example/saml";
const OTHER: &str = "https://other.example/saml";
const PLAIN: Change = |_| ();

async fn refusals(world: &World) -> String {
    let records = world.records().await;
    records
        .iter()
        .filter_map(|record| record["errorMessage"].as_str().map(|text| format!("{text}\n")))
        .collect()
}

async fn federations(world: &World) -> Vec<serde_json::Value> {
    let records = world.records().await.into_iter();
    records.filter(|it| it["eventName"] == "Federate" && it["errorCode"].is_null()).collect()
}

#[tokio::test]
async fn somebody_comes_from_an_application_signs_in_and_goes_back() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.browser();
    let asked = goes(&world, &mut browser, &app.asks(&world, "_q1", PLAIN)).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let page = browser.get(asked.location()).await;
    assert!(page.text.contains("asks you to sign in"), "{}", page.text);
    assert!(page.text.contains("The &#60;application&#62;"), "{}", page.text);
    let back = page.hidden("return_to").replace("&#38;", "&");
    let form = page.filled(&[("username", "jane"), ("password", PASSWORD), ("return_to", &back)]);
    let signed_in = browser.post("/signin", &form).await;
    assert_eq!(signed_in.location(), back);
    let page = browser.get(&back).await;
    assert!(page.text.contains(&format!("action=\"{ACS}\"")), "{}", page.text);
    assert!(page.header("content-security-policy").contains("form-action 'self' https:;"));
    assert_eq!(page.hidden("RelayState"), "deep");
    let told = app.told(&world, &page).await;
    assert_eq!((told.name_id.value.as_str(), told.in_response_to.as_deref()), ("jane", Some("_q1")));
    assert_eq!(told.values("account").collect::<Vec<_>>(), ["acme/jane"]);
    assert_eq!(
        told.authn_context_class.as_deref(),
        Some("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
    );
    let found = federations(&world).await;
    assert_eq!(found.len(), 1);
    let details = &found[0]["serviceEventDetails"];
    assert_eq!(details["application_arn"], app.application.arn().to_string());
    assert_eq!(details["assertion_id"], told.id);
    assert_eq!(found[0]["userIdentity"]["onBehalfOf"]["userId"], JANE);
    assert!(!found[0].to_string().contains(DISPLAY_NAME));
}

#[tokio::test]
async fn a_form_brings_a_request_as_a_query_string_does() {
    let world = World::new().await;
    let app = App::with(&world, APP, |settings| settings.require_signed_requests = true).await;
    let mut browser = world.signed_in().await;
    let asked = world.browser().post(&app.path("assertion"), &app.form(&world, "_q1", PLAIN)).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let page = browser.get(asked.location()).await;
    assert_eq!(app.told(&world, &page).await.in_response_to.as_deref(), Some("_q1"));
    // By its index, in a query string that is signed.
    let second: Change = |new| new.assertion_consumer_service = "https://app.example/acs/second";
    let page = goes(&world, &mut browser, &app.asks_signed(&world, "_q2", second)).await;
    assert!(page.text.contains("action=\"https://app.example/acs/second\""), "{}", page.text);
}

#[tokio::test]
async fn a_tile_leads_to_an_application_that_asked_nothing() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let start = format!("/start/application?id={}", app.application.id);
    let unknown = world.browser().get(&start).await;
    assert!(unknown.location().starts_with("/signin?return_to="), "{}", unknown.location());
    let mut browser = world.signed_in().await;
    let page = browser.get(&start).await;
    let told = app.told(&world, &page).await;
    assert_eq!((told.in_response_to.as_deref(), page.hidden("RelayState").as_str()), (None, "/home"));
    // However often somebody comes, their session is called the same there.
    let again = app.told(&world, &browser.get(&start).await).await;
    assert_eq!(again.session_index, told.session_index);
    assert_ne!(again.id, told.id);
    assert_eq!(federations(&world).await.len(), 2);
}

#[tokio::test]
async fn nobody_is_told_of_who_may_not_use_it() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    world.sql("DELETE FROM application_assignments");
    for at in [app.asks(&world, "_q1", PLAIN), format!("/start/application?id={}", app.application.id)] {
        let page = if at.starts_with("/start") {
            browser.get(&at).await
        } else {
            goes(&world, &mut browser, &at).await
        };
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
        assert!(!page.text.contains("SAMLResponse"));
    }
    assert!(federations(&world).await.is_empty());
    assert!(refusals(&world).await.contains("You may not use The <application>"));
    world.sql("UPDATE applications SET assignment_required = 0, status = 'DISABLED'");
    assert_eq!(browser.get(&app.asks(&world, "_q2", PLAIN)).await.status, StatusCode::FORBIDDEN);
    world.sql("UPDATE applications SET status = 'ENABLED'");
    app.told(&world, &goes(&world, &mut browser, &app.asks(&world, "_q3", PLAIN)).await).await;
}

/// A request is answered once, for whoever brings it.
#[tokio::test]
async fn a_replayed_request_is_not_answered() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let (mut browser, at) = (world.signed_in().await, app.asks(&world, "_q1", PLAIN));
    app.told(&world, &goes(&world, &mut browser, &at).await).await;
    let again = goes(&world, &mut browser, &at).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "{}", again.text);
    assert!(again.text.contains("was answered already"));
    assert_eq!(federations(&world).await.len(), 1);
}

#[tokio::test]
async fn what_is_not_the_applications_not_now_or_not_for_us_is_refused() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let cases: [(Change, &str); 6] = [
        (|new| new.assertion_consumer_service = "https://app.example.evil/acs", "none of the application's"),
        (|new| new.assertion_consumer_service = "https://app.example/acs/", "none of the application's"),
        (|new| new.issuer = "https://evil.example", "it is of https://evil.example"),
        (|new| new.destination = "http://127.0.0.1:8765/saml/assertion/other", "no address of this receiver"),
        (|new| new.issued_at -= Duration::minutes(9), "too long ago"),
        (|new| new.issued_at += Duration::minutes(4), "yet to come"),
    ];
    let mut browser = world.signed_in().await;
    for (change, why) in cases {
        let refused = browser.get(&app.asks(&world, "_q1", change)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{why}: {}", refused.text);
        assert!(
            refused.text.contains(why) || refused.text.contains(&why.replace('\'', "&#39;")),
            "{why}: {}",
            refused.text
        );
    }
    for id in ["apl-0000000000000000", "x", "apl-0000000000000000%2F"] {
        let refused = browser.get(&format!("/saml/assertion/{id}?SAMLRequest=x")).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert!(federations(&world).await.is_empty());
}

#[tokio::test]
async fn a_forged_request_is_refused_where_the_application_has_a_key() {
    let world = World::new().await;
    let (app, other) = (App::new(&world, APP).await, App::new(&world, OTHER).await);
    let mut browser = world.browser();
    // Another's key, and a signature that was taken off or is of something else.
    let forged = App { key: other.key, ..App::new(&world, "https://third.example").await };
    let forged = App { application: app.application.clone(), settings: app.settings.clone(), ..forged };
    let foreign = browser.get(&forged.asks_signed(&world, "_q1", PLAIN)).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    assert!(foreign.text.contains("no known key made it"), "{}", foreign.text);
    let signed = app.asks_signed(&world, "_q2", PLAIN);
    let altered = signed.replace("RelayState=deep", "RelayState=evil");
    assert_eq!(browser.get(&altered).await.status, StatusCode::BAD_REQUEST);
    let within = app.form(&world, "_q3", PLAIN);
    let posted = world.browser().post(&app.path("assertion"), &forged.form(&world, "_q4", PLAIN)).await;
    assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{}", posted.text);
    assert_eq!(world.browser().post(&app.path("assertion"), &within).await.status, StatusCode::SEE_OTHER);
    // Without a signature it is taken, until the application's requests have to be signed.
    assert_eq!(browser.get(&app.asks(&world, "_q5", PLAIN)).await.status, StatusCode::SEE_OTHER);
    app.decide(&world, |settings| settings.require_signed_requests = true).await;
    let refused = browser.get(&app.asks(&world, "_q6", PLAIN)).await;
    assert!(refused.text.contains("it is not signed"), "{}", refused.text);
    let stripped = signed.split("&SigAlg").next().unwrap();
    assert_eq!(browser.get(stripped).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get(&signed).await.status, StatusCode::SEE_OTHER);
}

/// The signed request lies within another that says something else.
#[tokio::test]
async fn a_wrapped_request_is_refused() {
    let world = World::new().await;
    let app = App::with(&world, APP, |settings| settings.require_signed_requests = true).await;
    let honest = app.form(&world, "_q1", PLAIN);
    let text = honest.strip_prefix("SAMLRequest=").unwrap().split('&').next().unwrap();
    let text = percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let text =
        String::from_utf8(base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap())
            .unwrap();
    let second = "https://app.example/acs/second";
    let evil = text
        .replace("ID=\"_q1\"", "ID=\"_evil\"")
        .replace(&format!("URL=\"{ACS}\""), &format!("URL=\"{second}\""));
    let start = evil.find("<ds:Signature").unwrap();
    let end = evil.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let signature =
        text.get(text.find("<ds:Signature").unwrap()..text.find("</ds:Signature>").unwrap() + 15).unwrap();
    let bare = format!("{}{}", &evil[..start], &evil[end..]);
    for wrapped in [
        bare.replace(
            "</samlp:AuthnRequest>",
            &format!("<samlp:Extensions>{text}</samlp:Extensions></samlp:AuthnRequest>"),
        ),
        bare.replace("</saml:Issuer>", &format!("</saml:Issuer>{signature}")),
        bare.replace(
            "</saml:Issuer>",
            &format!(
                "</saml:Issuer>{}",
                signature
                    .replace("</ds:Signature>", &format!("<ds:Object>{text}</ds:Object></ds:Signature>"))
            ),
        ),
        format!("<x>{text}{bare}</x>"),
    ] {
        let refused = world.browser().post(&app.path("assertion"), &form_of(&wrapped)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrapped}");
    }
}

#[tokio::test]
async fn what_is_meant_to_exhaust_is_refused() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.browser();
    let zeros = " ".repeat(20 << 20);
    let bomb = app.asks_by_text(&format!("<a>{zeros}</a>"));
    assert!(bomb.len() < 64_000);
    let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
    let entities = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
    for at in [bomb, app.asks_by_text(&deep), app.asks_by_text(entities)] {
        assert_eq!(browser.get(&at).await.status, StatusCode::BAD_REQUEST);
    }
    for text in [deep.as_str(), entities] {
        assert_eq!(
            browser.post(&app.path("assertion"), &form_of(text)).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let long = app
        .asks(&world, "_q1", PLAIN)
        .replace("RelayState=deep", &format!("RelayState={}", "a".repeat(1_025)));
    assert!(browser.get(&long).await.text.contains("RelayState has 1025 bytes, 1024 at most"));
}

#[tokio::test]
async fn what_was_sealed_is_not_altered_nor_kept_for_ever() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    let at = world.browser().get(&app.asks(&world, "_q1", PLAIN)).await.location().to_owned();
    let altered = at.replace("q=", "q=A");
    assert_eq!(browser.get(&altered).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/saml/continue").await.status, StatusCode::BAD_REQUEST);
    world.clock.advance(std::time::Duration::from_mins(31));
    assert_eq!(browser.get(&at).await.status, StatusCode::BAD_REQUEST);
}

/// The signed answer that an application gets in the place of an assertion.
async fn refused_with(world: &World, app: &App, page: &Answer) -> Status {
    let message = message(page);
    let said = Said::read(&message).unwrap();
    assert_eq!(said.holds, Holds::Nothing);
    let refused = verify(&message, &app.keys(world).await).unwrap_err();
    assert!(matches!(refused, saml::error::Error::Refused(_)), "{refused}");
    said.status
}

#[tokio::test]
async fn an_application_hears_why_nobody_was_signed_in() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let passive = app.asks(&world, "_q1", PLAIN);
    let text = Received::read(passive.split_once('?').unwrap().1).unwrap().message().to_owned();
    let with = |id: &str, from: &str, to: &str| app.asks_by_text(&text.replace("_q1", id).replace(from, to));
    let passive = with("_p1", " Version=", " IsPassive=\"true\" Version=");
    let page = goes(&world, &mut world.browser(), &passive).await;
    assert_eq!(refused_with(&world, &app, &page).await.second.as_deref(), Some(NO_PASSIVE));
    let mut browser = world.signed_in().await;
    let page = goes(&world, &mut browser, &with("_p2", " Version=", " IsPassive=\"true\" Version=")).await;
    app.told(&world, &page).await;
    let inside = |more: &str| format!("{more}</samlp:AuthnRequest>");
    let context = |class: &str| {
        inside(&format!(
            "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{class}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
        ))
    };
    let subject = |name: &str| {
        inside(&format!(
            "<saml:Subject xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:NameID>{name}</saml:NameID></saml:Subject>"
        ))
    };
    let end = "</samlp:AuthnRequest>";
    for (id, from, to, second) in [
        (
            "_p3",
            end,
            inside("<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/>"),
            "InvalidNameIDPolicy",
        ),
        ("_p4", end, context("https://refeds.org/profile/mfa"), "NoAuthnContext"),
        ("_p5", end, subject("joe"), "UnknownPrincipal"),
        ("_p6", "HTTP-POST", "HTTP-Artifact".to_owned(), "UnsupportedBinding"),
    ] {
        let page = goes(&world, &mut browser, &with(id, from, &to)).await;
        let status = refused_with(&world, &app, &page).await;
        assert!(status.second.as_ref().is_some_and(|found| found.ends_with(second)), "{status}");
    }
    let password = context("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport");
    app.told(&world, &goes(&world, &mut browser, &with("_p7", end, &password)).await).await;
    app.told(&world, &goes(&world, &mut browser, &with("_p8", end, &subject("Jane"))).await).await;
    let told = refusals(&world).await;
    assert!(told.contains("another person was asked for"), "{told}");
}

#[tokio::test]
async fn who_must_sign_in_anew_proves_themselves_again() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    world.clock.advance(std::time::Duration::from_mins(1));
    let at = app.asks(&world, "_q1", |new| new.force_authn = true);
    let asked = world.browser().get(&at).await.location().to_owned();
    let first = browser.get(&asked).await;
    assert!(first.location().starts_with("/signin/verify?return_to="), "{}", first.location());
    let page = browser.get(first.location()).await;
    let back = page.hidden("return_to").replace("&#38;", "&");
    let proved =
        browser.post("/signin/verify", &page.filled(&[("password", PASSWORD), ("return_to", &back)])).await;
    assert_eq!(proved.location(), asked, "{}", proved.text);
    let told = app.told(&world, &browser.get(&asked).await).await;
    assert_eq!(told.authn_instant, Some(now(&world)));
}

#[tokio::test]
async fn an_encrypted_assertion_is_for_the_application_alone() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    for (id, content) in [("_q1", ContentEncryption::Aes256Gcm), ("_q2", ContentEncryption::Aes128Cbc)] {
        let pem = app.pem.clone();
        app.decide(&world, |settings| {
            settings.sign_responses = true;
            settings.encryption =
                Some(AssertionEncryption { certificate: pem, content, key: KeyEncryption::OaepMgf1p });
        })
        .await;
        let page = goes(&world, &mut browser, &app.asks(&world, id, PLAIN)).await;
        let message = message(&page);
        assert!(!message.contains("jane"));
        let accepted = Accepted::default().and_cbc(true);
        let keys = app.keys(&world).await;
        let opened = encrypted::open(&message, std::slice::from_ref(&app.opens), &keys, accepted).unwrap();
        let told = Assertion::read(&opened).unwrap();
        app.check(&world, &told);
        assert_eq!(told.name_id.value, "jane");
    }
}

#[tokio::test]
async fn a_transient_name_says_nothing_and_stays_for_the_session() {
    let world = World::new().await;
    let app = App::with(&world, APP, |settings| settings.subject.format = NameIdFormat::Transient).await;
    let (mut one, mut other) = (world.signed_in().await, world.signed_in().await);
    let start = format!("/start/application?id={}", app.application.id);
    let first = app.told(&world, &one.get(&start).await).await.name_id.value;
    assert_eq!(app.told(&world, &one.get(&start).await).await.name_id.value, first);
    assert_ne!(app.told(&world, &other.get(&start).await).await.name_id.value, first);
    assert!(!first.contains("jane") && first.len() > 30);
}

#[tokio::test]
async fn a_key_takes_the_place_of_another_without_a_gap_and_is_of_one_application() {
    let world = World::new().await;
    let (app, other) = (App::new(&world, APP).await, App::new(&world, OTHER).await);
    let mut browser = world.signed_in().await;
    let arn = app.application.arn();
    let before = app.keys(&world).await;
    assert_eq!(before.len(), 1);
    assert_ne!(other.keys(&world).await, before);
    let (store, cx) = (&world.portal.store, |name| world.root(name));
    let made = saml_certificates::create(
        store,
        &cx("CreateApplicationInstanceCertificate"),
        &arn,
        NewCertificate::default(),
    )
    .await
    .unwrap();
    let full = saml_certificates::create(
        store,
        &cx("CreateApplicationInstanceCertificate"),
        &arn,
        NewCertificate::default(),
    )
    .await;
    assert!(full.unwrap_err().message().contains("at most 2 certificates"));
    // It is told of before it signs.
    assert_eq!(app.keys(&world).await.len(), 2);
    let signed_by =
        |page: &Answer, key: &PublicKey| verify(&message(page), std::slice::from_ref(key)).is_ok();
    let start = format!("/start/application?id={}", app.application.id);
    let next = PublicKey::from_certificate(&made.der).unwrap();
    let page = browser.get(&start).await;
    assert!(signed_by(&page, &before[0]) && !signed_by(&page, &next));
    saml_certificates::activate(
        store,
        &cx("UpdateApplicationInstanceActiveCertificate"),
        &arn,
        made.id.clone(),
    )
    .await
    .unwrap();
    let page = browser.get(&start).await;
    assert!(signed_by(&page, &next) && !signed_by(&page, &before[0]));
    let held = saml_certificates::list(store, &cx("ListApplicationInstanceCertificates"), &arn).unwrap();
    let gone = held.iter().find(|held| !held.is_active).unwrap().id.clone();
    let stays =
        saml_certificates::delete(store, &cx("DeleteApplicationInstanceCertificate"), &arn, made.id.clone())
            .await;
    assert!(stays.unwrap_err().message().contains("stays"));
    saml_certificates::delete(store, &cx("DeleteApplicationInstanceCertificate"), &arn, gone).await.unwrap();
    assert_eq!(app.keys(&world).await, [next]);
    // Nothing of it lies open in the database, and no key is the one that accounts trust.
    let sealed = world.rows("SELECT certificate_id, hex(sealed_private_key) FROM saml_certificates");
    assert!(sealed.iter().all(|(_, sealed)| sealed.len() > 500));
    let trusted = world.rows("SELECT hex(certificate), purpose FROM signing_keys");
    let ours = world.rows("SELECT hex(certificate), key_kind FROM saml_certificates");
    assert!(ours.iter().all(|(der, _)| trusted.iter().all(|(other, _)| other != der)));
}

#[tokio::test]
async fn the_portal_shows_what_a_person_may_use() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    let page = browser.get("/start").await;
    assert!(
        page.text.contains(&format!("href=\"/start/application?id={}\"", app.application.id)),
        "{}",
        page.text
    );
    assert!(page.text.contains("The &#60;application&#62;") && !page.text.contains("The <application>"));
    assert!(!page.text.contains("You have no accounts"), "{}", page.text);
    for change in [
        "UPDATE applications SET visibility = 'DISABLED'",
        "UPDATE applications SET visibility = 'ENABLED', status = 'DISABLED'",
        "UPDATE applications SET status = 'ENABLED'; DELETE FROM application_assignments",
    ] {
        world.sql(change);
        assert!(!browser.get("/start").await.text.contains("/start/application"), "{change}");
    }
    // One where a sign-in begins at the application itself is opened there.
    world.sql("UPDATE applications SET assignment_required = 0, sign_in_origin = 'APPLICATION', application_url = 'https://app.example/login'");
    assert!(browser.get("/start").await.text.contains("/start/application"));
    let page = browser.get(&format!("/start/application?id={}", app.application.id)).await;
    assert_eq!(leads_to(&page), "https://app.example/login");
    world.sql("UPDATE applications SET assignment_required = 1");
    let refused = browser.get(&format!("/start/application?id={}", app.application.id)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.text.contains("https://app.example/login"));
}

#[tokio::test]
async fn what_an_application_would_be_told_is_shown_and_worth_nothing() {
    let world = World::new().await;
    let app = App::with(&world, APP, |settings| settings.sign_responses = true).await;
    let at = format!("/start/application/test?id={}", app.application.id);
    assert!(world.browser().get(&at).await.location().starts_with("/signin?return_to="));
    let mut browser = world.signed_in().await;
    let page = browser.get(&at).await;
    assert!(page.text.contains("<code>acme/jane</code>"), "{}", page.text);
    let (_, shown) = page.text.split_once("<pre tabindex=\"0\">").unwrap();
    let shown = shown.split_once("</pre>").unwrap().0;
    let text = shown.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&");
    assert_eq!(text.matches("<ds:SignatureValue>…</ds:SignatureValue>").count(), 2);
    assert!(verify(&text, &app.keys(&world).await).is_err());
    assert!(federations(&world).await.is_empty());
    world.sql("DELETE FROM application_assignments");
    assert_eq!(browser.get(&at).await.status, StatusCode::FORBIDDEN);
}
