//! CreateOAuth2Token: what the codes and refresh tokens of `aws login` are exchanged for. A refresh token works only together with the key that
//! redeemed the code, which proves itself with every call (DPoP, RFC 9449), and hangs on the portal session of the person who approved. It rotates
//! as those of sso-oidc do, but a call beside the one that got the new token is given the same one: AWS CLI has no other way to go on
//! (docs/decisions/0013-aws-login.md). Of roles this knows the two texts that a person chose.

use std::cmp::Ordering;
use std::iter;
use std::time::Duration;

use jose::dpop::{Expected, Proof};
use jose::pkce;
use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, OAuthError};
use model::limits::CLOCK_SKEW;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, ConsoleLogin, LoginClient, LoginCode};
use model::signin::oauth::FamilyId;
use model::signin::portal_session::PortalSession;
use model::signin::session_settings::SessionSettings;
use model::timestamp::Timestamp;
use serde_json::json;
use store::bearer::{Bearer, Kind};
use store::db::Store;
use store::error::StoreError;
use store::sealing::Keyring;
use store::tx::{Rx, Tx};

use crate::config::Config;
use crate::{sessions, settings};

/// So long after its exchange a refresh token that comes again with its key is taken for a call beside the one that got the new one.
const BESIDE: Duration = Duration::from_secs(30);
/// Exchanges of one login that are remembered at most.
const EXCHANGES_MAX: usize = 16;

/// The input of CreateOAuth2Token.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// `clientId`
    pub client_id: String,
    /// `grantType`
    pub grant_type: String,
    /// `code`
    pub code: Option<Secret>,
    /// `redirectUri`
    pub redirect_uri: Option<String>,
    /// `codeVerifier`
    pub code_verifier: Option<Secret>,
    /// `refreshToken`
    pub refresh_token: Option<Secret>,
    /// The `DPoP` header.
    pub proof: Option<Secret>,
}

/// What a program brings.
#[derive(Debug, Clone)]
enum Grant {
    Code { code: Secret, redirect_uri: String, verifier: Secret },
    Refresh { token: Secret },
}

impl Grant {
    fn of(request: &TokenRequest) -> Result<Self, Fault> {
        let needed = |name: &str, value: &Option<Secret>| {
            let given = value.clone().filter(|value| !value.expose().is_empty());
            given.ok_or_else(|| {
                Fault::validation(format!("{name} is required for grantType {}", request.grant_type))
            })
        };
        match request.grant_type.as_str() {
            "authorization_code" => Ok(Self::Code {
                code: needed("code", &request.code)?,
                redirect_uri: needed("redirectUri", &request.redirect_uri.as_deref().map(Secret::new))?
                    .expose()
                    .to_owned(),
                verifier: needed("codeVerifier", &request.code_verifier)?,
            }),
            "refresh_token" => Ok(Self::Refresh { token: needed("refreshToken", &request.refresh_token)? }),
            _ => Err(Fault::validation("grantType must be authorization_code or refresh_token")),
        }
    }
}

/// A call that may be answered, if the role allows it: what was brought is good as of now.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whom the answer is for.
    pub user: PortalUser,
    /// The role that they chose.
    pub chosen: ChosenRole,
    /// The program.
    pub client: LoginClient,
    grant: Grant,
    proof: Proof,
}

/// The output of CreateOAuth2Token, but for the credentials.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `refreshToken`
    pub refresh_token: Secret,
    /// `idToken`, with the first answer alone.
    pub id_token: Option<Secret>,
}

/// Why nothing is given.
enum Stop {
    /// What was brought gets nothing, and may end a login: that is committed.
    Refused { why: Fault, ends: Option<FamilyId> },
    /// Something broke, and nothing of it happened.
    Failed(Fault),
}

