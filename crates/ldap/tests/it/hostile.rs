//! Bytes that no honest server sends: refused, without a panic and without memory by what a length claims.

use ldap::entry::{Attribute, Entry};
use ldap::frame;
use ldap::message::{Body, Message};
use proptest::prelude::*;

use crate::build::{element, entry_body, message, octets, outcome, row};

#[test]
fn what_is_no_message_is_refused() {
    let good = message(1, &outcome(0x65, 0, ""), &[]);
    assert!(Message::read(&good).is_ok());
    let mut behind = good.clone();
    behind.push(0);
    for odd in [
        vec![],
        vec![0x30],
        behind,
        good.get(..good.len() - 1).unwrap().to_vec(),
        // No number, a negative one, one of nine bytes.
        element(0x30, &outcome(0x65, 0, "")),
        message(0xff, &outcome(0x65, 0, ""), &[]),
        element(0x30, &row(&[element(0x02, &[1; 9]), outcome(0x65, 0, "")])),
        // A request, a tag of several bytes, an indefinite length.
        message(1, &element(0x63, b""), &[]),
        message(1, &[0x7f, 0x22, 0x00], &[]),
        message(1, &[0x65, 0x80, 0x00, 0x00], &[]),
        // An outcome without its message, an entry whose attribute is longer than what holds it.
        message(1, &element(0x65, &element(0x0a, &[0])), &[]),
        message(1, &element(0x64, &row(&[octets(b"dc=x"), vec![0x30, 0x05, 0x30, 0x7f]])), &[]),
        message(1, &entry_body(b"\xff", &[]), &[]),
        // A control that is none.
        message(1, &outcome(0x65, 0, ""), &element(0xa0, &octets(b"x"))),
    ] {
        assert!(Message::read(&odd).is_err(), "{odd:02x?}");
    }
}

#[test]
fn a_length_that_is_claimed_costs_nothing() {
    assert!(frame::length(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], 1_000).is_err());
    assert!(frame::length(&[0x30, 0x85, 1, 1, 1, 1, 1], 1_000).is_err());
    assert!(frame::length(&[0x30, 0x80], 1_000).is_err());
    assert!(frame::length(b"HTTP/1.1 400", 1_000).is_err());
    assert_eq!(frame::length(&[0x30, 0x82], 1_000), Ok(None));
    assert_eq!(frame::length(&[], 1_000), Ok(None));
    assert_eq!(frame::length(&[0x30, 0x05], 1_000), Ok(Some(7)));
}

#[test]
fn texts_that_only_people_read_need_not_be_utf_8() {
    let body = element(0x65, &row(&[element(0x0a, &[49]), octets(b"\xff"), octets(b"no\xff")]));
    let read = Message::read(&message(1, &body, &[])).unwrap();
    assert!(matches!(read.body, Body::Done(outcome) if outcome.message == "no\u{fffd}"));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Message::read(&bytes);
        let _ = frame::length(&bytes, 1_000);
    }

    /// One byte of a good message is another.
    #[test]
    fn a_damaged_message_is_read_or_refused(at in 0_usize..120, byte: u8) {
        let entry = entry_body(b"cn=a,dc=x", &[("cn", &[b"a", b"b"]), ("member;range=0-1499", &[b"cn=b,dc=x"])]);
        let mut bytes = message(1, &entry, &element(0xa0, &element(0x30, &row(&[octets(b"1.2"), octets(b"v")]))));
        let length = bytes.len();
        bytes[at % length] = byte;
        let _ = Message::read(&bytes);
    }
}

#[test]
fn an_entry_has_not_more_values_than_can_be_held() {
    for (count, is_read) in [(999_999, true), (1_000_000, false)] {
        let values = element(0x31, &octets(b"").repeat(count));
        let attribute = element(0x30, &row(&[octets(b"member"), values]));
        let body = element(0x64, &row(&[octets(b"cn=a"), element(0x30, &attribute)]));
        assert_eq!(Message::read(&message(1, &body, &[])).is_ok(), is_read);
    }
    let values = vec![b"0123456789".to_vec(); 3];
    let entry = Entry::new("cn=a", vec![Attribute::new("member", values)]);
    assert!((3 * 10..1_000).contains(&entry.size()));
}
