//! What the names of a seed stand for, and how its entries are written into a transaction by them.

use std::collections::{BTreeMap, BTreeSet};

use accounts::accounts::NewAccount;
use accounts::permission_sets::NewPermissionSet;
use accounts::{organization_tags, permission_set_policies};
use directory::groups::NewGroup;
use directory::memberships::NewMembership;
use directory::users::NewUser;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal};
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::{OrganizationalUnitId, UnitPath};
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionSetId, PermissionsBoundary};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::{TypedValue, UserId, UserProfile, UserStatus};
use model::fault::Fault;
use model::instances::instance::Instance;
use store::tx::Tx;

use crate::seed_access_file::{Assignment, Boundary, CustomerManagedPolicy, ManagedPolicyArn, PermissionSet};
use crate::seed_organization_file::{Account, Unit};
use crate::seed_people_file::{ExternalId, Group, User};

/// What the seed's names stand for.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The organization, once one of its units was made.
    organization: Option<Organization>,
    /// What lies in each unit, by the names of it and of those around it.
    units: BTreeMap<Vec<String>, UnitPath>,
    /// Accounts by their names; `None` where two have the same.
    accounts: BTreeMap<String, Option<AccountId>>,
    account_ids: BTreeSet<AccountId>,
    users: BTreeMap<String, UserId>,
    groups: BTreeMap<String, GroupId>,
    permission_sets: BTreeMap<String, PermissionSetId>,
    /// Ids that entries gave themselves, with what they are of.
    given: BTreeSet<(&'static str, String)>,
}

fn organization(tx: &mut Tx<'_>) -> Result<Organization, Fault> {
    store::accounts::organizations::find(tx)?.ok_or_else(|| Fault::internal("a seed without an organization"))
}

fn profile(user: &User) -> Result<UserProfile, Fault> {
    let given = user.name.given_name.clone().unwrap_or_else(|| user.user_name.clone());
    let family = user.name.family_name.clone().unwrap_or_else(|| user.user_name.clone());
    let display = user.display_name.clone().unwrap_or_else(|| format!("{given} {family}"));
    Ok(UserProfile {
        user_name: user.user_name.clone(),
        display_name: display,
        name: model::directory::user::Name {
            given_name: Some(given),
            family_name: Some(family),
            middle_name: user.name.middle_name.clone(),
            formatted: user.name.formatted.clone(),
            honorific_prefix: user.name.honorific_prefix.clone(),
            honorific_suffix: user.name.honorific_suffix.clone(),
        },
        emails: user
            .emails
            .iter()
            .map(|email| TypedValue {
                value: Some(email.value.clone()),
                kind: email.kind.clone(),
                primary: email.primary,
            })
            .collect(),
        attributes: user.attributes().map_err(Fault::internal)?,
        extensions: user.extensions.clone(),
        ..UserProfile::default()
    })
}

fn external_ids(given: &[ExternalId]) -> Vec<model::directory::user::ExternalId> {
    let each = given.iter().cloned();
    each.map(|ExternalId { issuer, id }| model::directory::user::ExternalId { issuer, id }).collect()
}

fn reference(policy: &CustomerManagedPolicy) -> CustomerManagedPolicyReference {
    CustomerManagedPolicyReference { name: policy.name.clone(), path: policy.path.clone() }
}

fn boundary(given: &Boundary) -> Result<PermissionsBoundary, Fault> {
    match (&given.managed_policy, &given.customer_managed_policy) {
        (Some(ManagedPolicyArn(arn)), None) => Ok(PermissionsBoundary::ManagedPolicyArn(arn.clone())),
        (None, Some(policy)) => Ok(PermissionsBoundary::CustomerManaged(reference(policy))),
        _ => Err(Fault::validation(
            "permissionsBoundary must hold exactly one of managedPolicy and customerManagedPolicy",
        )),
    }
}

/// What an entry refers to is not there.
pub(crate) fn unknown(kind: &str, name: &str) -> Fault {
    Fault::validation(format!("{kind} '{name}' is not in the seed"))
}

impl Names {
    /// The account that the instance is of.
    pub(crate) fn add_owner(&mut self, owner: &AccountId) {
        self.account_ids.insert(owner.clone());
    }

