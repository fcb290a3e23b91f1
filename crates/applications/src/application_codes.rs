//! Signing in to an application here (RFC 6749 §4.1 with PKCE, RFC 9700): what its browser asks, and the code that goes back. Until application and redirect URI
//! are known to belong together nothing is sent to that URI; afterwards every refusal goes there. Nobody is asked whether they agree: an administrator made the
//! application and said who may use it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::pkce;
use model::applications::application::{ApplicationArn, Switch};
use model::applications::grant::{Grant, GrantType};
use model::cx::Cx;
use model::directory::user::UserId;
use model::entropy::bytes;
use model::fault::{Fault, OAuthError};
use model::limits::AUTHORIZATION_CODE;
use model::secret::Secret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::applications::application_codes::{self, ApplicationCode};
use store::applications::{applications, grants};
use store::db::Store;
use store::tx::Tx;

use crate::application_access::may_use;
use crate::applications::KIND;
use crate::token_keys::TokenIssuer;

/// Bytes of `state` at most.
const STATE_BYTES_MAX: usize = 2_048;
/// Base64url characters of a SHA-256.
const CHALLENGE_CHARACTERS: usize = 43;

/// What an application asks of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The application.
    pub application: ApplicationArn,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// The application's own value, given back unchanged.
    state: Option<String>,
    scopes: Vec<String>,
    code_challenge: String,
    /// Whether the person must sign in anew first (`prompt=login`).
    pub sign_in_again: bool,
    /// Whether nobody may be asked anything (`prompt=none`).
    pub silently: bool,
}

/// Why there is nothing to do.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// To be shown as a page. Never redirect: nobody knows who made this request.
    Page(Fault),
    /// To be answered by sending the browser to this address, which carries the error.
    Redirect(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Page(fault)
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user_id: UserId,
    /// Their session at the portal.
    pub session_id: String,
}

/// Whether a question is an application's: they call themselves by their ARNs.
pub fn is_applications(params: &[(String, String)]) -> bool {
    params.iter().any(|(name, value)| name == "client_id" && value.starts_with("arn:"))
}

/// Reads the decoded query parameters of `/authorize`.
pub fn open(store: &Store, ours: &TokenIssuer, params: &[(String, String)]) -> Result<Asked, Refusal> {
    let page = |message: &str| Refusal::Page(Fault::oauth(OAuthError::InvalidRequest, message));
    let id = single(params, "client_id").map_err(|why| page(&why))?.unwrap_or_default();
    let unknown = || {
        let message =
            "client_id is no application that is there, is enabled and has the grant authorization_code";
        Refusal::Page(Fault::oauth(OAuthError::InvalidClient, message))
    };
    let arn = ApplicationArn::parse(id).ok_or_else(unknown)?;
    let uris = store.read(|rx| {
        let found = applications::find(rx, &arn.id)?;
        let found = found.filter(|found| found.arn() == arn && found.status == Switch::Enabled);
        let Some(application) = found else { return Ok(None) };
        Ok(match grants::find(rx, &application.id, GrantType::AuthorizationCode)? {
            Some(Grant::AuthorizationCode { redirect_uris }) => Some(redirect_uris),
            _ => None,
        })
    })?;
    let uris = uris.ok_or_else(unknown)?;
    let uri = single(params, "redirect_uri").map_err(|why| page(&why))?;
    let uri = uri.ok_or_else(|| page("redirect_uri is missing"))?;
    // Compared letter by letter (RFC 9700 §4.1.3).
    if !uris.iter().any(|registered| registered == uri) {
        let message = "redirect_uri is none of those that the application's grant names";
        return Err(Refusal::Page(Fault::oauth(OAuthError::InvalidRedirectUri, message)));
    }
    let state = single(params, "state").ok().flatten().filter(|state| state.len() <= STATE_BYTES_MAX);
    let asked = Asked {
        application: arn,
        redirect_uri: uri.to_owned(),
        state: state.map(str::to_owned),
        scopes: Vec::new(),
        code_challenge: String::new(),
        sign_in_again: false,
        silently: false,
    };
    match rest(params) {
        Ok((scopes, code_challenge, prompt)) => Ok(Asked {
            scopes,
            code_challenge,
            sign_in_again: prompt == Prompt::Login,
            silently: prompt == Prompt::Nothing,
            ..asked
        }),
        Err((error, why)) => {
            Err(Refusal::Redirect(asked.answer(ours, &[("error", error), ("error_description", &why)])))
        }
    }
}

#[derive(PartialEq, Eq)]
enum Prompt {
    Unsaid,
    Login,
    Nothing,
}

type Rest = (Vec<String>, String, Prompt);

