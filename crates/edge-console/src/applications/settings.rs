//! How an application is spoken to: what is decided is changed as a whole, unless somebody else changed it meanwhile; or what the application says of itself
//! is taken over. Before anything is decided the form has what the catalog knows, for whoever saves it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::applications::application::{Application, At, Tab, decided};
use crate::applications::{facts, oidc_form, saml_form};
use crate::asked::Asked;
use crate::desk::Desk;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sheet::Sheet;
use crate::{command, seen};

const IMPORT: Op = Op("portico", "ImportApplicationInstanceServiceProviderMetadata");

#[derive(Template)]
#[template(path = "applications/settings.html")]
struct SettingsPage {
    frame: Frame,
    shell: Shell,
    app: Application,
    trouble: Option<Trouble>,
    form: Sheet,
    seen: String,
    /// Whether somebody else has changed it since the form was opened.
    overtaken: bool,
    /// Whether anything is decided yet.
    is_decided: bool,
    /// Whether the form has what the catalog knows.
    is_from_catalog: bool,
    import: Import,
    command: String,
    import_command: String,
    /// Texts that are filled for each person, as examples.
    texts: [&'static str; 4],
}

/// What was typed to be taken over.
struct Import {
    metadata: String,
    entity_id: String,
    encrypt: bool,
}

/// What is decided.
struct Now {
    app: Application,
    configuration: Option<Value>,
}

impl Now {
    async fn of(desk: &Desk, admin: &mut Administrator, at: &At) -> Result<Self, Fault> {
        let app = Application::of(desk, admin, at, Tab::Settings).await?;
        let (get, _, member) = ops(&app)?;
        let answer = admin.call::<Value>(desk, get, at.input(desk)).await;
        let configuration = decided(answer)?.map(|mut answer| answer[member].take());
        Ok(Self { app, configuration })
    }

    fn mark(&self) -> &Value {
        self.configuration.as_ref().unwrap_or(&Value::Null)
    }

    fn sheet(&self, admin: &Administrator, now: &Value) -> Sheet {
        let of = if self.app.is_saml() { saml_form::of } else { oidc_form::of };
        of(admin.visitor.language, now)
    }

    /// Refuses where what is in force has something that no form can carry: to save one would change it, though nobody typed anything there.
    fn require_carried(&self) -> Result<(), Fault> {
        let of = if self.app.is_saml() { saml_form::uncarried } else { oidc_form::uncarried };
        match of(self.mark()) {
            Some(member) => Err(Fault::validation(format!(
                "{member} in force has what a line of this form cannot say, such as an end of a line: change these settings by the command"
            ))),
            None => Ok(()),
        }
    }

    fn typed(&self, admin: &Administrator, typed: &Fields) -> Sheet {
        let blank = if self.app.is_saml() { &saml_form::BLANK } else { &oidc_form::BLANK };
        Sheet::typed(admin.visitor.language, blank, typed)
    }
}

/// What shows it, what decides it, and what both call it.
fn ops(app: &Application) -> Result<(Op, Op, &'static str), Fault> {
    match (app.is_saml(), app.is_oauth()) {
        (true, _) => Ok((
            Op("portico", "GetApplicationSamlConfiguration"),
            Op("portico", "PutApplicationSamlConfiguration"),
            "SamlConfiguration",
        )),
        (_, true) => Ok((
            Op("portico", "GetApplicationOidcConfiguration"),
            Op("portico", "PutApplicationOidcConfiguration"),
            "OidcConfiguration",
        )),
        _ => Err(Fault::not_found(format!("{} is of no application provider that there is", app.arn()))),
    }
}

/// What the page shows beside what is in force.
struct Shown<'a> {
    form: Sheet,
    trouble: Option<Trouble>,
    status: StatusCode,
    overtaken: bool,
    is_from_catalog: bool,
    /// The configuration that the command has.
    configuration: Value,
    typed: &'a Fields,
}

/// The form.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Asked { mut admin, query }: Asked,
) -> Response {
    let now = match Now::of(&desk, &mut admin, &at).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    // An address that somebody made up fills nothing.
    let known = now.app.provider.and_then(|provider| facts::settings(provider, &query).ok().flatten());
    let is_from_catalog = now.configuration.is_none() && known.is_some();
    let configuration = now.configuration.clone().or(known).unwrap_or(Value::Null);
    let shown = Shown {
        form: now.sheet(&admin, &configuration),
        trouble: None,
        status: StatusCode::OK,
        overtaken: false,
        is_from_catalog,
        configuration,
        typed: &query,
    };
    page(&desk, &admin, now, shown)
}

