//! The list of accounts, its search and favourites, keys, deep links, and the file for everything.

use accounts::accounts::NewAccount;
use accounts::permission_sets::NewPermissionSet;
use http::StatusCode;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::account_connection::{AccountConnection, ConnectionSettings};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::tag::Tags;
use store::tx::Tx;

use crate::world::{Browser, JANE, World, encode};

const ODD: &str = "</h3>\"'><script>alert(1)</script>";
const MANAGEMENT: &str = "111122223333";
const PAYMENTS: &str = "222233334444";

fn organization(cx: &Cx) -> Organization {
    Organization {
        id: "o-a1b2c3d4e5".to_owned(),
        management_account_id: AccountId::trusted(MANAGEMENT),
        root_id: "r-a1b2".to_owned(),
        created_at: cx.now,
    }
}

/// Makes accounts, and gives Jane every role of these names in each.
async fn give(world: &World, named: &[(&str, &str, &str)], roles: &[&str]) {
    let instance = world.portal.instance.clone();
    let own = |text: &&str| (*text).to_owned();
    let named: Vec<[String; 3]> =
        named.iter().map(|(id, name, email)| [own(id), own(name), own(email)]).collect();
    let roles: Vec<String> = roles.iter().map(own).collect();
    let change = move |tx: &mut Tx<'_>, cx: &Cx| -> Result<(), Fault> {
        if store::accounts::organizations::find(tx)?.is_none() {
            store::accounts::organizations::insert(tx, &organization(cx))?;
        }
        let sets = roles.iter().map(|role| {
            let new = NewPermissionSet {
                id: None,
                name: role.clone(),
                description: Some(format!("About {role} {ODD}{}", "x".repeat(200))),
                session_duration: None,
                relay_state: None,
                tags: Tags::new(),
            };
            accounts::permission_sets::insert_in(tx, cx, &instance.id, &new)
        });
        let sets = sets.collect::<Result<Vec<_>, Fault>>()?;
        for [id, name, email] in &named {
            let id = Some(AccountId::trusted(id.as_str()));
            let new = NewAccount { id, name: name.clone(), email: email.clone(), path: UnitPath::ROOT };
            let account = accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
            for set in &sets {
                let row = AccountAssignment {
                    account_id: account.id.clone(),
                    permission_set_id: set.id.clone(),
                    principal: Principal::User(UserId::trusted(JANE)),
                };
                accounts::account_assignments::assign_in(tx, cx, &instance, &row)?;
            }
        }
        Ok(())
    };
    world.portal.store.maintain(&world.root("Setup"), change).await.unwrap();
}

async fn with_few() -> (World, Browser) {
    let world = World::new().await;
    let accounts = [
        (MANAGEMENT, "Management", "management@o-a1b2c3d4e5.invalid"),
        (PAYMENTS, "Payments Prod", "payments@example.com"),
        ("333344445555", "Zürich", "zurich@example.com"),
        ("444455556666", ODD, "odd@example.com"),
    ];
    give(&world, &accounts, &["PowerUser", "Read.Only"]).await;
    let browser = world.signed_in().await;
    (world, browser)
}

/// The accounts of a page, as they stand on it.
fn accounts(page: &str) -> Vec<&str> {
    page.split("<summary><h2>").skip(1).map(|rest| rest.split_once("</h2>").unwrap().0).collect()
}

fn roles(page: &str) -> usize {
    page.matches("href=\"/start/keys?account=").count()
}

