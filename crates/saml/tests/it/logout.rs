//! Messages that end sessions: read as written, by both bindings, from verified text, at their time and place.

use saml::algorithm::Accepted;
use saml::error::Error;
use saml::logout::{Expected, LogoutRequest, LogoutResponse, NewLogoutRequest, NewLogoutResponse};
use saml::name_id::NameId;
use saml::redirect::{Outgoing, Parameter, Received};
use saml::status::{PARTIAL_LOGOUT, RESPONDER, SUCCESS, Status};
use saml::verify::{Signed, verify, verify_message};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::keys::Key;
use crate::messages::signed;

const SLO: &str = "https://idp.example/slo?a=1&b=2";
const MADE: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);

pub(crate) fn jane() -> NameId {
    NameId {
        value: "jane <doe> & co".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        qualifier: Some("https://idp.example/saml".to_owned()),
        sp_qualifier: Some("https://sp.example/saml".to_owned()),
    }
}

pub(crate) fn request(name_id: &NameId) -> NewLogoutRequest<'_> {
    NewLogoutRequest {
        id: "_l1",
        issuer: "https://sp.example/saml",
        issued_at: MADE,
        destination: SLO,
        not_on_or_after: Some(datetime!(2026-11-24 08:05 UTC)),
        name_id,
        session_indexes: &["_s1", "\"2\""],
    }
}

pub(crate) fn partial() -> Status {
    Status {
        code: SUCCESS.to_owned(),
        second: Some(PARTIAL_LOGOUT.to_owned()),
        message: Some("one session is left".to_owned()),
    }
}

pub(crate) fn response(status: &Status) -> NewLogoutResponse<'_> {
    NewLogoutResponse {
        id: "_l2",
        issuer: "https://sp.example/saml",
        issued_at: MADE,
        destination: SLO,
        in_response_to: "_l1",
        status,
    }
}

fn expected(now: OffsetDateTime) -> Expected<'static> {
    Expected {
        destinations: &["https://other.example", SLO],
        now,
        skew: Duration::ZERO,
        lifetime: Duration::minutes(3),
    }
}

/// What came by each of the bindings.
fn by_both(key: &Key, plain: &str, in_form: &str, parameter: Parameter) -> [Signed; 2] {
    let outgoing = Outgoing { location: SLO, parameter, message: plain, relay_state: Some("r") };
    let url = outgoing.signed_url(&key.signing()).unwrap();
    let received = Received::read(url.split_once('?').unwrap().1).unwrap();
    assert_eq!(received.parameter(), parameter);
    [
        received.verify(&[key.public()], Accepted::default()).unwrap(),
        verify_message(in_form, &[key.public()], Accepted::default()).unwrap(),
    ]
}

#[test]
fn a_request_is_read_as_written_by_both_bindings() {
    for key in [Key::p256(), Key::rsa()] {
        let name = jane();
        for new in [
            request(&name),
            NewLogoutRequest { session_indexes: &[], not_on_or_after: None, ..request(&name) },
        ] {
            let (plain, in_form) = (new.write().unwrap(), new.write_signed(&key.signing()).unwrap());
            for signed in by_both(&key, &plain, &in_form, Parameter::Request) {
                let read = LogoutRequest::read(&signed).unwrap();
                let said = LogoutRequest {
                    id: new.id.to_owned(),
                    issuer: new.issuer.to_owned(),
                    destination: Some(SLO.to_owned()),
                    issued_at: MADE,
                    not_on_or_after: new.not_on_or_after,
                    name_id: jane(),
                    session_indexes: new.session_indexes.iter().map(|index| (*index).to_owned()).collect(),
                };
                assert_eq!(read, said);
            }
        }
    }
}

#[test]
fn an_answer_is_read_as_written_by_both_bindings() {
    let key = Key::rsa();
    for status in [Status::success(), partial(), Status::failure(RESPONDER, None)] {
        let new = response(&status);
        let (plain, in_form) = (new.write().unwrap(), new.write_signed(&key.signing()).unwrap());
        for signed in by_both(&key, &plain, &in_form, Parameter::Response) {
            let read = LogoutResponse::read(&signed).unwrap();
            assert_eq!((read.id.as_str(), read.in_response_to.as_str()), ("_l2", "_l1"));
            assert_eq!(read.issuer, new.issuer);
            assert_eq!(read.status, status);
            assert_eq!(read.check(&expected(MADE)), Ok(()));
        }
    }
}

fn received(new: &NewLogoutRequest<'_>) -> LogoutRequest {
    let key = Key::p256();
    let message = new.write_signed(&key.signing()).unwrap();
    LogoutRequest::read(&verify_message(&message, &[key.public()], Accepted::default()).unwrap()).unwrap()
}

