//! Every operation of IAM that is served, called once with the typed SDK: a part of `every_operation.rs`.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ssoadmin::types::ProvisionTargetType;

use crate::every_operation::{ACCOUNT, POLICY, READ_ONLY, assert_whole, call};
use crate::server::{Server, client};

/// A role and a policy that an account makes for itself, and takes away again.
async fn iam_of_its_own(c: &aws_sdk_iam::Client, seen: &mut BTreeSet<String>) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let tag = || aws_sdk_iam::types::Tag::builder().key("team").value("typed").build().unwrap();
    let made = call!(seen, c.create_policy().policy_name("typed").policy_document(POLICY).tags(tag()));
    let arn = made.policy().unwrap().arn().unwrap();
    call!(seen, c.create_policy_version().policy_arn(arn).policy_document(POLICY));
    call!(seen, c.set_default_policy_version().policy_arn(arn).version_id("v2"));
    call!(seen, c.delete_policy_version().policy_arn(arn).version_id("v1"));
    let versions = call!(seen, c.list_policy_versions().policy_arn(arn));
    assert_eq!(versions.versions().iter().map(|one| one.version_id().unwrap()).collect::<Vec<_>>(), ["v2"]);
    call!(seen, c.tag_policy().policy_arn(arn).tags(tag()));
    call!(seen, c.list_policy_tags().policy_arn(arn));
    call!(seen, c.untag_policy().policy_arn(arn).tag_keys("team"));

    let (role, path) = ("typed", "/typed/");
    call!(seen, c.create_role().role_name(role).path(path).assume_role_policy_document(&trust));
    call!(seen, c.update_role().role_name(role).max_session_duration(7_200));
    let described = call!(seen, c.update_role_description().role_name(role).description("typed"));
    assert_eq!(described.role().unwrap().max_session_duration(), Some(7_200));
    call!(seen, c.update_assume_role_policy().role_name(role).policy_document(&trust));
    call!(seen, c.tag_role().role_name(role).tags(tag()));
    call!(seen, c.list_role_tags().role_name(role));
    call!(seen, c.untag_role().role_name(role).tag_keys("team"));
    call!(seen, c.attach_role_policy().role_name(role).policy_arn(arn));
    call!(seen, c.put_role_permissions_boundary().role_name(role).permissions_boundary(arn));
    let entities = call!(seen, c.list_entities_for_policy().policy_arn(arn));
    assert_eq!(entities.policy_roles()[0].role_name(), Some(role));
    let refused = c.delete_policy().policy_arn(arn).send().await.unwrap_err().into_service_error();
    assert!(refused.is_delete_conflict_exception(), "{refused:?}");
    call!(seen, c.delete_role_permissions_boundary().role_name(role));
    call!(seen, c.detach_role_policy().role_name(role).policy_arn(arn));
    call!(seen, c.put_role_policy().role_name(role).policy_name("inline").policy_document(POLICY));
    call!(seen, c.delete_role_policy().role_name(role).policy_name("inline"));
    let profiles = call!(seen, c.list_instance_profiles_for_role().role_name(role));
    assert!(profiles.instance_profiles().is_empty());
    call!(seen, c.delete_role().role_name(role));
    call!(seen, c.delete_policy().policy_arn(arn));
}

