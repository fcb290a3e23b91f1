//! The pages on which a person chooses a password: by a link, and by saying that the one before is forgotten.

use std::time::Duration;

use http::StatusCode;
use model::directory::user::UserId;
use model::secret::Secret;
use signin::invitations::Made;
use tokio::time::Instant;

use crate::world::{Answer, Browser, JANE, PASSWORD, World};

const NEW: &str = "another horse entirely";

impl World {
    async fn invite(&self) -> Made {
        let (cx, user) = (self.root("CreateInvitation"), UserId::trusted(JANE));
        let at = self.portal.instance.identity_store_id.clone().into();
        let whom = (&at, &user);
        let validity = Duration::from_hours(1);
        signin::invitations::create(&self.portal.store, &cx, &self.portal.signin, whom, validity)
            .await
            .unwrap()
    }

    /// Where letters are delivered.
    fn with_mail(mut self) -> Self {
        self.portal.signin = self.portal.signin.with_mails(true);
        self
    }
}

/// Path and query of a link.
fn path(url: &Secret) -> String {
    url.expose().strip_prefix("http://localhost:8765").unwrap().to_owned()
}

async fn choose(browser: &mut Browser, page: &Answer, password: &str, again: &str) -> Answer {
    let token = page.hidden("token");
    let form =
        page.filled(&[("token", &token), ("username", "jane"), ("password", password), ("again", again)]);
    browser.post("/invitation", &form).await
}

#[tokio::test]
async fn a_link_leads_to_a_new_password_and_then_to_the_sign_in_page() {
    let world = World::new().await;
    let link = path(&world.invite().await.url);
    let mut browser = world.browser();
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "autocomplete=\"new-password\"",
        "autocomplete=\"username\" value=\"jane\"",
        "or at least 15 of any kind: a sentence is good, none of your last 3, none that is publicly known.",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let token = page.hidden("token");
    assert_eq!(page.text.matches(&token).count(), 1, "in the form, and in nothing that is loaded or linked");
    for (password, again, why) in [
        (NEW, "another horse entire", "not the same"),
        ("short", "short", "The password must have 8 to 64 characters, not 5."),
        ("Password1!", "Password1!", "publicly known"),
        (PASSWORD, PASSWORD, "one of your last 3"),
    ] {
        let answer = choose(&mut browser, &page, password, again).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{why}");
        assert!(answer.text.contains(why) && !answer.text.contains(password), "{}", answer.text);
    }
    let done = choose(&mut browser, &page, NEW, NEW).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(!browser.cookies.contains_key("portico"), "nobody is signed in by a link");
    assert!(done.text.contains("href=\"/signin?again=1&#38;user_name=jane\""), "{}", done.text);
    let sign_in = browser.get("/signin?again=1&user_name=jane").await;
    assert!(sign_in.text.contains("value=\"jane\""));
    let answer = browser.post("/signin", &sign_in.filled(&[("username", "jane"), ("password", NEW)])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let records = world.records().await;
    let used =
        records.iter().find(|record| record["additionalEventData"]["InvitationId"].is_string()).unwrap();
    assert_eq!(
        (&used["eventName"], &used["userIdentity"]["type"]),
        (&"UpdatePassword".into(), &"IdentityCenterUser".into())
    );
    let all = serde_json::to_string(&records).unwrap();
    assert!(!all.contains(&token) && !all.contains(NEW));
}

#[tokio::test]
async fn invitation_prefetch_opening_a_link_changes_nothing_and_using_it_ends_it() {
    let world = World::new().await;
    let link = path(&world.invite().await.url);
    // A scanner of letters, without cookies, and by HEAD.
    for _ in 0..3 {
        assert_eq!(world.browser().get(&link).await.status, StatusCode::OK);
        assert_eq!(world.browser().send("HEAD", &link, "", &[]).await.status, StatusCode::OK);
    }
    let mut browser = world.browser();
    let page = browser.get(&link).await;
    assert_eq!(choose(&mut browser, &page, NEW, NEW).await.status, StatusCode::OK);
    let again = choose(&mut browser, &page, "a third horse entirely", "a third horse entirely").await;
    for answer in [
        again,
        browser.get(&link).await,
        browser.get("/invitation").await,
        browser.get("/invitation?token=x").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text.contains("works no more") && !answer.text.contains("jane"), "{}", answer.text);
    }
}

#[tokio::test]
async fn csrf_no_password_is_chosen_by_a_form_from_elsewhere() {
    let world = World::new().await;
    let link = path(&world.invite().await.url);
    let mut attacker = world.browser();
    let page = attacker.get(&link).await;
    let form = page.filled(&[("token", &page.hidden("token")), ("password", NEW), ("again", NEW)]);
    let mut victim = world.browser();
    assert_eq!(victim.post("/invitation", &form).await.status, StatusCode::FORBIDDEN);
    let cross = [("sec-fetch-site", "cross-site")];
    assert_eq!(attacker.send("POST", "/invitation", &form, &cross).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attacker.get(&link).await.status, StatusCode::OK, "it still works");
}

#[tokio::test]
async fn late_use_a_link_that_ended_before_its_form_came_changes_nothing() {
    let world = World::new().await;
    let link = path(&world.invite().await.url);
    let mut browser = world.browser();
    let page = browser.get(&link).await;
    let form = page.filled(&[("token", &page.hidden("token")), ("password", NEW), ("again", NEW)]);
    let clock = world.clock.clone();
    let answer =
        browser.post_late("/invitation", &form, move || clock.advance(Duration::from_hours(1))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn there_is_no_forgotten_password_without_mail() {
    let world = World::new().await;
    let mut browser = world.browser();
    let sign_in = browser.get("/signin").await;
    assert!(!sign_in.text.contains("/forgot"));
    assert_eq!(browser.get("/forgot").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        browser.post("/forgot", &sign_in.filled(&[("username", "jane")])).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn enumeration_the_forgotten_page_answers_everybody_alike() {
    let world = World::new().await.with_mail();
    let jane = [("username", "jane")];
    let mut browser = world.browser();
    assert!(browser.get("/signin").await.text.contains("href=\"/forgot\""));
    let page = browser.get("/forgot").await;
    let mut answers = Vec::new();
    for name in ["jane", "nobody", "jane", "nobody", "jane", "nobody"] {
        let begun = Instant::now();
        let answer = browser.post("/forgot", &page.filled(&[("username", name)])).await;
        assert!(begun.elapsed() >= Duration::from_millis(100), "after the same time");
        answers.push((answer.status, answer.text));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "also where no further letter is sent: {answers:?}");
    assert_eq!(answers[0].0, StatusCode::OK);
    assert!(answers[0].1.contains("If there is such a person"));
    for _ in 0..4 {
        browser.post("/forgot", &page.filled(&jane)).await;
    }
    let slowed = browser.post("/forgot", &page.filled(&jane)).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "by address, whoever is named");
    assert!(!slowed.header("retry-after").is_empty());
    let stranger = world.browser().post("/forgot", &page.filled(&jane)).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "a form of somebody else");
}
