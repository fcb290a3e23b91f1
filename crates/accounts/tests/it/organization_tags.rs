//! Tags of accounts and of the root: kept, bounded, there from an account's beginning, and counted by policies.

use accounts::{account_creations, accounts as members, organization_tags as tags};
use model::accounts::account::AccountId;
use model::accounts::organization::CreationState;
use model::fault::FaultKind;
use model::instances::tag::Tags;
use model::limits::ORGANIZATION_TAGS_MAX;
use serde_json::json;
use testkit::fixture::Fixture;

use crate::world::{DEV, MANAGEMENT, PROD, ROOT, World, is_denied, is_validation, refusal};

fn tagged(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn is_no_target(kind: &FaultKind) -> bool {
    *kind == FaultKind::Service("TargetNotFoundException")
}

testkit::on_both_engines!(an_account_and_the_root_have_tags, |fixture: Fixture| async move {
    let world = World::organized(fixture).await;
    let (store, cx) = (&world.fixture.store, || world.cx("TagResource"));
    for id in [DEV, ROOT] {
        tags::tag(store, &cx(), id.to_owned(), tagged(&[("team", "core"), ("cost", "")])).await.unwrap();
        tags::tag(store, &cx(), id.to_owned(), tagged(&[("team", "web")])).await.unwrap();
        tags::untag(store, &cx(), id.to_owned(), vec!["cost".to_owned(), "absent".to_owned()]).await.unwrap();
        assert_eq!(tags::list(store, &cx(), id).unwrap(), tagged(&[("team", "web")]));
    }
    assert!(tags::list(store, &cx(), PROD).unwrap().is_empty());
    for id in ["999999999999", "r-ffff", "ou-1234-12345678", "p-FullAWSAccess"] {
        refusal(tags::list(store, &cx(), id), is_no_target);
        refusal(tags::tag(store, &cx(), id.to_owned(), tagged(&[("team", "core")])).await, is_no_target);
        refusal(tags::untag(store, &cx(), id.to_owned(), vec!["team".to_owned()]).await, is_no_target);
    }
    let records = world.records("TagResource");
    for kind in ["AWS::Organizations::Root", "AWS::Organizations::Account"] {
        assert!(records.iter().any(|record| record["resources"][0]["type"] == kind), "{records:?}");
    }
});

testkit::on_both_engines!(tags_are_bounded_and_none_is_awss, |fixture: Fixture| async move {
    let world = World::organized(fixture).await;
    let (store, cx) = (&world.fixture.store, || world.cx("TagResource"));
    for key in ["aws:team", "AWS:team"] {
        let refused = tags::tag(store, &cx(), DEV.to_owned(), tagged(&[(key, "")])).await;
        assert!(refusal(refused, is_validation).contains(key));
    }
    let many: Tags = (0..ORGANIZATION_TAGS_MAX).map(|at| (format!("key{at}"), String::new())).collect();
    tags::tag(store, &cx(), DEV.to_owned(), many.clone()).await.unwrap();
    tags::tag(store, &cx(), DEV.to_owned(), tagged(&[("key0", "again")])).await.unwrap();
    let one_more = tags::tag(store, &cx(), DEV.to_owned(), tagged(&[("more", "")])).await;
    refusal(one_more, |kind| *kind == FaultKind::Service("ConstraintViolationException"));
    assert_eq!(tags::list(store, &cx(), DEV).unwrap().len(), many.len());
});

testkit::on_both_engines!(an_account_begins_with_its_tags, |fixture: Fixture| async move {
    let world = World::organized(fixture).await;
    let store = &world.fixture.store;
    let team = || tagged(&[("team", "core")]);
    let create = async |at: u64, name: &str, email: &str| {
        let (cx, named) = (world.later(at).cx("CreateAccount"), (name.to_owned(), email.to_owned()));
        account_creations::create(store, &cx, named, None, team()).await.unwrap()
    };
    let made = create(1, "new", "new@example.com").await;
    let failed = create(2, "late", "NEW@example.com").await;
    let id = |of: &model::accounts::organization::AccountCreation| of.account_id.to_string();
    refusal(tags::list(store, &world.cx("List"), &id(&made)), is_no_target);
    for at in [1_000, 2_000] {
        for job in world.later(at).claim().await {
            account_creations::run_one(store, &world.worker(), &job).await.unwrap();
        }
    }
    assert_eq!(tags::list(store, &world.cx("List"), &id(&made)).unwrap(), team());
    let status = account_creations::describe(store, &world.cx("Describe"), &failed.id).unwrap();
    assert_eq!(status.state, CreationState::Failed);
    let arn = format!("arn:aws:organizations::{MANAGEMENT}:account/o-1234567890/{}", failed.account_id);
    assert!(
        store.read(|rx| Ok(store::instances::tags::all_of(rx, &arn)?)).unwrap().is_empty(),
        "nobody's tags are left"
    );
});

testkit::on_both_engines!(policies_count_an_accounts_tags, |fixture: Fixture| async move {
    let world = World::organized(fixture).await;
    let store = &world.fixture.store;
    tags::tag(store, &world.cx("TagResource"), DEV.to_owned(), tagged(&[("team", "core")])).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["organizations:DescribeAccount", "organizations:TagResource"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "core"}}},
        {"Effect": "Allow", "Action": "organizations:CreateAccount", "Resource": "*"}]});
    let cx = || world.session(MANAGEMENT, &policy);
    let describe = |id: &str| members::describe(store, &cx(), &AccountId::trusted(id));
    describe(DEV).unwrap();
    refusal(describe(PROD), is_denied);
    tags::tag(store, &cx(), DEV.to_owned(), tagged(&[("more", "")])).await.unwrap();
    refusal(tags::tag(store, &cx(), PROD.to_owned(), tagged(&[("team", "core")])).await, is_denied);
    let create = async |with: Tags| {
        let named = ("new".to_owned(), "new@example.com".to_owned());
        account_creations::create(store, &cx(), named, None, with).await
    };
    refusal(create(tagged(&[("team", "core")])).await, is_denied);
    create(Tags::new()).await.unwrap();
});
