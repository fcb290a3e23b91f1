//! Signing in by an OpenID provider (OpenID Connect Core 3.1, RFC 7636, RFC 9207): the question that a browser takes there, the code that it brings back,
//! and the tokens that we get for it. What was asked is with the browser alone, so that nobody else's code fits.

use std::collections::BTreeMap;

use jose::jwks::KeySet;
use jose::jwt::JwtError;
use jose::openid::callback::Callback;
use jose::openid::claims::{ClaimName, Claims};
use jose::openid::discovery::Provider;
use jose::openid::id_token::{Expected, IdToken};
use jose::openid::refusal::Refusal;
use jose::openid::request::{Attempt, AuthorizationRequest, RANDOM};
use jose::openid::token::{ClientProof, TokenRequest, Tokens};
use jose::openid::userinfo;
use jose::secret::Secret as Text;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::sources::arrival::Arrival;
use model::sources::external_idp::{
    ClientAuthentication, ExternalIdp, ExternalIdpId, OidcIdp, Protocol, SubjectMatch,
};
use outbound::address::Address;
use outbound::bursts;
use outbound::client::Outbound;
use outbound::credentials::Credentials;
use serde_json::{Map, Value};
use store::db::Store;
use store::sealing::Purpose;
use store::sources::external_idps;
use store::tx::Tx;

use crate::external_answers::{Taken, failed};
use crate::external_idps::usable;
use crate::fetching;
use crate::our_side::OurSide;
use crate::questions::{Asking, Begun, Errand, GoTo, Question, mark};

/// How far a provider's clock may be off, seconds.
pub(crate) const SKEW: u64 = 120;
/// How long ago somebody who proves themselves again may have signed in there, seconds.
const AFRESH: u64 = 300;
/// How deep claims are looked through, and how many there are at most.
const DEPTH_MAX: usize = 4;
/// Values of all claims at most.
const VALUES_MAX: usize = 2_000;

/// The OpenID part of a provider's settings.
pub(crate) fn oidc(idp: &ExternalIdp) -> Result<&OidcIdp, Fault> {
    match &idp.settings.protocol {
        Protocol::Oidc(oidc) => Ok(oidc),
        Protocol::Saml(_) => Err(Fault::validation("The identity provider speaks SAML, not OpenID Connect")),
    }
}

/// What a provider says of itself, as it was fetched.
pub(crate) fn described(idp: &ExternalIdp) -> Result<Provider, Fault> {
    Provider::read(&idp.issuer, idp.document.as_bytes()).map_err(Fault::internal)
}

/// Sends a browser to a provider.
pub fn begin(store: &Store, cx: &Cx, ours: &OurSide, (id, asking): (&str, Asking)) -> Result<Begun, Fault> {
    let trial = matches!(asking.errand, Errand::Trial(_));
    let idp = store.read(|rx| usable(rx, id, trial))?;
    let (settings, provider) = (oidc(&idp)?, described(&idp)?);
    let attempt = Attempt::new(&bytes::<RANDOM>(cx.entropy()));
    let scopes: Vec<&str> = settings.scopes.iter().map(String::as_str).collect();
    let request = AuthorizationRequest {
        provider: &provider,
        client_id: &settings.client_id,
        redirect_uri: &ours.redirect_uri(),
        scopes: &scopes,
        prompt_login: asking.is_afresh(),
        max_age: asking.is_afresh().then_some(AFRESH),
        login_hint: asking.hint.as_deref(),
    };
    let url = request.url(&attempt).map_err(|why| failed(&idp, why))?;
    let mut question = Question::new(cx, &idp.id, asking.clone(), attempt.state.expose().to_owned());
    question.proofs = Some((attempt.nonce.expose().to_owned(), attempt.verifier.expose().to_owned()));
    Ok(Begun { go_to: GoTo::Address(url), kept: question.seal(store.keyring(), cx)? })
}

/// What a browser brought back.
#[derive(Debug, Clone)]
pub struct CameBack {
    callback: Callback,
    state: String,
}

