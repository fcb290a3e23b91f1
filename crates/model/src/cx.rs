//! The context of one call: who, when, from where, with which randomness, and the event that it becomes. Cheap to clone; every
//! domain function takes it, so that nothing below the edge reads an ambient clock, generator or configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::accounts::account::AccountId;
use crate::accounts::organization::Organization;
use crate::caller::Caller;
use crate::entropy::Entropy;
use crate::event::{Call, Event, EventHead, Outcome};
use crate::limits::Mode;
use crate::record::AuditRecord;
use crate::timestamp::Timestamp;

/// The context of one call.
#[derive(Debug, Clone)]
pub struct Cx {
    /// Who calls.
    pub caller: Caller,
    /// When the call arrived: one moment for everything that it does.
    pub now: Timestamp,
    /// The request's id: in the answer, the record and the log.
    pub request_id: Arc<str>,
    /// The caller's address; empty for the server itself.
    pub source_ip: Arc<str>,
    /// The caller's `User-Agent`.
    pub user_agent: Arc<str>,
    /// The page that the caller says it comes from; mostly empty.
    pub referer: Arc<str>,
    /// Whether the caller's side of the connection is known to be TLS; `None` for the server itself.
    pub secure_transport: Option<bool>,
    /// The server's Region.
    pub region: Arc<str>,
    /// The management account: where records go.
    pub owner: AccountId,
    /// The organization that all accounts belong to; `None` before there is one.
    pub organization: Option<Arc<Organization>>,
    /// Strict or relaxed.
    pub mode: Mode,
    primary: Option<Arc<Primary>>,
    entropy: Arc<dyn Entropy>,
    event: Arc<Event>,
}

/// The primary Region, as one that follows knows it.
#[derive(Debug)]
pub struct Primary {
    region: Arc<str>,
    heard_at: AtomicI64,
}

impl Primary {
    /// One that nothing was heard of yet.
    pub fn new(region: &str) -> Self {
        Self { region: region.into(), heard_at: AtomicI64::new(0) }
    }

    /// Whatever the primary did until then is known here.
    pub fn hear(&self, until: Timestamp) {
        self.heard_at.store(until.micros(), Ordering::Relaxed);
    }
}

/// What does not change between the calls of one server.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The Region.
    pub region: Arc<str>,
    /// The management account.
    pub owner: AccountId,
    /// The organization; `None` before there is one.
    pub organization: Option<Arc<Organization>>,
    /// Strict or relaxed.
    pub mode: Mode,
    /// The primary Region, where this one follows it.
    pub primary: Option<Arc<Primary>>,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
}

impl Cx {
    /// A context for a call of `caller` at `now`; address and agent are empty until set.
    pub fn new(surroundings: &Surroundings, caller: Caller, now: Timestamp, event: EventHead) -> Self {
        let request_id = crate::entropy::uuid(surroundings.entropy.as_ref()).to_string();
        Self {
            caller,
            now,
            request_id: request_id.into(),
            source_ip: Arc::from(""),
            user_agent: Arc::from(""),
            referer: Arc::from(""),
            secure_transport: None,
            region: surroundings.region.clone(),
            owner: surroundings.owner.clone(),
            organization: surroundings.organization.clone(),
            mode: surroundings.mode,
            primary: surroundings.primary.clone(),
            entropy: surroundings.entropy.clone(),
            event: Arc::new(Event::new(event)),
        }
    }

    /// The Region that the instance is of: rows name it, whichever Region reads them.
    pub fn home_region(&self) -> &str {
        self.primary.as_ref().map_or(&self.region, |primary| &primary.region)
    }

    /// Until when it is known here what was revoked: now, but in a Region that follows what it heard last. What is issued is as old as that, so that a
    /// revocation that comes later than the credentials voids them all the same.
    pub fn as_of(&self) -> Timestamp {
        let heard = |primary: &Arc<Primary>| Timestamp::from_micros(primary.heard_at.load(Ordering::Relaxed));
        self.primary.as_ref().map_or(self.now, |primary| self.now.min(heard(primary)))
    }

    /// The source of randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// The event that this call becomes.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The event's record, now that its outcome is known.
    pub fn record(&self, outcome: Outcome<'_>) -> AuditRecord {
        let call = Call {
            caller: &self.caller,
            now: self.now,
            request_id: &self.request_id,
            source_ip: &self.source_ip,
            user_agent: &self.user_agent,
            region: &self.region,
            owner: &self.owner,
            entropy: self.entropy(),
        };
        self.event.record(&call, outcome)
    }

    /// The same call seen as another event: one HTTP request may be several sign-in steps, each with its own record.
    #[must_use]
    pub fn with_event(&self, head: EventHead) -> Self {
        Self { event: Arc::new(Event::new(head)), ..self.clone() }
    }

    /// What the service itself does for this call, in its transaction: an event of its own, from no address, and a moment after the call's in
    /// the trail.
    #[must_use]
    pub fn of_service(&self, head: EventHead) -> Self {
        Self {
            caller: Caller::service(self.owner.clone()),
            now: self.now.plus(Duration::from_micros(1)),
            request_id: crate::entropy::uuid(self.entropy()).to_string().into(),
            source_ip: Arc::default(),
            user_agent: Arc::default(),
            referer: Arc::default(),
            secure_transport: None,
            ..self.with_event(head)
        }
    }

    /// The same call with its caller known.
    #[must_use]
    pub fn with_caller(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }
}
