//! A password that comes by SCIM: taken out of what is said of a person before anything else looks at it, set in the transaction that makes or changes
//! them, and wiped wherever it stood. Whether the tenant may is `sources`'s to say, whether it will do `signin`'s.

use directory::provisioning::{self, Meant};
use model::cx::Cx;
use model::directory::user::{User, UserId};
use model::fault::Fault;
use model::secret::Secret;
use scim::error::{Error, ScimType};
use scim::patch::{Act, Change};
use scim::resource::Resource;
use serde_json::{Map, Value};
use signin::passwords::{self, Accepted};
use sources::tenants;
use store::tx::Tx;
use zeroize::Zeroize as _;

use crate::op::Op;
use crate::refused::Refused;

/// The attribute.
pub(crate) const NAME: &str = "password";

/// What a client sent, wiped when nobody needs it any more: a password may be in it.
#[derive(Debug, Default)]
pub(crate) struct Body(pub(crate) Map<String, Value>);

impl Drop for Body {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes the password out of what describes a person.
pub(crate) fn of_person(person: &mut Resource) -> Option<Secret> {
    secret(person.shift_remove(NAME)?)
}

fn secret(value: Value) -> Option<Secret> {
    if let Value::String(text) = value { Some(Secret::new(text)) } else { None }
}

/// Takes the password out of changes: the last one that is given.
pub(crate) fn of_changes(changes: &mut Vec<Change>) -> Result<Option<Secret>, Error> {
    let mut found = None;
    for change in changes.extract_if(.., |change| change.target.place.attribute.name == NAME) {
        match (change.act, change.value) {
            (Act::Remove, _) => {
                return Err(Error::bad(
                    ScimType::Mutability,
                    "password cannot be removed: set another, or active as false",
                ));
            }
            (Act::Add | Act::Replace, value) => found = value.and_then(secret).or(found),
        }
    }
    Ok(found)
}

/// What is done with a password beside the change of its person.
pub(crate) struct Setting {
    op: Op,
    accepted: Option<Accepted>,
}

impl Setting {
    /// Checks and hashes the password that is given, if one is, of somebody or of whoever is to be made. Who may not be changed is not asked about: what
    /// is answered of a password would tell of the one they have.
    pub(crate) async fn of(
        op: &Op,
        meant: Option<&Meant<UserId>>,
        given: Option<Secret>,
    ) -> Result<Self, Refused> {
        let accepted = match given {
            None => None,
            Some(given) => accept(op, meant, &given).await?,
        };
        Ok(Self { op: op.clone(), accepted })
    }

    /// Whether there is one to be set: not the one that the person has already.
    pub(crate) const fn is_due(&self) -> bool {
        self.accepted.is_some()
    }

    /// Sets it.
    pub(crate) fn set_in(&self, tx: &mut Tx<'_>, cx: &Cx, user: &User) -> Result<(), Fault> {
        let Some(accepted) = &self.accepted else { return Ok(()) };
        tenants::require_passwords_in(tx, cx)?;
        provisioning::require_owner_in(tx, cx, user)?;
        passwords::set_provisioned_in(tx, cx, &self.op.scim.signin, (user, accepted))
    }
}

async fn accept(op: &Op, meant: Option<&Meant<UserId>>, given: &Secret) -> Result<Option<Accepted>, Refused> {
    let (store, cx) = (&op.scim.store, &op.cx);
    store.read(|rx| tenants::require_passwords_in(rx, cx))?;
    if let Some(meant) = meant {
        provisioning::require_changeable(store, cx, &op.at, meant)?;
    }
    let whose = (op.at.id(), meant.map(|meant| &meant.id));
    Ok(passwords::accept_provisioned(store, cx, &op.scim.hasher, whose, given).await?)
}

#[cfg(test)]
mod tests {
    use scim::patch;
    use scim::schema::core::USERS;
    use serde_json::json;

    use super::*;

    fn changes(operations: &Value) -> Vec<Change> {
        let body = json!({"Operations": operations});
        patch::read(&USERS, body.as_object().unwrap(), 9).unwrap()
    }

    #[test]
    fn a_password_is_taken_out_of_changes_in_every_form() {
        for (operations, wanted) in [
            (json!([{"op": "replace", "path": "password", "value": "a"}]), Some("a")),
            (
                json!([{"op": "Add", "path": "PASSWORD", "value": "a"}, {"op": "replace", "value": {"password": "b"}}]),
                Some("b"),
            ),
            (
                json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:password", "value": "c"}]),
                Some("c"),
            ),
            (json!([{"op": "replace", "path": "password", "value": ""}]), None),
            (json!([{"op": "replace", "path": "title", "value": "x"}]), None),
        ] {
            let mut changes = changes(&operations);
            let found = of_changes(&mut changes).unwrap();
            assert_eq!(found.as_ref().map(Secret::expose), wanted, "{operations}");
            assert!(changes.iter().all(|change| change.target.place.attribute.name != NAME));
        }
        assert!(of_changes(&mut changes(&json!([{"op": "remove", "path": "password"}]))).is_err());
    }

    #[test]
    fn texts_are_wiped_wherever_they_stand() {
        let mut body =
            json!({"password": "secret", "Operations": [{"value": {"password": "secret"}}], "active": true});
        wipe(&mut body);
        assert_eq!(
            body,
            json!({"password": "", "Operations": [{"value": {"password": ""}}], "active": true})
        );
    }
}
