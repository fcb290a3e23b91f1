//! Organizational units: made, named, emptied and removed, accounts moved between them, and what policies see of it.

use accounts::organizations::{self, Children};
use accounts::permission_set_policies;
use accounts::{accounts as members, organization_tags, organizational_units};
use model::accounts::account_assignment::Principal;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::tag::Tags;
use model::limits::Mode;
use model::page::PageRequest;

use crate::plane::support::{MANAGEMENT, MEMBER, World, account, refused};

const ROOT: &str = "r-a1b2";

fn cx(world: &World) -> Cx {
    world.fixture.root("organizations.amazonaws.com", "Test")
}

async fn made(world: &World, parent: &str, name: &str) -> Result<OrganizationalUnit, Fault> {
    let new = (parent.to_owned(), name.to_owned());
    organizational_units::create(&world.fixture.store, &cx(world), new, Tags::new()).await.map(|made| made.0)
}

async fn moved(world: &World, id: &str, from: &str, to: &str) -> Result<(), Fault> {
    let between = (from.to_owned(), to.to_owned());
    organizational_units::move_account(&world.fixture.store, &cx(world), account(id), between).await
}

const fn word(code: &'static str) -> FaultKind {
    FaultKind::Service(code)
}

testkit::on_both_engines!(units_lie_in_one_another_and_accounts_in_them, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, page) = (&world.fixture.store, cx(&world), PageRequest::first(20));
    let outer = made(&world, ROOT, "Workloads").await.unwrap();
    let inner = made(&world, outer.id.as_str(), "Production").await.unwrap();
    assert!(outer.id.as_str().starts_with("ou-a1b2-"));
    assert_eq!(inner.inside().as_str(), format!("{}/{}/", outer.id, inner.id));
    moved(&world, MEMBER, ROOT, inner.id.as_str()).await.unwrap();

    let parent = |child: &str| organizations::parent_of(store, &cx, child).unwrap();
    assert_eq!((parent(MEMBER).id, parent(MEMBER).kind()), (inner.id.to_string(), "ORGANIZATIONAL_UNIT"));
    assert_eq!(parent(inner.id.as_str()).id, outer.id.as_str());
    assert_eq!((parent(outer.id.as_str()).id, parent(MANAGEMENT).kind()), (ROOT.to_owned(), "ROOT"));
    let children = |of: &str, kind| organizations::children(store, &cx, (of, kind), &page).unwrap().items;
    assert_eq!(children(ROOT, Children::Units), [outer.id.to_string()]);
    assert_eq!(children(ROOT, Children::Accounts), [MANAGEMENT]);
    assert_eq!(children(inner.id.as_str(), Children::Accounts), [MEMBER]);
    assert!(children(inner.id.as_str(), Children::Units).is_empty());
    let (listed, organization) = organizations::units(store, &cx, outer.id.as_str(), &page).unwrap();
    assert_eq!(listed.items, std::slice::from_ref(&inner));
    let (under, _) = organizations::accounts(store, &cx, inner.id.as_str(), &page).unwrap();
    assert_eq!(under.items[0].id.as_str(), MEMBER);
    let path = organization.account_path(&under.items[0].path, &under.items[0].id);
    assert_eq!(path, format!("o-a1b2c3d4e5/{ROOT}/{}/{}/{MEMBER}/", outer.id, inner.id));

    let named = organizational_units::update(store, &cx, inner.id.clone(), Some("Live".to_owned())).await;
    assert_eq!(named.unwrap().0.name, "Live");
    assert_eq!(organizational_units::describe(store, &cx, &inner.id).unwrap().0.name, "Live");
    // As it is called already; and no name.
    for name in [Some("Live".to_owned()), None] {
        let same = organizational_units::update(store, &cx, inner.id.clone(), name).await.unwrap();
        assert_eq!(same.0.name, "Live");
    }
    let tag = Tags::from([("team".to_owned(), "core".to_owned())]);
    organization_tags::tag(store, &cx, inner.id.to_string(), tag.clone()).await.unwrap();
    assert_eq!(organization_tags::list(store, &cx, inner.id.as_str()).unwrap(), tag);
    moved(&world, MEMBER, inner.id.as_str(), ROOT).await.unwrap();
    organizational_units::delete(store, &cx, inner.id.clone()).await.unwrap();
    organizational_units::delete(store, &cx, outer.id.clone()).await.unwrap();
    let arn = organization.arn_of(inner.id.as_str());
    assert!(store.read(|rx| Ok(store::instances::tags::all_of(rx, &arn)?)).unwrap().is_empty());
    assert!(members::describe(store, &cx, &account(MEMBER)).unwrap().0.path.as_str().is_empty());
});

