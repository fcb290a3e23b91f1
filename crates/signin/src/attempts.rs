//! Guessing made slow without giving anyone a way to lock somebody else out. The design and its reasons:
//! docs/decisions/0002-password-guessing.md. An attempt is counted before it is checked, so that many at once do not slip through
//! together, and taken back when it was right.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::client_address;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::limits::KNOWN_BROWSER;
use model::saying::{Saying, Seconds};
use model::secret::Secret;
use model::sources::directory::Lockout;
use model::timestamp::Timestamp;
use store::sealing::Keyring;
use store::signin::signin_attempts::{self, Attempts};
use store::tx::{Rx, Tx};
use subtle::ConstantTimeEq as _;

/// How long failures are remembered after the last one.
pub(crate) const MEMORY: Duration = Duration::from_hours(1);

/// How long a directory counts wrong passwords that forgets none before a right one.
const NEVER: Duration = Duration::from_hours(24 * 365 * 100);

/// The longest that anybody waits.
const WAIT_MAX: Duration = Duration::from_mins(15);

/// How a counter slows attempts: so many are free, then each must wait twice as long after the last, up to a limit.
#[derive(Debug, Clone, Copy)]
struct Pace {
    free: i64,
    wait_seconds_max: u64,
}

/// One user from one device or address.
const PAIR: Pace = Pace { free: 5, wait_seconds_max: 900 };
/// One user on all devices that they signed in on: many cookies are not many times the guesses.
const DEVICES: Pace = Pace { free: 10, wait_seconds_max: 30 };
/// One user from everywhere unknown.
const USER: Pace = Pace { free: 20, wait_seconds_max: 30 };
/// One unknown address, whoever it tries to be.
const SOURCE: Pace = Pace { free: 50, wait_seconds_max: 60 };
/// One user from an IPv6 /56 and /48 around the address: who was given one has many addresses.
const PAIR_WIDE: [(u8, Pace); 2] =
    [(56, Pace { free: 6, wait_seconds_max: 900 }), (48, Pace { free: 8, wait_seconds_max: 900 })];
/// The same networks, whoever is tried.
const SOURCE_WIDE: [(u8, Pace); 2] =
    [(56, Pace { free: 100, wait_seconds_max: 60 }), (48, Pace { free: 150, wait_seconds_max: 60 })];
/// One user's second factors from everywhere: with six digits and three steps, a chance of one in a thousand in four months.
const FACTORS: Pace = Pace { free: 20, wait_seconds_max: 900 };
/// One signed-in person trying user codes (RFC 8628 §5.1) or the old password.
const SIGNED_IN: Pace = Pace { free: 10, wait_seconds_max: 900 };
/// Letters about a forgotten password, asked for from one address, and from the IPv6 /56 and /48 around it, for whomever.
const ASKING: Pace = Pace { free: 10, wait_seconds_max: 900 };
const ASKING_WIDE: [(u8, Pace); 2] =
    [(56, Pace { free: 20, wait_seconds_max: 900 }), (48, Pace { free: 30, wait_seconds_max: 900 })];
/// Letters of a kind to one person that may follow one another, and the wait before each further one: nobody's mailbox is flooded.
const LETTERS_FREE: i64 = 2;
const LETTERS_WAIT: Duration = Duration::from_mins(15);
/// The same of letters with codes, which people wait for.
const CODES_FREE: i64 = 5;
pub(crate) const CODES_WAIT: Duration = Duration::from_mins(2);

/// A counter that an attempt runs against.
#[derive(Debug, Clone)]
struct Counter {
    key: String,
    pace: Pace,
}

/// The counters of one attempt. Keys are keyed hashes: the table shows neither names (people type passwords into the wrong field) nor
/// addresses.
#[derive(Debug, Clone)]
pub(crate) struct Guess {
    /// Forgotten when the attempt was right.
    own: Counter,
    /// Eased by one when the attempt was right: others fill them.
    shared: Vec<Counter>,
    /// What a directory takes of guesses, where it is one's that are guessed at.
    budget: Option<Budget>,
}

