//! A connection to the server, in the clear or with TLS, as the conversation reads and writes it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

enum Link {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection, and what the server has said on it already that is to be heard first.
pub(crate) struct Connection {
    said: Vec<u8>,
    link: Link,
    peer: SocketAddr,
}

impl Connection {
    /// In the clear.
    pub(crate) fn clear(link: TcpStream) -> io::Result<Self> {
        Ok(Self { said: Vec::new(), peer: link.peer_addr()?, link: Link::Clear(link) })
    }

    /// With TLS. `greeting`: what the server greeted with before there was any, for it does so once.
    pub(crate) fn safe(link: TlsStream<TcpStream>, greeting: Vec<u8>) -> io::Result<Self> {
        Ok(Self { said: greeting, peer: link.get_ref().0.peer_addr()?, link: Link::Tls(Box::new(link)) })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl AsyncTokioStream for Connection {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.said.is_empty() {
            let length = into.remaining().min(self.said.len());
            let now: Vec<u8> = self.said.drain(..length).collect();
            into.put_slice(&now);
            return Poll::Ready(Ok(()));
        }
        match &mut self.link {
            Link::Clear(link) => Pin::new(link).poll_read(cx, into),
            Link::Tls(link) => Pin::new(link).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.link {
            Link::Clear(link) => Pin::new(link).poll_write(cx, bytes),
            Link::Tls(link) => Pin::new(link).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.link {
            Link::Clear(link) => Pin::new(link).poll_flush(cx),
            Link::Tls(link) => Pin::new(link).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.link {
            Link::Clear(link) => Pin::new(link).poll_shutdown(cx),
            Link::Tls(link) => Pin::new(link).poll_shutdown(cx),
        }
    }
}
