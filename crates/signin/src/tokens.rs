//! CreateToken and what the tokens open. Tokens are the name of their family and 256 random bits, kept as keyed hashes, and hang on the portal session
//! of the person who approved: sign-out, disabling or deleting the user ends them at once. Refresh tokens rotate; one that comes
//! again after a moment, and a code that comes twice, end everything that grew from the same approval (RFC 9700 §2.2.2, §4.14).

use std::time::Duration;

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::entropy::uuid;
use model::event::{HIDDEN, Outcome};
use model::fault::{Fault, OAuthError};
use model::limits::ACCESS_TOKEN;
use model::oauth::{FamilyId, GrantType, OAuthClient, SCOPE_ACCOUNT_ACCESS, TokenFamily};
use model::portal_session::PortalSession;
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::tx::{Rx, Tx};
use subtle::ConstantTimeEq as _;

use crate::clients;
use crate::device::{self, Poll};
use crate::sessions;

/// So long after its exchange a refresh token that comes again is taken for a call that began beside the one that got the new ones. It gets
/// nothing and ends nothing; later it is taken for a stolen one (docs/decisions/0003-refresh-tokens.md).
const BESIDE: Duration = Duration::from_secs(10);

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

/// How a redemption ends. A refusal is committed too: it may have noted a poll or ended a family.
enum Verdict {
    Issued(Issued),
    Refused(Fault),
}

fn refused(error: OAuthError, message: &str) -> Verdict {
    Verdict::Refused(Fault::oauth(error, message))
}

/// CreateToken. The tokens leave only when they and the call's record are durable.
pub async fn create(store: &Store, cx: &Cx, request: TokenRequest) -> Result<Issued, Fault> {
    let grant = Grant::of(&request)?;
    // Registrations never change, so strangers are turned away by a read and never queue for the writer.
    let client =
        store.read(|rx| clients::authenticate(rx, &request.client_id, &request.client_secret, cx.now))?;
    if !client.may(grant.grant_type()) {
        let message = format!("The client registered without the grant {}.", grant.grant_type().as_str());
        return Err(Fault::oauth(OAuthError::UnauthorizedClient, message));
    }
    let verdict = store
        .maintain(cx, move |tx, cx| match &grant {
            Grant::Device { device_code } => redeem_device_code(tx, cx, &client, device_code),
            Grant::Code { code, redirect_uri, verifier } => {
                redeem_code(tx, cx, &client, code, (redirect_uri, verifier))
            }
            Grant::Refresh { refresh_token } => redeem_refresh_token(tx, cx, &client, refresh_token),
        })
        .await?;
    match verdict {
        Verdict::Issued(issued) => {
            cx.event().mark_recorded();
            Ok(issued)
        }
        Verdict::Refused(fault) => Err(fault),
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
            issue(tx, cx, client, &session, &family)
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
    let wrong = || {
        // One sentence for all of it: whoever tries a stolen code learns nothing of what was wrong with it.
        let message = "The code is not known, has expired, was used, or was given for another client, redirectUri or codeVerifier.";
        Ok(refused(OAuthError::InvalidGrant, message))
    };
    let hash = tx.keyring().hash_token(code.expose());
    let Some(found) =
        store::authorization_codes::find(tx, &hash)?.filter(|found| found.client_id == client.id)
    else {
        return wrong();
    };
    if let Some(family) = &found.family_id {
        store::tokens::delete_family(tx, family)?;
        return wrong();
    }
    if cx.now >= found.expires_at
        || found.redirect_uri != redirect_uri
        || !proves(verifier, &found.code_challenge)
    {
        return wrong();
    }
    let Some(session) = sessions::live(tx, &found.session_id, cx.now)? else {
        return wrong();
    };
    let family = begin_family(tx, cx, client, &session, found.scopes)?;
    store::authorization_codes::redeem(tx, &hash, &family)?;
    issue(tx, cx, client, &session, &family)
}

/// RFC 7636 §4.1 and §4.6.
fn proves(verifier: &Secret, challenge: &str) -> bool {
    let verifier = verifier.expose();
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && bool::from(crate::random::s256(verifier).as_bytes().ct_eq(challenge.as_bytes()))
}

fn redeem_refresh_token(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    refresh_token: &Secret,
) -> Result<Verdict, Fault> {
    let hash = tx.keyring().hash_token(refresh_token.expose());
    let found = match family_of(refresh_token) {
        Some(family) => store::tokens::find_refresh(tx, &family, &hash)?,
        None => None,
    };
    let Some(found) = found.filter(|found| found.family.client_id == client.id) else {
        return Ok(refused(
            OAuthError::InvalidGrant,
            "The refresh token is not known or is another client's.",
        ));
    };
    if let Some(used_at) = found.used_at {
        if is_beside(used_at, cx.now) {
            let message =
                "The refresh token was exchanged a moment ago by another call. Use the tokens that it got.";
            return Ok(refused(OAuthError::InvalidGrant, message));
        }
        // Two hold it, and nobody can tell which of them stole it.
        store::tokens::delete_family(tx, &found.family.id)?;
        let message =
            "The refresh token was used before, so all tokens of this sign-in were revoked. Sign in again.";
        return Ok(refused(OAuthError::InvalidGrant, message));
    }
    let session = sessions::live(tx, &found.family.session_id, cx.now)?;
    let Some(session) = session.filter(|_| cx.now < found.expires_at) else {
        return Ok(refused(OAuthError::InvalidGrant, "The sign-in session has ended. Sign in again."));
    };
    store::tokens::use_refresh(tx, &found.family.id, &hash, cx.now)?;
    // A later session of the same person may have taken the place of the one that approved; what was approved in that one ends when it would have.
    let session = PortalSession { expires_at: session.expires_at.min(found.expires_at), ..session };
    issue(tx, cx, client, &session, &found.family.id)
}

/// Whether two calls with one token came together, by clocks of servers that need not agree to the second.
fn is_beside(used_at: Timestamp, now: Timestamp) -> bool {
    now.since(used_at) <= BESIDE && used_at.since(now) <= BESIDE
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
    };
    store::tokens::insert_family(tx, &family)?;
    Ok(family.id)
}

