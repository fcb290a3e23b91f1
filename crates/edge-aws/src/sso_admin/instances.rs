//! DescribeInstance, ListInstances, UpdateInstance.

use model::cx::Cx;
use model::fault::Fault;
use model::instance::Instance;
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    DescribeInstanceRequest, DescribeInstanceResponse, EncryptionConfiguration,
    EncryptionConfigurationDetails, InstanceMetadata, ListInstancesRequest, ListInstancesResponse,
    NetworkConfigurationInfo, RegionMetadata, UpdateInstanceRequest, UpdateInstanceResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

/// Instances of a page at most, by the model of the answer.
const PAGE: usize = 10;

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeInstanceRequest,
) -> Result<DescribeInstanceResponse, Fault> {
    let instance =
        instances::instances::describe(&app.store, &cx, &ids::instance(&cx, &input.instance_arn)?)?;
    let regions = Some(vec![region(&instance)]);
    Ok(DescribeInstanceResponse {
        instance_arn: Some(instance.id.arn()),
        identity_store_id: Some(instance.identity_store_id.to_string()),
        identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
        owner_account_id: Some(instance.owner.to_string()),
        name: instance.name,
        created_date: Some(ids::seconds(instance.created_at)),
        status: Some("ACTIVE".to_owned()),
        status_reason: None,
        primary_region: Some(instance.region),
        regions,
        encryption_configuration_details: Some(EncryptionConfigurationDetails {
            key_type: Some("AWS_OWNED_KMS_KEY".to_owned()),
            kms_key_arn: None,
            encryption_status: Some("ENABLED".to_owned()),
            encryption_status_reason: None,
        }),
        network_configuration_details: None,
        permission_sets_enabled: Some(true),
    })
}

fn region(instance: &Instance) -> RegionMetadata {
    RegionMetadata {
        region_name: Some(instance.region.clone()),
        status: Some("ACTIVE".to_owned()),
        added_date: Some(ids::seconds(instance.created_at)),
        is_primary_region: Some(true),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListInstancesRequest,
) -> Result<ListInstancesResponse, Fault> {
    let scope = PageScope::new("ListInstances", &[input.region_scope.as_deref().unwrap_or_default()]);
    let page = scope.request(input.max_results.map(|max| max.min(10)), input.next_token.as_deref(), PAGE)?;
    let mut rows = instances::instances::list(&app.store, &cx)?;
    rows.retain(|instance| instance.id.as_str() > page.after_or_start());
    let found = page.page(rows, |instance| instance.id.to_string());
    let metadata = |instance: Instance| InstanceMetadata {
        instance_arn: Some(instance.id.arn()),
        identity_store_id: Some(instance.identity_store_id.to_string()),
        identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
        owner_account_id: Some(instance.owner.to_string()),
        created_date: Some(ids::seconds(instance.created_at)),
        status: Some("ACTIVE".to_owned()),
        status_reason: None,
        regions: Some(vec![region(&instance)]),
        primary_region: Some(instance.region),
        name: instance.name,
    };
    Ok(ListInstancesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        instances: Some(found.items.into_iter().map(metadata).collect()),
    })
}

/// Only the name can change here. What is asked for beside it is either true already or refused: a security setting is never
/// accepted and ignored.
pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateInstanceRequest,
) -> Result<UpdateInstanceResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let settings = [
        input.encryption_configuration.is_some(),
        input.permission_sets_enabled.is_some(),
        input.network_configuration.is_some(),
    ];
    if settings.iter().filter(|given| **given).count() > 1 {
        let message = "Only one of EncryptionConfiguration, PermissionSetsEnabled and NetworkConfiguration may be given in a call";
        return Err(Fault::validation(message));
    }
    input.encryption_configuration.as_ref().map_or(Ok(()), check_encryption)?;
    if input.permission_sets_enabled == Some(false) {
        return Err(Fault::validation(
            "PermissionSetsEnabled accepts only true: permission sets cannot be switched off",
        ));
    }
    input.network_configuration.as_ref().map_or(Ok(()), check_network)?;
    instances::instances::rename(&app.store, &cx, &id, input.name).await?;
    Ok(UpdateInstanceResponse {})
}

fn check_encryption(wanted: &EncryptionConfiguration) -> Result<(), Fault> {
    match (wanted.key_type.as_str(), &wanted.kms_key_arn) {
        ("AWS_OWNED_KMS_KEY", None) => Ok(()),
        ("AWS_OWNED_KMS_KEY", Some(_)) => {
            Err(Fault::validation("KmsKeyArn must not be given with AWS_OWNED_KMS_KEY"))
        }
        _ => Err(Fault::validation(
            "EncryptionConfiguration: KeyType CUSTOMER_MANAGED_KEY is not supported; data is encrypted under the server's own root key",
        )),
    }
}

fn check_network(wanted: &NetworkConfigurationInfo) -> Result<(), Fault> {
    let lists = [&wanted.restrict_source_vpcs, &wanted.allow_source_ips, &wanted.exclude_application_arns];
    let restricts = wanted.vpce_access_required
        || lists.iter().any(|list| list.as_ref().is_some_and(|list| !list.is_empty()));
    if restricts {
        return Err(Fault::validation(
            "NetworkConfiguration is not supported: restrict access in front of the server",
        ));
    }
    Ok(())
}
