//! Two instances in one server: the organization's, and an account instance of a member account. Every operation is called by whoever may do all in one of them,
//! naming what is the other's wherever a call names something: each one in turn, and all at once. What is answered is what would be answered if it were not there.

use std::collections::BTreeMap;

use accounts::role_sessions::Credentials;
use http::StatusCode;
use serde_json::{Value, json};
use wire::operation::{Auth, OperationMeta};

use crate::authorisation::inputs;
use crate::callers::filled;
use crate::served::Answer;
use crate::world::{MEMBER, OWNER, Words, World, operations};
use crate::world_instances::Other;

/// What member accounts may do with the organization's instance by naming it, though they have one of their own: what the API reference says they may from a
/// member account, and applications of their own there.
const SHARED: &[&str] = &[
    "DescribeGroup",
    "DescribeGroupMembership",
    "DescribeIdentityStore",
    "DescribeUser",
    "GetGroupId",
    "GetGroupMembershipId",
    "GetUserId",
    "IsMemberInGroups",
    "ListGroupMemberships",
    "ListGroupMembershipsForMember",
    "ListGroups",
    "ListUsers",
    "CreateApplication",
];

/// The same kind of name for what is not there.
fn absent(name: &str, word: &str, instance: &str) -> String {
    if word.starts_with("arn:aws:sso:") {
        return word.replace(instance, "ssoins-ffffffffffffffff");
    }
    match name {
        "store" => "d-ffffffffff".to_owned(),
        "scim_tenant" => "00000000000-0000-4000-8000-000000000000".to_owned(),
        "user_name" | "group_name" => "nobody-at-all".to_owned(),
        _ => "00000000-0000-4000-8000-000000000000".to_owned(),
    }
}

fn id_of(words: &Words) -> &str {
    words["instance"].rsplit('/').next().unwrap()
}

/// What an answer says, without the names that were asked about.
fn told(answer: &Answer, names: &[&str]) -> String {
    let text = match &answer.body {
        Value::Null => answer.text.split("<RequestId>").next().unwrap_or_default().to_owned(),
        body => {
            let mut body = body.clone();
            forget_requests(&mut body);
            body.to_string()
        }
    };
    let mut names = names.to_vec();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let text = names.into_iter().fold(text, |text, name| text.replace(name, "…"));
    format!("{} {} {text}", answer.status, answer.error_type())
}

/// Takes the ids of requests away, which are drawn anew for each.
fn forget_requests(value: &mut Value) {
    if let Value::Object(members) = value {
        members.remove("RequestId");
        members.values_mut().for_each(forget_requests);
    }
}

/// Whoever may do all in the instance of `own`, and what is the other's.
struct Crossing<'w> {
    world: &'w World,
    keys: &'w Credentials,
    own: Words,
    theirs: &'w Words,
    /// Whether the other one is the organization's, which every account knows of.
    to_organization: bool,
}

impl Crossing<'_> {
    async fn ask(&self, meta: &OperationMeta, template: &Value, words: &Words) -> Answer {
        self.world.by(self.keys, (meta.service, meta.name), &filled(template, words)).await
    }

    /// The call with these of the other's names; what is wrong with its answer, if anything.
    async fn cross(
        &self,
        (meta, template): (&OperationMeta, &Value),
        slots: &[&'static str],
    ) -> Option<String> {
        let (mut crossed, mut gone) = (self.own.clone(), self.own.clone());
        let instance = id_of(self.theirs);
        for slot in slots {
            let theirs = &self.theirs[slot];
            crossed.insert(slot, theirs.clone());
            gone.insert(slot, absent(slot, theirs, instance));
        }
        let answer = self.ask(meta, template, &crossed).await;
        let known = self.to_organization && slots.iter().any(|slot| ["store", "instance"].contains(slot));
        if known {
            let fine = answer.status.is_client_error() || SHARED.contains(&meta.name);
            return (!fine)
                .then(|| format!("{} {} naming their {slots:?}: {answer:?}", meta.service, meta.name));
        }
        let names: Vec<&str> = slots
            .iter()
            .flat_map(|slot| [crossed[slot].as_str(), gone[slot].as_str()])
            .chain([instance, "ssoins-ffffffffffffffff"])
            .collect();
        let crossed = told(&answer, &names);
        let gone = told(&self.ask(meta, template, &gone).await, &names);
        (crossed != gone).then(|| {
            format!(
                "{} {} naming their {slots:?}\n   is told {crossed}\n   and of nothing {gone}",
                meta.service, meta.name
            )
        })
    }

    /// Every operation by every name.
    async fn walk(&self) -> Vec<String> {
        let inputs = inputs();
        let mut wrong = Vec::new();
        for meta in operations().into_iter().filter(|meta| meta.auth == Auth::SigV4) {
            let template = &inputs[&format!("{} {}", meta.service, meta.name)];
            let text = template.to_string();
            let slots: Vec<&'static str> =
                self.theirs.keys().filter(|name| text.contains(&format!("{{{name}}}"))).copied().collect();
            for slot in &slots {
                wrong.extend(self.cross((meta, template), &[slot]).await);
            }
            if slots.len() > 1 {
                wrong.extend(self.cross((meta, template), &slots).await);
            }
        }
        wrong
    }
}

