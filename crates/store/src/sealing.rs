//! Secrets at rest. One root key, kept outside the database, seals data keys, which the database keeps; of the data keys the one in use seals and signs, and
//! all that are not retired open and are believed. As long as none was ever replaced the root key itself is the data key, number 0.
//!
//! A sealed value is `1 ‖ nonce (12) ‖ ciphertext ‖ tag (16)` under data key 0 and `2 ‖ number (4, big-endian) ‖ nonce ‖ ciphertext ‖ tag` under another; its
//! associated data names the column and the row, so that sealed values cannot be swapped between rows.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::hmac;
use model::entropy::Entropy;
use model::fault::Fault;
use model::timestamp::Timestamp;
use zeroize::Zeroizing;

pub use crate::data_key::Purpose;
use crate::data_key::{self, DataKeys, KeyBytes, mac};

/// Begins what data key 0 sealed, and what the root key seals.
const FIRST: u8 = 1;
/// Begins what another sealed, before its number.
const NUMBERED: u8 = 2;

/// The root key, and what it does itself.
struct Root {
    bytes: KeyBytes,
    /// Seals the value by which an instance knows its root key.
    check: LessSafeKey,
    /// Seals data keys.
    wrap: LessSafeKey,
}

/// A data key that opens what it sealed.
#[derive(Clone)]
struct Live {
    number: u32,
    keys: Arc<DataKeys>,
}

impl Live {
    fn new(number: u32, key: &[u8; 32]) -> Result<Self, Fault> {
        Ok(Self { number, keys: Arc::new(DataKeys::new(key)?) })
    }
}

/// What the database says of a data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrapped {
    pub(crate) number: u32,
    pub(crate) sealed: Vec<u8>,
    pub(crate) seals_from: Timestamp,
    /// Whether everything that is kept was sealed anew with it: then it is in use, whatever a clock says.
    pub(crate) is_resealed: bool,
    pub(crate) is_retired: bool,
}

struct Kept {
    root: Root,
    /// Recognises tokens. It is data key 0's for good: what it hashes is random and long, or lives for minutes, so that who knows the key knows no token.
    hashes: hmac::Key,
    /// The one in use first, then from the newest to the oldest. Empty where all that is known was retired.
    live: Vec<Live>,
}

impl Kept {
    fn of(root: &[u8; 32], wrapped: &[Wrapped], now: Timestamp) -> Result<Self, Fault> {
        let root = Root::new(root)?;
        let mut first = root.bytes.clone();
        let (mut live, mut in_use) = (Vec::new(), 0);
        for one in wrapped {
            // Of a retired one only the first is of use, for what it hashed.
            if one.is_retired && one.number != 0 {
                continue;
            }
            let key = root.unwrap(one.number, &one.sealed)?;
            if one.number == 0 {
                first.clone_from(&key);
            }
            if !one.is_retired {
                live.push(Live::new(one.number, &key)?);
            }
            if one.seals_from <= now || one.is_resealed {
                in_use = one.number;
            }
        }
        if wrapped.is_empty() {
            live.push(Live::new(0, &first)?);
        }
        live.sort_by_key(|one| (one.number != in_use, std::cmp::Reverse(one.number)));
        Ok(Self { root, hashes: data_key::signer(&first, b"portico/token")?, live })
    }
}

/// The keys of an instance: its root key and what the database says of its data keys.
pub struct Keyring(RwLock<Arc<Kept>>);

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Keyring(…)")
    }
}

/// Where a data key stands.
fn place_of(number: u32) -> String {
    format!("data key {number}")
}

impl Root {
    fn new(bytes: &[u8; 32]) -> Result<Self, Fault> {
        Ok(Self {
            bytes: Zeroizing::new(*bytes),
            check: data_key::sealer(bytes, b"portico/key-check")?,
            wrap: data_key::sealer(bytes, b"portico/data-key")?,
        })
    }

    fn wrap(&self, entropy: &dyn Entropy, number: u32, key: &[u8; 32]) -> Result<Vec<u8>, Fault> {
        data_key::seal(&self.wrap, entropy, &[FIRST], (&place_of(number), key))
    }

