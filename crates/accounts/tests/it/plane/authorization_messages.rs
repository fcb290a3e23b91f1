//! Why somebody was refused, as who administers them reads it.

use accounts::authorization_messages::{decode, with_message};
use accounts::users::{self, NewUser};
use accounts::{key_callers, user_keys, user_policies};
use model::cx::Cx;
use model::fault::FaultKind;
use policy::require::Action;
use serde_json::{Value, json};

use crate::plane::policies::iam;
use crate::plane::support::{MANAGEMENT, MEMBER, World, refused};

const INVALID: FaultKind = FaultKind::Service("InvalidAuthorizationMessageException");

/// A call of a user whom its policies refuse what they say.
async fn robot(world: &World, statement: &Value) -> Cx {
    let (store, cx) = (&world.fixture.store, iam(world, MEMBER));
    let new = NewUser {
        name: "robot".to_owned(),
        path: "/team/".to_owned(),
        permissions_boundary: None,
        tags: Vec::new(),
    };
    users::create(store, &cx, new).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    user_policies::put_inline(store, &cx, "robot", ("own".to_owned(), policy)).await.unwrap();
    let id = user_keys::create(store, &cx, Some("robot")).await.unwrap().key.id;
    let caller = store.read(|rx| {
        let key = store::accounts::access_keys::find_active(rx, &id)?.unwrap();
        key_callers::caller(rx, (&key, &id), None)
    });
    world.fixture.cx(caller.unwrap().unwrap(), "iam.amazonaws.com", "GetUser")
}

/// The message of a refusal to show a user.
fn message(world: &World, cx: &Cx, name: &str) -> String {
    let store = &world.fixture.store;
    let fault = users::get(store, cx, Action("iam:GetUser"), Some(name)).unwrap_err();
    let told = with_message(store, cx, fault);
    let (sentence, sealed) = told.message().split_once(". Encoded authorization failure message: ").unwrap();
    assert!(sentence.contains("is not authorized to perform: iam:GetUser"), "{sentence}");
    sealed.to_owned()
}

testkit::on_both_engines!(reasons_are_read_by_who_administers_the_account, |fixture| async move {
    let world = World::new(fixture).await;
    let statement = json!([
        {"Sid": "All", "Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Sid": "NotMe", "Effect": "Deny", "Action": "iam:Get*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:username": "robot"}}},
    ]);
    let cx = robot(&world, &statement).await;
    let sealed = message(&world, &cx, "robot");
    let (store, admin) = (&world.fixture.store, iam(&world, MEMBER));
    let read: Value = serde_json::from_str(&decode(store, &admin, &sealed).unwrap()).unwrap();
    assert_eq!((&read["allowed"], &read["explicitDeny"]), (&json!(false), &json!(true)));
    assert_eq!(read["context"]["action"], "iam:GetUser");
    assert_eq!(read["context"]["resource"], format!("arn:aws:iam::{MEMBER}:user/team/robot"));
    assert_eq!(read["context"]["principal"]["arn"], format!("arn:aws:iam::{MEMBER}:user/team/robot"));
    let matched = read["matchedStatements"]["items"].as_array().unwrap();
    let deny = matched.iter().find(|one| one["statementId"] == "NotMe").unwrap();
    assert_eq!(
        (&deny["effect"], &deny["actions"]["items"][0]["value"]),
        (&json!("DENY"), &json!("iam:Get*"))
    );
    assert_eq!(deny["conditions"]["items"][0]["key"], "aws:username");
    let conditions = read["context"]["conditions"]["items"].as_array().unwrap();
    assert!(conditions.iter().any(|one| one["key"] == "aws:PrincipalArn"), "{conditions:?}");
    assert!(read["explanation"].as_str().unwrap().contains("denied by an identity-based policy"), "{read}");

    // Not by who is refused, not by another account, not altered, not a day later.
    assert_eq!(refused(decode(store, &cx.clone(), &sealed)), FaultKind::AccessDenied);
    assert_eq!(refused(decode(store, &iam(&world, MANAGEMENT), &sealed)), INVALID);
    let mut altered = sealed.clone();
    altered.replace_range(40..41, if &sealed[40..41] == "A" { "B" } else { "A" });
    for wrong in [altered.as_str(), "", "x", &sealed[1..]] {
        assert_eq!(refused(decode(store, &admin, wrong)), INVALID);
    }
    assert!(decode(store, &iam(&world.later(86_399), MEMBER), &sealed).is_ok());
    assert_eq!(refused(decode(store, &iam(&world.later(86_400), MEMBER), &sealed)), INVALID);
});

testkit::on_both_engines!(a_message_tells_its_bearer_nothing_by_its_length, |fixture| async move {
    let world = World::new(fixture).await;
    // More statements than there is room for.
    let many: Vec<Value> = (0..12)
        .map(|number| {
            json!({"Sid": format!("Statement{number}"), "Effect": "Deny", "Action": "iam:GetUser",
                   "Resource": format!("arn:aws:iam::*:user/{}*", "?".repeat(number))})
        })
        .collect();
    let cx = robot(&world, &json!(many)).await;
    let tag = vec![("Team".to_owned(), "r".repeat(200))];
    users::tag(&world.fixture.store, &iam(&world, MEMBER), "robot", tag).await.unwrap();
    let (there, absent) = (message(&world, &cx, "robot"), message(&world, &cx, "nobody-of-that-name"));
    assert_eq!(there.len(), absent.len());
    assert_ne!(there, message(&world, &cx, "robot"));
    let read = decode(&world.fixture.store, &iam(&world, MEMBER), &there).unwrap();
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read["truncated"], true);
    assert_eq!(read["explicitDeny"], true);
});
