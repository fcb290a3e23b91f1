//! CreateInstance, DescribeInstance, ListInstances, UpdateInstance, DeleteInstance.

use instances::account_instances::{self, NewInstance};
use instances::instances::{EncryptionPatch, InstancePatch, NetworkPatch};
use instances::regions;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceStatus};
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    CreateInstanceRequest, CreateInstanceResponse, DeleteInstanceRequest, DeleteInstanceResponse,
    DescribeInstanceRequest, DescribeInstanceResponse, EncryptionConfiguration,
    EncryptionConfigurationDetails, InstanceMetadata, ListInstancesRequest, ListInstancesResponse,
    NetworkConfigurationInfo, UpdateInstanceRequest, UpdateInstanceResponse,
};

use crate::app::App;
use crate::sso_admin::regions::metadata;
use crate::sso_admin::{ids, tags};

/// Instances of a page at most, by the model of the answer.
const PAGE: usize = 10;

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateInstanceRequest,
) -> Result<CreateInstanceResponse, Fault> {
    let new = NewInstance {
        name: input.name,
        client_token: input.client_token,
        tags: tags::read(input.tags.unwrap_or_default())?,
    };
    let id = account_instances::create(&app.store, &cx, new).await?;
    Ok(CreateInstanceResponse { instance_arn: Some(id.arn()) })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteInstanceRequest,
) -> Result<DeleteInstanceResponse, Fault> {
    account_instances::delete(&app.store, &cx, &ids::instance(&cx, &input.instance_arn)?).await?;
    Ok(DeleteInstanceResponse {})
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeInstanceRequest,
) -> Result<DescribeInstanceResponse, Fault> {
    let (instance, status) =
        instances::instances::describe(&app.store, &cx, &ids::instance(&cx, &input.instance_arn)?)?;
    let shown = regions::of_shown(&app.store, &instance)?;
    let regions = Some(shown.into_iter().map(metadata).collect());
    let (encryption, why) = instances::data_keys::encryption(&app.store)?;
    Ok(DescribeInstanceResponse {
        instance_arn: Some(instance.id.arn()),
        identity_store_id: Some(instance.identity_store_id.to_string()),
        identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
        owner_account_id: Some(instance.owner.to_string()),
        name: instance.name,
        created_date: Some(ids::seconds(instance.created_at)),
        status: Some(status.as_str().to_owned()),
        status_reason: None,
        // Permission sets are of the organization's instance alone.
        permission_sets_enabled: Some(instance.owner == cx.owner),
        primary_region: Some(instance.region),
        regions,
        encryption_configuration_details: Some(EncryptionConfigurationDetails {
            key_type: Some("AWS_OWNED_KMS_KEY".to_owned()),
            kms_key_arn: None,
            encryption_status: Some(encryption.as_str().to_owned()),
            encryption_status_reason: why,
        }),
        network_configuration_details: None,
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListInstancesRequest,
) -> Result<ListInstancesResponse, Fault> {
    let scope = PageScope::new("ListInstances", &[input.region_scope.as_deref().unwrap_or_default()]);
    let page = scope.request(input.max_results.map(|max| max.min(10)), input.next_token.as_deref(), PAGE)?;
    let found =
        page.page_of(instances::instances::list(&app.store, &cx)?, |(instance, _)| instance.id.to_string());
    let shown = |(instance, status): (Instance, InstanceStatus)| {
        let regions = regions::of_shown(&app.store, &instance)?;
        Ok(InstanceMetadata {
            instance_arn: Some(instance.id.arn()),
            identity_store_id: Some(instance.identity_store_id.to_string()),
            identity_store_arn: Some(instance.identity_store_id.arn(&instance.owner)),
            owner_account_id: Some(instance.owner.to_string()),
            created_date: Some(ids::seconds(instance.created_at)),
            status: Some(status.as_str().to_owned()),
            status_reason: None,
            regions: Some(regions.into_iter().map(metadata).collect()),
            primary_region: Some(instance.region),
            name: instance.name,
        })
    };
    Ok(ListInstancesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        instances: Some(found.items.into_iter().map(shown).collect::<Result<_, Fault>>()?),
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