/// Between a token's family and its random part; neither holds one.
const FAMILY_END: &str = ".";

/// `<family>.<256 random bits>`. The family is no secret: it says where to look, the hash of the whole says whether it is there.
fn new_token(cx: &Cx, family: &FamilyId) -> Secret {
    Secret::new([family.as_str(), FAMILY_END, crate::random::token(cx).expose()].concat())
}

/// The family that a token claims.
fn family_of(token: &Secret) -> Option<FamilyId> {
    let (family, _) = token.expose().split_once(FAMILY_END)?;
    FamilyId::parse(family).ok()
}

/// New tokens of a family, with the call's record, which names the person.
fn issue(
    tx: &mut Tx<'_>,
    cx: &Cx,
    client: &OAuthClient,
    session: &PortalSession,
    family: &FamilyId,
) -> Result<Verdict, Fault> {
    let expires_at = session.expires_at.min(cx.now.plus(ACCESS_TOKEN));
    let access_token = new_token(cx, family);
    let hash = tx.keyring().hash_token(access_token.expose());
    store::tokens::insert_access(tx, family, &hash, expires_at)?;
    let refresh_token = client.may(GrantType::RefreshToken).then(|| new_token(cx, family));
    if let Some(token) = &refresh_token {
        let hash = tx.keyring().hash_token(token.expose());
        store::tokens::insert_refresh(tx, family, &hash, session.expires_at)?;
    }
    let expires_in = i64::try_from(expires_at.since(cx.now).as_secs()).unwrap_or(i64::MAX);
    let event = cx.event();
    event.respond(json!({
        "accessToken": HIDDEN, "tokenType": "Bearer", "expiresIn": expires_in,
        "refreshToken": refresh_token.as_ref().map(|_| HIDDEN),
    }));
    event.touch("IdentityStoreId", session.user.identity_store_id.as_str());
    let named = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
    store::audit_records::insert(tx, &named.record(Outcome::Success))?;
    Ok(Verdict::Issued(Issued { access_token, refresh_token, expires_in }))
}

/// Whom an access token speaks for at the portal API: the first question of every call there. `None` when the token is unknown or
/// over, its session has ended, its person is gone or disabled, or it was not given for the portal.
pub fn caller_for(rx: &mut Rx<'_>, token: &Secret, now: Timestamp) -> Result<Option<PortalUser>, Fault> {
    let Some(family) = family_of(token) else { return Ok(None) };
    let hash = rx.keyring().hash_token(token.expose());
    let found = store::tokens::find_access(rx, &family, &hash)?;
    Ok(found
        .filter(|found| now < found.expires_at && found.session.is_live(now) && opens_portal(&found.scopes))
        .map(|found| found.session.user))
}

fn opens_portal(scopes: &[String]) -> bool {
    scopes.is_empty()
        || scopes.iter().any(|scope| scope == SCOPE_ACCOUNT_ACCESS || scope == SCOPE_PORTAL_LEGACY)
}
