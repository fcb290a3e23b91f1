//! The records of one sign-in: CloudTrail has one for each step, all under one `AuthWorkflowID` (aws-capabilities §3.1).

use model::cx::Cx;
use model::entropy::uuid;
use model::event::{EventHead, HIDDEN};

use crate::config::Config;

/// A sign-in, as its records know it.
#[derive(Debug, Clone)]
pub(crate) struct Workflow {
    pub(crate) id: String,
    login_to: String,
}

impl Workflow {
    /// One that begins.
    pub(crate) fn new(cx: &Cx, config: &Config) -> Self {
        Self::again(config, uuid(cx.entropy()).to_string())
    }

    /// One that goes on.
    pub(crate) fn again(config: &Config, id: String) -> Self {
        Self { id, login_to: config.portal_url() }
    }

    /// The call seen as one of the steps. A name that is nobody's is not said: it may be a password typed into the wrong field.
    pub(crate) fn step(
        &self,
        cx: &Cx,
        name: &'static str,
        (credential_type, user_name): (&str, Option<&str>),
        success: bool,
    ) -> Cx {
        let step = cx.with_event(EventHead::of_service("signin.amazonaws.com", name));
        let event = step.event();
        event.add("AuthWorkflowID", self.id.as_str());
        event.add("CredentialType", credential_type);
        event.add("UserName", user_name.unwrap_or(HIDDEN));
        if let Some(user_name) = user_name {
            event.name_user(user_name);
        }
        event.detail(name, if success { "Success" } else { "Failure" });
        step
    }

    /// The last step: somebody is signed in.
    pub(crate) fn authenticated(&self, cx: &Cx, credential_type: &str, user_name: &str) -> Cx {
        let step = self.step(cx, "UserAuthentication", (credential_type, Some(user_name)), true);
        step.event().add("LoginTo", self.login_to.as_str());
        step.event().add("DeviceEnrollmentRequired", "false");
        step
    }
}
