//! A moment that is to come: its date, and how long it is until then. The script counts on from there.

use std::time::Duration;

use model::timestamp::Timestamp;

use super::language::Language;

/// A moment, to be shown.
pub(crate) struct Moment {
    /// For programs (HTML, `<time datetime>`).
    pub(crate) iso: String,
    /// For people.
    pub(crate) text: String,
    /// How far it is from now.
    pub(crate) left: String,
}

impl Language {
    /// A moment as seen from now.
    pub(crate) fn moment(self, at: Timestamp, now: Timestamp) -> Moment {
        Moment { iso: at.rfc3339(), text: at.minute(), left: self.left(at.since(now)) }
    }

    /// Rounded down: nobody is promised more than there is.
    fn left(self, left: Duration) -> String {
        let count = |seconds: u64| usize::try_from(left.as_secs() / seconds).unwrap_or(usize::MAX);
        let sentence = if count(86_400) > 1 {
            self.say("in-days").count("count", count(86_400))
        } else if count(3_600) > 0 {
            self.say("in-hours").count("count", count(3_600))
        } else if count(60) > 0 {
            self.say("in-minutes").count("count", count(60))
        } else {
            self.say("in-a-moment")
        };
        sentence.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_the_largest_unit_that_there_is_one_of() {
        for (seconds, english, german) in [
            (0, "in less than a minute", "in weniger als einer Minute"),
            (59, "in less than a minute", "in weniger als einer Minute"),
            (60, "in 1 minute", "in 1 Minute"),
            (3_599, "in 59 minutes", "in 59 Minuten"),
            (3_600, "in 1 hour", "in 1 Stunde"),
            (14_399, "in 3 hours", "in 3 Stunden"),
            (172_800, "in 2 days", "in 2 Tagen"),
        ] {
            let left = Duration::from_secs(seconds);
            assert_eq!(Language::English.left(left), english);
            assert_eq!(Language::German.left(left), german);
        }
    }
}
