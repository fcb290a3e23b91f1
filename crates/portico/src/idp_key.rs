//! The key that a new instance signs SAML assertions with, and the certificate by which applications and accounts know it. Only made
//! here; how it is kept is the store's matter.

use anyhow::Context as _;
use model::cx::Cx;
use model::entropy::bytes;
use model::id::hex;
use model::instances::instance::InstanceId;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SerialNumber};
use store::instances::signing_keys::SigningKey;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// Ten years: whoever trusts the certificate took it from the metadata, and has to be asked to take another one.
const LIFETIME: Duration = Duration::days(3_652);

/// A new P-256 key with its self-signed certificate.
pub(crate) fn make(cx: &Cx, instance: &InstanceId) -> anyhow::Result<SigningKey> {
    let now = OffsetDateTime::from_unix_timestamp(cx.now.seconds()).context("the clock is out of range")?;
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("no signing key could be made")?;
    let mut serial = bytes::<16>(cx.entropy());
    // A serial number is a positive integer (RFC 5280 4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = now;
    params.not_after = now + LIFETIME;
    params.distinguished_name.push(DnType::CommonName, format!("Portico {instance}"));
    let certificate = params.self_signed(&pair).context("no certificate could be made")?;
    Ok(SigningKey {
        id: format!("key-{}", hex(&bytes::<8>(cx.entropy()))),
        private_key: Zeroizing::new(pair.serialize_der()),
        certificate: certificate.der().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::accounts::account::AccountId;
    use model::caller::Caller;
    use model::cx::Surroundings;
    use model::entropy::SeededEntropy;
    use model::event::EventHead;
    use model::limits::Mode;
    use model::timestamp::Timestamp;

    use super::*;

    #[test]
    fn the_certificate_is_of_the_key_and_outlives_the_installation() {
        let owner = AccountId::trusted("111122223333");
        let surroundings = Surroundings {
            region: "us-east-1".into(),
            owner: owner.clone(),
            organization: None,
            mode: Mode::Strict,
            primary: None,
            entropy: Arc::new(SeededEntropy::new(1)),
        };
        let now = Timestamp::from_seconds(1_795_507_200);
        let cx = Cx::new(&surroundings, Caller::service(owner), now, EventHead::default());
        let made = make(&cx, &InstanceId::trusted("ssoins-1234567890abcdef")).unwrap();
        let pair = KeyPair::try_from(made.private_key.as_slice()).unwrap();
        let holds = |part: &[u8]| made.certificate.windows(part.len()).any(|window| window == part);
        assert!(holds(pair.public_key_raw()));
        assert!(holds(b"Portico ssoins-1234567890abcdef"));
        assert!(holds(b"261124080000Z") && holds(b"361123080000Z"));
    }
}
