//! Trusted identity propagation from one end to the other: a token of an issuer, tokens of an application, an identity-enhanced session, what it may do and
//! what is recorded of it; and what ends all of that at the very next call.

use http::StatusCode;
use model::accounts::role::Role;
use model::clock::Clock as _;
use serde_json::{Value, json};
use store::tx::Tx;
use testkit::token_issuer::TokenIssuer;

use crate::requests::{Plain, Signing};
use crate::served::{Answer, Served};
use crate::world::{MEMBER, OWNER, STORE, World, operation};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PROVIDER: &str = "arn:aws:iam::aws:contextProvider/IdentityCenter";
const AUDIENCE: &str = "https://wiki.example";

/// A world with an issuer that signs, and an application that may bring its tokens.
struct Chain {
    world: World,
    signs: TokenIssuer,
    application: String,
    issuer: String,
}

impl Chain {
    async fn new() -> Self {
        let mut world = World::empty(Served::new().await).await;
        let input = json!({"IdentityStoreId": STORE, "UserName": "jane", "DisplayName": "Jane",
                           "Name": {"FamilyName": "J", "GivenName": "J"}});
        let made = world.made("identitystore", "CreateUser", input).await;
        world.keep("user", &made["UserId"]);
        let signs = TokenIssuer::start().await;
        let instance = world.word("instance").to_owned();
        let configuration = json!({"OidcJwtConfiguration": {"IssuerUrl": signs.said.url, "ClaimAttributePath": "sub",
            "IdentityStoreAttributePath": "userName", "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}});
        let input = json!({"InstanceArn": instance, "Name": "Issuer", "TrustedTokenIssuerType": "OIDC_JWT",
                           "TrustedTokenIssuerConfiguration": configuration});
        let made = world.made("sso-admin", "CreateTrustedTokenIssuer", input).await;
        let issuer = made["TrustedTokenIssuerArn"].as_str().unwrap().to_owned();
        let application = application(&world, &issuer).await;
        Self { world, signs, application, issuer }
    }

    /// Another issuer, of which nothing is known.
    async fn other_issuer(&self) -> Value {
        let configuration = json!({"OidcJwtConfiguration": {"IssuerUrl": "https://other.example", "ClaimAttributePath": "sub",
            "IdentityStoreAttributePath": "userName", "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}});
        let input = json!({"InstanceArn": self.world.word("instance"), "Name": "Other", "TrustedTokenIssuerType": "OIDC_JWT",
                           "TrustedTokenIssuerConfiguration": configuration});
        let made = self.world.made("sso-admin", "CreateTrustedTokenIssuer", input).await;
        made["TrustedTokenIssuerArn"].clone()
    }

    fn token(&self, jti: &str) -> String {
        let now = self.world.served.clock.now().seconds();
        let url = &self.signs.said.url;
        let claims = json!({"iss": url, "sub": "jane", "aud": AUDIENCE, "exp": now + 300, "jti": jti});
        self.signs.token(&claims.to_string())
    }

    /// What the application gets for Jane.
    async fn tokens(&self, jti: &str) -> Value {
        let input =
            json!({"clientId": self.application, "grantType": JWT_BEARER, "assertion": self.token(jti)});
        self.world.made("sso-oidc", "CreateTokenWithIAM", input).await
    }

    /// A role in the member account that the management account may assume by these actions, with this policy.
    async fn role(&self, name: &str, actions: &Value, policy: &Value) -> String {
        let role = self.world.role(MEMBER, name, &[("own", policy.clone())]).await;
        let trust_policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions,
            "Principal": {"AWS": OWNER}}]});
        let role = Role { trust_policy, ..role };
        let arn = role.arn();
        let change = move |tx: &mut Tx<'_>, _: &model::cx::Cx| store::accounts::roles::upsert(tx, &role);
        self.world.served.app.store.write(&self.world.cx(), change).await.unwrap();
        arn
    }

    async fn assume(&self, role: &str, provider: &str, context: &str) -> Answer {
        let input = json!({"RoleArn": role, "RoleSessionName": "wiki", "ProvidedContexts.member.1.ProviderArn": provider,
                           "ProvidedContexts.member.1.ContextAssertion": context});
        self.world.as_root("sts", "AssumeRole", &input).await
    }

    /// The credentials of an answer, for a service.
    fn signing(&self, answer: &Answer, service: &str) -> Signing {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let part = |name: &str| {
            let (_, rest) = answer.text.split_once(&format!("<{name}>")).unwrap();
            rest.split_once("</").unwrap().0.to_owned()
        };
        Signing {
            key_id: part("AccessKeyId"),
            secret: part("SecretAccessKey"),
            token: Some(part("SessionToken")),
            ..self.world.root(OWNER, service)
        }
    }

    /// A call with those credentials.
    async fn call(&self, answer: &Answer, service: &str, name: &str, input: &Value) -> Answer {
        let meta = operation(service, name);
        let mut plain = Plain::new(meta, input);
        plain.sign(&self.signing(answer, meta.signing_name));
        self.world.served.call(plain.request()).await
    }
}

/// An application for everybody that may bring tokens of the issuer, for which the management account acts.
async fn application(world: &World, issuer: &str) -> String {
    let input = json!({"InstanceArn": world.word("instance"), "Name": "wiki",
                       "ApplicationProviderArn": "arn:aws:sso::aws:applicationProvider/custom"});
    let made = world.made("sso-admin", "CreateApplication", input).await;
    let arn = made["ApplicationArn"].as_str().unwrap().to_owned();
    let actors = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWNER},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]});
    let issuers = json!([{"TrustedTokenIssuerArn": issuer, "AuthorizedAudiences": [AUDIENCE]}]);
    for (name, mut input) in [
        ("PutApplicationAssignmentConfiguration", json!({"AssignmentRequired": false})),
        (
            "PutApplicationAuthenticationMethod",
            json!({"AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": actors}}}),
        ),
        (
            "PutApplicationGrant",
            json!({"GrantType": JWT_BEARER, "Grant": {"JwtBearer": {"AuthorizedTokenIssuers": issuers}}}),
        ),
        ("PutApplicationGrant", json!({"GrantType": "refresh_token", "Grant": {"RefreshToken": {}}})),
    ] {
        input["ApplicationArn"] = json!(arn);
        world.made("sso-admin", name, input).await;
    }
    arn
}

