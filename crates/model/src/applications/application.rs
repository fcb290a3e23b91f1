//! An application: something that people sign in to with what they have here, whatever it speaks.

use crate::accounts::account::AccountId;
use crate::applications::application_provider::ApplicationProviderId;
use crate::fault::Fault;
use crate::id::string_id;
use crate::instances::instance::InstanceId;
use crate::timestamp::Timestamp;

string_id!(
    /// `apl-` and sixteen letters and digits.
    ApplicationId,
    "application id",
    |value: &str| {
        value
            .strip_prefix("apl-")
            .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }
);

/// An application's ARN: `arn:aws:sso::<account>:application/<instance>/<application>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationArn {
    /// The account that made it.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The application.
    pub id: ApplicationId,
}

impl ApplicationArn {
    /// From its text; `None` when it is not one.
    pub fn parse(arn: &str) -> Option<Self> {
        let (account, rest) = arn.strip_prefix("arn:aws:sso::")?.split_once(":application/")?;
        let (instance, id) = rest.split_once('/')?;
        Some(Self {
            account_id: AccountId::parse(account).ok()?,
            instance_id: InstanceId::parse(instance).ok()?,
            id: ApplicationId::parse(id).ok()?,
        })
    }

    /// Every application of an account in an instance: the one that is to be has no name yet.
    pub fn any(account: &AccountId, instance: &InstanceId) -> String {
        format!("arn:aws:sso::{account}:application/{instance}/*")
    }
}

impl std::fmt::Display for ApplicationArn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "arn:aws:sso::{}:application/{}/{}", self.account_id, self.instance_id, self.id)
    }
}

/// Whether something is switched on: an application, its tile, sessions without the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

impl Switch {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|switch| switch.as_str() == value)
    }
}

/// Where a sign-in to an application begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOrigin {
    /// Here: the portal leads people in.
    IdentityCenter,
    /// At the application: the portal opens its address, and it asks.
    Application,
}

impl SignInOrigin {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityCenter => "IDENTITY_CENTER",
            Self::Application => "APPLICATION",
        }
    }

    /// From the wire word.
    pub fn parse(value: &str) -> Option<Self> {
        [Self::IdentityCenter, Self::Application].into_iter().find(|origin| origin.as_str() == value)
    }
}

/// How people come from the portal to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInOptions {
    /// Where a sign-in begins.
    pub origin: SignInOrigin,
    /// What the portal opens: `http://…` or `https://…`, 512 characters at most.
    pub application_url: Option<String>,
}

impl SignInOptions {
    /// Holds the two against each other.
    pub fn new(origin: SignInOrigin, application_url: Option<String>) -> Result<Self, Fault> {
        if origin == SignInOrigin::Application && application_url.is_none() {
            return Err(Fault::validation(
                "PortalOptions.SignInOptions.ApplicationUrl is missing: it is required when Origin is APPLICATION",
            ));
        }
        Ok(Self { origin, application_url })
    }
}

/// An application, without what hangs on it: assignments, scopes, grants, what its protocol needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The account that made it, whose it is.
    pub account_id: AccountId,
    /// What kind it is.
    pub provider_id: ApplicationProviderId,
    /// 1 to 100 characters; several may have the same.
    pub name: String,
    /// 1 to 128 characters.
    pub description: Option<String>,
    /// Whether anybody may use it.
    pub status: Switch,
    /// Whether the portal shows it.
    pub visibility: Switch,
    /// How people come there from the portal, when that was said.
    pub sign_in: Option<SignInOptions>,
    /// Whether only those may use it who are assigned; else everybody of the instance's identity store.
    pub assignment_required: bool,
    /// Whether it may go on for a person who has signed out.
    pub background_sessions: Switch,
    /// When made.
    pub created_at: Timestamp,
    /// From which Region.
    pub created_from: String,
}

impl Application {
    /// The ARN.
    pub fn arn(&self) -> ApplicationArn {
        ApplicationArn {
            account_id: self.account_id.clone(),
            instance_id: self.instance_id.clone(),
            id: self.id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_read_as_it_is_written() {
        let text = "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-0123456789abcdEF";
        assert_eq!(ApplicationArn::parse(text).unwrap().to_string(), text);
        for bad in [
            "arn:aws:sso:::application/ssoins-1234567890abcdef/apl-0123456789abcdef",
            "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-0123456789abcde",
            "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/ps-0123456789abcdef",
            "arn:aws:sso::111122223333:application/ssoins-1234567890abcdef/apl-0123456789abcdef/x",
            "arn:aws-cn:sso::111122223333:application/ssoins-1234567890abcdef/apl-0123456789abcdef",
        ] {
            assert!(ApplicationArn::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_sign_in_that_begins_at_the_application_needs_its_address() {
        let fault = SignInOptions::new(SignInOrigin::Application, None).unwrap_err();
        assert!(fault.message().contains("ApplicationUrl"), "{fault}");
        assert!(SignInOptions::new(SignInOrigin::IdentityCenter, None).is_ok());
    }
}
