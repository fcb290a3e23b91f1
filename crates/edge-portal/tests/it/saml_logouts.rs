//! Signing out of applications that speak SAML and of here, whichever comes first; and every way in which a sign-out is not proved, not new, or of somebody else.

use http::StatusCode;
use model::applications::saml_application::{SamlBinding, SingleLogout};
use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::logout::{LogoutRequest, LogoutResponse, NewLogoutRequest, NewLogoutResponse};
use saml::name_id::NameId;
use saml::redirect::{Outgoing, Parameter, Received};
use saml::status::Status;
use saml::verify::verify;

use crate::application::{App, BASE, SLO, leads_to, message, now};
use crate::world::{Answer, Browser, JANE, World, encode};

const APP: &str = "https://app.example/saml";
const OTHER: &str = "https://other.example/saml";

/// A request of an application to sign its person out.
fn signs_out(world: &World, app: &App, (id, name, index): (&str, &str, Option<&str>)) -> String {
    let name_id = NameId { value: name.to_owned(), format: None, qualifier: None, sp_qualifier: None };
    let location = format!("{BASE}{}", app.path("logout"));
    let indexes: Vec<&str> = index.into_iter().collect();
    let request = NewLogoutRequest {
        id,
        issuer: &app.settings.audience,
        issued_at: now(world),
        destination: &location,
        not_on_or_after: None,
        name_id: &name_id,
        session_indexes: &indexes,
    };
    let message = request.write().unwrap();
    let outgoing = Outgoing {
        location: &location,
        parameter: Parameter::Request,
        message: &message,
        relay_state: Some("state"),
    };
    outgoing.signed_url(&app.key).unwrap().trim_start_matches(BASE).to_owned()
}

/// Where a sign-out goes on that came from another site, in this browser.
async fn goes_on(browser: &mut Browser, led: &Answer) -> Answer {
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.text);
    assert!(led.location().starts_with("/saml/onward?m="), "{}", led.location());
    browser.get(led.location()).await
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/security").await.status == StatusCode::OK
}

#[tokio::test]
async fn an_application_signs_its_person_out_and_the_others_hear_of_it() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let slo = |url: &str| {
        Some(SingleLogout { url: url.to_owned(), response_url: None, binding: SamlBinding::Redirect })
    };
    let other =
        App::with(&world, OTHER, |settings| settings.single_logout = slo("https://other.example/slo")).await;
    let mut browser = world.signed_in().await;
    let told =
        app.told(&world, &browser.get(&format!("/start/application?id={}", app.application.id)).await).await;
    let there = browser.get(&format!("/start/application?id={}", other.application.id)).await;
    let there = Assertion::read(&verify(&message(&there), &other.keys(&world).await).unwrap()).unwrap();
    // Another's name, another's index, a forged one: nobody is signed out.
    for (id, name, index) in [("_l1", "joe", None), ("_l2", "jane", Some("_other"))] {
        let at = signs_out(&world, &app, (id, name, index));
        assert_eq!(world.browser().get(&at).await.status, StatusCode::OK);
        assert!(is_signed_in(&mut browser).await);
    }
    let forged =
        signs_out(&world, &app, ("_l3", "jane", None)).replace("RelayState=state", "RelayState=evil");
    assert_eq!(world.browser().get(&forged).await.status, StatusCode::BAD_REQUEST);
    let unsigned = signs_out(&world, &app, ("_l4", "jane", None));
    assert_eq!(
        world.browser().get(unsigned.split("&SigAlg").next().unwrap()).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(is_signed_in(&mut browser).await);
    // This one counts, once; the other application is asked before this one is answered.
    let at = signs_out(&world, &app, ("_l5", "jane", told.session_index.as_deref()));
    let led = world.browser().get(&at).await;
    assert!(!is_signed_in(&mut browser).await);
    let page = goes_on(&mut browser, &led).await;
    let onward = leads_to(&page);
    let query = onward.strip_prefix("https://other.example/slo?").unwrap();
    let received = Received::read(query).unwrap();
    let request =
        LogoutRequest::read(&received.verify(&other.keys(&world).await, Accepted::default()).unwrap())
            .unwrap();
    assert_eq!(
        (Some(request.name_id.value.as_str()), request.session_indexes.first()),
        (Some("jane"), there.session_index.as_ref())
    );
    let answer = answers(&world, &other, (&request.id, received.relay_state().unwrap()), &Status::success());
    let page = world.browser().get(&answer).await;
    let onward = leads_to(&page);
    let received = Received::read(onward.strip_prefix(&format!("{SLO}?")).unwrap()).unwrap();
    assert_eq!(received.relay_state(), Some("state"));
    let response =
        LogoutResponse::read(&received.verify(&app.keys(&world).await, Accepted::default()).unwrap())
            .unwrap();
    assert!(
        response.status.is_success() && response.status.second.is_none() && response.in_response_to == "_l5"
    );
    // Neither comes twice.
    assert_eq!(world.browser().get(&at).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.browser().get(&answer).await.status, StatusCode::BAD_REQUEST);
    let records = world.records().await;
    let ended = records.iter().find(|it| it["serviceEventDetails"]["sessionsEnded"] == "1").unwrap();
    assert_eq!(ended["serviceEventDetails"]["application_arn"], app.application.arn().to_string());
    assert_eq!(ended["serviceEventDetails"]["userIds"][0], JANE);
    let answered = records.iter().find(|it| it["serviceEventDetails"]["isSignedOutThere"] == true).unwrap();
    assert_eq!(answered["serviceEventDetails"]["application_arn"], other.application.arn().to_string());
}

