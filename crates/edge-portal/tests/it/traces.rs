//! What is refused on a page, and what is looked at, is in the trail: once, and then counted.

use http::StatusCode;
use serde_json::Value;

use crate::world::World;

/// How many calls the records stand for that are of an event with an error code ("": none).
fn calls(records: &[Value], name: &str, code: &str) -> u64 {
    let of = records.iter().filter(|record| {
        record["eventName"] == name && record["errorCode"].as_str().unwrap_or_default() == code
    });
    of.map(|record| record["additionalEventData"]["count"].as_u64().unwrap_or(1)).sum()
}

#[tokio::test]
async fn forged_forms_and_wrong_codes_leave_traces() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    for path in ["/start/credentials", "/signout", "/device", "/authorize?client_id=x"] {
        for _ in 0..30 {
            let answer = person.post(path, "csrf=forged").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let mut stranger = world.browser();
    for _ in 0..3 {
        assert_eq!(stranger.post("/signin", "csrf=forged").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(person.get("/device?user_code=BCDF-2345").await.status, StatusCode::BAD_REQUEST);
    let records = world.records().await;
    for (event, count) in
        [("GetRoleCredentials", 30), ("Logout", 30), ("AuthorizeClient", 60), ("Authenticate", 3)]
    {
        assert_eq!(calls(&records, event, "ForbiddenException"), count, "{event}");
    }
    assert_eq!(calls(&records, "AuthorizeClient", "ResourceNotFoundException"), 1);
    let forged: Vec<&Value> = records.iter().filter(|is| is["eventName"] == "Logout").collect();
    assert_eq!(forged.len(), 21, "twenty, and one that counts");
    assert!(forged.iter().all(|record| record["userIdentity"]["type"] == "IdentityCenterUser"));
}

#[tokio::test]
async fn attempts_that_are_told_to_wait_are_counted() {
    let world = World::new().await;
    let mut guesser = world.browser();
    let page = guesser.get("/signin").await;
    let guess = page.filled(&[("username", "jane"), ("password", "wrong")]);
    let mut told = 0;
    for _ in 0..10 {
        told += u64::from(guesser.post("/signin", &guess).await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(told > 0);
    let records = world.records().await;
    assert_eq!(calls(&records, "CredentialChallenge", "TooManyRequestsException"), told);
    let waits = records.iter().filter(|record| record["errorCode"] == "TooManyRequestsException");
    assert!(waits.clone().count() <= 2 && waits.clone().all(|record| !record.to_string().contains("jane")));
}

#[tokio::test]
async fn pages_that_are_looked_at_leave_traces_of_who_looked() {
    let world = World::new().await;
    let mut person = world.signed_in().await;
    for _ in 0..25 {
        assert_eq!(person.get("/start").await.status, StatusCode::OK);
    }
    assert_eq!(person.get("/start/config").await.status, StatusCode::OK);
    assert_eq!(person.get("/device").await.status, StatusCode::OK);
    assert_eq!(world.browser().get("/signin").await.status, StatusCode::OK);
    let records = world.records().await;
    assert_eq!(calls(&records, "ListAccounts", ""), 26);
    assert_eq!(calls(&records, "ViewAuthorizeClient", ""), 1);
    let looks = records.iter().filter(|record| record["eventName"] == "ListAccounts");
    assert!(
        looks
            .clone()
            .all(|record| record["readOnly"] == true && !record["userIdentity"]["onBehalfOf"].is_null())
    );
    assert_eq!(looks.count(), 21);
}
