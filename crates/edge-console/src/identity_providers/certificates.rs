//! The certificates that verify what a SAML provider signs: brought beside those of its metadata, and taken away.

use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;

use crate::desk::Desk;
use crate::fields::Fields;
use crate::identity_providers::provider::{of, page};
use crate::page::go;
use crate::sent::Sent;

/// Brings one.
pub(crate) async fn import(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let mut input = of(&desk, &id);
    input["Certificate"] = fields.text("certificate").into();
    match admin.act(&desk, Op("portico", "ImportExternalIdPCertificate"), input).await {
        Ok(()) => go(&desk, &format!("/console/identity-providers/{id}?done=saved")),
        Err(why) => page(&desk, admin, &id, (&fields, Some(why))).await,
    }
}

/// Takes one away.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path((id, certificate)): Path<(String, String)>,
    Sent { mut admin, .. }: Sent,
) -> Response {
    let mut input = of(&desk, &id);
    input["CertificateId"] = certificate.into();
    match admin.act(&desk, Op("portico", "DeleteExternalIdPCertificate"), input).await {
        Ok(()) => go(&desk, &format!("/console/identity-providers/{id}?done=deleted")),
        Err(why) => page(&desk, admin, &id, (&Fields::default(), Some(why))).await,
    }
}
