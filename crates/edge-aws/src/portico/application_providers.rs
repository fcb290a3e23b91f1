//! SearchApplicationProviders: the catalog, as somebody types into it.

use applications::application_providers;
use applications::catalog::{Protocol, Provider};
use model::applications::application_provider::ApplicationProviderId;
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    FoundApplicationProvider, SearchApplicationProvidersRequest, SearchApplicationProvidersResponse,
};

use crate::app::App;

const SAML: &str = "SAML";
const OAUTH: &str = "OAUTH";

fn shape(provider: &Provider) -> FoundApplicationProvider {
    let protocol = match provider.protocol {
        Protocol::Saml => SAML,
        Protocol::Oauth => OAUTH,
    };
    FoundApplicationProvider {
        application_provider_arn: ApplicationProviderId::trusted(provider.name.as_str()).arn(),
        federation_protocol: protocol.to_owned(),
        display_name: provider.display_name.clone(),
        description: provider.description.clone(),
    }
}

pub(crate) async fn search(
    _app: App,
    cx: Cx,
    input: SearchApplicationProvidersRequest,
) -> Result<SearchApplicationProvidersResponse, Fault> {
    let query = input.query.unwrap_or_default();
    let named = input.federation_protocol.unwrap_or_default();
    // The model holds the words.
    let protocol = match named.as_str() {
        SAML => Some(Protocol::Saml),
        OAUTH => Some(Protocol::Oauth),
        _ => None,
    };
    let scope = PageScope::new("SearchApplicationProviders", &[&query, &named]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = application_providers::search(&cx, (&query, protocol), &page)?;
    Ok(SearchApplicationProvidersResponse {
        application_providers: found.items.into_iter().map(shape).collect(),
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
    })
}
