//! How often somebody may be asked for what strangers can have us ask for: the keys of an issuer, of which any token may name one that is not known. Each time
//! counts for a while behind those before it, and a few may be ahead of the clock.

use std::time::Duration;

use model::timestamp::Timestamp;

/// How long each time counts: how often somebody is asked in the long run.
const EACH: Duration = Duration::from_secs(60);
/// How many times of these may come at once: an issuer that is new here, or that replaces its keys, must not wait for a minute to pass.
const AT_ONCE: u32 = 3;

/// Until when somebody has been asked, if they may be asked now; `asked_until` is what this answered before.
pub fn next(asked_until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let most = now.plus(EACH.saturating_mul(AT_ONCE));
    // What is further ahead was written before the clock was set back.
    let from = asked_until.filter(|until| (now..=most).contains(until)).unwrap_or(now);
    let until = from.plus(EACH);
    (until <= most).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_at_once_and_then_one_a_minute() {
        let now = Timestamp::from_seconds(1_000_000);
        let mut asked = None;
        for _ in 0..3 {
            asked = Some(next(asked, now).unwrap());
        }
        assert_eq!(next(asked, now), None);
        let later = now.plus(Duration::from_secs(60));
        let again = next(asked, later);
        assert!(again.is_some());
        assert_eq!(next(again, later), None);
        assert!(next(Some(now.plus(Duration::from_hours(1))), now).is_some(), "the clock was set back");
    }
}