    /// Users by their names.
    pub(crate) const fn users(&self) -> &BTreeMap<String, UserId> {
        &self.users
    }

    /// Groups by their names.
    pub(crate) const fn groups(&self) -> &BTreeMap<String, GroupId> {
        &self.groups
    }

    /// Makes a unit and those around it, as far as they are not there.
    pub(crate) fn add_unit(&mut self, tx: &mut Tx<'_>, cx: &Cx, unit: &Unit) -> Result<(), Fault> {
        let organization = match &self.organization {
            Some(organization) => organization,
            None => self.organization.insert(organization(tx)?),
        };
        let names = &unit.names.0;
        if self.units.contains_key(names) && (unit.id.is_some() || !unit.tags.is_empty()) {
            return Err(Fault::validation(
                "it has an id or tags, so that it must stand before the units within it, once",
            ));
        }
        let mut path = UnitPath::ROOT;
        for (at, name) in names.iter().enumerate() {
            let around: Vec<String> = names.iter().take(at + 1).cloned().collect();
            path = if let Some(inside) = self.units.get(&around) {
                inside.clone()
            } else {
                let id = unit.id.clone().filter(|_| around.len() == names.len());
                let id = id.map(OrganizationalUnitId::parse).transpose()?;
                let made =
                    accounts::organizational_units::insert_in(tx, cx, organization, (id, &path, name))?;
                if around.len() == names.len() {
                    organization_tags::check(&unit.tags)?;
                    organization_tags::insert_in(tx, &organization.arn_of(made.id.as_str()), &unit.tags)?;
                }
                self.units.entry(around).or_insert(made.inside()).clone()
            };
        }
        Ok(())
    }

    pub(crate) fn add_account(&mut self, tx: &mut Tx<'_>, cx: &Cx, account: &Account) -> Result<(), Fault> {
        let new = NewAccount {
            id: account.id.clone().map(AccountId::parse).transpose()?,
            name: account.name.clone(),
            email: account.email.clone(),
            path: match &account.ou {
                Some(unit) => {
                    let found = self.units.get(&unit.0).cloned();
                    found.ok_or_else(|| unknown("organizational unit", &unit.to_string()))?
                }
                None => UnitPath::ROOT,
            },
        };
        let made = accounts::accounts::insert_in(tx, cx, &new, "INVITED")?;
        if !account.tags.is_empty() {
            organization_tags::check(&account.tags)?;
            let arn = organization(tx)?.account_arn(&made.id);
            organization_tags::insert_in(tx, &arn, &account.tags)?;
        }
        self.account_ids.insert(made.id.clone());
        let id = Some(made.id);
        self.accounts.entry(account.name.clone()).and_modify(|other| *other = None).or_insert(id);
        Ok(())
    }

    /// The account that an entry means. Twelve digits are an id, whatever accounts are called; anything else is a name.
    fn account(&self, text: &str) -> Result<AccountId, Fault> {
        if let Ok(id) = AccountId::parse(text) {
            return self.account_ids.get(&id).cloned().ok_or_else(|| unknown("account", text));
        }
        match self.accounts.get(text) {
            Some(Some(id)) => Ok(id.clone()),
            Some(None) => Err(Fault::validation(format!(
                "two accounts have the name '{text}': refer to them by their ids, twelve digits each"
            ))),
            None => Err(unknown("account", text)),
        }
    }

    /// Makes a person, without a password.
    pub(crate) fn add_user(
        &mut self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        user: &User,
    ) -> Result<UserId, Fault> {
        let new = NewUser {
            identity_store_id: instance.identity_store_id.clone(),
            id: user.id.clone().map(UserId::parse).transpose()?,
            profile: profile(user)?,
            status: if user.active.unwrap_or(true) { UserStatus::Enabled } else { UserStatus::Disabled },
            external_ids: external_ids(&user.external_ids),
        };
        self.require_new("user", user.id.as_deref())?;
        let made = directory::users::insert_in(tx, cx, new)?;
        self.users.insert(user.user_name.clone(), made.id.clone());
        Ok(made.id)
    }

