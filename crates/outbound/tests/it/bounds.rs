//! Servers that are slow, endless, liars or no servers at all: each request ends in time, with no more than its bounds, and says why.

use std::time::{Duration, Instant};

use outbound::credentials::Credentials;
use outbound::failure::{Failure, Part, Step, Why};
use outbound::terms::Terms;
use tokio::net::TcpListener;

use crate::server::{Act, Server, address, get, got, meaning, outbound, raw, terms, whole};

const SHORT: Duration = Duration::from_millis(600);

/// Why a server with this script fails in a short time, which is all that it takes.
async fn in_short(script: Vec<Act>) -> Why {
    let server = Server::clear(script).await;
    let begun = Instant::now();
    let terms = Terms { timeout: SHORT, ..terms(&["127.0.0.1"]) };
    let failure = get(&outbound(terms), &server, "/secret").await.unwrap_err();
    assert!(begun.elapsed() < SHORT * 6, "{:?}", begun.elapsed());
    assert!(!failure.to_string().contains("secret"), "{failure}");
    failure.why
}

fn late(step: Step) -> Why {
    Why::Timeout { step, limit: SHORT }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn slow_loris_an_answer_that_does_not_come_is_not_waited_for() {
    let pause = Duration::from_millis(50);
    assert_eq!(in_short(vec![Act::Wait]).await, late(Step::Head));
    assert_eq!(in_short(vec![Act::Send(HEAD.into()), Act::Wait]).await, late(Step::Head));
    let drip = |bytes: &str| vec![Act::Send(HEAD.into()), Act::Repeat(bytes.into(), pause)];
    assert_eq!(in_short(drip("X: y\r\n")).await, late(Step::Head));
    assert_eq!(in_short(drip("X")).await, late(Step::Head));
    let early = vec![Act::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), pause)];
    assert_eq!(in_short(early).await, late(Step::Head));
    // As fast as they can be sent, too.
    let flood = vec![Act::Repeat(b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100), Duration::ZERO)];
    assert_eq!(in_short(flood).await, late(Step::Head));
}

#[tokio::test]
async fn slow_loris_a_body_that_does_not_end_is_not_waited_for() {
    let pause = Duration::from_millis(50);
    let body = |head: &str, then: Act| vec![Act::Send(format!("{HEAD}{head}\r\n\r\n").into_bytes()), then];
    assert_eq!(in_short(body("Content-Length: 10", Act::Wait)).await, late(Step::Body));
    assert_eq!(
        in_short(body("Content-Length: 9999", Act::Repeat(b"x".to_vec(), pause))).await,
        late(Step::Body)
    );
    assert_eq!(in_short(body("X: y", Act::Wait)).await, late(Step::Body));
    let chunked = "Transfer-Encoding: chunked";
    assert_eq!(in_short(body(chunked, Act::Wait)).await, late(Step::Body));
    assert_eq!(in_short(body(chunked, Act::Repeat(b"1\r\nx\r\n".to_vec(), pause))).await, late(Step::Body));
    // A piece whose own head does not end.
    let why = in_short(body(chunked, Act::Repeat(b"0".to_vec(), pause))).await;
    assert!(matches!(why, Why::Timeout { step: Step::Body, .. } | Why::Broken(_)), "{why:?}");
}

#[tokio::test]
async fn a_place_that_takes_no_connection_or_no_handshake_is_not_waited_for() {
    // A listener whose queue nobody empties takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let terms = Terms { timeout: SHORT, ..terms(&["idp.example"]) };
    let url = address(&format!("https://idp.example:{port}/"));
    let begun = Instant::now();
    let failure = outbound(terms).get(&url, "*/*", Credentials::Nobody).await.unwrap_err();
    assert_eq!(failure.why, late(Step::Tls));
    assert!(begun.elapsed() < SHORT * 6);
}

#[tokio::test]
async fn a_place_that_stays_silent_leaves_time_for_the_next() {
    // 240.0.0.1 is routed nowhere: a machine refuses it at once or swallows it; either way the next address is reached.
    let server = Server::clear(whole("200 OK", "ok")).await;
    let names = meaning(&["240.0.0.1", "127.0.0.1"]);
    let terms = Terms { names, timeout: Duration::from_secs(2), ..terms(&["idp.example", "240.0.0.0/8"]) };
    let url = address(&format!("http://idp.example:{}/", server.port));
    let answer = outbound(terms).get(&url, "*/*", Credentials::Nobody).await.unwrap();
    assert_eq!(answer.body(), b"ok");
}

