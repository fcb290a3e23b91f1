//! By what a directory knows who asks: the password of its account, or the key of a certificate. One of them is kept, sealed, as the settings have it.

use model::cx::Cx;
use model::fault::Fault;
use model::secret::Secret;
use model::sources::directory::{Directory, DirectoryId, DirectorySettings};
use store::db::Store;
use store::sealing::Purpose;
use store::sources::directories;
use store::tx::Tx;

/// What is given of it.
#[derive(Debug, Clone, Default)]
pub struct GivenSecret {
    /// The password of `BindDn`.
    pub password: Option<Secret>,
    /// The key of `ClientCertificate`.
    pub key: Option<Secret>,
}

impl GivenSecret {
    /// The one that settings want, if it is given; refuses the other.
    pub(crate) fn of(self, settings: &DirectorySettings) -> Result<Option<Secret>, Fault> {
        match (settings.client_certificate.is_some(), self.password, self.key) {
            (true, Some(_), _) => Err(Fault::validation(
                "BindPassword has no place beside ClientCertificate: the certificate's key is given as ClientKey",
            )),
            (false, _, Some(_)) => Err(Fault::validation("ClientKey has no place without ClientCertificate")),
            (true, None, key) => Ok(key),
            (false, password, None) => Ok(password),
        }
    }
}

/// What is missing where settings want another secret than was given.
pub(crate) fn missing(settings: &DirectorySettings, why: &str) -> Fault {
    let field = if settings.client_certificate.is_some() { "ClientKey" } else { "BindPassword" };
    Fault::validation(format!("{field} is missing{why}"))
}

pub(crate) fn sealed(tx: &Tx<'_>, cx: &Cx, id: &DirectoryId, secret: &Secret) -> Result<Vec<u8>, Fault> {
    let plain = secret.expose().as_bytes();
    tx.keyring().seal(cx.entropy(), Purpose::DirectoryPassword, id.as_str(), plain)
}

/// The secret of a directory, as it is kept.
pub(crate) fn opened(store: &Store, directory: &Directory) -> Result<Secret, Fault> {
    let sealed = store.read(|rx| Ok(directories::standing(rx, &directory.id)?))?;
    let sealed = sealed.ok_or_else(|| Fault::not_found("The directory is gone"))?.sealed_password;
    let opened = store.keyring().open(Purpose::DirectoryPassword, directory.id.as_str(), &sealed);
    let opened = opened.ok_or_else(|| Fault::internal("the secret of a directory cannot be opened"))?;
    Ok(Secret::new(std::str::from_utf8(&opened).map_err(Fault::internal)?))
}
