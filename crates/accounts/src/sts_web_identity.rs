//! AssumeRoleWithWebIdentity: whoever brings a token of a provider that the role's account knows gets a session of the role, if the role trusts what the
//! token says. The token may come again until it expires, as at AWS: programs find it in a file that somebody else renews. By whose keys it holds is judged
//! between [`begin`] and [`Begun::finish`], where nothing is open: the provider may have to be asked.
//! STS API reference, "AssumeRoleWithWebIdentity"; IAM user guide, "Available keys for AWS OIDC federation" and "Pass session tags in AWS STS".

use std::collections::BTreeMap;

use jose::openid::assertion::{Assertion, claimed_issuer};
use jose::openid::claims::ClaimName;
use jose::openid::refusal::Refusal;
use model::access::Context;
use model::accounts::oidc_provider::{self, OidcProvider};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::check_session_tags;
use model::secret::Secret;
use policy::trust;
use serde_json::{Map, Value, json};
use store::accounts::oidc_providers;
use store::db::Store;
use store::tx::Tx;

use crate::chaining::Chain;
use crate::oidc_providers::OIDC_PROVIDER;
use crate::role_sessions::{NewSession, is_session_name};
use crate::roles::resource_tags;
use crate::sts::{
    Assumed, SET_SOURCE_IDENTITY, TAG_SESSION, find, lifetime, parse_role_arn, require_own_policies,
    session_keys, session_policies, session_tags,
};

/// The claim of session tags; its members may also be claims of their own, with this and a slash before their name.
const TAGS: &str = "https://aws.amazon.com/tags";
const PRINCIPAL_TAGS: &str = "principal_tags";
const TRANSITIVE_TAG_KEYS: &str = "transitive_tag_keys";
/// The claim of who is behind the session.
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
/// Characters of a provider's address at most (IAM API reference, CreateOpenIDConnectProvider).
const URL_MAX: usize = 255;

/// What AssumeRoleWithWebIdentity asks for.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role's ARN.
    pub role_arn: String,
    /// The session's name.
    pub session_name: String,
    /// The token.
    pub token: Secret,
    /// How long, seconds.
    pub duration_seconds: Option<i64>,
    /// A session policy: a JSON text.
    pub policy: Option<String>,
    /// Session policies: managed policy ARNs.
    pub policy_arns: Vec<String>,
}

/// The new session and what the token said.
#[derive(Debug, Clone)]
pub struct AssumedWithWebIdentity {
    /// The session.
    pub assumed: Assumed,
    /// The token's `sub`.
    pub subject: String,
    /// Its `iss`.
    pub provider: String,
    /// For which client of the provider's it was made.
    pub audience: String,
}

/// A call whose token waits to be judged.
#[derive(Debug, Clone)]
pub struct Begun {
    ask: AssumeRoleWithWebIdentity,
    policies: Vec<String>,
    /// Whose token it says that it is: a provider of the role's account.
    pub provider: OidcProvider,
}

/// What a token says of its session.
struct Claims {
    tags: BTreeMap<String, String>,
    transitive_tag_keys: Vec<String>,
    source_identity: Option<String>,
    /// The keys that begin with the provider's name.
    of_provider: Context,
}

/// Finds the provider that the token names among those of the role's account.
pub fn begin(store: &Store, ask: AssumeRoleWithWebIdentity) -> Result<Begun, Fault> {
    let policies = session_policies(&ask.role_arn, ask.policy.as_deref(), &ask.policy_arns)?;
    let named = claimed_issuer(ask.token.expose())
        .ok_or_else(|| invalid("WebIdentityToken is no JSON Web Token that names its issuer (iss)"))?;
    let (account, _) = parse_role_arn(&ask.role_arn).ok_or_else(denied)?;
    let found = store.read(|rx| {
        // Roles of a connected account are not here: its own STS is to be asked.
        if store::accounts::account_connections::exists(rx, &account)? {
            return Ok(None);
        }
        Ok(oidc_providers::find(rx, &account, oidc_provider::name(&named))?)
    })?;
    let provider = found.filter(|provider| provider.url == named).ok_or_else(|| {
        let is_plain = named.len() <= URL_MAX && named.bytes().all(|byte| byte.is_ascii_graphic());
        let whom = if is_plain { named.as_str() } else { "the issuer of the token" };
        invalid(format!("No OpenIDConnect provider found in your account for {whom}"))
    })?;
    Ok(Begun { ask, policies, provider })
}

