//! Whose pages they are: what an administrator decided of their name, colour, picture and help line, and what of it the pages show. Never
//! learns how a page looks.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::Fault;
use model::id::hex;
use model::instances::instance::Instance;
use model::signin::logo::Logo;
use model::signin::portal_settings::PortalSettings;
use policy::gate::Gate;
use serde::{Deserialize, Serialize};
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::gate::enter;
use crate::settings::{self, Setting};

/// What is kept of everything but the picture's bytes: most look-ups need only that there is one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    settings: PortalSettings,
    logo: Option<LogoMark>,
}

impl Setting for Kept {
    const NAME: &'static str = "portal_settings";
}

/// The picture that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogoMark {
    /// What it begins with when it is hashed: another picture has another.
    pub hash: String,
    /// What HTTP calls it.
    pub content_type: String,
}

/// The picture.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct KeptLogo {
    base64: Option<String>,
}

impl Setting for KeptLogo {
    const NAME: &'static str = "portal_logo";
}

/// What the pages show: everybody who opens one sees it.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// What an administrator decided.
    pub settings: PortalSettings,
    /// What people know the portal by, if it or the instance has a name.
    pub name: Option<String>,
    /// The picture that there is.
    pub logo: Option<LogoMark>,
}

/// What is in force, for the pages.
pub fn shown(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Shown, Fault> {
    let Kept { settings, logo } = settings::find(rx, store)?;
    let name = match &settings.name {
        Some(name) => Some(name.clone()),
        None => store::instances::instances::find_by_identity_store(rx, store)?.and_then(|found| found.name),
    };
    Ok(Shown { settings, name, logo })
}

/// The picture, for whoever asks.
pub fn logo(rx: &mut Rx<'_>, store: &IdentityStoreId) -> Result<Option<Logo>, Fault> {
    let kept: KeptLogo = settings::find(rx, store)?;
    let bytes = kept.base64.map(|text| STANDARD.decode(text)).transpose().map_err(Fault::internal)?;
    bytes.map(Logo::new).transpose()
}

/// GetPortalSettings.
pub fn get(store: &Store, cx: &Cx, at: &IdentityStoreRef) -> Result<(PortalSettings, Option<Logo>), Fault> {
    store.read(|rx| {
        let instance = enter(Gate::own("portico:GetPortalSettings", vec![]), rx, cx, at)?;
        let kept: Kept = settings::find(rx, &instance.identity_store_id)?;
        Ok((kept.settings, logo(rx, &instance.identity_store_id)?))
    })
}

/// What is to be in force, as it was given.
#[derive(Debug, Clone, Default)]
pub struct NewPortalSettings {
    /// Everything but the picture.
    pub settings: PortalSettings,
    /// The picture, as base64.
    pub logo: Option<String>,
}

/// PutPortalSettings: the next page that anybody opens shows it.
pub async fn put(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    new: impl Fn() -> Result<NewPortalSettings, Fault> + Send + 'static,
) -> Result<(), Fault> {
    let at = at.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = enter(Gate::own("portico:PutPortalSettings", vec![]), tx, cx, &at)?;
            put_in(tx, cx, &instance, new()?)
        })
        .await
}

/// The same within a transaction, by whoever makes the instance.
pub fn put_in(tx: &mut Tx<'_>, cx: &Cx, instance: &Instance, new: NewPortalSettings) -> Result<(), Fault> {
    let checked = new.settings.checked()?;
    let logo = new
        .logo
        .map(|text| {
            let text: String = text.split_ascii_whitespace().collect();
            STANDARD.decode(text).map_err(|_| Fault::validation("Logo must be base64"))
        })
        .transpose()?
        .map(Logo::new)
        .transpose()?;
    let mark = logo.as_ref().map(|logo| LogoMark {
        hash: hex(digest(&SHA256, logo.bytes()).as_ref()).chars().take(16).collect(),
        content_type: logo.kind().content_type().to_owned(),
    });
    let kept = KeptLogo { base64: logo.map(|logo| STANDARD.encode(logo.bytes())) };
    settings::put(tx, cx, &instance.identity_store_id, &Kept { settings: checked, logo: mark })?;
    settings::put(tx, cx, &instance.identity_store_id, &kept)
}
