//! What makes connections to a directory safe: the system's authorities, an authority of its own, or certificates that are believed by their digest.
//! Judged anew for each connection.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use model::fault::Fault;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::TlsConnector;

use crate::ldap::settings::{Account, Settings, Trust};

/// What makes connections safe, by the settings. `roots`: those that this server trusts anyway.
pub(crate) fn connector(settings: &Settings, roots: &RootCertStore) -> Result<TlsConnector, Fault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(Fault::internal)?;
    let builder = if settings.trust.pins.is_empty() {
        builder.with_root_certificates(trusted(&settings.trust, roots)?)
    } else {
        let pins = settings.trust.pins.clone();
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Pinned { pins, provider }))
    };
    let mut config = match &settings.account {
        Account::Simple { .. } => builder.with_no_client_auth(),
        Account::Certificate { chain, key } => {
            let refused =
                |why: String| Fault::validation(format!("the certificate of the directory's account: {why}"));
            let chain = certificates(chain).map_err(&refused)?;
            let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
                .map_err(|_| refused("its key is not in PEM".to_owned()))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| refused(error.to_string()))?
        }
    };
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn trusted(trust: &Trust, system: &RootCertStore) -> Result<RootCertStore, Fault> {
    let mut roots = if trust.system { system.clone() } else { RootCertStore::empty() };
    if let Some(authorities) = &trust.authorities {
        let refused = |why: String| Fault::validation(format!("the authorities of the directory: {why}"));
        for certificate in certificates(authorities).map_err(&refused)? {
            roots.add(certificate).map_err(|error| refused(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Err(Fault::validation(
            "no certificate of the directory can be believed: name the system's authorities, some of its own, or certificates by their digest",
        ));
    }
    Ok(roots)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if found.is_empty() { Err("no certificate is in it (PEM is wanted)".to_owned()) } else { Ok(found) }
}

/// Believes certificates by their digest alone, and that whoever shows one has its key.
#[derive(Debug)]
struct Pinned {
    pins: Vec<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

/// The server showed a certificate that is not pinned.
#[derive(Debug, thiserror::Error)]
#[error("it shows another certificate, with the SHA-256 {0}")]
pub(crate) struct NotPinned(String);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = digest(&SHA256, end_entity);
        if self.pins.iter().any(|pin| pin == shown.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        let mut digits = String::new();
        for byte in shown.as_ref() {
            // To a text, which never fails.
            let _ = write!(digits, "{byte:02x}");
        }
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(NotPinned(digits))))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What an administrator may do about a handshake that failed.
pub(crate) fn advice(error: &std::io::Error) -> &'static str {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(Error::InvalidCertificate(flaw)) = inner else {
        return "Does something else than LDAP with TLS 1.2 or 1.3 answer at that port? With ldaps:// it is usually 636, with ldap:// 389.";
    };
    match flaw {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "Nobody that is trusted here issued its certificate. Give this directory the certificate of the authority that did (in Active \
             Directory that of the domain's Certificate Services), or pin the server's own."
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "The certificate must be renewed there; if it is valid, the clock of this machine is wrong."
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "Name the server as its certificate does, or pin the certificate."
        }
        CertificateError::Other(_) => {
            "If it was renewed, pin the new one once you know that it is the server's; if it was not, somebody is in between."
        }
        _ => "The server needs another certificate, or this one is to be pinned.",
    }
}
