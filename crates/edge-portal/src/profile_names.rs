//! What profiles are called: a template with blanks that accounts and roles fill in. Every name is one that the AWS CLI reads as it stands, and no two
//! are the same, since one section given twice makes the AWS CLI refuse the whole file.

use std::collections::{HashMap, HashSet};

use accounts::own_access::OwnAccess;
use model::accounts::account::Account;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;

/// What profiles are called where nobody says otherwise.
pub(crate) const USUAL: &str = "{account_name}-{role}";
/// Characters of a template at most.
pub(crate) const TEMPLATE_MAX: usize = 100;

/// The blanks that a template may have.
const BLANKS: [(&str, Piece); 3] =
    [("{account_name}", Piece::AccountName), ("{account_id}", Piece::AccountId), ("{role}", Piece::Role)];

/// The blanks as they are typed.
pub(crate) fn blanks() -> [&'static str; 3] {
    BLANKS.map(|(blank, _)| blank)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    AccountName,
    AccountId,
    Role,
}

/// A template, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// From what somebody typed.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let given = text.chars().count();
        if given == 0 || given > TEMPLATE_MAX {
            let saying = Saying::TemplateLength { most: TEMPLATE_MAX, given };
            return Err(Fault::say(FaultKind::Validation, saying));
        }
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(letter) = rest.chars().next() {
            if let Some((blank, piece)) = BLANKS.iter().find(|(blank, _)| rest.starts_with(blank)) {
                pieces.push(*piece);
                rest = rest.get(blank.len()..).unwrap_or_default();
            } else if letter.is_ascii_alphanumeric() || "-_.@+".contains(letter) {
                pieces.push(Piece::Letter(letter));
                rest = rest.get(1..).unwrap_or_default();
            } else {
                let odd = if letter == '{' {
                    rest.split_inclusive('}').next()
                } else {
                    rest.get(..letter.len_utf8())
                };
                let saying = Saying::TemplateOdd { part: odd.unwrap_or_default().to_owned() };
                return Err(Fault::say(FaultKind::Validation, saying));
            }
        }
        Ok(Self(pieces))
    }

    /// The usual one.
    pub(crate) fn usual() -> Self {
        let letter = Piece::Letter('-');
        Self(vec![Piece::AccountName, letter, Piece::Role])
    }

    fn fill(&self, account: &Account, account_name: &str, role: &str) -> String {
        self.0.iter().fold(String::new(), |mut name, piece| {
            match piece {
                Piece::Letter(letter) => name.push(*letter),
                Piece::AccountName => name.push_str(account_name),
                Piece::AccountId => name.push_str(account.id.as_str()),
                Piece::Role => name.push_str(role),
            }
            name
        })
    }

    /// Whether a name made from it can stand as it is. Those that begin with a digit are left to the names that begin with an account's id, those that begin with
    /// a hyphen would be taken for options, and `default` is the profile of whoever names none.
    fn is_plain(&self, name: &str) -> bool {
        let digits_are_meant = matches!(self.0.first(), Some(Piece::AccountId | Piece::Letter(_)));
        name.starts_with(|first: char| {
            first.is_ascii_alphabetic() || first == '_' || digits_are_meant && first.is_ascii_digit()
        }) && name != "default"
    }
}

/// Lower-case letters, digits and hyphens.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            plain.push(letter.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain.truncate(plain.trim_end_matches('-').len());
    plain
}

/// The names of everything that a person reaches, one after the other.
pub(crate) struct Names<'t> {
    template: &'t Template,
    /// How often each name would be given.
    counts: HashMap<String, u32>,
    /// Names that were given in place of others.
    given: HashSet<String>,
    /// The account that was named last, and its name as it stands in names.
    account: (String, String),
}

impl<'t> Names<'t> {
    pub(crate) fn new(own: &OwnAccess, template: &'t Template) -> Self {
        let mut counts = HashMap::with_capacity(own.roles_in_all());
        for reached in own.all() {
            let account_name = plain(&reached.account.name);
            for role in &reached.roles {
                let name = template.fill(reached.account, &account_name, &plain(&role.name));
                let count: &mut u32 = counts.entry(name).or_default();
                *count = count.saturating_add(1);
            }
        }
        Self { template, counts, given: HashSet::new(), account: Default::default() }
    }

    /// The name for a role in an account: by the template where that says enough, otherwise with the account's id and the role's name as it is.
    pub(crate) fn next(&mut self, account: &Account, role: &str) -> String {
        if self.account.0 != account.id.as_str() {
            self.account = (account.id.to_string(), plain(&account.name));
        }
        let name = self.template.fill(account, &self.account.1, &plain(role));
        let is_alone = self.counts.get(&name).is_none_or(|count| *count < 2);
        if is_alone && self.template.is_plain(&name) {
            return name;
        }
        let whole = format!("{}-{role}", account.id);
        let mut other = whole.clone();
        let mut next = 2_u32;
        while self.is_given(&other) {
            other = format!("{whole}-{next}");
            next = next.saturating_add(1);
        }
        self.given.insert(other.clone());
        other
    }

