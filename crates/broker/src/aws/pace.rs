//! How many calls an endpoint gets at once: as many as it bears. What it throttles halves that, what it answers lets it grow by one every few rounds. Whoever
//! waits for a place waits here; a call that was throttled is tried again by whoever asked, not here. Knows neither accounts nor a clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use tokio::sync::Notify;

/// Codes by which an endpoint says that it was asked too often.
pub(super) const THROTTLED: [&str; 8] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
];

/// A limit grows by less than one call at a time.
const PARTS: usize = 1_000;

/// Rounds of answers for which a limit stands before one more is tried: what is tried too soon is throttled again.
const ROUNDS: usize = 4;

/// The paces of all endpoints, by host. Cheap to clone; clones are one.
#[derive(Debug, Clone)]
pub struct Pace {
    most: usize,
    endpoints: Arc<Mutex<HashMap<String, Arc<Endpoint>>>>,
}

#[derive(Debug)]
struct Endpoint {
    host: String,
    /// In parts, as the limit.
    most: usize,
    state: Mutex<State>,
    left: Notify,
}

#[derive(Debug)]
struct State {
    /// How many at once, in parts: [`PARTS`] of them are one call.
    limit: usize,
    under_way: usize,
    /// Calls that have begun.
    begun: u64,
    /// Those up to this began before the limit was last cut: that they are throttled is known.
    cut_at: u64,
}

impl Pace {
    /// `most` calls at once to one host.
    pub fn new(most: usize) -> Self {
        Self { most, endpoints: Arc::default() }
    }

    /// The same way to others, at this pace.
    pub fn of(&self, http: SharedHttpClient) -> SharedHttpClient {
        let pace = self.clone();
        http_client_fn(move |settings, components| {
            let inner = http.http_connector(settings, components);
            SharedHttpConnector::new(Paced { inner, pace: pace.clone() })
        })
    }

    /// How many calls a host gets at once by now.
    pub fn limit(&self, host: &str) -> usize {
        self.endpoint(host).state().limit / PARTS
    }

    fn endpoint(&self, host: &str) -> Arc<Endpoint> {
        let mut all = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.get(host) {
            return Arc::clone(found);
        }
        let most = self.most.max(1) * PARTS;
        let new = Arc::new(Endpoint {
            host: host.to_owned(),
            most,
            state: Mutex::new(State { limit: most, under_way: 0, begun: 0, cut_at: 0 }),
            left: Notify::new(),
        });
        all.insert(host.to_owned(), Arc::clone(&new));
        new
    }
}

impl Endpoint {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, once there is one.
    async fn enter(self: Arc<Self>) -> Place {
        loop {
            let left = self.left.notified();
            {
                let mut state = self.state();
                if state.under_way < state.limit / PARTS {
                    state.under_way += 1;
                    state.begun += 1;
                    let number = state.begun;
                    drop(state);
                    return Place { endpoint: Arc::clone(&self), number };
                }
            }
            left.await;
        }
    }
}

/// A call that is under way. Whoever drops it makes room.
struct Place {
    endpoint: Arc<Endpoint>,
    number: u64,
}

impl Place {
    fn told(&self, is_throttled: bool) {
        let mut state = self.endpoint.state();
        if !is_throttled {
            // One more in so many rounds: a round is as many answers as there are places.
            state.limit = (state.limit + PARTS * PARTS / (ROUNDS * state.limit)).min(self.endpoint.most);
            return;
        }
        if self.number <= state.cut_at {
            return;
        }
        state.limit = (state.limit / 2).max(PARTS);
        state.cut_at = state.begun;
        tracing::info!(
            host = self.endpoint.host,
            limit = state.limit / PARTS,
            "an endpoint throttles and is asked less"
        );
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.endpoint.state().under_way -= 1;
        // Places may have come to be: whoever waits looks again.
        self.endpoint.left.notify_waiters();
    }
}

#[derive(Debug)]
struct Paced {
    inner: SharedHttpConnector,
    pace: Pace,
}

impl HttpConnector for Paced {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let endpoint = self.pace.endpoint(host(request.uri()));
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            let place = endpoint.enter().await;
            let answer = inner.call(request).await;
            // Of what was not answered nobody knows why.
            if let Ok(answer) = &answer {
                place.told(is_throttled(answer));
            }
            answer
        })
    }
}

/// Host and port of an address.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn is_throttled(answer: &HttpResponse) -> bool {
    let status = answer.status().as_u16();
    if status < 400 {
        return false;
    }
    let text = String::from_utf8_lossy(answer.body().bytes().unwrap_or_default());
    // In XML of IAM and STS, in JSON of Organizations.
    status == 429
        || THROTTLED.iter().any(|code| {
            text.contains(&format!("<Code>{code}</Code>")) || text.contains(&format!("\"{code}\""))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_known_by_host_and_port() {
        assert_eq!(host("https://iam.amazonaws.com/"), "iam.amazonaws.com");
        assert_eq!(host("http://127.0.0.1:5000?x=1"), "127.0.0.1:5000");
    }
}
