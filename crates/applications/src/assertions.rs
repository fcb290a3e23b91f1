//! A token of a trusted issuer, turned into a person: judged by the issuer's keys, made for this application, and about exactly one person of the identity
//! store, by the claim and the attribute that the issuer's settings name. What is refused is refused in one sentence for whoever brought it, and with its
//! reason in the log.

use jose::openid::assertion::claimed_issuer;
use model::applications::trusted_token_issuer::{PersonAttribute, TrustedTokenIssuer, TrustedTokenIssuerArn};
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::{ExternalId, UserId, UserStatus};
use model::fault::{Fault, OAuthError};
use model::instances::instance::Instance;
use model::name_key::name_key;
use model::secret::Secret;
use model::timestamp::Timestamp;
use outbound::client::Outbound;
use store::accounts::used_assertions;
use store::applications::trusted_token_issuers;
use store::db::Store;
use store::directory::{external_ids, users};
use store::tx::{Rx, Tx};

use crate::issuer_keys::{self, Unjudged, Whose};

/// What tokens' ids are remembered under, before the issuer's name: other ids that may come once have issuers of their own. An issuer that is taken away and
/// made again finds its tokens used.
const ONCE: &str = "urn:portico:trusted-token-issuer:";

/// An issuer of which an application takes tokens, and for whom those must be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    /// The issuer.
    pub issuer: TrustedTokenIssuerArn,
    /// One of these must be in the token's `aud`.
    pub audiences: Vec<String>,
}

/// A token that holds, of an issuer that is trusted. Whom it means is found where it is used, by what is there then.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The issuer.
    pub issuer: TrustedTokenIssuer,
    /// What the claim says.
    pub value: String,
    /// Its `jti` and until when that is remembered.
    once: Option<(String, Timestamp)>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

/// What whoever brought a token hears, of whatever is wrong with it; the log and the record say more.
fn refused(why: impl std::fmt::Display) -> Fault {
    let said = format!("The assertion is not accepted: {why}");
    Fault::oauth(OAuthError::InvalidGrant, said)
}

/// Judges a token by the keys of the issuer that it names, if that is one of those that are authorised. No transaction is open: an issuer may be asked.
pub async fn judge(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (token, authorized): (&Secret, &[Authorized]),
) -> Result<Judged, Fault> {
    let token = token.expose();
    let named = claimed_issuer(token)
        .ok_or_else(|| refused("it is no JSON Web Token that names its issuer (iss)"))?;
    let trusted = store.read(|rx| trusted(rx, &named, authorized))?;
    let (issuer, audiences) = trusted.ok_or_else(|| {
        refused("its issuer (iss) is none of the trusted token issuers that the application's grant names")
    })?;
    let whose = Whose { id: issuer.arn.id.as_str(), url: &issuer.issuer_url };
    let judged = issuer_keys::judge(store, cx, outbound, whose, (token, &audiences)).await;
    let assertion = judged.map_err(|why| match why {
        Unjudged::Unheard(why) => unheard(&issuer, &why),
        Unjudged::Refused(why) => refused(why),
    })?;
    let claim = &issuer.mapping.claim;
    let value = assertion.text(claim).map_err(refused)?.filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| refused(format!("it has no claim {claim}")))?.to_owned();
    let is_email = PersonAttribute::parse(&issuer.mapping.attribute)? == PersonAttribute::Email;
    if is_email && assertion.truth("email_verified").map_err(refused)? == Some(false) {
        return Err(refused("its issuer says that the e-mail address was not verified (email_verified)"));
    }
    Ok(Judged {
        value,
        once: assertion.id.clone().map(|id| (id, Timestamp::from_seconds(assertion.remember_until))),
        expires_at: Timestamp::from_seconds(assertion.expires_at),
        issuer,
    })
}

