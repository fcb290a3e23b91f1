//! Who reaches what, held against what GetRoleCredentials would hand out, after each of many changes by chance, and at every past moment.

use std::collections::{BTreeMap, BTreeSet};

use accounts::access::{Access, Of};
use accounts::effective_access::Reach;
use accounts::permission_set_policies::put_inline;
use accounts::simulation::{Simulated, Simulation, simulate};
use model::access::{Context, Decision};
use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSet;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::member_group::{MemberGroup, NestingKey};
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{User, UserId, UserStatus};
use model::page::PageRequest;
use model::timestamp::Timestamp;
use serde_json::json;
use store::directory::member_groups;
use store::tx::Tx;
use testkit::fixture::Fixture;

use crate::access_written::listed;
use crate::world::{
    ADMINS, DEV, JANE, JOHN, MANAGEMENT, PROD, READERS, World, account, group, group_row, is_not_found, user,
};

const PEOPLE: [&str; 4] =
    [JANE, JOHN, "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"];
const GROUPS: [&str; 4] =
    [ADMINS, READERS, "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"];
const ACCOUNTS: [&str; 3] = [MANAGEMENT, DEV, PROD];

/// Numbers by chance, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

impl World {
    /// What somebody reaches, from what is known; nothing of who is not there.
    fn known(&self, reach: &Reach, id: &str) -> Vec<Access> {
        let (of, page) = (Of::User(UserId::trusted(id)), PageRequest::first(100));
        let at = (&self.fixture.instance.id, &of, None);
        match listed((&self.fixture.store, reach), &self.cx("ListEffectiveAccess"), at, &page) {
            Ok(listed) => listed.items,
            Err(refused) => {
                assert!(is_not_found(refused.kind()), "{refused}");
                Vec::new()
            }
        }
    }

    fn person(&self, id: &str) -> Option<User> {
        let at = &self.fixture.instance.identity_store_id;
        self.look(|rx| Ok(store::directory::users::find(rx, at, &UserId::trusted(id))?))
    }

    /// What everybody could get credentials for at this moment, with what grants it.
    fn reach(&self, sets: &[PermissionSet]) -> BTreeSet<Access> {
        let mut all = BTreeSet::new();
        for id in PEOPLE {
            let user = UserId::trusted(id);
            if !self.person(id).is_some_and(|user| user.status == UserStatus::Enabled) {
                continue;
            }
            let groups = self.look(|rx| Ok(store::directory::memberships::groups(rx, &user)?));
            let usable = self.look(|rx| Ok(store::accounts::effective_access::everything(rx, &user, 1_000)?));
            for (account, role, _) in usable {
                let set = sets.iter().find(|set| set.id == role.permission_set_id).unwrap();
                let assigned = self.assigned(set, account.id.as_str());
                let is_mine = |principal: &&Principal| match principal {
                    Principal::User(id) => *id == user,
                    Principal::Group(id) => groups.contains(id),
                };
                let mut granted_by: Vec<Principal> = assigned.iter().filter(is_mine).cloned().collect();
                granted_by.sort_unstable();
                all.insert(Access {
                    user_id: user.clone(),
                    account_id: account.id,
                    permission_set_id: role.permission_set_id,
                    granted_by,
                });
            }
        }
        all
    }

    /// What the inline policy of the role that a permission set is in an account allows, if there is such a role.
    fn allowed(&self, place: &str, set: &PermissionSet) -> Option<String> {
        let (place, id) = (account(place), set.id.clone());
        let role = self.look(|rx| {
            let found = store::accounts::provisioned_permission_sets::find(rx, &place, &id)?;
            let Some((name, _)) = found else { return Ok(None) };
            Ok(store::accounts::roles::find(rx, &place, &name)?)
        })?;
        let (_, policy) = role.inline_policies.first()?;
        policy["Statement"][0]["Action"].as_str().map(str::to_owned)
    }

    /// What the person was answered who asked for this then.
    fn simulated(
        &self,
        (user, place): (&str, &str),
        set: &PermissionSet,
        actions: [&str; 2],
        at: Timestamp,
    ) -> Simulated {
        let asked = Simulation {
            user_id: UserId::trusted(user),
            account_id: account(place),
            permission_set: set.arn(),
            actions: actions.map(str::to_owned).to_vec(),
            resources: vec!["*".to_owned()],
            context: Context::new(),
            at: Some(at),
        };
        simulate(&self.fixture.store, &self.cx("SimulateAccess"), &self.fixture.instance.id, &asked).unwrap()
    }

