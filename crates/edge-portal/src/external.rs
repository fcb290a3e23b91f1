//! Signing in by another identity provider: the way there, and the way back. What was asked is in a cookie of the browser that asked, so that no other
//! browser is signed in by its answer; an answer to nothing that was asked is shown before it counts.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::DirectoryAnswer;
use model::sources::arrival::{Arrival, ExternalSession};
use model::sources::external_idp::Protocol;
use signin::external::{Entering, asks, enter, prove_again};
use signin::flows::Progress;
use sources::external_answers::{self, NotTaken, Taken, failed};
use sources::questions::{Asking, Begun, Errand, GoTo, QUESTION};
use sources::{directory_sign_ins, external_idps, oidc_sign_ins, saml_sign_ins, session_tags};

use crate::message::{self, Frame, render, stale_form};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::sign_in::{brought, go_on};
use crate::visitor::{Visitor, keep_question, question};
use crate::{form, headers, return_to, sign_in};

/// Where the console has them.
const PROVIDERS: &str = "/console/identity-providers";
/// What the trail calls it (aws-capabilities 3.1).
const EVENT: (&str, &str) = ("signin.amazonaws.com", "ExternalIdPDirectoryLogin");

/// `/signin/external`: sends the browser to the provider.
pub(crate) async fn begin(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing_of(EVENT.0, EVENT.1);
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let is_again = form::field(&pairs, "again").is_some();
    let errand = match (&visitor.session, is_again) {
        (Some(session), true) => Errand::Again(session.user.session_id.clone()),
        (None, true) => return sign_in::first(&portal, &back),
        (_, false) => Errand::SignIn,
    };
    let hint = form::field(&pairs, "hint").filter(|hint| hint.len() <= 256).map(str::to_owned);
    let asking = Asking { errand, back_to: back, hint };
    go_there(&portal, &visitor, form::field(&pairs, "idp").unwrap_or_default(), asking)
}

/// Sends the browser of an administrator to a provider, to see what comes back.
pub fn try_out(portal: &Portal, visitor: &Visitor, id: &str) -> Response {
    let Some(session) = &visitor.session else { return sign_in::first(portal, "/console") };
    let errand = Errand::Trial(session.user.session_id.clone());
    let asking = Asking { errand, back_to: "/console".to_owned(), hint: None };
    go_there(portal, visitor, id, asking)
}

fn go_there(portal: &Portal, visitor: &Visitor, id: &str, asking: Asking) -> Response {
    let by_form = !matches!(asking.errand, Errand::SignIn);
    match begun(portal, visitor, id, asking) {
        Ok(begun) => {
            let mut response = match &begun.go_to {
                // Without a redirect: browsers hold a form's whole way against what its page may send to.
                GoTo::Address(there) if by_form => message::go_on(portal, visitor, there),
                there => leave(portal, visitor, there),
            };
            let kept = Some((&begun.kept.value, QUESTION.as_secs()));
            keep_question(portal, &mut response, &begun.kept.mark, kept);
            response
        }
        Err(refused) => refuse(portal, visitor, &refused),
    }
}

fn begun(portal: &Portal, visitor: &Visitor, id: &str, asking: Asking) -> Result<Begun, Fault> {
    let gone =
        || Fault::say(FaultKind::Unauthorized, Saying::SignInOver).with_context("there is no such provider");
    let is_trial = matches!(asking.errand, Errand::Trial(_));
    let found = portal.store.read(|rx| external_idps::of_address(rx, id, is_trial))?.ok_or_else(gone)?;
    match found.settings.protocol {
        Protocol::Saml(_) => saml_sign_ins::begin(&portal.store, &visitor.cx, id, asking),
        Protocol::Oidc(_) => {
            oidc_sign_ins::begin(&portal.store, &visitor.cx, &portal.our_side(), (id, asking))
        }
    }
}

#[derive(Template)]
#[template(path = "post_on.html")]
struct PostOn<'a> {
    frame: Frame,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

