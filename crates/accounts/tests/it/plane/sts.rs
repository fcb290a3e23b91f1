//! AssumeRole: trust and the caller's own policies together, and what a session may carry.

use accounts::sts::{AssumeRole, Assumed, assume_role};
use model::accounts::account::AccountState;
use model::accounts::account_assignment::Principal;
use model::accounts::role::{Role, RoleName};
use model::caller::{Caller, Identity};
use model::cx::Cx;
use model::directory::user::UserStatus;
use model::fault::{Fault, FaultKind};
use policy::require::{Action, require};
use serde_json::{Value, json};

use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, account, refused};

const INVALID: FaultKind = FaultKind::Service("UnrecognizedClientException");

/// A role of the member account that trusts `principal`.
async fn role(world: &World, name: &str, principal: &str, actions: &[&str]) -> Role {
    let role = Role {
        account_id: account(MEMBER),
        name: RoleName::trusted(name),
        path: "/team/".to_owned(),
        role_id: format!("AROA{name}"),
        description: None,
        max_session_seconds: 7_200,
        trust_policy: json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}
        ]}),
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

fn ask(role_arn: impl Into<String>) -> AssumeRole {
    AssumeRole {
        role_arn: role_arn.into(),
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

fn tags(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn call(world: &World, cx: &Cx, ask: AssumeRole) -> Result<Assumed, Fault> {
    assume_role(&world.fixture.store, cx, ask).await
}

fn root(world: &World) -> Cx {
    world.fixture.root("sts.amazonaws.com", "AssumeRole")
}

fn trusted() -> String {
    format!("arn:aws:iam::{MANAGEMENT}:root")
}

testkit::on_both_engines!(an_administrator_reaches_a_member_account, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    let admin = world.admin(MANAGEMENT).await;
    let cx = world.cx(&admin, "sts.amazonaws.com", "AssumeRole");
    let assumed = call(&world, &cx, ask(role.arn())).await.unwrap();
    assert_eq!(assumed.arn, format!("arn:aws:sts::{MEMBER}:assumed-role/Access/work"));
    assert_eq!(assumed.assumed_role_id, "AROAAccess:work");
    let caller = world.caller(&assumed.credentials).unwrap();
    assert_eq!(caller.arn(), assumed.arn);
    let (Identity::Role(before), Identity::Role(after)) = (cx.caller.identity(), caller.identity()) else {
        unreachable!("{caller:?}")
    };
    assert!(before.on_behalf_of.is_some() && before.on_behalf_of == after.on_behalf_of);

    let records = world.records("AssumeRole");
    let [record] = records.as_slice() else { unreachable!("{records:?}") };
    let json: Value = serde_json::from_str(&record.json).unwrap();
    let made = &json["responseElements"];
    assert_eq!(made["credentials"]["accessKeyId"], assumed.credentials.access_key_id);
    assert_eq!(made["assumedRoleUser"]["arn"], assumed.arn);
    for secret in [assumed.credentials.secret_access_key, assumed.credentials.session_token] {
        assert!(!record.json.contains(secret.expose()));
    }
});

testkit::on_both_engines!(who_is_not_trusted_or_not_permitted_learns_nothing, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    let jane = world.person("jane").await;
    let set = world.permission_set("Reader", "PT1H", &["arn:aws:iam::aws:policy/IAMReadOnlyAccess"]).await;
    world.assign(MANAGEMENT, &set, Principal::User(jane.clone())).await;
    let reader = world.issue(&jane, MANAGEMENT, "Reader").await.unwrap();
    let reserved = world.role_of(MANAGEMENT, &set).arn();
    let admin = world.admin(MANAGEMENT).await;
    let sts = |caller| world.fixture.cx(caller, "sts.amazonaws.com", "AssumeRole");

    let unrelated = Caller::root(account("999988887777"), "AKIAIOSFODNN7EXAMPLE");
    for cx in [
        sts(world.caller(&reader).unwrap()),
        sts(unrelated),
        sts(Caller::anonymous()),
        sts(Caller::service(account(MANAGEMENT))),
        world.portal(&jane, "AssumeRole"),
    ] {
        assert_eq!(refused(call(&world, &cx, ask(role.arn())).await), FaultKind::AccessDenied);
    }
    let cx = sts(world.caller(&admin).unwrap());
    for arn in [
        // Provisioned roles trust the instance's SAML provider alone.
        reserved,
        format!("arn:aws:iam::{MEMBER}:role/Access"),
        format!("arn:aws:iam::{MEMBER}:role/team/Absent"),
        format!("arn:aws:iam::{MANAGEMENT}:role/team/Access"),
        "arn:aws:iam::1:role/team/Access".to_owned(),
        "nonsense-of-twenty-characters".to_owned(),
    ] {
        let fault = call(&world, &cx, ask(arn.clone())).await.unwrap_err();
        assert_eq!(*fault.kind(), FaultKind::AccessDenied, "{arn}");
        assert_eq!(
            fault.message(),
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                cx.caller.arn()
            )
        );
    }
});

