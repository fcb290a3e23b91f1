//! What the typed SDK makes of our answers.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_identitystore::types::{AlternateIdentifier, MemberId, Name, UniqueAttribute};
use aws_sdk_ssoadmin::types::{PrincipalType, StatusValues, TargetType};

use crate::server::{Server, client};

#[tokio::test]
async fn the_directory_parses_into_typed_shapes_and_errors() {
    let server = &Server::start().await;
    let directory = client!(aws_sdk_identitystore, server);
    let store = server.made("identityStoreId");
    let name = Name::builder().given_name("Ada").family_name("Lovelace").build();
    let made = directory
        .create_user()
        .identity_store_id(&store)
        .user_name("ada")
        .display_name("Ada")
        .name(name.clone());
    let made = made.send().await.unwrap();
    let again =
        directory.create_user().identity_store_id(&store).user_name("ADA").display_name("Ada").name(name);
    let refused = again.send().await.unwrap_err().into_service_error();
    assert!(refused.is_conflict_exception(), "{refused:?}");
    let unknown =
        directory.describe_user().identity_store_id(&store).user_id("00000000-0000-0000-0000-000000000000");
    assert!(unknown.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    let group =
        directory.create_group().identity_store_id(&store).display_name("poets").send().await.unwrap();
    let member = MemberId::UserId(made.user_id().to_owned());
    let membership = directory
        .create_group_membership()
        .identity_store_id(&store)
        .group_id(group.group_id())
        .member_id(member)
        .send()
        .await
        .unwrap();
    assert!(!membership.membership_id().is_empty());
    let unique =
        UniqueAttribute::builder().attribute_path("userName").attribute_value("ada".into()).build().unwrap();
    let found = directory
        .get_user_id()
        .identity_store_id(&store)
        .alternate_identifier(AlternateIdentifier::UniqueAttribute(unique))
        .send()
        .await
        .unwrap();
    assert_eq!(found.user_id(), made.user_id());
    let mut pages = directory.list_users().identity_store_id(&store).into_paginator().page_size(2).send();
    let mut seen = 0;
    while let Some(page) = pages.next().await {
        seen += page.unwrap().users().len();
    }
    assert_eq!(seen, 4, "admin, jane, sam and ada");
}

#[tokio::test]
async fn an_assignment_is_asked_for_and_followed_to_its_end() {
    let server = &Server::start().await;
    let admin = client!(aws_sdk_ssoadmin, server);
    let directory = client!(aws_sdk_identitystore, server);
    let instance =
        admin.list_instances().send().await.unwrap().instances()[0].instance_arn().unwrap().to_owned();
    assert_eq!(instance, server.made("instanceArn"));
    let made = admin.create_permission_set().instance_arn(&instance).name("Sdk").send().await.unwrap();
    let arn = made.permission_set().unwrap().permission_set_arn().unwrap().to_owned();
    assert!(made.permission_set().unwrap().created_date().is_some());
    let users =
        directory.list_users().identity_store_id(server.made("identityStoreId")).send().await.unwrap();
    let jane =
        users.users().iter().find(|user| user.user_name() == Some("jane")).unwrap().user_id().to_owned();
    let asked = admin
        .create_account_assignment()
        .instance_arn(&instance)
        .permission_set_arn(&arn)
        .target_id("444455556666")
        .target_type(TargetType::AwsAccount)
        .principal_type(PrincipalType::User)
        .principal_id(&jane)
        .send()
        .await
        .unwrap();
    let request = asked.account_assignment_creation_status().unwrap().request_id().unwrap().to_owned();
    for _ in 0..200 {
        let status = admin
            .describe_account_assignment_creation_status()
            .instance_arn(&instance)
            .account_assignment_creation_request_id(&request)
            .send()
            .await
            .unwrap();
        match status.account_assignment_creation_status().unwrap().status() {
            Some(StatusValues::InProgress) => tokio::time::sleep(Duration::from_millis(25)).await,
            ended => {
                assert_eq!(ended, Some(&StatusValues::Succeeded));
                return;
            }
        }
    }
    panic!("the assignment did not end");
}

#[tokio::test]
async fn a_root_key_and_a_wrong_secret() {
    let server = &Server::start().await;
    let identity = client!(aws_sdk_sts, server).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account().unwrap(), server.made("managementAccountId"));
    let wrong = aws_sdk_sts::Config::builder()
        .endpoint_url(&server.base)
        .region(aws_sdk_sts::config::Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys(server.made("accessKeyId"), "wrong", None))
        .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled())
        .build();
    let refused = aws_sdk_sts::Client::from_conf(wrong).get_caller_identity().send().await.unwrap_err();
    assert!(format!("{refused:?}").contains("SignatureDoesNotMatch"), "{refused:?}");
}
