//! The identity store as its clients use it: what goes in is what comes out, and errors carry what SDKs read.

use http::StatusCode;
use serde_json::{Value, json};

use crate::served::{Answer, Served};
use crate::signed::Client;

const STORE: &str = "d-1234567890";
const STORE_ARN: &str = "arn:aws:identitystore::111122223333:identitystore/d-1234567890";

async fn client(served: &Served) -> Client<'_> {
    Client::new(served, "111122223333", "identitystore", "AWSIdentityStore.").await
}

fn ok(answer: Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

fn refused(answer: &Answer, code: &str) -> String {
    assert_eq!(
        (answer.status, answer.body["__type"].as_str()),
        (StatusCode::BAD_REQUEST, Some(code)),
        "{answer:?}"
    );
    answer.body["Message"].as_str().unwrap_or_default().to_owned()
}

/// Every attribute that CreateUser takes.
fn jane() -> Value {
    json!({
        "UserName": "jane", "DisplayName": "Jane Doe", "NickName": "J", "ProfileUrl": "https://x/jane", "Title": "Dr",
        "Name": {"Formatted": "Jane M. Doe", "FamilyName": "Doe", "GivenName": "Jane", "MiddleName": "M",
                 "HonorificPrefix": "Dr", "HonorificSuffix": "PhD"},
        "Emails": [{"Value": "jane@example.com", "Type": "work", "Primary": true}],
        "Addresses": [{"StreetAddress": "1 Main St", "Locality": "Wellington", "Region": "W", "PostalCode": "6011",
                       "Country": "NZ", "Formatted": "1 Main St, Wellington", "Type": "work", "Primary": true}],
        "PhoneNumbers": [{"Value": "+64 4 000", "Type": "work", "Primary": false}],
        "UserType": "Employee", "PreferredLanguage": "en", "Locale": "en-NZ", "Timezone": "Pacific/Auckland",
        "Photos": [{"Value": "https://x/1.png", "Type": "photo", "Display": "Portrait", "Primary": true}],
        "Website": "https://x", "Birthdate": "1990-01-31", "Roles": [{"Value": "admin", "Type": "main", "Primary": true}],
    })
}

fn with_store(mut input: Value) -> Value {
    input["IdentityStoreId"] = json!(STORE);
    input
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_is_answered_as_it_was_given() {
    let served = Served::new().await;
    let client = client(&served).await;
    let mut input = with_store(jane());
    let extension = json!({"department": "IT", "manager": {"value": "boss"}});
    input["Extensions"] = json!({"aws:identitystore:enterprise": extension});
    let made = ok(client.call("CreateUser", input).await);
    let id = made["UserId"].as_str().unwrap();
    assert_eq!(made["UserArn"], format!("arn:aws:identitystore:::user/{id}"));

    let by_arn = json!({"IdentityStoreId": STORE_ARN, "UserId": made["UserArn"]});
    let described = ok(client.call("DescribeUser", by_arn).await);
    for (name, value) in jane().as_object().unwrap() {
        assert_eq!(&described[name], value, "{name}");
    }
    assert_eq!(described["IdentityStoreId"], STORE);
    assert_eq!(described["UserStatus"], "ENABLED");
    assert_eq!(described["CreatedBy"], "arn:aws:iam::111122223333:root");
    assert_eq!(described["CreatedAt"], 1_795_507_200.0);
    assert_eq!(described["Revision"], made["Revision"]);
    for absent in ["Extensions", "ExternalIds"] {
        assert!(described.get(absent).is_none(), "{absent}");
    }
    let asked = json!({"IdentityStoreId": STORE, "Extensions": ["aws:identitystore:enterprise"]});
    let listed = ok(client.call("ListUsers", asked).await);
    assert_eq!(listed["Users"][0]["Extensions"]["aws:identitystore:enterprise"], extension);
    assert!(listed.get("NextToken").is_none());
    let asked =
        json!({"IdentityStoreId": STORE, "UserId": id, "Extensions": ["aws:identitystore:enterprise"]});
    let whole = ok(client.call("DescribeUser", asked).await);
    assert_eq!(
        whole, listed["Users"][0],
        "what is answered as it is kept is what is taken apart and put together"
    );
    let unknown = json!({"IdentityStoreId": STORE, "UserId": id, "Extensions": ["aws:identitystore:other"]});
    refused(&client.call("DescribeUser", unknown).await, "ValidationException");

    let record = served.records("CreateUser").await.remove(0);
    assert_eq!(record["requestParameters"]["userName"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert_eq!(record["responseElements"]["userId"], id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_takes_what_sdks_and_terraform_send() {
    let served = Served::new().await;
    let client = client(&served).await;
    let made = ok(client.call("CreateUser", with_store(jane())).await);
    let update = |operations: Value| {
        client.call(
            "UpdateUser",
            json!({"IdentityStoreId": STORE, "UserId": made["UserId"], "Operations": operations}),
        )
    };
    let changed = ok(update(json!([
        {"AttributePath": "name.familyName", "AttributeValue": "Roe"},
        {"AttributePath": "emails", "AttributeValue": [{"value": "jane@example.org", "type": "home", "primary": true}]},
        {"AttributePath": "phoneNumbers", "AttributeValue": null},
        {"AttributePath": "title"},
        {"AttributePath": "aws:identitystore:enterprise.costCenter", "AttributeValue": "42"},
    ]))
    .await);
    assert_eq!((&changed["UserId"], &changed["Revision"]), (&made["UserId"], &json!("2")));
    let described = ok(client
        .call(
            "DescribeUser",
            json!({"IdentityStoreId": STORE, "UserId": made["UserId"],
                                                          "Extensions": ["aws:identitystore:enterprise"]}),
        )
        .await);
    assert_eq!(described["Name"]["FamilyName"], "Roe");
    assert_eq!(described["Emails"], json!([{"Value": "jane@example.org", "Type": "home", "Primary": true}]));
    assert_eq!(described["Extensions"]["aws:identitystore:enterprise"], json!({"costCenter": "42"}));
    for removed in ["PhoneNumbers", "Title"] {
        assert!(described.get(removed).is_none(), "{removed}");
    }
    let message = refused(
        &update(json!([{"AttributePath": "emails", "AttributeValue": "x"}])).await,
        "ValidationException",
    );
    assert_eq!(message, "emails must be a list");
    let record = served.records("UpdateUser").await.remove(0);
    assert!(!record["requestParameters"].to_string().contains("example.org"), "no personal data in records");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_carry_their_members() {
    let served = Served::new().await;
    let client = client(&served).await;
    let made = ok(client.call("CreateUser", with_store(jane())).await);
    let again = client.call("CreateUser", with_store(jane())).await;
    assert_eq!(refused(&again, "ConflictException"), "Duplicate UserName");
    assert_eq!(again.body["Reason"], "UNIQUENESS_CONSTRAINT_VIOLATION");
    let stale = json!({"IdentityStoreId": STORE, "UserId": made["UserId"], "Revision": "7"});
    let stale = client.call("DeleteUser", stale).await;
    refused(&stale, "ConflictException");
    assert_eq!(stale.body["Reason"], "CONCURRENT_MODIFICATION");

    let nobody = "9067000000-00000000-0000-4000-8000-00000000000A";
    let missing = client.call("DescribeUser", json!({"IdentityStoreId": STORE, "UserId": nobody})).await;
    assert_eq!(refused(&missing, "ResourceNotFoundException"), "USER not found.");
    assert_eq!(
        (&missing.body["ResourceType"], &missing.body["ResourceId"]),
        (&json!("USER"), &json!(nobody.to_lowercase()))
    );
    assert!(missing.body["RequestId"].is_string());
    let elsewhere = client.call("ListUsers", json!({"IdentityStoreId": "d-0000000000"})).await;
    refused(&elsewhere, "ResourceNotFoundException");
    assert_eq!(elsewhere.body["ResourceType"], "IDENTITY_STORE");
    assert_eq!(elsewhere.body.get("ResourceId"), None, "the model's ResourceId holds no identity store's");
    let mistaken = json!({"IdentityStoreId": STORE, "UserId": format!("arn:aws:identitystore:::group/{}", made["UserId"].as_str().unwrap())});
    refused(&client.call("DescribeUser", mistaken).await, "ValidationException");
    let nameless =
        refused(&client.call("CreateUser", json!({"IdentityStoreId": STORE})).await, "ValidationException");
    assert_eq!(nameless, "userName is a required attribute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_memberships_go_round() {
    let served = Served::new().await;
    let client = client(&served).await;
    let user = ok(client.call("CreateUser", with_store(jane())).await)["UserId"].clone();
    let mut groups = Vec::new();
    for name in ["Ops Team", "Dev", "QA"] {
        let made = ok(client
            .call("CreateGroup", with_store(json!({"DisplayName": name, "Description": "d"})))
            .await);
        groups.push(made["GroupId"].clone());
    }
    let member = json!({"UserId": user});
    let pair = |group: &Value| with_store(json!({"GroupId": group, "MemberId": member}));
    let made = ok(client.call("CreateGroupMembership", pair(&groups[0])).await);
    ok(client.call("CreateGroupMembership", pair(&groups[1])).await);
    let found = ok(client.call("GetGroupMembershipId", pair(&groups[0])).await);
    assert_eq!(found, made);
    let described = ok(client
        .call("DescribeGroupMembership", with_store(json!({"MembershipId": made["MembershipArn"]})))
        .await);
    assert_eq!((&described["MemberId"], &described["GroupId"]), (&member, &groups[0]));
    assert_eq!(described["UpdatedAt"], described["CreatedAt"]);

    let is_member = ok(client
        .call("IsMemberInGroups", with_store(json!({"MemberId": member, "GroupIds": groups})))
        .await);
    let answers: Vec<bool> = is_member["Results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["MembershipExists"].as_bool().unwrap())
        .collect();
    assert_eq!(answers, [true, true, false]);

    let list = |token: Option<Value>| {
        let mut input = with_store(json!({"MemberId": member, "MaxResults": 1}));
        input["NextToken"] = token.unwrap_or(Value::Null);
        client.call("ListGroupMembershipsForMember", input)
    };
    let first = ok(list(None).await);
    let second = ok(list(Some(first["NextToken"].clone())).await);
    assert_ne!(first["GroupMemberships"][0]["GroupId"], second["GroupMemberships"][0]["GroupId"]);
    assert!(second.get("NextToken").is_none());
    let other = with_store(json!({"GroupId": groups[0], "NextToken": first["NextToken"]}));
    refused(&client.call("ListGroupMemberships", other).await, "ValidationException");
    let members = ok(client.call("ListGroupMemberships", with_store(json!({"GroupId": groups[0]}))).await);
    assert_eq!(members["GroupMemberships"].as_array().unwrap().len(), 1);

    let by_name = json!({"UniqueAttribute": {"AttributePath": "DisplayName", "AttributeValue": "ops team"}});
    let found = ok(client.call("GetGroupId", with_store(json!({"AlternateIdentifier": by_name}))).await);
    assert_eq!(found["GroupId"], groups[0]);
    let filter = json!([{"AttributePath": "DisplayName", "AttributeValue": "QA"}]);
    let listed = ok(client.call("ListGroups", with_store(json!({"Filters": filter}))).await);
    assert_eq!(listed["Groups"][0]["GroupId"], groups[2]);
    ok(client.call("DeleteGroupMembership", with_store(json!({"MembershipId": made["MembershipId"]}))).await);
    ok(client.call("DeleteGroup", with_store(json!({"GroupId": groups[1], "Revision": "1"}))).await);
    let operations = json!([{"AttributePath": "description"}]);
    ok(client.call("UpdateGroup", with_store(json!({"GroupId": groups[0], "Operations": operations}))).await);
    let described = ok(client.call("DescribeGroup", with_store(json!({"GroupId": groups[0]}))).await);
    assert!(described.get("Description").is_none());
    ok(client.call("DeleteUser", with_store(json!({"UserId": user}))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_are_looked_up_by_their_keys() {
    let served = Served::new().await;
    let client = client(&served).await;
    let user = ok(client.call("CreateUser", with_store(jane())).await)["UserId"].clone();
    let find =
        |identifier: Value| client.call("GetUserId", with_store(json!({"AlternateIdentifier": identifier})));
    let unique = |path: &str, value: Value| json!({"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}});
    assert_eq!(ok(find(unique("userName", json!("JANE"))).await)["UserId"], user);
    assert_eq!(ok(find(unique("emails.value", json!("Jane@Example.com"))).await)["UserId"], user);
    let missing = find(json!({"ExternalId": {"Issuer": "idp", "Id": "7"}})).await;
    refused(&missing, "ResourceNotFoundException");
    assert!(missing.body.get("ResourceId").is_none());
    for bad in [
        unique("userName", json!(7)),
        unique("title", json!("Dr")),
        json!({}),
        json!({"ExternalId": {"Issuer": "i", "Id": "7"}, "UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "x"}}),
    ] {
        refused(&find(bad).await, "ValidationException");
    }
    let filters = |filters: Value| client.call("ListUsers", with_store(json!({"Filters": filters})));
    let by_name = json!({"AttributePath": "UserName", "AttributeValue": "Jane"});
    assert_eq!(ok(filters(json!([by_name])).await)["Users"][0]["UserId"], user);
    refused(&filters(json!([by_name, by_name])).await, "ValidationException");
    refused(
        &filters(json!([{"AttributePath": "Title", "AttributeValue": "Dr"}])).await,
        "ValidationException",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_network_restriction_is_taken_and_ignored() {
    let served = Served::new().await;
    let client = client(&served).await;
    let update = |network: Value| {
        client.call("UpdateIdentityStore", with_store(json!({"NetworkConfiguration": network})))
    };
    let described = ok(client.call("DescribeIdentityStore", with_store(json!({}))).await);
    assert_eq!(described, json!({"IdentityStoreId": STORE, "IdentityStoreArn": STORE_ARN}));
    let listed = ok(client.call("ListIdentityStores", json!({})).await);
    assert_eq!(listed, json!({"IdentityStores": [described]}));
    assert_eq!(ok(update(json!({"VpceAccessRequired": false})).await), described);
    assert_eq!(ok(client.call("UpdateIdentityStore", with_store(json!({}))).await), described);
    for restriction in [
        json!({"VpceAccessRequired": true}),
        json!({"VpceAccessRequired": false, "ApiAllowSourceIps": ["192.0.2.0/24"]}),
        json!({"VpceAccessRequired": false, "ScimAllowSourceIps": ["192.0.2.0/24"]}),
    ] {
        refused(&update(restriction).await, "ValidationException");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_account_reads_and_does_not_change() {
    let served = Served::new().await;
    ok(client(&served).await.call("CreateUser", with_store(jane())).await);
    let member = Client::new(&served, "444455556666", "identitystore", "AWSIdentityStore.").await;
    let listed = ok(member.call("ListUsers", with_store(json!({}))).await);
    let user = &listed["Users"][0]["UserId"];
    refused(&member.call("DeleteUser", with_store(json!({"UserId": user}))).await, "AccessDeniedException");
    refused(
        &member.call("CreateGroup", with_store(json!({"DisplayName": "x"}))).await,
        "AccessDeniedException",
    );
    refused(&member.call("DescribeIdentityStore", with_store(json!({}))).await, "AccessDeniedException");
}
