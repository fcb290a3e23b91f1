//! The token endpoint (RFC 6749 §3.2): what an application gets for a code, for a refresh token, for a code that its person typed elsewhere, and for being itself. Tokens say themselves what they are ([`store::bearer`]); the row of
//! their family says which refresh token is in force. They hang on the session that the person signed in with. A code that comes twice, and a refresh token that comes again
//! after a moment, end everything that grew from the same sign-in (RFC 9700 §2.1.1, §4.14).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::pkce;
use model::applications::application::ApplicationId;
use model::applications::oidc_application::ClientAuthentication;
use model::applications::oidc_participant::OidcParticipant;
use model::applications::oidc_token::{OidcCode, OidcTokenFamily};
use model::caller::Caller;
use model::cx::Cx;
use model::entropy::{uuid, uuid_by_time};
use model::event::{HIDDEN, Outcome};
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use serde_json::{Map, Value, json};
use store::applications::{oidc_codes, oidc_participants, oidc_tokens};
use store::bearer::{self, Bearer, Kind, Turn};
use store::db::Store;
use store::signin::portal_sessions;
use store::tx::{Rx, Tx};

use crate::application_access::may_use;
use crate::applications::KIND;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_clients::{Client, Presented, prove};
use crate::oidc_devices::{self, Poll};
use crate::oidc_gate::has_openid;
use crate::{oidc_claims, oidc_client_tokens, oidc_keys, oidc_proofs};

/// What comes to the token endpoint.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Who says that they ask.
    pub presented: Presented,
    /// What for.
    pub grant: Grant,
    /// By which key tokens are to be bound (the DPoP header).
    pub proof: Option<Secret>,
}

/// What an application brings.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A code.
    Code {
        /// It.
        code: Secret,
        /// Where it came.
        redirect_uri: String,
        /// What its challenge was made of.
        verifier: Option<Secret>,
    },
    /// A refresh token.
    Refresh {
        /// It.
        refresh_token: Secret,
        /// What the tokens are to be good for, if that is said.
        scopes: Option<Vec<String>>,
    },
    /// A code of a device.
    Device {
        /// It.
        device_code: Secret,
    },
    /// Nothing but who it is.
    Client {
        /// What the token is to be good for, if that is said.
        scopes: Option<Vec<String>>,
    },
}

/// What it gets.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `access_token`
    pub access_token: Secret,
    /// `refresh_token`, where the application may have some.
    pub refresh_token: Option<Secret>,
    /// `id_token`, with the scope `openid`.
    pub id_token: Option<Secret>,
    /// `expires_in`, seconds.
    pub expires_in: i64,
    /// `scope`
    pub scopes: Vec<String>,
    /// Whether the access token is bound to a key: `token_type`.
    pub is_bound: bool,
}

impl Issued {
    /// `token_type` (RFC 6750, RFC 9449 §5).
    pub const fn token_type(&self) -> &'static str {
        if self.is_bound { "DPoP" } else { "Bearer" }
    }
}

type Verdict = model::verdict::Verdict<Issued>;

fn refused(message: &str) -> Verdict {
    Verdict::Refused(Fault::oauth(OAuthError::InvalidGrant, message))
}

/// One sentence for all of it: whoever tries a stolen code learns nothing of what was wrong with it.
fn wrong_code() -> Verdict {
    refused(
        "The code is not known, has expired, was used, was given for another client, redirect_uri or code_verifier, or its person may not use the application.",
    )
}

fn wrong_refresh_token() -> Verdict {
    refused("The refresh token is not known, is another application's, or what it hangs on has ended.")
}

