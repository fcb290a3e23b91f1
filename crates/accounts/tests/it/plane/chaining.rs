//! Sessions that are made from sessions: what stays, and that nobody changes who is said to be behind them.

use accounts::sts::{AssumeRole, Assumed, assume_role};
use model::accounts::role::{Role, RoleName};
use model::caller::{Identity, RoleSession};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use policy::require::{Action, require};
use serde_json::{Value, json};

use crate::plane::support::{ADMIN, MEMBER, World, account, refused};

const ALL: &[&str] = &["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

async fn role(world: &World, name: &str, actions: &[&str], condition: Value) -> Role {
    let role = Role {
        account_id: account(MEMBER),
        name: RoleName::trusted(name),
        path: "/".to_owned(),
        role_id: format!("AROA{name}"),
        description: None,
        max_session_seconds: 3_600,
        trust_policy: json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions, "Condition": condition,
        }]}),
        managed_policies: vec![ADMIN.to_owned()],
        inline_policies: Vec::new(),
        permissions_boundary: None,
        permission_set_id: None,
        created_at: world.fixture.now,
    };
    let row = role.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &row)).await;
    role
}

fn ask(role: &Role) -> AssumeRole {
    AssumeRole {
        role_arn: role.arn(),
        session_name: "work".to_owned(),
        duration_seconds: None,
        policy: None,
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        external_id: None,
        provided_contexts: Vec::new(),
    }
}

fn tagged(role: &Role, tags: &[(&str, &str)], transitive: &[&str]) -> AssumeRole {
    let owned = |text: &&str| (*text).to_owned();
    AssumeRole {
        tags: tags.iter().map(|(key, value)| (owned(key), owned(value))).collect(),
        transitive_tag_keys: transitive.iter().map(owned).collect(),
        ..ask(role)
    }
}

fn named(role: &Role, source: &str) -> AssumeRole {
    AssumeRole { source_identity: Some(source.to_owned()), ..ask(role) }
}

async fn assume(world: &World, cx: &Cx, ask: AssumeRole) -> Result<Assumed, Fault> {
    assume_role(&world.fixture.store, cx, ask).await
}

fn by(world: &World, assumed: &Assumed) -> Cx {
    world.cx(&assumed.credentials, "sts.amazonaws.com", "AssumeRole")
}

fn session(cx: &Cx) -> RoleSession {
    let Identity::Role(session) = cx.caller.identity() else { unreachable!("{cx:?}") };
    (**session).clone()
}

testkit::on_both_engines!(who_is_behind_a_session_is_said_once_for_all, |fixture| async move {
    let world = World::new(fixture).await;
    let root = world.fixture.root("sts.amazonaws.com", "AssumeRole");
    let first = role(&world, "First", ALL, json!({})).await;
    let second = role(&world, "Second", ALL, json!({})).await;
    let plain = role(&world, "Plain", &["sts:AssumeRole"], json!({})).await;
    assert_eq!(refused(assume(&world, &root, named(&plain, "jane")).await), FaultKind::AccessDenied);

    let assumed = assume(&world, &root, named(&first, "jane")).await.unwrap();
    assert_eq!(assumed.source_identity.as_deref(), Some("jane"));
    let cx = by(&world, &assumed);
    assert_eq!(session(&cx).handed_on.source_identity.as_deref(), Some("jane"));
    let another = assume(&world, &cx, named(&second, "john")).await.unwrap_err();
    assert!(another.message().contains("sts:SetSourceIdentity"), "{another}");
    // Whose role does not trust it to be said does not take it from a session either.
    assert_eq!(refused(assume(&world, &cx, ask(&plain)).await), FaultKind::AccessDenied);
    assert!(assume(&world, &cx, named(&second, "jane")).await.is_ok(), "the same again");
    let chained = assume(&world, &by(&world, &assumed), ask(&second)).await.unwrap();
    assert_eq!(chained.source_identity.as_deref(), Some("jane"));
    assert_eq!(session(&by(&world, &chained)).handed_on.source_identity.as_deref(), Some("jane"));

    let records: Vec<Value> = world
        .records("AssumeRole")
        .iter()
        .map(|record| serde_json::from_str(&record.json).unwrap())
        .collect();
    let of_chained = records
        .iter()
        .find(|record| {
            record["responseElements"]["credentials"]["accessKeyId"] == chained.credentials.access_key_id
        })
        .unwrap();
    assert_eq!(of_chained["userIdentity"]["sessionContext"]["sourceIdentity"], "jane");
    assert_eq!(of_chained["responseElements"]["sourceIdentity"], "jane");
});

