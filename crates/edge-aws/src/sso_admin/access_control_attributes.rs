//! Create-, Describe-, Update- and DeleteInstanceAccessControlAttributeConfiguration.

use accounts::access_control_attributes;
use model::accounts::access_control_attribute::AccessControlAttribute;
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::sso_admin::shapes::{
    AccessControlAttribute as Attribute, AccessControlAttributeValue,
    CreateInstanceAccessControlAttributeConfigurationRequest,
    CreateInstanceAccessControlAttributeConfigurationResponse,
    DeleteInstanceAccessControlAttributeConfigurationRequest,
    DeleteInstanceAccessControlAttributeConfigurationResponse,
    DescribeInstanceAccessControlAttributeConfigurationRequest,
    DescribeInstanceAccessControlAttributeConfigurationResponse, InstanceAccessControlAttributeConfiguration,
    UpdateInstanceAccessControlAttributeConfigurationRequest,
    UpdateInstanceAccessControlAttributeConfigurationResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateInstanceAccessControlAttributeConfigurationRequest,
) -> Result<CreateInstanceAccessControlAttributeConfigurationResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let given = given(input.instance_access_control_attribute_configuration);
    access_control_attributes::create(&app.store, &cx, &id, given).await?;
    Ok(CreateInstanceAccessControlAttributeConfigurationResponse {})
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeInstanceAccessControlAttributeConfigurationRequest,
) -> Result<DescribeInstanceAccessControlAttributeConfigurationResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let found = access_control_attributes::describe(&app.store, &cx, &id)?;
    Ok(DescribeInstanceAccessControlAttributeConfigurationResponse {
        status: Some("ENABLED".to_owned()),
        status_reason: None,
        instance_access_control_attribute_configuration: Some(InstanceAccessControlAttributeConfiguration {
            access_control_attributes: found.into_iter().map(attribute).collect(),
        }),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateInstanceAccessControlAttributeConfigurationRequest,
) -> Result<UpdateInstanceAccessControlAttributeConfigurationResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    let given = given(input.instance_access_control_attribute_configuration);
    access_control_attributes::update(&app.store, &cx, &id, given).await?;
    Ok(UpdateInstanceAccessControlAttributeConfigurationResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteInstanceAccessControlAttributeConfigurationRequest,
) -> Result<DeleteInstanceAccessControlAttributeConfigurationResponse, Fault> {
    let id = ids::instance(&cx, &input.instance_arn)?;
    access_control_attributes::delete(&app.store, &cx, &id).await?;
    Ok(DeleteInstanceAccessControlAttributeConfigurationResponse {})
}

/// Keys and sources. A list of sources has one, by the model.
fn given(configuration: InstanceAccessControlAttributeConfiguration) -> Vec<(String, String)> {
    let pair = |one: Attribute| (one.key, one.value.source.into_iter().next().unwrap_or_default());
    configuration.access_control_attributes.into_iter().map(pair).collect()
}

fn attribute(one: AccessControlAttribute) -> Attribute {
    Attribute { key: one.key, value: AccessControlAttributeValue { source: vec![one.source.into()] } }
}
