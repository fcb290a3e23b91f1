//! Whether a person may sign in, as their directory has it: every kind has its own way to say disabled, locked, expired and "must choose another
//! password". What is not said is not so, but where it always is said.

use time::OffsetDateTime;

use crate::entry::Entry;
use crate::schema::Schema;
use crate::times;

/// Bits of `userAccountControl` and of what is computed from it (MS-ADTS §2.2.16).
const ACCOUNT_DISABLE: i64 = 0x2;
const LOCKOUT: i64 = 0x10;
const DONT_EXPIRE_PASSWORD: i64 = 0x1_0000;
const SMARTCARD_REQUIRED: i64 = 0x4_0000;
const PASSWORD_EXPIRED: i64 = 0x80_0000;
/// An account that only an administrator unlocks (slapo-ppolicy(5)).
const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// What a directory says of a person's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is so or not, whatever the others are")]
pub struct State {
    /// An administrator turned it off.
    pub disabled: bool,
    /// Too many wrong passwords came.
    pub locked: bool,
    /// Its time is over, or has not begun.
    pub expired: bool,
    /// Its password is too old.
    pub password_expired: bool,
    /// Another password must be chosen first.
    pub must_change_password: bool,
    /// Whether it is turned off is not told: who asks may not read it.
    pub untold: bool,
}

impl State {
    /// What an entry says, as of now.
    pub fn of(entry: &Entry, schema: Schema, now: OffsetDateTime) -> Self {
        match schema {
            Schema::ActiveDirectory => active_directory(entry, now),
            Schema::OpenLdap => open_ldap(entry, now),
            Schema::Ds389 => ds389(entry, now),
        }
    }

    /// Whether the person counts as one who works here. A lock passes, and a password is only a way in.
    pub fn is_enabled(self) -> bool {
        !self.disabled && !self.expired && !self.untold
    }
}

fn active_directory(entry: &Entry, now: OffsetDateTime) -> State {
    // Every account has it, so that where it is missing it is hidden.
    let told = entry.number("userAccountControl");
    let control = told.unwrap_or_default();
    let has = |bits: i64, bit: i64| bits & bit != 0;
    // Only the computed one knows whether a lock is over by now; `lockoutTime` stays until the next sign-in.
    let computed = entry.number("msDS-User-Account-Control-Computed");
    let locked = match computed {
        Some(computed) => has(computed, LOCKOUT),
        None => entry.number("lockoutTime").is_some_and(|ticks| ticks > 0),
    };
    let asks_for_password = !has(control, DONT_EXPIRE_PASSWORD) && !has(control, SMARTCARD_REQUIRED);
    let is_reset = entry.number("pwdLastSet") == Some(0);
    State {
        disabled: has(control, ACCOUNT_DISABLE),
        locked,
        expired: is_before(entry.number("accountExpires").and_then(times::windows), now),
        // The computed bit is set for a password that was reset, too.
        password_expired: computed.is_some_and(|computed| has(computed, PASSWORD_EXPIRED)) && !is_reset,
        must_change_password: is_reset && asks_for_password,
        untold: told.is_none(),
    }
}

fn open_ldap(entry: &Entry, now: OffsetDateTime) -> State {
    let locked = entry.text("pwdAccountLockedTime");
    let for_good = locked == Some(LOCKED_FOR_GOOD);
    let not_begun = generalized(entry, "pwdStartTime").is_some_and(|begin| now < begin);
    let shadow = entry.number("shadowExpire").filter(|days| *days >= 0).and_then(times::days);
    State {
        disabled: for_good,
        locked: locked.is_some() && !for_good,
        expired: not_begun || is_before(generalized(entry, "pwdEndTime"), now) || is_before(shadow, now),
        password_expired: false,
        must_change_password: entry.is_true("pwdReset"),
        untold: false,
    }
}

fn ds389(entry: &Entry, now: OffsetDateTime) -> State {
    // 0 is until an administrator unlocks it.
    let unlocks = entry.text("accountUnlockTime");
    let locked = unlocks.is_some_and(|text| match times::generalized(text) {
        Some(moment) => now < moment || moment.year() <= 1970,
        None => text == "0",
    });
    let password_expired = is_before(generalized(entry, "krbPasswordExpiration"), now)
        || is_before(generalized(entry, "passwordExpirationTime"), now);
    State {
        disabled: entry.is_true("nsAccountLock"),
        locked,
        expired: is_before(generalized(entry, "krbPrincipalExpiration"), now),
        password_expired,
        must_change_password: entry.is_true("pwdReset"),
        untold: false,
    }
}

fn generalized(entry: &Entry, name: &str) -> Option<OffsetDateTime> {
    entry.text(name).and_then(times::generalized)
}

fn is_before(moment: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    moment.is_some_and(|moment| moment <= now)
}
