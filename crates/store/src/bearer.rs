//! What an access or refresh token is: `<family>.<kind><generation>.<end>.<signature>`. It says itself what it is and until when, under a key
//! that the database does not hold. Whether its family lives is not known here.

use std::cmp::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::secret::Secret;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::sealing::Keyring;

/// Longer than any token of ours.
const LENGTH_MAX: usize = 160;
/// Between the parts; none holds one.
const PART_END: char = '.';

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Calls of the portal.
    Access,
    /// New tokens, once.
    Refresh,
    /// New role credentials of `aws login`.
    Login,
    /// What an application may do for its person.
    ApplicationAccess,
    /// New tokens for an application, once.
    ApplicationRefresh,
    /// What an application that speaks OpenID Connect may ask about its person.
    OidcAccess,
    /// New tokens for such an application, once.
    OidcRefresh,
    /// What such an application may do for itself.
    OidcClient,
}

impl Kind {
    const fn letter(self) -> char {
        match self {
            Self::Access => 'a',
            Self::Refresh => 'r',
            Self::Login => 'l',
            Self::ApplicationAccess => 'A',
            Self::ApplicationRefresh => 'R',
            Self::OidcAccess => 'o',
            Self::OidcRefresh => 'O',
            Self::OidcClient => 'C',
        }
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Which family of tokens it is of.
    pub family: FamilyId,
    /// What it is good for.
    pub kind: Kind,
    /// After how many exchanges it was issued.
    pub generation: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Bearer {
    /// The token that says this.
    pub fn token(&self, keys: &Keyring) -> Secret {
        let (family, letter) = (self.family.as_str(), self.kind.letter());
        let says = format!("{family}.{letter}{}.{}", self.generation, self.expires_at.micros());
        let signature = URL_SAFE_NO_PAD.encode(keys.sign_bearer(&says));
        Secret::new(format!("{says}.{signature}"))
    }

    /// What a token of this kind says; `None` for whatever was not made by [`Self::token`] with these keys.
    pub fn read(keys: &Keyring, kind: Kind, token: &str) -> Option<Self> {
        let (says, signature) =
            Some(token).filter(|token| token.len() <= LENGTH_MAX)?.rsplit_once(PART_END)?;
        let is_it = |right: &[u8; 32]| {
            bool::from(URL_SAFE_NO_PAD.encode(right).as_bytes().ct_eq(signature.as_bytes()))
        };
        if !keys.signed_bearer(says, is_it) {
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

/// So long after its exchange a refresh token that comes again is taken for a call that began beside the one that got the new ones. It gets
/// nothing and ends nothing; later it is taken for a stolen one (docs/decisions/0003-refresh-tokens.md).
const BESIDE: Duration = Duration::from_secs(10);
/// Exchanges of one family that are remembered at most. Nobody has so many within a moment who means well.
const EXCHANGES_MAX: usize = 16;

/// How a refresh token stands to its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is the one in force.
    InForce,
    /// Of a time before the database was restored.
    Unknown,
    /// Exchanged a moment ago, by another call of whoever holds it.
    Beside,
    /// Exchanged before: two hold it, and nobody can tell which of them stole it.
    Again,
}

/// How a refresh token stands to its family, which was exchanged so often, the last times then.
pub fn turn(token: &Bearer, (generation, exchanged_at): (i64, &[Timestamp]), now: Timestamp) -> Turn {
    match generation.cmp(&token.generation) {
        Ordering::Equal => Turn::InForce,
        Ordering::Less => Turn::Unknown,
        Ordering::Greater => {
            let since = usize::try_from(generation - token.generation - 1).ok();
            let at = since.and_then(|since| exchanged_at.get(since));
            if at.is_some_and(|at| is_beside(*at, now)) { Turn::Beside } else { Turn::Again }
        }
    }
}

/// What is remembered of a family's exchanges once it is exchanged now: those of a moment.
pub fn remembered(exchanged_at: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
    let earlier = exchanged_at.iter().copied().take_while(|at| is_beside(*at, now));
    std::iter::once(now).chain(earlier).take(EXCHANGES_MAX).collect()
}

/// Whether two calls with one token came together, by clocks of servers that need not agree to the second.
fn is_beside(used_at: Timestamp, now: Timestamp) -> bool {
    now.since(used_at) <= BESIDE && used_at.since(now) <= BESIDE
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
