//! PutApplicationOidcConfiguration, GetApplicationOidcConfiguration, and what is published of an application that speaks OpenID Connect: what it may ask, where, and
//! what it may be told. Whatever could not be kept when somebody signs in is refused when it is decided, by its field.

use jose::jwks::KeySet;
use model::applications::application::{ApplicationArn, ApplicationId};
use model::applications::oidc_application::{
    ClientAuthentication, FurtherGrant, OidcApplication, OidcSettings,
};
use model::applications::redirect_uri::RedirectUri;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::Mode;
use outbound::address::Address;
use outbound::client::Outbound;
use policy::require::Action;
use serde_json::{Map, Value, json};
use store::applications::oidc_applications;
use store::db::Store;

use crate::applications::KIND;
use crate::attribute_templates::Template;
use crate::catalog::Protocol;
use crate::gate::{speaking, told_of_people};
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_claims;
use crate::oidc_gate::{decided, usable};
use crate::oidc_keys::{self, make};

/// What a device flow is called at the token endpoint (RFC 8628 §3.4).
pub const DEVICE_CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What an application may ask for, unless it is decided otherwise.
pub const SCOPES: [&str; 3] = ["openid", "profile", "email"];
/// How long its access tokens live, unless it is decided otherwise.
pub const ACCESS_TOKEN_MINUTES: u32 = 60;

/// What is told of sign-outs goes where we may go at all.
fn require_reachable(settings: &OidcSettings, outbound: &Outbound) -> Result<(), Fault> {
    let Some(uri) = &settings.back_channel_logout_uri else { return Ok(()) };
    let refused = |why: String| Fault::validation(format!("BackChannelLogoutUri: {why}"));
    let address = Address::parse(uri).map_err(|flaw| refused(flaw.to_string()))?;
    outbound.admits(&address).map_err(|failure| refused(failure.to_string()))
}

/// The settings as they are kept: templates that can be filled, keys that prove something, addresses that are sent no cookies of ours.
pub(crate) fn judged(settings: OidcSettings, ours: &OidcAddresses) -> Result<OidcSettings, Fault> {
    let settings = settings.checked()?;
    for claim in &settings.claims {
        Template::parse("ClaimMappings.Value", &claim.value)?;
    }
    if let Some(set) = &settings.key_set {
        KeySet::read(set.as_bytes())
            .map_err(|why| Fault::validation(format!("KeySet is not one of public keys: {why}")))?;
    }
    for (field, uris) in [
        ("RedirectUris", &settings.redirect_uris),
        ("PostLogoutRedirectUris", &settings.post_logout_redirect_uris),
    ] {
        for uri in uris {
            if RedirectUri::parse(field, uri)?.is_on(&ours.page_host) {
                return Err(Fault::validation(format!(
                    "{field}: {uri} is on {}, as the sign-in pages are, whose cookies know no port: use another name of that machine",
                    ours.page_host
                )));
            }
        }
    }
    Ok(settings)
}

