//! The audit trail, read through LookupEvents and held against the ledger: everything acknowledged is there once under its request id,
//! nothing refused is there, and what is in doubt is there wholly or not at all. Knows events by name; not what they mean.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use crate::actor::{Actor, text};
use crate::http::wall;
use crate::ledger::{Entry, Outcome, number};

/// What became of a request, once the trail has been asked.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It was done; what its record says was answered.
    There(Value),
    /// It was not.
    Absent,
}

/// The records of what the driver asked, gathered as the trail grows.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    seen: HashSet<String>,
    /// By the number of the request: name, request id, what was answered.
    by_number: HashMap<usize, Vec<(String, String, Value)>>,
    /// By the id of an asynchronous request: name, request id and details.
    by_request: HashMap<String, Vec<Value>>,
    /// The request ids of what roles went through: name of the event.
    roles: HashMap<String, Vec<String>>,
}

/// Seconds since the epoch, as JSON 1.1 writes a time.
fn epoch(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

impl Trail {
    /// Reads what was added since `from`; `None` reads it all.
    pub(crate) async fn read(&mut self, reader: &Actor, from: Option<SystemTime>) -> anyhow::Result<usize> {
        let since = from.map(epoch);
        let until = epoch(wall() + Duration::from_secs(7_200));
        let page = |token: Option<&str>| {
            let mut input = json!({"EndTime": until, "MaxResults": 50});
            if let Some(since) = since {
                input["StartTime"] = json!(since);
            }
            if let Some(token) = token {
                input["NextToken"] = json!(token);
            }
            reader.place.trail("LookupEvents", &input)
        };
        let events = reader.list("Events", page).await?;
        let times: Vec<f64> = events.iter().filter_map(|event| event.get("EventTime")?.as_f64()).collect();
        ensure!(times.is_sorted_by(|later, earlier| later >= earlier), "the trail is out of order");
        let mut ids = HashSet::new();
        for event in &events {
            let id = text(event, "/EventId");
            ensure!(ids.insert(id.clone()), "record {id} is listed twice");
            if self.seen.insert(id) {
                self.note(&serde_json::from_str(&text(event, "/CloudTrailEvent"))?);
            }
        }
        Ok(events.len())
    }

    fn note(&mut self, record: &Value) {
        if record.get("errorCode").is_some() {
            return;
        }
        let (name, id) = (text(record, "/eventName"), text(record, "/requestID"));
        if let Some(number) = number(&text(record, "/userAgent")) {
            let answered = record.get("responseElements").cloned().unwrap_or_default();
            self.by_number.entry(number).or_default().push((name, id, answered));
        } else if name == "ProvisionRole" {
            let request = text(record, "/serviceEventDetails/requestId");
            self.by_request.entry(request).or_default().push(record.clone());
        } else if matches!(name.as_str(), "CreateRole" | "UpdateRole" | "DeleteRole") {
            self.roles.entry(id).or_default().push(name);
        }
    }

    /// Holds one line of the ledger against the trail.
    pub(crate) fn judge(&self, number: usize, entry: &Entry) -> anyhow::Result<Fate> {
        let records = self.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
        let mut names: Vec<&str> = records.iter().map(|(name, _, _)| name.as_str()).collect();
        names.sort_unstable();
        let mut wanted = entry.records.to_vec();
        wanted.sort_unstable();
        let there = names == wanted;
        // A sign-in begins with a challenge, which is recorded (and counted as a guess) before anything is decided.
        let absent = names.is_empty() || wanted.len() > 1 && names == ["CredentialChallenge"];
        let what = format!("request {number} ({})", entry.what);
        let answered = || {
            let found = records.iter().rev().find(|(_, _, answered)| !answered.is_null());
            Fate::There(found.map(|(_, _, answered)| answered.clone()).unwrap_or_default())
        };
        match &entry.outcome {
            Outcome::Acknowledged(id) => {
                ensure!(there, "{what} was acknowledged; the trail shows {names:?} of {wanted:?}");
                let other = records.iter().find(|(_, recorded, _)| !id.is_empty() && recorded != id);
                ensure!(other.is_none(), "{what} was answered as {id} and recorded as {other:?}");
                Ok(answered())
            }
            Outcome::Refused(why) => {
                ensure!(absent, "{what} was refused ({why}); the trail shows {names:?}");
                Ok(Fate::Absent)
            }
            Outcome::Unsent => {
                ensure!(names.is_empty(), "{what} was never sent; the trail shows {names:?}");
                Ok(Fate::Absent)
            }
            Outcome::InDoubt(_) | Outcome::Asked if there && !wanted.is_empty() => Ok(answered()),
            Outcome::InDoubt(_) | Outcome::Asked => {
                ensure!(absent, "{what} is half there: the trail shows {names:?} of {wanted:?}");
                Ok(Fate::Absent)
            }
        }
    }

    /// The one record of the work that an asynchronous request led to, and what roles went through in it.
    pub(crate) fn work(&self, request: &str) -> anyhow::Result<(&Value, &[String])> {
        match self.by_request.get(request).map(Vec::as_slice) {
            Some([one]) => {
                let roles = self.roles.get(&text(one, "/requestID"));
                Ok((one, roles.map(Vec::as_slice).unwrap_or_default()))
            }
            Some(many) => bail!("request {request} was carried out {} times", many.len()),
            None => bail!("request {request} has ended and no record says so"),
        }
    }

    /// Whether this trail, read anew and whole, holds what another one gathered piece by piece: no record lost, none added to what was
    /// settled.
    pub(crate) fn holds_all_of(&self, other: &Self) -> anyhow::Result<()> {
        let lost = other.seen.difference(&self.seen).count();
        ensure!(lost == 0, "{lost} records that were there are gone");
        for (number, records) in &self.by_number {
            let known = other.by_number.get(number).map_or(0, Vec::len);
            ensure!(records.len() == known, "request {number} had {known} records and has {}", records.len());
        }
        for (request, records) in &self.by_request {
            ensure!(records.len() == 1, "request {request} was carried out {} times", records.len());
        }
        Ok(())
    }

    /// How many records of the driver's requests there are, by name.
    pub(crate) fn totals(&self) -> BTreeMap<String, usize> {
        let mut totals = BTreeMap::new();
        for (name, _, _) in self.by_number.values().flatten() {
            *totals.entry(name.clone()).or_insert(0) += 1;
        }
        totals
    }
}

/// What became of the requests whose answers never came.
#[derive(Debug, Default)]
pub(crate) struct Fates(HashMap<usize, Fate>);

impl Fates {
    /// Holds every line that is new in the ledger against the trail.
    pub(crate) fn settle(reader: &Actor, trail: &Trail) -> anyhow::Result<Self> {
        let mut fates = HashMap::new();
        for (number, entry) in reader.place.ledger.take_unsettled() {
            fates.insert(number, trail.judge(number, &entry)?);
        }
        Ok(Self(fates))
    }

    /// The fate of request `number`.
    pub(crate) fn of(&self, number: usize) -> anyhow::Result<&Fate> {
        self.0.get(&number).with_context(|| format!("request {number} was not settled"))
    }
}