/// What is checked once a refusal may be sent to the application.
fn rest(params: &[(String, String)]) -> Result<Rest, (&'static str, String)> {
    let invalid = |why: String| ("invalid_request", why);
    let one = |name| single(params, name).map_err(invalid);
    if one("state")?.is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(invalid(format!("state is longer than {STATE_BYTES_MAX} bytes")));
    }
    match one("response_type")? {
        Some("code") => {}
        _ => return Err(("unsupported_response_type", "response_type must be code".to_owned())),
    }
    if one("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(invalid("response_mode must be query, or be left out".to_owned()));
    }
    for name in ["request", "request_uri"] {
        if one(name)?.is_some() {
            return Err((
                if name == "request" { "request_not_supported" } else { "request_uri_not_supported" },
                format!("{name} is not taken"),
            ));
        }
    }
    let challenge = one("code_challenge")?.unwrap_or_default();
    let is_s256 = challenge.len() == CHALLENGE_CHARACTERS
        && URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|hash| hash.len() == 32);
    if one("code_challenge_method")? != Some("S256") || !is_s256 {
        return Err(invalid("PKCE is required: code_challenge, with code_challenge_method S256".to_owned()));
    }
    let prompt = match one("prompt")? {
        None => Prompt::Unsaid,
        Some("login" | "select_account") => Prompt::Login,
        Some("none") => Prompt::Nothing,
        Some(_) => return Err(invalid("prompt must be login, select_account or none".to_owned())),
    };
    let scopes = one("scope")?.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    if scopes.len() > 50 {
        return Err(("invalid_scope", "scope has more than 50 scopes".to_owned()));
    }
    Ok((scopes, challenge.to_owned(), prompt))
}

/// A parameter that must not be there twice (RFC 6749 §3.1).
fn single<'p>(params: &'p [(String, String)], name: &str) -> Result<Option<&'p str>, String> {
    let mut found = params.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = found.next();
    if found.next().is_some() { Err(format!("{name} is there twice")) } else { Ok(first) }
}

impl Asked {
    /// The address that the browser goes back to with these parameters, the state, and whose answer it is (RFC 9207).
    fn answer(&self, ours: &TokenIssuer, pairs: &[(&str, &str)]) -> String {
        let issuer = ours.issuer(&self.application.instance_id);
        let mut all = pairs.to_vec();
        all.extend(self.state.as_deref().map(|state| ("state", state)));
        all.push(("iss", issuer.as_str()));
        let mut address = self.redirect_uri.clone();
        for (name, value) in all {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        address
    }

    /// The answer where nobody is signed in and nobody may be asked.
    pub fn needs_sign_in(&self, ours: &TokenIssuer) -> String {
        self.answer(ours, &[("error", "login_required"), ("error_description", "nobody is signed in")])
    }
}

/// Gives the application a code for whoever is signed in, if they may use it; the address that the browser goes to.
pub async fn approve(
    store: &Store,
    cx: &Cx,
    (ours, asked): (&TokenIssuer, &Asked),
    who: &SignedIn,
) -> Result<String, Fault> {
    let code = Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy())));
    cx.event().touch(KIND, asked.application.to_string());
    if !store.read(|rx| may_use(rx, &asked.application.id, &who.user_id))? {
        let why = "the person may not use the application: they are not assigned to it";
        return Ok(asked.answer(ours, &[("error", "access_denied"), ("error_description", why)]));
    }
    let row = ApplicationCode {
        application_id: asked.application.id.clone(),
        session_id: who.session_id.clone(),
        user_id: who.user_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        scopes: asked.scopes.clone(),
        expires_at: cx.now.plus(AUTHORIZATION_CODE),
        family_id: None,
    };
    let given = code.clone();
    store
        .write(cx, move |tx, _| {
            let hash = tx.keyring().hash_token(given.expose());
            application_codes::insert(tx, &hash, &row)
        })
        .await?;
    Ok(asked.answer(ours, &[("code", code.expose())]))
}

/// What a code stands for that an application brings, and its hash, if nothing is amiss with it; one that comes again ends what it became.
pub(crate) fn redeemable(
    tx: &mut Tx<'_>,
    cx: &Cx,
    application: &ApplicationArn,
    (code, redirect_uri, verifier): (&Secret, &str, &Secret),
) -> Result<Option<([u8; 32], ApplicationCode)>, Fault> {
    let hash = tx.keyring().hash_token(code.expose());
    let found = application_codes::find(tx, &hash)?;
    let Some(found) = found.filter(|found| found.application_id == application.id) else { return Ok(None) };
    if let Some(family) = &found.family_id {
        store::applications::application_tokens::delete(tx, family)?;
        return Ok(None);
    }
    let good = cx.now < found.expires_at
        && found.redirect_uri == redirect_uri
        && pkce::proves(verifier.expose(), &found.code_challenge);
    Ok(good.then_some((hash, found)))
}
