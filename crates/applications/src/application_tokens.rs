//! CreateTokenWithIAM: what an application gets for a person, by a grant of its own. Whoever calls is authorised first, by the application's actor policy and
//! their own policies; then the grant, the person and whether they may use the application; then tokens are made within the write that records them. Tokens say
//! themselves what they are ([`store::bearer`]); what a family of them hangs on is read with it wherever one of its tokens comes ([`store::applications::application_tokens`]).

use std::time::Duration;

use model::applications::application::ApplicationArn;
use model::applications::application_token::ApplicationTokenFamily;
use model::applications::grant::GrantType;
use model::applications::trusted_token_issuer::TrustedTokenIssuerId;
use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::directory::user::UserId;
use model::entropy::uuid;
use model::event::{HIDDEN, Outcome};
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::signin::oauth::{FamilyId, SCOPE_ACCOUNT_ACCESS};
use model::timestamp::Timestamp;
use outbound::client::Outbound;
use serde_json::{Map, Value, json};
use store::applications::application_tokens::{self, LiveFamily};
use store::applications::permitted_tokens::{self, EXCHANGES_MAX, leads_to};
use store::bearer::{self, Bearer, Kind, Turn};
use store::db::Store;
use store::identity_context::IdentityContext;
use store::signin::portal_sessions;
use store::tx::{Rx, Tx};

use crate::acting::{self, Acting};
use crate::application_codes;
use crate::application_portal_sessions;
use crate::assertions;
use crate::token_keys::{self, TokenIssuer};
use crate::token_requests::{ACCESS_TOKEN_TYPE, Grant, REFRESH_TOKEN_TYPE, TokenRequest};

/// How long an access token lives (AWS: `expiresIn` 3600), and what comes with it.
const ACCESS_TOKEN: Duration = Duration::from_hours(1);
/// How long an application may refresh its tokens before its person must prove themselves again.
const FAMILY: Duration = Duration::from_hours(8);
/// Scopes by which an ID token and an identity context come.
const OPENID: &str = "openid";
const IDENTITY_CONTEXT: &str = "sts:identity_context";

/// The output of CreateTokenWithIAM.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `accessToken`
    pub access_token: Secret,
    /// `refreshToken`, for applications that may refresh.
    pub refresh_token: Option<Secret>,
    /// `idToken`, with the scope `openid`.
    pub id_token: Option<Secret>,
    /// `issuedTokenType`
    pub issued_token_type: &'static str,
    /// `expiresIn`, seconds.
    pub expires_in: i64,
    /// `scope`
    pub scopes: Vec<String>,
    /// `awsAdditionalDetails.identityContext`, with the scope `sts:identity_context`.
    pub identity_context: Option<Secret>,
}

type Verdict = model::verdict::Verdict<Issued>;

fn invalid_grant(message: impl Into<String>) -> Fault {
    Fault::oauth(OAuthError::InvalidGrant, message)
}

/// CreateTokenWithIAM. The tokens leave only when they and the call's record are durable.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (ours, outbound): (&TokenIssuer, &Outbound),
    request: TokenRequest,
) -> Result<Issued, Fault> {
    let arn = request.application.clone();
    cx.event().touch(crate::applications::KIND, arn.to_string());
    let acting = store.read(|rx| acting::enter(rx, cx, &arn))?;
    let grant = Grant::of(&request)?;
    require_grants(&acting, &grant)?;
    let judged = match &grant {
        Grant::Assertion { assertion } => {
            let authorized = acting.authorized_issuers();
            Some(assertions::judge(store, cx, outbound, (assertion, &authorized)).await?)
        }
        _ => None,
    };
    token_keys::ensure(store, cx).await?;
    let issuer = ours.issuer(&arn.instance_id);
    let verdict = store
        .maintain(cx, move |tx, cx| {
            // What was decided before the issuer was asked may have changed since.
            let acting = acting::enter(tx, cx, &arn)?;
            require_grants(&acting, &grant)?;
            let redeeming = Redeeming { acting: &acting, request: &request, issuer: &issuer };
            match (&grant, &judged) {
                (Grant::Assertion { .. }, Some(judged)) => {
                    let person = judged.person(tx, &acting.instance)?;
                    redeeming.begin(tx, cx, (&person, Some(judged.issuer.arn.id.clone())))
                }
                (Grant::Code { code, redirect_uri, verifier }, _) => {
                    redeeming.code(tx, cx, (code, redirect_uri, verifier))
                }
                (Grant::Refresh { refresh_token }, _) => redeeming.refresh(tx, cx, refresh_token),
                (Grant::Exchange { subject_token, .. }, _) => redeeming.exchange(tx, cx, subject_token),
                (Grant::Assertion { .. }, None) => Err(Fault::internal("an assertion that was not judged")),
            }
        })
        .await?;
    verdict.settled(cx)
}

