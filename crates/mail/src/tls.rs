//! What is trusted: the system's authorities, or those that an administrator names instead.

use std::path::Path;
use std::sync::Arc;

use model::fault::Fault;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_rustls::TlsConnector;

/// What makes connections safe.
pub(crate) fn connector(ca: Option<&Path>) -> Result<TlsConnector, Fault> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => add_file(&mut roots, path)?,
        None => {
            // One that cannot be read is not trusted; without any, no certificate will be.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Fault::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Fault> {
    let refused =
        |why: String| Fault::validation(format!("the certificates of mail.ca, {}: {why}", path.display()));
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("there is none in the file (PEM is wanted)".to_owned()));
    }
    for certificate in found {
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    Ok(())
}