#[test]
fn it_counts_at_its_time_and_place() {
    let name = jane();
    let read = received(&request(&name));
    let longer = |now| Expected { lifetime: Duration::minutes(9), ..expected(now) };
    let at = |now| read.check(&longer(now));
    assert_eq!(at(MADE), Ok(()));
    assert_eq!(at(datetime!(2026-11-24 08:04:59 UTC)), Ok(()));
    assert!(matches!(at(datetime!(2026-11-24 07:59:59 UTC)), Err(Error::Stale(_))));
    assert!(matches!(at(datetime!(2026-11-24 08:05 UTC)), Err(Error::Stale(_))));
    let lenient = Expected { skew: Duration::minutes(1), ..longer(datetime!(2026-11-24 08:05:59 UTC)) };
    assert_eq!(read.check(&lenient), Ok(()));
    let elsewhere = Expected { destinations: &["https://idp.example/slo"], ..expected(MADE) };
    assert_eq!(read.check(&elsewhere), Err(Error::Destination(SLO.to_owned())));
    // Never longer than the receiver says, whatever it says itself.
    let far = LogoutRequest { not_on_or_after: Some(datetime!(9999-12-31 23:59:59 UTC)), ..read.clone() };
    for request in [&read, &far] {
        assert_eq!(request.check(&expected(datetime!(2026-11-24 08:02:59 UTC))), Ok(()));
        assert!(matches!(request.check(&expected(datetime!(2026-11-24 08:03 UTC))), Err(Error::Stale(_))));
    }
    // One that does not say how long it counts: as long as the receiver says.
    let silent = received(&NewLogoutRequest { not_on_or_after: None, ..request(&name) });
    assert_eq!(silent.check(&expected(datetime!(2026-11-24 08:02:59 UTC))), Ok(()));
    assert!(matches!(silent.check(&expected(datetime!(2026-11-24 08:03 UTC))), Err(Error::Stale(_))));
    // One that does not say where it was sent to.
    let nowhere = LogoutRequest { destination: None, ..read };
    assert_eq!(nowhere.check(&expected(MADE)), Err(Error::Destination(String::new())));
}

#[test]
fn what_is_not_proved_or_of_another_kind_ends_no_session() {
    let key = Key::p256();
    let name = jane();
    let plain = request(&name).write().unwrap();
    let message = request(&name).write_signed(&key.signing()).unwrap();
    let keys = [key.public()];
    let of = |text: &str| verify_message(text, &keys, Accepted::default());
    assert_eq!(of(&plain), Err(Error::Shape("no Signature")));
    assert!(verify_message(&message, &[Key::p256().public()], Accepted::default()).is_err());
    assert!(of(&message.replace("_s1", "_s2")).is_err());
    assert!(of(&message.replace("LogoutRequest", "LogoutResponse")).is_err());
    assert!(of(&format!("<x>{message}</x>")).is_err());
    // A Response is verified as one, and a LogoutRequest is none.
    assert!(matches!(of(&signed(&key)), Err(Error::Shape(_))));
    assert!(matches!(verify(&message, &keys), Err(Error::Shape(_))));
    // Verified, and no such message.
    let status = partial();
    let answer = of(&response(&status).write_signed(&key.signing()).unwrap()).unwrap();
    assert!(matches!(LogoutRequest::read(&answer), Err(Error::Shape(_))));
    assert!(matches!(LogoutResponse::read(&of(&message).unwrap()), Err(Error::Shape(_))));
    assert!(LogoutRequest::read(&verify(&signed(&key), &keys).unwrap()).is_err());
}

/// The honest request inside of a forged one, in each place where a signature could be taken for that of the whole.
#[test]
fn wrapped_logout_requests_are_refused() {
    let key = Key::p256();
    let name = jane();
    let message = request(&name).write_signed(&key.signing()).unwrap();
    let signature = crate::messages::between(&message, "<ds:Signature", "</ds:Signature>").to_owned();
    let honest = message.replace(&signature, "");
    let forged = honest.replace("_l1", "_evil").replace("jane", "evil");
    let end = "</saml:Issuer>";
    let inside = |content: &str| forged.replacen(end, &format!("{end}{content}"), 1);
    let holding = |content: &str| signature.replace("</ds:Signature>", &format!("{content}</ds:Signature>"));
    for (what, wrapped) in [
        (
            "XSW1: the signature holds the honest request",
            inside(&holding(&format!("<ds:Object>{honest}</ds:Object>"))),
        ),
        ("XSW2: the honest request follows the signature", inside(&format!("{signature}{honest}"))),
        ("the whole honest request within", inside(&message)),
        ("in Extensions", inside(&format!("<samlp:Extensions>{message}</samlp:Extensions>"))),
        ("under the same ID", inside(&message).replace("_evil", "_l1")),
    ] {
        let refused = verify_message(&wrapped, &[key.public()], Accepted::default());
        assert!(matches!(refused, Err(Error::Shape(_) | Error::Signature(_))), "{what}: {refused:?}");
    }
}

#[test]
fn requests_about_nobody_or_about_several() {
    let key = Key::p256();
    let name = jane();
    let plain = request(&name).write().unwrap();
    let name = crate::messages::between(&plain, "<saml:NameID", "</saml:NameID>").to_owned();
    let encrypted =
        "<saml:EncryptedID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml:EncryptedID>";
    for to in ["", &name.repeat(2), encrypted, &format!("{name}{encrypted}"), &name.replace("jane", "<x/>")] {
        let message = plain.replace(&name, to);
        let outgoing =
            Outgoing { location: SLO, parameter: Parameter::Request, message: &message, relay_state: None };
        let url = outgoing.signed_url(&key.signing()).unwrap();
        let received = Received::read(url.split_once('?').unwrap().1).unwrap();
        let signed = received.verify(&[key.public()], Accepted::default()).unwrap();
        assert!(matches!(LogoutRequest::read(&signed), Err(Error::Shape(_))), "{to}");
    }
}