/// Whoever can sign for an application, and knows what it calls somebody, learns nothing of where else they are signed in.
#[tokio::test]
async fn a_sign_out_tells_of_other_applications_in_the_persons_browser_alone() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let other = App::new(&world, OTHER).await;
    let mut browser = world.signed_in().await;
    for id in [&app.application.id, &other.application.id] {
        assert_eq!(browser.get(&format!("/start/application?id={id}")).await.status, StatusCode::OK);
    }
    let led = world.browser().get(&signs_out(&world, &app, ("_l1", "jane", None))).await;
    let page = goes_on(&mut world.browser(), &led).await;
    assert!(!is_signed_in(&mut browser).await);
    let received = leads_to(&page);
    let received = Received::read(received.strip_prefix(&format!("{SLO}?")).unwrap()).unwrap();
    let signed = received.verify(&app.keys(&world).await, Accepted::default()).unwrap();
    let response = LogoutResponse::read(&signed).unwrap();
    assert_eq!(response.status.second.as_deref(), Some(saml::status::PARTIAL_LOGOUT));
    // It was led on once.
    assert_eq!(browser.get(led.location()).await.status, StatusCode::BAD_REQUEST);
    let kept = world.rows("SELECT hex(token_hash), state FROM saml_sign_outs");
    assert!(kept.is_empty(), "{kept:?}");
}

/// A far end is none: the request counts for minutes, and is remembered for as long.
#[tokio::test]
async fn a_sign_out_that_would_count_for_ever_counts_for_minutes() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let mut browser = world.signed_in().await;
    let start = format!("/start/application?id={}", app.application.id);
    assert_eq!(browser.get(&start).await.status, StatusCode::OK);
    let name_id = NameId { value: "jane".to_owned(), format: None, qualifier: None, sp_qualifier: None };
    let location = format!("{BASE}{}", app.path("logout"));
    let asks = |id: &str| {
        let request = NewLogoutRequest {
            id,
            issuer: APP,
            issued_at: now(&world),
            destination: &location,
            not_on_or_after: Some(time::macros::datetime!(9999-12-31 23:59:59 UTC)),
            name_id: &name_id,
            session_indexes: &[],
        };
        let message = request.write().unwrap();
        let parameter = Parameter::Request;
        let out = Outgoing { location: &location, parameter, message: &message, relay_state: None };
        out.signed_url(&app.key).unwrap().trim_start_matches(BASE).to_owned()
    };
    let (first, second) = (asks("_l1"), asks("_l2"));
    assert_eq!(world.browser().get(&first).await.status, StatusCode::OK);
    assert!(!is_signed_in(&mut browser).await);
    world.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(world.browser().get(&second).await.status, StatusCode::BAD_REQUEST);
}

/// One application that was switched off, or is not led to, keeps the news from no other.
#[tokio::test]
async fn an_application_that_is_switched_off_holds_up_no_sign_out() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let other = App::new(&world, OTHER).await;
    let mut browser = world.signed_in().await;
    for id in [&app.application.id, &other.application.id] {
        assert_eq!(browser.get(&format!("/start/application?id={id}")).await.status, StatusCode::OK);
    }
    let keys = [app.keys(&world).await, other.keys(&world).await];
    world.sql("UPDATE applications SET status = 'DISABLED'");
    let page = browser.get("/start").await;
    let mut page = browser.post("/signout", &page.filled(&[])).await;
    for last in [false, true] {
        let onward = leads_to(&page);
        let received = Received::read(onward.strip_prefix(&format!("{SLO}?")).unwrap()).unwrap();
        let is_first = received.message().contains(&app.entity());
        let (answering, keys) = if is_first { (&app, &keys[0]) } else { (&other, &keys[1]) };
        let signed = received.verify(keys, Accepted::default()).unwrap();
        let request = LogoutRequest::read(&signed).unwrap();
        let mark = received.relay_state().unwrap();
        let answer = answers(&world, answering, (&request.id, mark), &Status::success());
        let led = world.browser().get(&answer).await;
        page = if last { led } else { goes_on(&mut browser, &led).await };
    }
    assert!(page.text.contains("You are signed out"), "{}", page.text);
}

