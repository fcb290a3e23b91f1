//! PutApplicationGrant, GetApplicationGrant, ListApplicationGrants, DeleteApplicationGrant.

use applications::grants;
use model::applications::grant::{AuthorizedTokenIssuer as Issuer, Grant as Row, GrantType};
use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    AuthorizationCodeGrant, AuthorizedTokenIssuer, DeleteApplicationGrantRequest, GetApplicationGrantRequest,
    GetApplicationGrantResponse, Grant, GrantItem, JwtBearerGrant, ListApplicationGrantsRequest,
    ListApplicationGrantsResponse, PutApplicationGrantRequest, RefreshTokenGrant, TokenExchangeGrant,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::sso_admin::ids;

fn kind(word: &str) -> Result<GrantType, Fault> {
    GrantType::parse(word).ok_or_else(|| Fault::validation("GrantType is none that there is"))
}

fn issuer(given: AuthorizedTokenIssuer) -> Result<Issuer, Fault> {
    let trusted_token_issuer_arn = given.trusted_token_issuer_arn.ok_or_else(|| {
        Fault::validation("Grant.JwtBearer.AuthorizedTokenIssuers: TrustedTokenIssuerArn is missing")
    })?;
    Ok(Issuer {
        trusted_token_issuer_arn,
        authorized_audiences: given.authorized_audiences.unwrap_or_default(),
    })
}

/// The member of the union that is of the kind which the call names.
fn read(kind: GrantType, given: Grant) -> Result<Row, Fault> {
    let grant = match kind {
        GrantType::AuthorizationCode => given.authorization_code.map(|grant| {
            Ok(Row::AuthorizationCode { redirect_uris: grant.redirect_uris.unwrap_or_default() })
        }),
        GrantType::JwtBearer => given.jwt_bearer.map(|grant| {
            let issuers = grant.authorized_token_issuers.unwrap_or_default();
            let read = issuers.into_iter().map(issuer).collect::<Result<_, _>>()?;
            Ok(Row::JwtBearer { authorized_token_issuers: read })
        }),
        GrantType::RefreshToken => given.refresh_token.map(|RefreshTokenGrant {}| Ok(Row::RefreshToken)),
        GrantType::TokenExchange => given.token_exchange.map(|TokenExchangeGrant {}| Ok(Row::TokenExchange)),
    };
    grant.unwrap_or_else(|| {
        let member = match kind {
            GrantType::AuthorizationCode => "AuthorizationCode",
            GrantType::JwtBearer => "JwtBearer",
            GrantType::RefreshToken => "RefreshToken",
            GrantType::TokenExchange => "TokenExchange",
        };
        Err(Fault::validation(format!("Grant must hold {member} for GrantType {}", kind.as_str())))
    })
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn shape(grant: Row) -> Grant {
    let mut shape = Grant::default();
    match grant {
        Row::AuthorizationCode { redirect_uris } => {
            shape.authorization_code = Some(AuthorizationCodeGrant { redirect_uris: some(redirect_uris) });
        }
        Row::JwtBearer { authorized_token_issuers } => {
            let issuer = |issuer: Issuer| AuthorizedTokenIssuer {
                trusted_token_issuer_arn: Some(issuer.trusted_token_issuer_arn),
                authorized_audiences: some(issuer.authorized_audiences),
            };
            let issuers = authorized_token_issuers.into_iter().map(issuer).collect();
            shape.jwt_bearer = Some(JwtBearerGrant { authorized_token_issuers: some(issuers) });
        }
        Row::RefreshToken => shape.refresh_token = Some(RefreshTokenGrant {}),
        Row::TokenExchange => shape.token_exchange = Some(TokenExchangeGrant {}),
    }
    shape
}

pub(crate) async fn put(app: App, cx: Cx, input: PutApplicationGrantRequest) -> Result<Nothing, Fault> {
    let grant = read(kind(&input.grant_type)?, input.grant)?;
    grants::put(&app.store, &cx, &ids::application(&input.application_arn)?, grant).await?;
    Ok(Nothing {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationGrantRequest,
) -> Result<GetApplicationGrantResponse, Fault> {
    let (arn, kind) = (ids::application(&input.application_arn)?, kind(&input.grant_type)?);
    Ok(GetApplicationGrantResponse { grant: shape(grants::get(&app.store, &cx, &arn, kind)?) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationGrantsRequest,
) -> Result<ListApplicationGrantsResponse, Fault> {
    let scope = PageScope::new("ListApplicationGrants", &[&input.application_arn]);
    let page = scope.request(None, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let all = grants::list(&app.store, &cx, &ids::application(&input.application_arn)?)?;
    let found = page.page_of(all, |grant| grant.kind().as_str().to_owned());
    let item = |grant: Row| GrantItem { grant_type: grant.kind().as_str().to_owned(), grant: shape(grant) };
    Ok(ListApplicationGrantsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        grants: found.items.into_iter().map(item).collect(),
    })
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteApplicationGrantRequest) -> Result<Nothing, Fault> {
    let (arn, kind) = (ids::application(&input.application_arn)?, kind(&input.grant_type)?);
    grants::delete(&app.store, &cx, &arn, kind).await?;
    Ok(Nothing {})
}
