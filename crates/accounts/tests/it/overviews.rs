//! What is told by one call instead of many: the same as many calls tell, however it is cut into pages.

use accounts::overviews;
use accounts::permission_set_policies as policies;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::{CustomerManagedPolicyReference, PermissionsBoundary};
use model::directory::user::UserId;
use model::page::PageRequest;
use serde_json::json;
use store::accounts::effective_access::everything;
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, MANAGEMENT, PROD, READ_ONLY, World, group, is_denied, is_not_found, jane, john,
    refusal,
};

testkit::on_both_engines!(a_person_sees_what_the_portal_shows, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for (at, who) in [jane(), group(ADMINS), john()].into_iter().enumerate() {
        for place in [DEV, PROD] {
            let set = world.permission_set(&format!("Set{at}{place}")).await;
            world.assign(&set, place, who.clone()).await;
        }
    }
    let both = world.permission_set("Both").await;
    world.assign(&both, DEV, jane()).await;
    world.assign(&both, DEV, group(ADMINS)).await;
    let user = UserId::trusted(JANE);
    let portal = world.fixture.store.read(|rx| Ok(everything(rx, &user, 1_000)?)).unwrap();
    let mut wanted: Vec<(String, String)> =
        portal.into_iter().map(|(account, role, _)| (account.id.into(), role.permission_set_name)).collect();
    wanted.sort();
    assert_eq!(wanted.len(), 5);
    for limit in [1, 2, 3, 100] {
        let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let cx = world.cx("ListAccountsWithRoles");
            let instance = &world.fixture.instance.id;
            let got =
                overviews::accounts_with_roles(&world.fixture.store, &cx, (instance, &user), &page).unwrap();
            let roles: usize = got.items.iter().map(|(_, roles)| roles.len()).sum();
            assert!(roles <= limit);
            for (account, roles) in got.items {
                assert!(account.email.ends_with("@example.com"));
                rows.extend(roles.into_iter().map(|set| (account.id.to_string(), set.name)));
            }
            page.after = got.next;
            if page.after.is_none() {
                break;
            }
        }
        rows.sort();
        assert_eq!(rows, wanted, "{limit}");
    }
});

testkit::on_both_engines!(a_permission_set_comes_with_everything_of_it, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx("Prepare"));
    let (rich, bounded, bare) = (
        world.permission_set("Rich").await,
        world.permission_set("Bounded").await,
        world.permission_set("Bare").await,
    );
    let target = world.target(&rich);
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    for arn in [READ_ONLY, admin] {
        policies::attach_managed(store, &cx, &target, arn.to_owned()).await.unwrap();
    }
    let customer = CustomerManagedPolicyReference { name: "ours".to_owned(), path: "/team/".to_owned() };
    policies::attach_customer(store, &cx, &target, customer.clone()).await.unwrap();
    let inline = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    .to_string();
    policies::put_inline(store, &cx, &target, inline.clone()).await.unwrap();
    let boundary = PermissionsBoundary::ManagedPolicyArn(READ_ONLY.to_owned());
    policies::put_boundary(store, &cx, &target, boundary.clone()).await.unwrap();
    let other = PermissionsBoundary::CustomerManaged(customer.clone());
    policies::put_boundary(store, &cx, &world.target(&bounded), other.clone()).await.unwrap();
    let arn = rich.arn().to_string();
    let tag = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
        store::instances::tags::upsert(tx, &arn, "team", "red")
    };
    store.maintain(&cx, tag).await.unwrap();
    for limit in [1, 2, 100] {
        let (mut all, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let cx = world.cx("ListPermissionSetsWithDetails");
            let got =
                overviews::permission_sets(store, &cx, (&world.fixture.instance.id, ""), &page).unwrap();
            assert!(got.items.len() <= limit);
            all.extend(got.items);
            page.after = got.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(
            all.iter().map(|one| one.set.name.as_str()).collect::<Vec<_>>(),
            ["Bare", "Bounded", "Rich"]
        );
        let of = |name: &str| all.iter().find(|one| one.set.name == name).unwrap();
        let one = of("Rich");
        assert_eq!(one.managed, [admin, READ_ONLY]);
        assert_eq!(one.customer, std::slice::from_ref(&customer));
        assert_eq!((one.inline.as_ref(), one.boundary.as_ref()), (Some(&inline), Some(&boundary)));
        assert_eq!(one.tags.get("team").map(String::as_str), Some("red"));
        assert_eq!(of("Bounded").boundary.as_ref(), Some(&other));
        let one = of("Bare");
        assert!(one.managed.is_empty() && one.customer.is_empty() && one.tags.is_empty());
        assert_eq!((one.inline.as_ref(), one.boundary.as_ref()), (None, None));
        assert_eq!(one.set.id, bare.id);
    }
});

