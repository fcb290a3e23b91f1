//! The part of a plan that is about the instance and its organization.

use model::instances::tag::Tags;

use crate::moving::plan::{Compared, Plan};
use crate::moving::step::{Step, Tagged};
use crate::seed_file::SeedFile;
use crate::seed_organization_file::{Account, Instance, Unit, UnitNames};

/// Plans the instance, units and accounts.
pub(crate) fn plan(plan: &mut Plan, compared: Compared<'_>) {
    plan.instance(compared);
    plan.units(compared);
    plan.accounts(compared);
}

impl Plan {
    fn instance(&mut self, Compared { is, should, .. }: Compared<'_>) {
        let none = Instance::default();
        let (is_now, wanted) = (is.instance.as_ref().unwrap_or(&none), should.instance.as_ref());
        if let Some(wanted) = wanted {
            if let Some(name) = wanted.name.as_ref().filter(|name| is_now.name.as_ref() != Some(name)) {
                self.steps.push(Step::NameInstance(name.clone()));
            }
            self.tag(Tagged::Instance, Some(&is_now.tags), &wanted.tags);
            let attributes = wanted.access_control_attributes.as_ref();
            if let Some(attributes) =
                attributes.filter(|_| attributes != is_now.access_control_attributes.as_ref())
            {
                let are_on = is_now.access_control_attributes.is_some();
                self.steps.push(Step::SetAccessControlAttributes { attributes: attributes.clone(), are_on });
            }
        }
        let (Some(is_now), Some(wanted)) = (&is.organization, &should.organization) else { return };
        self.tag(Tagged::Root, Some(&is_now.tags), &wanted.tags);
        let (Some(is_now), Some(wanted)) = (&is_now.management_account, &wanted.management_account) else {
            return;
        };
        if wanted.id == is_now.id {
            self.tag(Tagged::Account(is_now.id.clone()), Some(&is_now.tags), &wanted.tags);
        } else {
            self.refuse(format!("the management account is {}, the file says {}", is_now.id, wanted.id));
        }
    }

    fn units(&mut self, Compared { is, should, .. }: Compared<'_>) {
        let mut there: Vec<Vec<String>> =
            is.organizational_units.iter().map(|unit| unit.names.0.clone()).collect();
        for wanted in &should.organizational_units {
            let found = is.organizational_units.iter().find(|unit| unit.names == wanted.names);
            match (found, &wanted.id) {
                (Some(found), Some(id)) if found.id.as_ref() != Some(id) => {
                    self.refuse(format!("organizational unit {}: its id is not {id}", wanted.names));
                }
                (None, Some(id)) => self.refuse(format!(
                    "organizational unit {}: it is not there, and its id {id} cannot be chosen by a call",
                    wanted.names
                )),
                _ => {}
            }
            // Those around it come with it.
            for depth in 1..=wanted.names.0.len() {
                let names: Vec<String> = wanted.names.0.iter().take(depth).cloned().collect();
                if !there.contains(&names) {
                    there.push(names.clone());
                    let names = UnitNames(names);
                    self.steps.push(Step::CreateUnit(Unit { names, id: None, tags: Tags::new() }));
                }
            }
            let tags = found.map(|found| &found.tags);
            self.tag(Tagged::Unit(wanted.names.clone()), tags, &wanted.tags);
        }
    }

    fn accounts(&mut self, Compared { is, should, .. }: Compared<'_>) {
        for wanted in &should.accounts {
            match account(is, wanted) {
                Some(found) => self.account(found, wanted),
                None if wanted.id.is_some() => self.refuse(format!(
                    "account {}: it is not there, and the id {} cannot be chosen by a call: leave the id out, or begin a new server with this \
                     file (init --seed)",
                    wanted.name,
                    wanted.id.as_deref().unwrap_or_default()
                )),
                None => {
                    self.steps.push(Step::CreateAccount(wanted.clone()));
                    if wanted.ou.is_some() {
                        let id = wanted.name.clone();
                        self.steps.push(Step::MoveAccount { id, from: None, to: wanted.ou.clone() });
                    }
                }
            }
        }
    }

    fn account(&mut self, found: &Account, wanted: &Account) {
        let id = found.id.clone().unwrap_or_default();
        for (what, is, wanted) in
            [("name", &found.name, &wanted.name), ("address", &found.email, &wanted.email)]
        {
            if !is.eq_ignore_ascii_case(wanted) {
                self.refuse(format!(
                    "account {id}: its {what} is {is}, the file says {wanted}, and no call changes it"
                ));
            }
        }
        if found.ou != wanted.ou {
            let (from, to) = (found.ou.clone(), wanted.ou.clone());
            self.steps.push(Step::MoveAccount { id: id.clone(), from, to });
        }
        self.tag(Tagged::Account(id), Some(&found.tags), &wanted.tags);
    }
}

/// The account that is there: by its id, or else by its address, which is unique.
fn account<'a>(is: &'a SeedFile, wanted: &Account) -> Option<&'a Account> {
    match &wanted.id {
        Some(_) => is.accounts.iter().find(|account| account.id == wanted.id),
        None => is.accounts.iter().find(|account| account.email.eq_ignore_ascii_case(&wanted.email)),
    }
}
