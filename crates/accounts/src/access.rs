//! Who reaches what, for administrators: every role that a person can use, with what grants it, by person, group, account or permission set,
//! now or at a past moment. What counts is what GetRoleCredentials would hand out: the role stands, the account is active, the person is enabled.

use std::sync::Arc;

use model::accounts::account::AccountId;
use model::accounts::account_assignment::Principal;
use model::accounts::permission_set::PermissionSetArn;
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use policy::require::{Action, require};
use policy::resource;
use store::accounts::access::Moment;
use store::db::Store;
use store::tx::Rx;

pub use crate::access_pages::Access;
use crate::access_pages::{Looking, of_account, of_group, of_permission_set, of_user};
use crate::access_uses;
use crate::access_ways;
pub use crate::access_ways::Beside;
use crate::effective_access::Reach;
use crate::instance::{existing_set, find, has_accounts, require_account, require_not_protected};

/// The script since which it is kept what ended: see the migration of this name.
const HISTORY: &str = "_access_history";

/// Whose access, or to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// What a person reaches.
    User(UserId),
    /// What the members of a group reach by it.
    Group(GroupId),
    /// Who reaches an account.
    Account(AccountId),
    /// Who reaches a permission set, in which accounts.
    PermissionSet(PermissionSetArn),
}

/// What is asked of an instance.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The instance.
    pub instance: &'a InstanceId,
    /// Whose access, or to what.
    pub of: &'a Of,
    /// At which past moment; now without one.
    pub at: Option<Timestamp>,
    /// Whether it is also asked when each of it was last used.
    pub last_used: bool,
}

/// Who reaches what, as `write` writes it, with when each of it was last used if that is asked. A page may hold fewer than were asked for, and more follow.
pub fn list(
    (store, reach): (&Store, &Reach),
    cx: &Cx,
    question: &Question<'_>,
    page: &PageRequest,
    write: impl FnOnce(&Page<Access>, &Beside) -> Result<String, Fault>,
) -> Result<Arc<str>, Fault> {
    let Question { instance: instance_id, of, at, last_used } = *question;
    let found = store.read(|rx| {
        let action = Action("portico:ListEffectiveAccess");
        let instance = guarded(rx, cx, action, (instance_id, std::slice::from_ref(of)))?;
        let moment = moment(rx, cx, at)?;
        if last_used && moment != Moment::Now {
            return Err(Fault::validation(
                "IncludeLastAccessed has no meaning with At: when something was last used is known as of now alone",
            ));
        }
        // What was there at a past moment need not be there any more.
        if moment == Moment::Now {
            require_there(rx, &instance, of)?;
        }
        if moment == Moment::Now && matches!(of, Of::User(_)) && !last_used {
            return Ok(None);
        }
        let mut looking = Looking::new(rx, moment, page);
        let found = match of {
            Of::User(id) => of_user(&mut looking, id),
            Of::Group(id) => of_group(&mut looking, id),
            Of::Account(id) => of_account(&mut looking, id),
            Of::PermissionSet(arn) if arn.instance_id == instance.id => {
                of_permission_set(&mut looking, &arn.id)
            }
            Of::PermissionSet(_) => Ok(Page::default()),
        }?;
        let uses = if last_used { access_uses::of_rows(rx, &found.items)? } else { Vec::new() };
        let ways = access_ways::of_rows(rx, moment, &found.items)?;
        Ok(Some((found, Beside { uses, ways })))
    })?;
    match (found, of) {
        (None, Of::User(id)) => reach.granted(store, (instance_id, id), page, write),
        (found, _) => {
            let (page, beside) = found.unwrap_or_default();
            write(&page, &beside).map(Arc::from)
        }
    }
}

/// The instance, once the caller may do `action` on it and on each of these, whether or not they are there.
pub(crate) fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: Action,
    (instance_id, of): (&InstanceId, &[Of]),
) -> Result<Instance, Fault> {
    let instance = find(rx, cx, action, instance_id)?;
    let (own, owner) = (instance_id.arn(), &instance.owner);
    let sets = of.iter().filter_map(|of| match of {
        Of::PermissionSet(arn) => Some(arn.to_string()),
        _ => None,
    });
    let tagged: Vec<String> = std::iter::once(own.clone()).chain(sets).collect();
    let mut tags = store::instances::tags::all_of_each(rx, tagged.iter().map(String::as_str))?;
    let mut tags_of = |arn: &str| tags.remove(arn).unwrap_or_default();
    let mut asked = vec![resource::instance(&instance, tags_of(&own))];
    asked.extend(of.iter().map(|of| match of {
        Of::User(id) => resource::directory(id.arn(), owner),
        Of::Group(id) => resource::directory(id.arn(), owner),
        Of::Account(id) => resource::account(id, owner),
        Of::PermissionSet(arn) => resource::permission_set(arn, owner, tags_of(&arn.to_string())),
    }));
    require(cx, action, &asked)?;
    has_accounts(cx, &instance)?;
    for of in of {
        if let Of::PermissionSet(arn) = of {
            require_not_protected(rx, cx, action, arn)?;
        }
    }
    Ok(instance)
}

/// The moment that is asked about: one of which everything is known.
pub(crate) fn moment(rx: &mut Rx<'_>, cx: &Cx, at: Option<Timestamp>) -> Result<Moment, Fault> {
    let Some(at) = at else { return Ok(Moment::Now) };
    let since = store::migrate::ran_at(rx, HISTORY)?;
    if at < since {
        // The next whole second: what is named must not be refused.
        let first = Timestamp::from_seconds(since.seconds() + 1).rfc3339();
        return Err(Fault::validation(format!(
            "At is {}: what ended before {first} is not known, so that no earlier moment can be asked about",
            at.rfc3339()
        )));
    }
    if at > cx.now {
        return Err(Fault::validation(format!("At is {}, which is not past", at.rfc3339())));
    }
    Ok(Moment::At(at))
}

pub(crate) fn require_there(rx: &mut Rx<'_>, instance: &Instance, of: &Of) -> Result<(), Fault> {
    let principal = |rx: &mut Rx<'_>, principal: &Principal| {
        store::directory::principals::require(rx, &instance.identity_store_id, principal)
    };
    match of {
        Of::User(id) => principal(rx, &Principal::User(id.clone())),
        Of::Group(id) => principal(rx, &Principal::Group(id.clone())),
        Of::Account(id) => require_account(rx, id),
        Of::PermissionSet(arn) => existing_set(rx, &instance.id, arn).map(|_| ()),
    }
}
