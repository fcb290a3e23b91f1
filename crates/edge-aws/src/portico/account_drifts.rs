//! DetectAccountDrift, DescribeAccountDrift, ListAccountDriftFindings, RepairAccountDriftFinding, AcceptAccountDriftFinding.

use accounts::account_drifts;
use model::accounts::account::AccountId;
use model::accounts::account_drift::{
    AccountDrift, DriftFinding, FindingFilter, FindingId, FindingStatus, PropertyDifference,
};
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use wire::generated::portico::shapes::{
    self, AcceptAccountDriftFindingRequest, AcceptAccountDriftFindingResponse, DescribeAccountDriftRequest,
    DescribeAccountDriftResponse, DetectAccountDriftRequest, DetectAccountDriftResponse,
    DriftPropertyDifference, ListAccountDriftFindingsRequest, ListAccountDriftFindingsResponse,
    RepairAccountDriftFindingRequest, RepairAccountDriftFindingResponse,
};

use crate::app::App;
use crate::identitystore::ids::seconds;
use crate::sso_admin::ids::{instance, permission_set};

fn shape(drift: AccountDrift, has_findings: bool) -> shapes::AccountDrift {
    let detection = drift.detection;
    let status = match drift.checked_at {
        _ if has_findings => "DRIFTED",
        Some(_) => "IN_SYNC",
        None => "NOT_CHECKED",
    };
    shapes::AccountDrift {
        account_id: drift.account_id.into(),
        drift_status: status.to_owned(),
        drift_detection_id: detection.as_ref().map(|detection| detection.id.clone()),
        detection_status: detection.as_ref().map(|detection| detection.status.as_str().to_owned()),
        requested_by: detection.as_ref().map(|detection| detection.requested_by.clone()),
        requested_at: detection.as_ref().map(|detection| seconds(detection.requested_at)),
        detection_status_reason: detection.and_then(|detection| detection.reason),
        last_checked_at: drift.checked_at.map(seconds),
        next_check_at: drift.next_at.map(seconds),
    }
}

fn difference(of: PropertyDifference) -> DriftPropertyDifference {
    DriftPropertyDifference {
        property_path: of.path,
        difference_type: of.kind.as_str().to_owned(),
        expected_value: of.expected,
        actual_value: of.actual,
    }
}

fn finding(at: &InstanceId, finding: DriftFinding) -> shapes::DriftFinding {
    let found = finding.found;
    let arn = |id| PermissionSetArn { instance_id: at.clone(), id }.to_string();
    shapes::DriftFinding {
        finding_id: finding.id.into(),
        account_id: finding.account_id.into(),
        resource_type: found.resource.as_str().to_owned(),
        resource_arn: found.arn,
        permission_set_arn: found.permission_set_id.map(arn),
        drift_status: found.kind.as_str().to_owned(),
        property_differences: found.differences.into_iter().map(difference).collect(),
        status: finding.status.as_str().to_owned(),
        found_by: finding.found_by,
        found_at: seconds(finding.found_at),
        decided_by: finding.decided_by,
        decided_at: finding.decided_at.map(seconds),
        failure_reason: finding.reason,
    }
}

pub(crate) async fn detect(
    app: App,
    cx: Cx,
    input: DetectAccountDriftRequest,
) -> Result<DetectAccountDriftResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let (found, has_findings) = account_drifts::detect(&app.store, &cx, (&at, &account)).await?;
    Ok(DetectAccountDriftResponse { account_drift: shape(found, has_findings) })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeAccountDriftRequest,
) -> Result<DescribeAccountDriftResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let (found, has_findings) = account_drifts::describe(&app.store, &cx, (&at, &account))?;
    Ok(DescribeAccountDriftResponse { account_drift: shape(found, has_findings) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListAccountDriftFindingsRequest,
) -> Result<ListAccountDriftFindingsResponse, Fault> {
    let at = instance(&cx, &input.instance_arn)?;
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let (of_account, of_set, of_status) =
        (given(&input.account_id), given(&input.permission_set_arn), given(&input.status));
    let scope = PageScope::new("ListAccountDriftFindings", &[at.as_str(), &of_account, &of_set, &of_status]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let filter = FindingFilter {
        account: input.account_id.map(AccountId::parse).transpose()?,
        permission_set: input.permission_set_arn.as_deref().map(permission_set).transpose()?,
        status: input.status.as_deref().and_then(FindingStatus::parse),
    };
    let found = account_drifts::list(&app.store, &cx, (&at, &filter), &page)?;
    Ok(ListAccountDriftFindingsResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        findings: found.items.into_iter().map(|one| finding(&at, one)).collect(),
    })
}

pub(crate) async fn repair(
    app: App,
    cx: Cx,
    input: RepairAccountDriftFindingRequest,
) -> Result<RepairAccountDriftFindingResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let id = FindingId::parse(input.finding_id)?;
    let found = account_drifts::repair(&app.store, &cx, (&at, &account), &id).await?;
    Ok(RepairAccountDriftFindingResponse { finding: finding(&at, found) })
}

pub(crate) async fn accept(
    app: App,
    cx: Cx,
    input: AcceptAccountDriftFindingRequest,
) -> Result<AcceptAccountDriftFindingResponse, Fault> {
    let (at, account) = (instance(&cx, &input.instance_arn)?, AccountId::parse(input.account_id)?);
    let id = FindingId::parse(input.finding_id)?;
    let found = account_drifts::accept(&app.store, &cx, (&at, &account), &id).await?;
    Ok(AcceptAccountDriftFindingResponse { finding: finding(&at, found) })
}
