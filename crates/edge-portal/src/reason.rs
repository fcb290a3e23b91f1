//! Why somebody is at the sign-in page, in a sentence: a program asks, or a session has ended, and where they go on afterwards. Says only what the
//! address that they come from says; whether anybody exists is no matter of it.

use signin::authorize;

use crate::application::{CONTINUE, START, application_of};
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::words::sentence::Sentence;
use crate::{form, oidc_question};

/// What the AWS CLI calls itself when it registers: botocore's own name and that of the sso-session.
const AWS_CLI: &str = "botocore-client-";

/// Whether a program calls itself what the AWS CLI does. Any program may.
pub(crate) fn is_aws_cli(client_name: &str) -> bool {
    client_name.starts_with(AWS_CLI)
}

/// Why a visitor who goes on to `back` is asked to sign in.
pub(crate) fn why(portal: &Portal, visitor: &Visitor, back: &str) -> Option<Sentence> {
    if visitor.has_ended {
        let place = visitor.language.say(place(back)).to_string();
        return Some(visitor.language.say("sign-in-ended").with("place", place));
    }
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    match path {
        "/authorize" => {
            let pairs = form::pairs(query.as_bytes()).unwrap_or_default();
            let request = authorize::open(&portal.store, &visitor.cx, &portal.signin, &pairs).ok()?;
            Some(if is_aws_cli(&request.client_name) {
                visitor.language.say("sign-in-for-cli")
            } else {
                visitor.language.say("sign-in-for-program").with("program", request.client_name)
            })
        }
        "/v1/authorize" => Some(visitor.language.say("sign-in-for-cli")),
        "/device" => Some(visitor.language.say("sign-in-for-device")),
        CONTINUE | START => {
            let application = application_of(portal, visitor, (path, query))?;
            Some(visitor.language.say("sign-in-for-application").with("application", application))
        }
        _ => {
            let application = oidc_question::name_of(portal, path)?;
            Some(visitor.language.say("sign-in-for-application").with("application", application))
        }
    }
}

/// What a place of ours is called within a sentence.
fn place(back: &str) -> &'static str {
    match back.split('?').next().unwrap_or_default() {
        "/start/keys" => "place-keys",
        "/security" | "/security/add" => "place-security",
        "/device" => "place-device",
        "/authorize" | "/v1/authorize" => "place-program",
        CONTINUE | START => "place-application",
        path if oidc_question::asked_by(path).is_some() => "place-application",
        path if path.starts_with("/console") => "place-console",
        _ => "place-accounts",
    }
}