/// So many wrong passwords within a time, and none further until it is over: fewer than lock an account of a directory.
#[derive(Debug, Clone)]
struct Budget {
    key: String,
    /// The shares of this person, all of which a directory forgets after a right password.
    shares: [String; 3],
    free: i64,
    within: Duration,
    /// Whether it is said that it is used up: a stranger would tell by it whose name this is.
    is_told: bool,
}

impl Budget {
    fn of(keyring: &Keyring, user: &str, lockout: Lockout, is_known: bool) -> Self {
        let all = i64::from(lockout.attempts).saturating_sub(1);
        let strangers = i64::from(lockout.attempts) / 2;
        // Who was here before keeps a share that strangers cannot use up; of very few there is none to keep.
        let (who, free) = match (all - strangers, is_known) {
            (..=1, _) => ("anybody", all),
            (rest, true) => ("known", rest),
            (_, false) => ("strangers", strangers),
        };
        let key = |who| counter(keyring, &["directory", who, user], PAIR).key;
        let within = match lockout.minutes {
            0 => NEVER,
            minutes => Duration::from_mins(u64::from(minutes)),
        };
        let shares = ["anybody", "known", "strangers"].map(key);
        Self { key: key(who), shares, free, within, is_told: is_known }
    }

    /// What was counted that still counts there.
    fn known(&self, rx: &mut Rx<'_>, now: Timestamp) -> Result<Counted, Fault> {
        let Some(found) = signin_attempts::find(rx, &self.key)? else { return Ok(Counted::default()) };
        let counted = Counted { failures: found.failures, last: found.first_failed_at };
        let is_over = now.since(counted.last) >= self.within || counted.last.since(now) > WAIT_MAX;
        Ok(if is_over { Counted::default() } else { counted })
    }

    fn remaining(&self, rx: &mut Rx<'_>, now: Timestamp) -> Result<Duration, Fault> {
        let known = self.known(rx, now)?;
        if known.failures < self.free {
            return Ok(Duration::ZERO);
        }
        Ok(self.within.saturating_sub(now.since(known.last)))
    }

    fn count(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
        let failures = self.known(tx, now)?.failures.saturating_add(1);
        // Counters are cleared away [`MEMORY`] after their last failure: the moment of this one stands in the first, so that it may be kept for longer.
        let kept_from = now.plus(self.within.saturating_sub(MEMORY));
        signin_attempts::put(
            tx,
            &self.key,
            Attempts { failures, first_failed_at: now, last_failed_at: kept_from },
        )
    }
}

/// What of a budget is used up.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    failures: i64,
    last: Timestamp,
}

fn counter(keyring: &Keyring, parts: &[&str], pace: Pace) -> Counter {
    let mut labelled = vec!["signin-attempts"];
    labelled.extend_from_slice(parts);
    Counter { key: hex(&keyring.hash_parts(&labelled)), pace }
}

/// Whose attempts are counted, and since which of their unlocks: attempts of before are forgotten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whom<'w> {
    /// The name key or the id.
    pub(crate) user: &'w str,
    /// How often an administrator let them try again.
    pub(crate) unlocks: i64,
}

impl Whom<'_> {
    /// What their counters are known by. Those of who was never unlocked are known by the name alone, as they were before there was this.
    fn name(&self) -> String {
        match self.unlocks {
            0 => self.user.to_owned(),
            times => format!("{} {times}", self.user),
        }
    }
}

