//! Where applications find us that speak SAML: they ask for a sign-in, by the browsers of their people, and fetch who we are; and where people go to one. What
//! comes from an application's site comes without cookies: whoever asked is led to a page of ours, with what was asked sealed in its address.

use applications::application_access::may_use;
use applications::applications::KIND;
use applications::saml_questions::{self, Came, Question};
use applications::saml_sign_ons::{self, Form, Next, Shown};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use model::applications::application::{ApplicationId, SignInOrigin};
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;

use crate::application::{CONTINUE, FORM_MAX, START, TEST, opened, ours, send};
use crate::message::{self, Frame, fault, render};
use crate::portal::Portal;
use crate::posted::Posted;
use crate::visitor::Visitor;
use crate::words::sentence::Sentence;
use crate::{form, headers, sign_in, verify};

/// What the trail calls it.
const EVENT: &str = "Federate";
/// What it calls the way to an application where a sign-in begins: nobody is signed in by it yet.
const OPENED: &str = "OpenApplication";

/// `GET /saml/metadata/{id}`
pub(crate) async fn metadata(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let visitor = visitor.doing(EVENT);
    let found = ApplicationId::parse(id)
        .and_then(|id| saml_sign_ons::metadata(&portal.store, &visitor.cx, (&ours(&portal), &id)));
    match found {
        Ok(document) => {
            let kind = HeaderValue::from_static("application/samlmetadata+xml");
            ([(header::CONTENT_TYPE, kind)], document).into_response()
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// `GET /saml/assertion/{id}`: an application asks in a query string.
pub(crate) async fn ask(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    asked(&portal, visitor, &id, Came::Query(&query.unwrap_or_default()))
}

/// The same in a form.
pub(crate) async fn ask_by_form(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    sent: Posted,
) -> Response {
    let pairs = form::pairs_within(&sent.body, FORM_MAX).unwrap_or_default();
    let message = form::field(&pairs, "SAMLRequest").unwrap_or_default();
    asked(&portal, sent.visitor, &id, Came::Form(message, form::field(&pairs, "RelayState")))
}

fn asked(portal: &Portal, visitor: Visitor, id: &str, came: Came<'_>) -> Response {
    let visitor = visitor.doing(EVENT);
    let Ok(id) = ApplicationId::parse(id) else { return message::no_page(portal, &visitor) };
    let question = saml_questions::receive(&portal.store, &visitor.cx, (&ours(portal), &id), came);
    match question.and_then(|question| question.seal(&portal.store, &visitor.cx)) {
        Ok(sealed) => headers::redirect(&format!("{CONTINUE}?q={sealed}"), portal.is_secure()),
        Err(refused) => fault(portal, &visitor, &refused),
    }
}

/// `/saml/continue`: what was asked is answered, once its person is signed in.
pub(crate) async fn go_on(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing(EVENT);
    let raw = query.unwrap_or_default();
    match opened(&portal, &visitor, &raw) {
        Ok(question) => answer(&portal, &visitor, &question, &format!("{CONTINUE}?{raw}")).await,
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// `/start/application`: somebody goes to an application from here. One where a sign-in begins at the application itself is opened, and asks.
pub(crate) async fn start(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing(EVENT);
    let raw = query.unwrap_or_default();
    let back = format!("{START}?{raw}");
    let Some(session) = &visitor.session else { return sign_in::first(&portal, &back) };
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let Ok(id) = ApplicationId::parse(form::field(&pairs, "id").unwrap_or_default()) else {
        return message::no_page(&portal, &visitor);
    };
    match at_the_application(&portal, &visitor, (&id, &session.user.user_id)) {
        Ok(Some((there, arn))) => {
            visitor.saw_of(&portal, OPENED, (KIND, arn));
            message::go_on(&portal, &visitor, &there)
        }
        Ok(None) => answer(&portal, &visitor, &Question::unasked(&visitor.cx, &id), &back).await,
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

#[derive(Template)]
#[template(path = "application_test.html")]
struct Test<'a> {
    frame: Frame,
    shown: &'a Shown,
    attributes: Vec<(&'a str, &'a str)>,
}

/// `/start/application/test`: what an application would be told of whoever looks.
pub(crate) async fn test(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("TestApplication");
    let raw = query.unwrap_or_default();
    let Some(session) = &visitor.session else { return sign_in::first(&portal, &format!("{TEST}?{raw}")) };
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let Ok(id) = ApplicationId::parse(form::field(&pairs, "id").unwrap_or_default()) else {
        return message::no_page(&portal, &visitor);
    };
    match saml_sign_ons::look(&portal.store, &visitor.cx, (&ours(&portal), &id), session) {
        Ok(shown) => {
            visitor.saw(&portal, "TestApplication");
            let named = shown.assertion.attributes.iter();
            let attributes =
                named.flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())));
            let page = Test {
                frame: Frame::new(&portal, &visitor),
                shown: &shown,
                attributes: attributes.collect(),
            };
            render(&portal, &visitor, StatusCode::OK, &page, None)
        }
        Err(refused) => fault(&portal, &visitor, &refused),
    }
}

/// Where an application begins sign-ins itself, for who may use it, and its ARN.
fn at_the_application(
    portal: &Portal,
    visitor: &Visitor,
    (id, user): (&ApplicationId, &UserId),
) -> Result<Option<(String, String)>, Fault> {
    portal.store.read(|rx| {
        let Some(application) = store::applications::applications::find(rx, id)? else { return Ok(None) };
        let arn = application.arn().to_string();
        let begins_there = application.sign_in.filter(|options| options.origin == SignInOrigin::Application);
        let Some(there) = begins_there.and_then(|options| options.application_url) else { return Ok(None) };
        if may_use(rx, id, user)? {
            return Ok(Some((there, arn)));
        }
        visitor.cx.event().touch(KIND, arn);
        let application = application.name;
        Err(Fault::say(FaultKind::Forbidden, Saying::ApplicationNotAssigned { application }))
    })
}

async fn answer(portal: &Portal, visitor: &Visitor, question: &Question, back: &str) -> Response {
    let ours = ours(portal);
    let next = saml_sign_ons::answer(&portal.store, &visitor.cx, (&ours, question), visitor.session.as_ref());
    match next.await {
        Ok(Next::Form(form)) => {
            let text =
                visitor.language.say("application-go-on-text").with("application", form.application.clone());
            leave(portal, visitor, (form, text))
        }
        Ok(Next::Refusal(form, why)) => {
            visitor.was_refused(portal, "InvalidRequestException", &why);
            let text = visitor
                .language
                .say("application-refused-text")
                .with("application", form.application.clone());
            leave(portal, visitor, (form, text))
        }
        Ok(Next::SignIn) => sign_in::first(portal, back),
        Ok(Next::ProveAgain) => verify::first(portal, back),
        Err(refused) => fault(portal, visitor, &refused),
    }
}

fn leave(portal: &Portal, visitor: &Visitor, (form, text): (Form, Sentence)) -> Response {
    let mut fields = vec![("SAMLResponse", form.response)];
    fields.extend(form.relay_state.map(|state| ("RelayState", state)));
    send(portal, visitor, (&form.action, &fields), text)
}
