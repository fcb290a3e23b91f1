//! AssumeRoleWithSAML: whoever brings an assertion that this instance signed gets a session of the role that it names, if the role trusts
//! the instance's provider. The assertion is the caller's only proof, so it counts once, for its time, for the role it names.
//! STS API reference, "AssumeRoleWithSAML"; IAM user guide, "Configure SAML assertions for the authentication response".

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::access::Context;
use model::accounts::role::Role;
use model::caller::HandedOn;
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::timestamp::Timestamp;
use policy::trust;
use saml::assertion::{Assertion, Expected};
use saml::error::Error;
use saml::key::PublicKey;
use serde_json::json;
use store::db::Store;
use store::instances::signing_keys;
use store::tx::Tx;
use time::OffsetDateTime;

use crate::role_sessions::{NewSession, is_session_name};
use crate::roles::resource_tags;
use crate::sts::{
    Assumed, DEFAULT_SECONDS, TAG_SESSION, find, parse_role_arn, require_own_policies, session_keys,
    session_policies, session_tags,
};

/// Where AWS takes assertions, and the audience of those of IAM Identity Center.
pub const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
/// The other audience that AWS takes.
const AWS: &str = "urn:amazon:webservices";
/// `role ARN,provider ARN`, in either order.
pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
/// The session's name.
pub const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
/// How long the session lives, seconds.
pub const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
/// Before a session tag's key.
pub const PRINCIPAL_TAG: &str = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:";
/// What SubjectType leaves out of a format.
const FORMAT_PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
/// The shortest and the longest session, seconds.
const SECONDS: std::ops::RangeInclusive<i64> = 900..=43_200;

/// What AssumeRoleWithSAML asks for.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithSaml {
    /// The role's ARN.
    pub role_arn: String,
    /// The SAML provider's ARN.
    pub principal_arn: String,
    /// The Response or Assertion, base64.
    pub assertion: model::secret::Secret,
    /// How long, seconds.
    pub duration_seconds: Option<i64>,
    /// A session policy: a JSON text.
    pub policy: Option<String>,
    /// Session policies: managed policy ARNs.
    pub policy_arns: Vec<String>,
}

/// The new session and what the assertion said.
#[derive(Debug, Clone)]
pub struct AssumedWithSaml {
    /// The session.
    pub assumed: Assumed,
    /// The NameID.
    pub subject: String,
    /// Its format, `persistent` for SAML's own kinds.
    pub subject_type: String,
    /// Who signed.
    pub issuer: String,
    /// The recipient.
    pub audience: String,
    /// Tells apart the subjects of issuers, accounts and providers.
    pub name_qualifier: String,
}

/// What the assertion says of the session.
struct Claims {
    assertion: Assertion,
    session_name: String,
    /// How long it is to live, seconds, as the caller or else the assertion says.
    asked: Option<i64>,
    /// How long the sign-in behind it lasts yet, seconds.
    left: Option<i64>,
    tags: BTreeMap<String, String>,
}

/// Assumes a role on the word of the instance.
pub async fn assume_role_with_saml(
    store: &Store,
    cx: &Cx,
    ask: AssumeRoleWithSaml,
) -> Result<AssumedWithSaml, Fault> {
    let policies = session_policies(&ask.role_arn, ask.policy.as_deref(), &ask.policy_arns)?;
    let keys = keys(store, &ask)?;
    let claims = claims(cx, &ask, &keys)?;
    store.write(cx, move |tx, cx| assume(tx, cx, (&ask, &claims), &policies)).await
}

/// The keys of the provider that the caller names: it must be this instance's, in the role's account.
fn keys(store: &Store, ask: &AssumeRoleWithSaml) -> Result<Vec<PublicKey>, Fault> {
    let account = parse_role_arn(&ask.role_arn).map(|(account, _)| account);
    let (instance, certificates, is_connected) = store.read(|rx| {
        let is_connected = match &account {
            Some(account) => store::accounts::account_connections::exists(rx, account)?,
            None => false,
        };
        let certificates = signing_keys::certificates(rx, signing_keys::SAML_IDP)?;
        Ok((store::instances::instances::find_organizations(rx)?, certificates, is_connected))
    })?;
    // What we told the STS of a connected account counts there alone: it could bring it here.
    if is_connected {
        return Err(invalid("Specified provider doesn't exist"));
    }
    let ours = account.is_some_and(|account| {
        instance.is_some_and(|instance| {
            broker::local::saml_provider_arn(&account, &instance.id) == ask.principal_arn
        })
    });
    if !ours {
        return Err(invalid("Specified provider doesn't exist"));
    }
    certificates.iter().map(|der| PublicKey::from_certificate(der).map_err(Fault::internal)).collect()
}

