//! What programs of applications ask that speak OpenID Connect: what is published, tokens, what tokens are good for. Without cookies: whoever calls proves who they are by what
//! they bring. Answers are JSON, errors those of RFC 6749 §5.2 and RFC 6750 §3.

use applications::oidc_applications::{DEVICE_CODE_GRANT, key_set, metadata};
use applications::oidc_clients::{Presented, Proof};
use applications::oidc_keys::KEPT;
use applications::oidc_tokens::{self, Grant, Issued, TokenRequest};
use applications::oidc_uses::{self, By};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use model::applications::application::ApplicationId;
use model::event::Outcome;
use model::fault::{Fault, FaultKind, OAuthError};
use model::secret::Secret;
use serde_json::{Map, Value, json};

use crate::oidc_applications::ours;
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::{form, headers, message};

/// What says that a client proves itself by a token of its own (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Whose calls these are in the trail.
pub(crate) const SOURCE: &str = "sso-oauth.amazonaws.com";
pub(crate) type Pairs = [(String, String)];

pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::oauth(OAuthError::InvalidRequest, message)
}

pub(crate) fn parsed(id: String) -> Result<ApplicationId, Fault> {
    ApplicationId::parse(id).map_err(|_| Fault::not_found("There is no such application"))
}

pub(crate) fn written(status: StatusCode, value: &Value) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], value.to_string()).into_response()
}

/// What a refusal is called, and its status.
const fn code(kind: &FaultKind) -> (&'static str, StatusCode) {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    match kind {
        // Of an application that is not there no more is said than of one that somebody else is.
        FaultKind::OAuth(OAuthError::InvalidClient) | FaultKind::NotFound(_) => {
            ("invalid_client", StatusCode::UNAUTHORIZED)
        }
        FaultKind::OAuth(OAuthError::AccessDenied) => ("access_denied", BAD),
        FaultKind::OAuth(OAuthError::AuthorizationPending) => ("authorization_pending", BAD),
        FaultKind::OAuth(OAuthError::ExpiredToken) => ("expired_token", BAD),
        FaultKind::OAuth(OAuthError::InvalidDpopProof) => ("invalid_dpop_proof", BAD),
        FaultKind::OAuth(OAuthError::SlowDown) => ("slow_down", BAD),
        FaultKind::OAuth(OAuthError::InvalidGrant) => ("invalid_grant", BAD),
        FaultKind::OAuth(OAuthError::InvalidScope) => ("invalid_scope", BAD),
        FaultKind::OAuth(OAuthError::UnsupportedGrantType) => ("unsupported_grant_type", BAD),
        FaultKind::OAuth(OAuthError::UnauthorizedClient) | FaultKind::Forbidden | FaultKind::AccessDenied => {
            ("unauthorized_client", BAD)
        }
        FaultKind::Throttled(_) => ("temporarily_unavailable", StatusCode::TOO_MANY_REQUESTS),
        FaultKind::Unavailable => ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        FaultKind::Internal => ("server_error", StatusCode::INTERNAL_SERVER_ERROR),
        _ => ("invalid_request", BAD),
    }
}

/// What may stand in a description (RFC 6749 §5.2).
fn plain(text: &str) -> String {
    let allowed = |letter: char| (' '..='~').contains(&letter) && letter != '"' && letter != '\\';
    text.chars().map(|letter| if allowed(letter) { letter } else { '?' }).collect()
}

pub(crate) fn refusal(portal: &Portal, visitor: &Visitor, refused: &Fault, by_basic: bool) -> Response {
    message::record(portal, visitor, refused);
    let (error, status) = code(refused.kind());
    let said = json!({"error": error, "error_description": plain(refused.message())});
    let mut response = headers::retry_after(written(status, &said), refused.kind());
    if by_basic && status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"client\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn published(portal: &Portal, visitor: &Visitor, found: Result<Value, Fault>) -> Response {
    match found {
        Ok(document) => {
            let mut response = written(StatusCode::OK, &document);
            if let Ok(keep) = HeaderValue::from_str(&format!("public, max-age={}", KEPT.as_secs())) {
                response.headers_mut().insert(header::CACHE_CONTROL, keep);
            }
            response
        }
        Err(refused) => message::fault(portal, visitor, &refused),
    }
}

