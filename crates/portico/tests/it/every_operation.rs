//! Every operation that is served to who has keys, called once with the typed SDK: each answer must parse into the SDK's shapes. What the
//! answers say is other tests' affair.

use std::collections::BTreeSet;

use aws_sdk_identitystore::types::{
    AlternateIdentifier, AttributeOperation, MemberId, Name, UniqueAttribute,
};
use aws_sdk_organizations::types::{ChildType, PolicyType, Tag as AccountTag};
use aws_sdk_ssoadmin::error::ProvideErrorMetadata as _;
use aws_sdk_ssoadmin::types::{
    AccessControlAttribute, AccessControlAttributeValue, CustomerManagedPolicyReference,
    InstanceAccessControlAttributeConfiguration, PermissionsBoundary, PrincipalType, ProvisionTargetType,
    Tag, TargetType,
};
use wire::operation::OperationMeta;

use crate::every_application_operation::applications;
use crate::every_issuer_operation::issuers;
use crate::server::{Server, client};

pub(crate) const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
pub(crate) const ACCOUNT: &str = "444455556666";
pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*"}]}"#;

/// Calls an operation, which must be answered, and remembers that it was called.
macro_rules! call {
    ($seen:expr, $client:ident.$operation:ident() $($rest:tt)*) => {{
        $seen.insert(stringify!($operation).replace('_', ""));
        let answer = $client.$operation() $($rest)* .send().await;
        answer.unwrap_or_else(|error| panic!("{}: {error:?}", stringify!($operation)))
    }};
}
pub(crate) use call;

/// Every operation was called, and nothing else.
pub(crate) fn assert_whole(seen: &BTreeSet<String>, operations: &[&OperationMeta]) {
    let served: BTreeSet<String> = operations.iter().map(|meta| meta.name.to_lowercase()).collect();
    let missing: Vec<_> = served.difference(seen).collect();
    assert!(missing.is_empty(), "no call in portico/tests/it/every_operation.rs: {missing:?}");
    let strange: Vec<_> = seen.difference(&served).collect();
    assert!(strange.is_empty(), "called, and not served: {strange:?}");
}

fn unique(path: &str, value: &str) -> AlternateIdentifier {
    let unique = UniqueAttribute::builder().attribute_path(path).attribute_value(value.into()).build();
    AlternateIdentifier::UniqueAttribute(unique.unwrap())
}

fn change(path: &str, value: &str) -> AttributeOperation {
    AttributeOperation::builder().attribute_path(path).attribute_value(value.into()).build().unwrap()
}

#[tokio::test]
async fn identitystore() {
    let server = &Server::start().await;
    let (c, at, mut seen) =
        (client!(aws_sdk_identitystore, server), server.made("identityStoreId"), BTreeSet::new());
    let name = Name::builder().given_name("Ada").family_name("Lovelace").build();
    let ada =
        call!(seen, c.create_user().identity_store_id(&at).user_name("ada").display_name("Ada").name(name));
    let ada = ada.user_id();
    let group = call!(seen, c.create_group().identity_store_id(&at).display_name("poets"));
    let group = group.group_id();
    let member = MemberId::UserId(ada.to_owned());
    let made = call!(
        seen,
        c.create_group_membership().identity_store_id(&at).group_id(group).member_id(member.clone())
    );
    let membership = made.membership_id();
    call!(
        seen,
        c.describe_user().identity_store_id(&at).user_id(ada).extensions("aws:identitystore:enterprise")
    );
    call!(seen, c.describe_group().identity_store_id(&at).group_id(group));
    call!(seen, c.describe_group_membership().identity_store_id(&at).membership_id(membership));
    call!(seen, c.describe_identity_store().identity_store_id(&at));
    call!(seen, c.list_users().identity_store_id(&at));
    call!(seen, c.list_groups().identity_store_id(&at));
    call!(seen, c.list_group_memberships().identity_store_id(&at).group_id(group));
    call!(seen, c.list_group_memberships_for_member().identity_store_id(&at).member_id(member.clone()));
    call!(seen, c.list_identity_stores());
    call!(seen, c.get_user_id().identity_store_id(&at).alternate_identifier(unique("userName", "ada")));
    call!(seen, c.get_group_id().identity_store_id(&at).alternate_identifier(unique("displayName", "poets")));
    call!(seen, c.get_group_membership_id().identity_store_id(&at).group_id(group).member_id(member.clone()));
    call!(seen, c.is_member_in_groups().identity_store_id(&at).member_id(member).group_ids(group));
    call!(seen, c.update_user().identity_store_id(&at).user_id(ada).operations(change("title", "Countess")));
    call!(
        seen,
        c.update_group().identity_store_id(&at).group_id(group).operations(change("description", "Verse"))
    );
    call!(seen, c.update_identity_store().identity_store_id(&at));
    call!(seen, c.delete_group_membership().identity_store_id(&at).membership_id(membership));
    call!(seen, c.delete_group().identity_store_id(&at).group_id(group));
    call!(seen, c.delete_user().identity_store_id(&at).user_id(ada));
    assert_whole(&seen, wire::generated::identitystore::OPERATIONS);
}

