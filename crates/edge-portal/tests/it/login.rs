//! `aws login` before a person: signing in, choosing a role, and where the answer goes.

use accounts::accounts::NewAccount;
use accounts::permission_sets::NewPermissionSet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::UnitPath;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::UserId;
use model::event::EventHead;
use model::instances::tag::Tags;
use store::tx::Tx;

use crate::world::{Answer, World, encode};

const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";
const CONFIRMATION: &str = "http://127.0.0.1:8765/v1/sessions/confirmation";
const JANE: &str = "11111111-1111-4111-8111-111111111111";
const PAYMENTS: &str = "222233334444";
const LEDGER: &str = "333344445555";

/// `/v1/authorize?…` as the AWS CLI asks.
fn asked(remote: bool, redirect: &str) -> String {
    let client = if remote { "cross-device" } else { "same-device" };
    format!(
        "/v1/authorize?response_type=code&client_id={}&state=s%26t&code_challenge_method=SHA-256&scope=openid&redirect_uri={}&code_challenge={}",
        encode(&format!("arn:aws:signin:::devtools/{client}")),
        encode(redirect),
        "a".repeat(43)
    )
}

fn same_device() -> String {
    asked(false, CALLBACK)
}

/// Gives Jane these roles, each in its account.
async fn give(world: &World, roles: &[(&str, &str)]) {
    let roles: Vec<(String, String)> =
        roles.iter().map(|(account, role)| ((*account).to_owned(), (*role).to_owned())).collect();
    let instance = world.portal.instance.clone();
    let owner = instance.owner.clone();
    let change = move |tx: &mut Tx<'_>, cx: &Cx| {
        let organization = Organization {
            id: "o-a1b2c3d4e5".to_owned(),
            management_account_id: owner.clone(),
            root_id: "r-a1b2".to_owned(),
            created_at: cx.now,
        };
        store::accounts::organizations::insert(tx, &organization)?;
        for (id, name) in [(PAYMENTS, "payments<b>"), (LEDGER, "ledger")] {
            let new = NewAccount {
                id: Some(AccountId::trusted(id)),
                name: name.to_owned(),
                email: format!("{name}@example.com"),
                path: UnitPath::ROOT,
            };
            accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
        }
        for (account, role) in &roles {
            let new = NewPermissionSet {
                id: None,
                name: role.clone(),
                description: Some(format!("About {role}")),
                session_duration: None,
                relay_state: None,
                tags: Tags::new(),
            };
            let set = accounts::permission_sets::insert_in(tx, cx, &instance.id, &new)?;
            let row = AccountAssignment {
                account_id: AccountId::trusted(account.as_str()),
                permission_set_id: set.id.clone(),
                principal: Principal::User(UserId::trusted(JANE)),
            };
            accounts::account_assignments::assign_in(tx, cx, &instance, &row)?;
        }
        Ok(())
    };
    let surroundings = &world.portal.surroundings;
    let caller = Caller::service(world.portal.instance.owner.clone());
    let cx = Cx::new(surroundings, caller, world.portal.clock.now(), EventHead::default());
    world.portal.store.write(&cx, change).await.unwrap();
}

fn radios(page: &Answer) -> Vec<&str> {
    let mark = "type=\"radio\" name=\"role\" value=\"";
    page.text.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn a_person_signs_in_first_chooses_a_role_and_the_code_goes_to_this_machine() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin"), (LEDGER, "Reader")]).await;
    let sent = world.browser().get(&same_device()).await;
    assert!(sent.location().starts_with("/signin?return_to=%2Fv1%2Fauthorize%3F"), "{}", sent.location());

    let mut person = world.signed_in().await;
    let page = person.get(&same_device()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(radios(&page), [format!("{LEDGER}/Reader"), format!("{PAYMENTS}/Admin")]);
    assert!(!page.text.contains("checked"), "what is allowed is chosen on purpose");
    assert!(page.text.contains("<code>aws login</code>") && page.text.contains("http://127.0.0.1:49152"));
    assert!(!page.text.contains("payments<b>"), "a name is text");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:49152;"), "{policy}");

    let none = person.post(&same_device(), &page.filled(&[("decision", "approve")])).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    assert!(none.text.contains("Choose a role first.") && radios(&none).len() == 2);
    let role = format!("{PAYMENTS}/Admin");
    let answer = person.post(&same_device(), &page.filled(&[("decision", "approve"), ("role", &role)])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(answer.location().starts_with(&format!("{CALLBACK}?code=")), "{}", answer.location());
    assert!(answer.location().contains("&state=s%26t&iss=http%3A%2F%2F127.0.0.1%3A8765"));
    let records = world.records().await;
    let approved = records
        .iter()
        .find(|record| record["eventName"] == "AuthorizeOAuth2Access" && record["errorCode"].is_null());
    let approved = approved.unwrap();
    assert_eq!(approved["additionalEventData"]["roleName"], "Admin");
    assert_eq!(approved["requestParameters"]["redirect_uri"], CALLBACK);
}

#[tokio::test]
async fn the_only_role_is_chosen_already_and_who_has_none_is_told() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    let page = person.get(&same_device()).await;
    assert!(page.text.contains("Nobody has given you access") && !page.text.contains("value=\"approve\""));
    let deny = person.post(&same_device(), &page.filled(&[("decision", "deny")])).await;
    assert!(deny.location().starts_with(&format!("{CALLBACK}?error=access_denied")), "{}", deny.location());
    give(&world, &[(PAYMENTS, "Admin")]).await;
    let page = person.get(&same_device()).await;
    assert!(page.text.contains("required checked"), "{}", page.text);
}

#[tokio::test]
async fn a_search_keeps_the_question() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin"), (LEDGER, "Reader")]).await;
    let mut person = world.signed_in().await;
    let page = person.get(&same_device()).await;
    assert!(page.text.contains("<form class=\"search\" method=\"get\" action=\"/v1/authorize\""));
    for (name, value) in
        [("state", "s&#38;t"), ("redirect_uri", CALLBACK), ("code_challenge_method", "SHA-256")]
    {
        assert!(
            page.text.contains(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")),
            "{name}"
        );
    }
    let found = person.get(&format!("{}&q=READ", same_device())).await;
    assert_eq!(radios(&found), [format!("{LEDGER}/Reader")]);
    assert!(
        found.text.contains("value=\"READ\"") && !found.text.contains("name=\"q\" value=\"READ\"><input")
    );
    let path = format!("{}&q=READ", same_device());
    let role = format!("{LEDGER}/Reader");
    let answer = person.post(&path, &found.filled(&[("decision", "approve"), ("role", &role)])).await;
    assert!(answer.location().starts_with(&format!("{CALLBACK}?code=")), "{}", answer.text);
    let nothing = person.get(&format!("{}&q=zzz", same_device())).await;
    assert!(nothing.text.contains("Nothing matches “zzz”"));
}

#[tokio::test]
async fn a_code_for_another_computer_is_shown_and_sent_nowhere() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin")]).await;
    let mut person = world.signed_in().await;
    let path = asked(true, CONFIRMATION);
    let page = person.get(&path).await;
    assert!(page.text.contains("another computer") && page.text.contains("after your access"));
    assert!(page.header("content-security-policy").contains("form-action 'self';"));
    let role = format!("{PAYMENTS}/Admin");
    let shown = person.post(&path, &page.filled(&[("decision", "approve"), ("role", &role)])).await;
    assert_eq!((shown.status, shown.location()), (StatusCode::OK, ""));
    let (_, rest) = shown.text.split_once("class=\"carried\">").unwrap();
    let carried = STANDARD.decode(rest.split('<').next().unwrap().replace("&#61;", "=")).unwrap();
    let carried = String::from_utf8(carried).unwrap();
    assert!(carried.starts_with("code=") && carried.ends_with("&state=s%26t"), "{carried}");
    let denied = person.post(&path, &page.filled(&[("decision", "deny")])).await;
    assert!(denied.text.contains("Access denied") && denied.location().is_empty());
}

