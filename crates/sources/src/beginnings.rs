//! Identity providers and directories that an instance begins with: heard, or looked at, before the transaction that makes it, and connected in it.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::sources::directory::{Directory, DirectoryId, DirectoryStatus};
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus, Protocol};
use outbound::client::Outbound;
use store::sources::external_idps;
use store::tx::Tx;

use crate::directories::{self, NewDirectory, require_relaxed};
use crate::directory_connections::connected;
use crate::directory_secrets::missing;
use crate::external_idps::{NewExternalIdp, check_secret, insert_in, said};
use crate::fetching::Said;
use crate::our_side::OurSide;

/// A provider that was heard, to be connected by whoever makes the instance.
#[derive(Debug, Clone)]
pub struct Heard {
    /// As it is to be connected.
    pub new: NewExternalIdp,
    said: Said,
}

/// Hears a provider that is to be connected with the instance.
pub async fn hear(cx: &Cx, outbound: &Outbound, new: NewExternalIdp) -> Result<Heard, Fault> {
    let new = NewExternalIdp { settings: new.settings.checked(cx.mode)?, ..new };
    check_secret(&new.settings, new.client_secret.is_some())?;
    let said = said(cx, outbound, &new).await?;
    Ok(Heard { new, said })
}

/// Connects it, in the transaction that makes the instance. Our key is the caller's to put, where it speaks SAML.
pub fn connect_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (instance, ours): (&Instance, &OurSide),
    (id, status): (&ExternalIdpId, ExternalIdpStatus),
    heard: Heard,
) -> Result<ExternalIdp, Fault> {
    let Heard { mut new, said } = heard;
    if let Protocol::Saml(saml) = &mut new.settings.protocol {
        saml.sp_entity_id = ours.entity_id(&instance.identity_store_id);
        saml.acs_url = ours.acs_url(id);
    }
    let idp = ExternalIdp { status, ..insert_in(tx, cx, instance, (id, &new, &said))? };
    external_idps::update(tx, &idp)?;
    Ok(idp)
}

/// A directory that is to be connected with the instance: as it is kept, if it can be.
pub fn look_at(mode: Mode, outbound: &Outbound, new: NewDirectory) -> Result<NewDirectory, Fault> {
    require_relaxed(mode)?;
    let settings = new.settings.checked()?;
    let secret = new.secret.clone().of(&settings)?.ok_or_else(|| missing(&settings, ""))?;
    connected(outbound, &settings, secret)?;
    Ok(NewDirectory { settings, secret: new.secret })
}

/// Connects a directory that was looked at, in the transaction that makes the instance.
pub fn connect_directory_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (id, status): (&DirectoryId, DirectoryStatus),
    new: NewDirectory,
) -> Result<Directory, Fault> {
    let secret = new.secret.of(&new.settings)?.ok_or_else(|| missing(&new.settings, ""))?;
    let made = directories::insert_in(tx, cx, instance, (id, new.settings, &secret))?;
    let directory = Directory { status, ..made };
    store::sources::directories::update(tx, &directory)?;
    Ok(directory)
}
