//! The servers of a domain, by a DNS server of the tests.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ldap::schema::Schema;
use outbound::client::Outbound;
use outbound::ldap::discovery::servers;
use outbound::ldap::settings::Security;
use outbound::service::Service;
use outbound::services::Services;
use outbound::terms::Terms;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

use crate::server::{outbound, terms};

fn by(services: Services) -> Outbound {
    outbound(Terms { services, ..terms(&[]) })
}

async fn named(outbound: &Outbound, schema: Schema, security: Security) -> Result<Vec<String>, String> {
    let found = servers(outbound, "AD.example.test", schema, security).await;
    found.map(|found| found.iter().map(ToString::to_string).collect()).map_err(|failure| failure.to_string())
}

#[tokio::test]
async fn only_machines_of_the_domain_count() {
    let outbound = by(Services::by(|name| async move {
        let at = |host: &str| Service { priority: 0, weight: 0, host: host.to_owned(), port: 389 };
        Ok(match name.as_str() {
            "_ldap._tcp.dc._msdcs.ad.example.test" => vec![
                at("dc1.ad.example.test"),
                at("evil.example"),
                at("dc1.ad.example.test.evil.example"),
                at("evilad.example.test"),
                at("dc2.ad.example.test"),
            ],
            "_ldap._tcp.ad.example.test" => vec![at("ad.example.test")],
            _ => Vec::new(),
        })
    }));
    let dcs = named(&outbound, Schema::ActiveDirectory, Security::StartTls).await.unwrap();
    assert_eq!(dcs, ["ldap://dc1.ad.example.test:389", "ldap://dc2.ad.example.test:389"]);
    let dcs = named(&outbound, Schema::ActiveDirectory, Security::Tls).await.unwrap();
    assert_eq!(dcs, ["ldaps://dc1.ad.example.test:636", "ldaps://dc2.ad.example.test:636"]);
    let others = named(&outbound, Schema::OpenLdap, Security::StartTls).await.unwrap();
    assert_eq!(others, ["ldap://ad.example.test:389"]);
}

#[tokio::test]
async fn a_domain_without_servers_says_so() {
    let none = by(Services::by(|_| async { Ok(Vec::new()) }));
    let said = named(&none, Schema::ActiveDirectory, Security::Tls).await.unwrap_err();
    assert!(said.contains("records in DNS"), "{said}");
    let broken = by(Services::by(|_| async { Err(io::Error::other("no DNS today")) }));
    let said = named(&broken, Schema::ActiveDirectory, Security::Tls).await.unwrap_err();
    assert!(said.contains("no DNS today"), "{said}");
}

/// The answer to a question: one service, in the words of RFC 1035.
fn answered(question: &[u8]) -> Vec<u8> {
    let mut out = question.to_vec();
    out[2] = 0x81;
    out[3] = 0x80;
    out[7] = 1;
    let target = b"\x03dc1\x02ad\x07example\x04test\0";
    let length = u8::try_from(target.len() + 6).unwrap();
    out.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, length, 0, 0, 0, 0, 1, 133]);
    out.extend(target);
    out
}

/// One port for both protocols: what is free for the one may be somebody's of the other.
async fn both() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

#[tokio::test]
async fn a_dns_server_is_asked_again_and_at_length() {
    let (udp, tcp) = both().await;
    let place = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut asked = [0; 512];
        let (length, from) = udp.recv_from(&mut asked).await.unwrap();
        // A forged answer with another number, then one that is cut short.
        let mut forged = answered(&asked[..length]);
        forged[0] ^= 1;
        udp.send_to(&forged, from).await.unwrap();
        let mut cut = answered(&asked[..length]);
        cut[2] |= 2;
        udp.send_to(&cut, from).await.unwrap();
        let (mut link, _) = tcp.accept().await.unwrap();
        let length = usize::from(link.read_u16().await.unwrap());
        link.read_exact(&mut asked[..length]).await.unwrap();
        let answer = answered(&asked[..length]);
        link.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
        link.write_all(&answer).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    // The first is not there at all.
    let nobody: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let found =
        named(&by(Services::of(vec![nobody, place])), Schema::ActiveDirectory, Security::StartTls).await;
    assert_eq!(found, Ok(vec!["ldap://dc1.ad.example.test:389".to_owned()]));
}
