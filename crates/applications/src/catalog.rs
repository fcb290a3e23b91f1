//! Well-known applications: what ListApplicationProviders shows, and what an administrator need not look up. Each is a file of facts in `catalog/`, part of
//! the binary; a file that does not hold what `provider.rs` asks of it is not left out, it breaks all of them, and a test. Knows no application that
//! somebody registered, and nothing of them is applied by itself: whoever registers one copies what they want of it.

mod files;
mod pattern;
mod provider;

use std::sync::LazyLock;

use model::fault::Fault;

pub use pattern::{Pattern, Value, ValueKind};
pub use provider::{
    Attribute, AttributeFormat, NameId, NameIdFormat, OauthFacts, Protocol, Provider, SamlFacts, Source,
};

/// The providers that say nothing but the protocol; they are listed before all others.
const CUSTOM: [&str; 2] = ["custom", "custom-saml"];

static PROVIDERS: LazyLock<Result<Vec<Provider>, String>> = LazyLock::new(|| read(files::FILES));

/// The provider of a name, which is the last part of its ARN: `arn:aws:sso::aws:applicationProvider/NAME`.
///
/// # Errors
///
/// [`Fault::internal`] where the catalog of this binary does not hold, which a test rules out.
pub fn find(name: &str) -> Result<Option<&'static Provider>, Fault> {
    Ok(all()?.iter().find(|provider| provider.name == name))
}

/// At most `size` providers that come after the one of a name, in the order in which all are listed: `custom`, `custom-saml`, then by name. A name that the
/// catalog does not have, or has no longer, is a place in this order all the same. Whoever must know whether more follow asks for one more.
///
/// # Errors
///
/// As [`find`].
pub fn page(after: Option<&str>, size: usize) -> Result<&'static [Provider], Fault> {
    let all = all()?;
    let from = after.map_or(0, |name| all.partition_point(|provider| place(&provider.name) <= place(name)));
    Ok(all.get(from..from.saturating_add(size).min(all.len())).unwrap_or_default())
}

/// A provider that a search finds, and its place among those that it finds.
#[derive(Debug, Clone)]
pub struct Found {
    /// The provider.
    pub provider: &'static Provider,
    /// Its place: a text that comes after those of all before it.
    pub place: String,
}

/// The providers in whose name, display name, description or protocol every word of the text stands, in whatever case: first those whose display name begins with
/// the text, then the others, each in the order of [`page`].
///
/// # Errors
///
/// As [`find`].
pub fn search(text: &str) -> Result<Vec<Found>, Fault> {
    let text = text.trim().to_lowercase();
    let found = all()?.iter().filter(|provider| provider.says(&text)).map(|provider| {
        let is_behind = u8::from(!provider.display_name.to_lowercase().starts_with(&text));
        let (custom, name) = place(&provider.name);
        Found { provider, place: format!("{is_behind}{custom}{name}") }
    });
    let mut found: Vec<Found> = found.collect();
    found.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(found)
}

fn all() -> Result<&'static [Provider], Fault> {
    PROVIDERS.as_deref().map_err(Fault::internal)
}

/// Reads files of facts, each under its name, into the order in which they are listed.
fn read(files: &[(&str, &str)]) -> Result<Vec<Provider>, String> {
    let mut providers = Vec::with_capacity(files.len());
    for (name, text) in files {
        let provider = Provider::read(name, text).map_err(|why| format!("catalog/{name}.json: {why}"))?;
        providers.push(provider);
    }
    providers.sort_by(|one, other| place(&one.name).cmp(&place(&other.name)));
    if let Some([twice, _]) = providers.array_windows().find(|[one, other]| one.name == other.name) {
        return Err(format!("{} is there twice", twice.name));
    }
    Ok(providers)
}