#[tokio::test]
async fn sso_admin() {
    let server = &Server::start().await;
    let mut seen = BTreeSet::new();
    instance_and_sets(server, &mut seen).await;
    policies(server, &mut seen).await;
    assignments(server, &mut seen).await;
    applications(server, &mut seen).await;
    issuers(server, &mut seen).await;
    assert_whole(&seen, wire::generated::sso_admin::OPERATIONS);
}

async fn instance_and_sets(server: &Server, seen: &mut BTreeSet<String>) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let tag = Tag::builder().key("team").value("engines").build().unwrap();
    call!(seen, c.list_instances());
    call!(seen, c.describe_instance().instance_arn(&at));
    call!(seen, c.update_instance().instance_arn(&at).name("acme"));
    call!(seen, c.describe_region().instance_arn(&at).region_name("us-east-1"));
    call!(seen, c.list_regions().instance_arn(&at));
    // An instance in SQLite has one Region.
    let refused = c.add_region().instance_arn(&at).region_name("eu-west-1").send().await;
    let refused = refused.unwrap_err().into_service_error();
    assert!(refused.is_validation_exception(), "{refused:?}");
    let refused = c.remove_region().instance_arn(&at).region_name("us-east-1").send().await;
    let refused = refused.unwrap_err().into_service_error();
    assert!(refused.is_validation_exception(), "{refused:?}");
    // The management account has no other instance, and its own does not end: both answers are refusals, which must parse as well.
    let refused = c.create_instance().name("ours").send().await.unwrap_err().into_service_error();
    assert!(refused.is_validation_exception(), "{refused:?}");
    let refused = c.delete_instance().instance_arn(&at).send().await.unwrap_err().into_service_error();
    assert!(refused.is_validation_exception(), "{refused:?}");
    seen.extend(["addregion", "createinstance", "deleteinstance", "removeregion"].map(str::to_owned));
    attributes(server, seen, &at).await;
    let made = call!(seen, c.create_permission_set().instance_arn(&at).name("Typed"));
    let set = made.permission_set().unwrap().permission_set_arn().unwrap();
    call!(seen, c.describe_permission_set().instance_arn(&at).permission_set_arn(set));
    call!(seen, c.list_permission_sets().instance_arn(&at));
    call!(seen, c.update_permission_set().instance_arn(&at).permission_set_arn(set).description("d"));
    call!(seen, c.tag_resource().instance_arn(&at).resource_arn(set).tags(tag));
    call!(seen, c.list_tags_for_resource().instance_arn(&at).resource_arn(set));
    call!(seen, c.untag_resource().instance_arn(&at).resource_arn(set).tag_keys("team"));
    call!(seen, c.delete_permission_set().instance_arn(&at).permission_set_arn(set));
}

