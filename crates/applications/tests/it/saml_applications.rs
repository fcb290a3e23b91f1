//! Applications that speak SAML: what is decided of them, by whom, what is refused, and what ends with what.

use std::collections::BTreeMap;
use std::time::Duration;

use applications::addresses::Addresses;
use applications::application_assignments as assignments;
use applications::applications::{NewApplication, create, delete};
use applications::saml_applications::{self, Imported, describe, import};
use applications::saml_certificates::{self, NewCertificate};
use applications::saml_questions::Question;
use applications::saml_sign_ons::{Next, answer, metadata};
use model::applications::application::{Application, ApplicationArn};
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::application_provider::ApplicationProviderId;
use model::applications::saml_application::{
    AssertionConsumer, AttributeFormat, AttributeMapping, CertificateKey, NameIdFormat, SamlBinding,
    SamlSettings, SingleLogout, Subject,
};
use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::UserId;
use model::fault::{Fault, FaultKind};
use model::signin::mfa::{Method, Proofs};
use model::signin::portal_session::PortalSession;
use saml::metadata::{Endpoint, HTTP_POST, IdpMetadata, SpMetadata};
use store::db::Store;
use store::signin::portal_sessions::{self, NewPortalSession};
use store::signin::sign_outs;
use testkit::fixture::Fixture;

use crate::world::{
    DEV, JANE, JOHN, PROD, World, is_conflict, is_denied, is_not_found, is_validation, new, refusal, user,
};

/// What is wrong with settings.
type Change = fn(&mut SamlSettings);

const ACS: &str = "https://app.example/acs";

fn settings() -> SamlSettings {
    SamlSettings {
        audience: "https://app.example/saml".to_owned(),
        consumers: vec![AssertionConsumer { url: ACS.to_owned(), index: 0 }],
        subject: Subject { format: NameIdFormat::Persistent, value: None },
        attributes: vec![AttributeMapping {
            name: "groups".to_owned(),
            value: "acme/${user:groups}".to_owned(),
            format: AttributeFormat::Uri,
        }],
        relay_state: None,
        session_minutes: Some(60),
        sign_responses: true,
        encryption: None,
        require_signed_requests: false,
        request_certificates: Vec::new(),
        allow_sha1: false,
        sign_with_sha1: false,
        single_logout: None,
    }
}

/// What is decided where nobody agrees to SHA-1.
async fn decide(store: &Store, cx: &Cx, arn: &ApplicationArn, settings: SamlSettings) -> Result<(), Fault> {
    saml_applications::put(store, cx, arn, (settings, false)).await
}

fn ours() -> Addresses {
    Addresses { base_url: "https://portico.example".to_owned() }
}

async fn saml(world: &World) -> Application {
    let mut wanted = new("Wiki");
    wanted.provider = ApplicationProviderId::trusted("custom-saml");
    create(&world.fixture.store, &world.cx(), &world.fixture.instance.id, wanted).await.unwrap().1
}

testkit::on_both_engines!(what_is_decided_is_shown_and_a_key_is_made_once, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, app) = (&world.fixture.store, world.cx(), saml(&world).await);
    let arn = app.arn();
    assert!(refusal(describe(store, &cx, &arn), is_not_found).contains("Nothing is decided"));
    assert!(
        refusal(metadata(store, &world.cx(), (&ours(), &app.id)), is_not_found)
            .contains("no such application")
    );
    decide(store, &cx, &arn, settings()).await.unwrap();
    let shown = describe(store, &cx, &arn).unwrap();
    assert_eq!(shown.saml.settings, settings());
    assert_eq!((shown.certificate.key, shown.certificate.is_active), (CertificateKey::Rsa2048, true));
    decide(store, &cx, &arn, SamlSettings { sign_responses: false, ..settings() }).await.unwrap();
    assert_eq!(describe(store, &cx, &arn).unwrap().certificate, shown.certificate, "the same key");
    let said = IdpMetadata::read(&metadata(store, &world.cx(), (&ours(), &app.id)).unwrap()).unwrap();
    assert_eq!(said.entity_id, format!("https://portico.example/saml/assertion/{}", app.id));
    assert_eq!(said.certificates[0].der(), shown.certificate.der);
    assert!(said.single_logout.is_empty() && !said.wants_signed_requests);
    // A second one waits; whoever made it decides when it signs.
    let ec = NewCertificate { key: CertificateKey::EcP256, months: 1 };
    let second = saml_certificates::create(store, &cx, &arn, ec).await.unwrap();
    assert!(!second.is_active && second.not_after < shown.certificate.not_after);
    saml_certificates::activate(store, &cx, &arn, second.id.clone()).await.unwrap();
    let held = saml_certificates::list(store, &cx, &arn).unwrap();
    assert_eq!(held.iter().map(|held| held.is_active).collect::<Vec<_>>(), [true, false]);
    let refused = saml_certificates::delete(store, &cx, &arn, second.id).await;
    assert!(refusal(refused, is_conflict).contains("stays"));
    let unknown = saml_certificates::activate(store, &cx, &arn, "0".repeat(64)).await;
    assert!(refusal(unknown, is_not_found).contains("has no certificate"));
    assert_eq!(saml_certificates::list(store, &cx, &arn).unwrap(), held, "a refusal changes nothing");
});

