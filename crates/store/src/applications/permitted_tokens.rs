//! Whether what an application was given for a person counts now, as every consumer of it asks: a call at the portal, an identity context, a session that was
//! made with one, a token that is exchanged, one that is renewed. The family is there with all that it hangs on, its person may use the application, the grant
//! that it came by is there and names its issuer, and the same holds of what it grew from, whose scopes still lead to it.

use model::applications::access_scope::{ScopeName, ScopeTarget};
use model::applications::application::ApplicationArn;
use model::applications::application_token::ApplicationTokenFamily;
use model::applications::grant::{Grant, GrantType};
use model::applications::trusted_token_issuer::{TrustedTokenIssuerArn, TrustedTokenIssuerId};
use model::fault::Fault;
use model::signin::oauth::FamilyId;
use model::timestamp::Timestamp;

use crate::applications::application_tokens::{LiveFamily, find_live};
use crate::applications::{access_scopes, application_access, grants};
use crate::tx::Rx;

/// How often a token may be exchanged for one of the next application, which is how many families are read to know whether the last one counts.
pub const EXCHANGES_MAX: usize = 8;

/// The family of this id, if it counts now.
pub fn find(rx: &mut Rx<'_>, id: &FamilyId, now: Timestamp) -> Result<Option<LiveFamily>, Fault> {
    let Some(found) = permitted(rx, id, now)? else { return Ok(None) };
    Ok(before(rx, &found.family, now)?.map(|_| found))
}

/// Whose tokens were exchanged until there was this family, the last of them first; `None` if what it grew from does not count.
pub fn before(
    rx: &mut Rx<'_>,
    family: &ApplicationTokenFamily,
    now: Timestamp,
) -> Result<Option<Vec<ApplicationArn>>, Fault> {
    let (mut parent, mut heir) = (family.parent_id.clone(), family.application_id.clone());
    let mut exchanged = Vec::new();
    while let Some(id) = parent {
        if exchanged.len() == EXCHANGES_MAX {
            return Ok(None);
        }
        let Some(before) = permitted(rx, &id, now)? else { return Ok(None) };
        let to = crate::applications::applications::find(rx, &heir)?;
        let leads = to.map_or(Ok(false), |to| leads_to(rx, &before.family, &to.arn()))?;
        if !leads {
            return Ok(None);
        }
        parent = before.family.parent_id;
        heir = before.family.application_id;
        exchanged.push(before.application);
    }
    Ok(Some(exchanged))
}

/// The same, whatever it grew from.
fn permitted(rx: &mut Rx<'_>, id: &FamilyId, now: Timestamp) -> Result<Option<LiveFamily>, Fault> {
    let Some(live) = find_live(rx, id, now)? else { return Ok(None) };
    let family = &live.family;
    let may =
        application_access::may_use(rx, &family.user_id, &family.application_id)? && is_granted(rx, family)?;
    Ok(may.then_some(live))
}

/// Whether the application still has the grant by which it came by a family, and that names the issuer.
fn is_granted(rx: &mut Rx<'_>, family: &ApplicationTokenFamily) -> Result<bool, Fault> {
    let kind = match (&family.parent_id, &family.issuer_id) {
        (Some(_), _) => GrantType::TokenExchange,
        (None, Some(_)) => GrantType::JwtBearer,
        (None, None) => GrantType::AuthorizationCode,
    };
    Ok(match (grants::find(rx, &family.application_id, kind)?, &family.issuer_id) {
        (Some(Grant::JwtBearer { authorized_token_issuers }), Some(issuer)) => {
            let named = |arn: &str| TrustedTokenIssuerArn::parse(arn).is_some_and(|arn| is(&arn, issuer));
            authorized_token_issuers.iter().any(|one| named(&one.trusted_token_issuer_arn))
        }
        (found, _) => found.is_some(),
    })
}

fn is(arn: &TrustedTokenIssuerArn, issuer: &TrustedTokenIssuerId) -> bool {
    arn.id == *issuer
}

/// Whether a family has a scope, and its application may still have it.
pub fn has_scope(rx: &mut Rx<'_>, family: &ApplicationTokenFamily, scope: &str) -> Result<bool, Fault> {
    if !family.scopes.iter().any(|own| own == scope) {
        return Ok(false);
    }
    let name = ScopeName::parse(scope)?;
    Ok(access_scopes::find(rx, &family.application_id, &name)?.is_some())
}

/// Whether any scope of a family's tokens leads to another application, as the access scopes of the family's own say now.
pub fn leads_to(
    rx: &mut Rx<'_>,
    family: &ApplicationTokenFamily,
    to: &ApplicationArn,
) -> Result<bool, Fault> {
    let target = ScopeTarget::Application(to.clone());
    for scope in &family.scopes {
        let Ok(name) = ScopeName::parse(scope.as_str()) else { continue };
        let found = access_scopes::find(rx, &family.application_id, &name)?;
        if found.is_some_and(|found| found.authorized_targets.contains(&target)) {
            return Ok(true);
        }
    }
    Ok(false)
}
