//! What may come in any number: refusals, and looks at pages. The first of a kind from a source has a record of its own; what follows is
//! counted, and a minute's count becomes one record. Who is known has twenty of a kind in a minute before they are counted. Strangers may make the
//! trail grow by so much an hour; beyond that they are counted together, by event and error only. Everything here is bounded; knows nothing of
//! how records are written.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::caller::{Caller, Identity};
use model::client_address::network;
use model::cx::{Cx, Surroundings};
use model::event::{EventHead, Outcome};
use model::record::AuditRecord;
use model::timestamp::Timestamp;
use serde_json::{Value, json};

/// Bytes by which strangers may make the trail grow in a day unless a setting says otherwise.
pub const STRANGERS_BYTES_A_DAY: u64 = 64 * 1_024 * 1_024;

/// How long repeats are counted before the count is recorded.
const WINDOW: Duration = Duration::from_mins(1);
/// The same for what is counted by event and error only.
const REST_WINDOW: Duration = Duration::from_mins(10);
/// Records of one kind that a known caller has of their own in a window.
const KNOWN_WHOLE_MAX: u32 = 20;
/// Kinds counted at once: for all strangers, for one source among them, for known callers, and by event and error.
const STRANGERS_MAX: usize = 4_096;
const SOURCE_MAX: usize = 64;
const KNOWN_MAX: usize = 4_096;
const REST_MAX: usize = 64;
/// What a record takes beside its text, about.
const ROW: u64 = 512;
/// Stands for everything that found no place of its own.
const VARIOUS: &str = "Various";

/// Counts.
#[derive(Debug)]
pub(crate) struct Tally {
    surroundings: Surroundings,
    state: Mutex<State>,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    /// Who, and from where.
    source: String,
    /// The event and its error.
    what: String,
}

#[derive(Debug)]
struct State {
    strangers: HashMap<Kind, Count>,
    /// How many kinds each source of strangers has.
    by_source: HashMap<String, usize>,
    known: HashMap<Kind, Count>,
    rest: HashMap<String, Count>,
    allowance: Allowance,
    /// How many were counted instead of recorded one by one.
    counted: u64,
}

/// How much strangers have made the trail grow in this hour.
#[derive(Debug)]
struct Allowance {
    hour: i64,
    spent: u64,
    max: u64,
}

impl Allowance {
    fn is_left(&mut self, now: Timestamp) -> bool {
        let hour = now.seconds().div_euclid(3_600);
        if hour != self.hour {
            (self.hour, self.spent) = (hour, 0);
        }
        self.spent < self.max
    }

    fn spend(&mut self, record: &AuditRecord) {
        self.spent = self.spent.saturating_add(record.json.len() as u64).saturating_add(ROW);
    }
}

/// A kind's repeats in its window, and what their record says beside the number.
#[derive(Debug)]
struct Count {
    opened: Timestamp,
    first: Timestamp,
    last: Timestamp,
    repeats: u64,
    /// Records of their own in this window.
    whole: u32,
    caller: Caller,
    source_ip: Arc<str>,
    user_agent: Arc<str>,
    user_name: Option<String>,
    head: EventHead,
    error: Option<(String, String)>,
}

impl Count {
    fn new(cx: &Cx, outcome: Outcome<'_>) -> Self {
        let head = cx.event().head();
        Self {
            opened: cx.now,
            first: cx.now,
            last: cx.now,
            repeats: 0,
            whole: 0,
            caller: cx.caller.powerless(),
            source_ip: cx.source_ip.clone(),
            user_agent: cx.user_agent.clone(),
            user_name: cx.event().user_name(),
            head: EventHead { request_parameters: Value::Null.into(), ..head.clone() },
            error: match outcome {
                Outcome::Success => None,
                Outcome::Failure { code, message } => {
                    Some((code.to_owned(), model::brief::text(message, 256).to_owned()))
                }
            },
        }
    }

    fn add(&mut self, now: Timestamp, repeats: u64) {
        if self.repeats == 0 {
            self.first = now;
        }
        self.last = now;
        self.repeats = self.repeats.saturating_add(repeats);
    }

