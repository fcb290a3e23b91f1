//! How many calls an endpoint gets at once, against one that throttles whatever is too many.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use broker::aws::access::{Access, Reach, Way};
use broker::aws::pace::Pace;
use broker::aws::trial;
use model::accounts::account::AccountId;
use model::clock::ManualClock;
use model::secret::Secret;
use model::timestamp::Timestamp;

const MOST: usize = 32;
const HOST: &str = "sts.example.com";

/// Bears so many calls at once, each of which takes a moment.
#[derive(Debug, Clone)]
struct Endpoint {
    bears: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<(usize, bool)>>>,
}

impl Endpoint {
    fn new(bears: usize) -> Self {
        Self { bears: Arc::new(bears.into()), under_way: Arc::default(), seen: Arc::default() }
    }

    fn http(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// How many were under way at most, and how many were throttled, since this was asked last.
    fn taken(&self) -> (usize, usize) {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        let most = seen.iter().map(|(at_once, _)| *at_once).max().unwrap_or_default();
        (most, seen.iter().filter(|(_, is_throttled)| *is_throttled).count())
    }
}

impl HttpConnector for Endpoint {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let of = self.clone();
        HttpConnectorFuture::new(async move {
            let at_once = of.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            let is_throttled = at_once > of.bears.load(Ordering::SeqCst);
            of.seen.lock().unwrap().push((at_once, is_throttled));
            tokio::time::sleep(Duration::from_millis(2)).await;
            of.under_way.fetch_sub(1, Ordering::SeqCst);
            let (status, text) = if is_throttled {
                (
                    400,
                    "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
                )
            } else {
                (
                    200,
                    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                )
            };
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text)))
        })
    }
}

/// `workers` accounts, each of which calls again and again.
async fn worked(endpoint: &Endpoint, pace: &Pace, (workers, times): (usize, usize)) {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_795_507_200)));
        let reach = Reach { http: endpoint.http(), clock }.at(pace);
        all.spawn(async move {
            let access = Access {
                account: AccountId::trusted("444455556666"),
                iam_endpoint: Some(format!("https://{HOST}")),
                way: Way {
                    sts_endpoint: Some(format!("https://{HOST}")),
                    region: "us-east-1".to_owned(),
                    access_key_id: "AKIA".to_owned(),
                    secret_access_key: Secret::new("secret"),
                    roles: Vec::new(),
                },
            };
            for _ in 0..times {
                // One call: whose account it is, which is another.
                trial::attempt(&access, &reach, "/").await;
            }
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn an_endpoint_that_throttles_is_asked_less_and_slowly_more_again() {
    let (endpoint, pace) = (Endpoint::new(6), Pace::new(MOST));
    assert_eq!(pace.limit(HOST), MOST);
    worked(&endpoint, &pace, (MOST, 4)).await;
    let (most, throttled) = endpoint.taken();
    assert_eq!(most, MOST, "it begins with as many as there are");
    assert!(throttled >= MOST - 6);
    // It has been found out: from now on few are throttled.
    worked(&endpoint, &pace, (MOST, 20)).await;
    let (most, throttled) = endpoint.taken();
    assert!(most <= 8, "{most} at once where 6 are borne");
    assert!(throttled * 10 <= MOST * 20, "{throttled} of {} were throttled", MOST * 20);
    // It bears more again, and gets more.
    endpoint.bears.store(MOST, Ordering::SeqCst);
    worked(&endpoint, &pace, (MOST, 40)).await;
    let (most, throttled) = endpoint.taken();
    assert_eq!(throttled, 0);
    assert!(most > 16, "{most} at once where all are borne");
}

#[tokio::test]
async fn one_call_at_least_is_always_under_way_and_others_are_not_held_up() {
    let (endpoint, pace) = (Endpoint::new(0), Pace::new(MOST));
    worked(&endpoint, &pace, (MOST, 3)).await;
    assert_eq!(pace.limit(HOST), 1);
    assert_eq!(endpoint.taken().1, MOST * 3, "each was asked and heard");
    assert_eq!(pace.limit("iam.example.com"), MOST);
}