    /// Holds what is answered of a past moment against what was so then.
    fn hold_against(
        &self,
        at: Timestamp,
        reach: &BTreeSet<Access>,
        allowed: &[Option<String>],
        sets: &[PermissionSet],
    ) {
        for user in PEOPLE {
            for (place, set, allowed) in
                places(sets).zip(allowed).map(|((place, set), allowed)| (place, set, allowed))
            {
                let is_it = |row: &&Access| {
                    row.user_id.as_str() == user
                        && row.account_id.as_str() == place
                        && row.permission_set_id == set.id
                };
                let row = reach.iter().find(is_it);
                let action = allowed.as_deref().unwrap_or("s3:GetNothing");
                let told = self.simulated((user, place), set, [action, "s3:GetElse"], at);
                let granted = row.map(|row| row.granted_by.clone()).unwrap_or_default();
                assert_eq!(told.granted_by, granted, "{user} {place} {} at {at:?}", set.name);
                let is_allowed = row.is_some() && allowed.is_some();
                let decision = if is_allowed { Decision::Allow } else { Decision::ImplicitDeny };
                let decisions: Vec<_> = told.answers.iter().map(|answer| answer.decision.clone()).collect();
                assert_eq!(decisions, [decision, Decision::ImplicitDeny], "{action} at {at:?}: {told:?}");
            }
        }
    }

