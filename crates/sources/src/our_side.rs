//! What we are to external identity providers: the names and addresses that they are given, and the key that signs what SAML providers are asked and opens
//! what they encrypt. One key for all of them, made when the first is connected.

use std::time::Duration;

use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::entropy::bytes;
use model::fault::Fault;
use model::id::hex;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, Protocol, SamlIdp};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber};
use saml::certificate::Certificate;
use saml::decryption::DecryptionKey;
use saml::key::SigningKey as SamlKey;
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, SpMetadata};
use store::db::Store;
use store::instances::signing_keys::{self, SigningKey};
use store::tx::{Rx, Tx};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::gate::{enter, existing};

/// The purpose of the key.
pub const SAML_SP: &str = "saml-sp";
/// Ten years: every provider took the certificate from the metadata, and has to be asked to take another one.
const LIFETIME: Duration = Duration::from_hours(24 * 3_652);
/// The kind of NameID that AWS asks for (aws-capabilities 2.6).
pub(crate) const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
/// The kind that never changes and is given to no one else.
pub(crate) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// Under which address people reach us.
#[derive(Debug, Clone)]
pub struct OurSide {
    /// Scheme, host and port of the pages, without a slash at the end.
    pub base_url: String,
}

impl OurSide {
    /// The entity ID of an identity store, as AWS forms it.
    pub fn entity_id(&self, store: &IdentityStoreId) -> String {
        format!("{}/platform/saml/{store}", self.base_url)
    }

    /// Where a SAML provider answers to.
    pub fn acs_url(&self, id: &ExternalIdpId) -> String {
        format!("{}/platform/saml/acs/{id}", self.base_url)
    }

    /// Where a SAML provider asks to sign somebody out, and answers.
    pub fn slo_url(&self, id: &ExternalIdpId) -> String {
        format!("{}/platform/saml/slo/{id}", self.base_url)
    }

    /// What we say of ourselves to a SAML provider.
    pub fn metadata_url(&self, id: &ExternalIdpId) -> String {
        format!("{}/platform/saml/metadata/{id}", self.base_url)
    }

    /// Where browsers come back to from OpenID providers.
    pub fn redirect_uri(&self) -> String {
        format!("{}/signin/external/callback", self.base_url)
    }

    /// Where an OpenID provider tells that somebody signed out there.
    pub fn backchannel_logout_uri(&self, id: &ExternalIdpId) -> String {
        format!("{}/signin/external/logout/{id}", self.base_url)
    }
}

/// Our key, made if there is none yet. Making one takes a while.
pub(crate) async fn ensure_key(store: &Store, cx: &Cx) -> Result<(), Fault> {
    if !store.read(|rx| Ok(signing_keys::certificates(rx, SAML_SP)?))?.is_empty() {
        return Ok(());
    }
    let made = std::sync::Arc::new(make_key(cx).await?);
    store.maintain(cx, move |tx, cx| put_key_in(tx, cx, &made)).await
}

/// A key that may become ours.
pub async fn make_key(cx: &Cx) -> Result<SigningKey, Fault> {
    let terms = Terms::new(cx)?;
    tokio::task::spawn_blocking(move || terms.make()).await.map_err(Fault::internal)?
}

/// It is our key, unless somebody else has made one meanwhile.
pub fn put_key_in(tx: &mut Tx<'_>, cx: &Cx, made: &SigningKey) -> Result<(), Fault> {
    if signing_keys::certificates(tx, SAML_SP)?.is_empty() {
        signing_keys::insert(tx, cx, SAML_SP, made)?;
    }
    Ok(())
}

/// What a key is made of beside randomness of its own.
struct Terms {
    now: OffsetDateTime,
    serial: [u8; 16],
    id: String,
}

impl Terms {
    fn new(cx: &Cx) -> Result<Self, Fault> {
        let mut serial = bytes::<16>(cx.entropy());
        // A serial number is a positive integer (RFC 5280 4.1.2.2).
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x7f | 0x40;
        }
        let id = format!("key-{}", hex(&bytes::<8>(cx.entropy())));
        Ok(Self { now: moment(cx)?, serial, id })
    }

    /// RSA: the one kind that every provider can encrypt for.
    fn make(self) -> Result<SigningKey, Fault> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(Fault::internal)?;
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from_slice(&self.serial));
        params.not_before = self.now;
        params.not_after = self.now + LIFETIME;
        params.distinguished_name.push(DnType::CommonName, "Portico sign-in");
        let certificate = params.self_signed(&pair).map_err(Fault::internal)?;
        Ok(SigningKey {
            id: self.id,
            private_key: Zeroizing::new(pair.serialize_der()),
            certificate: certificate.der().to_vec(),
        })
    }
}

