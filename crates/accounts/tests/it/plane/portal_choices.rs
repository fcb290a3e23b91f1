//! What people put first on their portal.

use accounts::own_access::OwnAccesses;
use accounts::portal_choices::{list_own, mark, took};
use model::accounts::account_assignment::Principal;
use model::accounts::portal_choice::ChoiceKind;
use model::directory::user::UserId;
use model::fault::FaultKind;
use model::limits::RECENT_ROLES_MAX;

use crate::plane::support::{MANAGEMENT, MEMBER, World, account, refused};

fn chosen(world: &World, user: &UserId, kind: ChoiceKind) -> Vec<String> {
    let all = list_own(&world.fixture.store, &world.portal(user, "ListAccounts")).unwrap();
    let of_kind = all.into_iter().filter(|choice| choice.kind == kind);
    of_kind.map(|choice| format!("{}/{}", choice.account_id, choice.role_name)).collect()
}

testkit::on_both_engines!(an_account_is_marked_by_who_reaches_it, |fixture| async move {
    let world = World::new(fixture).await;
    let (jane, john) = (world.person("jane").await, world.person("john").await);
    let set = world.permission_set("Reader", "PT1H", &[]).await;
    world.assign(MEMBER, &set, Principal::User(jane.clone())).await;
    let store = &world.fixture.store;
    let cx = || world.portal(&jane, "UpdateFavouriteAccount");
    let own = OwnAccesses::default().of_caller(store, &cx()).await.unwrap();
    let (reached, other) = (account(MEMBER), account(MANAGEMENT));
    for _ in 0..2 {
        mark(store, &cx(), (&own, &reached), true).await.unwrap();
    }
    assert_eq!(chosen(&world, &jane, ChoiceKind::Favourite), ["222233334444/"]);
    assert!(chosen(&world, &john, ChoiceKind::Favourite).is_empty());
    assert_eq!(refused(mark(store, &cx(), (&own, &other), true).await), FaultKind::Forbidden);
    mark(store, &cx(), (&own, &other), false).await.unwrap();
    mark(store, &cx(), (&own, &reached), false).await.unwrap();
    assert!(chosen(&world, &jane, ChoiceKind::Favourite).is_empty());
    assert_eq!(world.records("UpdateFavouriteAccount").len(), 4);
    let root = world.fixture.root("sso.amazonaws.com", "UpdateFavouriteAccount");
    assert_eq!(refused(mark(store, &root, (&own, &reached), true).await), FaultKind::Unauthorized);
    assert_eq!(refused(list_own(store, &root)), FaultKind::Unauthorized);
});

testkit::on_both_engines!(the_roles_that_were_taken_last_are_remembered, |fixture| async move {
    let world = World::new(fixture).await;
    let jane = world.person("jane").await;
    for at in 0..12 {
        let later = world.later(at);
        let cx = later.portal(&jane, "GetRoleCredentials");
        took(&world.fixture.store, &cx, &account(MEMBER), &format!("Role{at}")).await.unwrap();
    }
    let later = world.later(20);
    let cx = later.portal(&jane, "GetRoleCredentials");
    took(&world.fixture.store, &cx, &account(MEMBER), "Role7").await.unwrap();
    let roles = chosen(&world, &jane, ChoiceKind::Recent);
    assert_eq!(roles.len(), RECENT_ROLES_MAX);
    assert_eq!(roles[..3], ["222233334444/Role7", "222233334444/Role11", "222233334444/Role10"]);
    // Whoever is gone leaves nothing.
    let id = jane.clone();
    world.change(move |tx, cx| store::signin::sign_outs::forget(tx, &id, cx.now)).await;
    assert!(chosen(&world, &jane, ChoiceKind::Recent).is_empty());
});