/// Everything that can be seen of an instance by whoever may do all in it.
async fn portrait(world: &World, keys: &Credentials, words: &Words) -> BTreeMap<String, Value> {
    let (at, of) = (json!({"InstanceArn": words["instance"]}), json!({"IdentityStoreId": words["store"]}));
    let tenant = json!({"IdentityStoreId": words["store"], "TenantId": words["scim_tenant"]});
    let group = json!({"IdentityStoreId": words["store"], "GroupId": words["group"]});
    let application = json!({"ApplicationArn": words["application"]});
    let tags = json!({"ResourceArn": words["application"]});
    let mut seen = BTreeMap::new();
    for (service, name, input) in [
        ("sso-admin", "DescribeInstance", &at),
        ("sso-admin", "ListApplications", &at),
        ("sso-admin", "ListTrustedTokenIssuers", &at),
        ("sso-admin", "DescribeApplication", &application),
        ("sso-admin", "ListApplicationAssignments", &application),
        ("sso-admin", "ListApplicationAccessScopes", &application),
        ("sso-admin", "ListApplicationGrants", &application),
        ("sso-admin", "ListTagsForResource", &tags),
        ("identitystore", "ListUsers", &of),
        ("identitystore", "ListGroups", &of),
        ("identitystore", "ListGroupMemberships", &group),
        ("portico", "ListProvisioningTenants", &of),
        ("portico", "ListBearerTokens", &tenant),
    ] {
        seen.insert(name.to_owned(), world.made_by(keys, (service, name), input.clone()).await);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_of_another_instance_or_changes_it() {
    let world = World::new().await;
    let Other { keys, words } = world.account_instance().await;
    let owner = world.administrator(OWNER).await;
    let before = (portrait(&world, &owner, &world.words).await, portrait(&world, &keys, &words).await);
    let mut own = world.words.clone();
    own.extend(words.clone());
    let by_owner = Crossing {
        world: &world,
        keys: &owner,
        own: world.words.clone(),
        theirs: &words,
        to_organization: false,
    };
    let mut wrong = by_owner.walk().await;
    let theirs: Words = world
        .words
        .iter()
        .filter(|(name, _)| words.contains_key(*name))
        .map(|(name, word)| (*name, word.clone()))
        .collect();
    let by_member = Crossing { world: &world, keys: &keys, own, theirs: &theirs, to_organization: true };
    wrong.extend(by_member.walk().await);
    assert!(wrong.is_empty(), "{} calls tell of another instance:\n{}", wrong.len(), wrong.join("\n"));
    world.work().await;
    let after = (portrait(&world, &owner, &world.words).await, portrait(&world, &keys, &words).await);
    // An application of the member account in the organization's instance is what it may make there.
    let without = |mut seen: BTreeMap<String, Value>| {
        seen.remove("ListApplications");
        seen
    };
    assert_eq!(without(before.0), without(after.0));
    assert_eq!(before.1, after.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_the_organizations_instance_and_ones_own() {
    let world = World::new().await;
    let Other { keys, words } = world.account_instance().await;
    let owner = world.administrator(OWNER).await;
    let ids = |body: &Value, list: &str, member: &str| -> Vec<String> {
        let rows = body[list].as_array().unwrap();
        let mut ids: Vec<String> = rows.iter().map(|row| row[member].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |one: &str, other: &str| {
        let mut both = vec![one.to_owned(), other.to_owned()];
        both.sort();
        both
    };
    for (service, name, list, member, word) in [
        ("sso-admin", "ListInstances", "Instances", "InstanceArn", "instance"),
        ("identitystore", "ListIdentityStores", "IdentityStores", "IdentityStoreId", "store"),
    ] {
        let own = world.made_by(&owner, (service, name), json!({})).await;
        assert_eq!(ids(&own, list, member), [world.word(word)]);
        let both = world.made_by(&keys, (service, name), json!({})).await;
        assert_eq!(ids(&both, list, member), sorted(world.word(word), &words[word]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_instance_begins_and_ends() {
    let world = World::new().await;
    let keys = world.administrator(MEMBER).await;
    let asked = json!({"Name": "ours", "ClientToken": "once", "Tags": [{"Key": "team", "Value": "blue"}]});
    let made = world.made_by(&keys, ("sso-admin", "CreateInstance"), asked.clone()).await;
    let at = json!({"InstanceArn": made["InstanceArn"]});
    let status =
        async || world.made_by(&keys, ("sso-admin", "DescribeInstance"), at.clone()).await["Status"].clone();
    let code = async |name: &str, input: &Value| {
        world.by(&keys, ("sso-admin", name), input).await.error_type().to_owned()
    };
    assert_eq!(status().await, "CREATE_IN_PROGRESS");
    // "While CREATE_IN_PROGRESS only DescribeInstance and DeleteInstance are allowed" (API reference, CreateInstance).
    assert_eq!(code("ListApplications", &at).await, "AccessDeniedException");
    assert_eq!(code("UpdateInstance", &at).await, "AccessDeniedException");
    world.work().await;
    assert_eq!(status().await, "ACTIVE");
    assert_eq!(world.made_by(&keys, ("sso-admin", "CreateInstance"), asked.clone()).await, made);
    assert_eq!(
        code("CreateInstance", &json!({"Name": "more", "ClientToken": "once"})).await,
        "ConflictException"
    );
    assert_eq!(code("CreateInstance", &json!({})).await, "ConflictException");
    assert_eq!(code("ListPermissionSets", &at).await, "ValidationException");
    let owner = world.administrator(OWNER).await;
    for (name, input, wanted) in [
        ("CreateInstance", json!({}), "ValidationException"),
        ("DeleteInstance", json!({"InstanceArn": world.word("instance")}), "ValidationException"),
        ("DescribeInstance", at.clone(), "AccessDeniedException"),
        ("DeleteInstance", at.clone(), "AccessDeniedException"),
    ] {
        assert_eq!(world.by(&owner, ("sso-admin", name), &input).await.error_type(), wanted, "{name}");
    }
    let theirs = json!({"InstanceArn": world.word("instance")});
    assert_eq!(code("DeleteInstance", &theirs).await, "AccessDeniedException");

    let described = world.made_by(&keys, ("sso-admin", "DescribeInstance"), at.clone()).await;
    let of = json!({"IdentityStoreId": described["IdentityStoreId"]});
    let mut person = of.clone();
    person["UserName"] = json!("mallory");
    person["DisplayName"] = json!("Mallory");
    person["Name"] = json!({"FamilyName": "M", "GivenName": "M"});
    let mallory = world.made_by(&keys, ("identitystore", "CreateUser"), person).await;
    world.made_by(&keys, ("sso-admin", "DeleteInstance"), at.clone()).await;
    assert_eq!(status().await, "DELETE_IN_PROGRESS");
    assert_eq!(code("DeleteInstance", &at).await, "ConflictException");
    assert_eq!(code("CreateInstance", &json!({})).await, "ConflictException");
    let gone = world.by(&keys, ("identitystore", "ListUsers"), &of).await;
    assert_eq!(gone.error_type(), "ResourceNotFoundException");
    world.work().await;
    assert_eq!(code("DescribeInstance", &at).await, "AccessDeniedException");
    let (store, id) = (described["IdentityStoreId"].as_str().unwrap(), mallory["UserId"].as_str().unwrap());
    let (store, id) = (store.to_owned(), id.to_owned());
    let left = world.served.app.store.read(|rx| {
        let store = model::directory::identity_store::IdentityStoreId::trusted(&store);
        let user = model::directory::user::UserId::trusted(&id);
        Ok((
            store::directory::users::find(rx, &store, &user)?,
            store::instances::tags::all_of(rx, made["InstanceArn"].as_str().unwrap())?,
        ))
    });
    let (user, tags) = left.unwrap();
    assert!(user.is_none() && tags.is_empty());
    let again = world.by(&keys, ("sso-admin", "CreateInstance"), &json!({})).await;
    assert_eq!(again.status, StatusCode::OK, "{again:?}");
}