#[tokio::test]
async fn every_word_is_looked_for_in_accounts_and_roles() {
    let (_world, mut jane) = with_few().await;
    let all = jane.get("/start").await.text;
    assert_eq!(accounts(&all).len(), 4);
    assert_eq!(roles(&all), 8);
    assert!(!all.contains(".invalid") && all.contains("payments@example.com"), "{all}");
    for (query, names, roles_found) in [
        ("payments PowerUser", &["Payments Prod"][..], 1),
        ("poweruser   PAYMENTS", &["Payments Prod"], 1),
        ("2222-3333-4444", &["Payments Prod"], 2),
        ("2222 3333 4444", &["Payments Prod"], 2),
        ("power user zurich", &["Zürich"], 1),
        ("zürich read-only", &["Zürich"], 1),
        ("payments@example", &["Payments Prod"], 2),
        ("payments zurich", &[], 0),
        ("invalid", &[], 0),
        ("!!", &[], 0),
    ] {
        for path in ["/start", "/start/search"] {
            let page = jane.get(&format!("{path}?q={}", encode(query))).await;
            assert_eq!(page.status, StatusCode::OK);
            assert_eq!(accounts(&page.text), names, "{query}");
            assert_eq!(roles(&page.text), roles_found, "{query}");
        }
    }
    let long = jane.get(&format!("/start?q={}", "x".repeat(257))).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
    assert!(long.text.contains("q must have at most 256 characters, not 257"), "{}", long.text);
    assert_eq!(jane.get("/start?page=x").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_people_wrote_is_text_everywhere() {
    let (world, mut jane) = with_few().await;
    let arn = organization(&world.root("x")).account_arn(&AccountId::trusted("444455556666"));
    world.sql(&format!("INSERT INTO tags VALUES ('{arn}', '<b>key', '{}')", ODD.replace('\'', "''")));
    world.sql(&format!(
        "INSERT INTO organizational_units (unit_id, path, name, created_at) VALUES ('ou-a1b2-00000001', '', 'Workloads', 0), ('ou-a1b2-00000002', 'ou-a1b2-00000001/', '{}', 0);
         UPDATE accounts SET path = 'ou-a1b2-00000001/ou-a1b2-00000002/' WHERE account_id = '444455556666'",
        ODD.replace('\'', "''")
    ));
    let q = encode(ODD);
    let keys = "/start/keys?account=444455556666&role=PowerUser";
    for path in [
        "/start",
        "/start/search",
        keys,
        "/start/config",
        &format!("/start?q={q}"),
        &format!("/start/search?q={q}"),
    ] {
        let page = jane.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let bare = page.text.replace("<script type=\"module\"", "");
        assert!(
            !bare.contains("<script") && !bare.contains("<b>") && !bare.contains("\"'>"),
            "{path}: {bare}"
        );
    }
    let page = jane.get("/start").await.text;
    assert!(page.contains("&#60;b&#62;key: "), "the tag is shown");
    assert!(page.contains(" · Workloads / &#60;/h3&#62;"), "where the account lies is shown");
    assert!(page.contains("xx…"), "a long description is shown in part");
}

#[tokio::test]
async fn a_favourite_and_what_was_used_last_come_first() {
    let (world, mut jane) = with_few().await;
    let page = jane.get("/start?q=example").await;
    let order = accounts(&page.text).len();
    let form = page.filled(&[("add", "333344445555"), ("q", "example"), ("page", "1")]);
    let answer = jane.post("/start/favourites", &form).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/start?q=example"));
    let page = jane.get("/start").await;
    assert_eq!(accounts(&page.text)[0], "Zürich");
    assert!(
        page.text.contains("name=\"remove\" value=\"333344445555\" aria-pressed=\"true\""),
        "{}",
        page.text
    );
    assert_eq!((order, accounts(&page.text).len()), (3, 4));
    let form = page.filled(&[("remove", "333344445555")]);
    assert_eq!(jane.post("/start/favourites", &form).await.location(), "/start");
    assert_eq!(accounts(&jane.get("/start").await.text)[0].chars().next(), Some('&'));
    // What is out of reach cannot be marked, and nothing is told of it.
    for id in ["999988887777", "x", ""] {
        let form = page.filled(&[("add", id)]);
        assert!(jane.post("/start/favourites", &form).await.status.is_client_error(), "{id}");
    }
    assert_eq!(
        jane.post("/start/favourites", "csrf=forged&add=333344445555").await.status,
        StatusCode::FORBIDDEN
    );

    let form = page.filled(&[("account", PAYMENTS), ("role", "Read.Only")]);
    assert_eq!(jane.post("/start/credentials", &form).await.status, StatusCode::SEE_OTHER);
    let page = jane.get("/start").await.text;
    let (_, recent) = page.split_once("id=\"recent\"").expect("used lately");
    assert!(recent.split_once("</ul>").unwrap().0.contains("Payments Prod"), "{recent}");
    assert!(!jane.get("/start?q=zurich").await.text.contains("id=\"recent\""));
    // What one may use no more is not offered, and comes back with the right to it.
    world.sql("UPDATE accounts SET state = 'SUSPENDED' WHERE account_id = '222233334444'");
    assert!(!jane.get("/start").await.text.contains("Payments Prod"));
}

#[tokio::test]
async fn keys_are_shown_once_by_a_page_that_can_be_loaded_again() {
    let (world, mut jane) = with_few().await;
    let own = "/start/keys?account=222233334444&role=PowerUser";
    let page = jane.get(own).await;
    assert!(!page.text.contains("ASIA"));
    let form = page.filled(&[("account", PAYMENTS), ("role", "PowerUser")]);
    let answer = jane.post("/start/credentials", &form).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, own));
    assert!(answer.text.is_empty());
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("portico_keys=")
            && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"),
        "{cookie}"
    );
    assert!(!cookie.contains("ASIA") && cookie.len() < 2_000, "{}", cookie.len());
    let carried = jane.cookies["portico_keys"].clone();

    let shown = jane.get(own).await;
    let (_, id) = shown.text.split_once("export AWS_ACCESS_KEY_ID=&#34;").expect("keys");
    assert!(id.starts_with("ASIA"));
    assert!(
        shown.text.contains("data-until=\"") && shown.text.contains("in 59 minutes")
            || shown.text.contains("in 1 hour"),
        "{}",
        shown.text
    );
    for form in ["export AWS_", "$Env:AWS_", "SET &#34;AWS_", "aws_session_token = "] {
        assert!(shown.text.contains(form), "{form}");
    }
    assert!(!jane.cookies.contains_key("portico_keys"), "the page takes the cookie away");
    assert!(!jane.get(own).await.text.contains("ASIA"), "and shows them no more");

    // Sealed for this role and this session, and for a while.
    jane.cookies.insert("portico_keys".to_owned(), carried.clone());
    assert!(!jane.get("/start/keys?account=222233334444&role=Read.Only").await.text.contains("ASIA"));
    let mut other = world.signed_in().await;
    other.cookies.insert("portico_keys".to_owned(), carried.clone());
    assert!(!other.get(own).await.text.contains("ASIA"), "another session");
    for altered in [format!("{carried}A"), carried.replacen('A', "B", 3), "x".to_owned()] {
        jane.cookies.insert("portico_keys".to_owned(), altered);
        let page = jane.get(own).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("ASIA"));
    }
    let records = world.records().await;
    let issued = records.iter().filter(|record| record["eventName"] == "GetRoleCredentials");
    assert_eq!(issued.count(), 1);
}

