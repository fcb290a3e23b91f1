//! CreateExternalIdPConfigurationForDirectory and what follows it: identity providers by which people sign in. What a provider says of itself is fetched
//! when it is connected, and again each day ([`refresh_stale`]); taking one away takes nobody away who came by it.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use model::cx::Cx;
use model::directory::group::GroupId;
use model::directory::identity_store_ref::IdentityStoreRef;
use model::fault::{Fault, FaultKind, ResourceType};
use model::id::hex;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::page::{Page, PageRequest};
use model::secret::Secret;
use model::sources::external_idp::{
    CERTIFICATES_MAX, ClientAuthentication, EXTERNAL_IDPS_MAX, ExternalIdp, ExternalIdpId,
    ExternalIdpSettings, ExternalIdpStatus, Protocol, SamlIdp,
};
use model::sources::provisioning_tenant::of_mode;
use outbound::client::Outbound;
use saml::certificate::Certificate;
use serde_json::json;
use store::db::Store;
use store::directory::groups;
use store::sealing::Purpose;
use store::sources::external_idp_certificates::{self, IdpCertificate};
use store::sources::{external_answers, external_idps};
use store::tx::{Rx, Tx};

use crate::external_idp_certificates::certificate_id;
use crate::fetching::{self, Said};
use crate::gate::{EXTERNAL_IDP, enter, existing};
use crate::leaving::leave_in;
use crate::our_side::{OurSide, ensure_key};
use crate::told::Told;

/// How long what a provider says of itself counts before it is asked again.
const FRESH: Duration = Duration::from_hours(24);
/// How long after a failure it is asked again at the earliest.
const RETRY: Duration = Duration::from_hours(1);
/// Characters of what is kept of a failure.
const ERROR_MAX: usize = 1_000;

/// A provider to be connected.
#[derive(Debug, Clone)]
pub struct NewExternalIdp {
    /// What is decided of it.
    pub settings: ExternalIdpSettings,
    /// Its SAML metadata, where it is given as text.
    pub metadata: Option<String>,
    /// Which entity of the metadata is meant, where that tells of several; its issuer, for OpenID Connect.
    pub issuer: Option<String>,
    /// The secret that it gave us.
    pub client_secret: Option<Secret>,
}

/// What it says of itself, from where the settings say.
pub(crate) async fn said(cx: &Cx, outbound: &Outbound, new: &NewExternalIdp) -> Result<Said, Fault> {
    match (&new.settings.protocol, &new.metadata, &new.issuer) {
        (Protocol::Saml(SamlIdp { metadata_url: None, .. }), Some(text), named) => {
            // A record is no place for a document: it says which one it was.
            let sha256 = hex(digest(&SHA256, text.as_bytes()).as_ref());
            cx.event().detail("metadata", json!({ "sha256": sha256, "bytes": text.len() }));
            fetching::metadata(cx, text, named.as_deref())
        }
        (Protocol::Saml(SamlIdp { metadata_url: Some(url), .. }), None, named) => {
            fetching::metadata_at(cx, outbound, url, named.as_deref()).await
        }
        (Protocol::Saml(_), _, _) => Err(Fault::validation(
            "Saml needs the provider's metadata: MetadataXml or MetadataUrl, one of them",
        )),
        (Protocol::Oidc(_), None, Some(issuer)) => fetching::provider(outbound, issuer).await,
        (Protocol::Oidc(_), _, _) => Err(Fault::validation("Oidc needs Issuer")),
    }
}

/// Whether there is a secret exactly where one is used.
pub(crate) fn check_secret(settings: &ExternalIdpSettings, has_secret: bool) -> Result<(), Fault> {
    let wants = match &settings.protocol {
        Protocol::Saml(_) => false,
        Protocol::Oidc(oidc) => oidc.authentication != ClientAuthentication::Nothing,
    };
    match (wants, has_secret) {
        (true, false) => Err(Fault::validation(
            "ClientSecret is missing: the provider gave one with the client id; without one ClientAuthentication is NONE",
        )),
        (false, true) => Err(Fault::validation(
            "ClientSecret is not used: leave it out, or let ClientAuthentication say how it is",
        )),
        _ => Ok(()),
    }
}

