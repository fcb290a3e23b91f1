//! A SAML provider that tests play with the kit's own pen, and a world that is connected to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::limits::Mode;
use model::sources::external_idp::{
    Arrivals, ExternalIdp, ExternalIdpSettings, ExternalIdpStatus, Protocol, SamlIdp, SubjectMatch,
};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use saml::authn_request::AuthnRequest;
use saml::certificate::Certificate;
use saml::key::SigningKey;
use saml::metadata::{Endpoint, HTTP_REDIRECT, IdpMetadata};
use saml::redirect::Received;
use saml::sign::{Attribute, NewAssertion, response};
use sources::external_idps::{self, NewExternalIdp};
use time::{Duration, OffsetDateTime};

use crate::world::{Answer, Browser, World, encode};

pub(crate) const ENTITY: &str = "https://idp.acme.example/saml";
pub(crate) const SIGN_ON: &str = "https://idp.acme.example/sso";
pub(crate) const SIGN_OUT: &str = "https://idp.acme.example/slo";
pub(crate) const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// A provider.
pub(crate) struct Idp {
    pub(crate) key: SigningKey,
    pub(crate) metadata: String,
}

impl Idp {
    pub(crate) fn new() -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let certificate = CertificateParams::new(Vec::new()).unwrap().self_signed(&pair).unwrap();
        let endpoint = |location: &str| Endpoint {
            binding: HTTP_REDIRECT.to_owned(),
            location: location.to_owned(),
            response_location: None,
            index: None,
        };
        let metadata = IdpMetadata {
            entity_id: ENTITY.to_owned(),
            valid_until: None,
            certificates: vec![Certificate::from_der(certificate.der()).unwrap()],
            encryption_certificates: Vec::new(),
            single_sign_on: vec![endpoint(SIGN_ON)],
            single_logout: vec![endpoint(SIGN_OUT)],
            name_id_formats: Vec::new(),
            wants_signed_requests: false,
        };
        Self {
            key: SigningKey::new(&pair.serialize_der(), certificate.der()).unwrap(),
            metadata: metadata.write().unwrap(),
        }
    }
}

/// What a provider answers; the least that holds.
pub(crate) struct Said<'a> {
    pub(crate) id: &'a str,
    pub(crate) who: &'a str,
    pub(crate) to: Option<&'a str>,
    pub(crate) audience: String,
    pub(crate) recipient: String,
    pub(crate) now: OffsetDateTime,
    pub(crate) ends: Option<OffsetDateTime>,
    pub(crate) attributes: &'a [(&'a str, &'a [&'a str])],
}

impl Said<'_> {
    pub(crate) fn form(&self, idp: &Idp) -> String {
        let attributes: Vec<_> =
            self.attributes.iter().map(|(name, values)| Attribute::new(name, values)).collect();
        let new = NewAssertion {
            id: self.id,
            issuer: ENTITY,
            name_id: self.who,
            name_id_format: EMAIL,
            audience: &self.audience,
            recipient: &self.recipient,
            in_response_to: self.to,
            issued_at: self.now,
            authn_instant: None,
            authn_context_class: None,
            session_index: None,
            not_before: self.now - Duration::minutes(1),
            not_on_or_after: self.now + Duration::minutes(5),
            session_not_on_or_after: self.ends,
            attributes: &attributes,
        };
        let text = response(&format!("_r{}", self.id), &new, &idp.key).unwrap();
        format!("SAMLResponse={}", encode(&STANDARD.encode(text)))
    }
}

pub(crate) fn settings() -> ExternalIdpSettings {
    ExternalIdpSettings {
        name: "Acme".to_owned(),
        protocol: Protocol::Saml(SamlIdp::default()),
        domains: Vec::new(),
        any_domain: true,
        required: false,
        hidden: false,
        subject: SubjectMatch::UserName,
        subject_from: None,
        trust_mfa: false,
        arrivals: Arrivals::default(),
        tags: Vec::new(),
    }
}

/// A world with a provider, and a browser at the question.
pub(crate) struct Play {
    pub(crate) world: World,
    pub(crate) idp: Idp,
    pub(crate) kept: ExternalIdp,
}

impl Play {
    pub(crate) async fn new(settings: ExternalIdpSettings) -> Self {
        Self::within(World::new().await, settings).await
    }