testkit::on_both_engines!(a_suspended_account_is_not_entered, |fixture| async move {
    let world = World::new(fixture).await;
    world.add_account("333344445555", "Suspended", AccountState::Suspended).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    let moved = Role { account_id: account("333344445555"), ..role };
    let row = moved.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &row)).await;
    assert_eq!(refused(call(&world, &root(&world), ask(moved.arn())).await), FaultKind::AccessDenied);
});

testkit::on_both_engines!(sessions_last_as_long_as_the_role_and_the_chain_allow, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    let admin = world.admin(MANAGEMENT).await;
    let chained = world.cx(&admin, "sts.amazonaws.com", "AssumeRole");
    let root = root(&world);
    let of = |seconds| AssumeRole { duration_seconds: seconds, ..ask(role.arn()) };
    for (cx, seconds, want) in [
        (&root, None, 3_600),
        (&root, Some(7_200), 7_200),
        (&root, Some(900), 900),
        (&chained, Some(3_600), 3_600),
    ] {
        let assumed = call(&world, cx, of(seconds)).await.unwrap();
        assert_eq!(assumed.credentials.expires_at.since(world.fixture.now).as_secs(), want);
    }
    assert_eq!(refused(call(&world, &root, of(Some(7_201))).await), FaultKind::Validation);
    assert_eq!(refused(call(&world, &chained, of(Some(3_601))).await), FaultKind::Validation);
});

testkit::on_both_engines!(session_policies_only_narrow, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    let lists =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:List*","Resource":"*"}]}"#;
    let narrow = AssumeRole { policy: Some(lists.to_owned()), ..ask(role.arn()) };
    let assumed = call(&world, &root(&world), narrow).await.unwrap();
    let cx = world.cx(&assumed.credentials, "sso.amazonaws.com", "Test");
    assert!(require(&cx, Action("sso:ListInstances"), &[]).is_ok());
    assert_eq!(refused(require(&cx, Action("sso:DeletePermissionSet"), &[])), FaultKind::AccessDenied);

    let managed = "arn:aws:iam::aws:policy/IAMReadOnlyAccess".to_owned();
    let narrow = AssumeRole { policy_arns: vec![managed], ..ask(role.arn()) };
    let assumed = call(&world, &root(&world), narrow).await.unwrap();
    let cx = world.cx(&assumed.credentials, "iam.amazonaws.com", "Test");
    assert!(require(&cx, Action("iam:GetRole"), &[]).is_ok());
    assert_eq!(refused(require(&cx, Action("sso:ListInstances"), &[])), FaultKind::AccessDenied);
});

testkit::on_both_engines!(a_narrowed_session_does_not_widen_itself, |fixture| async move {
    let world = World::new(fixture).await;
    let first = role(&world, "First", &trusted(), &["sts:AssumeRole"]).await;
    // The second trusts the first by name, in the same account: the first needs no permission of its own.
    let second = role(&world, "Second", &first.arn(), &["sts:AssumeRole"]).await;
    let lists =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:List*","Resource":"*"}]}"#;
    let narrow = AssumeRole { policy: Some(lists.to_owned()), ..ask(first.arn()) };
    let narrow = call(&world, &root(&world), narrow).await.unwrap();
    let cx = world.cx(&narrow.credentials, "sts.amazonaws.com", "AssumeRole");
    assert_eq!(refused(call(&world, &cx, ask(second.arn())).await), FaultKind::AccessDenied);
    let whole = call(&world, &root(&world), ask(first.arn())).await.unwrap();
    let cx = world.cx(&whole.credentials, "sts.amazonaws.com", "AssumeRole");
    assert!(call(&world, &cx, ask(second.arn())).await.is_ok());
});

testkit::on_both_engines!(tags_are_a_right_of_their_own, |fixture| async move {
    let world = World::new(fixture).await;
    let plain = role(&world, "Plain", &trusted(), &["sts:AssumeRole"]).await;
    let tagged = role(&world, "Tagged", &trusted(), &["sts:AssumeRole", "sts:TagSession"]).await;
    let with = |role: &Role| AssumeRole { tags: tags(&[("Team", "red")]), ..ask(role.arn()) };
    assert_eq!(refused(call(&world, &root(&world), with(&plain)).await), FaultKind::AccessDenied);
    let assumed = call(&world, &root(&world), with(&tagged)).await.unwrap();
    let caller = world.caller(&assumed.credentials).unwrap();
    let Identity::Role(session) = caller.identity() else { unreachable!("{caller:?}") };
    assert_eq!(session.tags.get("Team").map(String::as_str), Some("red"));
});

testkit::on_both_engines!(an_external_id_is_held_against_the_trust, |fixture| async move {
    let world = World::new(fixture).await;
    let mut role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
    role.trust_policy["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": "shared"}});
    let row = role.clone();
    world.change(move |tx, _| store::accounts::roles::upsert(tx, &row)).await;
    let with = |id: Option<&str>| AssumeRole { external_id: id.map(str::to_owned), ..ask(role.arn()) };
    assert!(call(&world, &root(&world), with(Some("shared"))).await.is_ok());
    for wrong in [None, Some("Shared"), Some("other")] {
        assert_eq!(refused(call(&world, &root(&world), with(wrong)).await), FaultKind::AccessDenied);
    }
});

