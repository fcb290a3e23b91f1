//! CreateApplicationInstanceCertificate and what follows it: the keys that sign what one application is told. Each application has its own, and never the key that
//! roles in accounts trust: whoever decides an application's audience and attributes could have it say that somebody is a role. Nor one key for all
//! applications: what one is told, another would believe whose audience it could be made to have, and a key that has to go would go for all at once.
//! Two live side by side, so that an application learns the next certificate before it signs.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::saml_application::{CERTIFICATES_MAX, CertificateKey, SamlSettings};
use model::applications::saml_certificate::SamlCertificate;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::timestamp::Timestamp;
use policy::require::Action;
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize, SerialNumber,
};
use saml::key::SigningKey;
use serde_json::json;
use store::applications::{saml_applications, saml_certificates};
use store::db::Store;
use store::tx::{Rx, Tx};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::applications::KIND;
use crate::catalog::Protocol;
use crate::gate::{guarded, speaking};

/// Days of a month of a certificate's life.
const MONTH: Duration = Duration::from_hours(24 * 30 + 10);
/// Months that a certificate lives where nothing is said: five years, as at AWS.
pub const MONTHS: u32 = 60;

/// A certificate that is to be.
#[derive(Debug, Clone, Copy)]
pub struct NewCertificate {
    /// What its key is.
    pub key: CertificateKey,
    /// How long it lives.
    pub months: u32,
}

impl Default for NewCertificate {
    fn default() -> Self {
        Self { key: CertificateKey::Rsa2048, months: MONTHS }
    }
}

/// A certificate and its key, before they are anybody's. It has no `Debug`.
pub(crate) struct Made {
    certificate: SamlCertificate,
    private_key: Zeroizing<Vec<u8>>,
}

/// What a key is made of beside randomness of its own.
struct Terms {
    new: NewCertificate,
    name: String,
    now: OffsetDateTime,
    at: Timestamp,
    by: String,
    serial: [u8; 16],
}

/// Makes a key, which takes a while, and nothing that is kept.
pub(crate) async fn make(cx: &Cx, id: &ApplicationId, new: NewCertificate) -> Result<Made, Fault> {
    let mut serial = bytes::<16>(cx.entropy());
    // A serial number is a positive integer (RFC 5280 4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    let terms = Terms {
        new,
        name: format!("Portico {id}"),
        now: moment(cx)?,
        at: cx.now,
        by: cx.caller.arn(),
        serial,
    };
    tokio::task::spawn_blocking(move || terms.make()).await.map_err(Fault::internal)?
}

impl Terms {
    fn make(self) -> Result<Made, Fault> {
        let pair = match self.new.key {
            CertificateKey::Rsa2048 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            CertificateKey::EcP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        };
        let pair = pair.map_err(Fault::internal)?;
        let lifetime = MONTH.saturating_mul(self.new.months);
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from_slice(&self.serial));
        params.not_before = self.now;
        params.not_after = self.now + lifetime;
        params.distinguished_name.push(DnType::CommonName, self.name);
        let der = params.self_signed(&pair).map_err(Fault::internal)?.der().to_vec();
        let private_key = Zeroizing::new(pair.serialize_der());
        // Proved here, once, and not each time that it signs.
        SigningKey::new(&private_key, &der).map_err(Fault::internal)?;
        let certificate = SamlCertificate {
            id: hex(digest(&SHA256, &der).as_ref()),
            is_active: false,
            key: self.new.key,
            der,
            not_after: self.at.plus(lifetime),
            created_at: self.at,
            created_by: self.by,
        };
        Ok(Made { certificate, private_key })
    }
}

impl Made {
    /// Keeps it as an application's; it signs if there is no other.
    pub(crate) fn keep(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        id: &ApplicationId,
    ) -> Result<SamlCertificate, Fault> {
        let is_active = saml_certificates::list(tx, id)?.is_empty();
        let new = SamlCertificate { is_active, ..self.certificate.clone() };
        saml_certificates::insert(tx, cx, id, (&new, &self.private_key))?;
        Ok(new)
    }
}

