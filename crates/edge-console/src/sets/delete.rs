//! Deleting a permission set: what stands against it, what goes with it, and its name typed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use http::StatusCode;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, answer, frame, go, refused};
use crate::sent::Sent;
use crate::sets::accounts::{Latest, Place, places};
use crate::sets::editor::inline;
use crate::sets::policies::attached;
use crate::sets::set::{Set, Tab};
use crate::sets::told::Told;

/// Accounts whose assignments are named at most.
const NAMED_MAX: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assignments {
    account_assignments: Vec<Assignment>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assignment {
    account_id: String,
    principal_type: String,
    principal_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    display_name: String,
}

/// An assignment that stands against it.
struct Hold {
    account: String,
    is_group: bool,
    who: String,
}

#[derive(Template)]
#[template(path = "sets/delete.html")]
struct DeletePage {
    frame: Frame,
    shell: Shell,
    set: Set,
    told: Option<Told>,
    /// Accounts that have it as a role: while there is one it stays.
    accounts: Vec<Place>,
    more: bool,
    holds: Vec<Hold>,
    policies: usize,
    has_inline: bool,
    typed: String,
    command: String,
}

async fn page(
    desk: &Desk,
    admin: &mut Administrator,
    set: Set,
    typed: &str,
    told: Option<Told>,
) -> Result<Response, Fault> {
    let (mut accounts, behind) = places(desk, admin, &set, (Latest::No, None)).await?;
    let (latest, more) = places(desk, admin, &set, (Latest::Yes, None)).await?;
    accounts.extend(latest);
    let holds = holds(desk, admin, &set, &accounts).await?;
    let attached = attached(desk, admin, &set).await?;
    let inline = inline(desk, admin, &set).await?;
    let status = told.as_ref().map_or(StatusCode::OK, |told| told.status);
    let page = DeletePage {
        frame: frame(desk, admin),
        shell: Shell::new(desk, admin, Room::PermissionSets),
        told,
        more: behind.is_some() || more.is_some() || accounts.len() > NAMED_MAX,
        accounts,
        holds,
        policies: attached.managed.len() + attached.customer.len(),
        has_inline: !inline.is_empty(),
        typed: typed.to_owned(),
        command: set.command("DeletePermissionSet", json!({})),
        set,
    };
    Ok(answer(desk, admin, status, &page))
}

/// Who is assigned in the first of these accounts.
async fn holds(
    desk: &Desk,
    admin: &mut Administrator,
    set: &Set,
    accounts: &[Place],
) -> Result<Vec<Hold>, Fault> {
    let mut holds = Vec::new();
    for account in accounts.iter().take(NAMED_MAX) {
        let input = set.with(json!({"AccountId": account.id, "MaxResults": 10}));
        let found: Assignments = admin.call(desk, Op("sso-admin", "ListAccountAssignments"), input).await?;
        for one in found.account_assignments {
            let is_group = one.principal_type == "GROUP";
            let who = called(desk, admin, is_group, &one.principal_id).await;
            holds.push(Hold { account: one.account_id, is_group, who });
        }
        if found.next_token.is_some() {
            holds.push(Hold { account: account.id.clone(), is_group: false, who: String::new() });
        }
    }
    Ok(holds)
}

/// What somebody is called; their id for who may not know.
async fn called(desk: &Desk, admin: &mut Administrator, is_group: bool, id: &str) -> String {
    let (operation, member) =
        if is_group { ("DescribeGroup", "GroupId") } else { ("DescribeUser", "UserId") };
    let input = json!({"IdentityStoreId": desk.identity_store_id(), member: id});
    let found: Result<Principal, Fault> = admin.call(desk, Op("identitystore", operation), input).await;
    let name = found.map(|found| if is_group { found.display_name } else { found.user_name });
    name.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
}

/// The page.
pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Asked { mut admin, query: _ }: Asked,
) -> Response {
    let shown = match Set::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(set) => page(&desk, &mut admin, set, "", None).await,
        Err(why) => Err(why),
    };
    shown.unwrap_or_else(|why| refused(&desk, &admin, Room::PermissionSets, &why))
}

/// Deletes it, if its name was typed.
pub(crate) async fn delete(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, fields: form }: Sent,
) -> Response {
    let set = match Set::of(&desk, &mut admin, &id, Tab::Overview).await {
        Ok(set) => set,
        Err(why) => return refused(&desk, &admin, Room::PermissionSets, &why),
    };
    let typed = form.text("confirm");
    let told = if typed == set.it.name {
        match admin.act(&desk, Op("sso-admin", "DeletePermissionSet"), set.with(json!({}))).await {
            Ok(()) => return go(&desk, "/console/permission-sets?done=deleted"),
            Err(why) => Told::of(&admin, &why, &[]),
        }
    } else {
        let text = admin.visitor.language.say("sets-confirm-wrong").with("name", &set.it.name);
        Told::at_field("confirm", &text)
    };
    let shown = page(&desk, &mut admin, set, typed, Some(told)).await;
    shown.unwrap_or_else(|why| refused(&desk, &admin, Room::PermissionSets, &why))
}
