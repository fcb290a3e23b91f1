//! Whom a source owns, a page of people or of groups, to be taken over or handed over together.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::Value;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::directories::directory::Directory;
use crate::fields::Fields;
use crate::identity_providers::provider::described;
use crate::moment::Moment;
use crate::owned::source::{Counts, Source};
use crate::page::{ROWS, Room, Shell, encoded, frame, refused, show};
use crate::provisioning_tenants::tenant::Tenant;
use crate::thing::{Kind, Thing};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    owned: Vec<Owned>,
    next_token: Option<String>,
}

/// A person or group.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Owned {
    user_id: Option<String>,
    group_id: Option<String>,
    user_name: Option<String>,
    display_name: String,
    user_status: Option<String>,
    since: Moment,
    disabled_here_at: Option<Moment>,
}

impl Owned {
    fn id(&self) -> &str {
        self.user_id.as_deref().or(self.group_id.as_deref()).unwrap_or_default()
    }

    fn page(&self) -> String {
        match &self.user_id {
            Some(id) => crate::people::person::place(id, ""),
            None => crate::groups::group::place(self.id(), ""),
        }
    }

    fn name(&self) -> &str {
        self.user_name.as_deref().unwrap_or(&self.display_name)
    }

    fn is_disabled(&self) -> bool {
        self.user_status.as_deref() == Some("DISABLED")
    }
}

#[derive(Template)]
#[template(path = "owned/list.html")]
struct OwnedPage {
    frame: Frame,
    shell: Shell,
    source: Source,
    name: String,
    counts: Option<Counts>,
    kind: Kind,
    owned: Vec<Owned>,
    /// Whether all of this page are chosen.
    all: bool,
    token: Option<String>,
    next: Option<String>,
}

impl OwnedPage {
    fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    fn at(&self, kind: Kind) -> String {
        format!("{}?kind={}", self.source.below("/owned"), kind.name())
    }

    /// This page, with all of it chosen or nothing.
    fn choosing(&self, all: bool) -> String {
        let token = self.token.as_deref().map(|token| format!("&token={}", encoded(token)));
        let all = if all { "&all=yes" } else { "" };
        format!("{}{}{all}", self.at(self.kind), token.unwrap_or_default())
    }
}

/// Those of a provisioning tenant.
pub(crate) async fn of_tenant(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, Source::Tenant(id), &query).await
}

/// Those of an identity provider.
pub(crate) async fn of_provider(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, Source::Provider(id), &query).await
}

/// Those of a directory.
pub(crate) async fn of_directory(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { admin, query }: Asked,
) -> Response {
    page(&desk, admin, Source::Directory(id), &query).await
}

async fn page(desk: &Desk, mut admin: Administrator, source: Source, query: &Fields) -> Response {
    let kind = if query.text("kind") == Kind::Group.name() { Kind::Group } else { Kind::User };
    let (name, counts, listed) = match look(desk, &mut admin, (&source, kind), query).await {
        Ok(found) => found,
        Err(why) => return refused(desk, &admin, Room::IdentityProviders, &why),
    };
    let mut page = OwnedPage {
        frame: frame(desk, &admin),
        shell: Shell::new(desk, &admin, Room::IdentityProviders).after(&admin, query),
        name,
        counts,
        kind,
        owned: listed.owned,
        all: query.is_ticked("all"),
        token: query.some("token").map(str::to_owned),
        next: None,
        source,
    };
    page.next = listed.next_token.map(|token| format!("{}&token={}", page.at(kind), encoded(&token)));
    show(desk, &admin, &page)
}

async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    (source, kind): (&Source, Kind),
    query: &Fields,
) -> Result<(String, Option<Counts>, Listed), Fault> {
    let name = match source {
        Source::Tenant(id) => Tenant::of(desk, admin, id).await?.name().to_owned(),
        Source::Provider(id) => described(desk, admin, id).await?.name().to_owned(),
        Source::Directory(id) => Directory::of(desk, admin, id).await?.name().to_owned(),
    };
    let counts = source.counts(desk, admin).await?;
    let mut input = source.input(desk);
    input["Kind"] = Value::from(Thing::new(kind, "").principal_type());
    input["MaxResults"] = Value::from(ROWS);
    input["NextToken"] = query.some("token").map_or(Value::Null, Value::from);
    let listed = admin.call(desk, Op("portico", "ListOwned"), input).await?;
    Ok((name, counts, listed))
}
