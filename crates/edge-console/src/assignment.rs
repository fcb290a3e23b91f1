//! An assignment as addresses, forms and operations write it, and the batches that they are sent in.

use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::fields::Fields;
use crate::reached::Access;
use crate::thing::{Kind, Thing};

/// Rows of one batch at most: the model's.
pub(crate) const BATCH_MAX: usize = 1_000;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Assignment {
    #[serde(alias = "AccountId")]
    pub(crate) target_id: String,
    pub(crate) permission_set_arn: String,
    pub(crate) principal_type: String,
    pub(crate) principal_id: String,
}

impl Assignment {
    /// The one that gives a person what they reach themselves.
    pub(crate) fn of(access: &Access) -> Self {
        Self {
            target_id: access.place().id,
            permission_set_arn: access.what().id,
            principal_type: "USER".to_owned(),
            principal_id: access.who().id,
        }
    }

    /// Who, what, where.
    pub(crate) fn things(&self) -> [Thing; 3] {
        [self.who(), self.what(), Thing::new(Kind::Account, &self.target_id)]
    }

    pub(crate) fn who(&self) -> Thing {
        Thing::principal(&self.principal_type, &self.principal_id)
    }

    pub(crate) fn what(&self) -> Thing {
        Thing::new(Kind::Set, &self.permission_set_arn)
    }

    /// As a box of a form says it: `USER:…:ps-…:222233334444`.
    pub(crate) fn token(&self) -> String {
        let set = self.permission_set_arn.rsplit('/').next().unwrap_or_default();
        format!("{}:{}:{set}:{}", self.principal_type, self.principal_id, self.target_id)
    }

    fn read(desk: &Desk, token: &str) -> Option<Self> {
        let mut parts = token.split(':');
        let mut next = || parts.next();
        let (kind, id, set, account) = (next()?, next()?, next()?, next()?);
        let set = Thing::new(Kind::Set, set).reference(desk);
        Some(Self {
            target_id: account.to_owned(),
            permission_set_arn: set,
            principal_type: kind.to_owned(),
            principal_id: id.to_owned(),
        })
    }
}

/// Whether assignments come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Create,
    Delete,
}

impl Act {
    /// As addresses and forms say it; whatever else they say creates nothing and deletes nothing but what is shown first.
    pub(crate) fn asked(fields: &Fields) -> Self {
        if fields.text("act") == "delete" { Self::Delete } else { Self::Create }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }

    pub(crate) fn is_delete(self) -> bool {
        self == Self::Delete
    }

    /// The operation that does it to many.
    pub(crate) const fn operation(self) -> edge_aws::inside::Op {
        match self {
            Self::Create => edge_aws::inside::Op("portico", "BatchCreateAccountAssignments"),
            Self::Delete => edge_aws::inside::Op("portico", "BatchDeleteAccountAssignments"),
        }
    }
}

/// How many rows an address or form asks for; they are made only where they fit a batch.
pub(crate) fn count(fields: &Fields) -> usize {
    let of = |kind| Thing::chosen(fields, kind).len();
    let pairs = (of(Kind::User) + of(Kind::Group)).saturating_mul(of(Kind::Set));
    pairs.saturating_mul(of(Kind::Account)).saturating_add(fields.all("row").count())
}

/// The rows that an address or form asks for: those that it lists, and everybody chosen with every set chosen in every account chosen.
pub(crate) fn asked(desk: &Desk, fields: &Fields) -> Vec<Assignment> {
    let mut rows: Vec<Assignment> =
        fields.all("row").filter_map(|token| Assignment::read(desk, token)).collect();
    let principals = [Kind::User, Kind::Group].map(|kind| Thing::chosen(fields, kind)).concat();
    let sets: Vec<String> = Thing::chosen(fields, Kind::Set).iter().map(|set| set.reference(desk)).collect();
    let accounts = Thing::chosen(fields, Kind::Account);
    for who in &principals {
        for set in &sets {
            rows.extend(accounts.iter().map(|account| Assignment {
                target_id: account.id.clone(),
                permission_set_arn: set.clone(),
                principal_type: who.principal_type().to_owned(),
                principal_id: who.id.clone(),
            }));
        }
    }
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(row.token()));
    rows
}
