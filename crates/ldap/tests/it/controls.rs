//! Controls as they leave and as they come.

use ldap::control::{
    Became, Control, DirSyncRight, PolicyError, SyncInfo, SyncMode, dir_sync_answer, next_page,
    password_policy, sync_done, sync_state,
};
use ldap::message::Message;
use ldap::request::Request;

use crate::build::{element, message, octets, outcome, row};

const PAGED: &str = "1.2.840.113556.1.4.319";
const DIR_SYNC: &str = "1.2.840.113556.1.4.841";
const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
const POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// The control of an answer, read from bytes.
fn came(name: &str, value: Option<&[u8]>) -> Vec<Control> {
    let mut inside = octets(name.as_bytes());
    inside.extend(value.map(octets).unwrap_or_default());
    let controls = element(0xa0, &element(0x30, &inside));
    Message::read(&message(1, &outcome(0x65, 0, ""), &controls)).unwrap().controls
}

#[test]
fn each_leaves_as_its_document_says() {
    for (control, value) in [
        (Control::paged(500, b"ck"), Some(&b"\x30\x08\x02\x02\x01\xf4\x04\x02ck"[..])),
        (
            Control::dir_sync(DirSyncRight::EachEntry, 1, b""),
            Some(b"\x30\x08\x02\x01\x01\x02\x01\x01\x04\x00"),
        ),
        (
            Control::dir_sync(DirSyncRight::Replication, 1, b""),
            Some(b"\x30\x08\x02\x01\x00\x02\x01\x01\x04\x00"),
        ),
        (Control::sync_request(SyncMode::RefreshOnly, Some(b"c")), Some(b"\x30\x06\x0a\x01\x01\x04\x01c")),
        (Control::sync_request(SyncMode::RefreshAndPersist, None), Some(b"\x30\x03\x0a\x01\x03")),
        (Control::show_deleted(), None),
        (Control::notification(), None),
        (Control::password_policy(), None),
    ] {
        assert_eq!(control.value.as_deref(), value, "{control:?}");
    }
    let wanted = b"\x30\x21\x02\x01\x07\x42\x00\xa0\x1a\x30\x18\x04\x161.2.840.113556.1.4.417";
    let bytes = Request::Unbind.write(7, &[Control { is_critical: false, ..Control::show_deleted() }]);
    assert_eq!(bytes.as_slice(), wanted);
}

#[test]
fn pages_end_with_an_empty_cookie() {
    let value = |cookie: &[u8]| element(0x30, &row(&[element(0x02, &[0]), octets(cookie)]));
    assert_eq!(next_page(&came(PAGED, Some(&value(b"go on")))), Ok(Some(b"go on".to_vec())));
    assert_eq!(next_page(&came(PAGED, Some(&value(b"")))), Ok(None));
    assert_eq!(next_page(&[]), Ok(None));
    assert!(next_page(&came(PAGED, None)).is_err());
    assert!(next_page(&came(PAGED, Some(b"\x30\x03\x02\x01\x00"))).is_err());
}

#[test]
fn dir_sync_says_how_far_it_got() {
    let value = element(0x30, &row(&[element(0x02, &[1]), element(0x02, &[0]), octets(b"cookie")]));
    let answer = dir_sync_answer(&came(DIR_SYNC, Some(&value))).unwrap();
    assert_eq!((answer.has_more, answer.cookie.as_slice()), (true, &b"cookie"[..]));
    assert!(dir_sync_answer(&[]).is_err());
}

#[test]
fn synchronization_says_what_became_of_entries() {
    for (code, is) in [(0, Became::Present), (1, Became::Added), (2, Became::Modified), (3, Became::Deleted)]
    {
        let value = element(0x30, &row(&[element(0x0a, &[code]), octets(&[7; 16]), octets(b"ck")]));
        let state = sync_state(&came(SYNC_STATE, Some(&value))).unwrap();
        assert_eq!((state.state, state.uuid, state.cookie), (is, [7; 16], Some(b"ck".to_vec())));
    }
    for odd in [
        element(0x30, &row(&[element(0x0a, &[4]), octets(&[7; 16])])),
        element(0x30, &row(&[element(0x0a, &[1]), octets(&[7; 15])])),
    ] {
        assert!(sync_state(&came(SYNC_STATE, Some(&odd))).is_err());
    }
    assert!(sync_state(&[]).is_err());
    let done = element(0x30, &row(&[octets(b"ck"), element(0x01, &[0xff])]));
    let done = sync_done(&came(SYNC_DONE, Some(&done))).unwrap();
    assert_eq!((done.cookie, done.told_deletions), (Some(b"ck".to_vec()), true));
    // Nothing said: nobody was told to be gone.
    assert!(!sync_done(&[]).unwrap().told_deletions);
}

#[test]
fn synchronization_names_many_at_once() {
    let uuids = element(0x31, &row(&[octets(&[1; 16]), octets(&[2; 16])]));
    let info = |flag: &[u8]| element(0xa3, &row(&[octets(b"ck"), flag.to_vec(), uuids.clone()]));
    let read = |bytes: Vec<u8>| SyncInfo::read(&bytes).unwrap();
    let wanted = |are_deleted| SyncInfo::Uuids {
        cookie: Some(b"ck".to_vec()),
        are_deleted,
        uuids: vec![[1; 16], [2; 16]],
    };
    assert_eq!(read(info(&element(0x01, &[0xff]))), wanted(true));
    assert_eq!(read(info(&[])), wanted(false));
    assert_eq!(read(element(0x80, b"ck")), SyncInfo::Cookie(b"ck".to_vec()));
    assert_eq!(read(element(0xa1, &[])), SyncInfo::RefreshDelete { cookie: None, is_done: true });
    let not_done = element(0xa2, &element(0x01, &[0]));
    assert_eq!(read(not_done), SyncInfo::RefreshPresent { cookie: None, is_done: false });
    assert!(SyncInfo::read(&element(0xa4, &[])).is_err());
    assert!(SyncInfo::read(&[]).is_err());
}

#[test]
fn the_password_policy_says_what_is_wrong() {
    let read = |value: &[u8]| password_policy(&came(POLICY, Some(value)));
    assert_eq!(read(b"\x30\x03\x81\x01\x02").unwrap().error, Some(PolicyError::ChangeAfterReset));
    assert_eq!(read(b"\x30\x05\xa0\x03\x81\x01\x02").unwrap().graces_left, Some(2));
    assert_eq!(read(b"\x30\x05\xa0\x03\x80\x01\x3c").unwrap().expires_in, Some(60));
    assert_eq!(read(b"\x30\x00").unwrap(), password_policy(&[]).unwrap());
    assert!(read(b"\x30\x03\x81\x01\x63").is_err());
    // 389-DS, as its own control says it.
    let expired = password_policy(&came("2.16.840.1.113730.3.4.4", Some(b"0"))).unwrap();
    assert_eq!(expired.error, Some(PolicyError::ChangeAfterReset));
}
