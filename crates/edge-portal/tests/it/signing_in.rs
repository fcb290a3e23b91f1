//! Signing in and out: where it leads, what it sets, what it tells.

use http::StatusCode;

use crate::world::{DISPLAY_NAME, PASSWORD, World, encode};

#[tokio::test]
async fn a_visitor_comes_back_to_where_they_were_going() {
    let world = World::new().await;
    let mut browser = world.browser();
    let sent = browser.get("/start?q=pay%20roll").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = browser.get(sent.location()).await;
    for wanted in ["autocomplete=\"username\"", "autocomplete=\"current-password\"", "type=\"password\""] {
        assert!(page.text.contains(wanted), "{wanted}");
    }
    for form in page.text.split("<form").skip(1) {
        assert_eq!(form.matches("type=\"submit\"").count(), 1, "one submit button a form");
    }
    let back = page.hidden("return_to");
    let form = page.filled(&[("username", " Jane "), ("password", PASSWORD), ("return_to", &back)]);
    let answer = browser.post("/signin", &form).await;
    assert_eq!(answer.location(), "/start?q=pay%20roll");
    assert_eq!(browser.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_link_to_the_sign_in_page_leads_elsewhere() {
    let world = World::new().await;
    for evil in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/start",
        "/start\r\nSet-Cookie: a=b",
        "/start/../../x",
        "/signout",
        "javascript:alert(1)",
        "/start@evil.example",
        "/%2f/evil.example",
        "\u{9}//evil.example",
    ] {
        let mut browser = world.browser();
        let page = browser.get(&format!("/signin?return_to={}", encode(evil))).await;
        assert_eq!(page.hidden("return_to"), "/start", "{evil:?}");
        let fields = [("username", "jane"), ("password", PASSWORD), ("return_to", evil)];
        let answer = browser.post("/signin", &page.filled(&fields)).await;
        assert_eq!(answer.location(), "/start", "{evil:?}");
        let again = browser.get(&format!("/signin?return_to={}", encode(evil))).await;
        assert_eq!(again.location(), "/start", "signed in: {evil:?}");
    }
}

#[tokio::test]
async fn whoever_is_not_let_in_hears_the_same() {
    let world = World::new().await;
    let mut texts = Vec::new();
    for (name, password) in [("jane", "wrong"), ("nobody", "wrong"), ("", ""), ("<b>x", "wrong")] {
        let mut browser = world.browser();
        let page = browser.get("/signin").await;
        let answer =
            browser.post("/signin", &page.filled(&[("username", name), ("password", password)])).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!browser.cookies.contains_key("portico"), "no session");
        assert!(!answer.text.contains("<b>x"), "what was typed is text");
        let (_, notice) = answer.text.split_once("role=\"alert\"").unwrap();
        texts.push(notice.split_once("</p>").unwrap().0.to_owned());
    }
    assert!(texts.iter().all(|text| text == &texts[0]), "{texts:?}");
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    for (base, name, more) in [
        ("http://127.0.0.1:8765", "portico", "; Path=/; HttpOnly; SameSite=Lax; Max-Age="),
        ("https://sso.example.com", "__Host-portico", "; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age="),
    ] {
        let world = World::at(base).await;
        let mut browser = world.browser();
        let page = browser.get("/signin").await;
        let answer =
            browser.post("/signin", &page.filled(&[("username", "jane"), ("password", PASSWORD)])).await;
        let cookies: Vec<&str> =
            answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        let session = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}="))).unwrap();
        assert!(session.contains(more), "{session}");
        assert!(!session.contains("Domain"), "{session}");
    }
}

#[tokio::test]
async fn a_cookie_planted_before_signing_in_opens_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.cookies.insert("portico".to_owned(), "planted".to_owned());
    let page = browser.get("/signin").await;
    browser.post("/signin", &page.filled(&[("username", "jane"), ("password", PASSWORD)])).await;
    let mut other = world.browser();
    other.cookies.insert("portico".to_owned(), "planted".to_owned());
    assert_eq!(other.get("/start").await.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.cookies.get("portico").unwrap(), "planted");
}

#[tokio::test]
async fn signing_out_ends_the_session_itself() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let stolen = browser.cookies.get("portico").unwrap().clone();
    let page = browser.get("/start").await;
    let answer = browser.post("/signout", &page.filled(&[])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("You are signed out"));
    assert!(!browser.cookies.contains_key("portico"));
    browser.cookies.insert("portico".to_owned(), stolen);
    assert_eq!(browser.get("/start").await.status, StatusCode::SEE_OTHER, "the old cookie is worth nothing");
}

#[tokio::test]
async fn csrf_a_sign_out_without_its_session_takes_no_cookie_away() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    // A form on another site is sent without the cookie, which is SameSite.
    let answer = world.browser().post("/signout", "csrf=forged").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/start"));
    assert_eq!(answer.header("set-cookie"), "", "the cookie that was not sent stays");
    assert_eq!(person.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn while_nobody_can_say_who_is_signed_in_nobody_is_told_to_sign_in() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let page = person.get("/start").await;
    world.lose_sessions();
    for path in ["/start", "/signin", "/device", "/start/config", "/authorize"] {
        let answer = person.get(path).await;
        assert!(answer.status.is_server_error(), "{path}: {}", answer.status);
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
    for path in ["/signout", "/device", "/start/credentials", "/signin"] {
        assert!(person.post(path, &page.filled(&[])).await.status.is_server_error(), "{path}");
    }
}

#[tokio::test]
async fn a_display_name_is_text() {
    let world = World::new().await;
    let page = world.signed_in().await.get("/start").await;
    assert!(!page.text.contains(DISPLAY_NAME));
    assert!(!page.text.contains("<script>alert"));
    assert!(page.text.contains("&#60;script&#62;alert(1)"), "{}", page.text);
}

#[tokio::test]
async fn a_search_is_text() {
    let world = World::new().await;
    let page = world.signed_in().await.get("/start?q=%22%3E%3Cimg%20src=x%3E").await;
    assert!(!page.text.contains("<img"));
}