/// `GET /oauth2/{id}/.well-known/openid-configuration`, and where RFC 8414 §3.1 has it.
pub(crate) async fn discovery(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let visitor = visitor.of_program(SOURCE, "GetMetadata", true);
    let found = parsed(id).and_then(|id| metadata(&portal.store, &visitor.cx, (&ours(&portal), &id)));
    published(&portal, &visitor, found)
}

/// `GET /oauth2/{id}/keys`
pub(crate) async fn keys(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let visitor = visitor.of_program(SOURCE, "GetMetadata", true);
    let found = parsed(id).and_then(|id| key_set(&portal.store, &visitor.cx, &id));
    published(&portal, &visitor, found)
}

/// A form that a program sent.
pub(crate) fn fields((headers, body): (&HeaderMap, &[u8])) -> Result<Vec<(String, String)>, Fault> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err(invalid(format!("the Content-Type must be {FORM}")));
    }
    let pairs = form::pairs(body).ok_or_else(|| invalid("the body is no form in UTF-8"))?;
    for (at, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().skip(at + 1).any(|(other, _)| other == name) {
            return Err(invalid(format!("{} is given more than once", plain(name))));
        }
    }
    Ok(pairs)
}

pub(crate) fn given<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    form::field(pairs, name).filter(|value| !value.is_empty())
}

fn needed<'p>(pairs: &'p Pairs, name: &str) -> Result<&'p str, Fault> {
    given(pairs, name).ok_or_else(|| invalid(format!("{name} is missing")))
}

pub(crate) fn by_basic(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

/// Whom a caller says that they are, by one way of saying it (RFC 6749 §2.3).
pub(crate) fn presented(headers: &HeaderMap, pairs: &Pairs) -> Result<Presented, Fault> {
    let (id, secret) = (given(pairs, "client_id"), given(pairs, "client_secret"));
    let assertion = given(pairs, "client_assertion");
    let ways = [by_basic(headers), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(invalid("the client proves itself in more than one way"));
    }
    if by_basic(headers) {
        let (basic, secret) = basic(headers).ok_or_else(|| {
            Fault::oauth(
                OAuthError::InvalidClient,
                "the Authorization header is not Basic, as RFC 6749 section 2.3.1 has it",
            )
        })?;
        if id.is_some_and(|id| id != basic) {
            return Err(invalid("client_id is another one than in the Authorization header"));
        }
        return Ok(Presented { client_id: Some(basic), proof: Proof::Secret(secret) });
    }
    let proof = match (secret, assertion) {
        (Some(secret), _) => Proof::Secret(Secret::new(secret)),
        (None, Some(assertion)) => {
            if given(pairs, "client_assertion_type") != Some(JWT_BEARER) {
                return Err(invalid(format!("client_assertion_type must be {JWT_BEARER}")));
            }
            Proof::Assertion(Secret::new(assertion))
        }
        (None, None) => Proof::Nothing,
    };
    Ok(Presented { client_id: id.map(ToOwned::to_owned), proof })
}

/// Id and secret of a Basic header, each of which was escaped as in a form.
fn basic(headers: &HeaderMap) -> Option<(String, Secret)> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = all.next()?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if all.next().is_some() || !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = Secret::new(String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?);
    let (id, secret) = text.expose().split_once(':')?;
    let unescaped =
        |part: &str| Some(form::pairs(format!("x={}", part.replace('&', "%26")).as_bytes())?.pop()?.1);
    Some((unescaped(id)?, Secret::new(unescaped(secret)?)))
}