fn context(tokens: &Value) -> &str {
    tokens["awsAdditionalDetails"]["identityContext"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_acts_for_its_person_and_every_record_says_so() {
    let chain = Chain::new().await;
    let (user, store_arn) = (
        chain.world.word("user").to_owned(),
        format!("arn:aws:identitystore::{OWNER}:identitystore/{STORE}"),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances",
        "Resource": "*", "Condition": {"StringEquals": {"identitystore:UserId": user,
            "identitystore:IdentityStoreArn": store_arn, "identitycenter:ApplicationArn": chain.application,
            "identitycenter:InstanceArn": chain.world.word("instance")},
            "Null": {"identitycenter:CredentialId": "false"}}}]});
    let role = chain.role("enhanced", &json!(["sts:AssumeRole", "sts:SetContext"]), &policy).await;
    let tokens = chain.tokens("one").await;
    let session = chain.assume(&role, PROVIDER, context(&tokens)).await;
    let who = chain.call(&session, "sts", "GetCallerIdentity", &json!({})).await;
    assert_eq!(who.status, StatusCode::OK, "{who:?}");
    // As at AWS, no more than the allow list for identity contexts lets it: of what is served here nothing, whatever the role may.
    let listed = chain.call(&session, "sso-admin", "ListInstances", &json!({})).await;
    assert_eq!(listed.error_type(), "AccessDeniedException", "{listed:?}");
    let records = chain.world.served.records("GetCallerIdentity").await;
    let acted = &records[0]["userIdentity"];
    assert_eq!(acted["onBehalfOf"], json!({"userId": user, "identityStoreArn": store_arn}));
    let assumed = chain.world.served.records("AssumeRole").await;
    assert_eq!(assumed[0]["additionalEventData"]["identitycenter:ApplicationArn"], chain.application);
    assert!(!assumed[0].to_string().contains(context(&tokens)), "the context is no text for records");
    // Without the context the same role may nothing.
    let input = json!({"RoleArn": role, "RoleSessionName": "wiki"});
    let plain = chain.world.as_root("sts", "AssumeRole", &input).await;
    let listed = chain.call(&plain, "sso-admin", "ListInstances", &json!({})).await;
    assert_eq!(listed.error_type(), "AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_is_taken_where_the_role_trusts_and_from_nobody_else() {
    let chain = Chain::new().await;
    let all =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let tokens = chain.tokens("one").await;
    let context = context(&tokens);
    let plain = chain.role("plain", &json!("sts:AssumeRole"), &all).await;
    let refused = chain.assume(&plain, PROVIDER, context).await;
    assert_eq!((refused.status, refused.text.contains("AccessDenied")), (StatusCode::FORBIDDEN, true));
    let role = chain.role("enhanced", &json!(["sts:AssumeRole", "sts:SetContext"]), &all).await;
    let elsewhere = chain.assume(&role, "arn:aws:iam::aws:contextProvider/Other", context).await;
    assert!(elsewhere.text.contains("ValidationError") && elsewhere.text.contains(PROVIDER), "{elsewhere:?}");
    let other = if context.starts_with('A') { "B" } else { "A" };
    let altered = format!("{other}{}", context.get(1..).unwrap());
    for none in [altered.as_str(), "garbage", tokens["accessToken"].as_str().unwrap()] {
        let refused = chain.assume(&role, PROVIDER, none).await;
        assert!(refused.text.contains("<Code>InvalidContextAssertion</Code>"), "{none}: {refused:?}");
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    let two = json!({"RoleArn": role, "RoleSessionName": "wiki",
        "ProvidedContexts.member.1.ProviderArn": PROVIDER, "ProvidedContexts.member.1.ContextAssertion": context,
        "ProvidedContexts.member.2.ProviderArn": PROVIDER, "ProvidedContexts.member.2.ContextAssertion": context});
    let refused = chain.world.as_root("sts", "AssumeRole", &two).await;
    assert!(refused.text.contains("ValidationError"), "{refused:?}");
    chain.world.served.wait(3_600);
    let late = chain.assume(&role, PROVIDER, context).await;
    assert!(late.text.contains("has expired"), "{late:?}");
}

/// Ends what the tokens rest on.
async fn end(chain: &Chain, ending: &str, tokens: &Value) {
    match ending {
        "application" => {
            chain
                .world
                .made("sso-admin", "DeleteApplication", json!({"ApplicationArn": chain.application}))
                .await;
        }
        "disabled application" => {
            let input = json!({"ApplicationArn": chain.application, "Status": "DISABLED"});
            chain.world.made("sso-admin", "UpdateApplication", input).await;
        }
        "issuer" => {
            let input = json!({"TrustedTokenIssuerArn": chain.issuer});
            chain.world.made("sso-admin", "DeleteTrustedTokenIssuer", input).await;
        }
        "assignment" => {
            let input = json!({"ApplicationArn": chain.application, "AssignmentRequired": true});
            chain.world.made("sso-admin", "PutApplicationAssignmentConfiguration", input).await;
        }
        "grant" => {
            let input = json!({"ApplicationArn": chain.application, "GrantType": JWT_BEARER});
            chain.world.made("sso-admin", "DeleteApplicationGrant", input).await;
        }
        "issuer's grant" => {
            let other = chain.other_issuer().await;
            let issuers = json!([{"TrustedTokenIssuerArn": other, "AuthorizedAudiences": [AUDIENCE]}]);
            let input = json!({"ApplicationArn": chain.application, "GrantType": JWT_BEARER,
                               "Grant": {"JwtBearer": {"AuthorizedTokenIssuers": issuers}}});
            chain.world.made("sso-admin", "PutApplicationGrant", input).await;
        }
        "mapping" => {
            let mapping = json!({"OidcJwtConfiguration": {"ClaimAttributePath": "email"}});
            let input =
                json!({"TrustedTokenIssuerArn": chain.issuer, "TrustedTokenIssuerConfiguration": mapping});
            chain.world.made("sso-admin", "UpdateTrustedTokenIssuer", input).await;
        }
        "person" => chain.world.disable(chain.world.word("user")).await,
        _ => {
            let refresh = json!({"clientId": chain.application, "grantType": "refresh_token",
                                 "refreshToken": tokens["refreshToken"]});
            chain.world.made("sso-oidc", "CreateTokenWithIAM", refresh.clone()).await;
            chain.world.served.wait(11);
            let again = chain.world.as_root("sso-oidc", "CreateTokenWithIAM", &refresh).await;
            assert_eq!(again.error_type(), "InvalidGrantException", "{again:?}");
            assert_eq!(again.body["error"], "invalid_grant");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_is_over_at_the_very_next_call() {
    let all =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    for ending in [
        "application",
        "disabled application",
        "issuer",
        "person",
        "refresh token twice",
        "assignment",
        "grant",
        "issuer's grant",
        "mapping",
    ] {
        let chain = Chain::new().await;
        let role = chain.role("enhanced", &json!(["sts:AssumeRole", "sts:SetContext"]), &all).await;
        let tokens = chain.tokens("one").await;
        let session = chain.assume(&role, PROVIDER, context(&tokens)).await;
        let lives = async |answer: &Answer| {
            chain.call(answer, "sts", "GetCallerIdentity", &json!({})).await.status == StatusCode::OK
        };
        assert!(lives(&session).await, "{ending}");
        end(&chain, ending, &tokens).await;
        assert!(!lives(&session).await, "{ending}");
        let again = chain.assume(&role, PROVIDER, context(&tokens)).await;
        assert!(again.text.contains("InvalidContextAssertion"), "{ending}: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_gets_accounts_and_credentials_without_a_browser() {
    let chain = Chain::new().await;
    let scope = json!({"ApplicationArn": chain.application, "Scope": "sso:account:access"});
    chain.world.made("sso-admin", "PutApplicationAccessScope", scope).await;
    let input = json!({"InstanceArn": chain.world.word("instance"), "Name": "Work"});
    let made = chain.world.made("sso-admin", "CreatePermissionSet", input).await;
    let input = json!({"InstanceArn": chain.world.word("instance"), "PermissionSetArn": made["PermissionSet"]["PermissionSetArn"],
        "TargetId": MEMBER, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": chain.world.word("user")});
    chain.world.made("sso-admin", "CreateAccountAssignment", input).await;
    let tokens = chain.tokens("one").await;
    let token = tokens["accessToken"].as_str().unwrap().to_owned();
    let portal = async |name: &str, input: Value| {
        let mut plain = Plain::new(operation("sso", name), &input);
        plain.put("x-amz-sso_bearer_token", &token);
        chain.world.served.call(plain.request()).await
    };
    let accounts = portal("ListAccounts", json!({})).await;
    assert_eq!(accounts.body["accountList"][0]["accountId"], MEMBER, "{accounts:?}");
    let ask = json!({"accountId": MEMBER, "roleName": "Work"});
    let credentials = portal("GetRoleCredentials", ask.clone()).await;
    assert_eq!(credentials.status, StatusCode::OK, "{credentials:?}");
    let out = portal("Logout", json!({})).await;
    assert_eq!(out.status, StatusCode::OK, "{out:?}");
    assert_eq!(portal("GetRoleCredentials", ask).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_oauths_and_say_why() {
    let chain = Chain::new().await;
    let ask = async |input: Value| chain.world.as_root("sso-oidc", "CreateTokenWithIAM", &input).await;
    let id = &chain.application;
    for (input, code, error) in [
        (json!({"clientId": "wiki", "grantType": JWT_BEARER}), "InvalidClientException", "invalid_client"),
        (
            json!({"clientId": id, "grantType": "password"}),
            "UnsupportedGrantTypeException",
            "unsupported_grant_type",
        ),
        (json!({"clientId": id, "grantType": JWT_BEARER}), "InvalidRequestException", "invalid_request"),
        (
            json!({"clientId": id, "grantType": JWT_BEARER, "assertion": "x"}),
            "InvalidGrantException",
            "invalid_grant",
        ),
        (
            json!({"clientId": id, "grantType": JWT_BEARER, "assertion": chain.token("one"), "scope": ["x:y"]}),
            "InvalidScopeException",
            "invalid_scope",
        ),
        (
            json!({"clientId": id.replace("apl-", "apl-0000").get(..id.len()).unwrap(), "grantType": JWT_BEARER}),
            "AccessDeniedException",
            "access_denied",
        ),
    ] {
        let answer = ask(input.clone()).await;
        assert_eq!(
            (answer.error_type(), answer.body["error"].as_str()),
            (code, Some(error)),
            "{input}: {answer:?}"
        );
        assert!(answer.body["error_description"].as_str().is_some_and(|text| text.len() > 20), "{answer:?}");
    }
    let plain = Plain::new(
        operation("sso-oidc", "CreateTokenWithIAM"),
        &json!({"clientId": id, "grantType": JWT_BEARER}),
    );
    let unsigned = chain.world.served.call(plain.request()).await;
    assert_eq!(unsigned.error_type(), "MissingAuthenticationTokenException", "{unsigned:?}");
}