impl Guess {
    /// A password for the user of this name key. `device` is a device that this user signed in on before; `near` says that the user
    /// has a session from this very address.
    pub(crate) fn password(
        keyring: &Keyring,
        whom: Whom<'_>,
        source_ip: &str,
        device: Option<&str>,
        near: bool,
    ) -> Self {
        let name = whom.name();
        let user = name.as_str();
        let source = network(source_ip);
        let own = match device {
            Some(device) => counter(keyring, &["device", user, device], PAIR),
            None => counter(keyring, &["pair", user, &source], PAIR),
        };
        let wide = |what: &str, names: &[&str], paces: [(u8, Pace); 2]| {
            let counters = paces.into_iter().filter_map(|(prefix, pace)| {
                let network = around(source_ip, prefix)?;
                Some(counter(keyring, &[&[what], names, &[network.as_str()]].concat(), pace))
            });
            counters.collect::<Vec<_>>()
        };
        // The address counts for those who are near too: else its wait would tell their names from those of nobody there.
        let shared = match (device, near) {
            (Some(_), _) => vec![counter(keyring, &["devices", user], DEVICES)],
            (None, near) => {
                let mut shared = vec![counter(keyring, &["source", &source], SOURCE)];
                shared.extend(wide("source", &[], SOURCE_WIDE));
                shared.extend(wide("pair", &[user], PAIR_WIDE));
                if !near {
                    shared.push(counter(keyring, &["user", user], USER));
                }
                shared
            }
        };
        Self { own, shared, budget: None }
    }

    /// The same, where passwords are those of a directory that locks accounts. `is_known`: from a browser or an address where the person was before.
    pub(crate) fn of_directory(
        mut self,
        keyring: &Keyring,
        whom: Whom<'_>,
        (lockout, is_known): (Lockout, bool),
    ) -> Self {
        self.budget = Some(Budget::of(keyring, &whom.name(), lockout, is_known));
        self
    }

