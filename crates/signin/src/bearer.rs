//! What an access or refresh token is: `<family>.<kind><generation>.<end>.<signature>`. It says itself what it is and until when, under a key
//! that the database does not hold. Whether its family lives, and which refresh token is in force there, is not known here.

use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;
use store::sealing::Keyring;
use subtle::ConstantTimeEq as _;

/// Longer than any token of ours.
const LENGTH_MAX: usize = 160;
/// Between the parts; none holds one.
const PART_END: char = '.';

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Calls of the portal.
    Access,
    /// New tokens, once.
    Refresh,
    /// New role credentials of `aws login`.
    Login,
}

impl Kind {
    const fn letter(self) -> char {
        match self {
            Self::Access => 'a',
            Self::Refresh => 'r',
            Self::Login => 'l',
        }
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) family: FamilyId,
    pub(crate) kind: Kind,
    /// After how many exchanges it was issued.
    pub(crate) generation: i64,
    pub(crate) expires_at: Timestamp,
}

impl Bearer {
    /// The token that says this.
    pub(crate) fn token(&self, keys: &Keyring) -> Secret {
        let (family, letter) = (self.family.as_str(), self.kind.letter());
        let says = format!("{family}.{letter}{}.{}", self.generation, self.expires_at.micros());
        let signature = crate::random::text(&keys.sign_bearer(&says));
        Secret::new(format!("{says}.{signature}"))
    }

    /// What a token of this kind says; `None` for whatever was not made by [`Self::token`] with these keys.
    pub(crate) fn read(keys: &Keyring, kind: Kind, token: &str) -> Option<Self> {
        let (says, signature) =
            Some(token).filter(|token| token.len() <= LENGTH_MAX)?.rsplit_once(PART_END)?;
        let expected = crate::random::text(&keys.sign_bearer(says));
        if !bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
            return None;
        }
        let (family, rest) = says.split_once(PART_END)?;
        let (generation, end) = rest.strip_prefix(kind.letter())?.split_once(PART_END)?;
        Some(Self {
            family: FamilyId::parse(family).ok()?,
            kind,
            generation: generation.parse().ok()?,
            expires_at: Timestamp::from_micros(end.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_was_signed_and_nothing_else() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        let said = Bearer {
            family: FamilyId::trusted("11111111-1111-4111-8111-111111111111"),
            kind: Kind::Refresh,
            generation: i64::MAX,
            expires_at: Timestamp::from_micros(i64::MAX),
        };
        let token = said.token(&keys);
        assert!(token.expose().len() <= LENGTH_MAX);
        assert_eq!(Bearer::read(&keys, Kind::Refresh, token.expose()), Some(said.clone()));
        assert_eq!(
            Bearer::read(&keys, Kind::Access, token.expose()),
            None,
            "one of one kind is none of another"
        );
        let others = Keyring::new(&[8; 32]).unwrap();
        assert_eq!(Bearer::read(&others, Kind::Refresh, token.expose()), None);
        for at in 0..token.expose().len() {
            for other in ["0", "1", "A", "a", "."] {
                let mut altered = token.expose().to_owned();
                altered.replace_range(at..=at, other);
                if altered != token.expose() {
                    let read = Bearer::read(&keys, Kind::Refresh, &altered);
                    assert_eq!(read, None, "{altered}");
                }
            }
            let cut = &token.expose()[..at];
            assert_eq!(Bearer::read(&keys, Kind::Refresh, cut), None);
        }
        let longer = format!("{}A", token.expose());
        assert_eq!(Bearer::read(&keys, Kind::Refresh, &longer), None);
    }
}
