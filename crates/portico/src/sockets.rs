//! Where the server listens: the address that it was given, and its twin when pages are on the name `localhost`. Browsers try `::1` for that name
//! as well as `127.0.0.1`: whoever else on the machine listened on the other one, at the same port, would be taken for this server.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream};

/// One or two listening sockets.
#[derive(Debug)]
pub(crate) struct Sockets {
    given: TcpListener,
    twin: Option<TcpListener>,
}

impl Sockets {
    /// Listens on `listen` and, if the pages are on `localhost`, on its twin.
    pub(crate) async fn bind(listen: SocketAddr, local: bool) -> anyhow::Result<Self> {
        let given = TcpListener::bind(listen).await.with_context(|| format!("listen on {listen}"))?;
        let Some(address) = twin(listen.ip()).filter(|_| local) else {
            return Ok(Self { given, twin: None });
        };
        let address = SocketAddr::new(address, given.local_addr()?.port());
        let twin = match TcpListener::bind(address).await {
            Ok(twin) => Some(twin),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                return Err(error).with_context(|| {
                    format!("listen on {address}: http://localhost leads there too, and what listens there could pose as this server")
                });
            }
            // A machine without IPv6: nobody else can listen there either.
            Err(error) => {
                tracing::debug!(%error, %address, "no twin");
                None
            }
        };
        Ok(Self { given, twin })
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.twin {
            None => self.given.accept().await,
            Some(twin) => tokio::select! {
                accepted = self.given.accept() => accepted,
                accepted = twin.accept() => accepted,
            },
        }
    }
}

/// The other address that `localhost` means.
fn twin(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(Ipv4Addr::LOCALHOST | Ipv4Addr::UNSPECIFIED) => Some(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(Ipv4Addr::LOCALHOST.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_else_can_answer_for_localhost() {
        let Ok(squatter) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else {
            assert_eq!(twin(Ipv4Addr::LOCALHOST.into()), Some(Ipv6Addr::LOCALHOST.into()));
            return;
        };
        let port = squatter.local_addr().unwrap().port();
        let listen = (Ipv4Addr::LOCALHOST, port).into();
        drop(Sockets::bind(listen, false).await.unwrap());
        let refused = Sockets::bind(listen, true).await.unwrap_err();
        assert!(format!("{refused:#}").contains("pose as this server"), "{refused:#}");
        drop(squatter);
        let sockets = Sockets::bind(listen, true).await.unwrap();
        let came = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
        let (_, peer) = sockets.accept().await.unwrap();
        assert_eq!(peer, came.local_addr().unwrap());
        assert_eq!(twin([192, 0, 2, 1].into()), None);
    }
}