impl Begun {
    /// The token, and for whom it must be made.
    pub fn to_judge(&self) -> (&str, &[String]) {
        (self.ask.token.expose(), &self.provider.client_ids)
    }

    /// Assumes the role on the word of a token that holds.
    pub async fn finish(
        self,
        store: &Store,
        cx: &Cx,
        said: Assertion,
    ) -> Result<AssumedWithWebIdentity, Fault> {
        let claims = Claims::read(&self.provider, &said)?;
        let hands_on = (claims.transitive_tag_keys.as_slice(), claims.source_identity.as_deref());
        let chain = Chain::of(cx, &claims.tags, hands_on.0, hands_on.1)?;
        store.write(cx, move |tx, cx| self.assume(tx, cx, (&said, &claims, &chain))).await
    }

    fn assume(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        (said, claims, chain): (&Assertion, &Claims, &Chain),
    ) -> Result<AssumedWithWebIdentity, Fault> {
        let (ask, provider) = (&self.ask, &self.provider);
        // It may have been taken away, or have lost a client, while the token was judged.
        if oidc_providers::find(tx, &provider.account_id, provider.name())?.as_ref() != Some(provider) {
            return Err(invalid("The OpenIDConnect provider was changed meanwhile: try again"));
        }
        // A role that is not there and one that does not trust the provider get the same answer: nothing is learned.
        let role = find(tx, &ask.role_arn)?.ok_or_else(denied)?;
        let hands_on = (claims.transitive_tag_keys.as_slice(), claims.source_identity.as_deref());
        let mut context = session_keys(&ask.session_name, &claims.tags, hands_on);
        context.extend(claims.of_provider.clone());
        context.extend(resource_tags(tx, &role)?);
        let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
        if !claims.tags.is_empty() {
            actions.push(TAG_SESSION);
        }
        if claims.source_identity.is_some() {
            actions.push(SET_SOURCE_IDENTITY);
        }
        let path = store::accounts::accounts::path_of(tx, &role.account_id)?;
        if !trust::may_federate(cx, (&role, &path), &provider.arn(), &actions, &context)? {
            return Err(denied());
        }
        require_own_policies(tx, &role, &ask.policy_arns)?;
        let session = NewSession {
            role: &role.reference(),
            session_name: ask.session_name.clone(),
            lifetime: lifetime(cx, &role, ask.duration_seconds)?,
            tags: chain.tags.clone(),
            on_behalf_of: None,
            provided_context: None,
            federated_provider: Some(provider.arn()),
            policies: self.policies.clone(),
            mfa_at: None,
            handed_on: chain.handed_on.clone(),
        };
        let done = AssumedWithWebIdentity {
            assumed: Assumed::begin(tx, cx, &session)?,
            subject: said.subject.clone(),
            provider: provider.url.clone(),
            audience: said.audience.clone(),
        };
        cx.event().name_user(&done.subject);
        cx.event().touch("AWS::IAM::Role", role.arn());
        cx.event().touch(OIDC_PROVIDER, provider.arn());
        let mut recorded = done.assumed.recorded();
        recorded["subjectFromWebIdentityToken"] = json!(done.subject);
        recorded["provider"] = json!(provider.arn());
        recorded["audience"] = json!(done.audience);
        cx.event().respond(recorded);
        Ok(done)
    }
}

impl Claims {
    fn read(provider: &OidcProvider, said: &Assertion) -> Result<Self, Fault> {
        let all = said.claims.all();
        let SaidTags { tags, transitive } = SaidTags::read(all)?;
        let tags = session_tags(&tags)?;
        check_session_tags(&tags).map_err(|why| invalid(format!("The token has {why}")))?;
        let source_identity = match all.get(SOURCE_IDENTITY) {
            None => None,
            Some(Value::String(name)) if is_session_name(name) => Some(name.clone()),
            Some(_) => {
                return Err(invalid(format!(
                    "The token's {SOURCE_IDENTITY} must be 2 to 64 of letters, digits and _+=,.@-"
                )));
            }
        };
        Ok(Self {
            tags,
            transitive_tag_keys: transitive,
            source_identity,
            of_provider: of_provider(provider, said)?,
        })
    }
}

