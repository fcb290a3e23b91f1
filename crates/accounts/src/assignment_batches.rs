//! Batches of assignments: many created or deleted by one call under one request id. Checked and authorised as each of them by itself would
//! be; done in the transaction that accepts them where that can be, else by [`crate::assignment_batch_work`], account by account.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::accounts::account::AccountId;
use model::accounts::account_assignment::{AccountAssignment, Principal, RequestKind};
use model::accounts::assignment_batch::{Batch, Failure, OnInvalid, RowText};
use model::accounts::permission_set::{PermissionSet, PermissionSetArn, PermissionSetId};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::event::Outcome;
use model::fault::Fault;
use model::id::RequestId;
use model::instances::instance::{Instance, InstanceId};
use model::job::JobKind;
use model::limits::ASSIGNMENT_CALLS_OUTSTANDING_MAX;
use policy::require::Action;
use serde_json::json;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::access::{Of, guarded as guarded_of};
use crate::assignment_batch_work::{Place, Row, carry_out, place};
use crate::instance::guarded;
use crate::provisioned_roles::connected_refusal;
use crate::provisioning::work_event;
use crate::provisioning_requests::new_id;

/// Roles that are made or removed in the transaction that accepts a batch, at most: beyond that others would wait for it too long.
/// Accounts that need more wait for the worker, as if somebody were before them.
const ROLES_AT_ONCE_MAX: usize = 64;
/// Bad rows that a refusal counts up beside the first.
const NAMED_MAX: usize = 10;

/// What a call asks for.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// The instance.
    pub instance: InstanceId,
    /// To create the assignments or to delete them.
    pub kind: RequestKind,
    /// The assignments, as they were written.
    pub rows: Vec<RowText>,
    /// What becomes of the others when some are bad.
    pub on_invalid: OnInvalid,
}

/// A row that a single call would refuse at once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bad {
    index: usize,
    /// The member that is wrong.
    member: &'static str,
    why: String,
}

/// A batch as far as it can be read without looking at anything.
#[derive(Debug)]
struct Read {
    texts: Vec<RowText>,
    rows: Vec<(usize, PermissionSetArn, AccountAssignment)>,
    bad: Vec<Bad>,
}

/// Reads the texts of a row; what is wrong with it is of one member.
fn read_row(text: &RowText) -> Result<(PermissionSetArn, AccountAssignment), (&'static str, String)> {
    let of = |member: &'static str| move |fault: Fault| (member, fault.message().to_owned());
    let account_id = AccountId::parse(text.target_id.as_str()).map_err(of("TargetId"))?;
    let arn = PermissionSetArn::parse(&text.permission_set_arn)
        .ok_or_else(|| ("PermissionSetArn", "it is no ARN of a permission set".to_owned()))?;
    if !matches!(text.principal_type.as_str(), "USER" | "GROUP") {
        return Err(("PrincipalType", "it must be USER or GROUP".to_owned()));
    }
    let principal = Principal::parse(&text.principal_type, &text.principal_id).map_err(of("PrincipalId"))?;
    let assignment = AccountAssignment { account_id, permission_set_id: arn.id.clone(), principal };
    Ok((arn, assignment))
}

impl Read {
    fn new(texts: Vec<RowText>) -> Self {
        let (mut rows, mut bad) = (Vec::with_capacity(texts.len()), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            match read_row(text) {
                Ok((arn, assignment)) => rows.push((index, arn, assignment)),
                Err((member, why)) => bad.push(Bad { index, member, why }),
            }
        }
        Self { texts, rows, bad }
    }

    fn sets(&self) -> BTreeSet<PermissionSetArn> {
        self.rows.iter().map(|(_, arn, _)| arn.clone()).collect()
    }

    /// What the rows ask about.
    fn of(&self) -> Vec<Of> {
        let accounts = self.accounts().into_iter().cloned().map(Of::Account);
        self.sets().into_iter().map(Of::PermissionSet).chain(accounts).collect()
    }

    fn accounts(&self) -> BTreeSet<&AccountId> {
        self.rows.iter().map(|(_, _, row)| &row.account_id).collect()
    }
}