fn place(name: &str) -> (usize, &str) {
    (CUSTOM.iter().position(|custom| *custom == name).unwrap_or(CUSTOM.len()), name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::read;

    /// A file that holds everything that is asked of one.
    fn good() -> Value {
        json!({
            "name": "wiki", "displayName": "Wiki", "description": "Pages.", "protocol": "SAML",
            "values": [
                { "name": "host", "kind": "host", "meaning": "The host.", "example": "wiki.example.com:8443" },
                { "name": "id", "kind": "id", "meaning": "The id.", "example": "7f" },
            ],
            "saml": {
                "acsUrls": ["https://{host}/saml/{id}"], "audience": "urn:wiki:{id}",
                "nameId": { "format": "persistent", "value": "${user:userId}" },
                "attributes": [{ "name": "mail", "format": "basic", "value": "${user:email}" }],
            },
            "sources": [{ "title": "Wiki: sign-in", "url": "https://wiki.example.com/docs", "of": "2.1" }],
        })
    }

    fn with(at: &str, value: Value) -> Value {
        let mut changed = good();
        let (parent, name) = at.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).and_then(Value::as_object_mut).unwrap().insert(name.to_owned(), value);
        changed
    }

    fn refused(file: &Value) -> String {
        read(&[("wiki", &file.to_string())]).unwrap_err()
    }

    #[test]
    fn what_is_asked_of_a_file_is_all_that_stands_in_it() {
        assert_eq!(read(&[("wiki", &good().to_string())]).unwrap().len(), 1);
        for (at, value, why) in [
            ("/name", json!("wiki2"), "is named wiki2"),
            ("/displayName", json!(""), "displayName has not 1 to 100 characters"),
            ("/description", json!("Pages"), "description is not a sentence of at most 128 characters"),
            ("/description", json!(format!("{}.", "a".repeat(128))), "description is not a sentence"),
            ("/hint", json!("none"), "hint is not a sentence of at most 240 characters"),
            ("/color", json!("red"), "unknown field `color`"),
            ("/protocol", json!("OAUTH"), "does not say the facts of its protocol, and no others"),
            ("/protocol", json!("LDAP"), "unknown variant `LDAP`"),
            ("/sources", json!([]), "has no source"),
            ("/sources", json!([{ "title": "W", "url": "http://w.example" }]), "or no https address"),
            ("/saml", Value::Null, "does not say the facts of its protocol"),
            ("/saml/acsUrls", json!([]), "has no ACS URL"),
            ("/saml/acsUrl", json!("https://w.example"), "unknown field `acsUrl`"),
            ("/saml/audience", json!(""), "audience: : is empty"),
            ("/saml/audience", json!("{realm}"), "realm is not among the values"),
            ("/saml/audience", json!("{Host}"), "{Host} is not the name of a value"),
            ("/saml/audience", json!("a{host"), "a brace without its other one"),
            ("/saml/audience", json!("a}"), "a brace without its other one"),
            ("/saml/nameId/format", json!("kerberos"), "unknown variant `kerberos`"),
            ("/saml/startUrl", json!("http://wiki.example.com"), "is not https with a host"),
            ("/saml/startUrl", json!("/start"), "is no address"),
            ("/saml/startUrl", json!("https://a@wiki.example.com"), "is not https with a host"),
            ("/saml/startUrl", json!("https:///start"), "is not https with a host"),
            ("/saml/startUrl", json!("https://wiki.example.com/#top"), "has a blank or a fragment"),
            ("/saml/startUrl", json!("wiki://start"), "is not https with a host"),
            ("/saml/startUrl", json!("https://{id}.example.com"), "id could change the host"),
            ("/saml/startUrl", json!("https://{host}.example.com"), "host could change the host"),
        ] {
            let said = refused(&with(at, value.clone()));
            assert!(said.starts_with("catalog/wiki.json: ") && said.contains(why), "{at} {value}: {said}");
        }
    }

    #[test]
    fn a_value_has_a_name_a_meaning_an_example_and_a_use() {
        let value = |name: &str, kind: &str, example: &str| json!({ "name": name, "kind": kind, "meaning": "It.", "example": example });
        let (host, id) = (value("host", "host", "w.example"), value("id", "id", "7f"));
        for (values, why) in [
            (json!([host, id, value("id", "id", "8f")]), "id is no name of a value, or is there twice"),
            (json!([host, id, value("Id", "id", "8f")]), "Id is no name of a value"),
            (json!([host, id, value("more", "id", "8f")]), "more is asked for and never used"),
            (json!([host, value("id", "id", "a/b")]), "an example that is not of its kind"),
            (json!([host, value("id", "id", "..")]), "an example that is not of its kind"),
            (json!([value("host", "host", "w.example:0"), id]), "an example that is not of its kind"),
            (json!([value("host", "host", "w.example:+1"), id]), "an example that is not of its kind"),
            (json!([value("host", "domain", "w.example:443"), id]), "an example that is not of its kind"),
            (json!([value("host", "label", "w.example"), id]), "an example that is not of its kind"),
            (json!([value("host", "port", "1"), id]), "unknown variant `port`"),
        ] {
            let said = refused(&with("/values", values.clone()));
            assert!(said.contains(why), "{values}: {said}");
        }
    }

    #[test]
    fn one_broken_file_is_not_left_out_in_silence() {
        let (good, broken) = (good().to_string(), with("/sources", json!([])).to_string());
        assert_eq!(
            read(&[("wiki", &good), ("wiki", &broken)]).unwrap_err(),
            "catalog/wiki.json: has no source"
        );
        assert_eq!(read(&[("wiki", &good), ("wiki", &good)]).unwrap_err(), "wiki is there twice");
    }

    #[test]
    fn programs_on_the_own_machine_are_called_back_as_they_listen() {
        let client = |uri: &str| {
            let mut file = good();
            let object = file.as_object_mut().unwrap();
            object.remove("saml");
            object.insert("protocol".into(), json!("OAUTH"));
            object.insert("values".into(), json!([]));
            object.insert("oauth".into(), json!({ "redirectUris": [uri], "scopes": ["openid"] }));
            read(&[("wiki", &file.to_string())]).map(|_| ())
        };
        for uri in [
            "http://localhost:8000",
            "http://127.0.0.1:8250/cb",
            "wiki://callback",
            "https://wiki.example.com/cb",
        ] {
            assert_eq!(client(uri), Ok(()), "{uri}");
        }
        for uri in [
            "http://wiki.example.com/cb",
            "javascript:alert",
            "data:text",
            "file://localhost/x",
            "://x",
            "wiki:",
        ] {
            assert!(client(uri).is_err(), "{uri}");
        }
    }
}
