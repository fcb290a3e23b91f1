//! What is decided of an application that speaks SAML as a form has it: addresses and certificates one after another, what it is told a line each.

use edge_portal::words::language::Language;
use serde_json::{Value, json};

use crate::field::Spec;
use crate::fields::Fields;
use crate::lines::{filled, halves, is_carried, lines, number, text, texts, typed_number, without_nulls};
use crate::sheet::{Blank, Choice, Sheet, word};

const fn spec(name: &'static str, label: &'static str, named: &'static str, kind: &'static str) -> Spec {
    Spec { name, label, named, required: false, kind }
}

const SUBJECT: Choice = Choice {
    name: "subject_format",
    label: "app-saml-subject-format",
    options: &[
        ("UNSPECIFIED", "app-saml-unspecified"),
        ("EMAIL_ADDRESS", "app-saml-email"),
        ("PERSISTENT", "app-saml-persistent"),
        ("TRANSIENT", "app-saml-transient"),
    ],
};
const CONTENT: Choice = Choice {
    name: "content_algorithm",
    label: "app-saml-content-algorithm",
    options: &[
        ("AES256_GCM", "app-saml-aes256-gcm"),
        ("AES128_GCM", "app-saml-aes128-gcm"),
        ("AES256_CBC", "app-saml-aes256-cbc"),
        ("AES128_CBC", "app-saml-aes128-cbc"),
    ],
};
const KEY: Choice = Choice {
    name: "key_algorithm",
    label: "app-saml-key-algorithm",
    options: &[("RSA_OAEP_MGF1P", "app-saml-oaep-sha1"), ("RSA_OAEP_SHA256", "app-saml-oaep-sha256")],
};
const BINDING: Choice = Choice {
    name: "logout_binding",
    label: "app-saml-logout-binding",
    options: &[("HTTP_REDIRECT", "app-saml-redirect"), ("HTTP_POST", "app-saml-post")],
};

/// Boxes: their names in the form and in the API.
const BOXES: [(&str, &str); 3] = [
    ("sign_responses", "SignResponses"),
    ("require_signed", "RequireSignedRequests"),
    ("allow_sha1", "AllowSha1"),
];

/// The box that has SHA-1 sign, and the one that agrees to that.
const SIGN_SHA1: &str = "sign_sha1";
const AGREE_SHA1: &str = "agree_sha1";

/// The form.
pub(crate) const BLANK: Blank = Blank {
    specs: &[
        Spec {
            name: "audience",
            label: "app-saml-audience",
            named: "audience",
            required: true,
            kind: "text",
        },
        Spec {
            name: "consumers",
            label: "app-saml-consumers",
            named: "assertionconsumerservices",
            required: true,
            kind: "textarea",
        },
        spec("subject_value", "app-saml-subject-value", "subject.value", "text"),
        spec("attributes", "app-saml-attributes", "attributemappings", "textarea"),
        spec("relay_state", "app-saml-relay-state", "relaystate", "text"),
        spec("session_minutes", "app-saml-session", "sessiondurationminutes", "number"),
        spec("request_certificates", "app-saml-request-certificates", "requestcertificates", "textarea"),
        spec("encryption", "app-saml-encryption", "encryption", "textarea"),
        spec("logout_url", "app-saml-logout-url", "singlelogoutservice", "url"),
        spec("logout_answer", "app-saml-logout-answer", "responseurl", "url"),
    ],
    boxes: &["sign_responses", "require_signed", "allow_sha1", SIGN_SHA1, AGREE_SHA1],
    choices: &[SUBJECT, CONTENT, KEY, BINDING],
};

