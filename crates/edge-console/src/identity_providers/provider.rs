//! One identity provider: what it is to be told of us, whether people meet it, what it says of itself, and a way to try it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::external;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::owned::source::{Counts, Source};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

/// As DescribeExternalIdPConfigurationForDirectory answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    pub(crate) configuration: Value,
    pub(crate) status: String,
    pub(crate) issuer: String,
    pub(crate) fetched_at: Moment,
    pub(crate) fetch_error: Option<String>,
}

impl Described {
    /// What people know it by.
    pub(crate) fn name(&self) -> &str {
        self.configuration["Name"].as_str().unwrap_or_default()
    }

    fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }

    fn is_saml(&self) -> bool {
        self.configuration.get("Saml").is_some()
    }

    /// Whether it can be asked again: metadata that was given as text cannot.
    fn is_fetched(&self) -> bool {
        !self.is_saml() || self.configuration["Saml"]["MetadataUrl"].is_string()
    }
}

/// Asks for one.
pub(crate) async fn described(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<Described, Fault> {
    admin.call(desk, Op("portico", "DescribeExternalIdPConfigurationForDirectory"), of(desk, id)).await
}

/// What calls about it say.
pub(crate) fn of(desk: &Desk, id: &str) -> Value {
    json!({ "IdentityStoreId": desk.identity_store_id(), "ConfigurationId": id })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ours {
    saml: Option<Value>,
    oidc: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Certificates {
    certificates: Vec<Certificate>,
}

/// A certificate of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Certificate {
    certificate_id: String,
    not_after: Moment,
    imported: bool,
}

/// What it is to be told: what that is called, and what it is.
struct Told {
    name: &'static str,
    id: &'static str,
    value: String,
}

const TOLD: [(&str, &str, &str); 6] = [
    ("MetadataUrl", "idp-our-metadata", "told-metadata"),
    ("EntityId", "idp-our-entity-id", "told-entity"),
    ("AcsUrl", "idp-our-acs", "told-acs"),
    ("SloUrl", "idp-our-slo", "told-slo"),
    ("RedirectUri", "idp-our-redirect", "told-redirect"),
    ("BackChannelLogoutUri", "idp-our-logout", "told-logout"),
];

#[derive(Template)]
#[template(path = "identity_providers/provider.html")]
struct ProviderPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    id: String,
    provider: Described,
    /// How many it owns.
    counts: Option<Counts>,
    domains: String,
    told: Vec<Told>,
    certificates: Vec<Certificate>,
    pem: String,
    status_command: String,
    import_command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, (&query, None)).await
}

/// Enables it, disables it, or asks it anew.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let operation = match fields.text("act") {
        "enable" => "EnableExternalIdPConfigurationForDirectory",
        "refresh" => "RefreshExternalIdPMetadata",
        _ => "DisableExternalIdPConfigurationForDirectory",
    };
    match admin.act(&desk, Op("portico", operation), of(&desk, &id)).await {
        Ok(()) => go(&desk, &format!("/console/identity-providers/{id}?done=saved")),
        Err(why) => page(&desk, admin, &id, (&Fields::default(), Some(why))).await,
    }
}

/// Sends the administrator there, to see what comes back.
pub(crate) async fn try_out(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, .. }: Sent,
) -> Response {
    // Whoever may look at it may try it.
    match described(&desk, &mut admin, &id).await {
        Ok(_) => external::try_out(&desk.portal, &admin.visitor, &id),
        Err(why) => refused(&desk, &admin, Room::IdentityProviders, &why),
    }
}

/// The page, with why something was not done.
pub(crate) async fn page(
    desk: &Desk,
    mut admin: Administrator,
    id: &str,
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let found = read(desk, &mut admin, id).await;
    let (provider, ours, certificates, counts) = match found {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::IdentityProviders, &why.unwrap_or(unknown)),
    };
    let domains = provider.configuration["Domains"].as_array().into_iter().flatten();
    let domains: Vec<&str> = domains.filter_map(Value::as_str).collect();
    let status = why.as_ref().map_or(StatusCode::OK, Trouble::status);
    let change = if provider.is_enabled() { "Disable" } else { "Enable" };
    let operation = match change {
        "Disable" => "DisableExternalIdPConfigurationForDirectory",
        _ => "EnableExternalIdPConfigurationForDirectory",
    };
    let mut import = of(desk, id);
    import["Certificate"] = "file://certificate.pem".into();
    let page = ProviderPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        id: id.to_owned(),
        domains: domains.join(", "),
        told: told(&ours),
        certificates,
        counts,
        pem: query.whole("certificate").to_owned(),
        status_command: command::text(Op("portico", operation), &of(desk, id)),
        import_command: command::text(Op("portico", "ImportExternalIdPCertificate"), &import),
        provider,
    };
    answer(desk, &admin, status, &page)
}

async fn read(
    desk: &Desk,
    admin: &mut Administrator,
    id: &str,
) -> Result<(Described, Ours, Vec<Certificate>, Option<Counts>), Fault> {
    let provider = described(desk, admin, id).await?;
    let ours = Op("portico", "GetAWSSPConfigurationForDirectory");
    let ours: Ours = admin.call(desk, ours, of(desk, id)).await?;
    let certificates = if provider.is_saml() {
        let op = Op("portico", "ListExternalIdPCertificates");
        let found: Certificates = admin.call(desk, op, of(desk, id)).await?;
        found.certificates
    } else {
        Vec::new()
    };
    let counts = Source::Provider(id.to_owned()).counts(desk, admin).await?;
    Ok((provider, ours, certificates, counts))
}

fn told(ours: &Ours) -> Vec<Told> {
    let parts = [ours.saml.as_ref(), ours.oidc.as_ref()];
    let of = |member: &str| parts.iter().flatten().find_map(|part| part[member].as_str());
    let rows = TOLD.iter().filter_map(|(member, name, id)| Some((name, id, of(member)?)));
    rows.map(|(name, id, value)| Told { name, id, value: value.to_owned() }).collect()
}
