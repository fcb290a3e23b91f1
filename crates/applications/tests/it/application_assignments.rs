//! Who is assigned to what.

use applications::application_assignments::{
    create, delete, describe, get_configuration, list, list_for_principal, put_configuration,
};
use applications::application_sessions;
use model::applications::application::Switch;
use model::applications::application_assignment::ApplicationAssignment;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::FaultKind;
use model::page::PageRequest;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, EVERYBODY, JANE, JOHN, PROD, World, group, is_conflict, is_denied, is_not_found, refusal,
    user,
};

testkit::on_both_engines!(an_assignment_is_made_once_listed_and_ended, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let application = world.application("a").await.arn();
    let of = |principal| ApplicationAssignment { application: application.clone(), principal };
    for principal in [user(JOHN), user(JANE), group(ADMINS)] {
        create(store, &cx, of(principal)).await.unwrap();
    }
    let said = refusal(create(store, &cx, of(user(JANE))).await, is_conflict);
    assert!(said.contains("already assigned"), "{said}");
    describe(store, &cx, &of(user(JANE))).unwrap();
    let (mut found, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let list = list(store, &cx, &application, &page).unwrap();
        found.extend(list.items);
        let Some(next) = list.next else { break };
        page.after = Some(next);
    }
    assert_eq!(found, [group(ADMINS), user(JANE), user(JOHN)]);
    delete(store, &cx, of(user(JANE))).await.unwrap();
    refusal(delete(store, &cx, of(user(JANE))).await, is_not_found);
    refusal(describe(store, &cx, &of(user(JANE))), is_not_found);
    // A group is no user, whatever its id.
    refusal(describe(store, &cx, &of(user(ADMINS))), is_not_found);
});

testkit::on_both_engines!(whoever_is_assigned_must_be_there, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let application = world.application("a").await.arn();
    for principal in [user(ADMINS), group(JANE)] {
        let new = ApplicationAssignment { application: application.clone(), principal };
        refusal(create(store, &cx, new).await, is_not_found);
    }
    let new = ApplicationAssignment { application: world.unknown(), principal: user(JANE) };
    let said = refusal(create(store, &cx, new).await, is_not_found);
    assert!(said.contains("Application"), "{said}");
});

testkit::on_both_engines!(what_a_person_has_by_groups_names_the_group, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, id) = (&world.fixture.store, world.cx(), &world.fixture.instance.id);
    let (one, two) = (world.application("one").await.arn(), world.application("two").await.arn());
    for (application, principal) in
        [(&one, user(JANE)), (&one, group(ADMINS)), (&two, group(EVERYBODY)), (&two, user(JOHN))]
    {
        let new = ApplicationAssignment { application: application.clone(), principal };
        create(store, &cx, new).await.unwrap();
    }
    let all = |of, page: &PageRequest| list_for_principal(store, &cx, (id, &of), None, page).unwrap();
    let mut wanted = vec![
        ApplicationAssignment { application: one.clone(), principal: user(JANE) },
        ApplicationAssignment { application: one.clone(), principal: group(ADMINS) },
        ApplicationAssignment { application: two.clone(), principal: group(EVERYBODY) },
    ];
    wanted.sort_by_key(|row| (row.application.id.to_string(), row.principal.id().to_owned()));
    let (mut found, mut page) = (Vec::new(), PageRequest::first(1));
    loop {
        let list = all(user(JANE), &page);
        found.extend(list.items);
        let Some(next) = list.next else { break };
        page.after = Some(next);
    }
    assert_eq!(found, wanted);
    assert_eq!(all(group(EVERYBODY), &PageRequest::first(9)).items.len(), 1);
    assert_eq!(all(group(JANE), &PageRequest::first(9)).items, [], "a user is no group");
    let which = (id, &user(JANE));
    let one_alone = list_for_principal(store, &cx, which, Some(&one), &PageRequest::first(9)).unwrap();
    assert_eq!(one_alone.items.len(), 2);
    let none = list_for_principal(store, &cx, which, Some(&world.unknown()), &PageRequest::first(9)).unwrap();
    assert_eq!(none.items, []);
});

