//! Who can use what, as ListEffectiveAccess answers it, and the question that it answers: of which thing, at which moment.

use edge_aws::inside::Op;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::{self, Moment};
use crate::page::encoded;
use crate::thing::{Kind, Thing};

/// Rows of one call, at most.
pub(crate) const AT_ONCE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reached {
    #[serde(rename = "EffectiveAccess")]
    pub(crate) rows: Vec<Access>,
    pub(crate) next_token: Option<String>,
}

/// Somebody can use a permission set in an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Access {
    user_id: String,
    account_id: String,
    permission_set_arn: String,
    granted_by: Vec<By>,
    /// When they last used it; only of now.
    pub(crate) last_accessed_at: Option<Moment>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct By {
    principal_type: String,
    principal_id: String,
}

impl Access {
    pub(crate) fn who(&self) -> Thing {
        Thing::new(Kind::User, &self.user_id)
    }

    pub(crate) fn what(&self) -> Thing {
        Thing::new(Kind::Set, &self.permission_set_arn)
    }

    pub(crate) fn place(&self) -> Thing {
        Thing::new(Kind::Account, &self.account_id)
    }

    /// The groups that grant it.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Thing> {
        let groups = self.granted_by.iter().filter(|by| by.principal_type == "GROUP");
        groups.map(|by| Thing::new(Kind::Group, &by.principal_id))
    }

    /// Whether the person is assigned it themselves.
    pub(crate) fn is_direct(&self) -> bool {
        self.granted_by.iter().any(|by| by.principal_type == "USER")
    }

    /// Everything that the row names.
    pub(crate) fn things(&self) -> impl Iterator<Item = Thing> {
        [self.who(), self.what(), self.place()].into_iter().chain(self.groups())
    }
}

/// What is asked: of which thing, at which moment.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) of: Thing,
    /// The moment as it was typed; empty for now.
    pub(crate) typed: String,
    at: Option<i64>,
}

impl Question {
    /// What an address asks; `None` where it names no thing.
    pub(crate) fn asked(query: &Fields) -> Option<Self> {
        let typed = query.text("at").to_owned();
        Some(Self { of: Thing::asked(query)?, at: moment::typed(&typed).map(Timestamp::seconds), typed })
    }

    /// Whether it is asked of now, when it is known too what is used.
    pub(crate) fn is_of_now(&self) -> bool {
        self.at.is_none()
    }

    /// Whether a moment was typed that is none.
    pub(crate) fn is_garbled(&self) -> bool {
        self.at.is_none() && !self.typed.is_empty()
    }

    /// `user=…&at=…`
    pub(crate) fn query(&self) -> String {
        self.also(&self.of)
    }

    /// The same question of another thing.
    pub(crate) fn also(&self, of: &Thing) -> String {
        if self.typed.is_empty() {
            return of.query();
        }
        format!("{}&at={}", of.query(), encoded(&self.typed))
    }

    /// A page of the answer.
    pub(crate) async fn page(
        &self,
        desk: &Desk,
        admin: &mut Administrator,
        (most, token): (usize, Option<&str>),
    ) -> Result<Reached, Fault> {
        let mut input = self.of.input(desk);
        input.insert("MaxResults".to_owned(), json!(most));
        input.insert("NextToken".to_owned(), json!(token));
        if let Some(at) = self.at {
            input.insert("At".to_owned(), json!(at));
        } else {
            input.insert("IncludeLastAccessed".to_owned(), json!(true));
        }
        admin.call(desk, Op("portico", "ListEffectiveAccess"), Value::Object(input)).await
    }
}