/// PutApplicationOidcConfiguration: in the place of what was decided before. The first time a key is made that signs, and one of another kind when that is
/// wanted. Tokens that were given stay good; what they say is what is decided when they are used.
pub async fn put(
    store: &Store,
    cx: &Cx,
    (ours, outbound, arn): (&OidcAddresses, &Outbound, &ApplicationArn),
    settings: OidcSettings,
) -> Result<(), Fault> {
    const ACTION: Action = Action("portico:PutApplicationOidcConfiguration");
    let algorithm = settings.signing_algorithm;
    let has_key = store.read(|rx| {
        speaking(rx, cx, ACTION, arn, Protocol::Oauth)?;
        told_of_people(rx, cx, ACTION, arn)?;
        oidc_keys::has(rx, &arn.id, (algorithm, cx.now))
    })?;
    if cx.mode == Mode::Strict {
        return Err(Fault::validation(
            "OidcConfiguration: in strict mode no application speaks OpenID Connect, as at AWS",
        ));
    }
    let settings = judged(settings, ours)?;
    require_reachable(&settings, outbound)?;
    let made = if has_key { None } else { Some(make(cx, algorithm).await?) };
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            speaking(tx, cx, ACTION, &arn, Protocol::Oauth)?;
            let new = OidcApplication {
                application_id: arn.id.clone(),
                settings: settings.clone(),
                updated_at: cx.now,
                updated_by: cx.caller.arn(),
            };
            oidc_applications::put(tx, &new)?;
            if let Some(made) = &made
                && !oidc_keys::has(tx, &arn.id, (algorithm, cx.now))?
            {
                made.keep(tx, cx, (&arn.id, cx.now))?;
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// GetApplicationOidcConfiguration.
pub fn describe(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<OidcApplication, Fault> {
    store.read(|rx| {
        speaking(rx, cx, Action("portico:GetApplicationOidcConfiguration"), arn, Protocol::Oauth)?;
        decided(rx, arn)
    })
}

/// The keys that are published for an application.
pub fn key_set(store: &Store, cx: &Cx, id: &ApplicationId) -> Result<Value, Fault> {
    store.read(|rx| {
        usable(rx, cx, id)?;
        oidc_keys::published(rx, id)
    })
}

const fn methods(authentication: ClientAuthentication) -> &'static [&'static str] {
    match authentication {
        ClientAuthentication::None => &["none"],
        ClientAuthentication::Secret => &["client_secret_basic", "client_secret_post"],
        ClientAuthentication::PrivateKeyJwt => &["private_key_jwt"],
    }
}

fn grants(settings: &OidcSettings) -> Vec<&'static str> {
    let codes = (!settings.redirect_uris.is_empty()).then_some("authorization_code");
    let mut grants: Vec<&str> = codes.into_iter().collect();
    grants.extend(settings.refresh_tokens.then_some("refresh_token"));
    grants.extend(settings.further_grants.iter().map(|grant| match grant {
        FurtherGrant::ClientCredentials => "client_credentials",
        FurtherGrant::DeviceCode => DEVICE_CODE_GRANT,
    }));
    grants
}

/// What is said of us to an application (OpenID Connect Discovery §3, RFC 8414 §2, RFC 9207 §3, RFC 9126 §5, RFC 8628 §4, RFC 9449 §5.1, Back-Channel Logout §2.1). What is not listed is not there.
pub fn metadata(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
) -> Result<Value, Fault> {
    let (_, settings) = store.read(|rx| usable(rx, cx, id))?;
    let below = |what: &str| ours.below(id, what);
    let methods = methods(settings.authentication);
    let mut said = Map::new();
    let mut say = |name: &str, value: Value| said.insert(name.to_owned(), value);
    say("issuer", json!(ours.issuer(id)));
    say("authorization_endpoint", json!(below("authorize")));
    say("token_endpoint", json!(ours.token_endpoint(id)));
    say("userinfo_endpoint", json!(below("userinfo")));
    say("jwks_uri", json!(below("keys")));
    say("revocation_endpoint", json!(below("revoke")));
    say("end_session_endpoint", json!(below("logout")));
    say("pushed_authorization_request_endpoint", json!(below("par")));
    say("require_pushed_authorization_requests", json!(settings.require_pushed_requests));
    if settings.grants(FurtherGrant::DeviceCode) {
        say("device_authorization_endpoint", json!(below("device_authorization")));
    }
    if settings.dpop_bound_tokens {
        say("dpop_signing_alg_values_supported", json!(["ES256"]));
    }
    if settings.back_channel_logout_uri.is_some() {
        say("backchannel_logout_supported", json!(true));
        say("backchannel_logout_session_supported", json!(true));
    }
    say("response_types_supported", json!(["code"]));
    say("response_modes_supported", json!(["query"]));
    say("grant_types_supported", json!(grants(&settings)));
    say("code_challenge_methods_supported", json!(["S256"]));
    say("subject_types_supported", json!(["public"]));
    say("id_token_signing_alg_values_supported", json!([settings.signing_algorithm.as_str()]));
    say("token_endpoint_auth_methods_supported", json!(methods));
    say("revocation_endpoint_auth_methods_supported", json!(methods));
    // Whoever proves nothing could ask about tokens that somebody else lost.
    if settings.authentication != ClientAuthentication::None {
        say("introspection_endpoint", json!(below("introspect")));
        say("introspection_endpoint_auth_methods_supported", json!(methods));
    }
    if settings.authentication == ClientAuthentication::PrivateKeyJwt {
        let algorithms: Vec<&str> =
            jose::algorithm::Algorithm::ALL.into_iter().map(jose::algorithm::Algorithm::as_str).collect();
        say("token_endpoint_auth_signing_alg_values_supported", json!(algorithms));
        say("revocation_endpoint_auth_signing_alg_values_supported", json!(algorithms));
        say("introspection_endpoint_auth_signing_alg_values_supported", json!(algorithms));
    }
    say("scopes_supported", json!(settings.scopes));
    say("claims_supported", json!(oidc_claims::names(&settings)));
    say("authorization_response_iss_parameter_supported", json!(true));
    say("claims_parameter_supported", json!(false));
    say("request_parameter_supported", json!(false));
    say("request_uri_parameter_supported", json!(false));
    Ok(Value::Object(said))
}
