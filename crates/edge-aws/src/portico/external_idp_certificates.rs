//! ImportExternalIdPCertificate, ListExternalIdPCertificates, DeleteExternalIdPCertificate.

use model::cx::Cx;
use model::fault::Fault;
use model::sources::external_idp::ExternalIdpId;
use sources::external_idp_certificates::{self, ListedCertificate};
use wire::generated::portico::shapes::{
    DeleteExternalIdPCertificateRequest, DeleteExternalIdPCertificateResponse, ExternalIdPCertificate,
    ImportExternalIdPCertificateRequest, ImportExternalIdPCertificateResponse,
    ListExternalIdPCertificatesRequest, ListExternalIdPCertificatesResponse,
};
use wire::timestamp::EpochSeconds;

use crate::app::App;
use crate::identitystore::ids;

pub(crate) async fn import(
    app: App,
    cx: Cx,
    input: ImportExternalIdPCertificateRequest,
) -> Result<ImportExternalIdPCertificateResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = ExternalIdpId::parse(input.configuration_id)?;
    let certificate_id =
        external_idp_certificates::import(&app.store, &cx, (&at, &id), input.certificate).await?;
    Ok(ImportExternalIdPCertificateResponse { certificate_id })
}

fn shape(listed: ListedCertificate) -> ExternalIdPCertificate {
    let ListedCertificate { row, certificate } = listed;
    // Certificates know whole seconds.
    #[expect(clippy::cast_precision_loss, reason = "years fit")]
    let seconds = |at: i64| EpochSeconds(at as f64);
    ExternalIdPCertificate {
        certificate_id: row.id,
        not_before: seconds(certificate.not_before().unix_timestamp()),
        not_after: seconds(certificate.not_after().unix_timestamp()),
        imported: row.imported,
        added_at: ids::seconds(row.added_at),
    }
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListExternalIdPCertificatesRequest,
) -> Result<ListExternalIdPCertificatesResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = ExternalIdpId::parse(input.configuration_id)?;
    let found = external_idp_certificates::list(&app.store, &cx, &at, &id)?;
    Ok(ListExternalIdPCertificatesResponse { certificates: found.into_iter().map(shape).collect() })
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteExternalIdPCertificateRequest,
) -> Result<DeleteExternalIdPCertificateResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = ExternalIdpId::parse(input.configuration_id)?;
    external_idp_certificates::delete(&app.store, &cx, (&at, &id), input.certificate_id).await?;
    Ok(DeleteExternalIdPCertificateResponse {})
}
