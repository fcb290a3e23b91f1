//! Signing in by a SAML provider, which these tests play with the kit's own pen: the way there and back, who is let in, and every way in which an answer is
//! not theirs, not new, or not for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use model::directory::owner::Owner;
use model::sources::directory::DirectoryId;
use model::sources::external_idp::{
    Arrivals, AttributeRule, ExternalIdpSettings, GroupRule, Protocol, SamlIdp, TagRule,
};
use saml::logout::NewLogoutRequest;
use saml::name_id::NameId;
use saml::redirect::{Outgoing, Parameter, Received};
use store::directory::external_ids::Holder;
use time::Duration;

use crate::provider::{EMAIL, ENTITY, Idp, Play, SIGN_OUT, Said, settings};
use crate::world::{JANE, PASSWORD, World, encode};

#[tokio::test]
async fn somebody_signs_in_at_the_provider_and_comes_back_to_where_they_were_going() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    let back = play.enter(&mut browser, "_a", "jane", &[]).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/security"));
    assert_eq!(browser.get("/security").await.status, StatusCode::OK);
    assert_eq!(play.sessions()[0].0, "[\"EXTERNAL_IDP\"]");
    let records = play.world.records().await;
    let signed = records.iter().find(|record| record["eventName"] == "UserAuthentication").unwrap();
    assert_eq!(signed["additionalEventData"]["CredentialType"], "EXTERNAL_IDP");
    assert_eq!(signed["additionalEventData"]["IdentityProvider"], play.kept.id.as_str());
}

#[tokio::test]
async fn an_answer_is_only_for_the_browser_that_asked_and_only_once() {
    let play = Play::new(settings()).await;
    let (mut asked, mut other) = (play.world.browser(), play.world.browser());
    let request = play.ask(&mut asked).await;
    let form = play.said("_a", "jane", Some(&request.id)).form(&play.idp);
    let posted = play.post(&form).await;
    let at = posted.location().to_owned();
    let stolen = other.get(&at).await;
    play.refusals().await;
    assert_eq!(stolen.status, StatusCode::UNAUTHORIZED);
    assert!(!other.cookies.contains_key("portico"));
    // Another browser that asked as well has another question.
    play.ask(&mut other).await;
    assert_eq!(other.get(&at).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(asked.get(&at).await.location(), "/security");
    assert_eq!(asked.get(&at).await.status, StatusCode::UNAUTHORIZED, "a ticket is used once");
    // What strangers are refused is counted where it repeats.
    play.refusals().await;
    let again = play.post(&form).await;
    assert!(again.location().contains("refused="), "{}", again.location());
    assert!(play.refusals().await.contains("was used before"));
    assert_eq!(play.sessions().len(), 1);
}

#[tokio::test]
async fn who_proves_themselves_again_has_signed_in_at_the_provider_again() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    play.enter(&mut browser, "_a", "jane", &[]).await;
    let path = format!("/signin/external?idp={}&return_to=%2Fstart&again=1", play.kept.id);
    for (id, minutes, is_proved) in [("_b", 4, false), ("_c", 0, true)] {
        let request = play.ask_at(&mut browser, &path).await;
        assert!(request.force_authn);
        let now = play.now() - Duration::minutes(minutes);
        let said = Said { now, ..play.said(id, "jane", Some(&request.id)) };
        let posted = play.post(&said.form(&play.idp)).await;
        let back = browser.get(posted.location()).await;
        assert_eq!(back.status == StatusCode::SEE_OTHER, is_proved, "{}", back.text);
    }
    assert!(play.refusals().await.contains("AuthnInstant"));
}

