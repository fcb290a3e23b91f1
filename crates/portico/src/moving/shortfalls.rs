//! What a file lacks of what it was read from, and what is only worth knowing; each said once with how often it came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::moving::remote::Refused;

/// Gathered while reading; clones gather into the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shortfalls(Arc<Mutex<Gathered>>);

#[derive(Debug, Default)]
struct Gathered {
    lacking: BTreeMap<String, (u64, String)>,
    notes: Vec<String>,
}

impl Shortfalls {
    /// The file lacks this.
    pub(crate) fn lack(&self, what: impl Into<String>) {
        self.add(what.into(), String::new());
    }

    /// Worth knowing, though nothing that the file could hold is missing.
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).notes.push(what.into());
    }

    /// What was asked for, if it was given. What the other side will not give, whoever waits, is `what` that the file lacks.
    pub(crate) fn unless_refused<T>(
        &self,
        what: &str,
        answer: Result<T, Refused>,
    ) -> anyhow::Result<Option<T>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(refused) if refused.is_final() => {
                let code = refused.code.as_deref().unwrap_or_default();
                self.add(format!("{what} ({}: {code})", refused.action), refused.to_string());
                Ok(None)
            }
            Err(refused) => Err(refused.into()),
        }
    }

    fn add(&self, what: String, example: String) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.lacking.entry(what).or_insert((0, example)).0 += 1;
    }

    /// What the file lacks.
    pub(crate) fn lacking(&self) -> Vec<String> {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = |count: u64| if count > 1 { format!(", {count} times") } else { String::new() };
        gathered.lacking.iter().map(|(what, (count, _))| format!("{what}{}", times(*count))).collect()
    }

    /// The first refusal of each kind in the other side's own words.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = gathered.lacking.values().map(|(_, example)| example.clone());
        said.filter(|example| !example.is_empty()).collect()
    }

    /// What is worth knowing.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).notes.clone()
    }
}
