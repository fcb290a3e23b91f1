//! The way there and back: where the browser is sent, what it may come back with, and the code for tokens. A sign-in that somebody meddles with does
//! not go on.

use jose::openid::callback::{Callback, CallbackError};
use jose::openid::discovery::Provider;
use jose::openid::request::{Attempt, AuthorizationRequest, RequestError};
use jose::openid::token::{ClientProof, TokenError, TokenRequest, Tokens};
use jose::secret::Secret;
use serde_json::json;

use crate::discovery::{metadata, read};
use crate::tokens::{ISSUER, with};

const REDIRECT: &str = "https://portico.example/oidc/callback";

fn attempt() -> Attempt {
    let mut random = [0; 96];
    random.iter_mut().zip(0..).for_each(|(byte, at)| *byte = at);
    Attempt::new(&random)
}

fn provider() -> Provider {
    read(&metadata()).unwrap()
}

fn request(provider: &Provider) -> AuthorizationRequest<'_> {
    AuthorizationRequest {
        provider,
        client_id: "portico",
        redirect_uri: REDIRECT,
        scopes: &[],
        prompt_login: false,
        max_age: None,
        login_hint: None,
    }
}

#[test]
fn an_attempt_is_three_texts_of_32_bytes_each_and_says_none_of_them() {
    let attempt = attempt();
    let texts = [&attempt.state, &attempt.nonce, &attempt.verifier].map(Secret::expose);
    assert_eq!(texts[0], "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    assert!(texts.iter().all(|text| text.len() == 43));
    assert!(texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2]);
    assert_eq!(format!("{attempt:?}"), "Attempt { state: Secret(…), nonce: Secret(…), verifier: Secret(…) }");
}