/// What is in force, or would be: what GetApplicationSamlConfiguration answers of it.
pub(crate) fn of(language: Language, now: &Value) -> Sheet {
    let (encryption, logout) = (&now["Encryption"], &now["SingleLogoutService"]);
    let mut pairs = vec![
        ("audience", text(now, "Audience")),
        ("consumers", consumers(&now["AssertionConsumerServices"])),
        ("subject_format", text(&now["Subject"], "Format")),
        ("subject_value", text(&now["Subject"], "Value")),
        ("attributes", lines(&now["AttributeMappings"], attribute)),
        ("relay_state", text(now, "RelayState")),
        ("session_minutes", number(now, "SessionDurationMinutes")),
        ("request_certificates", texts(&now["RequestCertificates"])),
        ("encryption", text(encryption, "Certificate")),
        ("content_algorithm", text(encryption, "ContentAlgorithm")),
        ("key_algorithm", text(encryption, "KeyAlgorithm")),
        ("logout_url", text(logout, "Url")),
        ("logout_answer", text(logout, "ResponseUrl")),
        ("logout_binding", text(logout, "Binding")),
    ];
    let is = |member: &str| now[member].as_bool().unwrap_or_default();
    pairs.extend(
        BOXES.map(|(name, member)| (name, if is(member) { "yes".to_owned() } else { String::new() })),
    );
    pairs.push((SIGN_SHA1, if now["SigningDigest"] == "SHA1" { "yes".to_owned() } else { String::new() }));
    Sheet::of(language, &BLANK, &pairs)
}

/// Whether whoever typed it agrees to SHA-1: a member of the call, and of nothing that is kept.
pub(crate) fn agreement(typed: &Fields) -> Option<bool> {
    typed.is_ticked(AGREE_SHA1).then_some(true)
}

/// The addresses, a line each: by which number a request may name one stands behind it, where that is not its place.
fn consumers(list: &Value) -> String {
    let all = list.as_array().into_iter().flatten().enumerate();
    let line = |(at, one): (usize, &Value)| {
        let url = text(one, "Url");
        let index = one["Index"].as_u64().filter(|index| usize::try_from(*index) != Ok(at));
        index.map_or(url.clone(), |index| format!("{url} {index}"))
    };
    all.map(line).collect::<Vec<_>>().join("\n")
}

/// `mail = ${user:email}`; what kind of name it is in brackets, where it is of one: `mail [BASIC] = ${user:email}`.
fn attribute(one: &Value) -> String {
    let kind = text(one, "Format");
    let kind = if kind.is_empty() || kind == "UNSPECIFIED" { String::new() } else { format!(" [{kind}]") };
    format!("{}{kind} = {}", text(one, "Name"), text(one, "Value"))
}

/// Such lines as the operation takes them.
fn attributes(text: &str) -> Vec<Value> {
    let attributes = halves(text).map(|(name, value)| {
        let bracketed = name.strip_suffix(']').and_then(|name| name.rsplit_once(" ["));
        let (name, kind) = bracketed.unwrap_or((name, "UNSPECIFIED"));
        json!({ "Name": name.trim(), "Value": value, "Format": kind })
    });
    attributes.collect()
}

/// What of it the form cannot carry: whoever saves the form would change that.
pub(crate) fn uncarried(now: &Value) -> Option<&'static str> {
    let is_carried = is_carried(&now["AttributeMappings"], attribute, attributes);
    (!is_carried).then_some("AttributeMappings")
}

/// What the operation takes, of what was typed.
pub(crate) fn configuration(typed: &Fields) -> Value {
    let consumers = filled(typed.whole("consumers")).enumerate().map(|(at, line)| {
        let numbered =
            line.rsplit_once(' ').and_then(|(url, index)| Some((url.trim(), index.parse::<u64>().ok()?)));
        match numbered {
            Some((url, index)) => json!({ "Url": url, "Index": index }),
            None => json!({ "Url": line, "Index": at }),
        }
    });
    let encryption = typed.some("encryption").map(|certificate| {
        json!({
            "Certificate": ended(certificate), "ContentAlgorithm": word(&CONTENT, typed),
            "KeyAlgorithm": word(&KEY, typed),
        })
    });
    let logout = typed.some("logout_url").map(|url| {
        json!({
            "Url": url, "ResponseUrl": typed.some("logout_answer"), "Binding": word(&BINDING, typed),
        })
    });
    let mut all = json!({
        "Audience": typed.text("audience"),
        "AssertionConsumerServices": consumers.collect::<Vec<_>>(),
        "Subject": { "Format": word(&SUBJECT, typed), "Value": typed.some("subject_value") },
        "AttributeMappings": attributes(typed.whole("attributes")),
        "RelayState": typed.some("relay_state"),
        "SessionDurationMinutes": typed_number(typed.text("session_minutes")),
        "RequestCertificates": certificates(typed.whole("request_certificates")),
        "Encryption": encryption,
        "SingleLogoutService": logout,
    });
    for (name, member) in BOXES {
        all[member] = Value::from(typed.is_ticked(name));
    }
    all["SigningDigest"] = if typed.is_ticked(SIGN_SHA1) { "SHA1" } else { "SHA256" }.into();
    without_nulls(all)
}