/// To another site: by an address, or by a form that a button sends.
pub(crate) fn leave(portal: &Portal, visitor: &Visitor, go_to: &GoTo) -> Response {
    match go_to {
        GoTo::Address(address) => headers::redirect(address, portal.is_secure()),
        GoTo::Form { action, fields } => {
            let page = PostOn { frame: Frame::new(portal, visitor), action, fields };
            let origin = crate::authorize::origin(action);
            render(portal, visitor, StatusCode::OK, &page, origin.as_deref())
        }
    }
}

/// `/signin/external/callback`: back from an OpenID provider.
pub(crate) async fn callback(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing_of(EVENT.0, EVENT.1);
    let came = match oidc_sign_ins::CameBack::read(&query.unwrap_or_default()) {
        Ok(came) => came,
        Err(refused) => return refuse(&portal, &visitor, &refused),
    };
    let mark = came.mark();
    let kept = question(&portal, &headers, &mark);
    let around = (&portal.our_side(), &portal.outbound);
    let taken = oidc_sign_ins::receive(&portal.store, &visitor.cx, around, (came, kept.as_ref())).await;
    let mut response = match taken {
        Ok(taken) => arrived(&portal, &visitor, (&headers, "/start"), taken).await,
        Err(refused) => match kept.filter(|kept| oidc_sign_ins::is_trial(&portal.store, &visitor.cx, kept)) {
            Some(_) => tried(&portal, &visitor, Err(why(&refused))),
            None => refuse(&portal, &visitor, &refused),
        },
    };
    keep_question(&portal, &mut response, &mark, None);
    response
}

/// `/signin/external/finish`: back from a SAML provider, whose answer is kept under a ticket.
pub(crate) async fn finish(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing_of(EVENT.0, EVENT.1);
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    if let Some(sealed) = form::field(&pairs, "refused") {
        return not_taken(&portal, &visitor, &headers, sealed);
    }
    let ticket = Secret::new(form::field(&pairs, "ticket").unwrap_or_default());
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let waiting = match external_answers::look(&portal.store, &visitor.cx, &ticket) {
        Ok(waiting) => waiting,
        Err(refused) => return refuse(&portal, &visitor, &refused),
    };
    let Some(mark) = waiting.mark.clone() else {
        let page = Unasked {
            csrf: visitor.csrf(&portal),
            frame: Frame::new(&portal, &visitor),
            provider: &waiting.idp.settings.name,
            who: waiting.subject(),
            ticket: ticket.expose(),
            return_to: &back,
        };
        return visitor.remember(&portal, render(&portal, &visitor, StatusCode::OK, &page, None));
    };
    let kept = question(&portal, &headers, &mark);
    let taken = external_answers::take(&portal.store, &visitor.cx, waiting, kept.as_ref()).await;
    let mut response = match taken {
        Ok(taken) => arrived(&portal, &visitor, (&headers, &back), taken).await,
        Err(refused) => refuse(&portal, &visitor, &refused),
    };
    keep_question(&portal, &mut response, &mark, None);
    response
}

#[derive(Template)]
#[template(path = "unasked.html")]
struct Unasked<'a> {
    frame: Frame,
    csrf: String,
    provider: &'a str,
    who: &'a str,
    ticket: &'a str,
    return_to: &'a str,
}

/// Somebody says that they want to be signed in by an answer to nothing that was asked here.
pub(crate) async fn confirm(State(portal): State<Portal>, sent: Posted) -> Response {
    let Posted { visitor, headers, body, .. } = sent;
    let visitor = visitor.doing_of(EVENT.0, EVENT.1);
    let Some(pairs) = form::pairs(&body).filter(|pairs| visitor.sent(&portal, pairs, &headers)) else {
        return stale_form(&portal, &visitor);
    };
    let ticket = Secret::new(form::field(&pairs, "ticket").unwrap_or_default());
    let back = return_to::safe(form::field(&pairs, "return_to").unwrap_or_default()).to_owned();
    let taken = match external_answers::look(&portal.store, &visitor.cx, &ticket) {
        Ok(waiting) => external_answers::take(&portal.store, &visitor.cx, waiting, None).await,
        Err(refused) => Err(refused),
    };
    match taken {
        Ok(taken) => arrived(&portal, &visitor, (&headers, &back), taken).await,
        Err(refused) => refuse(&portal, &visitor, &refused),
    }
}

