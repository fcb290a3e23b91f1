//! The certificates by which an application that speaks SAML knows what it is told: another one is made ahead, signs when it is told to, and the old one goes.

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
use std::time::Duration;

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Spec, Trouble};
use crate::fields::Fields;
use crate::lines::typed_number;
use crate::moment::Moment;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sheet::{Blank, Choice, Sheet, word};

const MAKE: Op = Op("portico", "CreateApplicationInstanceCertificate");
const LIST: Op = Op("portico", "ListApplicationInstanceCertificates");
/// One that ends so soon is to be replaced.
const SOON: Duration = Duration::from_hours(30 * 24);
/// Characters of an id that are shown.
const SHORT: usize = 16;

const ALGORITHM: Choice = Choice {
    name: "algorithm",
    label: "app-certificate-algorithm",
    options: &[("RSA_2048", "app-certificate-rsa"), ("EC_P256", "app-certificate-ec")],
};
const BLANK: Blank = Blank {
    specs: &[Spec {
        name: "months",
        label: "app-certificate-months",
        named: "validitymonths",
        required: false,
        kind: "number",
    }],
    boxes: &[],
    choices: &[ALGORITHM],
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Certificate {
    certificate_id: String,
    active: bool,
    key_algorithm: String,
    certificate: String,
    not_after: Moment,
    created_at: Moment,
}

impl Certificate {
    fn short(&self) -> &str {
        self.certificate_id.get(..SHORT).unwrap_or(&self.certificate_id)
    }

    fn kind(&self) -> &'static str {
        if self.key_algorithm == "EC_P256" { "ECDSA P-256" } else { "RSA 2048" }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        !self.not_after.is_after(now)
    }

    fn is_soon_over(&self, now: Timestamp) -> bool {
        !self.not_after.is_after(now.plus(SOON))
    }
}

#[derive(Template)]
#[template(path = "applications/certificates.html")]
struct CertificatesPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    certificates: Vec<Certificate>,
    form: Sheet,
    now: Timestamp,
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

/// Makes one, has one sign, or takes one away.
pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let of = |operation: &'static str| {
        (Op("portico", operation), at.with(&desk, json!({ "CertificateId": fields.text("certificate") })))
    };
    let ((op, input), done) = match fields.text("act") {
        "sign" => (of("UpdateApplicationInstanceActiveCertificate"), "saved"),
        "delete" => (of("DeleteApplicationInstanceCertificate"), "deleted"),
        _ => ((MAKE, at.with(&desk, wanted(&fields))), "created"),
    };
    match admin.act(&desk, op, input).await {
        Ok(()) => go(&desk, &at.below(&format!("/certificates?done={done}"))),
        Err(why) => page(&desk, admin, &at, (&fields, Some(why))).await,
    }
}

fn wanted(fields: &Fields) -> Value {
    json!({ "KeyAlgorithm": word(&ALGORITHM, fields), "ValidityMonths": typed_number(fields.text("months")) })
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    at: &At,
    (form, why): (&Fields, Option<Fault>),
) -> Response {
    let (app, certificates) = match look(desk, &mut admin, at).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::Applications, &why.unwrap_or(unknown)),
    };
    let mut sheet = Sheet::typed(admin.visitor.language, &BLANK, form);
    let trouble = why.as_ref().and_then(|why| sheet.refuse(&admin, why));
    let page = CertificatesPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::Applications).after(&admin, form),
        trouble,
        certificates,
        form: sheet,
        now: admin.visitor.cx.now,
        command: command::text(MAKE, &at.with(desk, wanted(form))),
        app,
    };
    answer(desk, &admin, why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    at: &At,
) -> Result<(Application, Vec<Certificate>), Fault> {
    let app = Application::of(desk, admin, at, Tab::Certificates).await?;
    let found: Listed = admin.call(desk, LIST, at.input(desk)).await?;
    Ok((app, found.certificates))
}
