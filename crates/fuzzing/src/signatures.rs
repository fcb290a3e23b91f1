//! Signatures. Any text is parsed and judged without a panic. A request that was signed right is altered, and whatever still verifies means what was
//! signed. Input: the text of a request; or `#` and choices, which say what is altered.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use sigv4::keys::SigningKeys;
use sigv4::presented::{Expected, Presented};

use crate::requests::Plain;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20261124T080000Z";
/// The same in seconds since the epoch.
const NOW: i64 = 1_795_507_200;
/// What the honest requests sign.
const SIGNED: &[&str] = &["content-type", "host", "x-amz-date", "x-amz-target"];

static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);

/// Honest requests, signed in a header and in the query.
static HONEST: LazyLock<Vec<Plain>> = LazyLock::new(|| {
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", "127.0.0.1:8765"),
        ("x-amz-date", DATE),
        ("x-amz-target", "SWBExternalService.DescribePermissionSet"),
    ];
    let plain = Plain {
        method: "POST".to_owned(),
        path: "/a/b".to_owned(),
        query: "a=1&b=%2F".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: r#"{"PermissionSetArn":"arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"}"#.to_owned(),
    };
    let all = [false, true].map(|presigned| {
        let mut signed = plain.clone();
        signed.sign(SECRET, DATE, presigned);
        assert!(verifies(&signed), "an honest request verifies: {signed:?}");
        signed
    });
    all.into()
});

fn verifies(plain: &Plain) -> bool {
    plain.with(|request| {
        let expected =
            Expected { now: NOW, skew: 300, presigned: None, regions: &["us-east-1"], service: "sso" };
        Presented::parse(request, expected)
            .is_ok_and(|presented| presented.verify(plain.body.as_bytes(), SECRET, &KEYS).is_ok())
    })
}

pub(crate) fn run(bytes: &[u8]) {
    if let Some(choices) = bytes.strip_prefix(b"#") {
        altered(choices);
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    let Some(plain) = Plain::parse(&text) else { return };
    let is_honest = || HONEST.iter().any(|honest| honest.meaning(SIGNED) == plain.meaning(SIGNED));
    assert!(!verifies(&plain) || is_honest(), "a signature that nobody made: {plain:?}");
}

fn altered(choices: &[u8]) {
    let mut from = Unstructured::new(choices);
    let Ok(honest) = from.choose(&HONEST) else { return };
    let mut text = honest.text().into_bytes();
    while !from.is_empty() {
        let Ok((at, byte, how)) = from.arbitrary::<(u16, u8, u8)>() else { break };
        let at = usize::from(at) % text.len();
        match how % 4 {
            0 => text.insert(at, byte),
            1 => drop(text.remove(at)),
            2 => text.insert(at, *text.get(usize::from(byte)).unwrap_or(&byte)),
            _ => text.splice(at..=at, [byte]).for_each(drop),
        }
        if text.is_empty() {
            return;
        }
    }
    let Some(plain) = std::str::from_utf8(&text).ok().and_then(Plain::parse) else { return };
    if verifies(&plain) {
        assert_eq!(plain.meaning(SIGNED), honest.meaning(SIGNED), "altered and still verified");
    }
}
