//! How a unit or an account here differs from what an organization says of it, as steps that bring the one to the other; and these steps, taken. The same
//! steps are found for a dry run and, anew, in the transaction that takes them.

use std::collections::BTreeSet;

use broker::aws::organization::{Account as TheirAccount, State, Unit as TheirUnit};
use model::accounts::account::{Account, AccountId, AccountState};
use model::accounts::organization::Organization;
use model::accounts::organization_connection::{OrganizationChangeAction, OrganizationConnection};
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId, UnitPath};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::ORGANIZATIONAL_UNIT_NAME_MAX;
use store::accounts::{
    account_connections, account_drifts, accounts, organizational_units, provisioned_permission_sets,
};
use store::tx::{Rx, Tx};

use crate::account_connections::disconnect_in;
use crate::accounts::{NewAccount, insert_in};
use crate::drift_schedule;
use crate::organization_tags::{self, replace_in};
use crate::organizational_units as units;
use crate::provisioning_requests::connected_lane;

/// What records of accounts that joined say.
const JOINED: &str = "INVITED";
/// Characters of an account's name, as the API of Organizations has them.
const NAME_MAX: usize = 50;
/// What is kept of the name of a unit that makes room for another, before its id.
const ASIDE_CHARACTERS: usize = 50;

/// What an organization's units and accounts are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Following {
    pub(crate) connection: OrganizationConnection,
    /// The organization here.
    pub(crate) ours: Organization,
    /// Where that lies here which lies in the root there.
    pub(crate) base: UnitPath,
    /// The account that owns the organization there.
    pub(crate) management_account: AccountId,
    /// Whether what was here before follows from now on.
    pub(crate) adopts: bool,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    AddUnit {
        unit: TheirUnit,
        path: UnitPath,
    },
    FollowUnit(OrganizationalUnitId),
    RenameUnit {
        id: OrganizationalUnitId,
        from: String,
        to: String,
    },
    /// Its name is another's from now on, before it has one of its own again or is gone.
    SetAside {
        id: OrganizationalUnitId,
        name: String,
    },
    RemoveUnit(OrganizationalUnitId),
    AddAccount {
        account: Box<TheirAccount>,
        path: UnitPath,
    },
    FollowAccount(AccountId),
    NameAccount {
        from: Box<Account>,
        name: String,
        email: String,
    },
    MoveAccount {
        id: AccountId,
        to: UnitPath,
    },
    SuspendAccount {
        id: AccountId,
        has_left: bool,
    },
    LeaveAccount(AccountId),
    ReopenAccount(AccountId),
    ConnectAccount(AccountId),
    Tag {
        arn: String,
        tags: Tags,
    },
    Refuse(String),
}

impl Step {
    /// Whether it takes access away.
    pub(crate) fn suspends(&self) -> bool {
        matches!(self, Self::SuspendAccount { .. })
    }

    /// What is told of it.
    pub(crate) fn told(&self) -> (OrganizationChangeAction, String) {
        use OrganizationChangeAction as Action;
        match self {
            Self::AddUnit { .. } => (Action::Added, "The unit is new".to_owned()),
            Self::FollowUnit(_) => (Action::Followed, "The unit was here already".to_owned()),
            Self::RenameUnit { from, to, .. } => (Action::Updated, format!("Name: '{from}' becomes '{to}'")),
            Self::SetAside { id, name } => (
                Action::Updated,
                format!("The unit {id}, which has its name, is called '{name}' from now on"),
            ),
            Self::RemoveUnit(_) => (Action::Removed, "The unit is not there any more".to_owned()),
            Self::AddAccount { account, path } => {
                (Action::Added, format!("The account {} joins {}", account.email, place(path)))
            }
            Self::FollowAccount(_) => (Action::Followed, "The account was here already".to_owned()),
            Self::NameAccount { from, name, email } => (
                Action::Updated,
                format!("Name and address: '{}', {} become '{name}', {email}", from.name, from.email),
            ),
            Self::MoveAccount { to, .. } => (Action::Updated, format!("It moves to {}", place(to))),
            Self::SuspendAccount { has_left: true, .. } => {
                (Action::Suspended, "It has left the organization: nobody is led there any more".to_owned())
            }
            Self::SuspendAccount { .. } => (
                Action::Suspended,
                "It is suspended or being closed there: nobody is led there any more".to_owned(),
            ),
            Self::LeaveAccount(_) => {
                (Action::Removed, "It has left the organization, and was suspended before".to_owned())
            }
            Self::ReopenAccount(_) => (Action::Reopened, "It may be used again".to_owned()),
            Self::ConnectAccount(_) => {
                (Action::Connected, "Permission sets become roles there from now on".to_owned())
            }
            Self::Tag { .. } => (Action::Updated, "Its tags are others".to_owned()),
            Self::Refuse(why) => (Action::Refused, why.clone()),
        }
    }
}

