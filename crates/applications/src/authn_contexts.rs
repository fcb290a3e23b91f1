//! How somebody signed in, in the words of SAML (Authentication Context, and the REFEDS MFA profile), held against how an application wants it. What is said is true: a class is
//! named only where the session was begun, or proved again, in that way.

use model::signin::mfa::Method;
use model::signin::portal_session::PortalSession;
use model::timestamp::Timestamp;
use saml::authn_request::{Comparison, RequestedContext};

const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
const PASSWORD_PROTECTED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
const REFEDS_MFA: &str = "https://refeds.org/profile/mfa";
const MICROSOFT_MFA: &str = "http://schemas.microsoft.com/claims/multipleauthn";

/// The classes that may be true here, the weakest first.
const CLASSES: [&str; 5] = [UNSPECIFIED, PASSWORD, PASSWORD_PROTECTED, REFEDS_MFA, MICROSOFT_MFA];

/// The strength of a class: two factors are better than a password, and that than nothing said.
fn strength(class: &str) -> Option<usize> {
    match class {
        UNSPECIFIED => Some(0),
        PASSWORD | PASSWORD_PROTECTED => Some(1),
        REFEDS_MFA | MICROSOFT_MFA => Some(2),
        _ => None,
    }
}

/// When a class became true of a session, for those that have a time of their own: a second factor may be older than what was proved last.
pub(crate) fn since(session: &PortalSession, class: &str) -> Timestamp {
    match class {
        REFEDS_MFA | MICROSOFT_MFA => session.proofs.mfa_at.unwrap_or(session.verified_at),
        _ => session.verified_at,
    }
}

/// Whether a class is true of a session, and was proved no longer ago than `least`, where that is asked for.
fn holds(session: &PortalSession, class: &str, least: Option<Timestamp>) -> bool {
    if least.is_some_and(|least| since(session, class) < least) {
        return false;
    }
    match class {
        UNSPECIFIED => true,
        PASSWORD | PASSWORD_PROTECTED => session.proofs.methods.contains(&Method::Password),
        REFEDS_MFA | MICROSOFT_MFA => session.proofs.mfa_at.is_some(),
        _ => false,
    }
}

/// The class to name: the best that is true where nothing is asked for, else one that is as it is asked for; none where none is.
pub(crate) fn class(
    session: &PortalSession,
    asked: Option<&RequestedContext>,
    least: Option<Timestamp>,
) -> Option<&'static str> {
    let holds = |class: &str| holds(session, class, least);
    let mut true_ones = CLASSES.into_iter().filter(|class| holds(class));
    let Some(asked) = asked else {
        // The words that are in every implementation, for who asks for none in particular.
        let usual = [PASSWORD_PROTECTED, UNSPECIFIED];
        return usual.into_iter().find(|class| holds(class));
    };
    let strengths: Vec<usize> = asked.classes.iter().filter_map(|class| strength(class)).collect();
    match asked.comparison {
        Comparison::Exact => {
            let mut wanted = asked.classes.iter();
            wanted.find_map(|wanted| CLASSES.into_iter().find(|class| class == wanted && holds(class)))
        }
        Comparison::Minimum => {
            true_ones.find(|class| strengths.iter().any(|least| strength(class) >= Some(*least)))
        }
        Comparison::Maximum => {
            true_ones.rfind(|class| strengths.iter().any(|most| strength(class) <= Some(*most)))
        }
        // Better than all: a class that is not known here cannot be held against.
        Comparison::Better if strengths.len() == asked.classes.len() => {
            true_ones.find(|class| strengths.iter().all(|less| strength(class) > Some(*less)))
        }
        Comparison::Better => None,
    }
}