/// Verifies the assertion and reads what it says.
fn claims(cx: &Cx, ask: &AssumeRoleWithSaml, keys: &[PublicKey]) -> Result<Claims, Fault> {
    let text: String = ask.assertion.expose().split_ascii_whitespace().collect();
    let text = STANDARD.decode(text).ok().and_then(|text| String::from_utf8(text).ok());
    let text = text.ok_or_else(|| invalid("SAMLAssertion is not base64 of UTF-8"))?;
    let assertion =
        saml::verify::verify(&text, keys).and_then(|signed| Assertion::read(&signed)).map_err(refusal)?;
    let now = OffsetDateTime::from_unix_timestamp(cx.now.seconds()).map_err(Fault::internal)?;
    let expected =
        Expected { audiences: &[SIGN_IN, AWS], recipients: &[SIGN_IN], now, skew: time::Duration::ZERO };
    assertion.check(&expected).map_err(refusal)?;
    if !names_role(&assertion, ask) {
        return Err(denied());
    }
    let session_name = session_name(&assertion)?;
    let asked = ask.duration_seconds.map_or_else(|| session_duration(&assertion), |asked| Ok(Some(asked)))?;
    let left = left(&assertion, now)?;
    let tags = session_tags(&principal_tags(&assertion)?)?;
    Ok(Claims { assertion, session_name, asked, left, tags })
}

fn assume(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (ask, claims): (&AssumeRoleWithSaml, &Claims),
    policies: &[String],
) -> Result<AssumedWithSaml, Fault> {
    let said = &claims.assertion;
    // A role that is not there and one that does not trust the provider get the same answer: nothing is learned.
    let role = find(tx, &ask.role_arn)?.ok_or_else(denied)?;
    let name_qualifier = name_qualifier(&said.issuer, &role, &ask.principal_arn);
    let subject_type = said.name_id.format.as_deref().unwrap_or("unspecified");
    let subject_type = subject_type.strip_prefix(FORMAT_PREFIX).unwrap_or(subject_type).to_owned();
    let mut context = context(claims, &subject_type, &name_qualifier);
    context.extend(resource_tags(tx, &role)?);
    let actions: &[&str] = if claims.tags.is_empty() {
        &["sts:AssumeRoleWithSAML"]
    } else {
        &["sts:AssumeRoleWithSAML", TAG_SESSION]
    };
    let path = store::accounts::accounts::path_of(tx, &role.account_id)?;
    if !trust::may_federate(cx, (&role, &path), &ask.principal_arn, actions, &context)? {
        return Err(denied());
    }
    require_own_policies(tx, &role, &ask.policy_arns)?;
    let expires_at = Timestamp::from_seconds(said.not_on_or_after.unix_timestamp());
    if !store::accounts::used_assertions::insert(tx, &said.issuer, &said.id, expires_at)? {
        return Err(invalid("The assertion has been used already"));
    }
    let session = NewSession {
        role: &role.reference(),
        session_name: claims.session_name.clone(),
        lifetime: lifetime(&role, claims)?,
        tags: claims.tags.clone(),
        on_behalf_of: None,
        provided_context: None,
        federated_provider: Some(ask.principal_arn.clone()),
        policies: policies.to_vec(),
        mfa_at: None,
        handed_on: HandedOn::default(),
    };
    let done = AssumedWithSaml {
        assumed: Assumed::begin(tx, cx, &session)?,
        subject: said.name_id.value.clone(),
        subject_type,
        issuer: said.issuer.clone(),
        audience: said.recipient.clone(),
        name_qualifier,
    };
    describe(cx, &role, ask, &done);
    Ok(done)
}

/// What the record says of it.
fn describe(cx: &Cx, role: &Role, ask: &AssumeRoleWithSaml, done: &AssumedWithSaml) {
    cx.event().name_user(&done.subject);
    cx.event().touch("AWS::IAM::Role", role.arn());
    cx.event().touch("AWS::IAM::SAMLProvider", ask.principal_arn.as_str());
    let mut recorded = done.assumed.recorded();
    for (member, said) in [
        ("subject", &done.subject),
        ("subjectType", &done.subject_type),
        ("issuer", &done.issuer),
        ("audience", &done.audience),
        ("nameQualifier", &done.name_qualifier),
    ] {
        recorded[member] = json!(said);
    }
    cx.event().respond(recorded);
}

