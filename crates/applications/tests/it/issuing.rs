//! What a trusted token issuer says, and an application that may bring its tokens.

use applications::application_tokens::{self, Issued};
use applications::token_keys::TokenIssuer as OurTokens;
use applications::token_requests::TokenRequest;
use applications::trusted_token_issuers::{self, NewTrustedTokenIssuer};
use applications::{access_scopes, authentication_methods, grants};
use model::applications::access_scope::{AccessScope, ScopeName, ScopeTarget};
use model::applications::application::ApplicationArn;
use model::applications::authentication_method::AuthenticationMethod;
use model::applications::grant::{AuthorizedTokenIssuer, Grant, GrantType};
use model::applications::trusted_token_issuer::{ClaimMapping, TrustedTokenIssuer};
use model::cx::Cx;
use model::fault::{Fault, FaultKind, OAuthError};
use model::instances::tag::Tags;
use model::secret::Secret;
use outbound::client::Outbound;
use serde_json::{Value, json};
use testkit::provider;
use testkit::token_issuer::TokenIssuer;

use crate::world::{MANAGEMENT, World};

pub(crate) const AUDIENCE: &str = "https://wiki.example";

/// What an issuer says of somebody, good for five minutes.
pub(crate) fn claims(world: &World, issuer: &TokenIssuer, sub: &str, jti: &str) -> Value {
    let now = world.fixture.now.seconds();
    json!({"iss": issuer.said.url, "sub": sub, "aud": AUDIENCE, "iat": now, "exp": now + 300, "jti": jti})
}

/// A token that says this.
pub(crate) fn token(issuer: &TokenIssuer, claims: &Value) -> Secret {
    Secret::new(issuer.token(&claims.to_string()))
}

pub(crate) fn new_issuer(url: &str, claim: &str, attribute: &str) -> NewTrustedTokenIssuer {
    NewTrustedTokenIssuer {
        name: "Issuer".to_owned(),
        issuer_url: url.to_owned(),
        mapping: ClaimMapping { claim: claim.to_owned(), attribute: attribute.to_owned() },
        client_token: None,
        tags: Tags::new(),
    }
}

/// An application that may bring an issuer's tokens, and its way to do so.
pub(crate) struct Client {
    pub(crate) arn: ApplicationArn,
    pub(crate) outbound: Outbound,
}

pub(crate) async fn trusted(world: &World, issuer: &TokenIssuer, attribute: &str) -> TrustedTokenIssuer {
    let new = new_issuer(&issuer.said.url, "sub", attribute);
    let id = &world.fixture.instance.id;
    trusted_token_issuers::create(&world.fixture.store, &world.cx(), id, new).await.unwrap()
}

pub(crate) async fn put_grant(world: &World, arn: &ApplicationArn, grant: Grant) {
    grants::put(&world.fixture.store, &world.cx(), arn, grant).await.unwrap();
}

pub(crate) async fn put_scope(world: &World, arn: &ApplicationArn, name: &str, to: &[&ApplicationArn]) {
    let authorized_targets = to.iter().map(|arn| ScopeTarget::Application((*arn).clone())).collect();
    let scope = AccessScope { scope: ScopeName::parse(name).unwrap(), authorized_targets };
    access_scopes::put(&world.fixture.store, &world.cx(), arn, scope).await.unwrap();
}

/// Who may act for an application.
pub(crate) async fn put_actor(world: &World, arn: &ApplicationArn, principal: &str) {
    let actor_policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]});
    let method = AuthenticationMethod::Iam { actor_policy };
    authentication_methods::put(&world.fixture.store, &world.cx(), arn, method).await.unwrap();
}

/// The application's assignments are not required.
pub(crate) async fn open(world: &World, arn: &ApplicationArn) {
    let id = arn.id.clone();
    world
        .change(move |tx, _| {
            let mut row = store::applications::applications::find(tx, &id)?.unwrap();
            row.assignment_required = false;
            store::applications::applications::update(tx, &row)
        })
        .await;
}