fn scopes(pairs: &Pairs) -> Option<Vec<String>> {
    let all = given(pairs, "scope")?.split(' ').filter(|scope| !scope.is_empty());
    Some(all.map(ToOwned::to_owned).collect())
}

/// The proof of possession that came with a request, if one did (RFC 9449 §4.3: one at most).
pub(crate) fn proof(headers: &HeaderMap) -> Result<Option<Secret>, Fault> {
    let mut all = headers.get_all("dpop").iter();
    let Some(first) = all.next() else { return Ok(None) };
    match (first.to_str(), all.next()) {
        (Ok(text), None) => Ok(Some(Secret::new(text))),
        _ => Err(Fault::oauth(
            OAuthError::InvalidDpopProof,
            "There is more than one DPoP header, or it is no text.",
        )),
    }
}

fn grant(pairs: &Pairs) -> Result<Grant, Fault> {
    match needed(pairs, "grant_type")? {
        "authorization_code" => Ok(Grant::Code {
            code: Secret::new(needed(pairs, "code")?),
            redirect_uri: needed(pairs, "redirect_uri")?.to_owned(),
            verifier: given(pairs, "code_verifier").map(Secret::new),
        }),
        "refresh_token" => Ok(Grant::Refresh {
            refresh_token: Secret::new(needed(pairs, "refresh_token")?),
            scopes: scopes(pairs),
        }),
        "client_credentials" => Ok(Grant::Client { scopes: scopes(pairs) }),
        DEVICE_CODE_GRANT => Ok(Grant::Device { device_code: Secret::new(needed(pairs, "device_code")?) }),
        _ => Err(Fault::oauth(
            OAuthError::UnsupportedGrantType,
            format!(
                "grant_type must be authorization_code, refresh_token, client_credentials or {DEVICE_CODE_GRANT}"
            ),
        )),
    }
}

/// `POST /oauth2/{id}/token`
pub(crate) async fn token(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.of_program(SOURCE, "CreateToken", false);
    let request = || -> Result<_, Fault> {
        let pairs = fields((&headers, &body))?;
        let presented = presented(&headers, &pairs)?;
        let request = TokenRequest { presented, grant: grant(&pairs)?, proof: proof(&headers)? };
        // Neither is honoured here, and a caller who counts on one must not go without.
        for name in ["resource", "audience", "authorization_details"] {
            if given(&pairs, name).is_some() {
                return Err(invalid(format!("{name} is not supported")));
            }
        }
        Ok((parsed(id)?, request))
    };
    let issued = match request() {
        Ok((id, request)) => {
            oidc_tokens::create(&portal.store, &visitor.cx, (&ours(&portal), &id), request).await
        }
        Err(refused) => Err(refused),
    };
    match issued {
        Ok(issued) => written(StatusCode::OK, &said(&issued)),
        Err(refused) => refusal(&portal, &visitor, &refused, by_basic(&headers)),
    }
}

fn said(issued: &Issued) -> Value {
    let mut said = Map::new();
    let mut answer_with = |name: &str, value: Value| said.insert(name.to_owned(), value);
    answer_with("access_token", json!(issued.access_token.expose()));
    answer_with("token_type", json!(issued.token_type()));
    answer_with("expires_in", json!(issued.expires_in));
    if !issued.scopes.is_empty() {
        answer_with("scope", json!(issued.scopes.join(" ")));
    }
    if let Some(token) = &issued.refresh_token {
        answer_with("refresh_token", json!(token.expose()));
    }
    if let Some(token) = &issued.id_token {
        answer_with("id_token", json!(token.expose()));
    }
    Value::Object(said)
}

/// Who asks about a token, and which.
fn about(sent: (&HeaderMap, &[u8]), id: String) -> Result<(ApplicationId, Presented, Secret), Fault> {
    let pairs = fields(sent)?;
    let presented = presented(sent.0, &pairs)?;
    Ok((parsed(id)?, presented, Secret::new(needed(&pairs, "token")?)))
}

