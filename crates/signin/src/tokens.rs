//! CreateToken and what the tokens open. Tokens say themselves what they are ([`store::bearer`]); the row of their family says which refresh token is
//! in force. They hang on the portal session of the person who approved: sign-out, disabling or deleting the user ends them at once. Refresh
//! tokens rotate; one that comes again after a moment, and a code that comes twice, end everything that grew from the same approval (RFC
//! 9700 §2.2.2, §4.14).

use std::sync::Arc;

use jose::pkce;
use model::caller::Caller;
use model::cx::Cx;
use model::entropy::uuid;
use model::event::{HIDDEN, Outcome};
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::signin::oauth::{
    AuthorizationCode, FamilyId, GrantType, OAuthClient, SCOPE_ACCOUNT_ACCESS, TokenFamily,
};
use model::signin::portal_session::PortalSession;
use model::signin::session_settings::SessionSettings;
use model::timestamp::Timestamp;
use serde_json::json;
use store::bearer::{self, Bearer, Kind, Turn};
use store::db::Store;
use store::generations::{Changes, Known};
use store::tables::Table;
use store::tx::{Rx, Tx};

use crate::clients;
use crate::device::{self, Poll};
use crate::{sessions, settings};

/// The older word for [`SCOPE_ACCOUNT_ACCESS`] (aws-capabilities §2.3).
const SCOPE_PORTAL_LEGACY: &str = "sso-portal:*";

/// The input of CreateToken.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// `clientId`
    pub client_id: String,
    /// `clientSecret`
    pub client_secret: Secret,
    /// `grantType`
    pub grant_type: String,
    /// `deviceCode`
    pub device_code: Option<Secret>,
    /// `code`
    pub code: Option<Secret>,
    /// `redirectUri`
    pub redirect_uri: Option<String>,
    /// `codeVerifier`
    pub code_verifier: Option<Secret>,
    /// `refreshToken`
    pub refresh_token: Option<Secret>,
}

/// The output of CreateToken.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `accessToken`
    pub access_token: Secret,
    /// `refreshToken`, for clients that may refresh.
    pub refresh_token: Option<Secret>,
    /// `expiresIn`, seconds.
    pub expires_in: i64,
}

/// What a client brings.
#[derive(Debug, Clone)]
enum Grant {
    Device { device_code: Secret },
    Code { code: Secret, redirect_uri: String, verifier: Secret },
    Refresh { refresh_token: Secret },
}

impl Grant {
    fn of(request: &TokenRequest) -> Result<Self, Fault> {
        let grant_type = GrantType::parse(&request.grant_type).ok_or_else(|| {
            let message = "grantType must be authorization_code, refresh_token or urn:ietf:params:oauth:grant-type:device_code";
            Fault::oauth(OAuthError::UnsupportedGrantType, message)
        })?;
        let needed = |name: &str, value: &Option<Secret>| {
            let given = value.clone().filter(|value| !value.expose().is_empty());
            given.ok_or_else(|| {
                let message = format!("{name} is required for grantType {}", grant_type.as_str());
                Fault::oauth(OAuthError::InvalidRequest, message)
            })
        };
        Ok(match grant_type {
            GrantType::DeviceCode => {
                Self::Device { device_code: needed("deviceCode", &request.device_code)? }
            }
            GrantType::AuthorizationCode => {
                let redirect_uri = request.redirect_uri.as_deref().map(Secret::new);
                Self::Code {
                    code: needed("code", &request.code)?,
                    redirect_uri: needed("redirectUri", &redirect_uri)?.expose().to_owned(),
                    verifier: needed("codeVerifier", &request.code_verifier)?,
                }
            }
            GrantType::RefreshToken => {
                Self::Refresh { refresh_token: needed("refreshToken", &request.refresh_token)? }
            }
        })
    }

    const fn grant_type(&self) -> GrantType {
        match self {
            Self::Device { .. } => GrantType::DeviceCode,
            Self::Code { .. } => GrantType::AuthorizationCode,
            Self::Refresh { .. } => GrantType::RefreshToken,
        }
    }
}

type Verdict = model::verdict::Verdict<Issued>;

fn refused(error: OAuthError, message: &str) -> Verdict {
    Verdict::Refused(Fault::oauth(error, message))
}

/// CreateToken. The tokens leave only when they and the call's record are durable.
pub async fn create(store: &Store, cx: &Cx, request: TokenRequest) -> Result<Issued, Fault> {
    let grant = Grant::of(&request)?;
    // Strangers and what nobody was given are turned away by a read, and never queue for the writer.
    let client = store.read(|rx| {
        let client = clients::authenticate(rx, &request.client_id, &request.client_secret, cx.now)?;
        if !client.may(grant.grant_type()) {
            let message = format!("The client registered without the grant {}.", grant.grant_type().as_str());
            return Err(Fault::oauth(OAuthError::UnauthorizedClient, message));
        }
        require_known(rx, &client, &grant)?;
        Ok(client)
    })?;
    let verdict = store
        .maintain(cx, move |tx, cx| match &grant {
            Grant::Device { device_code } => redeem_device_code(tx, cx, &client, device_code),
            Grant::Code { code, redirect_uri, verifier } => {
                redeem_code(tx, cx, &client, code, (redirect_uri, verifier))
            }
            Grant::Refresh { refresh_token } => redeem_refresh_token(tx, cx, &client, refresh_token),
        })
        .await?;
    verdict.settled(cx)
}

