//! Calls as an SDK signs them: JSON 1.1 with an `Authorization` header of Signature Version 4.

use accounts::accounts::NewAccount;
use aws_lc_rs::hmac;
use axum::body::Body;
use http::Request;
use model::accounts::account::AccountId;
use model::accounts::organizational_unit::UnitPath;
use model::clock::Clock as _;
use model::secret::Secret;
use serde_json::Value;
use sigv4::instant::format_basic;
use sigv4::request::sha256_hex;

use crate::served::{Answer, Served};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SIGNED_HEADERS: &str = "content-type;host;x-amz-date;x-amz-target";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const HOST: &str = "127.0.0.1:8765";

/// The root key of an account and what it signs for.
pub(crate) struct Client<'s> {
    served: &'s Served,
    key_id: String,
    service: &'static str,
    prefix: &'static str,
}

impl<'s> Client<'s> {
    /// A client of a service with a new root key of an account. `prefix` is what goes before the operation in `X-Amz-Target`.
    pub(crate) async fn new(
        served: &'s Served,
        account: &str,
        service: &'static str,
        prefix: &'static str,
    ) -> Self {
        let key_id = format!("AKIA{account}{}", service.len());
        let (id, account) = (key_id.clone(), AccountId::trusted(account));
        let cx = served.fixture.root("iam.amazonaws.com", "CreateAccessKey");
        let add = move |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
            if store::accounts::accounts::find(tx, &account)?.is_none() {
                let new = NewAccount {
                    id: Some(account.clone()),
                    name: account.to_string(),
                    email: format!("{account}@example.com"),
                    path: UnitPath::ROOT,
                };
                accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
            }
            store::accounts::access_keys::insert(tx, cx, &id, &account, &Secret::new(SECRET))
        };
        served.app.store.maintain(&cx, add).await.unwrap();
        Self { served, key_id, service, prefix }
    }

    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Answer {
        let body = input.to_string();
        let target = format!("{}{operation}", self.prefix);
        let date = format_basic(self.served.clock.now().seconds());
        let authorization = self.authorization(&target, &date, &body);
        let request = Request::post("/")
            .header("host", HOST)
            .header("content-type", CONTENT_TYPE)
            .header("x-amz-date", &date)
            .header("x-amz-target", &target)
            .header("authorization", authorization)
            .body(Body::from(body))
            .unwrap();
        self.served.call(request).await
    }

    fn authorization(&self, target: &str, date: &str, body: &str) -> String {
        let day = date.get(..8).unwrap();
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let canonical = format!(
            "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{HOST}\nx-amz-date:{date}\nx-amz-target:{target}\n\n{SIGNED_HEADERS}\n{}",
            sha256_hex(body.as_bytes())
        );
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in [day, "us-east-1", self.service, "aws4_request", &to_sign] {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let signature = model::id::hex(&key);
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}",
            self.key_id
        )
    }
}
