//! What is attached to an account's own roles.

use accounts::role_sessions::Credentials;
use accounts::sts::{AssumeRole, assume_role};
use accounts::{policies, role_policies, roles};
use model::fault::FaultKind;
use model::limits::Mode;
use policy::require::{Action, require};
use serde_json::json;

use crate::plane::policies::{allow, iam, made, new as new_policy};
use crate::plane::roles_made::{new, role};
use crate::plane::support::{ADMIN, MEMBER, World, refused};

const NONE: FaultKind = FaultKind::Service("NoSuchEntity");
const CONFLICT: FaultKind = FaultKind::Service("DeleteConflict");

testkit::on_both_engines!(
    what_is_attached_counts_at_the_next_call_and_keeps_its_role,
    |fixture| async move {
        let world = World::new(fixture).await;
        let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
        let ours = made(&world, MEMBER, new_policy("/", "Ours", "sso:List*")).await;
        let made = role(&world, new("Deploy")).await;
        let ask = |policy_arns: Vec<String>| AssumeRole {
            role_arn: made.arn(),
            session_name: "work".to_owned(),
            duration_seconds: None,
            policy: None,
            policy_arns,
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            external_id: None,
            provided_contexts: Vec::new(),
        };
        let session = assume_role(store, &cx, ask(Vec::new())).await.unwrap().credentials;
        let narrow = assume_role(store, &cx, ask(vec![ours.clone()])).await.unwrap().credentials;
        let absent = assume_role(store, &cx, ask(vec![ours.replace("Ours", "Absent")])).await;
        assert_eq!(refused(absent), FaultKind::Validation);
        let may = |session: &Credentials, action: &'static str| {
            require(&world.cx(session, "sso.amazonaws.com", "Test"), Action(action), &[]).is_ok()
        };
        let rights =
            |session: &Credentials| (may(session, "sso:ListInstances"), may(session, "iam:ListPolicies"));
        assert_eq!(rights(&session), (false, false));

        role_policies::attach(store, &cx, "Deploy", ours.clone()).await.unwrap();
        role_policies::attach(store, &cx, "deploy", ours.clone()).await.unwrap();
        assert_eq!((rights(&session), rights(&narrow)), ((true, false), (true, false)));
        role_policies::put_inline(store, &cx, "Deploy", ("p".to_owned(), &allow("iam:*"))).await.unwrap();
        assert_eq!((rights(&session), rights(&narrow)), ((true, true), (true, false)));
        assert_eq!(role_policies::inline_policy(store, &cx, "Deploy", "p").unwrap().to_string(), {
            let text: serde_json::Value = serde_json::from_str(&allow("iam:*")).unwrap();
            text.to_string()
        });

        assert_eq!(refused(roles::delete(store, &cx, "Deploy").await), CONFLICT);
        role_policies::detach(store, &cx, "Deploy", ours.clone()).await.unwrap();
        assert_eq!(refused(role_policies::detach(store, &cx, "Deploy", ours.clone()).await), NONE);
        assert_eq!((rights(&session), rights(&narrow)), ((false, true), (false, false)));
        assert_eq!(
            refused(roles::delete(store, &cx, "Deploy").await),
            CONFLICT,
            "the inline policy is there"
        );
        policies::delete(store, &cx, &ours).await.unwrap();
        assert!(!may(&narrow, "iam:ListPolicies"), "what a session was bound by forbids when it is gone");
        role_policies::delete_inline(store, &cx, "Deploy", "p".to_owned()).await.unwrap();
        assert_eq!(refused(role_policies::delete_inline(store, &cx, "Deploy", "p".to_owned()).await), NONE);
        roles::delete(store, &cx, "Deploy").await.unwrap();
    }
);

testkit::on_both_engines!(a_role_holds_as_much_as_iam_says, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, mut cx) = (&world.fixture.store, iam(&world, MEMBER));
    role(&world, new("Deploy")).await;
    let mut arns = Vec::new();
    for at in 0..21 {
        arns.push(made(&world, MEMBER, new_policy("/", &format!("P{at}"), "s3:*")).await);
    }
    for (mode, most) in [(Mode::Strict, 10), (Mode::Relaxed, 20)] {
        cx.mode = mode;
        for arn in &arns[..most] {
            role_policies::attach(store, &cx, "Deploy", arn.clone()).await.unwrap();
        }
        let more = role_policies::attach(store, &cx, "Deploy", arns[most].clone()).await.unwrap_err();
        assert_eq!(*more.kind(), FaultKind::QuotaExceeded);
        assert_eq!(more.message(), format!("Cannot exceed quota for PoliciesPerRole: {most}"));
    }
    let foreign = ADMIN.replace("AdministratorAccess", "Absent");
    assert_eq!(refused(role_policies::attach(store, &cx, "Deploy", foreign).await), NONE);

    let long = |letters: usize| allow(&format!("s3:{}", "x".repeat(letters)));
    let put = |name: &str, text: String| {
        let name = name.to_owned();
        let cx = cx.clone();
        async move { role_policies::put_inline(store, &cx, "Deploy", (name, &text)).await }
    };
    put("one", long(6_000)).await.unwrap();
    assert_eq!(refused(put("two", long(6_000)).await), FaultKind::QuotaExceeded, "they count together");
    put("one", long(3_000)).await.unwrap();
    put("two", long(6_000)).await.unwrap();
    let typo = json!({"Statement": {"Effect": "Alow", "Action": "*", "Resource": "*"}}).to_string();
    assert_eq!(refused(put("three", typo).await), FaultKind::Service("MalformedPolicyDocument"));
});
