//! An answer that leads elsewhere is not followed, wherever it leads, and says where without saying what is secret.

use outbound::failure::Why;

use crate::server::{Server, get, got, outbound, raw, terms, whole};

#[tokio::test]
async fn ssrf_a_redirect_is_not_followed_wherever_it_leads() {
    let elsewhere = Server::clear(whole("200 OK", "keys")).await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
        let there = format!("http://127.0.0.1:{}/latest/meta-data", elsewhere.port);
        let server = Server::clear(whole(&format!("{status} Go\r\nLocation: {there}"), "")).await;
        let failure = get(&outbound(terms(&["127.0.0.1"])), &server, "/").await.unwrap_err();
        assert_eq!(failure.why, Why::Redirect { status, to: Some(there.clone()) }, "{failure}");
        assert!(failure.to_string().contains(&there), "{failure}");
    }
    assert_eq!(elsewhere.connections(), 0);
    let failure = got(whole("302 Go\r\nLocation: http://169.254.169.254/latest/", "")).await.unwrap_err();
    assert_eq!(
        failure.why,
        Why::Redirect { status: 302, to: Some("http://169.254.169.254/latest/".to_owned()) }
    );
}

#[tokio::test]
async fn where_it_would_lead_is_said_without_what_may_be_secret() {
    for (location, to) in [
        ("https://user:hunter2@sso.example:8443/a?code=hunter2#hunter2", Some("https://sso.example:8443/a")),
        ("https://sso.example?hunter2", Some("https://sso.example/")),
        ("//sso.example/a", Some("http://sso.example/a")),
        ("https://", None),
        ("mailto:hunter2@example", None),
        ("data:text/html,hunter2", None),
        ("file:///etc/passwd", None),
        ("", None),
        ("?hunter2", None),
        ("#hunter2", None),
        ("http://[::1", None),
        ("http://user:hunter2@[::1", None),
        ("b/c?hunter2", Some("b/c")),
    ] {
        let failure = got(whole(&format!("302 Go\r\nLocation: {location}"), "hunter2")).await.unwrap_err();
        let Why::Redirect { to: said, .. } = &failure.why else { panic!("{failure}") };
        assert_eq!(said.as_deref(), to, "{location}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
    // Our own path stays ours.
    let server = Server::clear(whole("301 Go\r\nLocation: ../b?hunter2", "")).await;
    let failure = get(&outbound(terms(&["127.0.0.1"])), &server, "/hunter2/c/d?q").await.unwrap_err();
    assert_eq!(failure.why, Why::Redirect { status: 301, to: Some("../b".to_owned()) });
    let server = Server::clear(whole("301 Go\r\nLocation: /b/../c?hunter2", "")).await;
    let failure = get(&outbound(terms(&["127.0.0.1"])), &server, "/hunter2/c/d?q").await.unwrap_err();
    let there = format!("http://127.0.0.1:{}/c", server.port);
    assert_eq!(failure.why, Why::Redirect { status: 301, to: Some(there) });
    // None, or one that nobody can read, or one that is very long.
    for text in ["HTTP/1.1 302 Go\r\n\r\n", "HTTP/1.1 302 Go\r\nLocation: \u{fc}\r\n\r\n"] {
        let failure = got(raw(text)).await.unwrap_err();
        assert_eq!(failure.why, Why::Redirect { status: 302, to: None }, "{text:?}");
        assert!(failure.to_string().contains("does not say where to"), "{failure}");
    }
    let failure = got(whole(&format!("302 Go\r\nLocation: /{}", "a".repeat(5_000)), "")).await.unwrap_err();
    assert!(failure.to_string().len() < 600, "{failure}");
}