    /// An id that an entry gives is no other entry's of its kind.
    fn require_new(&mut self, kind: &'static str, id: Option<&str>) -> Result<(), Fault> {
        match id {
            Some(id) if !self.given.insert((kind, id.to_owned())) => {
                Err(Fault::conflict(format!("another {kind} of the seed has the id {id}")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn add_group(
        &mut self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        group: &Group,
    ) -> Result<(), Fault> {
        let new = NewGroup {
            identity_store_id: instance.identity_store_id.clone(),
            id: group.id.clone().map(GroupId::parse).transpose()?,
            display_name: group.display_name.clone(),
            description: group.description.clone(),
            external_ids: external_ids(&group.external_ids),
        };
        self.require_new("group", group.id.as_deref())?;
        let made = directory::groups::insert_in(tx, cx, new)?;
        for member in &group.members {
            let user = self.users.get(member).ok_or_else(|| unknown("user", member))?;
            let membership =
                NewMembership::new(instance.identity_store_id.clone(), made.id.clone(), user.clone());
            directory::memberships::insert_in(tx, cx, membership)?;
        }
        self.groups.insert(group.display_name.clone(), made.id);
        Ok(())
    }

    /// Makes the groups that a group names its members.
    pub(crate) fn nest(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        group: &Group,
    ) -> Result<(), Fault> {
        for member in &group.member_groups {
            let named = |name: &str| self.groups.get(name).ok_or_else(|| unknown("group", name));
            let pair = (named(&group.display_name)?, named(member)?);
            directory::member_groups::insert_in(tx, cx, &instance.identity_store_id, pair)?;
        }
        Ok(())
    }

    pub(crate) fn add_permission_set(
        &mut self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        set: &PermissionSet,
    ) -> Result<(), Fault> {
        let new = NewPermissionSet {
            id: set.id.clone().map(PermissionSetId::parse).transpose()?,
            name: set.name.clone(),
            description: set.description.clone(),
            session_duration: set.session_duration.clone(),
            relay_state: set.relay_state.clone(),
            tags: set.tags.clone(),
        };
        self.require_new("permission set", set.id.as_deref())?;
        let made = accounts::permission_sets::insert_in(tx, cx, &instance.id, &new)?;
        for ManagedPolicyArn(arn) in &set.managed_policies {
            let policy = permission_set_policies::attach_managed_in(tx, &made.id, arn)?;
            if !policy.means_something() {
                warn_of_no_effect(&set.name, arn);
            }
        }
        for policy in &set.customer_managed_policies {
            permission_set_policies::attach_customer_in(tx, &made.id, &reference(policy))?;
        }
        if let Some(boundary) = set.permissions_boundary.as_ref().map(boundary).transpose()? {
            store::accounts::permission_sets::set_boundary(tx, &made.id, Some(&boundary))?;
        }
        if let Some(policy) = set.inline_policy.as_ref().map(ToString::to_string) {
            permission_set_policies::check_inline(&policy)?;
            store::accounts::permission_sets::set_inline_policy(tx, &made.id, Some(&policy))?;
        }
        self.permission_sets.insert(set.name.clone(), made.id);
        Ok(())
    }

    pub(crate) fn add_assignment(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        instance: &Instance,
        assignment: &Assignment,
    ) -> Result<(), Fault> {
        let principal = match (&assignment.user, &assignment.group) {
            (Some(user), None) => {
                Principal::User(self.users.get(user).cloned().ok_or_else(|| unknown("user", user))?)
            }
            (None, Some(group)) => {
                Principal::Group(self.groups.get(group).cloned().ok_or_else(|| unknown("group", group))?)
            }
            _ => return Err(Fault::validation("exactly one of user and group must be given")),
        };
        let name = &assignment.permission_set;
        let set = self.permission_sets.get(name).ok_or_else(|| unknown("permission set", name))?;
        for account in &assignment.accounts {
            let new = AccountAssignment {
                account_id: self.account(account)?,
                permission_set_id: set.clone(),
                principal: principal.clone(),
            };
            accounts::account_assignments::assign_in(tx, cx, instance, &new)?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "for the person who seeds; the answer goes to standard output")]
fn warn_of_no_effect(set: &str, arn: &str) {
    eprintln!(
        "Note: permission set {set}: {arn} says nothing about the services of this server, so it allows nothing here"
    );
}
