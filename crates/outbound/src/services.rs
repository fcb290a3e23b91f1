//! Where a service of a domain is (RFC 2782): asked of the DNS servers that this system names, since its own resolver finds addresses alone. One question, one
//! answer, from whom it was asked of. What is told is anybody's who can write DNS on the way: whoever connects judges the address and the certificate.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::dns_message::{self, Answer};
use crate::service::Service;

/// Where a system names its DNS servers (resolv.conf(5)).
const SETTINGS: &str = "/etc/resolv.conf";
/// As many of them are asked as a system's own resolver asks.
const SERVERS_MAX: usize = 3;
/// How often each is asked, and how long it may take.
const ROUNDS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of an answer that comes in one piece.
const DATAGRAM_MAX: usize = 4_096;

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<Service>>> + Send>>;

/// Finds services. Cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<dyn Fn(String) -> Found + Send + Sync>);

impl Services {
    /// By the DNS servers of this system, as they are named when somebody asks.
    pub fn system() -> Self {
        Self::by(|name| async move {
            let settings = tokio::fs::read_to_string(SETTINGS).await.unwrap_or_default();
            ask_all(&servers(&settings), &name).await
        })
    }

    /// By these DNS servers.
    pub fn of(servers: Vec<SocketAddr>) -> Self {
        Self::by(move |name| {
            let servers = servers.clone();
            async move { ask_all(&servers, &name).await }
        })
    }

    /// By whatever is given: a parameter, like time.
    pub fn by<F, L>(look_up: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output = io::Result<Vec<Service>>> + Send + 'static,
    {
        Self(Arc::new(move |name| Box::pin(look_up(name))))
    }

    /// Those of a name such as `_ldap._tcp.example.com`: none where there are none.
    pub(crate) async fn find(&self, name: &str) -> io::Result<Vec<Service>> {
        (self.0)(name.to_owned()).await
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Services(…)")
    }
}

/// The servers that are named; this machine where none is.
fn servers(settings: &str) -> Vec<SocketAddr> {
    let named = settings.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next())?;
        // A zone behind the address names an interface, which only link-local ones need.
        address.parse::<IpAddr>().ok()
    });
    let mut found: Vec<SocketAddr> =
        named.take(SERVERS_MAX).map(|address| SocketAddr::new(address, 53)).collect();
    if found.is_empty() {
        found.push(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 53));
    }
    found
}

async fn ask_all(servers: &[SocketAddr], name: &str) -> io::Result<Vec<Service>> {
    let mut last = io::Error::other("no DNS server is known");
    for _ in 0..ROUNDS {
        for server in servers {
            match timeout(PATIENCE, ask(*server, name)).await {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::Error::new(io::ErrorKind::TimedOut, format!("{server} did not answer")),
            }
        }
    }
    Err(last)
}

async fn ask(server: SocketAddr, name: &str) -> io::Result<Vec<Service>> {
    let mut id = [0; 2];
    rand::fill(&mut id).map_err(|_| io::Error::other("no random numbers"))?;
    let question = dns_message::question(id, name).ok_or_else(|| io::Error::other("the name is none"))?;
    let own: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(own, 0)).await?;
    // Nothing is heard then that is not from there.
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut datagram = vec![0; DATAGRAM_MAX];
    loop {
        let length = socket.recv(&mut datagram).await?;
        match dns_message::read(datagram.get(..length).unwrap_or_default(), &question) {
            // Somebody else's answer, or a forged one: that of the server may still come.
            Answer::NotOurs => {}
            Answer::Services(services) => return Ok(services),
            Answer::Refused(code) => return Err(refused(server, code)),
            Answer::Broken => return Err(broken(server)),
            Answer::Cut => return ask_at_length(server, &question).await,
        }
    }
}

/// Over TCP, where an answer can be longer (RFC 7766): its length stands before it.
async fn ask_at_length(server: SocketAddr, question: &[u8]) -> io::Result<Vec<Service>> {
    let mut link = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    link.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut length = [0; 2];
    link.read_exact(&mut length).await?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    link.read_exact(&mut answer).await?;
    match dns_message::read(&answer, question) {
        Answer::Services(services) => Ok(services),
        Answer::Refused(code) => Err(refused(server, code)),
        Answer::NotOurs | Answer::Broken | Answer::Cut => Err(broken(server)),
    }
}

fn refused(server: SocketAddr, code: u8) -> io::Error {
    io::Error::other(format!("the DNS server {server} refused with code {code}"))
}

fn broken(server: SocketAddr) -> io::Error {
    io::Error::other(format!("the answer of the DNS server {server} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_of_a_system_are_those_that_it_names() {
        let settings = "# nameserver 192.0.2.1\nsearch example.com\nnameserver 192.0.2.2\nnameserver  2001:db8::1 \nnameserver x\n\
                        nameserver fe80::1%eth0\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let found: Vec<String> = servers(settings).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.2:53", "[2001:db8::1]:53", "192.0.2.3:53"]);
        assert_eq!(servers("").iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1:53"]);
    }
}
