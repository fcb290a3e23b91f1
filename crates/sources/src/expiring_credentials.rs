//! ListExpiringCredentials: what identity providers call with or sign with, and when that ends. Never learns who is told.

use std::collections::BTreeMap;
use std::time::Duration;

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus, Protocol};
use model::sources::provisioning_tenant::{BearerToken, TenantId};
use model::timestamp::Timestamp;
use saml::certificate::Certificate;
use store::db::Store;
use store::sources::{bearer_tokens, external_idp_certificates, external_idps};
use store::tx::Rx;

use crate::external_idp_certificates::certificate_id;
use crate::gate::enter;

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token of a provisioning tenant.
    Token(BearerToken),
    /// The certificate of a SAML provider that ends last.
    Certificate {
        /// Whose.
        idp: ExternalIdpId,
        /// SHA-256 of its DER, hexadecimal.
        id: String,
    },
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// What.
    pub credential: Credential,
    /// What people call the tenant or provider; its id where it has no name.
    pub source_name: String,
    /// When.
    pub expires_at: Timestamp,
}

impl Expiring {
    /// The id of the token or certificate. A certificate may be of two providers.
    pub fn id(&self) -> String {
        match &self.credential {
            Credential::Token(token) => token.id.as_str().to_owned(),
            Credential::Certificate { idp, id } => format!("{idp}/{id}"),
        }
    }

    /// Its place in the list: a moment with as many digits as any other, and its id.
    fn key(&self) -> String {
        format!("{:020} {}", self.expires_at.seconds(), self.id())
    }
}

/// ListExpiringCredentials, the soonest first: `within` so long.
pub fn list(
    store: &Store,
    cx: &Cx,
    (at, within): (&IdentityStoreRef, Duration),
    page: &PageRequest,
) -> Result<Page<Expiring>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListExpiringCredentials", rx, cx, at)?;
        let all = all(rx, &instance.identity_store_id, (cx.now, within))?.into_iter();
        let after = page.after_or_start();
        let limit = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let rows = all.filter(|one| one.key().as_str() > after).take(limit).collect();
        Ok(page.page(rows, Expiring::key))
    })
}

/// The same for whoever announces it.
pub fn soon(
    store: &Store,
    cx: &Cx,
    store_id: &IdentityStoreId,
    within: Duration,
) -> Result<Vec<Expiring>, Fault> {
    store.read(|rx| all(rx, store_id, (cx.now, within)))
}

fn all(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    (now, within): (Timestamp, Duration),
) -> Result<Vec<Expiring>, Fault> {
    let upto = now.plus(within);
    let mut found = tokens(rx, store_id, (now, upto))?;
    for idp in external_idps::list(rx, store_id)? {
        found.extend(certificate(rx, &idp)?.filter(|one| one.expires_at <= upto));
    }
    found.sort_by_cached_key(Expiring::key);
    Ok(found)
}

/// Tokens that end by then. Of those that have ended only the last of a tenant that has no other: it writes nothing here any more.
fn tokens(
    rx: &mut Rx<'_>,
    store_id: &IdentityStoreId,
    (now, upto): (Timestamp, Timestamp),
) -> Result<Vec<Expiring>, Fault> {
    let mut over: BTreeMap<TenantId, Expiring> = BTreeMap::new();
    let mut found = Vec::new();
    for (token, name) in bearer_tokens::ending(rx, store_id, upto)? {
        let tenant = token.tenant_id.clone();
        let expiring = Expiring {
            source_name: name.unwrap_or_else(|| tenant.to_string()),
            expires_at: token.expires_at,
            credential: Credential::Token(token),
        };
        if expiring.expires_at > now {
            found.push(expiring);
        } else {
            over.insert(tenant, expiring);
        }
    }
    for (tenant, last) in over {
        if bearer_tokens::count_living(rx, &tenant, now)? == 0 {
            found.push(last);
        }
    }
    Ok(found)
}

/// The certificate of an enabled SAML provider that ends last: while another is good, its people come in.
fn certificate(rx: &mut Rx<'_>, idp: &ExternalIdp) -> Result<Option<Expiring>, Fault> {
    if idp.status != ExternalIdpStatus::Enabled || !matches!(idp.settings.protocol, Protocol::Saml(_)) {
        return Ok(None);
    }
    let mut last: Option<Expiring> = None;
    for row in external_idp_certificates::list(rx, &idp.id)? {
        let certificate = Certificate::from_der(&row.der).map_err(Fault::internal)?;
        let expires_at = Timestamp::from_seconds(certificate.not_after().unix_timestamp());
        if last.as_ref().is_none_or(|last| last.expires_at < expires_at) {
            let credential =
                Credential::Certificate { idp: idp.id.clone(), id: certificate_id(&certificate) };
            last = Some(Expiring { credential, source_name: idp.settings.name.clone(), expires_at });
        }
    }
    Ok(last)
}
