//! What administrators would put together from a call for each: all accounts of a person with all roles, and all permission sets with everything
//! that is of them.

use std::collections::BTreeSet;

use model::accounts::account::Account;
use model::accounts::permission_set::{
    CustomerManagedPolicyReference, PermissionSet, PermissionSetId, PermissionsBoundary,
};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::instances::tag::Tags;
use model::page::{Page, PageRequest};
use policy::require::{Action, require_unnamed};
use policy::resource;
use store::accounts::access::Moment;
use store::db::Store;
use store::tx::Rx;

use crate::access::{Of, guarded as guarded_of, require_there};
use crate::access_pages::{Looking, of_user};
use crate::instance::guarded;

/// Letters of inline policies on one page at most, about: those of a thousand permission sets may be very long.
const INLINE_MAX: usize = 1_048_576;

/// The accounts in which a person can use roles, each with these roles, by id. Roles are counted by the page: an account with more of them comes again
/// on the next one.
pub fn accounts_with_roles(
    store: &Store,
    cx: &Cx,
    (instance_id, user): (&InstanceId, &UserId),
    page: &PageRequest,
) -> Result<Page<(Account, Vec<PermissionSet>)>, Fault> {
    store.read(|rx| {
        let of = Of::User(user.clone());
        let instance = guarded_of(
            rx,
            cx,
            Action("portico:ListAccountsWithRoles"),
            (instance_id, std::slice::from_ref(&of)),
        )?;
        require_there(rx, &instance, &of)?;
        let found = of_user(&mut Looking::new(rx, Moment::Now, page), user)?;
        let accounts: BTreeSet<_> = found.items.iter().map(|row| &row.account_id).collect();
        let accounts = store::accounts::accounts::find_each(rx, accounts)?;
        let sets: BTreeSet<_> = found.items.iter().map(|row| &row.permission_set_id).collect();
        let sets = store::accounts::permission_sets::find_each(rx, &instance.id, sets)?;
        let mut items: Vec<(Account, Vec<PermissionSet>)> = Vec::new();
        for row in &found.items {
            let (Some(account), Some(set)) =
                (accounts.get(&row.account_id), sets.get(&row.permission_set_id))
            else {
                return Err(Fault::internal("an account or permission set that is used is not there"));
            };
            match items.last_mut() {
                Some((last, roles)) if last.id == account.id => roles.push(set.clone()),
                _ => items.push((account.clone(), vec![set.clone()])),
            }
        }
        Ok(Page { items, next: found.next })
    })
}

/// A permission set with everything of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detailed {
    /// Itself.
    pub set: PermissionSet,
    /// AWS managed policies, by ARN.
    pub managed: Vec<String>,
    /// Customer managed policies, by path and name.
    pub customer: Vec<CustomerManagedPolicyReference>,
    /// The inline policy's text.
    pub inline: Option<String>,
    /// The permissions boundary.
    pub boundary: Option<PermissionsBoundary>,
    /// Tags.
    pub tags: Tags,
}

/// Permission sets with everything of theirs, by name: those in whose names `part` stands. Whoever lists them may see each of them.
pub fn permission_sets(
    store: &Store,
    cx: &Cx,
    (instance_id, part): (&InstanceId, &str),
    page: &PageRequest,
) -> Result<Page<Detailed>, Fault> {
    let action = Action("portico:ListPermissionSetsWithDetails");
    store.read(|rx| {
        let instance = guarded(rx, cx, action, instance_id)?;
        let rows = store::accounts::permission_sets::page_by_name(rx, instance_id, part, page)?;
        let found = page.page(rows, |set| set.name.clone());
        let detailed = detailed(rx, found.items)?;
        require_each(cx, action, &instance, &detailed)?;
        Ok(within(detailed, found.next))
    })
}

fn detailed(rx: &mut Rx<'_>, sets: Vec<PermissionSet>) -> Result<Vec<Detailed>, Fault> {
    let ids = || sets.iter().map(|set| &set.id).collect::<Vec<&PermissionSetId>>();
    let mut attached = store::accounts::permission_set_policies::of_each(rx, ids())?;
    let mut own = store::accounts::permission_sets::policies_of_each(rx, ids())?;
    let arns: Vec<String> = sets.iter().map(|set| set.arn().to_string()).collect();
    let mut tags = store::instances::tags::all_of_each(rx, arns.iter().map(String::as_str))?;
    let all = sets.into_iter().zip(&arns).map(|(set, arn)| {
        let (managed, customer) = attached.remove(&set.id).unwrap_or_default();
        let (inline, boundary) = own.remove(&set.id).unwrap_or_default();
        Detailed { managed, customer, inline, boundary, tags: tags.remove(arn).unwrap_or_default(), set }
    });
    Ok(all.collect())
}

/// The caller may see each of the permission sets; one who may not hears the same whichever they are, and where there is none.
fn require_each(cx: &Cx, action: Action, instance: &Instance, sets: &[Detailed]) -> Result<(), Fault> {
    let any = format!("arn:aws:sso:::permissionSet/{}/*", instance.id);
    let mut asked: Vec<_> = sets
        .iter()
        .map(|one| resource::permission_set(&one.set.arn(), &instance.owner, one.tags.clone()))
        .collect();
    if asked.is_empty() {
        asked.push(resource::owned(any.as_str(), &instance.owner));
    }
    require_unnamed(cx, action, &asked, &model::access::Context::new(), &any)
}

/// As many as a page takes, and at least one.
fn within(mut sets: Vec<Detailed>, next: Option<String>) -> Page<Detailed> {
    let (mut letters, mut taken) = (0, 0);
    for one in &sets {
        letters += one.inline.as_ref().map_or(0, String::len);
        if taken > 0 && letters > INLINE_MAX {
            break;
        }
        taken += 1;
    }
    if taken == sets.len() {
        return Page { items: sets, next };
    }
    sets.truncate(taken);
    let next = sets.last().map(|one| one.set.name.clone());
    Page { items: sets, next }
}
