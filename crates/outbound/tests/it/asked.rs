//! What is sent: these headers and no others, a form as forms are, credentials where they belong and nowhere else.

use model::secret::Secret;
use outbound::credentials::Credentials;
use outbound::failure::Why;

use crate::server::{Act, Certificate, Made, Server, address, get, got, outbound, raw, terms, whole};

/// The lines of a head, sorted, without the first.
fn headers(request: &str) -> Vec<String> {
    let head = request.split_once("\r\n\r\n").unwrap().0;
    let mut lines: Vec<String> = head.lines().skip(1).map(str::to_lowercase).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_document_is_asked_for_with_these_headers_and_no_others() {
    let server = Server::clear(whole("200 OK\r\nContent-Type: application/JSON; charset=utf-8", "{}")).await;
    let answer = get(&outbound(terms(&["127.0.0.1"])), &server, "/a/b?c=d%20e&f").await.unwrap();
    assert_eq!((answer.status(), answer.is_success(), answer.body()), (200, true, &b"{}"[..]));
    assert_eq!(answer.media_type(), Some("application/json"));
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("GET /a/b?c=d%20e&f HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].ends_with("\r\n\r\n"), "there is no body");
    let expected = [
        "accept-encoding: identity".to_owned(),
        "accept: application/json".to_owned(),
        "connection: close".to_owned(),
        format!("host: 127.0.0.1:{}", server.port),
        concat!("user-agent: portico/", env!("CARGO_PKG_VERSION")).to_owned(),
    ];
    assert_eq!(headers(&heard[0]), expected);
}

#[tokio::test]
async fn a_form_is_posted_with_its_credentials() {
    let server = Server::clear(whole(
        "400 Bad Request\r\nContent-Type: application/json",
        "{\"error\":\"invalid_grant\"}",
    ))
    .await;
    let password = Secret::new("p\u{e4}ss:word");
    let url = address(&format!("http://127.0.0.1:{}/token", server.port));
    let fields = [("grant_type", "authorization_code"), ("code", "a&b=c d+%\r\n\u{fc}")];
    let credentials = Credentials::Basic { user: "portico", password: &password };
    let answer = outbound(terms(&["127.0.0.1"])).post_form(&url, &fields, credentials).await.unwrap();
    assert_eq!((answer.status(), answer.is_success()), (400, false));
    assert_eq!(answer.body(), b"{\"error\":\"invalid_grant\"}");
    let heard = server.heard();
    let body = "grant_type=authorization_code&code=a%26b%3Dc+d%2B%25%0D%0A%C3%BC";
    assert!(heard[0].starts_with("POST /token HTTP/1.1\r\n") && heard[0].ends_with(body), "{}", heard[0]);
    let headers = headers(&heard[0]);
    for line in [
        "accept: application/json".to_owned(),
        "content-type: application/x-www-form-urlencoded".to_owned(),
        format!("content-length: {}", body.len()),
        // `portico:päss:word` in base64, in lower case.
        "authorization: basic ".to_owned() + &"cG9ydGljbzpww6Rzczp3b3Jk".to_lowercase(),
    ] {
        assert!(headers.contains(&line), "{line} in {headers:?}");
    }
    assert!(!headers.iter().any(|line| line.starts_with("transfer-encoding") || line.starts_with("cookie")));
}

#[tokio::test]
async fn a_token_is_shown_to_whom_it_is_for() {
    let server = Server::clear(whole("200 OK", "{}")).await;
    let token = Secret::new("abc.DEF-_~+/==");
    let url = address(&format!("http://127.0.0.1:{}/userinfo", server.port));
    outbound(terms(&["127.0.0.1"])).get(&url, "application/json", Credentials::Bearer(&token)).await.unwrap();
    assert!(server.heard()[0].contains("authorization: Bearer abc.DEF-_~+/==\r\n"), "{}", server.heard()[0]);
}

#[tokio::test]
async fn request_splitting_credentials_and_kinds_that_would_be_headers_are_not_sent() {
    let server = Server::clear(whole("200 OK", "{}")).await;
    let url = address(&format!("http://127.0.0.1:{}/", server.port));
    let outbound = outbound(terms(&["127.0.0.1"]));
    let password = Secret::new("hunter2\r\nX: y");
    for token in ["", "=", "hunter2\r\nX: y", "hunter2 x", "hunter2\u{fc}", "hunter2=x", "hunter2\u{0}"] {
        let token = Secret::new(token);
        let failure = outbound.get(&url, "*/*", Credentials::Bearer(&token)).await.unwrap_err();
        assert!(matches!(failure.why, Why::Unsendable(_)), "{failure}");
        assert!(!failure.to_string().contains("hunter2"));
    }
    for user in ["a:b", "a\r\nX: y", "a\u{0}"] {
        let credentials = Credentials::Basic { user, password: &password };
        let failure = outbound.post_form(&url, &[], credentials).await.unwrap_err();
        assert!(matches!(failure.why, Why::Unsendable(_)), "{failure}");
    }
    for accept in ["a\r\nX: y", "a\nb", "a\u{0}"] {
        let failure = outbound.get(&url, accept, Credentials::Nobody).await.unwrap_err();
        assert!(matches!(failure.why, Why::Unsendable(_)), "{failure}");
    }
    assert_eq!(server.connections(), 0);
    // A password may be anything: it is packed.
    let credentials = Credentials::Basic { user: "portico", password: &password };
    outbound.post_form(&url, &[], credentials).await.unwrap();
    assert!(!server.heard()[0].contains("X: y"), "{}", server.heard()[0]);
}

#[tokio::test]
async fn the_host_is_named_with_its_port_unless_that_is_the_usual_one() {
    // Ports below 1024 cannot be listened on in a test; the name of a host is seen through TLS.
    let certificate = Certificate::of(&["idp.example"], Made::default());
    let server = Server::safe(&certificate, whole("200 OK", "{}")).await;
    let mut terms = terms(&["idp.example"]);
    terms.ca_files = vec![certificate.ca.clone()];
    let url = address(&format!("https://IDP.example:{}", server.port));
    outbound(terms).get(&url, "*/*", Credentials::Nobody).await.unwrap();
    let heard = server.heard();
    assert!(heard[0].starts_with("GET / HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].contains(&format!("host: idp.example:{}\r\n", server.port)), "{}", heard[0]);
}

#[tokio::test]
async fn nothing_secret_is_shown_of_an_answer_or_of_who_asks() {
    let answer = got(whole("200 OK", "{\"access_token\":\"hunter2\"}")).await.unwrap();
    assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
    let secret = Secret::new("hunter2");
    assert!(!format!("{:?}", Credentials::Bearer(&secret)).contains("hunter2"));
    assert!(!format!("{:?}", Credentials::Basic { user: "u", password: &secret }).contains("hunter2"));
}

#[tokio::test]
async fn an_answer_has_one_kind_or_none() {
    for (lines, kind) in [
        ("Content-Type: Application/SAMLmetadata+XML", Some("application/samlmetadata+xml")),
        ("Content-Type: text/html ; charset=\"a;b\"", Some("text/html")),
        ("Content-Type: ", None),
        ("Content-Type: ;", None),
        ("Content-Type: a/b\r\nContent-Type: c/d", None),
        ("Content-Type: \u{fc}/b", None),
        ("X: y", None),
    ] {
        let answer = got(whole(&format!("200 OK\r\n{lines}"), "x")).await.unwrap();
        assert_eq!(answer.media_type(), kind, "{lines}");
    }
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let server = Server::clear(whole("200 OK\r\nSet-Cookie: a=b; Path=/", "x")).await;
    let outbound = outbound(terms(&["127.0.0.1"]));
    get(&outbound, &server, "/").await.unwrap();
    get(&outbound, &server, "/").await.unwrap();
    let heard = server.heard();
    assert_eq!((heard.len(), server.connections()), (2, 2), "a connection for each");
    assert!(!heard[1].to_lowercase().contains("cookie"), "{}", heard[1]);
}

#[tokio::test]
async fn what_comes_before_an_answer_is_passed_over() {
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(got(raw(early)).await.unwrap().body(), b"ok");
    let switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nGARBAGE";
    let failure = got(raw(switched)).await.unwrap_err();
    assert_eq!(failure.why, Why::Status(101), "{failure}");
    // An answer in pieces is the answer; one that ends with its connection too, where nobody lied about its length.
    let pieces =
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nT: v\r\n\r\n");
    assert_eq!(got(pieces).await.unwrap().body(), b"ok");
    assert_eq!(got(raw("HTTP/1.0 200 OK\r\n\r\nok")).await.unwrap().body(), b"ok");
    let slowly = vec![
        Act::Send(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
        Act::Send(b"ngth: 2\r\n\r\no".to_vec()),
        Act::Send(b"k".to_vec()),
    ];
    assert_eq!(got(slowly).await.unwrap().body(), b"ok");
}
