//! A company of any size whose people are alike: everyone is in five groups of fifty and reaches twenty-five accounts with two roles in
//! each, whether there are a thousand people or a million. All of it follows from the number of people, so that whoever writes the
//! seed and whoever sends requests agree on every id without asking. Knows nothing of files or HTTP.

use uuid::Builder;

/// Groups that each person is in: one of each class.
pub(crate) const GROUPS_EACH: usize = 5;
/// Members of each group.
pub(crate) const MEMBERS: usize = 50;
/// Accounts that each group reaches.
const ACCOUNTS_EACH: usize = 5;
/// Permission sets that each group has in each of its accounts.
pub(crate) const SETS_EACH: usize = 2;
/// Assignments of each group.
pub(crate) const ASSIGNMENTS_EACH: usize = ACCOUNTS_EACH * SETS_EACH;
/// Permission sets of the company.
pub(crate) const PERMISSION_SETS: usize = 10;
/// Accounts that a person reaches.
pub(crate) const REACH: usize = GROUPS_EACH * ACCOUNTS_EACH;
/// What everybody's password is.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Its hash at the cost that Portico itself uses (19 MiB, two passes). One salt for all: nobody guards anything here.
pub(crate) const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$iLpPfSFGL/5TkIqozpKpLg$6NBIESRW/YFKM7CvvlAxGL9a0KTTdHlGkl9NzecbrqA";
/// When the first person came, milliseconds; the others followed minute by minute.
const FOUNDED: u64 = 1_600_000_000_000;

/// The company.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    people: usize,
    /// For each class of groups the people in the order in which they fill its groups.
    orders: Vec<Vec<u32>>,
    /// For each class where a person stands in that order.
    places: Vec<Vec<u32>>,
}

/// A generator that always yields the same numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }
}

/// A time-ordered UUID of the row `at` of a kind.
fn id(kind: u64, at: usize) -> String {
    let mut random = [0; 10];
    let mut numbers = Numbers(kind << 40 | at as u64);
    for chunk in random.chunks_mut(8) {
        let word = numbers.next().to_le_bytes();
        chunk.copy_from_slice(word.get(..chunk.len()).unwrap_or_default());
    }
    let millis = FOUNDED + at as u64 * 60_000;
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

impl Company {
    /// A company of `people`, rounded up to a multiple of fifty.
    pub(crate) fn new(people: usize) -> Self {
        let people = people.next_multiple_of(MEMBERS);
        let orders: Vec<Vec<u32>> = (0..GROUPS_EACH as u64).map(|class| shuffled(people, class)).collect();
        let places = orders
            .iter()
            .map(|order| {
                let mut places = vec![0; people];
                for (place, person) in (0_u32..).zip(order) {
                    if let Some(slot) = places.get_mut(*person as usize) {
                        *slot = place;
                    }
                }
                places
            })
            .collect();
        Self { people, orders, places }
    }

    /// How many people.
    pub(crate) fn people(&self) -> usize {
        self.people
    }

    /// How many groups: one for ten people.
    pub(crate) fn groups(&self) -> usize {
        self.people / MEMBERS * GROUPS_EACH
    }

    /// How many accounts: one for a hundred people, and at least so many that nobody reaches one twice.
    pub(crate) fn accounts(&self) -> usize {
        (self.people / 100).max(100).next_multiple_of(REACH)
    }

    /// The people of a group.
    pub(crate) fn members(&self, group: usize) -> impl Iterator<Item = usize> {
        let (class, at) = (group % GROUPS_EACH, group / GROUPS_EACH);
        let order = self.orders.get(class).map(Vec::as_slice).unwrap_or_default();
        order.iter().skip(at * MEMBERS).take(MEMBERS).map(|person| *person as usize)
    }

    /// The accounts of a group: of its class, so that no two groups of a person share one.
    pub(crate) fn accounts_of(&self, group: usize) -> Vec<usize> {
        let each = self.accounts() / GROUPS_EACH;
        let first = Numbers(3 << 40 | group as u64).below(each);
        let step = each / ACCOUNTS_EACH;
        (0..ACCOUNTS_EACH).map(|at| (first + at * step) % each * GROUPS_EACH + group % GROUPS_EACH).collect()
    }

    /// What a person reaches: accounts, each with its permission sets.
    pub(crate) fn reach(&self, person: usize) -> Vec<(usize, [usize; SETS_EACH])> {
        let place = |class: usize| self.places.get(class).and_then(|places| places.get(person)).copied();
        (0..GROUPS_EACH)
            .filter_map(|class| Some(place(class)? as usize / MEMBERS * GROUPS_EACH + class))
            .flat_map(|group| {
                let sets = sets_of(group);
                self.accounts_of(group).into_iter().map(move |account| (account, sets))
            })
            .collect()
    }
}

pub(crate) fn user_id(person: usize) -> String {
    id(1, person)
}

pub(crate) fn group_id(group: usize) -> String {
    id(2, group)
}

/// Below 10^11, where `init` never puts the management account.
pub(crate) fn account_id(account: usize) -> String {
    format!("{:012}", 10_000_000_000 + account * 1_000_003)
}

pub(crate) fn user_name(person: usize) -> String {
    format!("person-{person:07}")
}

pub(crate) fn email(person: usize) -> String {
    format!("person-{person:07}@example.com")
}

pub(crate) fn group_name(group: usize) -> String {
    format!("group-{group:06}")
}

pub(crate) fn account_name(account: usize) -> String {
    format!("account-{account:05}")
}

pub(crate) fn permission_set_name(set: usize) -> String {
    format!("Role-{set}")
}

pub(crate) fn permission_set_id(set: usize) -> String {
    format!("ps-{set:016x}")
}

/// The permission sets that a group has in its accounts.
pub(crate) fn sets_of(group: usize) -> [usize; SETS_EACH] {
    let mut numbers = Numbers(4 << 40 | group as u64);
    let first = numbers.below(PERMISSION_SETS);
    [first, (first + 1 + numbers.below(PERMISSION_SETS - 1)) % PERMISSION_SETS]
}

/// Fisher and Yates.
fn shuffled(people: usize, class: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(people).unwrap_or(u32::MAX)).collect();
    let mut numbers = Numbers(5 << 40 | class);
    for at in (1..order.len()).rev() {
        order.swap(at, numbers.below(at + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_is_in_as_many_groups_and_reaches_as_many_accounts() {
        for people in [1_000, 20_000] {
            let company = Company::new(people);
            let mut groups = vec![0; people];
            for group in 0..company.groups() {
                company.members(group).for_each(|person| groups[person] += 1);
            }
            assert!(groups.iter().all(|count| *count == GROUPS_EACH), "{people}");
            for person in 0..people {
                let reach = company.reach(person);
                let accounts: BTreeSet<usize> = reach.iter().map(|(account, _)| *account).collect();
                assert_eq!(accounts.len(), REACH, "{people}");
                assert!(accounts.iter().all(|account| *account < company.accounts()));
                assert!(reach.iter().all(|(_, [one, other])| one != other));
            }
        }
    }

    #[test]
    fn ids_are_in_the_order_of_their_rows() {
        let ids: Vec<String> = (0..1_000).map(user_id).collect();
        assert!(ids.is_sorted());
        let accounts: BTreeSet<String> = (0..100).map(account_id).collect();
        assert!(accounts.iter().all(|id| id.len() == 12 && id.starts_with('0')) && accounts.len() == 100);
    }
}
