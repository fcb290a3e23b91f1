//! Users, groups, memberships: what goes in comes out, pages are stable, and no look-up walks a table.

use model::directory::group::{Group, GroupId};
use model::directory::identity_store::IdentityStoreId;
use model::directory::membership::{Membership, MembershipId};
use model::directory::user::{ExternalId, Name, TypedValue, User, UserId, UserProfile, UserStatus};
use model::instances::instance::Instance;
use model::page::PageRequest;
use serde_json::json;
use store::directory::memberships::MembershipRow;
use store::directory::memberships::Which;
use testkit::fixture::{Fixture, START};

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn external(issuer: &str, id: &str) -> ExternalId {
    ExternalId { issuer: issuer.to_owned(), id: id.to_owned() }
}

fn user(fixture: &Fixture, number: u32, external_ids: Vec<ExternalId>) -> User {
    let text = |value: &str| Some(value.to_owned());
    let attributes = json!({"Title": "Engineer", "Addresses": [{"Country": "NZ"}]});
    User {
        id: UserId::trusted(uuid(number)),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        profile: UserProfile {
            user_name: format!("User{number}"),
            display_name: format!("User {number}"),
            name: Name { given_name: text("Us"), family_name: text("Er"), ..Name::default() },
            emails: vec![TypedValue {
                value: Some(format!("U{number}@Example.com")),
                ..TypedValue::default()
            }],
            attributes: attributes.as_object().unwrap().clone(),
            extensions: [("aws:identitystore:enterprise".to_owned(), json!({"division": "d"}))].into(),
            others: std::collections::BTreeMap::new(),
        },
        status: UserStatus::Enabled,
        external_ids,
        revision: 1,
        created_at: START,
        created_by: "arn:aws:iam::111122223333:root".to_owned(),
        updated_at: START,
        updated_by: "arn:aws:iam::111122223333:root".to_owned(),
    }
}

fn group(fixture: &Fixture, number: u32) -> Group {
    Group {
        id: GroupId::trusted(uuid(number)),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        display_name: format!("Group{number}"),
        description: None,
        external_ids: vec![external("idp", &format!("g{number}"))],
        revision: 1,
        created_at: START,
        created_by: String::new(),
        updated_at: START,
        updated_by: String::new(),
    }
}

fn membership(fixture: &Fixture, number: u32, group: u32, user: u32) -> Membership {
    Membership {
        id: MembershipId::trusted(uuid(number)),
        identity_store_id: fixture.instance.identity_store_id.clone(),
        group_id: GroupId::trusted(uuid(group)),
        user_id: UserId::trusted(uuid(user)),
        created_at: START,
        created_by: "somebody".to_owned(),
    }
}

/// The membership in a row.
fn whole(row: MembershipRow<'_>) -> Membership {
    Membership {
        id: MembershipId::trusted(row.id),
        identity_store_id: IdentityStoreId::trusted(row.identity_store_id),
        group_id: GroupId::trusted(row.group_id),
        user_id: UserId::trusted(row.user_id),
        created_at: row.created_at,
        created_by: row.created_by.to_owned(),
    }
}

testkit::on_both_engines!(users_come_back_whole_and_in_order, |fixture: Fixture| async move {
    let store_id = &fixture.instance.identity_store_id;
    let users = [
        user(&fixture, 3, vec![]),
        user(&fixture, 1, vec![external("b", "2"), external("a", "1")]),
        user(&fixture, 2, vec![external("a", "2")]),
    ];
    let rows = users.clone();
    let cx = fixture.root("identitystore.amazonaws.com", "CreateUser");
    fixture
        .store
        .write(&cx, move |tx, _| rows.iter().try_for_each(|row| store::directory::users::insert(tx, row)))
        .await
        .unwrap();
    let found = fixture
        .store
        .read(|rx| Ok(store::directory::users::page(rx, store_id, &PageRequest::first(1))?))
        .unwrap();
    assert_eq!(found.len(), 2, "one more than the limit tells that another page follows");
    let mut expected = users[1].clone();
    expected.external_ids = vec![external("a", "1"), external("b", "2")];
    assert_eq!(found[0], expected);
    assert_eq!(found[1], users[2]);
    let after = PageRequest { limit: 9, after: Some(uuid(2)) };
    let rest = fixture.store.read(|rx| Ok(store::directory::users::page(rx, store_id, &after)?)).unwrap();
    assert_eq!(rest, [users[0].clone()]);
    let id = |found: Option<UserId>| found.map(String::from);
    fixture
        .store
        .read(|rx| {
            assert_eq!(store::directory::users::find(rx, store_id, &expected.id)?, Some(expected.clone()));
            // The first reads the instance with the user, the others know it.
            for _ in 0..2 {
                let mut opened = |id| {
                    let enter = |found: Option<&Instance>| {
                        assert_eq!(found, Some(&fixture.instance));
                        Ok(())
                    };
                    store::directory::users::describe(rx, (store_id, id), enter, |row| Ok(row.opened()?))
                };
                assert_eq!(opened(&expected.id)?, Some(expected.clone()));
                assert_eq!(opened(&users[2].id)?, Some(users[2].clone()));
                assert_eq!(opened(&UserId::trusted(uuid(9)))?, None);
            }
            assert_eq!(
                store::directory::users::find_by_user_name(rx, store_id, "user3")?,
                Some(users[0].clone())
            );
            assert_eq!(
                id(store::directory::users::find_id_by_user_name(rx, store_id, "user2")?),
                Some(uuid(2))
            );
            assert_eq!(
                id(store::directory::users::find_id_by_email(rx, store_id, "u2@example.com")?),
                Some(uuid(2))
            );
            assert_eq!(store::directory::users::count(rx, store_id)?, 3);
            Ok(())
        })
        .unwrap();
});

