//! Requests to any operation as its protocol wants them, signed by a signer of their own: what the server's verifier reads must not be
//! what wrote it. A signature is made first and the request spoiled after, where a test wants that.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use axum::body::Body;
use http::Request;
use serde_json::Value;
use wire::operation::{OperationMeta, Protocol};
use wire::shape::{Location, Shape};

/// A request before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// Sorted and escaped.
    pub(crate) query: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Who signs, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Signing {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
    pub(crate) service: String,
    /// `20261124T080000Z`
    pub(crate) date: String,
}

impl Signing {
    /// Day, Region, service.
    fn scope(&self) -> String {
        let day = self.date.get(..8).unwrap();
        format!("{day}/{}/{}/aws4_request", self.region, self.service)
    }
}

/// The texts made of each item, one after the other.
pub(crate) fn joined<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    items.into_iter().map(text).collect::<Vec<_>>().concat()
}

fn hex(bytes: &[u8]) -> String {
    joined(bytes, |byte| format!("{byte:02x}"))
}

fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

impl Plain {
    /// A call of an operation.
    pub(crate) fn new(meta: &OperationMeta, input: &Value) -> Self {
        let mut plain = Self {
            method: if meta.method == "GET" { "GET" } else { "POST" },
            path: "/",
            query: String::new(),
            headers: vec![("host".to_owned(), "127.0.0.1:8765".to_owned())],
            body: String::new(),
        };
        match meta.protocol {
            Protocol::AwsJson => {
                plain.put("content-type", wire::aws_json::CONTENT_TYPE);
                plain.put("x-amz-target", meta.target);
                plain.body = input.to_string();
            }
            Protocol::Query => {
                plain.put("content-type", wire::query::CONTENT_TYPE);
                let mut fields = String::new();
                form("", input, &mut fields);
                plain.body = format!("Action={}&Version={}{fields}", meta.name, meta.api_version);
            }
            Protocol::RestJson => plain.rest(meta, input),
        }
        plain
    }

    fn rest(&mut self, meta: &OperationMeta, input: &Value) {
        let Shape::Structure { members, .. } = meta.input else { unreachable!() };
        let (path, apart) = meta.path.split_once('?').unwrap_or((meta.path, ""));
        self.path = path;
        self.put("content-type", wire::rest_json::CONTENT_TYPE);
        let (mut body, mut payload) = (serde_json::Map::new(), None);
        // What tells operations apart that share a path.
        let mut query: Vec<String> =
            [apart].into_iter().filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        for (name, value) in input.as_object().into_iter().flatten() {
            let member = members.iter().find(|member| member.name == name).unwrap();
            match member.location {
                Location::Body => {
                    body.insert(name.clone(), value.clone());
                }
                Location::Payload => payload = Some(value.clone()),
                Location::Query(key) => query.push(format!("{key}={}", value.as_str().unwrap())),
                Location::Header(key) => self.put(key, value.as_str().unwrap()),
            }
        }
        query.sort();
        self.query = query.join("&");
        if self.method == "POST" {
            self.body = payload.unwrap_or(Value::Object(body)).to_string();
        }
    }

    /// Sets a header.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.headers.retain(|(has, _)| has != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Adds a signature over everything that is there.
    pub(crate) fn sign(&mut self, signing: &Signing) {
        self.put("x-amz-date", &signing.date);
        if let Some(token) = &signing.token {
            self.put("x-amz-security-token", token);
        }
        let (names, signature) = self.signature(signing);
        let (id, scope) = (&signing.key_id, signing.scope());
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
        self.put("authorization", &authorization);
    }

    /// The same in the query string, good for some seconds.
    pub(crate) fn presign(&mut self, signing: &Signing, seconds: u32) {
        self.headers.sort();
        let names = self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("%3B");
        let escaped = |base64: &str| base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let (id, scope, date) = (&signing.key_id, signing.scope(), &signing.date);
        let mut query: Vec<String> =
            self.query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        query.extend([
            "X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned(),
            format!("X-Amz-Credential={id}%2F{}", escaped(&scope)),
            format!("X-Amz-Date={date}"),
            format!("X-Amz-Expires={seconds}"),
            format!("X-Amz-SignedHeaders={names}"),
        ]);
        query.extend(signing.token.iter().map(|token| format!("X-Amz-Security-Token={}", escaped(token))));
        query.sort();
        self.query = query.join("&");
        let (_, signature) = self.signature(signing);
        self.query = format!("{}&X-Amz-Signature={signature}", self.query);
    }

    /// The names of what is signed, and the signature.
    fn signature(&mut self, signing: &Signing) -> (String, String) {
        self.headers.sort();
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines = joined(&self.headers, |(name, value)| format!("{name}:{value}\n"));
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            self.method,
            self.path,
            self.query,
            sha256(&self.body)
        );
        let scope = signing.scope();
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", signing.date, sha256(&canonical));
        let mut key = format!("AWS4{}", signing.secret).into_bytes();
        for part in scope.split('/').chain([text.as_str()]) {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        (names, hex(&key))
    }

    /// The request.
    pub(crate) fn request(&self) -> Request<Body> {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let builder =
            Request::builder().method(self.method).uri(format!("{}{mark}{}", self.path, self.query));
        self.headers
            .iter()
            .fold(builder, |builder, (name, value)| builder.header(name, value))
            .body(Body::from(self.body.clone()))
            .unwrap()
    }
}

/// A value as fields of a form: members by name, items of a list by number.
fn form(place: &str, value: &Value, out: &mut String) {
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                form(&below(name), value, out);
            }
        }
        Value::Array(items) => {
            for (at, item) in (1..).zip(items) {
                form(&below(&format!("member.{at}")), item, out);
            }
        }
        one => {
            let text = one.as_str().map_or_else(|| one.to_string(), str::to_owned);
            let escaped = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC);
            *out = format!("{out}&{place}={escaped}");
        }
    }
}