impl Client {
    /// One for everybody, whose account's principals may act for it.
    pub(crate) async fn new(world: &World, name: &str) -> Self {
        let arn = world.application(name).await.arn();
        open(world, &arn).await;
        put_actor(world, &arn, MANAGEMENT).await;
        Self { arn, outbound: provider::outbound() }
    }

    /// One that may bring these issuers' tokens, and refresh.
    pub(crate) async fn of(world: &World, name: &str, issuers: &[&TrustedTokenIssuer]) -> Self {
        let client = Self::new(world, name).await;
        let authorized = |issuer: &&TrustedTokenIssuer| AuthorizedTokenIssuer {
            trusted_token_issuer_arn: issuer.arn.to_string(),
            authorized_audiences: vec![AUDIENCE.to_owned()],
        };
        let authorized_token_issuers = issuers.iter().map(authorized).collect();
        put_grant(world, &client.arn, Grant::JwtBearer { authorized_token_issuers }).await;
        put_grant(world, &client.arn, Grant::RefreshToken).await;
        client
    }

    pub(crate) fn request(&self, kind: GrantType) -> TokenRequest {
        TokenRequest {
            application: self.arn.clone(),
            grant_type: kind.as_str().to_owned(),
            code: None,
            redirect_uri: None,
            code_verifier: None,
            refresh_token: None,
            assertion: None,
            subject_token: None,
            subject_token_type: None,
            requested_token_type: None,
            scopes: Vec::new(),
        }
    }

    pub(crate) async fn call(&self, world: &World, cx: &Cx, request: TokenRequest) -> Result<Issued, Fault> {
        let ours = OurTokens { base_url: "https://sso.acme.example".to_owned() };
        application_tokens::create(&world.fixture.store, cx, (&ours, &self.outbound), request).await
    }

    /// Brings a token of an issuer.
    pub(crate) async fn bring(&self, world: &World, assertion: &Secret) -> Result<Issued, Fault> {
        let request =
            TokenRequest { assertion: Some(assertion.clone()), ..self.request(GrantType::JwtBearer) };
        self.call(world, &world.caller(), request).await
    }

    /// Brings one that it asks for so much of.
    pub(crate) async fn bring_for(
        &self,
        world: &World,
        assertion: &Secret,
        scopes: &[&str],
    ) -> Result<Issued, Fault> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let request =
            TokenRequest { assertion: Some(assertion.clone()), scopes, ..self.request(GrantType::JwtBearer) };
        self.call(world, &world.caller(), request).await
    }

    /// Renews its tokens.
    pub(crate) async fn refresh(&self, world: &World, token: &Secret) -> Result<Issued, Fault> {
        let request =
            TokenRequest { refresh_token: Some(token.clone()), ..self.request(GrantType::RefreshToken) };
        self.call(world, &world.caller(), request).await
    }

    /// Exchanges another application's token.
    pub(crate) async fn exchange(
        &self,
        world: &World,
        token: &Secret,
        wanted: Option<&str>,
    ) -> Result<Issued, Fault> {
        let request = TokenRequest {
            subject_token: Some(token.clone()),
            subject_token_type: Some("urn:ietf:params:oauth:token-type:access_token".to_owned()),
            requested_token_type: wanted.map(str::to_owned),
            ..self.request(GrantType::TokenExchange)
        };
        self.call(world, &world.caller(), request).await
    }
}

impl World {
    /// The call of whoever acts for applications.
    pub(crate) fn caller(&self) -> Cx {
        self.fixture.root("sso-oauth.amazonaws.com", "CreateTokenWithIAM")
    }
}

/// What the caller reads of an OAuth error.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Fault>, error: OAuthError) -> String {
    let fault = result.unwrap_err();
    assert_eq!(*fault.kind(), FaultKind::OAuth(error), "{fault}");
    fault.message().to_owned()
}
