//! The way into an account: the addresses of its IAM and STS, and as whom we come. Clients of the SDK without retries, timeouts or connections of their
//! own: the queue tries again, and whatever connects is brought.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::config::timeout::TimeoutConfig;
use aws_sdk_iam::config::{IdentityCache, Region, SharedHttpClient, StalledStreamProtectionConfig};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_async::time::TimeSource;
use model::accounts::account::AccountId;
use model::clock::Clock;
use model::secret::Secret;

use crate::aws::failure::Failure;
use crate::aws::pace::Pace;

/// The name of our sessions in the account's own trail.
const SESSION_NAME: &str = "portico";
/// How long such a session lives: the shortest that STS gives. A pass over an account is over sooner.
const SESSION_SECONDS: i32 = 900;

/// What reaches others: the one thing that may open a connection, and the clock that requests are signed by.
#[derive(Debug, Clone)]
pub struct Reach {
    /// What sends.
    pub http: SharedHttpClient,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Reach {
    /// The same, asking each endpoint no more at once than it bears.
    #[must_use]
    pub fn at(self, pace: &Pace) -> Self {
        Self { http: pace.of(self.http), ..self }
    }
}

#[derive(Debug)]
struct ByClock(Arc<dyn Clock>);

impl TimeSource for ByClock {
    fn now(&self) -> SystemTime {
        let micros = u64::try_from(self.0.now().micros()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
    }
}

/// As whom we come into an account.
#[derive(Debug, Clone)]
pub struct Access {
    /// The account.
    pub account: AccountId,
    /// Where its IAM is; AWS's of the Region where nothing is said.
    pub iam_endpoint: Option<String>,
    /// Where its STS is; AWS's of the Region where nothing is said.
    pub sts_endpoint: Option<String>,
    /// The Region that requests are signed for.
    pub region: String,
    /// An access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
    /// The role to take with it; none where the key is the account's own.
    pub role_arn: Option<String>,
    /// What the role wants to hear from whoever takes it.
    pub external_id: Option<String>,
}

macro_rules! config {
    ($sdk:ident, $access:expr, $reach:expr, $credentials:expr, $endpoint:expr) => {{
        let mut builder = $sdk::Config::builder()
            .behavior_version_latest()
            .region(Region::new($access.region.clone()))
            .http_client($reach.http.clone())
            .time_source(ByClock(Arc::clone(&$reach.clock)))
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_credentials_provider($credentials.map($sdk::config::SharedCredentialsProvider::new));
        builder.set_endpoint_url($endpoint.clone());
        $sdk::Client::from_conf(builder.build())
    }};
}

impl Access {
    fn keys(&self) -> Credentials {
        Credentials::new(&self.access_key_id, self.secret_access_key.expose(), None, None, "portico")
    }

    /// The account's STS, for what needs no proof but what it brings.
    pub(crate) fn anonymous_sts(&self, reach: &Reach) -> aws_sdk_sts::Client {
        config!(aws_sdk_sts, self, reach, None::<Credentials>, self.sts_endpoint)
    }

    /// The account's STS, as these.
    pub(crate) fn sts(&self, reach: &Reach, credentials: Credentials) -> aws_sdk_sts::Client {
        config!(aws_sdk_sts, self, reach, Some(credentials), self.sts_endpoint)
    }

    /// The account's IAM, as these.
    pub(crate) fn iam(&self, reach: &Reach, credentials: Credentials) -> aws_sdk_iam::Client {
        config!(aws_sdk_iam, self, reach, Some(credentials), self.iam_endpoint)
    }

    /// Whose these are: as whom the account's STS knows them.
    pub(crate) async fn identity(
        &self,
        reach: &Reach,
        credentials: &Credentials,
    ) -> Result<GetCallerIdentityOutput, Failure> {
        let asked = self.sts(reach, credentials.clone()).get_caller_identity().send().await;
        asked.map_err(|error| Failure::of(&self.account, "sts:GetCallerIdentity", &error))
    }

    /// As whom we come: the key, or the role that it takes.
    pub(crate) async fn credentials(&self, reach: &Reach) -> Result<Credentials, Failure> {
        let Some(role) = &self.role_arn else { return Ok(self.keys()) };
        let call = "sts:AssumeRole";
        let assumed = self
            .sts(reach, self.keys())
            .assume_role()
            .role_arn(role)
            .role_session_name(SESSION_NAME)
            .duration_seconds(SESSION_SECONDS)
            .set_external_id(self.external_id.clone())
            .send()
            .await
            .map_err(|error| Failure::of(&self.account, call, &error))?;
        let given = assumed
            .credentials()
            .ok_or_else(|| Failure::found(&self.account, call, "no credentials were answered".to_owned()))?;
        Ok(Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            None,
            "portico",
        ))
    }
}
