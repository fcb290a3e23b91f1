//! The policies of a permission set: attached once, detached once, counted, strict about their form, each change a new revision.

use accounts::permission_set_policies as policies;
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionsBoundary};
use model::limits::{INLINE_POLICY_BYTES_MAX, POLICIES_PER_PERMISSION_SET_MAX};
use model::page::PageRequest;
use store::accounts::provisioned_permission_sets::Latest;
use testkit::fixture::Fixture;

use crate::world::{DEV, READ_ONLY, World, is_conflict, is_not_found, is_validation, jane, refusal};

const INLINE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:List*","Resource":"*"}]}"#;

fn reference(path: &str, name: &str) -> CustomerManagedPolicyReference {
    CustomerManagedPolicyReference { name: name.to_owned(), path: path.to_owned() }
}

fn is_quota(kind: &model::fault::FaultKind) -> bool {
    *kind == model::fault::FaultKind::QuotaExceeded
}

testkit::on_both_engines!(managed_policies_are_attached_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let (cx, target) = (world.cx("AttachManagedPolicyToPermissionSet"), world.target(&set));
    policies::attach_managed(store, &cx, &target, READ_ONLY.to_owned()).await.unwrap();
    let cx = world.cx("AttachManagedPolicyToPermissionSet");
    let twice = policies::attach_managed(store, &cx, &target, READ_ONLY.to_owned()).await;
    assert_eq!(
        refusal(twice, is_conflict),
        format!(
            "Permission set with id {} already has a typed link attachment to a manged policy with {READ_ONLY}",
            set.id
        )
    );
    for bad in [
        "arn:aws:iam::111122223333:policy/Mine",
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy//x",
        "arn:aws:iam::aws:policy/a b",
        "ReadOnlyAccess",
    ] {
        let refused = policies::attach_managed(store, &cx, &target, bad.to_owned()).await;
        assert_eq!(refusal(refused, is_validation), format!("Given managed policy ARN: {bad}, is invalid"));
    }
    for absent in ["Billing", "job-function/billing", "readonlyaccess", "ReadOnlyAcces", "NotYetPublished"] {
        let absent = format!("arn:aws:iam::aws:policy/{absent}");
        let refused = policies::attach_managed(store, &cx, &target, absent.clone()).await;
        assert_eq!(refusal(refused, is_not_found), format!("Policy does not exist with ARN: {absent}"));
        let boundary = PermissionsBoundary::ManagedPolicyArn(absent);
        refusal(policies::put_boundary(store, &cx, &target, boundary).await, is_not_found);
    }
    let for_a_service = "arn:aws:iam::aws:policy/aws-service-role/AWSSSOServiceRolePolicy".to_owned();
    refusal(policies::attach_managed(store, &cx, &target, for_a_service).await, is_validation);
    let cx = world.cx("DetachManagedPolicyFromPermissionSet");
    policies::detach_managed(store, &cx, &target, READ_ONLY.to_owned()).await.unwrap();
    let cx = world.cx("DetachManagedPolicyFromPermissionSet");
    refusal(policies::detach_managed(store, &cx, &target, READ_ONLY.to_owned()).await, is_not_found);
});

testkit::on_both_engines!(
    the_record_tells_of_a_policy_that_means_nothing_here,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
        for (arn, told) in [(READ_ONLY, false), ("arn:aws:iam::aws:policy/job-function/Billing", true)] {
            let (cx, target) = (world.cx("AttachManagedPolicyToPermissionSet"), world.target(&set));
            policies::attach_managed(store, &cx, &target, arn.to_owned()).await.unwrap();
            let records = world.records("AttachManagedPolicyToPermissionSet");
            let says = |record: &&serde_json::Value| {
                let effect = record["additionalEventData"]["managedPolicyEffect"].as_str();
                effect.is_some_and(|effect| effect.starts_with("none here"))
            };
            assert_eq!(records.iter().filter(says).count(), usize::from(told), "{arn}");
        }
    }
);

testkit::on_both_engines!(pages_of_policies_do_not_depend_on_a_locale, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let target = world.target(&set);
    let names = [
        "job-function/Billing",
        "AWSDenyAll",
        "service-role/AWS_ConfigRole",
        "SecurityAudit",
        "ReadOnlyAccess",
        "AmazonS3FullAccess",
    ];
    for name in names {
        let cx = world.cx("AttachManagedPolicyToPermissionSet");
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        policies::attach_managed(store, &cx, &target, arn).await.unwrap();
        let cx = world.cx("AttachCustomerManagedPolicyReferenceToPermissionSet");
        policies::attach_customer(store, &cx, &target, reference("/x/", &name.replace('/', "-")))
            .await
            .unwrap();
    }
    let (mut page, mut seen) = (PageRequest::first(1), Vec::new());
    loop {
        let found = policies::list_managed(store, &world.cx("List"), &target, &page).unwrap();
        seen.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let (mut page, mut customer) = (PageRequest::first(4), 0);
    loop {
        let found = policies::list_customer(store, &world.cx("List"), &target, &page).unwrap();
        customer += found.items.len();
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!((seen.len(), customer), (names.len(), names.len()));
});

testkit::on_both_engines!(both_kinds_together_are_bounded, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let target = world.target(&set);
    for at in 0..POLICIES_PER_PERMISSION_SET_MAX {
        let cx = world.cx("Attach");
        if at % 2 == 0 {
            let arn = policy::managed::arns().nth(at).unwrap();
            policies::attach_managed(store, &cx, &target, arn).await.unwrap();
        } else {
            policies::attach_customer(store, &cx, &target, reference("/", &format!("P{at}"))).await.unwrap();
        }
    }
    let cx = world.cx("Attach");
    let one_more = policies::attach_managed(store, &cx, &target, READ_ONLY.to_owned()).await;
    assert!(refusal(one_more, is_quota).contains("25"));
    refusal(policies::attach_customer(store, &cx, &target, reference("/", "more")).await, is_quota);
});

