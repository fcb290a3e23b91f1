//! CreateAccount: accepted as a row with its job, carried out by the worker, read by its status calls.

use model::accounts::organization::{AccountCreation, CreationState};
use model::accounts::organizational_unit::UnitPath;
use model::accounts::role::RoleName;
use model::cx::Cx;
use model::entropy::{self, bytes};
use model::event::EventHead;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::instances::tag::Tags;
use model::job::{Job, JobKind};
use model::page::{Page, PageRequest};
use policy::require::{Action, request_tags, require, require_with};
use serde_json::json;
use store::db::Store;
use store::tx::Tx;

use crate::accounts::{NewAccount, free_id, insert_in};
use crate::organization::organization;
use crate::organization_tags;

/// The lane of all account creations: one after another.
const LANE: &str = "organization";

/// Asks for an account.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (name, email): (String, String),
    role_name: Option<String>,
    tags: Tags,
) -> Result<AccountCreation, Fault> {
    let role_name = role_name.unwrap_or_else(|| broker::local::ORGANIZATION_ROLE.to_owned());
    RoleName::parse(role_name.clone())?;
    store
        .write(cx, move |tx, cx| {
            let organization = organization(tx)?;
            let (owner, asked) = (&organization.management_account_id, request_tags(&tags));
            let action = Action("organizations:CreateAccount");
            require_with(cx, action, &[policy::resource::owned("*", owner)], &asked)?;
            organization_tags::check(&tags)?;
            let time = entropy::uuid_by_time(cx.entropy(), cx.now).simple().to_string();
            let creation = AccountCreation {
                id: format!("car-{time}"),
                account_id: free_id(tx, cx)?,
                name: name.clone(),
                email: email.clone(),
                role_name: role_name.clone(),
                state: CreationState::InProgress,
                failure_reason: None,
                requested_at: cx.now,
                completed_at: None,
            };
            // The account's from now on; taken away again if there will be none.
            let arn = organization.account_arn(&creation.account_id);
            if !tags.is_empty() {
                let tagged = policy::resource::owned(&arn, owner);
                require_with(cx, Action("organizations:TagResource"), &[tagged], &asked)?;
            }
            organization_tags::insert_in(tx, &arn, &tags)?;
            store::accounts::account_creations::insert(tx, &creation)?;
            let job = entropy::uuid_by_time(cx.entropy(), cx.now).to_string();
            store::jobs::insert(tx, &job, JobKind::CreateAccount, (LANE, &creation.id), cx.now)?;
            cx.event().respond(
                json!({"createAccountStatus": {"id": creation.id, "state": creation.state.as_str()}}),
            );
            Ok(creation)
        })
        .await
}

/// A creation.
pub fn describe(store: &Store, cx: &Cx, id: &str) -> Result<AccountCreation, Fault> {
    store.read(|rx| {
        let owner = organization(rx)?.management_account_id;
        require(
            cx,
            Action("organizations:DescribeCreateAccountStatus"),
            &[policy::resource::owned("*", &owner)],
        )?;
        store::accounts::account_creations::find(rx, id)?.ok_or_else(|| {
            let message = "You specified a create account request that doesn't exist.";
            Fault::new(FaultKind::Service("CreateAccountStatusNotFoundException"), message)
        })
    })
}

/// Creations, oldest first.
pub fn list(
    store: &Store,
    cx: &Cx,
    states: &[String],
    page: &PageRequest,
) -> Result<Page<AccountCreation>, Fault> {
    store.read(|rx| {
        let owner = organization(rx)?.management_account_id;
        require(
            cx,
            Action("organizations:ListCreateAccountStatus"),
            &[policy::resource::owned("*", &owner)],
        )?;
        let rows = store::accounts::account_creations::page(rx, page)?;
        let mut found = page.page(rows, |creation| creation.id.clone());
        // Pages may be short or empty while a token follows, as everywhere at AWS.
        found.items.retain(|creation| {
            states.is_empty() || states.iter().any(|state| state == creation.state.as_str())
        });
        Ok(found)
    })
}

/// Carries out one creation.
pub async fn run_one(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let head = EventHead::of_service("organizations.amazonaws.com", "CreateAccountResult");
    let cx = cx.with_event(head);
    let job = job.clone();
    store
        .write(&cx, move |tx, cx| {
            if let Some(creation) = store::accounts::account_creations::find(tx, &job.subject)?
                && creation.state == CreationState::InProgress
            {
                carry_out(tx, cx, &creation)?;
            }
            store::jobs::delete(tx, &job.id)
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
    Ok(())
}

fn carry_out(tx: &mut Tx<'_>, cx: &Cx, creation: &AccountCreation) -> Result<(), Fault> {
    let organization = organization(tx)?;
    let new = NewAccount {
        id: Some(creation.account_id.clone()),
        name: creation.name.clone(),
        email: creation.email.clone(),
        path: UnitPath::ROOT,
    };
    match insert_in(tx, cx, &new, "CREATED") {
        Ok(account) => {
            let name = RoleName::parse(creation.role_name.clone())?;
            let role =
                broker::local::organization_role(&account.id, &organization.management_account_id, name, cx);
            store::accounts::roles::upsert(tx, &role)?;
            cx.event().touch("AWS::Organizations::Account", organization.account_arn(&account.id));
            store::accounts::account_creations::finish(
                tx,
                &creation.id,
                CreationState::Succeeded,
                None,
                cx.now,
            )
        }
        Err(fault) if matches!(fault.kind(), FaultKind::Conflict(_)) => {
            cx.event().detail("failureReason", "EMAIL_ALREADY_EXISTS");
            if store::accounts::accounts::find(tx, &creation.account_id)?.is_none() {
                store::instances::tags::delete_all(tx, &organization.account_arn(&creation.account_id))?;
            }
            store::accounts::account_creations::finish(
                tx,
                &creation.id,
                CreationState::Failed,
                Some("EMAIL_ALREADY_EXISTS"),
                cx.now,
            )
        }
        Err(fault) => Err(fault),
    }
}

/// A new organization's id and its root's.
pub fn organization_ids(cx: &Cx) -> (String, String) {
    let (organization, root) = (hex(&bytes::<5>(cx.entropy())), hex(&bytes::<2>(cx.entropy())));
    (format!("o-{organization}"), format!("r-{root}"))
}
