//! The way into an account: the addresses of its IAM and STS, and as whom we come. Clients of the SDK without retries, timeouts or connections of their
//! own: the queue tries again, and whatever connects is brought.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
pub(crate) use aws_sdk_iam::config::retry::RetryConfig;
pub(crate) use aws_sdk_iam::config::timeout::TimeoutConfig;
pub(crate) use aws_sdk_iam::config::{
    IdentityCache, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_async::time::TimeSource;
use model::accounts::account::AccountId;
use model::clock::Clock;
use model::secret::Secret;

use crate::aws::failure::{Failure, Place};
use crate::aws::pace::Pace;

/// The name of our sessions in the account's own trail.
const SESSION_NAME: &str = "portico";
/// How long such a session lives: the shortest that STS gives. A pass over an account is over sooner.
const SHORTEST: i32 = 900;
/// The longest of a role that is taken by another.
pub(crate) const LONGEST: i32 = 3_600;

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

/// What requests are signed by.
#[derive(Debug)]
pub(crate) struct ByClock(pub(crate) Arc<dyn Clock>);

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
    /// How it is entered.
    pub way: Way,
}

/// A key, and what it takes on its way.
#[derive(Debug, Clone)]
pub struct Way {
    /// Where roles are taken; AWS's of the Region where nothing is said.
    pub sts_endpoint: Option<String>,
    /// The Region that requests are signed for.
    pub region: String,
    /// An access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
    /// The roles to take with it, each by the one before; none where the key is of where it leads to.
    pub roles: Vec<RoleOnTheWay>,
}

/// A role that is taken on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOnTheWay {
    /// Its ARN.
    pub arn: String,
    /// What it wants to hear from whoever takes it.
    pub external_id: Option<String>,
}

macro_rules! config {
    ($sdk:ident, $way:expr, $reach:expr, $credentials:expr, $endpoint:expr) => {{
        let mut builder = $sdk::Config::builder()
            .behavior_version_latest()
            .region(Region::new($way.region.clone()))
            .http_client($reach.http.clone())
            .time_source(ByClock(std::sync::Arc::clone(&$reach.clock)))
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_credentials_provider($credentials.map($sdk::config::SharedCredentialsProvider::new));
        builder.set_endpoint_url($endpoint.clone());
        $sdk::Client::from_conf(builder.build())
    }};
}

pub(crate) use config;

impl Access {
    /// The account's STS, for what needs no proof but what it brings.
    pub(crate) fn anonymous_sts(&self, reach: &Reach) -> aws_sdk_sts::Client {
        config!(aws_sdk_sts, self.way, reach, None::<Credentials>, self.way.sts_endpoint)
    }

    /// The account's IAM, as these.
    pub(crate) fn iam(&self, reach: &Reach, credentials: Credentials) -> aws_sdk_iam::Client {
        config!(aws_sdk_iam, self.way, reach, Some(credentials), self.iam_endpoint)
    }

    /// Whose these are: as whom the account's STS knows them.
    pub(crate) async fn identity(
        &self,
        reach: &Reach,
        credentials: &Credentials,
    ) -> Result<GetCallerIdentityOutput, Failure> {
        let asked = self.way.sts(reach, credentials.clone()).get_caller_identity().send().await;
        asked.map_err(|error| Failure::of(&self.account, "sts:GetCallerIdentity", &error))
    }

    /// As whom we come into the account.
    pub(crate) async fn credentials(&self, reach: &Reach) -> Result<Credentials, Failure> {
        self.way.credentials(reach, (&Place::from(&self.account), SHORTEST)).await
    }
}

impl Way {
    /// Where roles are taken, as these.
    fn sts(&self, reach: &Reach, credentials: Credentials) -> aws_sdk_sts::Client {
        config!(aws_sdk_sts, self, reach, Some(credentials), self.sts_endpoint)
    }

    /// As whom we come, for so many seconds: the key, or the last of the roles.
    pub(crate) async fn credentials(
        &self,
        reach: &Reach,
        (place, seconds): (&Place, i32),
    ) -> Result<Credentials, Failure> {
        let key =
            Credentials::new(&self.access_key_id, self.secret_access_key.expose(), None, None, "portico");
        let mut credentials = key;
        for role in &self.roles {
            credentials = self.taken(reach, (place, seconds), role, credentials).await?;
        }
        Ok(credentials)
    }

    async fn taken(
        &self,
        reach: &Reach,
        (place, seconds): (&Place, i32),
        role: &RoleOnTheWay,
        by: Credentials,
    ) -> Result<Credentials, Failure> {
        let call = "sts:AssumeRole";
        let assumed = self
            .sts(reach, by)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(SESSION_NAME)
            .duration_seconds(seconds)
            .set_external_id(role.external_id.clone())
            .send()
            .await
            .map_err(|error| Failure::of(place, call, &error))?;
        let given = assumed
            .credentials()
            .ok_or_else(|| Failure::found(place, call, "no credentials were answered".to_owned()))?;
        Ok(Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            None,
            "portico",
        ))
    }
}