#[tokio::test]
async fn what_is_not_for_us_not_now_or_not_signed_is_refused_with_a_reason_that_only_the_trail_tells() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    let request = play.ask(&mut browser).await;
    let to = Some(request.id.as_str());
    let right = || play.said("_a", "jane", to);
    let hour = Duration::hours(1);
    let forged = Idp::new();
    let cases = [
        (Said { audience: "https://other.example".to_owned(), ..right() }.form(&play.idp), "audience"),
        (
            Said { recipient: "https://other.example/acs".to_owned(), ..right() }.form(&play.idp),
            "other.example/acs",
        ),
        (Said { now: play.now() - hour, ..right() }.form(&play.idp), "expired"),
        (Said { now: play.now() + hour, ..right() }.form(&play.idp), "not valid before"),
        (Said { ends: Some(play.now() - hour), ..right() }.form(&play.idp), "SessionNotOnOrAfter"),
        (Said { to: None, ..right() }.form(&play.idp), "AllowUnsolicited"),
        (right().form(&forged), "no known key"),
        ("SAMLResponse=!".to_owned(), "base64"),
        (format!("SAMLResponse={}", encode(&STANDARD.encode("<a/>"))), "Response"),
        (String::new(), "base64"),
    ];
    for (form, why) in &cases {
        let refused = play.post(form).await;
        let shown = match refused.status {
            StatusCode::SEE_OTHER => browser.get(refused.location()).await,
            _ => refused,
        };
        assert_eq!(shown.status, StatusCode::UNAUTHORIZED, "{why}");
        assert!(shown.text.contains("Signing in with Acme did not work"), "{why}: {}", shown.text);
        assert!(!shown.text.contains(why) || *why == "Response", "{why}");
        let told = play.refusals().await;
        assert!(told.contains(why), "{why}: {told}");
    }
    assert!(play.sessions().is_empty() && !browser.cookies.contains_key("portico"));
}

#[tokio::test]
async fn who_is_not_here_or_disabled_hears_the_same() {
    let play = Play::new(settings()).await;
    let unknown = play.enter(&mut play.world.browser(), "_a", "nobody@acme.example", &[]).await;
    play.world.sql("UPDATE users SET status = 'DISABLED'");
    let disabled = play.enter(&mut play.world.browser(), "_b", "jane", &[]).await;
    for answer in [&unknown, &disabled] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text.contains("Signing in with Acme did not work"));
    }
    let told = play.refusals().await;
    assert!(
        told.contains("nobody here has the user name nobody@acme.example")
            && told.contains("jane is disabled")
    );
    assert!(play.sessions().is_empty());
}

#[tokio::test]
async fn a_provider_speaks_for_its_own_domains_alone() {
    let play = Play::new(ExternalIdpSettings {
        domains: vec!["acme.example".to_owned()],
        any_domain: false,
        ..settings()
    })
    .await;
    let answer = play.enter(&mut play.world.browser(), "_a", "jane", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "jane is of no domain: another source's");
    assert!(play.refusals().await.contains("does not speak for them"));
}

#[tokio::test]
async fn the_directory_that_somebody_is_of_is_asked_too() {
    let play = Play::new(settings()).await;
    let directory = DirectoryId::trusted("3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10");
    let owner = Owner { source: directory.issuer(), since: play.kept.created_at, disabled_here_at: None };
    let own = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        store::directory::owners::put(tx, Holder::User, JANE, &owner)
    };
    play.world.portal.store.maintain(&play.world.root("Setup"), own).await.unwrap();
    let answer = play.enter(&mut play.world.browser(), "_a", "jane", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text.contains("directory does not answer"), "{}", answer.text);
    assert!(play.refusals().await.contains("was not read in it yet"));
    assert!(play.sessions().is_empty());
}

#[tokio::test]
async fn the_name_leads_to_the_provider_of_its_domain_and_a_password_does_not_help() {
    let play = Play::new(ExternalIdpSettings {
        domains: vec!["acme.example".to_owned()],
        any_domain: false,
        required: true,
        ..settings()
    })
    .await;
    let mut browser = play.world.browser();
    let page = browser.get("/signin").await;
    assert!(!page.text.contains("type=\"password\""), "the name comes first");
    let named = browser.post("/signin", &page.filled(&[("username", "Eve@ACME.example")])).await;
    assert!(named.text.contains("/signin/external?idp="), "{}", named.text);
    let local = browser.post("/signin", &page.filled(&[("username", "jane")])).await;
    assert!(local.text.contains("type=\"password\"") && local.text.contains("value=\"jane\""));
    let form = page.filled(&[("username", "eve@acme.example"), ("password", PASSWORD)]);
    let refused = browser.post("/signin", &form).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.text.contains("sign in with Acme, not with a password"), "{}", refused.text);
    let form = page.filled(&[("username", "jane"), ("password", PASSWORD)]);
    assert_eq!(browser.post("/signin", &form).await.location(), "/start");
}