/// `aud` is to whom the token was given (`azp`) where it says so, and then `oaud` is for whom it was made.
fn of_provider(provider: &OidcProvider, said: &Assertion) -> Result<Context, Fault> {
    let name = provider.name();
    let wrong = |why: &dyn std::fmt::Display| invalid(format!("In the token, {why}"));
    let claim = |name: &str| ClaimName::read(name).map_err(|why| wrong(&why));
    let party = said.claims.text(&claim("azp")?).map_err(|why| wrong(&why))?;
    let methods = said.claims.texts(&claim("amr")?).map_err(|why| wrong(&why))?;
    let mut context = Context::new();
    let mut put = |key: &str, values: Vec<String>| context.insert(format!("{name}:{key}"), values);
    put("sub", vec![said.subject.clone()]);
    put("aud", vec![party.unwrap_or(&said.audience).to_owned()]);
    if party.is_some() {
        put("oaud", vec![said.audience.clone()]);
    }
    if let Some(methods) = methods.filter(|methods| !methods.is_empty()) {
        put("amr", methods.into_iter().map(str::to_owned).collect());
    }
    Ok(context)
}

/// What a token says of session tags, in either of AWS's two forms.
#[derive(Default)]
struct SaidTags {
    tags: Vec<(String, String)>,
    transitive: Vec<String>,
}

impl SaidTags {
    fn read(said: &Map<String, Value>) -> Result<Self, Fault> {
        let mut all = Self::default();
        if let Some(nested) = said.get(TAGS) {
            let nested = nested.as_object().ok_or_else(|| must_be(TAGS, "an object"))?;
            if let Some(tags) = nested.get(PRINCIPAL_TAGS) {
                let tags = tags.as_object().ok_or_else(|| must_be(PRINCIPAL_TAGS, "an object"))?;
                tags.iter().try_for_each(|(key, value)| all.take(key, value))?;
            }
            nested.get(TRANSITIVE_TAG_KEYS).map_or(Ok(()), |keys| all.hand_on(keys))?;
        }
        for (name, value) in said {
            let below = name.strip_prefix(TAGS).and_then(|rest| rest.strip_prefix('/'));
            let Some(below) = below else { continue };
            match below.strip_prefix(PRINCIPAL_TAGS).and_then(|rest| rest.strip_prefix('/')) {
                Some(key) => all.take(key, value)?,
                None if below == TRANSITIVE_TAG_KEYS => all.hand_on(value)?,
                None => {}
            }
        }
        Ok(all)
    }

    fn take(&mut self, key: &str, value: &Value) -> Result<(), Fault> {
        let value = match value {
            Value::Array(values) if values.len() == 1 => values.first(),
            one => Some(one),
        };
        let value = value.and_then(Value::as_str);
        let value = value.ok_or_else(|| must_be(PRINCIPAL_TAGS, "texts, one for each key"))?;
        self.tags.push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    fn hand_on(&mut self, keys: &Value) -> Result<(), Fault> {
        let keys = match keys {
            Value::Array(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        for key in keys {
            let key = key.as_str().ok_or_else(|| must_be(TRANSITIVE_TAG_KEYS, "a list of keys"))?;
            self.transitive.push(key.to_owned());
        }
        Ok(())
    }
}

fn must_be(what: &str, wanted: &str) -> Fault {
    invalid(format!("The token's {what} must be {wanted}"))
}

/// Why a token does not hold, for whoever brought it. For which clients tokens must be made is the account's to tell.
pub fn refused(why: &Refusal) -> Fault {
    match why {
        Refusal::Audience { .. } => invalid("Incorrect token audience").with_context(why),
        Refusal::Expired { .. } => Fault::new(FaultKind::Service("ExpiredTokenException"), why.to_string()),
        other => invalid(format!("The web identity token is not accepted: {other}")),
    }
}

/// The provider could not be asked for its keys. Whose fault that is cannot be known; the caller may try again.
pub fn unheard(provider: &OidcProvider, why: &Fault) -> Fault {
    // What was answered, and from where, is for those who run this server.
    tracing::warn!(provider = %provider.arn(), why = why.message(), "a provider's keys are not known");
    let said = "The keys of the token's provider are not known now; it could not be asked, or answered something else: try again in a minute";
    Fault::new(FaultKind::Service("IDPCommunicationError"), said).with_context(why.message())
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("InvalidIdentityToken"), message)
}

fn denied() -> Fault {
    Fault::access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
}