/// CreateExternalIdPConfigurationForDirectory. It is disabled until EnableExternalIdPConfigurationForDirectory: it can be tried before people meet it.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (ours, outbound): (&OurSide, &Outbound),
    (at, new): (&IdentityStoreRef, NewExternalIdp),
) -> Result<ExternalIdp, Fault> {
    let action = "portico:CreateExternalIdPConfigurationForDirectory";
    let instance = store.read(|rx| enter(action, rx, cx, at))?;
    let id = ExternalIdpId::fresh(cx.entropy());
    let mut new = NewExternalIdp { settings: new.settings.checked(cx.mode)?, ..new };
    check_secret(&new.settings, new.client_secret.is_some())?;
    if let Protocol::Saml(saml) = &mut new.settings.protocol {
        // Kept, so that they stay when our own address changes.
        saml.sp_entity_id = ours.entity_id(&instance.identity_store_id);
        saml.acs_url = ours.acs_url(&id);
    }
    let said = said(cx, outbound, &new).await?;
    if matches!(new.settings.protocol, Protocol::Saml(_)) {
        ensure_key(store, cx).await?;
    }
    let at = at.clone();
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            insert_in(tx, cx, &instance, (&id, &new, &said))
        })
        .await
}

pub(crate) fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    instance: &Instance,
    (id, new, said): (&ExternalIdpId, &NewExternalIdp, &Said),
) -> Result<ExternalIdp, Fault> {
    let most = of_mode(cx.mode, EXTERNAL_IDPS_MAX);
    if external_idps::count(tx, &instance.identity_store_id)? >= most {
        return Err(Fault::quota(format!(
            "An identity store has at most {most} external identity providers: delete one first"
        )));
    }
    if let Some(other) = external_idps::find_by_issuer(tx, &instance.identity_store_id, &said.issuer)? {
        return Err(Fault::conflict(format!(
            "{} is connected already, as {} ({})",
            said.issuer, other.settings.name, other.id
        )));
    }
    require_groups(tx, instance, &new.settings)?;
    require_own_domains(tx, instance, (id, &new.settings))?;
    let by = cx.caller.arn();
    let idp = ExternalIdp {
        id: id.clone(),
        identity_store_id: instance.identity_store_id.clone(),
        status: ExternalIdpStatus::Disabled,
        issuer: said.issuer.clone(),
        settings: new.settings.clone(),
        document: said.document.clone(),
        fetched_at: cx.now,
        fetch_error: None,
        created_at: cx.now,
        created_by: by.clone(),
        updated_at: cx.now,
        updated_by: by,
    };
    external_idps::insert(tx, &idp)?;
    put_certificates(tx, cx, id, &said.certificates)?;
    if let Some(key_set) = &said.key_set {
        external_idps::set_key_set(tx, id, key_set, cx.now)?;
    }
    if let Some(secret) = &new.client_secret {
        put_secret(tx, cx, id, secret)?;
    }
    cx.event().touch(EXTERNAL_IDP, idp.id.as_str());
    cx.event().respond(json!({ "configurationId": idp.id.as_str(), "issuer": idp.issuer }));
    Ok(idp)
}

/// Refuses rules for groups that are not there: nobody would get into them.
fn require_groups(rx: &mut Rx<'_>, instance: &Instance, settings: &ExternalIdpSettings) -> Result<(), Fault> {
    for rule in &settings.arrivals.groups {
        let id = GroupId::parse(&rule.group_id)?;
        if !groups::exists(rx, &instance.identity_store_id, &id)? {
            return Err(Fault::validation(format!(
                "Arrivals.Groups.GroupId {id}: there is no such group in the identity store"
            )));
        }
    }
    Ok(())
}

/// Refuses a domain that is another provider's already: a name leads to one of them.
fn require_own_domains(
    rx: &mut Rx<'_>,
    instance: &Instance,
    (id, settings): (&ExternalIdpId, &ExternalIdpSettings),
) -> Result<(), Fault> {
    for other in external_idps::list(rx, &instance.identity_store_id)?.iter().filter(|other| other.id != *id)
    {
        let both = settings.domains.iter().find(|domain| other.settings.domains.contains(domain));
        if let Some(domain) = both {
            return Err(Fault::conflict(format!(
                "Domains: {domain} is one of {} ({}): a user name leads to one provider",
                other.settings.name, other.id
            )));
        }
    }
    Ok(())
}