/// The tokens leave only when they and the call's record are durable.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    request: TokenRequest,
) -> Result<Issued, Fault> {
    // Strangers are turned away by a read, and never queue for the writer.
    let judged = |client: &Client, cx: &Cx, ours: &OidcAddresses, request: &TokenRequest| {
        let address = ours.token_endpoint(&client.application.id);
        oidc_proofs::proved(cx, &client.settings, (request.proof.as_ref(), &address))
    };
    store.read(|rx| {
        let client = prove(rx, cx, (ours, id), &request.presented)?;
        judged(&client, cx, ours, &request)?;
        match &request.grant {
            Grant::Device { device_code } if client.settings.authentication == ClientAuthentication::None => {
                oidc_devices::require_known(rx, &client, device_code)
            }
            _ => Ok(()),
        }
    })?;
    let (ours, id) = (ours.clone(), id.clone());
    let verdict = store
        .maintain(cx, move |tx, cx| {
            let client = prove(tx, cx, (&ours, &id), &request.presented)?;
            client.spend(tx, cx)?;
            let proved = judged(&client, cx, &ours, &request)?;
            if let Some(proved) = &proved {
                proved.use_up(tx, cx)?;
            }
            let issuer = ours.issuer(&id);
            let redeeming =
                Redeeming { client: &client, issuer: &issuer, key: proved.map(|proved| proved.key) };
            match &request.grant {
                Grant::Code { code, redirect_uri, verifier } => {
                    redeeming.code(tx, cx, code, (redirect_uri, verifier.as_ref()))
                }
                Grant::Refresh { refresh_token, scopes } => {
                    redeeming.refresh(tx, cx, refresh_token, scopes.as_deref())
                }
                Grant::Device { device_code } => redeeming.device(tx, cx, device_code),
                Grant::Client { scopes } => redeeming.own(tx, cx, scopes.as_deref()),
            }
        })
        .await?;
    verdict.settled(cx)
}

/// RFC 7636 §4.6, and RFC 9700 §4.8.2: no verifier where there was no challenge, since whoever took the challenge away would have it so.
fn proves(verifier: Option<&Secret>, challenge: Option<&String>) -> bool {
    let (Some(verifier), Some(challenge)) = (verifier, challenge) else {
        return verifier.is_none() && challenge.is_none();
    };
    pkce::proves(verifier.expose(), challenge)
}

/// One request, of an application that has proved that it is itself.
struct Redeeming<'r> {
    client: &'r Client,
    issuer: &'r str,
    /// The key that the application proved to hold, where its tokens are bound to one.
    key: Option<String>,
}

