//! A step from what an identity center is to what it should be, and how it is said to people.

use std::collections::BTreeMap;
use std::fmt;

use model::instances::tag::Tags;
use serde_json::Value;

use crate::seed_access_file::{Boundary, CustomerManagedPolicy, ManagedPolicyArn, PermissionSet};
use crate::seed_organization_file::{Account, Unit, UnitNames};
use crate::seed_people_file::{Group, User};

/// Who has which permission set in which account, all by name but accounts that are there, which are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Assigned {
    pub(crate) set: String,
    pub(crate) is_group: bool,
    pub(crate) holder: String,
    pub(crate) account: String,
}

/// What carries tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tagged {
    Instance,
    Root,
    Unit(UnitNames),
    Account(String),
    PermissionSet(String),
}

/// What is done to the policies of a permission set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PolicyChange {
    PutBoundary(Boundary),
    DetachManaged(ManagedPolicyArn),
    DetachCustomer(CustomerManagedPolicy),
    DeleteInline,
    PutInline(Value),
    AttachManaged(ManagedPolicyArn),
    AttachCustomer(CustomerManagedPolicy),
    DeleteBoundary,
}

/// One call, or several that belong together.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    NameInstance(String),
    SetAccessControlAttributes { attributes: Tags, are_on: bool },
    Tag(Tagged, Tags),
    CreateUnit(Unit),
    CreateAccount(Account),
    MoveAccount { id: String, from: Option<UnitNames>, to: Option<UnitNames> },
    CreateUser(Box<User>),
    UpdateUser { user_name: String, changes: BTreeMap<String, Value> },
    CreateGroup(Group),
    UpdateGroup { name: String, changes: BTreeMap<String, Value> },
    AddMember { group: String, user: String },
    CreatePermissionSet(Box<PermissionSet>),
    UpdatePermissionSet(Box<PermissionSet>),
    ChangePolicies { set: String, change: PolicyChange },
    Provision { set: String },
    Assign(Assigned),
    Unassign(Assigned),
    RemoveMember { group: String, user: String },
    DeletePermissionSet(String),
    DeleteGroup(String),
    DeleteUser(String),
}

/// What a step does to what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    Create,
    Change,
    Delete,
}

impl Step {
    /// Whether something comes, changes or goes.
    pub(crate) const fn effect(&self) -> Effect {
        match self {
            Self::CreateUnit(_)
            | Self::CreateAccount(_)
            | Self::CreateUser(_)
            | Self::CreateGroup(_)
            | Self::AddMember { .. }
            | Self::CreatePermissionSet(_)
            | Self::Assign(_) => Effect::Create,
            Self::Unassign(_)
            | Self::RemoveMember { .. }
            | Self::DeletePermissionSet(_)
            | Self::DeleteGroup(_)
            | Self::DeleteUser(_) => Effect::Delete,
            _ => Effect::Change,
        }
    }
}

fn keys<V>(of: &BTreeMap<String, V>) -> String {
    of.keys().cloned().collect::<Vec<_>>().join(", ")
}

fn place(unit: Option<&UnitNames>) -> String {
    unit.map_or_else(|| "the root".to_owned(), ToString::to_string)
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameInstance(name) => write!(out, "call the instance {name}"),
            Self::SetAccessControlAttributes { attributes, .. } => {
                write!(out, "make attributes for access control exactly: {}", keys(attributes))
            }
            Self::Tag(what, tags) => write!(out, "tag {what}: {}", keys(tags)),
            Self::CreateUnit(unit) => write!(out, "organizational unit {}", unit.names),
            Self::CreateAccount(account) => write!(out, "account {} <{}>", account.name, account.email),
            Self::MoveAccount { id, from, to } => {
                write!(out, "move account {id} from {} to {}", place(from.as_ref()), place(to.as_ref()))
            }
            Self::CreateUser(user) => write!(out, "user {}", user.user_name),
            Self::UpdateUser { user_name, changes } => write!(out, "user {user_name}: {}", keys(changes)),
            Self::CreateGroup(group) => write!(out, "group {}", group.display_name),
            Self::UpdateGroup { name, changes } => write!(out, "group {name}: {}", keys(changes)),
            Self::AddMember { group, user } => write!(out, "member {user} of group {group}"),
            Self::CreatePermissionSet(set) => write!(out, "permission set {}", set.name),
            Self::UpdatePermissionSet(set) => {
                write!(out, "permission set {}: description, session duration or relay state", set.name)
            }
            Self::ChangePolicies { set, change } => write!(out, "permission set {set}: {change}"),
            Self::Provision { set } => {
                write!(out, "permission set {set}: provision it again to the accounts that have it")
            }
            Self::Assign(one) | Self::Unassign(one) => write!(out, "assignment of {one}"),
            Self::RemoveMember { group, user } => write!(out, "member {user} of group {group}"),
            Self::DeletePermissionSet(name) => write!(out, "permission set {name}"),
            Self::DeleteGroup(name) => write!(out, "group {name}"),
            Self::DeleteUser(name) => write!(out, "user {name}"),
        }
    }
}

impl fmt::Display for Assigned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_group { "group" } else { "user" };
        write!(out, "{} to the {kind} {} in {}", self.set, self.holder, self.account)
    }
}

impl fmt::Display for Tagged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance => out.write_str("the instance"),
            Self::Root => out.write_str("the root"),
            Self::Unit(names) => write!(out, "organizational unit {names}"),
            Self::Account(id) => write!(out, "account {id}"),
            Self::PermissionSet(name) => write!(out, "permission set {name}"),
        }
    }
}

impl fmt::Display for PolicyChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PutBoundary(_) => out.write_str("set the permissions boundary"),
            Self::DetachManaged(ManagedPolicyArn(arn)) => write!(out, "detach {arn}"),
            Self::DetachCustomer(policy) => write!(out, "detach {}{}", policy.path, policy.name),
            Self::DeleteInline => out.write_str("take the inline policy away"),
            Self::PutInline(_) => out.write_str("set the inline policy"),
            Self::AttachManaged(ManagedPolicyArn(arn)) => write!(out, "attach {arn}"),
            Self::AttachCustomer(policy) => write!(out, "attach {}{}", policy.path, policy.name),
            Self::DeleteBoundary => out.write_str("take the permissions boundary away"),
        }
    }
}
