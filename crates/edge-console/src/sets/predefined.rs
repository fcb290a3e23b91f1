//! The permission sets that AWS has ready, by job: each is one AWS managed policy (IAM Identity Center user guide, "Predefined permissions"). And the
//! AWS managed policies that there are.

use policy::managed;

/// How they are found in a list of all.
const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// The policies of the predefined permission sets, and what each is for, in the catalogs.
pub(crate) const PREDEFINED: [(&str, &str); 11] = [
    ("AdministratorAccess", "sets-for-administrator"),
    ("job-function/Billing", "sets-for-billing"),
    ("job-function/DatabaseAdministrator", "sets-for-database"),
    ("job-function/DataScientist", "sets-for-data"),
    ("job-function/NetworkAdministrator", "sets-for-network"),
    ("PowerUserAccess", "sets-for-power"),
    ("ReadOnlyAccess", "sets-for-read"),
    ("SecurityAudit", "sets-for-audit"),
    ("job-function/SupportUser", "sets-for-support"),
    ("job-function/SystemAdministrator", "sets-for-system"),
    ("job-function/ViewOnlyAccess", "sets-for-view"),
];

/// The ARN and the name of a predefined one, by what a form says.
pub(crate) fn predefined(path: &str) -> Option<(String, &'static str)> {
    let (path, _) = PREDEFINED.iter().find(|(known, _)| *known == path)?;
    Some((format!("{PREFIX}{path}"), managed::name(path)))
}

/// AWS managed policies that a role can have and in whose names `part` stands, in whatever case; `most` of them, and whether there are more.
pub(crate) fn search(part: &str, most: usize) -> (Vec<String>, bool) {
    let part = part.to_ascii_lowercase();
    let fits = |arn: &String| managed::name(arn).to_ascii_lowercase().contains(&part) || *arn == part;
    let mut found: Vec<String> =
        managed::arns().filter(fits).filter(|arn| managed::attachable(arn).is_ok()).take(most + 1).collect();
    let more = found.len() > most;
    found.truncate(most);
    (found, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predefined_policy_is_known() {
        for (path, _) in PREDEFINED {
            let (arn, name) = predefined(path).unwrap();
            assert!(managed::attachable(&arn).is_ok() && arn.ends_with(name), "{arn}");
        }
        assert!(predefined("Nobody").is_none());
    }

    #[test]
    fn policies_are_found_by_a_part_of_their_names() {
        let (found, more) = search("READONLYACC", 5);
        assert!(more && found.len() == 5 && found.iter().all(|arn| arn.contains("ReadOnlyAcc")), "{found:?}");
        let (found, more) = search("PowerUserAccess", 100);
        assert!(!more && found.contains(&"arn:aws:iam::aws:policy/PowerUserAccess".to_owned()));
        assert!(search("", 2_000).0.iter().all(|arn| !arn.contains("aws-service-role")));
    }
}
