//! Rate limits of the endpoints that anybody may call: they bound how many rows a stranger can make us write. Keyed by remote address;
//! the figures are AWS's own (quotas page: RegisterClient 20 a second for each remote address).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Calls a second of one address, and how many may come at once.
const PER_SECOND: u32 = 20;
const BURST: u32 = 100;

/// The limits.
#[derive(Debug, Clone)]
pub struct Rates(Arc<DefaultKeyedRateLimiter<IpAddr>>);

impl Default for Rates {
    fn default() -> Self {
        let per_second = NonZeroU32::new(PER_SECOND).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN);
        Self(Arc::new(RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst))))
    }
}

impl Rates {
    /// Whether `address` may call now; otherwise after how many seconds.
    pub fn check(&self, address: IpAddr) -> Result<(), u32> {
        self.0.check_key(&address).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        })
    }

    /// Forgets addresses that have been quiet; called now and then so that memory follows the present load.
    pub fn forget_quiet(&self) {
        self.0.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_from_one_address_does_not_touch_another() {
        let rates = Rates::default();
        let (flood, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let refused = (0..BURST * 2).filter(|_| rates.check(flood).is_err()).count();
        assert!(refused >= BURST as usize - 2, "{refused}");
        assert!(rates.check(other).is_ok());
    }
}