/// A user with everything that one may have, and takes away again.
async fn iam_users(c: &aws_sdk_iam::Client, seen: &mut BTreeSet<String>) {
    let (user, group) = ("typed-user", "typed-group");
    let tag = || aws_sdk_iam::types::Tag::builder().key("team").value("typed").build().unwrap();
    call!(seen, c.create_user().user_name(user).path("/typed/").tags(tag()));
    let found = call!(seen, c.get_user().user_name(user));
    assert_eq!(found.user().unwrap().tags(), [tag()]);
    call!(seen, c.list_users().path_prefix("/typed/"));
    call!(seen, c.tag_user().user_name(user).tags(tag()));
    call!(seen, c.list_user_tags().user_name(user));
    call!(seen, c.untag_user().user_name(user).tag_keys("team"));
    call!(seen, c.attach_user_policy().user_name(user).policy_arn(READ_ONLY));
    call!(seen, c.list_attached_user_policies().user_name(user));
    call!(seen, c.put_user_policy().user_name(user).policy_name("own").policy_document(POLICY));
    call!(seen, c.list_user_policies().user_name(user));
    call!(seen, c.get_user_policy().user_name(user).policy_name("own"));
    call!(seen, c.put_user_permissions_boundary().user_name(user).permissions_boundary(READ_ONLY));
    call!(seen, c.delete_user_permissions_boundary().user_name(user));
    let key =
        call!(seen, c.create_access_key().user_name(user)).access_key().unwrap().access_key_id().to_owned();
    call!(seen, c.list_access_keys().user_name(user));
    let inactive = aws_sdk_iam::types::StatusType::Inactive;
    call!(seen, c.update_access_key().user_name(user).access_key_id(&key).status(inactive));
    let used = call!(seen, c.get_access_key_last_used().access_key_id(&key));
    assert_eq!(used.access_key_last_used().unwrap().service_name(), "N/A");
    call!(seen, c.create_group().group_name(group));
    call!(seen, c.add_user_to_group().group_name(group).user_name(user));
    assert_eq!(call!(seen, c.get_group().group_name(group)).users().len(), 1);
    assert_eq!(call!(seen, c.list_groups_for_user().user_name(user)).groups().len(), 1);
    call!(seen, c.list_groups());
    call!(seen, c.update_group().group_name(group).new_path("/typed/"));
    call!(seen, c.attach_group_policy().group_name(group).policy_arn(READ_ONLY));
    call!(seen, c.list_attached_group_policies().group_name(group));
    call!(seen, c.put_group_policy().group_name(group).policy_name("own").policy_document(POLICY));
    call!(seen, c.list_group_policies().group_name(group));
    call!(seen, c.get_group_policy().group_name(group).policy_name("own"));
    call!(seen, c.delete_group_policy().group_name(group).policy_name("own"));
    call!(seen, c.detach_group_policy().group_name(group).policy_arn(READ_ONLY));
    call!(seen, c.remove_user_from_group().group_name(group).user_name(user));
    call!(seen, c.delete_group().group_name(group));
    let refused = c.delete_user().user_name(user).send().await.unwrap_err().into_service_error();
    assert!(refused.is_delete_conflict_exception(), "{refused:?}");
    call!(seen, c.delete_access_key().user_name(user).access_key_id(&key));
    call!(seen, c.detach_user_policy().user_name(user).policy_arn(READ_ONLY));
    call!(seen, c.delete_user_policy().user_name(user).policy_name("own"));
    call!(seen, c.update_user().user_name(user).new_user_name("typed-anew"));
    call!(seen, c.delete_user().user_name("typed-anew"));
}

async fn simulations(c: &aws_sdk_iam::Client, seen: &mut BTreeSet<String>) {
    let user = c.create_user().user_name("typed-asked").send().await.unwrap();
    let arn = user.user().unwrap().arn();
    let asked = call!(
        seen,
        c.simulate_principal_policy()
            .policy_source_arn(arn)
            .action_names("sso:ListInstances")
            .policy_input_list(POLICY)
    );
    assert_eq!(asked.evaluation_results()[0].eval_decision().as_str(), "allowed");
    let asked =
        call!(seen, c.simulate_custom_policy().policy_input_list(POLICY).action_names("sso:CreateInstance"));
    assert_eq!(asked.evaluation_results()[0].eval_decision().as_str(), "implicitDeny");
    call!(seen, c.get_context_keys_for_principal_policy().policy_source_arn(arn));
    let keys = call!(seen, c.get_context_keys_for_custom_policy().policy_input_list(POLICY));
    assert!(keys.context_key_names().is_empty());
}