/// The issuer of this name, if it is there and authorised, and for whom its tokens must be made.
fn trusted(
    rx: &mut Rx<'_>,
    named: &str,
    authorized: &[Authorized],
) -> Result<Option<(TrustedTokenIssuer, Vec<String>)>, Fault> {
    for one in authorized {
        let found = trusted_token_issuers::find(rx, &one.issuer)?;
        if let Some(issuer) = found.filter(|issuer| issuer.issuer_url == named) {
            return Ok(Some((issuer, one.audiences.clone())));
        }
    }
    Ok(None)
}

/// The issuer could not be asked. Whose fault that is cannot be known; a client may try again.
fn unheard(issuer: &TrustedTokenIssuer, why: &Fault) -> Fault {
    // What was answered, and from where, is for those who run this server: whoever acts for an application may be of another account.
    tracing::warn!(issuer = %issuer.arn, why = why.message(), "an issuer's keys are not known");
    refused(
        "the keys of its issuer are not known now; the issuer could not be asked, or answered something else",
    )
    .with_context(why.message())
}

impl Judged {
    /// Whom the token means, within the transaction that uses it up: exactly one person, who is there and enabled, of an issuer that is still trusted with
    /// this mapping. A token that has a `jti` is good once.
    pub fn person(&self, tx: &mut Tx<'_>, instance: &Instance) -> Result<UserId, Fault> {
        let still = trusted_token_issuers::find(tx, &self.issuer.arn)?;
        // Who is who in another instance is not known here.
        let elsewhere = self.issuer.arn.instance_id != instance.id;
        if elsewhere || still.is_none_or(|issuer| issuer.mapping != self.issuer.mapping) {
            return Err(refused("its issuer is not trusted any more, or was changed meanwhile"));
        }
        let store = &instance.identity_store_id;
        let found = person_of(tx, store, &self.issuer, &self.value)?;
        let (claim, attribute) = (&self.issuer.mapping.claim, &self.issuer.mapping.attribute);
        let person = found
            .ok_or_else(|| refused(format!("nobody has the {attribute} that its claim {claim} says")))?;
        let standing = users::find_standing(tx, store, &person)?;
        if standing.is_none_or(|standing| standing.status != UserStatus::Enabled) {
            return Err(refused("its person is disabled"));
        }
        if let Some((id, until)) = &self.once
            && !used_assertions::insert(tx, &format!("{ONCE}{}", self.issuer.issuer_url), id, *until)?
        {
            return Err(refused("it was used before (jti)"));
        }
        Ok(person)
    }
}

/// Who has this value of an attribute. At the issuer people may have chosen their names, and what is one name here may be two there: only ASCII letters may
/// differ, in case. External ids are the issuer's own: what others called people says nothing of whom it means.
fn person_of(
    rx: &mut Rx<'_>,
    store: &IdentityStoreId,
    issuer: &TrustedTokenIssuer,
    value: &str,
) -> Result<Option<UserId>, Fault> {
    let attribute = PersonAttribute::parse(&issuer.mapping.attribute)?;
    let found = match attribute {
        PersonAttribute::UserName => users::find_id_by_user_name(rx, store, &name_key(value))?,
        PersonAttribute::Email => users::find_id_by_email(rx, store, &name_key(value))?,
        PersonAttribute::ExternalId => {
            let id = ExternalId { issuer: issuer.issuer_url.clone(), id: value.to_owned() };
            external_ids::find(rx, store, external_ids::Holder::User, &id)?.map(UserId::trusted)
        }
    };
    let Some(id) = found else { return Ok(None) };
    let Some(user) = users::find(rx, store, &id)? else { return Ok(None) };
    let is_it = |own: &str| own.eq_ignore_ascii_case(value);
    let means = match attribute {
        PersonAttribute::UserName => is_it(&user.profile.user_name),
        PersonAttribute::Email => user.profile.primary_email().is_some_and(is_it),
        PersonAttribute::ExternalId => true,
    };
    Ok(means.then_some(id))
}