testkit::on_both_engines!(customer_policies_are_told_apart_by_path, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let target = world.target(&set);
    for path in ["/", "/team/"] {
        policies::attach_customer(store, &world.cx("Attach"), &target, reference(path, "p")).await.unwrap();
    }
    refusal(
        policies::attach_customer(store, &world.cx("Attach"), &target, reference("/", "p")).await,
        is_conflict,
    );
    let cx = world.cx("Detach");
    refusal(policies::detach_customer(store, &cx, &target, reference("/other/", "p")).await, is_not_found);
    policies::detach_customer(store, &cx, &target, reference("/", "p")).await.unwrap();
    let left = policies::list_customer(store, &world.cx("List"), &target, &PageRequest::first(9)).unwrap();
    assert_eq!(left.items, [reference("/team/", "p")]);
});

testkit::on_both_engines!(an_inline_policy_is_one_that_can_be_evaluated, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let target = world.target(&set);
    assert_eq!(policies::get_inline(store, &world.cx("Get"), &target).unwrap(), "");
    refusal(policies::delete_inline(store, &world.cx("Delete"), &target).await, is_not_found);
    policies::put_inline(store, &world.cx("Put"), &target, INLINE.to_owned()).await.unwrap();
    let long = "x".repeat(INLINE_POLICY_BYTES_MAX);
    let too_long = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{long}","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#
    );
    let refused = policies::put_inline(store, &world.cx("Put"), &target, too_long.clone()).await;
    let size = too_long.len();
    assert_eq!(
        refusal(refused, is_validation),
        format!(
            "Current size of the non-whitespace characters present in the InlinePolicy Document is {size} bytes which has exceeded the \
             maximum limit of 10240 bytes"
        )
    );
    // Bytes count, not letters: half as many letters of two bytes are too long too.
    let letters =
        INLINE.replace("\"*\"", &format!("\"arn:aws:sso:::{}\"", "é".repeat(INLINE_POLICY_BYTES_MAX / 2)));
    let refused = policies::put_inline(store, &world.cx("Put"), &target, letters).await;
    assert!(refusal(refused, is_validation).contains("exceeded the maximum limit"));
    for bad in [
        "",
        "{",
        "[]",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}]}"#,
        r#"{"Statement":[]}"#,
        r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"arn:awss:sso:::instance/x"}]}"#,
        r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"x"}}}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    ] {
        let refused = policies::put_inline(store, &world.cx("Put"), &target, bad.to_owned()).await;
        assert!(refusal(refused, is_validation).starts_with("InlinePolicy"), "{bad}");
    }
    assert_eq!(
        policies::get_inline(store, &world.cx("Get"), &target).unwrap(),
        INLINE,
        "nothing was changed"
    );
    let spacious = format!("{}{INLINE}", " ".repeat(INLINE_POLICY_BYTES_MAX));
    policies::put_inline(store, &world.cx("Put"), &target, spacious.clone()).await.unwrap();
    assert_eq!(policies::get_inline(store, &world.cx("Get"), &target).unwrap(), spacious);
    policies::delete_inline(store, &world.cx("Delete"), &target).await.unwrap();
    assert_eq!(policies::get_inline(store, &world.cx("Get"), &target).unwrap(), "");
});

testkit::on_both_engines!(there_is_one_boundary_or_none, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let target = world.target(&set);
    let get = || policies::get_boundary(store, &world.cx("Get"), &target);
    refusal(get(), is_not_found);
    refusal(policies::delete_boundary(store, &world.cx("Delete"), &target).await, is_not_found);
    let bad = PermissionsBoundary::ManagedPolicyArn("arn:aws:iam::111122223333:policy/Mine".to_owned());
    refusal(policies::put_boundary(store, &world.cx("Put"), &target, bad).await, is_validation);
    for boundary in [
        PermissionsBoundary::CustomerManaged(reference("/team/", "edge")),
        PermissionsBoundary::ManagedPolicyArn(READ_ONLY.to_owned()),
    ] {
        policies::put_boundary(store, &world.cx("Put"), &target, boundary.clone()).await.unwrap();
        assert_eq!(get().unwrap(), boundary);
    }
    policies::delete_boundary(store, &world.cx("Delete"), &target).await.unwrap();
    refusal(get(), is_not_found);
});

testkit::on_both_engines!(every_change_makes_what_accounts_hold_old, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, set) = (&world.fixture.store, world.permission_set("Admin").await);
    let (target, cx) = (world.target(&set), || world.cx("Change"));
    world.assign(&set, DEV, jane()).await;
    world.work().await;
    let mut at = world.later(1_000);
    for step in 0..6 {
        let boundary = PermissionsBoundary::ManagedPolicyArn(READ_ONLY.to_owned());
        match step {
            0 => policies::attach_managed(store, &cx(), &target, READ_ONLY.to_owned()).await,
            1 => policies::detach_managed(store, &cx(), &target, READ_ONLY.to_owned()).await,
            2 => policies::put_inline(store, &cx(), &target, INLINE.to_owned()).await,
            3 => policies::delete_inline(store, &cx(), &target).await,
            4 => policies::put_boundary(store, &cx(), &target, boundary).await,
            _ => policies::delete_boundary(store, &cx(), &target).await,
        }
        .unwrap();
        assert_eq!(world.accounts_with(&set, Latest::No), [DEV], "step {step}");
        at = at.later(1_000);
        at.provision(&set, Some(DEV)).await;
        at.work().await;
        assert_eq!(world.accounts_with(&set, Latest::Yes), [DEV], "step {step}");
    }
});
