//! Nothing is connected to that was not judged: names that lead to private places, or to several, or somewhere else a moment later.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use outbound::credentials::Credentials;
use outbound::failure::{Failure, Step, Why};
use outbound::names::Names;
use outbound::ranges::{Range, range_of};
use outbound::terms::Terms;

use crate::server::{Certificate, Made, Server, address, meaning, outbound, terms, whole};

async fn get(terms: Terms, url: &str) -> Result<u16, Failure> {
    let answer = outbound(terms).get(&address(url), "*/*", Credentials::Nobody).await;
    answer.map(|answer| answer.status())
}

fn range(of: Failure) -> Range {
    match of.why {
        Why::Refused { range, .. } => range,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ssrf_a_name_that_leads_to_a_private_place_is_not_connected_to() {
    let server = Server::clear(whole("200 OK", "keys")).await;
    for meant in [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "0.0.0.0",
        "::",
    ] {
        let names = meaning(&[meant]);
        let url = format!("https://idp.example:{}/", server.port);
        let failure = get(Terms { names, ..terms(&[]) }, &url).await.unwrap_err();
        let said = failure.to_string();
        assert!(said.contains(meant) && said.contains("nothing was sent"), "{said}");
        assert_eq!(range(failure), range_of(meant.parse().unwrap()).unwrap(), "{meant}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn ssrf_localhost_as_the_system_resolves_it_is_refused_and_allowed_by_name() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let (clear, safe) =
        (format!("http://localhost:{}/", server.port), format!("https://localhost:{}/", server.port));
    let by_system = |allow: &[&str]| Terms { names: Names::system(), ..terms(allow) };
    assert_eq!(range(get(by_system(&[]), &safe).await.unwrap_err()), Range::Loopback);
    assert_eq!(get(by_system(&[]), &clear).await.unwrap_err().why, Why::NotEncrypted);
    assert_eq!(server.connections(), 0);
    assert_eq!(get(by_system(&["localhost"]), &clear).await.unwrap(), 200);
}

#[tokio::test]
async fn ssrf_one_private_address_among_good_ones_refuses_them_all() {
    let server = Server::clear(whole("200 OK", "keys")).await;
    let url = format!("https://idp.example:{}/", server.port);
    for meant in [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["2606:4700::1111", "::1"]] {
        let failure = get(Terms { names: meaning(&meant), ..terms(&[]) }, &url).await.unwrap_err();
        assert_eq!(range(failure), Range::Loopback);
    }
    // Behind as many good ones as are tried, too.
    let many = ["8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4", "8.8.8.5", "8.8.8.6", "10.0.0.1"];
    let failure = get(Terms { names: meaning(&many), ..terms(&[]) }, &url).await.unwrap_err();
    assert_eq!(range(failure), Range::Private);
    assert_eq!(server.connections(), 0);
}

/// A name that is loopback when it is judged and, asked again, something that would answer otherwise.
fn turning(first: Ipv4Addr, then: Ipv4Addr) -> (Names, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let names = Names::by(move |_| {
        let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
        async move { Ok(vec![IpAddr::V4(if is_first { first } else { then })]) }
    });
    (names, asked)
}

#[tokio::test]
async fn dns_rebinding_a_name_is_resolved_once_and_the_address_that_was_judged_is_connected_to() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let url = format!("http://idp.example:{}/", server.port);
    // 127.0.0.1 is allowed, what it turns to is not, and would take no connection.
    let (names, asked) = turning(Ipv4Addr::LOCALHOST, Ipv4Addr::new(169, 254, 169, 254));
    let outbound = outbound(Terms { names, ..terms(&["idp.example"]) });
    let once = outbound.get(&address(&url), "*/*", Credentials::Nobody).await.unwrap();
    assert_eq!((once.status(), asked.load(Ordering::SeqCst), server.connections()), (200, 1, 1));
    // The next request asks anew, and judges what it hears now.
    let again = outbound.get(&address(&url), "*/*", Credentials::Nobody).await.unwrap_err();
    assert_eq!((range(again), asked.load(Ordering::SeqCst), server.connections()), (Range::LinkLocal, 2, 1));
}

#[tokio::test]
async fn an_allowed_name_may_live_in_a_private_network_but_not_where_keys_are_handed_out() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let url = format!("http://idp.example:{}/", server.port);
    assert_eq!(get(terms(&["idp.example"]), &url).await.unwrap(), 200);
    for (meant, expected) in [
        ("169.254.169.254", Range::LinkLocal),
        ("100.100.100.200", Range::CloudMetadata),
        ("168.63.129.16", Range::CloudMetadata),
        ("fd00:ec2::254", Range::CloudMetadata),
        ("192.0.0.192", Range::Reserved),
        ("fe80::1", Range::LinkLocal),
        ("::ffff:127.0.0.1", Range::WrappedIpv4),
        ("0.0.0.0", Range::Unspecified),
        ("224.0.0.1", Range::Multicast),
    ] {
        let terms = Terms { names: meaning(&[meant]), ..terms(&["idp.example"]) };
        let failure = get(terms, &url).await.unwrap_err();
        let said = failure.to_string();
        assert_eq!(range(failure), expected, "{meant}");
        let is_explained =
            said.contains("A name does not allow that") || said.contains("No server can be there");
        assert!(is_explained, "{said}");
    }
}

#[tokio::test]
async fn what_a_refusal_says_to_allow_does_allow_it() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let certificate = Certificate::of(&["idp.example"], Made::default());
    let safe = Server::safe(&certificate, whole("200 OK", "ok")).await;
    let url = format!("https://idp.example:{}/", safe.port);
    let with_ca = |allow: &[&str]| Terms { ca_files: vec![certificate.ca.clone()], ..terms(allow) };
    let said = get(with_ca(&[]), &url).await.unwrap_err().to_string();
    assert!(said.contains("(127.0.0.1/32), in outbound.allow"), "{said}");
    assert_eq!(get(with_ca(&["127.0.0.1/32"]), &url).await.unwrap(), 200);
    assert_eq!(get(with_ca(&["idp.example"]), &url).await.unwrap(), 200);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_that_means_nothing_is_said_to() {
    let none = get(Terms { names: meaning(&[]), ..terms(&[]) }, "https://idp.example/").await.unwrap_err();
    assert_eq!(none.why, Why::NoAddress);
    assert!(none.to_string().starts_with("idp.example:443: the name has no address"), "{none}");
    let names =
        Names::by(
            |host| async move { Err(std::io::Error::other(format!("no such\u{7} \u{202e}host {host}"))) },
        );
    let failed = get(Terms { names, ..terms(&[]) }, "https://idp.example/").await.unwrap_err();
    assert_eq!(failed.why, Why::Resolve("no such host idp.example".to_owned()));
    let gone = get(Terms { names: Names::system(), ..terms(&[]) }, "https://idp.invalid/").await.unwrap_err();
    assert!(matches!(gone.why, Why::Resolve(_) | Why::NoAddress), "{gone}");
}

#[tokio::test]
async fn a_resolver_that_hangs_is_not_waited_for() {
    let names = Names::by(|_| std::future::pending());
    let limit = Duration::from_millis(300);
    let begun = Instant::now();
    let failure =
        get(Terms { names, timeout: limit, ..terms(&[]) }, "https://idp.example/").await.unwrap_err();
    assert_eq!(failure.why, Why::Timeout { step: Step::Resolve, limit });
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn the_next_address_is_tried_where_one_takes_no_connection() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let url = format!("http://idp.example:{}/", server.port);
    // Nobody listens at 127.0.0.2 on that port, nor at ::1.
    let names = meaning(&["127.0.0.2", "::1", "127.0.0.1"]);
    assert_eq!(get(Terms { names, ..terms(&["idp.example"]) }, &url).await.unwrap(), 200);
    let names = meaning(&["127.0.0.2", "127.0.0.3"]);
    let failure = get(Terms { names, ..terms(&["idp.example"]) }, &url).await.unwrap_err();
    let place = SocketAddr::from(([127, 0, 0, 3], server.port)).to_string();
    assert!(matches!(&failure.why, Why::Connect(said) if said.contains(&place)), "{failure}");
    assert!(failure.to_string().starts_with(&format!("idp.example:{}: ", server.port)), "{failure}");
}

#[tokio::test]
async fn addresses_beyond_a_few_are_not_tried() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let url = format!("http://idp.example:{}/", server.port);
    let names = meaning(&["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.1"]);
    let failure = get(Terms { names, ..terms(&["idp.example"]) }, &url).await.unwrap_err();
    assert!(matches!(failure.why, Why::Connect(_)), "{failure}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
#[ignore = "played by the test below, in an environment that has proxies"]
async fn asks_where_the_environment_has_proxies() {
    let server = Server::clear(whole("200 OK", "ok")).await;
    let url = format!("http://idp.example:{}/a?b=c", server.port);
    assert_eq!(get(terms(&["idp.example"]), &url).await.unwrap(), 200);
    assert!(server.heard()[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "the target is no proxy's");
    // What TLS begins with does not go there either.
    let safe = format!("https://idp.example:{}/", server.port);
    let terms = Terms { timeout: Duration::from_millis(300), ..terms(&["idp.example"]) };
    assert!(get(terms, &safe).await.is_err());
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_looked_at() {
    let proxy = Server::clear(whole("200 OK", "by a proxy")).await;
    let there = format!("http://127.0.0.1:{}", proxy.port);
    let played = tokio::task::spawn_blocking(move || {
        let mut tests = Command::new(std::env::current_exe().unwrap());
        tests.args(["--ignored", "--exact", "judged::asks_where_the_environment_has_proxies"]);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            tests.env(name, &there).env(name.to_lowercase(), &there);
        }
        tests.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap()
    });
    let output = played.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(proxy.connections(), 0);
}
