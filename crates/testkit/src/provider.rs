//! An external identity provider on loopback, as far as it says something of itself: SAML metadata, discovery documents and key sets at paths, which a test
//! changes while it runs. It signs nobody in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use outbound::allowed::Allowed;
use outbound::client::Outbound;
use outbound::terms::Terms;
use rcgen::{CertificateParams, KeyPair};
use saml::certificate::Certificate;
use saml::metadata::{Endpoint, HTTP_POST, HTTP_REDIRECT, IdpMetadata};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A key set with one key (RFC 7517 A.1).
pub const KEY_SET: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","alg":"ES256","use":"sig","kid":"1"}]}"#;

/// What it says, by path.
type Texts = Arc<Mutex<BTreeMap<String, String>>>;

/// The provider.
#[derive(Debug)]
pub struct Provider {
    /// Its address, without a slash at the end.
    pub url: String,
    texts: Texts,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    /// One that says nothing yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (texts, asked) = (Texts::default(), Arc::new(AtomicUsize::new(0)));
        let (said, count) = (texts.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(link, said.clone()));
            }
        });
        Self { url, texts, asked }
    }

    /// Says this at a path from now on; answers the address.
    pub fn say(&self, path: &str, text: &str) -> String {
        self.texts.lock().expect("nobody panicked").insert(path.to_owned(), text.to_owned());
        format!("{}{path}", self.url)
    }

    /// Says nothing at a path from now on.
    pub fn fall_silent(&self, path: &str) {
        self.texts.lock().expect("nobody panicked").remove(path);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Speaks OpenID Connect from now on, with itself as the issuer.
    pub fn speak_openid(&self) {
        let url = &self.url;
        let document = format!(
            r#"{{"issuer":"{url}","authorization_endpoint":"{url}/authorize","token_endpoint":"{url}/token","jwks_uri":"{url}/keys",
            "response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256","ES256"],
            "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],"code_challenge_methods_supported":["S256"],
            "end_session_endpoint":"{url}/leave"}}"#
        );
        self.say("/.well-known/openid-configuration", &document);
        self.say("/keys", KEY_SET);
    }
}

async fn answer(mut link: TcpStream, texts: Texts) -> Option<()> {
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        if link.read_buf(&mut heard).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&heard).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let text = texts.lock().ok()?.get(&path).cloned();
    let (status, body) = text.map_or(("404 Not Found", String::new()), |text| ("200 OK", text));
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    link.write_all(answer.as_bytes()).await.ok()?;
    link.shutdown().await.ok()
}

/// What asks such a provider, and nobody else that is private.
pub fn outbound() -> Outbound {
    let allowed = Allowed::parse(["127.0.0.1"]).expect("an address");
    Outbound::new(Terms { allowed, ..Terms::default() }).expect("terms that hold")
}

/// A certificate of a new key.
pub fn certificate() -> Certificate {
    let pair = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(Vec::new()).expect("a certificate of nobody");
    Certificate::from_der(params.self_signed(&pair).expect("a certificate").der()).expect("a certificate")
}

/// As PEM.
pub fn pem(certificate: &Certificate) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", certificate.to_base64())
}

/// The metadata of a SAML provider.
pub fn metadata(entity_id: &str, certificates: &[&Certificate]) -> String {
    let endpoint = |binding: &str, location: &str| Endpoint {
        binding: binding.to_owned(),
        location: location.to_owned(),
        response_location: None,
        index: None,
    };
    let said = IdpMetadata {
        entity_id: entity_id.to_owned(),
        valid_until: None,
        certificates: certificates.iter().map(|&one| one.clone()).collect(),
        encryption_certificates: Vec::new(),
        single_sign_on: vec![
            endpoint(HTTP_REDIRECT, "https://idp.acme.example/sso"),
            endpoint(HTTP_POST, "https://idp.acme.example/sso/post"),
        ],
        single_logout: vec![endpoint(HTTP_REDIRECT, "https://idp.acme.example/slo")],
        name_id_formats: Vec::new(),
        wants_signed_requests: false,
    };
    said.write().expect("metadata")
}