testkit::on_both_engines!(
    nothing_is_signed_with_sha1_before_somebody_agrees_to_just_that,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, cx, app) = (&world.fixture.store, world.cx(), saml(&world).await);
        let (arn, legacy) = (app.arn(), SamlSettings { sign_with_sha1: true, ..settings() });
        let put = async |settings: &SamlSettings, agrees| {
            saml_applications::put(store, &world.cx(), &arn, (settings.clone(), agrees)).await
        };
        let said = refusal(put(&legacy, false).await, is_validation);
        assert!(said.starts_with("SigningDigest SHA1 needs AgreeToSha1"), "{said}");
        refusal(describe(store, &cx, &arn), is_not_found);
        let said = refusal(put(&settings(), true).await, is_validation);
        assert!(said.starts_with("AgreeToSha1 goes with"), "{said}");
        put(&legacy, true).await.unwrap();
        let other = SamlSettings { session_minutes: Some(30), ..legacy.clone() };
        put(&other, false).await.unwrap();
        assert!(describe(store, &cx, &arn).unwrap().saml.settings.sign_with_sha1, "it was agreed to before");
        // A key that cannot sign so does not come to sign.
        let ec = NewCertificate { key: CertificateKey::EcP256, months: 1 };
        let second = saml_certificates::create(store, &cx, &arn, ec).await.unwrap();
        let refused = saml_certificates::activate(store, &cx, &arn, second.id.clone()).await;
        assert!(refusal(refused, is_conflict).contains("only an RSA key"));
        put(&settings(), false).await.unwrap();
        saml_certificates::activate(store, &cx, &arn, second.id).await.unwrap();
        assert!(refusal(put(&legacy, true).await, is_conflict).contains("have one of RSA_2048 sign"));
        let said = refusal(put(&legacy, false).await, is_validation);
        assert!(said.contains("needs AgreeToSha1"), "what ended is agreed to anew: {said}");
    }
);

testkit::on_both_engines!(who_may_not_learns_and_changes_nothing, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, app) = (&world.fixture.store, saml(&world).await);
    decide(store, &world.cx(), &app.arn(), settings()).await.unwrap();
    for who in [world.admin(DEV), world.admin(PROD), world.fixture.cx(Caller::anonymous(), "sso", "Call")] {
        for arn in [app.arn(), world.unknown()] {
            refusal(decide(store, &who, &arn, settings()).await, is_denied);
            refusal(describe(store, &who, &arn), is_denied);
            refusal(saml_certificates::create(store, &who, &arn, NewCertificate::default()).await, is_denied);
            refusal(saml_certificates::list(store, &who, &arn), is_denied);
        }
    }
    refusal(describe(store, &world.cx(), &world.unknown()), is_not_found);
    let oauth = world.application("oauth").await;
    let refused = decide(store, &world.cx(), &oauth.arn(), settings()).await;
    assert!(refusal(refused, is_validation).contains("does not speak SAML"));
    assert_eq!(saml_certificates::list(store, &world.cx(), &app.arn()).unwrap().len(), 1);
});

testkit::on_both_engines!(what_cannot_hold_is_refused_by_its_field, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, app) = (&world.fixture.store, world.cx(), saml(&world).await);
    let cases: [(&str, Change); 5] = [
        ("Subject.Value", |bad| bad.subject.value = Some("${user:mail}".to_owned())),
        ("Subject.Value", |bad| bad.subject.value = Some("${user:groups}".to_owned())),
        ("AttributeMappings.1.Value", |bad| bad.attributes[0].value = "${user:AD_SID}".to_owned()),
        ("RequestCertificates", |bad| bad.request_certificates = vec!["nonsense".to_owned()]),
        ("Audience", |bad| bad.audience.clear()),
    ];
    for (field, change) in cases {
        let mut bad = settings();
        change(&mut bad);
        let said = refusal(decide(store, &cx, &app.arn(), bad).await, is_validation);
        assert!(said.starts_with(field), "{field}: {said}");
    }
    refusal(describe(store, &cx, &app.arn()), is_not_found);
    assert!(saml_certificates::list(store, &cx, &app.arn()).unwrap().is_empty());
});

