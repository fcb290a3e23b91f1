//! Identity providers that an instance begins with: heard before the transaction that makes it, and connected in it.

use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId, ExternalIdpStatus, Protocol};
use outbound::client::Outbound;
use store::sources::external_idps;
use store::tx::Tx;

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
