//! People and groups whom the file names by their ids and calls otherwise than they are called now. What refers to them by the old name means them.

use std::collections::HashMap;

use model::name_key::name_key;

use crate::moving::plan::Compared;
use crate::seed_file::SeedFile;

/// New names by old ones.
#[derive(Debug, Default)]
pub(crate) struct Renamed {
    users: HashMap<String, String>,
    groups: HashMap<String, String>,
}

impl Renamed {
    pub(crate) fn of(compared: Compared<'_>) -> Self {
        let (is, should) = (compared.is, compared.should);
        let users: HashMap<&str, &str> = should
            .users
            .iter()
            .filter_map(|user| Some((user.id.as_deref()?, user.user_name.as_str())))
            .collect();
        let groups: HashMap<&str, &str> = should
            .groups
            .iter()
            .filter_map(|group| Some((group.id.as_deref()?, group.display_name.as_str())))
            .collect();
        let of_users = is.users.iter().filter_map(|user| {
            let new = users.get(user.id.as_deref()?)?;
            Some((name_key(&user.user_name), (*new).to_owned()))
        });
        let of_groups = is.groups.iter().filter_map(|group| {
            let new = groups.get(group.id.as_deref()?)?;
            Some((name_key(&group.display_name), (*new).to_owned()))
        });
        Self { users: of_users.collect(), groups: of_groups.collect() }
    }

    /// The file with its references by the new names; who is called so keeps their own.
    pub(crate) fn references(&self, file: &SeedFile) -> SeedFile {
        let mut file = SeedFile {
            instance: file.instance.clone(),
            organization: file.organization.clone(),
            organizational_units: file.organizational_units.clone(),
            accounts: file.accounts.clone(),
            users: file.users.clone(),
            groups: file.groups.clone(),
            permission_sets: file.permission_sets.clone(),
            assignments: file.assignments.clone(),
            ..SeedFile::default()
        };
        for group in &mut file.groups {
            group.members.iter_mut().for_each(|name| replace(&self.users, name));
        }
        for assignment in &mut file.assignments {
            assignment.user.iter_mut().for_each(|name| replace(&self.users, name));
            assignment.group.iter_mut().for_each(|name| replace(&self.groups, name));
        }
        file
    }

    /// The file with every name the new one.
    pub(crate) fn whole(&self, file: &SeedFile) -> SeedFile {
        let mut file = self.references(file);
        file.users.iter_mut().for_each(|user| replace(&self.users, &mut user.user_name));
        file.groups.iter_mut().for_each(|group| replace(&self.groups, &mut group.display_name));
        file
    }
}

fn replace(names: &HashMap<String, String>, name: &mut String) {
    if let Some(new) = names.get(&name_key(name)) {
        name.clone_from(new);
    }
}
