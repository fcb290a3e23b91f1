//! Cookies know no port: pages are on a host name that no program may be answered on. Standard: RFC 6265 §8.5, RFC 8252 §7.3 and §8.3.

use http::StatusCode;

use crate::world::{PASSWORD, World, authorize};

const ADDRESSES: [&str; 3] = ["127.0.0.1:8765", "[::1]:8765", "127.0.0.1"];

#[tokio::test]
async fn a_page_asked_for_at_a_loopback_address_leads_to_the_name_and_sets_no_cookie() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    for host in ADDRESSES {
        for path in [
            "/start?q=x",
            "/start/keys?account=1&role=x",
            "/start/config",
            "/signin",
            "/device?user_code=BBBB-BBBB",
        ] {
            for browser in [&mut world.browser(), &mut person] {
                let answer = browser.send("GET", path, "", &[("host", host)]).await;
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{host} {path}");
                assert_eq!(answer.location(), format!("http://localhost:8765{path}"));
            }
        }
    }
    assert!(
        person.cookies.is_empty(),
        "what an older server left on the address is taken away: {:?}",
        person.cookies
    );
}

#[tokio::test]
async fn cookie_across_ports_no_form_is_taken_and_nobody_is_signed_in_at_a_loopback_address() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.get("/signin").await.filled(&[("username", "jane"), ("password", PASSWORD)]);
    for host in ADDRESSES {
        let mut browser = world.browser();
        browser.get("/signin").await;
        let answer = browser.send("POST", "/signin", &form, &[("host", host)]).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, "http://localhost:8765/start")
        );
        assert!(!browser.cookies.contains_key("portico"));
    }
    let answer = browser.send("POST", "/signin", &form, &[("host", "localhost:8765")]).await;
    assert_eq!(answer.location(), "/start");
    assert!(browser.cookies.contains_key("portico"));
}

#[tokio::test]
async fn cookie_across_ports_no_program_is_answered_on_the_host_name_of_the_pages() {
    // Registered while the server had another name.
    let elsewhere = World::at("https://sso.example.com").await;
    let program = elsewhere.program("tool", "http://localhost/cb").await;
    let path = authorize(&program, "http%3A%2F%2Flocalhost%3A9000%2Fcb");
    let mut person = elsewhere.signed_in().await;
    assert_eq!(person.get(&path).await.status, StatusCode::OK, "another name: no cookie goes there");
    let here = elsewhere.renamed("http://127.0.0.1:8765");
    let mut person = here.signed_in().await;
    for path in [
        path.clone(),
        path.replace("code_challenge=a", "code_challenge=."),
        path.replace("response_type=code", ""),
    ] {
        let answer = person.get(&path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::BAD_REQUEST, ""),
            "not even a refusal goes there"
        );
        assert!(answer.text.contains("cookies know no port"), "{}", answer.text);
        let form = person.get("/start").await.filled(&[("decision", "approve")]);
        assert_eq!(person.post(&path, &form).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_server_with_a_name_of_its_own_is_left_where_it_is() {
    let world = World::at("https://sso.example.com").await;
    let mut browser = world.browser();
    for host in ADDRESSES {
        let answer = browser.send("GET", "/start", "", &[("host", host)]).await;
        assert!(
            answer.location().starts_with("/signin"),
            "a proxy may name its upstream: {}",
            answer.location()
        );
    }
}

#[tokio::test]
async fn the_question_of_the_cli_is_answered_at_the_address_too() {
    let world = World::new().await;
    let answer = world.browser().send("HEAD", "/start", "", &[("host", "127.0.0.1:8765")]).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.location().ends_with(".app.aws/"), "{}", answer.location());
}
