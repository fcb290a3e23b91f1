//! Pages in the language that a browser asks for.

use http::StatusCode;

use crate::world::{Answer, Browser, DISPLAY_NAME, PASSWORD, World, authorize};

const GERMAN: [(&str, &str); 1] = [("accept-language", "de-AT,de;q=0.9,en;q=0.8")];

const ENGLISH_FILE: &str = r#"
# Everything that you may use at http://localhost:8765/start, as ~/.aws/config or as a file of its own that AWS_CONFIG_FILE names.
# To renew it replace all of it: a section that stands twice makes the AWS CLI refuse the whole file.
#
# Sign in:   aws sso login --profile NAME
# Sign out:  aws sso logout --profile NAME
#
# Without --profile these two, aws sso login --sso-session and aws configure sso read no profile: they would talk to
# Amazon, and the first would send it your tokens. Where you use them so, set first:
#   export AWS_ENDPOINT_URL="http://127.0.0.1:8765"
#   export AWS_ENDPOINT_URL_SSO="http://127.0.0.1:8765"
#   export AWS_ENDPOINT_URL_SSO_OIDC="http://127.0.0.1:8765"
#   export AWS_ENDPOINT_URL_STS="http://127.0.0.1:8765"
"#;

async fn get(browser: &mut Browser, path: &str) -> Answer {
    browser.send("GET", path, "", &GERMAN).await
}

async fn post(browser: &mut Browser, path: &str, form: &str) -> Answer {
    browser.send("POST", path, form, &GERMAN).await
}

fn is_german(answer: &Answer) {
    assert!(answer.text.contains("<html lang=\"de\">"), "{}", answer.text);
    assert_eq!(answer.header("content-language"), "de");
    assert_eq!(answer.header("vary"), "Accept-Language");
}

#[tokio::test]
async fn a_page_says_in_which_language_it_is_and_that_there_are_others() {
    let world = World::new().await;
    let mut browser = world.browser();
    let long = "x".repeat(10_000);
    for other in ["", "fr", "en-GB,de;q=0.5", "*", ";;,=q", &long] {
        let page = browser.send("GET", "/signin", "", &[("accept-language", other)]).await;
        assert!(
            page.text.contains("<html lang=\"en\">") && page.text.contains("<h1>Sign in</h1>"),
            "{other}"
        );
        assert_eq!((page.header("content-language"), page.header("vary")), ("en", "Accept-Language"));
    }
    let page = get(&mut browser, "/signin").await;
    is_german(&page);
    assert!(page.text.contains("<h1>Anmelden</h1>") && page.text.contains(">Benutzername</label>"));
    is_german(&get(&mut browser, "/nowhere").await);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_language_and_recorded_in_english() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = get(&mut browser, "/signin").await;
    let wrong = page.filled(&[("username", "jane"), ("password", "wrong")]);
    let answer = post(&mut browser, "/signin", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    is_german(&answer);
    assert!(answer.text.contains("Benutzername oder Passwort ist falsch."), "{}", answer.text);
    assert!(!answer.text.contains("Wrong user name"));
    let stale = post(&mut browser, "/signin", "csrf=x").await;
    assert!(stale.text.contains("Diese Seite war zu lange offen."), "{}", stale.text);
    // Each page is asked for anew: the next browser of the same session may speak another language.
    let english = browser.post("/signin", &wrong).await;
    assert!(english.text.contains("Wrong user name or password."), "{}", english.text);
    let records = format!("{:?}", world.records().await);
    assert!(
        records.contains("This page was open for too long.") && !records.contains("Diese Seite"),
        "{records}"
    );
}

#[tokio::test]
async fn the_own_page_is_in_the_language_wherever_it_leads() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let page = get(&mut browser, "/security").await;
    is_german(&page);
    for said in ["<h1>Anmeldung und Geräte</h1>", "mit Passwort", "8 bis 64 Zeichen", "Ein Programm"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let fields = [("old_password", PASSWORD), ("new_password", "short"), ("repeated", "short")];
    let refused = post(&mut browser, "/security/password", &page.filled(&fields)).await;
    assert!(refused.text.contains("muss 8 bis 64 Zeichen haben, nicht 5."), "{}", refused.text);
    let fields = [("old_password", "wrong"), ("new_password", "one"), ("repeated", "other")];
    let refused = post(&mut browser, "/security/password", &page.filled(&fields)).await;
    assert!(refused.text.contains("Die beiden neuen Passwörter stimmen nicht überein."));
    let page = get(&mut browser, "/security/add").await;
    is_german(&page);
    assert!(page.text.contains("Geheimnis: <code>"), "{}", page.text);
    let config = get(&mut browser, "/start/config.txt").await;
    assert!(config.text.starts_with("# Alles, was Sie unter http://localhost:8765/start"), "{}", config.text);
    assert!(config.text.lines().take_while(|line| !line.is_empty()).all(|line| line.starts_with('#')));
    assert_eq!(config.header("content-language"), "de");
    let english = browser.get("/start/config.txt").await.text;
    assert_eq!(english.split_once("\n\n").unwrap().0, ENGLISH_FILE.trim());
    let csrf = page.hidden("csrf");
    let out = post(&mut browser, "/signout", &format!("csrf={csrf}")).await;
    is_german(&out);
    assert!(out.text.contains("<h1>Sie sind abgemeldet</h1>"));
}

#[tokio::test]
async fn names_are_text_in_every_language() {
    let world = World::new().await;
    let name = "<i>{ $program }</i>";
    let program = world.program(name, "http://127.0.0.1/oauth/callback").await;
    let mut person = world.signed_in().await;
    let path = authorize(&program, "http%3A%2F%2F127.0.0.1%3A49152%2Foauth%2Fcallback");
    let english = person.get(&path).await.text;
    let german = get(&mut person, &path).await.text;
    let shown = "&#60;i&#62;{ $program }&#60;/i&#62;";
    assert!(english.contains(&format!("<h1>Allow {shown} to use your access?</h1>")), "{english}");
    assert!(german.contains(&format!("<h1>{shown} erlauben, Ihren Zugriff zu verwenden?</h1>")), "{german}");
    for page in [english, german] {
        assert!(!page.contains("<i>") && !page.contains(DISPLAY_NAME), "{page}");
    }
    world.sql(&format!("UPDATE users SET user_name = '<b>jane', display_name = '{name}'"));
    for language in ["en", "de"] {
        for path in ["/security", "/start?q=%3Cb%3E", "/device"] {
            let page = person.send("GET", path, "", &[("accept-language", language)]).await.text;
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
            assert!(!page.contains("<b>") && !page.contains("<i>"), "{path}: {page}");
        }
    }
}
