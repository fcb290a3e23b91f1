//! Forms that only our own pages can send: each holds a token bound to the visitor's cookie, and a browser that says where a form comes
//! from must say that it comes from here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use store::sealing::Keyring;
use subtle::ConstantTimeEq as _;

/// Bytes of a form at most.
pub const FORM_MAX: usize = 16_384;
/// What a form's token signs beside the cookie.
const CSRF: &str = "csrf";

/// A text as it stands in the query of an address.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The token of a form for the visitor whose cookie holds `cookie`.
pub(crate) fn token(keyring: &Keyring, cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyring.sign_form(&[CSRF, cookie]))
}

/// Whether a form came from one of our pages, opened by the visitor whose cookie holds `cookie`.
pub(crate) fn is_ours(
    keyring: &Keyring,
    cookie: &str,
    given: Option<&str>,
    headers: &HeaderMap,
    origin: &str,
) -> bool {
    let given = given.unwrap_or_default();
    let is_it =
        |right: &[u8; 32]| bool::from(URL_SAFE_NO_PAD.encode(right).as_bytes().ct_eq(given.as_bytes()));
    keyring.signed_form(&[CSRF, cookie], is_it) && comes_from(headers, origin)
}

/// What the browser says of where the form comes from. A browser that says nothing is judged by the token alone.
fn comes_from(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    // A referrer policy of no-referrer makes browsers send the Origin of forms as null.
    let from = text(header::ORIGIN.as_str()).is_none_or(|from| from == origin || from == "null");
    site && from
}

/// Whether the browser says, and not only does not deny, that a form comes from a page of ours.
pub fn is_surely_ours(headers: &HeaderMap, origin: &str) -> bool {
    let said = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
        || headers.get(header::ORIGIN).is_some_and(|from| from == origin);
    said && comes_from(headers, origin)
}

/// Whether the browser says that another site led it here.
pub(crate) fn linked_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

/// The decoded pairs of a query string or form; `None` when it is too large or not text: U+0000 PostgreSQL keeps in none.
pub fn pairs(text: &[u8]) -> Option<Vec<(String, String)>> {
    pairs_within(text, FORM_MAX)
}

/// [`pairs`] of a form that may be larger.
pub fn pairs_within(text: &[u8], max: usize) -> Option<Vec<(String, String)>> {
    if text.len() > max {
        return None;
    }
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let text = percent_decode(&spaced).decode_utf8().ok()?;
        (!text.contains('\0')).then(|| text.into_owned())
    };
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            Some((decode(halves.next().unwrap_or_default())?, decode(halves.next().unwrap_or_default())?))
        })
        .collect()
}

/// The value of a field; a field given twice has none.
pub fn field<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let mut values = pairs.iter().filter(|(key, _)| key == name);
    let first = values.next();
    if values.next().is_some() {
        return None;
    }
    first.map(|(_, value)| value.as_str())
}
