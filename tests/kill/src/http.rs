//! Requests and answers over connections of one's own, with the signatures of AWS's own library. Knows nothing of what is asked; says
//! exactly what became of a request: answered, never sent, or sent and not answered.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;

/// The longest that anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(75);
/// The Region of every test.
pub(crate) const REGION: &str = "us-east-1";

/// An access key, with a session token when it is temporary.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// A request before it is addressed and signed.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) signed: Option<(Keys, &'static str)>,
}

impl Ask {
    /// A request of a page or of an unsigned operation.
    pub(crate) fn plain(method: Method, path: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: body.into(), signed: None }
    }

    /// A form as a browser sends it.
    pub(crate) fn form(path: impl Into<String>, pairs: &[(&str, &str)]) -> Self {
        Self::plain(Method::POST, path, encode_pairs(pairs))
            .with("content-type", "application/x-www-form-urlencoded")
    }

    /// An operation of a JSON 1.1 service: its target's prefix and the name that signatures use.
    pub(crate) fn json(
        keys: &Keys,
        (prefix, service): (&str, &'static str),
        operation: &str,
        input: &Value,
    ) -> Self {
        let ask = Self::plain(Method::POST, "/", input.to_string())
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amz-target", &format!("{prefix}.{operation}"));
        Self { signed: Some((keys.clone(), service)), ..ask }
    }

    /// An operation of a Query service.
    pub(crate) fn query(keys: &Keys, service: &'static str, pairs: &[(&str, &str)]) -> Self {
        Self { signed: Some((keys.clone(), service)), ..Self::form("/", pairs) }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// `a=1&b=2`, encoded.
pub(crate) fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let values = set.filter_map(|text| text.split(';').next()?.strip_prefix(name)?.strip_prefix('='));
        values.filter(|value| !value.is_empty()).map(str::to_owned).next()
    }

    /// The error's code: of the header where there is one, else of the Query protocol's body.
    pub(crate) fn code(&self) -> String {
        let named = self.header("x-amzn-errortype");
        if !named.is_empty() {
            return named.to_owned();
        }
        between(&self.text(), "<Code>", "</Code>").unwrap_or_default().to_owned()
    }

    /// In one line, for a finding.
    pub(crate) fn shown(&self) -> String {
        let text: String = self.text().chars().take(300).collect();
        format!("{} {} {text}", self.status.as_u16(), self.code())
    }
}

/// The text between two others.
pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0)
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Sent {
    /// It was answered.
    Answered(Answer),
    /// Nobody listened: it was never sent.
    Never(String),
    /// It was sent, and the connection broke or nobody answered in time.
    Unanswered(String),
}

/// The time for signatures: the only one that this program reads from the wall.
#[expect(clippy::disallowed_methods, reason = "a client of the real server signs with the real time")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}

/// Connections of one party to one server.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    host: String,
    /// What the party's own clock is ahead of the wall's.
    pub(crate) ahead: i64,
}

impl Http {
    /// To `host` (`127.0.0.1:8765`).
    pub(crate) fn new(host: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // A request that is sent twice would be two.
            .retry_canceled_requests(false)
            .build(connector);
        Self { client, host: host.to_owned(), ahead: 0 }
    }

    /// Sends, and waits for the whole answer.
    pub(crate) async fn send(&self, ask: &Ask) -> anyhow::Result<Sent> {
        let request = self.request(ask)?;
        let exchange = async {
            let answer = match self.client.request(request).await {
                Ok(answer) => answer,
                Err(error) if error.is_connect() => return Sent::Never(error.to_string()),
                Err(error) => return Sent::Unanswered(error.to_string()),
            };
            let (parts, body) = answer.into_parts();
            match body.collect().await {
                Ok(body) => Sent::Answered(Answer {
                    status: parts.status,
                    headers: parts.headers,
                    body: body.to_bytes(),
                }),
                Err(error) => Sent::Unanswered(error.to_string()),
            }
        };
        Ok(match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(sent) => sent,
            Err(_) => Sent::Unanswered(format!("no answer in {} s", PATIENCE.as_secs())),
        })
    }

    fn request(&self, ask: &Ask) -> anyhow::Result<http::Request<Full<Bytes>>> {
        let uri = format!("http://{}{}", self.host, ask.path);
        let mut request = http::Request::builder().method(ask.method.clone()).uri(&uri);
        if ask.signed.is_none() {
            // Pages are on this name; what else is not signed does not mind.
            request = request.header("host", self.host.replace("127.0.0.1", "localhost"));
        }
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Full::new(Bytes::from(ask.body.clone())))?;
        if let Some((keys, service)) = &ask.signed {
            let offset = Duration::from_secs(self.ahead.unsigned_abs());
            let now = if self.ahead < 0 { wall() - offset } else { wall() + offset };
            let credentials =
                Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "kill").into();
            let params = v4::SigningParams::builder()
                .identity(&credentials)
                .region(REGION)
                .name(service)
                .time(now)
                .settings(SigningSettings::default())
                .build()?
                .into();
            // The user agent is a proxy's to change, so AWS's clients leave it out of the signature.
            let headers = ask.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let body = SignableBody::Bytes(ask.body.as_bytes());
            let signable = SignableRequest::new(ask.method.as_str(), &uri, headers, body)?;
            sign(signable, &params)?.into_parts().0.apply_to_request_http1x(&mut request);
        }
        Ok(request)
    }
}
