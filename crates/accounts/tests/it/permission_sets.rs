//! Permission sets: what is made is what is read; names, durations, revisions; what stands in an account is not removed.

use accounts::permission_sets::{self, PermissionSetPatch};
use model::limits::TAGS_MAX;
use model::page::PageRequest;
use serde_json::json;
use store::accounts::provisioned_permission_sets::Latest;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, MANAGEMENT, World, is_conflict, is_denied, is_not_found, is_validation, jane, new_set, refusal,
};

testkit::on_both_engines!(what_is_made_is_what_is_read, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let mut new = new_set("Admin");
    new.description = Some("All of it".to_owned());
    new.session_duration = Some("PT4H".to_owned());
    new.relay_state = Some("https://console.aws.amazon.com/s3".to_owned());
    new.tags.insert("team".to_owned(), "core".to_owned());
    let cx = world.cx("CreatePermissionSet");
    let made = permission_sets::create(store, &cx, instance, new).await.unwrap();
    let found =
        permission_sets::describe(store, &world.cx("DescribePermissionSet"), instance, &made.arn()).unwrap();
    assert_eq!(found, made);
    assert_eq!((found.session_duration.seconds(), found.revision), (4 * 3_600, 1));
    let tags = store.read(|rx| Ok(store::instances::tags::all_of(rx, &made.arn().to_string())?)).unwrap();
    assert_eq!(tags["team"], "core");
    let records = world.records("CreatePermissionSet");
    assert_eq!(records[0]["responseElements"]["permissionSet"]["permissionSetArn"], made.arn().to_string());
    assert_eq!(records[0]["resources"][0]["type"], "AWS::SSO::PermissionSet");
});

testkit::on_both_engines!(a_name_is_taken_once_and_case_counts, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    world.permission_set("Admin").await;
    let cx = world.cx("CreatePermissionSet");
    let again = permission_sets::create(store, &cx, instance, new_set("Admin")).await;
    assert_eq!(refusal(again, is_conflict), "PermissionSet with name Admin already exists.");
    assert_eq!(world.permission_set("admin").await.name, "admin");
    assert_eq!(world.records("CreatePermissionSet").len(), 2, "a refusal is recorded by the edge");
});

testkit::on_both_engines!(bad_durations_and_too_many_tags_change_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let cx = world.cx("CreatePermissionSet");
    for duration in ["PT59M", "PT12H1S", "P1D", "1H", "PT", "PT1H1H", "pt1h"] {
        let mut new = new_set("Bad");
        new.session_duration = Some(duration.to_owned());
        let refused = permission_sets::create(store, &cx, instance, new).await;
        assert!(refusal(refused, is_validation).contains(duration), "{duration}");
    }
    let mut new = new_set("Bad");
    new.tags = (0..=TAGS_MAX).map(|at| (format!("key{at}"), String::new())).collect();
    refusal(permission_sets::create(store, &cx, instance, new).await, is_validation);
    let page = PageRequest::first(10);
    let all = permission_sets::list(store, &world.cx("ListPermissionSets"), instance, &page).unwrap();
    assert!(all.items.is_empty());
});

testkit::on_both_engines!(pages_hold_every_one_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let mut made = Vec::new();
    for at in 0..7 {
        made.push(world.permission_set(&format!("Set{at}")).await.id);
    }
    let (mut page, mut seen) = (PageRequest::first(3), Vec::new());
    loop {
        let found = permission_sets::list(store, &world.cx("ListPermissionSets"), instance, &page).unwrap();
        seen.extend(found.items.into_iter().map(|set| set.id));
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    made.sort();
    assert_eq!(seen, made);
});

testkit::on_both_engines!(
    an_update_that_is_refused_changes_nothing_and_others_make_copies_old,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let set = world.permission_set("Admin").await;
        world.assign(&set, DEV, jane()).await;
        world.work().await;
        let update = |patch: PermissionSetPatch| {
            let cx = world.cx("UpdatePermissionSet");
            let (store, instance, arn) = (store.clone(), instance.clone(), set.arn());
            async move { permission_sets::update(&store, &cx, &instance, &arn, patch).await }
        };
        update(PermissionSetPatch::default()).await.unwrap();
        assert_eq!(world.accounts_with(&set, Latest::Yes), [DEV], "nothing new was said");
        update(PermissionSetPatch { description: Some("d".to_owned()), ..Default::default() }).await.unwrap();
        assert_eq!(world.accounts_with(&set, Latest::No), [DEV]);
        assert!(world.accounts_with(&set, Latest::Yes).is_empty());
        update(PermissionSetPatch { session_duration: Some("PT2H".to_owned()), ..Default::default() })
            .await
            .unwrap();
        let bad = update(PermissionSetPatch {
            description: Some("not kept".to_owned()),
            session_duration: Some("PT13H".to_owned()),
            relay_state: None,
        });
        refusal(bad.await, is_validation);
        let found =
            permission_sets::describe(store, &world.cx("DescribePermissionSet"), instance, &set.arn())
                .unwrap();
        assert_eq!((found.description.as_deref(), found.session_duration.seconds()), (Some("d"), 7_200));
    }
);

