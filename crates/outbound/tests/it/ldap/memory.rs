//! What a hostile directory may make us keep, and what it may make us believe of the time and of what it hides.

use std::time::Duration;

use ldap::cursor::{Cursor, Point};
use ldap::dn::Dn;
use ldap::mapping::Mapping;
use ldap::schema::Schema;
use ldap::scope::Scope;
use outbound::ldap::failure::Kind;
use outbound::ldap::settings::Settings;

use super::fake::{Act, Asked, Fake, Op, element, octets};
use super::hostile::{pass_with, person};
use super::passes::read;
use super::scratch::{NOW, directory};

#[tokio::test]
async fn a_page_is_no_longer_than_it_was_asked_for() {
    for (count, is_page) in [(1_000, true), (1_001, false)] {
        let (ended, _) = pass_with(move |asked| {
            vec![Act::Send(Asked::bytes(&person(asked)).repeat(count)), asked.done(0, Some(""))]
        })
        .await;
        assert_eq!(
            ended.map_err(|failure| failure.kind()),
            if is_page { Ok(()) } else { Err(Kind::Malformed) }
        );
    }
}

#[tokio::test]
async fn a_search_that_finds_nothing_ends() {
    let fake = Fake::start(|asked| match asked.base() {
        _ if asked.op == Op::Bind => vec![asked.bound(0, "")],
        "" => {
            let known = [
                ("defaultNamingContext", &["DC=example,DC=test"][..]),
                ("supportedControl", &["1.2.840.113556.1.4.841"]),
            ];
            vec![asked.entry("", &known), asked.done(0, None)]
        }
        _ => vec![Act::Send(Asked::bytes(&person(asked)).repeat(2_000)), asked.done(50, None)],
    })
    .await;
    let failure = directory(fake.settings()).full(NOW).await.err().unwrap();
    assert_eq!(failure.kind(), Kind::Malformed, "{failure}");
}

/// Settings that ask it as OpenLDAP.
fn as_open_ldap(fake: &Fake) -> Settings {
    let schema = Schema::OpenLdap;
    Settings {
        schema,
        mapping: Mapping::of(schema),
        scope: Scope::of(schema, Dn::parse("dc=example,dc=test").unwrap()),
        ..fake.settings()
    }
}

/// What every server says of itself.
fn root(asked: &Asked) -> Vec<Act> {
    vec![asked.entry("", &[("namingContexts", &["dc=example,dc=test"])]), asked.done(0, None)]
}

#[tokio::test]
async fn not_everybody_who_is_gone_is_kept_in_mind() {
    let fake = Fake::start(|asked| {
        if asked.op == Op::Bind {
            return vec![asked.bound(0, "")];
        }
        if asked.base().is_empty() {
            return root(asked);
        }
        if !asked.has_control("1.3.6.1.4.1.4203.1.9.1.1") {
            return vec![asked.done(0, Some(""))];
        }
        let mut acts: Vec<Act> = (0..11_u128).map(|part| uuids(asked, part * 100_000)).collect();
        acts.push(asked.done(0, None));
        acts
    })
    .await;
    // A million takes its time to be made.
    let directory = directory(Settings { timeout: Duration::from_secs(60), ..as_open_ldap(&fake) });
    let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
    let point = Point::SyncRepl { cookies: vec![b"a".to_vec(), b"b".to_vec()] };
    let failure = read(directory.changes(&Cursor { point, ..cursor }, NOW).await).await.unwrap_err();
    assert!(failure.to_string().contains("more than a million"), "{failure}");
    assert!(failure.asks_for_full());
}

/// 100,000 who are said to be gone, in one message.
fn uuids(asked: &Asked, from: u128) -> Act {
    let uuids: Vec<u8> = (from..from + 100_000).flat_map(|id| element(0x04, &id.to_be_bytes())).collect();
    let set = element(0xa3, &[element(0x01, &[0xff]), element(0x31, &uuids)].concat());
    let name = octets("1.3.6.1.4.1.4203.1.9.1.4");
    let body = [element(0x80, &name[2..]), element(0x81, &set)].concat();
    Act::Send(element(0x30, &[element(0x02, &asked.id), element(0x79, &body)].concat()))
}

#[tokio::test]
async fn a_clock_that_is_ahead_leaves_no_change_out() {
    for (changed, seconds) in
        [("20991231235959Z", NOW.unix_timestamp() + 600), ("20200101000000Z", 1_577_836_800)]
    {
        let fake = Fake::start(move |asked| match &asked.op {
            Op::Bind => vec![asked.bound(0, "")],
            Op::Search { base, .. } if base.is_empty() => root(asked),
            Op::Search { .. } if asked.filters("inetOrgPerson") => {
                let id = ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"];
                let entry = [("entryUUID", &id[..]), ("uid", &["a"]), ("modifyTimestamp", &[changed])];
                vec![asked.entry("uid=a,dc=example,dc=test", &entry), asked.done(0, Some(""))]
            }
            _ => vec![asked.done(0, Some(""))],
        })
        .await;
        let directory = directory(as_open_ldap(&fake));
        let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
        assert_eq!(cursor.point, Point::Timestamp { seconds });
        // Nor does one that was kept by another version.
        let point = Point::Timestamp { seconds: seconds.max(NOW.unix_timestamp() + 600) * 2 };
        let again = read(directory.changes(&Cursor { point, ..cursor }, NOW).await).await.unwrap();
        let point = again.cursor.unwrap().point;
        assert_eq!(point, Point::Timestamp { seconds: NOW.unix_timestamp() + 600 });
    }
}

fn hidden(asked: &Asked) -> Act {
    asked.entry(
        "CN=b,DC=example,DC=test",
        &[("objectGUID", &["fedcba9876543210"]), ("userPrincipalName", &["b@x"])],
    )
}

#[tokio::test]
async fn nobody_is_let_in_because_it_is_hidden_that_they_are_disabled() {
    let fake = Fake::start(|asked| match asked.base() {
        _ if asked.op == Op::Bind => vec![asked.bound(0, "")],
        "" => root(asked),
        _ if asked.filters("person") => vec![person(asked), hidden(asked), asked.done(0, Some(""))],
        _ => vec![asked.done(0, Some(""))],
    })
    .await;
    let found = read(directory(fake.settings()).full(NOW).await).await.unwrap();
    assert_eq!(found.user_names(), ["a@x"]);
    assert_eq!(found.still.len(), 1);
    // Where it is hidden of everybody, an administrator must know.
    let (ended, _) = pass_with(|asked| vec![hidden(asked), asked.done(0, Some(""))]).await;
    let failure = ended.unwrap_err();
    assert_eq!(failure.kind(), Kind::Forbidden);
    assert!(failure.to_string().contains("userAccountControl"), "{failure}");
}
