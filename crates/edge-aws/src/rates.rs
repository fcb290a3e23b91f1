//! Rate limits of what anybody may call, before anything of it is read: they bound how many rows a stranger can make us write, and how often a stranger may try what they
//! were not given. Keyed by remote address, or by the /64 of an IPv6 one; the figures are AWS's own (quotas page: RegisterClient 20 a second
//! for each remote address).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use model::client_address::network;
use model::timestamp::Timestamp;

/// Microseconds of one call: twenty a second.
const INTERVAL: i64 = 50_000;
/// Calls that may come at once.
const BURST: i64 = 100;
/// Microseconds of a burst: nobody's calls are paid for further ahead.
const AHEAD_MAX: i64 = INTERVAL * BURST;

/// The limits of calls and of refusals. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    calls: Meter,
    refusals: Meter,
}

impl Rates {
    /// Counts a call of `address`, which may come now; otherwise after how many seconds.
    pub(crate) fn call(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        self.calls.check(address, now)?;
        self.calls.count(address, now, INTERVAL);
        Ok(())
    }

    /// Whether `address` was refused too often of late; otherwise after how many seconds it may try again.
    pub(crate) fn try_again(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        self.refusals.check(address, now)
    }

    /// Counts a refusal.
    pub(crate) fn refused(&self, address: IpAddr, now: Timestamp) {
        self.refusals.count(address, now, INTERVAL);
    }

    /// Counts a poll that was right and came before the answer: a tenth of a refusal, since many poll from one office.
    pub(crate) fn pending(&self, address: IpAddr, now: Timestamp) {
        self.refusals.count(address, now, INTERVAL / 10);
    }

    /// Forgets addresses that have been quiet; called now and then so that memory follows the present load.
    pub fn forget_quiet(&self, now: Timestamp) {
        for meter in [&self.calls, &self.refusals] {
            meter.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, paid| *paid > now.micros());
        }
    }
}

/// A leaky bucket for each source: the moment until which its calls so far are paid for, in microseconds.
#[derive(Debug, Clone, Default)]
struct Meter(Arc<Mutex<HashMap<IpAddr, i64>>>);

impl Meter {
    fn check(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paid = sources.get(&network(address)).map_or(now.micros(), |paid| believable(*paid, now));
        let ahead = paid.saturating_sub(now.micros()).saturating_add(INTERVAL);
        let micros = ahead.saturating_sub(AHEAD_MAX);
        if micros <= 0 {
            return Ok(());
        }
        Err(u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX).saturating_add(1))
    }

    fn count(&self, address: IpAddr, now: Timestamp, cost: i64) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paid = sources.entry(network(address)).or_default();
        let after = believable(*paid, now).max(now.micros()).saturating_add(cost);
        *paid = after.min(now.micros().saturating_add(AHEAD_MAX));
    }
}

/// What lies further ahead than a burst was counted by a clock that has been set back since, and counts for nothing now.
fn believable(paid: i64, now: Timestamp) -> i64 {
    if paid > now.micros().saturating_add(AHEAD_MAX) { now.micros() } else { paid }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    #[test]
    fn a_flood_from_one_address_does_not_touch_another() {
        let rates = Rates::default();
        let (flood, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let passed = (0..BURST * 2).filter(|_| rates.call(flood, NOW).is_ok()).count();
        assert_eq!(passed, 100);
        assert_eq!(rates.call(flood, NOW), Err(1));
        assert!(rates.call(other, NOW).is_ok());
        let later = Timestamp::from_seconds(1_001);
        assert_eq!((0..BURST).filter(|_| rates.call(flood, later).is_ok()).count(), 20);
        rates.forget_quiet(Timestamp::from_seconds(1_010));
        assert!(rates.calls.0.lock().unwrap().is_empty());
    }

    #[test]
    fn an_ipv6_customer_with_many_addresses_is_one_source() {
        let rates = Rates::default();
        for number in 0..100 {
            assert!(rates.call(format!("2001:db8::{number:x}").parse().unwrap(), NOW).is_ok());
        }
        assert!(rates.call("2001:db8::ffff:1".parse().unwrap(), NOW).is_err());
        assert!(rates.call("2001:db8:0:1::1".parse().unwrap(), NOW).is_ok());
    }

    #[test]
    fn polls_of_an_office_weigh_little_and_are_bounded() {
        let (rates, office) = (Rates::default(), IpAddr::from([192, 0, 2, 1]));
        let polled = (0..BURST * 20).take_while(|_| {
            rates.pending(office, NOW);
            rates.try_again(office, NOW).is_ok()
        });
        assert_eq!(polled.count(), 990);
    }

    #[test]
    fn refusals_count_and_a_clock_that_is_set_back_makes_nobody_wait() {
        let (rates, source) = (Rates::default(), IpAddr::from([192, 0, 2, 1]));
        for _ in 0..BURST {
            assert!(rates.try_again(source, NOW).is_ok());
            rates.refused(source, NOW);
        }
        assert_eq!(rates.try_again(source, NOW), Err(1));
        let before = Timestamp::from_seconds(NOW.seconds() - 3_600);
        for _ in 0..BURST {
            assert_eq!(rates.try_again(source, before), Ok(()), "it counts anew");
            rates.refused(source, before);
        }
        assert_eq!(rates.try_again(source, before), Err(1));
    }
}
