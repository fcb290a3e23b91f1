//! A server with a script: it answers each command by its first word, and keeps everything that it hears.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Answers that differ from those of a server that takes everything; the first word decides.
pub(crate) type Script = &'static [(&'static str, &'static str)];

pub(crate) struct Server {
    pub(crate) port: u16,
    /// Its certificate, for whoever trusts it.
    pub(crate) ca: PathBuf,
    heard: Arc<Mutex<Vec<String>>>,
    _scratch: tempfile::TempDir,
}

impl Server {
    /// One that begins with TLS, or one that does not.
    pub(crate) async fn start(with_tls: bool, script: Script) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let ca = scratch.path().join("ca.pem");
        std::fs::write(&ca, cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let parts = (acceptor, script, heard.clone());
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                tokio::spawn(serve(link, parts.clone(), with_tls));
            }
        });
        Self { port, ca, heard, _scratch: scratch }
    }

    /// What it heard: `clear ` or `tls ` before each line.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(
    link: TcpStream,
    (acceptor, script, notes): (TlsAcceptor, Script, Arc<Mutex<Vec<String>>>),
    with_tls: bool,
) -> Option<()> {
    let link = if with_tls { Some(link) } else { converse(link, script, &notes, (false, true)).await };
    let link = acceptor.accept(link?).await.ok()?;
    converse(link, script, &notes, (true, with_tls)).await.map(|_| ())
}

/// Talks until the other side is done; the connection when both want TLS now.
async fn converse<L: AsyncRead + AsyncWrite + Unpin>(
    link: L,
    script: Script,
    notes: &Mutex<Vec<String>>,
    (is_safe, greets): (bool, bool),
) -> Option<L> {
    let answer = |word: &str, usual: &str| {
        script.iter().find(|(key, _)| *key == word).map_or(usual, |(_, answer)| answer).to_owned()
    };
    let mut link = BufReader::new(link);
    if greets {
        link.write_all(answer("GREETING", "220 mail.test ready\r\n").as_bytes()).await.ok()?;
    }
    let mut is_content = false;
    loop {
        let mut line = String::new();
        if link.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        notes.lock().unwrap().push(format!("{} {line}", if is_safe { "tls" } else { "clear" }));
        if is_content && line != "." {
            continue;
        }
        let word = if is_content { "." } else { line.split([' ', ':']).next().unwrap() };
        let usual = match word {
            "EHLO" if is_safe => "250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n",
            "EHLO" => "250-mail.test\r\n250 STARTTLS\r\n",
            "DATA" => "354 go on\r\n",
            "STARTTLS" => "220 go on\r\n",
            "AUTH" => "235 welcome\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 fine\r\n",
        };
        let said = answer(word, usual);
        link.write_all(said.as_bytes()).await.ok()?;
        link.flush().await.ok()?;
        is_content = word == "DATA" && said.starts_with('3');
        match word {
            "QUIT" => return None,
            "STARTTLS" if said.starts_with("220") => return Some(link.into_inner()),
            _ => {}
        }
    }
}
