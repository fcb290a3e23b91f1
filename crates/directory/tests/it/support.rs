//! People and contexts for the cases.

use directory::patch::{AttributeOperation, Update};
use directory::users;
use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::{Name, TypedValue, User, UserId, UserProfile};
use model::fault::{ConflictReason, Fault, FaultKind, ResourceType};
use model::record::AuditRecord;
use serde_json::Value;
use store::db::Store;
use testkit::fixture::Fixture;

/// The fixture's identity store.
pub(crate) fn at(fixture: &Fixture) -> IdentityStoreRef {
    fixture.instance.identity_store_id.clone().into()
}

/// The root's call of an operation.
pub(crate) fn cx(fixture: &Fixture, operation: &str) -> Cx {
    fixture.root("identitystore.amazonaws.com", operation)
}

/// A person of this user name, with an address.
pub(crate) fn person(user_name: &str) -> UserProfile {
    let text = |value: &str| Some(value.to_owned());
    UserProfile {
        user_name: user_name.to_owned(),
        display_name: format!("{user_name} Doe"),
        name: Name { given_name: text(user_name), family_name: text("Doe"), ..Name::default() },
        emails: vec![TypedValue {
            value: Some(format!("{user_name}@example.com")),
            primary: true,
            kind: None,
        }],
        ..UserProfile::default()
    }
}

/// Makes a person.
pub(crate) async fn make(fixture: &Fixture, user_name: &str) -> User {
    users::create(&fixture.store, &cx(fixture, "CreateUser"), &at(fixture), person(user_name)).await.unwrap()
}

/// Makes a group.
pub(crate) async fn make_group(fixture: &Fixture, name: &str) -> model::directory::group::Group {
    directory::groups::create(&fixture.store, &cx(fixture, "CreateGroup"), &at(fixture), name, None)
        .await
        .unwrap()
}

/// One operation that sets a path.
pub(crate) fn set(path: &str, value: Value) -> Update {
    let operations = vec![AttributeOperation { path: path.to_owned(), value: Some(value) }];
    Update { operations, revision: None }
}

/// The records of an operation. The fixture's clock stands still, so that they have no order.
pub(crate) fn records_of(fixture: &Fixture, operation: &str) -> Vec<AuditRecord> {
    let mut records =
        fixture.store.read(|rx| Ok(store::audit::audit_records::page_backward(rx, "g", "", 99)?)).unwrap();
    records.retain(|record| record.event_name == operation);
    records
}

/// The one record of an operation.
pub(crate) fn record_of(fixture: &Fixture, operation: &str) -> AuditRecord {
    let mut named = records_of(fixture, operation).into_iter();
    let found = named.next().unwrap_or_else(|| panic!("no record of {operation}"));
    assert!(named.next().is_none(), "two records of {operation}");
    found
}

/// Whether the fault says that there is no such thing.
pub(crate) fn is_missing(fault: &Fault, what: ResourceType) -> bool {
    *fault.kind() == FaultKind::NotFound(what)
}

/// Whether the fault says that somebody has it already.
pub(crate) fn is_duplicate(fault: &Fault) -> bool {
    *fault.kind() == FaultKind::Conflict(ConflictReason::Uniqueness)
}

/// DescribeUser, with the user as a whole.
pub(crate) fn describe(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &UserId) -> Result<User, Fault> {
    users::describe(store, cx, at, id, |row| Ok(row.opened()?))
}