#[tokio::test]
async fn nothing_is_ever_sent_to_another_host() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin")]).await;
    let mut person = world.signed_in().await;
    let form = person
        .get(&same_device())
        .await
        .filled(&[("decision", "approve"), ("role", &format!("{PAYMENTS}/Admin"))]);
    for (remote, redirect) in [
        (false, "https://evil.example/oauth/callback"),
        (false, "http://127.0.0.1@evil.example/"),
        (false, "http://localhost:49152/oauth/callback"),
        (false, CONFIRMATION.replace("127.0.0.1", "localhost").as_str()),
        (false, ""),
        (true, CALLBACK),
        (true, "https://evil.example/v1/sessions/confirmation"),
    ] {
        let path = asked(remote, redirect);
        let shown = person.get(&path).await;
        assert_eq!((shown.status, shown.location()), (StatusCode::BAD_REQUEST, ""), "{redirect}");
        let answer = person.post(&path, &form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{redirect}");
    }
}

#[tokio::test]
async fn a_role_that_the_person_does_not_have_is_not_given_whatever_the_form_says() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin")]).await;
    let mut person = world.signed_in().await;
    let page = person.get(&same_device()).await;
    for role in [
        format!("{LEDGER}/Admin"),
        format!("{PAYMENTS}/Other"),
        format!("{PAYMENTS}/admin"),
        "999999999999/Admin".to_owned(),
    ] {
        let form = page.filled(&[("decision", "approve"), ("role", &role)]);
        let answer = person.post(&same_device(), &form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""), "{role}");
    }
    for role in ["", "x", "x/Admin", PAYMENTS] {
        let form = page.filled(&[("decision", "approve"), ("role", role)]);
        assert_eq!(person.post(&same_device(), &form).await.status, StatusCode::BAD_REQUEST, "{role}");
    }
    let twice = page.filled(&[
        ("decision", "approve"),
        ("role", &format!("{PAYMENTS}/Admin")),
        ("role", &format!("{PAYMENTS}/Admin")),
    ]);
    assert_eq!(person.post(&same_device(), &twice).await.status, StatusCode::BAD_REQUEST);
}

/// A form that another session's page made, or another site, gives nobody a code.
#[tokio::test]
async fn a_form_of_another_session_approves_nothing() {
    let world = World::new().await;
    give(&world, &[(PAYMENTS, "Admin")]).await;
    let (mut one, mut other) = (world.signed_in().await, world.signed_in().await);
    let form = one
        .get(&same_device())
        .await
        .filled(&[("decision", "approve"), ("role", &format!("{PAYMENTS}/Admin"))]);
    let swapped = other.post(&same_device(), &form).await;
    assert_eq!((swapped.status, swapped.location()), (StatusCode::FORBIDDEN, ""));
    let crossed = one.send("POST", &same_device(), &form, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(crossed.status, StatusCode::FORBIDDEN);
    let from = one.send("POST", &same_device(), &form, &[("origin", "https://evil.example")]).await;
    assert_eq!(from.status, StatusCode::FORBIDDEN);
    let none = world.browser().post(&same_device(), &form).await;
    assert!(none.location().starts_with("/signin?return_to="), "{}", none.location());
    assert!(one.post(&same_device(), &form).await.location().starts_with(CALLBACK));
}
