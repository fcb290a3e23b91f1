//! How fast everybody is read, beside `ldapsearch` with the same pages and attributes. Not part of the tests: it wants a release build and minutes.
//! `cargo test -p outbound --release --test it -- --ignored --nocapture ldap::speed`

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ldap::mapping::Mapping;
use ldap::reading::Reading;
use ldap::schema::Schema;

use super::passes::read;
use super::scratch::{NOW, Scratch, Slapd};

const PEOPLE: usize = 50_000;
const GROUPS: usize = 5_000;

/// What `ldapsearch` takes for the same two searches.
fn by_ldapsearch(schema: Schema, slapd: &Scratch) -> Duration {
    let reading = Reading { schema, mapping: Mapping::of(schema) };
    let began = Instant::now();
    for (filter, attributes) in
        [(schema.people(), reading.person_attributes()), (schema.groups(), reading.group_attributes())]
    {
        let ran = Command::new("ldapsearch")
            .args(["-x", "-LLL", "-o", "ldif-wrap=no", "-H", slapd.said("LDAPS"), "-E", "pr=1000/noprompt"])
            .args(["-D", slapd.said("ACCOUNT"), "-w", slapd.said("PASSWORD"), "-b", slapd.said("BASE")])
            .arg(filter.to_string())
            .args(attributes)
            .env("LDAPTLS_CACERT", slapd.said("AUTHORITY"))
            .stdout(Stdio::null())
            .status();
        assert!(ran.unwrap().success());
    }
    began.elapsed()
}

#[tokio::test]
#[ignore = "takes minutes, and means something in a release build only"]
async fn everybody_is_read_as_fast_as_ldapsearch_does() {
    let slapd = Slapd::start(PEOPLE, GROUPS);
    let directory = slapd.directory();
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    let mut cursor = None;
    for _ in 0..3 {
        theirs = theirs.min(by_ldapsearch(Schema::OpenLdap, &slapd));
        let began = Instant::now();
        let mut pass = directory.full(NOW).await.unwrap();
        let mut found = 0;
        while let Some(page) = pass.next().await.unwrap() {
            found += page.changes.len();
            cursor = page.cursor.or(cursor);
        }
        ours = ours.min(began.elapsed());
        assert_eq!(found, PEOPLE + GROUPS + 1);
    }
    let cursor = cursor.unwrap();
    let mut unchanged = Duration::MAX;
    for _ in 0..3 {
        let began = Instant::now();
        assert_eq!(read(directory.changes(&cursor, NOW).await).await.unwrap().named(), 0);
        unchanged = unchanged.min(began.elapsed());
    }
    let change = |number: u32| {
        format!(
            "dn: uid=u{number},ou=people,dc=example,dc=test\nchangetype: modify\nreplace: title\ntitle: Other\n"
        )
    };
    slapd.change(&(1..=450).map(change).collect::<Vec<_>>().join("\n"));
    let began = Instant::now();
    assert_eq!(read(directory.changes(&cursor, NOW).await).await.unwrap().people.len(), 450);
    let changed = began.elapsed();
    println!("{PEOPLE} people and {GROUPS} groups: ldapsearch {theirs:?}, here {ours:?}");
    println!("nothing changed: {unchanged:?}; 450 changed: {changed:?}");
    let memory = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    assert!(ours.mul_f64(0.9) <= theirs, "slower than nine tenths of ldapsearch");
    assert!(unchanged.mul_f64(100.0) <= ours, "an unchanged pass costs more than a hundredth");
}

#[tokio::test]
#[ignore = "takes minutes, and means something in a release build only"]
async fn a_domain_controller_is_read_as_fast_as_ldapsearch_does() {
    let samba = Scratch::start(Schema::ActiveDirectory, "samba-scratch", 3_000, 100, &[]);
    let directory = samba.directory();
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        theirs = theirs.min(by_ldapsearch(Schema::ActiveDirectory, &samba));
        let began = Instant::now();
        let found = read(directory.full(NOW).await).await.unwrap();
        ours = ours.min(began.elapsed());
        assert!(found.people.len() >= 3_000 && found.groups.len() >= 100);
    }
    println!("3,000 people and 100 groups of Samba: ldapsearch {theirs:?}, here {ours:?}");
    assert!(ours.mul_f64(0.9) <= theirs, "slower than nine tenths of ldapsearch");
}
