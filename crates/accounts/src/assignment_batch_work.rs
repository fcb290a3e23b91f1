//! The work on a batch of assignments: many rows of one or more accounts in one transaction, each role made or removed once, all assignments
//! by one statement; and the worker's part, an account at a time, in the order of its lane. Knows nothing of who asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal, RequestKind};
use model::accounts::assignment_batch::Failure;
use model::accounts::permission_set::{PermissionSet, PermissionSetArn, PermissionSetId};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::instances::instance::Instance;
use model::job::Job;
use serde_json::{Map, Value};
use store::accounts::assignment_batches::Part;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::provisioned_roles::{ensured, removed};
use crate::provisioning::{ASSIGNMENT_ABSENT, is_superseded, reason, record_change, superseded, work_event};

/// A row of a batch, read.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Which.
    pub(crate) index: usize,
    /// What it is about.
    pub(crate) assignment: AccountAssignment,
}

/// A permission set in an account.
pub(crate) type Place = (AccountId, PermissionSetId);

/// Where an assignment is.
pub(crate) fn place(row: &AccountAssignment) -> Place {
    (row.account_id.clone(), row.permission_set_id.clone())
}

/// Carries rows out, whose permission sets are `sets`: answers which came to nothing, and why. Says in the event who was given or lost what;
/// what became of roles is recorded in their accounts' own trail.
pub(crate) fn carry_out(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, kind): (&Instance, RequestKind),
    (rows, sets): (&[Row], &HashMap<PermissionSetId, PermissionSet>),
) -> Result<Vec<(usize, String)>, Fault> {
    cx.event().detail("kind", kind.as_str());
    match kind {
        RequestKind::DeleteAssignment => delete(tx, cx, rows),
        RequestKind::CreateAssignment | RequestKind::Provision => create(tx, cx, instance, (rows, sets)),
    }
}

fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (rows, sets): (&[Row], &HashMap<PermissionSetId, PermissionSet>),
) -> Result<Vec<(usize, String)>, Fault> {
    let places: BTreeSet<Place> = rows.iter().map(|row| place(&row.assignment)).collect();
    let held = store::accounts::provisioned_permission_sets::revisions(tx, &places)?;
    let mut refused: HashMap<Place, String> = HashMap::new();
    for at in places {
        let Some(set) = sets.get(&at.1) else {
            let why = format!("Received a 404 status error: Permission set {} not found.", at.1);
            refused.insert(at, why);
            continue;
        };
        if held.get(&at) == Some(&set.revision) {
            continue;
        }
        match ensured(tx, cx, (instance, None), set.clone(), &at.0) {
            Ok(change) => {
                change.apply(tx, cx)?;
                record_change(tx, cx, &at.0, &change)?;
            }
            Err(fault) if *fault.kind() == FaultKind::Unavailable => return Err(fault),
            Err(fault) => {
                let why = reason(&fault, "");
                refused.insert(at, why);
            }
        }
    }
    let mut failures = Vec::new();
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        // Most batches have nothing refused: no place is looked up then.
        match if refused.is_empty() { None } else { refused.get(&place(&row.assignment)) } {
            Some(why) => failures.push((row.index, why.clone())),
            None => new.push(&row.assignment),
        }
    }
    if !new.is_empty() {
        store::accounts::account_assignments::insert_each(tx, new.iter().copied(), cx.now)?;
    }
    cx.event().detail("assignments", by_place(new));
    Ok(failures)
}

fn delete(tx: &mut Tx<'_>, cx: &Cx, rows: &[Row]) -> Result<Vec<(usize, String)>, Fault> {
    let found = rows.iter().map(|row| &row.assignment);
    let mut there: BTreeSet<AccountAssignment> =
        store::accounts::account_assignments::find_each(tx, found)?.into_iter().collect();
    let (mut failures, mut old) = (Vec::new(), Vec::new());
    for row in rows {
        // One that is named twice is there once.
        match there.take(&row.assignment) {
            Some(assignment) => old.push(assignment),
            None => failures.push((row.index, ASSIGNMENT_ABSENT.to_owned())),
        }
    }
    if !old.is_empty() {
        store::accounts::account_assignments::delete_each(tx, &old, cx.now)?;
    }
    let places: BTreeSet<Place> = old.iter().map(place).collect();
    for (account, set) in store::accounts::account_assignments::unused(tx, &places)? {
        let change = removed(tx, &set, &account)?;
        change.apply(tx, cx)?;
        record_change(tx, cx, &account, &change)?;
    }
    cx.event().detail("assignments", by_place(&old));
    Ok(failures)
}

