//! Tags of instances, permission sets, applications and trusted token issuers.

use model::access::Context;
use model::accounts::permission_set::PermissionSetArn;
use model::applications::application::ApplicationArn;
use model::applications::trusted_token_issuer::TrustedTokenIssuerArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::tag::Tags;
use model::limits::TAGS_MAX;
use policy::delegation::is_read;
use policy::require::{Action, require_with, unseen};
use policy::resource;
use store::db::Store;
use store::tx::Rx;

/// What can be tagged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taggable {
    /// An instance.
    Instance(InstanceId),
    /// A permission set.
    PermissionSet(PermissionSetArn),
    /// An application.
    Application(ApplicationArn),
    /// A trusted token issuer.
    TrustedTokenIssuer(TrustedTokenIssuerArn),
}

impl Taggable {
    /// From an ARN. Other kinds of resources do not exist here.
    pub fn parse(arn: &str) -> Result<Self, Fault> {
        InstanceId::from_arn(arn)
            .map(Self::Instance)
            .or_else(|| PermissionSetArn::parse(arn).map(Self::PermissionSet))
            .or_else(|| ApplicationArn::parse(arn).map(Self::Application))
            .or_else(|| TrustedTokenIssuerArn::parse(arn).map(Self::TrustedTokenIssuer))
            .ok_or_else(|| Fault::not_found(format!("Resource {arn} was not found")).with_resource_id(arn))
    }

    /// The instance that it is, or is part of.
    pub fn instance(&self) -> &InstanceId {
        match self {
            Self::Instance(id) => id,
            Self::PermissionSet(arn) => &arn.instance_id,
            Self::Application(arn) => &arn.instance_id,
            Self::TrustedTokenIssuer(arn) => &arn.instance_id,
        }
    }

    /// CloudTrail's word for it.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Instance(_) => "AWS::SSO::Instance",
            Self::PermissionSet(_) => "AWS::SSO::PermissionSet",
            Self::Application(_) => "AWS::SSO::Application",
            Self::TrustedTokenIssuer(_) => "AWS::SSO::TrustedTokenIssuer",
        }
    }

    /// What people call it.
    fn word(&self) -> &'static str {
        self.kind().rsplit(':').next().unwrap_or_default()
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        match self {
            Self::Instance(id) => id.arn(),
            Self::PermissionSet(arn) => arn.to_string(),
            Self::Application(arn) => arn.to_string(),
            Self::TrustedTokenIssuer(arn) => arn.to_string(),
        }
    }
}

/// Whether there is such a thing; the instance is there.
fn is_there(rx: &mut Rx<'_>, what: &Taggable) -> Result<bool, Fault> {
    Ok(match what {
        Taggable::Instance(_) => true,
        Taggable::PermissionSet(arn) => {
            store::accounts::permission_sets::find(rx, &arn.instance_id, &arn.id)?.is_some()
        }
        Taggable::Application(arn) => store::applications::applications::find(rx, &arn.id)?
            .is_some_and(|application| application.arn() == *arn),
        Taggable::TrustedTokenIssuer(arn) => {
            store::applications::trusted_token_issuers::find(rx, arn)?.is_some()
        }
    })
}

/// The tags of a resource, once the caller may do `action` on it.
fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    what: &Taggable,
    further: &Context,
) -> Result<Tags, Fault> {
    let Some(instance) = store::instances::instances::find(rx, what.instance())? else {
        return Err(unseen(cx, action, &what.arn()));
    };
    let tags = store::instances::tags::all_of(rx, &what.arn())?;
    let resource = match what {
        Taggable::Instance(_) => resource::instance(&instance, tags.clone()),
        Taggable::PermissionSet(arn) => resource::permission_set(arn, &instance.owner, tags.clone()),
        Taggable::Application(arn) => {
            let path = store::accounts::accounts::path_of(rx, &arn.account_id)?;
            resource::application(cx, arn, &instance, tags.clone(), path)
        }
        Taggable::TrustedTokenIssuer(arn) => resource::tagged(arn.to_string(), &arn.account_id, tags.clone()),
    };
    require_with(cx, action, &[resource], further)?;
    // As with all else of it: `accounts::instance`.
    if let Taggable::PermissionSet(arn) = what
        && cx.caller.is_delegated()
        && !is_read(action.0)
        && store::accounts::provisioned_permission_sets::find(rx, &cx.owner, &arn.id)?.is_some()
    {
        return Err(unseen(cx, action, &arn.to_string()));
    }
    if !is_there(rx, what)? {
        let (kind, arn) = (what.word(), what.arn());
        return Err(Fault::not_found(format!("{kind} {arn} was not found")).with_resource_id(arn));
    }
    Ok(tags)
}

/// The tags of a resource.
pub fn list(store: &Store, cx: &Cx, what: &Taggable) -> Result<Tags, Fault> {
    store.read(|rx| guarded(rx, cx, Action("sso:ListTagsForResource"), what, &Context::new()))
}

/// Sets tags.
pub async fn tag(store: &Store, cx: &Cx, what: Taggable, tags: Tags) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let mut further: Context = tags
                .iter()
                .map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()]))
                .collect();
            further.insert("aws:TagKeys".to_owned(), tags.keys().cloned().collect());
            let mut all = guarded(tx, cx, Action("sso:TagResource"), &what, &further)?;
            all.extend(tags.clone());
            if all.len() > TAGS_MAX {
                return Err(Fault::quota(format!(
                    "The resource would have {} tags, {TAGS_MAX} at most",
                    all.len()
                )));
            }
            tags.iter()
                .try_for_each(|(key, value)| store::instances::tags::upsert(tx, &what.arn(), key, value))?;
            cx.event().touch(what.kind(), what.arn());
            Ok(())
        })
        .await
}

/// Takes tags away.
pub async fn untag(store: &Store, cx: &Cx, what: Taggable, keys: Vec<String>) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let further = Context::from([("aws:TagKeys".to_owned(), keys.clone())]);
            guarded(tx, cx, Action("sso:UntagResource"), &what, &further)?;
            keys.iter().try_for_each(|key| store::instances::tags::delete(tx, &what.arn(), key))?;
            cx.event().touch(what.kind(), what.arn());
            Ok(())
        })
        .await
}
