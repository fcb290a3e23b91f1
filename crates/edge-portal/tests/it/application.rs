//! An application that speaks SAML, which these tests play with the kit's own pen.

use applications::application_assignments;
use applications::applications::{self as registered, NewApplication};
use applications::saml_applications;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use model::accounts::account_assignment::Principal;
use model::applications::application::{Application, Switch};
use model::applications::application_assignment::ApplicationAssignment;
use model::applications::application_provider::ApplicationProviderId;
use model::applications::saml_application::{
    AssertionConsumer, AttributeFormat, AttributeMapping, NameIdFormat, SamlBinding, SamlSettings,
    SingleLogout, Subject,
};
use model::directory::user::UserId;
use model::instances::tag::Tags;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use saml::assertion::{Assertion, Expected};
use saml::authn_request::NewAuthnRequest;
use saml::decryption::DecryptionKey;
use saml::key::{PublicKey, SigningKey};
use saml::metadata::IdpMetadata;
use saml::redirect::{Outgoing, Parameter};
use saml::verify::verify;
use time::{Duration, OffsetDateTime};

use crate::world::{Answer, Browser, JANE, World, encode};

pub(crate) const ACS: &str = "https://app.example/acs";
pub(crate) const SLO: &str = "https://app.example/slo";
pub(crate) const BASE: &str = "http://localhost:8765";

/// An application, registered and assigned, and its keys.
pub(crate) struct App {
    pub(crate) application: Application,
    pub(crate) key: SigningKey,
    pub(crate) opens: DecryptionKey,
    pub(crate) pem: String,
    pub(crate) settings: SamlSettings,
}

pub(crate) fn settings(audience: &str, pem: &str) -> SamlSettings {
    SamlSettings {
        audience: audience.to_owned(),
        consumers: vec![
            AssertionConsumer { url: ACS.to_owned(), index: 0 },
            AssertionConsumer { url: format!("{ACS}/second"), index: 7 },
        ],
        subject: Subject { format: NameIdFormat::Unspecified, value: None },
        attributes: vec![AttributeMapping {
            name: "account".to_owned(),
            value: "acme/${user:subject}".to_owned(),
            format: AttributeFormat::Basic,
        }],
        relay_state: Some("/home".to_owned()),
        session_minutes: None,
        sign_responses: false,
        encryption: None,
        require_signed_requests: false,
        request_certificates: vec![pem.to_owned()],
        allow_sha1: false,
        sign_with_sha1: false,
        single_logout: Some(SingleLogout {
            url: SLO.to_owned(),
            response_url: None,
            binding: SamlBinding::Redirect,
        }),
    }
}

