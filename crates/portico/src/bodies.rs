//! A budget for the request bodies of the whole server: how many bytes of them may be under way at a time, in all and from one source. Without it
//! each of thousands of connections, and each stream of each, could hold a whole body. Knows nothing of what is in them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use model::client_address::site;

use crate::connections::lock;

/// Bytes of bodies under way at a time: sixty-four of the largest, thousands of ordinary ones.
const ALL_MAX: usize = 64 * 1024 * 1024;
/// The same of one source: a quarter, so that no single one keeps everybody else out.
const SOURCE_MAX: usize = ALL_MAX / 4;

/// The bodies under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    all: usize,
    sources: HashMap<IpAddr, usize>,
}

impl Bodies {
    /// What the body of one request of a caller at `address` may hold; nothing yet.
    pub(crate) fn share(&self, address: IpAddr) -> Share {
        let taken = Mutex::new(Taken { bytes: 0, is_refused: false });
        Share(Arc::new(Part { bodies: self.clone(), source: site(address), taken }))
    }
}

/// What one request holds of the budget; given back when the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Share(Arc<Part>);

#[derive(Debug)]
struct Part {
    bodies: Bodies,
    source: IpAddr,
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    bytes: usize,
    is_refused: bool,
}

impl Share {
    /// Takes so many bytes more, if there is room for them.
    fn take(&self, bytes: usize) -> bool {
        let mut taken = lock(&self.0.taken);
        let mut held = lock(&self.0.bodies.0);
        let of_source = held.sources.get(&self.0.source).copied().unwrap_or_default().saturating_add(bytes);
        let fits = of_source <= SOURCE_MAX && held.all.saturating_add(bytes) <= ALL_MAX;
        if fits {
            taken.bytes += bytes;
            held.all += bytes;
            held.sources.insert(self.0.source, of_source);
        } else {
            taken.is_refused = true;
        }
        fits
    }

    /// The answer to a request whose body found no room, whatever came of it; none for every other.
    pub(crate) fn refusal(&self) -> Option<Response> {
        lock(&self.0.taken).is_refused.then(|| {
            let headers = [
                (header::RETRY_AFTER.as_str(), "1"),
                ("x-amz-retry-after", "1000"),
                ("x-amzn-errortype", "ServiceUnavailableException"),
            ];
            let text = "Too many request bodies are under way: try again in 1 s\n";
            (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
        })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let bytes = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner).bytes;
        let mut held = lock(&self.bodies.0);
        held.all = held.all.saturating_sub(bytes);
        let left = held.sources.get(&self.source).map_or(0, |held| held.saturating_sub(bytes));
        if left == 0 {
            held.sources.remove(&self.source);
        } else {
            held.sources.insert(self.source, left);
        }
    }
}

/// A body whose bytes count. It ends with an error where there is no room for more.
#[derive(Debug)]
pub(crate) struct Counted<B> {
    body: B,
    share: Share,
}

impl<B> Counted<B> {
    /// Counts `body` as part of `share`.
    pub(crate) const fn new(body: B, share: Share) -> Self {
        Self { body, share }
    }
}

impl<B> Body for Counted<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) if !self.share.take(frame.data_ref().map_or(0, Bytes::len)) => {
                Some(Err("no room for more request bodies".into()))
            }
            other => other.map(|frame| frame.map_err(Into::into)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[test]
    fn body_flood_an_ipv6_site_has_one_share() {
        let bodies = Bodies::default();
        let of = |text: &str| bodies.share(text.parse().unwrap());
        let held = of("2001:db8:1:2::1");
        assert!(held.take(SOURCE_MAX));
        assert!(!of("2001:db8:1:ffff::1").take(1), "the same /48");
        assert!(of("2001:db8:2::1").take(SOURCE_MAX), "another one");
        drop(held);
        assert!(of("2001:db8:1:ffff::1").take(SOURCE_MAX));
    }

    #[test]
    fn body_flood_one_source_has_its_share_and_all_have_an_end() {
        let bodies = Bodies::default();
        let full = |number| {
            let share = bodies.share(source(number));
            assert!(share.take(SOURCE_MAX - 1) && share.take(1), "{number}");
            share
        };
        let mut held = vec![full(1)];
        let more = bodies.share(source(1));
        assert!(!more.take(1), "its share is taken");
        assert_eq!(more.refusal().unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(more.take(0) && held.iter().all(|share| share.refusal().is_none()));
        held.extend([full(2), full(3), full(4)]);
        assert!(!bodies.share(source(5)).take(1), "everything is taken");
        held.pop();
        assert!(bodies.share(source(5)).take(SOURCE_MAX));
        drop((held, more));
        let held = lock(&bodies.0);
        assert_eq!((held.all, held.sources.len()), (0, 0), "nothing is remembered of what is over");
    }
}
