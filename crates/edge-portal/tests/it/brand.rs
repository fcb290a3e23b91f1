//! Whose portal it is: shown on every page from the next one on, and never markup.

use http::StatusCode;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::signin::colour::Colour;
use model::signin::portal_settings::{HelpLink, PortalSettings};
use signin::portal_settings::{NewPortalSettings, put};

use crate::world::{Answer, World};

/// 16 by 16 pixels.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mM4IWfznxLMMGrAqAGjBgwXAwDrXiEfKeEgNQAAAABJRU5ErkJggg==";

async fn decide(world: &World, new: NewPortalSettings) {
    let at = IdentityStoreRef::parse(world.portal.signin.identity_store_id.as_str()).unwrap();
    let cx = world.root("PutPortalSettings");
    put(&world.portal.store, &cx, &at, move || Ok(new.clone())).await.unwrap();
}

fn acme() -> NewPortalSettings {
    NewPortalSettings {
        settings: PortalSettings {
            name: Some("Acme <b>&\"'".to_owned()),
            accent_color: Colour::parse("#a01040"),
            help_text: Some("<i>Call</i> 4711".to_owned()),
            help_link: Some(HelpLink::parse("https://help.acme.example/?a=1&b='").unwrap()),
            ..PortalSettings::default()
        },
        logo: Some(LOGO.to_owned()),
    }
}

/// What stands in quotes behind `mark`.
fn after<'a>(page: &'a Answer, mark: &str) -> &'a str {
    let (_, rest) = page.text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {}", page.text));
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_nobody_named_is_called_portico_and_has_an_icon() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.get("/signin").await;
    assert!(page.text.contains("<title>Sign in · Portico</title>") && page.text.contains("<h1>Sign in</h1>"));
    assert!(!page.text.contains("brand.css") && !page.text.contains("class=\"small help\""));
    let icon = browser.get(after(&page, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"")).await;
    assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(!icon.text.contains("<script") && icon.text.starts_with("<svg"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_is_on_the_next_page_as_text_and_what_was_before_is_gone() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.get("/signin").await;
    decide(&world, acme()).await;
    let page = browser.get("/signin").await;
    assert!(page.text.contains("<title>Sign in · Acme &#60;b&#62;&#38;&#34;&#39;</title>"), "{}", page.text);
    assert!(page.text.contains("<h1>Sign in to Acme &#60;b&#62;&#38;&#34;&#39;</h1>"));
    assert!(page.text.contains("&#60;i&#62;Call&#60;/i&#62; 4711 <a href=\"https://help.acme.example/?a=1&#38;b=&#39;\">help.acme.example/?a=1&#38;b=&#39;</a>"));
    let logo = after(&page, "<img src=\"").to_owned();
    assert_eq!(after(&page, "<link rel=\"icon\" type=\"image/png\" href=\""), logo);
    let picture = browser.get(&logo).await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/png"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert!(picture.header("cache-control").contains("immutable"));
    assert!(picture.header("content-security-policy").contains("default-src 'none'"));
    let style = after(&page, "<link rel=\"stylesheet\" href=\"");
    assert!(style.ends_with("/portico.css"));
    let style =
        page.text.split("<link rel=\"stylesheet\" href=\"").nth(2).unwrap().split('"').next().unwrap();
    let sheet = browser.get(style).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    assert!(
        sheet.text.starts_with(":root { --accent: #a01040; ") && sheet.text.contains("dark"),
        "{}",
        sheet.text
    );
    // A refusal says where help is; a page of somebody who has no trouble does not.
    let refusal = browser.get("/authorize?client_id=x").await;
    assert!(refusal.text.contains("class=\"small help\""), "{}", refusal.text);
    decide(&world, NewPortalSettings::default()).await;
    assert!(browser.get("/signin").await.text.contains("<h1>Sign in</h1>"));
    for gone in [logo.as_str(), style] {
        assert_eq!(browser.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_without_a_name_of_its_own_has_that_of_the_instance_in_both_languages() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.get("/signin").await;
    world.sql("UPDATE instances SET name = 'Acme Ltd'");
    assert!(browser.get("/signin").await.text.contains("<h1>Sign in to Acme Ltd</h1>"));
    let german = browser.send("GET", "/signin", "", &[("accept-language", "de")]).await;
    assert!(german.text.contains("<h1>Bei Acme Ltd anmelden</h1>"));
}
