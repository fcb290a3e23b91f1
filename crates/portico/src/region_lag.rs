//! How far this Region is behind the primary, once a second. What was taken away there is taken away here when replication brings it; a Region that hears
//! nothing for longer than it may answers nothing any more, for it would not know. So does one that was removed.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use model::clock::Clock;
use model::cx::Primary;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::instances::region::{Here, RegionStatus};
use model::timestamp::Timestamp;
use store::db::Store;
use store::instances::regions;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(1);
/// When callers may try again.
const RETRY_AFTER: &str = "30";

/// Whether this Region answers, as everybody sees it. One that follows nobody always does. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    is_silent: AtomicBool,
    why: RwLock<String>,
    lag_seconds: AtomicI64,
}

impl Standing {
    /// That of a Region before anything is known of it.
    pub(crate) fn unknown() -> Self {
        let standing = Self::default();
        standing.silence("This Region has not heard of its primary yet".to_owned());
        standing
    }

    fn silence(&self, why: String) {
        *self.0.why.write().unwrap_or_else(PoisonError::into_inner) = why;
        self.0.is_silent.store(true, Ordering::Release);
    }

    /// Why nothing is answered, if so.
    pub(crate) fn why_silent(&self) -> Option<String> {
        let is_silent = self.0.is_silent.load(Ordering::Acquire);
        is_silent.then(|| self.0.why.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// How many seconds it was behind when it was looked at last.
    pub(crate) fn lag_seconds(&self) -> i64 {
        self.0.lag_seconds.load(Ordering::Relaxed)
    }

    /// The answer to whatever is asked of a Region that must be silent: in words for a browser, else as AWS's services write it.
    pub(crate) fn refusal(&self, headers: &HeaderMap) -> Option<Response> {
        let why = self.why_silent()?;
        let says = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let retry = (header::RETRY_AFTER, RETRY_AFTER);
        if says(header::ACCEPT).contains("text/html") {
            return Some((StatusCode::SERVICE_UNAVAILABLE, [retry], format!("{why}\n")).into_response());
        }
        // The Query protocol: iam and sts.
        if says(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
            let why = why.replace('&', "&amp;").replace('<', "&lt;");
            let body = format!(
                "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>{why}</Message></Error></ErrorResponse>"
            );
            let xml = (header::CONTENT_TYPE, "text/xml");
            return Some((StatusCode::SERVICE_UNAVAILABLE, [retry, xml], body).into_response());
        }
        let body = serde_json::json!({"__type": "ServiceUnavailableException", "message": why}).to_string();
        let json = (header::CONTENT_TYPE, "application/x-amz-json-1.1");
        Some((StatusCode::SERVICE_UNAVAILABLE, [retry, json], body).into_response())
    }
}

/// What the look works with.
#[derive(Debug)]
pub(crate) struct RegionLag {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) instance: InstanceId,
    pub(crate) here: Here,
    pub(crate) max: Duration,
    /// What is told until when the primary was heard.
    pub(crate) primary: Arc<Primary>,
    pub(crate) standing: Standing,
}

impl RegionLag {
    /// Looks for as long as the process lives.
    pub(crate) async fn run(self) {
        // What was seen last grows old where nothing can be seen: its own database is away, which whoever asks hears from the store.
        let mut seen = None;
        loop {
            match self.look() {
                Ok(now) => seen = Some(now),
                Err(fault) => {
                    tracing::debug!(%fault, context = fault.context(), "how far this Region is behind is not known");
                }
            }
            if let Some((status, pulse)) = seen {
                self.judge(status, pulse);
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    fn look(&self) -> Result<(Option<RegionStatus>, Option<Timestamp>), Fault> {
        self.store.read(|rx| {
            let region = regions::find(rx, &self.instance, &self.here.name)?;
            Ok((region.map(|region| region.status), regions::pulse(rx, &self.instance)?))
        })
    }

    fn judge(&self, status: Option<RegionStatus>, pulse: Option<Timestamp>) {
        let was = self.standing.why_silent();
        let lag = pulse.map(|pulse| self.clock.now().micros().saturating_sub(pulse.micros()) / 1_000_000);
        self.standing.0.lag_seconds.store(lag.unwrap_or(i64::MAX), Ordering::Relaxed);
        if let Some(pulse) = pulse {
            self.primary.hear(pulse);
        }
        let (name, url, max) = (&self.here.name, &self.here.primary_url, self.max.as_secs());
        let why = match (status, lag) {
            (None | Some(RegionStatus::Removing), _) => {
                Some(format!("The Region {name} was removed: go to the primary Region, at {url}"))
            }
            (Some(RegionStatus::Adding), _) => {
                Some(format!("The Region {name} is being made: not all of the primary is here yet"))
            }
            (_, None) => Some(format!("The Region {name} has not heard of its primary yet")),
            (_, Some(lag)) if lag.unsigned_abs() > max => Some(format!(
                "The Region {name} has heard nothing of its primary for more than {max} s and does not know what was taken away meanwhile: go to the primary Region, at {url}"
            )),
            _ => None,
        };
        match (why, was) {
            (Some(why), was) => {
                if was.as_ref() != Some(&why) {
                    tracing::error!(region = %name, lag, "{why}");
                    self.standing.silence(why);
                }
            }
            (None, Some(_)) => {
                tracing::info!(region = %name, lag, "the Region answers");
                self.standing.0.is_silent.store(false, Ordering::Release);
            }
            (None, None) => {}
        }
    }
}
