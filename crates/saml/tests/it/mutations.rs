//! Pieces of a signed message cut out, doubled and moved: whatever is accepted says what the honest one says.

use std::sync::LazyLock;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::Index;
use saml::authn_request::AuthnRequest;
use saml::certificate::Certificate;
use saml::metadata::{IdpMetadata, SpMetadata};
use saml::verify::verify;

use crate::keys::Key;
use crate::messages::signed;

static HONEST: LazyLock<(Key, String)> = LazyLock::new(|| {
    let key = Key::p256();
    let message = signed(&key);
    (key, message)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn spliced_messages_say_the_same_or_nothing(
        at in any::<Index>(),
        cut in 0usize..400,
        from in any::<Index>(),
        copied in 0usize..1_500,
    ) {
        let (key, message) = &*HONEST;
        let text = message.as_bytes();
        let (start, source) = (at.index(text.len()), from.index(text.len()));
        let piece = &text[source..(source + copied).min(text.len())];
        let spliced = [&text[..start], piece, &text[(start + cut).min(text.len())..]].concat();
        if let Ok(spliced) = String::from_utf8(spliced)
            && let Ok(verified) = verify(&spliced, &[key.public()])
        {
            assert_eq!(verified, verify(message, &[key.public()]).unwrap());
        }
    }

    #[test]
    fn no_reader_panics(
        text in "[<>/=\"'&;#xml:a ]{0,200}",
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let key = &HONEST.0;
        assert!(verify(&text, &[key.public()]).is_err());
        assert!(AuthnRequest::read(&text).is_err());
        assert!(IdpMetadata::read(&text).is_err());
        assert!(SpMetadata::read(&text).is_err());
        assert!(Certificate::from_der(&bytes).is_err());
    }
}
