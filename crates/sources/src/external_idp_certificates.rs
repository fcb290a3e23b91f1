//! ImportExternalIdPCertificate, ListExternalIdPCertificates, DeleteExternalIdPCertificate. All of a provider's certificates count at once, so that it can
//! replace its key without a gap; one must stay.

use aws_lc_rs::digest::{SHA256, digest};
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::id::hex;
use model::sources::external_idp::{CERTIFICATES_MAX, ExternalIdpId};
use saml::certificate::Certificate;
use saml::key::PublicKey;
use serde_json::json;
use store::db::Store;
use store::sources::external_idp_certificates::{self, IdpCertificate};
use store::tx::Rx;

use crate::gate::{EXTERNAL_IDP, enter, existing};
use crate::our_side::saml;

/// Characters of a certificate at most: AWS takes as many (aws-capabilities 4).
const PEM_MAX: usize = 2_500;

/// A certificate of a provider as people handle it.
#[derive(Debug, Clone)]
pub struct ListedCertificate {
    /// The row.
    pub row: IdpCertificate,
    /// What is in it.
    pub certificate: Certificate,
}

/// What a certificate is called: the SHA-256 of its DER.
pub(crate) fn certificate_id(certificate: &Certificate) -> String {
    hex(digest(&SHA256, certificate.der()).as_ref())
}

/// ImportExternalIdPCertificate.
pub async fn import(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &ExternalIdpId),
    pem: String,
) -> Result<String, Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:ImportExternalIdPCertificate", tx, cx, &at)?;
            let idp = existing(tx, &instance, &id)?;
            saml(&idp)?;
            if pem.chars().count() > PEM_MAX {
                return Err(Fault::validation(format!(
                    "Certificate has {} characters, {PEM_MAX} at most",
                    pem.chars().count()
                )));
            }
            let certificate = Certificate::from_pem(&pem).map_err(|error| {
                Fault::validation(format!("Certificate must be one X.509 certificate in PEM: {error}"))
            })?;
            let held = external_idp_certificates::list(tx, &id)?;
            if u64::try_from(held.len()).unwrap_or(u64::MAX) >= CERTIFICATES_MAX {
                return Err(Fault::quota(format!(
                    "A provider has at most {CERTIFICATES_MAX} certificates: delete one first"
                )));
            }
            let new = IdpCertificate {
                id: certificate_id(&certificate),
                der: certificate.der().to_vec(),
                imported: true,
                added_at: cx.now,
            };
            if !external_idp_certificates::put(tx, &id, &new)? {
                return Err(Fault::conflict(format!("The certificate {} is there already", new.id)));
            }
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            cx.event().respond(json!({ "certificateId": new.id }));
            Ok(new.id)
        })
        .await
}

/// ListExternalIdPCertificates: all, the oldest first.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &ExternalIdpId,
) -> Result<Vec<ListedCertificate>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListExternalIdPCertificates", rx, cx, at)?;
        saml(&existing(rx, &instance, id)?)?;
        let rows = external_idp_certificates::list(rx, id)?;
        rows.into_iter()
            .map(|row| {
                let certificate = Certificate::from_der(&row.der).map_err(Fault::internal)?;
                Ok(ListedCertificate { row, certificate })
            })
            .collect()
    })
}

/// DeleteExternalIdPCertificate. The last one stays: nothing could be verified without it.
pub async fn delete(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &ExternalIdpId),
    certificate_id: String,
) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:DeleteExternalIdPCertificate", tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            let held = external_idp_certificates::list(tx, &id)?;
            if !held.iter().any(|row| row.id == certificate_id) {
                return Err(Fault::not_found(format!("The provider has no certificate {certificate_id}")));
            }
            if held.len() == 1 {
                return Err(Fault::conflict(
                    "The last certificate stays: import the new one first, or disable the provider",
                ));
            }
            external_idp_certificates::delete(tx, &id, &certificate_id)?;
            Ok(())
        })
        .await
}

/// The keys that verify what a provider signs.
pub(crate) fn keys(rx: &mut Rx<'_>, id: &ExternalIdpId) -> Result<Vec<PublicKey>, Fault> {
    let rows = external_idp_certificates::list(rx, id)?;
    rows.iter().map(|row| PublicKey::from_certificate(&row.der).map_err(Fault::internal)).collect()
}
