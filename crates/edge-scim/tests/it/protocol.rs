//! RFC 7643 and 7644: resources, PATCH in each form, versions, projections, bulk requests, discovery.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::world::{World, describe, names};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

on_both_engines!(a_person_is_made_read_changed_and_taken_away, |fixture| async move {
    let w = World::new(fixture).await;
    let mut jane = describe("jane");
    jane["addresses"] = json!([{"streetAddress": "1 Way", "country": "DE", "type": "work", "primary": true}]);
    jane[ENTERPRISE] = json!({"department": "Finance", "manager": {"value": "42"}});
    let made = w.post("/Users", jane.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let id = made.id();
    let location = format!("https://idp.example/{}/scim/v2/Users/{id}", w.tenant);
    assert_eq!((made.header("location"), made.header("etag")), (location.as_str(), "W/\"1\""));
    for name in ["userName", "externalId", "displayName", "name", "active", "emails", "addresses", ENTERPRISE]
    {
        assert_eq!(made.body[name], jane[name], "{name}");
    }
    assert_eq!(made.body["meta"]["version"], "W/\"1\"");
    assert_eq!(w.get(&format!("/Users/{id}")).await.body, made.body);

    let mut fewer = describe("jane");
    fewer["nickName"] = json!("JJ");
    fewer["id"] = json!("another");
    let put = w.put(&format!("/Users/{id}"), fewer).await;
    assert_eq!(
        (put.status, &put.body["nickName"], put.body.get("addresses")),
        (StatusCode::OK, &json!("JJ"), None)
    );
    assert_eq!(put.body["id"], id.as_str());
    assert!(put.body.get(ENTERPRISE).is_none());

    assert_eq!(w.delete(&format!("/Users/{id}")).await.status, StatusCode::NO_CONTENT);
    w.get(&format!("/Users/{id}")).await.refused(404, "", "not found");
    w.delete(&format!("/Users/{id}")).await.refused(404, "", "not found");
    w.get("/Users/none").await.refused(404, "", "no user");
});

on_both_engines!(patch_takes_every_form_of_a_path, |fixture| async move {
    let w = World::new(fixture).await;
    let path = format!("/Users/{}", w.person("jane").await);
    let department = format!("{ENTERPRISE}:department");
    let manager = format!("{ENTERPRISE}:manager.value");
    let changed = w.patch(&path, json!([
        {"op": "replace", "path": "displayName", "value": "Jane D."},
        {"op": "add", "path": "name.middleName", "value": "Q"},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"},
        {"op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 1"},
        {"op": "add", "path": department, "value": "Ops"},
        {"op": "add", "path": manager, "value": "7"},
        {"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "Ulm"}]},
        {"op": "replace", "path": "addresses[type eq \"work\"]", "value": {"type": "work", "locality": "Bonn"}},
        {"op": "add", "value": {"title": "Head", "name": {"honorificPrefix": "Dr"}, "userType": "Employee"}},
        {"op": "remove", "path": "userType"},
    ])).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let body = &changed.body;
    assert_eq!(
        body["name"],
        json!({"givenName": "jane", "familyName": "Doe", "middleName": "Q", "honorificPrefix": "Dr"})
    );
    assert_eq!(body["emails"], json!([{"value": "new@example.com", "type": "work", "primary": true}]));
    assert_eq!(body["phoneNumbers"], json!([{"type": "mobile", "value": "+49 1"}]));
    assert_eq!(body["addresses"], json!([{"type": "work", "locality": "Bonn"}]));
    assert_eq!(body[ENTERPRISE], json!({"department": "Ops", "manager": {"value": "7"}}));
    assert_eq!(
        (&body["title"], &body["displayName"], body.get("userType")),
        (&json!("Head"), &json!("Jane D."), None)
    );

    let gone = w.patch(&path, json!([
        {"op": "remove", "path": "emails[value eq \"new@example.com\"]"}, {"op": "remove", "path": ENTERPRISE},
        {"op": "remove", "path": "name.middleName"}, {"op": "replace", "path": "title", "value": ""},
    ])).await;
    for name in ["emails", ENTERPRISE, "title"] {
        assert!(gone.body.get(name).is_none(), "{name}: {gone:?}");
    }
    assert!(gone.body["name"].get("middleName").is_none());
});

on_both_engines!(a_patch_that_is_wrong_changes_nothing, |fixture| async move {
    let w = World::new(fixture).await;
    let path = format!("/Users/{}", w.person("jane").await);
    let before = w.get(&path).await.body;
    let good = json!({"op": "replace", "path": "title", "value": "Head"});
    for (wrong, status, scim_type, word) in [
        (
            json!({"op": "replace", "path": "shoeSize", "value": 1}),
            400,
            "invalidPath",
            "shoeSize is no attribute",
        ),
        (json!({"op": "replace", "path": "emails[type eq", "value": 1}), 400, "invalidPath", "] is missing"),
        (json!({"op": "move", "path": "title"}), 400, "invalidSyntax", "op must be"),
        (json!({"op": "remove"}), 400, "noTarget", "needs a path"),
        (json!({"op": "remove", "path": "userName"}), 400, "mutability", "userName is a required attribute"),
        (json!({"op": "remove", "path": "active"}), 400, "mutability", "active is a required attribute"),
        (json!({"op": "replace", "path": "id", "value": "x"}), 400, "mutability", "id is set by the server"),
        (
            json!({"op": "replace", "path": "meta.created", "value": "x"}),
            400,
            "mutability",
            "set by the server",
        ),
        (json!({"op": "replace", "path": "active", "value": "maybe"}), 400, "invalidValue", "true or false"),
        (
            json!({"op": "replace", "path": "userName", "value": "with space"}),
            400,
            "invalidValue",
            "no white space",
        ),
        (json!({"op": "add", "path": "title"}), 400, "invalidValue", "title needs a value"),
        (json!({"op": "replace", "value": "x"}), 400, "invalidValue", "must be an object"),
        (json!("x"), 400, "invalidSyntax", "must be an object"),
    ] {
        let answer = w.patch(&path, json!([good, wrong])).await;
        answer.refused(status, scim_type, word);
    }
    w.with(Method::PATCH, &path, json!({"Operations": []})).await.refused(400, "invalidSyntax", "Operations");
    w.with(Method::PATCH, &path, json!({"Operations": [good], "x": 1})).await.refused(
        400,
        "invalidSyntax",
        "no x",
    );
    assert_eq!(w.get(&path).await.body, before);
});

on_both_engines!(versions_are_held_to, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.person("jane").await;
    let change = |tag: &str| {
        let body = json!({"Operations": [{"op": "replace", "path": "title", "value": tag}]}).to_string();
        w.request(Method::PATCH, &format!("/Users/{id}"))
            .header("if-match", tag)
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(w.send(change("W/\"1\"")).await.header("etag"), "W/\"2\"");
    w.send(change("W/\"1\"")).await.refused(412, "", "revision now is 2");
    assert_eq!(w.send(change("\"2\"")).await.status, StatusCode::OK);
    assert_eq!(w.send(change("*")).await.status, StatusCode::OK);
    w.send(change("old")).await.refused(400, "invalidVers", "entity tag");
    let known = w.request(Method::GET, &format!("/Users/{id}")).header("if-none-match", "W/\"4\"");
    let answer = w.send(known.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.body), (StatusCode::NOT_MODIFIED, Value::Null));
    // What changes nothing makes no new version.
    let same =
        w.patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "title", "value": "*"}])).await;
    assert_eq!(same.header("etag"), "W/\"4\"");
});

