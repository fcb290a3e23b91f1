//! What a person would be answered: the statements that decide, the condition keys that count and those that lack, and what is refused.

use accounts::permission_set_policies::{attach_managed, put_boundary, put_inline};
use accounts::simulation::{Answer, Simulated, Simulation, simulate};
use model::access::{Context, Decision};
use model::accounts::permission_set::{PermissionSet, PermissionsBoundary};
use model::directory::user::UserId;
use model::fault::Fault;
use policy::evaluate::Layer;
use serde_json::{Value, json};
use testkit::fixture::Fixture;

use crate::world::{
    ADMINS, DEV, JANE, JOHN, MANAGEMENT, PROD, READ_ONLY, World, account, group, is_denied, is_not_found,
    is_validation, jane, refusal,
};

impl World {
    fn ask_about(&self, set: &PermissionSet, actions: &[&str], context: &[(&str, &str)]) -> Simulation {
        let _ = self;
        let value = |(key, value): &(&str, &str)| ((*key).to_owned(), vec![(*value).to_owned()]);
        Simulation {
            user_id: UserId::trusted(JANE),
            account_id: account(DEV),
            permission_set: set.arn(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: vec!["*".to_owned()],
            context: context.iter().map(value).collect::<Context>(),
            at: None,
        }
    }

    fn simulate(&self, asked: &Simulation) -> Result<Simulated, Fault> {
        simulate(&self.fixture.store, &self.cx("SimulateAccess"), &self.fixture.instance.id, asked)
    }

    fn one(&self, asked: &Simulation) -> Answer {
        self.simulate(asked).unwrap().answers.remove(0)
    }

    async fn inline(&self, set: &PermissionSet, statements: Value) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        put_inline(
            &self.fixture.store,
            &self.cx("PutInlinePolicyToPermissionSet"),
            &self.target(set),
            policy,
        )
        .await
        .unwrap();
    }
}

/// Policy and statement of what an answer rests on.
fn matched(answer: &Answer) -> Vec<(Layer, &str, &str)> {
    answer.matched.iter().map(|one| (one.layer, one.policy.as_str(), one.statement.as_str())).collect()
}

testkit::on_both_engines!(the_statement_that_decides_is_named, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let (store, target) = (&world.fixture.store, world.target(&set));
    let cx = world.cx("AttachManagedPolicyToPermissionSet");
    attach_managed(store, &cx, &target, READ_ONLY.to_owned()).await.unwrap();
    let office = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    world
        .inline(
            &set,
            json!([
                {"Sid": "Office", "Effect": "Allow", "Action": "sso:DeletePermissionSet", "Resource": "*", "Condition": office},
                {"Effect": "Deny", "Action": "sso:DeletePermissionSet", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
                {"Sid": "Own", "Effect": "Allow", "Action": "identitystore:DescribeUser", "Resource": "arn:aws:identitystore:::user/${identitystore:UserId}"}
            ]),
        )
        .await;
    world.assign(&set, DEV, group(ADMINS)).await;
    world.work().await;

    let told = world
        .simulate(&world.ask_about(&set, &["sso:ListInstances", "sso:CreatePermissionSet"], &[]))
        .unwrap();
    assert_eq!(told.granted_by, [group(ADMINS)]);
    let [lists, creates] = told.answers.as_slice() else { panic!("two answers") };
    assert_eq!(lists.decision, Decision::Allow);
    assert!(
        matched(lists).iter().all(|(layer, policy, _)| *layer == Layer::Identity && *policy == READ_ONLY),
        "{lists:?}"
    );
    assert_eq!((&creates.decision, matched(creates)), (&Decision::ImplicitDeny, vec![]));

    // The second factor of a session is known not to be there unless it is said.
    let delete =
        |context: &[(&str, &str)]| world.one(&world.ask_about(&set, &["sso:DeletePermissionSet"], context));
    let without = delete(&[("aws:SourceIp", "192.0.2.7")]);
    assert!(matches!(without.decision, Decision::ExplicitDeny(_)), "{without:?}");
    assert_eq!(matched(&without), [(Layer::Identity, "AwsSSOInlinePolicy", "2")]);
    // Keys have no case.
    let with = delete(&[("aws:sourceip", "192.0.2.7"), ("AWS:MultiFactorAuthPresent", "true")]);
    assert_eq!(
        (&with.decision, matched(&with)),
        (&Decision::Allow, vec![(Layer::Identity, "AwsSSOInlinePolicy", "Office")])
    );
    let nowhere = delete(&[("aws:MultiFactorAuthPresent", "true")]);
    assert_eq!(
        (&nowhere.decision, nowhere.missing.as_slice()),
        (&Decision::ImplicitDeny, &["aws:SourceIp".to_owned()][..])
    );
    assert!(nowhere.reason.contains("Office: does not apply: IpAddress aws:SourceIp"), "{}", nowhere.reason);

    // What is known of the person is filled in.
    let mut own = world.ask_about(&set, &["identitystore:DescribeUser"], &[]);
    own.resources =
        vec![format!("arn:aws:identitystore:::user/{JANE}"), format!("arn:aws:identitystore:::user/{JOHN}")];
    let told = world.simulate(&own).unwrap();
    assert!(matched(&told.answers[0]).contains(&(Layer::Identity, "AwsSSOInlinePolicy", "Own")), "{told:?}");
    assert!(!matched(&told.answers[1]).contains(&(Layer::Identity, "AwsSSOInlinePolicy", "Own")), "{told:?}");

    // A boundary narrows, and is named.
    let boundary = PermissionsBoundary::ManagedPolicyArn("arn:aws:iam::aws:policy/AWSDenyAll".to_owned());
    put_boundary(store, &cx, &target, boundary).await.unwrap();
    world.provision(&set, None).await;
    world.work().await;
    let bound = world.one(&world.ask_about(&set, &["sso:ListInstances"], &[]));
    assert!(matches!(bound.decision, Decision::ExplicitDeny(_)), "{bound:?}");
    assert_eq!(
        matched(&bound).first().map(|(layer, policy, _)| (*layer, *policy)),
        Some((Layer::Boundary, "arn:aws:iam::aws:policy/AWSDenyAll"))
    );
});

