//! One application: what it is, what it is to be told of us, a way to try it, and whether anybody may use it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::{Administrator, allowed};
use crate::applications::application::{Application, At, Decided, Tab, decided};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const UPDATE: Op = Op("sso-admin", "UpdateApplication");

/// What it is to be told: the member of the answer, what it is called, and its mark on the page.
const TOLD: [(&str, &str, &str); 7] = [
    ("MetadataUrl", "app-our-metadata", "told-metadata"),
    ("EntityId", "app-our-entity-id", "told-entity"),
    ("SignInUrl", "app-our-sign-in", "told-sign-in"),
    ("SignOutUrl", "app-our-sign-out", "told-sign-out"),
    ("Issuer", "app-our-issuer", "told-issuer"),
    ("ClientId", "app-our-client-id", "told-client"),
    ("DiscoveryUrl", "app-our-discovery", "told-discovery"),
];

struct Told {
    name: &'static str,
    id: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "applications/overview.html")]
struct OverviewPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    /// Whether anything is decided of how it is spoken to; nothing where the role may not know, or nothing has to be.
    is_set_up: Option<bool>,
    told: Vec<Told>,
    certificate: String,
    metadata_url: String,
    test_url: String,
    our_start_url: String,
    /// Whether what it is told is signed with SHA-1.
    signs_with_sha1: bool,
    command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &at, (&query, None)).await
}

/// Enables or disables it.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let status = if fields.text("act") == "enable" { "ENABLED" } else { "DISABLED" };
    match admin.act(&desk, UPDATE, at.with(&desk, json!({ "Status": status }))).await {
        Ok(()) => go(&desk, &at.below("?done=saved")),
        Err(why) => page(&desk, admin, &at, (&Fields::default(), Some(why))).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    at: &At,
    (query, why): (&Fields, Option<Fault>),
) -> Response {
    let (app, ours) = match look(desk, &mut admin, at).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::Applications, &why.unwrap_or(unknown)),
    };
    let said = ours.as_ref().and_then(|ours| ours.0.as_ref()).unwrap_or(&Value::Null);
    let text = |member: &str| said[member].as_str().unwrap_or_default().to_owned();
    let told = TOLD
        .iter()
        .filter_map(|(member, name, id)| Some(Told { name, id, value: said[*member].as_str()?.to_owned() }));
    let status = if app.is_enabled() { "DISABLED" } else { "ENABLED" };
    let page = OverviewPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications).after(&admin, query),
        trouble: why.as_ref().map(|why| Trouble::of(&admin, why)),
        is_set_up: ours.as_ref().map(|ours| ours.0.is_some()),
        told: told.collect(),
        certificate: text("Certificate"),
        metadata_url: text("MetadataUrl"),
        test_url: text("TestUrl"),
        our_start_url: text("StartUrl"),
        signs_with_sha1: said["SigningDigest"] == "SHA1",
        command: command::text(UPDATE, &at.with(desk, json!({ "Status": status }))),
        app,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

/// The application, and what it is to be told of us: nothing where the role may not know it, and nothing yet where nothing is decided.
async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    at: &At,
) -> Result<(Application, Option<Decided>), Fault> {
    let app = Application::of(desk, admin, at, Tab::Overview).await?;
    let (operation, member) = match (app.is_saml(), app.is_oauth()) {
        (true, _) => ("GetApplicationSamlConfiguration", "IdentityProvider"),
        (_, true) => ("GetApplicationOidcConfiguration", "OidcProvider"),
        _ => return Ok((app, None)),
    };
    let answer = admin.call::<Value>(desk, Op("portico", operation), at.input(desk)).await;
    let ours = allowed(decided(answer))?;
    let told = |mut answer: Value| {
        let digest = answer["SamlConfiguration"]["SigningDigest"].take();
        let mut told = answer[member].take();
        told["SigningDigest"] = digest;
        told
    };
    Ok((app, ours.map(|found| Decided(found.map(told)))))
}
