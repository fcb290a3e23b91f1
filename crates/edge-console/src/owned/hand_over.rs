//! Taking people and groups over from their sources, or handing them over to one: what that means is said before it is done.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use model::limits::Mode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::command;
use crate::desk::Desk;
use crate::directories::directory::Directory;
use crate::field::Trouble;
use crate::fields::Fields;
use crate::names::{Named, Names};
use crate::owned::source::Source;
use crate::owner::{self, Owner};
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::provisioning_tenants::tenant::Tenant;
use crate::sent::Sent;
use crate::thing::{Kind, Thing};

const TAKE: Op = Op("portico", "TakeOwnership");

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Taken {
    #[serde(default)]
    failures: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    user_id: Option<String>,
    group_id: Option<String>,
    reason: String,
}

/// One way of it: to whom, and the command that does it.
struct Way {
    /// The tenant or directory, and what people call it; the administrators without one.
    to: Option<(Source, String)>,
    command: String,
}

#[derive(Template)]
#[template(path = "owned/hand_over.html")]
struct HandOverPage {
    frame: Frame,
    shell: Shell,
    trouble: Option<Trouble>,
    /// Of which nothing came, and why.
    failures: Vec<(Named, String)>,
    chosen: Vec<Named>,
    /// Whose it is, where one is chosen.
    owner: Option<Owner>,
    /// Where they were chosen.
    from: Option<Source>,
    back: String,
    is_strict: bool,
    ways: Vec<Way>,
}

impl HandOverPage {
    fn is_one(&self) -> bool {
        self.chosen.len() == 1
    }

    fn first(&self) -> &str {
        self.chosen.first().map_or("", |one| one.title.as_str())
    }
}

/// What an address or a form chooses.
struct Chosen(Vec<Thing>);

impl Chosen {
    fn of(fields: &Fields) -> Self {
        let kinds = [Kind::User, Kind::Group].into_iter();
        Self(kinds.flat_map(|kind| Thing::chosen(fields, kind)).collect())
    }

    fn ids(&self, kind: Kind) -> Option<Vec<&str>> {
        let ids = self.0.iter().filter(|one| one.kind == kind).map(|one| one.id.as_str());
        Some(ids.collect()).filter(|ids: &Vec<&str>| !ids.is_empty())
    }

    fn input(&self, desk: &Desk, to: Option<&Source>) -> Value {
        let mut input = to.map_or_else(
            || json!({ "IdentityStoreId": desk.identity_store_id() }),
            |source| source.input(desk),
        );
        input["UserIds"] = json!(self.ids(Kind::User));
        input["GroupIds"] = json!(self.ids(Kind::Group));
        input
    }

    /// Where somebody goes afterwards: back to the list, or to the page of the one that it was about.
    fn back(&self, from: Option<&Source>) -> String {
        match (from, self.0.as_slice()) {
            (Some(source), [first, ..]) => {
                format!("{}?kind={}", source.below("/owned"), first.kind.name())
            }
            (None, [one]) if one.kind == Kind::Group => crate::groups::group::place(&one.id, ""),
            (None, [one]) => crate::people::person::place(&one.id, ""),
            (Some(source), []) => source.below("/owned"),
            (None, _) => Room::IdentityProviders.path().to_owned(),
        }
    }
}

/// The page, about those whom the address names.
pub(crate) async fn ask(State(desk): State<Desk>, Asked { admin, query }: Asked) -> Response {
    let chosen = Chosen::of(&query);
    let from = Source::asked(&query);
    if chosen.0.is_empty() {
        return go(&desk, &chosen.back(from.as_ref()));
    }
    page(&desk, admin, (&chosen, from), Ok(Vec::new())).await
}

