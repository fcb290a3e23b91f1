//! Lists: filters that an index answers and those that are looked through, order, pages by number and by cursor, searches by POST.

use http::StatusCode;
use serde_json::json;
use testkit::fixture::Fixture;
use testkit::on_both_engines;

use crate::world::{World, describe, names};

on_both_engines!(what_an_index_finds_and_what_is_looked_through_are_the_same, |fixture| async move {
    let w = World::new(fixture).await;
    let (ann, bob) = (w.person("ann").await, w.person("bob").await);
    w.person("cid").await;
    w.patch(&format!("/Users/{bob}"), json!([{"op": "replace", "path": "active", "value": false}, {"op": "add", "path": "title", "value": "Head"}])).await;
    let team = w.group("team", &[&ann, &bob]).await;
    w.group("others", &[&bob]).await;
    for (filter, wanted) in [
        ("userName eq \"ANN\"".to_owned(), vec!["ann"]),
        ("userName eq \"ann\" and active eq false".to_owned(), vec![]),
        ("externalId eq \"ext-bob\"".to_owned(), vec!["bob"]),
        ("externalId eq \"EXT-bob\"".to_owned(), vec![]),
        (format!("id eq \"{bob}\""), vec!["bob"]),
        ("emails.value eq \"Bob@Example.com\"".to_owned(), vec!["bob"]),
        ("emails eq \"bob@example.com\"".to_owned(), vec!["bob"]),
        ("emails[type eq \"work\" and value eq \"cid@example.com\"]".to_owned(), vec!["cid"]),
        ("emails[type eq \"home\" and value eq \"cid@example.com\"]".to_owned(), vec![]),
        (format!("groups.value eq \"{team}\""), vec!["ann", "bob"]),
        (format!("groups.value eq \"{team}\" and active eq true"), vec!["ann"]),
        ("not (userName eq \"ann\")".to_owned(), vec!["bob", "cid"]),
        ("title pr or userName sw \"c\"".to_owned(), vec!["bob", "cid"]),
        ("meta.created ge \"2026-01-01T00:00:00Z\"".to_owned(), vec!["ann", "bob", "cid"]),
        ("groups pr".to_owned(), vec!["ann", "bob"]),
        ("userName eq \"nobody\"".to_owned(), vec![]),
    ] {
        let found = w.get(&format!("/Users?filter={filter}")).await;
        assert_eq!(names(&found), wanted, "{filter}");
        assert_eq!(found.body["totalResults"], wanted.len(), "{filter}");
    }
    for (filter, wanted) in [
        ("displayName eq \"TEAM\"".to_owned(), vec!["team"]),
        (format!("members.value eq \"{bob}\""), vec!["others", "team"]),
        (format!("members[value eq \"{ann}\"]"), vec!["team"]),
        (format!("id eq \"{team}\" and members eq \"{ann}\""), vec!["team"]),
        (format!("displayName eq \"others\" and members eq \"{ann}\""), vec![]),
        (format!("members.value eq \"{bob}\" and displayName sw \"o\""), vec!["others"]),
        (format!("displayName sw \"t\" or members.value eq \"{ann}\""), vec!["team"]),
        ("members.value eq \"nobody\"".to_owned(), vec![]),
    ] {
        assert_eq!(names(&w.get(&format!("/Groups?filter={filter}")).await), wanted, "{filter}");
    }
    w.get("/Users?filter=userName is 1").await.refused(400, "invalidFilter", "no operator");
    w.get("/Users?filter=shoeSize pr").await.refused(400, "invalidFilter", "shoeSize is no attribute");
});

on_both_engines!(pages_go_by_number_and_by_cursor, |fixture| async move {
    let w = World::new(fixture).await;
    for number in 0..7 {
        w.person(&format!("p{number}")).await;
    }
    let page = |path: &str| {
        let path = path.to_owned();
        let w = &w;
        async move { w.get(&path).await }
    };
    let second = page("/Users?startIndex=4&count=3").await;
    assert_eq!(
        (&second.body["totalResults"], &second.body["startIndex"], &second.body["itemsPerPage"]),
        (&json!(7), &json!(4), &json!(3))
    );
    assert_eq!(names(&second), ["p3", "p4", "p5"]);
    assert_eq!(names(&page("/Users?startIndex=8").await), [] as [&str; 0]);
    let none = page("/Users?count=0").await;
    assert_eq!((&none.body["totalResults"], names(&none).len()), (&json!(7), 0));
    for filter in
        ["", "&filter=userName sw \"p\"", "&filter=userName sw \"p\"&sortBy=userName&sortOrder=descending"]
    {
        let (mut cursor, mut all) = (String::new(), Vec::new());
        loop {
            let found = page(&format!("/Users?count=3&cursor={cursor}{filter}")).await;
            all.extend(names(&found));
            assert!(found.body.get("startIndex").is_none(), "{found:?}");
            match found.body["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        all.sort();
        assert_eq!(all, ["p0", "p1", "p2", "p3", "p4", "p5", "p6"], "{filter}");
        page(&format!("/Users?count=3&cursor={cursor}&filter=title pr")).await.refused(
            400,
            "invalidCursor",
            "same list",
        );
    }
    page("/Users?cursor=x").await.refused(400, "invalidCursor", "cursor is none");
    page("/Users?cursor=&startIndex=1").await.refused(400, "invalidCursor", "exclude each other");
    let sorted = page("/Users?sortBy=userName&sortOrder=descending&count=2&attributes=userName").await;
    let order: Vec<&str> = sorted.body["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["userName"].as_str().unwrap())
        .collect();
    assert_eq!((order, &sorted.body["totalResults"]), (vec!["p6", "p5"], &json!(7)));
});

#[tokio::test]
async fn a_search_by_post_finds_the_same() {
    let w = World::new(Fixture::sqlite().await).await;
    w.post("/Users", describe("jane")).await;
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
    let body = json!({"schemas": schemas, "filter": "userName eq \"jane\"", "attributes": ["userName"], "startIndex": 1, "count": 5});
    let found = w.post("/Users/.search", body).await;
    assert_eq!(names(&found), ["jane"]);
    assert!(found.body["Resources"][0].get("emails").is_none());
    w.post("/Groups/.search", json!({})).await.refused(400, "invalidSyntax", "SearchRequest");
    assert_eq!(w.get("/Groups/.search").await.status, StatusCode::METHOD_NOT_ALLOWED);
    w.group("janes", &[]).await;
    let everywhere = async |filter: &str, start: u64, count: u64| {
        let body = json!({"schemas": schemas, "filter": filter, "startIndex": start, "count": count});
        w.post("/.search", body).await
    };
    let all = everywhere("id pr", 1, 9).await;
    assert_eq!(
        (names(&all), &all.body["totalResults"]),
        (vec!["jane".to_owned(), "janes".to_owned()], &json!(2))
    );
    assert_eq!(names(&everywhere("id pr", 2, 9).await), ["janes"]);
    let first = everywhere("id pr", 1, 1).await;
    assert_eq!((names(&first), &first.body["totalResults"]), (vec!["jane".to_owned()], &json!(2)));
    assert_eq!(
        names(&everywhere("userName eq \"jane\"", 1, 9).await),
        ["jane"],
        "groups have no such attribute"
    );
    everywhere("shoeSize pr", 1, 9).await.refused(400, "invalidFilter", "shoeSize");
}
