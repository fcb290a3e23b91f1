//! Algorithms that a message would like: SHA-1 counts for nobody who was not allowed it, and no name makes a key another kind of key.

use saml::algorithm::Accepted;
use saml::assertion::Assertion;
use saml::error::Error;
use saml::verify::{verify, verify_accepting};

use crate::keys::Key;
use crate::messages::{NAME, between, signed};
use crate::tools::{RSA_SHA1, RSA_SHA256, SHA1, SHA256, signed_response};

/// A Response signed as a whole with such algorithms.
fn signed_with(key: &Key, algorithms: (&str, &str)) -> String {
    let message = signed(key);
    let signature = between(&message, "<ds:Signature", "</ds:Signature>").to_owned();
    signed_response(&message.replace(&signature, ""), key, algorithms)
}

#[test]
fn sha1_counts_by_permission_alone() {
    let key = Key::rsa();
    let keys = [key.public()];
    for (algorithms, named) in
        [((RSA_SHA1, SHA1), RSA_SHA1), ((RSA_SHA1, SHA256), RSA_SHA1), ((RSA_SHA256, SHA1), SHA1)]
    {
        let message = signed_with(&key, algorithms);
        let refused = Err(Error::Algorithm(named.to_owned()));
        assert_eq!(verify(&message, &keys), refused);
        assert_eq!(verify_accepting(&message, &keys, Accepted::with_sha1(false)), refused);
        let verified = verify_accepting(&message, &keys, Accepted::with_sha1(true)).unwrap();
        assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
        // Permission weakens nothing else.
        let altered = message.replace(NAME, "evil@example.com");
        assert!(verify_accepting(&altered, &keys, Accepted::with_sha1(true)).is_err());
        let other = [Key::rsa().public()];
        assert!(verify_accepting(&message, &other, Accepted::with_sha1(true)).is_err());
    }
}

#[test]
fn a_better_signature_is_not_taken_for_a_worse_one() {
    let key = Key::rsa();
    let message = signed(&key);
    for (from, to) in [(RSA_SHA256, RSA_SHA1), (SHA256, SHA1)] {
        assert!(message.contains(from));
        let refused =
            verify_accepting(&message.replace(from, to), &[key.public()], Accepted::with_sha1(true));
        assert_eq!(refused, Err(Error::Signature("no known key made it")), "{to}");
    }
}

/// The public key as the secret of an HMAC, an RSA key under a name of ECDSA and the other way about: the key decides, not the name.
#[test]
fn no_name_makes_a_key_of_another_kind() {
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    for (key, own) in [(Key::rsa(), "rsa-sha256"), (Key::p256(), "ecdsa-sha256")] {
        let message = signed(&key);
        let own = format!("{more}{own}");
        assert!(message.contains(&own));
        for other in ["rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384"] {
            let other = format!("{more}{other}");
            if other != own {
                let refused = verify(&message.replace(&own, &other), &[key.public()]);
                assert_eq!(refused, Err(Error::Signature("no known key made it")), "{own} as {other}");
            }
        }
        for unknown in ["hmac-sha256", "hmac-sha512", "rsa-md5", "ecdsa-sha1", ""] {
            let unknown = format!("{more}{unknown}");
            let refused = verify_accepting(
                &message.replace(&own, &unknown),
                &[key.public()],
                Accepted::with_sha1(true),
            );
            assert_eq!(refused, Err(Error::Algorithm(unknown)));
        }
        let hmac = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
        let refused =
            verify_accepting(&message.replace(&own, hmac), &[key.public()], Accepted::with_sha1(true));
        assert_eq!(refused, Err(Error::Algorithm(hmac.to_owned())));
    }
}