#[tokio::test]
async fn a_sign_in_that_begins_at_the_provider_is_asked_about() {
    let play = Play::new(ExternalIdpSettings {
        protocol: Protocol::Saml(SamlIdp { allow_unsolicited: true, ..SamlIdp::default() }),
        ..settings()
    })
    .await;
    let mut browser = play.world.browser();
    let posted =
        play.post(&(play.said("_a", "jane", None).form(&play.idp) + "&RelayState=%2Fsecurity")).await;
    let page = browser.get(posted.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Acme says that you are jane"), "{}", page.text);
    assert!(!browser.cookies.contains_key("portico"), "nobody is signed in by a look");
    let fields = [("ticket", &*page.hidden("ticket")), ("return_to", &*page.hidden("return_to"))];
    let forged = play.world.browser().post("/signin/external/finish", &page.filled(&fields)).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "another site cannot send it");
    let answer = browser.post("/signin/external/finish", &page.filled(&fields)).await;
    assert_eq!(answer.location(), "/security");
}

#[tokio::test]
async fn who_comes_first_is_made_by_the_rules_and_what_they_say_later_counts() {
    const GROUP: &str = "22222222-2222-4222-8222-222222222222";
    let rule = |attribute: &str, from: &str| AttributeRule {
        attribute: attribute.to_owned(),
        from: from.to_owned(),
    };
    let world = World::new().await;
    let store = world.portal.instance.identity_store_id.as_str();
    world.sql(&format!(
        "INSERT INTO groups (group_id, identity_store_id, display_name, display_name_key, revision, created_at, created_by, updated_at, updated_by)
         VALUES ('{GROUP}', '{store}', 'engineers', 'engineers', 1, 0, '', 0, '')"
    ));
    let play = Play::within(
        world,
        ExternalIdpSettings {
            domains: vec!["acme.example".to_owned()],
            any_domain: false,
            arrivals: Arrivals {
                create: true,
                update: true,
                attributes: vec![
                    rule("displayName", "cn"),
                    rule("emails.value", "mail"),
                    rule("title", "job"),
                ],
                groups_from: Some("groups".to_owned()),
                groups: vec![GroupRule { value: "eng".to_owned(), group_id: GROUP.to_owned() }],
            },
            tags: vec![TagRule { key: "Team".to_owned(), from: "groups".to_owned() }],
            ..settings()
        },
    )
    .await;
    let first: &[(&str, &[&str])] = &[
        ("cn", &["Eve Acme"]),
        ("mail", &["eve@acme.example"]),
        ("groups", &["eng", "other"]),
        ("https://aws.amazon.com/SAML/Attributes/AccessControl:CostCenter", &["42"]),
    ];
    let back = play.enter(&mut play.world.browser(), "_a", "eve@acme.example", first).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", play.refusals().await);
    let people = |play: &Play| {
        play.world.rows(
            "SELECT display_name, COALESCE(email_key, '') FROM users WHERE user_name = 'eve@acme.example'",
        )
    };
    assert_eq!(people(&play), [("Eve Acme".to_owned(), "eve@acme.example".to_owned())]);
    let members = |play: &Play| play.world.rows("SELECT group_id, created_by FROM memberships").len();
    assert_eq!(members(&play), 1);
    assert_eq!(play.sessions()[0].1, r#"{"CostCenter":"42","Team":"eng:other"}"#);
    let links = play.world.rows("SELECT issuer, external_id FROM external_ids");
    assert_eq!(links, [(ENTITY.to_owned(), "eve@acme.example".to_owned())]);
    let later: &[(&str, &[&str])] = &[("cn", &["Eve A."])];
    play.enter(&mut play.world.browser(), "_b", "eve@acme.example", later).await;
    assert_eq!(people(&play)[0].0, "Eve A.");
    assert_eq!(members(&play), 0, "who comes without the value leaves the group");
    // Nothing is written of somebody who is as they should be.
    let before =
        play.world.rows("SELECT CAST(revision AS TEXT), '' FROM users WHERE user_name = 'eve@acme.example'");
    play.enter(&mut play.world.browser(), "_c", "eve@acme.example", later).await;
    assert_eq!(
        play.world.rows("SELECT CAST(revision AS TEXT), '' FROM users WHERE user_name = 'eve@acme.example'"),
        before
    );
}

#[tokio::test]
async fn a_session_ends_when_the_provider_says_so() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    let request = play.ask(&mut browser).await;
    let ends = Some(play.now() + Duration::minutes(10));
    let said = Said { ends, ..play.said("_a", "jane", Some(&request.id)) };
    let posted = play.post(&said.form(&play.idp)).await;
    browser.get(posted.location()).await;
    assert_eq!(browser.get("/security").await.status, StatusCode::OK);
    play.world.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(browser.get("/security").await.status, StatusCode::SEE_OTHER, "it is over");
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_the_session_here_before_it_is_answered() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    play.enter(&mut browser, "_a", "jane", &[]).await;
    let path = format!("/platform/saml/slo/{}", play.kept.id);
    let destination = format!("{}{path}", play.world.portal.signin.portal_base_url);
    let jane = NameId {
        value: "jane".to_owned(),
        format: Some(EMAIL.to_owned()),
        qualifier: None,
        sp_qualifier: None,
    };
    let request = NewLogoutRequest {
        id: "_out",
        issuer: ENTITY,
        issued_at: play.now(),
        destination: &destination,
        not_on_or_after: Some(play.now() + Duration::minutes(5)),
        name_id: &jane,
        session_indexes: &[],
    };
    let message = request.write().unwrap();
    let outgoing = Outgoing {
        location: &destination,
        parameter: Parameter::Request,
        message: &message,
        relay_state: Some("x"),
    };
    let forged = outgoing.signed_url(&Idp::new().key).unwrap();
    let local = |url: &str| url.strip_prefix(&*play.world.portal.signin.portal_base_url).unwrap().to_owned();
    assert_eq!(play.world.browser().get(&local(&forged)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/security").await.status, StatusCode::OK);
    let url = outgoing.signed_url(&play.idp.key).unwrap();
    let answer = play.world.browser().get(&local(&url)).await;
    assert!(answer.location().starts_with(SIGN_OUT), "{} {}", answer.location(), answer.text);
    assert_eq!(
        browser.get("/security").await.status,
        StatusCode::SEE_OTHER,
        "nothing of the session is left"
    );
    let again = play.world.browser().get(&local(&url)).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "a request counts once");
}

#[tokio::test]
async fn who_signs_out_here_is_led_to_the_provider_to_sign_out_there_too() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    play.enter(&mut browser, "_a", "jane", &[]).await;
    let page = browser.get("/security").await;
    let done = browser.post("/signout", &page.filled(&[])).await;
    assert!(done.text.contains("Sign out of Acme too"), "{}", done.text);
    let (_, rest) = done.text.split_once(&format!("href=\"{SIGN_OUT}?")).unwrap();
    let query = rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&");
    let received = Received::read(&query).unwrap();
    let ours = browser.get(&format!("/platform/saml/metadata/{}", play.kept.id)).await;
    let ours = saml::metadata::SpMetadata::read(&ours.text).unwrap();
    let keys: Vec<_> = ours.certificates.iter().map(|one| one.public_key().clone()).collect();
    let signed = received.verify(&keys, saml::algorithm::Accepted::default()).unwrap();
    assert_eq!(saml::logout::LogoutRequest::read(&signed).unwrap().name_id.value, "jane");
    assert_eq!(browser.get("/security").await.status, StatusCode::SEE_OTHER);
    let back = browser.get(&format!("/platform/saml/slo/{}?SAMLResponse=x", play.kept.id)).await;
    assert!(back.location().ends_with("/start"), "{}", back.text);
}

#[tokio::test]
async fn a_provider_that_is_disabled_lets_nobody_in_and_its_metadata_says_who_we_are() {
    let play = Play::new(settings()).await;
    let mut browser = play.world.browser();
    let request = play.ask(&mut browser).await;
    play.world.sql("UPDATE external_idps SET status = 'DISABLED'");
    let posted = play.post(&play.said("_a", "jane", Some(&request.id)).form(&play.idp)).await;
    let answer = browser.get(posted.location()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!browser.get("/signin").await.text.contains("Sign in with Acme"));
    let id = &play.kept.id;
    let metadata = browser.get(&format!("/platform/saml/metadata/{id}")).await;
    assert_eq!(metadata.header("content-type"), "application/samlmetadata+xml");
    let ours = saml::metadata::SpMetadata::read(&metadata.text).unwrap();
    assert_eq!(ours.entity_id, play.saml().sp_entity_id);
    assert_eq!(ours.assertion_consumers[0].location, play.saml().acs_url);
    assert_eq!(browser.get("/platform/saml/metadata/x").await.status, StatusCode::BAD_REQUEST);
}
