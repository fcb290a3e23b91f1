//! DescribeInstance, ListInstances, UpdateInstance.

use instances::instances::{EncryptionPatch, InstancePatch, NetworkPatch};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
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
    let found =
        page.page_of(instances::instances::list(&app.store, &cx)?, |instance| instance.id.to_string());
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

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateInstanceRequest,
) -> Result<UpdateInstanceResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let patch = InstancePatch {
        name: input.name,
        encryption: input.encryption_configuration.as_ref().map(encryption),
        permission_sets_enabled: input.permission_sets_enabled,
        network: input.network_configuration.as_ref().map(network),
    };
    instances::instances::update(&app.store, &cx, &id, patch).await?;
    Ok(UpdateInstanceResponse {})
}

fn encryption(wanted: &EncryptionConfiguration) -> EncryptionPatch {
    EncryptionPatch {
        customer_managed: wanted.key_type != "AWS_OWNED_KMS_KEY",
        names_key: wanted.kms_key_arn.is_some(),
    }
}

fn network(wanted: &NetworkConfigurationInfo) -> NetworkPatch {
    let lists = [&wanted.restrict_source_vpcs, &wanted.allow_source_ips, &wanted.exclude_application_arns];
    let restricts = wanted.vpce_access_required
        || lists.iter().any(|list| list.as_ref().is_some_and(|list| !list.is_empty()));
    NetworkPatch { restricts }
}
