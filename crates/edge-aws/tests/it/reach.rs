//! What every operation touches and what it asks about, by `resources.txt`: a deny on any one kind of these resources refuses it, and an
//! allow on them alone suffices. So nothing has an effect, or reveals anything, beyond what its caller was asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use wire::operation::{Auth, OperationMeta};

use crate::authorisation::{NOT_FOR_MANAGEMENT, inputs, turn};
use crate::callers::{By, Sessions, call};
use crate::served::Answer;
use crate::world::{OWNER, World, operation, operations};

/// A kind of resource by the Service Authorization Reference's name, and the ARNs that are of it. One thing is eight characters or more,
/// so that what stands for all of a kind, `group/*`, is not taken for one of them.
#[rustfmt::skip]
const KINDS: &[(&str, &str)] = &[
    ("Instance", "arn:aws:sso:::instance/*"),
    ("PermissionSet", "arn:aws:sso:::permissionSet/*"),
    ("Account", "arn:aws:sso:::account/*"),
    ("TrustedTokenIssuer", "arn:aws:sso::*:trustedTokenIssuer/*"),
    ("Application", "arn:aws:sso::*:application/*"),
    ("ApplicationProvider", "arn:aws:sso::aws:applicationProvider/*"),
    ("Identitystore", "arn:aws:identitystore::*:identitystore/*"),
    ("User", "arn:aws:identitystore:::user/????????*"),
    ("Group", "arn:aws:identitystore:::group/????????*"),
    ("GroupMembership", "arn:aws:identitystore:::membership/????????*"),
    ("AllUsers", "arn:aws:identitystore:::user/*"),
    ("AllGroups", "arn:aws:identitystore:::group/*"),
    ("AllGroupMemberships", "arn:aws:identitystore:::membership/*"),
    ("account", "arn:aws:organizations::*:account/*"),
    ("root", "arn:aws:organizations::*:root/*"),
    ("organizationalunit", "arn:aws:organizations::*:ou/*"),
    ("organizations:policy", "arn:aws:organizations::*:policy/*"),
    ("role", "arn:aws:iam::*:role/*"),
    ("policy", "arn:aws:iam::*:policy/*"),
    ("user", "arn:aws:iam::*:user/*"),
    ("group", "arn:aws:iam::*:group/*"),
    ("oidc-provider", "arn:aws:iam::*:oidc-provider/*"),
];

