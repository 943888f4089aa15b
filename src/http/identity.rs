//! Who the bot is for a server that asks: a certificate, and the key that nobody else has.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// For others than the owner of a file and the group.
const OTHERS: u32 = 0o007;

/// Where the certificate is (PEM, with those that vouch for it behind it, if there are any), and where its key is (PEM,
/// without a password); one file may have both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A certificate with those that vouch for it, and its key.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Identity {
    /// Reads both.
    ///
    /// # Errors
    /// In words for people: a file is missing or is none of that kind, or others on this machine can read the key.
    pub(super) fn read(&self) -> Result<Shown, String> {
        let shown = self.certificate.display();
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|_| format!("`{shown}` cannot be read as a certificate"))?;
        if certificates.is_empty() {
            return Err(format!("there is no certificate in `{shown}`"));
        }
        Ok((certificates, key(&self.key)?))
    }
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let shown = file.display();
    let about = std::fs::metadata(file).map_err(|error| {
        format!(
            "`{shown}` cannot be read ({})",
            error.to_string().to_lowercase()
        )
    })?;
    if about.permissions().mode() & OTHERS != 0 {
        return Err(format!(
            "everybody on this machine can read the key in `{shown}`; `chmod o-rwx {shown}` mends that"
        ));
    }
    PrivateKeyDer::from_pem_file(file)
        .map_err(|_| format!("there is no key in `{shown}` that can be read without a password"))
}