/// Who signs out everywhere signs out of the applications of all their sessions, as far as their browser can tell them.
#[tokio::test]
async fn who_signs_out_everywhere_signs_out_of_applications_too() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let (mut elsewhere, mut browser) = (world.signed_in().await, world.signed_in().await);
    let start = format!("/start/application?id={}", app.application.id);
    for browser in [&mut elsewhere, &mut browser] {
        assert_eq!(browser.get(&start).await.status, StatusCode::OK);
    }
    let page = browser.get("/security").await;
    let page = browser.post("/security/everywhere", &page.filled(&[])).await;
    assert!(!is_signed_in(&mut elsewhere).await && !is_signed_in(&mut browser).await);
    let onward = leads_to(&page);
    let received = Received::read(onward.strip_prefix(&format!("{SLO}?")).unwrap()).unwrap();
    let signed = received.verify(&app.keys(&world).await, Accepted::default()).unwrap();
    let request = LogoutRequest::read(&signed).unwrap();
    assert_eq!((request.name_id.value.as_str(), request.session_indexes.len()), ("jane", 0), "all of hers");
    let mark = received.relay_state().unwrap();
    let answer = answers(&world, &app, (&request.id, mark), &Status::success());
    let led = world.browser().get(&answer).await;
    assert!(led.text.contains("You are signed out"), "asked once, for both: {}", led.text);
}

/// What an application answers to a sign-out.
fn answers(world: &World, app: &App, (to, mark): (&str, &str), status: &Status) -> String {
    let location = format!("{BASE}{}", app.path("logout"));
    let response = NewLogoutResponse {
        id: "_r1",
        issuer: &app.settings.audience,
        issued_at: now(world),
        destination: &location,
        in_response_to: to,
        status,
    };
    let message = response.write().unwrap();
    let outgoing = Outgoing {
        location: &location,
        parameter: Parameter::Response,
        message: &message,
        relay_state: Some(mark),
    };
    outgoing.signed_url(&app.key).unwrap().trim_start_matches(BASE).to_owned()
}

#[tokio::test]
async fn who_signs_out_here_signs_out_of_their_applications() {
    let world = World::new().await;
    let app = App::new(&world, APP).await;
    let silent = App::with(&world, OTHER, |settings| settings.single_logout = None).await;
    let mut browser = world.signed_in().await;
    for id in [&app.application.id, &silent.application.id] {
        assert_eq!(browser.get(&format!("/start/application?id={id}")).await.status, StatusCode::OK);
    }
    let page = browser.get("/start").await;
    let out = browser.post("/signout", &page.filled(&[])).await;
    assert!(!is_signed_in(&mut browser).await);
    let onward = leads_to(&out);
    let received = Received::read(onward.strip_prefix(&format!("{SLO}?")).unwrap()).unwrap();
    let signed = received.verify(&app.keys(&world).await, Accepted::default()).unwrap();
    let request = LogoutRequest::read(&signed).unwrap();
    // The answer of another, or to something else, leads nowhere.
    let mark = received.relay_state().unwrap();
    let wrong = answers(&world, &app, ("_other", mark), &Status::success());
    assert_eq!(world.browser().get(&wrong).await.status, StatusCode::BAD_REQUEST);
    let answer = answers(&world, &app, (&request.id, mark), &Status::success());
    let led = world.browser().get(&answer).await;
    let page = if led.status == StatusCode::SEE_OTHER { goes_on(&mut browser, &led).await } else { led };
    assert!(page.text.contains("You are signed out"), "{}", page.text);
    assert!(world.rows("SELECT session_id, application_id FROM saml_participants").is_empty());
    assert!(world.rows("SELECT hex(token_hash), state FROM saml_sign_outs").is_empty());
    // One that takes no sign-outs is asked for none, and asks for none itself.
    let refused = world.browser().get(&signs_out(&world, &silent, ("_l1", "jane", None))).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", encode(&refused.text));
    assert!(silent.metadata(&world).await.single_logout.is_empty());
}