/// Somebody is back whose answer is proved and theirs.
async fn arrived(
    portal: &Portal,
    visitor: &Visitor,
    (headers, back): (&HeaderMap, &str),
    taken: Taken,
) -> Response {
    let errand = taken.question.as_ref().map_or(Errand::SignIn, |question| question.errand.clone());
    let back = taken.question.as_ref().map_or(back, |question| question.back_to.as_str()).to_owned();
    if let Errand::Trial(session_id) = &errand {
        let is_theirs =
            visitor.session.as_ref().is_some_and(|session| session.user.session_id == *session_id);
        return if is_theirs { tried(portal, visitor, Ok(&taken)) } else { stale_form(portal, visitor) };
    }
    let entering = match settled(portal, visitor, &taken).await {
        Ok((user_id, tags)) => Entering {
            user_id,
            external: ExternalSession {
                external_idp_id: taken.idp.id.as_str().to_owned(),
                subject: taken.arrival.called.clone(),
                index: taken.arrival.index.clone(),
            },
            until: taken.arrival.until,
            mfa: taken.idp.settings.trust_mfa && taken.arrival.mfa,
            tags,
            brought: brought(portal, visitor, headers),
        },
        Err(refused) => return refuse_person(portal, visitor, (&refused, &back)).await,
    };
    let (store, cx, config) = (&portal.store, &visitor.cx, &portal.signin);
    let done = match errand {
        Errand::Again(session_id) => prove_again(store, cx, (config, &session_id), entering)
            .await
            .map(|()| headers::redirect(return_to::safe(&back), portal.is_secure())),
        _ => enter(store, cx, config, entering)
            .await
            .map(|signed_in| go_on(portal, Progress::SignedIn(Box::new(signed_in)), &back)),
    };
    done.unwrap_or_else(|refused| refuse(portal, visitor, &refused))
}

type Settled = (model::directory::user::UserId, std::collections::BTreeMap<String, String>);

/// Who they are here, if the directory that they are of lets them in.
async fn settled(portal: &Portal, visitor: &Visitor, taken: &Taken) -> Result<Settled, Fault> {
    let Taken { idp, arrival, .. } = taken;
    let tags = session_tags::of(idp, arrival).map_err(|why| failed(idp, why))?;
    let user = directory::arrivals::settle(&portal.store, &visitor.cx, idp, arrival).await;
    let user = user.map_err(|fault| match fault.kind() {
        FaultKind::Internal | FaultKind::Unavailable => fault,
        _ => failed(idp, fault.message()),
    })?;
    let Some(asked) = asks(&portal.store, &user.id)? else { return Ok((user.id, tags)) };
    let (store, cx) = (&portal.store, &visitor.cx);
    let (told, said) = match directory_sign_ins::ask_standing(store, cx, &portal.outbound, &asked).await? {
        DirectoryAnswer::Welcome => return Ok((user.id, tags)),
        DirectoryAnswer::Refused { said, .. } | DirectoryAnswer::MustChange { said, .. } => {
            (Saying::DirectoryAccountOff, said)
        }
        DirectoryAnswer::Away { said, .. } => (Saying::DirectoryAway, said),
    };
    let why = format!("the directory {} does not let {} in: {said}", asked.directory_id, user.id);
    Err(Fault::say(FaultKind::Unauthorized, told).with_context(why))
}

/// One sentence for people; the reason is in the trail and in the log.
pub(crate) fn refuse(portal: &Portal, visitor: &Visitor, refused: &Fault) -> Response {
    match (refused.kind(), refused.context()) {
        (FaultKind::Unauthorized, Some(why)) => {
            visitor.was_refused(portal, "UnauthorizedException", why);
            tracing::warn!(source = &*visitor.cx.source_ip, why, "a sign-in by an identity provider failed");
            message::told(portal, visitor, refused)
        }
        _ => message::fault(portal, visitor, refused),
    }
}

