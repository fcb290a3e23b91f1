//! OAuth clients: registered by anyone, for ninety days, public only (RFC 8252: a program on a person's machine keeps no secret). The
//! secret only shows that a later call comes from the program that registered.

use model::cx::Cx;
use model::entropy::bytes;
use model::event::HIDDEN;
use model::fault::{Fault, OAuthError};
use model::limits::{CLIENT_REGISTRATION, SCOPES_PER_CLIENT_MAX};
use model::secret::Secret;
use model::signin::oauth::{ClientId, GrantType, OAuthClient};
use model::timestamp::Timestamp;
use serde_json::json;
use store::db::Store;
use store::tx::Rx;
use subtle::ConstantTimeEq as _;

use crate::config::Config;
use crate::redirect_uri::{RedirectUri, shares_host};

const NAME_CHARACTERS_MAX: usize = 256;
const SCOPE_CHARACTERS_MAX: usize = 128;
const REDIRECT_URIS_MAX: usize = 10;

/// What a client says of itself.
#[derive(Debug, Clone, Default)]
pub struct NewClient {
    /// `clientName`
    pub name: String,
    /// `clientType`
    pub client_type: String,
    /// `scopes`
    pub scopes: Vec<String>,
    /// `grantTypes`
    pub grant_types: Vec<String>,
    /// `redirectUris`
    pub redirect_uris: Vec<String>,
    /// `issuerUrl`
    pub issuer_url: Option<String>,
    /// `entitledApplicationArn`
    pub entitled_application_arn: Option<String>,
}

/// A registration.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The client.
    pub client: OAuthClient,
    /// Its secret: given out here and never again.
    pub secret: Secret,
    /// `authorizationEndpoint`
    pub authorization_endpoint: String,
    /// `tokenEndpoint`
    pub token_endpoint: String,
}

/// Registers a client.
pub async fn register(store: &Store, cx: &Cx, config: &Config, new: NewClient) -> Result<Registered, Fault> {
    let client = checked(cx, config, new)?;
    let secret = crate::random::token(cx);
    let (authorization_endpoint, token_endpoint) = (config.authorization_endpoint(), config.token_endpoint());
    cx.event().respond(json!({
        "clientId": client.id.as_str(), "clientSecret": HIDDEN,
        "clientIdIssuedAt": client.created_at.seconds(), "clientSecretExpiresAt": client.expires_at.seconds(),
        "authorizationEndpoint": authorization_endpoint, "tokenEndpoint": token_endpoint,
    }));
    let (row, key) = (client.clone(), secret.clone());
    store
        .write(cx, move |tx, _| {
            let hash = tx.keyring().hash_token(key.expose());
            store::signin::oauth_clients::insert(tx, &hash, &row)
        })
        .await?;
    Ok(Registered { client, secret, authorization_endpoint, token_endpoint })
}

/// The client that `id` and `secret` prove, in force at `now`.
pub(crate) fn authenticate(
    rx: &mut Rx<'_>,
    id: &str,
    secret: &Secret,
    now: Timestamp,
) -> Result<OAuthClient, Fault> {
    let given = rx.keyring().hash_token(secret.expose());
    let found = match ClientId::parse(id) {
        Ok(id) => store::signin::oauth_clients::find(rx, &id)?,
        Err(_) => None,
    };
    let (client, right) = match found {
        Some((client, hash)) => (Some(client), hash),
        None => (None, vec![0; 32]),
    };
    let proven = bool::from(given.as_slice().ct_eq(&right));
    match client {
        Some(client) if proven && now < client.expires_at => Ok(client),
        Some(_) if proven => Err(unknown("The client's registration has expired.")),
        _ => Err(unknown("The client is not registered here, or its secret is wrong.")),
    }
}

/// `invalid_client`, with the way out: clients keep registrations without regard to the server that made them (aws-capabilities §2.3).
fn unknown(what: &str) -> Fault {
    let message = format!(
        "{what} Delete the client's cached registration (for AWS CLI and SDKs: ~/.aws/sso/cache) and sign in again."
    );
    Fault::oauth(OAuthError::InvalidClient, message)
}

