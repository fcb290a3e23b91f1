//! The audit trail, read through LookupEvents and held against the ledger: everything acknowledged is there once under its request id,
//! nothing refused is there, and what is in doubt is there wholly or not at all. Knows events by name; not what they mean.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

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
    seen: HashSet<Uuid>,
    /// By the number of the request: name, request id, and until it is judged what was answered.
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

/// What a record is about.
enum Of {
    /// The request of the driver's with this number.
    Request(usize),
    /// The work that this asynchronous request led to.
    Work(String),
    /// A role.
    Role,
    /// Nothing that is compared: a refusal, a look.
    Other,
}

fn of(record: &Value) -> Of {
    if record.get("errorCode").is_some() {
        return Of::Other;
    }
    if let Some(number) = number(&text(record, "/userAgent")) {
        return Of::Request(number);
    }
    match text(record, "/eventName").as_str() {
        "ProvisionRole" => Of::Work(text(record, "/serviceEventDetails/requestId")),
        "CreateRole" | "UpdateRole" | "DeleteRole" => Of::Role,
        _ => Of::Other,
    }
}

/// Shows every record since `from`, the newest first, each once and in order: its id and its text. How many there were.
async fn each_record(
    reader: &Actor,
    from: Option<SystemTime>,
    mut show: impl FnMut(Uuid, &str) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
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
    let (mut ids, mut newest) = (HashSet::new(), f64::INFINITY);
    let show_page = |events: &[Value]| {
        for event in events {
            let id: Uuid = text(event, "/EventId").parse().context("a record's id is no UUID")?;
            ensure!(ids.insert(id), "record {id} is listed twice");
            let time = event.get("EventTime").and_then(Value::as_f64).context("a record has no time")?;
            ensure!(time <= newest, "the trail is out of order at record {id}");
            newest = time;
            show(id, event.get("CloudTrailEvent").and_then(Value::as_str).context("a record has no text")?)?;
        }
        Ok(())
    };
    reader.each_page("Events", page, show_page).await?;
    Ok(ids.len())
}

impl Trail {
    /// Reads what was added since `from`; how many records.
    pub(crate) async fn read(&mut self, reader: &Actor, from: SystemTime) -> anyhow::Result<usize> {
        each_record(reader, Some(from), |id, record| {
            if self.seen.insert(id) {
                self.note(&serde_json::from_str(record)?);
            }
            Ok(())
        })
        .await
    }

    /// Whether the whole, read anew, is what was gathered piece by piece: no record lost, none added to what was settled. Millions of
    /// records pass, so that they are only counted.
    pub(crate) async fn is_whole(&self, reader: &Actor) -> anyhow::Result<()> {
        let mut lost = self.seen.clone();
        let (mut by_number, mut by_request) =
            (HashMap::<usize, usize>::new(), HashMap::<String, usize>::new());
        each_record(reader, None, |id, record| {
            lost.remove(&id);
            match of(&serde_json::from_str(record)?) {
                Of::Request(number) => *by_number.entry(number).or_default() += 1,
                Of::Work(request) => *by_request.entry(request).or_default() += 1,
                Of::Role | Of::Other => {}
            }
            Ok(())
        })
        .await?;
        ensure!(lost.is_empty(), "{} records that were there are gone", lost.len());
        for (number, count) in by_number {
            let known = self.by_number.get(&number).map_or(0, Vec::len);
            ensure!(count == known, "request {number} had {known} records and has {count}");
        }
        for (request, count) in by_request {
            ensure!(count == 1, "request {request} was carried out {count} times");
        }
        Ok(())
    }

    fn note(&mut self, record: &Value) {
        let (name, id) = (text(record, "/eventName"), text(record, "/requestID"));
        match of(record) {
            Of::Request(number) => {
                let answered = record.get("responseElements").cloned().unwrap_or_default();
                self.by_number.entry(number).or_default().push((name, id, answered));
            }
            Of::Work(request) => self.by_request.entry(request).or_default().push(record.clone()),
            Of::Role => self.roles.entry(id).or_default().push(name),
            Of::Other => {}
        }
    }

    /// Holds one line of the ledger against the trail, once.
    fn judge(&mut self, number: usize, entry: &Entry) -> anyhow::Result<Fate> {
        let records = self.by_number.get_mut(&number).map(Vec::as_mut_slice).unwrap_or_default();
        let mut last = records.iter_mut().rev().map(|(_, _, answered)| answered.take());
        let answered = last.find(|answered| !answered.is_null()).unwrap_or_default();
        let mut names: Vec<&str> = records.iter().map(|(name, _, _)| name.as_str()).collect();
        names.sort_unstable();
        let mut wanted = entry.records.to_vec();
        wanted.sort_unstable();
        let there = names == wanted;
        // A sign-in begins with a challenge, which is recorded (and counted as a guess) before anything is decided.
        let absent = names.is_empty() || wanted.len() > 1 && names == ["CredentialChallenge"];
        let what = format!("request {number} ({})", entry.what);
        match &entry.outcome {
            Outcome::Acknowledged(id) => {
                ensure!(there, "{what} was acknowledged; the trail shows {names:?} of {wanted:?}");
                let other = records.iter().find(|(_, recorded, _)| !id.is_empty() && recorded != id);
                ensure!(other.is_none(), "{what} was answered as {id} and recorded as {other:?}");
                Ok(Fate::There(answered))
            }
            Outcome::Refused(why) => {
                ensure!(absent, "{what} was refused ({why}); the trail shows {names:?}");
                Ok(Fate::Absent)
            }
            Outcome::Unsent => {
                ensure!(names.is_empty(), "{what} was never sent; the trail shows {names:?}");
                Ok(Fate::Absent)
            }
            Outcome::InDoubt(_) | Outcome::Asked if there && !wanted.is_empty() => Ok(Fate::There(answered)),
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
    pub(crate) fn settle(reader: &Actor, trail: &mut Trail) -> anyhow::Result<Self> {
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
