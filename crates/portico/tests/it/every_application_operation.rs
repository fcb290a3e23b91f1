//! Every operation on applications that is served, called once with the typed SDK: a part of `every_operation.rs`.

use std::collections::BTreeSet;

use aws_sdk_ssoadmin::types::{
    ApplicationStatus, AuthenticationMethod, AuthenticationMethodType, AuthorizationCodeGrant,
    FederationProtocol, Grant, GrantType, IamAuthenticationMethod, PortalOptions, PrincipalType,
    SignInOptions, SignInOrigin, UserBackgroundSessionApplicationStatus,
};
use aws_smithy_types::Document;

use crate::every_operation::call;
use crate::server::{Server, client};

const CUSTOM: &str = "arn:aws:sso::aws:applicationProvider/custom";

pub(crate) async fn applications(server: &Server, seen: &mut BTreeSet<String>) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let provider = call!(seen, c.describe_application_provider().application_provider_arn(CUSTOM));
    assert_eq!(provider.federation_protocol(), Some(&FederationProtocol::Oauth));
    call!(seen, c.list_application_providers().max_results(2));
    let url = SignInOptions::builder()
        .origin(SignInOrigin::Application)
        .application_url("https://wiki.example.com/");
    let portal = PortalOptions::builder().sign_in_options(url.build().unwrap()).build();
    let made = call!(
        seen,
        c.create_application()
            .instance_arn(&at)
            .application_provider_arn(CUSTOM)
            .name("Wiki")
            .portal_options(portal)
    );
    let arn = made.application_arn().unwrap();
    let described = call!(seen, c.describe_application().application_arn(arn));
    let options = described.portal_options().and_then(|options| options.sign_in_options()).unwrap();
    assert_eq!(options.application_url(), Some("https://wiki.example.com/"));
    assert!(!call!(seen, c.list_applications().instance_arn(&at)).applications().is_empty());
    call!(seen, c.update_application().application_arn(arn).status(ApplicationStatus::Disabled));
    assigned(server, seen, arn).await;
    granted(server, seen, arn).await;
    call!(seen, c.delete_application().application_arn(arn));
}

async fn assigned(server: &Server, seen: &mut BTreeSet<String>, arn: &str) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    let directory = client!(aws_sdk_identitystore, server);
    let group =
        directory.create_group().identity_store_id(server.made("identityStoreId")).display_name("writers");
    let group = group.send().await.unwrap();
    macro_rules! to_group {
        ($operation:ident()) => {
            call!(
                seen,
                c.$operation()
                    .application_arn(arn)
                    .principal_type(PrincipalType::Group)
                    .principal_id(group.group_id())
            )
        };
    }
    to_group!(create_application_assignment());
    to_group!(describe_application_assignment());
    call!(seen, c.list_application_assignments().application_arn(arn));
    call!(
        seen,
        c.list_application_assignments_for_principal()
            .instance_arn(&at)
            .principal_type(PrincipalType::Group)
            .principal_id(group.group_id())
    );
    to_group!(delete_application_assignment());
    call!(seen, c.put_application_assignment_configuration().application_arn(arn).assignment_required(false));
    assert!(
        !call!(seen, c.get_application_assignment_configuration().application_arn(arn)).assignment_required()
    );
    let disabled = UserBackgroundSessionApplicationStatus::Disabled;
    call!(
        seen,
        c.put_application_session_configuration()
            .application_arn(arn)
            .user_background_session_application_status(disabled)
    );
    call!(seen, c.get_application_session_configuration().application_arn(arn));
}

async fn granted(server: &Server, seen: &mut BTreeSet<String>, arn: &str) {
    let (c, at) = (client!(aws_sdk_ssoadmin, server), server.made("instanceArn"));
    call!(
        seen,
        c.put_application_access_scope().application_arn(arn).scope("wiki:read").authorized_targets(&at)
    );
    call!(seen, c.get_application_access_scope().application_arn(arn).scope("wiki:read"));
    call!(seen, c.list_application_access_scopes().application_arn(arn));
    call!(seen, c.delete_application_access_scope().application_arn(arn).scope("wiki:read"));
    let text = |value: &str| Document::from(value.to_owned());
    let object = |pairs: Vec<(&str, Document)>| {
        Document::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let statement = object(vec![
        ("Effect", text("Allow")),
        ("Principal", object(vec![("AWS", text("111122223333"))])),
        ("Action", text("sso-oauth:CreateTokenWithIAM")),
        ("Resource", text("*")),
    ]);
    let policy =
        object(vec![("Version", text("2012-10-17")), ("Statement", Document::Array(vec![statement]))]);
    let iam = IamAuthenticationMethod::builder().actor_policy(policy.clone()).build().unwrap();
    macro_rules! by_iam {
        ($operation:ident() $($rest:tt)*) => {
            call!(
                seen,
                c.$operation().application_arn(arn).authentication_method_type(AuthenticationMethodType::Iam) $($rest)*
            )
        };
    }
    by_iam!(put_application_authentication_method().authentication_method(AuthenticationMethod::Iam(iam)));
    let read = by_iam!(get_application_authentication_method());
    let Some(AuthenticationMethod::Iam(iam)) = read.authentication_method() else {
        unreachable!("another kind")
    };
    assert_eq!(iam.actor_policy(), &policy, "as it was written");
    call!(seen, c.list_application_authentication_methods().application_arn(arn));
    by_iam!(delete_application_authentication_method());
    let code = AuthorizationCodeGrant::builder().redirect_uris("https://wiki.example.com/callback").build();
    let of_code = GrantType::AuthorizationCode;
    call!(
        seen,
        c.put_application_grant()
            .application_arn(arn)
            .grant_type(of_code.clone())
            .grant(Grant::AuthorizationCode(code))
    );
    call!(seen, c.get_application_grant().application_arn(arn).grant_type(of_code.clone()));
    call!(seen, c.list_application_grants().application_arn(arn));
    call!(seen, c.delete_application_grant().application_arn(arn).grant_type(of_code));
}
