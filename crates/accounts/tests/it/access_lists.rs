//! Who reaches what: in which order it comes, page by page, what is refused, and what a refusal tells.

use std::time::Duration;

use accounts::access::{Access, Of};
use accounts::effective_access::Reach;
use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::accounts::organizational_unit::UnitPath;
use model::accounts::permission_set::PermissionSet;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde_json::json;
use store::tx::{Rx, Tx};
use testkit::fixture::{Fixture, START};

use crate::access_written::listed;
use crate::world::{
    ADMINS, DEV, JANE, JOHN, MANAGEMENT, PROD, READERS, World, account, group, is_denied, is_not_found,
    is_validation, jane, john, refusal,
};

impl World {
    pub(crate) fn look<T>(&self, with: impl FnOnce(&mut Rx<'_>) -> Result<T, Fault>) -> T {
        self.fixture.store.read(with).unwrap()
    }

    pub(crate) async fn write(&self, with: impl Fn(&mut Tx<'_>, &Cx) -> Result<(), Fault> + Send + 'static) {
        self.fixture.store.maintain(&self.cx("Change"), with).await.unwrap();
    }

    fn access_page(&self, of: &Of, at: Option<Timestamp>, page: &PageRequest) -> Result<Page<Access>, Fault> {
        let cx = self.cx("ListEffectiveAccess");
        listed((&self.fixture.store, &Reach::default()), &cx, (&self.fixture.instance.id, of, at), page)
    }

    /// All pages of so many rows.
    pub(crate) fn access(&self, of: &Of, at: Option<Timestamp>, limit: usize) -> Vec<Access> {
        let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let got = self.access_page(of, at, &page).unwrap();
            assert!(got.items.len() <= limit, "{} rows", got.items.len());
            rows.extend(got.items);
            if got.next.is_none() {
                return rows;
            }
            assert_ne!(got.next, page.after, "a page that leads to itself");
            page.after = got.next;
        }
    }

    pub(crate) fn of_set(set: &PermissionSet) -> Of {
        Of::PermissionSet(set.arn())
    }
}

testkit::on_both_engines!(
    rows_come_in_their_order_with_every_way_that_grants_them,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        world.assign(&set, DEV, group(ADMINS)).await;
        world.assign(&set, DEV, jane()).await;
        world.assign(&set, PROD, john()).await;
        let row = |user: &str, place: &str, granted_by: &[Principal]| Access {
            user_id: UserId::trusted(user),
            account_id: account(place),
            permission_set_id: set.id.clone(),
            granted_by: granted_by.to_vec(),
        };
        let of_jane = row(JANE, DEV, &[jane(), group(ADMINS)]);
        let lists: [(Of, Vec<Access>); 5] = [
            (Of::User(UserId::trusted(JANE)), vec![of_jane.clone()]),
            (Of::Group(GroupId::trusted(ADMINS)), vec![of_jane.clone()]),
            (Of::Group(GroupId::trusted(READERS)), vec![]),
            (Of::Account(account(PROD)), vec![row(JOHN, PROD, &[john()])]),
            (World::of_set(&set), vec![of_jane, row(JOHN, PROD, &[john()])]),
        ];
        for (of, rows) in lists {
            assert_eq!(world.access(&of, None, 10), rows, "{of:?}");
        }
    }
);

testkit::on_both_engines!(moments_that_are_not_known_are_refused_by_name, |fixture: Fixture| async move {
    let world = World::new(fixture).await.later(3_600_000);
    let of = Of::User(UserId::trusted(JANE));
    let page = PageRequest::first(10);
    let early = START.minus(Duration::from_secs(86_400 * 365));
    let said = refusal(world.access_page(&of, Some(early), &page), is_validation);
    assert!(said.starts_with("At is 2025-11-24T08:00:00Z: what ended before 20"), "{said}");
    let first = said.split("before ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let first = time::OffsetDateTime::parse(&first, &time::format_description::well_known::Rfc3339).unwrap();
    let first = Timestamp::from_seconds(first.unix_timestamp());
    world.access_page(&of, Some(first), &page).unwrap();
    let ahead = world.fixture.now.plus(Duration::from_secs(1));
    let said = refusal(world.access_page(&of, Some(ahead), &page), is_validation);
    assert_eq!(said, format!("At is {}, which is not past", ahead.rfc3339()));
    world.access_page(&of, Some(world.fixture.now), &page).unwrap();
});

testkit::on_both_engines!(
    who_may_not_learns_nothing_and_what_is_not_there_is_not_found,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        let nobody = "99999999-9999-4999-8999-999999999999";
        let asked = [
            (Of::User(UserId::trusted(JANE)), Of::User(UserId::trusted(nobody))),
            (Of::Group(GroupId::trusted(ADMINS)), Of::Group(GroupId::trusted(nobody))),
            (Of::Account(account(DEV)), Of::Account(account("999999999999"))),
            (World::of_set(&set), Of::PermissionSet(world.unknown_set())),
        ];
        let name = |of: &Of| match of {
            Of::User(id) => id.arn(),
            Of::Group(id) => id.arn(),
            Of::Account(id) => id.sso_arn(),
            Of::PermissionSet(arn) => arn.to_string(),
        };
        let page = PageRequest::first(10);
        let reach = Reach::default();
        let call = |cx: &Cx, of: &Of| {
            listed((&world.fixture.store, &reach), cx, (&world.fixture.instance.id, of, None), &page)
        };
        for (there, absent) in &asked {
            let allow = |resources: &[String]| {
                world.session(
                    MANAGEMENT,
                    &json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "portico:ListEffectiveAccess", "Resource": resources}]}),
                )
            };
            let instance = world.fixture.instance.id.arn();
            call(&allow(&[instance.clone(), name(there)]), there).unwrap();
            refusal(call(&allow(&[instance.clone(), name(absent)]), absent), is_not_found);
            let not_this = allow(&[instance]);
            let [here, gone] =
                [there, absent].map(|of| refusal(call(&not_this, of), is_denied).replace(&name(of), "…"));
            assert_eq!(here, gone, "a refusal tells what is there");
            refusal(call(&allow(&[name(there)]), there), is_denied);
        }
        // At a past moment it may have been there.
        let later = world.later(1_000);
        for (_, absent) in &asked {
            let found = later.access_page(absent, Some(later.fixture.now), &page).unwrap();
            assert_eq!(found, Page::default());
        }
    }
);

testkit::on_both_engines!(
    a_page_that_finds_nobody_for_long_ends_and_another_follows,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let set = world.permission_set("A").await;
        let id = set.id.clone();
        // Hundreds of accounts hold it, and only in the last is anybody assigned it.
        let place = |at: u64| AccountId::trusted(format!("{:012}", 400_000_000_000 + at));
        world
            .write(move |tx, cx| {
                (0..700).try_for_each(|at| {
                    let new = accounts::accounts::NewAccount {
                        id: Some(place(at)),
                        name: "held".to_owned(),
                        email: format!("held-{at}@example.com"),
                        path: UnitPath::ROOT,
                    };
                    accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
                    let role = ("role", 1);
                    store::accounts::provisioned_permission_sets::upsert(tx, &place(at), &id, role, cx.now)
                })
            })
            .await;
        world.assign(&set, place(699).as_str(), jane()).await;
        let first = world.access_page(&World::of_set(&set), None, &PageRequest::first(10)).unwrap();
        assert!(first.items.is_empty() && first.next.is_some());
        let found = world.access(&World::of_set(&set), None, 10);
        assert_eq!(found.iter().map(|row| row.account_id.clone()).collect::<Vec<_>>(), [place(699)]);
    }
);