#[tokio::test]
async fn deep_links_lead_to_the_console_that_there_is_and_say_where_there_is_none() {
    let (world, mut jane) = with_few().await;
    let link = |account: &str, destination: &str| {
        format!("/start/console?account_id={account}&role_name=PowerUser&destination={}", encode(destination))
    };
    for (wanted, leads) in [
        ("/console/users?q=x", "/console/users?q=x"),
        ("https://console.aws.amazon.com/s3/home", "/console"),
        ("//evil.example", "/console"),
        ("/console/../start", "/console"),
        ("/console\r\nSet-Cookie: a=b", "/console"),
        ("", "/console"),
    ] {
        let answer = jane.get(&link(MANAGEMENT, wanted)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, leads), "{wanted}");
    }
    let page = jane.get(&link(PAYMENTS, "/console")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("Payments Prod has no console yet"), "{}", page.text);
    assert!(
        page.text.contains("href=\"/start/keys?account=222233334444&#38;role=PowerUser\""),
        "{}",
        page.text
    );
    for account in ["999988887777", "", "x"] {
        assert_eq!(jane.get(&link(account, "/console")).await.status, StatusCode::FORBIDDEN);
    }
    // It survives signing in.
    let asked = world.browser().get(&link(MANAGEMENT, "/console/users")).await;
    let back = encode(&link(MANAGEMENT, "/console/users"))
        .replace("%5F", "_")
        .replace("%2E", ".")
        .replace("%2D", "-");
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert!(
        asked.location().starts_with("/signin?return_to=%2Fstart%2Fconsole%3F"),
        "{} {back}",
        asked.location()
    );
    // AWS's address with a slash: what stands behind its hash the browser takes along.
    assert_eq!(jane.get("/start/").await.location(), "/start");
}

