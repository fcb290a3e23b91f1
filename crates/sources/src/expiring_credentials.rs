//! ListExpiringCredentials: what identity providers call with or sign with, what applications know us by or prove themselves with, and when that ends. Of
//! applications it reads rows alone: what they are, and how one is replaced, is `applications`'s. Never learns who is told.

use std::collections::BTreeMap;
use std::time::Duration;

use model::applications::application::ApplicationArn;
use model::applications::oidc_application::ClientAuthentication;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::page::{Page, PageRequest};
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus, Protocol};
use model::sources::provisioning_tenant::{BearerToken, TenantId};
use model::timestamp::Timestamp;
use saml::certificate::Certificate;
use store::applications::{oidc_applications, oidc_secrets, saml_certificates};
use store::db::Store;
use store::sources::{bearer_tokens, external_idp_certificates, external_idps};
use store::tx::Rx;

use crate::external_idp_certificates::certificate_id;
use crate::gate::enter_any;

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
    /// The certificate whose key signs what an application is told.
    ApplicationCertificate {
        /// Whose.
        application: ApplicationArn,
        /// SHA-256 of its DER, hexadecimal.
        id: String,
    },
    /// A secret by which an application proves that it is itself.
    ClientSecret(oidc_secrets::Ending),
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// What.
    pub credential: Credential,
    /// What people call the tenant, provider or application; its id where it has no name.
    pub source_name: String,
    /// When.
    pub expires_at: Timestamp,
}

impl Expiring {
    /// The id of the token, secret or certificate. A certificate may be of two providers.
    pub fn id(&self) -> String {
        match &self.credential {
            Credential::Token(token) => token.id.as_str().to_owned(),
            Credential::Certificate { idp, id } => format!("{idp}/{id}"),
            Credential::ApplicationCertificate { application, id } => format!("{}/{id}", application.id),
            Credential::ClientSecret(secret) => secret.id.clone(),
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
        let instance = enter_any("portico:ListExpiringCredentials", rx, cx, at)?;
        let all = all(rx, &instance, (cx.now, within))?.into_iter();
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
    store.read(|rx| {
        let found = store::instances::instances::find_by_identity_store(rx, store_id)?;
        found.map_or_else(|| Ok(Vec::new()), |instance| all(rx, &instance, (cx.now, within)))
    })
}

fn all(
    rx: &mut Rx<'_>,
    instance: &Instance,
    (now, within): (Timestamp, Duration),
) -> Result<Vec<Expiring>, Fault> {
    let (upto, store_id) = (now.plus(within), &instance.identity_store_id);
    let mut found = tokens(rx, store_id, (now, upto))?;
    for idp in external_idps::list(rx, store_id)? {
        found.extend(certificate(rx, &idp)?.filter(|one| one.expires_at <= upto));
    }
    found.extend(application_certificates(rx, instance, upto)?);
    found.extend(client_secrets(rx, instance, (now, upto))?);
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

/// The certificates whose keys sign what enabled applications are told. Another one of an application, however long it is good, signs nothing before
/// somebody says so.
fn application_certificates(
    rx: &mut Rx<'_>,
    instance: &Instance,
    upto: Timestamp,
) -> Result<Vec<Expiring>, Fault> {
    let ending = saml_certificates::ending(rx, &instance.id, upto)?.into_iter();
    let shown = |one: saml_certificates::Ending| Expiring {
        credential: Credential::ApplicationCertificate { application: one.application, id: one.id },
        source_name: one.name,
        expires_at: one.not_after,
    };
    Ok(ending.map(shown).collect())
}

/// Secrets that end by then, of enabled applications that prove themselves by one. Of those that have ended only the last of an application that has no
/// other: nobody comes in by it any more.
fn client_secrets(
    rx: &mut Rx<'_>,
    instance: &Instance,
    (now, upto): (Timestamp, Timestamp),
) -> Result<Vec<Expiring>, Fault> {
    let mut over = BTreeMap::new();
    let mut found = Vec::new();
    for secret in oidc_secrets::ending(rx, &instance.id, upto)? {
        let id = secret.application.id.clone();
        let decided = oidc_applications::find(rx, &id)?;
        if decided.is_none_or(|decided| decided.settings.authentication != ClientAuthentication::Secret) {
            continue;
        }
        let expiring = Expiring {
            source_name: secret.application_name.clone(),
            expires_at: secret.expires_at,
            credential: Credential::ClientSecret(secret),
        };
        if expiring.expires_at > now {
            found.push(expiring);
        } else {
            over.insert(id, expiring);
        }
    }
    for (application, last) in over {
        if oidc_secrets::count_living(rx, &application, now)? == 0 {
            found.push(last);
        }
    }
    Ok(found)
}
