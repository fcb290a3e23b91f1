//! AddRegion, DescribeRegion, ListRegions, RemoveRegion.

use instances::regions;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::region::{Region, RegionName};
use model::page::PageScope;
use wire::generated::sso_admin::shapes::{
    AddRegionRequest, AddRegionResponse, DescribeRegionRequest, DescribeRegionResponse, ListRegionsRequest,
    ListRegionsResponse, RegionMetadata, RemoveRegionRequest, RemoveRegionResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

/// Regions of a page, when the caller does not say.
const PAGE: usize = 100;

pub(crate) async fn add(app: App, cx: Cx, input: AddRegionRequest) -> Result<AddRegionResponse, Fault> {
    let (instance, name) = (ids::instance(&cx, &input.instance_arn)?, RegionName::parse(input.region_name)?);
    let status = regions::add(&app.store, &cx, &instance, &name).await?;
    Ok(AddRegionResponse { status: Some(status.as_str().to_owned()) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeRegionRequest,
) -> Result<DescribeRegionResponse, Fault> {
    let (instance, name) = (ids::instance(&cx, &input.instance_arn)?, RegionName::parse(input.region_name)?);
    let RegionMetadata { region_name, status, added_date, is_primary_region } =
        metadata(regions::describe(&app.store, &cx, &instance, &name)?);
    Ok(DescribeRegionResponse { region_name, status, added_date, is_primary_region })
}

pub(crate) async fn list(app: App, cx: Cx, input: ListRegionsRequest) -> Result<ListRegionsResponse, Fault> {
    let scope = PageScope::new("ListRegions", &[&input.instance_arn]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE)?;
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let found =
        page.page_of(regions::list(&app.store, &cx, &instance)?, |(region, _)| region.name.to_string());
    Ok(ListRegionsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        regions: Some(found.items.into_iter().map(metadata).collect()),
    })
}

pub(crate) async fn remove(
    app: App,
    cx: Cx,
    input: RemoveRegionRequest,
) -> Result<RemoveRegionResponse, Fault> {
    let (instance, name) = (ids::instance(&cx, &input.instance_arn)?, RegionName::parse(input.region_name)?);
    let status = regions::remove(&app.store, &cx, &instance, &name).await?;
    Ok(RemoveRegionResponse { status: Some(status.as_str().to_owned()) })
}

/// A Region, and whether it is the primary, as answers have it.
pub(crate) fn metadata((region, is_primary): (Region, bool)) -> RegionMetadata {
    RegionMetadata {
        region_name: Some(region.name.to_string()),
        status: Some(region.status.as_str().to_owned()),
        added_date: Some(ids::seconds(region.added_at)),
        is_primary_region: Some(is_primary),
    }
}
