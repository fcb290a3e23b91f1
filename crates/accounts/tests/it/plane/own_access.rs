//! Everything that a person may use, as the portal searches it: held to the one statement that says the rule.

use std::sync::Arc;

use accounts::own_access::{OwnAccess, OwnAccesses, shown_email};
use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::accounts::search::Wanted;
use model::directory::user::UserId;
use model::fault::FaultKind;

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

/// Each account with its roles.
type Listed = Vec<(String, Vec<String>)>;

async fn own(world: &World, known: &OwnAccesses, user: &UserId) -> Arc<OwnAccess> {
    known.of_caller(&world.fixture.store, &world.portal(user, "ListAccounts")).await.unwrap()
}

fn listed(own: &OwnAccess) -> Listed {
    own.all()
        .map(|reached| {
            let names = reached.roles.iter().map(|role| role.name.clone()).collect();
            (reached.account.id.to_string(), names)
        })
        .collect()
}

/// The same by the statement that says the rule.
fn ruled(world: &World, user: &UserId) -> Listed {
    let rows = world
        .fixture
        .store
        .read(|rx| Ok(store::accounts::effective_access::everything(rx, user, 10_000)?))
        .unwrap();
    let mut all: Listed = Vec::new();
    for (account, role, description) in rows {
        assert_eq!(description, Some(format!("About {}", role.permission_set_name)));
        match all.last_mut() {
            Some((id, roles)) if id == account.id.as_str() => roles.push(role.permission_set_name),
            _ => all.push((account.id.to_string(), vec![role.permission_set_name])),
        }
    }
    all
}

testkit::on_both_engines!(
    what_is_put_together_is_what_the_rule_says_after_each_change,
    |fixture| async move {
        let world = World::new(fixture).await;
        let known = OwnAccesses::default();
        let (jane, john) = (world.person("jane").await, world.person("john").await);
        let (one, two) = (world.group_of(&jane).await, world.group_of(&jane).await);
        let admin = world.permission_set("Admin", "PT1H", &[ADMIN]).await;
        let reader = world.permission_set("Reader", "PT1H", &[]).await;
        let agree = async |wanted: usize| {
            let own = own(&world, &known, &jane).await;
            let listed = listed(&own);
            assert_eq!(listed, ruled(&world, &jane));
            assert_eq!(own.roles_in_all(), wanted);
            for (id, roles) in &listed {
                assert_eq!(own.find(id).unwrap().roles.len(), roles.len());
                assert!(roles.iter().all(|name| own.role(id, name).is_some()));
            }
            assert!(own.role(MEMBER, "Nobody").is_none() && own.find("999988887777").is_none());
        };
        agree(0).await;
        for principal in [Principal::User(jane.clone()), Principal::Group(one), Principal::Group(two.clone())]
        {
            world.assign(MEMBER, &admin, principal).await;
        }
        agree(1).await;
        world.assign(MEMBER, &reader, Principal::Group(two.clone())).await;
        world.assign(MANAGEMENT, &reader, Principal::Group(two.clone())).await;
        world.assign(MANAGEMENT, &admin, Principal::User(john.clone())).await;
        agree(3).await;
        world.add_account("333344445555", "A suspended one", AccountState::Suspended).await;
        world.assigned_before("333344445555", &reader, Principal::User(jane.clone())).await;
        agree(3).await;
        let id = reader.id.clone();
        world
            .change(move |tx, cx| {
                store::accounts::provisioned_permission_sets::delete(tx, &account(MEMBER), &id, cx.now)
            })
            .await;
        agree(2).await;
        world.unassign(MANAGEMENT, &reader, Principal::Group(two)).await;
        agree(1).await;
        assert_eq!(
            listed(&*own(&world, &known, &john).await),
            ruled(&world, &john),
            "another person's is another"
        );
    }
);

testkit::on_both_engines!(only_the_person_has_it, |fixture| async move {
    let world = World::new(fixture).await;
    let cx = world.fixture.root("sso.amazonaws.com", "ListAccounts");
    let answer = OwnAccesses::default().of_caller(&world.fixture.store, &cx).await;
    assert_eq!(refused(answer), FaultKind::Unauthorized);
});

testkit::on_both_engines!(a_word_is_held_by_the_account_or_by_the_role, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    let (power, read) = (
        world.permission_set("PowerUser", "PT1H", &[]).await,
        world.permission_set("Member.Read", "PT1H", &[]).await,
    );
    for id in [MANAGEMENT, MEMBER] {
        for set in [&power, &read] {
            world.assign(id, set, Principal::User(jane.clone())).await;
        }
    }
    let own = own(&world, &OwnAccesses::default(), &jane).await;
    let find = |query: &str, first: &[&str]| -> Listed {
        let first: Vec<_> = first.iter().map(|id| account(id)).collect();
        let found = own.search(&Wanted::parse(query).unwrap(), &first, 1);
        assert_eq!((found.total, found.page, found.pages), (found.accounts.len(), 1, 1));
        let names = |reached: &accounts::own_access::Reached<'_>| {
            assert_eq!(reached.of, reached.roles.len());
            let roles = reached.roles.iter().map(|role| role.name.clone()).collect();
            (reached.account.name.clone(), roles)
        };
        found.accounts.iter().map(names).collect()
    };
    let one = |account: &str, roles: &[&str]| -> (String, Vec<String>) {
        (account.to_owned(), roles.iter().map(|role| (*role).to_owned()).collect())
    };
    let (both, only) = (["Member.Read", "PowerUser"], ["Member.Read"]);
    assert_eq!(find("", &[]), [one("Management", &both), one("Member", &both)]);
    assert_eq!(find("", &[MEMBER, "999988887777"]), [one("Member", &both), one("Management", &both)]);
    assert_eq!(find("member", &[]), [one("Management", &only), one("Member", &both)]);
    assert_eq!(find("member power", &[]), [one("Member", &["PowerUser"])]);
    assert_eq!(find("2222-3333-4444 read", &[]), [one("Member", &only)]);
    assert_eq!(find("user power management", &[]), [one("Management", &["PowerUser"])]);
    assert!(find("nobody", &[]).is_empty());
    let found = own.find(MEMBER).unwrap();
    assert_eq!(shown_email(found.account), "222233334444@example.com");
    let made_up =
        model::accounts::account::Account { email: "x@o-1.INVALID".to_owned(), ..found.account.clone() };
    assert_eq!(shown_email(&made_up), "");
});
