//! CreateApplicationClientSecret and what follows it, and whether whoever brings something is the application. Several secrets are good at once, so that a new one
//! takes an old one's place without a gap.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::algorithm::Algorithm;
use jose::jwks::KeySet;
use jose::openid::assertion::{Assertion, Expected};
use model::applications::application::{Application, ApplicationArn, ApplicationId};
use model::applications::oidc_application::{ClientAuthentication, OidcSettings, SECRETS_MAX};
use model::applications::oidc_client::ClientSecret;
use model::cx::Cx;
use model::entropy::{bytes, uuid_by_time};
use model::fault::{Fault, OAuthError};
use model::secret::Secret;
use model::timestamp::Timestamp;
use policy::require::Action;
use serde_json::json;
use store::accounts::used_assertions;
use store::applications::oidc_secrets;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::applications::KIND;
use crate::gate::guarded;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_gate::{decided, usable};

/// What secrets begin with, so that whoever finds one knows what it is.
const PREFIX: &str = "pcs_";
/// Characters of a secret's name at most.
const NAME_MAX: usize = 64;
/// Characters of a secret that is brought: as many as 192 random bits have in base64, at least.
const BROUGHT_MIN: usize = 32;
const BROUGHT_MAX: usize = 256;
/// Days that a secret lives at most, where it is said that it ends.
const DAYS_MAX: u32 = 3_650;
const DAY: Duration = Duration::from_hours(24);
/// How far the clock of an application may be off, in seconds.
const SKEW: u64 = 60;
/// Characters of the id of an assertion at most.
const ASSERTION_ID_MAX: usize = 256;

/// A secret to be made.
#[derive(Debug, Clone, Default)]
pub struct NewSecret {
    /// What people call it.
    pub name: Option<String>,
    /// How many days it lives; until it is deleted where that is not said.
    pub validity_days: Option<u32>,
}

impl NewSecret {
    fn checked(&self) -> Result<(), Fault> {
        if let Some(name) = &self.name {
            let length = name.chars().count();
            if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
                return Err(Fault::validation(format!(
                    "Name must have 1 to {NAME_MAX} characters and none that cannot be seen; it has {length}"
                )));
            }
        }
        match self.validity_days.filter(|days| !(1..=DAYS_MAX).contains(days)) {
            Some(days) => {
                Err(Fault::validation(format!("ValidityDays is {days}, 1 to {DAYS_MAX} are possible")))
            }
            None => Ok(()),
        }
    }
}

/// CreateApplicationClientSecret: the secret is given out here and never again.
pub async fn create(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    new: NewSecret,
) -> Result<(ClientSecret, Secret), Fault> {
    let secret = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy()))));
    let id = uuid_by_time(cx.entropy(), cx.now).to_string();
    let (arn, kept) = (arn.clone(), secret.clone());
    let made = store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:CreateApplicationClientSecret"), &arn)?;
            let settings = decided(tx, &arn)?.settings;
            new.checked()?;
            if settings.authentication != ClientAuthentication::Secret {
                return Err(Fault::conflict(format!(
                    "The application's ClientAuthentication is {}: it has no use for a secret",
                    settings.authentication.as_str()
                )));
            }
            if oidc_secrets::count_living(tx, &arn.id, cx.now)? >= SECRETS_MAX {
                return Err(Fault::quota(format!(
                    "An application has at most {SECRETS_MAX} client secrets that have not ended: delete one first"
                )));
            }
            let made = ClientSecret {
                id: id.clone(),
                name: new.name.clone(),
                created_at: cx.now,
                created_by: cx.caller.arn(),
                expires_at: new.validity_days.map(|days| cx.now.plus(DAY.saturating_mul(days))),
                last_used_at: None,
            };
            let hash = tx.keyring().hash_token(kept.expose());
            oidc_secrets::insert(tx, &arn.id, (&made, &hash))?;
            cx.event().touch(KIND, arn.to_string());
            cx.event().respond(json!({ "clientSecret": { "secretId": made.id } }));
            Ok(made)
        })
        .await?;
    Ok((made, secret))
}

/// Keeps a secret that an application has already, in the transaction that makes the instance.
pub(crate) fn keep_brought(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: &ApplicationId,
    (new, secret): &(NewSecret, Secret),
) -> Result<(), Fault> {
    new.checked()?;
    let length = secret.expose().len();
    let is_plain = secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !(BROUGHT_MIN..=BROUGHT_MAX).contains(&length) || !is_plain {
        return Err(Fault::validation(format!(
            "a client secret must have {BROUGHT_MIN} to {BROUGHT_MAX} printable ASCII characters and no space; it has {length}"
        )));
    }
    if oidc_secrets::count_living(tx, id, cx.now)? >= SECRETS_MAX {
        return Err(Fault::quota(format!("An application has at most {SECRETS_MAX} client secrets")));
    }
    let made = ClientSecret {
        id: uuid_by_time(cx.entropy(), cx.now).to_string(),
        name: new.name.clone(),
        created_at: cx.now,
        created_by: cx.caller.arn(),
        expires_at: new.validity_days.map(|days| cx.now.plus(DAY.saturating_mul(days))),
        last_used_at: None,
    };
    let hash = tx.keyring().hash_token(secret.expose());
    oidc_secrets::insert(tx, id, (&made, &hash))
}