/// Assignments as a record says them: accounts, in each the permission sets, of each who has it. What a call asked for is left out of its record
/// where it is too long: nothing is lost by that.
fn by_place<'a>(rows: impl IntoIterator<Item = &'a AccountAssignment>) -> Value {
    let mut places: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, Vec<Value>>>> = BTreeMap::new();
    for row in rows {
        let of_account = places.entry(row.account_id.as_str()).or_default();
        let of_set = of_account.entry(row.permission_set_id.as_str()).or_default();
        of_set.entry(row.principal.kind()).or_default().push(row.principal.id().into());
    }
    let object = |(name, value): (&str, Value)| (name.to_owned(), value);
    let of_set = |(set, kinds): (_, BTreeMap<_, Vec<Value>>)| {
        let kinds = kinds.into_iter().map(|(kind, ids)| object((kind, ids.into())));
        object((set, Value::Object(kinds.collect())))
    };
    let of_account = |(account, sets): (_, BTreeMap<_, _>)| {
        object((account, Value::Object(sets.into_iter().map(of_set).collect())))
    };
    Value::Object(places.into_iter().map(of_account).collect::<Map<_, _>>())
}

/// Carries out one job: what a batch comes to in the account whose lane it is. An error means that it could not be tried: it runs again.
pub async fn run_one(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let of_job = cx.with_event(work_event());
    let account = AccountId::parse(job.lane.clone())?;
    let done = {
        let (job, account) = (job.clone(), account.clone());
        store.write(&of_job, move |tx, cx| attempt(tx, cx, &job, &account)).await
    };
    match done {
        Ok(()) => {
            tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
            Ok(())
        }
        Err(fault) if *fault.kind() == FaultKind::Unavailable => Err(fault),
        Err(fault) if is_superseded(&fault) => Ok(()),
        Err(fault) => fail(store, cx, (job, &account), &fault).await,
    }
}

/// Takes the job and finds what is to be done.
fn take(tx: &mut Tx<'_>, cx: &Cx, job: &Job, account: &AccountId) -> Result<Option<Part>, Fault> {
    if !store::jobs::take(tx, &job.id)? {
        return Err(superseded());
    }
    cx.event().detail("requestId", job.subject.as_str());
    Ok(store::accounts::assignment_batches::find_part(tx, &job.subject, account)?)
}

fn attempt(tx: &mut Tx<'_>, cx: &Cx, job: &Job, account: &AccountId) -> Result<(), Fault> {
    let Some(part) = take(tx, cx, job, account)? else { return Ok(()) };
    let instance = store::instances::instances::find(tx, &part.instance)?
        .ok_or_else(|| Fault::not_found(format!("Instance {} not found", part.instance)))?;
    let rows = rows(&part)?;
    let sets = sets(tx, &instance, &rows)?;
    let failed = carry_out(tx, cx, (&instance, part.kind), (&rows, &sets))?;
    end(tx, (job, account), &part, |index| {
        failed.iter().find(|(failed, _)| *failed == index).map(|(_, why)| why.clone())
    })
}

/// The rows of a part; they were read when the batch was accepted.
fn rows(part: &Part) -> Result<Vec<Row>, Fault> {
    let row = |(index, text): &store::accounts::assignment_batches::Waiting| {
        let arn = PermissionSetArn::parse(&text.permission_set_arn)
            .ok_or_else(|| Fault::internal(format!("row {index} of a batch names no permission set")))?;
        let assignment = AccountAssignment {
            account_id: AccountId::parse(text.target_id.as_str())?,
            permission_set_id: arn.id,
            principal: Principal::parse(&text.principal_type, &text.principal_id)?,
        };
        Ok(Row { index: *index, assignment })
    };
    part.waiting.iter().map(row).collect()
}

fn sets(
    rx: &mut Rx<'_>,
    instance: &Instance,
    rows: &[Row],
) -> Result<HashMap<PermissionSetId, PermissionSet>, Fault> {
    let ids: BTreeSet<&PermissionSetId> = rows.iter().map(|row| &row.assignment.permission_set_id).collect();
    Ok(store::accounts::permission_sets::find_each(rx, &instance.id, ids)?)
}

/// Writes what became of a part; `why` says it of a row that came to nothing.
fn end(
    tx: &mut Tx<'_>,
    (job, account): (&Job, &AccountId),
    part: &Part,
    why: impl Fn(usize) -> Option<String>,
) -> Result<(), Fault> {
    let failures: Vec<Failure> = part
        .waiting
        .iter()
        .filter_map(|(index, row)| Some(Failure { index: *index, reason: why(*index)?, row: row.clone() }))
        .collect();
    let succeeded = part.waiting.len() - failures.len();
    store::accounts::assignment_batches::end_part(tx, &job.subject, account, (succeeded, &failures))
}

/// Says of every row of a part that it failed.
async fn fail(
    store: &Store,
    cx: &Cx,
    (job, account): (&Job, &AccountId),
    fault: &Fault,
) -> Result<(), Fault> {
    let why = reason(fault, &job.id);
    tracing::warn!(job = job.id, %account, why, "a part of a batch failed");
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "failed");
    let (job, account) = (job.clone(), account.clone());
    let said = store
        .write(&cx.with_event(work_event()), move |tx, cx| {
            let Some(part) = take(tx, cx, &job, &account)? else { return Ok(()) };
            cx.event().detail("accountId", account.as_str());
            cx.event().detail("failureReason", why.as_str());
            end(tx, (&job, &account), &part, |_| Some(why.clone()))
        })
        .await;
    said.or_else(|fault| if is_superseded(&fault) { Ok(()) } else { Err(fault) })
}