fn too_long(result: Result<outbound::answer::Answer, Failure>) -> (Part, usize) {
    match result.map_err(|failure| failure.why) {
        Err(Why::TooLong { part, limit }) => (part, limit),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_body_is_as_long_as_the_terms_allow_and_no_longer() {
    let full = "x".repeat(10_000);
    assert_eq!(got(whole("200 OK", &full)).await.unwrap().body().len(), 10_000);
    let over = (Part::Body, 10_000);
    assert_eq!(too_long(got(whole("200 OK", &format!("{full}x"))).await), over);
    // Announced, it is not even waited for.
    let begun = Instant::now();
    let announced =
        |length: &str| vec![Act::Send(format!("{HEAD}Content-Length: {length}\r\n\r\n").into()), Act::Wait];
    for length in ["10001", "4294967296", "9223372036854775807", "18446744073709551613"] {
        assert_eq!(too_long(got(announced(length)).await), over, "{length}");
    }
    assert!(begun.elapsed() < Duration::from_secs(4));
    // Not announced, it is counted.
    let endless = |head: &str, piece: &[u8]| {
        vec![Act::Send(format!("{HEAD}{head}\r\n\r\n").into()), Act::Repeat(piece.to_vec(), Duration::ZERO)]
    };
    assert_eq!(too_long(got(endless("X: y", &[b'x'; 4_096])).await), over);
    let piece = format!("1000\r\n{}\r\n", "x".repeat(4_096));
    assert_eq!(too_long(got(endless("Transfer-Encoding: chunked", piece.as_bytes())).await), over);
    let exact = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n2710\r\n{full}\r\n0\r\n\r\n");
    assert_eq!(got(raw(&exact)).await.unwrap().body().len(), 10_000);
    let beyond = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n2710\r\n{full}\r\n1\r\nx\r\n0\r\n\r\n");
    assert_eq!(too_long(got(raw(&beyond)).await), over);
    assert_eq!(too_long(got(raw(&format!("{HEAD}\r\n{full}x"))).await), over);
    assert_eq!(got(raw(&format!("{HEAD}\r\n{full}"))).await.unwrap().body().len(), 10_000);
}

#[tokio::test]
async fn a_head_is_as_long_as_heads_are() {
    let over = (Part::Head, 32 * 1_024);
    let endless = vec![
        Act::Send(HEAD.into()),
        Act::Repeat(format!("X: {}\r\n", "y".repeat(1_000)).into(), Duration::ZERO),
    ];
    assert_eq!(too_long(got(endless).await), over);
    let one = vec![Act::Send(format!("{HEAD}X: ").into()), Act::Repeat(vec![b'y'; 1_000], Duration::ZERO)];
    assert_eq!(too_long(got(one).await), over);
    let reason = vec![Act::Send(b"HTTP/1.1 200 ".to_vec()), Act::Repeat(vec![b'y'; 1_000], Duration::ZERO)];
    assert_eq!(too_long(got(reason).await), over);
    let many = |count: usize| format!("{HEAD}{}Content-Length: 2\r\n\r\nok", "X: y\r\n".repeat(count));
    assert_eq!(got(raw(&many(99))).await.unwrap().body(), b"ok");
    assert_eq!(too_long(got(raw(&many(100))).await), over);
    let long = format!("{HEAD}X: {}\r\nContent-Length: 2\r\n\r\nok", "y".repeat(30_000));
    assert_eq!(got(raw(&long)).await.unwrap().body(), b"ok");
    let longer = format!("{HEAD}X: {}\r\nContent-Length: 2\r\n\r\nok", "y".repeat(33_000));
    assert_eq!(too_long(got(raw(&longer)).await), over);
    // What comes behind a body is held to the same.
    let trailers = vec![
        Act::Send(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n").into()),
        Act::Repeat(format!("X: {}\r\n", "y".repeat(1_000)).into(), Duration::ZERO),
    ];
    let failure = got(trailers).await.unwrap_err();
    assert!(matches!(failure.why, Why::Broken(_) | Why::TooLong { .. }), "{failure}");
    // So are extensions of pieces.
    let extension = vec![
        Act::Send(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n1;").into()),
        Act::Repeat(vec![b'y'; 1_000], Duration::ZERO),
    ];
    let failure = got(extension).await.unwrap_err();
    assert!(matches!(failure.why, Why::Broken(_) | Why::TooLong { .. }), "{failure}");
}

#[tokio::test]
async fn a_length_that_is_a_lie_is_found_out() {
    // More is announced than comes.
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nonly",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nonly",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nonly",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nonly",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nonlyx",
        "HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nonlyx",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nonly",
        "HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nonly",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x4\r\n\r\nonly",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nonly",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n0\r\n\r\n",
    ] {
        let failure = got(raw(text)).await.unwrap_err();
        assert!(matches!(failure.why, Why::Broken(_)), "{text:?}: {failure}");
    }
    // Less is announced than comes: what was not announced is not read.
    let more =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    assert_eq!(got(raw(more)).await.unwrap().body(), b"ok");
}

#[tokio::test]
async fn what_is_no_http_is_said_to_be_none() {
    for text in [
        "",
        "\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u{0}b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "<html>hello</html>",
        "\u{0}\u{0}\u{12}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ] {
        let failure = got(raw(text)).await.unwrap_err();
        assert!(matches!(failure.why, Why::Broken(_)), "{text:?}: {failure:?}");
        assert!(failure.to_string().contains("127.0.0.1:"), "{failure}");
    }
}

#[tokio::test]
async fn decompression_bombs_what_is_packed_is_refused() {
    for (line, how) in [
        ("Content-Encoding: gzip", "gzip"),
        ("Content-Encoding: br", "br"),
        ("Content-Encoding: identity, gzip", "identity, gzip"),
        ("Content-Encoding: identity\r\nContent-Encoding: gzip", "identity, gzip"),
        ("Content-Encoding: ", ""),
        ("Content-Encoding: gz\u{fc}ip", "gz\u{fc}ip"),
        ("Transfer-Encoding: gzip", "gzip"),
        ("Transfer-Encoding: gzip, chunked", "gzip, chunked"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "chunked, chunked"),
    ] {
        let text = format!("{HEAD}{line}\r\n\r\n0\r\n\r\n");
        let failure = got(raw(&text)).await.unwrap_err();
        assert_eq!(failure.why, Why::Encoded(how.to_owned()), "{line}");
    }
    assert_eq!(got(whole("200 OK\r\nContent-Encoding: Identity", "ok")).await.unwrap().body(), b"ok");
    // A length beside chunks is what smugglers send; the chunks count, as RFC 9112 §6.3 has it, and the connection ends anyway.
    let both =
        raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    assert_eq!(got(both).await.unwrap().body(), b"ok");
}

#[tokio::test]
async fn a_document_comes_with_200_or_not_at_all_and_a_form_is_answered_by_whatever_it_is() {
    for status in [201, 202, 204, 206, 400, 401, 403, 404, 407, 418, 429, 500, 503, 599, 600, 999] {
        let head = format!("{status} Secret");
        let failure = got(whole(&head, "secret")).await.unwrap_err();
        assert_eq!(failure.why, Why::Status(status));
        let said = failure.to_string();
        assert!(said.contains(&status.to_string()) && !said.to_lowercase().contains("secret"), "{said}");
    }
    for status in [200, 201, 400, 401, 403, 404, 429, 500, 503] {
        let server = Server::clear(whole(&format!("{status} X"), "body")).await;
        let url = address(&format!("http://127.0.0.1:{}/", server.port));
        let answer = outbound(terms(&["127.0.0.1"]))
            .post_form(&url, &[("a", "b")], Credentials::Nobody)
            .await
            .unwrap();
        assert_eq!((answer.status(), answer.body()), (status, &b"body"[..]));
    }
    let server = Server::clear(whole("600 X", "body")).await;
    let url = address(&format!("http://127.0.0.1:{}/", server.port));
    let failure =
        outbound(terms(&["127.0.0.1"])).post_form(&url, &[], Credentials::Nobody).await.unwrap_err();
    assert_eq!(failure.why, Why::Status(600));
}

#[tokio::test]
async fn whoever_gives_up_ends_the_connection() {
    let server = Server::clear(vec![Act::Wait]).await;
    let outbound = outbound(terms(&["127.0.0.1"]));
    let asking = get(&outbound, &server, "/");
    assert!(tokio::time::timeout(Duration::from_millis(200), asking).await.is_err());
    assert_eq!(server.connections(), 1);
    // Nothing of it is left to run: the runtime has no task but the server's.
    let alive = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert!(alive <= 2, "{alive} tasks: the server's listener and its connection");
}
