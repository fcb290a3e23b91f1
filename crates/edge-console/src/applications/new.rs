//! Adding an application: first what kind, from the catalog, then what it is called and what only its administrator knows.

use applications::catalog::{self, Provider};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::At;
use crate::applications::facts::{self, Needed};
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::field::{Spec, Trouble};
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused, show};
use crate::sent::Sent;
use crate::sheet::{Blank, Sheet};

const CREATE: Op = Op("sso-admin", "CreateApplication");
const SEARCH: Op = Op("portico", "SearchApplicationProviders");
/// Rows of a call: the most that there are.
const ROWS: usize = 100;
/// Calls that search the catalog.
const CALLS: usize = 10;
/// Those that say nothing but what they speak; they stand before all others.
const CUSTOM: [&str; 2] = ["custom-saml", "custom"];

const BLANK: Blank = Blank {
    specs: &[
        Spec { name: "name", label: "app-name", named: "name", required: true, kind: "text" },
        Spec {
            name: "description",
            label: "app-description",
            named: "description",
            required: false,
            kind: "text",
        },
        Spec { name: "start", label: "app-start-url", named: "applicationurl", required: false, kind: "url" },
    ],
    boxes: &["hidden"],
    choices: &[],
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    application_providers: Vec<Row>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    application_provider_arn: String,
    federation_protocol: String,
    display_name: String,
    description: String,
}

/// A provider as the page shows it.
struct Kind {
    name: String,
    title: String,
    about: String,
    speaks: &'static str,
}

impl Row {
    fn kind(self) -> Kind {
        Kind {
            name: self.application_provider_arn.rsplit('/').next().unwrap_or_default().to_owned(),
            title: self.display_name,
            about: self.description,
            speaks: if self.federation_protocol == "SAML" { "SAML 2.0" } else { "OpenID Connect" },
        }
    }
}

#[derive(Template)]
#[template(path = "applications/catalog.html")]
struct CatalogPage {
    frame: Frame,
    shell: Shell,
    query: String,
    kinds: Vec<Kind>,
}

#[derive(Template)]
#[template(path = "applications/new.html")]
struct NewPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    provider: &'static Provider,
    form: Sheet,
    needed: Vec<Needed>,
    command: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    application_arn: String,
}

/// The catalog, or the form for one of it.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let chosen = query.some("provider").map(find).transpose();
    match chosen {
        Ok(Some(provider)) => {
            page(&desk, &admin, provider, (&Fields::of([("name", called(provider))]), None))
        }
        Ok(None) => match kinds(&desk, &mut admin, query.text("q")).await {
            Ok(kinds) => {
                let page = CatalogPage {
                    frame: frame(&desk, &admin),
                    shell: Shell::new(&desk, &admin, Room::Applications),
                    query: query.text("q").to_owned(),
                    kinds,
                };
                show(&desk, &admin, &page)
            }
            Err(why) => refused(&desk, &admin, Room::Applications, &why),
        },
        Err(why) => refused(&desk, &admin, Room::Applications, &why),
    }
}

/// Adds one, and goes on to its settings.
pub(crate) async fn create(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let provider = match find(fields.text("provider")) {
        Ok(provider) => provider,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    match made(&desk, &mut admin, (provider, &fields)).await {
        Ok(at) => {
            let carried = facts::carried(provider, &fields);
            go(&desk, &at.below(&format!("/settings?done=created{carried}")))
        }
        Err(why) => page(&desk, &admin, provider, (&fields, Some(&why))),
    }
}

async fn made(
    desk: &Desk,
    admin: &mut Administrator,
    (provider, fields): (&'static Provider, &Fields),
) -> Result<At, Fault> {
    // Before anything is made: what does not fit is typed again.
    facts::settings(provider, fields)?;
    let start = match fields.some("start") {
        Some(typed) => Some(typed.to_owned()),
        None => facts::start_url(provider, fields)?,
    };
    let made: Made = admin.call(desk, CREATE, input(desk, provider, (fields, start.as_deref()))).await?;
    At::of(&made.application_arn)
        .ok_or_else(|| Fault::internal(format!("{} is no ARN of an application", made.application_arn)))
}

fn input(desk: &Desk, provider: &Provider, (fields, start): (&Fields, Option<&str>)) -> Value {
    let mut options =
        json!({ "Visibility": if fields.is_ticked("hidden") { "DISABLED" } else { "ENABLED" } });
    if let Some(url) = start {
        options["SignInOptions"] = json!({ "Origin": "APPLICATION", "ApplicationUrl": url });
    }
    json!({
        "InstanceArn": desk.instance_arn(),
        "ApplicationProviderArn": format!("arn:aws:sso::aws:applicationProvider/{}", provider.name),
        "Name": fields.text("name"), "Description": fields.some("description"), "PortalOptions": options,
    })
}

fn find(name: &str) -> Result<&'static Provider, Fault> {
    let found = catalog::find(name)?;
    found.ok_or_else(|| Fault::not_found(format!("There is no application provider {name}")))
}

/// What an application of a provider is called unless somebody says otherwise.
fn called(provider: &'static Provider) -> &'static str {
    if CUSTOM.contains(&provider.name.as_str()) { "" } else { &provider.display_name }
}

async fn kinds(desk: &Desk, admin: &mut Administrator, sought: &str) -> Result<Vec<Kind>, Fault> {
    let (mut kinds, mut token): (Vec<Kind>, Option<String>) = (Vec::new(), None);
    for _ in 0..CALLS {
        let mut input = json!({ "MaxResults": ROWS, "NextToken": token });
        if !sought.is_empty() {
            input["Query"] = sought.into();
        }
        let found: Listed = admin.call(desk, SEARCH, input).await?;
        kinds.extend(found.application_providers.into_iter().map(Row::kind));
        token = found.next_token;
        if token.is_none() {
            break;
        }
    }
    // What was searched for comes as it was found: what begins so first.
    if sought.is_empty() {
        let place = |kind: &Kind| CUSTOM.iter().position(|name| *name == kind.name).unwrap_or(CUSTOM.len());
        kinds.sort_by_cached_key(|kind| (place(kind), kind.title.to_lowercase()));
    }
    Ok(kinds)
}

fn page(
    desk: &Desk,
    admin: &Administrator,
    provider: &'static Provider,
    (typed, why): (&Fields, Option<&Fault>),
) -> Response {
    let said = why.map(|why| (why, Trouble::of(admin, why).text));
    let needed = facts::needed(provider, typed, said.as_ref().map(|(why, said)| (*why, said.as_str())));
    let mut form = Sheet::typed(admin.visitor.language, &BLANK, typed);
    let is_beside = needed.iter().any(|one| one.fault.is_some());
    let trouble = why.filter(|_| !is_beside).and_then(|why| form.refuse(admin, why));
    let page = NewPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications),
        trouble,
        provider,
        form,
        needed,
        command: command::text(CREATE, &input(desk, provider, (typed, typed.some("start")))),
    };
    answer(desk, admin, why.map_or(StatusCode::OK, Trouble::status), &page)
}