impl CameBack {
    /// From the query of the address, without its `?`.
    pub fn read(query: &str) -> Result<Self, Fault> {
        let over = |why: String| Fault::say(FaultKind::Unauthorized, Saying::SignInOver).with_context(why);
        let callback = Callback::read(query).map_err(|error| over(error.to_string()))?;
        let state = callback.state().map(|state| state.expose().to_owned());
        let state = state.ok_or_else(|| over("the provider's answer has no state".to_owned()))?;
        Ok(Self { callback, state })
    }

    /// The mark of the question that it answers.
    pub fn mark(&self) -> String {
        mark(&self.state)
    }
}

/// Whether a question that a browser kept is that of an administrator who tries a provider.
pub fn is_trial(store: &Store, cx: &Cx, kept: &Secret) -> bool {
    Question::kept(store.keyring(), kept, cx.now).is_some_and(|question| question.is_trial())
}

/// Exchanges what a browser brought back for what the provider says of its person; `kept` is the question as the browser kept it.
pub async fn receive(
    store: &Store,
    cx: &Cx,
    (ours, outbound): (&OurSide, &Outbound),
    (came, kept): (CameBack, Option<&Secret>),
) -> Result<Taken, Fault> {
    let question = kept.and_then(|kept| Question::open(store.keyring(), kept, &came.state, cx.now));
    let question = question.ok_or_else(|| {
        Fault::say(FaultKind::Unauthorized, Saying::SignInOver)
            .with_context("the browser did not ask this, or too long ago")
    })?;
    let idp = store.read(|rx| usable(rx, &question.external_idp_id, question.is_trial()))?;
    let (nonce, verifier) = question.proofs.clone().unwrap_or_default();
    let attempt = Attempt {
        state: Text::new(came.state.as_str()),
        nonce: Text::new(nonce),
        verifier: Text::new(verifier),
    };
    let exchange =
        Exchange { store, cx, outbound, idp: &idp, provider: described(&idp)?, settings: oidc(&idp)? };
    let code = came.callback.code(&attempt, &exchange.provider).map_err(|why| failed(&idp, why))?;
    let tokens = exchange.tokens(&ours.redirect_uri(), &attempt, &code).await?;
    let afresh = matches!(question.errand, Errand::Again(_));
    let id_token = exchange.id_token(&tokens, &attempt, afresh).await?;
    let arrival = exchange.arrival(&tokens, &id_token).await?;
    Ok(Taken { idp: idp.clone(), arrival, question: Some(question) })
}

/// One exchange of a code.
struct Exchange<'e> {
    store: &'e Store,
    cx: &'e Cx,
    outbound: &'e Outbound,
    idp: &'e ExternalIdp,
    provider: Provider,
    settings: &'e OidcIdp,
}