fn service_provider(consumers: &[(&str, Option<u16>)]) -> String {
    service_provider_until(consumers, None)
}

fn service_provider_until(
    consumers: &[(&str, Option<u16>)],
    valid_until: Option<time::OffsetDateTime>,
) -> String {
    let endpoint = |(location, index): &(&str, Option<u16>)| Endpoint {
        binding: HTTP_POST.to_owned(),
        location: (*location).to_owned(),
        response_location: None,
        index: *index,
    };
    let said = SpMetadata {
        entity_id: "https://app.example/other".to_owned(),
        valid_until,
        certificates: Vec::new(),
        encryption_certificates: Vec::new(),
        assertion_consumers: consumers.iter().map(endpoint).collect(),
        single_logout: vec![endpoint(&("https://app.example/slo", None))],
        name_id_formats: vec![NameIdFormat::EmailAddress.uri().to_owned()],
        signs_requests: true,
        wants_signed_assertions: true,
    };
    said.write().unwrap()
}

testkit::on_both_engines!(metadata_says_what_changes_and_all_else_stays, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, app) = (&world.fixture.store, world.cx(), saml(&world).await);
    let imported = |document: String, encrypt| Imported { document, entity_id: None, encrypt };
    let document = service_provider(&[(ACS, Some(4)), ("https://app.example/second", Some(7))]);
    import(store, &cx, &app.arn(), imported(document.clone(), false)).await.unwrap();
    let fresh = describe(store, &cx, &app.arn()).unwrap().saml.settings;
    assert_eq!(fresh.subject.format, NameIdFormat::EmailAddress);
    assert_eq!(fresh.consumers.iter().map(|it| it.index).collect::<Vec<_>>(), [4, 7]);
    // Without a certificate nothing proves a sign-out or a request.
    assert!(fresh.single_logout.is_none() && !fresh.require_signed_requests);
    decide(store, &cx, &app.arn(), settings()).await.unwrap();
    import(store, &cx, &app.arn(), imported(document.clone(), false)).await.unwrap();
    let kept = describe(store, &cx, &app.arn()).unwrap().saml.settings;
    assert_eq!((kept.audience.as_str(), kept.consumers.len()), ("https://app.example/other", 2));
    assert_eq!((kept.attributes, kept.subject), (settings().attributes, settings().subject));
    let refused = import(store, &cx, &app.arn(), imported(document, true)).await;
    assert!(refusal(refused, is_validation).contains("no certificate to encrypt for"));
    for bad in ["", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"] {
        let refused = import(store, &cx, &app.arn(), imported(bad.to_owned(), false)).await;
        assert!(refusal(refused, is_validation).starts_with("MetadataXml"), "{bad}");
    }
});

testkit::on_both_engines!(only_the_owner_of_the_instance_has_people_told_of, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, dev) = (&world.fixture.store, world.admin(DEV));
    let provider = ApplicationProviderId::trusted("custom-saml");
    let new = NewApplication { provider, ..new("Theirs") };
    let app = create(store, &dev, &world.fixture.instance.id, new).await.unwrap().1;
    for cx in [dev.clone(), world.cx()] {
        let refused = decide(store, &cx, &app.arn(), settings()).await;
        assert!(refusal(refused, is_validation).starts_with("ApplicationArn is of account 222233334444"));
        let document = service_provider(&[(ACS, None)]);
        let refused =
            import(store, &cx, &app.arn(), Imported { document, entity_id: None, encrypt: false }).await;
        assert!(refusal(refused, is_validation).starts_with("ApplicationArn is of account 222233334444"));
    }
    assert!(saml_certificates::list(store, &dev, &app.arn()).unwrap().is_empty());
});

testkit::on_both_engines!(what_cannot_be_led_to_is_refused, |fixture: Fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx, app) = (&world.fixture.store, world.cx(), saml(&world).await);
    // Any certificate will do.
    decide(store, &cx, &app.arn(), settings()).await.unwrap();
    let pem = saml_certificates::pem(&describe(store, &cx, &app.arn()).unwrap().certificate.der);
    let with = |url: &str, response: Option<&str>| SamlSettings {
        request_certificates: vec![pem.clone()],
        single_logout: Some(SingleLogout {
            url: url.to_owned(),
            response_url: response.map(str::to_owned),
            binding: SamlBinding::Redirect,
        }),
        ..settings()
    };
    let fine = "https://app.example/slo";
    for (url, response, field) in [
        ("https://app.example/slo?RelayState=1", None, "SingleLogoutService.Url"),
        (fine, Some("https://app.example/slo?SAMLResponse=1"), "SingleLogoutService.ResponseUrl"),
    ] {
        let refused = decide(store, &cx, &app.arn(), with(url, response)).await;
        assert!(refusal(refused, is_validation).starts_with(field), "{url}");
    }
    decide(store, &cx, &app.arn(), with("https://app.example/slo?tenant=1", Some(fine))).await.unwrap();
    // Metadata that is past its time is none.
    let said = service_provider_until(&[(ACS, None)], Some(time::OffsetDateTime::UNIX_EPOCH));
    let imported = Imported { document: said, entity_id: None, encrypt: false };
    let refused = import(store, &cx, &app.arn(), imported).await;
    assert!(refusal(refused, is_validation).starts_with("MetadataXml was valid until 1970"));
});

