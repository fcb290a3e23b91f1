//! Role sessions of the local account plane. Everything about a session travels in its sealed session token, so that issuing one writes
//! nothing but its record; what the session may do is read from the role, and whether its person is still there, and known for as long as no row of
//! either has changed, so that a role that is changed or gone, and a person who is disabled or deleted, count at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::{RoleName, RoleReference};
use model::caller::{Caller, Identity, OnBehalfOf, RoleSession};
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::entropy::{Entropy, bytes, id_bytes};
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::secret::Secret;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::accounts::roles::RoleBinding;
use store::db::Store;
use store::generations::{Changes, Known, Table};
use store::sealing::{Keyring, Purpose};
use store::tx::Rx;

use crate::session_policies::authority;

/// The longest RoleSessionName.
const SESSION_NAME_MAX: usize = 64;

/// Temporary credentials.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `ASIA…`
    pub access_key_id: String,
    /// Forty characters.
    pub secret_access_key: Secret,
    /// The sealed session.
    pub session_token: Secret,
    /// When they end.
    pub expires_at: Timestamp,
}

/// What a new session is to be.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// The role.
    pub role: &'a RoleReference,
    /// Its name, already valid.
    pub session_name: String,
    /// How long it lives.
    pub lifetime: Duration,
    /// `aws:PrincipalTag/…`
    pub tags: BTreeMap<String, String>,
    /// The person behind it.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// The ARN of the identity provider that vouched for whoever begins it.
    pub federated_provider: Option<String>,
    /// Session policies: JSON texts and managed policy ARNs.
    pub policies: Vec<String>,
    /// When the person behind it gave a second factor.
    pub mfa_at: Option<Timestamp>,
}

impl NewSession<'_> {
    /// The session, begun now, that nobody gets the keys of: for what the server decides or does for its person itself.
    pub(crate) fn without_keys(&self, cx: &Cx, binding: &RoleBinding) -> RoleSession {
        RoleSession {
            account_id: self.role.account_id.clone(),
            account_path: binding.account_path.clone(),
            role_name: self.role.name.clone(),
            role_path: self.role.path.clone(),
            role_id: self.role.role_id.clone(),
            session_name: self.session_name.clone(),
            access_key_id: String::new(),
            issued_at: cx.now,
            expires_at: cx.now.plus(self.lifetime),
            tags: self.tags.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            federated_provider: self.federated_provider.clone(),
            mfa_at: self.mfa_at,
        }
    }
}

/// The sealed content of a session token. Short names: the token travels with every request.
#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(rename = "a")]
    account_id: String,
    #[serde(rename = "r")]
    role_name: String,
    #[serde(rename = "i")]
    role_id: String,
    #[serde(rename = "n")]
    session_name: String,
    #[serde(rename = "k")]
    secret: String,
    #[serde(rename = "t")]
    issued_at: i64,
    #[serde(rename = "e")]
    expires_at: i64,
    #[serde(rename = "g", default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<(String, String)>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    federated_provider: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    mfa_at: Option<i64>,
}

impl Drop for Claims {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.secret.zeroize();
    }
}

/// Makes credentials for a new session. Nothing may reveal them before their record is durable: call it inside the write that records.
pub fn credentials(keys: &Keyring, cx: &Cx, new: &NewSession<'_>) -> Result<Credentials, Fault> {
    let access_key_id = access_key_id(cx.entropy());
    let secret = STANDARD.encode(bytes::<30>(cx.entropy()));
    let expires_at = Timestamp::from_seconds(cx.now.plus(new.lifetime).seconds());
    let claims = Claims {
        account_id: new.role.account_id.to_string(),
        role_name: new.role.name.to_string(),
        role_id: new.role.role_id.clone(),
        session_name: new.session_name.clone(),
        secret: secret.clone(),
        issued_at: cx.now.micros(),
        expires_at: expires_at.micros(),
        tags: new.tags.clone(),
        on_behalf_of: new
            .on_behalf_of
            .as_ref()
            .map(|person| (person.user_id.to_string(), person.identity_store_id.to_string())),
        federated_provider: new.federated_provider.clone(),
        policies: new.policies.clone(),
        mfa_at: new.mfa_at.map(Timestamp::micros),
    };
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&claims).map_err(Fault::internal)?);
    let sealed = keys.seal(cx.entropy(), Purpose::SessionToken, &access_key_id, &plain)?;
    tracing::trace!(target: model::counted::TARGET, what = "credentials", result = "issued");
    Ok(Credentials {
        access_key_id,
        secret_access_key: Secret::new(secret),
        session_token: Secret::new(STANDARD.encode(sealed)),
        expires_at,
    })
}

