//! Applications: create, describe, list, update, delete.

use aws_lc_rs::digest::{SHA256, digest};
use model::accounts::account::AccountId;
use model::applications::application::{Application, ApplicationArn, ApplicationId, SignInOptions, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::entropy::id_bytes;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::{Instance, InstanceId};
use model::instances::tag::Tags;
use model::limits::{APPLICATIONS_MAX, TAGS_MAX};
use model::page::{Page, PageRequest};
use policy::gate::require_organizations;
use policy::require::{Action, request_tags, require, require_unnamed, require_with, unseen};
use policy::resource;
use serde_json::json;
use store::applications::applications::{MadeBy, Which};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::application_providers::existing;
use crate::catalog::Protocol;
use crate::gate::{guarded, instance, is_member};

/// CloudTrail's word for an application.
pub const KIND: &str = "AWS::SSO::Application";

/// An application to make.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// What kind.
    pub provider: ApplicationProviderId,
    /// As people call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anybody may use it.
    pub status: Switch,
    /// Whether the portal shows it.
    pub visibility: Switch,
    /// How people come there from the portal.
    pub sign_in: Option<SignInOptions>,
    /// Tags.
    pub tags: Tags,
    /// By which a call that comes again is known.
    pub client_token: Option<String>,
}

impl NewApplication {
    /// The call's token, and a digest of everything else that it asks for.
    pub(crate) fn made_by(&self) -> MadeBy {
        let sign_in = self.sign_in.as_ref().map(|it| (it.origin.as_str(), &it.application_url));
        let input = json!([
            self.provider.as_str(),
            self.name,
            self.description,
            self.status.as_str(),
            self.visibility.as_str(),
            sign_in,
            self.tags,
        ]);
        let input = hex(digest(&SHA256, input.to_string().as_bytes()).as_ref());
        MadeBy { client_token: self.client_token.clone(), input }
    }
}

/// What to change of an application; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ApplicationPatch {
    /// As people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anybody may use it.
    pub status: Option<Switch>,
    /// How people come there from the portal.
    pub sign_in: Option<SignInOptions>,
}

/// Makes an application of the caller's account. The same call again, by its token, answers with the one that it made.
pub async fn create(
    store: &Store,
    cx: &Cx,
    instance_id: &InstanceId,
    new: NewApplication,
) -> Result<(Instance, Application), Fault> {
    let instance_id = instance_id.clone();
    let id = ApplicationId::trusted(format!("apl-{}", hex(&id_bytes::<8>(cx.entropy()))));
    store
        .write(cx, move |tx, cx| {
            let (instance, account) = may_create(tx, cx, &instance_id, (&id, &new))?;
            if existing(&new.provider)?.protocol == Protocol::Saml {
                require_organizations(cx, &instance, "pages at which its people sign in by SAML")?;
            }
            let by = new.made_by();
            let application = match made_before(tx, (&instance.id, &account), &by)? {
                Some(before) => before,
                None => insert(tx, cx, (&instance, &account, &id), (&new, &by))?,
            };
            let arn = application.arn().to_string();
            cx.event().touch(KIND, arn.clone());
            cx.event().respond(json!({"applicationArn": arn, "instanceArn": instance.id.arn()}));
            Ok((instance, application))
        })
        .await
}

/// The instance and the caller's account, once the caller may make this application. Every account of the organization may have applications, if its own
/// policies allow; nobody else.
fn may_create(
    rx: &mut Rx<'_>,
    cx: &Cx,
    instance_id: &InstanceId,
    (id, new): (&ApplicationId, &NewApplication),
) -> Result<(Instance, AccountId), Fault> {
    let action = Action("sso:CreateApplication");
    let instance = instance(rx, cx, action, instance_id)?;
    let account = cx.caller.account_id().ok_or_else(|| unseen(cx, action, &instance_id.arn()))?.clone();
    let (tags, asked) = (store::instances::tags::all_of(rx, &instance_id.arn())?, request_tags(&new.tags));
    let mut whole = resource::instance(&instance, tags);
    whole.owner_path = store::accounts::accounts::path_of(rx, &instance.owner)?;
    // An account instance is its account's alone.
    whole.shared_with_organization = instance.owner == cx.owner && is_member(rx, &account)?;
    require_with(cx, action, &[whole, resource::application_provider(&new.provider)], &asked)?;
    // The one that is to be: a policy that names some applications does not cover others.
    let arn =
        ApplicationArn { account_id: account.clone(), instance_id: instance_id.clone(), id: id.clone() };
    let to_be = resource::application(cx, &arn, &instance, Tags::new(), cx.caller.account_path().clone());
    require_unnamed(cx, action, &[to_be], &asked, &ApplicationArn::any(&account, instance_id))?;
    Ok((instance, account))
}

/// The application that this call has made before.
fn made_before(
    rx: &mut Rx<'_>,
    (instance, account): (&InstanceId, &AccountId),
    by: &MadeBy,
) -> Result<Option<Application>, Fault> {
    let Some(token) = &by.client_token else { return Ok(None) };
    match store::applications::applications::find_by_client_token(rx, instance, account, token)? {
        None => Ok(None),
        Some((application, input)) if input == by.input => Ok(Some(application)),
        // "the retry fails with an IdempotentParameterMismatch error", which the model does not have (API reference, CreateApplication).
        Some((application, _)) => Err(Fault::conflict(format!(
            "IdempotentParameterMismatch: ClientToken was used for {} with other parameters",
            application.arn()
        ))),
    }
}

