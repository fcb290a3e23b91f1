//! Somebody who asks: connections of their own, an address of their own, the root key, and the ledger where everything that they ask for
//! is written down. Knows the services' names; not what their operations do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use http::StatusCode;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::http::{Answer, Ask, Http, Keys, Sent};
use crate::ledger::{Ledger, Outcome, agent};
use crate::pace::Pace;
use crate::server::Server;

/// The user agent of whoever only looks: the trail shows them and the checker passes over them.
const LOOKER: &str = "portico-kill-look";
/// What a server says that lost its database while it committed.
pub(crate) const NOT_KNOWN: &str = "is not known";

/// The instance that everybody works on.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) root: Keys,
    pub(crate) instance: String,
    pub(crate) identity_store: String,
    pub(crate) management: String,
    pub(crate) start_url: String,
    pub(crate) ledger: Ledger,
    pub(crate) pace: Pace,
}

impl Place {
    /// Of a server's new instance.
    pub(crate) fn new(server: &Server, ledger: Ledger) -> Arc<Self> {
        Arc::new(Self {
            host: server.host.clone(),
            root: Keys {
                id: server.made("accessKeyId"),
                secret: server.made("secretAccessKey"),
                token: None,
            },
            instance: server.made("instanceArn"),
            identity_store: server.made("identityStoreId"),
            management: server.made("managementAccountId"),
            start_url: server.made("startUrl"),
            ledger,
            pace: Pace::default(),
        })
    }

    /// A request of identitystore, signed with the root key.
    pub(crate) fn directory(&self, operation: &str, input: Value) -> Ask {
        let input = with(input, "IdentityStoreId", &self.identity_store);
        Ask::json(&self.root, ("AWSIdentityStore", "identitystore"), operation, &input)
    }

    /// A request of sso-admin, signed with the root key.
    pub(crate) fn admin(&self, operation: &str, input: Value) -> Ask {
        let input = with(input, "InstanceArn", &self.instance);
        Ask::json(&self.root, ("SWBExternalService", "sso"), operation, &input)
    }

    /// A request of organizations, signed with the root key.
    pub(crate) fn organizations(&self, operation: &str, input: &Value) -> Ask {
        Ask::json(&self.root, ("AWSOrganizationsV20161128", "organizations"), operation, input)
    }

    /// A request of cloudtrail, signed with the root key.
    pub(crate) fn trail(&self, operation: &str, input: &Value) -> Ask {
        let prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
        Ask::json(&self.root, (prefix, "cloudtrail"), operation, input)
    }
}

fn with(mut input: Value, key: &str, value: &str) -> Value {
    if let Some(members) = input.as_object_mut() {
        members.insert(key.to_owned(), json!(value));
    }
    input
}

/// What became of something asked for.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It was done.
    Done(Answer),
    /// It was refused.
    Refused(Answer),
    /// Nobody knows yet: the number in the ledger.
    Open(usize),
}

/// Somebody who asks.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) place: Arc<Place>,
    pub(crate) http: Http,
    pub(crate) random: StdRng,
    /// Their address, as a proxy would pass it on.
    pub(crate) address: String,
}

impl Actor {
    /// Somebody at `address`.
    pub(crate) fn new(place: &Arc<Place>, random: StdRng, address: String) -> Self {
        Self { place: place.clone(), http: Http::new(&place.host), random, address }
    }

    /// A server in trouble says that it is not available. With any other status of its own it says that it has a fault.
    async fn send(&self, ask: &Ask) -> anyhow::Result<Sent> {
        self.place.pace.turn().await;
        let begun = Instant::now();
        let sent = self.http.send(ask).await?;
        if let Sent::Answered(answer) = &sent {
            self.place.pace.note(begun.elapsed(), answer.status == StatusCode::SERVICE_UNAVAILABLE);
            let faulty = answer.status.is_server_error() && answer.status != StatusCode::SERVICE_UNAVAILABLE;
            ensure!(!faulty, "{} {}: {}", ask.path, ask.body, answer.shown());
        }
        Ok(sent)
    }

    /// Asks for a change that leaves `records`, and writes down what was heard.
    pub(crate) async fn change(
        &self,
        what: &'static str,
        records: &'static [&'static str],
        ask: Ask,
    ) -> anyhow::Result<Reply> {
        let ledger = &self.place.ledger;
        let number = ledger.ask(what, records, &ask.body);
        let ask = ask.with("user-agent", &agent(number)).with("x-forwarded-for", &self.address);
        let (outcome, reply) = match self.send(&ask).await? {
            Sent::Answered(answer)
                if answer.status.is_success() || answer.status == StatusCode::SEE_OTHER =>
            {
                let id = answer.header("x-amzn-requestid").to_owned();
                (Outcome::Acknowledged(id), Reply::Done(answer))
            }
            Sent::Answered(answer)
                if answer.status.is_server_error() && answer.text().contains(NOT_KNOWN) =>
            {
                (Outcome::InDoubt(answer.shown()), Reply::Open(number))
            }
            Sent::Answered(answer) => (Outcome::Refused(answer.shown()), Reply::Refused(answer)),
            Sent::Unanswered(why) => (Outcome::InDoubt(why), Reply::Open(number)),
            Sent::Never(_) => (Outcome::Unsent, Reply::Open(number)),
        };
        ledger.hear(number, outcome);
        if matches!(&reply, Reply::Refused(answer) if answer.status.is_server_error()) {
            // Nobody hammers at a server that says that it has trouble.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(reply)
    }

    /// Looks at something while all is well: the answer, whatever it is.
    pub(crate) async fn look(&self, ask: Ask) -> anyhow::Result<Answer> {
        let path = ask.path.clone();
        let ask = ask.with("user-agent", LOOKER).with("x-forwarded-for", &self.address);
        match self.send(&ask).await? {
            Sent::Answered(answer) => Ok(answer),
            Sent::Never(why) | Sent::Unanswered(why) => bail!("{path} was not answered: {why}"),
        }
    }

    /// Looks at something that must be there.
    pub(crate) async fn see(&self, ask: Ask) -> anyhow::Result<Value> {
        let shown = format!("{:?} {}", ask.headers.last(), ask.body);
        let answer = self.look(ask).await?;
        ensure!(answer.status.is_success(), "{shown}: {}", answer.shown());
        Ok(answer.json())
    }

    /// Every item of a list.
    pub(crate) async fn list(
        &self,
        member: &str,
        page: impl Fn(Option<&str>) -> Ask,
    ) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        self.each_page(member, page, |items| {
            all.extend_from_slice(items);
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Shows a list page by page: for those too long to be kept.
    pub(crate) async fn each_page(
        &self,
        member: &str,
        page: impl Fn(Option<&str>) -> Ask,
        mut show: impl FnMut(&[Value]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut token = None::<String>;
        loop {
            let answer = self.see(page(token.as_deref())).await?;
            show(answer.get(member).and_then(Value::as_array).context("a list without its items")?)?;
            token = answer.get("NextToken").and_then(Value::as_str).map(str::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }
}

/// The answer to a change that nothing should have stood in the way of. `None` when it was refused because the server was not available:
/// then nothing may have changed, which the trail will show.
pub(crate) fn done(what: &str, answer: Answer) -> anyhow::Result<Option<Answer>> {
    if answer.status.is_success() || answer.status == StatusCode::SEE_OTHER {
        return Ok(Some(answer));
    }
    if answer.status == StatusCode::SERVICE_UNAVAILABLE || answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Ok(None);
    }
    bail!("{what} was refused: {}", answer.shown())
}

/// A text inside a document, by its JSON pointer; empty when it is not there.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
