//! A server with a script: it hears one request on each connection, does what the script says, and keeps everything that it heard. And terms that allow
//! whatever a test needs, with names that mean what the test says.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outbound::address::Address;
use outbound::allowed::Allowed;
use outbound::answer::Answer;
use outbound::client::Outbound;
use outbound::credentials::Credentials;
use outbound::failure::Failure;
use outbound::names::Names;
use outbound::terms::Terms;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a server does, one after the other, once it has heard a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends this.
    Send(Vec<u8>),
    /// Sends this again and again, with a pause between.
    Repeat(Vec<u8>, Duration),
    /// Says nothing for long.
    Wait,
    /// Closes without a farewell of TLS.
    Cut,
}

/// An answer with a body of known length.
pub(crate) fn whole(head: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    vec![Act::Send(format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())]
}

/// The bytes of an answer, as they are.
pub(crate) fn raw(text: &str) -> Vec<Act> {
    vec![Act::Send(text.as_bytes().to_vec())]
}

pub(crate) struct Server {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// One without TLS.
    pub(crate) async fn clear(script: Vec<Act>) -> Self {
        Self::start(None, script).await
    }

    /// One with TLS.
    pub(crate) async fn safe(certificate: &Certificate, script: Vec<Act>) -> Self {
        Self::start(Some(certificate.acceptor.clone()), script).await
    }

    async fn start(tls: Option<TlsAcceptor>, script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (notes, count) = (heard.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (tls, script, notes) = (tls.clone(), script.clone(), notes.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(link, script, &notes).await,
                        Some(tls) => serve(tls.accept(link).await.ok()?, script, &notes).await,
                    }
                });
            }
        });
        Self { port, heard, connections }
    }

    /// The requests that it heard, whole.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve<L>(mut link: L, script: Vec<Act>, notes: &Mutex<Vec<String>>) -> Option<()>
where
    L: AsyncRead + AsyncWrite + Unpin,
{
    let request = hear(&mut link).await?;
    notes.lock().unwrap().push(request);
    for act in script {
        match act {
            Act::Send(bytes) => link.write_all(&bytes).await.ok()?,
            Act::Repeat(bytes, pause) => loop {
                link.write_all(&bytes).await.ok()?;
                link.flush().await.ok()?;
                tokio::time::sleep(pause).await;
            },
            Act::Wait => {
                link.flush().await.ok()?;
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            Act::Cut => {
                link.flush().await.ok()?;
                return None;
            }
        }
    }
    link.shutdown().await.ok()
}

/// One request: its head, and as much of a body as it announces.
async fn hear<L: AsyncRead + Unpin>(link: &mut L) -> Option<String> {
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if link.read_buf(&mut heard).await.ok()? == 0 {
            return None;
        }
    }
}

/// How a certificate is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Made {
    /// Its time is over.
    pub(crate) is_expired: bool,
    /// Its time has not begun.
    pub(crate) is_early: bool,
    /// It was issued by itself.
    pub(crate) is_own: bool,
}

/// A certificate, and the authority that issued it.
pub(crate) struct Certificate {
    pub(crate) acceptor: TlsAcceptor,
    /// The authority, for whoever trusts it.
    pub(crate) ca: PathBuf,
    _scratch: tempfile::TempDir,
}

impl Certificate {
    pub(crate) fn of(names: &[&str], made: Made) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        if made.is_expired {
            params.not_after = date_time_ymd(2_020, 1, 1);
        }
        if made.is_early {
            params.not_before = date_time_ymd(4_000, 1, 1);
        }
        let certificate =
            if made.is_own { params.self_signed(&key) } else { params.signed_by(&key, &issuer) }.unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let ca = scratch.path().join("ca.pem");
        std::fs::write(&ca, authority_certificate.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca, _scratch: scratch }
    }
}

/// Terms that allow these, in which every name is loopback, and in which little is waited for.
pub(crate) fn terms(allow: &[&str]) -> Terms {
    Terms {
        allowed: Allowed::parse(allow).unwrap(),
        timeout: Duration::from_secs(5),
        bytes_max: 10_000,
        names: meaning(&["127.0.0.1"]),
        ..Terms::default()
    }
}

/// Every name means these.
pub(crate) fn meaning(addresses: &[&str]) -> Names {
    let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    Names::by(move |_| {
        let addresses = addresses.clone();
        async move { Ok(addresses) }
    })
}

pub(crate) fn outbound(terms: Terms) -> Outbound {
    Outbound::new(terms).unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"))
}

/// Gets a path from a server without TLS, which the terms must allow by its address.
pub(crate) async fn get(outbound: &Outbound, server: &Server, path: &str) -> Result<Answer, Failure> {
    let url = format!("http://{}:{}{path}", Ipv4Addr::LOCALHOST, server.port);
    outbound.get(&address(&url), "application/json", Credentials::Nobody).await
}

/// What a server without TLS is answered as, by terms that allow it.
pub(crate) async fn got(script: Vec<Act>) -> Result<Answer, Failure> {
    let server = Server::clear(script).await;
    get(&outbound(terms(&["127.0.0.1"])), &server, "/").await
}
