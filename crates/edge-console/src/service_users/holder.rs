//! Who holds keys: a service user, or the root of the management account. And the keys.

use edge_aws::inside::Op;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::command;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::page::encoded;

/// A holder, by its name; the root without one.
#[derive(Debug, Clone)]
pub(crate) struct Holder(pub(crate) Option<String>);

/// A key, without its secret.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Key {
    pub(crate) access_key_id: String,
    status: String,
    pub(crate) created_at: Moment,
    pub(crate) last_used_at: Option<Moment>,
}

impl Key {
    /// Whether it opens anything.
    pub(crate) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keys {
    access_keys: Vec<Key>,
}

/// A key that was made just now, shown this once.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewKey {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

impl Holder {
    /// Where its page is, and below it what is its own.
    pub(crate) fn below(&self, end: &str) -> String {
        match &self.0 {
            Some(name) => format!("/console/service-users/user/{}{end}", encoded(name)),
            None => "/console/service-users/root".to_owned(),
        }
    }

    /// Where the page of one of its keys is.
    pub(crate) fn key(&self, id: &str) -> String {
        match &self.0 {
            Some(_) => format!("{}/{}", self.below("/keys"), encoded(id)),
            None => format!("{}/{}", self.below(""), encoded(id)),
        }
    }

    /// What calls about it say.
    pub(crate) fn input(&self, desk: &Desk) -> Value {
        json!({"InstanceArn": desk.instance_arn(), "UserName": self.0})
    }

    /// The command that makes a key.
    pub(crate) fn create_command(&self, desk: &Desk) -> String {
        command::text(Op("portico", "CreateAccessKey"), &self.input(desk))
    }

    /// Its keys.
    pub(crate) async fn keys(&self, desk: &Desk, admin: &mut Administrator) -> Result<Vec<Key>, Fault> {
        let keys: Keys = admin.call(desk, Op("portico", "ListAccessKeys"), self.input(desk)).await?;
        Ok(keys.access_keys)
    }

    /// A new key.
    pub(crate) async fn make(&self, desk: &Desk, admin: &mut Administrator) -> Result<NewKey, Fault> {
        admin.call(desk, Op("portico", "CreateAccessKey"), self.input(desk)).await
    }
}