    /// Counts an attempt that a directory is asked about; false where it takes none any more for now, so that it must not be asked. Like
    /// [`Self::reserve`], after it.
    pub(crate) fn pass_on(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Fault> {
        let Some(budget) = &self.budget else { return Ok(true) };
        let has_some = budget.remaining(tx, now)?.is_zero();
        if has_some {
            budget.count(tx, now)?;
        }
        Ok(has_some)
    }

    /// Takes back what a directory counts as no guess: it was not asked, or the password was right.
    pub(crate) fn was_no_guess(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match &self.budget {
            Some(budget) => match signin_attempts::find(tx, &budget.key)? {
                Some(known) if known.failures > 1 => {
                    let failures = known.failures.saturating_sub(1);
                    signin_attempts::put(tx, &budget.key, Attempts { failures, ..known })
                }
                Some(_) => signin_attempts::delete(tx, &budget.key),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// A second factor of this user, whichever it is: all of them are guessed at together. Who gets so far knows the password, so that a delay
    /// that they cause keeps out nobody but who shares it, and guesses from everywhere are slowed more than those at passwords.
    pub(crate) fn factor(keyring: &Keyring, whom: Whom<'_>, source_ip: &str) -> Self {
        let (source, name) = (network(source_ip), whom.name());
        let user_id = name.as_str();
        Self {
            own: counter(keyring, &["factor", user_id, &source], PAIR),
            shared: vec![counter(keyring, &["factor", user_id], FACTORS)],
            budget: None,
        }
    }

    /// A passkey of whoever it says: nobody guesses one, but each try costs a signature to check.
    pub(crate) fn passkey(keyring: &Keyring, source_ip: &str) -> Self {
        let source = network(source_ip);
        Self { own: counter(keyring, &["passkey", &source], SOURCE), shared: Vec::new(), budget: None }
    }

    /// Something that a signed-in person guesses at.
    pub(crate) fn signed_in(keyring: &Keyring, what: &str, user_id: &str) -> Self {
        Self { own: counter(keyring, &[what, user_id], SIGNED_IN), shared: Vec::new(), budget: None }
    }

    /// Somebody who asks for letters about forgotten passwords. Never taken back.
    pub(crate) fn asking(keyring: &Keyring, source_ip: &str) -> Self {
        let wide = ASKING_WIDE.into_iter().filter_map(|(prefix, pace)| {
            Some(counter(keyring, &["asking", &around(source_ip, prefix)?], pace))
        });
        let own = counter(keyring, &["asking", &network(source_ip)], ASKING);
        Self { own, shared: wide.collect(), budget: None }
    }

    fn counters(&self) -> impl Iterator<Item = &Counter> {
        std::iter::once(&self.own).chain(&self.shared)
    }

    /// Refuses an attempt that comes too soon, else counts it as failed until [`Self::was_right`] says otherwise.
    pub(crate) fn reserve(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
        self.check(tx, now)?;
        self.counters().try_for_each(|counter| count(tx, counter, now))
    }

    /// Refuses an attempt that comes too soon.
    pub(crate) fn check(&self, rx: &mut Rx<'_>, now: Timestamp) -> Result<(), Fault> {
        let mut wait = Duration::ZERO;
        for counter in self.counters() {
            wait = wait.max(remaining(counter.pace, known(rx, counter, now)?, now));
        }
        if let Some(budget) = self.budget.as_ref().filter(|budget| budget.is_told) {
            wait = wait.max(budget.remaining(rx, now)?);
        }
        if wait.is_zero() {
            return Ok(());
        }
        let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        Err(Fault::say(FaultKind::Throttled(seconds), Saying::TooManyAttempts { seconds: Seconds(seconds) }))
    }

    /// Takes the reservation back.
    pub(crate) fn was_right(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        signin_attempts::delete(tx, &self.own.key)?;
        for share in self.budget.iter().flat_map(|budget| &budget.shares) {
            signin_attempts::delete(tx, share)?;
        }
        for counter in &self.shared {
            match signin_attempts::find(tx, &counter.key)? {
                Some(known) if known.failures > 1 => {
                    let failures = known.failures.saturating_sub(1);
                    signin_attempts::put(tx, &counter.key, Attempts { failures, ..known })?;
                }
                Some(_) => signin_attempts::delete(tx, &counter.key)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Letters of a kind to one person.
#[derive(Debug)]
pub(crate) struct Letters {
    counter: Counter,
    free: i64,
    wait: Duration,
}

impl Letters {
    /// About the forgotten password of the user of this name key, whether or not there is one.
    pub(crate) fn forgotten(keyring: &Keyring, user: &str) -> Self {
        Self::new(keyring, &["forgotten", user], (LETTERS_FREE, LETTERS_WAIT))
    }

    /// About sign-ins of this user.
    pub(crate) fn notices(keyring: &Keyring, user: &str) -> Self {
        Self::new(keyring, &["notices", user], (LETTERS_FREE, LETTERS_WAIT))
    }

    /// With codes to sign in as this user.
    pub(crate) fn codes(keyring: &Keyring, user: &str) -> Self {
        Self::new(keyring, &["mailed codes", user], (CODES_FREE, CODES_WAIT))
    }

    fn new(keyring: &Keyring, of: &[&str], (free, wait): (i64, Duration)) -> Self {
        Self { counter: counter(keyring, of, SIGNED_IN), free, wait }
    }

    /// Whether another letter may be sent, which is counted then.
    pub(crate) fn may_send(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Fault> {
        let sent = known(tx, &self.counter, now)?;
        if sent.failures >= self.free && now.since(sent.last_failed_at) < self.wait {
            return Ok(false);
        }
        count(tx, &self.counter, now)?;
        Ok(true)
    }
}

fn count(tx: &mut Tx<'_>, counter: &Counter, now: Timestamp) -> Result<(), Fault> {
    let known = known(tx, counter, now)?;
    let first_failed_at = if known.failures == 0 { now } else { known.first_failed_at };
    let failures = known.failures.saturating_add(1);
    signin_attempts::put(tx, &counter.key, Attempts { failures, first_failed_at, last_failed_at: now })
}

fn known(rx: &mut Rx<'_>, counter: &Counter, now: Timestamp) -> Result<Attempts, Fault> {
    let found = signin_attempts::find(rx, &counter.key)?.unwrap_or_default();
    Ok(if is_remembered(found, now) { found } else { Attempts::default() })
}

/// Failures count for a while. Those that lie further ahead than anybody waits were counted by a clock that has been set back since, and
/// would lock people out until it has caught up.
fn is_remembered(known: Attempts, now: Timestamp) -> bool {
    now.since(known.last_failed_at) <= MEMORY && known.last_failed_at.since(now) <= WAIT_MAX
}

fn remaining(pace: Pace, known: Attempts, now: Timestamp) -> Duration {
    let beyond = known.failures.saturating_sub(pace.free);
    if beyond < 0 {
        return Duration::ZERO;
    }
    // Every pace has reached its limit long before 2^32 seconds.
    let seconds = 1_u64 << beyond.min(32);
    let wait = Duration::from_secs(seconds.min(pace.wait_seconds_max));
    wait.saturating_sub(now.since(known.last_failed_at))
}

/// The network of this width around the address, if it is an IPv6 one.
fn around(source_ip: &str, prefix: u8) -> Option<String> {
    let mut networks = client_address::networks(source_ip.parse().ok()?);
    networks.find(|network| network.prefix == prefix).map(|network| network.to_string())
}

/// The address, or what belongs to one customer with it.
fn network(source_ip: &str) -> String {
    source_ip
        .parse()
        .map_or_else(|_| source_ip.to_owned(), |address| client_address::network(address).to_string())
}

/// Whose device a cookie says it is: the name key, and the hash of the password that was right there. Another password makes it nobody's.
#[derive(Clone, Copy)]
pub(crate) struct DeviceOf<'a> {
    pub(crate) user: &'a str,
    pub(crate) password_hash: &'a str,
}

impl DeviceOf<'_> {
    fn says<'s>(&'s self, nonce: &'s str, issued_at: &'s str) -> [&'s str; 5] {
        ["signin-device", self.user, self.password_hash, nonce, issued_at]
    }

    /// A value for a long-lived cookie that says "this user signed in on this device before". It opens nothing; it only keeps the
    /// guesses of others from slowing this device.
    pub(crate) fn token(&self, keyring: &Keyring, cx: &Cx) -> Secret {
        let nonce = URL_SAFE_NO_PAD.encode(bytes::<16>(cx.entropy()));
        let issued_at = cx.now.seconds().to_string();
        let mark = URL_SAFE_NO_PAD.encode(keyring.sign_form(&self.says(&nonce, &issued_at)));
        Secret::new(format!("{nonce}.{issued_at}.{mark}"))
    }

    /// The device that `token` names, if it was given to this user, for the password in force, and is not too old.
    pub(crate) fn known(&self, keyring: &Keyring, token: &str, now: Timestamp) -> Option<String> {
        let (nonce, rest) = token.split_once('.')?;
        let (issued_at, mark) = rest.split_once('.')?;
        let mark = URL_SAFE_NO_PAD.decode(mark).ok()?;
        let is_it = |right: &[u8; 32]| bool::from(right.as_slice().ct_eq(&mark));
        let is_right = keyring.signed_form(&self.says(nonce, issued_at), is_it);
        let is_young = now.since(Timestamp::from_seconds(issued_at.parse().ok()?)) <= KNOWN_BROWSER;
        (is_right && is_young).then(|| nonce.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(pace: Pace, failures: i64, ago: i64) -> u64 {
        let now = Timestamp::from_seconds(10_000);
        let last_failed_at = Timestamp::from_seconds(10_000 - ago);
        remaining(pace, Attempts { failures, last_failed_at, ..Attempts::default() }, now).as_secs()
    }

    #[test]
    fn the_first_attempts_are_free_and_later_ones_wait_twice_as_long_each() {
        assert_eq!(seconds(PAIR, 4, 0), 0);
        assert_eq!(seconds(PAIR, 5, 0), 1);
        assert_eq!(seconds(PAIR, 8, 0), 8);
        assert_eq!(seconds(PAIR, 8, 8), 0);
        assert_eq!(seconds(PAIR, 500, 0), 900);
        assert_eq!(seconds(USER, i64::MAX, 0), 30);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let at = |seconds| Attempts {
            failures: 9,
            last_failed_at: Timestamp::from_seconds(seconds),
            ..Attempts::default()
        };
        let now = Timestamp::from_seconds(10_000);
        assert!(is_remembered(at(9_000), now) && is_remembered(at(10_002), now));
        assert!(!is_remembered(at(10_000 + 3_600), now), "an hour ahead");
        assert!(!is_remembered(at(10_000 - 3_601), now), "long ago");
        for pace in [PAIR, USER, SOURCE, FACTORS, SIGNED_IN] {
            assert!(Duration::from_secs(pace.wait_seconds_max) <= WAIT_MAX);
        }
    }
}