/// `POST /oauth2/{id}/introspect`
pub(crate) async fn introspect(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.of_program(SOURCE, "IntrospectToken", true);
    let found = match about((&headers, &body), id) {
        Ok((id, presented, token)) => {
            let at = (&ours(&portal), &id);
            oidc_uses::introspect(&portal.store, &visitor.cx, at, (&presented, &token)).await
        }
        Err(refused) => Err(refused),
    };
    match found {
        Ok(found) => {
            portal.recorder.tally(&visitor.cx, Outcome::Success);
            written(StatusCode::OK, &found)
        }
        Err(refused) => refusal(&portal, &visitor, &refused, by_basic(&headers)),
    }
}

/// `POST /oauth2/{id}/revoke`
pub(crate) async fn revoke(State(portal): State<Portal>, Path(id): Path<String>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.of_program(SOURCE, "RevokeToken", false);
    let done = match about((&headers, &body), id) {
        Ok((id, presented, token)) => {
            let at = (&ours(&portal), &id);
            oidc_uses::revoke(&portal.store, &visitor.cx, at, (&presented, &token)).await
        }
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => refusal(&portal, &visitor, &refused, by_basic(&headers)),
    }
}

/// The access token in the header, and its scheme: one in an address ends in logs.
fn brought(headers: &HeaderMap) -> Option<(bool, Secret)> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = all.next()?.to_str().ok()?.split_once(' ')?;
    let is_bound = scheme.eq_ignore_ascii_case("dpop");
    let is_known = is_bound || scheme.eq_ignore_ascii_case("bearer");
    (is_known && all.next().is_none()).then(|| (is_bound, Secret::new(token.trim())))
}

/// `GET` and `POST /oauth2/{id}/userinfo`
pub(crate) async fn userinfo(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    (method, headers): (Method, HeaderMap),
) -> Response {
    let visitor = visitor.of_program(SOURCE, "GetUserInfo", true);
    let Some((is_bound, token)) = brought(&headers) else {
        return challenged(StatusCode::UNAUTHORIZED, "Bearer");
    };
    let asked = || -> Result<_, Fault> {
        let proof = proof(&headers)?;
        if proof.is_some() != is_bound {
            let message = "A DPoP header goes with an access token of the scheme DPoP, and that with it.";
            return Err(Fault::oauth(OAuthError::InvalidDpopProof, message));
        }
        Ok((parsed(id)?, proof))
    };
    let told = match asked() {
        Ok((id, proof)) => {
            let by = proof.as_ref().map_or(By::Bearer, |proof| By::Proof(proof, method.as_str()));
            oidc_uses::userinfo(&portal.store, &visitor.cx, (&ours(&portal), &id), (&token, by)).await
        }
        Err(refused) => Err(refused),
    };
    let refused = match told {
        Ok(told) => {
            portal.recorder.tally(&visitor.cx, Outcome::Success);
            return written(StatusCode::OK, &Value::Object(told));
        }
        Err(refused) => refused,
    };
    let (error, status) = match refused.kind() {
        FaultKind::OAuth(OAuthError::InvalidDpopProof) => ("invalid_dpop_proof", StatusCode::UNAUTHORIZED),
        FaultKind::Unauthorized | FaultKind::NotFound(_) => ("invalid_token", StatusCode::UNAUTHORIZED),
        FaultKind::Forbidden => ("insufficient_scope", StatusCode::FORBIDDEN),
        _ => return refusal(&portal, &visitor, &refused, false),
    };
    message::record(&portal, &visitor, &refused);
    let description = plain(refused.message());
    let scheme = if is_bound { "DPoP algs=\"ES256\"," } else { "Bearer" };
    challenged(status, &format!("{scheme} error=\"{error}\", error_description=\"{description}\""))
}

fn challenged(status: StatusCode, challenge: &str) -> Response {
    let mut response = status.into_response();
    if let Ok(challenge) = HeaderValue::from_str(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
