//! Factors beside the password: devices, the policy that asks for them, and what proves a sign-in.

use serde::{Deserialize, Serialize};

use crate::directory::user::UserId;
use crate::fault::Fault;
use crate::id::{is_uuid, string_id};
use crate::saying::Saying;
use crate::timestamp::Timestamp;
use crate::words::words;

/// Devices of one person at most: AWS's quotas (user guide, "Available MFA types"); in relaxed mode so many of each kind.
pub const TOTP_MAX: usize = 2;
/// Security keys and passkeys of one person at most.
pub const WEBAUTHN_MAX: usize = 6;
/// Devices of one person at most in relaxed mode.
pub const RELAXED_MAX: usize = 64;
/// The longest name of a device, in characters.
pub const DEVICE_NAME_MAX: usize = 64;

string_id!(
    /// The id of a device.
    DeviceId,
    "device id",
    is_uuid
);

words! {
    /// A kind of device.
    DeviceKind {
        /// A passkey or security key.
        Webauthn = "WEBAUTHN",
        /// An app that shows six digits.
        Totp = "TOTP",
    }
}

words! {
    /// By what somebody proved who they are: CloudTrail's `CredentialType`, and two of our own.
    Method {
        /// A password.
        Password = "PASSWORD",
        /// A passkey or security key.
        Webauthn = "WEBAUTHN",
        /// Six digits of an app.
        Totp = "TOTP",
        /// A code that was mailed.
        EmailOtp = "EMAIL_OTP",
        /// A recovery code.
        RecoveryCode = "RECOVERY_CODE",
        /// A code that an administrator gave.
        Bypass = "ADMINISTRATOR_BYPASS",
        /// Another identity provider's word.
        ExternalIdp = "EXTERNAL_IDP",
    }
}

words! {
    /// When a second factor is asked for, of those who have one.
    PromptMode {
        /// In a browser that the person does not have remembered.
        ContextAware = "CONTEXT_AWARE",
        /// At every sign-in.
        AlwaysOn = "ALWAYS_ON",
        /// Never.
        Disabled = "DISABLED",
    }
}

words! {
    /// What becomes of the sign-in of somebody who has no device.
    WithoutDevice {
        /// They must register one.
        Register = "REGISTER",
        /// They must give a code that is mailed to them.
        Email = "EMAIL_OTP",
        /// They cannot sign in.
        Block = "BLOCK",
        /// They sign in without.
        Allow = "ALLOW",
    }
}

words! {
    /// A kind of codes that work once.
    CodeKind {
        /// The person's own, for when a device is lost.
        Recovery = "RECOVERY",
        /// Given by an administrator to somebody who lost all.
        Bypass = "BYPASS",
        /// Mailed.
        Email = "EMAIL",
    }
}

/// What a directory asks of its people beside passwords: AWS's multi-factor settings of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MfaPolicy {
    /// When a second factor is asked for.
    pub prompt_mode: PromptMode,
    /// The kinds of devices that count.
    pub allowed: Vec<DeviceKind>,
    /// What becomes of people without a device.
    pub without_device: WithoutDevice,
    /// Whether people register, rename and remove their own devices.
    pub people_manage: bool,
    /// Whether a passkey that verifies its person is enough, without a password.
    pub passwordless: bool,
}

impl Default for MfaPolicy {
    /// Who has a device is asked for it in new browsers; who has none signs in without.
    fn default() -> Self {
        Self {
            prompt_mode: PromptMode::ContextAware,
            allowed: DeviceKind::ALL.to_vec(),
            without_device: WithoutDevice::Allow,
            people_manage: true,
            passwordless: true,
        }
    }
}

impl MfaPolicy {
    /// Refuses a policy that nobody could satisfy, where letters are sent or are not.
    pub fn checked(mut self, mails: bool) -> Result<Self, Fault> {
        if self.without_device == WithoutDevice::Email && !mails {
            return Err(Fault::validation(
                "WithoutDevice is EMAIL_OTP, and this server sends no mail: set mail up (docs/mail.md), or choose REGISTER, BLOCK or ALLOW",
            ));
        }
        self.allowed.sort_unstable();
        self.allowed.dedup();
        if self.allowed.is_empty() && self.without_device == WithoutDevice::Register {
            return Err(Fault::validation(
                "AllowedMfaTypes must not be empty where WithoutDevice is REGISTER: nobody could register any",
            ));
        }
        if !self.people_manage && self.without_device == WithoutDevice::Register {
            return Err(Fault::validation(
                "PeopleManageDevices must not be false where WithoutDevice is REGISTER: people register their devices themselves",
            ));
        }
        Ok(self)
    }

    /// Whether devices of this kind count.
    pub fn allows(&self, kind: DeviceKind) -> bool {
        self.allowed.contains(&kind)
    }
}

/// A device, without what it proves itself by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaDevice {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub kind: DeviceKind,
    /// What its person calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// The name of a device as a person gives it.
pub fn device_name(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let characters = text.chars().count();
    if !(1..=DEVICE_NAME_MAX).contains(&characters) {
        let most = DEVICE_NAME_MAX;
        return Err(Fault::invalid(Saying::DeviceNameLength { most, given: characters }));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::invalid(Saying::DeviceNameControls));
    }
    Ok(text.to_owned())
}

/// By what, and when, somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// In the order in which they were given.
    pub methods: Vec<Method>,
    /// When a second factor was given, or a passkey that verified its person.
    pub mfa_at: Option<Timestamp>,
}

impl Proofs {
    /// CloudTrail's `CredentialType` of the whole sign-in: `PASSWORD,TOTP`.
    pub fn credential_type(&self) -> String {
        self.methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_nobody_could_satisfy_is_refused_by_member() {
        let refused = |policy: MfaPolicy, words: &str| {
            let fault = policy.checked(false).unwrap_err();
            assert!(fault.message().contains(words), "{}", fault.message());
        };
        let policy = MfaPolicy::default();
        refused(MfaPolicy { without_device: WithoutDevice::Email, ..policy.clone() }, "sends no mail");
        let by_mail = MfaPolicy { without_device: WithoutDevice::Email, ..policy.clone() };
        assert_eq!(by_mail.clone().checked(true).unwrap(), by_mail);
        let register = MfaPolicy { without_device: WithoutDevice::Register, ..policy.clone() };
        refused(MfaPolicy { allowed: Vec::new(), ..register.clone() }, "AllowedMfaTypes");
        refused(MfaPolicy { people_manage: false, ..register.clone() }, "PeopleManageDevices");
        assert_eq!(register.clone().checked(false).unwrap(), register);
        assert_eq!(policy.clone().checked(false).unwrap(), policy);
    }
}