/// Accepts a batch. What a single call would refuse at once makes a row bad: then nothing is done and the refusal names the row and its
/// member, or, where that was asked for, the other rows are done.
pub async fn accept(store: &Store, cx: &Cx, new: NewBatch) -> Result<RequestId, Fault> {
    let NewBatch { instance, kind, rows, on_invalid } = new;
    // Read here, off the writer's thread.
    let read = Arc::new(Read::new(rows));
    store
        .write(cx, move |tx, cx| {
            let action = Action(match kind {
                RequestKind::DeleteAssignment => "portico:BatchDeleteAccountAssignments",
                RequestKind::CreateAssignment | RequestKind::Provision => {
                    "portico:BatchCreateAccountAssignments"
                }
            });
            let sets = read.sets();
            let found = guarded_of(tx, cx, action, (&instance, &read.of()))?;
            require_room(tx, cx, (&found.id, kind))?;
            let there = There::find(tx, &found, &read, kind)?;
            let mut bad = read.bad.clone();
            let mut rows = Vec::with_capacity(read.rows.len());
            for (index, arn, assignment) in &read.rows {
                match there.missing(&found, arn, assignment) {
                    Some((member, why)) => bad.push(Bad { index: *index, member, why }),
                    None => rows.push(Row { index: *index, assignment: assignment.clone() }),
                }
            }
            bad.sort_unstable_by_key(|bad| bad.index);
            if on_invalid == OnInvalid::Fail && !bad.is_empty() {
                return Err(refusal(&bad));
            }
            let id = new_id(cx);
            begin(tx, cx, (&found, kind, &id), (&read.texts, rows, &bad), &there.sets)?;
            for arn in &sets {
                cx.event().touch("AWS::SSO::PermissionSet", arn.to_string());
            }
            cx.event().respond(json!({"requestId": id.as_str()}));
            Ok(id)
        })
        .await
}

/// What a batch would change: see [`preview`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The rows that are there already.
    pub existing: Vec<usize>,
    /// The rows that a batch that creates would not take: which, the member that is wrong, and why.
    pub invalid: Vec<(usize, &'static str, String)>,
}

/// Which of these assignments are there, and which could not be created. Whoever may ask may ask about each permission set and account.
pub fn preview(store: &Store, cx: &Cx, instance: &InstanceId, rows: Vec<RowText>) -> Result<Preview, Fault> {
    let read = Read::new(rows);
    store.read(|rx| {
        let action = Action("portico:PreviewAccountAssignments");
        let instance = guarded_of(rx, cx, action, (instance, &read.of()))?;
        let there = There::find(rx, &instance, &read, RequestKind::CreateAssignment)?;
        let assigned = store::accounts::account_assignments::find_each(
            rx,
            read.rows.iter().map(|(_, _, assignment)| assignment),
        )?;
        let assigned: BTreeSet<AccountAssignment> = assigned.into_iter().collect();
        let mut invalid: Vec<_> =
            read.bad.iter().map(|bad| (bad.index, bad.member, bad.why.clone())).collect();
        let mut existing = Vec::new();
        for (index, arn, assignment) in &read.rows {
            if let Some((member, why)) = there.missing(&instance, arn, assignment) {
                invalid.push((*index, member, why));
            }
            if arn.instance_id == instance.id && assigned.contains(assignment) {
                existing.push(*index);
            }
        }
        invalid.sort_unstable();
        Ok(Preview { existing, invalid })
    })
}

/// In strict mode a batch counts as one call of its kind.
fn require_room(rx: &mut Rx<'_>, cx: &Cx, (instance, kind): (&InstanceId, RequestKind)) -> Result<(), Fault> {
    let quota = cx.mode.quota(ASSIGNMENT_CALLS_OUTSTANDING_MAX);
    if quota == u64::MAX {
        return Ok(());
    }
    let open = store::accounts::provisioning_requests::count_open(rx, instance, kind)?
        + store::accounts::assignment_batches::count_open(rx, instance, kind)?;
    if open < quota {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "{quota} calls of this kind are under way, which is the most: wait for one to end"
    )))
}