fn place(path: &UnitPath) -> String {
    path.innermost().map_or_else(|| "the root".to_owned(), |unit| format!("unit {unit}"))
}

/// Why nothing of it follows.
const WAS_HERE: &str = "It was here before: StartOrganizationSync with FollowExisting has it follow the organization from then on";

impl Following {
    /// Where that lies here which lies in these units there.
    fn path(&self, around: &[OrganizationalUnitId]) -> UnitPath {
        around.iter().fold(self.base.clone(), |path, unit| path.within(unit))
    }

    /// What brings a unit to what it is there.
    pub(crate) fn unit(&self, rx: &mut Rx<'_>, unit: &TheirUnit, is_plan: bool) -> Result<Vec<Step>, Fault> {
        let path = self.path(&unit.around);
        let refuse = |why: String| Ok(vec![Step::Refuse(why)]);
        let length = unit.name.chars().count();
        if !(1..=ORGANIZATIONAL_UNIT_NAME_MAX).contains(&length) {
            return refuse(format!(
                "Its name has {length} characters, 1 to {ORGANIZATIONAL_UNIT_NAME_MAX} are kept"
            ));
        }
        if let Err(fault) = organization_tags::check(&unit.tags) {
            return refuse(fault.message().to_owned());
        }
        if let Some(why) = misplaced(rx, &path, is_plan)? {
            return refuse(why);
        }
        let mut steps = Vec::new();
        let namesake = organizational_units::find_named(rx, &path, &unit.name)?;
        if let Some(other) = namesake.filter(|other| other.id != unit.id) {
            // One that goes, or has another name there by now, makes room.
            if organizational_units::follows(rx, &other.id)?.as_ref() != Some(&self.connection.id) {
                return refuse(format!("The unit {} has its name and lies where it would lie", other.id));
            }
            let short: String = other.name.chars().take(ASIDE_CHARACTERS).collect();
            steps.push(Step::SetAside { name: format!("{short} ({})", other.id), id: other.id });
        }
        let Some(found) = organizational_units::find(rx, &unit.id)? else {
            steps.push(Step::AddUnit { unit: unit.clone(), path });
            return Ok(steps);
        };
        if found.path != path {
            return refuse(format!(
                "A unit of its id lies in {}, and a unit never moves",
                place(&found.path)
            ));
        }
        match organizational_units::follows(rx, &unit.id)? {
            Some(other) if other != self.connection.id => {
                return refuse(format!("It follows organization {other}"));
            }
            Some(_) => {}
            None if !self.adopts => return refuse(WAS_HERE.to_owned()),
            None => steps.push(Step::FollowUnit(unit.id.clone())),
        }
        if found.name != unit.name {
            let (from, to) = (found.name, unit.name.clone());
            steps.push(Step::RenameUnit { id: unit.id.clone(), from, to });
        }
        steps.extend(self.tags(rx, unit.id.as_str(), &unit.tags)?);
        Ok(steps)
    }

