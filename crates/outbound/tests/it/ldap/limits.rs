//! What Active Directory limits and Samba does not, as Microsoft documents it: 1,000 entries at once (MaxPageSize), 1,500 members at once
//! (MaxValRange), DirSync and deleted entries only for who has the right.

use ldap::cursor::Point;
use ldap::dn::Dn;
use ldap::found::{Deletions, Member};

use super::fake::{Act, Asked, Fake, Op};
use super::passes::read;
use super::scratch::{NOW, directory};

const PAGE_MAX: usize = 1_000;
const VALUES_MAX: usize = 1_500;
const PEOPLE: usize = 2_300;
const MEMBERS: usize = 4_000;
const DIR_SYNC: &str = "1.2.840.113556.1.4.841";
const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";

/// A directory with limits. Since the first pass, people whose number ends in 99 have changed.
fn limited(asked: &Asked) -> Vec<Act> {
    if asked.op == Op::Bind {
        return vec![asked.bound(0, "")];
    }
    if asked.has_control(DIR_SYNC) {
        return vec![asked.done(50, None)];
    }
    if asked.has_control(SHOW_DELETED) {
        return vec![asked.done(32, None)];
    }
    match asked.base() {
        "" => root(asked),
        "CN=NTDS Settings,CN=DC1" => {
            vec![
                asked.entry("CN=NTDS Settings,CN=DC1", &[("invocationId", &["0123456789abcdef"])]),
                asked.done(0, None),
            ]
        }
        "CN=big,DC=example,DC=test" => vec![members(asked), asked.done(0, None)],
        _ if asked.filters("groupType") && asked.filters("objectGUID") => vec![asked.done(0, Some(""))],
        _ if asked.filters("groupType") => vec![members(asked), asked.done(0, Some(""))],
        _ if asked.filters("uSNChanged") => people(asked, |number| number % 100 == 99),
        // Those that are read anew, which the filter names.
        _ if asked.filters("objectGUID") => people(asked, |number| asked.filters(&guid(number))),
        _ => people(asked, |_| true),
    }
}

fn root(asked: &Asked) -> Vec<Act> {
    // Whether something has changed is known from how often it was asked.
    let entry = asked.entry(
        "",
        &[
            ("defaultNamingContext", &["DC=example,DC=test"]),
            ("supportedControl", &[DIR_SYNC]),
            ("dsServiceName", &["CN=NTDS Settings,CN=DC1"]),
            ("highestCommittedUSN", &["5000"]),
        ],
    );
    vec![entry, asked.done(0, None)]
}

/// Sixteen bytes of text, so that filters hold them as they are.
fn guid(number: usize) -> String {
    format!("person {number:09}")
}

fn people(asked: &Asked, is_meant: impl Fn(usize) -> bool) -> Vec<Act> {
    let meant: Vec<usize> = (0..PEOPLE).filter(|number| is_meant(*number)).collect();
    let from = asked.page().and_then(|cookie| cookie.parse().ok()).unwrap_or(0);
    let page = meant.iter().skip(from).take(PAGE_MAX).map(|number| {
        let upn = format!("p{number}@example.test");
        asked.entry(
            &dn(*number),
            &[
                ("objectGUID", &[&guid(*number)]),
                ("userPrincipalName", &[&upn]),
                ("userAccountControl", &["512"]),
            ],
        )
    });
    let mut acts: Vec<Act> = page.collect();
    let next = from + PAGE_MAX;
    acts.push(match (asked.page(), next < meant.len()) {
        (Some(_), true) => asked.done(0, Some(&next.to_string())),
        (Some(_), false) => asked.done(0, Some("")),
        // Without pages, what is over the limit is not given.
        (None, true) => asked.done(4, None),
        (None, false) => asked.done(0, None),
    });
    acts
}

fn dn(number: usize) -> String {
    format!("CN=p{number},DC=example,DC=test")
}

/// The big group with as many members as are given at once, from where it is asked.
fn members(asked: &Asked) -> Act {
    let wanted = asked.attributes().iter().find_map(|name| name.strip_prefix("member;range="));
    let from: usize = wanted.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or(0);
    let values: Vec<String> = (from..MEMBERS).take(VALUES_MAX).map(dn).collect();
    let to = from + values.len();
    let name = if to == MEMBERS {
        format!("member;range={from}-*")
    } else {
        format!("member;range={from}-{}", to - 1)
    };
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    asked.entry(
        "CN=big,DC=example,DC=test",
        &[("objectGUID", &["group 0000000001"]), ("cn", &["big"]), ("member", &[]), (&name, &values)],
    )
}

#[tokio::test]
async fn everybody_and_every_member_is_read_in_pieces() {
    let fake = Fake::start(limited).await;
    let found = read(directory(fake.settings()).full(NOW).await).await.unwrap();
    assert_eq!(found.people.len(), PEOPLE);
    let group = &found.groups["big"];
    assert_eq!(group.members.len(), MEMBERS);
    let last = Dn::parse(&dn(MEMBERS - 1)).unwrap();
    assert_eq!(group.members.last(), Some(&Member::Dn(last)));
    assert_eq!(found.deletions, Some(Deletions::ByAbsence));
    assert_eq!(fake.connections(), 1);
}

#[tokio::test]
async fn without_the_right_to_replicate_changes_are_found_all_the_same() {
    let fake = Fake::start(limited).await;
    let directory = directory(fake.settings());
    let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
    let wanted = Point::Usn { invocation_id: b"0123456789abcdef".to_vec(), highest: 5_000 };
    assert_eq!(cursor.point, wanted);
    // As of an earlier pass.
    let earlier = Point::Usn { invocation_id: b"0123456789abcdef".to_vec(), highest: 4_000 };
    let changed = directory.changes(&ldap::cursor::Cursor { point: earlier, ..cursor.clone() }, NOW).await;
    let changed = read(changed).await.unwrap();
    assert_eq!(changed.people.len(), PEOPLE / 100);
    // What is deleted it may not see, and says so.
    assert_eq!(changed.deletions, Some(Deletions::Untold));
    assert_eq!(changed.cursor, Some(cursor.clone()));
    // A domain controller that counts less than it did was restored.
    let later = Point::Usn { invocation_id: b"0123456789abcdef".to_vec(), highest: 6_000 };
    let restored = directory.changes(&ldap::cursor::Cursor { point: later, ..cursor }, NOW).await;
    assert!(read(restored).await.unwrap_err().asks_for_full());
}

#[tokio::test]
async fn without_the_right_dir_sync_is_never_counted_on() {
    let fake = Fake::start(limited).await;
    let directory = directory(fake.settings());
    let cursor = read(directory.full(NOW).await).await.unwrap().cursor.unwrap();
    // The right was there and was taken away.
    let lost = ldap::cursor::Cursor { point: Point::DirSync { cookie: b"cookie".to_vec() }, ..cursor };
    let failure = read(directory.changes(&lost, NOW).await).await.unwrap_err();
    assert!(failure.asks_for_full(), "{failure}");
    assert!(failure.to_string().contains("may no longer replicate"), "{failure}");
}