testkit::on_both_engines!(a_part_of_the_name_finds_permission_sets, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    for name in ["Read_Only", "readXonly", "PowerUser", "Po+wer"] {
        world.permission_set(name).await;
    }
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let page = PageRequest::first(10);
    for (part, expected) in [
        ("READ", &["Read_Only", "readXonly"][..]),
        ("d_o", &["Read_Only"]),
        ("r", &["Po+wer", "PowerUser", "Read_Only", "readXonly"]),
        ("o+w", &["Po+wer"]),
        ("zz", &[]),
        ("%", &[]),
        ("!", &[]),
    ] {
        let cx = world.cx("ListPermissionSetsWithDetails");
        let got = overviews::permission_sets(store, &cx, (instance, part), &page).unwrap();
        let names: Vec<&str> = got.items.iter().map(|one| one.set.name.as_str()).collect();
        assert_eq!(names, expected, "{part}");
    }
});

testkit::on_both_engines!(a_page_of_long_policies_is_short, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, world.cx("Prepare"));
    for at in 0..40 {
        let id = world.permission_set(&format!("Set{at}")).await.id;
        // As long as the service takes, with white space: 32,768 letters.
        let policy = format!("{:<32768}", "{}");
        let put = move |tx: &mut store::tx::Tx<'_>, _: &model::cx::Cx| {
            store::accounts::permission_sets::set_inline_policy(tx, &id, Some(&policy))
        };
        store.maintain(&cx, put).await.unwrap();
    }
    let mut page = PageRequest::first(100);
    let mut pages = Vec::new();
    loop {
        let got = overviews::permission_sets(store, &cx, (&world.fixture.instance.id, ""), &page).unwrap();
        pages.push(got.items.len());
        page.after = got.next;
        if page.after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [32, 8]);
});

testkit::on_both_engines!(who_may_not_see_one_of_them_sees_none, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, instance) = (&world.fixture.store, &world.fixture.instance.id);
    let page = PageRequest::first(10);
    let session = |statements: serde_json::Value| {
        world.session(MANAGEMENT, &json!({"Version": "2012-10-17", "Statement": statements}))
    };
    let action = "portico:ListPermissionSetsWithDetails";
    let all = session(json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]));
    let own = session(json!([{"Effect": "Allow", "Action": action, "Resource": instance.arn()}]));
    let list = |cx: &model::cx::Cx| overviews::permission_sets(store, cx, (instance, ""), &page);
    list(&all).unwrap();
    let none = refusal(list(&own), is_denied);
    let set = world.permission_set("A").await;
    list(&all).unwrap();
    assert_eq!(refusal(list(&own), is_denied), none, "a refusal tells whether there is any");
    let but = session(json!([{"Effect": "Allow", "Action": action, "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Resource": set.arn().to_string()}]));
    let said = refusal(list(&but), is_denied);
    assert!(!said.contains(set.id.as_str()), "{said}");
    let nobody = UserId::trusted("99999999-9999-4999-8999-999999999999");
    let of =
        |cx: &model::cx::Cx, id: &UserId| overviews::accounts_with_roles(store, cx, (instance, id), &page);
    refusal(of(&own, &nobody), is_denied);
    refusal(of(&world.cx("ListAccountsWithRoles"), &nobody), is_not_found);
    let Principal::User(john) = john() else { unreachable!() };
    assert!(of(&world.cx("ListAccountsWithRoles"), &john).unwrap().items.is_empty());
});