    /// What brings an account to what it is there. `refused`: units that could not be brought here.
    pub(crate) fn account(
        &self,
        rx: &mut Rx<'_>,
        account: &TheirAccount,
        (refused, is_plan): (&BTreeSet<OrganizationalUnitId>, bool),
    ) -> Result<Vec<Step>, Fault> {
        let refuse = |why: String| Ok(vec![Step::Refuse(why)]);
        if account.id == self.ours.management_account_id {
            return refuse("It owns the instance: it stays as it is here".to_owned());
        }
        let path = self.path(&account.around);
        let unfit = unfit(rx, account, (&path, refused, is_plan))?;
        let Some(found) = accounts::find(rx, &account.id)? else {
            // Nobody was ever led to one that is not open, and nobody is.
            return Ok(match unfit {
                _ if account.state != State::Open => Vec::new(),
                Some(why) => vec![Step::Refuse(why)],
                None => self.joins(account, path),
            });
        };
        let mut steps = Vec::new();
        match accounts::follows(rx, &account.id)? {
            Some(other) if other != self.connection.id => {
                return refuse(format!(
                    "It follows organization {other}: when it has left that one, it may follow this"
                ));
            }
            Some(_) => {}
            None if !self.adopts => return refuse(WAS_HERE.to_owned()),
            None => steps.push(Step::FollowAccount(account.id.clone())),
        }
        match unfit {
            Some(why) => steps.push(Step::Refuse(why)),
            None => steps.extend(self.details(rx, &found, (account, path))?),
        }
        // Whatever else does not fit: nobody is led to an account that is closed.
        match (found.state, account.state) {
            (AccountState::Active, State::Closed) => {
                steps.push(Step::SuspendAccount { id: account.id.clone(), has_left: false });
            }
            // One that somebody closed here stays closed.
            (AccountState::Suspended, State::Open) if accounts::suspended_by(rx, &account.id)?.is_some() => {
                steps.push(Step::ReopenAccount(account.id.clone()));
            }
            _ => {}
        }
        if account.state == State::Open {
            steps.extend(self.connection_of(rx, &account.id)?);
        }
        Ok(steps)
    }

    /// What it is called, where it lies, its tags.
    fn details(
        &self,
        rx: &mut Rx<'_>,
        found: &Account,
        (account, path): (&TheirAccount, UnitPath),
    ) -> Result<Vec<Step>, Fault> {
        let mut steps = Vec::new();
        if found.path != path {
            steps.push(Step::MoveAccount { id: account.id.clone(), to: path });
        }
        if (&found.name, &found.email) != (&account.name, &account.email) {
            let (name, email) = (account.name.clone(), account.email.clone());
            steps.push(Step::NameAccount { from: Box::new(found.clone()), name, email });
        }
        steps.extend(self.tags(rx, account.id.as_str(), &account.tags)?);
        Ok(steps)
    }

    fn joins(&self, account: &TheirAccount, path: UnitPath) -> Vec<Step> {
        let mut steps = vec![Step::AddAccount { account: Box::new(account.clone()), path }];
        if self.connects(&account.id) {
            steps.push(Step::ConnectAccount(account.id.clone()));
        }
        steps
    }

    /// The account that owns an organization has no role of it to take: it is connected by itself.
    fn connects(&self, account: &AccountId) -> bool {
        self.connection.settings.connects_accounts && *account != self.management_account
    }