impl Exchange<'_> {
    fn failed(&self, why: impl std::fmt::Display) -> Fault {
        failed(self.idp, why)
    }

    async fn tokens(&self, redirect_uri: &str, attempt: &Attempt, code: &Text) -> Result<Tokens, Fault> {
        let secret = self.secret()?;
        let proof = match (self.settings.authentication, &secret) {
            (ClientAuthentication::Basic, Some(secret)) => ClientProof::Basic(secret),
            (ClientAuthentication::Post, Some(secret)) => ClientProof::Post(secret),
            (ClientAuthentication::Nothing, _) => ClientProof::Nothing,
            (_, None) => return Err(self.failed("the client secret is missing")),
        };
        let client_id = &self.settings.client_id;
        let asked = TokenRequest { client_id, proof, redirect_uri, code, attempt }.outgoing();
        let address = Address::parse(&self.provider.token_endpoint).map_err(|why| self.failed(why))?;
        let authorization = asked.authorization.map(|text| Secret::new(text.expose()));
        let credentials = authorization.as_ref().map_or(Credentials::Nobody, Credentials::Written);
        let body = Secret::new(asked.body.expose());
        let answer = self.outbound.post_written(&address, &body, credentials).await;
        let answer = answer.map_err(|failure| self.failed(failure))?;
        Tokens::read(answer.status(), answer.body()).map_err(|why| self.failed(why))
    }

    fn secret(&self) -> Result<Option<Text>, Fault> {
        let kept = self.store.read(|rx| Ok(external_idps::kept(rx, &self.idp.id)?))?;
        let Some(sealed) = kept.and_then(|kept| kept.sealed_secret) else { return Ok(None) };
        let opened = self.store.keyring().open(Purpose::ClientSecret, self.idp.id.as_str(), &sealed);
        let opened =
            opened.ok_or_else(|| Fault::internal("a client secret does not open with this root key"))?;
        Ok(Some(Text::new(std::str::from_utf8(&opened).map_err(Fault::internal)?)))
    }

    /// Judges the ID token; once more with the provider's keys as they are now, where it names one that is not known.
    async fn id_token(&self, tokens: &Tokens, attempt: &Attempt, afresh: bool) -> Result<IdToken, Fault> {
        let expected = Expected {
            issuer: &self.idp.issuer,
            client_id: &self.settings.client_id,
            algorithms: &self.provider.algorithms,
            nonce: &attempt.nonce,
            access_token: tokens.access_token.as_ref(),
            max_age: afresh.then_some(AFRESH),
            now: self.cx.now.seconds(),
            skew: SKEW,
        };
        with_keys((self.store, self.cx, self.outbound), (self.idp, &self.provider), |keys| {
            IdToken::verify(tokens.id_token.expose(), keys, &expected)
        })
        .await
    }

    async fn arrival(&self, tokens: &Tokens, id_token: &IdToken) -> Result<Arrival, Fault> {
        let mut attributes = BTreeMap::new();
        if let (Some(endpoint), Some(token)) = (&self.provider.userinfo_endpoint, &tokens.access_token) {
            let address = Address::parse(endpoint).map_err(|why| self.failed(why))?;
            let token = Secret::new(token.expose());
            let answer = self.outbound.get(&address, "application/json", Credentials::Bearer(&token)).await;
            let answer = answer.map_err(|failure| self.failed(failure))?;
            let more = userinfo::read(answer.status(), answer.body(), &id_token.subject);
            flatten(more.map_err(|why| self.failed(why))?.all(), &mut attributes);
        }
        // What is signed comes last, so that it stands.
        flatten(id_token.claims.all(), &mut attributes);
        let subject = self.subject(&id_token.claims, &attributes, &id_token.subject)?;
        Ok(Arrival {
            subject,
            called: id_token.subject.clone(),
            index: id_token.session.clone(),
            until: None,
            mfa: id_token.methods.iter().any(|method| method == "mfa"),
            attributes,
        })
    }

    fn subject(
        &self,
        claims: &Claims,
        attributes: &BTreeMap<String, Vec<String>>,
        called: &str,
    ) -> Result<String, Fault> {
        let Some(name) = &self.idp.settings.subject_from else {
            return match self.idp.settings.subject {
                SubjectMatch::ExternalId => Ok(called.to_owned()),
                SubjectMatch::UserName => {
                    one(attributes, "preferred_username").map_err(|why| self.failed(why))
                }
            };
        };
        if name == "email" {
            let verified = ClaimName::read("email_verified").and_then(|name| claims.truth(&name));
            let said = attributes.get("email_verified").and_then(|values| values.first());
            if verified == Ok(Some(false)) || said.is_some_and(|said| said != "true") {
                return Err(self.failed(
                    "the provider did not verify that the address is the person's (email_verified)",
                ));
            }
        }
        one(attributes, name).map_err(|why| self.failed(why))
    }
}

fn one(attributes: &BTreeMap<String, Vec<String>>, name: &str) -> Result<String, String> {
    match attributes.get(name).map(Vec::as_slice) {
        Some([only]) if !only.is_empty() => Ok(only.clone()),
        Some(values) => Err(format!("the claim {name} must have one value: it has {}", values.len())),
        None => {
            let there: Vec<&str> = attributes.keys().map(String::as_str).collect();
            Err(format!("there is no claim {name}; there are {}", there.join(", ")))
        }
    }
}