/// Does it.
pub(crate) async fn hand_over(State(desk): State<Desk>, Sent { mut admin, fields }: Sent) -> Response {
    let (chosen, from) = (Chosen::of(&fields), Source::asked(&fields));
    let tenant = fields.some("to").map(|id| Source::Tenant(id.to_owned()));
    let to = tenant.or_else(|| fields.some("to_directory").map(|id| Source::Directory(id.to_owned())));
    let taken: Result<Taken, Fault> = admin.call(&desk, TAKE, chosen.input(&desk, to.as_ref())).await;
    match taken {
        Ok(taken) if taken.failures.is_empty() => {
            let back = chosen.back(from.as_ref());
            let and = if back.contains('?') { '&' } else { '?' };
            go(&desk, &format!("{back}{and}done=saved"))
        }
        taken => page(&desk, admin, (&chosen, from), taken.map(|taken| taken.failures)).await,
    }
}

async fn page(
    desk: &Desk,
    mut admin: Administrator,
    (chosen, from): (&Chosen, Option<Source>),
    failures: Result<Vec<Failure>, Fault>,
) -> Response {
    let (others, owner) = match look(desk, &mut admin, chosen).await {
        Ok(found) => found,
        Err(unknown) => {
            return refused(desk, &admin, Room::IdentityProviders, &failures.err().unwrap_or(unknown));
        }
    };
    let names = Names::of(desk, &mut admin, chosen.0.iter().cloned()).await;
    let why = failures.as_ref().err();
    let status = match &failures {
        Ok(failures) if failures.is_empty() => StatusCode::OK,
        Ok(_) => StatusCode::CONFLICT,
        Err(why) => Trouble::status(why),
    };
    let failed = |failure: &Failure| {
        let thing = match (&failure.user_id, &failure.group_id) {
            (Some(id), _) => Thing::new(Kind::User, id),
            (None, id) => Thing::new(Kind::Group, id.as_deref().unwrap_or_default()),
        };
        (names.named(&thing), failure.reason.clone())
    };
    let release = chosen.input(desk, None);
    let mut ways = vec![Way { to: None, command: command::text(TAKE, &release) }];
    let others = others.into_iter().filter(|(to, _)| !is_of(owner.as_ref(), from.as_ref(), to));
    ways.extend(
        others.map(|to| Way { command: command::text(TAKE, &chosen.input(desk, Some(&to.0))), to: Some(to) }),
    );
    if chosen.0.len() == 1 && owner.is_none() {
        ways.remove(0);
    }
    let page = HandOverPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders),
        trouble: why.map(|why| Trouble::of(&admin, why)),
        failures: failures.iter().flatten().map(failed).collect(),
        chosen: chosen.0.iter().map(|thing| names.named(thing)).collect(),
        owner,
        back: chosen.back(from.as_ref()),
        from,
        is_strict: admin.visitor.cx.mode == Mode::Strict,
        ways,
    };
    answer(desk, &admin, status, &page)
}

/// Whether this source owns them already.
fn is_of(owner: Option<&Owner>, from: Option<&Source>, to: &Source) -> bool {
    from == Some(to) || owner.and_then(|owner| owner.of.as_ref()) == Some(to)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    chosen: &Chosen,
) -> Result<(Vec<(Source, String)>, Option<Owner>), Fault> {
    let owner = match chosen.0.as_slice() {
        [one] if one.kind == Kind::Group => owner::of(desk, admin, ("GroupId", &one.id)).await?,
        [one] => owner::of(desk, admin, ("UserId", &one.id)).await?,
        _ => None,
    };
    let tenants = Tenant::all_if_allowed(desk, admin).await?.unwrap_or_default().into_iter();
    let mut others: Vec<(Source, String)> =
        tenants.map(|tenant| (Source::Tenant(tenant.tenant_id.clone()), tenant.name().to_owned())).collect();
    let directories = Directory::all_if_allowed(desk, admin).await?.unwrap_or_default().into_iter();
    others.extend(directories.map(|one| (Source::Directory(one.directory_id), one.name)));
    Ok((others, owner))
}