/// The key that signs now.
pub(crate) fn signing_key(rx: &mut Rx<'_>, cx: &Cx) -> Result<SamlKey, Fault> {
    let key = signing_keys::signing(rx, SAML_SP, cx.now)?
        .ok_or_else(|| Fault::internal("there is no key for SAML providers"))?;
    SamlKey::new(&key.private_key, &key.certificate).map_err(Fault::internal)
}

/// The keys that open: a provider encrypts to whichever of them it last read.
pub(crate) fn decryption_keys(rx: &mut Rx<'_>) -> Result<Vec<DecryptionKey>, Fault> {
    let keys = signing_keys::all(rx, SAML_SP)?;
    keys.iter()
        .map(|key| DecryptionKey::new(&key.private_key, &key.certificate).map_err(Fault::internal))
        .collect()
}

/// The moment of a call.
pub(crate) fn moment(cx: &Cx) -> Result<OffsetDateTime, Fault> {
    OffsetDateTime::from_unix_timestamp(cx.now.seconds()).map_err(Fault::internal)
}

/// What is wanted as NameID.
pub(crate) fn name_id_format(idp: &ExternalIdp) -> Option<&'static str> {
    use model::sources::external_idp::SubjectMatch;
    match (idp.settings.subject, &idp.settings.subject_from) {
        (_, Some(_)) => None,
        (SubjectMatch::UserName, None) => Some(EMAIL_ADDRESS),
        (SubjectMatch::ExternalId, None) => Some(PERSISTENT),
    }
}

/// The SAML part of a provider's settings.
pub(crate) fn saml(idp: &ExternalIdp) -> Result<&SamlIdp, Fault> {
    match &idp.settings.protocol {
        Protocol::Saml(saml) => Ok(saml),
        Protocol::Oidc(_) => Err(Fault::validation("The identity provider speaks OpenID Connect, not SAML")),
    }
}

/// The document that a SAML provider is given: who we are, where it answers to, which keys are ours. It holds nothing that is not for everybody.
pub fn metadata(store: &Store, ours: &OurSide, id: &ExternalIdpId) -> Result<Option<String>, Fault> {
    store.read(|rx| {
        let Some(idp) = store::sources::external_idps::find(rx, id)? else { return Ok(None) };
        let Protocol::Saml(saml) = &idp.settings.protocol else { return Ok(None) };
        let keys: Vec<Certificate> = signing_keys::certificates(rx, SAML_SP)?
            .iter()
            .map(|der| Certificate::from_der(der).map_err(Fault::internal))
            .collect::<Result<_, _>>()?;
        let endpoint = |binding: &str, location: &str| Endpoint {
            binding: binding.to_owned(),
            location: location.to_owned(),
            response_location: None,
            index: None,
        };
        let slo = ours.slo_url(&idp.id);
        let document = SpMetadata {
            entity_id: saml.sp_entity_id.clone(),
            valid_until: None,
            certificates: keys.clone(),
            encryption_certificates: keys,
            assertion_consumers: vec![endpoint(HTTP_POST, &saml.acs_url)],
            single_logout: vec![endpoint(HTTP_REDIRECT, &slo), endpoint(HTTP_POST, &slo)],
            name_id_formats: name_id_format(&idp).map(str::to_owned).into_iter().collect(),
            signs_requests: saml.sign_requests,
            wants_signed_assertions: true,
        };
        document.write().map(Some).map_err(Fault::internal)
    })
}

/// What an administrator tells a provider of us.
#[derive(Debug, Clone)]
pub enum Presented {
    /// A SAML provider.
    Saml {
        /// Our entity ID.
        entity_id: String,
        /// Where it answers to.
        acs_url: String,
        /// Where it asks to sign somebody out.
        slo_url: String,
        /// Where all of this is as metadata.
        metadata_url: String,
        /// What is wanted as NameID.
        name_id_format: Option<&'static str>,
    },
    /// An OpenID provider.
    Oidc {
        /// Where browsers come back to.
        redirect_uri: String,
        /// Where it tells that somebody signed out there.
        backchannel_logout_uri: String,
    },
}

/// GetAWSSPConfigurationForDirectory.
pub fn present(
    store: &Store,
    cx: &Cx,
    ours: &OurSide,
    (at, id): (&IdentityStoreRef, &ExternalIdpId),
) -> Result<Presented, Fault> {
    let idp = store.read(|rx| {
        let instance = enter("portico:GetAWSSPConfigurationForDirectory", rx, cx, at)?;
        existing(rx, &instance, id)
    })?;
    Ok(match &idp.settings.protocol {
        Protocol::Saml(saml) => Presented::Saml {
            entity_id: saml.sp_entity_id.clone(),
            acs_url: saml.acs_url.clone(),
            slo_url: ours.slo_url(&idp.id),
            metadata_url: ours.metadata_url(&idp.id),
            name_id_format: name_id_format(&idp),
        },
        Protocol::Oidc(_) => Presented::Oidc {
            redirect_uri: ours.redirect_uri(),
            backchannel_logout_uri: ours.backchannel_logout_uri(&idp.id),
        },
    })
}