    /// How it comes to be reached by this organization, if it is not, or by one that it was of before.
    fn connection_of(&self, rx: &mut Rx<'_>, account: &AccountId) -> Result<Option<Step>, Fault> {
        let id = &self.connection.id;
        let is_others = match account_connections::find(rx, account)? {
            Some(found) => found.organization_id.is_some_and(|of| of != *id),
            None => true,
        };
        if !self.connects(account) || !is_others {
            return Ok(None);
        }
        let held = provisioned_permission_sets::count_in_account(rx, account)?;
        if held > 0 {
            return Ok(Some(Step::Refuse(format!(
                "It holds {held} permission sets here and is not reached by this organization: take their assignments away, and a run connects it"
            ))));
        }
        if store::jobs::in_lane_or_paused(rx, account.as_str())?
            || store::jobs::in_lane_or_paused(rx, &connected_lane(account))?
        {
            return Ok(Some(Step::Refuse(
                "Requests are under way in it: the next run connects it".to_owned(),
            )));
        }
        Ok(Some(Step::ConnectAccount(account.clone())))
    }

    fn tags(&self, rx: &mut Rx<'_>, id: &str, wanted: &Tags) -> Result<Option<Step>, Fault> {
        let arn = self.ours.arn_of(id);
        let found = store::instances::tags::all_of(rx, &arn)?;
        Ok((found != *wanted).then(|| Step::Tag { arn, tags: wanted.clone() }))
    }

    /// What becomes of an account that follows the organization and is not there any more.
    pub(crate) fn left(&self, rx: &mut Rx<'_>, id: &AccountId) -> Result<Vec<Step>, Fault> {
        if accounts::follows(rx, id)?.as_ref() != Some(&self.connection.id) {
            return Ok(Vec::new());
        }
        let found = accounts::find(rx, id)?;
        Ok(match found.map(|found| found.state) {
            Some(AccountState::Active) => vec![Step::SuspendAccount { id: id.clone(), has_left: true }],
            Some(AccountState::Suspended) => vec![Step::LeaveAccount(id.clone())],
            None => Vec::new(),
        })
    }

    /// Takes a step.
    pub(crate) fn take(&self, tx: &mut Tx<'_>, cx: &Cx, step: &Step) -> Result<(), Fault> {
        let touch = |account: &AccountId| {
            cx.event().touch("AWS::Organizations::Account", self.ours.account_arn(account));
        };
        match step {
            Step::AddUnit { unit, path } => self.add_unit(tx, cx, unit, path),
            Step::FollowUnit(unit) => organizational_units::follow(tx, unit, &self.connection.id),
            Step::RenameUnit { id, to: name, .. } | Step::SetAside { id, name } => {
                cx.event().touch(units::KIND, self.ours.arn_of(id.as_str()));
                organizational_units::set_name(tx, id, name)
            }
            Step::RemoveUnit(unit) => units::delete_in(tx, cx, &self.ours, unit),
            Step::AddAccount { account, path } => self.add_account(tx, cx, account, path),
            Step::FollowAccount(account) => accounts::follow(tx, account, Some(&self.connection.id)),
            Step::NameAccount { from, name, email } => {
                touch(&from.id);
                accounts::set_details(tx, &from.id, (name, email))
            }
            Step::MoveAccount { id, to } => {
                touch(id);
                accounts::set_path(tx, id, to)
            }
            Step::SuspendAccount { id, has_left } => {
                touch(id);
                if *has_left {
                    accounts::follow(tx, id, None)?;
                }
                accounts::set_suspended_by(tx, id, Some(&self.connection.id))?;
                accounts::set_state(tx, id, AccountState::Suspended, cx.now)
            }
            Step::LeaveAccount(account) => accounts::follow(tx, account, None),
            Step::ReopenAccount(account) => {
                touch(account);
                accounts::set_suspended_by(tx, account, None)?;
                accounts::set_state(tx, account, AccountState::Active, cx.now)
            }
            Step::ConnectAccount(account) => self.connect(tx, cx, account),
            Step::Tag { arn, tags } => {
                let id = arn.rsplit('/').next().unwrap_or_default();
                cx.event().touch(organization_tags::kind(id), arn.as_str());
                replace_in(tx, arn, tags)
            }
            Step::Refuse(_) => Ok(()),
        }
    }

