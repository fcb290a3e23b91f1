//! Only the server that the address names is spoken to: certificates that are expired, early, another's or nobody's get nothing, and the failure says which.

use outbound::credentials::Credentials;
use outbound::failure::{Failure, Why};
use outbound::terms::Terms;

use crate::server::{Act, Certificate, Made, Server, address, meaning, outbound, raw, terms, whole};

async fn asked(
    certificate: &Certificate,
    trusted: Option<&Certificate>,
    host: &str,
) -> (Result<Vec<u8>, Failure>, usize) {
    let server = Server::safe(certificate, whole("200 OK", "ok")).await;
    let ca_files = trusted.map(|trusted| trusted.ca.clone()).into_iter().collect();
    let terms = Terms { ca_files, ..terms(&["idp.example", "127.0.0.1"]) };
    let url = address(&format!("https://{host}:{}/secret", server.port));
    let answer = outbound(terms).get(&url, "*/*", Credentials::Nobody).await;
    (answer.map(|answer| answer.body().to_vec()), server.heard().len())
}

#[tokio::test]
async fn a_certificate_for_the_host_by_a_trusted_authority_is_enough() {
    let certificate = Certificate::of(&["idp.example", "127.0.0.1"], Made::default());
    let other = Certificate::of(&["idp.example"], Made::default());
    for host in ["idp.example", "IDP.EXAMPLE", "127.0.0.1"] {
        assert_eq!(asked(&certificate, Some(&certificate), host).await, (Ok(b"ok".to_vec()), 1), "{host}");
    }
    // Several files are trusted beside each other.
    let server = Server::safe(&certificate, whole("200 OK", "ok")).await;
    let terms = Terms { ca_files: vec![other.ca.clone(), certificate.ca.clone()], ..terms(&["idp.example"]) };
    let url = address(&format!("https://idp.example:{}/", server.port));
    assert!(outbound(terms).get(&url, "*/*", Credentials::Nobody).await.is_ok());
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_gets_nothing() {
    let names = &["idp.example"];
    let good = Certificate::of(names, Made::default());
    let expired = Certificate::of(names, Made { is_expired: true, ..Made::default() });
    let early = Certificate::of(names, Made { is_early: true, ..Made::default() });
    let own = Certificate::of(names, Made { is_own: true, ..Made::default() });
    let elses = Certificate::of(&["evil.example"], Made::default());
    let wide = Certificate::of(&["*.idp.example", "example"], Made::default());
    for (certificate, trusted, advice) in [
        (&expired, Some(&expired), "must be renewed"),
        (&early, Some(&early), "clock of this machine"),
        (&own, Some(&good), "outbound.ca_files"),
        (&good, None, "outbound.ca_files"),
        (&good, Some(&elses), "outbound.ca_files"),
        (&elses, Some(&elses), "a host that the certificate is for"),
        (&wide, Some(&wide), "a host that the certificate is for"),
    ] {
        let (result, heard) = asked(certificate, trusted, "idp.example").await;
        let failure = result.unwrap_err();
        let said = failure.to_string();
        assert!(matches!(failure.why, Why::Tls { .. }), "{said}");
        assert!(
            said.contains(advice) && said.contains("nothing was sent") && !said.contains("secret"),
            "{said}"
        );
        assert_eq!(heard, 0, "{said}");
    }
    // An address of the network wants a certificate for that address.
    let (result, heard) = asked(&good, Some(&good), "127.0.0.1").await;
    assert!(result.unwrap_err().to_string().contains("a host that the certificate is for"));
    assert_eq!(heard, 0);
}

#[tokio::test]
async fn a_server_without_tls_is_said_to_be_one() {
    let server = Server::clear(raw("HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let url = address(&format!("https://idp.example:{}/", server.port));
    // It hears a handshake, which is no request, and waits for its end: so do we, but not for long.
    let terms = Terms { timeout: std::time::Duration::from_millis(500), ..terms(&["idp.example"]) };
    let failure = outbound(terms).get(&url, "*/*", Credentials::Nobody).await.unwrap_err();
    assert!(matches!(failure.why, Why::Tls { .. } | Why::Timeout { .. }), "{failure}");
    // One that answers at once, as most do.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut link, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut link, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    });
    let url = address(&format!("https://idp.example:{port}/"));
    let failure = outbound(crate::server::terms(&["idp.example"]))
        .get(&url, "*/*", Credentials::Nobody)
        .await
        .unwrap_err();
    assert!(failure.to_string().contains("Does something else than HTTPS answer"), "{failure}");
}

#[tokio::test]
async fn truncation_a_body_that_ends_with_the_connection_ends_with_a_farewell() {
    let certificate = Certificate::of(&["idp.example"], Made::default());
    for (text, act, expected) in [
        ("HTTP/1.1 200 OK\r\n\r\nhalf of it", Some(Act::Cut), None),
        ("HTTP/1.1 200 OK\r\n\r\nall of it", None, Some("all of it")),
        // A length is a farewell of its own.
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Some(Act::Cut), Some("ok")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", None, None),
    ] {
        let script = raw(text).into_iter().chain(act).collect();
        let server = Server::safe(&certificate, script).await;
        let terms = Terms {
            ca_files: vec![certificate.ca.clone()],
            names: meaning(&["127.0.0.1"]),
            ..terms(&["idp.example"])
        };
        let url = address(&format!("https://idp.example:{}/", server.port));
        let answer = outbound(terms).get(&url, "*/*", Credentials::Nobody).await;
        match (answer, expected) {
            (Ok(answer), Some(expected)) => assert_eq!(answer.body(), expected.as_bytes(), "{text:?}"),
            (Err(failure), None) => assert!(matches!(failure.why, Why::Broken(_)), "{failure}"),
            (other, _) => panic!("{text:?}: {other:?}"),
        }
    }
}