on_both_engines!(groups_and_members_by_each_way, |fixture| async move {
    let w = World::new(fixture).await;
    let (ann, bob, cid) = (w.person("ann").await, w.person("bob").await, w.person("cid").await);
    let id = w.group("team", &[&ann]).await;
    let path = format!("/Groups/{id}");
    let members = async || {
        let group = w.get(&path).await.body;
        let all = group["members"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> = all.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let add = w
        .patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": bob}, {"value": ann}]}]))
        .await;
    assert_eq!(
        (add.status, &add.body, add.header("etag")),
        (StatusCode::NO_CONTENT, &Value::Null, "W/\"2\"")
    );
    assert_eq!(members().await, sorted(vec![ann.clone(), bob.clone()]));
    let path_of_one = format!("members[value eq \"{ann}\"]");
    w.patch(&path, json!([{"op": "remove", "path": path_of_one}])).await;
    assert_eq!(members().await, std::slice::from_ref(&bob));
    w.patch(&path, json!([{"op": "replace", "path": "members", "value": [{"value": cid}, {"value": ann}]}]))
        .await;
    assert_eq!(members().await, sorted(vec![ann.clone(), cid.clone()]));
    w.patch(&path, json!([{"op": "replace", "value": {"displayName": "crew", "members": [{"value": bob}]}}]))
        .await;
    assert_eq!(
        (members().await, &w.get(&path).await.body["displayName"]),
        (vec![bob.clone()], &json!("crew"))
    );
    w.put(&path, json!({"displayName": "crew", "externalId": "e"})).await;
    assert_eq!(members().await, std::slice::from_ref(&bob), "who says nothing of members leaves them");
    w.put(&path, json!({"displayName": "crew", "members": []})).await;
    assert_eq!(members().await, [] as [String; 0]);
    w.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": "11111111-2222-4333-8444-555555555555"}]}]))
        .await
        .refused(400, "invalidValue", "there is no user 11111111-2222-4333-8444-555555555555, and no group");
    w.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": id, "type": "Group"}]}]))
        .await
        .refused(400, "invalidValue", "never within itself");
    w.patch(&path, json!([{"op": "replace", "path": "members[value eq \"x\"].value", "value": "y"}]))
        .await
        .refused(400, "mutability", "members.value cannot be changed");
    w.post("/Groups", json!({"displayName": "CREW"})).await.refused(
        409,
        "uniqueness",
        "Duplicate GroupDisplayName",
    );
    assert_eq!(w.delete(&path).await.status, StatusCode::NO_CONTENT);
    w.get(&path).await.refused(404, "", "not found");
});

on_both_engines!(a_group_is_a_member_of_a_group, |fixture| async move {
    let w = World::new(fixture).await;
    let (ann, bob) = (w.person("ann").await, w.person("bob").await);
    let inner = w.group("platform", &[&ann]).await;
    // By its type, by its address, and by its id alone.
    let named = [
        json!({"value": inner, "type": "Group"}),
        json!({"$ref": format!("https://idp.example/{}/scim/v2/Groups/{inner}", w.tenant)}),
        json!({"value": inner}),
    ];
    for (number, member) in named.into_iter().enumerate() {
        let body = json!({"displayName": format!("staff-{number}"), "members": [{"value": bob}, member]});
        let made = w.post("/Groups", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let outer = made.id();
        let members = made.body["members"].as_array().unwrap();
        assert_eq!(
            members.iter().map(|one| (&one["type"], &one["value"])).collect::<Vec<_>>(),
            [(&json!("User"), &json!(bob)), (&json!("Group"), &json!(inner))]
        );
        assert_eq!(members[1]["$ref"], format!("https://idp.example/{}/scim/v2/Groups/{inner}", w.tenant));

        // Whom a group has is told as it was put; what a person is in, as it counts.
        let groups = w.get(&format!("/Users/{ann}?attributes=groups")).await.body["groups"].clone();
        let mut kinds: Vec<(String, String)> = groups
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["value"].as_str().unwrap().to_owned(), one["type"].as_str().unwrap().to_owned()))
            .collect();
        kinds.sort_by(|one, other| one.1.cmp(&other.1));
        let wanted = [(inner.clone(), "direct".to_owned()), (outer.clone(), "indirect".to_owned())];
        assert_eq!(kinds, wanted);
        let of = |filter: String| format!("/Groups?filter={filter}");
        assert_eq!(names(&w.get(&of(format!("members.value eq \"{ann}\""))).await), ["platform"]);
        assert_eq!(
            names(&w.get(&of(format!("members.value eq \"{inner}\""))).await),
            [format!("staff-{number}")]
        );
        let pair = of(format!("id eq \"{outer}\" and members eq \"{inner}\""));
        assert_eq!(names(&w.get(&pair).await), [format!("staff-{number}")]);
        let in_outer = format!("/Users?filter=groups.value eq \"{outer}\"");
        let mut found = names(&w.get(&in_outer).await);
        found.sort();
        assert_eq!(found, ["ann", "bob"]);
        w.patch(
            &format!("/Groups/{inner}"),
            json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]),
        )
        .await
        .refused(400, "invalidValue", "never within itself");

        // Each way out of it.
        let path = format!("/Groups/{outer}");
        match number {
            0 => drop(w.put(&path, json!({"displayName": "staff-0", "members": [{"value": bob}]})).await),
            1 => {
                let one = format!("members[value eq \"{inner}\"]");
                drop(w.patch(&path, json!([{"op": "remove", "path": one}])).await);
            }
            _ => {
                let members = json!([{"value": inner, "type": "Group"}]);
                drop(w.patch(&path, json!([{"op": "remove", "path": "members", "value": members}])).await);
            }
        }
        let left = w.get(&path).await.body["members"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
        assert_eq!(names(&w.get(&in_outer).await), ["bob"]);
    }
});

