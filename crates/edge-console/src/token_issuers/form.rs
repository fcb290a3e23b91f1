//! What is decided of a trusted token issuer, as its forms have it.

use serde_json::{Value, json};

use crate::field::Spec;
use crate::fields::Fields;
use crate::sheet::{Blank, Choice, word};

/// By which of a person's attributes a token names them.
pub(crate) const ATTRIBUTE: Choice = Choice {
    name: "attribute",
    label: "issuer-attribute",
    options: &[
        ("userName", "issuer-by-user-name"),
        ("emails.value", "issuer-by-email"),
        ("externalId", "issuer-by-external-id"),
        ("externalIds.id", "issuer-by-external-ids"),
    ],
};

const fn spec(name: &'static str, label: &'static str, named: &'static str, kind: &'static str) -> Spec {
    Spec { name, label, named, required: true, kind }
}

/// The form for a new one.
pub(crate) const NEW: Blank = Blank {
    specs: &[
        spec("name", "issuer-name", "name", "text"),
        spec("url", "issuer-url", "issuerurl", "url"),
        spec("claim", "issuer-claim", "claimattributepath", "text"),
    ],
    boxes: &[],
    choices: &[ATTRIBUTE],
};

/// The form for one that is there: which issuer it is never changes.
pub(crate) const KNOWN: Blank = Blank {
    specs: &[
        spec("name", "issuer-name", "name", "text"),
        spec("claim", "issuer-claim", "claimattributepath", "text"),
    ],
    boxes: &[],
    choices: &[ATTRIBUTE],
};

/// What the operations take, of what was typed; the address with a new one alone.
pub(crate) fn configuration(typed: &Fields) -> Value {
    let mut told = json!({
        "ClaimAttributePath": typed.text("claim"), "IdentityStoreAttributePath": word(&ATTRIBUTE, typed),
        "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
    });
    if typed.has("url") {
        told["IssuerUrl"] = typed.text("url").into();
    }
    json!({ "OidcJwtConfiguration": told })
}