impl Stop {
    const fn refused(why: Fault) -> Self {
        Self::Refused { why, ends: None }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Looks at what is brought, and changes nothing but what a token that comes twice ends. Strangers and what nobody was given never queue for the
/// writer.
pub async fn check(store: &Store, cx: &Cx, config: &Config, request: TokenRequest) -> Result<Asked, Fault> {
    let grant = Grant::of(&request)?;
    let client = LoginClient::find(&request.client_id)
        .ok_or_else(|| Fault::validation("clientId is not one of the programs of aws login"))?;
    let proof = proven(cx, config, request.proof.as_ref())?;
    let looked = store.read(|rx| Ok(look(rx, cx.now, (client, &grant), &proof)))?;
    match looked {
        Ok((user, chosen)) => Ok(Asked { user, chosen, client, grant, proof }),
        Err(Stop::Failed(fault) | Stop::Refused { why: fault, ends: None }) => Err(fault),
        Err(Stop::Refused { why, ends: Some(login) }) => {
            let end = move |tx: &mut Tx<'_>, cx: &Cx| match use_up(tx, cx, &proof) {
                Ok(()) => store::signin::console_logins::delete(tx, &login),
                Err(Stop::Refused { .. }) => Ok(()),
                Err(Stop::Failed(fault)) => Err(fault),
            };
            store.maintain(cx, end).await?;
            Err(why)
        }
    }
}

/// The proof of possession that a call must bring.
fn proven(cx: &Cx, config: &Config, given: Option<&Secret>) -> Result<Proof, Fault> {
    let given = given.ok_or_else(|| {
        Fault::validation("The DPoP header is missing, or was sent more than once: aws login proves with it that it holds its key.")
    })?;
    let urls = config.login_token_urls();
    let expected =
        Expected { method: "POST", urls: &urls, now: cx.now.seconds(), skew: CLOCK_SKEW.as_secs() };
    Proof::verify(given.expose(), &expected)
        .map_err(|error| Fault::validation(format!("The proof in the DPoP header is refused: {error}.")))
}

/// Whom what was brought is for, and the role that they chose.
fn look(
    rx: &mut Rx<'_>,
    now: Timestamp,
    (client, grant): (LoginClient, &Grant),
    proof: &Proof,
) -> Result<(PortalUser, ChosenRole), Stop> {
    // First of all: who saw a call pass and sends it again must not even end what it was for.
    let hash = proof_hash(rx.keyring(), proof);
    if store::signin::used_proofs::is_used(rx, &hash)? {
        return Err(Stop::refused(used_proof()));
    }
    match grant {
        Grant::Code { code, redirect_uri, verifier } => {
            let hash = rx.keyring().hash_token(code.expose());
            let (found, session) = code_of(rx, now, &hash, (client, redirect_uri.as_str(), verifier))?;
            Ok((session.user, found.chosen))
        }
        Grant::Refresh { token } => {
            let InForce { login, session, .. } = in_force(rx, now, (client, token), proof)?;
            Ok((session.user, login.chosen))
        }
    }
}

/// The code that was brought, if it may be redeemed, and the session of whoever approved.
fn code_of(
    rx: &mut Rx<'_>,
    now: Timestamp,
    hash: &[u8; 32],
    (client, redirect_uri, verifier): (LoginClient, &str, &Secret),
) -> Result<(LoginCode, PortalSession), Stop> {
    let wrong = || Stop::refused(wrong_code());
    let found = store::signin::console_login_codes::find(rx, hash)?;
    let found = found.filter(|found| found.client == client).ok_or_else(wrong)?;
    if let Some(login) = found.login_id {
        return Err(Stop::Refused { why: wrong_code(), ends: Some(login) });
    }
    let fits = now < found.expires_at
        && found.redirect_uri == redirect_uri
        && pkce::proves(verifier.expose(), &found.code_challenge);
    let session = if fits { sessions::live(rx, &found.session_id, now)? } else { None };
    session.map(|session| (found, session)).ok_or_else(wrong)
}

/// One sentence for all of it: whoever tries a stolen code learns nothing of what was wrong with it.
fn wrong_code() -> Fault {
    let message = "The code is not known, has expired, was used, or was given for another clientId, redirectUri or codeVerifier.";
    Fault::oauth(OAuthError::InvalidGrant, message)
}

/// A refresh token that may be used, and what it belongs to.
struct InForce {
    login: ConsoleLogin,
    session: PortalSession,
    expires_at: Timestamp,
    /// Whether it is the one in force, and not one of a moment ago.
    is_newest: bool,
}

fn in_force(
    rx: &mut Rx<'_>,
    now: Timestamp,
    (client, token): (LoginClient, &Secret),
    proof: &Proof,
) -> Result<InForce, Stop> {
    let unknown = || Stop::refused(unknown_token());
    let token = Bearer::read(rx.keyring(), Kind::Login, token.expose()).ok_or_else(unknown)?;
    let found = store::signin::console_logins::find(rx, &token.family)?;
    // Who has the token and not the key can do nothing with it: neither use it nor end anything.
    let (login, session) = found
        .filter(|(login, _)| login.client == client && login.key == proof.thumbprint)
        .ok_or_else(unknown)?;
    let is_newest = match login.generation.cmp(&token.generation) {
        Ordering::Equal => true,
        // Of a time before the database was restored.
        Ordering::Less => return Err(unknown()),
        Ordering::Greater if exchanged_at(&login, &token).is_some_and(|at| is_beside(at, now)) => false,
        Ordering::Greater => {
            // Two hold token and key, and nobody can tell which of them stole it.
            let why = "The refresh token was used before, so this login was ended. Run aws login again.";
            let why = Fault::oauth(OAuthError::ExpiredToken, why);
            return Err(Stop::Refused { why, ends: Some(login.id) });
        }
    };
    let session = session.ok_or_else(|| Stop::refused(ended()))?;
    if now >= token.expires_at || now >= session.expires_at || session.is_idle(now) {
        let over = "The sign-in session is over. Run aws login again.";
        return Err(Stop::refused(Fault::oauth(OAuthError::ExpiredToken, over)));
    }
    if !session.is_live(now) {
        return Err(Stop::refused(ended()));
    }
    // A later session of the same person may have taken the place of the one that approved; what was approved in that one ends when it would have.
    let expires_at = session.expires_at.min(token.expires_at);
    Ok(InForce { login, session, expires_at, is_newest })
}

fn unknown_token() -> Fault {
    let message =
        "The refresh token is not known, or belongs to another clientId or another key. Run aws login again.";
    Fault::oauth(OAuthError::ExpiredToken, message)
}

fn ended() -> Fault {
    Fault::oauth(OAuthError::ExpiredToken, "The sign-in session was ended. Run aws login again.")
}

/// When a token that is no longer in force was exchanged, if that is remembered.
fn exchanged_at(login: &ConsoleLogin, token: &Bearer) -> Option<Timestamp> {
    let exchanges_since = usize::try_from(login.generation - token.generation - 1).ok()?;
    login.exchanged_at.get(exchanges_since).copied()
}

/// Whether two calls with one token came together, by clocks of servers that need not agree to the second.
fn is_beside(used_at: Timestamp, now: Timestamp) -> bool {
    now.since(used_at) <= BESIDE && used_at.since(now) <= BESIDE
}

/// Redeems what [`check`] found good, if it still is, with the call's record, which names the person. `subject` is the ARN of the role session that
/// the answer is for. Nothing that was made for the answer may leave before this has ended.
pub async fn settle(
    store: &Store,
    cx: &Cx,
    config: &Config,
    asked: Asked,
    subject: &str,
) -> Result<Issued, Fault> {
    let (issuer, client, subject) = (config.issuer().to_owned(), asked.client, subject.to_owned());
    let settled = store
        .maintain(cx, move |tx, cx| match redeem(tx, cx, &asked) {
            Ok((refresh_token, until)) => {
                let is_first = matches!(asked.grant, Grant::Code { .. });
                let id_token = is_first.then(|| id_token(tx, cx.now, (&issuer, client, &subject), until));
                record(tx, cx, &asked)?;
                Ok(Ok(Issued { refresh_token, id_token }))
            }
            Err(Stop::Failed(fault)) => Err(fault),
            Err(Stop::Refused { why, ends }) => {
                ends.map_or(Ok(()), |login| store::signin::console_logins::delete(tx, &login))?;
                Ok(Err(why))
            }
        })
        .await?;
    if settled.is_ok() {
        cx.event().mark_recorded();
    }
    settled
}

/// The refresh token of the answer, and until when it is good.
fn redeem(tx: &mut Tx<'_>, cx: &Cx, asked: &Asked) -> Result<(Secret, Timestamp), Stop> {
    use_up(tx, cx, &asked.proof)?;
    let (login, generation, expires_at) = match &asked.grant {
        Grant::Code { code, redirect_uri, verifier } => {
            let hash = tx.keyring().hash_token(code.expose());
            let brought = (asked.client, redirect_uri.as_str(), verifier);
            let (found, session) = code_of(tx, cx.now, &hash, brought)?;
            let login = begin(tx, cx, &found, &asked.proof)?;
            store::signin::console_login_codes::redeem(tx, &hash, &login)?;
            let settings: SessionSettings = settings::find(tx, &session.user.identity_store_id)?;
            // Later tokens of the login end with the first one.
            let longest = settings.refresh_token().map_or(session.expires_at, |life| cx.now.plus(life));
            (login, 0, session.expires_at.min(longest))
        }
        Grant::Refresh { token } => {
            let InForce { login, session, expires_at, is_newest } =
                in_force(tx, cx.now, (asked.client, token), &asked.proof)?;
            if sessions::is_to_be_seen(&session, cx.now) {
                store::signin::portal_sessions::see(tx, &session.user.session_id, cx.now)?;
            }
            if is_newest {
                let earlier = login.exchanged_at.iter().copied().take_while(|at| is_beside(*at, cx.now));
                let moments: Vec<Timestamp> = iter::once(cx.now).chain(earlier).take(EXCHANGES_MAX).collect();
                store::signin::console_logins::exchange(tx, &login.id, login.generation, &moments)?;
            }
            (login.id, login.generation + i64::from(is_newest), expires_at)
        }
    };
    let token = Bearer { family: login, kind: Kind::Login, generation, expires_at };
    Ok((token.token(tx.keyring()), expires_at))
}

/// Remembers a proof for as long as it could come again (RFC 9449 §11.1).
fn use_up(tx: &mut Tx<'_>, cx: &Cx, proof: &Proof) -> Result<(), Stop> {
    let hash = proof_hash(tx.keyring(), proof);
    let is_new = store::signin::used_proofs::insert(tx, &hash, cx.now.plus(CLOCK_SKEW * 2))?;
    if is_new { Ok(()) } else { Err(Stop::refused(used_proof())) }
}

fn proof_hash(keys: &Keyring, proof: &Proof) -> [u8; 32] {
    keys.hash_token(&format!("{}.{}", proof.thumbprint, proof.id))
}

fn used_proof() -> Fault {
    Fault::validation("The proof in the DPoP header is refused: its jti was used before.")
}

fn begin(tx: &mut Tx<'_>, cx: &Cx, code: &LoginCode, proof: &Proof) -> Result<FamilyId, Fault> {
    let login = ConsoleLogin {
        id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
        client: code.client,
        user_id: code.user_id.clone(),
        session_id: code.session_id.clone(),
        chosen: code.chosen.clone(),
        key: proof.thumbprint.clone(),
        created_at: cx.now,
        generation: 0,
        exchanged_at: Vec::new(),
    };
    store::signin::console_logins::insert(tx, &login)?;
    Ok(login.id)
}

/// The ID token, out of which AWS CLI reads whose credentials it got (`sub`). Nobody but this server can tell whether it is genuine, and nobody asks.
fn id_token(
    tx: &Tx<'_>,
    now: Timestamp,
    (issuer, client, subject): (&str, LoginClient, &str),
    until: Timestamp,
) -> Secret {
    let claims = json!({
        "iss": issuer, "sub": subject, "aud": client.id(), "iat": now.seconds(), "exp": until.seconds(),
    });
    let header = r#"{"typ":"JWT","alg":"HS256"}"#;
    let sign = |text: &str| tx.keyring().sign_form(&["id-token", text]).to_vec();
    Secret::new(jose::jws::signed(header, &claims.to_string(), sign))
}

fn record(tx: &mut Tx<'_>, cx: &Cx, asked: &Asked) -> Result<(), Fault> {
    cx.event().add("success", "true");
    let grant_type = match asked.grant {
        Grant::Code { .. } => "authorization_code",
        Grant::Refresh { .. } => "refresh_token",
    };
    cx.event().add("grant_type", grant_type);
    let named = cx.clone().with_caller(Caller::portal_user(asked.user.clone()));
    store::audit::audit_records::insert(tx, &named.record(Outcome::Success))
}
