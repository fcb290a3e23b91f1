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
use model::caller::{Caller, HandedOn, Identity, OnBehalfOf, ProvidedContext, RoleSession};
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{UserId, UserStatus};
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::instances::tag::Tags;
use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::accounts::access_keys;
use store::accounts::roles::RoleBinding;
use store::db::Store;
use store::generations::{Changes, Known};
use store::sealing::{Keyring, Purpose};
use store::tables::Table;
use store::tx::Rx;

use crate::key_ids::access_key_id;
use crate::roles::RESERVED_PATH;
use crate::session_policies::authority;
use crate::token_refusals::{expired, invalid};
use crate::{key_callers, key_claims};

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
    /// By which application it comes to act for that person, if by one.
    pub provided_context: Option<ProvidedContext>,
    /// The ARN of the identity provider that vouched for whoever begins it.
    pub federated_provider: Option<String>,
    /// Session policies: JSON texts and managed policy ARNs.
    pub policies: Vec<String>,
    /// When the person behind it gave a second factor.
    pub mfa_at: Option<Timestamp>,
    /// What sessions that are made from it have of it.
    pub handed_on: HandedOn,
}

impl NewSession<'_> {
    /// The session, begun now, that nobody gets the keys of: for what the server decides or does for its person itself.
    pub(crate) fn without_keys(&self, cx: &Cx, binding: &RoleBinding) -> RoleSession {
        RoleSession {
            account_id: self.role.account_id.clone(),
            account_path: binding.account_path.clone(),
            is_delegated: binding.is_delegated,
            role_name: self.role.name.clone(),
            role_path: self.role.path.clone(),
            role_id: self.role.role_id.clone(),
            session_name: self.session_name.clone(),
            access_key_id: String::new(),
            issued_at: cx.as_of(),
            expires_at: cx.now.plus(self.lifetime),
            tags: self.tags.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            provided_context: self.provided_context.clone(),
            federated_provider: self.federated_provider.clone(),
            mfa_at: self.mfa_at,
            handed_on: self.handed_on.clone(),
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
    /// Application, instance, credential.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    provided_context: Option<(String, String, String)>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    federated_provider: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    mfa_at: Option<i64>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    transitive_tag_keys: Vec<String>,
}

impl Drop for Claims {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.secret.zeroize();
    }
}

