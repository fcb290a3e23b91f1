//! What the server counts of what happens inside it, for `/metrics`, and how it says once a minute what would otherwise fill the log. Domain
//! and edge say what happened as events of [`TARGET`], which never reach the log themselves: they know neither of metrics nor of one another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::counted::TARGET;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Sources that are told apart between two lines of the log; the rest are counted together.
const SOURCES_MAX: usize = 256;
/// Sources that a line of the log names.
const SOURCES_NAMED: usize = 5;

type Labels = Vec<(&'static str, String)>;

/// The counts. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    sign_ins: Family<Labels, Counter>,
    jobs: Family<Labels, Counter>,
    mails: Family<Labels, Counter>,
    credentials: Counter,
    slowed: Counter,
    waiting: Arc<Mutex<Waiting>>,
}

/// Who was told to wait since it was last said.
#[derive(Debug, Default)]
struct Waiting {
    sources: HashMap<String, u64>,
    others: u64,
}

impl Counts {
    /// Shows the counts as metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("sign_ins", "Sign-ins with a password, by result", self.sign_ins.clone());
        registry.register(
            "jobs_ended",
            "Jobs that were done or failed, and attempts that run again, by result",
            self.jobs.clone(),
        );
        registry.register(
            "mails_ended",
            "Letters that were sent or given up, and attempts that run again, by result",
            self.mails.clone(),
        );
        registry.register("credentials_issued", "Role credentials made", self.credentials.clone());
        registry.register("calls_slowed", "Calls and sign-ins told to wait", self.slowed.clone());
    }

    /// Says who was told to wait since it was last said.
    pub(crate) fn say_who_waited(&self) {
        let Waiting { sources, others } =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let times = sources.values().sum::<u64>().saturating_add(others);
        if times == 0 {
            return;
        }
        let mut sources: Vec<_> = sources.into_iter().collect();
        sources.sort_by(|(_, one), (_, other)| other.cmp(one));
        let most: Vec<String> =
            sources.iter().take(SOURCES_NAMED).map(|(source, times)| format!("{source} ({times})")).collect();
        tracing::warn!(times, sources = sources.len(), most = most.join(", "), "callers were told to wait");
    }

    fn count(&self, seen: Seen) {
        match (seen.what.as_str(), seen.result.as_str()) {
            (what, "slowed") => {
                self.slowed.inc();
                self.note(seen.source);
                if what == "sign_in" {
                    self.sign_ins.get_or_create(&vec![("result", seen.result)]).inc();
                }
            }
            ("sign_in", _) => {
                self.sign_ins.get_or_create(&vec![("result", seen.result)]).inc();
            }
            ("job", _) => {
                self.jobs.get_or_create(&vec![("result", seen.result)]).inc();
            }
            ("mail", _) => {
                self.mails.get_or_create(&vec![("result", seen.result)]).inc();
            }
            ("credentials", _) => {
                self.credentials.inc();
            }
            _ => {}
        }
    }

    fn note(&self, source: String) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.sources.len() < SOURCES_MAX || waiting.sources.contains_key(&source) {
            let times = waiting.sources.entry(source).or_default();
            *times = times.saturating_add(1);
        } else {
            waiting.others = waiting.others.saturating_add(1);
        }
    }
}

/// What an event says.
#[derive(Default)]
struct Seen {
    what: String,
    result: String,
    source: String,
}

impl Seen {
    fn field(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "what" => Some(&mut self.what),
            "result" => Some(&mut self.result),
            "source" => Some(&mut self.source),
            _ => None,
        }
    }
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(text) = self.field(field.name()) {
            value.clone_into(text);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if let Some(text) = self.field(field.name()) {
            *text = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Counts {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == TARGET {
            let mut seen = Seen::default();
            event.record(&mut seen);
            self.count(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn what_happens_is_counted_and_many_sources_are_not_kept_apart_for_ever() {
        let counts = Counts::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(counts.clone()), || {
            for result in ["succeeded", "refused", "refused"] {
                tracing::trace!(target: TARGET, what = "sign_in", result);
            }
            tracing::trace!(target: TARGET, what = "credentials", result = "issued");
            tracing::trace!(target: "another", what = "credentials", result = "issued");
            for source in 0..300 {
                tracing::trace!(target: TARGET, what = "call", result = "slowed", source = %source);
            }
        });
        let of = |result: &str| counts.sign_ins.get_or_create(&vec![("result", result.to_owned())]).get();
        assert_eq!(
            (of("succeeded"), of("refused"), counts.credentials.get(), counts.slowed.get()),
            (1, 2, 1, 300)
        );
        let waiting = counts.waiting.lock().unwrap();
        assert_eq!((waiting.sources.len(), waiting.others), (SOURCES_MAX, 44));
        drop(waiting);
        counts.say_who_waited();
        assert!(counts.waiting.lock().unwrap().sources.is_empty());
    }
}