fn put_secret(tx: &mut Tx<'_>, cx: &Cx, id: &ExternalIdpId, secret: &Secret) -> Result<(), Fault> {
    let sealed =
        tx.keyring().seal(cx.entropy(), Purpose::ClientSecret, id.as_str(), secret.expose().as_bytes())?;
    external_idps::set_secret(tx, id, Some(&sealed))
}

/// The certificates of the metadata as they are now, beside those that somebody brought.
fn put_certificates(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: &ExternalIdpId,
    certificates: &[Certificate],
) -> Result<(), Fault> {
    external_idp_certificates::delete_of_metadata(tx, id)?;
    for certificate in certificates.iter().take(usize::try_from(CERTIFICATES_MAX).unwrap_or(usize::MAX)) {
        let new = IdpCertificate {
            id: certificate_id(certificate),
            der: certificate.der().to_vec(),
            imported: false,
            added_at: cx.now,
        };
        external_idp_certificates::put(tx, id, &new)?;
    }
    Ok(())
}

/// A provider as an administrator is shown it.
#[derive(Debug, Clone)]
pub struct Described {
    /// The provider.
    pub idp: ExternalIdp,
    /// Whether there is a secret that it gave us.
    pub has_secret: bool,
    /// What was read from what it said of itself.
    pub told: Told,
}

/// DescribeExternalIdPConfigurationForDirectory.
pub fn describe(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    id: &ExternalIdpId,
) -> Result<Described, Fault> {
    store.read(|rx| {
        let instance = enter("portico:DescribeExternalIdPConfigurationForDirectory", rx, cx, at)?;
        let idp = existing(rx, &instance, id)?;
        let kept = external_idps::kept(rx, id)?;
        Ok(Described {
            told: Told::of(&idp)?,
            has_secret: kept.is_some_and(|kept| kept.sealed_secret.is_some()),
            idp,
        })
    })
}

/// ListExternalIdPConfigurationsForDirectory, by id.
pub fn list(
    store: &Store,
    cx: &Cx,
    at: &IdentityStoreRef,
    page: &PageRequest,
) -> Result<Page<ExternalIdp>, Fault> {
    store.read(|rx| {
        let instance = enter("portico:ListExternalIdPConfigurationsForDirectory", rx, cx, at)?;
        let rows = external_idps::page(rx, &instance.identity_store_id, page)?;
        Ok(page.page(rows, |idp| idp.id.as_str().to_owned()))
    })
}

/// UpdateExternalIdPConfigurationForDirectory: what is decided of a provider, from the next sign-in on. Its issuer stays, and for SAML what we are to it
/// unless `settings` says otherwise; without `metadata` and secret those stay too.
pub async fn update(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (at, id, new): (&IdentityStoreRef, &ExternalIdpId, NewExternalIdp),
) -> Result<ExternalIdp, Fault> {
    let action = "portico:UpdateExternalIdPConfigurationForDirectory";
    let (before, has_secret) = store.read(|rx| {
        let instance = enter(action, rx, cx, at)?;
        let kept = external_idps::kept(rx, id)?;
        Ok((existing(rx, &instance, id)?, kept.is_some_and(|kept| kept.sealed_secret.is_some())))
    })?;
    let settings = new.settings.clone().checked(cx.mode)?;
    require_same_issuer(&before, new.issuer.as_deref())?;
    let asked =
        NewExternalIdp { settings: settings.clone(), issuer: Some(before.issuer.clone()), ..new.clone() };
    let said = if is_to_be_asked(&before, &asked)? { Some(said(cx, outbound, &asked).await?) } else { None };
    require_same_issuer(&before, said.as_ref().map(|said| said.issuer.as_str()))?;
    let wants_secret = matches!(&settings.protocol, Protocol::Oidc(oidc) if oidc.authentication != ClientAuthentication::Nothing);
    check_secret(&settings, new.client_secret.is_some() || (has_secret && wants_secret))?;
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            let before = existing(tx, &instance, &id)?;
            require_groups(tx, &instance, &settings)?;
            require_own_domains(tx, &instance, (&id, &settings))?;
            let settings = with_our_side(&before, settings.clone());
            let changed = ExternalIdp { settings, updated_at: cx.now, updated_by: cx.caller.arn(), ..before };
            external_idps::update(tx, &changed)?;
            if let Some(said) = &said {
                take_over(tx, cx, &id, said)?;
            }
            match (&new.client_secret, wants_secret) {
                (Some(secret), _) => put_secret(tx, cx, &id, secret)?,
                (None, true) => {}
                (None, false) => external_idps::set_secret(tx, &id, None)?,
            }
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            existing(tx, &instance, &id)
        })
        .await
}