on_both_engines!(what_is_asked_for_is_answered, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.person("jane").await;
    let group = w.group("team", &[&id]).await;
    let only = w.get(&format!("/Users/{id}?attributes=userName,groups,name.familyName")).await.body;
    let members: Vec<&String> = only.as_object().unwrap().keys().collect();
    assert_eq!(members, ["schemas", "id", "userName", "name", "groups"]);
    assert_eq!((&only["groups"][0]["value"], &only["name"]), (&json!(group), &json!({"familyName": "Doe"})));
    let without = w.get(&format!("/Groups/{group}?excludedAttributes=members")).await.body;
    assert_eq!((without.get("members"), &without["displayName"]), (None, &json!("team")));
    w.get(&format!("/Users/{id}?attributes=id&excludedAttributes=id")).await.refused(
        400,
        "invalidSyntax",
        "exclude",
    );
    w.get(&format!("/Users/{id}?shoe=1")).await.refused(400, "invalidValue", "shoe is no parameter");
    let path = format!("/Groups/{group}?attributes=displayName");
    let asked = w.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "crew"}])).await;
    assert_eq!(asked.body["displayName"], "crew");
});

on_both_engines!(bulk_requests_find_what_they_refer_to, |fixture| async move {
    let w = World::new(fixture).await;
    w.person("taken").await;
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let made = w.post("/Bulk", json!({"schemas": schemas, "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "team", "members": [{"value": "bulkId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": describe("jane")},
        {"method": "POST", "path": "/Users", "bulkId": "v", "data": describe("taken")},
        {"method": "PATCH", "path": "/Users/bulkId:v", "data": {"Operations": [{"op": "remove", "path": "title"}]}},
        {"method": "DELETE", "path": "/Schemas/x"},
    ]})).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let said = made.body["Operations"].as_array().unwrap();
    let statuses: Vec<&str> = said.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "201", "409", "400", "404"], "{made:?}");
    assert_eq!(said[2]["response"]["scimType"], "uniqueness");
    assert!(said[3]["response"]["detail"].as_str().unwrap().contains("bulkId:v was not made"));
    let group = said[0]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    let members = w.get(&format!("/Groups/{group}")).await.body["members"].clone();
    assert!(said[1]["location"].as_str().unwrap().ends_with(members[0]["value"].as_str().unwrap()));
    let stopped = w.post("/Bulk", json!({"schemas": schemas, "failOnErrors": 1, "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {}}, {"method": "POST", "path": "/Users", "bulkId": "b", "data": describe("late")},
    ]})).await;
    assert_eq!(stopped.body["Operations"].as_array().unwrap().len(), 1, "{stopped:?}");
    assert_eq!(names(&w.get("/Users?filter=userName eq \"late\"").await), [] as [&str; 0]);
    let circle = json!({"schemas": schemas, "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"displayName": "a", "members": [{"value": "bulkId:a"}]}},
    ]});
    w.post("/Bulk", circle).await.refused(409, "invalidValue", "in a circle");
});

