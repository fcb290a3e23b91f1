//! Rate limits of what anybody may call, before anything of it is read: they bound how many rows a stranger can make us write, and how often a stranger may try what they
//! were not given. Keyed by remote address, an IPv6 one by its /64, /56 and /48, of which the wider have more room; the figures are AWS's own (quotas page:
//! RegisterClient 20 a second for each remote address). A brake holds all sources together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use model::client_address::{Network, networks};
use model::timestamp::Timestamp;

/// Microseconds of one call: twenty a second.
const INTERVAL: i64 = 50_000;
/// Calls that may come at once.
const BURST: i64 = 100;
/// Microseconds of a burst: nobody's calls are paid for further ahead.
const AHEAD_MAX: i64 = INTERVAL * BURST;

/// Microseconds of one step of what is kept: 20,000 a day. A sign-in of the AWS CLI takes two or three.
const KEPT_INTERVAL: i64 = 86_400_000_000 / 20_000;
/// Microseconds of a burst of 5,000 such steps: the morning of an office behind one address.
const KEPT_AHEAD_MAX: i64 = KEPT_INTERVAL * 5_000;
/// Kibibytes of a call that count at most: a record and a row keep no more of it.
const KEPT_KIB_MAX: usize = 5;

/// How many times what one source may, all together may: they bound what any number of sources can make us write.
const EVERYBODY: i64 = 20;
/// When half of that is taken, only sources that have paid up to so many microseconds ahead may call: those that begin before those that hurry.
const UNHURRIED: i64 = INTERVAL * 5;

/// The limits of calls and of refusals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rates {
    calls: Meter,
    refusals: Meter,
    kept: Meter,
    /// Until when the calls of all together are paid for, in microseconds.
    everybody: Arc<Mutex<i64>>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            calls: Meter::new(AHEAD_MAX),
            refusals: Meter::new(AHEAD_MAX),
            kept: Meter::new(KEPT_AHEAD_MAX),
            everybody: Arc::default(),
        }
    }
}

impl Rates {
    /// [`Self::call`] of so many bytes, which leaves something here for days or for ever (a record, a registration). Twenty a second, all
    /// day long, would be gigabytes. Who has used up their day takes nothing from everybody's brake.
    pub(crate) fn keep(&self, address: IpAddr, now: Timestamp, bytes: usize) -> Result<(), u32> {
        let steps = i64::try_from((bytes / 1_024).min(KEPT_KIB_MAX)).unwrap_or(0) + 1;
        self.kept.check(address, now, KEPT_INTERVAL * steps)?;
        self.call(address, now)?;
        self.kept.count(address, now, KEPT_INTERVAL * steps);
        Ok(())
    }

    /// Counts a call of `address`, which may come now; otherwise after how many seconds.
    pub(crate) fn call(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        self.calls.check(address, now, INTERVAL)?;
        self.brake(address, now)?;
        self.calls.count(address, now, INTERVAL);
        Ok(())
    }

    /// Counts a call for everybody, or refuses it.
    fn brake(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        let hurries = self.calls.ahead(address, now) > UNHURRIED;
        let mut paid = self.everybody.lock().unwrap_or_else(PoisonError::into_inner);
        let after = believable(*paid, now, AHEAD_MAX).max(now.micros()).saturating_add(INTERVAL / EVERYBODY);
        let ahead = after.saturating_sub(now.micros());
        if ahead > AHEAD_MAX || (hurries && ahead > AHEAD_MAX / 2) {
            return Err(1);
        }
        *paid = after;
        Ok(())
    }

    /// Whether `address` was refused too often of late; otherwise after how many seconds it may try again.
    ///
    /// It counts as a refusal from now on, until [`Self::was_right`] or [`Self::was_early`] takes it back: many that are under way at once would
    /// all pass a count that comes after them.
    pub fn try_again(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        self.refusals.check(address, now, INTERVAL)?;
        self.refusals.count(address, now, INTERVAL);
        Ok(())
    }

    /// Takes back what [`Self::try_again`] counted.
    pub fn was_right(&self, address: IpAddr, now: Timestamp) {
        self.refusals.count(address, now, -INTERVAL);
    }

    /// Takes it back but for a tenth: a poll that was right and came before the answer, since many poll from one office.
    pub(crate) fn was_early(&self, address: IpAddr, now: Timestamp) {
        self.refusals.count(address, now, INTERVAL / 10 - INTERVAL);
    }

    /// Forgets addresses that have been quiet; called now and then so that memory follows the present load.
    pub fn forget_quiet(&self, now: Timestamp) {
        for meter in [&self.calls, &self.refusals, &self.kept] {
            meter
                .sources
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|_, paid| *paid > now.micros());
        }
    }
}

/// A leaky bucket for each source: the moment until which its calls so far are paid for, in microseconds.
#[derive(Debug, Clone)]
struct Meter {
    ahead_max: i64,
    sources: Arc<Mutex<HashMap<Network, i64>>>,
}

impl Meter {
    /// So many microseconds of calls at once.
    fn new(ahead_max: i64) -> Self {
        Self { ahead_max, sources: Arc::default() }
    }

