//! From a server to a safe connection: its addresses are judged like every other's, and TLS is there before anything else is said.

use ldap::frame;
use ldap::message::{Body, Message};
use ldap::request::{Request, START_TLS};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::allowed::Allowed;
use crate::connecting;
use crate::deadline::Deadline;
use crate::failure::{Step, Why as LinkWhy};
use crate::ldap::failure::Why;
use crate::ldap::settings::{Security, Server};
use crate::ldap::tls;
use crate::names::Names;
use crate::saying::short;

/// Bytes of the answer to StartTLS at most.
const ANSWER_MAX: usize = 16_384;

/// A connection that is safe.
pub(crate) trait Link: AsyncRead + AsyncWrite + Unpin + Send {}

impl<L: AsyncRead + AsyncWrite + Unpin + Send> Link for L {}

/// What connections are made with.
pub(crate) struct Way<'a> {
    pub(crate) allowed: &'a Allowed,
    pub(crate) names: &'a Names,
    pub(crate) tls: &'a TlsConnector,
}

/// A safe connection to a server.
pub(crate) async fn connect(
    way: &Way<'_>,
    server: &Server,
    deadline: &Deadline,
) -> Result<Box<dyn Link>, Why> {
    let address = server.address();
    let addresses = connecting::judged(way.allowed, way.names, address, deadline).await?;
    let mut link = connecting::connect(&addresses, address.port(), deadline).await?;
    if server.security() == Security::StartTls {
        let asking = async { Ok(start_tls(&mut link).await) };
        deadline.hold(Step::Tls, asking).await??;
    }
    let name = address.server_name().map_err(|flaw| Why::Link(LinkWhy::Address(flaw)))?;
    let securing = async {
        let secured = way.tls.connect(name, link).await;
        Ok(secured.map_err(|error| Why::Tls { said: short(&error.to_string()), advice: tls::advice(&error) }))
    };
    Ok(Box::new(deadline.hold(Step::Tls, securing).await??))
}

/// Asks for TLS. Whoever sits on the way can write here; so a server that says more than it was asked is not believed: it would be heard as if it had
/// come through TLS.
async fn start_tls(link: &mut TcpStream) -> Result<(), Why> {
    let cut = |error: std::io::Error| Why::StartTls(short(&error.to_string()));
    let request = Request::Extended { name: START_TLS, value: None }.write(1, &[]);
    link.write_all(&request).await.map_err(cut)?;
    let mut heard = Vec::new();
    let length = loop {
        match frame::length(&heard, ANSWER_MAX)? {
            Some(length) if length <= heard.len() => break length,
            _ => {}
        }
        if link.read_buf(&mut heard).await.map_err(cut)? == 0 {
            return Err(Why::StartTls("it hung up".to_owned()));
        }
    };
    if heard.len() > length {
        return Err(Why::StartTls(
            "it said more than it was asked, before the connection was safe".to_owned(),
        ));
    }
    let answer = Message::read(&heard)?;
    match answer.body {
        Body::Extended { outcome, .. } if answer.id == 1 && outcome.is_success() => Ok(()),
        Body::Extended { outcome, .. } => {
            Err(Why::StartTls(format!("{}, {}", outcome.code, short(&outcome.message))))
        }
        _ => Err(Why::StartTls("it answered something else".to_owned())),
    }
}
