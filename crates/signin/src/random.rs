//! Values that only their holder knows: 256 random bits as base64url text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::entropy::bytes;
use model::secret::Secret;

/// A new token, code, cookie or client secret.
pub(crate) fn token(cx: &Cx) -> Secret {
    Secret::new(text(&bytes::<32>(cx.entropy())))
}

/// So many groups of four of 31 letters and digits that can be read over a telephone: five bits less a bit for each.
pub(crate) fn readable(cx: &Cx, groups: usize) -> Secret {
    const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let wanted = groups * 4;
    let (mut text, mut letters) = (String::new(), 0_usize);
    while letters < wanted {
        // Of 256 values the last eight would favour some letters.
        let fair = bytes::<32>(cx.entropy()).into_iter().filter(|byte| *byte < 248);
        for byte in fair.take(wanted - letters) {
            if letters > 0 && letters.is_multiple_of(4) {
                text.push('-');
            }
            text.push(char::from(ALPHABET.get(usize::from(byte % 31)).copied().unwrap_or(b'a')));
            letters += 1;
        }
    }
    Secret::new(text)
}

/// Base64url without padding.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
