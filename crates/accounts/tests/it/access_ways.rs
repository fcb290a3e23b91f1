//! What grants something is told with the groups by which somebody is in it, now and at a past moment.

use accounts::access::{self, Beside, Of, Question};
use accounts::effective_access::Reach;
use model::directory::group::GroupId;
use model::directory::member_group::{MemberGroup, NestingKey};
use model::directory::user::UserId;
use model::page::PageRequest;
use model::timestamp::Timestamp;
use store::directory::member_groups;
use testkit::fixture::Fixture;

use crate::world::{ADMINS, DEV, JANE, READERS, World, account, group, group_row};

const OUTER: &str = "55555555-5555-4555-8555-555555555555";

async fn nest(w: &World, outer: &str, member: &str) {
    let (group, member) = (GroupId::trusted(outer), GroupId::trusted(member));
    let store_id = w.fixture.instance.identity_store_id.clone();
    let put = move |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
        let new = MemberGroup {
            identity_store_id: store_id.clone(),
            group_id: group.clone(),
            member_group_id: member.clone(),
            created_at: cx.now,
            created_by: String::new(),
        };
        let concerned = member_groups::concerned(tx, &group, &member)?;
        member_groups::insert(tx, &new, &concerned, || NestingKey::fresh(cx.entropy()))
    };
    w.fixture.store.maintain(&w.cx("AddMemberGroup"), put).await.unwrap();
}

/// By which groups Jane is in the outermost one, as each list tells it.
fn ways(w: &World, at: Option<Timestamp>) -> Vec<Vec<String>> {
    let instance = &w.fixture.instance.id;
    [Of::User(UserId::trusted(JANE)), Of::Account(account(DEV)), Of::Group(GroupId::trusted(OUTER))]
        .map(|of| {
            let (mut told, reach) = (Vec::new(), Reach::default());
            let question = Question { instance, of: &of, at, last_used: false };
            let write = |page: &model::page::Page<_>, beside: &Beside| {
                let key = (UserId::trusted(JANE), GroupId::trusted(OUTER));
                let way = beside.ways.get(&key).map(|way| way.iter().map(GroupId::to_string).collect());
                if !page.items.is_empty() {
                    told = way.unwrap_or_default();
                }
                Ok(String::new())
            };
            let cx = w.cx("ListEffectiveAccess");
            let page = PageRequest::first(9);
            access::list((&w.fixture.store, &reach), &cx, &question, &page, write).unwrap();
            told
        })
        .to_vec()
}

testkit::on_both_engines!(
    what_grants_is_told_with_the_groups_between_now_and_at_past_moments,
    |fixture: Fixture| async move {
        let w = World::new(fixture).await;
        let set = w.permission_set("Reader").await;
        let store_id = w.fixture.instance.identity_store_id.clone();
        let new = move |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
            store::directory::groups::insert(tx, &group_row(OUTER, "outer", &store_id, cx))
        };
        w.fixture.store.maintain(&w.cx("CreateGroup"), new).await.unwrap();
        w.assign(&set, DEV, group(OUTER)).await;
        assert_eq!(ways(&w, None), vec![Vec::<String>::new(); 3]);

        let (nested, shorter, apart, end) = (w.later(1_000), w.later(3_000), w.later(5_000), w.later(9_000));
        nest(&nested, READERS, ADMINS).await;
        nest(&nested, OUTER, READERS).await;
        let long = vec![vec![ADMINS.to_owned(), READERS.to_owned()]; 3];
        assert_eq!(ways(&nested, None), long);
        // Put into it by itself too; of past moments the steps are known between which nothing lies.
        nest(&shorter, OUTER, ADMINS).await;
        let short = vec![vec![ADMINS.to_owned()]; 3];
        assert_eq!(ways(&shorter, None), short);
        let (outer, readers, admins) =
            (GroupId::trusted(OUTER), GroupId::trusted(READERS), GroupId::trusted(ADMINS));
        let out = move |tx: &mut store::tx::Tx<'_>, cx: &model::cx::Cx| {
            member_groups::delete(tx, &readers, &admins, cx.now)?;
            member_groups::delete(tx, &outer, &readers, cx.now)
        };
        apart.fixture.store.maintain(&apart.cx("RemoveMemberGroup"), out).await.unwrap();
        assert_eq!(ways(&apart, None), short);
        let then = |world: &World| Some(world.fixture.now.plus(std::time::Duration::from_secs(1)));
        assert_eq!(ways(&end, then(&nested)), long);
        assert_eq!(ways(&end, then(&shorter)), long);
        assert_eq!(ways(&end, then(&apart)), short);
    }
);
