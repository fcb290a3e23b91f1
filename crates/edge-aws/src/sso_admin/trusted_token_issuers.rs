//! CreateTrustedTokenIssuer, DescribeTrustedTokenIssuer, ListTrustedTokenIssuers, UpdateTrustedTokenIssuer, DeleteTrustedTokenIssuer.

use applications::trusted_token_issuers::{self, NewTrustedTokenIssuer, TrustedTokenIssuerPatch};
use model::applications::trusted_token_issuer::{ClaimMapping, TrustedTokenIssuer};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    CreateTrustedTokenIssuerRequest, CreateTrustedTokenIssuerResponse, DeleteTrustedTokenIssuerRequest,
    DeleteTrustedTokenIssuerResponse, DescribeTrustedTokenIssuerRequest, DescribeTrustedTokenIssuerResponse,
    ListTrustedTokenIssuersRequest, ListTrustedTokenIssuersResponse, OidcJwtConfiguration,
    TrustedTokenIssuerConfiguration, TrustedTokenIssuerMetadata, UpdateTrustedTokenIssuerRequest,
    UpdateTrustedTokenIssuerResponse,
};

use crate::app::App;
use crate::sso_admin::{ids, tags};

/// The one type that there is.
const OIDC_JWT: &str = "OIDC_JWT";
/// The one way in which keys are found.
const DISCOVERY: &str = "OPEN_ID_DISCOVERY";

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateTrustedTokenIssuerRequest,
) -> Result<CreateTrustedTokenIssuerResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let needed = || Fault::validation("TrustedTokenIssuerConfiguration: OidcJwtConfiguration is missing");
    let said = input.trusted_token_issuer_configuration.oidc_jwt_configuration.ok_or_else(needed)?;
    let new = NewTrustedTokenIssuer {
        name: input.name,
        issuer_url: said.issuer_url,
        mapping: ClaimMapping {
            claim: said.claim_attribute_path,
            attribute: said.identity_store_attribute_path,
        },
        client_token: input.client_token,
        tags: tags::read(input.tags.unwrap_or_default())?,
    };
    let issuer = trusted_token_issuers::create(&app.store, &cx, &instance, new).await?;
    Ok(CreateTrustedTokenIssuerResponse { trusted_token_issuer_arn: Some(issuer.arn.to_string()) })
}

fn configuration(issuer: &TrustedTokenIssuer) -> TrustedTokenIssuerConfiguration {
    TrustedTokenIssuerConfiguration {
        oidc_jwt_configuration: Some(OidcJwtConfiguration {
            issuer_url: issuer.issuer_url.clone(),
            claim_attribute_path: issuer.mapping.claim.clone(),
            identity_store_attribute_path: issuer.mapping.attribute.clone(),
            jwks_retrieval_option: DISCOVERY.to_owned(),
        }),
    }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeTrustedTokenIssuerRequest,
) -> Result<DescribeTrustedTokenIssuerResponse, Fault> {
    let arn = ids::trusted_token_issuer(&input.trusted_token_issuer_arn)?;
    let issuer = trusted_token_issuers::describe(&app.store, &cx, &arn)?;
    Ok(DescribeTrustedTokenIssuerResponse {
        trusted_token_issuer_arn: Some(issuer.arn.to_string()),
        trusted_token_issuer_configuration: Some(configuration(&issuer)),
        name: Some(issuer.name),
        trusted_token_issuer_type: Some(OIDC_JWT.to_owned()),
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListTrustedTokenIssuersRequest,
) -> Result<ListTrustedTokenIssuersResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let scope = PageScope::new("ListTrustedTokenIssuers", &[&input.instance_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = trusted_token_issuers::list(&app.store, &cx, &instance, &page)?;
    let metadata = |issuer: TrustedTokenIssuer| TrustedTokenIssuerMetadata {
        trusted_token_issuer_arn: Some(issuer.arn.to_string()),
        name: Some(issuer.name),
        trusted_token_issuer_type: Some(OIDC_JWT.to_owned()),
    };
    Ok(ListTrustedTokenIssuersResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        trusted_token_issuers: Some(found.items.into_iter().map(metadata).collect()),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateTrustedTokenIssuerRequest,
) -> Result<UpdateTrustedTokenIssuerResponse, Fault> {
    let arn = ids::trusted_token_issuer(&input.trusted_token_issuer_arn)?;
    let said = input.trusted_token_issuer_configuration.and_then(|said| said.oidc_jwt_configuration);
    let (claim, attribute) =
        said.map_or((None, None), |said| (said.claim_attribute_path, said.identity_store_attribute_path));
    let patch = TrustedTokenIssuerPatch { name: input.name, claim, attribute };
    trusted_token_issuers::update(&app.store, &cx, &arn, patch).await?;
    Ok(UpdateTrustedTokenIssuerResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteTrustedTokenIssuerRequest,
) -> Result<DeleteTrustedTokenIssuerResponse, Fault> {
    let arn = ids::trusted_token_issuer(&input.trusted_token_issuer_arn)?;
    trusted_token_issuers::delete(&app.store, &cx, &arn).await?;
    Ok(DeleteTrustedTokenIssuerResponse {})
}