/// A provider stays who it is: its people's external ids have its issuer.
fn require_same_issuer(before: &ExternalIdp, issuer: Option<&str>) -> Result<(), Fault> {
    match issuer {
        Some(issuer) if issuer != before.issuer => Err(Fault::validation(format!(
            "The provider stays {}: connect {issuer} with CreateExternalIdPConfigurationForDirectory",
            before.issuer
        ))),
        _ => Ok(()),
    }
}

/// What we are to a provider stays: it was told once.
fn with_our_side(before: &ExternalIdp, mut settings: ExternalIdpSettings) -> ExternalIdpSettings {
    if let (Protocol::Saml(new), Protocol::Saml(old)) = (&mut settings.protocol, &before.settings.protocol) {
        new.sp_entity_id.clone_from(&old.sp_entity_id);
        new.acs_url.clone_from(&old.acs_url);
    }
    settings
}

/// Whether a change needs to hear the provider again.
fn is_to_be_asked(before: &ExternalIdp, new: &NewExternalIdp) -> Result<bool, Fault> {
    match (&before.settings.protocol, &new.settings.protocol) {
        (Protocol::Saml(old), Protocol::Saml(saml)) => {
            Ok(new.metadata.is_some()
                || (saml.metadata_url.is_some() && saml.metadata_url != old.metadata_url))
        }
        (Protocol::Oidc(_), Protocol::Oidc(_)) => Ok(false),
        _ => Err(Fault::validation(
            "A provider keeps its protocol: connect another one with CreateExternalIdPConfigurationForDirectory",
        )),
    }
}

fn take_over(tx: &mut Tx<'_>, cx: &Cx, id: &ExternalIdpId, said: &Said) -> Result<(), Fault> {
    external_idps::set_document(tx, id, &said.document, cx.now)?;
    match &said.key_set {
        Some(key_set) => external_idps::set_key_set(tx, id, key_set, cx.now),
        None => put_certificates(tx, cx, id, &said.certificates),
    }
}

/// EnableExternalIdPConfigurationForDirectory and DisableExternalIdPConfigurationForDirectory: the next sign-in counts, or does not. Who is signed in stays so.
pub async fn set_status(
    store: &Store,
    cx: &Cx,
    (at, id): (&IdentityStoreRef, &ExternalIdpId),
    status: ExternalIdpStatus,
) -> Result<ExternalIdp, Fault> {
    let action = match status {
        ExternalIdpStatus::Enabled => "portico:EnableExternalIdPConfigurationForDirectory",
        ExternalIdpStatus::Disabled => "portico:DisableExternalIdPConfigurationForDirectory",
    };
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            let before = existing(tx, &instance, &id)?;
            let changed = ExternalIdp { status, updated_at: cx.now, updated_by: cx.caller.arn(), ..before };
            external_idps::update(tx, &changed)?;
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            Ok(changed)
        })
        .await
}

/// DeleteExternalIdPConfigurationForDirectory. Whoever came by it stays, with what they may use; they need another way in.
pub async fn delete(store: &Store, cx: &Cx, at: &IdentityStoreRef, id: &ExternalIdpId) -> Result<(), Fault> {
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter("portico:DeleteExternalIdPConfigurationForDirectory", tx, cx, &at)?;
            let idp = existing(tx, &instance, &id)?;
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            let released = leave_in(tx, &instance.identity_store_id, &idp.issuer)?;
            cx.event().respond(json!({ "released": released }));
            external_idp_certificates::delete_by_idp(tx, &id)?;
            external_answers::delete_by_idp(tx, &id)?;
            external_idps::delete(tx, &id)
        })
        .await
}

