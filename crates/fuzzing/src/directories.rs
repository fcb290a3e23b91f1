//! What directories send and what administrators write of them. Any bytes are read without a panic; what is read keeps the promises of the kit: whole
//! messages only, no more values than bytes, one spelling for a name, a filter that is read again as it was.

use ldap::control::{self, Control, SyncInfo};
use ldap::cursor::Cursor;
use ldap::dn::{Dn, escaped};
use ldap::entry::Entry;
use ldap::filter::Filter;
use ldap::found::Person;
use ldap::frame;
use ldap::mapping::Mapping;
use ldap::message::{Body, Message};
use ldap::password::PasswordRefusal;
use ldap::reading::Reading;
use ldap::refusal::BindRefusal;
use ldap::schema::Schema;
use time::OffsetDateTime;

/// Input: messages, one after the other.
pub(crate) fn message(bytes: &[u8]) {
    let _ = Message::read(bytes);
    let _ = SyncInfo::read(bytes);
    if let Some(cursor) = Cursor::from_bytes(bytes) {
        assert_eq!(Cursor::from_bytes(&cursor.to_bytes()), Some(cursor), "another cursor");
    }
    let mut rest = bytes;
    while let Ok(Some(length)) = frame::length(rest, 100_000) {
        let (Some(whole), Some(behind)) = (rest.get(..length), rest.get(length..)) else { return };
        if let Ok(message) = Message::read(whole) {
            // Cut anywhere, it is none; with more behind it neither.
            assert!(Message::read(whole.get(..length - 1).unwrap_or_default()).is_err(), "half a message");
            assert!(Message::read(&[whole, b"\0"].concat()).is_err(), "more than a message");
            meant(&message, whole.len());
        }
        rest = behind;
    }
}

fn meant(message: &Message, length: usize) {
    let controls = &message.controls;
    let policy = control::password_policy(controls).unwrap_or_default();
    let _ = control::next_page(controls);
    let _ = control::dir_sync_answer(controls);
    let _ = control::sync_state(controls);
    let _ = control::sync_done(controls);
    assert!(Control::paged(5, b"").value.is_some_and(|value| value.len() < 20), "a long control");
    match &message.body {
        Body::Bound(outcome) => {
            let refusal = BindRefusal::of(outcome, policy);
            assert!(outcome.is_success() || refusal.is_some(), "a refusal that counts as a sign-in");
        }
        Body::Modified(outcome) | Body::Extended { outcome, .. } => {
            let refusal = PasswordRefusal::of(outcome, policy);
            assert_eq!(outcome.is_success(), refusal.is_none(), "a change that is none");
        }
        Body::Entry(entry) => read(entry, length),
        _ => {}
    }
}

fn read(entry: &Entry, length: usize) {
    let values: usize = entry.attributes().iter().map(|attribute| attribute.values.len()).sum();
    assert!(values <= length / 2, "more values than bytes");
    for schema in Schema::ALL {
        let reading = Reading { schema, mapping: Mapping::of(schema) };
        let now = OffsetDateTime::UNIX_EPOCH;
        if let Ok(Person { id, fields, .. }) = reading.person(entry, now) {
            assert_eq!(ldap::id::EntryId::parse(id.as_str()), Some(id), "an identifier that cannot be kept");
            assert!(fields.values().flatten().all(|text| !text.trim().is_empty()), "an empty text");
        }
        if let Ok(group) = reading.group(entry) {
            assert!(group.members.len() <= values, "more members than values");
        }
    }
}

/// Input: a distinguished name.
pub(crate) fn name(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // As a value it is one, whatever it is.
    if !text.contains('\0') && !text.is_empty() && text.len() < 1_000 {
        let within = Dn::parse(&format!("cn={},dc=x", escaped(&text)));
        let value = within.as_ref().map(Dn::first_value);
        assert_eq!(value.as_deref(), Ok(text.as_ref()), "a value that became something else");
    }
    let Ok(dn) = Dn::parse(&text) else { return };
    let key = dn.key();
    if key.len() <= 8_192 {
        let again = Dn::parse(key);
        assert_eq!(again.as_ref().map(Dn::key), Ok(key), "a key that has another");
    }
    assert!(dn.is_within(&dn), "not within itself");
    if let Some(parent) = dn.parent() {
        assert!(dn.is_within(&parent), "not within what is above it");
        assert!(!parent.is_within(&dn), "below what is below it");
    }
}

/// Input: a filter.
pub(crate) fn filter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(filter) = Filter::parse(&text) else { return };
    let written = filter.to_string();
    if written.len() <= 8_192 {
        assert_eq!(Filter::parse(&written).as_ref(), Ok(&filter), "{text} became {written}");
    }
}
