//! The sentences that programs branch on, as `docs/compat/sentences.md` lists them: each is answered, and what is asked here is listed.

use serde_json::{Value, json};

use crate::callers::filled;
use crate::requests::Plain;
use crate::served::Answer;
use crate::world::{World, operation};

const PAGE: &str = include_str!("../../../../docs/compat/sentences.md");

/// Operation, error and sentence.
type Said = (String, String, String);

/// The rows of the page.
fn listed() -> Vec<Said> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.map(|row| {
        let mut cells =
            row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned());
        (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

/// Whether a text is a sentence whose varying parts are `…`.
fn is(text: &str, sentence: &str) -> bool {
    let parts: Vec<&str> = sentence.split('…').collect();
    let (Some((first, rest)), true) = (parts.split_first(), parts.len() > 1) else { return text == sentence };
    let (Some(mut text), Some((last, middle))) = (text.strip_prefix(first), rest.split_last()) else {
        return false;
    };
    for part in middle {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(last)
}

fn message(answer: &Answer) -> String {
    let said = answer.body.get("Message").or_else(|| answer.body.get("message")).and_then(Value::as_str);
    let of_query = || answer.text.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>"));
    said.map_or_else(|| of_query().unwrap().0.to_owned(), str::to_owned)
}

/// What root is answered.
async fn ask(world: &World, name: &str, input: Value) -> Said {
    let (service, of) = name.split_once(' ').unwrap();
    let answer = world.as_root(service, of, &filled(&input, &world.words)).await;
    assert!(answer.status.is_client_error(), "{name}: {answer:?}");
    (name.to_owned(), answer.error_type().to_owned(), message(&answer))
}

/// Of permission sets and their policies.
async fn of_permission_sets(world: &World) -> Vec<Said> {
    let (instance, set) = (world.word("instance"), world.word("unused_set"));
    let on =
        |member: &str, value: Value| json!({"InstanceArn": instance, "PermissionSetArn": set, member: value});
    let (attach, detach) = (
        "sso-admin AttachCustomerManagedPolicyReferenceToPermissionSet",
        "sso-admin DetachCustomerManagedPolicyReferenceFromPermissionSet",
    );
    let policy = |name: &str| on("CustomerManagedPolicyReference", json!({"Name": name, "Path": "/team/"}));
    let managed = |name: &str| on("ManagedPolicyArn", json!(format!("arn:aws:iam::aws:policy/{name}")));
    // Well-formed by the model, which refuses worse with its own words, and of another partition.
    let elsewhere = "arn:aws-cn:iam::aws:policy/ReadOnlyAccess";
    for number in 0..25 {
        world.made("sso-admin", attach.split_once(' ').unwrap().1, policy(&format!("p{number}"))).await;
    }
    let gone = json!({"InstanceArn": "{instance}", "PermissionSetArn": world.gone()["set"]});
    vec![
        ask(world, "sso-admin CreatePermissionSet", json!({"InstanceArn": "{instance}", "Name": "set"}))
            .await,
        ask(world, "sso-admin DescribePermissionSet", gone).await,
        ask(
            world,
            "sso-admin DeletePermissionSet",
            json!({"InstanceArn": "{instance}", "PermissionSetArn": "{set}"}),
        )
        .await,
        ask(world, "sso-admin DetachManagedPolicyFromPermissionSet", managed("PowerUserAccess")).await,
        ask(world, "sso-admin AttachManagedPolicyToPermissionSet", managed("PowerUserAccess")).await,
        ask(world, "sso-admin AttachManagedPolicyToPermissionSet", managed("Nonesuch")).await,
        ask(world, "sso-admin AttachManagedPolicyToPermissionSet", on("ManagedPolicyArn", json!(elsewhere)))
            .await,
        ask(world, "sso-admin PutInlinePolicyToPermissionSet", on("InlinePolicy", json!("x".repeat(10_241))))
            .await,
        ask(world, attach, policy("one-more")).await,
        {
            world.made("sso-admin", detach.split_once(' ').unwrap().1, policy("p24")).await;
            ask(world, attach, policy("p0")).await
        },
        {
            world.made("sso-admin", "AttachManagedPolicyToPermissionSet", managed("PowerUserAccess")).await;
            ask(world, "sso-admin AttachManagedPolicyToPermissionSet", managed("PowerUserAccess")).await
        },
        ask(world, detach, policy("p24")).await,
    ]
}

/// Why a request failed.
async fn of_an_assignment(world: &World) -> Said {
    let nobody = json!({"InstanceArn": "{instance}", "PermissionSetArn": "{set}", "TargetId": "{account}",
        "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": "{other}"});
    let asked = world.made("sso-admin", "DeleteAccountAssignment", filled(&nobody, &world.words)).await;
    world.work().await;
    let id = &asked["AccountAssignmentDeletionStatus"]["RequestId"];
    let input = json!({"InstanceArn": world.word("instance"), "AccountAssignmentDeletionRequestId": id});
    let status = world.made("sso-admin", "DescribeAccountAssignmentDeletionStatus", input).await;
    let reason = status["AccountAssignmentDeletionStatus"]["FailureReason"].as_str().unwrap().to_owned();
    ("sso-admin DeleteAccountAssignment".to_owned(), "FailureReason".to_owned(), reason)
}

async fn of_people(world: &World) -> Vec<Said> {
    let (user, group) = (&world.gone()["user"], &world.gone()["group"]);
    let unique = |path: &str, value: Value| {
        json!({"IdentityStoreId": "{store}",
               "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}})
    };
    let member = |group: &str, user: &str| json!({"IdentityStoreId": "{store}", "GroupId": group, "MemberId": {"UserId": user}});
    let mut said = Vec::new();
    for (name, input) in [
        (
            "CreateUser",
            json!({"IdentityStoreId": "{store}", "UserName": "JANE", "DisplayName": "J", "Name": {"FamilyName": "J", "GivenName": "J"}}),
        ),
        ("CreateUser", json!({"IdentityStoreId": "{store}"})),
        ("CreateUser", json!({"IdentityStoreId": "{store}", "UserName": "new"})),
        ("CreateGroup", json!({"IdentityStoreId": "{store}", "DisplayName": "{group_name}"})),
        ("CreateGroupMembership", member("{group}", "{user}")),
        ("CreateGroupMembership", member("{group}", user)),
        ("CreateGroupMembership", member(group, "{user}")),
        ("DescribeUser", json!({"IdentityStoreId": "{store}", "UserId": user})),
        ("DescribeGroup", json!({"IdentityStoreId": "{store}", "GroupId": group})),
        ("GetUserId", unique("userName", json!(""))),
        ("GetUserId", unique("title", json!("Dr"))),
    ] {
        said.push(ask(world, &format!("identitystore {name}"), input).await);
    }
    for (name, input) in
        [("GetGroupId", unique("displayName", json!(""))), ("GetGroupId", unique("title", json!("Dr")))]
    {
        let (_, code, sentence) = ask(world, &format!("identitystore {name}"), input).await;
        said.push(("identitystore GetUserId".to_owned(), code, sentence));
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sentences_that_programs_branch_on_are_awss() {
    let world = World::new().await;
    let mut said = of_permission_sets(&world).await;
    said.push(of_an_assignment(&world).await);
    said.extend(of_people(&world).await);
    let unsigned =
        world.served.call(Plain::new(operation("sso", "ListAccounts"), &json!({})).request()).await;
    said.push(("sso ListAccounts".to_owned(), unsigned.error_type().to_owned(), message(&unsigned)));
    let gone = world.gone();
    said.push(ask(&world, "organizations DescribeAccount", json!({"AccountId": gone["account"]})).await);
    said.push(ask(&world, "organizations ListTagsForResource", json!({"ResourceId": gone["account"]})).await);
    said.push(ask(&world, "iam GetRole", json!({"RoleName": "absent"})).await);
    let listed = listed();
    assert!(listed.len() > 20, "{listed:?}");
    for (operation, code, sentence) in &listed {
        let is_said = said.iter().any(|(of, by, text)| (of, by) == (operation, code) && is(text, sentence));
        let near: Vec<&Said> = said.iter().filter(|(of, ..)| of == operation).collect();
        assert!(is_said, "{operation} {code}: {sentence}\nis not among {near:#?}");
    }
    for (operation, code, text) in &said {
        let is_listed =
            listed.iter().any(|(of, by, sentence)| (of, by) == (operation, code) && is(text, sentence));
        assert!(is_listed, "{operation} {code} says {text:?}, which the page does not list");
    }
}

#[test]
fn a_sentence_is_told_from_another() {
    assert!(is("Could not find X with id 7", "Could not find … with id …"));
    assert!(is("a 7.", "a …."));
    for (text, sentence) in [("a b", "a"), ("a 7", "a …."), ("b 7.", "a …."), ("", "a")] {
        assert!(!is(text, sentence), "{text} {sentence}");
    }
}