/// RefreshExternalIdPMetadata: what the provider says of itself, asked for now.
pub async fn refresh(
    store: &Store,
    cx: &Cx,
    outbound: &Outbound,
    (at, id): (&IdentityStoreRef, &ExternalIdpId),
) -> Result<ExternalIdp, Fault> {
    let action = "portico:RefreshExternalIdPMetadata";
    let before = store.read(|rx| {
        let instance = enter(action, rx, cx, at)?;
        existing(rx, &instance, id)
    })?;
    let said = heard(cx, outbound, &before)
        .await
        .ok_or_else(|| Fault::validation("The provider's metadata was given as text: UpdateExternalIdPConfigurationForDirectory takes another one"))??;
    let (at, id) = (at.clone(), id.clone());
    store
        .write(cx, move |tx, cx| {
            let instance = enter(action, tx, cx, &at)?;
            existing(tx, &instance, &id)?;
            take_over(tx, cx, &id, &said)?;
            cx.event().touch(EXTERNAL_IDP, id.as_str());
            existing(tx, &instance, &id)
        })
        .await
}

/// What a provider says of itself now, if it can be asked.
async fn heard(cx: &Cx, outbound: &Outbound, idp: &ExternalIdp) -> Option<Result<Said, Fault>> {
    let said = match &idp.settings.protocol {
        Protocol::Saml(saml) => {
            fetching::metadata_at(cx, outbound, saml.metadata_url.as_ref()?, Some(&idp.issuer)).await
        }
        Protocol::Oidc(_) => fetching::provider(outbound, &idp.issuer).await,
    };
    Some(said.and_then(|said| {
        if said.issuer == idp.issuer {
            return Ok(said);
        }
        Err(Fault::validation(format!("The address now tells of {}, not of {}", said.issuer, idp.issuer)))
    }))
}

/// Asks the providers again that were not asked for a day, or an hour after they could not be; how many. What they said before counts until then.
pub async fn refresh_stale(store: &Store, cx: &Cx, outbound: &Outbound) -> Result<usize, Fault> {
    let stale = store.read(|rx| Ok(external_idps::list_stale(rx, cx.now.minus(RETRY))?))?;
    let due = |idp: &ExternalIdp| idp.fetch_error.is_some() || cx.now.since(idp.fetched_at) >= FRESH;
    let mut asked = 0;
    for idp in stale.into_iter().filter(due) {
        let Some(heard) = heard(cx, outbound, &idp).await else { continue };
        asked += 1;
        let id = idp.id.clone();
        let write = move |tx: &mut Tx<'_>, cx: &Cx| match &heard {
            Ok(said) if external_idps::find(tx, &id)?.is_some() => take_over(tx, cx, &id, said),
            Ok(_) => Ok(()),
            Err(fault) => {
                let error: String = fault.message().chars().take(ERROR_MAX).collect();
                external_idps::set_error(tx, &id, &error, cx.now)
            }
        };
        store.maintain(cx, write).await?;
    }
    Ok(asked)
}

/// The providers by which people can sign in, for the pages.
pub fn enabled(
    rx: &mut Rx<'_>,
    store: &model::directory::identity_store::IdentityStoreId,
) -> Result<Vec<ExternalIdp>, Fault> {
    Ok(external_idps::list_enabled(rx, store)?)
}

/// The provider of this id, if people can sign in by it; one that is tried may be disabled.
pub fn of_address(rx: &mut Rx<'_>, id: &str, is_tried: bool) -> Result<Option<ExternalIdp>, Fault> {
    let Ok(id) = ExternalIdpId::parse(id) else { return Ok(None) };
    Ok(external_idps::find(rx, &id)?.filter(|idp| is_tried || idp.is_enabled()))
}

/// The provider of an address that a browser or a provider named; one that is disabled, or gone, is not there.
pub(crate) fn usable(rx: &mut Rx<'_>, id: &str, even_disabled: bool) -> Result<ExternalIdp, Fault> {
    let gone = || Fault::new(FaultKind::NotFound(ResourceType::Other), "There is no such identity provider");
    of_address(rx, id, even_disabled)?.ok_or_else(gone)
}

/// Whether a mode has more than AWS.
pub(crate) fn is_strict(cx: &Cx) -> bool {
    cx.mode == Mode::Strict
}