/// CreateApplicationInstanceCertificate. It does not sign before UpdateApplicationInstanceActiveCertificate, unless it is the only one.
pub async fn create(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    new: NewCertificate,
) -> Result<SamlCertificate, Fault> {
    const ACTION: Action = Action("portico:CreateApplicationInstanceCertificate");
    // Nobody has a key made who may not.
    store.read(|rx| speaking(rx, cx, ACTION, arn, Protocol::Saml).map(|_| ()))?;
    let (arn, made) = (arn.clone(), make(cx, &arn.id, new).await?);
    store
        .write(cx, move |tx, cx| {
            speaking(tx, cx, ACTION, &arn, Protocol::Saml)?;
            let held = saml_certificates::list(tx, &arn.id)?.len();
            if held >= CERTIFICATES_MAX {
                return Err(Fault::quota(format!(
                    "An application has at most {CERTIFICATES_MAX} certificates: delete the one that does not sign first"
                )));
            }
            let kept = made.keep(tx, cx, &arn.id)?;
            cx.event().touch(KIND, arn.to_string());
            cx.event().respond(json!({ "certificateId": kept.id }));
            Ok(kept)
        })
        .await
}

/// ListApplicationInstanceCertificates: the one that signs first.
pub fn list(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<Vec<SamlCertificate>, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:ListApplicationInstanceCertificates"), arn)?;
        Ok(saml_certificates::list(rx, &arn.id)?)
    })
}

/// UpdateApplicationInstanceActiveCertificate: another key signs from now on.
pub async fn activate(store: &Store, cx: &Cx, arn: &ApplicationArn, id: String) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:UpdateApplicationInstanceActiveCertificate"), &arn)?;
            let held = saml_certificates::list(tx, &arn.id)?.into_iter().find(|held| held.id == id);
            let held = held.ok_or_else(|| unknown(&arn, &id))?;
            if held.not_after <= cx.now {
                return Err(Fault::validation(format!(
                    "CertificateId {id} ended at {}: applications believe nothing that its key signs",
                    held.not_after.rfc3339()
                )));
            }
            if saml_applications::find(tx, &arn.id)?.is_some_and(|found| found.settings.sign_with_sha1) {
                require_for_sha1(&held)?;
            }
            if !saml_certificates::activate(tx, &arn.id, &id)? {
                return Err(unknown(&arn, &id));
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// DeleteApplicationInstanceCertificate. The one that signs stays.
pub async fn delete(store: &Store, cx: &Cx, arn: &ApplicationArn, id: String) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("portico:DeleteApplicationInstanceCertificate"), &arn)?;
            let held = saml_certificates::list(tx, &arn.id)?;
            let found = held.iter().find(|held| held.id == id).ok_or_else(|| unknown(&arn, &id))?;
            if found.is_active {
                return Err(Fault::conflict(
                    "The certificate whose key signs stays: have another one sign first (UpdateApplicationInstanceActiveCertificate)",
                ));
            }
            saml_certificates::delete(tx, &arn.id, &id)?;
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

fn unknown(arn: &ApplicationArn, id: &str) -> Fault {
    Fault::not_found(format!(
        "The application has no certificate {id}: ListApplicationInstanceCertificates lists those that it has"
    ))
    .with_resource_id(arn.to_string())
}

/// Refuses a key of a certificate for an application that is to be told with SHA-1.
pub(crate) fn require_for_sha1(held: &SamlCertificate) -> Result<(), Fault> {
    if held.key == CertificateKey::Rsa2048 {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "SigningDigest is SHA1, which only an RSA key signs with, and the key of the certificate {} is {}: have one of RSA_2048 sign, or decide SHA256",
        held.id,
        held.key.as_str()
    )))
}

/// The key that signs what an application is told.
pub(crate) fn signing_key(
    rx: &mut Rx<'_>,
    id: &ApplicationId,
    settings: &SamlSettings,
) -> Result<SigningKey, Fault> {
    let key = saml_certificates::active(rx, id)?
        .ok_or_else(|| Fault::internal(format!("the application {id} has no certificate whose key signs")))?;
    let (private_key, certificate) = (&key.private_key, &key.certificate.der);
    let made = if settings.sign_with_sha1 {
        SigningKey::insisting_on_sha1(private_key, certificate)
    } else {
        SigningKey::taken_before(private_key, certificate)
    };
    made.map_err(Fault::internal)
}

/// As PEM.
pub fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// The moment of a call.
pub(crate) fn moment(cx: &Cx) -> Result<OffsetDateTime, Fault> {
    OffsetDateTime::from_unix_timestamp(cx.now.seconds()).map_err(Fault::internal)
}
