//! A form's head may come long before its body: what counts is when all of it is here. Standard: CWE-367, ASVS 7.4.1.

use std::sync::Arc;

use http::StatusCode;
use model::clock::Clock as _;
use model::limits::PORTAL_SESSION;

use crate::world::{PASSWORD, World, authorize};

const FORMS: [(&str, &[(&str, &str)]); 3] = [
    ("/start/credentials", &[("account", "222233334444"), ("role", "Admin")]),
    ("/device", &[("user_code", "BBBB-BBBB"), ("decision", "approve")]),
    ("/signout", &[]),
];

#[tokio::test]
async fn late_use_a_form_whose_session_ended_before_its_body_came_is_nobodys() {
    let world = Arc::new(World::new().await);
    let program = world.program("tool", "http://127.0.0.1/oauth/callback").await;
    let consent = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let consent = (consent.as_str(), &[("decision", "approve")][..]);
    for ends in ["by sign-out", "by time"] {
        for (path, fields) in FORMS.into_iter().chain([consent]) {
            let mut person = world.signed_in().await;
            let form = person.get("/start").await.filled(fields);
            let (from, told) = (world.clone(), ends);
            let end = move || match told {
                "by sign-out" => from.sql("DELETE FROM token_families; DELETE FROM portal_sessions"),
                _ => from.clock.advance(PORTAL_SESSION),
            };
            let answer = person.post_late(path, &form, end).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{ends} {path}: {}", answer.text);
            let leads = answer.location();
            assert!(
                leads.starts_with("/signin") || (path, leads) == ("/signout", "/start"),
                "{ends} {path}: {leads}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_begins_when_the_password_came_and_not_before() {
    let world = Arc::new(World::new().await);
    let mut browser = world.browser();
    let form = browser.get("/signin").await.filled(&[("username", "jane"), ("password", PASSWORD)]);
    let from = world.clone();
    let pause = std::time::Duration::from_secs(50);
    browser.post_late("/signin", &form, move || from.clock.advance(pause)).await;
    let token = model::secret::Secret::new(browser.cookies.get("portico").unwrap().as_str());
    let now = world.clock.now();
    let session = world.portal.store.read(|rx| signin::sessions::find(rx, &token, now)).unwrap().unwrap();
    assert_eq!(session.created_at, now);
}
