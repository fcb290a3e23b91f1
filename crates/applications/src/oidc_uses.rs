//! What tokens are good for: userinfo (OpenID Connect Core §5.3), introspection (RFC 7662), and their end before their time (RFC 7009). Each looks anew whether the token
//! counts: session, person, assignment and application are as they are at that moment.

use model::applications::application::ApplicationId;
use model::applications::oidc_application::ClientAuthentication;
use model::applications::oidc_token::OidcClientToken;
use model::cx::Cx;
use model::fault::{Fault, FaultKind, OAuthError};
use model::secret::Secret;
use serde_json::{Map, Value, json};
use store::applications::{oidc_client_tokens as client_token_rows, oidc_tokens};
use store::bearer::{Bearer, Kind};
use store::db::Store;
use store::tx::Rx;

use crate::applications::KIND;
use crate::oidc_addresses::OidcAddresses;
use crate::oidc_clients::{Client, Presented, prove};
use crate::oidc_gate::{has_openid, usable};
use crate::oidc_tokens::{Live, live};
use crate::{oidc_claims, oidc_client_tokens, oidc_proofs};

/// How somebody brings an access token.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// As it is: whoever holds it may use it (RFC 6750).
    Bearer,
    /// With a proof of the key that it is bound to, for a request by this method (RFC 9449 §7).
    Proof(&'a Secret, &'a str),
}