    fn unwrap(&self, number: u32, sealed: &[u8]) -> Result<KeyBytes, Fault> {
        let opened = match sealed.split_first() {
            Some((&FIRST, rest)) => data_key::open(&self.wrap, &place_of(number), rest),
            _ => None,
        };
        let key = opened.and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok());
        key.map(Zeroizing::new)
            .ok_or_else(|| Fault::internal(format!("{} does not open with this root key", place_of(number))))
    }
}

impl Keyring {
    /// The keyring of a root key of 32 random bytes whose instance has no data key beside it, as far as is known.
    pub fn new(root: &[u8; 32]) -> Result<Self, Fault> {
        let kept = Kept::of(root, &[], Timestamp::from_seconds(0))?;
        Ok(Self(RwLock::new(Arc::new(kept))))
    }

    fn kept(&self) -> Arc<Kept> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, kept: Kept) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
    }

    /// Goes by what the database says of its data keys at a moment. Where one does not open, with a root key that is not the instance's any more, nothing is
    /// learned but which ones are retired.
    pub(crate) fn know(&self, wrapped: &[Wrapped], now: Timestamp) -> Result<(), Fault> {
        let before = self.kept();
        let known = Kept::of(&before.root.bytes, wrapped, now);
        if known.is_err() {
            let retired = |number| wrapped.iter().any(|one| one.number == number && one.is_retired);
            let live: Vec<_> = before.live.iter().filter(|one| !retired(one.number)).cloned().collect();
            if live.len() < before.live.len() {
                let root = Root::new(&before.root.bytes)?;
                self.keep(Kept { root, hashes: before.hashes.clone(), live });
            }
        }
        self.keep(known?);
        Ok(())
    }

    /// Takes the keys of another keyring in the place of its own.
    pub fn take(&self, other: &Self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other.kept();
    }

    /// A new data key, sealed by the root key.
    pub(crate) fn new_data_key(&self, entropy: &dyn Entropy, number: u32) -> Result<Vec<u8>, Fault> {
        let key = Zeroizing::new(model::entropy::bytes::<32>(entropy));
        self.kept().root.wrap(entropy, number, &key)
    }

    /// Data key 0 of an instance that never had another, sealed by another root key.
    pub(crate) fn first_data_key_for(&self, entropy: &dyn Entropy, root: &Self) -> Result<Vec<u8>, Fault> {
        root.kept().root.wrap(entropy, 0, &self.kept().root.bytes)
    }

    /// A data key sealed anew by another root key.
    pub(crate) fn rewrap(
        &self,
        entropy: &dyn Entropy,
        root: &Self,
        (number, sealed): (u32, &[u8]),
    ) -> Result<Vec<u8>, Fault> {
        let key = self.kept().root.unwrap(number, sealed)?;
        root.kept().root.wrap(entropy, number, &key)
    }

    /// Seals, with the root key itself, what [`Self::is_root_of`] recognises.
    pub(crate) fn seal_check(
        &self,
        entropy: &dyn Entropy,
        place: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        data_key::seal(&self.kept().root.check, entropy, &[FIRST], (place, plain))
    }

    /// Whether it was this root key that sealed a check value for this place.
    pub(crate) fn is_root_of(&self, place: &str, sealed: &[u8]) -> bool {
        let Some((&FIRST, rest)) = sealed.split_first() else { return false };
        data_key::open(&self.kept().root.check, place, rest).is_some()
    }

    /// The number of the data key in use.
    pub fn in_use(&self) -> u32 {
        self.kept().live.first().map_or(0, |one| one.number)
    }

    /// Seals `plain`; `place` names where it will stand (an id, a row).
    pub fn seal(
        &self,
        entropy: &dyn Entropy,
        purpose: Purpose,
        place: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let kept = self.kept();
        let Some(one) = kept.live.first() else { return Err(Fault::internal("there is no data key")) };
        data_key::seal(one.keys.sealer(purpose), entropy, &head_of(one.number), (place, plain))
    }

    /// Opens a private key that is kept at this place: that it does not open is nobody's input.
    pub(crate) fn open_signing_key(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.open(Purpose::SigningKey, place, sealed).ok_or_else(|| {
            Fault::internal(format!("the signing key {place} does not open with this root key"))
        })
    }

    /// Opens what [`Self::seal`] sealed for the same purpose and place; `None` for anything else, and for what a retired key sealed.
    pub fn open(&self, purpose: Purpose, place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (number, rest) = match sealed.split_first()? {
            (&FIRST, rest) => (0, rest),
            (&NUMBERED, rest) => {
                let (number, rest) = rest.split_first_chunk()?;
                (u32::from_be_bytes(*number), rest)
            }
            _ => return None,
        };
        let kept = self.kept();
        let one = kept.live.iter().find(|one| one.number == number)?;
        data_key::open(one.keys.sealer(purpose), place, rest)
    }

    /// The hash by which a token (256 random bits) is found: HMAC-SHA-256 under a key that the database does not hold.
    pub fn hash_token(&self, token: &str) -> [u8; 32] {
        mac(&self.kept().hashes, &[token])
    }

    /// The hash of parts by which a count of attempts is found.
    pub fn hash_parts(&self, parts: &[&str]) -> [u8; 32] {
        mac(&self.kept().hashes, parts)
    }

    /// By the key in use. Where none is left that is believed, by nothing that anybody believes.
    fn signed(&self, sign: impl Fn(&DataKeys) -> [u8; 32]) -> [u8; 32] {
        self.kept().live.first().map_or([0; 32], |one| sign(&one.keys))
    }

    /// What makes a bearer token of what it says: nobody without the key can say anything else.
    pub fn sign_bearer(&self, says: &str) -> [u8; 32] {
        self.signed(|keys| mac(&keys.bearers, &[says]))
    }

    /// Whether one of the keys made a bearer token of what it says: `is` compares one's signature with what was given, in constant time.
    pub fn signed_bearer(&self, says: &str, is: impl Fn(&[u8; 32]) -> bool) -> bool {
        self.kept().live.iter().any(|one| is(&mac(&one.keys.bearers, &[says])))
    }

    /// A value that only this server can make from `parts`: CSRF tokens, signed form state.
    pub fn sign_form(&self, parts: &[&str]) -> [u8; 32] {
        self.signed(|keys| mac(&keys.forms, parts))
    }

    /// Whether one of the keys made a value of `parts`, as [`Self::signed_bearer`] says it of tokens.
    pub fn signed_form(&self, parts: &[&str], is: impl Fn(&[u8; 32]) -> bool) -> bool {
        self.kept().live.iter().any(|one| is(&mac(&one.keys.forms, parts)))
    }
}

