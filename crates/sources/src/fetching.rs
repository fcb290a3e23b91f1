//! What external identity providers say of themselves: asked for, read, and held against what they must say. Why it cannot be used is a sentence for the
//! administrator who named the address.

use jose::jwks::KeySet;
use jose::openid::discovery::{self, Provider};
use model::cx::Cx;
use model::fault::Fault;
use outbound::address::Address;
use outbound::client::Outbound;
use outbound::credentials::Credentials;
use saml::certificate::Certificate;
use saml::metadata::{HTTP_POST, HTTP_REDIRECT, IdpMetadata};

use crate::our_side::moment;

/// Characters of an entity ID or issuer at most: it is the issuer of external ids.
const ISSUER_MAX: usize = 256;
/// Bytes of a document at most.
const DOCUMENT_MAX: usize = 262_144;

/// What a provider says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Its entity ID or issuer.
    pub(crate) issuer: String,
    /// The document.
    pub(crate) document: String,
    /// The certificates that verify what it signs, for SAML.
    pub(crate) certificates: Vec<Certificate>,
    /// The keys that do, for OpenID Connect.
    pub(crate) key_set: Option<String>,
}

fn text(bytes: &[u8]) -> Result<String, Fault> {
    let text = String::from_utf8(bytes.to_vec());
    text.map_err(|_| Fault::validation("What the identity provider says of itself is not UTF-8 text"))
}

/// The text at an address. The sentence says what went wrong, and where.
async fn get(outbound: &Outbound, field: &str, url: &str, accept: &str) -> Result<String, Fault> {
    let refused = |why: &dyn std::fmt::Display| Fault::validation(format!("{field}: {why}"));
    let address = Address::parse(url).map_err(|flaw| refused(&flaw))?;
    let answer =
        outbound.get(&address, accept, Credentials::Nobody).await.map_err(|failure| refused(&failure))?;
    text(answer.body())
}

/// Whether an issuer is called as tenants and directories are: whoever they brought would be a provider's of that name.
fn is_ours(issuer: &str) -> bool {
    let tenant = issuer.strip_prefix("https://scim.").is_some_and(|rest| rest.contains(".amazonaws.com/"));
    tenant || issuer.starts_with("urn:portico:")
}

/// SAML metadata, given as text. `named` is the entity that is meant, where the document tells of several.
pub(crate) fn metadata(cx: &Cx, document: &str, named: Option<&str>) -> Result<Said, Fault> {
    let refused = |why: String| {
        Fault::validation(format!("The metadata of the identity provider cannot be used: {why}"))
    };
    if document.len() > DOCUMENT_MAX {
        return Err(refused(format!("it has {} bytes, {DOCUMENT_MAX} at most", document.len())));
    }
    let read = match named {
        Some(entity_id) => IdpMetadata::read_named(document, entity_id),
        None => IdpMetadata::read(document),
    };
    let metadata = read.map_err(|error| refused(error.to_string()))?;
    if metadata.entity_id.chars().count() > ISSUER_MAX {
        return Err(refused(format!("its entity ID has more than {ISSUER_MAX} characters")));
    }
    if is_ours(&metadata.entity_id) {
        return Err(refused(format!(
            "its entity ID {} is a name that Portico gives to sources",
            metadata.entity_id
        )));
    }
    if metadata.valid_until.is_some_and(|until| moment(cx).is_ok_and(|now| until <= now)) {
        return Err(refused("its time is over (validUntil): have the provider write it anew".to_owned()));
    }
    if metadata.sign_on_location(HTTP_REDIRECT).or_else(|| metadata.sign_on_location(HTTP_POST)).is_none() {
        return Err(refused("it has no SingleSignOnService for HTTP-Redirect or HTTP-POST".to_owned()));
    }
    Ok(Said {
        issuer: metadata.entity_id,
        document: document.to_owned(),
        certificates: metadata.certificates,
        key_set: None,
    })
}

/// SAML metadata at an address.
pub(crate) async fn metadata_at(
    cx: &Cx,
    outbound: &Outbound,
    url: &str,
    named: Option<&str>,
) -> Result<Said, Fault> {
    let document =
        get(outbound, "MetadataUrl", url, "application/samlmetadata+xml, application/xml, text/xml").await?;
    metadata(cx, &document, named)
}

/// The discovery document of an issuer, and its keys.
pub(crate) async fn provider(outbound: &Outbound, issuer: &str) -> Result<Said, Fault> {
    let refused = |why: &dyn std::fmt::Display| Fault::validation(format!("Issuer: {why}"));
    if issuer.chars().count() > ISSUER_MAX {
        return Err(refused(&format!("it has more than {ISSUER_MAX} characters")));
    }
    if is_ours(issuer) {
        return Err(refused(&format!("{issuer} is a name that Portico gives to sources")));
    }
    let address = discovery::address(issuer).map_err(|error| refused(&error))?;
    let document = get(outbound, "Issuer", &address, "application/json").await?;
    let provider = Provider::read(issuer, document.as_bytes()).map_err(|error| refused(&error))?;
    let key_set = key_set(outbound, &provider).await?;
    Ok(Said { issuer: provider.issuer, document, certificates: Vec::new(), key_set: Some(key_set) })
}

/// The keys of a provider.
pub(crate) async fn key_set(outbound: &Outbound, provider: &Provider) -> Result<String, Fault> {
    let found =
        get(outbound, "Issuer", &provider.jwks_uri, "application/jwk-set+json, application/json").await?;
    KeySet::read(found.as_bytes()).map_err(|error| Fault::validation(format!("Issuer: {error}")))?;
    Ok(found)
}
