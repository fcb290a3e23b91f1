//! One service user: its policies and its keys.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Field, Spec, Trouble};
use crate::fields::Fields;
use crate::moment::Moment;
use crate::page::{Room, Shell, answer, frame, refused};
use crate::sent::Sent;
use crate::service_users::holder::{Holder, Key, NewKey};

/// The policy of its own, as a form has it.
pub(crate) const INLINE: Spec = Spec {
    name: "inline_policy",
    label: "service-inline-document",
    named: "policy",
    required: false,
    kind: "textarea",
};

/// As DescribeServiceUser answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    pub(crate) service_user: ServiceUser,
    pub(crate) access_keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ServiceUser {
    pub(crate) user_name: String,
    pub(crate) arn: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) managed_policies: Vec<String>,
    #[serde(default)]
    pub(crate) inline_policy: String,
    pub(crate) created_at: Moment,
}

/// The commands of the page's forms.
struct Commands {
    attach: String,
    put_inline: String,
    create_key: String,
}

#[derive(Template)]
#[template(path = "service_users/user.html")]
struct UserPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    holder: Holder,
    user: ServiceUser,
    keys: Vec<Key>,
    made: Option<NewKey>,
    /// What may be attached, to be chosen from while one types.
    known: Vec<String>,
    attach: String,
    inline: Field,
    changed: bool,
    commands: Commands,
}

/// What the page says of what was just done or not done.
#[derive(Default)]
pub(crate) struct Said<'a> {
    /// What the address says.
    pub(crate) query: Option<&'a Fields>,
    /// What was typed into a form that was refused.
    pub(crate) typed: Option<&'a Fields>,
    /// Why it was.
    pub(crate) why: Option<Fault>,
    /// A key that was made.
    pub(crate) made: Option<NewKey>,
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, &name, Said { query: Some(&query), ..Said::default() }).await
}

/// Makes a key.
pub(crate) async fn make_key(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Sent { mut admin, fields: _ }: Sent,
) -> Response {
    match Holder(Some(name.clone())).make(&desk, &mut admin).await {
        Ok(made) => page(&desk, admin, &name, Said { made: Some(made), ..Said::default() }).await,
        Err(why) => page(&desk, admin, &name, Said { why: Some(why), ..Said::default() }).await,
    }
}

/// Asks for one.
pub(crate) async fn described(
    desk: &Desk,
    admin: &mut Administrator,
    name: &str,
) -> Result<Described, Fault> {
    let input = json!({"InstanceArn": desk.instance_arn(), "UserName": name});
    admin.call(desk, Op("portico", "DescribeServiceUser"), input).await
}

/// The form of the policy of its own, with what was typed into it, if anything was.
pub(crate) fn inline_field(language: Language, typed: Option<&Fields>, now: &str) -> Field {
    match typed.filter(|form| form.has(INLINE.name)) {
        Some(form) => Field::new(language, &INLINE, form.text(INLINE.name)).against(language, form, now),
        None => Field { was: Some(now.to_owned()), ..Field::new(language, &INLINE, now) },
    }
}

fn commands(desk: &Desk, holder: &Holder, (attach, inline): (&str, &str)) -> Commands {
    let with = |member: &str, value: &str| {
        let mut input = holder.input(desk);
        input[member] = Value::from(value);
        input
    };
    let or = |text: &str, placeholder: &str| {
        if text.is_empty() { placeholder.to_owned() } else { text.to_owned() }
    };
    let attached = with("ManagedPolicyArn", &or(attach, "arn:aws:iam::aws:policy/NAME"));
    Commands {
        attach: command::text(Op("portico", "AttachManagedPolicyToServiceUser"), &attached),
        put_inline: command::text(
            Op("portico", "PutInlinePolicyToServiceUser"),
            &with("InlinePolicy", &or(inline, "POLICY")),
        ),
        create_key: holder.create_command(desk),
    }
}

/// The page, whatever was done.
pub(crate) async fn page(desk: &Desk, mut admin: Administrator, name: &str, said: Said<'_>) -> Response {
    let found = match described(desk, &mut admin, name).await {
        Ok(found) => found,
        Err(unknown) => return refused(desk, &admin, Room::ServiceUsers, &said.why.unwrap_or(unknown)),
    };
    let language = admin.visitor.language;
    let nothing = Fields::default();
    let mut inline = [inline_field(language, said.typed, &found.service_user.inline_policy)];
    let changed = inline.iter().any(|field| field.meanwhile.is_some());
    let is_inline = said.typed.is_some_and(|form| form.has(INLINE.name));
    let trouble = said.why.as_ref().and_then(|why| {
        if is_inline {
            Trouble::beside(&admin, why, &[INLINE], &mut inline)
        } else {
            Some(Trouble::of(&admin, why))
        }
    });
    let [inline] = inline;
    let attach = said.typed.unwrap_or(&nothing).text("managed_policy").to_owned();
    let holder = Holder(Some(name.to_owned()));
    let status = match &said.why {
        Some(why) => Trouble::status(why),
        None if changed => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    let page = UserPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::ServiceUsers).after(&admin, said.query.unwrap_or(&nothing)),
        trouble,
        commands: commands(desk, &holder, (&attach, &inline.value)),
        holder,
        user: found.service_user,
        keys: found.access_keys,
        made: said.made,
        known: policy::managed::arns().collect(),
        attach,
        inline,
        changed,
    };
    answer(desk, &admin, status, &page)
}