#[tokio::test]
async fn what_is_pasted_for_a_connected_account_leads_signing_in_here_and_the_rest_there() {
    let (world, mut jane) = with_few().await;
    let settings = ConnectionSettings {
        access_key_id: "AKIAELSEWHERE".to_owned(),
        role_arn: None,
        external_id: None,
        iam_endpoint: None,
        sts_endpoint: None,
        region: Some("eu-central-1".to_owned()),
        role_path: None,
        role_name_prefix: None,
        drift_detection_hours: None,
    };
    let change = move |tx: &mut Tx<'_>, cx: &Cx| {
        let row = AccountConnection {
            organization_id: None,
            account_id: AccountId::trusted(PAYMENTS),
            settings: settings.clone(),
            created_at: cx.now,
            created_by: "test".to_owned(),
            updated_at: cx.now,
            updated_by: "test".to_owned(),
        };
        store::accounts::account_connections::insert(tx, &row, b"sealed")
    };
    world.portal.store.write(&world.root("Prepare"), change).await.unwrap();
    let file = jane.get("/start/config.txt").await.text;
    let sections: Vec<&str> = file.split("\n\n").filter(|section| section.starts_with('[')).collect();
    let of = |name: &str| *sections.iter().find(|section| section.starts_with(name)).unwrap();
    let there = of("[profile payments-prod-");
    assert!(there.contains("region = eu-central-1\n") && !there.contains("endpoint_url"), "{there}");
    let called = there.lines().find_map(|line| line.strip_prefix("services = ")).unwrap();
    assert!(called.ends_with("-aws"), "{called}");
    let services = of(&format!("[services {called}]"));
    assert!(
        services.contains("sso =") && services.contains("sso_oidc =") && !services.contains("sts"),
        "{services}"
    );
    let here = sections
        .iter()
        .find(|section| section.contains("endpoint_url = http") && section.starts_with("[profile"));
    assert!(here.is_some(), "accounts that are here are as they were");
    let page = jane.get(&format!("/start/keys?account={PAYMENTS}&role=PowerUser")).await.text;
    assert!(page.contains(&format!("--services {called} sso.endpoint_url")), "{page}");
    assert!(page.contains("AWS_ENDPOINT_URL_SSO=") && !page.contains("AWS_ENDPOINT_URL="), "{page}");
    assert!(page.contains("everything else goes to the account"), "{page}");
}

