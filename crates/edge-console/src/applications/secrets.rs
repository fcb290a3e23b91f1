//! The secrets by which an application proves that it is itself, of which a new one is shown once; and the key that signs what it is told.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use model::timestamp::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::{Administrator, allowed};
use crate::applications::application::{Application, At, Decided, Tab, decided};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::lines::typed_number;
use crate::moment::Moment;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;

const MAKE: Op = Op("portico", "CreateApplicationClientSecret");
const ROTATE: Op = Op("portico", "RotateApplicationOidcKey");

const FIELDS: [Spec; 2] = [
    Spec { name: "secret_name", label: "tenant-token-name", named: "name", required: false, kind: "text" },
    Spec { name: "days", label: "app-secret-days", named: "validitydays", required: false, kind: "number" },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    client_secrets: Vec<Secret>,
}

/// A secret, without what it is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Secret {
    pub(crate) secret_id: String,
    name: Option<String>,
    created_at: Moment,
    pub(crate) expires_at: Option<Moment>,
    pub(crate) last_used_at: Option<Moment>,
}

impl Secret {
    /// What people call it; the beginning of its id where nobody named it.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.secret_id.get(..8).unwrap_or(&self.secret_id))
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| !at.is_after(now))
    }

    /// Those of an application.
    pub(crate) async fn all(desk: &Desk, admin: &mut Administrator, at: &At) -> Result<Vec<Self>, Fault> {
        let op = Op("portico", "ListApplicationClientSecrets");
        let found: Listed = admin.call(desk, op, at.input(desk)).await?;
        Ok(found.client_secrets)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    client_secret: NewSecret,
}

/// A secret that was made just now.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewSecret {
    secret: String,
}

#[derive(Template)]
#[template(path = "applications/secrets.html")]
struct SecretsPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    secrets: Vec<Secret>,
    made: Option<NewSecret>,
    fields: Vec<Field>,
    now: Timestamp,
    /// Whether it is decided that it speaks OpenID Connect, and whether by a secret; a role that may not know it is shown everything.
    is_set_up: bool,
    has_secrets: bool,
    command: String,
    rotate_command: String,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &at, (&query, Ok(None))).await
}

/// Makes a secret, or has another key sign.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    if fields.text("act") == "rotate" {
        return match admin.act(&desk, ROTATE, at.input(&desk)).await {
            Ok(()) => go(&desk, &at.below("/secrets?done=saved")),
            Err(why) => page(&desk, admin, &at, (&Fields::default(), Err(why))).await,
        };
    }
    let made = admin.call::<Made>(&desk, MAKE, at.with(&desk, wanted(&fields))).await;
    page(&desk, admin, &at, (&fields, made.map(|made| Some(made.client_secret)))).await
}

fn wanted(form: &Fields) -> Value {
    json!({ "Name": form.some("secret_name"), "ValidityDays": typed_number(form.text("days")) })
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    at: &At,
    (form, made): (&Fields, Result<Option<NewSecret>, Fault>),
) -> Response {
    let (app, secrets, configuration) = match look(desk, &mut admin, at).await {
        Ok(found) => found,
        Err(unknown) => {
            return refused(desk, &admin, Room::Applications, &made.err().unwrap_or(unknown));
        }
    };
    let why = made.as_ref().err();
    let typed = |spec: &Spec| if why.is_some() { form.text(spec.name) } else { "" };
    let language = admin.visitor.language;
    let mut fields = FIELDS.map(|spec| Field::new(language, &spec, typed(&spec)));
    let trouble = why.and_then(|why| Trouble::beside(&admin, why, &FIELDS, &mut fields));
    let status = why.map_or(StatusCode::OK, Trouble::status);
    let by = configuration
        .as_ref()
        .and_then(|now| now.0.as_ref())
        .and_then(|now| now["ClientAuthentication"].as_str());
    let page = SecretsPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications).after(&admin, form),
        trouble,
        secrets,
        fields: fields.into(),
        now: admin.visitor.cx.now,
        is_set_up: configuration.as_ref().is_none_or(|now| now.0.is_some()),
        has_secrets: by.is_none_or(|by| by == "CLIENT_SECRET"),
        command: command::text(MAKE, &at.with(desk, wanted(&Fields::default()))),
        rotate_command: command::text(ROTATE, &at.input(desk)),
        made: made.unwrap_or_default(),
        app,
    };
    answer(desk, &admin, status, &page)
}

type Found = (Application, Vec<Secret>, Option<Decided>);

async fn look(desk: &Desk, admin: &mut Administrator, at: &At) -> Result<Found, Fault> {
    let app = Application::of(desk, admin, at, Tab::Secrets).await?;
    let op = Op("portico", "GetApplicationOidcConfiguration");
    let answer = admin.call::<Value>(desk, op, at.input(desk)).await;
    let now = allowed(decided(answer))?;
    let secrets = Secret::all(desk, admin, at).await?;
    Ok((app, secrets, now.map(|found| Decided(found.map(|mut answer| answer["OidcConfiguration"].take())))))
}
