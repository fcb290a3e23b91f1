//! Trusted token issuers: create, describe, list, update, delete. Nobody is asked for anything here: an issuer is heard when somebody first brings a token of
//! its, as at AWS, so that it can be made before it is reachable.

use aws_lc_rs::digest::{SHA256, digest};
use jose::openid::discovery;
use model::accounts::account::AccountId;
use model::applications::trusted_token_issuer::{
    ClaimMapping, PersonAttribute, TrustedTokenIssuer, TrustedTokenIssuerArn, TrustedTokenIssuerId,
};
use model::cx::Cx;
use model::entropy::uuid;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::{Instance, InstanceId};
use model::instances::tag::Tags;
use model::limits::{TAGS_MAX, TRUSTED_TOKEN_ISSUERS_MAX};
use model::page::{Page, PageRequest};
use policy::require::{Action, request_tags, require, require_unnamed, require_with, unseen};
use policy::resource;
use serde_json::json;
use store::applications::{issuer_keys, trusted_token_issuers};
use store::db::Store;
use store::instances::tags;
use store::tx::{Rx, Tx};

/// CloudTrail's word for an issuer.
pub const TRUSTED_TOKEN_ISSUER: &str = "AWS::SSO::TrustedTokenIssuer";

/// An issuer to make.
#[derive(Debug, Clone)]
pub struct NewTrustedTokenIssuer {
    /// Its name.
    pub name: String,
    /// Who it is.
    pub issuer_url: String,
    /// How its tokens are matched with people.
    pub mapping: ClaimMapping,
    /// The same text means the same call again.
    pub client_token: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl NewTrustedTokenIssuer {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        PersonAttribute::parse(&self.mapping.attribute)?;
        discovery::address(&self.issuer_url).map_err(|why| Fault::validation(format!("IssuerUrl: {why}")))?;
        if self.issuer_url.contains("/.well-known/") {
            return Err(Fault::validation(format!(
                "IssuerUrl is {}: it is the issuer's name, as its tokens have it in iss, without /.well-known/openid-configuration",
                self.issuer_url
            )));
        }
        if self.tags.len() > TAGS_MAX {
            let count = self.tags.len();
            return Err(Fault::validation(format!("Tags has {count} entries, {TAGS_MAX} at most")));
        }
        Ok(())
    }

    /// What a call says beside its client token, in short.
    fn digest(&self, instance: &InstanceId) -> String {
        let said = json!([
            instance.as_str(),
            self.name,
            self.issuer_url,
            self.mapping.claim,
            self.mapping.attribute,
            self.tags
        ]);
        hex(digest(&SHA256, said.to_string().as_bytes()).as_ref())
    }
}

/// What to change; what is absent stays. The address of an issuer never changes: its tokens would be another's.
#[derive(Debug, Clone, Default)]
pub struct TrustedTokenIssuerPatch {
    /// Its name.
    pub name: Option<String>,
    /// The claim.
    pub claim: Option<String>,
    /// The attribute.
    pub attribute: Option<String>,
}

/// Makes an issuer; a call that comes again with its client token answers the one that it made.
pub async fn create(
    store: &Store,
    cx: &Cx,
    instance: &InstanceId,
    new: NewTrustedTokenIssuer,
) -> Result<TrustedTokenIssuer, Fault> {
    let id = TrustedTokenIssuerId::trusted(format!("tti-{}", uuid(cx.entropy())));
    let instance_id = instance.clone();
    store
        .write(cx, move |tx, cx| {
            let (instance, account) = may_create(tx, cx, &instance_id, &new.tags)?;
            new.check()?;
            let arn = TrustedTokenIssuerArn {
                account_id: account,
                instance_id: instance.id.clone(),
                id: id.clone(),
            };
            let issuer = insert_in(tx, cx, &arn, &new)?;
            cx.event().touch(TRUSTED_TOKEN_ISSUER, issuer.arn.to_string());
            cx.event().respond(json!({ "trustedTokenIssuerArn": issuer.arn.to_string() }));
            Ok(issuer)
        })
        .await
}

/// The instance and the caller's account, once the caller may make an issuer there.
fn may_create(
    rx: &mut Rx<'_>,
    cx: &Cx,
    id: &InstanceId,
    new_tags: &Tags,
) -> Result<(Instance, AccountId), Fault> {
    let action = Action("sso:CreateTrustedTokenIssuer");
    let unseen = || unseen(cx, action, &id.arn());
    let instance = store::instances::instances::find(rx, id)?.ok_or_else(unseen)?;
    let asked = request_tags(new_tags);
    let own = tags::all_of(rx, &id.arn())?;
    require_with(cx, action, &[resource::instance(&instance, own)], &asked)?;
    // The instance's owner's, whoever administers it.
    let account = instance.owner.clone();
    // The one that is to be: a policy that names some issuers does not cover others.
    let any = format!("arn:aws:sso::{account}:trustedTokenIssuer/{id}/*");
    require_unnamed(cx, action, &[resource::owned(any.as_str(), &account)], &asked, &any)?;
    Ok((instance, account))
}

