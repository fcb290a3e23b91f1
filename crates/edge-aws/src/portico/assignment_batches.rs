//! BatchCreateAccountAssignments, BatchDeleteAccountAssignments, DescribeBatch, PreviewAccountAssignments.

use accounts::assignment_batches::{self as batches, NewBatch};
use model::accounts::account_assignment::RequestKind;
use model::accounts::assignment_batch::{Batch, Failure, OnInvalid, RowText};
use model::cx::Cx;
use model::fault::Fault;
use model::id::RequestId;
use wire::generated::portico::shapes::{
    BatchAssignment, BatchCounts, BatchCreateAccountAssignmentsRequest,
    BatchCreateAccountAssignmentsResponse, BatchDeleteAccountAssignmentsRequest,
    BatchDeleteAccountAssignmentsResponse, BatchFailure, DescribeBatchRequest, DescribeBatchResponse,
    InvalidAssignment, PreviewAccountAssignmentsRequest, PreviewAccountAssignmentsResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn row(given: BatchAssignment) -> RowText {
    RowText {
        target_id: given.target_id,
        permission_set_arn: given.permission_set_arn,
        principal_type: given.principal_type,
        principal_id: given.principal_id,
    }
}

async fn accept(
    app: &App,
    cx: &Cx,
    kind: RequestKind,
    (instance, rows, on_invalid): (&str, Vec<BatchAssignment>, Option<&str>),
) -> Result<String, Fault> {
    let new = NewBatch {
        instance: ids::instance(cx, instance)?,
        kind,
        rows: rows.into_iter().map(row).collect(),
        on_invalid: on_invalid.and_then(OnInvalid::parse).unwrap_or_default(),
    };
    Ok(batches::accept(&app.store, cx, new).await?.into())
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: BatchCreateAccountAssignmentsRequest,
) -> Result<BatchCreateAccountAssignmentsResponse, Fault> {
    let asked = (input.instance_arn.as_str(), input.assignments, input.on_invalid.as_deref());
    let request_id = accept(&app, &cx, RequestKind::CreateAssignment, asked).await?;
    Ok(BatchCreateAccountAssignmentsResponse { request_id })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: BatchDeleteAccountAssignmentsRequest,
) -> Result<BatchDeleteAccountAssignmentsResponse, Fault> {
    let asked = (input.instance_arn.as_str(), input.assignments, input.on_invalid.as_deref());
    let request_id = accept(&app, &cx, RequestKind::DeleteAssignment, asked).await?;
    Ok(BatchDeleteAccountAssignmentsResponse { request_id })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn counts(batch: &Batch) -> BatchCounts {
    BatchCounts {
        succeeded: number(batch.succeeded),
        failed: number(batch.failures.len()),
        in_progress: number(batch.in_progress()),
    }
}

fn failure(failure: Failure) -> BatchFailure {
    let Failure { index, row, reason } = failure;
    BatchFailure {
        index: number(index),
        target_id: row.target_id,
        permission_set_arn: row.permission_set_arn,
        principal_type: row.principal_type,
        principal_id: row.principal_id,
        reason,
    }
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeBatchRequest,
) -> Result<DescribeBatchResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let id = RequestId::parse(input.request_id)?;
    let batch = batches::describe(&app.store, &cx, &instance, &id)?;
    Ok(DescribeBatchResponse {
        kind: if batch.kind == RequestKind::DeleteAssignment { "DELETE" } else { "CREATE" }.to_owned(),
        status: batch.status().as_str().to_owned(),
        counts: counts(&batch),
        created_date: ids::seconds(batch.created_at),
        request_id: batch.id.into(),
        failures: batch.failures.into_iter().map(failure).collect(),
    })
}

pub(crate) async fn preview(
    app: App,
    cx: Cx,
    input: PreviewAccountAssignmentsRequest,
) -> Result<PreviewAccountAssignmentsResponse, Fault> {
    let instance = ids::instance(&cx, &input.instance_arn)?;
    let rows = input.assignments.into_iter().map(row).collect();
    let found = batches::preview(&app.store, &cx, &instance, rows)?;
    let invalid = |(index, member, reason): (usize, &str, String)| InvalidAssignment {
        index: number(index),
        member: member.to_owned(),
        reason,
    };
    Ok(PreviewAccountAssignmentsResponse {
        existing: found.existing.into_iter().map(number).collect(),
        invalid: found.invalid.into_iter().map(invalid).collect(),
    })
}