/// The same of somebody whom a provider did send: each has a record of their own, since no stranger can bring that about. They may begin again and come to
/// where they were going.
async fn refuse_person(portal: &Portal, visitor: &Visitor, (refused, back): (&Fault, &str)) -> Response {
    let Some(why) = refused.context().filter(|_| matches!(refused.kind(), FaultKind::Unauthorized)) else {
        return message::fault(portal, visitor, refused);
    };
    let outcome = Outcome::Failure { code: "UnauthorizedException", message: why };
    if let Err(unrecorded) = portal.recorder.record(visitor.cx.record(outcome).to_keep()).await {
        return message::fault(portal, visitor, &unrecorded);
    }
    tracing::warn!(
        source = &*visitor.cx.source_ip,
        why,
        "a person whom an identity provider sent was refused"
    );
    message::told_to_begin_again(portal, visitor, refused, &return_to::after("/signin", back))
}

fn why(refused: &Fault) -> String {
    refused.context().unwrap_or_else(|| refused.message()).to_owned()
}

/// A SAML answer that was not taken: recorded already, when it came.
fn not_taken(portal: &Portal, visitor: &Visitor, headers: &HeaderMap, sealed: &str) -> Response {
    let over = Fault::say(FaultKind::Unauthorized, Saying::SignInOver);
    let Some(told) = NotTaken::open(&portal.store, sealed) else {
        return message::told(portal, visitor, &over);
    };
    let kept = told.mark().and_then(|mark| question(portal, headers, &mark));
    if kept.is_some_and(|kept| told.is_of_a_trial(&portal.store, &visitor.cx, &kept)) {
        return tried(portal, visitor, Err(told.why));
    }
    let provider = told.provider;
    let refused = Fault::say(FaultKind::Unauthorized, Saying::ExternalFailed { provider });
    message::told(portal, visitor, &refused)
}

#[derive(Template)]
#[template(path = "trial.html")]
struct Trial<'a> {
    frame: Frame,
    provider: &'a str,
    /// Where its page is, or else the list of all.
    back: String,
    /// Why it would be refused.
    refused: Option<String>,
    /// Who it would be.
    user_name: Option<String>,
    is_new: bool,
    subject: &'a str,
    attributes: Vec<(&'a str, String)>,
    tags: Vec<(String, String)>,
}

/// What came back to an administrator who tries a provider: everything, and what would become of it.
fn tried(portal: &Portal, visitor: &Visitor, came: Result<&Taken, String>) -> Response {
    let frame = Frame::new(portal, visitor);
    let page = match came {
        Err(refused) => Trial {
            frame,
            provider: "",
            back: PROVIDERS.to_owned(),
            refused: Some(refused),
            user_name: None,
            is_new: false,
            subject: "",
            attributes: Vec::new(),
            tags: Vec::new(),
        },
        Ok(Taken { idp, arrival, .. }) => {
            let tags = session_tags::of(idp, arrival);
            let preview = directory::arrivals::preview(&portal.store, &visitor.cx, idp, arrival);
            let refused = tags.as_ref().err().cloned();
            let refused = refused.or_else(|| preview.as_ref().err().map(|fault| fault.message().to_owned()));
            Trial {
                frame,
                provider: &idp.settings.name,
                back: format!("{PROVIDERS}/{}", idp.id),
                refused,
                is_new: preview.as_ref().is_ok_and(|preview| preview.is_new),
                user_name: preview.ok().map(|preview| preview.user_name),
                subject: &arrival.subject,
                attributes: shown(arrival),
                tags: tags.unwrap_or_default().into_iter().collect(),
            }
        }
    };
    render(portal, visitor, StatusCode::OK, &page, None)
}

fn shown(arrival: &Arrival) -> Vec<(&str, String)> {
    arrival.attributes.iter().map(|(name, values)| (name.as_str(), values.join(" · "))).collect()
}