on_both_engines!(a_bulk_of_many_is_done_as_if_one_after_another, |fixture| async move {
    let w = World::new(fixture).await;
    let mut operations: Vec<_> = (0..40)
        .map(|at| json!({"method": "POST", "path": "/Users", "bulkId": format!("u{at}"), "data": describe(&format!("p{at}"))}))
        .collect();
    // The second of a name comes too late, in whatever way it is alike.
    for (at, name) in [(5, "p3"), (20, "P19")] {
        operations[at]["data"]["userName"] = name.into();
    }
    operations[30]["data"]["externalId"] = operations[29]["data"]["externalId"].clone();
    let members: Vec<_> = [0, 3, 39].map(|at| json!({"value": format!("bulkId:u{at}")})).into();
    operations.insert(10, json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "team", "members": members}}));
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let made = w.post("/Bulk", json!({"schemas": schemas, "Operations": operations})).await;
    let said = made.body["Operations"].as_array().unwrap();
    let refused: Vec<usize> = (0..said.len()).filter(|at| said[*at]["status"] != "201").collect();
    assert_eq!(refused, [5, 21, 31], "{made:?}");
    assert!(refused.iter().all(|at| said[*at]["status"] == "409"), "{made:?}");
    for (sent, answered) in operations.iter().zip(said) {
        assert_eq!(sent["bulkId"], answered["bulkId"], "answers are in the order of what was sent");
    }
    let group = said[10]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    assert_eq!(w.get(&format!("/Groups/{group}")).await.body["members"].as_array().unwrap().len(), 3);
    assert_eq!(w.get("/Users?count=0").await.body["totalResults"], 37);
    let records = w.records().await;
    let created = records.iter().filter(|one| one["eventName"] == "CreateUser" && one["errorCode"].is_null());
    assert_eq!(created.count(), 37, "each has a record of its own");
});