/// The application has the grant that is asked for, and that of refresh tokens where one is.
fn require_grants(acting: &Acting, grant: &Grant) -> Result<(), Fault> {
    acting.require_grant(grant.kind())?;
    if grant.wants_refresh() { acting.require_grant(GrantType::RefreshToken) } else { Ok(()) }
}

/// One request, whose caller may make it.
struct Redeeming<'r> {
    acting: &'r Acting,
    request: &'r TokenRequest,
    issuer: &'r str,
}

impl Redeeming<'_> {
    /// A new family, for a person whom an issuer's token means.
    fn begin(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (person, issuer_id): (&UserId, Option<TrustedTokenIssuerId>),
    ) -> Result<Verdict, Fault> {
        let scopes = self.acting.granted(&self.request.scopes)?;
        self.acting.require_access(tx, person)?;
        let id = FamilyId::trusted(uuid(cx.entropy()).to_string());
        let background = application_portal_sessions::background(tx, self.acting, &scopes)?;
        let own_end = cx.now.plus(life(self.acting.may_refresh(), background));
        let (session_id, expires_at) = if scopes.iter().any(|scope| scope == SCOPE_ACCOUNT_ACCESS) {
            let store = &self.acting.instance.identity_store_id;
            let may = application_portal_sessions::at_the_portal(tx, store)?;
            let expires_at = own_end.min(cx.now.plus(may));
            (Some(application_portal_sessions::hold(tx, cx, (self.acting, person, expires_at))?), expires_at)
        } else if background.is_some() {
            (Some(self.in_background(tx, cx, (person, own_end))?), own_end)
        } else {
            (None, own_end)
        };
        let family = ApplicationTokenFamily {
            id: id.clone(),
            application_id: self.acting.application.id.clone(),
            issuer_id,
            parent_id: None,
            session_id,
            identity_store_id: self.acting.instance.identity_store_id.clone(),
            user_id: person.clone(),
            scopes,
            created_at: cx.now,
            expires_at,
            generation: 0,
            exchanged_at: Vec::new(),
        };
        application_tokens::insert(tx, &family)?;
        self.issue(tx, cx, &id, self.acting.may_refresh())
    }

    /// The session by which what is given now goes on in the background, until `expires_at` at least.
    fn in_background(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (person, expires_at): (&UserId, Timestamp),
    ) -> Result<String, Fault> {
        let held = application_portal_sessions::hold(tx, cx, (self.acting, person, expires_at))?;
        cx.event().detail("backgroundSessionId", held.as_str());
        Ok(held)
    }

    /// A new family, for a person who signed in here: it hangs on their session, and ends with it, or goes on in the background where the application may have that.
    fn code(&self, tx: &mut Tx<'_>, cx: &Cx, brought: (&Secret, &str, &Secret)) -> Result<Verdict, Fault> {
        let wrong = || {
            let message = "The code is not known, has expired, was used, or was given for another application, redirectUri or codeVerifier, or its sign-in session has ended.";
            Ok(Verdict::Refused(invalid_grant(message)))
        };
        let arn = self.acting.application.arn();
        let Some((hash, found)) = application_codes::redeemable(tx, cx, &arn, brought)? else {
            return wrong();
        };
        let session = portal_sessions::find(tx, &found.session_id)?;
        let Some(session) = session.filter(|session| session.is_live(cx.now) && !session.is_idle(cx.now))
        else {
            return wrong();
        };
        let scopes = self.acting.granted(&found.scopes)?;
        self.acting.require_access(tx, &found.user_id)?;
        let refreshes = self.acting.may_refresh();
        let background = application_portal_sessions::background(tx, self.acting, &scopes)?;
        let own_end = cx.now.plus(life(refreshes, background));
        let (session_id, expires_at) = match background {
            Some(_) => (self.in_background(tx, cx, (&found.user_id, own_end))?, own_end),
            None => (found.session_id, session.expires_at.min(own_end)),
        };
        let family = ApplicationTokenFamily {
            id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
            application_id: self.acting.application.id.clone(),
            issuer_id: None,
            parent_id: None,
            session_id: Some(session_id),
            identity_store_id: self.acting.instance.identity_store_id.clone(),
            user_id: found.user_id,
            scopes,
            created_at: cx.now,
            expires_at,
            generation: 0,
            exchanged_at: Vec::new(),
        };
        application_tokens::insert(tx, &family)?;
        store::applications::application_codes::redeem(tx, &hash, &family.id)?;
        self.issue(tx, cx, &family.id, refreshes)
    }

    /// The next tokens of a family, for its refresh token in force.
    fn refresh(&self, tx: &mut Tx<'_>, cx: &Cx, refresh_token: &Secret) -> Result<Verdict, Fault> {
        let unknown = || {
            let message =
                "The refresh token is not known, is another application's, or what it hangs on has ended.";
            Ok(Verdict::Refused(invalid_grant(message)))
        };
        let Some(token) = Bearer::read(tx.keyring(), Kind::ApplicationRefresh, refresh_token.expose()) else {
            return unknown();
        };
        let found = permitted_tokens::find(tx, &token.family, cx.now)?;
        let Some(live) = found.filter(|live| self.is_own(live) && cx.now < token.expires_at) else {
            return unknown();
        };
        let family = &live.family;
        match bearer::turn(&token, (family.generation, &family.exchanged_at), cx.now) {
            Turn::InForce => {}
            Turn::Unknown => return unknown(),
            Turn::Beside => {
                let message = "The refresh token was exchanged a moment ago by another call. Use the tokens that it got.";
                return Ok(Verdict::Refused(invalid_grant(message)));
            }
            Turn::Again => {
                application_tokens::delete(tx, &family.id)?;
                let message = "The refresh token was used before, so all tokens that grew from the same grant were revoked.";
                return Ok(Verdict::Refused(invalid_grant(message)));
            }
        }
        self.acting.require_same_scopes(&self.request.scopes, &family.scopes)?;
        self.acting.require_access(tx, &family.user_id)?;
        let remembered = bearer::remembered(&family.exchanged_at, cx.now);
        application_tokens::exchange(tx, &family.id, family.generation, &remembered)?;
        self.issue(tx, cx, &family.id, true)
    }

    /// A family of this application's own, for a token of another one whose scopes lead here.
    fn exchange(&self, tx: &mut Tx<'_>, cx: &Cx, subject_token: &Secret) -> Result<Verdict, Fault> {
        let unknown = || invalid_grant("The subject token is not known, or what it hangs on has ended.");
        let live = by_access_token(tx, subject_token, cx.now)?.ok_or_else(unknown)?;
        if live.application.instance_id != self.acting.instance.id {
            return Err(unknown());
        }
        let arn = self.acting.application.arn();
        if !leads_to(tx, &live.family, &arn)? {
            let message = format!(
                "No scope of the subject token has {arn} among its AuthorizedTargets, as its application's access scopes say."
            );
            return Err(invalid_grant(message));
        }
        let exchanges = permitted_tokens::before(tx, &live.family, cx.now)?.ok_or_else(unknown)?.len();
        if exchanges >= EXCHANGES_MAX {
            let message = format!("The subject token was exchanged {exchanges} times; that is the limit.");
            return Err(invalid_grant(message));
        }
        let mut scopes = self.acting.granted(&self.request.scopes)?;
        if self.request.scopes.is_empty() {
            // All that the application may have by this grant.
            scopes.retain(|scope| scope != SCOPE_ACCOUNT_ACCESS);
        }
        if scopes.iter().any(|scope| scope == SCOPE_ACCOUNT_ACCESS) {
            let message = format!(
                "{SCOPE_ACCOUNT_ACCESS} is given for a token of a trusted token issuer, not for one of another application"
            );
            return Err(Fault::oauth(OAuthError::InvalidScope, message));
        }
        self.acting.require_access(tx, &live.family.user_id)?;
        let refreshes = self.request.wants_refresh_token();
        // It hangs on what it grew from, and is never longer.
        let background = application_portal_sessions::background(tx, self.acting, &scopes)?;
        let own_end = cx.now.plus(life(refreshes, background));
        let family = ApplicationTokenFamily {
            id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
            application_id: self.acting.application.id.clone(),
            issuer_id: live.family.issuer_id.clone(),
            parent_id: Some(live.family.id.clone()),
            session_id: live.family.session_id.clone(),
            identity_store_id: live.family.identity_store_id.clone(),
            user_id: live.family.user_id.clone(),
            scopes,
            created_at: cx.now,
            expires_at: live.family.expires_at.min(own_end),
            generation: 0,
            exchanged_at: Vec::new(),
        };
        application_tokens::insert(tx, &family)?;
        self.issue(tx, cx, &family.id, refreshes)
    }

    fn is_own(&self, live: &LiveFamily) -> bool {
        live.application == self.acting.application.arn()
    }

    /// New tokens of a family, with the call's record, which names the person.
    fn issue(&self, tx: &mut Tx<'_>, cx: &Cx, id: &FamilyId, refreshes: bool) -> Result<Verdict, Fault> {
        let found = permitted_tokens::find(tx, id, cx.now)?;
        let ended = || invalid_grant("The person is disabled, or what was issued is void.");
        let live = found.ok_or_else(ended)?;
        let family = &live.family;
        let actors = permitted_tokens::before(tx, family, cx.now)?.ok_or_else(ended)?;
        let has = |scope: &str| family.scopes.iter().any(|own| own == scope);
        let life = if has(SCOPE_ACCOUNT_ACCESS) {
            application_portal_sessions::access_token(tx, &family.identity_store_id)?.min(ACCESS_TOKEN)
        } else {
            ACCESS_TOKEN
        };
        let expires_at = family.expires_at.min(cx.now.plus(life));
        let token = |kind, expires_at| {
            Bearer { family: id.clone(), kind, generation: family.generation, expires_at }.token(tx.keyring())
        };
        let (access_token, refresh_token) = (
            token(Kind::ApplicationAccess, expires_at),
            refreshes.then(|| token(Kind::ApplicationRefresh, family.expires_at)),
        );
        let identity_context = if has(IDENTITY_CONTEXT) {
            Some(IdentityContext { family: id.clone(), expires_at }.seal(tx.keyring(), cx.entropy())?)
        } else {
            None
        };
        let id_token = if has(OPENID) {
            let claims = self.claims(cx, &live, &actors, (expires_at, identity_context.as_ref()));
            Some(Secret::new(token_keys::signed(tx, cx, &claims)?))
        } else {
            None
        };
        let issued = Issued {
            access_token,
            refresh_token,
            id_token,
            issued_token_type: if self.request.wants_refresh_token() {
                REFRESH_TOKEN_TYPE
            } else {
                ACCESS_TOKEN_TYPE
            },
            expires_in: i64::try_from(expires_at.since(cx.now).as_secs()).unwrap_or(i64::MAX),
            scopes: family.scopes.clone(),
            identity_context,
        };
        record(tx, cx, (&live, &actors), &issued)?;
        Ok(Verdict::Issued(issued))
    }

    /// What an ID token says (OpenID Connect Core §2, what AWS adds, and RFC 8693 §4.1: who brought the person here).
    fn claims(
        &self,
        cx: &Cx,
        live: &LiveFamily,
        actors: &[ApplicationArn],
        (expires_at, context): (Timestamp, Option<&Secret>),
    ) -> Map<String, Value> {
        let family = &live.family;
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(self.issuer));
        put("sub", json!(family.user_id.as_str()));
        put("aud", json!(live.application.to_string()));
        put("iat", json!(cx.now.seconds()));
        put("exp", json!(expires_at.seconds()));
        put("aws:identity_store_id", json!(family.identity_store_id.as_str()));
        put("aws:identity_store_arn", json!(family.identity_store_id.arn(&live.owner)));
        put("aws:instance_arn", json!(live.application.instance_id.arn()));
        put("aws:credential_id", json!(family.id.as_str()));
        let acts = actors.iter().rev().fold(None::<Map<String, Value>>, |before, actor| {
            let mut act = Map::from_iter([("sub".to_owned(), json!(actor.to_string()))]);
            act.extend(before.map(|before| ("act".to_owned(), Value::Object(before))));
            Some(act)
        });
        if let Some(act) = acts {
            put("act", Value::Object(act));
        }
        if let Some(context) = context {
            put("sts:identity_context", json!(context.expose()));
        }
        claims
    }
}

