//! TLS by rustls with ring, for the connections of this client alone.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::error::BuildError;

/// Returns a configuration for TLS 1.2 and 1.3 with ring that trusts the certificates of the operating
/// system and those in `pems`.
///
/// The crypto provider is passed to this configuration and not installed for the process: the application
/// may have chosen another.
pub(crate) fn client_config(pems: &[Vec<u8>]) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(parse(pems)?, Arc::clone(&provider))
        .map_err(|error| BuildError::tls("the operating system has no usable root certificates (on Debian, install `ca-certificates`)", error))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BuildError::tls("ring lacks a TLS version", error))?
        .dangerous() // rustls' word for every verifier but its own; this one is its authors', too
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn parse(pems: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, BuildError> {
    let mut certificates = Vec::new();
    for pem in pems {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificates.push(certificate.map_err(|error| {
                BuildError::tls("a root certificate is not readable PEM", error)
            })?);
        }
        if certificates.len() == before {
            return Err(BuildError::tls(
                "a root certificate is not readable PEM",
                "no certificate in the text",
            ));
        }
    }
    Ok(certificates)
}