/// A request as the application writes it, changed by whoever plays it.
pub(crate) type Change = fn(&mut NewAuthnRequest<'_>);

impl App {
    pub(crate) async fn new(world: &World, audience: &str) -> Self {
        Self::with(world, audience, |_| ()).await
    }

    pub(crate) async fn with(world: &World, audience: &str, change: impl FnOnce(&mut SamlSettings)) -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let certificate = CertificateParams::default().self_signed(&pair).unwrap();
        let (der, pem) = (certificate.der().to_vec(), certificate.pem());
        let new = NewApplication {
            provider: ApplicationProviderId::trusted("custom-saml"),
            name: format!("The <application> {audience}"),
            description: None,
            status: Switch::Enabled,
            visibility: Switch::Enabled,
            sign_in: None,
            tags: Tags::default(),
            client_token: None,
        };
        let store = &world.portal.store;
        let cx = world.root("CreateApplication");
        let made = registered::create(store, &cx, &world.portal.instance.id, new).await;
        let (_, application) = made.unwrap();
        let mut settings = settings(audience, &pem);
        change(&mut settings);
        let app = Self {
            application,
            key: SigningKey::new(&pair.serialize_der(), &der).unwrap(),
            opens: DecryptionKey::new(&pair.serialize_der(), &der).unwrap(),
            pem,
            settings,
        };
        app.decide(world, |_| ()).await;
        let assigned = ApplicationAssignment {
            application: app.application.arn(),
            principal: Principal::User(UserId::trusted(JANE)),
        };
        let cx = world.root("CreateApplicationAssignment");
        application_assignments::create(store, &cx, assigned).await.unwrap();
        app
    }

    /// Decides its settings anew.
    pub(crate) async fn decide(&self, world: &World, change: impl FnOnce(&mut SamlSettings)) {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let cx = world.root("PutApplicationSamlConfiguration");
        saml_applications::put(&world.portal.store, &cx, &self.application.arn(), (settings, false))
            .await
            .unwrap();
    }

    pub(crate) fn path(&self, what: &str) -> String {
        format!("/saml/{what}/{}", self.application.id)
    }

    pub(crate) fn entity(&self) -> String {
        format!("{BASE}{}", self.path("assertion"))
    }

    /// What we say of ourselves to it.
    pub(crate) async fn metadata(&self, world: &World) -> IdpMetadata {
        let page = world.browser().get(&self.path("metadata")).await;
        assert_eq!(page.header("content-type"), "application/samlmetadata+xml");
        IdpMetadata::read(&page.text).unwrap()
    }

    pub(crate) async fn keys(&self, world: &World) -> Vec<PublicKey> {
        self.metadata(world).await.certificates.iter().map(|held| held.public_key().clone()).collect()
    }

    fn text(&self, world: &World, id: &str, change: Change, sign: bool) -> String {
        let destination = self.entity();
        let mut new = NewAuthnRequest {
            id,
            issuer: &self.settings.audience,
            issued_at: now(world),
            destination: &destination,
            assertion_consumer_service: ACS,
            name_id_format: None,
            force_authn: false,
        };
        change(&mut new);
        if sign { new.write_signed(&self.key).unwrap() } else { new.write().unwrap() }
    }

    /// The address at which a request is brought in a query string.
    pub(crate) fn asks(&self, world: &World, id: &str, change: Change) -> String {
        let text = self.text(world, id, change, false);
        self.asks_by_text(&text)
    }

    /// The same of a text, not signed.
    pub(crate) fn asks_by_text(&self, text: &str) -> String {
        self.outgoing(text).url().unwrap().trim_start_matches(BASE).to_owned()
    }

    /// The same, signed.
    pub(crate) fn asks_signed(&self, world: &World, id: &str, change: Change) -> String {
        let text = self.text(world, id, change, false);
        self.outgoing(&text).signed_url(&self.key).unwrap().trim_start_matches(BASE).to_owned()
    }

    fn outgoing<'a>(&self, message: &'a str) -> Outgoing<'a> {
        let location = Box::leak(self.entity().into_boxed_str());
        Outgoing { location, parameter: Parameter::Request, message, relay_state: Some("deep") }
    }

    /// The request as a form holds it, signed within.
    pub(crate) fn form(&self, world: &World, id: &str, change: Change) -> String {
        form_of(&self.text(world, id, change, true))
    }

    /// What a browser brings it: the assertion, once its form holds.
    pub(crate) async fn told(&self, world: &World, page: &Answer) -> Assertion {
        let message = message(page);
        let signed = verify(&message, &self.keys(world).await).unwrap();
        let read = Assertion::read(&signed).unwrap();
        self.check(world, &read);
        read
    }

    pub(crate) fn check(&self, world: &World, read: &Assertion) {
        assert_eq!(read.issuer, self.entity());
        let expected = Expected {
            audiences: &[&self.settings.audience],
            recipients: &[ACS],
            now: now(world),
            skew: Duration::ZERO,
        };
        read.check(&expected).unwrap();
    }
}

/// A form with a message in it.
pub(crate) fn form_of(text: &str) -> String {
    format!("SAMLRequest={}&RelayState=deep", encode(&STANDARD.encode(text)))
}

/// The message of a page that leads to the application.
pub(crate) fn message(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("data-send"), "{}", page.text);
    String::from_utf8(STANDARD.decode(page.hidden("SAMLResponse")).unwrap()).unwrap()
}

pub(crate) fn now(world: &World) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(model::clock::Clock::now(&*world.clock).seconds()).unwrap()
}

/// What a browser is shown for what an application brought: it comes from another site, and so without cookies.
pub(crate) async fn goes(world: &World, browser: &mut Browser, at: &str) -> Answer {
    let asked = world.browser().get(at).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    browser.get(asked.location()).await
}

/// Where a page leads on to.
pub(crate) fn leads_to(page: &Answer) -> String {
    let (_, rest) =
        page.text.split_once("class=\"button\" href=\"").unwrap_or_else(|| panic!("{}", page.text));
    rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
}