    pub(crate) async fn within(mut world: World, settings: ExternalIdpSettings) -> Self {
        world.portal.surroundings.mode = Mode::Relaxed;
        let idp = Idp::new();
        let (store, ours) = (
            world.portal.store.clone(),
            sources::our_side::OurSide { base_url: world.portal.signin.portal_base_url.clone() },
        );
        let at = IdentityStoreRef::parse(world.portal.instance.identity_store_id.as_str()).unwrap();
        let cx = || {
            let mut cx = world.root("CreateExternalIdPConfigurationForDirectory");
            cx.mode = Mode::Relaxed;
            cx
        };
        let new = NewExternalIdp {
            settings,
            metadata: Some(idp.metadata.clone()),
            issuer: None,
            client_secret: None,
        };
        let around = (&ours, &world.portal.outbound);
        let made = external_idps::create(&store, &cx(), around, (&at, new)).await.unwrap();
        let enabled = ExternalIdpStatus::Enabled;
        let kept = external_idps::set_status(&store, &cx(), (&at, &made.id), enabled).await.unwrap();
        Self { world, idp, kept }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        let now = model::clock::Clock::now(&*self.world.clock);
        OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap()
    }

    pub(crate) fn saml(&self) -> &SamlIdp {
        let Protocol::Saml(saml) = &self.kept.settings.protocol else { unreachable!("a SAML provider") };
        saml
    }

    pub(crate) fn said<'a>(&self, id: &'a str, who: &'a str, to: Option<&'a str>) -> Said<'a> {
        Said {
            id,
            who,
            to,
            audience: self.saml().sp_entity_id.clone(),
            recipient: self.saml().acs_url.clone(),
            now: self.now(),
            ends: None,
            attributes: &[],
        }
    }

    /// Sends a browser to the provider: the request that it takes there.
    pub(crate) async fn ask(&self, browser: &mut Browser) -> AuthnRequest {
        let page = browser.get("/signin?return_to=%2Fsecurity").await;
        assert!(page.text.contains("Sign in with Acme"), "{}", page.text);
        let (_, rest) = page.text.split_once("href=\"/signin/external").unwrap();
        let path = rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&");
        self.ask_at(browser, &format!("/signin/external{path}")).await
    }

    pub(crate) async fn ask_at(&self, browser: &mut Browser, path: &str) -> AuthnRequest {
        let sent = browser.get(path).await;
        let there = if sent.status == StatusCode::SEE_OTHER {
            sent.location().to_owned()
        } else {
            // Whoever may come by a form is led on by a page.
            let (_, rest) = sent.text.split_once("class=\"button\" href=\"").unwrap();
            rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
        };
        let query = there.strip_prefix(SIGN_ON).unwrap().trim_start_matches('?').to_owned();
        AuthnRequest::read(Received::read(&query).unwrap().message()).unwrap()
    }

    /// What the provider's form comes to: it is sent by a browser that brings no cookie of ours along.
    pub(crate) async fn post(&self, form: &str) -> Answer {
        self.world.browser().post(&format!("/platform/saml/acs/{}", self.kept.id), form).await
    }

    /// The whole way of somebody: what they see at its end.
    pub(crate) async fn enter(
        &self,
        browser: &mut Browser,
        id: &str,
        who: &str,
        more: &[(&str, &[&str])],
    ) -> Answer {
        let request = self.ask(browser).await;
        let said = Said { attributes: more, ..self.said(id, who, Some(&request.id)) };
        let posted = self.post(&said.form(&self.idp)).await;
        assert_eq!(posted.status, StatusCode::SEE_OTHER, "{}", posted.text);
        browser.get(posted.location()).await
    }

    pub(crate) fn sessions(&self) -> Vec<(String, String)> {
        self.world.rows("SELECT methods, COALESCE(tags, '') FROM portal_sessions ORDER BY created_at")
    }

    pub(crate) async fn refusals(&self) -> String {
        let records = self.world.records().await;
        let refused = records.iter().filter(|record| record["eventName"] == "ExternalIdPDirectoryLogin");
        refused.map(|record| record["errorMessage"].as_str().unwrap_or_default().to_owned() + "\n").collect()
    }
}
