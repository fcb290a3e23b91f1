//! GetAttributePrecedence, PutAttributePrecedence: which source wins, of each attribute of people of whom several speak. Another order changes many people:
//! what would come of it is told first, and the work on all of them is a job, a hundred in a transaction.

use model::cx::Cx;
use model::directory::attribute_precedence::{
    AttributePrecedence, EXCEPTIONS_MAX, Exception, HERE, Outranked, SOURCES_MAX,
};
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::directory::user::UserId;
use model::entropy::uuid_by_time;
use model::event::EventHead;
use model::fault::Fault;
use model::job::{Job, JobKind};
use policy::gate::Gate;
use store::db::Store;
use store::directory::{attribute_precedence, user_sources, users};
use store::tx::{Rx, Tx};

use crate::attribute_values;
use crate::contributions::Contributions;
use crate::gate::enter;
use crate::source_id::SourceId;
use crate::user_sources::{Failure, Judged, Outcome, Settled, outcome, require_relaxed};

/// People in a transaction, and in a plan.
const AT_ONCE: usize = 100;

/// A source in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranked {
    /// The administrators here.
    Here,
    /// A tenant or provider.
    Source(SourceId),
}

/// An order of sources.
pub type Order = Vec<Ranked>;

/// Which source wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precedence {
    /// Of all attributes.
    pub order: Order,
    /// Of some, by their path.
    pub exceptions: Vec<(String, Order)>,
    /// What becomes of the others' values.
    pub outranked: Outranked,
}

/// What another order comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Of the first people.
    pub outcome: Outcome,
    /// Whether there are more of whom several sources speak.
    pub are_more: bool,
}

/// GetAttributePrecedence.
pub fn get(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<Precedence, Fault> {
    let gate = Gate::own("portico:GetAttributePrecedence", Vec::new());
    store.read(|rx| {
        let store_id = enter(gate, rx, cx, at)?.identity_store_id;
        let kept = attribute_precedence::find(rx, &store_id)?;
        let mut order = |sources: Vec<String>| {
            let sources = sources.into_iter().map(|source| named(rx, &store_id, &source));
            // Who is gone was taken out of every order; who went while this server was strict is passed over.
            Ok::<_, Fault>(sources.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        };
        let all = order(kept.order)?;
        let exceptions = kept.exceptions.into_iter().map(|one| Ok((one.attribute, order(one.order)?)));
        let exceptions = exceptions.collect::<Result<_, Fault>>()?;
        Ok(Precedence { order: all, exceptions, outranked: kept.outranked })
    })
}

fn named(rx: &mut Rx<'_>, store_id: &IdentityStoreId, source: &str) -> Result<Option<Ranked>, Fault> {
    if source == HERE {
        return Ok(Some(Ranked::Here));
    }
    Ok(SourceId::of_source_in(rx, store_id, source)?.map(Ranked::Source))
}

/// PutAttributePrecedence, of what was decided in place of what was before. `dry_run` tells what would come of it, and changes nothing.
pub async fn put(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    (precedence, dry_run): (Precedence, bool),
) -> Result<Plan, Fault> {
    let gate = Gate::own("portico:PutAttributePrecedence", Vec::new());
    let store_id = store.glance(|rx| enter(gate, rx, cx, at))?.identity_store_id;
    require_relaxed(cx)?;
    if dry_run {
        return store.read(|rx| {
            let new = kept_in(rx, cx, &store_id, &precedence)?;
            planned_in(rx, cx, &store_id, &new)
        });
    }
    store
        .write(cx, move |tx, cx| {
            let new = kept_in(tx, cx, &store_id, &precedence)?;
            let plan = planned_in(tx, cx, &store_id, &new)?;
            attribute_precedence::put(tx, &store_id, &new)?;
            ask_in(tx, cx, (&store_id, ""))?;
            Ok(plan)
        })
        .await
}

/// What is kept of what was decided, if it may be so.
fn kept_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    given: &Precedence,
) -> Result<AttributePrecedence, Fault> {
    let most = |what: &str, count: usize, most: usize| {
        if count <= most {
            return Ok(());
        }
        Err(Fault::validation(format!("{what} has at most {most} items; it has {count}")))
    };
    most("Attributes", given.exceptions.len(), EXCEPTIONS_MAX)?;
    let mut order = |what: &str, sources: &Order| {
        most(what, sources.len(), SOURCES_MAX)?;
        let mut kept: Vec<String> = Vec::with_capacity(sources.len());
        for source in sources {
            let source = match source {
                Ranked::Source(source) => source.source_in(rx, cx, store_id)?,
                Ranked::Here => HERE.to_owned(),
            };
            if kept.contains(&source) {
                return Err(Fault::validation(format!("{what} names a source twice")));
            }
            kept.push(source);
        }
        Ok(kept)
    };
    let mut kept =
        AttributePrecedence { order: order("Order", &given.order)?, ..AttributePrecedence::default() };
    for (path, sources) in &given.exceptions {
        let attribute = attribute_values::ordered(path)?;
        if kept.exceptions.iter().any(|one| one.attribute == attribute) {
            return Err(Fault::validation(format!("Attributes names {attribute} twice")));
        }
        if sources.is_empty() {
            return Err(Fault::validation(format!(
                "Attributes says no Order of {attribute}: name a source, or leave it out"
            )));
        }
        let what = format!("Order of {attribute}");
        kept.exceptions.push(Exception { attribute, order: order(&what, sources)? });
    }
    kept.outranked = given.outranked;
    Ok(kept)
}

/// What an order comes to, of the first people.
fn planned_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    store_id: &IdentityStoreId,
    precedence: &AttributePrecedence,
) -> Result<Plan, Fault> {
    let mut ids = user_sources::page(rx, store_id, ("", AT_ONCE + 1))?;
    let are_more = ids.len() > AT_ONCE;
    ids.truncate(AT_ONCE);
    let settled = settled_in(rx, cx, (store_id, &ids), Some(precedence))?;
    Ok(Plan { outcome: outcome(settled, |_| Ok(()))?, are_more })
}