/// Adds it, with its tags, where there is room for it.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, account, id): (&Instance, &AccountId, &ApplicationId),
    (new, by): (&NewApplication, &MadeBy),
) -> Result<Application, Fault> {
    let quota = cx.mode.quota(APPLICATIONS_MAX);
    if quota != u64::MAX && store::applications::applications::count(tx, &instance.id)? >= quota {
        return Err(Fault::quota(format!(
            "You have exceeded the number of applications of an instance: {quota}"
        )));
    }
    if new.tags.len() > TAGS_MAX {
        return Err(Fault::validation(format!("Tags has {} entries, {TAGS_MAX} at most", new.tags.len())));
    }
    let application = Application {
        id: id.clone(),
        instance_id: instance.id.clone(),
        account_id: account.clone(),
        provider_id: new.provider.clone(),
        name: new.name.clone(),
        description: new.description.clone(),
        status: new.status,
        visibility: new.visibility,
        sign_in: new.sign_in.clone(),
        assignment_required: true,
        background_sessions: Switch::Disabled,
        created_at: cx.now,
        created_from: cx.region.to_string(),
    };
    store::applications::applications::insert(tx, &application, by)?;
    let arn = application.arn().to_string();
    new.tags.iter().try_for_each(|(key, value)| store::instances::tags::upsert(tx, &arn, key, value))?;
    Ok(application)
}

/// An application and its instance.
pub fn describe(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<(Instance, Application), Fault> {
    store.read(|rx| guarded(rx, cx, Action("sso:DescribeApplication"), arn))
}

/// Applications of an instance by id. An account that does not own the instance sees its own, and must say so ("member accounts must use the
/// applicationAccount parameter", API reference, ListApplications).
pub fn list(
    store: &Store,
    cx: &Cx,
    instance_id: &InstanceId,
    which: Which<'_>,
    page: &PageRequest,
) -> Result<(Instance, Page<Application>), Fault> {
    store.read(|rx| {
        let action = Action("sso:ListApplications");
        require(cx, action, &[])?;
        let instance = instance(rx, cx, action, instance_id)?;
        let own = cx.caller.account_id();
        let is_own = which.account.is_some() && which.account == own;
        let is_organizations = instance.owner == cx.owner;
        let may = own == Some(&instance.owner)
            || is_organizations && cx.caller.is_delegated()
            || is_organizations
                && is_own
                && own.map(|account| is_member(rx, account)).transpose()? == Some(true);
        if !may {
            return Err(unseen(cx, action, &instance_id.arn()));
        }
        let rows = store::applications::applications::page(rx, instance_id, which, page)?;
        Ok((instance, page.page(rows, |application| application.id.to_string())))
    })
}

/// Changes an application.
pub async fn update(
    store: &Store,
    cx: &Cx,
    arn: &ApplicationArn,
    patch: ApplicationPatch,
) -> Result<(), Fault> {
    change(store, cx, (Action("sso:UpdateApplication"), arn), move |application| {
        let patch = patch.clone();
        application.name = patch.name.unwrap_or_else(|| application.name.clone());
        application.description = patch.description.or_else(|| application.description.clone());
        application.status = patch.status.unwrap_or(application.status);
        application.sign_in = patch.sign_in.or_else(|| application.sign_in.clone());
        Ok(())
    })
    .await
}

/// Changes what `with` changes of an application.
pub(crate) async fn change(
    store: &Store,
    cx: &Cx,
    (action, arn): (Action, &ApplicationArn),
    with: impl Fn(&mut Application) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (_, mut application) = guarded(tx, cx, action, &arn)?;
            let before = application.clone();
            with(&mut application)?;
            if before.status == Switch::Enabled && application.status != Switch::Enabled {
                // Enabled again, it begins anew, as a person does.
                store::applications::applications::void(tx, &application.id, cx.now)?;
            }
            if application != before {
                store::applications::applications::update(tx, &application)?;
            }
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// Removes an application, and whatever hangs on it.
pub async fn delete(store: &Store, cx: &Cx, arn: &ApplicationArn) -> Result<(), Fault> {
    let arn = arn.clone();
    store
        .write(cx, move |tx, cx| {
            let (_, application) = guarded(tx, cx, Action("sso:DeleteApplication"), &arn)?;
            end(tx, &application)?;
            cx.event().touch(KIND, arn.to_string());
            Ok(())
        })
        .await
}

/// Removes the rows of an application, those that hang on it before its own. Whatever else hangs on one ends here; its tokens do since it is not there:
/// there may be very many, and they are removed when their time is over.
fn end(tx: &mut Tx<'_>, application: &Application) -> Result<(), Fault> {
    let id = &application.id;
    store::applications::application_assignments::delete_by_application(tx, id)?;
    store::applications::access_scopes::delete_by_application(tx, id)?;
    store::applications::authentication_methods::delete_by_application(tx, id)?;
    store::applications::grants::delete_by_application(tx, id)?;
    store::applications::saml_applications::delete(tx, id)?;
    store::applications::oidc_applications::delete(tx, id)?;
    store::instances::tags::delete_all(tx, &application.arn().to_string())?;
    store::applications::applications::delete(tx, id)
}
