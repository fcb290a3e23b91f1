//! What a delegated administrator may do from its own account, what it may not, and what becomes of an account that is closed.

use serde_json::{Value, json};

use crate::world::{INSTANCE, MEMBER, OWNER, STORE, World};

const SERVICE: &str = "sso.amazonaws.com";

/// The instance and a permission set.
fn on(set: &str, more: &Value) -> Value {
    let mut input = json!({"InstanceArn": INSTANCE, "PermissionSetArn": set});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn assignment(world: &World, set: &str, account: &str) -> Value {
    on(
        world.word(set),
        &json!({"TargetId": account, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER",
               "PrincipalId": world.word("user")}),
    )
}

/// A call by its service and name, with its input.
type Call = ((&'static str, &'static str), Value);

/// What is the management account's alone.
fn beyond(world: &World) -> Vec<Call> {
    let whom = json!({"AccountId": MEMBER, "ServicePrincipal": SERVICE});
    let batch = json!({"InstanceArn": INSTANCE, "Assignments": [{"PermissionSetArn": world.word("set_three"),
        "TargetId": MEMBER, "PrincipalType": "USER", "PrincipalId": world.word("user")}]});
    vec![
        (("sso-admin", "DeleteInstance"), json!({"InstanceArn": INSTANCE})),
        (("sso-admin", "CreateAccountAssignment"), assignment(world, "set", OWNER)),
        (("sso-admin", "CreateAccountAssignment"), assignment(world, "set_three", MEMBER)),
        (("sso-admin", "DeleteAccountAssignment"), assignment(world, "set_three", OWNER)),
        (
            ("sso-admin", "UpdatePermissionSet"),
            on(world.word("set_three"), &json!({"Description": "theirs"})),
        ),
        (("sso-admin", "DeletePermissionSet"), on(world.word("set_three"), &json!({}))),
        (
            ("sso-admin", "PutInlinePolicyToPermissionSet"),
            on(world.word("set_three"), &json!({"InlinePolicy": "{}"})),
        ),
        (
            ("sso-admin", "ProvisionPermissionSet"),
            on(world.word("set_three"), &json!({"TargetType": "ALL_PROVISIONED_ACCOUNTS"})),
        ),
        (
            ("sso-admin", "TagResource"),
            json!({"ResourceArn": world.word("set_three"), "Tags": [{"Key": "a", "Value": "b"}]}),
        ),
        (("portico", "BatchCreateAccountAssignments"), batch),
        (("portico", "CreateServiceUser"), json!({"InstanceArn": INSTANCE, "UserName": "theirs"})),
        (
            ("portico", "CreateAccessKey"),
            json!({"InstanceArn": INSTANCE, "UserName": world.word("service_user")}),
        ),
        (("organizations", "RegisterDelegatedAdministrator"), whom.clone()),
        (("organizations", "DeregisterDelegatedAdministrator"), whom.clone()),
        (("organizations", "CloseAccount"), json!({"AccountId": MEMBER})),
        (
            ("portico", "StartOrganizationSync"),
            json!({"InstanceArn": INSTANCE, "OrganizationId": world.word("followed")}),
        ),
        (
            ("portico", "DeleteOrganizationConnection"),
            json!({"InstanceArn": INSTANCE, "OrganizationId": world.word("unfollowed")}),
        ),
        (("organizations", "CreateAccount"), json!({"AccountName": "a", "Email": "a@example.com"})),
        (("cloudtrail", "LookupEvents"), json!({})),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegated_administrator_does_all_but_what_concerns_the_management_account() {
    let world = World::new().await;
    let keys = world.administrator(MEMBER).await;
    let at = json!({"InstanceArn": INSTANCE});
    let code = async |(service, name): (&str, &str), input: Value| {
        world.by(&keys, (service, name), &input).await.error_type().to_owned()
    };
    assert_eq!(code(("sso-admin", "ListPermissionSets"), at.clone()).await, "AccessDeniedException");
    let whom = json!({"AccountId": MEMBER, "ServicePrincipal": SERVICE});
    world.made("organizations", "RegisterDelegatedAdministrator", whom.clone()).await;
    // The management account holds one of the permission sets.
    world.made("sso-admin", "CreateAccountAssignment", assignment(&world, "set_three", OWNER)).await;
    world.work().await;
    for (call, input) in [
        (("sso-admin", "DescribeInstance"), at.clone()),
        (("sso-admin", "ListPermissionSets"), at.clone()),
        (("sso-admin", "CreatePermissionSet"), json!({"InstanceArn": INSTANCE, "Name": "Delegated"})),
        (("sso-admin", "UpdatePermissionSet"), on(world.word("set"), &json!({"Description": "theirs"}))),
        (("sso-admin", "CreateAccountAssignment"), assignment(&world, "set", MEMBER)),
        (("sso-admin", "DescribePermissionSet"), on(world.word("set_three"), &json!({}))),
        (("sso-admin", "ListAccountAssignments"), on(world.word("set_three"), &json!({"AccountId": OWNER}))),
        (("sso-admin", "ListTrustedTokenIssuers"), at.clone()),
        (("sso-admin", "DescribeApplication"), json!({"ApplicationArn": world.word("application")})),
        (("sso-admin", "ListApplications"), at.clone()),
        (("identitystore", "CreateGroup"), json!({"IdentityStoreId": STORE, "DisplayName": "delegated"})),
        (("portico", "ListProvisioningTenants"), json!({"IdentityStoreId": STORE})),
        (("portico", "ListOrganizationConnections"), at.clone()),
        (("organizations", "ListAccounts"), json!({})),
        (("organizations", "ListDelegatedAdministrators"), json!({"ServicePrincipal": SERVICE})),
    ] {
        world.made_by(&keys, call, input).await;
    }
    world.work().await;
    for (call, input) in beyond(&world) {
        assert_eq!(code(call, input).await, "AccessDeniedException", "{call:?}");
    }
    world.made("organizations", "DeregisterDelegatedAdministrator", whom).await;
    assert_eq!(code(("sso-admin", "ListPermissionSets"), at).await, "AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_at_a_time_is_a_delegated_administrator_of_the_one_service() {
    let world = World::new().await;
    let refused = async |name: &str, account: &str, service: &str| {
        let input = json!({"AccountId": account, "ServicePrincipal": service});
        let answer = world.as_root("organizations", name, &input).await;
        (answer.error_type().to_owned(), answer.body["Reason"].as_str().unwrap_or_default().to_owned())
    };
    let of = |code: &str, reason: &str| (code.to_owned(), reason.to_owned());
    let (register, deregister) = ("RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator");
    assert_eq!(
        refused(register, MEMBER, "guardduty.amazonaws.com").await,
        of("InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")
    );
    assert_eq!(
        refused(register, OWNER, SERVICE).await,
        of("ConstraintViolationException", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    );
    assert_eq!(refused(register, "000000000009", SERVICE).await.0, "AccountNotFoundException");
    assert_eq!(refused(deregister, MEMBER, SERVICE).await.0, "AccountNotRegisteredException");
    let services = json!({"AccountId": MEMBER});
    let none = world.as_root("organizations", "ListDelegatedServicesForAccount", &services).await;
    assert_eq!(none.error_type(), "AccountNotRegisteredException");
    world.made("organizations", register, json!({"AccountId": MEMBER, "ServicePrincipal": SERVICE})).await;
    assert_eq!(refused(register, MEMBER, SERVICE).await.0, "AccountAlreadyRegisteredException");
    let status = world
        .made(
            "organizations",
            "DescribeCreateAccountStatus",
            json!({"CreateAccountRequestId": world.word("car")}),
        )
        .await;
    let another = status["CreateAccountStatus"]["AccountId"].as_str().unwrap();
    assert_eq!(
        refused(register, another, SERVICE).await,
        of("ConstraintViolationException", "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")
    );
    let listed = world.made("organizations", "ListDelegatedAdministrators", json!({})).await;
    assert_eq!(listed["DelegatedAdministrators"][0]["Id"], MEMBER);
    let other = json!({"ServicePrincipal": "guardduty.amazonaws.com"});
    let listed = world.made("organizations", "ListDelegatedAdministrators", other).await;
    assert_eq!(listed["DelegatedAdministrators"], json!([]));
    let listed = world.made("organizations", "ListDelegatedServicesForAccount", services).await;
    assert_eq!(listed["DelegatedServices"][0]["ServicePrincipal"], SERVICE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_account_is_of_no_use_from_the_next_request_on() {
    let world = World::new().await;
    let keys = world.administrator(MEMBER).await;
    let jane = world.bearer(world.word("user"), "jane").await;
    let at_portal = async |name: &str, input: Value| {
        let mut plain = crate::requests::Plain::new(crate::world::operation("sso", name), &input);
        plain.put("x-amz-sso_bearer_token", &jane);
        world.served.call(plain.request()).await
    };
    let role = json!({"roleName": "set", "accountId": MEMBER});
    assert_eq!(at_portal("ListAccounts", json!({})).await.body["accountList"][0]["accountId"], MEMBER);
    assert!(at_portal("GetRoleCredentials", role.clone()).await.status.is_success());
    world.made_by(&keys, ("sts", "GetCallerIdentity"), json!({})).await;
    world
        .made(
            "organizations",
            "RegisterDelegatedAdministrator",
            json!({"AccountId": MEMBER, "ServicePrincipal": SERVICE}),
        )
        .await;

    world.made("organizations", "CloseAccount", json!({"AccountId": MEMBER})).await;

    assert_eq!(at_portal("ListAccounts", json!({})).await.body["accountList"], json!([]));
    assert!(at_portal("GetRoleCredentials", role).await.status.is_client_error());
    let dead = world.by(&keys, ("sts", "GetCallerIdentity"), &json!({})).await;
    assert!(dead.status.is_client_error(), "{dead:?}");
    let described = world.made("organizations", "DescribeAccount", json!({"AccountId": MEMBER})).await;
    assert_eq!(described["Account"]["Status"], "SUSPENDED");
    let listed = world.made("organizations", "ListDelegatedAdministrators", json!({})).await;
    assert_eq!(listed["DelegatedAdministrators"], json!([]));
    let code = async |(service, name): (&str, &str), input: Value| {
        world.as_root(service, name, &input).await.error_type().to_owned()
    };
    for (call, input, wanted) in [
        (("organizations", "CloseAccount"), json!({"AccountId": MEMBER}), "AccountAlreadyClosedException"),
        (("organizations", "CloseAccount"), json!({"AccountId": OWNER}), "ConstraintViolationException"),
        (("organizations", "CloseAccount"), json!({"AccountId": "000000000009"}), "AccountNotFoundException"),
    ] {
        assert_eq!(code(call, input).await, wanted, "{call:?}");
    }
    // As at AWS a request is taken, and fails.
    let provision = on(world.word("set"), &json!({"TargetType": "AWS_ACCOUNT", "TargetId": MEMBER}));
    let asked = world.made("sso-admin", "ProvisionPermissionSet", provision).await;
    world.work().await;
    let id = &asked["PermissionSetProvisioningStatus"]["RequestId"];
    let of = json!({"InstanceArn": INSTANCE, "ProvisionPermissionSetRequestId": id});
    let ended = world.made("sso-admin", "DescribePermissionSetProvisioningStatus", of).await;
    let ended = &ended["PermissionSetProvisioningStatus"];
    assert_eq!(ended["Status"], "FAILED");
    assert!(ended["FailureReason"].as_str().unwrap().ends_with("The account is suspended."), "{ended}");
    // What stands there can still be taken away.
    world.made("sso-admin", "DeleteAccountAssignment", assignment(&world, "set", MEMBER)).await;
}
