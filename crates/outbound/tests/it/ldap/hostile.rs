//! A directory, or somebody between, that hangs, cuts, lies, repeats or says too much. A pass that was not read to its end ends in a failure, never in a
//! last page: nobody is gone because a server was.

use std::time::{Duration, Instant};

use ldap::refusal::BindRefusal;
use model::secret::Secret;
use outbound::ldap::failure::{Failure, Kind};
use outbound::ldap::settings::{Server, Servers, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::fake::{Act, Asked, Fake, Op, element, octets, outcome};
use super::passes::read;
use super::scratch::{NOW, directory};

/// One that answers all small questions, and searches for people as a test says.
pub(crate) async fn pass_with(
    people: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static,
) -> (Result<(), Failure>, Fake) {
    let fake = Fake::start(move |asked| match asked.base() {
        _ if asked.op == Op::Bind => vec![asked.bound(0, "")],
        "" => vec![asked.entry("", &[("namingContexts", &["DC=example,DC=test"])]), asked.done(0, None)],
        _ if asked.filters("person") => people(asked),
        "CN=big,DC=example,DC=test" => people(asked),
        _ => vec![asked.done(0, Some(""))],
    })
    .await;
    let read = read(directory(fake.settings()).full(NOW).await).await;
    (read.map(|_| ()), fake)
}

pub(crate) fn person(asked: &Asked) -> Act {
    asked.entry(
        "CN=a,DC=example,DC=test",
        &[
            ("objectGUID", &["0123456789abcdef"]),
            ("userPrincipalName", &["a@x"]),
            ("userAccountControl", &["512"]),
        ],
    )
}

async fn kind(people: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Kind {
    let (ended, _) = pass_with(people).await;
    ended.unwrap_err().kind()
}

#[tokio::test]
async fn a_good_one_is_read() {
    let (ended, _) = pass_with(|asked| vec![person(asked), asked.done(0, Some(""))]).await;
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn one_that_goes_silent_or_vanishes_is_away() {
    for acts in [
        // At once, in the middle of a page, in the middle of a message.
        (|_: &Asked| vec![Act::Wait]) as fn(&Asked) -> Vec<Act>,
        |asked| vec![person(asked), Act::Wait],
        |asked| vec![Act::Send(Asked::bytes(&person(asked))[..20].to_vec()), Act::Wait],
        |asked| vec![person(asked), Act::Cut],
        |asked| vec![Act::Send(Asked::bytes(&person(asked))[..20].to_vec()), Act::Cut],
        // Between two pages.
        |asked| match asked.page().as_deref() {
            Some("") => vec![person(asked), asked.done(0, Some("more"))],
            _ => vec![Act::Cut],
        },
        // A byte now and then: a message has its time as a whole.
        |asked| vec![Act::Trickle(Asked::bytes(&person(asked)), Duration::from_millis(100))],
        // In trouble, and says so.
        |asked| vec![person(asked), asked.done(52, None)],
        |asked| {
            let farewell = [outcome(0x78, 52, "going down"), vec![]].concat();
            let named = [farewell[2..].to_vec(), element(0x8a, b"1.3.6.1.4.1.1466.20036")].concat();
            vec![
                Act::Send(element(0x30, &[element(0x02, &[0]), element(0x78, &named)].concat())),
                asked.done(0, None),
            ]
        },
    ] {
        let began = Instant::now();
        assert_eq!(kind(acts).await, Kind::Away);
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn one_that_lies_is_not_believed() {
    let wrong_number = |asked: &Asked| Asked { id: vec![99], ..asked.clone() };
    for acts in [
        Box::new(move |asked: &Asked| vec![wrong_number(asked).done(0, None)])
            as Box<dyn Fn(&Asked) -> Vec<Act> + Send + Sync>,
        // Answers to something else.
        Box::new(|asked| vec![asked.bound(0, "")]),
        Box::new(|asked| {
            vec![Act::Send(element(0x30, &[element(0x02, &asked.id), element(0x63, b"")].concat()))]
        }),
        // No LDAP.
        Box::new(|_| vec![Act::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]),
        Box::new(|_| vec![Act::Send(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff])]),
        Box::new(|_| vec![Act::Send(vec![0x30, 0x80, 0x00])]),
        // Pages without end.
        Box::new(|asked| vec![asked.done(0, Some("again"))]),
        // References without end.
        Box::new(|asked| {
            vec![Act::Send(Asked::bytes(&asked.reference("ldap://x")).repeat(110_000)), asked.done(0, None)]
        }),
        // Ranges: with a gap, the same again, none at all.
        Box::new(|asked| vec![ranged(asked, "member;range=5-9"), asked.done(0, Some(""))]),
        Box::new(|asked| vec![ranged(asked, "member;range=0-0"), asked.done(0, Some(""))]),
        Box::new(|asked| match asked.base() {
            "CN=big,DC=example,DC=test" => vec![ranged(asked, "member"), asked.done(0, None)],
            _ => vec![ranged(asked, "member;range=0-0"), asked.done(0, Some(""))],
        }),
    ] {
        assert_eq!(kind(acts).await, Kind::Malformed);
    }
}

fn ranged(asked: &Asked, name: &str) -> Act {
    let members: &[&str] = &["CN=a,DC=example,DC=test"];
    asked.entry("CN=big,DC=example,DC=test", &[("objectGUID", &["0123456789abcdef"]), (name, members)])
}

#[tokio::test]
async fn what_is_not_everything_is_not_taken_for_it() {
    // The limit of the server, that of the account, an entry without what names it, a base that has gone or is elsewhere.
    assert_eq!(kind(|asked| vec![person(asked), asked.done(4, None)]).await, Kind::Limit);
    assert_eq!(kind(|asked| vec![person(asked), asked.done(11, None)]).await, Kind::Limit);
    let nameless = |asked: &Asked| {
        vec![
            asked.entry("CN=a,DC=example,DC=test", &[("userPrincipalName", &["a@x"])]),
            asked.done(0, Some("")),
        ]
    };
    assert_eq!(kind(nameless).await, Kind::Forbidden);
    assert_eq!(kind(|asked| vec![asked.done(32, None)]).await, Kind::NotFound);
    assert_eq!(kind(|asked| vec![asked.done(10, None)]).await, Kind::NotFound);
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let (ended, fake) = pass_with(|asked| {
        let lead = |name: &str| asked.reference(&format!("ldaps://{name}/DC=example,DC=test"));
        vec![lead("localhost"), lead("elsewhere.example"), person(asked), asked.done(0, Some(""))]
    })
    .await;
    assert_eq!(ended, Ok(()));
    assert_eq!(fake.connections(), 1);
}

#[tokio::test]
async fn a_sign_in_is_none_where_the_answer_is_none() {
    for (acts, kind) in [
        ((|_: &Asked| vec![Act::Wait]) as fn(&Asked) -> Vec<Act>, Kind::Away),
        (|_| vec![Act::Cut], Kind::Away),
        (|asked| vec![asked.done(0, None)], Kind::Malformed),
        (|asked| vec![Asked { id: vec![77], ..asked.clone() }.bound(0, "")], Kind::Malformed),
        (|asked| vec![asked.bound(49, "data 52e")], Kind::Account),
        (|asked| vec![asked.bound(8, "")], Kind::Account),
    ] {
        let fake = Fake::start(acts).await;
        assert_eq!(directory(fake.settings()).full(NOW).await.err().unwrap().kind(), kind);
        assert_eq!(fake.heard().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_password_never_reaches_the_directory() {
    let (_, fake) = pass_with(|asked| vec![person(asked), asked.done(0, Some(""))]).await;
    let directory = directory(fake.settings());
    let id = ldap::id::EntryId::parse("33323130-3534-3736-3839-616263646566").unwrap();
    let binds = || fake.heard().iter().filter(|asked| asked.op == Op::Bind).count();
    let before = binds();
    let answer = directory.sign_in(&id, &Secret::new(""), NOW).await.unwrap();
    assert!(matches!(
        answer,
        outbound::ldap::sign_in::SignIn::Refused { refusal: BindRefusal::WrongPassword, .. }
    ));
    // That of the account that reads, and no other.
    assert_eq!(binds(), before + 1);
}

#[tokio::test]
async fn nothing_is_believed_that_came_before_tls() {
    let (success, refusal) = (outcome(0x78, 0, ""), outcome(0x78, 2, "no TLS here"));
    let message = |body: &[u8]| element(0x30, &[element(0x02, &[1]), body.to_vec()].concat());
    for (answer, said) in [
        // One that says yes, and more: it would be heard as if it had come through TLS.
        ([message(&success), message(&outcome(0x61, 0, ""))].concat(), "more than it was asked"),
        (message(&refusal), "no TLS here"),
        (message(&outcome(0x61, 0, "")), "something else"),
        (b"HTTP/1.1 400\r\n".to_vec(), "does not speak LDAP"),
        (Vec::new(), "it hung up"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut link, _) = listener.accept().await.unwrap();
            let mut heard = vec![0; 1_000];
            let read = link.read(&mut heard).await.unwrap();
            heard.truncate(read);
            link.write_all(&answer).await.unwrap();
            link.shutdown().await.unwrap();
            // Whatever is said then.
            let _ = link.read_to_end(&mut heard).await;
            heard
        });
        let server = Server::parse(&format!("ldap://127.0.0.1:{port}")).unwrap();
        let fake = Fake::start(|_| Vec::new()).await;
        let settings = Settings { servers: Servers::Named(vec![server]), ..fake.settings() };
        let failure = directory(settings).full(NOW).await.err().unwrap();
        assert!(failure.to_string().contains(said), "{failure}");
        let heard = serving.await.unwrap();
        assert!(!heard.windows(5).any(|part| part == b"reads"), "the password went out");
        assert!(
            heard
                .windows(octets("1.3.6.1.4.1.1466.20037").len() - 2)
                .any(|part| part == b"1.3.6.1.4.1.1466.20037")
        );
    }
}