async fn attributes(server: &Server, seen: &mut BTreeSet<String>, at: &str) {
    let c = client!(aws_sdk_ssoadmin, server);
    let value = AccessControlAttributeValue::builder().source("${path:title}").build().unwrap();
    let title = AccessControlAttribute::builder().key("Title").value(value).build().unwrap();
    let all = InstanceAccessControlAttributeConfiguration::builder()
        .access_control_attributes(title)
        .build()
        .unwrap();
    call!(
        seen,
        c.create_instance_access_control_attribute_configuration()
            .instance_arn(at)
            .instance_access_control_attribute_configuration(all.clone())
    );
    let found = call!(seen, c.describe_instance_access_control_attribute_configuration().instance_arn(at));
    assert_eq!(found.instance_access_control_attribute_configuration(), Some(&all));
    call!(
        seen,
        c.update_instance_access_control_attribute_configuration()
            .instance_arn(at)
            .instance_access_control_attribute_configuration(all)
    );
    call!(seen, c.delete_instance_access_control_attribute_configuration().instance_arn(at));
}

async fn policies(server: &Server, seen: &mut BTreeSet<String>) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let made = call!(seen, c.create_permission_set().instance_arn(&at).name("Policies"));
    let set = made.permission_set().unwrap().permission_set_arn().unwrap();
    let theirs = CustomerManagedPolicyReference::builder().name("Theirs").path("/").build().unwrap();
    let bound = PermissionsBoundary::builder().managed_policy_arn(READ_ONLY).build();
    /// The same beginning of every call.
    macro_rules! on_set {
        ($operation:ident() $($rest:tt)*) => {
            call!(seen, c.$operation().instance_arn(&at).permission_set_arn(set) $($rest)*)
        };
    }
    on_set!(attach_managed_policy_to_permission_set().managed_policy_arn(READ_ONLY));
    on_set!(list_managed_policies_in_permission_set());
    on_set!(detach_managed_policy_from_permission_set().managed_policy_arn(READ_ONLY));
    on_set!(
        attach_customer_managed_policy_reference_to_permission_set()
            .customer_managed_policy_reference(theirs.clone())
    );
    on_set!(list_customer_managed_policy_references_in_permission_set());
    on_set!(
        detach_customer_managed_policy_reference_from_permission_set()
            .customer_managed_policy_reference(theirs)
    );
    on_set!(put_inline_policy_to_permission_set().inline_policy(POLICY));
    on_set!(get_inline_policy_for_permission_set());
    on_set!(delete_inline_policy_from_permission_set());
    on_set!(put_permissions_boundary_to_permission_set().permissions_boundary(bound));
    on_set!(get_permissions_boundary_for_permission_set());
    on_set!(delete_permissions_boundary_from_permission_set());
}

async fn assignments(server: &Server, seen: &mut BTreeSet<String>) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let directory = client!(aws_sdk_identitystore, server);
    let users =
        directory.list_users().identity_store_id(server.made("identityStoreId")).send().await.unwrap();
    let user = users.users()[0].user_id();
    let made = call!(seen, c.create_permission_set().instance_arn(&at).name("Assigned"));
    let set = made.permission_set().unwrap().permission_set_arn().unwrap();
    /// The assignment that is made and removed.
    macro_rules! whole {
        ($operation:ident) => {
            call!(
                seen,
                c.$operation()
                    .instance_arn(&at)
                    .permission_set_arn(set)
                    .target_id(ACCOUNT)
                    .target_type(TargetType::AwsAccount)
                    .principal_id(user)
                    .principal_type(PrincipalType::User)
            )
        };
    }
    let made = whole!(create_account_assignment);
    let id = made.account_assignment_creation_status().unwrap().request_id().unwrap();
    call!(
        seen,
        c.describe_account_assignment_creation_status()
            .instance_arn(&at)
            .account_assignment_creation_request_id(id)
    );
    call!(seen, c.list_account_assignment_creation_status().instance_arn(&at));
    call!(seen, c.list_account_assignments().instance_arn(&at).account_id(ACCOUNT).permission_set_arn(set));
    call!(
        seen,
        c.list_account_assignments_for_principal()
            .instance_arn(&at)
            .principal_id(user)
            .principal_type(PrincipalType::User)
    );
    let all = ProvisionTargetType::AllProvisionedAccounts;
    let made =
        call!(seen, c.provision_permission_set().instance_arn(&at).permission_set_arn(set).target_type(all));
    let id = made.permission_set_provisioning_status().unwrap().request_id().unwrap();
    call!(
        seen,
        c.describe_permission_set_provisioning_status()
            .instance_arn(&at)
            .provision_permission_set_request_id(id)
    );
    call!(seen, c.list_permission_set_provisioning_status().instance_arn(&at));
    call!(seen, c.list_accounts_for_provisioned_permission_set().instance_arn(&at).permission_set_arn(set));
    call!(seen, c.list_permission_sets_provisioned_to_account().instance_arn(&at).account_id(ACCOUNT));
    let made = whole!(delete_account_assignment);
    let id = made.account_assignment_deletion_status().unwrap().request_id().unwrap();
    call!(
        seen,
        c.describe_account_assignment_deletion_status()
            .instance_arn(&at)
            .account_assignment_deletion_request_id(id)
    );
    call!(seen, c.list_account_assignment_deletion_status().instance_arn(&at));
}

