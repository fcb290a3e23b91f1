//! What an assertion cannot do without: its signature, by itself, with the library of the server's, over as many bytes as an assertion has signed.

use std::time::Duration;

use anyhow::Context as _;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use clap::ValueEnum;

use crate::alone;
use crate::load::Measured;

/// Bytes of a `SignedInfo` in its canonical form, give or take some.
const SIGNED: [u8; 700] = [b'x'; 700];

/// What is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Key {
    /// RSA of 2,048 bits.
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// ECDSA on P-256.
    #[value(name = "p-256")]
    P256,
}

impl Key {
    pub(crate) const ALL: [Self; 2] = [Self::Rsa2048, Self::P256];

    /// As people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA-2048",
            Self::P256 => "P-256",
        }
    }

    /// As the API does.
    pub(crate) const fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::P256 => "EC_P256",
        }
    }
}

/// Signs for so long, in a process on the servers' processor.
pub(crate) async fn measure(key: Key, period: Duration) -> anyhow::Result<Measured> {
    let name = key.to_possible_value().context("a key with a name")?;
    alone::measure(&["signature", "--key", name.get_name(), "--millis", &period.as_millis().to_string()])
        .await
}

/// Signs in this process, over and over; what it came to, as JSON.
pub(crate) fn run(key: Key, period: Duration) -> anyhow::Result<String> {
    let random = SystemRandom::new();
    match key {
        Key::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            // Read as the server reads it, so that it is made ready in the same way.
            let pair = RsaKeyPair::from_pkcs8(pair.as_der()?.as_ref())?;
            let mut signature = vec![0; pair.public_modulus_len()];
            alone::told(period, || Ok(pair.sign(&RSA_PKCS1_SHA256, &random, &SIGNED, &mut signature)?))
        }
        Key::P256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            alone::told(period, || pair.sign(&random, &SIGNED).map(|_| ()).map_err(Into::into))
        }
    }
}
