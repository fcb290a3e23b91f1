//! Tells people how far a long reading is. How much there is nobody says beforehand: AWS's lists have no count.

use std::time::{Duration, Instant};

/// How often it is said.
const EVERY: Duration = Duration::from_secs(5);

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    said: Instant,
    what: &'static str,
    count: usize,
    of: Option<usize>,
}

impl Progress {
    /// Of these things; of so many, where that is known.
    pub(crate) fn new(what: &'static str, of: Option<usize>) -> Self {
        Self { said: Instant::now(), what, count: 0, of }
    }

    /// So many more.
    pub(crate) fn count(&mut self, more: usize) {
        self.count += more;
        if self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            self.say();
        }
    }

    #[expect(clippy::print_stderr, reason = "for the person who waits; the answer goes to standard output")]
    fn say(&self) {
        match self.of {
            Some(of) => eprintln!("{} of {of} {}", self.count, self.what),
            None => eprintln!("{} {} so far", self.count, self.what),
        }
    }
}

impl Drop for Progress {
    #[expect(clippy::print_stderr, reason = "for the person who waits; the answer goes to standard output")]
    fn drop(&mut self) {
        if self.count > 0 {
            eprintln!("{} {}", self.count, self.what);
        }
    }
}