#[tokio::test]
async fn sts() {
    let server = &Server::start().await;
    let (c, mut seen) = (client!(aws_sdk_sts, server), BTreeSet::new());
    call!(seen, c.get_caller_identity());
    // The accounts of a seed have no role that root may assume, and nothing hands out an assertion of the instance: both answers are
    // refusals, which must parse as well.
    let role = format!("arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole");
    let refused = c.assume_role().role_arn(&role).role_session_name("typed").send().await.unwrap_err();
    assert_eq!(refused.into_service_error().code(), Some("AccessDenied"));
    let principal = format!("arn:aws:iam::{ACCOUNT}:saml-provider/none");
    let refused =
        c.assume_role_with_saml().role_arn(&role).principal_arn(principal).saml_assertion("YWJjZA==");
    let refused = refused.send().await.unwrap_err().into_service_error();
    assert!(refused.is_invalid_identity_token_exception(), "{refused:?}");
    let refused = c.assume_role_with_web_identity().role_arn(&role).role_session_name("typed");
    let refused = refused.web_identity_token("none").send().await.unwrap_err().into_service_error();
    assert!(refused.is_invalid_identity_token_exception(), "{refused:?}");
    seen.extend(["assumerole", "assumerolewithsaml", "assumerolewithwebidentity"].map(str::to_owned));
    let key = server.made("accessKeyId");
    let made = call!(seen, c.get_session_token().duration_seconds(900));
    assert!(made.credentials().unwrap().access_key_id().starts_with("ASIA"));
    let owner = call!(seen, c.get_access_key_info().access_key_id(key));
    assert_eq!(owner.account(), Some(server.made("managementAccountId")).as_deref());
    let refused = c.decode_authorization_message().encoded_message("none").send().await.unwrap_err();
    assert!(refused.into_service_error().is_invalid_authorization_message_exception());
    seen.insert("decodeauthorizationmessage".to_owned());
    assert_whole(&seen, wire::generated::sts::OPERATIONS);
}