/// `ASIA` and sixteen of `[A-Z2-7]`.
fn access_key_id(entropy: &dyn Entropy) -> String {
    key_id("ASIA", entropy)
}

/// A key id with a prefix that says what it is: `ASIA` temporary, `AKIA` long-lived.
pub fn key_id(prefix: &str, entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let random = id_bytes::<16>(entropy);
    let letters =
        random.iter().map(|byte| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'A')));
    prefix.chars().chain(letters).collect()
}

/// Sessions known at most.
const KNOWN_MAX: usize = 4_096;

/// A session that was opened, with what bound it then.
#[derive(Debug)]
pub struct Opened {
    /// What proves it.
    pub secret: Secret,
    /// The session, bound by its role.
    pub caller: Caller,
    access_key_id: String,
    expires_at: Timestamp,
}

/// What is known of role sessions, by their tokens.
#[derive(Debug)]
pub struct Sessions(Known<String, Arc<Opened>>);

impl Default for Sessions {
    fn default() -> Self {
        let from = [Table::Instances, Table::Users, Table::Roles, Table::Accounts];
        Self(Known::new(Changes::to_rows_of(&from), KNOWN_MAX))
    }
}

impl Sessions {
    /// The secret and the caller behind temporary credentials: who the token says, bound by the role as it is now.
    pub fn open(
        &self,
        store: &Store,
        access_key_id: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Arc<Opened>, Fault> {
        let opened = self.0.find(store.generations(), token, || {
            Ok(Some(Arc::new(open(store, access_key_id, token, now)?)))
        })?;
        // The id is sealed into the token.
        let opened = opened.filter(|opened| opened.access_key_id == access_key_id).ok_or_else(invalid)?;
        // The time passes without a commit, so it is looked at each time.
        if now >= opened.expires_at {
            return Err(expired());
        }
        Ok(opened)
    }
}

/// Opens the token, then reads the role as it is now.
fn open(store: &Store, access_key_id: &str, token: &str, now: Timestamp) -> Result<Opened, Fault> {
    let claims = STANDARD
        .decode(token)
        .ok()
        .and_then(|sealed| store.keyring().open(Purpose::SessionToken, access_key_id, &sealed))
        .and_then(|plain| serde_json::from_slice::<Claims>(&plain).ok())
        .ok_or_else(invalid)?;
    let mut session = RoleSession {
        account_id: AccountId::trusted(claims.account_id.clone()),
        account_path: UnitPath::ROOT,
        role_name: RoleName::trusted(claims.role_name.clone()),
        role_path: String::new(),
        role_id: claims.role_id.clone(),
        session_name: claims.session_name.clone(),
        access_key_id: access_key_id.to_owned(),
        issued_at: Timestamp::from_micros(claims.issued_at),
        expires_at: Timestamp::from_micros(claims.expires_at),
        tags: claims.tags.clone(),
        on_behalf_of: claims.on_behalf_of.as_ref().map(|(user, identity_store)| OnBehalfOf {
            user_id: UserId::trusted(user.clone()),
            identity_store_id: IdentityStoreId::trusted(identity_store.clone()),
        }),
        federated_provider: claims.federated_provider.clone(),
        mfa_at: claims.mfa_at.map(Timestamp::from_micros),
    };
    let role = store.read(|rx| binding(rx, &session, now))?;
    let authority = authority(&role, &claims.policies)?;
    (session.role_path, session.account_path) = (role.path, role.account_path);
    Ok(Opened {
        secret: Secret::new(claims.secret.clone()),
        access_key_id: access_key_id.to_owned(),
        expires_at: session.expires_at,
        caller: Caller::role(session, authority),
    })
}

/// Whether whoever calls by a role session still may: asked again inside a write that hands out secrets, since the session may have ended after
/// the call was let in.
pub(crate) fn require_live(rx: &mut Rx<'_>, cx: &Cx) -> Result<(), Fault> {
    match cx.caller.identity() {
        Identity::Role(session) => binding(rx, session, cx.now).map(|_| ()),
        _ => Ok(()),
    }
}

/// What binds a session now, if it holds: its time is not over, nobody voided what was issued so long ago, its role is the one that it was made for, and the person behind it is there and
/// enabled. A role made again under the same name is another role: sessions of the old one are dead.
fn binding(rx: &mut Rx<'_>, session: &RoleSession, now: Timestamp) -> Result<RoleBinding, Fault> {
    // What was voided is as what has expired: clients then ask for new credentials, which whoever may still have them gets.
    if now >= session.expires_at || session.issued_at <= store::instances::revocations::not_before(rx)? {
        return Err(expired());
    }
    if let Some(person) = &session.on_behalf_of {
        let standing =
            store::directory::users::find_standing(rx, &person.identity_store_id, &person.user_id)?
                .filter(|standing| standing.status == UserStatus::Enabled)
                .ok_or_else(invalid)?;
        if session.issued_at <= standing.not_before {
            return Err(expired());
        }
    }
    store::accounts::roles::find_binding(rx, &session.account_id, session.role_name.as_str())?
        .filter(|role| role.role_id == session.role_id)
        .ok_or_else(invalid)
}

fn expired() -> Fault {
    let message = "The security token included in the request is expired";
    Fault::new(FaultKind::Service("ExpiredTokenException"), message)
}

fn invalid() -> Fault {
    Fault::new(
        FaultKind::Service("UnrecognizedClientException"),
        "The security token included in the request is invalid.",
    )
}

/// A user name as a RoleSessionName: itself where it is valid (2 to 64 of `[\w+=,.@-]`, ASCII). Otherwise what IAM does not take becomes
/// hyphens and eight digits of the name's hash follow, cut to 64, so that two people never share a session name.
pub fn session_name(user_name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if (2..=SESSION_NAME_MAX).contains(&user_name.len()) && user_name.chars().all(allowed) {
        return user_name.to_owned();
    }
    let hash: String = hex(digest(&SHA256, user_name.as_bytes()).as_ref()).chars().take(8).collect();
    let letters = user_name.chars().map(|letter| if allowed(letter) { letter } else { '-' });
    let head: String = letters.take(SESSION_NAME_MAX - 1 - hash.len()).collect();
    format!("{head}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_user_name_is_its_session_name() {
        for name in ["jane", "jane.doe+x=y,z_1@example.com", "xy", &"y".repeat(64)] {
            assert_eq!(session_name(name), name);
        }
    }

    #[test]
    fn any_other_becomes_one_that_nobody_else_has() {
        let long = "y".repeat(65);
        let names = ["jürgen@x", "j?rgen@x", "j\u{f8}rgen@x", "x", "", "jane doe", &long, &"y".repeat(128)];
        let made: std::collections::BTreeSet<String> = names.iter().map(|name| session_name(name)).collect();
        assert_eq!(made.len(), names.len());
        for name in &made {
            assert!((2..=64).contains(&name.len()), "{name}");
            assert_eq!(session_name(name), *name, "valid as it is");
        }
        assert!(session_name("jürgen@x").starts_with("j-rgen@x-"));
    }
}
