//! How a person comes in: password, invitations, factors, sessions. What is made and shown once is on the answer to the form that made it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::page::{ROWS, Room, Shell, answer, encoded, frame, go, refused};
use crate::part::Part;
use crate::people::person::{Person, Tab, place};
use crate::sent::Sent;

/// For how many hours an invitation holds unless somebody says otherwise.
const HOURS: &str = "168";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Invitation {
    invitation_id: String,
    purpose: String,
    created_at: Moment,
    expires_at: Moment,
    mail_status: Option<String>,
}

impl Invitation {
    /// Whether an administrator made it.
    fn is_invitation(&self) -> bool {
        self.purpose == "INVITATION"
    }

    /// What became of the letter.
    fn mail(&self) -> Option<&'static str> {
        match self.mail_status.as_deref()? {
            "WAITING" => Some("people-mail-waiting"),
            "SENT" => Some("people-mail-sent"),
            _ => Some("people-mail-given-up"),
        }
    }
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Invitations {
    invitations: Vec<Invitation>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Factor {
    pub(crate) device_id: String,
    pub(crate) device_type: String,
    pub(crate) device_name: String,
    pub(crate) registered_at: Moment,
    pub(crate) last_used_at: Option<Moment>,
}

impl Factor {
    /// What kind it is.
    pub(crate) fn kind(&self) -> &'static str {
        if self.device_type == "TOTP" { "people-factor-app" } else { "people-factor-passkey" }
    }
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Factors {
    pub(crate) mfa_devices: Vec<Factor>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Program {
    #[serde(default)]
    client_name: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Session {
    session_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    source_ip_address: String,
    #[serde(default)]
    user_agent: String,
    created_at: Moment,
    expires_at: Moment,
    #[serde(default)]
    clients: Vec<Program>,
}

impl Session {
    /// Its browser, as people know it.
    fn agent(&self, frame: &Frame) -> String {
        edge_portal::agent::told(frame.language, &self.user_agent)
    }

    /// What the person calls it.
    fn name(&self) -> Option<&str> {
        (!self.name.is_empty()).then_some(&*self.name)
    }
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
struct Sessions {
    sessions: Vec<Session>,
    next_token: Option<String>,
}

/// What was made just now, and is shown this once.
enum Made {
    Password(String),
    Link { url: String, until: Moment, mailed: bool },
    Code { code: String, until: Moment },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewPassword {
    one_time_password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewInvitation {
    url: String,
    expires_at: Moment,
    mailed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewBypass {
    bypass_code: String,
    expires_at: Moment,
}

#[derive(Template)]
#[template(path = "people/sign_in.html")]
struct SignInPage {
    frame: Frame,
    shell: Shell,
    person: Person,
    trouble: Option<Trouble>,
    made: Option<Made>,
    hours: String,
    invitations: Part<Vec<Invitation>>,
    more_invitations: Option<String>,
    factors: Part<Factors>,
    sessions: Part<Vec<Session>>,
    more_sessions: Option<String>,
}

/// What the page says of what was just done or not done.
#[derive(Default)]
struct Said<'a> {
    query: Option<&'a Fields>,
    made: Option<Made>,
    why: Option<Fault>,
    hours: Option<&'a str>,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &id, Said { query: Some(&query), ..Said::default() }).await
}

/// Makes a one-time password, asks for another one, or lets somebody try again.
pub(crate) async fn password(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let input = whose(&desk, &id);
    let done = match fields.text("act") {
        "one-time" => match admin.call::<NewPassword>(&desk, Op("portico", "UpdatePassword"), input).await {
            Ok(made) => return show_once(&desk, admin, &id, Made::Password(made.one_time_password)).await,
            Err(why) => Err(why),
        },
        "change" => admin.act(&desk, Op("portico", "RequirePasswordChange"), input).await,
        "unlock" => admin.act(&desk, Op("portico", "UnlockUser"), input).await,
        other => Err(no_act(other)),
    };
    after(&desk, admin, &id, (done, "saved")).await
}

/// Makes a link by which the person comes in, or makes one void.
pub(crate) async fn invitations(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    if fields.text("act") != "delete" {
        return invite(&desk, admin, &id, Some(fields.text("hours"))).await;
    }
    let mut input = whose(&desk, &id);
    input["InvitationId"] = Value::from(fields.text("invitation"));
    let done = admin.act(&desk, Op("portico", "DeleteInvitation"), input).await;
    after(&desk, admin, &id, (done, "deleted")).await
}

/// Makes a link by which a person comes in, and shows it.
pub(crate) async fn invite(desk: &Desk, mut admin: Administrator, id: &str, hours: Option<&str>) -> Response {
    let mut input = whose(desk, id);
    if let Some(hours) = hours.filter(|hours| !hours.is_empty()) {
        let Ok(number) = hours.parse::<u32>() else {
            let why = Fault::validation(format!("ValidityHours must be 1 to 720; it is {hours}"));
            return page(desk, admin, id, Said { why: Some(why), hours: Some(hours), ..Said::default() })
                .await;
        };
        input["ValidityHours"] = Value::from(number);
    }
    match admin.call::<NewInvitation>(desk, Op("portico", "CreateInvitation"), input).await {
        Ok(new) => {
            let made = Made::Link { url: new.url, until: new.expires_at, mailed: new.mailed };
            show_once(desk, admin, id, made).await
        }
        Err(why) => page(desk, admin, id, Said { why: Some(why), hours, ..Said::default() }).await,
    }
}

/// Makes a code that stands for a second factor once.
pub(crate) async fn bypass(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: _ }: Sent,
) -> Response {
    match admin.call::<NewBypass>(&desk, Op("portico", "CreateMfaBypassForUser"), whose(&desk, &id)).await {
        Ok(made) => {
            let made = Made::Code { code: made.bypass_code, until: made.expires_at };
            show_once(&desk, admin, &id, made).await
        }
        Err(why) => page(&desk, admin, &id, Said { why: Some(why), ..Said::default() }).await,
    }
}

/// Ends one session, or all; or makes void what accounts that are somewhere else gave to the person.
pub(crate) async fn sessions(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    if fields.text("act") == "void-roles" {
        let input = json!({"InstanceArn": desk.instance_arn(), "UserId": id});
        let done = admin.act(&desk, Op("portico", "RevokeUserRoleSessions"), input).await;
        return after(&desk, admin, &id, (done, "ended")).await;
    }
    let mut input = whose(&desk, &id);
    if fields.text("act") != "end-all" {
        input["SessionIds"] = json!([fields.text("session")]);
    }
    let done = admin.act(&desk, Op("portico", "BatchDeleteSession"), input).await;
    after(&desk, admin, &id, (done, "ended")).await
}

fn whose(desk: &Desk, id: &str) -> Value {
    json!({"IdentityStoreId": desk.identity_store_id(), "UserId": id})
}

fn no_act(act: &str) -> Fault {
    Fault::validation(format!("act must be one of one-time, change and unlock; it is {act}"))
}

async fn show_once(desk: &Desk, admin: Administrator, id: &str, made: Made) -> Response {
    page(desk, admin, id, Said { made: Some(made), ..Said::default() }).await
}

async fn after(
    desk: &Desk,
    admin: Administrator,
    id: &str,
    (done, word): (Result<(), Fault>, &str),
) -> Response {
    match done {
        Ok(()) => go(desk, &format!("{}?done={word}", place(id, "/sign-in"))),
        Err(why) => page(desk, admin, id, Said { why: Some(why), ..Said::default() }).await,
    }
}

async fn page(desk: &Desk, mut admin: Administrator, id: &str, said: Said<'_>) -> Response {
    let person = match Person::of(desk, &mut admin, id, Tab::SignIn).await {
        Ok(person) => person,
        Err(unknown) => return refused(desk, &admin, Room::People, &said.why.unwrap_or(unknown)),
    };
    let nothing = Fields::default();
    let query = said.query.unwrap_or(&nothing);
    let listed = |token: &str| {
        let mut input = whose(desk, id);
        input["MaxResults"] = Value::from(ROWS);
        input["NextToken"] = query.some(token).map_or(Value::Null, Value::from);
        input
    };
    let invitations: Result<Invitations, Fault> =
        admin.call(desk, Op("portico", "ListInvitations"), listed("invitations")).await;
    let factors = admin.call(desk, Op("portico", "ListMfaDevicesForUser"), whose(desk, id)).await;
    let sessions: Result<Sessions, Fault> =
        admin.call(desk, Op("portico", "ListSessions"), listed("sessions")).await;
    let next = |name: &str, token: Option<&String>| {
        token.map(|token| format!("{}?{name}={}", person.at(Tab::SignIn), encoded(token)))
    };
    let page = SignInPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::People).after(&admin, query),
        trouble: said.why.as_ref().map(|why| Trouble::of(&admin, why)),
        made: said.made,
        hours: said.hours.unwrap_or(HOURS).to_owned(),
        more_invitations: next(
            "invitations",
            invitations.as_ref().ok().and_then(|page| page.next_token.as_ref()),
        ),
        invitations: Part::of(&admin, invitations.map(|page| page.invitations)),
        factors: Part::of(&admin, factors),
        more_sessions: next("sessions", sessions.as_ref().ok().and_then(|page| page.next_token.as_ref())),
        sessions: Part::of(&admin, sessions.map(|page| page.sessions)),
        person,
    };
    answer(desk, &admin, said.why.as_ref().map_or(StatusCode::OK, Trouble::status), &page)
}
