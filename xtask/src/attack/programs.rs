//! Programs of tests as proofs: each prints `ok   NAME` or `FAIL NAME` for every test that it runs. Knows nothing of attacks.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::attack::register::Proof;
use crate::rig::show;

/// How a proof ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran, and the attack came to nothing.
    Held,
    /// It is there; `scripts/test` runs it in another of its steps.
    There,
    /// It ran, and the attack did something.
    Failed,
    /// There is no such test, or it did not run.
    Absent,
}

/// How each proof ended, and what programs said of those that failed: it is shown again at the end, where a log that was cut still has it.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) outcomes: BTreeMap<Proof, Outcome>,
    pub(crate) complaints: Vec<String>,
}

impl Ran {
    pub(crate) fn extend(&mut self, other: Self) {
        self.outcomes.extend(other.outcomes);
        self.complaints.extend(other.complaints);
    }
}

/// Runs a program of tests, shows what it says as it says it, and how each test of `suite` ended.
pub(crate) fn perform(command: &mut Command, suite: Option<&str>) -> anyhow::Result<Ran> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("{name} could not be started"))?;
    let out = child.stdout.take().context("a program without output")?;
    let mut ran = Ran::default();
    let mut of_a_failure = false;
    for line in BufReader::new(out).lines() {
        let line = line?;
        show(&format!("  {line}"));
        let result = outcome(&line, suite);
        // What is said of a test follows its line.
        of_a_failure = match &result {
            Some((_, outcome)) => *outcome == Outcome::Failed,
            None => of_a_failure,
        };
        ran.outcomes.extend(result);
        ran.complaints.extend(of_a_failure.then_some(line));
    }
    let status = child.wait()?;
    let failed = ran.outcomes.values().any(|outcome| *outcome == Outcome::Failed);
    if !status.success() && !failed {
        bail!("{name} ended with {status}, and no test of it is to blame");
    }
    Ok(ran)
}

/// What a line says: `ok   NAME` where the suite is known, `ok   SUITE: NAME` otherwise.
fn outcome(line: &str, suite: Option<&str>) -> Option<(Proof, Outcome)> {
    let (outcome, rest) = match line.split_at_checked(5)? {
        ("ok   ", rest) => (Outcome::Held, rest),
        ("FAIL ", rest) => (Outcome::Failed, rest),
        _ => return None,
    };
    let (suite, test) = match suite {
        Some(suite) => (suite, rest),
        None => rest.split_once(": ")?,
    };
    Some((Proof { suite: suite.to_owned(), test: test.to_owned() }, outcome))
}

#[cfg(test)]
mod tests {
    use super::{Outcome, outcome};

    #[test]
    fn lines_of_results_are_told_from_others() {
        let (proof, held) = outcome("ok   sigv4.py: replays", None).expect("a result");
        assert_eq!((&*proof.suite, &*proof.test, held), ("sigv4.py", "replays", Outcome::Held));
        let (proof, failed) = outcome("FAIL a: b", Some("run.mjs")).expect("a result");
        assert_eq!((&*proof.suite, &*proof.test, failed), ("run.mjs", "a: b", Outcome::Failed));
        assert_eq!(outcome("     median 3 ms", None), None);
    }
}