testkit::on_both_engines!(what_an_update_leaves_out_is_as_at_aws, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for (name, world) in [("Relaxed", world.later(1)), ("Strict", world.strict())] {
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let mut new = new_set(name);
        new.description = Some("All of it".to_owned());
        new.session_duration = Some("PT240M".to_owned());
        new.relay_state = Some("https://console.aws.amazon.com/s3".to_owned());
        let set = permission_sets::create(store, &world.cx("Create"), instance, new).await.unwrap();
        let found = || permission_sets::describe(store, &world.cx("Describe"), instance, &set.arn()).unwrap();
        assert_eq!(found().session_duration.as_str(), "PT240M", "as it was written");
        let patch = PermissionSetPatch {
            relay_state: Some("https://console.aws.amazon.com/ec2".to_owned()),
            session_duration: Some("PT4H".to_owned()),
            ..Default::default()
        };
        permission_sets::update(store, &world.cx("Update"), instance, &set.arn(), patch).await.unwrap();
        assert_eq!(found().session_duration.as_str(), "PT4H");
        assert_eq!(found().relay_state.as_deref(), Some("https://console.aws.amazon.com/ec2"));
        let patch = PermissionSetPatch::default();
        permission_sets::update(store, &world.cx("Update"), instance, &set.arn(), patch).await.unwrap();
        let now = found();
        assert_eq!((now.description.as_deref(), now.relay_state), (Some("All of it"), None), "{name}");
        assert_eq!(now.session_duration.as_str(), if name == "Strict" { "PT1H" } else { "PT4H" });
    }
});

testkit::on_both_engines!(
    only_what_stands_nowhere_is_deleted_and_with_all_of_it,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let mut new = new_set("Admin");
        new.tags.insert("team".to_owned(), "core".to_owned());
        let set =
            permission_sets::create(store, &world.cx("CreatePermissionSet"), instance, new).await.unwrap();
        accounts::permission_set_policies::attach_managed(
            store,
            &world.cx("AttachManagedPolicyToPermissionSet"),
            &world.target(&set),
            crate::world::READ_ONLY.to_owned(),
        )
        .await
        .unwrap();
        world.assign(&set, DEV, jane()).await;
        world.work().await;
        let delete = || async {
            permission_sets::delete(store, &world.cx("DeletePermissionSet"), instance, &set.arn()).await
        };
        let message = refusal(delete().await, is_conflict);
        assert_eq!(
            message,
            "Could not delete because PermissionSet has ApplicationProfile associated with it."
        );
        world.later(10).unassign(&set, DEV, jane()).await;
        world.later(10).work().await;
        delete().await.unwrap();
        let left = store
            .read(|rx| {
                let tags = store::instances::tags::all_of(rx, &set.arn().to_string())?;
                Ok((tags.len(), store::accounts::permission_set_policies::managed(rx, &set.id)?.len()))
            })
            .unwrap();
        assert_eq!(left, (0, 0));
        let cx = world.cx("DescribePermissionSet");
        let gone = permission_sets::describe(store, &cx, instance, &set.arn()).unwrap_err();
        assert_eq!(gone.resource_id(), Some(set.arn().to_string().as_str()));
        refusal(delete().await, is_not_found);
        assert_eq!(world.permission_set("Admin").await.name, "Admin", "the name is free again");
    }
);

testkit::on_both_engines!(
    what_the_management_account_is_being_given_is_protected,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
        let set = world.permission_set("Admin").await;
        let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let arn = set.arn();
        let delegate = world.session_as(DEV, &all, true);
        let change = || {
            let patch = PermissionSetPatch {
                description: Some("theirs".to_owned()),
                ..PermissionSetPatch::default()
            };
            permission_sets::update(store, &delegate, instance, &arn, patch)
        };
        change().await.unwrap();
        world.busy(MANAGEMENT).await;
        world.assign(&set, MANAGEMENT, jane()).await;
        refusal(change().await, is_denied);
    }
);