/// What begins a value that the data key of a number sealed.
pub(crate) fn head_of(number: u32) -> Vec<u8> {
    match number {
        0 => vec![FIRST],
        _ => [&[NUMBERED][..], &number.to_be_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use model::entropy::SeededEntropy;

    use super::*;

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_place() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        let sealed = keys.seal(&SeededEntropy::new(1), Purpose::AccessKey, "AKIA1", b"secret").unwrap();
        assert_eq!(keys.open(Purpose::AccessKey, "AKIA1", &sealed).unwrap().as_slice(), b"secret");
        assert!(keys.open(Purpose::AccessKey, "AKIA2", &sealed).is_none());
        assert!(keys.open(Purpose::SigningKey, "AKIA1", &sealed).is_none());
        assert!(Keyring::new(&[8; 32]).unwrap().open(Purpose::AccessKey, "AKIA1", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(keys.open(Purpose::AccessKey, "AKIA1", &altered).is_none(), "byte {at}");
        }
        assert!(keys.open(Purpose::AccessKey, "AKIA1", &sealed[..20]).is_none());
    }

    #[test]
    fn token_hashes_depend_on_the_root_key_and_on_where_parts_end() {
        let keys = Keyring::new(&[7; 32]).unwrap();
        assert_ne!(keys.hash_token("a"), Keyring::new(&[8; 32]).unwrap().hash_token("a"));
        assert_ne!(keys.sign_form(&["ab", "c"]), keys.sign_form(&["a", "bc"]));
        assert_ne!(keys.sign_bearer("a"), Keyring::new(&[8; 32]).unwrap().sign_bearer("a"));
        assert_ne!(
            keys.sign_bearer("a"),
            keys.hash_token("a"),
            "what the database keeps of a code signs nothing"
        );
        assert_ne!(keys.sign_bearer("a"), keys.sign_form(&["a"]));
    }

    /// What the database would say: number 0, and those that came after it, each in use from its number as a second on.
    fn wrapped(keys: &Keyring, numbers: u32, retired: &[u32]) -> Vec<Wrapped> {
        let entropy = SeededEntropy::new(5);
        (0..=numbers)
            .map(|number| Wrapped {
                number,
                sealed: match number {
                    0 => keys.first_data_key_for(&entropy, keys).unwrap(),
                    _ => keys.new_data_key(&entropy, number).unwrap(),
                },
                seals_from: Timestamp::from_seconds(number.into()),
                is_resealed: false,
                is_retired: retired.contains(&number),
            })
            .collect()
    }

    #[test]
    fn a_data_key_seals_from_its_time_on_and_opens_until_it_is_retired() {
        let (keys, entropy) = (Keyring::new(&[7; 32]).unwrap(), SeededEntropy::new(1));
        let mut known = wrapped(&keys, 2, &[]);
        let hash = keys.hash_token("a");
        let at = |second| Timestamp::from_seconds(second);
        let mut all = Vec::new();
        for second in 0..=2 {
            keys.know(&known, at(second)).unwrap();
            assert_eq!(i64::from(keys.in_use()), second);
            let sealed = keys.seal(&entropy, Purpose::Letter, "m", b"text").unwrap();
            all.push((sealed, keys.sign_bearer("says"), keys.sign_form(&["form"])));
            assert_eq!(keys.hash_token("a"), hash, "what is recognised is recognised for good");
        }
        // One that has heard of a key opens what another server seals with it already.
        keys.know(&known, at(0)).unwrap();
        let opens = |keys: &Keyring| -> Vec<bool> {
            let one = |(sealed, bearer, form): &(Vec<u8>, [u8; 32], [u8; 32])| {
                let opens = keys.open(Purpose::Letter, "m", sealed).is_some();
                assert_eq!(opens, keys.signed_bearer("says", |right| right == bearer));
                assert_eq!(opens, keys.signed_form(&["form"], |right| right == form));
                opens
            };
            all.iter().map(one).collect()
        };
        assert_eq!(opens(&keys), [true; 3]);
        known[0].is_retired = true;
        keys.know(&known, at(2)).unwrap();
        assert_eq!(opens(&keys), [false, true, true]);
        assert_eq!(keys.hash_token("a"), hash);
        // One that everything is sealed with is in use, however far behind a clock is.
        known[2].is_resealed = true;
        keys.know(&known, at(0)).unwrap();
        assert_eq!(keys.in_use(), 2);
        // A sealed value says with which key: under another number it opens nowhere.
        let mut other = all[1].0.clone();
        other[4] = 2;
        assert!(keys.open(Purpose::Letter, "m", &other).is_none());
    }

    #[test]
    fn another_root_key_seals_the_same_data_keys() {
        let (old, new) = (Keyring::new(&[7; 32]).unwrap(), Keyring::new(&[8; 32]).unwrap());
        let (entropy, now) = (SeededEntropy::new(1), Timestamp::from_seconds(9));
        let old_bearer = old.sign_bearer("a");
        let mut known = wrapped(&old, 1, &[]);
        old.know(&known, now).unwrap();
        let sealed = old.seal(&entropy, Purpose::AccessKey, "AKIA1", b"secret").unwrap();
        for one in &mut known {
            one.sealed = old.rewrap(&entropy, &new, (one.number, &one.sealed)).unwrap();
        }
        assert!(old.know(&known, now).is_err(), "with the former root key nothing new is learned");
        let retired = Keyring::new(&[7; 32]).unwrap();
        let all_but_last: Vec<_> =
            known.iter().map(|one| Wrapped { is_retired: one.number == 0, ..one.clone() }).collect();
        assert!(retired.know(&all_but_last, now).is_err());
        assert!(
            !retired.signed_bearer("a", |right| *right == old_bearer),
            "but what is retired is believed no more"
        );
        assert!(old.open(Purpose::AccessKey, "AKIA1", &sealed).is_some(), "and nothing known is lost");
        new.know(&known, now).unwrap();
        assert_eq!(new.open(Purpose::AccessKey, "AKIA1", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(new.hash_token("a"), old.hash_token("a"));
        let check = new.seal_check(&entropy, "i", b"portico").unwrap();
        assert!(new.is_root_of("i", &check) && !new.is_root_of("j", &check) && !old.is_root_of("i", &check));
        old.take(&new);
        old.know(&known, now).unwrap();
        assert!(old.open(Purpose::AccessKey, "AKIA1", &sealed).is_some());
    }
}