/// What there is of all that a batch names.
struct There {
    sets: HashMap<PermissionSetId, PermissionSet>,
    /// `None` where that does not matter: what is not there any more can be taken away.
    others: Option<(HashSet<AccountId>, HashSet<UserId>, HashSet<GroupId>)>,
    /// Accounts in which nothing is done at once.
    connected: Vec<AccountId>,
}

impl There {
    fn find(rx: &mut Rx<'_>, instance: &Instance, read: &Read, kind: RequestKind) -> Result<Self, Fault> {
        let own: BTreeSet<&PermissionSetId> = read
            .rows
            .iter()
            .filter(|(_, arn, _)| arn.instance_id == instance.id)
            .map(|(_, arn, _)| &arn.id)
            .collect();
        let sets = store::accounts::permission_sets::find_each(rx, &instance.id, own)?;
        let connected = store::accounts::account_connections::among(rx, read.accounts())?;
        if kind == RequestKind::DeleteAssignment {
            return Ok(Self { sets, others: None, connected });
        }
        let principals = || read.rows.iter().map(|(_, _, row)| &row.principal);
        let users = principals().filter_map(|principal| match principal {
            Principal::User(id) => Some(id),
            Principal::Group(_) => None,
        });
        let groups = principals().filter_map(|principal| match principal {
            Principal::Group(id) => Some(id),
            Principal::User(_) => None,
        });
        let at = &instance.identity_store_id;
        let others = (
            store::accounts::accounts::existing(rx, read.accounts())?,
            store::directory::users::existing(rx, at, users.collect::<BTreeSet<_>>())?,
            store::directory::groups::existing(rx, at, groups.collect::<BTreeSet<_>>())?,
        );
        Ok(Self { sets, others: Some(others), connected })
    }

    /// The member of a row that names what is not there, in the words of the single call.
    fn missing(
        &self,
        instance: &Instance,
        arn: &PermissionSetArn,
        row: &AccountAssignment,
    ) -> Option<(&'static str, String)> {
        if arn.instance_id != instance.id || !self.sets.contains_key(&arn.id) {
            return Some(("PermissionSetArn", format!("Could not find PermissionSet with id {}", arn.id)));
        }
        if self.connected.contains(&row.account_id) {
            return Some(("TargetId", connected_refusal(&row.account_id)));
        }
        let (accounts, users, groups) = self.others.as_ref()?;
        if !accounts.contains(&row.account_id) {
            return Some(("TargetId", format!("Account {} is not in the organization", row.account_id)));
        }
        let is_there = match &row.principal {
            Principal::User(id) => users.contains(id),
            Principal::Group(id) => groups.contains(id),
        };
        let why = || {
            let (kind, id, at) = (row.principal.kind(), row.principal.id(), &instance.identity_store_id);
            format!("{kind} {id} was not found in identity store {at}")
        };
        (!is_there).then(|| ("PrincipalId", why()))
    }
}

/// Which row is bad, and which member of it; and which other rows are.
fn refusal(bad: &[Bad]) -> Fault {
    let Some(Bad { index, member, why }) = bad.first() else { return Fault::internal("nothing is bad") };
    let text = format!("Assignments[{index}].{member}: {why}. Nothing was done");
    let others: Vec<String> = bad.iter().skip(1).take(NAMED_MAX).map(|bad| bad.index.to_string()).collect();
    if others.is_empty() {
        return Fault::validation(text);
    }
    let more = bad.len() - 1 - others.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Fault::validation(format!("{text}; bad as well: rows {}{more}", others.join(", ")))
}

