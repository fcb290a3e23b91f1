//! sso-admin as its clients use it: every operation served here, its answer held to the model, and the errors that SDKs and Terraform read.

use std::time::Duration;

use http::StatusCode;
use model::accounts::account::AccountId;
use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::Cx;
use model::event::EventHead;
use model::job::Queue;
use serde_json::{Value, json};
use store::jobs::Claim;

use crate::served::{Answer, Served};
use crate::signed::Client;

const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
const ELSEWHERE: &str = "arn:aws:sso:::instance/ssoins-0000000000000000";
const NO_SET: &str = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-0000000000000000";
const MANAGEMENT: &str = "111122223333";
const DEV: &str = "222233334444";
const JANE: &str = "11111111-1111-4111-8111-111111111111";
const ADMINS: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const INLINE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:List*","Resource":"*"}]}"#;

/// A server with two accounts, Jane and her group, and its administrator.
struct Admin<'s> {
    served: &'s Served,
    client: Client<'s>,
}

impl<'s> Admin<'s> {
    async fn new(served: &'s Served) -> Self {
        let store::db::Location::Sqlite(path) = &served.fixture.location else { unreachable!() };
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection
            .execute_batch(&format!(
                "INSERT INTO accounts (account_id, name, email, email_key, state, joined_method, joined_at)
                   VALUES ('{MANAGEMENT}', 'management', 'm@x', 'm@x', 'ACTIVE', 'CREATED', 0),
                   ('{DEV}', 'dev', 'd@x', 'd@x', 'ACTIVE', 'CREATED', 0);
                 INSERT INTO users (user_id, identity_store_id, user_name, user_name_key, display_name, email_key, profile, status,
                   revision, created_at, created_by, updated_at, updated_by)
                   VALUES ('{JANE}', 'd-1234567890', 'jane', 'jane', 'Jane Doe', NULL, '{{}}', 'ENABLED', 1, 0, '', 0, '');
                 INSERT INTO groups VALUES ('{ADMINS}', 'd-1234567890', 'admins', 'admins', NULL, 1, 0, '', 0, '');
                 INSERT INTO memberships VALUES ('cccccccc-cccc-4ccc-8ccc-cccccccccccc', 'd-1234567890', '{ADMINS}', '{JANE}', 0, '');"
            ))
            .unwrap();
        drop(connection);
        assert!(store::db::heard(&served.fixture.location).unwrap());
        Self { served, client: Client::new(served, MANAGEMENT, "sso", "SWBExternalService.").await }
    }

    /// Calls with the instance's ARN added.
    async fn call(&self, operation: &str, mut input: Value) -> Answer {
        if input.get("InstanceArn").is_none() && operation != "ListInstances" {
            input["InstanceArn"] = json!(INSTANCE);
        }
        self.served.clock.advance(Duration::from_millis(10));
        self.client.call(operation, input).await
    }

    /// Calls, and holds the answer to the model: its members, their forms, nothing else.
    async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, StatusCode::OK, "{operation}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.1");
        let mut operations = wire::generated::sso_admin::OPERATIONS.iter();
        let meta = operations.find(|meta| meta.name == operation).unwrap();
        wire::check::check(&answer.body, meta.output, wire::check::Strangers::Refused).unwrap_or_else(
            |error| unreachable!("{operation} answers what its model forbids: {error:?}: {}", answer.body),
        );
        answer.body
    }

    async fn refused(&self, operation: &str, input: Value, code: &str) -> String {
        let answer = self.call(operation, input.clone()).await;
        assert_eq!(
            (answer.status, answer.body["__type"].as_str()),
            (StatusCode::BAD_REQUEST, Some(code)),
            "{operation} {input}: {answer:?}"
        );
        answer.body["Message"].as_str().unwrap().to_owned()
    }

    async fn permission_set(&self, name: &str) -> String {
        let made = self.ok("CreatePermissionSet", json!({"Name": name})).await;
        made["PermissionSet"]["PermissionSetArn"].as_str().unwrap().to_owned()
    }

    /// Does what the worker does, until nothing is left.
    async fn work(&self) {
        let store = &self.served.app.store;
        for _ in 0..20 {
            self.served.clock.advance(Duration::from_millis(500));
            let service = Caller::service(AccountId::trusted(MANAGEMENT));
            let now = self.served.clock.now();
            let cx = Cx::new(&self.served.app.surroundings, service, now, EventHead::default());
            let claim = Claim { queue: Queue::Work, after: "", limit: 100, hold: Duration::from_secs(60) };
            let jobs = store.maintain(&cx, move |tx, cx| store::jobs::claim(tx, cx.now, &claim));
            for job in jobs.await.unwrap() {
                accounts::provisioning::run_one(store, &cx, &job).await.unwrap();
            }
            if store.read(store::jobs::count).unwrap() == 0 {
                return;
            }
        }
        unreachable!("jobs remain");
    }
}