#[tokio::test]
async fn the_file_for_everything_is_a_page_first_and_comes_as_people_name_it() {
    let (_world, mut jane) = with_few().await;
    let page = jane.get("/start/config").await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("[profile payments-prod-poweruser]"), "{}", page.text);
    let file = jane.get("/start/config.txt?template=%7Brole%7D.%7Baccount_id%7D&sessions=account").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"aws-config.txt\"");
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    let sections: Vec<&str> = file.text.lines().filter(|line| line.starts_with('[')).collect();
    let count = |kind: &str| sections.iter().filter(|line| line.starts_with(kind)).count();
    assert_eq!((count("[profile "), count("[sso-session "), count("[services ")), (8, 4, 1));
    assert!(sections.contains(&"[profile read-only.222233334444]"), "{sections:?}");
    for bad in ["%5D%0A%5Bdefault%5D", "%7Bnobody%7D", "", "a%20b"] {
        let page = jane.get(&format!("/start/config?template={bad}&sessions=one")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(
            page.text.contains("[profile payments-prod-poweruser]") && page.text.contains("role=\"alert\"")
        );
        assert_eq!(
            jane.get(&format!("/start/config.txt?template={bad}")).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    assert_eq!(jane.get("/start/config.txt?sessions=many").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_is_as_large_for_whoever_reaches_a_thousand_accounts() {
    let world = World::new().await;
    let named: Vec<[String; 3]> = (0..600)
        .map(|at| {
            [
                format!("{}", 300_000_000_000_u64 + at),
                format!("Account {at:04}"),
                format!("a{at}@example.com"),
            ]
        })
        .collect();
    let named: Vec<(&str, &str, &str)> =
        named.iter().map(|[id, name, email]| (id.as_str(), name.as_str(), email.as_str())).collect();
    give(&world, &named, &["A", "B", "C", "D", "E"]).await;
    let mut jane = world.signed_in().await;
    let page = jane.get("/start").await.text;
    assert!(page.len() < 48_000, "{}", page.len());
    assert!(page.contains("600 accounts"));
    let mut seen = Vec::new();
    let mut path = "/start".to_owned();
    loop {
        let page = jane.get(&path).await.text;
        seen.extend(accounts(&page).iter().map(|name| (*name).to_owned()));
        let Some((_, next)) = page.split_once("rel=\"next\" href=\"") else { break };
        path = next.split_once('"').unwrap().0.replace("&#38;", "&");
    }
    let sorted: Vec<String> = named.iter().map(|(_, name, _)| (*name).to_owned()).collect();
    assert_eq!(seen, sorted, "every account is on one page");
    // Beyond the last page there is the last.
    assert!(jane.get("/start?page=99999").await.text.contains("Account 0599"));
    assert_eq!(accounts(&jane.get("/start?q=account0042+c").await.text), ["Account 0042"]);
    assert!(jane.get("/start/config").await.text.contains("The first 10 of 3,000 profiles"));
}

#[tokio::test]
async fn an_account_with_more_roles_than_a_page_goes_on_on_the_next() {
    let world = World::new().await;
    let names: Vec<String> = (0..205).map(|at| format!("Role{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    give(&world, &[(PAYMENTS, "Payments", "p@example.com")], &names).await;
    let mut jane = world.signed_in().await;
    let mut all = 0;
    for page in 1..=3 {
        let page = jane.get(&format!("/start?page={page}")).await.text;
        assert_eq!(accounts(&page), ["Payments"]);
        assert!(page.contains("205 roles"));
        all += roles(&page);
    }
    assert_eq!(all, 205);
}

#[tokio::test]
async fn who_is_signed_out_meanwhile_is_told_by_the_status_of_a_search() {
    let (world, mut jane) = with_few().await;
    assert_eq!(world.browser().get("/start/search?q=x").await.status, StatusCode::UNAUTHORIZED);
    let form = jane.get("/start").await.filled(&[("add", PAYMENTS)]);
    world.sql("DELETE FROM portal_sessions");
    assert_eq!(jane.get("/start/search").await.status, StatusCode::UNAUTHORIZED);
    assert!(jane.post("/start/favourites", &form).await.location().starts_with("/signin"));
}

#[tokio::test]
async fn a_session_has_the_name_that_its_person_gave_it_and_all_end_at_once() {
    let world = World::new().await;
    let (mut here, mut there) = (world.signed_in().await, world.signed_in().await);
    let page = here.get("/security").await;
    let (_, rest) = page.text.split_once("name=\"session\" value=\"").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    for (name, status) in [
        ("  <b>Desk  ", StatusCode::SEE_OTHER),
        ("", StatusCode::BAD_REQUEST),
        ("a\nb", StatusCode::BAD_REQUEST),
    ] {
        let named =
            here.post("/security/sessions/name", &page.filled(&[("session", &id), ("name", name)])).await;
        assert_eq!(named.status, status, "{name:?}");
    }
    let missing =
        here.post("/security/sessions/name", &page.filled(&[("session", "x"), ("name", "x")])).await;
    assert!(missing.text.contains("There is no such session."), "{}", missing.text);
    let shown = there.get("/security").await.text;
    assert!(shown.contains("<h2>&#60;b&#62;Desk"), "{shown}");
    assert_eq!(here.post("/security/everywhere", "csrf=forged").await.status, StatusCode::FORBIDDEN);
    let done = here.post("/security/everywhere", &page.filled(&[])).await;
    assert!(done.text.contains("You are signed out everywhere") && !here.cookies.contains_key("portico"));
    for browser in [&mut here, &mut there] {
        assert_eq!(browser.get("/start").await.status, StatusCode::SEE_OTHER);
    }
}
