//! Every operation on trusted token issuers that is served, and CreateTokenWithIAM, called once with the typed SDK: a part of `every_operation.rs`.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_ssoadmin::types::{
    AuthenticationMethod, AuthenticationMethodType, AuthorizedTokenIssuer, Grant, GrantType,
    IamAuthenticationMethod, JwksRetrievalOption, JwtBearerGrant, OidcJwtConfiguration,
    TrustedTokenIssuerConfiguration, TrustedTokenIssuerType,
};
use aws_smithy_types::Document;
use testkit::token_issuer::TokenIssuer;

use crate::every_operation::call;
use crate::server::{Server, client};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn configuration(url: &str) -> TrustedTokenIssuerConfiguration {
    let said = OidcJwtConfiguration::builder()
        .issuer_url(url)
        .claim_attribute_path("sub")
        .identity_store_attribute_path("userName")
        .jwks_retrieval_option(JwksRetrievalOption::OpenIdDiscovery)
        .build()
        .unwrap();
    TrustedTokenIssuerConfiguration::OidcJwtConfiguration(said)
}

pub(crate) async fn issuers(server: &Server, seen: &mut BTreeSet<String>) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let made = call!(
        seen,
        c.create_trusted_token_issuer()
            .instance_arn(&at)
            .name("Typed")
            .trusted_token_issuer_type(TrustedTokenIssuerType::OidcJwt)
            .trusted_token_issuer_configuration(configuration("https://issuer.example"))
    );
    let arn = made.trusted_token_issuer_arn().unwrap();
    call!(seen, c.describe_trusted_token_issuer().trusted_token_issuer_arn(arn));
    call!(seen, c.list_trusted_token_issuers().instance_arn(&at));
    call!(seen, c.update_trusted_token_issuer().trusted_token_issuer_arn(arn).name("Renamed"));
    call!(seen, c.delete_trusted_token_issuer().trusted_token_issuer_arn(arn));
}

/// An application that may bring tokens of an issuer, for which the management account acts.
async fn application(server: &Server, issuer: &str) -> String {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let made = c
        .create_application()
        .instance_arn(&at)
        .application_provider_arn("arn:aws:sso::aws:applicationProvider/custom")
        .name("Typed tokens");
    let arn = made.send().await.unwrap().application_arn().unwrap().to_owned();
    let open = c.put_application_assignment_configuration().application_arn(&arn).assignment_required(false);
    open.send().await.unwrap();
    let principal = format!("arn:aws:iam::{}:root", server.made("managementAccountId"));
    let text = |text: &str| Document::String(text.to_owned());
    let object = |members: Vec<(&str, Document)>| {
        Document::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let statement = object(vec![
        ("Effect", text("Allow")),
        ("Principal", object(vec![("AWS", text(&principal))])),
        ("Action", text("sso-oauth:CreateTokenWithIAM")),
        ("Resource", text("*")),
    ]);
    let policy =
        object(vec![("Version", text("2012-10-17")), ("Statement", Document::Array(vec![statement]))]);
    let method = IamAuthenticationMethod::builder().actor_policy(policy).build().unwrap();
    let method = c
        .put_application_authentication_method()
        .application_arn(&arn)
        .authentication_method_type(AuthenticationMethodType::Iam)
        .authentication_method(AuthenticationMethod::Iam(method));
    method.send().await.unwrap();
    let issuer =
        AuthorizedTokenIssuer::builder().trusted_token_issuer_arn(issuer).authorized_audiences("wiki");
    let grant = JwtBearerGrant::builder().authorized_token_issuers(issuer.build()).build();
    let grant = c
        .put_application_grant()
        .application_arn(&arn)
        .grant_type(GrantType::JwtBearer)
        .grant(Grant::JwtBearer(grant));
    grant.send().await.unwrap();
    arn
}

/// CreateTokenWithIAM for somebody of the seed.
pub(crate) async fn tokens(server: &Server, seen: &mut BTreeSet<String>) {
    let issuer = TokenIssuer::start().await;
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let made = c
        .create_trusted_token_issuer()
        .instance_arn(&at)
        .name("TypedTokens")
        .trusted_token_issuer_type(TrustedTokenIssuerType::OidcJwt)
        .trusted_token_issuer_configuration(configuration(&issuer.said.url));
    let made = made.send().await.unwrap();
    let application = application(server, made.trusted_token_issuer_arn().unwrap()).await;
    let (url, end) = (&issuer.said.url, now() + 60);
    let claims = format!(r#"{{"iss":"{url}","sub":"jane","aud":"wiki","exp":{end},"jti":"typed"}}"#);
    let c = client!(aws_sdk_ssooidc, server);
    let made = call!(
        seen,
        c.create_token_with_iam()
            .client_id(&application)
            .grant_type(JWT_BEARER)
            .assertion(issuer.token(&claims))
    );
    assert_eq!((made.token_type(), made.expires_in()), (Some("Bearer"), 3_600));
    assert!(made.aws_additional_details().and_then(|more| more.identity_context()).is_some());
}

#[expect(clippy::disallowed_methods, reason = "what the server holds an assertion against is the wall clock")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
