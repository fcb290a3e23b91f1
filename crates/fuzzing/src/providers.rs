//! What a provider says of itself, and what it answers. Any bytes are read without a panic. A provider that is taken is the one that was asked, and its
//! addresses are safe to go to; the address of a sign-in there has each parameter once; no code comes out without the state, and no token out of an
//! answer that has none. Input: metadata; or whatever the browser or an endpoint brings.

use jose::openid::callback::Callback;
use jose::openid::discovery::{Provider, address};
use jose::openid::request::{Attempt, AuthorizationRequest};
use jose::openid::token::Tokens;
use jose::openid::userinfo;
use serde_json::Value;

const ISSUERS: [&str; 2] = ["https://id.example", "http://127.0.0.1:9000"];
const OURS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

pub(crate) fn run(bytes: &[u8]) {
    let attempt = Attempt::new(&[7; 96]);
    let text = String::from_utf8_lossy(bytes);
    let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let own = document["issuer"].as_str().unwrap_or_default();
    for issuer in ISSUERS.into_iter().chain([own]) {
        if let Ok(provider) = Provider::read(issuer, bytes) {
            assert_eq!((provider.issuer.as_str(), own), (issuer, issuer), "another provider");
            assert!(address(issuer).is_ok(), "{issuer}");
            judge(&provider, &attempt);
        }
    }
    if let Ok(url) = address(text.trim()) {
        assert!(is_safe(&url, true), "{url}");
    }
    answered(&text, &attempt);
    for status in [200, 400] {
        if let Ok(tokens) = Tokens::read(status, bytes) {
            assert_eq!((status, &document["id_token"]), (200, &Value::from(tokens.id_token.expose())));
        }
    }
    assert!(userinfo::read(200, bytes, "alice").is_err() || document["sub"] == "alice", "somebody else's");
}

/// https, or http on this machine where that is allowed.
fn is_safe(url: &str, may_be_http: bool) -> bool {
    let here = ["http://127.", "http://localhost", "http://[::1]", "http://[0:"];
    url.starts_with("https://")
        || may_be_http && here.iter().any(|start| url.to_lowercase().starts_with(start))
}

fn judge(provider: &Provider, attempt: &Attempt) {
    let may_be_http = provider.issuer.starts_with("http://");
    let optional = [&provider.userinfo_endpoint, &provider.end_session_endpoint];
    let endpoints = [&provider.authorization_endpoint, &provider.token_endpoint, &provider.jwks_uri];
    for url in endpoints.into_iter().chain(optional.into_iter().flatten()) {
        assert!(is_safe(url, may_be_http), "{url}");
    }
    assert!(!provider.algorithms.is_empty());
    let request = AuthorizationRequest {
        provider,
        client_id: "portico",
        redirect_uri: "https://portico.example/oidc/callback",
        scopes: &["email"],
        prompt_login: false,
        max_age: None,
        login_hint: None,
    };
    let Ok(url) = request.url(attempt) else { return };
    assert!(url.starts_with(&provider.authorization_endpoint), "{url}");
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    for name in OURS {
        let is_it = |field: &&str| {
            let written = field.split('=').next().unwrap_or_default();
            percent_encoding::percent_decode_str(written).decode_utf8().is_ok_and(|found| found == name)
        };
        assert_eq!(query.split('&').filter(is_it).count(), 1, "{name}: {url}");
    }
}

/// `@` stands for the state, so that an answer can be right.
fn answered(text: &str, attempt: &Attempt) {
    let metadata = r#"{"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":"https://id.example/t","jwks_uri":"https://id.example/k","response_types_supported":["code"],"id_token_signing_alg_values_supported":["ES256"]}"#;
    let provider = Provider::read("https://id.example", metadata.as_bytes());
    assert!(provider.is_ok(), "an honest provider is taken");
    let Ok(provider) = provider else { return };
    let is_code = |query: &str| {
        Callback::read(query).ok().and_then(|answer| answer.code(attempt, &provider).ok()).is_some()
    };
    assert!(!is_code(text), "a code without the state: {text}");
    let _ = is_code(&text.replace('@', attempt.state.expose()));
}
