//! PutApplicationSamlConfiguration, GetApplicationSamlConfiguration, ImportApplicationInstanceServiceProviderMetadata. What is left out is as it is by default, and is
//! answered as what that is.

use applications::addresses::Addresses;
use applications::saml_applications::{self, Described, Imported};
use applications::saml_certificates::pem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::applications::saml_application::{
    AssertionConsumer, AssertionEncryption, AttributeFormat, AttributeMapping, ContentEncryption,
    KeyEncryption, NameIdFormat, SamlBinding, SamlSettings, SingleLogout, Subject,
};
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    AssertionConsumerService, GetApplicationSamlConfigurationRequest,
    GetApplicationSamlConfigurationResponse, ImportApplicationInstanceServiceProviderMetadataRequest,
    ImportApplicationInstanceServiceProviderMetadataResponse, PutApplicationSamlConfigurationRequest,
    PutApplicationSamlConfigurationResponse, SamlAttributeMapping, SamlConfiguration, SamlEncryption,
    SamlIdentityProvider, SamlSingleLogoutService, SamlSubject,
};

use crate::app::App;
use crate::sso_admin::ids;

/// What the model calls the digests that are signed with.
const SHA256: &str = "SHA256";
const SHA1: &str = "SHA1";

/// A number that the model bounds.
fn bounded<T: TryFrom<i64>>(field: &str, number: i64) -> Result<T, Fault> {
    T::try_from(number).map_err(|_| Fault::validation(format!("{field} is {number}, which is out of bounds")))
}

fn consumers(given: Vec<AssertionConsumerService>) -> Result<Vec<AssertionConsumer>, Fault> {
    let place = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let given = given.into_iter().enumerate();
    given
        .map(|(at, one)| {
            let index = bounded("AssertionConsumerServices.Index", one.index.unwrap_or_else(|| place(at)))?;
            Ok(AssertionConsumer { url: one.url, index })
        })
        .collect()
}

/// What a caller gave. Words are the model's, which are checked already.
fn given(given: SamlConfiguration) -> Result<SamlSettings, Fault> {
    let subject = given.subject.unwrap_or_default();
    let format = subject.format.as_deref().and_then(NameIdFormat::parse);
    let attributes = given.attribute_mappings.unwrap_or_default().into_iter();
    let minutes = given.session_duration_minutes;
    Ok(SamlSettings {
        audience: given.audience,
        consumers: consumers(given.assertion_consumer_services)?,
        subject: Subject { format: format.unwrap_or(NameIdFormat::Unspecified), value: subject.value },
        attributes: attributes
            .map(|one| AttributeMapping {
                name: one.name,
                value: one.value,
                format: one
                    .format
                    .as_deref()
                    .and_then(AttributeFormat::parse)
                    .unwrap_or(AttributeFormat::Unspecified),
            })
            .collect(),
        relay_state: given.relay_state,
        session_minutes: minutes.map(|minutes| bounded("SessionDurationMinutes", minutes)).transpose()?,
        sign_responses: given.sign_responses.unwrap_or_default(),
        encryption: given.encryption.map(|encryption| AssertionEncryption {
            certificate: encryption.certificate,
            content: encryption
                .content_algorithm
                .as_deref()
                .and_then(ContentEncryption::parse)
                .unwrap_or(ContentEncryption::Aes256Gcm),
            key: encryption
                .key_algorithm
                .as_deref()
                .and_then(KeyEncryption::parse)
                .unwrap_or(KeyEncryption::OaepMgf1p),
        }),
        require_signed_requests: given.require_signed_requests.unwrap_or_default(),
        request_certificates: given.request_certificates.unwrap_or_default(),
        allow_sha1: given.allow_sha1.unwrap_or_default(),
        sign_with_sha1: given.signing_digest.as_deref() == Some(SHA1),
        single_logout: given.single_logout_service.map(|logout| SingleLogout {
            url: logout.url,
            response_url: logout.response_url,
            binding: logout.binding.as_deref().and_then(SamlBinding::parse).unwrap_or(SamlBinding::Redirect),
        }),
    })
}