fn assignment(set: &str, kind: &str, id: &str) -> Value {
    json!({"TargetId": DEV, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": set, "PrincipalType": kind, "PrincipalId": id})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_instance_is_what_terraform_first_asks_for() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let listed = admin.ok("ListInstances", json!({})).await;
    assert_eq!(listed["Instances"].as_array().unwrap().len(), 1);
    assert_eq!(listed["Instances"][0]["InstanceArn"], INSTANCE);
    assert_eq!(listed["Instances"][0]["IdentityStoreId"], "d-1234567890");
    assert!(listed.get("NextToken").is_none());
    assert_eq!(admin.ok("ListInstances", json!({"RegionScope": "ALL_REGIONS"})).await, listed);
    admin.ok("UpdateInstance", json!({"Name": "corp"})).await;
    let found = admin.ok("DescribeInstance", json!({})).await;
    assert_eq!((&found["Name"], &found["Status"]), (&json!("corp"), &json!("ACTIVE")));
    assert_eq!(found["CreatedDate"], 1_795_507_200.0);
    assert_eq!(
        (&found["PrimaryRegion"], &found["PermissionSetsEnabled"]),
        (&json!("us-east-1"), &json!(true))
    );
    let encryption = json!({"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"});
    assert_eq!(found["EncryptionConfigurationDetails"], encryption);
    admin.refused("DescribeInstance", json!({"InstanceArn": ELSEWHERE}), "AccessDeniedException").await;
    admin.refused("DescribeInstance", json!({"InstanceArn": "nonsense"}), "ValidationException").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_security_setting_is_accepted_and_ignored() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let owned = json!({"KeyType": "AWS_OWNED_KMS_KEY"});
    let open = json!({"VpceAccessRequired": false});
    for fine in [
        json!({"EncryptionConfiguration": owned}),
        json!({"PermissionSetsEnabled": true}),
        json!({"NetworkConfiguration": open}),
        json!({"NetworkConfiguration": {"VpceAccessRequired": false, "AllowSourceIps": []}}),
    ] {
        admin.ok("UpdateInstance", fine).await;
    }
    let key = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012";
    for bad in [
        json!({"Name": "new", "EncryptionConfiguration": owned, "PermissionSetsEnabled": true}),
        json!({"EncryptionConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key}}),
        json!({"EncryptionConfiguration": {"KeyType": "AWS_OWNED_KMS_KEY", "KmsKeyArn": key}}),
        json!({"Name": "new", "PermissionSetsEnabled": false}),
        json!({"Name": "new", "NetworkConfiguration": {"VpceAccessRequired": true}}),
        json!({"NetworkConfiguration": {"VpceAccessRequired": false, "AllowSourceIps": ["10.0.0.0/8"]}}),
    ] {
        admin.refused("UpdateInstance", bad, "ValidationException").await;
    }
    assert!(admin.ok("DescribeInstance", json!({})).await.get("Name").is_none(), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_set_through_its_life() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let input = json!({
        "Name": "Admin", "Description": "All", "SessionDuration": "PT90M", "RelayState": "https://s3.console.aws.amazon.com/",
        "Tags": [{"Key": "team", "Value": "core"}],
    });
    let made = admin.ok("CreatePermissionSet", input.clone()).await["PermissionSet"].clone();
    for member in ["Name", "Description", "RelayState"] {
        assert_eq!(made[member], input[member], "{member}");
    }
    assert_eq!(made["SessionDuration"], "PT90M", "as it was written");
    let arn = made["PermissionSetArn"].as_str().unwrap();
    let named = |more: Value| {
        let mut input = json!({"PermissionSetArn": arn});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let again = admin.refused("CreatePermissionSet", input, "ConflictException").await;
    assert_eq!(again, "PermissionSet with name Admin already exists.");
    assert_eq!(admin.ok("ListPermissionSets", json!({})).await["PermissionSets"], json!([arn]));
    admin.ok("UpdatePermissionSet", named(json!({"SessionDuration": "PT12H"}))).await;
    let found = admin.ok("DescribePermissionSet", named(json!({}))).await["PermissionSet"].clone();
    assert_eq!((&found["Description"], &found["SessionDuration"]), (&json!("All"), &json!("PT12H")));
    let plain = admin.permission_set("Plain").await;
    let found =
        admin.ok("DescribePermissionSet", json!({"PermissionSetArn": plain})).await["PermissionSet"].clone();
    assert_eq!(found["SessionDuration"], "PT1H");
    assert!(found.get("Description").is_none() && found.get("RelayState").is_none());
    assert_eq!(admin.ok("DeletePermissionSet", named(json!({}))).await, json!({}));
    admin.refused("DescribePermissionSet", named(json!({})), "ResourceNotFoundException").await;
    admin.refused("ListTagsForResource", json!({"ResourceArn": arn}), "ResourceNotFoundException").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_permission_sets_are_refused_by_name() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    for (bad, named) in [
        (json!({}), "name"),
        (json!({"Name": ""}), "name"),
        (json!({"Name": "x".repeat(33)}), "name"),
        (json!({"Name": "two words"}), "name"),
        (json!({"Name": "Zürich"}), "name"),
        (json!({"Name": "A", "Description": ""}), "description"),
        (json!({"Name": "A", "SessionDuration": "PT13H"}), "SessionDuration"),
        (json!({"Name": "A", "SessionDuration": "soon"}), "sessionDuration"),
        (json!({"Name": "A", "RelayState": "https://x/<b>"}), "relayState"),
        (json!({"Name": "A", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}), "k"),
        (json!({"Name": "A", "Tags": [{"Key": "k!", "Value": "1"}]}), "tags"),
    ] {
        let message = admin.refused("CreatePermissionSet", bad.clone(), "ValidationException").await;
        assert!(message.contains(named), "{bad}: {message}");
    }
    admin.refused("CreatePermissionSet", json!({"Name": 7}), "SerializationException").await;
    admin
        .refused("DescribePermissionSet", json!({"PermissionSetArn": NO_SET}), "ResourceNotFoundException")
        .await;
    let elsewhere = json!({"InstanceArn": ELSEWHERE, "Name": "A"});
    admin.refused("CreatePermissionSet", elsewhere, "AccessDeniedException").await;
    let token = json!({"NextToken": "AAAAAAAAAAAAAAAA"});
    admin.refused("ListPermissionSets", token, "ValidationException").await;
    assert_eq!(admin.ok("ListPermissionSets", json!({})).await["PermissionSets"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_twelve_operations_on_policies() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let arn = admin.permission_set("Admin").await;
    let with = |member: &str, value: Value| json!({"PermissionSetArn": arn, member: value});
    let of = || json!({"PermissionSetArn": arn});
    let managed = || with("ManagedPolicyArn", json!(READ_ONLY));
    admin.ok("AttachManagedPolicyToPermissionSet", managed()).await;
    admin.refused("AttachManagedPolicyToPermissionSet", managed(), "ConflictException").await;
    let listed = admin.ok("ListManagedPoliciesInPermissionSet", of()).await;
    assert_eq!(listed["AttachedManagedPolicies"], json!([{"Name": "ReadOnlyAccess", "Arn": READ_ONLY}]));
    admin.ok("DetachManagedPolicyFromPermissionSet", managed()).await;
    admin.refused("DetachManagedPolicyFromPermissionSet", managed(), "ResourceNotFoundException").await;

    let member = "CustomerManagedPolicyReference";
    let (attach, detach) = (
        "AttachCustomerManagedPolicyReferenceToPermissionSet",
        "DetachCustomerManagedPolicyReferenceFromPermissionSet",
    );
    admin.ok(attach, with(member, json!({"Name": "p"}))).await;
    admin.refused(attach, with(member, json!({"Name": "p", "Path": "/"})), "ConflictException").await;
    let listed = admin.ok("ListCustomerManagedPolicyReferencesInPermissionSet", of()).await;
    assert_eq!(listed["CustomerManagedPolicyReferences"], json!([{"Name": "p", "Path": "/"}]));
    admin.ok(detach, with(member, json!({"Name": "p", "Path": "/"}))).await;

    // AWS answers the empty text though its own model forbids it (aws-capabilities §1.3).
    let empty = admin.call("GetInlinePolicyForPermissionSet", of()).await.body;
    assert_eq!(empty, json!({"InlinePolicy": ""}), "Terraform reads the empty text as none");
    admin.ok("PutInlinePolicyToPermissionSet", with("InlinePolicy", json!(INLINE))).await;
    assert_eq!(admin.ok("GetInlinePolicyForPermissionSet", of()).await["InlinePolicy"], INLINE);
    let broken = with("InlinePolicy", json!("{"));
    admin.refused("PutInlinePolicyToPermissionSet", broken, "ValidationException").await;
    admin.ok("DeleteInlinePolicyFromPermissionSet", of()).await;

    admin.refused("GetPermissionsBoundaryForPermissionSet", of(), "ResourceNotFoundException").await;
    for boundary in [json!({"ManagedPolicyArn": READ_ONLY}), json!({member: {"Name": "p", "Path": "/"}})] {
        admin
            .ok("PutPermissionsBoundaryToPermissionSet", with("PermissionsBoundary", boundary.clone()))
            .await;
        let found = admin.ok("GetPermissionsBoundaryForPermissionSet", of()).await;
        assert_eq!(found["PermissionsBoundary"], boundary);
    }
    for bad in [json!({}), json!({"ManagedPolicyArn": READ_ONLY, member: {"Name": "p"}})] {
        let input = with("PermissionsBoundary", bad);
        admin.refused("PutPermissionsBoundaryToPermissionSet", input, "ValidationException").await;
    }
    admin.ok("DeletePermissionsBoundaryFromPermissionSet", of()).await;
    admin.refused("DeletePermissionsBoundaryFromPermissionSet", of(), "ResourceNotFoundException").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assignment_from_in_progress_to_gone() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let arn = admin.permission_set("Admin").await;
    let input = assignment(&arn, "GROUP", ADMINS);
    let asked =
        admin.ok("CreateAccountAssignment", input.clone()).await["AccountAssignmentCreationStatus"].clone();
    for member in ["TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId"] {
        assert_eq!(asked[member], input[member], "{member}");
    }
    assert_eq!(asked["Status"], "IN_PROGRESS");
    let poll = json!({"AccountAssignmentCreationRequestId": asked["RequestId"]});
    admin.work().await;
    let done = admin.ok("DescribeAccountAssignmentCreationStatus", poll).await;
    assert_eq!(done["AccountAssignmentCreationStatus"]["Status"], "SUCCEEDED");
    assert!(done["AccountAssignmentCreationStatus"].get("FailureReason").is_none());
    let succeeded = json!({"Filter": {"Status": "SUCCEEDED"}});
    let listed = admin.ok("ListAccountAssignmentCreationStatus", succeeded).await;
    assert_eq!(listed["AccountAssignmentsCreationStatus"][0]["RequestId"], asked["RequestId"]);

    let row =
        json!({"AccountId": DEV, "PermissionSetArn": arn, "PrincipalType": "GROUP", "PrincipalId": ADMINS});
    let here = json!({"AccountId": DEV, "PermissionSetArn": arn});
    assert_eq!(admin.ok("ListAccountAssignments", here).await["AccountAssignments"], json!([row]));
    let for_jane =
        json!({"PrincipalType": "USER", "PrincipalId": JANE.to_uppercase(), "Filter": {"AccountId": DEV}});
    let found = admin.ok("ListAccountAssignmentsForPrincipal", for_jane).await;
    assert_eq!(found["AccountAssignments"], json!([row]), "inherited, and names the group");
    let held = admin.ok("ListPermissionSetsProvisionedToAccount", json!({"AccountId": DEV})).await;
    assert_eq!(held["PermissionSets"], json!([arn]));
    admin.refused("DeletePermissionSet", json!({"PermissionSetArn": arn}), "ConflictException").await;

    for (reason, status) in
        [(None, "SUCCEEDED"), (Some("Received a 404 status error: Assignment not found."), "FAILED")]
    {
        let asked =
            admin.ok("DeleteAccountAssignment", input.clone()).await["AccountAssignmentDeletionStatus"]
                .clone();
        admin.work().await;
        let poll = json!({"AccountAssignmentDeletionRequestId": asked["RequestId"]});
        let done = admin.ok("DescribeAccountAssignmentDeletionStatus", poll).await["AccountAssignmentDeletionStatus"].clone();
        assert_eq!((done["Status"].as_str(), done["FailureReason"].as_str()), (Some(status), reason));
    }
    let all = admin.ok("ListAccountAssignmentDeletionStatus", json!({"MaxResults": 1})).await;
    let rest = json!({"MaxResults": 1, "NextToken": all["NextToken"]});
    let rest = admin.ok("ListAccountAssignmentDeletionStatus", rest).await;
    assert_eq!(rest["AccountAssignmentsDeletionStatus"][0]["Status"], "FAILED");
    assert!(rest.get("NextToken").is_none());
    admin.ok("DeletePermissionSet", json!({"PermissionSetArn": arn})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_assignments_leave_no_request() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let arn = admin.permission_set("Admin").await;
    let changed = |member: &str, value: &str| {
        let mut input = assignment(&arn, "USER", JANE);
        input[member] = json!(value);
        input
    };
    for (input, code) in [
        (changed("TargetId", "999999999999"), "ResourceNotFoundException"),
        (changed("TargetId", "12"), "ValidationException"),
        (changed("TargetType", "OU"), "ValidationException"),
        (changed("PrincipalType", "ROLE"), "ValidationException"),
        (changed("PrincipalType", "GROUP"), "ResourceNotFoundException"),
        (changed("PrincipalId", "jane"), "ValidationException"),
        (changed("PrincipalId", "99999999-9999-4999-8999-999999999999"), "ResourceNotFoundException"),
        (changed("PermissionSetArn", NO_SET), "ResourceNotFoundException"),
        (changed("InstanceArn", ELSEWHERE), "AccessDeniedException"),
    ] {
        admin.refused("CreateAccountAssignment", input, code).await;
    }
    let listed = admin.ok("ListAccountAssignmentCreationStatus", json!({})).await;
    assert_eq!(listed["AccountAssignmentsCreationStatus"], json!([]));
    let unknown = json!({"AccountAssignmentCreationRequestId": "00000000-0000-4000-8000-000000000000"});
    admin.refused("DescribeAccountAssignmentCreationStatus", unknown, "ResourceNotFoundException").await;
    let outsider = Client::new(&served, DEV, "sso", "SWBExternalService.").await;
    let mut input = assignment(&arn, "USER", JANE);
    input["InstanceArn"] = json!(INSTANCE);
    let answer = outsider.call("CreateAccountAssignment", input).await;
    assert_eq!(answer.body["__type"], "AccessDeniedException", "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provisioning_here_and_everywhere() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let arn = admin.permission_set("Admin").await;
    let (one, all) = ("AWS_ACCOUNT", "ALL_PROVISIONED_ACCOUNTS");
    for bad in [
        json!({"PermissionSetArn": arn, "TargetType": one}),
        json!({"PermissionSetArn": arn, "TargetType": all, "TargetId": DEV}),
        json!({"PermissionSetArn": arn, "TargetType": "EVERYTHING"}),
    ] {
        admin.refused("ProvisionPermissionSet", bad, "ValidationException").await;
    }
    let mut ids = Vec::new();
    for input in [
        json!({"PermissionSetArn": arn, "TargetType": one, "TargetId": DEV}),
        json!({"PermissionSetArn": arn, "TargetType": all}),
    ] {
        let asked =
            admin.ok("ProvisionPermissionSet", input.clone()).await["PermissionSetProvisioningStatus"]
                .clone();
        assert_eq!(
            (&asked["Status"], asked.get("AccountId")),
            (&json!("IN_PROGRESS"), input.get("TargetId"))
        );
        admin.work().await;
        let poll = json!({"ProvisionPermissionSetRequestId": asked["RequestId"]});
        let done = admin.ok("DescribePermissionSetProvisioningStatus", poll).await;
        assert_eq!(done["PermissionSetProvisioningStatus"]["Status"], "SUCCEEDED", "{input}");
        ids.push(asked["RequestId"].clone());
    }
    let listed =
        admin.ok("ListPermissionSetProvisioningStatus", json!({"Filter": {"Status": "SUCCEEDED"}})).await;
    let found = listed["PermissionSetsProvisioningStatus"].as_array().unwrap();
    assert_eq!(found.iter().map(|row| row["RequestId"].clone()).collect::<Vec<_>>(), ids);
    let accounts = |status: &'static str| {
        let input = json!({"PermissionSetArn": arn, "ProvisioningStatus": status});
        admin.ok("ListAccountsForProvisionedPermissionSet", input)
    };
    assert_eq!(accounts("LATEST_PERMISSION_SET_PROVISIONED").await["AccountIds"], json!([DEV]));
    admin.ok("UpdatePermissionSet", json!({"PermissionSetArn": arn, "Description": "new"})).await;
    assert_eq!(accounts("LATEST_PERMISSION_SET_PROVISIONED").await["AccountIds"], json!([]));
    assert_eq!(accounts("LATEST_PERMISSION_SET_NOT_PROVISIONED").await["AccountIds"], json!([DEV]));
    let old = json!({"AccountId": DEV, "ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"});
    assert_eq!(admin.ok("ListPermissionSetsProvisionedToAccount", old).await["PermissionSets"], json!([arn]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_of_an_instance_and_of_a_permission_set() {
    let served = Served::new().await;
    let admin = Admin::new(&served).await;
    let arn = admin.permission_set("Admin").await;
    for resource in [INSTANCE, arn.as_str()] {
        let of = |more: Value| {
            let mut input = json!({"ResourceArn": resource});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let tags = json!([{"Key": "team", "Value": "core"}, {"Key": "cost", "Value": ""}]);
        admin.ok("TagResource", of(json!({"Tags": tags}))).await;
        admin.ok("TagResource", of(json!({"Tags": [{"Key": "team", "Value": "edge"}]}))).await;
        let listed = admin.ok("ListTagsForResource", of(json!({}))).await;
        assert_eq!(listed["Tags"], json!([{"Key": "cost", "Value": ""}, {"Key": "team", "Value": "edge"}]));
        admin.ok("UntagResource", of(json!({"TagKeys": ["cost", "absent"]}))).await;
        let listed = admin.ok("ListTagsForResource", of(json!({}))).await;
        assert_eq!(listed["Tags"], json!([{"Key": "team", "Value": "edge"}]));
        let many: Vec<Value> = (0..75).map(|at| json!({"Key": format!("k{at}"), "Value": ""})).collect();
        admin.refused("TagResource", of(json!({"Tags": many})), "ServiceQuotaExceededException").await;
        let elsewhere = of(json!({"InstanceArn": ELSEWHERE}));
        admin.refused("ListTagsForResource", elsewhere, "AccessDeniedException").await;
    }
    for (absent, code) in [
        (NO_SET, "ResourceNotFoundException"),
        (
            "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-1234567890abcdef",
            "ResourceNotFoundException",
        ),
        (ELSEWHERE, "AccessDeniedException"),
    ] {
        admin.refused("ListTagsForResource", json!({"ResourceArn": absent}), code).await;
    }
    let record = served.records("TagResource").await.pop().unwrap();
    assert_eq!(record["requestParameters"]["resourceArn"], INSTANCE);
}