/// Judges a token by the keys that are known; once more by those of now, where no known key made it.
pub(crate) async fn with_keys<T>(
    (store, cx, outbound): (&Store, &Cx, &Outbound),
    (idp, provider): (&ExternalIdp, &Provider),
    judge: impl Fn(&KeySet) -> Result<T, Refusal>,
) -> Result<T, Fault> {
    let kept = store.read(|rx| Ok(external_idps::kept(rx, &idp.id)?))?;
    let known = kept.and_then(|kept| kept.key_set);
    let refused = |why: &dyn std::fmt::Display| failed(idp, why);
    let judged = match known {
        Some(text) => {
            let keys = KeySet::read(text.as_bytes()).map_err(|error| refused(&error))?;
            judge(&keys)
        }
        None => Err(Refusal::Token(JwtError::NoKey("any algorithm"))),
    };
    match judged {
        Err(Refusal::Token(unknown)) if unknown.asks_for_newer_keys() => {
            if !may_ask(store, cx, &idp.id).await? {
                return Err(refused(&Refusal::Token(unknown)));
            }
            let now =
                fetching::key_set(outbound, provider).await.map_err(|fault| refused(&fault.message()))?;
            let (id, text) = (idp.id.clone(), now.clone());
            store.maintain(cx, move |tx, cx| external_idps::set_key_set(tx, &id, &text, cx.now)).await?;
            let keys = KeySet::read(now.as_bytes()).map_err(|error| refused(&error))?;
            judge(&keys).map_err(|why| refused(&why))
        }
        other => other.map_err(|why| refused(&why)),
    }
}

/// Whether a provider's keys may be asked for now, which counts from then on, whatever comes of it. Anybody can send a token that names another key.
async fn may_ask(store: &Store, cx: &Cx, id: &ExternalIdpId) -> Result<bool, Fault> {
    let id = id.clone();
    let ask = move |tx: &mut Tx<'_>, cx: &Cx| {
        let until = bursts::next(external_idps::keys_asked_until(tx, &id)?, cx.now);
        if let Some(until) = until {
            external_idps::set_keys_asked_until(tx, &id, until)?;
        }
        Ok(until.is_some())
    };
    store.maintain(cx, ask).await
}

/// Claims as texts, by name; what lies within an object by its JSON pointer.
fn flatten(claims: &Map<String, Value>, into: &mut BTreeMap<String, Vec<String>>) {
    for (name, value) in claims {
        put(name.clone(), &format!("/{}", escaped(name)), value, (into, DEPTH_MAX));
    }
}

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn put(
    name: String,
    pointer: &str,
    value: &Value,
    (into, depth): (&mut BTreeMap<String, Vec<String>>, usize),
) {
    if into.len() >= VALUES_MAX {
        return;
    }
    match value {
        Value::Object(members) if depth > 0 => {
            for (step, value) in members {
                let below = format!("{pointer}/{}", escaped(step));
                put(below.clone(), &below, value, (into, depth - 1));
            }
        }
        Value::Array(elements) => {
            let texts = elements.iter().take(VALUES_MAX).filter_map(text).collect();
            into.insert(name, texts);
        }
        other => {
            if let Some(text) = text(other) {
                into.insert(name, vec![text]);
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_texts_and_what_lies_deeper_has_a_pointer() {
        let claims = json!({ "sub": "1", "groups": ["a", "b"], "realm_access": { "ro/les": ["x"] }, "email_verified": true, "none": null });
        let Value::Object(claims) = claims else { unreachable!() };
        let mut found = BTreeMap::new();
        flatten(&claims, &mut found);
        assert_eq!(found["groups"], ["a", "b"]);
        assert_eq!(found["/realm_access/ro~1les"], ["x"]);
        assert_eq!(found["email_verified"], ["true"]);
        assert!(!found.contains_key("none") && !found.contains_key("realm_access"));
    }
}
