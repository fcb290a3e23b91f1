//! DescribeApplicationProvider, ListApplicationProviders.

use applications::application_providers;
use applications::catalog::{Protocol, Provider};
use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    ApplicationProvider, DescribeApplicationProviderRequest, DescribeApplicationProviderResponse,
    DisplayData, ListApplicationProvidersRequest, ListApplicationProvidersResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

/// Pictures are their owners' and are not in the catalog; no application here is a resource server of AWS's.
fn shape(provider: &Provider) -> ApplicationProvider {
    let protocol = match provider.protocol {
        Protocol::Saml => "SAML",
        Protocol::Oauth => "OAUTH",
    };
    ApplicationProvider {
        application_provider_arn: ApplicationProviderId::trusted(provider.name.as_str()).arn(),
        federation_protocol: Some(protocol.to_owned()),
        display_data: Some(DisplayData {
            display_name: Some(provider.display_name.clone()),
            icon_url: None,
            description: Some(provider.description.clone()),
        }),
        resource_server_config: None,
    }
}

pub(crate) async fn describe(
    _app: App,
    cx: Cx,
    input: DescribeApplicationProviderRequest,
) -> Result<DescribeApplicationProviderResponse, Fault> {
    let id = ids::application_provider(&input.application_provider_arn)?;
    let it = shape(application_providers::describe(&cx, &id)?);
    Ok(DescribeApplicationProviderResponse {
        application_provider_arn: it.application_provider_arn,
        federation_protocol: it.federation_protocol,
        display_data: it.display_data,
        resource_server_config: it.resource_server_config,
    })
}

pub(crate) async fn list(
    _app: App,
    cx: Cx,
    input: ListApplicationProvidersRequest,
) -> Result<ListApplicationProvidersResponse, Fault> {
    let scope = PageScope::new("ListApplicationProviders", &[]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = application_providers::list(&cx, &page)?;
    Ok(ListApplicationProvidersResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        application_providers: Some(found.items.into_iter().map(shape).collect()),
    })
}