/// Makes credentials for a new session. Nothing may reveal them before their record is durable: call it inside the write that records.
pub fn credentials(keys: &Keyring, cx: &Cx, new: &NewSession<'_>) -> Result<Credentials, Fault> {
    let access_key_id = access_key_id("ASIA", &new.role.account_id, cx.entropy());
    let secret = STANDARD.encode(bytes::<30>(cx.entropy()));
    let expires_at = Timestamp::from_seconds(cx.now.plus(new.lifetime).seconds());
    let claims = Claims {
        account_id: new.role.account_id.to_string(),
        role_name: new.role.name.to_string(),
        role_id: new.role.role_id.clone(),
        session_name: new.session_name.clone(),
        secret: secret.clone(),
        issued_at: cx.as_of().micros(),
        expires_at: expires_at.micros(),
        tags: new.tags.clone(),
        on_behalf_of: new
            .on_behalf_of
            .as_ref()
            .map(|person| (person.user_id.to_string(), person.identity_store_id.to_string())),
        provided_context: new.provided_context.as_ref().map(|context| {
            let ProvidedContext { application_arn, instance_arn, credential_id } = context.clone();
            (application_arn, instance_arn, credential_id)
        }),
        federated_provider: new.federated_provider.clone(),
        policies: new.policies.clone(),
        mfa_at: new.mfa_at.map(Timestamp::micros),
        source_identity: new.handed_on.source_identity.clone(),
        transitive_tag_keys: new.handed_on.transitive_tag_keys.clone(),
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

/// What the sessions that are known take at most, in bytes, about.
const KNOWN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What each of them counts for at least, so that they are 4,096 at most.
const LEAST_BYTES: usize = 16 * 1024;
/// What a session takes besides its token and its policies.
const BESIDE_BYTES: usize = 4 * 1024;
/// How many times its text a parsed policy takes, about.
const PARSED: usize = 20;

/// A session that was opened, with what bound it then.
#[derive(Debug)]
pub struct Opened {
    /// What proves it.
    pub secret: Secret,
    /// The session, bound by its role.
    pub caller: Caller,
    access_key_id: String,
    expires_at: Timestamp,
    weight: usize,
}

impl Opened {
    /// When it ends.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// What is known of role sessions, by their tokens.
#[derive(Debug)]
pub struct Sessions(Known<String, Arc<Opened>>);

impl Default for Sessions {
    fn default() -> Self {
        // With a data key go the tokens that it sealed.
        let from = [Table::DataKeys, Table::Instances, Table::Users, Table::Roles, Table::Accounts];
        // What a session names may not be there yet; and one may come of a key.
        let from = Changes::to_rows_of(&from).and(key_callers::hangs_on());
        Self(Known::weighed(from, KNOWN_BYTES_MAX, |opened| opened.weight))
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
        // What an identity-enhanced session hangs on changes all the time, for everybody: of few sessions it is read each time instead of being known.
        if let Identity::Role(session) = opened.caller.identity()
            && let Some(context) = &session.provided_context
        {
            store.read(|rx| require_given(rx, context, now))?;
        }
        Ok(opened)
    }
}

/// Opens the token, then reads the role as it is now.
fn open(store: &Store, access_key_id: &str, token: &str, now: Timestamp) -> Result<Opened, Fault> {
    let plain = STANDARD
        .decode(token)
        .ok()
        .and_then(|sealed| store.keyring().open(Purpose::SessionToken, access_key_id, &sealed))
        .ok_or_else(invalid)?;
    if let Ok(claims) = serde_json::from_slice::<key_claims::Claims>(&plain) {
        let caller = store.read(|rx| key_claims::open(rx, access_key_id, &claims, now))?;
        let ((secret, expires_at), access_key_id) = (claims.proof(), access_key_id.to_owned());
        return Ok(Opened { secret, caller, access_key_id, expires_at, weight: LEAST_BYTES });
    }
    let claims: Claims = serde_json::from_slice(&plain).map_err(|_| invalid())?;
    let mut session = RoleSession {
        account_id: AccountId::trusted(claims.account_id.clone()),
        account_path: UnitPath::ROOT,
        is_delegated: false,
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
        provided_context: claims.provided_context.clone().map(
            |(application_arn, instance_arn, credential_id)| ProvidedContext {
                application_arn,
                instance_arn,
                credential_id,
            },
        ),
        federated_provider: claims.federated_provider.clone(),
        mfa_at: claims.mfa_at.map(Timestamp::from_micros),
        handed_on: HandedOn {
            source_identity: claims.source_identity.clone(),
            transitive_tag_keys: claims.transitive_tag_keys.clone(),
        },
    };
    let (role, tags) = store.read(|rx| {
        let mut role = binding(rx, &session, now)?;
        let arns: Vec<&str> = claims.policies.iter().map(String::as_str).collect();
        let passed = store::accounts::policies::documents(rx, &session.account_id, &arns)?;
        role.customer_policies.extend(passed);
        let tags = tags_of(rx, &session, &role)?;
        Ok((role, tags))
    })?;
    add_tags(&mut session.tags, tags);
    let authority = authority(&role, &claims.policies)?;
    (session.role_path, session.account_path) = (role.path.clone(), role.account_path.clone());
    session.is_delegated = role.is_delegated;
    Ok(Opened {
        secret: Secret::new(claims.secret.clone()),
        access_key_id: access_key_id.to_owned(),
        expires_at: session.expires_at,
        weight: weight(token, &role, &claims.policies),
        caller: Caller::role(session, authority),
    })
}

/// What a session takes in memory, in bytes, about: as if no other had the same policies, for nobody knows how long another one has them.
fn weight(token: &str, role: &RoleBinding, passed: &[String]) -> usize {
    // What the organization says is parsed once for all accounts.
    let customer = role.customer_policies.iter().map(|(arn, document)| arn.len() + document.len());
    let texts = role.managed_policies.len()
        + role.inline_policies.len()
        + customer.chain(passed.iter().map(String::len)).sum::<usize>();
    LEAST_BYTES.max(BESIDE_BYTES + 2 * token.len() + PARSED * texts)
}

/// The tags of a session's role: one of an account's own, for those of permission sets have none.
fn tags_of(rx: &mut Rx<'_>, session: &RoleSession, role: &RoleBinding) -> Result<Tags, Fault> {
    if role.path.starts_with(RESERVED_PATH) {
        return Ok(Tags::new());
    }
    let arn = format!("arn:aws:iam::{}:role{}{}", session.account_id, role.path, session.role_name);
    Ok(store::instances::tags::all_of(rx, &arn)?)
}

/// A role's tags are tags of its sessions, where these have none of the same key (IAM user guide, "Pass session tags in AWS STS").
fn add_tags(of_session: &mut BTreeMap<String, String>, of_role: Tags) {
    for (key, value) in of_role {
        if !of_session.keys().any(|own| own.to_lowercase() == key.to_lowercase()) {
            of_session.insert(key, value);
        }
    }
}

/// Whether whoever calls by a role session, or as a user, still may: asked again inside a write that hands out secrets, since the session may have ended after
/// the call was let in.
pub(crate) fn require_live(rx: &mut Rx<'_>, cx: &Cx) -> Result<(), Fault> {
    match cx.caller.identity() {
        Identity::Role(session) => binding(rx, session, cx.now).map(|_| ()),
        Identity::User(user) => {
            // A session of a key is judged by the key that made it, which every call of it is held to.
            if user.session.is_none() {
                access_keys::find_active(rx, &user.access_key_id)?.ok_or_else(invalid)?;
            }
            store::accounts::service_users::find_standing(rx, &user.id)?.map(drop).ok_or_else(invalid)
        }
        _ => Ok(()),
    }
}

/// What binds a session now, if it holds: its time is not over, nobody voided what was issued so long ago, its role is the one that it was made for, and the person behind it is there and
/// enabled; and, where an application acts for that person, what it was given for them. A role made again under the same name is another role: sessions of the old one are dead.
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
    if let Some(context) = &session.provided_context {
        require_given(rx, context, now)?;
    }
    store::accounts::roles::find_binding(rx, &session.account_id, session.role_name.as_str())?
        .filter(|role| role.role_id == session.role_id)
        .ok_or_else(invalid)
}

/// Refuses where what an application was given for its person has ended, or they may not use it any more.
fn require_given(rx: &mut Rx<'_>, context: &ProvidedContext, now: Timestamp) -> Result<(), Fault> {
    let family = FamilyId::parse(context.credential_id.as_str())?;
    let found = store::applications::permitted_tokens::find(rx, &family, now)?;
    found.map(drop).ok_or_else(expired)
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

/// Whether a text is a RoleSessionName as it is.
pub(crate) fn is_session_name(text: &str) -> bool {
    (2..=SESSION_NAME_MAX).contains(&text.len()) && session_name(text) == text
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
    fn a_session_weighs_as_much_as_its_policies() {
        let role = |inline: usize, customer: usize| RoleBinding {
            managed_policies: "[]".to_owned(),
            inline_policies: "x".repeat(inline),
            customer_policies: vec![(String::new(), "x".repeat(customer))],
            ..RoleBinding::default()
        };
        assert_eq!(weight("", &role(2, 0), &[]) * 4_096, KNOWN_BYTES_MAX);
        for heavy in [role(10_240, 0), role(0, 10_240)] {
            assert!(weight("", &heavy, &[]) > PARSED * 10_240);
        }
        assert!(weight("", &role(2, 0), &["x".repeat(10_240)]) > PARSED * 10_240);
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