testkit::on_both_engines!(every_refusal_has_awss_word, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, cx(&world));
    let unit = made(&world, ROOT, "A").await.unwrap();
    let id = unit.id.as_str();
    let gone = OrganizationalUnitId::trusted("ou-a1b2-00000000");
    let duplicate = word("DuplicateOrganizationalUnitException");
    assert_eq!(refused(made(&world, ROOT, "A").await), duplicate);
    assert_eq!(refused(made(&world, gone.as_str(), "A").await), word("ParentNotFoundException"));
    let inner = made(&world, id, "A").await.unwrap();
    made(&world, id, "B").await.unwrap();
    let named = organizational_units::update(store, &cx, inner.id.clone(), Some("B".to_owned())).await;
    assert_eq!(refused(named), duplicate);

    let absent = word("OrganizationalUnitNotFoundException");
    assert_eq!(refused(organizational_units::describe(store, &cx, &gone)), absent);
    assert_eq!(refused(organizational_units::update(store, &cx, gone.clone(), None).await), absent);
    assert_eq!(refused(organizational_units::delete(store, &cx, gone.clone()).await), absent);
    let full = word("OrganizationalUnitNotEmptyException");
    assert_eq!(refused(organizational_units::delete(store, &cx, unit.id.clone()).await), full);
    moved(&world, MEMBER, ROOT, inner.id.as_str()).await.unwrap();
    assert_eq!(refused(organizational_units::delete(store, &cx, inner.id.clone()).await), full);

    for (who, from, to, code) in [
        ("999988887777", ROOT, id, "AccountNotFoundException"),
        // It is in `inner`, not here.
        (MEMBER, ROOT, id, "SourceParentNotFoundException"),
        (MEMBER, gone.as_str(), id, "SourceParentNotFoundException"),
        (MEMBER, inner.id.as_str(), gone.as_str(), "DestinationParentNotFoundException"),
        (MEMBER, inner.id.as_str(), inner.id.as_str(), "DuplicateAccountException"),
    ] {
        assert_eq!(refused(moved(&world, who, from, to).await), word(code), "{who} {from} {to}");
    }
    let stays = moved(&world, MANAGEMENT, ROOT, id).await.unwrap_err();
    assert!(stays.message().contains("the management account, which stays at the root"), "{stays:?}");

    let mut parent = inner.id.to_string();
    for name in ["3", "4", "5"] {
        parent = made(&world, &parent, name).await.unwrap().id.to_string();
    }
    let deep = made(&world, &parent, "6").await.unwrap_err();
    assert_eq!(deep.kind(), &word("ConstraintViolationException"));
    assert_eq!(deep.reason(), Some("OU_DEPTH_LIMIT_EXCEEDED"));
});

testkit::on_both_engines!(strict_mode_holds_to_two_thousand_units, |fixture| async move {
    let world = World::new(fixture).await;
    world
        .change(|tx, cx| {
            for at in 0..2_000_u32 {
                let unit = OrganizationalUnit {
                    id: OrganizationalUnitId::trusted(format!("ou-a1b2-{at:08x}")),
                    name: at.to_string(),
                    path: model::accounts::organizational_unit::UnitPath::ROOT,
                    created_at: cx.now,
                };
                store::accounts::organizational_units::insert(tx, &unit)?;
            }
            Ok(())
        })
        .await;
    let mut strict = cx(&world);
    strict.mode = Mode::Strict;
    let (store, new) = (&world.fixture.store, (ROOT.to_owned(), "more".to_owned()));
    let most = organizational_units::create(store, &strict, new.clone(), Tags::new()).await.unwrap_err();
    assert_eq!(most.reason(), Some("OU_NUMBER_LIMIT_EXCEEDED"));
    assert!(organizational_units::create(store, &cx(&world), new, Tags::new()).await.is_ok());
    let mut page = PageRequest::first(20);
    let mut seen = Vec::new();
    loop {
        let (found, _) = organizations::units(store, &cx(&world), ROOT, &page).unwrap();
        seen.extend(found.items.into_iter().map(|unit| unit.id));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    seen.dedup();
    assert_eq!(seen.len(), 2_001);
});

testkit::on_both_engines!(
    policies_see_where_the_callers_account_lies_at_the_next_call,
    |fixture| async move {
        let world = World::new(fixture).await;
        let unit = made(&world, ROOT, "Workloads").await.unwrap();
        let (person, set) = (world.person("jane").await, world.permission_set("Set", "PT1H", &[]).await);
        let within = serde_json::json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "organizations:DescribeOrganization", "Resource": "*",
            "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": format!("o-a1b2c3d4e5/{ROOT}/{}/*", unit.id)}},
        }});
        permission_set_policies::check_inline(&within.to_string()).unwrap();
        let id = set.id.clone();
        world
            .change(move |tx, _| {
                store::accounts::permission_sets::set_inline_policy(tx, &id, Some(&within.to_string()))
            })
            .await;
        world.assign(MEMBER, &set, Principal::User(person.clone())).await;
        let credentials = world.issue(&person, MEMBER, "Set").await.unwrap();
        let organization =
            world.fixture.store.read(|rx| Ok(store::accounts::organizations::find(rx)?)).unwrap();
        let ask = || {
            let mut cx = world.cx(&credentials, "organizations.amazonaws.com", "DescribeOrganization");
            cx.organization = organization.clone().map(std::sync::Arc::new);
            organizations::describe(&world.fixture.store, &cx).map(drop)
        };
        assert_eq!(refused(ask()), FaultKind::AccessDenied);
        moved(&world, MEMBER, ROOT, unit.id.as_str()).await.unwrap();
        ask().unwrap();
        moved(&world, MEMBER, unit.id.as_str(), ROOT).await.unwrap();
        assert_eq!(refused(ask()), FaultKind::AccessDenied);
    }
);
