//! CreateApplicationInstanceCertificate and what follows it.

use applications::saml_certificates::{self, MONTHS, NewCertificate, pem};
use model::applications::saml_application::CertificateKey;
use model::applications::saml_certificate::SamlCertificate;
use model::cx::Cx;
use model::fault::Fault;
use wire::generated::portico::shapes::{
    ApplicationCertificate, CreateApplicationInstanceCertificateRequest,
    CreateApplicationInstanceCertificateResponse, DeleteApplicationInstanceCertificateRequest,
    DeleteApplicationInstanceCertificateResponse, ListApplicationInstanceCertificatesRequest,
    ListApplicationInstanceCertificatesResponse, UpdateApplicationInstanceActiveCertificateRequest,
    UpdateApplicationInstanceActiveCertificateResponse,
};

use crate::app::App;
use crate::sso_admin::ids;

fn shape(held: SamlCertificate) -> ApplicationCertificate {
    ApplicationCertificate {
        certificate_id: held.id,
        active: held.is_active,
        key_algorithm: held.key.as_str().to_owned(),
        certificate: pem(&held.der),
        not_after: ids::seconds(held.not_after),
        created_at: ids::seconds(held.created_at),
        created_by: held.created_by,
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateApplicationInstanceCertificateRequest,
) -> Result<CreateApplicationInstanceCertificateResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    // The model's words and bounds are checked already.
    let key = input.key_algorithm.as_deref().and_then(CertificateKey::parse);
    let months = input.validity_months.and_then(|months| u32::try_from(months).ok());
    let new =
        NewCertificate { key: key.unwrap_or(CertificateKey::Rsa2048), months: months.unwrap_or(MONTHS) };
    let made = saml_certificates::create(&app.store, &cx, &arn, new).await?;
    Ok(CreateApplicationInstanceCertificateResponse { certificate: shape(made) })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListApplicationInstanceCertificatesRequest,
) -> Result<ListApplicationInstanceCertificatesResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    let found = saml_certificates::list(&app.store, &cx, &arn)?;
    Ok(ListApplicationInstanceCertificatesResponse { certificates: found.into_iter().map(shape).collect() })
}

pub(crate) async fn activate(
    app: App,
    cx: Cx,
    input: UpdateApplicationInstanceActiveCertificateRequest,
) -> Result<UpdateApplicationInstanceActiveCertificateResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    saml_certificates::activate(&app.store, &cx, &arn, input.certificate_id).await?;
    Ok(UpdateApplicationInstanceActiveCertificateResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteApplicationInstanceCertificateRequest,
) -> Result<DeleteApplicationInstanceCertificateResponse, Fault> {
    let arn = ids::application(&input.application_arn)?;
    saml_certificates::delete(&app.store, &cx, &arn, input.certificate_id).await?;
    Ok(DeleteApplicationInstanceCertificateResponse {})
}
