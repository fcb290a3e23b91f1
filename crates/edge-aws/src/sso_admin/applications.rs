//! CreateApplication, DescribeApplication, ListApplications, UpdateApplication, DeleteApplication.

use ::applications::applications::{self, ApplicationPatch, NewApplication};
use model::accounts::account::AccountId;
use model::applications::application::{Application as Row, SignInOptions as SignIn, SignInOrigin, Switch};
use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::page::PageScope;
use store::applications::applications::Which;
use wire::generated::sso_admin::shapes::{
    Application, CreateApplicationRequest, CreateApplicationResponse, DeleteApplicationRequest,
    DeleteApplicationResponse, DescribeApplicationRequest, DescribeApplicationResponse,
    ListApplicationsRequest, ListApplicationsResponse, PortalOptions, SignInOptions,
    UpdateApplicationRequest, UpdateApplicationResponse,
};

use crate::app::App;
use crate::sso_admin::{ids, tags};

/// Applications of a page at most, by the model of the answer.
const PAGE: usize = 50;

/// A word of the model, which has checked it.
fn switch(word: Option<&str>) -> Option<Switch> {
    word.and_then(Switch::parse)
}

fn sign_in(options: Option<SignInOptions>) -> Result<Option<SignIn>, Fault> {
    let Some(options) = options else { return Ok(None) };
    let origin = SignInOrigin::parse(&options.origin).ok_or_else(|| {
        Fault::validation("PortalOptions.SignInOptions.Origin must be IDENTITY_CENTER or APPLICATION")
    })?;
    SignIn::new(origin, options.application_url).map(Some)
}

fn portal_options(of: &Row) -> PortalOptions {
    PortalOptions {
        sign_in_options: of.sign_in.as_ref().map(|options| SignInOptions {
            origin: options.origin.as_str().to_owned(),
            application_url: options.application_url.clone(),
        }),
        visibility: Some(of.visibility.as_str().to_owned()),
    }
}

fn shape(instance: &Instance, of: Row) -> Application {
    Application {
        application_arn: Some(of.arn().to_string()),
        application_provider_arn: Some(of.provider_id.arn()),
        portal_options: Some(portal_options(&of)),
        name: Some(of.name),
        application_account: Some(of.account_id.into()),
        instance_arn: Some(instance.id.arn()),
        identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
        status: Some(of.status.as_str().to_owned()),
        description: of.description,
        created_date: Some(ids::seconds(of.created_at)),
        created_from: Some(of.created_from),
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateApplicationRequest,
) -> Result<CreateApplicationResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let portal = input.portal_options.unwrap_or_default();
    let new = NewApplication {
        provider: ids::application_provider(&input.application_provider_arn)?,
        name: input.name,
        description: input.description,
        status: switch(input.status.as_deref()).unwrap_or(Switch::Enabled),
        visibility: switch(portal.visibility.as_deref()).unwrap_or(Switch::Enabled),
        sign_in: sign_in(portal.sign_in_options)?,
        tags: tags::read(input.tags.unwrap_or_default())?,
        client_token: input.client_token,
    };
    let (instance, made) = applications::create(&app.store, &cx, &instance, new).await?;
    Ok(CreateApplicationResponse {
        application_arn: Some(made.arn().to_string()),
        instance_arn: Some(instance.id.arn()),
        identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
    })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeApplicationRequest,
) -> Result<DescribeApplicationResponse, Fault> {
    let (instance, found) =
        applications::describe(&app.store, &cx, &ids::application(&input.application_arn)?)?;
    let it = shape(&instance, found);
    Ok(DescribeApplicationResponse {
        application_arn: it.application_arn,
        application_provider_arn: it.application_provider_arn,
        name: it.name,
        application_account: it.application_account,
        instance_arn: it.instance_arn,
        identity_store_arn: it.identity_store_arn,
        status: it.status,
        portal_options: it.portal_options,
        description: it.description,
        created_date: it.created_date,
        created_from: it.created_from,
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationsRequest,
) -> Result<ListApplicationsResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let filter = input.filter.unwrap_or_default();
    let (account, provider) = (filter.application_account, filter.application_provider);
    let selectors = [account.as_deref().unwrap_or_default(), provider.as_deref().unwrap_or_default()];
    let scope = PageScope::new("ListApplications", &[&input.instance_arn, selectors[0], selectors[1]]);
    let page = scope.request(input.max_results.map(|max| max.min(50)), input.next_token.as_deref(), PAGE)?;
    let account = account.map(AccountId::parse).transpose()?;
    // What is no provider here has no applications.
    let of = |arn: String| {
        ApplicationProviderId::from_arn(&arn).unwrap_or_else(|| ApplicationProviderId::trusted(arn))
    };
    let provider = provider.map(of);
    let which = Which { account: account.as_ref(), provider: provider.as_ref() };
    let (instance, found) = applications::list(&app.store, &cx, &id, which, &page)?;
    Ok(ListApplicationsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        applications: Some(found.items.into_iter().map(|row| shape(&instance, row)).collect()),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateApplicationRequest,
) -> Result<UpdateApplicationResponse, Fault> {
    let patch = ApplicationPatch {
        name: input.name,
        description: input.description,
        status: switch(input.status.as_deref()),
        sign_in: sign_in(input.portal_options.and_then(|options| options.sign_in_options))?,
    };
    applications::update(&app.store, &cx, &ids::application(&input.application_arn)?, patch).await?;
    Ok(UpdateApplicationResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationRequest,
) -> Result<DeleteApplicationResponse, Fault> {
    applications::delete(&app.store, &cx, &ids::application(&input.application_arn)?).await?;
    Ok(DeleteApplicationResponse {})
}
