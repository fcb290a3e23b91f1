//! What is written is what is read, and what is read is held to its conditions.

use saml::assertion::{Assertion, Expected};
use saml::error::Error;
use saml::key::{PublicKey, SigningKey};
use saml::sign;
use saml::verify::verify;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::keys::Key;
use crate::messages::{AUDIENCE, NAME, RECIPIENT, between, jane, signed};
use crate::tools::{RSA_SHA256, SHA256, signed_response};

fn expected(now: OffsetDateTime) -> Expected<'static> {
    Expected { audiences: &["other", AUDIENCE], recipients: &[RECIPIENT], now, skew: Duration::ZERO }
}

fn read(key: &Key) -> Assertion {
    Assertion::read(&verify(&signed(key), &[key.public()]).unwrap()).unwrap()
}

#[test]
fn what_was_written_is_read() {
    for key in [Key::p256(), Key::rsa()] {
        let found = read(&key);
        let said = jane();
        assert_eq!(found.id, said.id);
        assert_eq!(found.issuer, said.issuer);
        assert_eq!(found.name_id.value, NAME);
        assert_eq!(found.name_id.format.as_deref(), Some(said.name_id_format));
        assert_eq!(found.audiences, [AUDIENCE]);
        assert_eq!(found.recipient, RECIPIENT);
        assert_eq!(found.in_response_to.as_deref(), Some("_q1"));
        assert_eq!(found.not_before, Some(said.not_before));
        assert_eq!(found.not_on_or_after, said.not_on_or_after);
        assert_eq!(found.session_not_on_or_after, said.session_not_on_or_after);
        assert_eq!(found.session_index.as_deref(), Some(said.id));
        assert_eq!(found.authn_instant, Some(said.issued_at));
        assert_eq!(
            found.authn_context_class.as_deref(),
            Some("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
        );
        assert!(found.name_id.qualifier.is_none() && found.name_id.sp_qualifier.is_none());
        let title: Vec<&str> = found.values("https://attributes.example/Title").collect();
        assert_eq!(title, ["<R&D> \"lead\"\r\n\u{10348}", "second"]);
        assert_eq!(found.values("empty").collect::<Vec<_>>(), [""]);
        assert_eq!(found.values("absent").count(), 0);
    }
}

#[test]
fn the_form_written_is_the_canonical_form() {
    let key = Key::p256();
    let whole = sign::assertion(&jane(), &key.signing()).unwrap();
    let signature = between(&whole, "<ds:Signature", "</ds:Signature>");
    assert_eq!(verify(&whole, &[key.public()]).unwrap().as_str(), whole.replace(signature, ""));
}

#[test]
fn it_holds_at_its_time_for_its_audience_at_its_recipient() {
    let jane = read(&Key::p256());
    let at = |now| jane.check(&expected(now));
    assert_eq!(at(datetime!(2026-11-24 07:59 UTC)), Ok(()));
    assert_eq!(at(datetime!(2026-11-24 08:04:59 UTC)), Ok(()));
    assert!(matches!(at(datetime!(2026-11-24 07:58:59 UTC)), Err(Error::NotYetValid(_))));
    assert!(matches!(at(datetime!(2026-11-24 08:05 UTC)), Err(Error::Expired(_))));
    let lenient = Expected { skew: Duration::minutes(1), ..expected(datetime!(2026-11-24 08:05:59 UTC)) };
    assert_eq!(jane.check(&lenient), Ok(()));
    let now = datetime!(2026-11-24 08:00 UTC);
    let stranger = Expected { audiences: &["other"], ..expected(now) };
    assert!(matches!(jane.check(&stranger), Err(Error::Audience(_))));
    let elsewhere = Expected { recipients: &["https://sp.example/acs/"], ..expected(now) };
    assert!(matches!(jane.check(&elsewhere), Err(Error::Recipient(_))));
}

#[test]
fn only_the_given_keys_count_and_any_of_them() {
    let (ours, other, rsa) = (Key::p256(), Key::p256(), Key::rsa());
    let message = signed(&ours);
    let refused = Err(Error::Signature("no known key made it"));
    assert_eq!(verify(&message, &[]), refused);
    // The message carries the certificate of its signer: that must not help it.
    assert_eq!(verify(&message, &[other.public(), rsa.public()]), refused);
    assert!(verify(&message, &[other.public(), rsa.public(), ours.public()]).is_ok());
    assert!(verify(&message, &[PublicKey::from_spki(&ours.spki()).unwrap()]).is_ok());
    assert_eq!(PublicKey::from_spki(&ours.spki()).unwrap(), ours.public());
}

#[test]
fn what_cannot_be_written_is_refused() {
    let key = Key::p256().signing();
    for id in ["", "1a", "a b", "a\"b"] {
        let bad = sign::NewAssertion { id, ..jane() };
        assert!(sign::assertion(&bad, &key).is_err(), "{id}");
    }
    let bad = sign::NewAssertion { name_id: "a\u{1}b", ..jane() };
    assert!(sign::assertion(&bad, &key).is_err());
    assert!(SigningKey::new(b"\x30\x00", b"\x30\x00").is_err());
}

/// A Response of which a part was written in another way before it was signed.
fn rewritten(key: &Key, part: &str, otherwise: &str) -> Result<Assertion, Error> {
    let message = signed(key);
    let signature = between(&message, "<ds:Signature", "</ds:Signature>").to_owned();
    let message = message.replace(&signature, "");
    assert!(message.contains(part), "{message}");
    let message = signed_response(&message.replace(part, otherwise), key, (RSA_SHA256, SHA256));
    Assertion::read(&verify(&message, &[key.public()]).unwrap())
}

/// SAML core 2.4.1: any of several confirmations is enough, and one of another method may stand beside bearer.
#[test]
fn a_confirmation_of_another_method_stands_beside_bearer() {
    let key = Key::rsa();
    let bearer = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">";
    let vouches = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:sender-vouches\"></saml:SubjectConfirmation>";
    let found = rewritten(&key, bearer, &format!("{vouches}{bearer}")).unwrap();
    assert_eq!(found.recipient, RECIPIENT);
    assert_eq!(found.check(&expected(datetime!(2026-11-24 08:00 UTC))), Ok(()));
    let other = rewritten(&key, bearer, &bearer.replace("bearer", "sender-vouches"));
    assert_eq!(other.unwrap_err(), Error::Shape("no SubjectConfirmation of the method bearer"));
    let data = "<saml:SubjectConfirmationData NotOnOrAfter=\"2026-11-24T08:05:00Z\" Recipient=\"https://elsewhere.example/acs\"></saml:SubjectConfirmationData>";
    let twice = rewritten(&key, bearer, &format!("{bearer}{data}</saml:SubjectConfirmation>{bearer}"));
    assert_eq!(twice.unwrap_err(), Error::Shape("more than one SubjectConfirmation of the method bearer"));
}

/// SAML core 2.5.1.4: every restriction must be met.
#[test]
fn several_restrictions_must_all_name_the_audience() {
    let key = Key::rsa();
    let end = "</saml:AudienceRestriction>";
    let further = |audience: &str| {
        let audience = audience.replace('&', "&amp;");
        format!(
            "{end}<saml:AudienceRestriction><saml:Audience>https://one.example</saml:Audience><saml:Audience>{audience}</saml:Audience>{end}"
        )
    };
    let now = expected(datetime!(2026-11-24 08:00 UTC));
    let both = rewritten(&key, end, &further(AUDIENCE)).unwrap();
    assert_eq!((both.audiences.clone(), both.check(&now)), (vec![AUDIENCE.to_owned()], Ok(())));
    let apart = rewritten(&key, end, &further("https://other.example")).unwrap();
    assert!(matches!(apart.check(&now), Err(Error::Audience(_))));
}