testkit::on_both_engines!(a_member_account_asks_of_its_own_applications, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, id) = (&world.fixture.store, &world.fixture.instance.id);
    let (dev, prod) = (world.admin(DEV), world.admin(PROD));
    let theirs = world.application_of(&dev, "theirs").await.arn();
    let new = ApplicationAssignment { application: theirs.clone(), principal: user(JANE) };
    refusal(create(store, &prod, new.clone()).await, is_denied);
    create(store, &dev, new.clone()).await.unwrap();
    let (jane, first) = (user(JANE), PageRequest::first(9));
    let ask = |cx, application| list_for_principal(store, cx, (id, &jane), application, &first);
    assert_eq!(ask(&dev, Some(&theirs)).unwrap().items, [new]);
    refusal(ask(&dev, None), is_denied);
    refusal(ask(&prod, Some(&theirs)), is_denied);
    assert_eq!(ask(&world.cx(), None).unwrap().items.len(), 1);
});

testkit::on_both_engines!(
    those_who_are_gone_stay_listed_until_somebody_looks,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, cx) = (&world.fixture.store, world.cx());
        let application = world.application("a").await.arn();
        for principal in [user(JOHN), group(EVERYBODY)] {
            let new = ApplicationAssignment { application: application.clone(), principal };
            create(store, &cx, new).await.unwrap();
        }
        world
            .change(|tx, cx| {
                store::directory::users::delete(tx, &UserId::trusted(JOHN), cx.now)?;
                store::directory::member_groups::delete_by_group(tx, &GroupId::trusted(EVERYBODY), cx.now)?;
                store::directory::groups::delete(tx, &GroupId::trusted(EVERYBODY))
            })
            .await;
        let found = list(store, &cx, &application, &PageRequest::first(9)).unwrap().items;
        assert_eq!(found, [group(EVERYBODY), user(JOHN)]);
        let old = ApplicationAssignment { application, principal: user(JOHN) };
        delete(store, &cx, old).await.unwrap();
    }
);

testkit::on_both_engines!(settings_are_read_as_they_were_put, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx());
    let application = world.application("a").await.arn();
    assert!(get_configuration(store, &cx, &application).unwrap());
    put_configuration(store, &cx, &application, false).await.unwrap();
    assert!(!get_configuration(store, &cx, &application).unwrap());
    let sessions = |switch| application_sessions::put(store, &cx, &application, switch);
    sessions(Some(Switch::Disabled)).await.unwrap();
    sessions(None).await.unwrap();
    assert_eq!(application_sessions::get(store, &cx, &application).unwrap(), Switch::Disabled);
    sessions(Some(Switch::Enabled)).await.unwrap();
    sessions(None).await.unwrap();
    assert_eq!(application_sessions::get(store, &cx, &application).unwrap(), Switch::Enabled);
});

testkit::on_both_engines!(strict_mode_has_the_quota_of_groups, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, application) = (&world.fixture.store, world.application("a").await);
    let id = application.id.clone();
    world
        .change(move |tx, cx| {
            for n in 0..model::limits::GROUPS_PER_APPLICATION_MAX {
                let one = group(&format!("00000000-0000-4000-8000-{n:012}"));
                store::applications::application_assignments::insert(tx, &id, &one, cx.now)?;
            }
            Ok(())
        })
        .await;
    let new = |principal| ApplicationAssignment { application: application.arn(), principal };
    let strict = world.strict();
    let said = refusal(create(store, &strict.cx(), new(group(ADMINS))).await, |kind| {
        *kind == FaultKind::QuotaExceeded
    });
    assert!(said.contains("100"), "{said}");
    create(store, &strict.cx(), new(user(JANE))).await.unwrap();
    create(store, &world.cx(), new(group(ADMINS))).await.unwrap();
});
