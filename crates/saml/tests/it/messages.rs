//! A message of a test.

use saml::sign::{self, Attribute, NewAssertion};
use time::macros::datetime;

use crate::keys::Key;

/// A name with everything that XML must escape.
pub(crate) const NAME: &str = "jane.doe@example.com";
pub(crate) const AUDIENCE: &str = "https://sp.example/saml?a=1&b=2";
pub(crate) const RECIPIENT: &str = "https://sp.example/acs";

const ATTRIBUTES: &[Attribute<'_>] = &[
    Attribute::new("https://attributes.example/Title", &["<R&D> \"lead\"\r\n\u{10348}", "second"]),
    Attribute::new("empty", &[""]),
];

/// What the identity provider says of Jane.
pub(crate) fn jane() -> NewAssertion<'static> {
    NewAssertion {
        id: "_a1",
        issuer: "https://idp.example/saml",
        name_id: NAME,
        name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        audience: AUDIENCE,
        recipient: RECIPIENT,
        in_response_to: Some("_q1"),
        issued_at: datetime!(2026-11-24 08:00 UTC),
        authn_instant: None,
        authn_context_class: None,
        session_index: None,
        not_before: datetime!(2026-11-24 07:59 UTC),
        not_on_or_after: datetime!(2026-11-24 08:05 UTC),
        session_not_on_or_after: Some(datetime!(2026-11-24 16:00 UTC)),
        attributes: ATTRIBUTES,
    }
}

/// A Response with that assertion, signed.
pub(crate) fn signed(key: &Key) -> String {
    sign::response("_r1", &jane(), &key.signing()).unwrap()
}

/// The same with the signature removed, under another ID and about somebody else.
pub(crate) fn forged_assertion(message: &str) -> String {
    let assertion = between(message, "<saml:Assertion", "</saml:Assertion>");
    let signature = between(assertion, "<ds:Signature", "</ds:Signature>");
    assertion.replace(signature, "").replace(NAME, "evil@example.com").replace("_a1", "_evil")
}

/// The part of a text from `start` to the first `end` after it, both included.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap();
    let to = text.get(from..).unwrap().find(end).unwrap();
    text.get(from..from + to + end.len()).unwrap()
}
