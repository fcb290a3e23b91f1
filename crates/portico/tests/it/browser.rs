//! A browser without scripts: it keeps cookies, and sends the form of the page that it shows.

use std::collections::BTreeMap;

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A browser and the page that it shows.
pub(crate) struct Browser {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
    cookies: BTreeMap<String, String>,
    page: String,
    status: u16,
    headers: HeaderMap,
}

impl Browser {
    /// A new browser at the pages of a server.
    pub(crate) fn new(base: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            base: base.replace("127.0.0.1", "localhost"),
            client,
            cookies: BTreeMap::new(),
            page: String::new(),
            status: 0,
            headers: HeaderMap::new(),
        }
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) {
        self.send(Method::GET, path, String::new()).await;
    }

    /// Sends the form of the page with these fields filled in; values are words without anything to encode but spaces.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) {
        let csrf = self.page.split_once(r#"name="csrf" value=""#).unwrap().1.split_once('"').unwrap().0;
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", value.replace(' ', "+"));
        let pairs: Vec<String> = fields.iter().chain([&("csrf", csrf)]).map(pair).collect();
        self.send(Method::POST, path, pairs.join("&")).await;
    }

    /// What the page says.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// The status of the last answer.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// A header of the last answer; nothing when it has none.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    async fn send(&mut self, method: Method, path: &str, body: String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body))
            .unwrap();
        let answer = self.client.request(request).await.unwrap();
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.status = answer.status().as_u16();
        self.headers = answer.headers().clone();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        self.page = String::from_utf8(body.to_vec()).unwrap();
    }
}