    fn add_unit(&self, tx: &mut Tx<'_>, cx: &Cx, unit: &TheirUnit, path: &UnitPath) -> Result<(), Fault> {
        units::insert_anywhere_in(tx, cx, &self.ours, (Some(unit.id.clone()), path, &unit.name))?;
        organizational_units::follow(tx, &unit.id, &self.connection.id)?;
        let arn = self.ours.arn_of(unit.id.as_str());
        replace_in(tx, &arn, &unit.tags)?;
        cx.event().touch(units::KIND, arn);
        Ok(())
    }

    fn add_account(
        &self,
        tx: &mut Tx<'_>,
        cx: &Cx,
        account: &TheirAccount,
        path: &UnitPath,
    ) -> Result<(), Fault> {
        let new = NewAccount {
            id: Some(account.id.clone()),
            name: account.name.clone(),
            email: account.email.clone(),
            path: path.clone(),
        };
        insert_in(tx, cx, &new, JOINED)?;
        accounts::follow(tx, &account.id, Some(&self.connection.id))?;
        let arn = self.ours.account_arn(&account.id);
        replace_in(tx, &arn, &account.tags)?;
        cx.event().touch("AWS::Organizations::Account", arn);
        Ok(())
    }

    fn connect(&self, tx: &mut Tx<'_>, cx: &Cx, account: &AccountId) -> Result<(), Fault> {
        if account_connections::exists(tx, account)? {
            disconnect_in(tx, account)?;
        }
        let (id, by) = (&self.connection.id, cx.caller.arn());
        account_connections::insert_by_organization(tx, (account, id), (cx.now, &by))?;
        account_drifts::insert(tx, account)?;
        cx.event().touch(crate::account_connections::KIND, account.as_str());
        drift_schedule::plan(tx, cx, account, &self.connection.settings.of_account(account))
    }
}

/// What becomes of a unit that follows an organization and is not there any more; in a plan, where what lies in it is about to leave it too.
pub(crate) fn gone(rx: &mut Rx<'_>, unit: &OrganizationalUnit, is_plan: bool) -> Result<Vec<Step>, Fault> {
    if is_plan || units::is_empty(rx, unit)? {
        return Ok(vec![Step::RemoveUnit(unit.id.clone())]);
    }
    Ok(vec![Step::Refuse("The unit is not there any more, and something lies in it here".to_owned())])
}

/// Why something cannot lie at a path. In a plan, units that are to hold it may be yet to come.
fn misplaced(rx: &mut Rx<'_>, path: &UnitPath, is_plan: bool) -> Result<Option<String>, Fault> {
    let Some(unit) = path.innermost().filter(|_| !is_plan) else { return Ok(None) };
    let is_there = organizational_units::find(rx, &unit)?.is_some_and(|found| found.inside() == *path);
    Ok((!is_there).then(|| format!("The unit {unit}, in which it lies, is not here")))
}

/// Why an account cannot be here as it is there.
fn unfit(
    rx: &mut Rx<'_>,
    account: &TheirAccount,
    (path, refused, is_plan): (&UnitPath, &BTreeSet<OrganizationalUnitId>, bool),
) -> Result<Option<String>, Fault> {
    let length = account.name.chars().count();
    if !(1..=NAME_MAX).contains(&length) || account.email.is_empty() {
        return Ok(Some(format!(
            "Its name has {length} characters, 1 to {NAME_MAX} are kept, or it has no address"
        )));
    }
    if let Err(fault) = organization_tags::check(&account.tags) {
        return Ok(Some(fault.message().to_owned()));
    }
    if let Some(unit) = account.around.iter().find(|unit| refused.contains(*unit)) {
        return Ok(Some(format!("The unit {unit}, in which it lies, could not be brought here")));
    }
    if let Some(why) = misplaced(rx, path, is_plan)? {
        return Ok(Some(why));
    }
    let other = accounts::find_by_email(rx, &account.email)?.filter(|other| other.id != account.id);
    Ok(other.map(|other| format!("The account {} has its address {}", other.id, account.email)))
}