/// A session of somebody, as pages find it.
async fn session(world: &World, id: &str, who: &str) -> PortalSession {
    let mut token_hash = [0; 32];
    token_hash[..id.len()].copy_from_slice(id.as_bytes());
    let new = NewPortalSession {
        token_hash,
        session_id: id.to_owned(),
        user_id: UserId::trusted(who),
        source_ip: String::new(),
        user_agent: String::new(),
        created_at: world.fixture.now,
        expires_at: world.fixture.now.plus(Duration::from_hours(8)),
        proofs: Proofs { methods: vec![Method::Password], mfa_at: None },
        idle: None,
        external: None,
        tags: BTreeMap::new(),
    };
    world.change(move |tx, _| portal_sessions::insert(tx, &new)).await;
    world.fixture.store.read(|rx| Ok(portal_sessions::find(rx, id)?)).unwrap().unwrap()
}

testkit::on_both_engines!(
    who_may_use_it_is_told_of_and_what_was_told_goes_with_the_session,
    |fixture: Fixture| async move {
        let world = World::new(fixture).await;
        let (store, app) = (&world.fixture.store, saml(&world).await);
        decide(store, &world.cx(), &app.arn(), settings()).await.unwrap();
        let assigned = ApplicationAssignment { application: app.arn(), principal: user(JANE) };
        assignments::create(store, &world.cx(), assigned).await.unwrap();
        let (jane, john) = (session(&world, "one", JANE).await, session(&world, "other", JOHN).await);
        let question = Question::unasked(&world.cx(), &app.id);
        let as_of =
            |who: &PortalSession| world.fixture.cx(Caller::portal_user(who.user.clone()), "sso", "Federate");
        let refused = answer(store, &as_of(&john), (&ours(), &question), Some(&john)).await;
        assert!(refusal(refused, |kind| *kind == FaultKind::Forbidden).contains("You may not use Wiki"));
        let told = answer(store, &as_of(&jane), (&ours(), &question), Some(&jane)).await.unwrap();
        let Next::Form(form) = told else { panic!("{told:?}") };
        assert_eq!((form.action.as_str(), form.relay_state), (ACS, None));
        assert_eq!(answer(store, &as_of(&jane), (&ours(), &question), None).await.unwrap(), Next::SignIn);
        let noted = |id: &'static str| {
            store.read(move |rx| Ok(store::applications::saml_participants::of_session(rx, id)?)).unwrap()
        };
        assert_eq!(noted("one").iter().map(|it| it.name_id.as_str()).collect::<Vec<_>>(), [JANE]);
        assert!(noted("other").is_empty());
        // Another session of hers takes the place of this one, and then ends.
        session(&world, "third", JANE).await;
        world.change(|tx, _| sign_outs::replaced(tx, "one", "third")).await;
        assert_eq!((noted("one").len(), noted("third").len()), (0, 1));
        world.change(|tx, _| sign_outs::one(tx, "third").map(|_| ())).await;
        assert!(noted("third").is_empty());
        // A session that ended, or lost the application, since the page read it: nobody is told, and nothing is noted that no sign-out would find.
        let late = session(&world, "late", JANE).await;
        world.change(|tx, _| sign_outs::one(tx, "late").map(|_| ())).await;
        let refused = answer(store, &as_of(&late), (&ours(), &question), Some(&late)).await;
        refusal(refused, |kind| *kind == FaultKind::Unauthorized);
        assert!(noted("late").is_empty());
        // What is said to an application goes with it.
        let last = session(&world, "fourth", JANE).await;
        answer(store, &as_of(&last), (&ours(), &question), Some(&last)).await.unwrap();
        delete(store, &world.cx(), &app.arn()).await.unwrap();
        assert!(noted("fourth").is_empty());
        let (left, settings) = store
            .read(|rx| {
                let left = store::applications::saml_certificates::list(rx, &app.id)?.len();
                Ok((left, store::applications::saml_applications::find(rx, &app.id)?))
            })
            .unwrap();
        assert!(left == 0 && settings.is_none());
    }
);