/// Refuses what was never given to this client, in the words that it would hear from the write. Whatever it was given may have been used
/// or have ended since: the write looks again.
fn require_known(rx: &mut Rx<'_>, client: &OAuthClient, grant: &Grant) -> Result<(), Fault> {
    match grant {
        Grant::Device { device_code } => device::known(rx, client, device_code).map(drop),
        Grant::Code { code, .. } => match known_code(rx, client, code)? {
            Some(_) => Ok(()),
            None => Err(wrong_code()),
        },
        Grant::Refresh { refresh_token } => {
            match Bearer::read(rx.keyring(), Kind::Refresh, refresh_token.expose()) {
                Some(_) => Ok(()),
                None => Err(unknown_refresh_token()),
            }
        }
    }
}

fn redeem_device_code(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    device_code: &Secret,
) -> Result<Verdict, Fault> {
    match device::poll(tx, cx.now, client, device_code)? {
        Poll::Refused(fault) => Ok(Verdict::Refused(fault)),
        Poll::Approved(session) => {
            let family = begin_family(tx, cx, client, &session, client.scopes.clone())?;
            issue(tx, cx, client, &session, (&family, 0))
        }
    }
}

fn redeem_code(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    code: &Secret,
    (redirect_uri, verifier): (&str, &Secret),
) -> Result<Verdict, Fault> {
    let wrong = || Ok(Verdict::Refused(wrong_code()));
    let Some((hash, found)) = known_code(tx, client, code)? else { return wrong() };
    if let Some(family) = &found.family_id {
        store::signin::tokens::delete(tx, family)?;
        return wrong();
    }
    if cx.now >= found.expires_at
        || found.redirect_uri != redirect_uri
        || !pkce::proves(verifier.expose(), &found.code_challenge)
    {
        return wrong();
    }
    let Some(session) = sessions::live(tx, &found.session_id, cx.now)? else {
        return wrong();
    };
    let family = begin_family(tx, cx, client, &session, found.scopes)?;
    store::signin::authorization_codes::redeem(tx, &hash, &family)?;
    issue(tx, cx, client, &session, (&family, 0))
}

/// A code that this client was given, and its hash.
fn known_code(
    rx: &mut Rx<'_>,
    client: &OAuthClient,
    code: &Secret,
) -> Result<Option<([u8; 32], AuthorizationCode)>, Fault> {
    let hash = rx.keyring().hash_token(code.expose());
    let found = store::signin::authorization_codes::find(rx, &hash)?;
    Ok(found.filter(|found| found.client_id == client.id).map(|found| (hash, found)))
}

/// One sentence for all of it: whoever tries a stolen code learns nothing of what was wrong with it.
fn wrong_code() -> Fault {
    let message = "The code is not known, has expired, was used, or was given for another client, redirectUri or codeVerifier.";
    Fault::oauth(OAuthError::InvalidGrant, message)
}

fn unknown_refresh_token() -> Fault {
    Fault::oauth(OAuthError::InvalidGrant, "The refresh token is not known or is another client's.")
}

fn redeem_refresh_token(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    refresh_token: &Secret,
) -> Result<Verdict, Fault> {
    let unknown = || Ok(Verdict::Refused(unknown_refresh_token()));
    let Some(token) = Bearer::read(tx.keyring(), Kind::Refresh, refresh_token.expose()) else {
        return unknown();
    };
    let found = store::signin::tokens::find(tx, &token.family)?;
    let Some((family, session)) = found.filter(|(family, _)| family.client_id == client.id) else {
        return unknown();
    };
    match bearer::turn(&token, (family.generation, &family.exchanged_at), cx.now) {
        Turn::InForce => {}
        Turn::Unknown => return unknown(),
        Turn::Beside => {
            let message =
                "The refresh token was exchanged a moment ago by another call. Use the tokens that it got.";
            return Ok(refused(OAuthError::InvalidGrant, message));
        }
        Turn::Again => {
            store::signin::tokens::delete(tx, &family.id)?;
            let message = "The refresh token was used before, so all tokens of this sign-in were revoked. Sign in again.";
            return Ok(refused(OAuthError::InvalidGrant, message));
        }
    }
    let is_over = |session: &PortalSession| session.is_idle(cx.now) || cx.now >= token.expires_at;
    let session = session.filter(|session| session.is_live(cx.now) && !is_over(session));
    let Some(session) = session else {
        return Ok(refused(OAuthError::InvalidGrant, "The sign-in session has ended. Sign in again."));
    };
    if sessions::is_to_be_seen(&session, cx.now) {
        store::signin::portal_sessions::see(tx, &session.user.session_id, cx.now)?;
    }
    let remembered = bearer::remembered(&family.exchanged_at, cx.now);
    store::signin::tokens::exchange(tx, &family.id, family.generation, &remembered)?;
    // A later session of the same person may have taken the place of the one that approved; what was approved in that one ends when it would have.
    let session = PortalSession { expires_at: session.expires_at.min(token.expires_at), ..session };
    issue(tx, cx, client, &session, (&family.id, family.generation + 1))
}

