//! CreateBearerToken, ListBearerTokens, DeleteBearerToken, and whose a token is that somebody presents. Several live side by side, so that a new one
//! takes an old one's place without a gap.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::caller::Caller;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::entropy::{bytes, uuid_by_time};
use model::fault::{Fault, FaultKind};
use model::page::{Page, PageRequest};
use model::secret::Secret;
use model::sources::provisioning_tenant::{
    BearerToken, BearerTokenId, TOKENS_MAX, TenantId, checked_name, checked_validity, of_mode,
};
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::sources::bearer_tokens;
use store::tx::Tx;

use crate::authority::Provisioning;
use crate::gate::enter_any;
use crate::tenants::{KIND, existing};

/// What tokens begin with, so that whoever finds one knows what it is.
const PREFIX: &str = "pscim_";
/// Letters behind that: 32 random bytes have so many.
const SECRET_LETTERS: usize = 43;
const SECRET_LETTERS_MAX: usize = 256;
/// How long the last use of a token is known without writing it again.
const USES: Duration = Duration::from_hours(24);

/// A token to be made.
#[derive(Debug, Clone, Default)]
pub struct NewToken {
    /// What people call it.
    pub name: Option<String>,
    /// How many days it lives.
    pub validity_days: Option<u32>,
}

/// A token that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// It.
    pub token: BearerToken,
    /// Its secret: given out here and never again.
    pub secret: Secret,
}

/// CreateBearerToken.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (at, tenant): (&IdentityStoreRef, &TenantId),
    new: NewToken,
) -> Result<Made, Fault> {
    let (at, tenant) = (at.clone(), tenant.clone());
    let secret = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy()))));
    let id = fresh_id(cx);
    let kept = secret.clone();
    let token = store
        .write(cx, move |tx, cx| {
            let instance = enter_any("portico:CreateBearerToken", tx, cx, &at)?;
            let tenant = existing(tx, &instance, &tenant)?;
            let token = insert_in(tx, cx, (&tenant.id, &id), &new, &kept)?;
            cx.event().touch(KIND, token.tenant_id.as_str());
            cx.event().respond(json!({ "bearerToken": {
                "tokenId": token.id.as_str(), "expiresAt": token.expires_at.rfc3339(),
            }}));
            Ok(token)
        })
        .await?;
    Ok(Made { token, secret })
}

fn fresh_id(cx: &Cx) -> BearerTokenId {
    BearerTokenId::trusted(uuid_by_time(cx.entropy(), cx.now).to_string())
}

/// A token whose secret somebody brings, within a transaction: by whoever makes the instance. Such a secret is one that nobody guesses.
pub fn insert_brought_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tenant: &TenantId,
    new: &NewToken,
    secret: &Secret,
) -> Result<BearerToken, Fault> {
    let random = secret.expose().strip_prefix(PREFIX).unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !(SECRET_LETTERS..=SECRET_LETTERS_MAX).contains(&random.len()) || !random.bytes().all(is_letter) {
        return Err(Fault::validation(format!(
            "a token must be {PREFIX} and behind it {SECRET_LETTERS} to {SECRET_LETTERS_MAX} random letters, digits, hyphens and underscores"
        )));
    }
    insert_in(tx, cx, (tenant, &fresh_id(cx)), new, secret)
}

fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (tenant, id): (&TenantId, &BearerTokenId),
    new: &NewToken,
    secret: &Secret,
) -> Result<BearerToken, Fault> {
    let validity = checked_validity(new.validity_days, cx.mode)?;
    let most = of_mode(cx.mode, TOKENS_MAX);
    if bearer_tokens::count_living(tx, tenant, cx.now)? >= most {
        return Err(Fault::quota(format!(
            "A provisioning tenant has at most {most} bearer tokens that have not expired: delete one first"
        )));
    }
    let token = BearerToken {
        id: id.clone(),
        tenant_id: tenant.clone(),
        name: checked_name(new.name.clone())?,
        created_at: cx.now,
        created_by: cx.caller.arn(),
        expires_at: cx.now.plus(validity),
        last_used_at: None,
    };
    let hash = tx.keyring().hash_token(secret.expose());
    bearer_tokens::insert(tx, &token, &hash)?;
    Ok(token)
}

/// ListBearerTokens, by id, which is by when they were made; those that have expired too, until they are deleted.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, tenant): (&IdentityStoreRef, &TenantId),
    page: &PageRequest,
) -> Result<Page<BearerToken>, Fault> {
    store.read(|rx| {
        let instance = enter_any("portico:ListBearerTokens", rx, cx, at)?;
        let tenant = existing(rx, &instance, tenant)?;
        let rows = bearer_tokens::page(rx, &tenant.id, page)?;
        Ok(page.page(rows, |token| token.id.as_str().to_owned()))
    })
}

/// DeleteBearerToken: the next call with it is nobody's.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (at, tenant): (&IdentityStoreRef, &TenantId),
    id: &BearerTokenId,
) -> Result<(), Fault> {
    let (at, tenant, id) = (at.clone(), tenant.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter_any("portico:DeleteBearerToken", tx, cx, &at)?;
            let tenant = existing(tx, &instance, &tenant)?;
            cx.event().touch(KIND, tenant.id.as_str());
            if bearer_tokens::delete(tx, &tenant.id, &id)? {
                return Ok(());
            }
            Err(Fault::not_found(format!("The provisioning tenant has no bearer token {id}")))
        })
        .await
}

/// Who calls with a token.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The caller.
    pub caller: Caller,
    /// Its token.
    pub token_id: BearerTokenId,
    /// Where its tenant writes.
    pub at: IdentityStoreRef,
    /// Whether it is time to write that the token is used.
    pub is_to_be_noted: bool,
}

/// Who calls this tenant with this token. Of another tenant's token, of one that has ended and of one that there is not, all is the same.
pub fn authenticate(store: &Store, tenant: &str, token: &str, now: Timestamp) -> Result<Presented, Fault> {
    let refused =
        || Fault::new(FaultKind::Unauthorized, "The bearer token is not one of this tenant, or has ended");
    if !token.starts_with(PREFIX) {
        return Err(refused());
    }
    let hash = store.keyring().hash_token(token);
    let found = store.glance(|rx| Ok(bearer_tokens::find_by_hash(rx, &hash)?))?;
    let found = found.ok_or_else(refused)?;
    if found.provisioner.tenant_id.as_str() != tenant || found.expires_at <= now {
        return Err(refused());
    }
    let provisioner = found.provisioner;
    let identity_store = provisioner.identity_store_id.arn(&provisioner.account_id);
    let is_to_be_noted = found.last_used_at.is_none_or(|used| now.since(used) >= USES);
    Ok(Presented {
        at: IdentityStoreRef::parse(provisioner.identity_store_id.as_str())?,
        token_id: provisioner.token_id.clone(),
        caller: Caller::provisioner(provisioner, Arc::new(Provisioning { identity_store })),
        is_to_be_noted,
    })
}

/// Writes that a token is used: once a day at most, however often it is.
pub async fn note_use(store: &Store, cx: &Cx, id: BearerTokenId) -> Result<(), Fault> {
    store.maintain(cx, move |tx, cx| bearer_tokens::note_use(tx, &id, cx.now, cx.now.minus(USES))).await
}