on_both_engines!(who_is_sent_again_unchanged_is_looked_at_and_not_written, |fixture| async move {
    let w = World::new(fixture).await;
    let id = w.person("jane").await;
    let path = format!("/Users/{id}");
    let before = w.get(&path).await.body;
    w.clock.advance(std::time::Duration::from_secs(60));
    let again = w.put(&path, describe("jane")).await;
    assert_eq!(again.body, before, "neither revision nor time is another");
    let patched = w.patch(&path, json!([{"op": "replace", "path": "active", "value": true}])).await;
    assert_eq!(patched.body, before);
    let kept = w.kept().await;
    for name in ["PutUser", "PatchUser"] {
        let record = kept.iter().find(|record| record.event_name == name);
        let record =
            record.unwrap_or_else(|| panic!("what was asked stands in the trail all the same: {name}"));
        assert!(record.passing && record.json.contains(&id), "{}", record.json);
    }
    let mut other = describe("jane");
    other["title"] = "Head".into();
    let changed = w.put(&path, other.clone()).await;
    assert_ne!(changed.body["meta"]["version"], before["meta"]["version"]);
    other["externalId"] = "another".into();
    assert_eq!(w.put(&path, other.clone()).await.body["externalId"], "another");
    other["active"] = false.into();
    assert_eq!(w.put(&path, other).await.body["active"], false);
    let lasting =
        w.kept().await.iter().filter(|record| record.event_name == "PutUser" && !record.passing).count();
    assert_eq!(lasting, 3, "a change is kept as a change");
    for (tag, status) in
        [(&before["meta"]["version"], StatusCode::PRECONDITION_FAILED), (&json!("*"), StatusCode::OK)]
    {
        let now = w.get(&path).await.body;
        let stale = w.request(Method::PUT, &path).header("if-match", tag.as_str().unwrap());
        assert_eq!(w.send(stale.body(Body::from(now.to_string())).unwrap()).await.status, status, "{tag}");
    }
});

#[tokio::test]
async fn the_server_says_what_it_has() {
    let w = World::new(Fixture::sqlite().await).await;
    let config = w.get("/ServiceProviderConfig").await.body;
    assert_eq!(
        (&config["patch"]["supported"], &config["bulk"]["maxOperations"]),
        (&json!(true), &json!(1_000))
    );
    assert_eq!(w.get("/ResourceTypes").await.body["totalResults"], 2);
    assert_eq!(w.get("/ResourceTypes/User").await.body["schemaExtensions"][0]["schema"], ENTERPRISE);
    let schema = w.get(&format!("/Schemas/{ENTERPRISE}")).await.body;
    assert_eq!(
        (&schema["id"], &w.get("/Schemas").await.body["totalResults"]),
        (&json!(ENTERPRISE), &json!(3))
    );
    w.get("/Schemas/urn:x").await.refused(404, "", "no schema");
    w.get("/Me").await.refused(501, "", "no person");
    w.get("/Shoes").await.refused(404, "", "nothing at this address");
    w.get("").await.refused(404, "", "nothing at this address");
    w.delete("/Users").await.refused(405, "", "method");
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_scims_words() {
    let w = World::new(Fixture::sqlite().await).await;
    for (body, word) in
        [("", "no JSON"), ("[]", "JSON object"), ("{\"userName\":", "no JSON"), ("\u{1}", "no JSON")]
    {
        let request = w.request(Method::POST, "/Users").body(Body::from(body)).unwrap();
        w.send(request).await.refused(400, "invalidSyntax", word);
    }
    let deep = format!("{{\"name\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    w.send(w.request(Method::POST, "/Users").body(Body::from(deep)).unwrap()).await.refused(
        400,
        "invalidSyntax",
        "no JSON",
    );
    let large = w.request(Method::POST, "/Users").body(Body::from(vec![b' '; 1_048_577])).unwrap();
    w.send(large).await.refused(413, "", "larger than 1048576 bytes");
    w.post("/Users", json!({"userName": "x", "shoeSize": "p"})).await.refused(
        400,
        "invalidValue",
        "shoeSize is no attribute",
    );
    w.post("/Users", describe("jane")).await;
    w.post("/Users", describe("JANE")).await.refused(409, "uniqueness", "Duplicate UserName");
}
