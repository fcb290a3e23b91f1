//! Strict mode: AWS's subset, limits and texts (aws-capabilities: SCIM v2).

use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::fixture::Fixture;

use crate::world::{World, describe, names};

async fn world() -> World {
    World::strict(Fixture::sqlite().await).await
}

/// What the body of a refusal says, in AWS's form.
#[track_caller]
fn detail(answer: &crate::world::Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["schema", "detail", "status", "exceptionRequestId", "timeStamp"]);
    assert_eq!(answer.body["status"], status.to_string());
    answer.body["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn filters_are_eq_and_and_of_few_attributes() {
    let w = world().await;
    let id = w.person("jane").await;
    for good in [
        "userName eq \"jane\"".to_owned(),
        "externalId eq \"ext-jane\"".to_owned(),
        format!("id eq \"{id}\" and manager eq \"x\"")
            .replace("manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
        "groups.value eq \"x\"".to_owned(),
    ] {
        assert_eq!(w.get(&format!("/Users?filter={good}")).await.status, StatusCode::OK, "{good}");
    }
    for bad in [
        "userName sw \"j\"",
        "userName eq \"a\" or userName eq \"b\"",
        "title eq \"x\"",
        "userName pr",
        "not (userName eq \"a\")",
        "userName is",
    ] {
        assert_eq!(
            detail(&w.get(&format!("/Users?filter={bad}")).await, 400),
            "Invalid Filter format",
            "{bad}"
        );
    }
    assert!(detail(&w.get("/Users?sortBy=userName").await, 400).contains("sortBy is not supported"));
    assert!(detail(&w.get("/Users?startIndex=2").await, 400).contains("startIndex is not supported"));
    assert!(detail(&w.get("/Users?count=101").await, 400).contains("count must be 1 to 100"));
    assert!(
        w.get("/Users?attributes=userName").await.body["Resources"][0].get("emails").is_some(),
        "passed over, as AWS does"
    );
    w.person("joe").await;
    let first = w.get("/Users?cursor=&count=1").await;
    let next = first.body["nextCursor"].as_str().unwrap();
    let second = w.get(&format!("/Users?cursor={next}&count=1")).await;
    assert_eq!([names(&first), names(&second)].concat(), ["jane", "joe"]);
}

#[tokio::test]
async fn people_have_one_value_of_each_list_and_all_parts_of_a_name() {
    let w = world().await;
    let with = |name: &str, value: Value| {
        let mut person = describe("jane");
        person[name] = value;
        person
    };
    for (person, wanted) in [
        (
            with("emails", json!([{"value": "a", "primary": true}, {"value": "b"}])),
            "List attribute emails exceeds allowed limit of 1",
        ),
        (with("emails", json!([{"value": "a"}])), "emails: the email must be primary"),
        (with("photos", json!([{"value": "https://x"}])), "photos is not supported"),
        (with("name", json!({"givenName": "J"})), "name.familyName is a required attribute"),
        (with("displayName", json!(null)), "displayName is a required attribute"),
        (with("password", json!("x")), "password is no attribute"),
    ] {
        let refused = detail(&w.post("/Users", person).await, 400);
        assert!(refused.contains(wanted), "{refused}");
    }
    let id = w.person("jane").await;
    assert_eq!(detail(&w.post("/Users", describe("jane")).await, 409), "Duplicate UserName");
    let patch = async |operations: Value| w.patch(&format!("/Users/{id}"), operations).await;
    assert!(
        detail(&patch(json!([{"op": "remove", "path": "userName"}])).await, 400)
            .contains("remove is not supported for userName")
    );
    let twice = json!([{"op": "replace", "path": "active", "value": true}, {"op": "replace", "path": "active", "value": false}]);
    assert!(detail(&patch(twice).await, 400).contains("active may be changed by one operation; there are 2"));
    let answer = patch(json!([{"op": "replace", "path": "active", "value": "false"}])).await;
    assert_eq!(
        (answer.status, &answer.body["active"], answer.header("etag")),
        (StatusCode::OK, &json!(false), "")
    );
}

#[tokio::test]
async fn groups_never_show_members_and_change_a_hundred_at_a_time() {
    let w = world().await;
    let id = w.person("jane").await;
    let group = w.group("team", &[&id]).await;
    let path = format!("/Groups/{group}");
    assert_eq!(w.get(&path).await.body["members"], json!([]));
    assert_eq!(w.get("/Groups").await.body["Resources"][0]["members"], json!([]));
    assert_eq!(names(&w.get(&format!("/Groups?filter=members.value eq \"{id}\"")).await), ["team"]);
    assert_eq!(
        detail(&w.put(&path, json!({"displayName": "x"})).await, 404),
        "AWS has no such operation, and this server is in strict mode"
    );
    for whole in [
        json!([{"op": "remove", "path": "members"}]),
        json!([{"op": "replace", "path": "members", "value": [{"value": id}]}]),
    ] {
        assert!(
            detail(&w.patch(&path, whole).await, 400).contains("cannot be replaced or removed as a whole")
        );
    }
    let many: Vec<Value> = (0..101).map(|_| json!({"value": id})).collect();
    let refused = w.patch(&path, json!([{"op": "add", "path": "members", "value": many}])).await;
    assert!(detail(&refused, 400).contains("at most 100 values; it has 101"), "{refused:?}");
    let halves = json!([{"op": "add", "path": "members", "value": &many[..60]}, {"op": "add", "path": "members", "value": &many[..60]}]);
    assert!(
        detail(&w.patch(&path, halves).await, 400)
            .contains("at most 100 membership changes are allowed in a single request; there are 120")
    );
    for (method, path) in [(Method::POST, "/Bulk"), (Method::POST, "/Users/.search"), (Method::GET, "/Me")] {
        assert_eq!(w.with(method, path, json!({})).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let config = w.get("/ServiceProviderConfig").await.body;
    assert_eq!(
        (&config["bulk"]["supported"], &config["filter"]["maxResults"], &config["sort"]["supported"]),
        (&json!(false), &json!(50), &json!(false))
    );
}