    fn check(&self, address: IpAddr, now: Timestamp, cost: i64) -> Result<(), u32> {
        let micros = self.ahead(address, now).saturating_add(cost).saturating_sub(self.ahead_max);
        if micros <= 0 {
            return Ok(());
        }
        Err(u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Microseconds that are paid for ahead, by the network around the address that is furthest.
    fn ahead(&self, address: IpAddr, now: Timestamp) -> i64 {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let paid = networks(address).filter_map(|network| sources.get(&network));
        let furthest = paid.map(|paid| believable(*paid, now, self.ahead_max)).max().unwrap_or_default();
        furthest.saturating_sub(now.micros()).max(0)
    }

    fn count(&self, address: IpAddr, now: Timestamp, cost: i64) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        for network in networks(address) {
            let paid = sources.entry(network).or_default();
            let begun = believable(*paid, now, self.ahead_max).max(now.micros());
            *paid =
                begun.saturating_add(cost / room(network)).min(now.micros().saturating_add(self.ahead_max));
        }
    }
}

/// How many times what one source may, a network may: one /56 or /48 may be several customers, and one customer may have all of it.
const fn room(network: Network) -> i64 {
    match network.prefix {
        48 => 3,
        56 => 2,
        _ => 1,
    }
}

/// What lies further ahead than a burst was counted by a clock that has been set back since, and counts for nothing now.
fn believable(paid: i64, now: Timestamp, ahead_max: i64) -> i64 {
    if paid > now.micros().saturating_add(ahead_max) { now.micros() } else { paid }
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
        assert!(rates.calls.sources.lock().unwrap().is_empty());
    }

    #[test]
    fn what_one_source_leaves_in_a_day_is_bounded_by_number_and_size() {
        let source = IpAddr::from([192, 0, 2, 1]);
        let in_a_day = |bytes: usize| {
            let rates = Rates::default();
            let seconds = (1_000..87_400).map(Timestamp::from_seconds);
            seconds.flat_map(|now| [now; 2]).filter(|now| rates.keep(source, *now, bytes).is_ok()).count()
        };
        let (small, large) = (in_a_day(300), in_a_day(60_000));
        assert!((24_000..=25_000).contains(&small), "{small}");
        assert!((4_000..=4_200).contains(&large), "{large}");
        let rates = Rates::default();
        rates.kept.count(source, NOW, KEPT_AHEAD_MAX);
        assert_eq!(rates.keep(source, NOW, 300), Err(5), "a moment later one more");
        assert!(rates.keep(IpAddr::from([192, 0, 2, 2]), NOW, 300).is_ok(), "and others as before");
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
            let may = rates.try_again(office, NOW).is_ok();
            rates.was_early(office, NOW);
            may
        });
        assert_eq!(polled.count(), 991);
    }

    #[test]
    fn an_ipv6_site_with_many_networks_is_no_crowd() {
        let rates = Rates::default();
        let mut passed = 0;
        for network in 0..6 {
            for host in 0..100 {
                let address = format!("2001:db8:77:{network:x}00::{host:x}").parse().unwrap();
                passed += usize::from(rates.call(address, NOW).is_ok());
            }
        }
        assert!((290..=300).contains(&passed), "{passed} of six hundred from one /48");
        let within =
            |at: usize| rates.call(format!("2001:db8:99:1{:02x}::1", at % 256).parse().unwrap(), NOW);
        let passed = (0..300).filter(|at| within(*at).is_ok()).count();
        assert!((195..=200).contains(&passed), "{passed} from one /56");
        assert!(rates.call("2001:db8:78::1".parse().unwrap(), NOW).is_ok(), "another site");
    }

    #[test]
    fn all_sources_together_are_held_and_who_begins_comes_before_who_hurries() {
        let rates = Rates::default();
        let source = |number: usize| {
            IpAddr::from([10, 0, u8::try_from(number >> 8).unwrap(), u8::try_from(number & 255).unwrap()])
        };
        let passed =
            (0..60).map(|number| (0..100).filter(|_| rates.call(source(number), NOW).is_ok()).count());
        let passed: usize = passed.sum();
        assert!((1_000..1_400).contains(&passed), "{passed}: half of what all may, and a few for each");
        assert!(rates.call(source(1_000), NOW).is_ok(), "who begins is served");
        let all = (0..9_000).filter(|number| rates.call(source(2_000 + number), NOW).is_ok()).count();
        assert!(all < 1_000, "and never more than all may");
        assert_eq!(rates.call(source(20_000), NOW), Err(1));
        assert!(rates.call(source(20_001), Timestamp::from_seconds(1_001)).is_ok());
    }

    #[test]
    fn refusals_count_and_a_clock_that_is_set_back_makes_nobody_wait() {
        let (rates, source) = (Rates::default(), IpAddr::from([192, 0, 2, 1]));
        for _ in 0..BURST {
            assert!(rates.try_again(source, NOW).is_ok());
        }
        assert_eq!(rates.try_again(source, NOW), Err(1));
        let before = Timestamp::from_seconds(NOW.seconds() - 3_600);
        for _ in 0..BURST {
            assert_eq!(rates.try_again(source, before), Ok(()), "it counts anew");
        }
        assert_eq!(rates.try_again(source, before), Err(1));
    }

    #[test]
    fn refusals_under_way_at_once_do_not_slip_through_together() {
        let (rates, source) = (Rates::default(), IpAddr::from([192, 0, 2, 1]));
        let under_way = (0..BURST * 3).filter(|_| rates.try_again(source, NOW).is_ok()).count();
        assert_eq!(under_way, 100, "before any of them has ended");
        rates.was_right(source, NOW);
        assert_eq!(rates.try_again(source, NOW), Ok(()), "what was right is given back");
        assert_eq!(rates.try_again(source, NOW), Err(1));
    }

    #[test]
    fn who_has_used_up_a_day_takes_nothing_from_everybodys_brake() {
        let (rates, source) = (Rates::default(), IpAddr::from([192, 0, 2, 1]));
        rates.kept.count(source, NOW, KEPT_AHEAD_MAX);
        assert!(rates.keep(source, NOW, 300).is_err());
        assert_eq!(*rates.everybody.lock().unwrap(), 0);
    }
}