/// The certificates of a text, one after another.
fn certificates(text: &str) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let parts = text.split_inclusive(END).map(str::trim).filter(|part| !part.is_empty());
    parts.map(ended).collect()
}

fn ended(pem: &str) -> String {
    format!("{}\n", pem.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn what_a_line_cannot_carry_is_found() {
        let of = |name: &str, value: &str| json!({"AttributeMappings": [{"Name": name, "Value": value, "Format": "URI"}]});
        assert_eq!(uncarried(&Value::Null), None);
        assert_eq!(uncarried(&of("urn:x=y", "a = ${user:subject}")), None);
        for (name, value) in [("a = b", "x"), ("a", "x\ny"), ("a", "x\ry"), ("a", " x")] {
            assert_eq!(uncarried(&of(name, value)), Some("AttributeMappings"), "{name} {value}");
        }
    }

    #[test]
    fn what_is_in_force_is_what_is_sent_again() {
        let now = json!({
            "Audience": "urn:wiki",
            "AssertionConsumerServices": [{"Url": "https://w.example/a", "Index": 0}, {"Url": "https://w.example/b", "Index": 7}],
            "Subject": {"Format": "EMAIL_ADDRESS", "Value": "${user:email}"},
            "AttributeMappings": [
                {"Name": "https://w.example/claims/name=x", "Value": "${user:name}", "Format": "URI"},
                {"Name": "groups", "Value": "a = ${user:groupNames}", "Format": "UNSPECIFIED"},
            ],
            "RelayState": "home", "SessionDurationMinutes": 60, "SignResponses": true,
            "Encryption": {"Certificate": PEM, "ContentAlgorithm": "AES128_CBC", "KeyAlgorithm": "RSA_OAEP_SHA256"},
            "RequireSignedRequests": true, "RequestCertificates": [PEM, PEM], "AllowSha1": false, "SigningDigest": "SHA1",
            "SingleLogoutService": {"Url": "https://w.example/out", "ResponseUrl": "https://w.example/back", "Binding": "HTTP_POST"},
        });
        let form = of(Language::English, &now);
        let sent = typed(&form);
        assert_eq!(configuration(&Fields::of(sent.iter().map(|(name, value)| (*name, value.as_str())))), now);
    }

    fn typed(form: &Sheet) -> Vec<(&'static str, String)> {
        let texts =
            BLANK.specs.iter().filter_map(|spec| Some((spec.name, form.field(spec.name)?.value.clone())));
        let words = BLANK.choices.iter().filter_map(|choice| {
            let options = &form.choice(choice.name)?.options;
            options.iter().find(|(.., is_it)| *is_it).map(|(word, ..)| (choice.name, (*word).to_owned()))
        });
        let boxes = BLANK.boxes.iter().filter(|name| form.has(name)).map(|name| (*name, "yes".to_owned()));
        texts.chain(words).chain(boxes).collect()
    }

    #[test]
    fn little_that_is_typed_is_little_that_is_sent() {
        let typed = Fields::of([
            ("audience", "urn:x"),
            ("consumers", "https://w.example/a\r\n"),
            ("session_minutes", "soon"),
        ]);
        assert_eq!(
            configuration(&typed),
            json!({
                "Audience": "urn:x", "AssertionConsumerServices": [{"Url": "https://w.example/a", "Index": 0}],
                "Subject": {"Format": "UNSPECIFIED"}, "AttributeMappings": [], "SessionDurationMinutes": "soon",
                "RequestCertificates": [], "SignResponses": false, "RequireSignedRequests": false, "AllowSha1": false,
                "SigningDigest": "SHA256",
            })
        );
    }
}
