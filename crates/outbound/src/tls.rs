//! What is trusted, and what is said of a certificate that is not: the system's authorities, and those that an administrator names beside them.
//! Nothing of one connection is used for the next, so that each certificate is judged anew. Revocation is not asked about.

use std::path::Path;
use std::sync::Arc;

use model::fault::Fault;
use rustls::client::Resumption;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_rustls::TlsConnector;

/// The setting, as messages name it.
pub(crate) const SETTING: &str = "outbound.ca_files";

/// Whom this server trusts.
pub(crate) fn roots<P: AsRef<Path>>(ca_files: &[P]) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is not trusted; without any, no certificate will be.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in ca_files {
        add_file(&mut roots, file.as_ref())?;
    }
    Ok(roots)
}

/// What makes connections safe.
pub(crate) fn connector(roots: Arc<RootCertStore>) -> Result<TlsConnector, Fault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Fault::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Fault> {
    let refused = |why: String| Fault::validation(format!("{SETTING}, {}: {why}", path.display()));
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("no certificate is in the file (PEM is wanted)".to_owned()));
    }
    for certificate in found {
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    Ok(())
}

/// What an administrator may do about a handshake that failed.
pub(crate) fn advice(error: &std::io::Error) -> &'static str {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(flaw)) = inner else {
        return "Does something else than HTTPS answer at that port, or something on the way? TLS 1.2 or 1.3 is wanted.";
    };
    match flaw {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "Nobody that is trusted here issued its certificate. If an authority of your own did, name that authority's certificate in \
             outbound.ca_files; otherwise the server must send the certificates between its own and the authority's too."
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "The certificate must be renewed there; if it is valid, the clock of this machine is wrong."
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "The address must have a host that the certificate is for."
        }
        _ => "The server needs another certificate.",
    }
}