/// ListApplicationClientSecrets, the oldest first; those that have ended too, until they are deleted.
pub fn list(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Vec<ClientSecret>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListApplicationClientSecrets"), arn)?;
        Ok(oidc_secrets::list(rx, &arn.id)?)
    })
}

/// DeleteApplicationClientSecret: the next call with it is nobody's. Tokens stay: they are the application's, whichever secret it had.
pub async fn delete(store: &Store, cx: &Cx, arn: &ApplicationArn, id: String) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:DeleteApplicationClientSecret"), &arn)?;
            cx.event().touch(KIND, arn.to_string());
            if oidc_secrets::delete(tx, &arn.id, &id)? {
                return Ok(());
            }
            Err(Fault::not_found(format!("The application has no client secret {id}"))
                .with_resource_id(arn.to_string()))
        })
        .await
}

/// By what a caller says that they are the application.
#[derive(Debug, Clone)]
pub enum Proof {
    /// By its id alone.
    Nothing,
    /// By a secret.
    Secret(Secret),
    /// By a token that it signed (RFC 7523 §2.2).
    Assertion(Secret),
}

/// Whom a caller says that they are.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The client id; an assertion says it itself.
    pub client_id: Option<String>,
    /// And by what.
    pub proof: Proof,
}

/// An application that has proved that it is itself.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) application: Application,
    pub(crate) settings: OidcSettings,
    /// The assertion that it did it by, and until when that is remembered.
    once: Option<(String, Timestamp)>,
    /// The secret, where it is time to write that it is used.
    used: Option<String>,
}

/// One sentence for all of it: whoever tries what they found learns nothing of what was wrong with it.
pub(crate) fn wrong_client(settings: &OidcSettings) -> Fault {
    let how = match settings.authentication {
        ClientAuthentication::None => "by its client_id alone, without a secret",
        ClientAuthentication::Secret => "by client_secret_basic or client_secret_post, one of them",
        ClientAuthentication::PrivateKeyJwt => {
            "by private_key_jwt: iss and sub are its client_id, aud is the issuer or the endpoint, and jti is new"
        }
    };
    Fault::oauth(
        OAuthError::InvalidClient,
        format!("The client is not this application, or does not prove it {how}."),
    )
}

/// Whether whoever calls is the application at whose address they do.
pub(crate) fn prove(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    presented: &Presented,
) -> Result<Client, Fault> {
    let (application, settings) = usable(rx, cx, id)?;
    let wrong = || wrong_client(&settings);
    let says = presented.client_id.as_deref();
    if says.is_some_and(|says| says != id.as_str()) {
        return Err(wrong());
    }
    let (mut once, mut used) = (None, None);
    match (&presented.proof, settings.authentication) {
        (Proof::Nothing, ClientAuthentication::None) if says.is_some() => {}
        (Proof::Secret(secret), ClientAuthentication::Secret) if says.is_some() => {
            let hash = rx.keyring().hash_token(secret.expose());
            let found = oidc_secrets::find_by_hash(rx, id, (&hash, cx.now))?.ok_or_else(wrong)?;
            used = found.last_used_at.is_none_or(|at| cx.now.since(at) >= DAY).then_some(found.id);
        }
        (Proof::Assertion(assertion), ClientAuthentication::PrivateKeyJwt) => {
            once = Some(judged(cx, (ours, id), &settings, assertion).ok_or_else(wrong)?);
        }
        _ => return Err(wrong()),
    }
    Ok(Client { application, settings, once, used })
}

/// The id of an assertion that holds, and until when it must be remembered.
fn judged(
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    settings: &OidcSettings,
    assertion: &Secret,
) -> Option<(String, Timestamp)> {
    let keys = KeySet::read(settings.key_set.as_ref()?.as_bytes()).ok()?;
    let expected = Expected {
        issuer: id.as_str(),
        // Ours alone, whichever of our addresses it names (RFC 9126 §2 wants all three taken): each application has an issuer of its own, so that no
        // assertion is good for another's.
        audiences: &[ours.issuer(id), ours.token_endpoint(id), ours.below(id, "par")],
        algorithms: &Algorithm::ALL,
        now: cx.now.seconds(),
        skew: SKEW,
    };
    let found = Assertion::verify(assertion.expose(), &keys, &expected).ok()?;
    let until = Timestamp::from_seconds(found.remember_until);
    let jti = found.id.filter(|jti| jti.len() <= ASSERTION_ID_MAX)?;
    (found.subject == id.as_str()).then_some((jti, until))
}

impl Client {
    /// Whether this must be written before anything is answered: what was brought is good once.
    pub(crate) fn is_once(&self) -> bool {
        self.once.is_some()
    }

    /// Notes what was brought; refuses what came before.
    pub(crate) fn spend(&self, tx: &mut Tx<'_>, cx: &Cx) -> Result<(), Fault> {
        let id = &self.application.id;
        if let Some((jti, until)) = &self.once
            && !used_assertions::insert(tx, &format!("oidc client {id}"), jti, *until)?
        {
            return Err(wrong_client(&self.settings).with_context("the client's assertion came before"));
        }
        self.used.as_ref().map_or(Ok(()), |used| oidc_secrets::note_use(tx, id, used, cx.now))
    }
}
