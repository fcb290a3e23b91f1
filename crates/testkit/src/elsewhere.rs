//! An account's IAM and STS, or an organization's Organizations, that are somewhere else, as the SDK hears them: answers by the name of the call, and what was called. Knows nothing of what
//! is right there.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What answers. Cheap to clone; clones are one.
#[derive(Clone, Default)]
pub struct Elsewhere {
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
    calls: Arc<Mutex<Vec<String>>>,
    meanwhile: Arc<Mutex<HashMap<String, Meanwhile>>>,
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Elsewhere(…)")
    }
}

impl Elsewhere {
    /// An account of this id that holds nothing, and takes whatever is made.
    pub fn empty(id: &str) -> Self {
        let account = Self::default();
        account.answers(
            "GetCallerIdentity",
            &format!("<Arn>arn:aws:iam::{id}:user/portico</Arn><UserId>A</UserId><Account>{id}</Account>"),
        );
        for call in ["GetSAMLProvider", "GetRole"] {
            account.refuses(call, 404, "NoSuchEntity");
        }
        account.answers(
            "CreateRole",
            "<Role><Path>/</Path><RoleName>x</RoleName><RoleId>AROAELSEWHERE</RoleId><Arn>arn:aws:iam::1:role/x</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>",
        );
        account
    }

    /// Answers a call with this result from now on.
    pub fn answers(&self, call: &str, result: &str) {
        let text = format!("<{call}Response><{call}Result>{result}</{call}Result></{call}Response>");
        self.put(call, (200, text));
    }

    /// Answers a call of a service that speaks JSON from now on.
    pub fn answers_json(&self, call: &str, result: &impl fmt::Display) {
        self.put(call, (200, result.to_string()));
    }

    /// Refuses a call from now on.
    pub fn refuses(&self, call: &str, status: u16, code: &str) {
        let text = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>so it is</Message></Error></ErrorResponse>"
        );
        self.put(call, (status, text));
    }

    /// What happens before a call is answered the next time.
    pub fn meanwhile(&self, call: &str, happens: impl Future<Output = ()> + Send + 'static) {
        self.meanwhile.lock().expect("nobody panics with it").insert(call.to_owned(), Box::pin(happens));
    }

    fn put(&self, call: &str, answer: (u16, String)) {
        self.answers.lock().expect("nobody panics with it").insert(call.to_owned(), answer);
    }

    /// What was called since this was asked last.
    pub fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().expect("nobody panics with it"))
    }

    /// What an SDK asks it by.
    pub fn http(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

impl HttpConnector for Elsewhere {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let by_header = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let by_form = || body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let call = by_header.or_else(by_form).unwrap_or_default();
        self.calls.lock().expect("nobody panics with it").push(call.to_owned());
        let answer = self.answers.lock().expect("nobody panics with it").get(call).cloned();
        let (status, text) =
            answer.unwrap_or_else(|| (200, format!("<{call}Response><{call}Result/></{call}Response>")));
        let status = status.try_into().expect("a status");
        let meanwhile = self.meanwhile.lock().expect("nobody panics with it").remove(call);
        HttpConnectorFuture::new(async move {
            if let Some(happens) = meanwhile {
                happens.await;
            }
            Ok(HttpResponse::new(status, SdkBody::from(text)))
        })
    }
}