/// RFC 7636 appendix B.
#[test]
fn the_challenge_is_that_of_the_standard() {
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let attempt = Attempt { verifier, ..attempt() };
    assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn the_address_has_everything_once_and_the_verifier_never() {
    let (provider, attempt) = (provider(), attempt());
    let url = request(&provider).url(&attempt).unwrap();
    let challenge = attempt.challenge();
    let (state, nonce) = (attempt.state.expose(), attempt.nonce.expose());
    assert_eq!(
        url,
        format!(
            "https://id.example/auth?response_type=code&client_id=portico&redirect_uri=https%3A%2F%2Fportico.example%2Foidc%2Fcallback\
             &scope=openid&state={state}&nonce={nonce}&code_challenge={challenge}&code_challenge_method=S256"
        )
    );
    let more = AuthorizationRequest {
        scopes: &["email", "openid", "email", "https://id.example/groups"],
        prompt_login: true,
        max_age: Some(0),
        login_hint: Some("alice+1@globex.example&prompt=none"),
        ..request(&provider)
    };
    let url = more.url(&attempt).unwrap();
    assert!(url.contains("&scope=openid%20email%20https%3A%2F%2Fid.example%2Fgroups&"), "{url}");
    assert!(
        url.ends_with("&prompt=login&max_age=0&login_hint=alice%2B1%40globex.example%26prompt%3Dnone"),
        "{url}"
    );
    assert!(!url.contains(attempt.verifier.expose()));
}

#[test]
fn an_endpoint_with_parameters_of_its_own_keeps_them() {
    let with_endpoint = |url: &str| Provider { authorization_endpoint: url.to_owned(), ..provider() };
    for (endpoint, begins) in [
        ("https://id.example/auth?p=policy", "https://id.example/auth?p=policy&response_type=code&"),
        ("https://id.example/auth?", "https://id.example/auth?response_type=code&"),
    ] {
        let url = request(&with_endpoint(endpoint)).url(&attempt()).unwrap();
        assert!(url.starts_with(begins), "{url}");
    }
    for endpoint in [
        "https://id.example/auth?state=x",
        "https://id.example/auth?a=b&%73cope=x",
        "https://id.example/?response_mode=fragment",
    ] {
        let refused = request(&with_endpoint(endpoint)).url(&attempt()).unwrap_err();
        assert!(matches!(refused, RequestError::Twice(_)), "{endpoint}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    let provider = provider();
    for scope in ["", "a b", "a\"", "a\\", "ü", "a\n", &"x".repeat(257)] {
        let asked = AuthorizationRequest { scopes: &[scope], ..request(&provider) };
        assert!(matches!(asked.url(&attempt()), Err(RequestError::Scope(_))), "{scope:?}");
    }
    let hint = "x".repeat(257);
    let asked = AuthorizationRequest { login_hint: Some(&hint), ..request(&provider) };
    assert_eq!(asked.url(&attempt()), Err(RequestError::Hint(257)));
}

fn answer(query: &str, provider: &Provider) -> Result<String, CallbackError> {
    let code = Callback::read(query)?.code(&attempt(), provider)?;
    Ok(code.expose().to_owned())
}

fn state() -> String {
    attempt().state.expose().to_owned()
}

#[test]
fn the_code_of_the_answer_to_this_question_comes_out() {
    let (provider, state) = (provider(), state());
    for query in [
        format!("code=abc&state={state}"),
        format!("state={state}&session_state=x&code=abc&hd=globex.example&authuser=0"),
        format!("code=abc&state={state}&iss=https%3A%2F%2Fid.example%2Frealms%2Fglobex"),
        format!("&code=%61bc&&state={state}&"),
    ] {
        assert_eq!(answer(&query, &provider).unwrap(), "abc", "{query}");
    }
    let found = Callback::read(&format!("code=abc&state={state}")).unwrap();
    assert!(found.state().unwrap().matches(&state));
    assert!(!format!("{found:?}").contains("abc"), "{found:?}");
}

/// Somebody has a victim's browser go on with the code of their own sign-in, so that the victim works in their account, or the reverse.
#[test]
fn code_injection() {
    let (provider, state) = (provider(), state());
    assert_eq!(answer("code=abc", &provider), Err(CallbackError::NoState));
    for other in
        [String::new(), "x".to_owned(), state.to_lowercase(), state.replace('A', "B"), format!("{state}x")]
    {
        assert_eq!(
            answer(&format!("code=abc&state={other}"), &provider),
            Err(CallbackError::State),
            "{other}"
        );
    }
    for query in [
        format!("code=abc&code=abd&state={state}"),
        format!("code=abc&state=x&state={state}"),
        format!("code=abc&state={state}&%63ode=abd"),
        format!("code=abc&state={state}&iss={ISSUER}&iss=x"),
        format!("error=a&error=b&state={state}"),
    ] {
        assert!(matches!(answer(&query, &provider), Err(CallbackError::Twice(_))), "{query}");
    }
    for code in ["", "%00", "%C3%BC", "a%0Ab", &"x".repeat(4_097)] {
        let query = format!("code={code}&state={state}");
        assert_eq!(answer(&query, &provider), Err(CallbackError::Code), "{code}");
    }
    assert_eq!(answer(&format!("code=%ff&state={state}"), &provider), Err(CallbackError::Form));
    assert_eq!(answer(&format!("state={state}"), &provider), Err(CallbackError::NoCode));
    assert_eq!(answer(&format!("id_token=x&state={state}"), &provider), Err(CallbackError::NoCode));
    assert_eq!(answer(&format!("code=a&error=b&state={state}"), &provider), Err(CallbackError::Both));
    let long = format!("code=abc&state={state}&x={}", "x".repeat(8_192));
    assert!(matches!(answer(&long, &provider), Err(CallbackError::Length { max: 8_192, .. })));
}

/// The code of an honest provider is led to a bad one's token endpoint, or the reverse (RFC 9700 §4.4, RFC 9207).
#[test]
fn mix_up() {
    let (silent, state) = (provider(), state());
    let speaking = Provider { answers_with_issuer: true, ..provider() };
    let bare = format!("code=abc&state={state}");
    assert!(answer(&bare, &silent).is_ok());
    assert_eq!(answer(&bare, &speaking), Err(CallbackError::NoIssuer));
    assert!(answer(&format!("{bare}&iss={ISSUER}"), &speaking).is_ok());
    for iss in
        ["https://evil.example", "", "https://id.example/realms/globex/", "https://ID.example/realms/globex"]
    {
        for provider in [&silent, &speaking] {
            let refused = answer(&format!("{bare}&iss={iss}"), provider);
            assert!(matches!(refused, Err(CallbackError::Issuer { .. })), "{iss}");
        }
    }
    // An error is no more believed than a code.
    let error = format!("error=access_denied&state={state}");
    assert_eq!(answer(&error, &speaking), Err(CallbackError::NoIssuer));
    assert_eq!(answer("error=access_denied", &silent), Err(CallbackError::NoState));
    assert_eq!(answer("error=access_denied&state=x", &silent), Err(CallbackError::State));
}

#[test]
fn an_error_says_what_to_do_and_quotes_the_provider() {
    let (provider, state) = (provider(), state());
    let said = |query: &str| answer(&format!("{query}&state={state}"), &provider).unwrap_err().to_string();
    assert_eq!(
        said("error=access_denied&error_description=not+assigned"),
        "the provider answered \"access_denied\": \"not assigned\"; the person refused, or may not use this application there: assign it to them"
    );
    assert!(said("error=invalid_scope").contains("ask only for scopes"));
    let foreign = said("error=x%0Ay&error_description=%1B%5B31m%22");
    assert_eq!(
        foreign,
        "the provider answered \"x\\ny\": \"\\u{1b}[31m\\\"\"; the log of the provider says more"
    );
    assert!(said(&format!("error={}", "x".repeat(5_000))).len() < 400);
}

#[test]
fn a_code_is_exchanged_with_the_proof_that_the_client_has() {
    let (secret, code, attempt) = (Secret::new("a b:c/ü"), Secret::new("c+d"), attempt());
    let request = |proof| TokenRequest {
        client_id: "por:tico",
        proof,
        redirect_uri: REDIRECT,
        code: &code,
        attempt: &attempt,
    };
    let bare = format!(
        "grant_type=authorization_code&code=c%2Bd&redirect_uri=https%3A%2F%2Fportico.example%2Foidc%2Fcallback&code_verifier={}",
        attempt.verifier.expose()
    );
    let basic = request(ClientProof::Basic(&secret)).outgoing();
    assert_eq!(basic.body.expose(), bare);
    // base64 of por%3Atico:a%20b%3Ac%2F%C3%BC
    assert_eq!(basic.authorization.unwrap().expose(), "Basic cG9yJTNBdGljbzphJTIwYiUzQWMlMkYlQzMlQkM=");
    let post = request(ClientProof::Post(&secret)).outgoing();
    assert_eq!(post.body.expose(), format!("{bare}&client_id=por%3Atico&client_secret=a%20b%3Ac%2F%C3%BC"));
    assert!(post.authorization.is_none());
    let nothing = request(ClientProof::Nothing).outgoing();
    assert_eq!(nothing.body.expose(), format!("{bare}&client_id=por%3Atico"));
    assert!(nothing.authorization.is_none());
    for shown in [format!("{nothing:?}"), format!("{:?}", request(ClientProof::Post(&secret)))] {
        assert!(!shown.contains("a b:c") && !shown.contains(attempt.verifier.expose()), "{shown}");
    }
}

#[test]
fn the_tokens_come_out_and_nothing_else() {
    let right = json!({"id_token": "a.b.c", "access_token": "t", "token_type": "bearer", "expires_in": "3600", "refresh_token": "r"});
    let read = |value: &serde_json::Value| Tokens::read(200, value.to_string().as_bytes());
    let tokens = read(&right).unwrap();
    assert_eq!(tokens.id_token.expose(), "a.b.c");
    assert_eq!(tokens.access_token.as_ref().unwrap().expose(), "t");
    assert!(!format!("{tokens:?}").contains("a.b.c"));
    assert!(read(&json!({"id_token": "a.b.c"})).unwrap().access_token.is_none());
    assert_eq!(
        read(&json!({"access_token": "t", "token_type": "Bearer"})).unwrap_err(),
        TokenError::NoIdToken
    );
    assert_eq!(read(&with(right.clone(), "id_token", json!(null))).unwrap_err(), TokenError::NoIdToken);
    for kind in [json!("DPoP"), json!(null), json!(7)] {
        assert_eq!(read(&with(right.clone(), "token_type", kind)).unwrap_err(), TokenError::NotBearer);
    }
    for name in ["id_token", "access_token"] {
        let refused = read(&with(right.clone(), name, json!({}))).unwrap_err();
        assert!(matches!(refused, TokenError::Kind { member, .. } if member == name));
    }
}

#[test]
fn an_answer_that_refuses_or_is_none_says_so() {
    let read = |status: u16, body: &str| Tokens::read(status, body.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        read(400, r#"{"error":"invalid_grant","error_description":"Code not valid"}"#),
        "the provider's token endpoint answered \"invalid_grant\": \"Code not valid\" (HTTP 400); the code is over or was used before, or the redirect URI or PKCE is not what it was made for; begin the sign-in again"
    );
    assert!(read(401, r#"{"error":"invalid_client"}"#).contains("(has it expired?)"));
    assert!(read(200, r#"{"error":"bad_verification_code"}"#).contains("(HTTP 200)"));
    for (status, body) in [(502, "<html>"), (302, ""), (500, "{}"), (201, r#"{"id_token":"a.b.c"}"#)] {
        assert!(
            read(status, body).contains(&format!("answered HTTP {status} without saying why")),
            "{status}"
        );
    }
    for body in ["", "<html>", "[]", r#"{"id_token":"a","id_token":"b"}"#, &" ".repeat(262_145)] {
        assert!(read(200, body).contains("no acceptable JSON"), "{body:.20}");
    }
}