/// Writes the call's record: who called, for whom, by which application, and whose tokens were exchanged before.
fn record(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (live, actors): (&LiveFamily, &[ApplicationArn]),
    issued: &Issued,
) -> Result<(), Fault> {
    let (event, family) = (cx.event(), &live.family);
    let hidden = |given: bool| given.then_some(HIDDEN);
    event.respond(json!({
        "accessToken": HIDDEN, "tokenType": "Bearer", "expiresIn": issued.expires_in,
        "issuedTokenType": issued.issued_token_type, "scope": issued.scopes,
        "refreshToken": hidden(issued.refresh_token.is_some()),
        "idToken": hidden(issued.id_token.is_some()),
    }));
    event.add("identitystore:UserId", family.user_id.as_str());
    event.add("identitystore:IdentityStoreArn", family.identity_store_id.arn(&live.owner));
    event.add("identitycenter:CredentialId", family.id.as_str());
    if !actors.is_empty() {
        event.add("actingApplicationArns", actors.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    event.name_user(&live.user_name);
    store::audit::audit_records::insert(tx, &cx.record(Outcome::Success))
}

/// What an access token of an application means, if it counts now.
fn by_access_token(rx: &mut Rx<'_>, token: &Secret, now: Timestamp) -> Result<Option<LiveFamily>, Fault> {
    let read = Bearer::read(rx.keyring(), Kind::ApplicationAccess, token.expose());
    match read.filter(|token| now < token.expires_at) {
        Some(token) => permitted_tokens::find(rx, &token.family, now),
        None => Ok(None),
    }
}

/// Whom an application's access token speaks for at the portal API, if it was given for that (`sso:account:access`) and its application may still have it. A token
/// that is none of ours, or over, is refused before anything is read.
pub fn portal_caller(store: &Store, token: &str, now: Timestamp) -> Result<Option<Caller>, Fault> {
    let read = Bearer::read(store.keyring(), Kind::ApplicationAccess, token);
    let Some(token) = read.filter(|token| now < token.expires_at) else { return Ok(None) };
    let live = store.read(|rx| match permitted_tokens::find(rx, &token.family, now)? {
        Some(live) if permitted_tokens::has_scope(rx, &live.family, SCOPE_ACCOUNT_ACCESS)? => Ok(Some(live)),
        _ => Ok(None),
    })?;
    Ok(live.and_then(|live| {
        let LiveFamily { family, user_name, owner, .. } = live;
        Some(Caller::portal_user(PortalUser {
            user_id: family.user_id,
            user_name,
            identity_store_id: family.identity_store_id,
            account_id: owner,
            session_id: family.session_id?,
        }))
    }))
}

/// The application of an ARN that a client calls itself by (`clientId`).
pub fn application_of(client_id: &str) -> Result<ApplicationArn, Fault> {
    ApplicationArn::parse(client_id).ok_or_else(|| {
        Fault::oauth(OAuthError::InvalidClient, "clientId must be the ARN of an application of this instance")
    })
}

/// How long a family lives by itself.
fn life(refreshes: bool, background: Option<Duration>) -> Duration {
    if refreshes { background.unwrap_or(FAMILY) } else { ACCESS_TOKEN }
}
