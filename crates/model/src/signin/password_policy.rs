//! What a directory asks of passwords.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::limits::Mode;

/// The lengths that a password may have, in characters (aws-capabilities §2.2).
pub const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=64;
/// The most passwords that are remembered. Each costs a hash when a new one is chosen.
pub const REMEMBERED_MAX: usize = 24;

/// What a directory asks of passwords. Nobody is made to change one because time has passed: that makes passwords worse (NIST SP 800-63B §3.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Characters at least.
    pub minimum_length: usize,
    /// How many of the passwords before, that in force among them, may not be taken again.
    pub remembered: usize,
    /// Whether one that is publicly known is refused.
    pub refuse_breached: bool,
    /// Whether one must have letters of both cases, a digit and a symbol, however long it is.
    pub require_character_classes: bool,
}

impl Default for PasswordPolicy {
    /// AWS's rules (user guide, "Password requirements"), but for the classes: in relaxed mode length does what they are meant to do.
    fn default() -> Self {
        Self { minimum_length: 8, remembered: 3, refuse_breached: true, require_character_classes: false }
    }
}

impl PasswordPolicy {
    /// Refuses a policy that cannot be kept, and in strict mode one that asks for less than AWS does.
    pub fn checked(self, mode: Mode) -> Result<Self, Fault> {
        if !CHARACTERS.contains(&self.minimum_length) {
            let (low, high, given) = (CHARACTERS.start(), CHARACTERS.end(), self.minimum_length);
            return Err(Fault::validation(format!("MinimumLength must be {low} to {high}, not {given}")));
        }
        if self.remembered > REMEMBERED_MAX {
            let given = self.remembered;
            return Err(Fault::validation(format!(
                "RememberedPasswords must be 0 to {REMEMBERED_MAX}, not {given}"
            )));
        }
        let aws = Self::in_force(Self::default(), Mode::Strict);
        if mode == Mode::Strict
            && (self.remembered < aws.remembered || !self.refuse_breached || !self.require_character_classes)
        {
            return Err(Fault::validation(
                "in strict mode a password policy asks for no less than AWS does: RememberedPasswords at least 3, RefuseBreached and RequireCharacterClasses true",
            ));
        }
        Ok(self)
    }

    /// The policy as it holds: in strict mode AWS's rules hold whatever was decided in another mode.
    #[must_use]
    pub fn in_force(self, mode: Mode) -> Self {
        match mode {
            Mode::Relaxed => self,
            Mode::Strict => Self {
                minimum_length: self.minimum_length,
                remembered: self.remembered.max(3),
                refuse_breached: true,
                require_character_classes: true,
            },
        }
    }
}

/// What is asked of a password, for whoever chooses one. Its `Display` is the English sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRule {
    /// Characters at least.
    pub low: usize,
    /// Characters at most.
    pub high: usize,
    /// From so many characters on their kinds do not matter.
    pub passphrase: Option<usize>,
    /// How many of the passwords before are refused.
    pub remembered: usize,
    /// Whether one that is publicly known is refused.
    pub refuse_breached: bool,
}

impl fmt::Display for PasswordRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high, .. } = self;
        write!(out, "{low} to {high} characters with letters of both cases, a digit and a symbol")?;
        if let Some(passphrase) = self.passphrase {
            write!(out, ", or at least {passphrase} of any kind: a sentence is good")?;
        }
        match self.remembered {
            0 => {}
            1 => out.write_str(", not the one before")?,
            count => write!(out, ", none of your last {count}")?,
        }
        if self.refuse_breached {
            out.write_str(", none that is publicly known")?;
        }
        out.write_str(".")
    }
}
