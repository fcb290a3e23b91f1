//! The conversation with the server, step by step: each failure knows its step, and each step has its time.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use model::fault::Fault;
use model::secret::Secret;
use model::signin::letter::Letter;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::compose::{self, Composed};
use crate::connection::Connection;
use crate::settings::{Protection, Sender, Server, Settings};
use crate::start_tls;
use crate::tls;
use crate::undelivered::{Step, Undelivered};

/// How long it may take to reach the server.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long the server may think about a step: less than RFC 5321 §4.5.3.2 would give it, since we try again.
const STEP_MAX: Duration = Duration::from_secs(60);
/// How long a delivery may take, all of it.
pub const DELIVERY_MAX: Duration = Duration::from_secs(180);

/// Delivers letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    server: Server,
    name: ServerName<'static>,
    credentials: Option<(String, Secret)>,
    from: Sender,
    hello: ClientId,
    tls: TlsConnector,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mailer")
            .field("server", &self.server)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// From settings that belong together; reads the certificates that they name.
    pub fn new(settings: Settings) -> Result<Self, Fault> {
        let Settings { server, password, from, ca, hello } = settings;
        let name = ServerName::try_from(server.host.clone()).map_err(|_| {
            Fault::validation(format!("the mail server {:?} is no name of a host", server.host))
        })?;
        let credentials = match (server.user.clone(), password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(user), None) => {
                return Err(Fault::validation(format!(
                    "mail.smtp names the user {user:?} and there is no password: mail.password_file or PORTICO_MAIL_PASSWORD"
                )));
            }
            (None, Some(_)) => {
                return Err(Fault::validation(
                    "there is a password for mail and no user: smtps://USER@HOST in mail.smtp",
                ));
            }
        };
        let hello = match hello.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(hello),
        };
        Ok(Self { server, name, credentials, from, hello, tls: tls::connector(ca.as_deref())? })
    }

    /// Delivers a letter: once this answers, the server has it.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), Undelivered> {
        let composed = compose::message(&self.from, letter)?;
        match tokio::time::timeout(DELIVERY_MAX, self.converse(&composed)).await {
            Ok(result) => result,
            Err(_) => Err(Undelivered::later(
                Step::Greet,
                format!("it took longer than {} seconds altogether", DELIVERY_MAX.as_secs()),
            )),
        }
    }

    async fn converse(&self, composed: &Composed) -> Result<(), Undelivered> {
        let connection = self.connect().await?;
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(connection), &self.hello);
        let mut smtp = said(Step::Greet, greeted).await?;
        let result = self.hand_over(&mut smtp, composed).await;
        // Politeness: whatever it answers changes nothing.
        let _ = tokio::time::timeout(Duration::from_secs(2), smtp.abort()).await;
        result
    }

    async fn hand_over(
        &self,
        smtp: &mut AsyncSmtpConnection,
        composed: &Composed,
    ) -> Result<(), Undelivered> {
        if let Some((user, password)) = &self.credentials {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            said(Step::Authenticate, smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await?;
        }
        let envelope = &composed.envelope;
        let mut parameters = Vec::new();
        if !envelope
            .to()
            .iter()
            .chain(envelope.from())
            .all(|address| AsRef::<str>::as_ref(address).is_ascii())
        {
            if !smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Undelivered::never(
                    Step::Recipient,
                    "the address is not ASCII, and the server does not offer SMTPUTF8",
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        said(Step::Sender, smtp.command(Mail::new(envelope.from().cloned(), parameters))).await?;
        for to in envelope.to() {
            said(Step::Recipient, smtp.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        }
        said(Step::Content, smtp.command(Data)).await?;
        said(Step::Content, smtp.message(&composed.bytes)).await?;
        Ok(())
    }

    async fn connect(&self) -> Result<Connection, Undelivered> {
        let place = (self.server.host.as_str(), self.server.port);
        let mut link = match tokio::time::timeout(CONNECT_MAX, TcpStream::connect(place)).await {
            Ok(Ok(link)) => link,
            Ok(Err(error)) => return Err(Undelivered::later(Step::Connect, error)),
            Err(_) => {
                let seconds = CONNECT_MAX.as_secs();
                return Err(Undelivered::later(Step::Connect, format!("no answer within {seconds} seconds")));
            }
        };
        let connection = match self.server.protection {
            Protection::Nothing => Connection::clear(link),
            Protection::Tls => Connection::safe(self.handshake(link).await?, Vec::new()),
            Protection::StartTls => {
                let greeting =
                    within(Step::Greet, start_tls::ask(&mut link, &self.hello.to_string())).await??;
                Connection::safe(self.handshake(link).await?, greeting)
            }
        };
        connection.map_err(|error| Undelivered::later(Step::Connect, error))
    }

    async fn handshake(&self, link: TcpStream) -> Result<TlsStream<TcpStream>, Undelivered> {
        within(Step::Handshake, self.tls.connect(self.name.clone(), link))
            .await?
            .map_err(|error| Undelivered::later(Step::Handshake, error))
    }
}

/// A step of the conversation, within its time.
async fn said<T>(
    step: Step,
    answer: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Undelivered> {
    within(step, answer).await?.map_err(|error| Undelivered::of(step, &error))
}

async fn within<T>(step: Step, answer: impl Future<Output = T>) -> Result<T, Undelivered> {
    tokio::time::timeout(STEP_MAX, answer)
        .await
        .map_err(|_| Undelivered::later(step, format!("no answer within {} seconds", STEP_MAX.as_secs())))
}
