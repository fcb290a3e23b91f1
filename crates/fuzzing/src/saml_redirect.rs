//! SAML messages in query strings. Any text is read without a panic, and what is read is what is written of it. A signed query string is altered,
//! and whatever still verifies says what was signed. Input: a query string; or `#` and choices, which say what is cut out, doubled, moved and changed.

use std::sync::LazyLock;

use saml::algorithm::Accepted;
use saml::certificate::Certificate;
use saml::key::PublicKey;
use saml::redirect::{Outgoing, Received};

use crate::saml_messages::altered;

/// A signed query string, and what may verify it.
struct Honest {
    query: &'static str,
    received: Received,
    keys: Vec<PublicKey>,
}

static HONEST: LazyLock<Vec<Honest>> = LazyLock::new(|| {
    let files = [
        (
            include_str!("../../saml/tests/it/fixtures/pysaml2-authn-request.url"),
            include_str!("../../saml/tests/it/fixtures/sp.pem"),
        ),
        (
            include_str!("../../saml/tests/it/fixtures/pysaml2-logout-request.url"),
            include_str!("../../saml/tests/it/fixtures/idp.pem"),
        ),
    ];
    let all = files.into_iter().filter_map(|(url, pem)| {
        let (_, query) = url.trim().split_once('?')?;
        let keys = vec![Certificate::from_pem(pem).ok()?.public_key().clone()];
        let received = Received::read(query).ok()?;
        received.verify(&keys, Accepted::default()).ok()?;
        Some(Honest { query, received, keys })
    });
    let all: Vec<Honest> = all.collect();
    assert_eq!(all.len(), files.len(), "the honest query strings verify");
    all
});

pub(crate) fn run(bytes: &[u8]) {
    let query = match bytes.strip_prefix(b"#") {
        Some(choices) => altered(choices, &HONEST.iter().map(|honest| honest.query).collect::<Vec<_>>()),
        None => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let Some(query) = query else { return };
    let Ok(received) = Received::read(&query) else { return };
    written_again(&received);
    for honest in &*HONEST {
        if received.verify(&honest.keys, Accepted::with_sha1(true)).is_ok() {
            let meaning = |received: &Received| {
                (
                    received.parameter(),
                    received.message().to_owned(),
                    received.relay_state().map(str::to_owned),
                )
            };
            assert_eq!(meaning(&received), meaning(&honest.received), "other words under the same signature");
        }
    }
}

/// What was read, sent on: it arrives. A RelayState may be longer than the one that is written.
fn written_again(received: &Received) {
    let outgoing = Outgoing {
        location: "https://idp.example/?a=1",
        parameter: received.parameter(),
        message: received.message(),
        relay_state: received.relay_state().filter(|state| state.len() <= 80),
    };
    let Ok(url) = outgoing.url() else { return };
    let again = url.split_once('?').map(|(_, query)| Received::read(query));
    let Some(Ok(again)) = again else {
        assert!(url.len() > 200_000, "written and not read: {url}");
        return;
    };
    assert_eq!(again.message(), received.message());
    assert_eq!(again.relay_state(), outgoing.relay_state);
}
