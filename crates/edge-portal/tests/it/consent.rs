//! Asking a person whether a program may act for them, and taking the answer to it.

use http::StatusCode;
use signin::clients::{self, NewClient};
use signin::device;

use crate::world::{PASSWORD, World, authorize};

const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";

#[tokio::test]
async fn a_yes_takes_a_code_to_the_program_and_the_policy_of_the_page_lets_it() {
    let world = World::new().await;
    let program = world.program("<i>tool</i>", "http://127.0.0.1/oauth/callback").await;
    let mut person = world.signed_in().await;
    let path = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let page = person.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains("<i>tool"), "a program's name is text");
    assert!(page.text.contains("name=\"decision\" value=\"approve\""));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:49152;"), "{policy}");
    let answer = person.post(&path, &page.filled(&[("decision", "approve")])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().starts_with(&format!("{CALLBACK}?code=")), "{}", answer.location());
    assert!(answer.location().contains("&state=s"));
}

#[tokio::test]
async fn anything_but_a_yes_is_a_no() {
    let world = World::new().await;
    let program = world.program("tool", "http://127.0.0.1/oauth/callback").await;
    let mut person = world.signed_in().await;
    let path = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let page = person.get(&path).await;
    for decision in ["deny", "", "APPROVE", "approve "] {
        let answer = person.post(&path, &page.filled(&[("decision", decision)])).await;
        assert!(answer.location().starts_with(&format!("{CALLBACK}?error=access_denied")), "{decision:?}");
    }
}