    /// Whether the window is over; a clock that was set back ends it.
    fn is_over(&self, now: Timestamp, window: Duration) -> bool {
        now < self.opened || now.since(self.opened) >= window
    }

    /// The count as a record, in the words of CloudTrail's aggregated events.
    fn record(&self, surroundings: &Surroundings, now: Timestamp) -> AuditRecord {
        let mut cx = Cx::new(surroundings, self.caller.clone(), now, self.head.clone());
        cx.source_ip = self.source_ip.clone();
        cx.user_agent = self.user_agent.clone();
        cx.event().add("count", self.repeats);
        let window = json!({"windowStart": self.first.rfc3339(), "windowEnd": self.last.rfc3339()});
        cx.event().add("timeWindow", window);
        if let Some(name) = &self.user_name {
            cx.event().name_user(name);
        }
        match &self.error {
            None => cx.record(Outcome::Success),
            Some((code, message)) => cx.record(Outcome::Failure { code, message }),
        }
    }
}

impl Tally {
    /// Counts for a server whose strangers may make the trail grow by so many bytes a day.
    pub(crate) fn new(surroundings: Surroundings, strangers_bytes_a_day: u64) -> Self {
        let state = State {
            strangers: HashMap::new(),
            by_source: HashMap::new(),
            known: HashMap::new(),
            rest: HashMap::new(),
            allowance: Allowance { hour: 0, spent: 0, max: strangers_bytes_a_day / 24 },
            counted: 0,
        };
        Self { surroundings, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record that this call has of its own, if it is the first of its kind; otherwise it is counted.
    pub(crate) fn take(&self, cx: &Cx, outcome: Outcome<'_>) -> Option<AuditRecord> {
        let kind = Kind::of(cx, outcome);
        let mut state = self.state();
        let whole = if is_stranger(cx) {
            state.take_stranger(&kind, cx, outcome)
        } else {
            state.take_known(&kind, cx, outcome)
        };
        if !whole {
            state.counted = state.counted.saturating_add(1);
            return None;
        }
        drop(state);
        let record = cx.record(outcome);
        if is_stranger(cx) {
            self.state().allowance.spend(&record);
        }
        Some(record)
    }

    /// Counts a call whose own record found no room.
    pub(crate) fn put_back(&self, cx: &Cx, outcome: Outcome<'_>) {
        let kind = Kind::of(cx, outcome);
        let mut state = self.state();
        state.counted = state.counted.saturating_add(1);
        let counts = if is_stranger(cx) { &mut state.strangers } else { &mut state.known };
        match counts.get_mut(&kind) {
            Some(count) => count.add(cx.now, 1),
            None => state.add_to_rest(&kind.what, &Count::new(cx, outcome), 1),
        }
    }

    /// How many were counted instead of recorded one by one.
    pub(crate) fn counted(&self) -> u64 {
        self.state().counted
    }

    /// The records of counts whose window is over, `max` at most.
    pub(crate) fn due(&self, now: Timestamp, max: usize) -> Vec<AuditRecord> {
        self.state().due(&self.surroundings, now, (max, false))
    }

    /// The records of all counts: before the server stops.
    pub(crate) fn all(&self, now: Timestamp) -> Vec<AuditRecord> {
        self.state().due(&self.surroundings, now, (usize::MAX, true))
    }
}

impl State {
    fn take_stranger(&mut self, kind: &Kind, cx: &Cx, outcome: Outcome<'_>) -> bool {
        if let Some(count) = self.strangers.get_mut(kind) {
            count.add(cx.now, 1);
            return false;
        }
        let kinds = self.by_source.get(&kind.source).copied().unwrap_or_default();
        if self.strangers.len() >= STRANGERS_MAX || kinds >= SOURCE_MAX || !self.allowance.is_left(cx.now) {
            self.add_to_rest(&kind.what, &Count::new(cx, outcome), 1);
            return false;
        }
        self.by_source.insert(kind.source.clone(), kinds.saturating_add(1));
        self.strangers.insert(kind.clone(), Count::new(cx, outcome));
        true
    }

    fn take_known(&mut self, kind: &Kind, cx: &Cx, outcome: Outcome<'_>) -> bool {
        if !self.known.contains_key(kind) && self.known.len() >= KNOWN_MAX {
            // So many callers that are known, at once: none of them is forgotten for it.
            return true;
        }
        let count = self.known.entry(kind.clone()).or_insert_with(|| Count::new(cx, outcome));
        if count.whole < KNOWN_WHOLE_MAX {
            count.whole = count.whole.saturating_add(1);
            return true;
        }
        count.add(cx.now, 1);
        false
    }

    /// Counts by event and error only: nobody and no address is named.
    fn add_to_rest(&mut self, what: &str, like: &Count, repeats: u64) {
        let known = self.rest.contains_key(what);
        let full = !known && self.rest.len() >= REST_MAX;
        let (what, name) = if full { (VARIOUS, VARIOUS.into()) } else { (what, like.head.name.clone()) };
        if let Some(count) = self.rest.get_mut(what) {
            return count.add(like.last, repeats);
        }
        let code = like.error.as_ref().map(|(code, _)| if full { VARIOUS } else { code.as_str() });
        let count = Count {
            head: EventHead { name, ..like.head.clone() },
            error: code.map(|code| (code.to_owned(), String::new())),
            opened: like.last,
            first: like.first,
            last: like.last,
            repeats,
            whole: 0,
            caller: Caller::anonymous(),
            source_ip: Arc::from(VARIOUS),
            user_agent: Arc::from(""),
            user_name: None,
        };
        self.rest.insert(what.to_owned(), count);
    }

    fn due(
        &mut self,
        surroundings: &Surroundings,
        now: Timestamp,
        (max, all): (usize, bool),
    ) -> Vec<AuditRecord> {
        let mut records = self.due_of_strangers(surroundings, now, (max, all));
        self.known.retain(|_, count| {
            let over = records.len() < max && (all || count.is_over(now, WINDOW));
            if over && count.repeats > 0 {
                records.push(count.record(surroundings, now));
            }
            !over
        });
        self.rest.retain(|_, count| {
            let over = records.len() < max && (all || count.is_over(now, REST_WINDOW));
            if over {
                records.push(count.record(surroundings, now));
            }
            !over
        });
        records
    }

    fn due_of_strangers(
        &mut self,
        surroundings: &Surroundings,
        now: Timestamp,
        (max, all): (usize, bool),
    ) -> Vec<AuditRecord> {
        let over = self.strangers.iter().filter(|(_, count)| all || count.is_over(now, WINDOW));
        let over: Vec<Kind> = over.map(|(kind, _)| kind.clone()).take(max).collect();
        let mut records = Vec::new();
        for kind in over {
            let affordable = self.allowance.is_left(now);
            match self.strangers.get_mut(&kind).filter(|count| affordable && count.repeats > 0) {
                Some(count) => {
                    let record = count.record(surroundings, now);
                    self.allowance.spend(&record);
                    records.push(record);
                    // It goes on: what comes next has no record of its own.
                    (count.opened, count.repeats) = (now, 0);
                }
                None => self.forget(&kind),
            }
        }
        records
    }

    /// Ends a stranger's kind; what was counted and is beyond the allowance is counted with the rest.
    fn forget(&mut self, kind: &Kind) {
        if let Some(kinds) = self.by_source.get_mut(&kind.source) {
            *kinds = kinds.saturating_sub(1);
            if *kinds == 0 {
                self.by_source.remove(&kind.source);
            }
        }
        if let Some(count) = self.strangers.remove(kind)
            && count.repeats > 0
        {
            self.add_to_rest(&kind.what, &count, count.repeats);
        }
    }
}

impl Kind {
    fn of(cx: &Cx, outcome: Outcome<'_>) -> Self {
        let address = cx.source_ip.parse::<IpAddr>();
        let address =
            address.map_or_else(|_| cx.source_ip.to_string(), |address| network(address).to_string());
        let head = cx.event().head();
        let code = match outcome {
            Outcome::Success => "",
            Outcome::Failure { code, .. } => code,
        };
        Self {
            source: format!("{} {address}", cx.caller.arn()),
            what: format!("{} {} {code}", head.source, head.name),
        }
    }
}

fn is_stranger(cx: &Cx) -> bool {
    matches!(cx.caller.identity(), Identity::Anonymous)
}