async fn oidc_providers(c: &aws_sdk_iam::Client, seen: &mut BTreeSet<String>) {
    let tag = || aws_sdk_iam::types::Tag::builder().key("team").value("typed").build().unwrap();
    let url = "https://tokens.example.com/typed";
    let made = call!(seen, c.create_open_id_connect_provider().url(url).client_id_list("typed").tags(tag()));
    let arn = made.open_id_connect_provider_arn().unwrap();
    call!(
        seen,
        c.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(arn).client_id("more")
    );
    call!(
        seen,
        c.remove_client_id_from_open_id_connect_provider()
            .open_id_connect_provider_arn(arn)
            .client_id("typed")
    );
    let thumbprint = "0123456789abcdef0123456789abcdef01234567";
    call!(
        seen,
        c.update_open_id_connect_provider_thumbprint()
            .open_id_connect_provider_arn(arn)
            .thumbprint_list(thumbprint)
    );
    call!(seen, c.tag_open_id_connect_provider().open_id_connect_provider_arn(arn).tags(tag()));
    let tags = call!(seen, c.list_open_id_connect_provider_tags().open_id_connect_provider_arn(arn));
    assert_eq!(tags.tags().len(), 1);
    call!(seen, c.untag_open_id_connect_provider().open_id_connect_provider_arn(arn).tag_keys("team"));
    let found = call!(seen, c.get_open_id_connect_provider().open_id_connect_provider_arn(arn));
    assert_eq!(found.url(), Some("tokens.example.com/typed"));
    assert_eq!(found.client_id_list(), ["more".to_owned()]);
    assert_eq!(found.thumbprint_list(), [thumbprint.to_owned()]);
    let all = call!(seen, c.list_open_id_connect_providers());
    assert_eq!(all.open_id_connect_provider_list()[0].arn(), Some(arn));
    call!(seen, c.delete_open_id_connect_provider().open_id_connect_provider_arn(arn));
    let gone = c.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send().await;
    assert!(gone.unwrap_err().into_service_error().is_no_such_entity_exception());
}

/// The role of the administrator's permission set in the management account, once its inline policy is there.
#[tokio::test]
async fn iam() {
    let server = &Server::start().await;
    let (admin, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let (c, mut seen) = (client!(aws_sdk_iam, server), BTreeSet::new());
    let roles = call!(seen, c.list_roles());
    let role = roles.roles().iter().find(|role| role.role_name().contains("PorticoAdministrator")).unwrap();
    let role = role.role_name();
    call!(seen, c.get_role().role_name(role));
    call!(seen, c.list_attached_role_policies().role_name(role));
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    call!(seen, c.get_policy().policy_arn(administrator));
    call!(seen, c.get_policy_version().policy_arn(administrator).version_id("v1"));
    call!(seen, c.list_policies().path_prefix("/job-function/"));
    iam_of_its_own(&c, &mut seen).await;
    iam_users(&c, &mut seen).await;
    oidc_providers(&c, &mut seen).await;
    simulations(&c, &mut seen).await;
    let none = c.get_role_policy().role_name(role).policy_name("none").send().await;
    assert!(none.unwrap_err().into_service_error().is_no_such_entity_exception());

    let account = server.made("managementAccountId");
    let sets = admin.list_permission_sets_provisioned_to_account().instance_arn(&at).account_id(account);
    let set = sets.send().await.unwrap().permission_sets()[0].clone();
    let put = admin.put_inline_policy_to_permission_set().instance_arn(&at).permission_set_arn(&set);
    put.inline_policy(POLICY).send().await.unwrap();
    let all = ProvisionTargetType::AllProvisionedAccounts;
    let again = admin.provision_permission_set().instance_arn(&at).permission_set_arn(&set).target_type(all);
    again.send().await.unwrap();
    for _ in 0..200 {
        let names = call!(seen, c.list_role_policies().role_name(role));
        if let [name] = names.policy_names() {
            call!(seen, c.get_role_policy().role_name(role).policy_name(name));
            assert_whole(&seen, wire::generated::iam::OPERATIONS);
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the inline policy did not reach the role");
}
