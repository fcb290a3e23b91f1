//! Distinguished names: what is one, and which are the same.

use ldap::dn::{Dn, DnFlaw, escaped};
use proptest::prelude::*;

fn dn(text: &str) -> Dn {
    Dn::parse(text).unwrap()
}

#[test]
fn spellings_of_one_name_are_one_name() {
    // The first as slapd 2.5 writes it, the second as Samba 4.17 does.
    let same: &[&[&str]] = &[
        &[
            r"cn=Doe\2C Jane,ou=People,dc=example",
            r"CN=Doe\, Jane,OU=People,DC=example",
            r"cn=doe\2c  JANE , ou=people , dc=EXAMPLE",
        ],
        &[
            "uid=jane+cn=Jane Doe,dc=x",
            "CN=jane doe+UID=JANE,dc=x",
            "2.5.4.3=Jane Doe+0.9.2342.19200300.100.1.1=jane,0.9.2342.19200300.100.1.25=x",
        ],
        &["cn=Stra\u{df}e,dc=x", r"cn=Stra\c3\9fe,dc=x", r"cn=Stra\C3\9Fe,dc=x"],
        &["cn=J\u{fc}rgen,dc=x", "cn=Ju\u{308}rgen,dc=x"],
        &["cn=#04024869,dc=x", "cn=Hi,dc=x"],
        &[r"cn=\#1,dc=x", r"cn=\231,dc=x"],
        &[r"cn=a\+b,dc=x", r"cn=a\2Bb,dc=x"],
        &["commonName=a,dc=x", "cn=a,dc=x"],
    ];
    for group in same {
        for one in *group {
            for other in *group {
                assert_eq!(dn(one), dn(other), "{one} and {other}");
            }
        }
    }
}

#[test]
fn what_differs_is_not_the_same() {
    for (one, other) in [
        ("cn=a,dc=x", "cn=a,dc=y"),
        ("cn=a,dc=x", "ou=a,dc=x"),
        (r"cn=a\,b,dc=x", "cn=a,cn=b,dc=x"),
        (r"cn=a\+cn=b,dc=x", "cn=a+cn=b,dc=x"),
        ("cn=a,dc=x", "dc=x"),
        (r"cn=\#04024869,dc=x", "cn=Hi,dc=x"),
        ("cn=#0500,dc=x", r"cn=\#0500x,dc=x"),
    ] {
        assert_ne!(dn(one).key(), dn(other).key(), "{one} and {other}");
    }
}

#[test]
fn what_is_no_name_is_refused() {
    for (text, flaw) in [
        ("cn", DnFlaw::Part),
        ("cn=a,", DnFlaw::Part),
        ("=a", DnFlaw::Part),
        ("cn=a,,dc=x", DnFlaw::Part),
        ("c(n=a", DnFlaw::Part),
        ("cn=a;dc=x", DnFlaw::Character(';')),
        ("cn=\"a, b\",dc=x", DnFlaw::Character('"')),
        ("cn=a<b", DnFlaw::Character('<')),
        ("cn=a\0", DnFlaw::Character('\0')),
        (r"cn=a\", DnFlaw::Escape),
        (r"cn=a\z", DnFlaw::Escape),
        (r"cn=a\4", DnFlaw::Escape),
        (r"cn=a\c3", DnFlaw::Utf8),
        ("cn=#", DnFlaw::Hex),
        ("cn=#1", DnFlaw::Hex),
        ("cn=#zz", DnFlaw::Hex),
    ] {
        assert_eq!(Dn::parse(text).map(|dn| dn.key().to_owned()), Err(flaw), "{text:?}");
    }
    assert_eq!(Dn::parse(&format!("cn={}", "a".repeat(10_000))), Err(DnFlaw::Long));
    assert_eq!(Dn::parse(&vec!["dc=x"; 200].join(",")), Err(DnFlaw::Long));
}

#[test]
fn parents_and_what_is_within() {
    let jane = dn(r"CN=Doe\, Jane,OU=People,DC=example,DC=test");
    assert_eq!(jane.parent(), Some(dn("ou=people,dc=example,dc=test")));
    assert_eq!(jane.first_value(), "Doe, Jane");
    for (base, within) in [
        ("ou=People,dc=Example,dc=test", true),
        ("dc=test", true),
        ("", true),
        (r"cn=doe\2C jane,ou=people,dc=example,dc=test", true),
        ("ou=Peop,dc=example,dc=test", false),
        ("cn=x,cn=doe\\, jane,ou=people,dc=example,dc=test", false),
        // The end of its text, and none of its parts.
        ("jane,ou=people,dc=example,dc=test", false),
    ] {
        let is_within = Dn::parse(base).is_ok_and(|base| jane.is_within(&base));
        assert_eq!(is_within, within, "{base}");
    }
    assert!(dn("").is_root());
    assert_eq!(dn("").parent(), None);
    assert_eq!(dn("dc=test").parent(), Some(dn("")));
    assert_eq!(jane.dns_domain().as_deref(), Some("example.test"));
    assert_eq!(dn("o=acme").dns_domain(), None);
}

proptest! {
    /// A value that was escaped is one part, with that value, whatever it holds.
    #[test]
    fn an_escaped_value_stays_a_value(value in "\\PC{1,20}") {
        prop_assume!(!value.contains('\0'));
        let text = format!("cn={},dc=x", escaped(&value));
        let read = Dn::parse(&text);
        prop_assert!(read.is_ok(), "{text}");
        let read = read.unwrap();
        prop_assert_eq!(read.first_value(), value);
        prop_assert_eq!(read.parent(), Some(dn("dc=x")));
    }

    /// The key of a name is a name with that key.
    #[test]
    fn a_key_is_its_own_key(text in "(cn|ou|uid)=[a-zA-Z \\\\,+=#\u{e4}\u{130}\u{fb01}]{1,12}(,dc=[a-z]{1,3}){0,3}") {
        if let Ok(read) = Dn::parse(&text) {
            let again = Dn::parse(read.key());
            prop_assert!(again.is_ok(), "{text} became {}", read.key());
            let again = again.unwrap();
            prop_assert_eq!(again.key(), read.key());
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,60}") {
        let _ = Dn::parse(&text);
    }
}