testkit::on_both_engines!(who_has_no_role_is_denied_and_told_why, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    world.inline(&set, json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])).await;
    world.assign(&set, DEV, jane()).await;
    world.work().await;
    let asked = world.ask_about(&set, &["s3:GetObject"], &[]);
    assert_eq!(world.one(&asked).decision, Decision::Allow);
    for (asked, why) in [
        (
            Simulation { user_id: UserId::trusted(JOHN), ..asked.clone() },
            "neither the person nor a group of theirs",
        ),
        (Simulation { account_id: account(PROD), ..asked.clone() }, "is no role of this account"),
    ] {
        let told = world.simulate(&asked).unwrap();
        assert!(told.granted_by.is_empty());
        assert_eq!(told.answers[0].decision, Decision::ImplicitDeny);
        assert!(told.answers[0].reason.contains(why), "{}", told.answers[0].reason);
    }
});

testkit::on_both_engines!(what_is_not_known_is_refused_and_not_guessed, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let (store, target) = (&world.fixture.store, world.target(&set));
    attach_managed(store, &world.cx("AttachManagedPolicyToPermissionSet"), &target, READ_ONLY.to_owned())
        .await
        .unwrap();
    world.assign(&set, DEV, jane()).await;
    world.work().await;
    assert_eq!(world.one(&world.ask_about(&set, &["SSO:listinstances"], &[])).decision, Decision::Allow);
    let said = refusal(
        world.simulate(&world.ask_about(&set, &["sso:ListInstances", "s3:GetObject"], &[])),
        is_validation,
    );
    assert!(said.starts_with("ActionNames names s3:GetObject, and what arn:aws:iam::aws:policy/ReadOnlyAccess says of it is not known here"), "{said}");
    let absent = Simulation {
        permission_set: world.unknown_set(),
        ..world.ask_about(&set, &["sso:ListInstances"], &[])
    };
    refusal(world.simulate(&absent), is_not_found);
});

testkit::on_both_engines!(every_thing_that_is_asked_about_must_be_allowed, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let set = world.permission_set("A").await;
    let asked = world.ask_about(&set, &["sso:ListInstances"], &[]);
    let all = [
        world.fixture.instance.id.arn(),
        UserId::trusted(JANE).arn(),
        account(DEV).sso_arn(),
        set.arn().to_string(),
    ];
    let call = |resources: &[&String]| {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "portico:SimulateAccess", "Resource": resources}]});
        let cx = world.session(MANAGEMENT, &policy);
        simulate(&world.fixture.store, &cx, &world.fixture.instance.id, &asked)
    };
    call(&all.iter().collect::<Vec<_>>()).unwrap();
    for left_out in &all {
        let said = refusal(call(&all.iter().filter(|arn| *arn != left_out).collect::<Vec<_>>()), is_denied);
        assert!(said.contains(left_out.as_str()), "{said}");
    }
});
