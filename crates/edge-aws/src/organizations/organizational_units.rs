//! Organizational units and MoveAccount.

use accounts::organizational_units;
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::organizations::shapes::{
    CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse, DeleteOrganizationalUnitRequest,
    DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse, MoveAccountRequest,
    OrganizationalUnit as UnitShape, UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse,
};
use wire::operation::Nothing;

use crate::app::App;
use crate::organizations::tags;

/// A unit as answers have it.
pub(crate) fn shape(unit: OrganizationalUnit, organization: &Organization) -> UnitShape {
    UnitShape {
        arn: Some(organization.arn_of(unit.id.as_str())),
        path: Some(organization.path_of(&unit.inside())),
        id: Some(unit.id.into()),
        name: Some(unit.name),
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateOrganizationalUnitRequest,
) -> Result<CreateOrganizationalUnitResponse, Fault> {
    let (tags, named) = (tags::read(input.tags.unwrap_or_default())?, (input.parent_id, input.name));
    let (unit, organization) = organizational_units::create(&app.store, &cx, named, tags).await?;
    Ok(CreateOrganizationalUnitResponse { organizational_unit: Some(shape(unit, &organization)) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeOrganizationalUnitRequest,
) -> Result<DescribeOrganizationalUnitResponse, Fault> {
    let id = OrganizationalUnitId::parse(input.organizational_unit_id)?;
    let (unit, organization) = organizational_units::describe(&app.store, &cx, &id)?;
    Ok(DescribeOrganizationalUnitResponse { organizational_unit: Some(shape(unit, &organization)) })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateOrganizationalUnitRequest,
) -> Result<UpdateOrganizationalUnitResponse, Fault> {
    let id = OrganizationalUnitId::parse(input.organizational_unit_id)?;
    let (unit, organization) = organizational_units::update(&app.store, &cx, id, input.name).await?;
    Ok(UpdateOrganizationalUnitResponse { organizational_unit: Some(shape(unit, &organization)) })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteOrganizationalUnitRequest,
) -> Result<Nothing, Fault> {
    let id = OrganizationalUnitId::parse(input.organizational_unit_id)?;
    organizational_units::delete(&app.store, &cx, id).await?;
    Ok(Nothing {})
}

pub(crate) async fn move_account(app: App, cx: Cx, input: MoveAccountRequest) -> Result<Nothing, Fault> {
    let (id, between) =
        (AccountId::parse(input.account_id)?, (input.source_parent_id, input.destination_parent_id));
    organizational_units::move_account(&app.store, &cx, id, between).await?;
    Ok(Nothing {})
}