testkit::on_both_engines!(memberships_page_from_both_sides, |fixture: Fixture| async move {
    let store_id = fixture.instance.identity_store_id.clone();
    let groups = [group(&fixture, 1), group(&fixture, 2)];
    let memberships = [
        membership(&fixture, 101, 1, 12),
        membership(&fixture, 102, 1, 11),
        membership(&fixture, 103, 2, 11),
        membership(&fixture, 104, 1, 13),
    ];
    let rows = (groups.clone(), memberships.clone());
    let cx = fixture.root("identitystore.amazonaws.com", "CreateGroupMembership");
    fixture
        .store
        .write(&cx, move |tx, _| {
            rows.0.iter().try_for_each(|row| store::directory::groups::insert(tx, row))?;
            rows.1.iter().try_for_each(|row| store::directory::memberships::insert(tx, row))
        })
        .await
        .unwrap();
    let [first, second, third, fourth] = memberships;
    let request = PageRequest { limit: 1, after: Some(uuid(11)) };
    fixture
        .store
        .read(|rx| {
            assert_eq!(
                store::directory::groups::find(rx, &store_id, &groups[1].id)?,
                Some(groups[1].clone())
            );
            let mut page = Vec::new();
            let with = |row: MembershipRow<'_>| page.push(whole(row));
            let next = store::directory::memberships::page_by_group(
                rx,
                (&first.group_id, Which::All),
                &request,
                with,
            )?;
            assert_eq!((page, next.as_deref()), (vec![first.clone()], Some(first.user_id.as_str())));
            let (mut page, rest) = (Vec::new(), PageRequest { limit: 1, after: next });
            let with = |row: MembershipRow<'_>| page.push(whole(row));
            let next =
                store::directory::memberships::page_by_group(rx, (&first.group_id, Which::All), &rest, with)?;
            assert_eq!((page, next), (vec![fourth.clone()], None));
            let (mut page, all) = (Vec::new(), PageRequest::first(9));
            let with = |row: MembershipRow<'_>| page.push(whole(row));
            let next =
                store::directory::memberships::page_by_user(rx, (&second.user_id, Which::All), &all, with)?;
            assert_eq!((page, next), (vec![second.clone(), third.clone()], None));
            assert_eq!(store::directory::memberships::find(rx, &store_id, &third.id)?, Some(third.clone()));
            let asked = [2, 3, 1].map(|number| GroupId::trusted(uuid(number)));
            let mut among = store::directory::memberships::among(rx, &store_id, &first.user_id, &asked)?;
            among.sort();
            assert_eq!(among, [(asked[2].clone(), true), (asked[0].clone(), false)]);
            Ok(())
        })
        .unwrap();
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_look_up_walks_a_table() {
    let fixture = Fixture::sqlite().await;
    let store::db::Location::Sqlite(path) = &fixture.location else { panic!("not SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    let rooms = [
        "store::directory::users::",
        "store::directory::groups::",
        "store::directory::member_groups::",
        "store::directory::memberships::",
        "store::directory::external_ids::",
        "store::directory::rosters::",
    ];
    let mut seen = 0;
    for statement in store::registry::all()
        .filter(|statement| rooms.iter().any(|room| statement.name.starts_with(room)))
        .filter(|statement| !statement.sql.starts_with("INSERT") && !statement.name.ends_with("::COUNT"))
    {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        // Parameters that are not bound are NULL, which changes no plan.
        let mut rows = plan.raw_query();
        let mut steps: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        for step in &steps {
            // A list that was given is no table.
            let is_given = step.starts_with("SCAN json_each ");
            assert!(
                !step.starts_with("SCAN") || is_given || step == "SCAN u" || step == "SCAN g",
                "{}: {steps:?}",
                statement.name
            );
        }
        // A page is found in the order of an index, whose both columns are used.
        if statement.name.ends_with("users::PAGE") || statement.name.ends_with("groups::PAGE") {
            assert!(
                steps.iter().any(|step| step.contains("_by_store (identity_store_id=? AND ")),
                "{steps:?}"
            );
        }
        if statement.name.ends_with("::AMONG") {
            assert!(steps[0].contains("(identity_store_id=? AND group_id=?)"), "{steps:?}");
        }
        seen += 1;
    }
    assert!(seen > 20, "only {seen} statements were looked at");
}