    /// One change by chance.
    async fn change(&self, numbers: &mut Numbers, sets: &[PermissionSet]) {
        let who = match numbers.below(2) {
            0 => Principal::User(UserId::trusted(numbers.of(&PEOPLE))),
            _ => group(numbers.of(&GROUPS)),
        };
        let (set, place) = (&sets[numbers.below(sets.len())], numbers.of(&ACCOUNTS));
        let is_there = |who: &Principal| match who {
            Principal::User(id) => self.person(id.as_str()).is_some(),
            Principal::Group(_) => true,
        };
        match numbers.below(22) {
            0..=6 if is_there(&who) => drop(self.assign(set, place, who).await),
            7 => drop(self.unassign(set, place, who).await),
            8..=10 => self.toggle_membership(numbers.of(&GROUPS), numbers.of(&PEOPLE)).await,
            11 => self.toggle_person(numbers.of(&PEOPLE)).await,
            12 => self.toggle_account(place).await,
            13 => {
                let group = GroupId::trusted(numbers.of(&GROUPS));
                let empty = move |tx: &mut Tx<'_>, cx: &Cx| {
                    store::directory::memberships::delete_by_group(tx, &group, cx.now).map(|_| ())
                };
                self.write(empty).await;
            }
            14 => {
                let policy = json!({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": format!("s3:Get{}", numbers.below(1_000)), "Resource": "*"}]});
                let (store, cx) = (&self.fixture.store, self.cx("PutInlinePolicyToPermissionSet"));
                put_inline(store, &cx, &self.target(set), policy.to_string()).await.unwrap();
                self.provision(set, None).await;
            }
            15..=18 => self.toggle_member_group(numbers.of(&GROUPS), numbers.of(&GROUPS)).await,
            _ => self.restore().await,
        }
        self.work().await;
    }

    /// Makes somebody and some account usable again.
    async fn restore(&self) {
        let is_usable = |id: &&&str| self.person(id).is_some_and(|user| user.status == UserStatus::Enabled);
        if let Some(id) = PEOPLE.iter().find(|id| !is_usable(id)) {
            self.toggle_person(id).await;
        }
        let state =
            |id: &str| self.look(|rx| Ok(store::accounts::accounts::find(rx, &account(id))?)).unwrap().state;
        if let Some(id) = ACCOUNTS.iter().find(|id| state(id) == AccountState::Suspended) {
            self.toggle_account(id).await;
        }
    }

    async fn toggle_membership(&self, group: &str, person: &str) {
        let (group, person) = (GroupId::trusted(group), UserId::trusted(person));
        if self.person(person.as_str()).is_none() {
            return;
        }
        let is_in = self.look(|rx| Ok(store::directory::memberships::find_own_by_pair(rx, &group, &person)?));
        let at = self.fixture.instance.identity_store_id.clone();
        self.write(move |tx, cx| {
            if is_in.is_some() {
                return store::directory::memberships::delete(tx, &group, &person, cx.now);
            }
            let id = MembershipId::trusted(model::entropy::uuid(cx.entropy()).to_string());
            let new = Membership {
                id,
                identity_store_id: at.clone(),
                group_id: group.clone(),
                user_id: person.clone(),
                created_at: cx.now,
                created_by: String::new(),
            };
            store::directory::memberships::insert(tx, &new)
        })
        .await;
    }

    /// Takes one group out of another where it is a member, else makes it one; nothing where it would be within itself.
    async fn toggle_member_group(&self, group: &str, member: &str) {
        let (group, member) = (GroupId::trusted(group), GroupId::trusted(member));
        let at = self.fixture.instance.identity_store_id.clone();
        self.write(move |tx, cx| {
            if member_groups::delete(tx, &group, &member, cx.now)? {
                return Ok(());
            }
            if group == member || member_groups::is_within(tx, &group, &member)? {
                return Ok(());
            }
            let new = MemberGroup {
                identity_store_id: at.clone(),
                group_id: group.clone(),
                member_group_id: member.clone(),
                created_at: cx.now,
                created_by: String::new(),
            };
            let concerned = member_groups::concerned(tx, &group, &member)?;
            member_groups::insert(tx, &new, &concerned, || NestingKey::fresh(cx.entropy()))
        })
        .await;
    }

    /// Disables somebody; deletes them when they are disabled; makes them anew when they are not there.
    async fn toggle_person(&self, id: &'static str) {
        let (found, at) = (self.person(id), self.fixture.instance.identity_store_id.clone());
        self.write(move |tx, cx| match &found {
            None => store::directory::users::insert(tx, &user(id, id, &at, cx)),
            Some(user) if user.status == UserStatus::Enabled || user.revision < 3 => {
                let status = match user.status {
                    UserStatus::Enabled => UserStatus::Disabled,
                    UserStatus::Disabled => UserStatus::Enabled,
                };
                let revision = user.revision + 1;
                let changed = User { status, revision, updated_at: cx.now, ..user.clone() };
                store::directory::users::update(tx, &changed)
            }
            Some(user) => {
                store::directory::memberships::delete_by_user(tx, &user.id, cx.now)?;
                store::directory::users::delete(tx, &user.id, cx.now)
            }
        })
        .await;
    }

    async fn toggle_account(&self, id: &str) {
        let id = account(id);
        let state = self.look(|rx| Ok(store::accounts::accounts::find(rx, &id)?)).unwrap().state;
        let state = match state {
            AccountState::Active => AccountState::Suspended,
            AccountState::Suspended => AccountState::Active,
        };
        self.write(move |tx, cx| store::accounts::accounts::set_state(tx, &id, state, cx.now)).await;
    }
}

/// Every permission set in every account.
fn places(sets: &[PermissionSet]) -> impl Iterator<Item = (&'static str, &PermissionSet)> {
    ACCOUNTS.into_iter().flat_map(move |place| sets.iter().map(move |set| (place, set)))
}

/// Every list of a kind together, each row once.
fn together(lists: impl IntoIterator<Item = Vec<Access>>) -> BTreeSet<Access> {
    let mut all = BTreeSet::new();
    for row in lists.into_iter().flatten() {
        assert!(all.insert(row.clone()), "{row:?} is given twice");
    }
    all
}

testkit::on_both_engines!(any_past_moment_is_answered_as_it_was, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let at = world.fixture.instance.identity_store_id.clone();
    world
        .write(move |tx, cx| {
            for id in &GROUPS[2..] {
                store::directory::groups::insert(tx, &group_row(id, id, &at, cx))?;
            }
            PEOPLE[2..].iter().try_for_each(|id| store::directory::users::insert(tx, &user(id, id, &at, cx)))
        })
        .await;
    let sets = [world.permission_set("A").await, world.permission_set("B").await];
    let (mut numbers, mut known, known_reach) = (Numbers(7), BTreeMap::new(), Reach::default());
    let mut now = world;
    for _ in 0..120 {
        now = now.later(60_000);
        now.change(&mut numbers, &sets).await;
        now = now.later(60_000);
        let reach = now.reach(&sets);
        let here: Vec<UserId> = reach.iter().map(|row| row.user_id.clone()).collect();
        let lists = here.iter().collect::<BTreeSet<_>>();
        let lists = lists.into_iter().map(|id| now.access(&Of::User(id.clone()), None, 2));
        assert_eq!(together(lists), reach, "now");
        // What is known is what is so, also when it is asked for again.
        for _ in 0..2 {
            let known = PEOPLE.map(|id| now.known(&known_reach, id));
            assert_eq!(together(known), reach, "known");
        }
        let allowed: Vec<_> = places(&sets).map(|(place, set)| now.allowed(place, set)).collect();
        known.insert(now.fixture.now, (reach, allowed));
    }
    let rich = known.values().filter(|(reach, _)| reach.len() > 6).count();
    assert!(rich > 20, "{rich} moments at which anybody reached much");
    let now = now.later(60_000);
    let different: BTreeSet<_> = known.values().flat_map(|(_, allowed)| allowed).collect();
    assert!(different.len() > 4, "{different:?}");
    for (number, (at, (reach, allowed))) in known.into_iter().enumerate() {
        if number % 3 == 0 {
            now.hold_against(at, &reach, &allowed, &sets);
        }
        let (limit, at) = (1 + numbers.below(5), Some(at));
        let by_person = PEOPLE.map(|id| now.access(&Of::User(UserId::trusted(id)), at, limit));
        assert_eq!(together(by_person), reach, "by person at {at:?}");
        let by_account = ACCOUNTS.map(|id| now.access(&Of::Account(account(id)), at, limit));
        assert_eq!(together(by_account), reach, "by account at {at:?}");
        let by_set = sets.iter().map(|set| now.access(&World::of_set(set), at, limit));
        assert_eq!(together(by_set), reach, "by permission set at {at:?}");
        for id in GROUPS {
            let by_group = together([now.access(&Of::Group(GroupId::trusted(id)), at, limit)]);
            let of_group = |row: &&Access| row.granted_by.contains(&group(id));
            assert_eq!(by_group, reach.iter().filter(of_group).cloned().collect(), "by group at {at:?}");
        }
    }
});