pub(crate) fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    arn: &TrustedTokenIssuerArn,
    new: &NewTrustedTokenIssuer,
) -> Result<TrustedTokenIssuer, Fault> {
    let asked = new.digest(&arn.instance_id);
    if let Some(token) = &new.client_token
        && let Some((made, was_asked)) =
            trusted_token_issuers::find_by_client_token(tx, &arn.account_id, token)?
    {
        if was_asked == asked {
            return Ok(made);
        }
        return Err(Fault::conflict(format!(
            "IdempotentParameterMismatch: ClientToken {token} was used for another trusted token issuer, {}: bring a new one with other parameters",
            made.arn
        )));
    }
    if let Some(other) = trusted_token_issuers::find_by_url(tx, &arn.instance_id, &new.issuer_url)? {
        return Err(Fault::conflict(format!(
            "IssuerUrl {} is that of {} ({}): a token must mean one issuer",
            new.issuer_url, other.arn, other.name
        )));
    }
    let most = cx.mode.quota(TRUSTED_TOKEN_ISSUERS_MAX);
    if most != u64::MAX && trusted_token_issuers::count(tx, &arn.instance_id)? >= most {
        return Err(Fault::quota(format!("An instance has at most {most} trusted token issuers")));
    }
    let issuer = TrustedTokenIssuer {
        arn: arn.clone(),
        name: new.name.clone(),
        issuer_url: new.issuer_url.clone(),
        mapping: new.mapping.clone(),
        created_at: cx.now,
    };
    trusted_token_issuers::insert(tx, &issuer, (new.client_token.as_deref(), &asked))?;
    for (key, value) in &new.tags {
        tags::upsert(tx, &arn.to_string(), key, value)?;
    }
    Ok(issuer)
}

/// The issuer, once the caller may do `action` on it. Who may not learns nothing of what is there.
fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    arn: &TrustedTokenIssuerArn,
) -> Result<TrustedTokenIssuer, Fault> {
    let of = tags::all_of(rx, &arn.to_string())?;
    require(cx, action, &[resource::tagged(arn.to_string(), &arn.account_id, of)])?;
    existing(rx, arn)
}

/// The issuer of this ARN.
fn existing(rx: &mut Rx<'_>, arn: &TrustedTokenIssuerArn) -> Result<TrustedTokenIssuer, Fault> {
    trusted_token_issuers::find(rx, arn)?.ok_or_else(|| {
        Fault::not_found(format!("TrustedTokenIssuer {arn} was not found")).with_resource_id(arn.to_string())
    })
}

/// An issuer.
pub fn describe(store: &Store, cx: &Cx, arn: &TrustedTokenIssuerArn) -> Result<TrustedTokenIssuer, Fault> {
    store.read(|rx| guarded(rx, cx, Action("sso:DescribeTrustedTokenIssuer"), arn))
}

/// Issuers of an instance by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    id: &InstanceId,
    page: &PageRequest,
) -> Result<Page<TrustedTokenIssuer>, Fault> {
    store.read(|rx| {
        let action = Action("sso:ListTrustedTokenIssuers");
        let found = store::instances::instances::find(rx, id)?;
        let instance = found.ok_or_else(|| unseen(cx, action, &id.arn()))?;
        let own = tags::all_of(rx, &id.arn())?;
        require(cx, action, &[resource::instance(&instance, own)])?;
        let rows = trusted_token_issuers::page(rx, id, page)?;
        Ok(page.page(rows, |issuer| issuer.arn.id.to_string()))
    })
}

/// Changes name and mapping, from the next token on. What was given by another mapping ends.
pub async fn update(
    store: &Store,
    cx: &Cx,
    arn: &TrustedTokenIssuerArn,
    patch: TrustedTokenIssuerPatch,
) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let mut issuer = guarded(tx, cx, Action("sso:UpdateTrustedTokenIssuer"), &arn)?;
            let mapping = issuer.mapping.clone();
            if let Some(attribute) = &patch.attribute {
                PersonAttribute::parse(attribute)?;
                issuer.mapping.attribute.clone_from(attribute);
            }
            if let Some(claim) = &patch.claim {
                issuer.mapping.claim.clone_from(claim);
            }
            if let Some(name) = &patch.name {
                issuer.name.clone_from(name);
            }
            trusted_token_issuers::update(tx, &issuer)?;
            if issuer.mapping != mapping {
                trusted_token_issuers::void(tx, &arn.id, cx.now)?;
            }
            cx.event().touch(TRUSTED_TOKEN_ISSUER, arn.to_string());
            Ok(())
        })
        .await
}

/// Removes an issuer. What was given for its tokens ends with its row, however much that is.
pub async fn delete(store: &Store, cx: &Cx, arn: &TrustedTokenIssuerArn) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            guarded(tx, cx, Action("sso:DeleteTrustedTokenIssuer"), &arn)?;
            tags::delete_all(tx, &arn.to_string())?;
            issuer_keys::delete(tx, arn.id.as_str())?;
            trusted_token_issuers::delete(tx, &arn.id)?;
            cx.event().touch(TRUSTED_TOKEN_ISSUER, arn.to_string());
            Ok(())
        })
        .await
}
