//! Credentials of roles in accounts that are somewhere else: their own STS gives them, on the word of an assertion that the instance signs for one role,
//! once, for minutes. No key of the account is used for it. Nothing is kept of them but the record that they were given.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker::aws::access::{Access, Reach};
use broker::aws::failure::Failure;
use broker::aws::saml_sign_in::{self, Ask};
use model::accounts::account::AccountId;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::minted::Minted;
use model::secret::Secret;
use model::timestamp::Timestamp;
use saml::key::SigningKey;
use saml::sign::{Attribute, NewAssertion, response};
use serde_json::json;
use store::accounts::connected_sessions::{self, NewConnectedSession};
use store::db::Store;
use store::instances::signing_keys;
use store::tx::{Rx, Tx};
use time::OffsetDateTime;

use crate::access_uses::Use;
use crate::reaching::{self, PERSISTENT};
use crate::role_credentials::{Found, Grants};
use crate::role_sessions::{Credentials, session_name};
use crate::sts_saml::{PRINCIPAL_TAG, ROLE, ROLE_SESSION_NAME, SESSION_DURATION, SIGN_IN};

/// For how long an assertion is good: as long as it takes to hand it over, and a clock may be wrong.
const GOOD_FOR: time::Duration = time::Duration::minutes(5);

/// How far the account's clock may be behind ours.
const CLOCKS_APART: Duration = Duration::from_mins(5);

impl Grants {
    /// Credentials as [`Grants::issue`] gives them, wherever the account is.
    pub async fn issue_anywhere(
        &self,
        store: &Store,
        (cx, reach): (&Cx, impl FnOnce() -> Reach),
        account: &AccountId,
        role_name: &str,
    ) -> Result<(Minted<Credentials>, Arc<Use>), Fault> {
        cx.event().detail("role_name", role_name);
        cx.event().detail("account_id", account.as_str());
        let found = self.found(store, cx, account, role_name)?;
        if !found.grant.is_connected {
            return Self::mint(store, cx, &found);
        }
        let (access, ask) = store.read(|rx| question(rx, cx, &found))?;
        cx.event().detail("session_arn", json!(ask.session_arn));
        note(store, cx, &found, &ask, cx.now).await?;
        let given = saml_sign_in::assume(&access, &reach(), &ask).await.map_err(|failure| told(&failure))?;
        // As of when it was given, by the account's clock: a revocation of before then does not reach it, and one that comes later must.
        let lives = Duration::from_secs(u64::try_from(ask.seconds).unwrap_or(0));
        note(store, cx, &found, &ask, given.expires_at.minus(lives).max(cx.now)).await?;
        // Whoever lost it while the account was asked gets nothing.
        self.found(store, cx, account, role_name)?;
        cx.event().detail("access_key_id", given.access_key_id.as_str());
        let minted = Minted::new(Credentials {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret_access_key,
            session_token: given.session_token,
            expires_at: given.expires_at,
        });
        Ok((minted, Arc::clone(&found.grant.used)))
    }
}

/// Notes a session before it is given, so that it can be made void.
async fn note(store: &Store, cx: &Cx, found: &Found, ask: &Ask, issued_at: Timestamp) -> Result<(), Fault> {
    let grant = Arc::clone(&found.grant);
    let session = session_name(&found.session.user_name);
    let lives = Duration::from_secs(u64::try_from(ask.seconds).unwrap_or(0)) + CLOCKS_APART;
    let written = move |tx: &mut Tx<'_>, _: &Cx| {
        let (account_id, permission_set_id) = grant.used.place();
        let new = NewConnectedSession {
            account_id,
            role_name: grant.role.name.as_str(),
            session_name: &session,
            permission_set_id,
            user_id: grant.used.user(),
            expires_at: issued_at.plus(lives),
        };
        connected_sessions::note(tx, &new, issued_at)
    };
    store.maintain(cx, written).await
}

/// Why there are none, for the person: what the account said is what their administrator has to know.
fn told(failure: &Failure) -> Fault {
    if failure.passes {
        return Fault::new(
            FaultKind::Unavailable,
            format!("The account gives no credentials now. {failure}"),
        );
    }
    Fault::new(FaultKind::Forbidden, format!("The account gives no credentials. {failure}"))
}

fn question(rx: &mut Rx<'_>, cx: &Cx, found: &Found) -> Result<(Access, Ask), Fault> {
    let grant = &found.grant;
    let gone = || Fault::new(FaultKind::Forbidden, "No access");
    let (id, provider_arn) = grant.instance.as_ref().zip(grant.provider.clone()).ok_or_else(gone)?;
    let instance = store::instances::instances::find(rx, id)?.ok_or_else(gone)?;
    let account = &grant.role.account_id;
    let connection = store::accounts::account_connections::find(rx, account)?.ok_or_else(gone)?;
    let key = signing_keys::signing(rx, signing_keys::SAML_IDP, cx.now)?
        .ok_or_else(|| Fault::internal("there is no key that signs assertions"))?;
    let key = SigningKey::new(&key.private_key, &key.certificate).map_err(Fault::internal)?;
    let session = session_name(&found.session.user_name);
    let seconds = i32::try_from(grant.lifetime.as_secs()).unwrap_or(i32::MAX).clamp(900, 43_200);
    let role_arn = grant.role.arn();
    let said =
        Said { issuer: reaching::issuer(id), pair: format!("{role_arn},{provider_arn}"), session, seconds };
    let ask = Ask {
        session_arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", grant.role.name, said.session),
        assertion: Secret::new(STANDARD.encode(said.signed(cx, found, &key)?)),
        role_arn,
        provider_arn,
        seconds,
    };
    Ok((reaching::access(rx, &instance, &connection)?, ask))
}

/// What an assertion says beside who somebody is.
struct Said {
    issuer: String,
    pair: String,
    session: String,
    seconds: i32,
}

impl Said {
    fn signed(&self, cx: &Cx, found: &Found, key: &SigningKey) -> Result<String, Fault> {
        let now = OffsetDateTime::from_unix_timestamp(cx.now.seconds()).map_err(Fault::internal)?;
        let seconds = self.seconds.to_string();
        let tags: Vec<(String, [&str; 1])> = found
            .tags
            .iter()
            .map(|(key, value)| (format!("{PRINCIPAL_TAG}{key}"), [value.as_str()]))
            .collect();
        let (pair, session, seconds) = ([self.pair.as_str()], [self.session.as_str()], [seconds.as_str()]);
        let mut attributes = vec![
            Attribute::new(ROLE, &pair),
            Attribute::new(ROLE_SESSION_NAME, &session),
            Attribute::new(SESSION_DURATION, &seconds),
        ];
        attributes.extend(tags.iter().map(|(name, values)| Attribute::new(name, values)));
        let id = || format!("_{}", hex(&bytes::<16>(cx.entropy())));
        let new = NewAssertion {
            id: &id(),
            issuer: &self.issuer,
            name_id: &found.session.user_name,
            name_id_format: PERSISTENT,
            audience: SIGN_IN,
            recipient: SIGN_IN,
            in_response_to: None,
            issued_at: now,
            authn_instant: None,
            authn_context_class: None,
            session_index: None,
            not_before: now - GOOD_FOR,
            not_on_or_after: now + GOOD_FOR,
            session_not_on_or_after: None,
            attributes: &attributes,
        };
        response(&id(), &new, key).map_err(Fault::internal)
    }
}