testkit::on_both_engines!(policies_ask_who_is_behind_a_session, |fixture| async move {
    let world = World::new(fixture).await;
    let root = world.fixture.root("sts.amazonaws.com", "AssumeRole");
    let only_jane = json!({"StringEquals": {"sts:SourceIdentity": "jane"}});
    let asked = role(&world, "Asked", ALL, only_jane).await;
    assert!(assume(&world, &root, named(&asked, "jane")).await.is_ok());
    for wrong in [named(&asked, "john"), ask(&asked)] {
        assert_eq!(refused(assume(&world, &root, wrong).await), FaultKind::AccessDenied);
    }
    let mut bound = role(&world, "Bound", ALL, json!({})).await;
    bound.managed_policies = Vec::new();
    bound.inline_policies = vec![(
        "janes".to_owned(),
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceIdentity": "jane"}}}]}),
    )];
    let row = bound.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &row)).await;
    for (source, may) in [("jane", true), ("john", false)] {
        let cx = by(&world, &assume(&world, &root, named(&bound, source)).await.unwrap());
        assert_eq!(require(&cx, Action("iam:ListRoles"), &[]).is_ok(), may, "{source}");
    }
});

testkit::on_both_engines!(transitive_tags_stay_and_others_do_not, |fixture| async move {
    let world = World::new(fixture).await;
    let root = world.fixture.root("sts.amazonaws.com", "AssumeRole");
    let first = role(&world, "First", ALL, json!({})).await;
    let second = role(&world, "Second", ALL, json!({})).await;
    let third = role(&world, "Third", &["sts:AssumeRole", "sts:TagSession"], json!({})).await;
    let both = [("Team", "red"), ("Project", "x")];
    let cx = by(&world, &assume(&world, &root, tagged(&first, &both, &["team"])).await.unwrap());
    assert_eq!(session(&cx).tags.len(), 2);
    let conflict = assume(&world, &cx, tagged(&second, &[("TEAM", "blue")], &[])).await.unwrap_err();
    assert_eq!(*conflict.kind(), FaultKind::Service("InvalidParameterValue"));

    let chained = by(&world, &assume(&world, &cx, tagged(&second, &[("Cost", "1")], &[])).await.unwrap());
    let tags = session(&chained).tags;
    assert_eq!(
        tags.into_iter().collect::<Vec<_>>(),
        [("Cost".to_owned(), "1".to_owned()), ("Team".to_owned(), "red".to_owned())]
    );
    // Whoever hands tags on needs the right to tag, though the call passes none: a role whose trust keeps tags out gets none.
    let untagged = role(&world, "Untagged", &["sts:AssumeRole"], json!({})).await;
    let kept_out = assume(&world, &chained, ask(&untagged)).await.unwrap_err();
    assert_eq!(*kept_out.kind(), FaultKind::AccessDenied, "{kept_out}");
    let last = by(&world, &assume(&world, &chained, ask(&third)).await.unwrap());
    assert_eq!(session(&last).tags.into_iter().collect::<Vec<_>>(), [("Team".to_owned(), "red".to_owned())]);

    for (ask, says) in [
        (tagged(&first, &both, &["Cost"]), "none of Tags"),
        (tagged(&first, &both, &["Team", "team"]), "twice"),
    ] {
        let fault = assume(&world, &root, ask).await.unwrap_err();
        assert!(*fault.kind() == FaultKind::Validation && fault.message().contains(says), "{fault}");
    }
});

testkit::on_both_engines!(a_trust_policy_asks_which_tags_are_transitive, |fixture| async move {
    let world = World::new(fixture).await;
    let root = world.fixture.root("sts.amazonaws.com", "AssumeRole");
    let condition = json!({"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Team"]}, "Null": {"sts:TransitiveTagKeys": "false"}});
    let role = role(&world, "Asked", ALL, condition).await;
    let both = [("Team", "red"), ("Project", "x")];
    assert!(assume(&world, &root, tagged(&role, &both, &["Team"])).await.is_ok());
    for wrong in [&["Project"][..], &["Team", "Project"], &[]] {
        let refusal = refused(assume(&world, &root, tagged(&role, &both, wrong)).await);
        assert_eq!(refusal, FaultKind::AccessDenied, "{wrong:?}");
    }
});