impl Redeeming<'_> {
    fn id(&self) -> &ApplicationId {
        &self.client.application.id
    }

    fn code(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        code: &Secret,
        (redirect_uri, verifier): (&str, Option<&Secret>),
    ) -> Result<Verdict, Fault> {
        let hash = tx.keyring().hash_token(code.expose());
        let found = oidc_codes::find(tx, &hash)?.filter(|found| found.application_id == *self.id());
        let Some(found) = found else { return Ok(wrong_code()) };
        if let Some(family) = &found.family_id {
            oidc_tokens::delete(tx, family)?;
            return Ok(wrong_code());
        }
        if cx.now >= found.expires_at
            || found.redirect_uri != redirect_uri
            || !self.client.settings.admits(redirect_uri)
            || !proves(verifier, found.code_challenge.as_ref())
            || (found.key.is_some() && found.key != self.key)
        {
            return Ok(wrong_code());
        }
        let session = portal_sessions::find(tx, &found.session_id)?.filter(|session| {
            session.is_live(cx.now) && !session.is_idle(cx.now) && session.user.user_id == found.user_id
        });
        let Some(session) = session else { return Ok(wrong_code()) };
        if !may_use(tx, self.id(), &found.user_id)? {
            return Ok(wrong_code());
        }
        let OidcCode { scopes, nonce, .. } = found;
        let family = self.begin(tx, cx, (&session, scopes))?;
        oidc_codes::redeem(tx, &hash, &family.id)?;
        self.issue(tx, cx, (&family, &session), nonce.as_deref())
    }

    /// A family for whom it was allowed at another device.
    fn device(&self, tx: &mut Tx<'_>, cx: &Cx, device_code: &Secret) -> Result<Verdict, Fault> {
        match oidc_devices::poll(tx, cx, self.client, device_code)? {
            Poll::Refused(fault) => Ok(Verdict::Refused(fault)),
            Poll::Approved(session, scopes) => {
                let family = self.begin(tx, cx, (&session, scopes))?;
                self.issue(tx, cx, (&family, &session), None)
            }
        }
    }

    fn begin(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (session, scopes): (&PortalSession, Vec<String>),
    ) -> Result<OidcTokenFamily, Fault> {
        let family = OidcTokenFamily {
            id: FamilyId::trusted(uuid(cx.entropy()).to_string()),
            application_id: self.id().clone(),
            user_id: session.user.user_id.clone(),
            session_id: session.user.session_id.clone(),
            scopes,
            key: self.key.clone(),
            auth_time: session.verified_at,
            created_at: cx.now,
            expires_at: session.expires_at,
            generation: 0,
            exchanged_at: Vec::new(),
        };
        oidc_tokens::insert(tx, &family)?;
        Ok(family)
    }

    /// A token of the application's own.
    fn own(&self, tx: &mut Tx<'_>, cx: &Cx, scopes: Option<&[String]>) -> Result<Verdict, Fault> {
        let (access_token, token) =
            oidc_client_tokens::issue(tx, cx, self.client, (scopes, self.key.clone()))?;
        let issued = Issued {
            access_token,
            refresh_token: None,
            id_token: None,
            expires_in: seconds(cx, token.expires_at),
            scopes: token.scopes,
            is_bound: token.key.is_some(),
        };
        self.describe(cx, &token.id, &issued);
        store::audit::audit_records::insert(tx, &cx.record(Outcome::Success))?;
        Ok(Verdict::Issued(issued))
    }

    /// Whether a refresh token may be exchanged by whoever proves this key, or none (RFC 9449 §5): of an application that proves who it is the key may be another one.
    fn may_refresh(&self, bound: Option<&String>) -> bool {
        match (bound, &self.key) {
            (Some(bound), Some(key)) => {
                bound == key || self.client.settings.authentication != ClientAuthentication::None
            }
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// The next tokens of a family, for its refresh token in force.
    fn refresh(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        refresh_token: &Secret,
        scopes: Option<&[String]>,
    ) -> Result<Verdict, Fault> {
        if !self.client.settings.refresh_tokens {
            let message = "The application may not refresh its tokens.";
            return Ok(Verdict::Refused(Fault::oauth(OAuthError::UnauthorizedClient, message)));
        }
        let live = live(tx, (self.id(), Kind::OidcRefresh), refresh_token, cx.now)?;
        let Some(Live { token, mut family, session }) = live else { return Ok(wrong_refresh_token()) };
        // Before its turn is looked at: whoever holds another key ends nothing.
        if !self.may_refresh(family.key.as_ref()) {
            return Ok(refused("The refresh token is bound to another key than the DPoP header proves."));
        }
        match bearer::turn(&token, (family.generation, &family.exchanged_at), cx.now) {
            Turn::InForce => {}
            Turn::Unknown => return Ok(wrong_refresh_token()),
            Turn::Beside => {
                return Ok(refused(
                    "The refresh token was exchanged a moment ago by another call. Use the tokens that it got.",
                ));
            }
            Turn::Again => {
                oidc_tokens::delete(tx, &family.id)?;
                return Ok(refused(
                    "The refresh token was used before, so all tokens of this sign-in were revoked. Sign in again.",
                ));
            }
        }
        let is_same = |asked: &[String]| {
            asked.len() == family.scopes.len() && asked.iter().all(|scope| family.scopes.contains(scope))
        };
        if scopes.is_some_and(|asked| !is_same(asked)) {
            let message = "scope must be what was granted at the sign-in, or left out: refreshed tokens are good for no more and no less.";
            return Ok(Verdict::Refused(Fault::oauth(OAuthError::InvalidScope, message)));
        }
        if session.idle.is_some() {
            portal_sessions::see(tx, &session.user.session_id, cx.now)?;
        }
        let remembered = bearer::remembered(&family.exchanged_at, cx.now);
        oidc_tokens::exchange(tx, &family.id, family.generation, &remembered)?;
        family.generation += 1;
        if let Some(key) = self.key.as_ref().filter(|key| family.key.as_ref() != Some(key)) {
            oidc_tokens::bind(tx, &family.id, key)?;
            family.key = Some(key.clone());
        }
        self.issue(tx, cx, (&family, &session), None)
    }

    /// New tokens of a family, with the call's record, which names the person.
    fn issue(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (family, session): (&OidcTokenFamily, &PortalSession),
        nonce: Option<&str>,
    ) -> Result<Verdict, Fault> {
        let settings = &self.client.settings;
        let life = std::time::Duration::from_mins(u64::from(settings.access_token_minutes));
        let expires_at = family.expires_at.min(cx.now.plus(life));
        let token = |kind, expires_at| {
            Bearer { family: family.id.clone(), kind, generation: family.generation, expires_at }
                .token(tx.keyring())
        };
        let (access_token, refresh_token) = (
            token(Kind::OidcAccess, expires_at),
            settings.refresh_tokens.then(|| token(Kind::OidcRefresh, family.expires_at)),
        );
        let id_token = if has_openid(&family.scopes) {
            self.participate(tx, cx, session)?;
            let mut claims = self.claims(tx, cx, (family, session), expires_at)?;
            let hash = digest(&SHA256, access_token.expose().as_bytes());
            let half = hash.as_ref().get(..16).unwrap_or_default();
            claims.insert("at_hash".to_owned(), json!(URL_SAFE_NO_PAD.encode(half)));
            if let Some(nonce) = nonce {
                claims.insert("nonce".to_owned(), json!(nonce));
            }
            let how = (settings.signing_algorithm, cx.now);
            Some(Secret::new(oidc_keys::signed(tx, self.id(), how, &claims)?))
        } else {
            None
        };
        let issued = Issued {
            access_token,
            refresh_token,
            id_token,
            expires_in: seconds(cx, expires_at),
            scopes: family.scopes.clone(),
            is_bound: family.key.is_some(),
        };
        self.record(tx, cx, (family, session), &issued)?;
        Ok(Verdict::Issued(issued))
    }

    /// Has the application told when the session ends that it is told of now.
    fn participate(&self, tx: &mut Tx<'_>, cx: &Cx, session: &PortalSession) -> Result<(), Fault> {
        if self.client.settings.back_channel_logout_uri.is_none() {
            return Ok(());
        }
        let new = OidcParticipant {
            id: uuid_by_time(cx.entropy(), cx.now).to_string(),
            session_id: session.user.session_id.clone(),
            sid: session.user.session_id.clone(),
            application_id: self.id().clone(),
            user_id: session.user.user_id.clone(),
            has_ended: false,
            created_at: cx.now,
            expires_at: session.expires_at,
        };
        oidc_participants::put(tx, &new)
    }

    /// What an ID token says (OpenID Connect Core §2, Front-Channel Logout §3 for `sid`).
    fn claims(
        &self,
        rx: &mut Rx<'_>,
        cx: &Cx,
        (family, session): (&OidcTokenFamily, &PortalSession),
        expires_at: Timestamp,
    ) -> Result<Map<String, Value>, Fault> {
        let user = store::directory::users::find(rx, &session.user.identity_store_id, &family.user_id)?
            .ok_or_else(|| Fault::internal("a session of nobody"))?;
        let mut claims = oidc_claims::of(rx, &self.client.settings, (&user, &family.scopes))?;
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(self.issuer));
        put("sub", json!(family.user_id.as_str()));
        put("aud", json!(self.id().as_str()));
        put("iat", json!(cx.now.seconds()));
        put("exp", json!(expires_at.seconds()));
        put("auth_time", json!(family.auth_time.seconds()));
        put("amr", json!(oidc_claims::methods(session)));
        put("sid", json!(session.user.session_id));
        Ok(claims)
    }

    fn record(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (family, session): (&OidcTokenFamily, &PortalSession),
        issued: &Issued,
    ) -> Result<(), Fault> {
        self.describe(cx, &family.id, issued);
        cx.event().name_user(&session.user_name);
        let named = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
        store::audit::audit_records::insert(tx, &named.record(Outcome::Success))
    }

    fn describe(&self, cx: &Cx, id: &FamilyId, issued: &Issued) {
        let event = cx.event();
        let hidden = |given: bool| given.then_some(HIDDEN);
        event.respond(json!({
            "accessToken": HIDDEN, "tokenType": issued.token_type(), "expiresIn": issued.expires_in, "scope": issued.scopes,
            "refreshToken": hidden(issued.refresh_token.is_some()), "idToken": hidden(issued.id_token.is_some()),
        }));
        let arn = self.client.application.arn().to_string();
        event.touch(KIND, arn.as_str());
        event.detail("application_arn", arn);
        event.add("identitycenter:CredentialId", id.as_str());
    }
}

fn seconds(cx: &Cx, until: Timestamp) -> i64 {
    i64::try_from(until.since(cx.now).as_secs()).unwrap_or(i64::MAX)
}

/// A token that counts, and what it hangs on.
pub(crate) struct Live {
    pub(crate) token: Bearer,
    pub(crate) family: OidcTokenFamily,
    pub(crate) session: PortalSession,
}

/// What a token of this kind means, if it is this application's and counts now: its person may use the application at this moment.
pub(crate) fn live(
    rx: &mut Rx<'_>,
    (id, kind): (&ApplicationId, Kind),
    token: &Secret,
    now: Timestamp,
) -> Result<Option<Live>, Fault> {
    let read = Bearer::read(rx.keyring(), kind, token.expose()).filter(|token| now < token.expires_at);
    let Some(token) = read else { return Ok(None) };
    let found = oidc_tokens::find_live(rx, &token.family, now)?;
    let Some((family, session)) = found.filter(|(family, _)| family.application_id == *id) else {
        return Ok(None);
    };
    Ok(may_use(rx, id, &family.user_id)?.then_some(Live { token, family, session }))
}
