//! `aws login` as the AWS CLI does it: a key of its own, a question to the browser, calls with proofs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::accounts::account::AccountId;
use model::fault::Fault;
use model::secret::Secret;
use model::signin::console_login::{ChosenRole, LoginClient};
use model::signin::portal_session::PortalSession;
use signin::console_logins::{self, Issued, TokenRequest};
use signin::login_requests::{self, Answer, LoginRequest};
use testkit::prover::Prover;

use crate::world::{CALLBACK, CHALLENGE, VERIFIER, World, query};

pub(crate) const TOKEN_URL: &str = "http://127.0.0.1:8765/v1/token";
pub(crate) const CONFIRMATION: &str = "http://127.0.0.1:8765/v1/sessions/confirmation";
pub(crate) const STATE: &str = "0b8e63a5-6c08-4d0d-9d1c-1f9e6a3b2c4d";
pub(crate) const SESSION_ARN: &str = "arn:aws:sts::222233334444:assumed-role/AWSReservedSSO_Admin_x/jane";

/// An AWS CLI with its key.
pub(crate) struct Cli {
    prover: Prover,
    pub(crate) client: LoginClient,
}

impl Cli {
    pub(crate) fn new(client: LoginClient) -> Self {
        Self { prover: Prover::default(), client }
    }

    pub(crate) fn same_device() -> Self {
        Self::new(LoginClient::SameDevice)
    }

    /// A proof with these claims.
    pub(crate) fn proof_of(&self, claims: &serde_json::Value) -> Secret {
        Secret::new(self.prover.proof_of(&claims.to_string()))
    }

    /// A new proof for a call of now.
    fn proof(&self, world: &World) -> Secret {
        Secret::new(self.prover.proof(TOKEN_URL, world.fixture.now))
    }

    pub(crate) fn redirect_uri(&self) -> &'static str {
        match self.client {
            LoginClient::SameDevice => CALLBACK,
            LoginClient::CrossDevice => CONFIRMATION,
        }
    }

    /// What the CLI sends a browser to.
    pub(crate) fn params(&self) -> Vec<(String, String)> {
        [
            ("response_type", "code"),
            ("client_id", self.client.id()),
            ("state", STATE),
            ("code_challenge_method", "SHA-256"),
            ("scope", "openid"),
            ("redirect_uri", self.redirect_uri()),
            ("code_challenge", CHALLENGE),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) fn open(&self, world: &World) -> LoginRequest {
        login_requests::open(&world.config, &self.params()).unwrap()
    }

    /// What becomes of the person's yes.
    pub(crate) async fn approved(&self, world: &World, session: &PortalSession) -> Result<Answer, Fault> {
        let (cx, request) = (world.person(session), self.open(world));
        login_requests::approve(&world.fixture.store, (&cx, &world.config), session, &request, chosen()).await
    }

    /// A code that Jane approved in `session`.
    pub(crate) async fn code(&self, world: &World, session: &PortalSession) -> Secret {
        match self.approved(world, session).await.unwrap() {
            Answer::Redirect(to) => Secret::new(query(&to, "code").unwrap()),
            Answer::Show(text) => {
                let text = STANDARD.decode(text.expose()).unwrap();
                let text = format!("?{}", String::from_utf8(text).unwrap());
                assert_eq!(query(&text, "state").as_deref(), Some(STATE));
                Secret::new(query(&text, "code").unwrap())
            }
        }
    }

    pub(crate) fn code_request(&self, world: &World, code: &Secret) -> TokenRequest {
        TokenRequest {
            client_id: self.client.id().to_owned(),
            grant_type: "authorization_code".to_owned(),
            code: Some(code.clone()),
            redirect_uri: Some(self.redirect_uri().to_owned()),
            code_verifier: Some(Secret::new(VERIFIER)),
            refresh_token: None,
            proof: Some(self.proof(world)),
        }
    }

    pub(crate) fn refresh_request(&self, world: &World, token: &Secret) -> TokenRequest {
        TokenRequest {
            grant_type: "refresh_token".to_owned(),
            code: None,
            redirect_uri: None,
            code_verifier: None,
            refresh_token: Some(token.clone()),
            ..self.code_request(world, token)
        }
    }

    /// Everything from the code to the tokens, as the edge does it with a role that allows it.
    pub(crate) async fn redeem(&self, world: &World, code: &Secret) -> Result<Issued, Fault> {
        call(world, self.code_request(world, code)).await
    }

    pub(crate) async fn refresh(&self, world: &World, token: &Secret) -> Result<Issued, Fault> {
        call(world, self.refresh_request(world, token)).await
    }

    /// Signs in and redeems: the first refresh token.
    pub(crate) async fn log_in(&self, world: &World) -> (PortalSession, Secret) {
        let session = world.sign_in().await.session;
        let code = self.code(world, &session).await;
        let issued = self.redeem(world, &code).await.unwrap();
        (session, issued.refresh_token)
    }
}

/// One call of CreateOAuth2Token.
pub(crate) async fn call(world: &World, request: TokenRequest) -> Result<Issued, Fault> {
    let (store, cx) = (&world.fixture.store, world.anonymous("192.0.2.1"));
    let asked = console_logins::check(store, &cx, &world.config, request).await?;
    assert_eq!(asked.chosen, chosen());
    let issued = console_logins::settle(store, &cx, &world.config, asked, SESSION_ARN).await?;
    assert!(cx.event().is_recorded(), "nothing leaves before its record is durable");
    Ok(issued)
}

pub(crate) fn chosen() -> ChosenRole {
    ChosenRole { account_id: AccountId::trusted("222233334444"), role_name: "Admin".to_owned() }
}
