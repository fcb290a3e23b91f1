//! What becomes of one request, whoever answers it: two readings of its framing end it, its body counts, it is gone on with by turns, it has a time in which
//! it must be answered, and a panic is its own. What answers it is found without a router; only pages have one. Knows nothing of connections.

use std::any::Any;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::response::{IntoResponse as _, Response};
use edge_aws::router::{Edge, Peer};
use http::{HeaderName, HeaderValue, StatusCode};
use hyper::Request;
use hyper::body::{Body, Bytes};
use model::client_address::client_address;
use tokio::time::sleep;

use crate::bodies::{Bodies, Counted};
use crate::framing;
use crate::gate::Gate;
use crate::metrics::Health;
use crate::region_lag::Standing;

/// What a proxy says of whom it speaks for.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// A request, its body included, at most: whoever sends slower is cut off.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// What answers requests.
#[derive(Debug)]
pub(crate) struct Answering {
    pub(crate) edge: Edge,
    pub(crate) health: Health,
    /// Whether this Region answers at all.
    pub(crate) region: Standing,
    pub(crate) gate: Gate,
    pub(crate) bodies: Bodies,
    pub(crate) trusted_proxies: Arc<[IpAddr]>,
}

impl Answering {
    /// Answers a request of `peer`.
    pub(crate) async fn answer<B>(&self, request: Request<B>, peer: Peer) -> Response
    where
        B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + Unpin + 'static,
    {
        if let Some(refusal) = framing::refusal(&request) {
            return refusal;
        }
        if !Health::is_of(&request)
            && let Some(refusal) = self.region.refusal(request.headers())
        {
            return refusal;
        }
        let begun = Instant::now();
        let forwarded = request.headers().get_all(&FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
        let share = self.bodies.share(client_address(peer.address.ip(), forwarded, &self.trusted_proxies));
        let request = request.map(|body| Counted::new(body, share.clone()));
        let (call, at_once) = (self.edge.call(&request), Health::is_of(&request));
        let alive = if call.path().is_none() { Health::alive(&request) } else { None };
        let path = alive.as_ref().map(|(path, _)| *path).or_else(|| call.path());
        // Pinned here, once: whoever is given it by value keeps it twice, and whoever drives the connection copies all of it for each request.
        let work = pin!(async {
            match alive {
                Some((_, answer)) => answer,
                None => self.edge.answer(call, peer, request).await,
            }
        });
        let answer = if at_once { in_time(work).await } else { in_time(self.gate.pass(work)).await };
        self.health.count(path, &answer, begun.elapsed());
        share.refusal().unwrap_or(answer)
    }
}

/// The answer of `work`, which has [`REQUEST_TIMEOUT`] for it, and whose panic ends nothing else.
async fn in_time(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    let mut timer = pin!(None);
    std::future::poll_fn(move |cx| {
        // What panicked is never polled again, and what it shares with others is kept behind locks that outlive a panic.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(Poll::Ready(answer)) => return Poll::Ready(answer),
            Ok(Poll::Pending) => {}
            Err(panic) => return Poll::Ready(panicked(panic.as_ref())),
        }
        // Only who must wait needs a timer.
        if timer.is_none() {
            timer.set(Some(sleep(REQUEST_TIMEOUT)));
        }
        let late = timer.as_mut().as_pin_mut().is_some_and(|timer| timer.poll(cx).is_ready());
        if late { Poll::Ready(StatusCode::REQUEST_TIMEOUT.into_response()) } else { Poll::Pending }
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    tracing::error!("Service panicked: {said}");
    (StatusCode::INTERNAL_SERVER_ERROR, "Service panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_never_answers_is_cut_off_and_who_is_slow_is_not() {
        let begun = tokio::time::Instant::now();
        assert_eq!(in_time(std::future::pending()).await.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(begun.elapsed(), REQUEST_TIMEOUT);
        let slow = async {
            for _ in 0..2 {
                sleep(REQUEST_TIMEOUT * 2 / 5).await;
            }
            "slow".into_response()
        };
        assert_eq!(in_time(slow).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_panic_is_answered() {
        let at_once = in_time(async { panic!("at once") }).await;
        let later = in_time(async {
            tokio::task::yield_now().await;
            panic!("{}", "later")
        });
        let statuses = [at_once.status(), later.await.status()];
        assert_eq!(statuses, [StatusCode::INTERNAL_SERVER_ERROR; 2]);
    }
}