#[tokio::test]
async fn an_ipv6_loopback_address_is_reached_by_a_page_that_goes_on() {
    let world = World::new().await;
    let program = world.program("tool", "http://[::1]/cb").await;
    let mut person = world.signed_in().await;
    let path = authorize(&program, "http%3A%2F%2F%5B%3A%3A1%5D%3A9000%2Fcb");
    let page = person.get(&path).await;
    assert!(page.header("content-security-policy").contains("form-action 'self';"));
    let answer = person.post(&path, &page.filled(&[("decision", "approve")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.text.contains("http-equiv=\"refresh\" content=\"0;url=http://[::1]:9000/cb?code="),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn nothing_is_ever_sent_to_an_address_that_was_not_registered() {
    let world = World::new().await;
    let program = world.program("tool", "http://127.0.0.1/oauth/callback").await;
    let mut person = world.signed_in().await;
    for redirect in ["https%3A%2F%2Fevil.example%2F", "http%3A%2F%2F127.0.0.1%3A1%2Fother", ""] {
        let path = authorize(&program, redirect);
        let shown = person.get(&path).await;
        assert_eq!((shown.status, shown.location()), (StatusCode::BAD_REQUEST, ""), "{redirect}");
        let form = person.get("/start").await.filled(&[("decision", "approve")]);
        let answer = person.post(&path, &form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{redirect}");
    }
}

#[tokio::test]
async fn a_visitor_signs_in_first_and_comes_back_to_the_question() {
    let world = World::new().await;
    let program = world.program("tool", "http://127.0.0.1/oauth/callback").await;
    let path = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let mut browser = world.browser();
    let sent = browser.get(&path).await;
    assert!(sent.location().starts_with("/signin?return_to="), "{}", sent.location());
    let page = browser.get(sent.location()).await;
    assert_eq!(page.hidden("return_to").replace("&#38;", "&"), path);
}

#[tokio::test]
async fn prompt_login_asks_for_the_password_and_begins_a_session_with_a_full_life() {
    let world = World::new().await;
    let program = world.program("tool", "http://127.0.0.1/oauth/callback").await;
    let plain = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let asked = format!("{plain}&prompt=login");
    let mut person = world.signed_in().await;
    let old = person.cookies.get("portico").unwrap().clone();
    let hour = std::time::Duration::from_secs(3_600);
    world.clock.advance(hour);
    let sent = person.get(&asked).await;
    assert!(sent.location().starts_with("/signin?again=1&return_to="), "{}", sent.location());
    let form = person.get("/start").await.filled(&[("decision", "approve")]);
    let forced = person.post(&asked, &form).await;
    assert!(forced.location().starts_with("/signin?again=1&"), "no way around it: {}", forced.location());

    let page = person.get(sent.location()).await;
    assert!(page.text.contains("autocomplete=\"current-password\"") && page.text.contains("value=\"jane\""));
    assert_eq!(page.hidden("return_to").replace("&#38;", "&"), plain);
    let fields = [("username", "jane"), ("password", PASSWORD), ("return_to", plain.as_str())];
    let back = person.post("/signin", &page.filled(&fields)).await;
    assert_eq!(back.location(), plain);
    let new = person.cookies.get("portico").unwrap().clone();
    let session = |cookie: &str| {
        let token = model::secret::Secret::new(cookie);
        let now = world.portal.clock.now();
        world.portal.store.read(|rx| signin::sessions::find(rx, &token, now)).unwrap()
    };
    assert!(session(&old).is_none(), "the old session has ended");
    assert_eq!(
        session(&new).unwrap().expires_at,
        world.portal.clock.now().plus(model::limits::PORTAL_SESSION)
    );
    assert_eq!(person.get(&plain).await.status, StatusCode::OK);
    // Without a session one sign-in is enough.
    let sent = world.browser().get(&asked).await;
    assert!(sent.location().starts_with("/signin?return_to=") && !sent.location().contains("prompt"));
}

#[tokio::test]
async fn a_device_code_that_nobody_gave_out_is_told_beside_the_field() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let page = person.get("/device").await;
    assert!(page.text.contains("autocomplete=\"one-time-code\""));
    let answer = person.post("/device", &page.filled(&[("user_code", "BBBB-BBBB")])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("role=\"alert\"") && answer.text.contains("value=\"BBBB-BBBB\""));
    let answer =
        person.post("/device", &page.filled(&[("user_code", "BBBB-BBBB"), ("decision", "approve")])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn links_on_other_sites_use_up_nobodys_guesses_at_codes() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    for _ in 0..40 {
        let linked = [("sec-fetch-site", "cross-site")];
        let answer = person.send("GET", "/device?user_code=BBBB-BBBB", "", &linked).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text.contains("value=\"BBBB-BBBB\"") && !answer.text.contains("role=\"alert\""));
    }
    let answer = person.get("/device?user_code=BBBB-BBBB").await;
    assert!(answer.status == StatusCode::BAD_REQUEST && !answer.text.contains("Too many"), "{}", answer.text);
}

#[tokio::test]
async fn a_form_with_what_no_database_keeps_is_no_form() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.get("/signin").await;
    let form = page.filled(&[("username", "jane"), ("password", "x")]).replace("jane", "jane%00");
    assert!(form.contains("jane%00"));
    let answer = browser.post("/signin", &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
}

#[tokio::test]
async fn who_is_asked_about_a_device_sees_when_and_from_where_and_whether_that_is_elsewhere() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    for (address, elsewhere) in [("192.0.2.1", false), ("203.0.113.9", true)] {
        let mut cx = world.root("RegisterClient").with_caller(model::caller::Caller::anonymous());
        cx.source_ip = address.into();
        let new = NewClient {
            name: "AWS CLI".to_owned(),
            client_type: "public".to_owned(),
            scopes: vec!["sso:account:access".to_owned()],
            grant_types: vec![],
            redirect_uris: vec![],
            issuer_url: None,
            entitled_application_arn: None,
        };
        let (store, config) = (&world.portal.store, &world.portal.signin);
        let program = clients::register(store, &cx, config, new).await.unwrap();
        let known = (program.client.id.to_string(), program.secret.clone());
        let started = device::start(store, &cx, config, known, config.start_urls.nominal()).await.unwrap();
        let page = person.get(&format!("/device?user_code={}", started.user_code)).await;
        let moment = cx.now.rfc3339().replace('T', " ");
        assert!(page.text.contains(address) && page.text.contains(&moment[..16]), "{}", page.text);
        assert_eq!(page.text.contains("which is not where you are"), elsewhere, "{}", page.text);
        assert!(!page.text.contains("name=\"remember\""), "a device code is asked about each time");
    }
}