/// Does what can be done at once, leaves the rest to the worker, and writes the batch.
fn begin(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, kind, id): (&Instance, RequestKind, &RequestId),
    (texts, rows, bad): (&[RowText], Vec<Row>, &[Bad]),
    sets: &HashMap<PermissionSetId, PermissionSet>,
) -> Result<(), Fault> {
    let row_text = |index: usize| texts.get(index).cloned().ok_or_else(|| Fault::internal("no such row"));
    let (at_once, later) = divided(tx, kind, (rows, sets))?;
    let mut failures = Vec::new();
    for Bad { index, member, why } in bad {
        failures.push(Failure { index: *index, row: row_text(*index)?, reason: format!("{member}: {why}") });
    }
    let mut succeeded = at_once.len();
    if !at_once.is_empty() {
        let own = cx.of_service(work_event());
        own.event().detail("requestId", id.as_str());
        for (index, reason) in carry_out(tx, &own, (instance, kind), (&at_once, sets))? {
            failures.push(Failure { index, row: row_text(index)?, reason });
            succeeded -= 1;
        }
        store::audit::audit_records::insert(tx, &own.record(Outcome::Success))?;
    }
    let batch = Batch { id: id.clone(), kind, total: texts.len(), succeeded, failures, created_at: cx.now };
    store::accounts::assignment_batches::insert(tx, &instance.id, &batch)?;
    for (account, rows) in later {
        let waiting: Result<Vec<_>, Fault> =
            rows.iter().map(|row| Ok((row.index, row_text(row.index)?))).collect();
        store::accounts::assignment_batches::insert_part(tx, id, &account, &waiting?)?;
        let job = model::entropy::uuid_by_time(cx.entropy(), cx.now).to_string();
        store::jobs::insert(tx, &job, JobKind::AssignmentBatch, (account.as_str(), id.as_str()), cx.now)?;
    }
    Ok(())
}

/// Rows by their account.
type ByAccount = BTreeMap<AccountId, Vec<Row>>;

/// What can be done at once, and what waits: behind others of the same account, or because it comes to too much.
fn divided(
    rx: &mut Rx<'_>,
    kind: RequestKind,
    (rows, sets): (Vec<Row>, &HashMap<PermissionSetId, PermissionSet>),
) -> Result<(Vec<Row>, ByAccount), Fault> {
    let mut changing: BTreeSet<Place> = rows.iter().map(|row| place(&row.assignment)).collect();
    if kind == RequestKind::CreateAssignment {
        let held = store::accounts::provisioned_permission_sets::revisions(rx, &changing)?;
        changing.retain(|at| held.get(at).copied() != sets.get(&at.1).map(|set| set.revision));
    }
    let mut roles_in = HashMap::<AccountId, usize>::new();
    for (account, _) in changing {
        *roles_in.entry(account).or_default() += 1;
    }
    let mut accounts = ByAccount::new();
    for row in rows {
        accounts.entry(row.assignment.account_id.clone()).or_default().push(row);
    }
    let busy = store::jobs::busy(rx, accounts.keys().map(AccountId::as_str))?;
    let (mut at_once, mut later, mut roles) = (Vec::new(), ByAccount::new(), 0);
    for (account, rows) in accounts {
        let more = roles_in.get(&account).copied().unwrap_or_default();
        // An account by itself is never too much: it has no more rows than a batch.
        let fits = roles == 0 || roles + more <= ROLES_AT_ONCE_MAX;
        if fits && !busy.contains(account.as_str()) {
            roles += more;
            at_once.extend(rows);
        } else {
            later.insert(account, rows);
        }
    }
    Ok((at_once, later))
}

/// A batch and how far it is.
pub fn describe(store: &Store, cx: &Cx, instance: &InstanceId, id: &RequestId) -> Result<Batch, Fault> {
    store.read(|rx| {
        guarded(rx, cx, Action("portico:DescribeBatch"), instance)?;
        store::accounts::assignment_batches::find(rx, instance, id)?.ok_or_else(|| {
            Fault::not_found(format!("Batch {id} was not found")).with_resource_id(id.as_str())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_first_bad_row_and_counts_the_others() {
        let bad = |index| Bad { index, member: "TargetId", why: "it is wrong".to_owned() };
        let said = |count| refusal(&(0..count).map(|at| bad(at * 2 + 3)).collect::<Vec<_>>());
        assert_eq!(said(1).message(), "Assignments[3].TargetId: it is wrong. Nothing was done");
        assert!(said(3).message().ends_with("; bad as well: rows 5, 7"));
        assert!(said(20).message().ends_with("rows 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 9 more"));
    }
}