fn begin_family(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    session: &PortalSession,
    scopes: Vec<String>,
) -> Result<FamilyId, Fault> {
    let family = TokenFamily {
        id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
        client_id: client.id.clone(),
        user_id: session.user.user_id.clone(),
        session_id: session.user.session_id.clone(),
        scopes,
        created_at: cx.now,
        generation: 0,
        exchanged_at: Vec::new(),
    };
    store::signin::tokens::insert(tx, &family)?;
    Ok(family.id)
}

/// New tokens of a family, with the call's record, which names the person.
fn issue(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    session: &PortalSession,
    (family, generation): (&FamilyId, i64),
) -> Result<Verdict, Fault> {
    let settings: SessionSettings = settings::find(tx, &session.user.identity_store_id)?;
    let token = |kind, expires_at| {
        Bearer { family: family.clone(), kind, generation, expires_at }.token(tx.keyring())
    };
    let renewable_until = match settings.refresh_token() {
        // Later tokens of the family end with the first one.
        Some(life) if generation == 0 => session.expires_at.min(cx.now.plus(life)),
        _ => session.expires_at,
    };
    let expires_at = session.expires_at.min(cx.now.plus(settings.access_token()));
    let access_token = token(Kind::Access, expires_at);
    let refresh_token = client.may(GrantType::RefreshToken).then(|| token(Kind::Refresh, renewable_until));
    let expires_in = i64::try_from(expires_at.since(cx.now).as_secs()).unwrap_or(i64::MAX);
    let event = cx.event();
    event.respond(json!({
        "accessToken": HIDDEN, "tokenType": "Bearer", "expiresIn": expires_in,
        "refreshToken": refresh_token.as_ref().map(|_| HIDDEN),
    }));
    event.touch("IdentityStoreId", session.user.identity_store_id.as_str());
    let named = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
    store::audit::audit_records::insert(tx, &named.record(Outcome::Success))?;
    Ok(Verdict::Issued(Issued { access_token, refresh_token, expires_in }))
}

/// Families known at most.
const KNOWN_MAX: usize = 4_096;

/// The session of a family of tokens, and who is behind it.
#[derive(Debug)]
struct Opened {
    session: PortalSession,
    caller: Caller,
    scopes: Vec<String>,
}

/// What is known of the families of access tokens: session, person, scopes.
#[derive(Debug)]
pub struct Tokens(Known<FamilyId, Arc<Opened>>);

impl Default for Tokens {
    fn default() -> Self {
        // Found by their id, so that nobody else's family, session or person that is added changes anything; nor does an exchange, of which nothing
        // is known here.
        let from = [Table::TokenFamilies, Table::PortalSessions, Table::Users, Table::Instances];
        Self(Known::new(Changes::to_rows_of(&from), KNOWN_MAX))
    }
}

impl Tokens {
    /// Whom an access token speaks for at the portal API: the first question of every call there. `None` when the token is unknown or over, its
    /// session has ended, its person is gone or disabled, or it was not given for the portal.
    pub fn caller_for(&self, store: &Store, token: &str, now: Timestamp) -> Result<Option<Caller>, Fault> {
        let Some(token) =
            Bearer::read(store.keyring(), Kind::Access, token).filter(|token| now < token.expires_at)
        else {
            return Ok(None);
        };
        let found = self.0.find(store.generations(), &token.family, || {
            let found = store.read(|rx| Ok(store::signin::tokens::find_session(rx, &token.family)?))?;
            Ok(found.map(|(session, scopes)| {
                let caller = Caller::portal_user(session.user.clone());
                Arc::new(Opened { session, caller, scopes })
            }))
        })?;
        // The time passes without a commit, so it is looked at each time.
        Ok(found
            .filter(|opened| opened.session.is_live(now) && opens_portal(&opened.scopes))
            .map(|opened| opened.caller.clone()))
    }
}

fn opens_portal(scopes: &[String]) -> bool {
    scopes.is_empty()
        || scopes.iter().any(|scope| scope == SCOPE_ACCOUNT_ACCESS || scope == SCOPE_PORTAL_LEGACY)
}
