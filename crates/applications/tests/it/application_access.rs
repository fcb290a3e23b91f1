//! Who may use which application now.

use applications::application_access::{list_for_person, may_use};
use applications::application_assignments::{create, delete, put_configuration};
use applications::applications::{ApplicationPatch, update};
use model::accounts::account_assignment::Principal;
use model::applications::application::{Application, Switch};
use model::applications::application_assignment::ApplicationAssignment;
use model::directory::group::GroupId;
use model::directory::user::{UserId, UserStatus};
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::world::{ADMINS, EVERYBODY, JANE, JOHN, World, group, new, user};

impl World {
    fn may(&self, who: &str, application: &Application) -> bool {
        let who = UserId::trusted(who);
        self.fixture.store.read(|rx| may_use(rx, &application.id, &who)).unwrap()
    }

    fn tiles(&self, who: &str) -> Vec<String> {
        let (who, mut page, mut names) = (UserId::trusted(who), PageRequest::first(2), Vec::new());
        loop {
            let found = self.fixture.store.read(|rx| list_for_person(rx, &who, &page)).unwrap();
            names.extend(found.items.into_iter().map(|it| it.name));
            let Some(next) = found.next else { return names };
            page.after = Some(next);
        }
    }

    async fn assign(&self, to: &Application, principal: Principal) {
        let new = ApplicationAssignment { application: to.arn(), principal };
        create(&self.fixture.store, &self.cx(), new).await.unwrap();
    }

    async fn status(&self, who: &'static str, status: UserStatus) {
        let at = self.fixture.instance.identity_store_id.clone();
        self.change(move |tx, _| {
            let mut found = store::directory::users::find(tx, &at, &UserId::trusted(who))?.unwrap();
            found.status = status;
            store::directory::users::update(tx, &found)
        })
        .await;
    }
}

testkit::on_both_engines!(only_whoever_is_assigned_by_whatever_way, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for (name, principal) in [("direct", user(JANE)), ("group", group(ADMINS)), ("around", group(EVERYBODY))]
    {
        let it = world.application(name).await;
        assert!(!world.may(JANE, &it), "{name}: nobody yet");
        world.assign(&it, principal.clone()).await;
        assert!(world.may(JANE, &it), "{name}");
        assert!(!world.may(JOHN, &it), "{name}");
        assert!(!world.may("33333333-3333-4333-8333-333333333333", &it), "{name}: nobody");
        let old = ApplicationAssignment { application: it.arn(), principal };
        delete(&world.fixture.store, &world.cx(), old).await.unwrap();
        assert!(!world.may(JANE, &it), "{name}: ended");
    }
});

testkit::on_both_engines!(whoever_leaves_the_group_leaves_the_application, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let it = world.application("a").await;
    world.assign(&it, group(EVERYBODY)).await;
    assert!(world.may(JANE, &it));
    world
        .change(|tx, cx| {
            store::directory::memberships::delete(
                tx,
                &GroupId::trusted(ADMINS),
                &UserId::trusted(JANE),
                cx.now,
            )
        })
        .await;
    assert!(!world.may(JANE, &it));
    assert_eq!(world.tiles(JANE), Vec::<String>::new());
});

testkit::on_both_engines!(an_open_application_is_everybodys_who_is_enabled, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let it = world.application("a").await;
    put_configuration(&world.fixture.store, &world.cx(), &it.arn(), false).await.unwrap();
    assert!(world.may(JANE, &it) && world.may(JOHN, &it));
    assert!(!world.may("33333333-3333-4333-8333-333333333333", &it), "nobody");
    world.status(JOHN, UserStatus::Disabled).await;
    assert!(world.may(JANE, &it) && !world.may(JOHN, &it));
    assert_eq!((world.tiles(JANE).len(), world.tiles(JOHN).len()), (1, 0));
    let patch = ApplicationPatch { status: Some(Switch::Disabled), ..ApplicationPatch::default() };
    update(&world.fixture.store, &world.cx(), &it.arn(), patch).await.unwrap();
    assert!(!world.may(JANE, &it));
});

testkit::on_both_engines!(tiles_are_what_may_be_used_and_is_shown_by_name, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    for (name, open, whose) in [
        ("d", false, Some(group(ADMINS))),
        ("b", true, None),
        ("a b", false, Some(user(JANE))),
        ("c", true, Some(group(EVERYBODY))),
        ("b", false, Some(group(EVERYBODY))),
        ("e", false, Some(user(JOHN))),
        ("f", false, None),
    ] {
        let it = world.application(name).await;
        put_configuration(store, &cx, &it.arn(), !open).await.unwrap();
        if let Some(principal) = whose {
            world.assign(&it, principal).await;
        }
    }
    let mut hidden = new("hidden");
    hidden.visibility = Switch::Disabled;
    let (_, hidden) = applications::applications::create(store, &cx, id, hidden).await.unwrap();
    put_configuration(store, &cx, &hidden.arn(), false).await.unwrap();
    assert_eq!(world.tiles(JANE), ["a b", "b", "b", "c", "d"]);
    assert_eq!(world.tiles(JOHN), ["b", "c", "e"]);
    assert!(world.may(JANE, &hidden), "what is not shown may be used all the same");
    world.status(JANE, UserStatus::Disabled).await;
    assert_eq!(world.tiles(JANE), Vec::<String>::new());
});
