//! A fixture's store, providers to be connected, and what the operations answer.

use model::cx::Cx;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::{Fault, FaultKind};
use model::sources::external_idp::{
    Arrivals, ExternalIdp, ExternalIdpId, ExternalIdpSettings, Protocol, SamlIdp, SubjectMatch,
};
use outbound::client::Outbound;
use sources::external_idps::{self, NewExternalIdp};
use sources::our_side::OurSide;
use testkit::fixture::Fixture;
use testkit::provider;

pub(crate) const ENTITY: &str = "https://idp.acme.example/saml";

/// The fixture's identity store.
pub(crate) fn at(fixture: &Fixture) -> IdentityStoreRef {
    fixture.instance.identity_store_id.clone().into()
}

/// The root's call of an operation.
pub(crate) fn cx(fixture: &Fixture, operation: &str) -> Cx {
    fixture.root("sso-directory.amazonaws.com", operation)
}

pub(crate) fn ours() -> OurSide {
    OurSide { base_url: "https://sso.acme.example".to_owned() }
}

/// Settings that hold in both modes.
pub(crate) fn settings() -> ExternalIdpSettings {
    ExternalIdpSettings {
        name: "Acme".to_owned(),
        protocol: Protocol::Saml(SamlIdp::default()),
        domains: vec!["acme.example".to_owned()],
        any_domain: false,
        required: false,
        hidden: false,
        subject: SubjectMatch::UserName,
        subject_from: None,
        trust_mfa: false,
        arrivals: Arrivals::default(),
        tags: Vec::new(),
    }
}

/// A provider by metadata as text.
pub(crate) fn by_text(metadata: &str) -> NewExternalIdp {
    NewExternalIdp {
        settings: settings(),
        metadata: Some(metadata.to_owned()),
        issuer: None,
        client_secret: None,
    }
}

/// One of this entity, with a certificate of its own, for people of its host's domain.
pub(crate) fn of_entity(entity_id: &str) -> NewExternalIdp {
    let host = entity_id.trim_start_matches("https://idp.").split('/').next().unwrap();
    let new = by_text(&provider::metadata(entity_id, &[&provider::certificate()]));
    NewExternalIdp { settings: ExternalIdpSettings { domains: vec![host.to_owned()], ..new.settings }, ..new }
}

/// One whose metadata is fetched.
pub(crate) fn by_url(url: &str) -> NewExternalIdp {
    let saml = SamlIdp { metadata_url: Some(url.to_owned()), ..SamlIdp::default() };
    NewExternalIdp {
        settings: ExternalIdpSettings { protocol: Protocol::Saml(saml), ..settings() },
        metadata: None,
        issuer: None,
        client_secret: None,
    }
}

pub(crate) async fn create(fixture: &Fixture, new: NewExternalIdp) -> Result<ExternalIdp, Fault> {
    create_asking(fixture, &provider::outbound(), new).await
}

pub(crate) async fn create_asking(
    fixture: &Fixture,
    outbound: &Outbound,
    new: NewExternalIdp,
) -> Result<ExternalIdp, Fault> {
    let cx = cx(fixture, "CreateExternalIdPConfigurationForDirectory");
    external_idps::create(&fixture.store, &cx, (&ours(), outbound), (&at(fixture), new)).await
}

pub(crate) async fn update(
    fixture: &Fixture,
    id: &ExternalIdpId,
    new: NewExternalIdp,
) -> Result<ExternalIdp, Fault> {
    let cx = cx(fixture, "UpdateExternalIdPConfigurationForDirectory");
    let outbound = provider::outbound();
    external_idps::update(&fixture.store, &cx, &outbound, (&at(fixture), id, new)).await
}

pub(crate) fn describe(fixture: &Fixture, id: &ExternalIdpId) -> Result<external_idps::Described, Fault> {
    let cx = cx(fixture, "DescribeExternalIdPConfigurationForDirectory");
    external_idps::describe(&fixture.store, &cx, &at(fixture), id)
}

/// What is refused for what it says; the sentence.
pub(crate) fn invalid<T: std::fmt::Debug>(answer: Result<T, Fault>) -> String {
    let fault = answer.unwrap_err();
    assert_eq!(fault.kind(), &FaultKind::Validation, "{fault:?}");
    fault.message().to_owned()
}
