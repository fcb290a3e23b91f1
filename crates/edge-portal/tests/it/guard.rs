//! What holds for every page: headers, forged forms, the HEAD request of the AWS CLI, addresses that lead nowhere.

use http::StatusCode;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn every_answer_is_hardened() {
    for (base, transport) in [("http://127.0.0.1:8765", ""), ("https://sso.example.com", "max-age=31536000")]
    {
        let world = World::at(base).await;
        let mut visitor = world.browser();
        let mut person = world.signed_in().await;
        let mut answers = Vec::new();
        for path in [
            "/",
            "/start",
            "/signin",
            "/device",
            "/authorize",
            "/start/keys?account=1&role=x",
            "/invitation?token=x",
            "/forgot",
            "/nowhere",
        ] {
            answers.push(visitor.get(path).await);
            answers.push(person.get(path).await);
        }
        answers.push(person.get("/start/config").await);
        answers.push(person.get("/start/config.txt").await);
        answers.push(person.get("/start/search").await);
        answers.push(visitor.get("/start/search").await);
        answers.push(person.get("/start/console").await);
        answers.push(person.get("/device?user_code=BBBB-BBBB").await);
        answers.push(person.post("/start/credentials", "csrf=forged").await);
        answers.push(person.post("/start", "").await);
        answers.push(person.post("/signin", &"a=b&".repeat(10_000)).await);
        for answer in &answers {
            for (name, value) in [
                ("x-frame-options", "DENY"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cache-control", "no-store"),
                ("cross-origin-opener-policy", "same-origin"),
                ("strict-transport-security", transport),
            ] {
                assert_eq!(answer.header(name), value, "{name} of {} {}", answer.status, answer.text);
            }
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
            assert!(!answer.text.contains("<style") && !answer.text.contains(" style="), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn no_form_is_taken_from_elsewhere() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let page = person.get("/start").await;
    let right = page.filled(&[]);
    let mut other = world.browser();
    let of_another = other.get("/signin").await.filled(&[]);
    let twice = format!("{right}&{right}");
    for (form, headers) in [
        ("", &[][..]),
        ("csrf=", &[]),
        ("csrf=forged", &[]),
        (of_another.as_str(), &[]),
        (twice.as_str(), &[]),
        (right.as_str(), &[("origin", "https://evil.example")]),
        (right.as_str(), &[("origin", "http://localhost:8766")]),
        (right.as_str(), &[("sec-fetch-site", "cross-site")]),
        (right.as_str(), &[("sec-fetch-site", "same-site")]),
    ] {
        for path in [
            "/signout",
            "/start/credentials",
            "/start/favourites",
            "/device",
            "/authorize?client_id=x",
            "/invitation",
        ] {
            let answer = person.send("POST", path, form, headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {form} {headers:?}");
        }
    }
    assert_eq!(person.get("/start").await.status, StatusCode::OK, "still signed in");
    let own = [("origin", "http://localhost:8765"), ("sec-fetch-site", "same-origin")];
    assert_eq!(person.send("POST", "/signout", &right, &own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_form_of_somebody_else() {
    let world = World::new().await;
    let mut attacker = world.browser();
    let form = attacker.get("/signin").await.filled(&[("username", "jane"), ("password", PASSWORD)]);
    let mut victim = world.browser();
    let answer = victim.post("/signin", &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!victim.cookies.contains_key("portico"));
}

#[tokio::test]
async fn head_leads_the_cli_to_a_name_that_it_accepts_and_a_browser_never() {
    let world = World::new().await;
    let mut browser = world.browser();
    let answer = browser.send("HEAD", "/start", "", &[("user-agent", "Python-urllib/3.14")]).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(answer.location(), "https://ssoins-1234567890abcdef.portal.us-east-1.app.aws/");
    let answer = browser.get("/start").await;
    assert!(answer.location().starts_with("/signin?"), "{}", answer.location());
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so_to_people() {
    let world = World::new().await;
    let answer = world.browser().get("/nowhere/%3Cscript%3E").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text.contains("There is no such page"));
    let answer = world.browser().get("/assets/0000000000000000/portico.css").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_name_of_their_content() {
    let world = World::new().await;
    let page = world.browser().get("/signin").await;
    for (mark, content_type) in
        [("stylesheet\" href=\"/assets/", "text/css"), ("src=\"/assets/", "text/javascript")]
    {
        let (_, rest) = page.text.split_once(mark).unwrap();
        let answer = world.browser().get(&format!("/assets/{}", rest.split_once('"').unwrap().0)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.header("content-type").starts_with(content_type));
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_role_that_one_does_not_have_is_not_to_be_had() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let asked = person.get("/start/keys?account=222233334444&role=%3Cb%3EAdmin").await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert!(!asked.text.contains("<b>Admin"));
    let form = person.get("/start").await.filled(&[("account", "222233334444"), ("role", "Admin")]);
    let answer = person.post("/start/credentials", &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text.contains("ASIA"));
}

#[tokio::test]
async fn a_session_that_was_left_open_shows_no_keys_until_its_person_proved_themselves_again() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let form = person.get("/start").await.filled(&[("account", "222233334444"), ("role", "A&B")]);
    world.sql("UPDATE portal_sessions SET verified_at = verified_at - 601000000");
    let asked = person.post("/start/credentials", &form).await;
    let back = "/signin/verify?return_to=%2Fstart%2Fkeys%3Faccount%3D222233334444%26role%3DA%2526B";
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, back));
    let own = "/start/keys?account=222233334444&role=A%26B";
    let page = person.get(back).await;
    assert!(page.text.contains("Give your password"), "{}", page.text);
    let wrong = person.post("/signin/verify", &page.filled(&[("password", "not it")])).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(person.post("/start/credentials", &form).await.location(), back);
    let right =
        person.post("/signin/verify", &wrong.filled(&[("password", PASSWORD), ("return_to", own)])).await;
    assert_eq!(right.location(), own);
    // The role that was asked for is not theirs, which is said now and not before.
    assert_eq!(person.post("/start/credentials", &form).await.status, StatusCode::FORBIDDEN);
}