/// A certificate as it is kept, in PEM.
fn as_pem(kept: &str) -> Result<String, Fault> {
    Ok(pem(&STANDARD.decode(kept).map_err(Fault::internal)?))
}

/// What is answered: what a put takes again.
fn shown(kept: SamlSettings) -> Result<SamlConfiguration, Fault> {
    let subject = kept.subject;
    let value = subject.value.or_else(|| subject.format.usual().map(str::to_owned));
    let encryption = kept.encryption.map(|encryption| {
        Ok::<_, Fault>(SamlEncryption {
            certificate: as_pem(&encryption.certificate)?,
            content_algorithm: Some(encryption.content.as_str().to_owned()),
            key_algorithm: Some(encryption.key.as_str().to_owned()),
        })
    });
    let consumers = kept.consumers.into_iter();
    let attributes = kept.attributes.into_iter();
    let certificates: Result<Vec<String>, Fault> =
        kept.request_certificates.iter().map(|certificate| as_pem(certificate)).collect();
    Ok(SamlConfiguration {
        audience: kept.audience,
        assertion_consumer_services: consumers
            .map(|one| AssertionConsumerService { url: one.url, index: Some(i64::from(one.index)) })
            .collect(),
        subject: Some(SamlSubject { format: Some(subject.format.as_str().to_owned()), value }),
        attribute_mappings: Some(
            attributes
                .map(|one| SamlAttributeMapping {
                    name: one.name,
                    value: one.value,
                    format: Some(one.format.as_str().to_owned()),
                })
                .collect(),
        ),
        relay_state: kept.relay_state,
        session_duration_minutes: kept.session_minutes.map(i64::from),
        sign_responses: Some(kept.sign_responses),
        encryption: encryption.transpose()?,
        require_signed_requests: Some(kept.require_signed_requests),
        request_certificates: Some(certificates?),
        allow_sha1: Some(kept.allow_sha1),
        signing_digest: Some(if kept.sign_with_sha1 { SHA1 } else { SHA256 }.to_owned()),
        single_logout_service: kept.single_logout.map(|logout| SamlSingleLogoutService {
            url: logout.url,
            response_url: logout.response_url,
            binding: Some(logout.binding.as_str().to_owned()),
        }),
    })
}

pub(crate) async fn put(
    app: App,
    cx: Cx,
    input: PutApplicationSamlConfigurationRequest,
) -> Result<PutApplicationSamlConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let agrees = input.agree_to_sha1.unwrap_or_default();
    saml_applications::put(&app.store, &cx, &arn, (given(input.saml_configuration)?, agrees)).await?;
    Ok(PutApplicationSamlConfigurationResponse {})
}

pub(crate) async fn get(
    app: App,
    cx: Cx,
    input: GetApplicationSamlConfigurationRequest,
) -> Result<GetApplicationSamlConfigurationResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let Described { saml, certificate } = saml_applications::describe(&app.store, &cx, &arn)?;
    let ours = Addresses { base_url: app.signin.portal_base_url.clone() };
    Ok(GetApplicationSamlConfigurationResponse {
        saml_configuration: shown(saml.settings)?,
        identity_provider: SamlIdentityProvider {
            entity_id: ours.sign_in(&arn.id),
            sign_in_url: ours.sign_in(&arn.id),
            sign_out_url: ours.sign_out(&arn.id),
            metadata_url: ours.metadata(&arn.id),
            start_url: ours.start(&arn.id),
            test_url: ours.test(&arn.id),
            certificate: pem(&certificate.der),
        },
        updated_at: ids::seconds(saml.updated_at),
        updated_by: saml.updated_by,
    })
}

pub(crate) async fn import(
    app: App,
    cx: Cx,
    input: ImportApplicationInstanceServiceProviderMetadataRequest,
) -> Result<ImportApplicationInstanceServiceProviderMetadataResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let imported = Imported {
        document: input.metadata_xml,
        entity_id: input.entity_id,
        encrypt: input.encrypt.unwrap_or_default(),
    };
    saml_applications::import(&app.store, &cx, &arn, imported).await?;
    Ok(ImportApplicationInstanceServiceProviderMetadataResponse {})
}
