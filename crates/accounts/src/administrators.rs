//! Who may administer by signing in: the people with a role of the management account that allows an action. Asked before a policy takes effect that
//! could shut them out.

use model::access::{Authority as _, Decision, Question, Resource};
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::page::PageRequest;
use policy::require::{Action, context_on};
use store::accounts::access::{self as reach, Moment, Place};
use store::tx::Rx;

use crate::access_pages::{Looking, of_place};
use crate::session_policies::authority;

/// Permission sets that are looked at together.
const SETS: i64 = 64;
/// People that are looked at together.
const PEOPLE: usize = 100;

/// Visits people who may do `action` on `resource` until `found` says that one is enough; whoever has several such roles may be visited again.
/// Conditions are taken as they are for this call, and a second factor as given.
pub fn visit(
    rx: &mut Rx<'_>,
    cx: &Cx,
    instance: &Instance,
    (action, resource): (Action, &Resource),
    mut found: impl FnMut(&mut Rx<'_>, &UserId) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let mut context = context_on(cx, resource);
    context.insert("aws:MultiFactorAuthPresent".to_owned(), vec!["true".to_owned()]);
    context.insert("aws:MultiFactorAuthAge".to_owned(), vec!["0".to_owned()]);
    let question = Question { action: action.0, resource, context: &context };
    let mut after = String::new();
    loop {
        let mut sets = reach::sets_in(rx, Moment::Now, &instance.owner, (&after, SETS))?;
        sets.sort_unstable();
        let is_last = sets.len() < usize::try_from(SETS).unwrap_or_default();
        for set in &sets {
            let place = (instance.owner.clone(), set.clone());
            let Some(role) = reach::role(rx, Moment::Now, &place)? else { continue };
            if authority(&role.binding, &[])?.decide(&question) != Decision::Allow {
                continue;
            }
            if visit_place(rx, &place, &mut found)? {
                return Ok(());
            }
        }
        match sets.last() {
            // Behind this one, and before the next: no id holds a space.
            Some(last) if !is_last => after = format!("{last} "),
            _ => return Ok(()),
        }
    }
}

/// Visits who reaches a place; whether one was enough.
fn visit_place(
    rx: &mut Rx<'_>,
    place: &Place,
    mut found: impl FnMut(&mut Rx<'_>, &UserId) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    let mut page = PageRequest::first(PEOPLE);
    loop {
        let people = of_place(&mut Looking::new(rx, Moment::Now, &page), place)?;
        for person in &people.items {
            if found(rx, person)? {
                return Ok(true);
            }
        }
        if people.next.is_none() {
            return Ok(false);
        }
        page.after = people.next;
    }
}