/// Inputs of operations that touch other things when called otherwise; their lines have the word that follows the operation's name.
#[rustfmt::skip]
fn others() -> Vec<(&'static str, &'static str, Value)> {
    let (all, set) = ("ALL_PROVISIONED_ACCOUNTS", "{set}");
    vec![
        ("sso-admin ProvisionPermissionSet", "everywhere",
         json!({"InstanceArn": "{instance}", "PermissionSetArn": set, "TargetType": all})),
        ("sso-admin ProvisionPermissionSet", "nowhere",
         json!({"InstanceArn": "{instance}", "PermissionSetArn": "{unused_two}", "TargetType": all})),
        ("sso-admin ListTagsForResource", "instance", json!({"ResourceArn": "{instance}"})),
        ("sso-admin TagResource", "instance",
         json!({"ResourceArn": "{instance}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("sso-admin UntagResource", "instance", json!({"ResourceArn": "{instance}", "TagKeys": ["team"]})),
        ("sso-admin ListTagsForResource", "issuer", json!({"ResourceArn": "{issuer}"})),
        ("sso-admin TagResource", "issuer",
         json!({"ResourceArn": "{issuer}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("sso-admin UntagResource", "issuer", json!({"ResourceArn": "{issuer}", "TagKeys": ["team"]})),
        ("sso-admin ListTagsForResource", "application", json!({"ResourceArn": "{application}"})),
        ("sso-admin TagResource", "application",
         json!({"ResourceArn": "{application}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("sso-admin UntagResource", "application", json!({"ResourceArn": "{application}", "TagKeys": ["team"]})),
        ("organizations AttachPolicy", "root", json!({"PolicyId": "{scp}", "TargetId": "{root}"})),
        ("organizations AttachPolicy", "unit", json!({"PolicyId": "{scp}", "TargetId": "{unit}"})),
        ("organizations DetachPolicy", "root", json!({"PolicyId": "{scp}", "TargetId": "{root}"})),
        ("organizations DetachPolicy", "unit", json!({"PolicyId": "{scp}", "TargetId": "{unit}"})),
        ("organizations ListTagsForResource", "policy", json!({"ResourceId": "{scp}"})),
        ("organizations TagResource", "policy", json!({"ResourceId": "{scp}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("organizations UntagResource", "policy", json!({"ResourceId": "{scp}", "TagKeys": ["team"]})),
        ("organizations CreateOrganizationalUnit", "unit", json!({"ParentId": "{unit}", "Name": "inner"})),
        ("organizations ListAccountsForParent", "unit", json!({"ParentId": "{unit}"})),
        ("organizations ListChildren", "unit", json!({"ParentId": "{unit}", "ChildType": "ACCOUNT"})),
        ("organizations ListOrganizationalUnitsForParent", "unit", json!({"ParentId": "{unit}"})),
        ("organizations ListParents", "unit", json!({"ChildId": "{unit}"})),
        ("organizations ListPoliciesForTarget", "unit", json!({"TargetId": "{unit}", "Filter": "SERVICE_CONTROL_POLICY"})),
        ("organizations ListTagsForResource", "unit", json!({"ResourceId": "{unit}"})),
        ("organizations TagResource", "unit", json!({"ResourceId": "{unit}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("organizations UntagResource", "unit", json!({"ResourceId": "{unit}", "TagKeys": ["team"]})),
        ("portico GetNames", "groups", json!({"InstanceArn": "{instance}", "GroupIds": ["{group}"]})),
        ("portico DescribeOwner", "group", json!({"IdentityStoreId": "{store}", "GroupId": "{group}"})),
        ("portico TakeOwnership", "group", json!({"IdentityStoreId": "{store}", "GroupIds": ["{group}"]})),
        ("portico ListOwned", "groups", json!({"IdentityStoreId": "{store}", "ConfigurationId": "{idp}", "Kind": "GROUP"})),
        ("organizations ListPoliciesForTarget", "root", json!({"TargetId": "{root}", "Filter": "SERVICE_CONTROL_POLICY"})),
        ("organizations ListTagsForResource", "root", json!({"ResourceId": "{root}"})),
        ("organizations TagResource", "root", json!({"ResourceId": "{root}", "Tags": [{"Key": "team", "Value": "blue"}]})),
        ("organizations UntagResource", "root", json!({"ResourceId": "{root}", "TagKeys": ["team"]})),
    ]
}

/// The kinds that each line names.
fn wanted() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines =
        include_str!("resources.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, kinds) = line.split_once(':').unwrap();
            (name, kinds.split_whitespace().collect())
        })
        .collect()
}

fn arns(kind: &str) -> &'static str {
    KINDS.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| unreachable!("{kind} is no kind")).1
}

async fn ask(world: &World, (meta, input): (&OperationMeta, &Value), policy: Value) -> Answer {
    let role = world.role(OWNER, "delegate", &[("policy", policy)]).await;
    let sessions = Sessions::of(By::Allowed, world.session(&role, Duration::ZERO).await);
    let plain = call(world, &sessions, (meta, input), By::Allowed).unwrap();
    world.served.call(plain.request()).await
}

async fn assert_asks(world: &World, name: &str, (meta, input): (&OperationMeta, &Value), kinds: &[&str]) {
    for kind in kinds {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": meta.action, "Resource": arns(kind)}]});
        let answer = ask(world, (meta, input), policy).await;
        let code = answer.error_type();
        assert!(code.starts_with("AccessDenied"), "{name}, denied on {kind}: {answer:?}");
    }
    let resources: Vec<&str> =
        if kinds.is_empty() { vec!["*"] } else { kinds.iter().map(|kind| arns(kind)).collect() };
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": meta.action, "Resource": resources}]});
    world.ready(meta).await;
    let answer = ask(world, (meta, input), policy).await;
    if NOT_FOR_MANAGEMENT.contains(&meta.name) {
        assert_eq!(
            answer.error_type(),
            "ValidationException",
            "{name}, allowed on {resources:?}: {answer:?}"
        );
        return;
    }
    assert_eq!(answer.status, StatusCode::OK, "{name}, allowed on {resources:?}: {answer:?}");
    world.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_asks_about_all_that_it_touches() {
    let world = World::new().await;
    world.give_device().await;
    let (inputs, mut wanted) = (inputs(), wanted());
    for (name, other, input) in others() {
        let (service, operation_name) = name.split_once(' ').unwrap();
        let line = format!("{name} {other}");
        let kinds = wanted.remove(line.as_str()).unwrap_or_else(|| panic!("no line of {line}"));
        assert_asks(&world, &line, (operation(service, operation_name), &input), &kinds).await;
    }
    // Those of the portal and of sign-in have no policies; everybody may ask who they are, and no role makes a session of a key.
    let mut all = operations();
    all.retain(|meta| {
        meta.auth == Auth::SigV4 && !["GetCallerIdentity", "GetSessionToken"].contains(&meta.name)
    });
    all.sort_by_key(|meta| turn(meta));
    for meta in all {
        let name = format!("{} {}", meta.service, meta.name);
        let kinds = wanted.remove(name.as_str()).unwrap_or_else(|| panic!("no line of {name}"));
        assert_asks(&world, &name, (meta, &inputs[&name]), &kinds).await;
    }
    assert!(wanted.is_empty(), "lines of nothing that is served: {:?}", wanted.keys());
}
