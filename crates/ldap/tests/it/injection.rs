//! What somebody types stands where values stand, in the bytes that leave as in the text that is shown.

use ldap::attribute::AttributeName;
use ldap::dn::{Dn, escaped};
use ldap::filter::Filter;
use ldap::request::{Depth, Request, Search};

/// What is tried on sign-in pages (OWASP, "LDAP Injection", and what it cites).
const TYPED: &[&str] = &[
    "*",
    "*)(uid=*))(|(uid=*",
    "admin)(&)",
    "admin)(!(&(1=0",
    "x*)(objectClass=*",
    r"x\2a\29",
    "a\0)(uid=b",
    "))(|(cn=*",
    "x,dc=other",
    "x+cn=y",
    "x)(mail=*)%00",
];

#[test]
fn a_typed_name_is_one_value_in_the_bytes_of_a_filter() {
    let uid = AttributeName::parse("uid").unwrap();
    for typed in TYPED {
        let search = Search {
            base: "dc=example".to_owned(),
            depth: Depth::Subtree,
            filter: Filter::equals(&uid, *typed),
            attributes: vec!["uid".to_owned()],
            entries_max: 2,
            seconds_max: 0,
        };
        let bytes = Request::Search(&search).write(1, &[]);
        // An equalityMatch with exactly these bytes, and no other filter in the message.
        let value =
            super::build::row(&[super::build::octets(b"uid"), super::build::octets(typed.as_bytes())]);
        let wanted = super::build::element(0xa3, &value);
        let found = bytes.windows(wanted.len()).filter(|window| *window == wanted).count();
        assert_eq!(found, 1, "{typed:?}");
        // In text it is what it was too.
        assert_eq!(Filter::parse(&search.filter.to_string()), Ok(search.filter), "{typed:?}");
    }
}

#[test]
fn a_typed_name_is_one_value_in_a_name() {
    for typed in TYPED.iter().filter(|typed| !typed.contains('\0')) {
        let dn = Dn::parse(&format!("uid={},ou=people,dc=example", escaped(typed))).unwrap();
        assert_eq!(dn.first_value(), *typed);
        assert_eq!(dn.parent(), Dn::parse("ou=people,dc=example").ok(), "{typed:?}");
    }
}

#[test]
fn nothing_but_names_can_stand_for_attributes() {
    for text in
        ["uid)(cn", "uid=*", "uid,cn", "uid;x", "", " uid", "uid\0", "u*d", "1", "1.", ".1", "\u{fc}id"]
    {
        assert_eq!(AttributeName::parse(text), None, "{text:?}");
    }
    for text in ["uid", "msDS-User-Account-Control-Computed", "2.5.4.3"] {
        assert!(AttributeName::parse(text).is_some(), "{text}");
    }
}

#[test]
fn a_bind_without_a_password_is_none() {
    assert!(Request::bind("cn=admin,dc=example", b"").is_none());
    assert!(Request::bind("", b"secret").is_none());
    assert!(Request::bind("cn=admin,dc=example", b"secret").is_some());
}