/// Decides it.
pub(crate) async fn put(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let now = match Now::of(&desk, &mut admin, &at).await {
        Ok(now) => now,
        Err(why) => return refused(&desk, &admin, Room::Applications, &why),
    };
    let mut shown = Shown {
        form: now.typed(&admin, &fields),
        trouble: None,
        status: StatusCode::CONFLICT,
        overtaken: true,
        is_from_catalog: false,
        configuration: if now.app.is_saml() {
            saml_form::configuration(&fields)
        } else {
            oidc_form::configuration(&fields)
        },
        typed: &fields,
    };
    if !seen::changed(fields.text("seen"), now.mark()).is_empty() {
        return page(&desk, &admin, now, shown);
    }
    let done = match now.require_carried().and_then(|()| ops(&now.app)) {
        Ok((_, put, member)) => {
            admin.act(&desk, put, decision(&desk, &now.app, (member, &shown.configuration), &fields)).await
        }
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => go(&desk, &at.below("?done=saved")),
        Err(why) => {
            shown.overtaken = false;
            shown.status = Trouble::status(&why);
            shown.trouble = shown.form.refuse(&admin, &why);
            page(&desk, &admin, now, shown)
        }
    }
}

/// Takes over what an application that speaks SAML says of itself.
pub(crate) async fn import(
    State(desk): State<Desk>,
    Path(at): Path<At>,
    Sent { mut admin, fields }: Sent,
) -> Response {
    let why = match admin.act(&desk, IMPORT, imported(&desk, &at, &fields)).await {
        Ok(()) => return go(&desk, &at.below("/settings?done=saved")),
        Err(why) => why,
    };
    let Ok(now) = Now::of(&desk, &mut admin, &at).await else {
        return refused(&desk, &admin, Room::Applications, &why);
    };
    let configuration = now.mark().clone();
    let shown = Shown {
        form: now.sheet(&admin, &configuration),
        trouble: Some(Trouble::of(&admin, &why)),
        status: Trouble::status(&why),
        overtaken: false,
        is_from_catalog: false,
        configuration,
        typed: &fields,
    };
    page(&desk, &admin, now, shown)
}

/// What decides it: the configuration, and what its sender agrees to beside that.
fn decision(
    desk: &Desk,
    app: &Application,
    (member, configuration): (&str, &Value),
    typed: &Fields,
) -> Value {
    let agrees = if app.is_saml() { saml_form::agreement(typed) } else { None };
    let mut input = app.at.with(desk, json!({ member: configuration }));
    if let Some(agrees) = agrees {
        input["AgreeToSha1"] = agrees.into();
    }
    input
}

fn imported(desk: &Desk, at: &At, fields: &Fields) -> Value {
    at.with(
        desk,
        json!({
            "MetadataXml": fields.whole("metadata"), "EntityId": fields.some("entity_id"),
            "Encrypt": fields.is_ticked("encrypt").then_some(true),
        }),
    )
}

fn page(desk: &Desk, admin: &Administrator, now: Now, shown: Shown<'_>) -> Response {
    let (put, member) = match ops(&now.app) {
        Ok((_, put, member)) => (put, member),
        Err(why) => return refused(desk, admin, Room::Applications, &why),
    };
    let at = &now.app.at;
    let mut import = imported(desk, at, shown.typed);
    import["MetadataXml"] = "file://metadata.xml".into();
    let page = SettingsPage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::Applications).after(admin, shown.typed),
        trouble: shown.trouble,
        form: shown.form,
        seen: seen::mark(now.mark()),
        overtaken: shown.overtaken,
        is_decided: now.configuration.is_some(),
        is_from_catalog: shown.is_from_catalog,
        import: Import {
            metadata: shown.typed.whole("metadata").to_owned(),
            entity_id: shown.typed.text("entity_id").to_owned(),
            encrypt: shown.typed.is_ticked("encrypt"),
        },
        command: command::text(put, &decision(desk, &now.app, (member, &shown.configuration), shown.typed)),
        import_command: command::of_files(IMPORT, &import),
        texts: ["${user:email}", "${user:subject}", "${user:name}", "${user:groupNames}"],
        app: now.app,
    };
    answer(desk, admin, shown.status, &page)
}