fn checked(cx: &Cx, config: &Config, new: NewClient) -> Result<OAuthClient, Fault> {
    let metadata = |message: String| Fault::oauth(OAuthError::InvalidClientMetadata, message);
    check_name(&new.name)?;
    if new.client_type != "public" {
        return Err(metadata("clientType must be public".to_owned()));
    }
    if new.entitled_application_arn.is_some() {
        return Err(metadata("entitledApplicationArn names no application of this instance".to_owned()));
    }
    if let Some(url) = &new.issuer_url {
        config.start_urls.require("issuerUrl", url)?;
    }
    check_scopes(&new.scopes)?;
    check_redirect_uris(config, &new.redirect_uris)?;
    let grant_types = grants(&new)?;
    if grant_types.contains(&GrantType::AuthorizationCode) && new.redirect_uris.is_empty() {
        let message = "grantTypes with authorization_code needs redirectUris";
        return Err(Fault::oauth(OAuthError::InvalidRedirectUri, message));
    }
    // As AWS does: random bytes and the Region, in base64url.
    let mut id = bytes::<16>(cx.entropy()).to_vec();
    id.extend_from_slice(cx.region.as_bytes());
    Ok(OAuthClient {
        id: ClientId::trusted(crate::random::text(&id)),
        name: new.name,
        scopes: new.scopes,
        grant_types,
        redirect_uris: new.redirect_uris,
        issuer_url: new.issuer_url,
        created_at: cx.now,
        expires_at: cx.now.plus(CLIENT_REGISTRATION),
    })
}

/// Each must be one, and one at least not where the pages are: a program that registers several asks with the one that it listens on.
fn check_redirect_uris(config: &Config, uris: &[String]) -> Result<(), Fault> {
    if uris.len() > REDIRECT_URIS_MAX {
        let message =
            format!("redirectUris must have at most {REDIRECT_URIS_MAX} members, not {}", uris.len());
        return Err(Fault::oauth(OAuthError::InvalidRedirectUri, message));
    }
    let page_host = config.page_host();
    let mut apart = uris.is_empty();
    for uri in uris {
        apart |= !RedirectUri::parse(uri)?.is_on(&page_host);
    }
    if apart { Ok(()) } else { Err(shares_host(&page_host)) }
}

/// The name is shown to a person who decides; it may say anything, but not disturb how the rest is shown.
fn check_name(name: &str) -> Result<(), Fault> {
    let characters = name.chars().count();
    if !(1..=NAME_CHARACTERS_MAX).contains(&characters) {
        let message = format!("clientName must have 1 to {NAME_CHARACTERS_MAX} characters, not {characters}");
        return Err(Fault::oauth(OAuthError::InvalidClientMetadata, message));
    }
    let disturbs = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if name.chars().any(disturbs) {
        let message = "clientName must not contain control or direction characters";
        return Err(Fault::oauth(OAuthError::InvalidClientMetadata, message));
    }
    Ok(())
}

fn check_scopes(scopes: &[String]) -> Result<(), Fault> {
    let refused = |message: String| Err(Fault::oauth(OAuthError::InvalidScope, message));
    if scopes.len() > SCOPES_PER_CLIENT_MAX {
        return refused(format!(
            "scopes must have at most {SCOPES_PER_CLIENT_MAX} members, not {}",
            scopes.len()
        ));
    }
    // RFC 6749 §3.3: scope-token.
    let token = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    for scope in scopes {
        if !(1..=SCOPE_CHARACTERS_MAX).contains(&scope.len()) || !scope.bytes().all(token) {
            return refused(format!(
                "each of scopes must be a scope token of 1 to {SCOPE_CHARACTERS_MAX} visible ASCII characters"
            ));
        }
    }
    Ok(())
}

/// What the client may redeem. One that names no grants may do what its other members show that it means to: the device flow
/// always, codes if it said where to send them, refreshing unless it is a legacy client without scopes (aws-capabilities §2.3).
fn grants(new: &NewClient) -> Result<Vec<GrantType>, Fault> {
    if new.grant_types.is_empty() {
        let mut grants = vec![GrantType::DeviceCode];
        if !new.redirect_uris.is_empty() {
            grants.push(GrantType::AuthorizationCode);
        }
        if !new.scopes.is_empty() {
            grants.push(GrantType::RefreshToken);
        }
        return Ok(grants);
    }
    let mut grants = Vec::new();
    for word in &new.grant_types {
        let grant = GrantType::parse(word).ok_or_else(|| {
            let message = format!(
                "each of grantTypes must be {}, {} or {}",
                GrantType::AuthorizationCode.as_str(),
                GrantType::DeviceCode.as_str(),
                GrantType::RefreshToken.as_str()
            );
            Fault::oauth(OAuthError::UnsupportedGrantType, message)
        })?;
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    Ok(grants)
}
