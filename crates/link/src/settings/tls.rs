//! TLS as rustls wants it, with ring as the provider named outright: a process-wide default may be another one, or none.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use twinscope_twin::site::Source;

use super::{SettingsError, read_file};

/// The TLS settings of a source: its own authority if it names one (and then only that one), else those of the system.
pub(crate) fn client_config(source: &Source, base_dir: &Path) -> Result<Arc<ClientConfig>, SettingsError> {
    let content = |what, file: &str, reason: String| SettingsError::Content {
        source_id: source.id.clone(),
        what,
        path: base_dir.join(file),
        reason,
    };
    let combination = |reason| SettingsError::Combination { source_id: source.id.clone(), reason };

    let mut roots = RootCertStore::empty();
    match &source.ca_file {
        Some(file) => {
            let pem = read_file(source, "ca_file", base_dir, file)?;
            for certificate in certificates(&pem).map_err(|reason| content("ca_file", file, reason))? {
                roots.add(certificate).map_err(|error| {
                    content("ca_file", file, format!("holds a certificate that cannot be an authority: {error}"))
                })?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            let (added, _) = roots.add_parsable_certificates(found.certs);
            if added == 0 {
                let reason = found.errors.first().map_or_else(|| "none installed".to_owned(), ToString::to_string);
                return Err(SettingsError::NoRoots { source_id: source.id.clone(), reason });
            }
        }
    }

    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        // Cannot fail: ring has cipher suites for both versions. Said all the same.
        .map_err(|_| combination("the TLS library offers no usable protocol version"))?
        .with_root_certificates(roots);
    let mut config = match (&source.client_cert, &source.client_key) {
        (Some(chain_file), Some(key_file)) => {
            let pem = read_file(source, "client_cert", base_dir, chain_file)?;
            let chain = certificates(&pem).map_err(|reason| content("client_cert", chain_file, reason))?;
            let pem = read_file(source, "client_key", base_dir, key_file)?;
            let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
                let reason = "holds no private key in PEM form (BEGIN PRIVATE KEY); encrypted keys are not supported";
                content("client_key", key_file, reason.to_owned())
            })?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                content("client_key", key_file, format!("does not fit client_cert {chain_file}: {error}"))
            })?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => return Err(combination("client_cert and client_key need each other")),
    };
    config.alpn_protocols = source.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(list) if !list.is_empty() => Ok(list),
        Ok(_) => Err("holds no certificate in PEM form (BEGIN CERTIFICATE)".to_owned()),
        Err(error) => Err(format!("is not readable as PEM: {error}")),
    }
}