#[tokio::test]
async fn organizations() {
    let server = &Server::start().await;
    let (c, mut seen) = (client!(aws_sdk_organizations, server), BTreeSet::new());
    call!(seen, c.describe_organization());
    let roots = call!(seen, c.list_roots());
    let root = roots.roots()[0].id().unwrap();
    call!(seen, c.list_accounts());
    call!(seen, c.describe_account().account_id(ACCOUNT));
    call!(seen, c.list_parents().child_id(ACCOUNT));
    call!(seen, c.list_children().parent_id(root).child_type(ChildType::Account));
    call!(seen, c.list_organizational_units_for_parent().parent_id(root));
    assert!(!call!(seen, c.list_accounts_for_parent().parent_id(root)).accounts().is_empty());
    let services = call!(seen, c.list_aws_service_access_for_organization());
    assert_eq!(services.enabled_service_principals()[0].service_principal(), Some("sso.amazonaws.com"));
    let service = "sso.amazonaws.com";
    call!(seen, c.register_delegated_administrator().account_id(ACCOUNT).service_principal(service));
    let listed = call!(seen, c.list_delegated_administrators());
    assert_eq!(listed.delegated_administrators()[0].id(), Some(ACCOUNT));
    let listed = call!(seen, c.list_delegated_services_for_account().account_id(ACCOUNT));
    assert_eq!(listed.delegated_services()[0].service_principal(), Some(service));
    call!(seen, c.deregister_delegated_administrator().account_id(ACCOUNT).service_principal(service));
    service_control_policies(&c, &mut seen, root).await;
    let tag = AccountTag::builder().key("team").value("core").build().unwrap();
    call!(seen, c.tag_resource().resource_id(ACCOUNT).tags(tag.clone()));
    let listed = call!(seen, c.list_tags_for_resource().resource_id(ACCOUNT));
    assert_eq!(listed.tags(), [tag]);
    call!(seen, c.untag_resource().resource_id(ACCOUNT).tag_keys("team"));
    let made = call!(seen, c.create_organizational_unit().parent_id(root).name("Workloads"));
    let unit = made.organizational_unit().unwrap().id().unwrap();
    call!(seen, c.move_account().account_id(ACCOUNT).source_parent_id(root).destination_parent_id(unit));
    call!(seen, c.move_account().account_id(ACCOUNT).source_parent_id(unit).destination_parent_id(root));
    call!(seen, c.update_organizational_unit().organizational_unit_id(unit).name("Live"));
    let described = call!(seen, c.describe_organizational_unit().organizational_unit_id(unit));
    assert_eq!(described.organizational_unit().unwrap().name(), Some("Live"));
    call!(seen, c.delete_organizational_unit().organizational_unit_id(unit));
    let made = call!(seen, c.create_account().email("aws+typed@acme.example").account_name("typed"));
    let id = made.create_account_status().unwrap().id().unwrap();
    call!(seen, c.describe_create_account_status().create_account_request_id(id));
    call!(seen, c.list_create_account_status());
    call!(seen, c.close_account().account_id(ACCOUNT));
    assert_whole(&seen, wire::generated::organizations::OPERATIONS);
}

async fn service_control_policies(
    c: &aws_sdk_organizations::Client,
    seen: &mut BTreeSet<String>,
    root: &str,
) {
    let kind = || PolicyType::ServiceControlPolicy;
    let enabled = call!(seen, c.enable_policy_type().root_id(root).policy_type(kind()));
    assert_eq!(enabled.root().unwrap().policy_types()[0].r#type(), Some(&kind()));
    let new = c.create_policy().name("guard").description("").content(POLICY).r#type(kind());
    seen.insert("createpolicy".to_owned());
    let made = new.send().await.unwrap();
    let id = made.policy().unwrap().policy_summary().unwrap().id().unwrap();
    call!(seen, c.update_policy().policy_id(id).name("fence"));
    let described = call!(seen, c.describe_policy().policy_id(id));
    assert_eq!(described.policy().unwrap().policy_summary().unwrap().name(), Some("fence"));
    call!(seen, c.attach_policy().policy_id(id).target_id(ACCOUNT));
    let listed = call!(seen, c.list_policies_for_target().target_id(ACCOUNT).filter(kind()));
    assert_eq!(listed.policies().len(), 2);
    let listed = call!(seen, c.list_targets_for_policy().policy_id(id));
    assert_eq!(listed.targets()[0].target_id(), Some(ACCOUNT));
    assert_eq!(call!(seen, c.list_policies().filter(kind())).policies().len(), 2);
    call!(seen, c.detach_policy().policy_id(id).target_id(ACCOUNT));
    call!(seen, c.delete_policy().policy_id(id));
    call!(seen, c.disable_policy_type().root_id(root).policy_type(kind()));
}

#[tokio::test]
async fn cloudtrail() {
    let server = &Server::start().await;
    let (c, mut seen) = (client!(aws_sdk_cloudtrail, server), BTreeSet::new());
    call!(seen, c.lookup_events());
    assert_whole(&seen, wire::generated::cloudtrail::OPERATIONS);
}