fn context(claims: &Claims, subject_type: &str, name_qualifier: &str) -> Context {
    let said = &claims.assertion;
    let mut context = session_keys(&claims.session_name, &claims.tags, (&[], None));
    let mut put = |key: &str, value: &str| context.insert(key.to_owned(), vec![value.to_owned()]);
    // AWS takes `SAML:aud` from the recipient, not from the audience (IAM user guide, "Available keys for SAML-based AWS STS federation").
    put("SAML:aud", &said.recipient);
    put("SAML:iss", &said.issuer);
    put("SAML:sub", &said.name_id.value);
    put("SAML:sub_type", subject_type);
    put("SAML:namequalifier", name_qualifier);
    context
}

/// Whether one of the assertion's pairs is the role and the provider that the caller names.
fn names_role(assertion: &Assertion, ask: &AssumeRoleWithSaml) -> bool {
    let wanted = (ask.role_arn.as_str(), ask.principal_arn.as_str());
    assertion
        .values(ROLE)
        .filter_map(|pair| pair.split_once(','))
        .map(|(one, other)| (one.trim(), other.trim()))
        .any(|(one, other)| (one, other) == wanted || (other, one) == wanted)
}

fn session_name(assertion: &Assertion) -> Result<String, Fault> {
    let mut values = assertion.values(ROLE_SESSION_NAME);
    let (Some(name), None) = (values.next(), values.next()) else {
        return Err(invalid("The assertion must have RoleSessionName with one value"));
    };
    if is_session_name(name) {
        Ok(name.to_owned())
    } else {
        Err(invalid("RoleSessionName must be 2 to 64 of letters, digits and _+=,.@-"))
    }
}

/// `SessionDuration`, for whoever does not ask for another.
fn session_duration(assertion: &Assertion) -> Result<Option<i64>, Fault> {
    let read = |value: &str| {
        let seconds = value.parse::<i64>().ok().filter(|seconds| SECONDS.contains(seconds));
        seconds.ok_or_else(|| invalid("SessionDuration must be 900 to 43200"))
    };
    assertion.values(SESSION_DURATION).next().map(read).transpose()
}

/// What is left of the sign-in behind the assertion.
fn left(assertion: &Assertion, now: OffsetDateTime) -> Result<Option<i64>, Fault> {
    let left = assertion.session_not_on_or_after.map(|end| (end - now).whole_seconds());
    match left {
        Some(..=0) => Err(expired("The sign-in behind the assertion has ended")),
        left => Ok(left),
    }
}

/// What is asked for, within the role's bound, and never beyond the sign-in.
fn lifetime(role: &Role, claims: &Claims) -> Result<Duration, Fault> {
    let most = role.max_session_seconds;
    let seconds = claims.asked.unwrap_or(DEFAULT_SECONDS.min(most));
    if seconds > most {
        return Err(Fault::validation(format!(
            "The requested DurationSeconds is {seconds}; it exceeds the MaxSessionDuration set for this role, {most}."
        )));
    }
    let seconds = claims.left.map_or(seconds, |left| seconds.min(left));
    Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn principal_tags(assertion: &Assertion) -> Result<Vec<(String, String)>, Fault> {
    let tags = assertion.attributes.iter().filter_map(|(name, values)| {
        name.strip_prefix(PRINCIPAL_TAG).map(|key| match values.as_slice() {
            [value] => Ok((key.to_owned(), value.clone())),
            _ => Err(invalid("PrincipalTag must have one value")),
        })
    });
    tags.collect()
}

/// `Base64 ( SHA1 ( issuer + account + "/" + provider name ) )`, as the STS API reference defines it.
fn name_qualifier(issuer: &str, role: &Role, provider_arn: &str) -> String {
    let name = provider_arn.rsplit('/').next().unwrap_or_default();
    let text = format!("{issuer}{}/{name}", role.account_id);
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// The caller reads that the assertion is not good, the log why: a forger learns nothing.
fn refusal(error: Error) -> Fault {
    match error {
        Error::Expired(_) => expired(error.to_string()),
        Error::NotYetValid(_) | Error::Audience(_) | Error::Recipient(_) => invalid(error.to_string()),
        other => invalid("The assertion is not acceptable, or its signature is not the provider's")
            .with_context(other),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("InvalidIdentityToken"), message)
}

fn expired(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Service("ExpiredTokenException"), message)
}

fn denied() -> Fault {
    Fault::access_denied("Not authorized to perform sts:AssumeRoleWithSAML")
}