/// People as they are by an order, or by the one that holds.
fn settled_in(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (store_id, ids): (&IdentityStoreId, &[UserId]),
    precedence: Option<&AttributePrecedence>,
) -> Result<Vec<Judged>, Fault> {
    let mut settled = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(user) = users::find(rx, store_id, id)? else { continue };
        let Some(mut all) = Contributions::find_in(rx, cx, &user)? else { continue };
        if let Some(precedence) = precedence {
            all.precedence = precedence.clone();
        }
        settled.push((id.clone(), Settled::of_in(rx, user, all)?));
    }
    Ok(settled)
}

/// Asks for the work on everybody behind `after`.
fn ask_in(tx: &mut Tx<'_>, cx: &Cx, (store_id, after): (&IdentityStoreId, &str)) -> Result<(), Fault> {
    let id = uuid_by_time(cx.entropy(), cx.now).to_string();
    let lane = format!("attributes-{}", store_id.as_str());
    let subject = format!("{} {after}", store_id.as_str());
    store::jobs::insert(tx, &id, JobKind::AttributePrecedence, (&lane, &subject), cx.now)
}

/// Carries out one job: the next people, by the order that holds now; and asks for those behind them. Who cannot be so, because somebody else has that name,
/// stays as they are, and the record names them.
pub async fn run_one(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let cx = cx.with_event(EventHead::of_service("sso-directory.amazonaws.com", "UpdateUser"));
    let job = job.clone();
    store
        .write(&cx, move |tx, cx| {
            let (store_id, after) = job.subject.split_once(' ').unwrap_or((&job.subject, ""));
            let store_id = IdentityStoreId::trusted(store_id);
            let ids = user_sources::page(tx, &store_id, (after, AT_ONCE))?;
            let mut failures = Vec::new();
            for id in &ids {
                // One after another: a name that one of them gives up is free for the next.
                let settled = settled_in(tx, cx, (&store_id, std::slice::from_ref(id)), None)?;
                let done = outcome(settled, |settled| settled.write_in(tx, cx))?;
                failures.extend(
                    done.failures
                        .into_iter()
                        .map(|Failure { user_id, reason }| format!("{user_id}: {reason}")),
                );
            }
            if !failures.is_empty() {
                cx.event().detail("failures", failures);
            }
            if let (AT_ONCE, Some(last)) = (ids.len(), ids.last()) {
                ask_in(tx, cx, (&store_id, last.as_str()))?;
            }
            store::jobs::delete(tx, &job.id)
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "job", result = "done");
    Ok(())
}