    fn is_given(&self, name: &str) -> bool {
        self.given.contains(name) || self.counts.contains_key(name) && self.template.is_plain(name)
    }
}

/// The name that [`Names`] of the usual template gives to one role, without naming all the others.
pub(crate) fn usual_name(own: &OwnAccess, account: &Account, role: &str) -> String {
    let short = format!("{}-{}", plain(&account.name), plain(role));
    let mut same = 0_usize;
    for reached in own.all() {
        let Some(rest) = short.strip_prefix(&plain(&reached.account.name)) else { continue };
        let Some(rest) = rest.strip_prefix('-') else { continue };
        same += reached.roles.iter().filter(|other| plain(&other.name) == rest).count();
    }
    if same < 2 && Template::usual().is_plain(&short) { short } else { format!("{}-{role}", account.id) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::accounts::account::{AccountId, AccountState};
    use model::accounts::organizational_unit::UnitPath;
    use model::timestamp::Timestamp;

    fn own(accounts: &[(&str, &str, &[&str])]) -> OwnAccess {
        let account = |id: &str, name: &str| Account {
            id: AccountId::trusted(id),
            name: name.to_owned(),
            email: String::new(),
            state: AccountState::Active,
            joined_method: "CREATED".to_owned(),
            joined_at: Timestamp::default(),
            path: UnitPath::ROOT,
        };
        OwnAccess::made_of(accounts.iter().map(|(id, name, roles)| (account(id, name), *roles)))
    }

    fn everything() -> OwnAccess {
        own(&[
            ("222233334444", "Payments Prod", &["PowerUser", "Read.Only", "read-only"]),
            ("333344445555", "payments-prod", &["PowerUser"]),
            ("444455556666", "Zürich]\n[default", &["Admin"]),
            ("555566667777", "東京", &["Admin"]),
            ("666677778888", "222233334444", &["PowerUser", "poweruser"]),
            ("777788889999", "\u{202e}default", &["-", "=,@+."]),
        ])
    }

    fn all(own: &OwnAccess, template: &str) -> Vec<String> {
        let template = Template::parse(template).unwrap();
        let mut names = Names::new(own, &template);
        let mut all = Vec::new();
        for reached in own.all() {
            all.extend(reached.roles.iter().map(|role| names.next(reached.account, &role.name)));
        }
        all
    }

    #[test]
    fn no_two_profiles_have_one_name_and_each_is_one_that_the_cli_reads() {
        let everything = everything();
        for template in [
            USUAL,
            "{role}",
            "{account_name}",
            "{account_id}",
            "x",
            "default",
            "-{role}",
            "{account_id}-{account_name}",
            "{role}{account_name}",
            "1{role}",
        ] {
            let names = all(&everything, template);
            let is_plain = |name: &String| {
                let letters =
                    name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.@+=,".contains(letter));
                letters && !name.starts_with('-') && !name.is_empty() && name != "default"
            };
            assert!(names.iter().all(is_plain), "{template}: {names:?}");
            let distinct: HashSet<&String> = names.iter().collect();
            assert_eq!(distinct.len(), 10, "{template}: {names:?}");
        }
    }

    #[test]
    fn the_usual_names_are_short_where_that_says_enough() {
        let everything = everything();
        let mut names = all(&everything, USUAL);
        let alone: Vec<String> = everything
            .all()
            .flat_map(|reached| {
                let one = |role: &&accounts::own_access::OwnRole| {
                    usual_name(&everything, reached.account, &role.name)
                };
                reached.roles.iter().map(one).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(names, alone, "one by one as all together");
        names.sort();
        assert_eq!(
            names,
            [
                "222233334444-PowerUser",
                "222233334444-Read.Only",
                "222233334444-read-only",
                "333344445555-PowerUser",
                "555566667777-Admin",
                "666677778888-PowerUser",
                "666677778888-poweruser",
                "777788889999--",
                "777788889999-=,@+.",
                "z-rich-default-admin",
            ]
        );
    }

    #[test]
    fn a_template_holds_what_names_hold_and_blanks_that_there_are() {
        let said = |text: &str| Template::parse(text).unwrap_err().message().to_owned();
        assert_eq!(said(""), "template must have 1 to 100 characters, not 0");
        assert_eq!(said(&"x".repeat(101)), "template must have 1 to 100 characters, not 101");
        for (text, part) in [
            ("a b", " "),
            ("{nothing}-x", "{nothing}"),
            ("x{role", "{role"),
            ("]", "]"),
            ("é", "é"),
            ("\n", "\n"),
        ] {
            assert_eq!(
                said(text),
                format!("template holds {part}, which a profile name made from it cannot hold")
            );
        }
    }
}
