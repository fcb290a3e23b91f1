//! `/v1/authorize`: what may be asked, and where an answer may go.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::fault::{Fault, FaultKind, OAuthError};
use model::signin::console_login::LoginClient;
use signin::authorize::Refusal;
use signin::login_requests::{self, Answer};
use testkit::fixture::Fixture;

use crate::cli::{Cli, STATE, chosen};
use crate::world::{CALLBACK, World, oauth_error};

fn with(cli: &Cli, name: &str, value: Option<&str>) -> Vec<(String, String)> {
    let mut params = cli.params();
    params.retain(|(has, _)| has != name);
    params.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    params
}

fn page(world: &World, params: &[(String, String)]) -> Fault {
    match login_requests::open(&world.config, params) {
        Err(Refusal::Page(fault)) => fault,
        other => panic!("{params:?} is shown as no page: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_goes_to_this_machine_or_nowhere_at_all() {
    let world = World::new(Fixture::sqlite().await).await;
    let (same, cross) = (Cli::same_device(), Cli::new(LoginClient::CrossDevice));
    for good in ["http://127.0.0.1:1/oauth/callback", "http://[::1]:9/x", "http://127.0.0.1"] {
        assert!(
            login_requests::open(&world.config, &with(&same, "redirect_uri", Some(good))).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "https://evil.example/oauth/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1/#",
        "http://localhost:49152/oauth/callback",
        "http://127.0.0.1:8765/v1/sessions/confirmation#",
        "javascript:alert(1)",
        "",
    ] {
        let fault = page(&world, &with(&same, "redirect_uri", Some(bad)));
        let expected =
            if bad.is_empty() { OAuthError::InvalidRequest } else { OAuthError::InvalidRedirectUri };
        assert_eq!(fault.kind(), &FaultKind::OAuth(expected), "{bad}");
    }
    for base in ["http://127.0.0.1:8765", "http://localhost:8765"] {
        let uri = format!("{base}/v1/sessions/confirmation");
        assert!(login_requests::open(&world.config, &with(&cross, "redirect_uri", Some(&uri))).is_ok());
    }
    for bad in [
        CALLBACK,
        "http://127.0.0.1:8766/v1/sessions/confirmation",
        "https://us-east-1.signin.aws.amazon.com/v1/sessions/confirmation",
    ] {
        let fault = page(&world, &with(&cross, "redirect_uri", Some(bad)));
        assert!(
            fault.message().contains("http://127.0.0.1:8765/v1/sessions/confirmation"),
            "{}",
            fault.message()
        );
    }
}

#[tokio::test]
async fn only_the_two_programs_ask_and_each_parameter_once() {
    let world = World::new(Fixture::sqlite().await).await;
    let cli = Cli::same_device();
    for unknown in [
        "arn:aws:signin:::devtools/other",
        "arn:aws:signin:::console/canvas",
        "x",
        "ARN:AWS:signin:::devtools/same-device",
    ] {
        let fault = page(&world, &with(&cli, "client_id", Some(unknown)));
        assert_eq!(oauth_error::<()>(Err(fault)), OAuthError::InvalidClient, "{unknown}");
    }
    for name in ["client_id", "redirect_uri"] {
        let mut twice = cli.params();
        twice.push((name.to_owned(), "x".to_owned()));
        page(&world, &twice);
        page(&world, &with(&cli, name, None));
    }
}

/// Once client and redirect URI belong together, the program hears what is wrong; with `--remote` the person does.
#[tokio::test]
async fn what_is_wrong_besides_is_told_to_whom_it_concerns() {
    let world = World::new(Fixture::sqlite().await).await;
    let (same, cross) = (Cli::same_device(), Cli::new(LoginClient::CrossDevice));
    let long = "s".repeat(2_049);
    for (name, value, error) in [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_type", None, "invalid_request"),
        ("scope", Some("openid profile"), "invalid_scope"),
        ("state", None, "invalid_request"),
        ("state", Some(long.as_str()), "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), "invalid_request"),
    ] {
        match login_requests::open(&world.config, &with(&same, name, value)) {
            Err(Refusal::Redirect(to)) => {
                assert!(to.starts_with(&format!("{CALLBACK}?error={error}&")), "{name} {to}");
                assert_eq!(to.contains(&format!("&state={STATE}")), name != "state", "{to}");
            }
            other => panic!("{name}: {other:?}"),
        }
        page(&world, &with(&cross, name, value));
    }
    for fine in [("scope", None), ("code_challenge_method", Some("S256"))] {
        assert!(login_requests::open(&world.config, &with(&same, fine.0, fine.1)).is_ok());
    }
}

testkit::on_both_engines!(
    a_yes_is_recorded_as_cloudtrail_has_it_and_holds_no_code,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let session = world.sign_in().await.session;
        let (same, cross) = (Cli::same_device(), Cli::new(LoginClient::CrossDevice));
        let Answer::Redirect(to) = same.approved(&world, &session).await.unwrap() else {
            panic!("no redirect")
        };
        assert!(to.starts_with(&format!("{CALLBACK}?code=")) && to.contains(&format!("&state={STATE}")));
        let Answer::Show(carried) = cross.approved(&world, &session).await.unwrap() else {
            panic!("not shown")
        };
        let text = String::from_utf8(STANDARD.decode(carried.expose()).unwrap()).unwrap();
        assert!(text.starts_with("code=") && text.ends_with(&format!("&state={STATE}")), "{text}");
        let records = world.records("AuthorizeOAuth2Access");
        assert_eq!(records.len(), 2);
        let of_same_device = records.iter().find(|record| record.contains("devtools/same-device")).unwrap();
        let record: serde_json::Value = serde_json::from_str(of_same_device).unwrap();
        let parameters = serde_json::json!({
            "scope": "openid", "redirect_uri": CALLBACK, "code_challenge_method": "SHA-256",
            "client_id": "arn:aws:signin:::devtools/same-device",
        });
        assert_eq!(record["requestParameters"], parameters);
        assert_eq!(record["eventSource"], "signin.amazonaws.com");
        assert_eq!((&record["eventType"], &record["readOnly"]), (&"AwsApiCall".into(), &true.into()));
        assert_eq!(record["additionalEventData"]["success"], "true");
        assert_eq!(record["userIdentity"]["onBehalfOf"]["userId"], crate::world::JANE);
        let code = crate::world::query(&to, "code").unwrap();
        assert!(records.iter().all(|record| !record.contains(&code) && !record.contains(carried.expose())));
    }
);

testkit::on_both_engines!(a_no_tells_the_program_and_leaves_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    for (client, told) in [(LoginClient::SameDevice, true), (LoginClient::CrossDevice, false)] {
        let cli = Cli::new(client);
        let (cx, request) = (world.person(&session), cli.open(&world));
        let to = login_requests::deny(&world.fixture.store, (&cx, &world.config), &session, &request).await;
        let to = to.unwrap();
        assert_eq!(to.is_some_and(|to| to.starts_with(&format!("{CALLBACK}?error=access_denied&"))), told);
    }
    assert!(
        world.records("AuthorizeOAuth2Access").iter().all(|record| record.contains(r#""success":"false""#))
    );
});

testkit::on_both_engines!(a_session_that_ended_meanwhile_approves_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let session = world.sign_in().await.session;
    signin::sessions::sign_out(&world.fixture.store, &world.person(&session)).await.unwrap();
    let cli = Cli::same_device();
    let (cx, request) = (world.person(&session), cli.open(&world));
    let (store, context) = (&world.fixture.store, (&cx, &world.config));
    let refused = login_requests::approve(store, context, &session, &request, chosen()).await.unwrap_err();
    assert_eq!(refused.kind(), &FaultKind::Unauthorized);
});
