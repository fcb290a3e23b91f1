//! What an identity context is: the text by which an application tells STS whom it acts for. It names a family of tokens and when it ends, sealed, so that
//! nobody without the root key can make one or read it. Whether its family counts is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::entropy::Entropy;
use model::fault::Fault;
use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::sealing::{Keyring, Purpose};

/// Where it stands: nowhere but on its way to STS.
const PLACE: &str = "sts";
/// Between the family and the end.
const PART_END: char = '.';

/// What an identity context says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityContext {
    /// For whom, and by which application.
    pub family: FamilyId,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl IdentityContext {
    /// The text that says this.
    pub fn seal(&self, keys: &Keyring, entropy: &dyn Entropy) -> Result<Secret, Fault> {
        let says = format!("{}{PART_END}{}", self.family, self.expires_at.micros());
        let sealed = keys.seal(entropy, Purpose::IdentityContext, PLACE, says.as_bytes())?;
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// What a text says that [`Self::seal`] made with these keys; `None` for anything else.
    pub fn open(keys: &Keyring, text: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let opened = keys.open(Purpose::IdentityContext, PLACE, &sealed)?;
        let (family, end) = std::str::from_utf8(&opened).ok()?.split_once(PART_END)?;
        Some(Self {
            family: FamilyId::parse(family).ok()?,
            expires_at: Timestamp::from_micros(end.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use model::entropy::SeededEntropy;

    use super::*;

    #[test]
    fn only_what_was_sealed_opens() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        let said = IdentityContext {
            family: FamilyId::trusted("11111111-1111-4111-8111-111111111111"),
            expires_at: Timestamp::from_seconds(1_795_507_200),
        };
        let text = said.seal(&keys, &SeededEntropy::new(1)).unwrap();
        assert!((4..=2_048).contains(&text.expose().len()), "what the model of STS takes");
        assert_eq!(IdentityContext::open(&keys, text.expose()), Some(said));
        let others = Keyring::new(&[8; 32]).unwrap();
        assert_eq!(IdentityContext::open(&others, text.expose()), None);
        for at in 0..text.expose().len() {
            let mut altered = text.expose().to_owned();
            let other = if altered.get(at..=at) == Some("A") { "B" } else { "A" };
            altered.replace_range(at..=at, other);
            assert_eq!(IdentityContext::open(&keys, &altered), None, "{altered}");
        }
    }
}
