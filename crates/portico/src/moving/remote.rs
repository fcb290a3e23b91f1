//! The identity center on the other side: clients of its three services by AWS's own SDK, and its refusals as sentences. Throttling is met by
//! waiting: retries with jitter at a rate that follows what the other side takes.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use aws_credential_types::Credentials;
use aws_sdk_ssoadmin::config::http::HttpResponse;
use aws_sdk_ssoadmin::config::interceptors::InterceptorContext;
use aws_sdk_ssoadmin::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_ssoadmin::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// The code for an operation that the other side does not have.
const UNKNOWN_OPERATION: &str = "UnknownOperationException";
/// Calls under way at once.
const AT_ONCE: usize = 8;
/// How often one call is tried.
const ATTEMPTS: u32 = 12;
/// How long the wait between two tries may become.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How long one try may take.
const ATTEMPT_MAX: Duration = Duration::from_secs(60);

/// Where it is, and how it is called.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) admin: aws_sdk_ssoadmin::Client,
    pub(crate) people: aws_sdk_identitystore::Client,
    pub(crate) organizations: aws_sdk_organizations::Client,
}

impl Remote {
    /// With the credentials of the environment.
    pub(crate) fn connect(region: &str, endpoint: Option<&str>) -> anyhow::Result<Self> {
        let credentials = credentials()?;
        macro_rules! client {
            ($sdk:ident) => {{
                let mut config = $sdk::Config::builder()
                    .region($sdk::config::Region::new(region.to_owned()))
                    .credentials_provider(credentials.clone())
                    .retry_config(
                        RetryConfig::adaptive().with_max_attempts(ATTEMPTS).with_max_backoff(WAIT_MAX),
                    )
                    .retry_classifier(NotOfAws)
                    .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_MAX).build());
                config.set_endpoint_url(endpoint.map(str::to_owned));
                $sdk::Client::from_conf(config.build())
            }};
        }
        Ok(Self {
            admin: client!(aws_sdk_ssoadmin),
            people: client!(aws_sdk_identitystore),
            organizations: client!(aws_sdk_organizations),
        })
    }
}

fn credentials() -> anyhow::Result<Credentials> {
    let needed = |name: &str| {
        variable(name).with_context(|| {
            format!(
                "{name} is not set. Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for those of a role, AWS_SESSION_TOKEN; \
                 of an AWS CLI profile: eval \"$(aws configure export-credentials --profile PROFILE --format env)\""
            )
        })
    };
    let (id, secret) = (needed("AWS_ACCESS_KEY_ID")?, needed("AWS_SECRET_ACCESS_KEY")?);
    Ok(Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where AWS's own programs look for credentials; read once, in the binary"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A page for people where AWS's services answer JSON: the other side is something else, which does not know the call. Asking again is of no use.
#[derive(Debug)]
struct NotOfAws;

impl ClassifyRetry for NotOfAws {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if is_page(response) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a page for people"
    }
}

fn is_page(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    [404, 405, 500, 501].contains(&response.status().as_u16()) && kind.starts_with("text/html")
}

/// Why a call did not succeed.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Its action, `sso:ListInstances`.
    pub(crate) action: &'static str,
    /// The other side's code; none when nothing was answered that is one.
    pub(crate) code: Option<String>,
    said: String,
}

impl Refused {
    /// From what the SDK makes of it.
    pub(crate) fn of<E>(action: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if error.raw_response().is_some_and(is_page) {
            let said = "the other side answers this call with a page for people, not as AWS does".to_owned();
            return Self { action, code: Some(UNKNOWN_OPERATION.to_owned()), said };
        }
        let code = error.code().map(str::to_owned);
        let said = match error.message() {
            Some(message) => message.to_owned(),
            None => DisplayErrorContext(error).to_string(),
        };
        Self { action, code, said }
    }

    /// Whether the code is one of these.
    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// What was asked for is not there, or is switched off.
    pub(crate) fn is_nothing(&self) -> bool {
        self.is(&["ResourceNotFoundException"])
    }

    /// The other side will not answer this, however often it is asked: the caller may not, or it does not know the operation.
    pub(crate) fn is_final(&self) -> bool {
        self.is(&[
            "AccessDenied",
            "AccessDeniedException",
            "InvalidAction",
            "NotImplemented",
            "NotImplementedException",
            "UnknownOperation",
            UNKNOWN_OPERATION,
            "UnsupportedOperation",
            "UnsupportedOperationException",
            "UnsupportedAPIEndpointException",
            "AWSOrganizationsNotInUseException",
        ])
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, code, said } = self;
        match code {
            Some(code) => write!(out, "{action}: {code}: {said}"),
            None => write!(out, "{action}: {said}"),
        }
    }
}

impl Error for Refused {}

/// Does something with each of `items`, several at once, and hands what comes of it to `done` in their order.
pub(crate) async fn each<T, F, R>(
    items: impl IntoIterator<Item = T>,
    go: impl Fn(T) -> F,
    mut done: impl FnMut(R) -> anyhow::Result<()>,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<R>> + Send + 'static,
    R: Send + 'static,
{
    let mut under_way = VecDeque::new();
    for item in items {
        if under_way.len() == AT_ONCE
            && let Some(first) = under_way.pop_front()
        {
            done(ended(first).await?)?;
        }
        under_way.push_back(tokio::spawn(go(item)));
    }
    for task in under_way {
        done(ended(task).await?)?;
    }
    Ok(())
}

async fn ended<R>(task: tokio::task::JoinHandle<anyhow::Result<R>>) -> anyhow::Result<R> {
    task.await.map_err(|error| anyhow!("a call ended in disorder: {error}"))?
}