/// What is known of the person of an access token.
pub async fn userinfo(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    (token, by): (&Secret, By<'_>),
) -> Result<Map<String, Value>, Fault> {
    let proved = match by {
        By::Bearer => None,
        By::Proof(proof, method) => {
            let proved = oidc_proofs::of(cx, proof, (method, &ours.below(id, "userinfo")))?;
            if !proved.is_for(token) {
                return Err(oidc_proofs::refused(
                    "its ath is not the hash of the access token that it came with",
                ));
            }
            Some(proved)
        }
    };
    let told = known(store, cx, id, (token, proved.as_ref().map(|proved| proved.key.as_str())))?;
    if let Some(proved) = proved {
        store.maintain(cx, move |tx, cx| proved.use_up(tx, cx)).await?;
    }
    Ok(told)
}

fn known(
    store: &Store,
    cx: &Cx,
    id: &ApplicationId,
    (token, key): (&Secret, Option<&str>),
) -> Result<Map<String, Value>, Fault> {
    store.read(|rx| {
        let (application, settings) = usable(rx, cx, id)?;
        let found = live(rx, (id, Kind::OidcAccess), token, cx.now)?;
        let Live { family, session, .. } = found.ok_or_else(|| {
            Fault::new(
                FaultKind::Unauthorized,
                "The access token is not known, is another application's, or what it hangs on has ended",
            )
        })?;
        if family.key.as_deref() != key {
            let message = if key.is_some() {
                "The access token is not bound to the key that the DPoP header proves"
            } else {
                "The access token is bound to a key: it counts with a proof in the DPoP header alone"
            };
            return Err(Fault::new(FaultKind::Unauthorized, message));
        }
        if !has_openid(&family.scopes) {
            return Err(Fault::new(
                FaultKind::Forbidden,
                "The access token was not given for the scope openid",
            ));
        }
        let user = store::directory::users::find(rx, &session.user.identity_store_id, &family.user_id)?
            .ok_or_else(|| Fault::internal("a session of nobody"))?;
        let mut told = oidc_claims::of(rx, &settings, (&user, &family.scopes))?;
        told.insert("sub".to_owned(), json!(family.user_id.as_str()));
        cx.event().touch(KIND, application.arn().to_string());
        cx.event().add("identitycenter:CredentialId", family.id.as_str());
        Ok(told)
    })
}

/// The application that calls, once what it brought is used up.
async fn calling(
    store: &Store,
    cx: &Cx,
    (ours, id): (&OidcAddresses, &ApplicationId),
    presented: &Presented,
) -> Result<Client, Fault> {
    let client = store.read(|rx| prove(rx, cx, (ours, id), presented))?;
    if client.is_once() {
        let spent = client.clone();
        store.maintain(cx, move |tx, cx| spent.spend(tx, cx)).await?;
    }
    cx.event().touch(KIND, client.application.arn().to_string());
    Ok(client)
}

/// Whether a token of the application's counts, and what it says. Of everything else the answer is the same: that it does not.
pub async fn introspect(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    (presented, token): (&Presented, &Secret),
) -> Result<Value, Fault> {
    let client = calling(store, cx, at, presented).await?;
    if client.settings.authentication == ClientAuthentication::None {
        let message = "An application that proves nothing (ClientAuthentication NONE) is not told of tokens.";
        return Err(Fault::oauth(OAuthError::UnauthorizedClient, message));
    }
    let (ours, id) = at;
    store.read(|rx| Ok(described(rx, cx, (id, &ours.issuer(id)), token)?.unwrap_or(json!({"active": false}))))
}

fn described(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (id, issuer): (&ApplicationId, &str),
    token: &Secret,
) -> Result<Option<Value>, Fault> {
    for kind in [Kind::OidcAccess, Kind::OidcRefresh] {
        let Some(Live { token, family, session }) = live(rx, (id, kind), token, cx.now)? else { continue };
        // Of refresh tokens the one in force alone.
        if kind == Kind::OidcRefresh && token.generation != family.generation {
            return Ok(None);
        }
        let mut said = json!({
            "active": true, "iss": issuer, "client_id": id.as_str(), "aud": id.as_str(), "sub": family.user_id.as_str(),
            "username": session.user_name, "scope": family.scopes.join(" "), "exp": token.expires_at.seconds(),
            "iat": family.created_at.seconds(), "sid": session.user.session_id,
        });
        if kind == Kind::OidcAccess {
            said["token_type"] = json!(if family.key.is_some() { "DPoP" } else { "Bearer" });
        }
        if let Some(key) = &family.key {
            said["cnf"] = json!({ "jkt": key });
        }
        return Ok(Some(said));
    }
    Ok(oidc_client_tokens::live(rx, id, (token, cx.now))?.map(|token| own(&token, issuer)))
}

/// What is said of a token that the application has by being itself: nobody's, so that it is its own subject (RFC 9068 §2.2).
fn own(token: &OidcClientToken, issuer: &str) -> Value {
    let id = token.application_id.as_str();
    let mut said = json!({
        "active": true, "iss": issuer, "client_id": id, "aud": id, "sub": id, "scope": token.scopes.join(" "),
        "exp": token.expires_at.seconds(), "iat": token.created_at.seconds(),
        "token_type": if token.key.is_some() { "DPoP" } else { "Bearer" },
    });
    if let Some(key) = &token.key {
        said["cnf"] = json!({ "jkt": key });
    }
    said
}

/// Ends the family of a token of the application's. A token of nobody, or of another, changes nothing, and is answered the same (RFC 7009 §2.2).
pub async fn revoke(
    store: &Store,
    cx: &Cx,
    at: (&OidcAddresses, &ApplicationId),
    (presented, token): (&Presented, &Secret),
) -> Result<(), Fault> {
    let client = calling(store, cx, at, presented).await?;
    let found = [Kind::OidcAccess, Kind::OidcRefresh, Kind::OidcClient]
        .into_iter()
        .find_map(|kind| Bearer::read(store.keyring(), kind, token.expose()));
    let Some(token) = found else { return Ok(()) };
    let id = client.application.id;
    store
        .write(cx, move |tx, cx| {
            if token.kind == Kind::OidcClient {
                cx.event().add("identitycenter:CredentialId", token.family.as_str());
                return client_token_rows::delete(tx, &id, &token.family);
            }
            let found = oidc_tokens::find_live(tx, &token.family, cx.now)?;
            if let Some((family, session)) = found.filter(|(family, _)| family.application_id == id) {
                cx.event().add("identitycenter:CredentialId", family.id.as_str());
                cx.event().name_user(&session.user_name);
                oidc_tokens::delete(tx, &family.id)?;
            }
            Ok(())
        })
        .await
}