testkit::on_both_engines!(what_a_session_cannot_carry_is_refused, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &trusted(), &["sts:AssumeRole", "sts:TagSession"]).await;
    let plain = || ask(role.arn());
    let read = || "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let large = (FaultKind::Service("PackedPolicyTooLarge"), "together");
    let bad = (FaultKind::Service("MalformedPolicyDocument"), "policy document is malformed");
    let policy = |text: &str| AssumeRole { policy: Some(text.to_owned()), ..plain() };
    let heavy: Vec<(String, String)> = (0..20).map(|at| (format!("k{at}"), "v".repeat(256))).collect();
    let cases: Vec<(AssumeRole, (FaultKind, &str))> = vec![
        (policy("{"), bad.clone()),
        (policy("{}"), bad.clone()),
        (policy(r#"{"Statement":[]}"#), bad.clone()),
        // A policy is a document, even when it looks like an ARN.
        (policy(ADMIN), bad),
        (
            policy(
                r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:SourceVpc":"true"}}}}"#,
            ),
            (FaultKind::Service("MalformedPolicyDocument"), "aws:SourceVpc"),
        ),
        (policy(&"x".repeat(2_049)), large),
        (AssumeRole { policy_arns: vec![read(); 11], ..plain() }, (FaultKind::Validation, "10 at most")),
        (
            AssumeRole { policy_arns: vec!["arn:aws:iam::aws:policy/Unknown".to_owned()], ..plain() },
            (FaultKind::Validation, "policy/Unknown"),
        ),
        (
            AssumeRole { tags: tags(&[("Team", "a"), ("team", "b")]), ..plain() },
            (FaultKind::Validation, "twice"),
        ),
        (AssumeRole { tags: tags(&[("AWS:x", "a")]), ..plain() }, (FaultKind::Validation, "reserved")),
        (AssumeRole { tags: heavy, ..plain() }, (FaultKind::Service("PackedPolicyTooLarge"), "Tags has")),
    ];
    for (ask, (kind, text)) in cases {
        let shown = format!("{ask:?}");
        let fault = call(&world, &root(&world), ask).await.unwrap_err();
        assert_eq!(*fault.kind(), kind, "{shown}");
        assert!(fault.message().contains(text), "{}", fault.message());
    }
    assert!(world.records("AssumeRole").is_empty());
});

testkit::on_both_engines!(
    leaver_who_is_disabled_or_deleted_is_let_in_by_no_credentials_issued_before,
    |fixture| async move {
        let world = World::new(fixture).await;
        let jane = world.person("jane").await;
        let set = world.permission_set("Admin", "PT8H", &[ADMIN]).await;
        world.assign(MANAGEMENT, &set, Principal::User(jane.clone())).await;
        let own = world.issue(&jane, MANAGEMENT, "Admin").await.unwrap();
        let role = role(&world, "Access", &trusted(), &["sts:AssumeRole"]).await;
        let let_in_before = world.cx(&own, "sts.amazonaws.com", "AssumeRole");
        let chained = call(&world, &let_in_before, ask(role.arn())).await.unwrap().credentials;
        assert!(world.caller(&own).is_ok() && world.caller(&chained).is_ok());

        world.set_status(&jane, UserStatus::Disabled).await;
        for credentials in [&own, &chained] {
            assert_eq!(refused(world.caller(credentials)), INVALID);
        }
        let late = call(&world, &let_in_before, ask(role.arn())).await;
        assert_eq!(refused(late), INVALID, "let in before, asked again where the session is made");
        world.set_status(&jane, UserStatus::Enabled).await;
        assert!(world.caller(&own).is_ok() && world.caller(&chained).is_ok());

        world.sign_out(&jane).await;
        world.change(move |tx, cx| store::directory::users::delete(tx, &jane, cx.now)).await;
        for credentials in [&own, &chained] {
            assert_eq!(refused(world.caller(credentials)), INVALID);
        }
    }
);

testkit::on_both_engines!(one_directory_has_one_arn_in_every_record, |fixture| async move {
    let world = World::new(fixture).await;
    let role = role(&world, "Access", &format!("arn:aws:iam::{MEMBER}:root"), &["sts:AssumeRole"]).await;
    let admin = world.admin(MEMBER).await;
    call(&world, &world.cx(&admin, "sts.amazonaws.com", "AssumeRole"), ask(role.arn())).await.unwrap();
    let store = &world.fixture.instance.identity_store_id;
    for name in ["GetRoleCredentials", "AssumeRole"] {
        let json: Value = serde_json::from_str(&world.records(name).pop().unwrap().json).unwrap();
        let arn = &json["userIdentity"]["onBehalfOf"]["identityStoreArn"];
        assert_eq!(arn, &format!("arn:aws:identitystore::{MANAGEMENT}:identitystore/{store}"), "{name}");
    }
});
