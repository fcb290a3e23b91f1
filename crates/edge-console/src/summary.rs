//! How much there is of everything, and what of it somebody should look at: one call, whose cost does not grow with the company. Where the visitor's role may not make
//! it, both are left out.

use edge_aws::inside::Op;
use edge_portal::words::sentence::Sentence;
use model::fault::Fault;
use serde::Deserialize;
use serde_json::json;

use crate::administrator::Administrator;
use crate::attention::{Attention, Example, Item, REASONS, counted};
use crate::count::CountOf;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::people::person::place;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    enabled_users: CountOf,
    disabled_users: CountOf,
    groups: CountOf,
    service_users: CountOf,
    permission_sets: CountOf,
    accounts: CountOf,
    account_assignments: CountOf,
    users_without_mfa_device: CountOf,
    old_access_keys: CountOf,
    drift_findings: CountOf,
    unused_access: CountOf,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unguarded {
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    user_name: String,
    last_signed_in_at: Option<Moment>,
}

/// How much there is of something, and where it is listed.
pub(crate) struct Tile {
    pub(crate) count: Sentence,
    pub(crate) name: &'static str,
    pub(crate) link: &'static str,
}

/// Looks: what needs attention is added to `found`.
pub(crate) async fn look(
    desk: &Desk,
    admin: &mut Administrator,
    found: &mut Attention,
) -> Result<Vec<Tile>, Fault> {
    const SUMMARY: Op = Op("portico", "GetInstanceSummary");
    let input = json!({ "InstanceArn": desk.instance_arn() });
    let answer = admin.call::<Summary>(desk, SUMMARY, input).await;
    let Some(summary) = found.allowed(SUMMARY, answer)? else { return Ok(Vec::new()) };
    let alone = ("overview-without-device", "overview-without-device-todo");
    let to_them = ("/console/people/without-mfa-device", "overview-to-them");
    if add((admin, found), alone, summary.users_without_mfa_device, to_them) {
        let examples = unguarded(desk, admin, found).await?;
        if let Some(item) = found.items.last_mut() {
            item.examples = examples;
        }
    }
    let drift = ("overview-drift", "overview-drift-todo");
    let to_drift = ("/console/accounts/drift?status=OPEN", "overview-to-drift");
    add((admin, found), drift, summary.drift_findings, to_drift);
    let unused = ("overview-unused", "overview-unused-todo");
    add((admin, found), unused, summary.unused_access, ("/console/access/unused", "overview-to-unused"));
    let old = ("overview-old-keys", "overview-old-keys-todo");
    let to_keys = ("/console/service-users", "overview-to-service-users");
    add((admin, found), old, summary.old_access_keys, to_keys);
    Ok(tiles(admin, &summary))
}

/// Adds an item, unless there is nothing.
fn add(
    (admin, found): (&Administrator, &mut Attention),
    (heading, todo): (&'static str, &'static str),
    of: CountOf,
    (link, link_text): (&'static str, &'static str),
) -> bool {
    if of.count == 0 {
        return false;
    }
    let language = admin.visitor.language;
    found.items.push(Item {
        bad: false,
        heading: counted(language, heading, (of.count, of.at_least)),
        todo: language.say(todo),
        link,
        link_text,
        examples: Vec::new(),
    });
    true
}

/// Some of those who could come in by a password alone.
async fn unguarded(
    desk: &Desk,
    admin: &mut Administrator,
    found: &mut Attention,
) -> Result<Vec<Example>, Fault> {
    const LIST: Op = Op("portico", "ListUsersWithoutMfaDevice");
    let input = json!({ "IdentityStoreId": desk.identity_store_id(), "MaxResults": REASONS });
    let answer = admin.call::<Unguarded>(desk, LIST, input).await;
    let Some(listed) = found.allowed(LIST, answer)? else { return Ok(Vec::new()) };
    let last = admin.visitor.language.say("people-last-signed-in").to_string();
    let shown = |user: User| Example {
        page: Some(place(&user.user_id, "/sign-in")),
        text: user.user_name,
        why: user.last_signed_in_at.map(|_| format!("{last}:")).unwrap_or_default(),
        at: user.last_signed_in_at,
    };
    Ok(listed.users.into_iter().map(shown).collect())
}

fn tiles(admin: &Administrator, summary: &Summary) -> Vec<Tile> {
    let language = admin.visitor.language;
    let tile = |of: CountOf, name, link| Tile {
        count: language
            .say(if of.at_least { "overview-count-more" } else { "overview-count" })
            .count("count", of.count),
        name,
        link,
    };
    vec![
        tile(summary.enabled_users, "overview-people", "/console/people?status=enabled"),
        tile(summary.disabled_users, "overview-disabled", "/console/people?status=disabled"),
        tile(summary.groups, "console-groups", "/console/groups"),
        tile(summary.service_users, "console-service-users", "/console/service-users"),
        tile(summary.permission_sets, "console-permission-sets", "/console/permission-sets"),
        tile(summary.accounts, "console-accounts", "/console/accounts"),
        tile(summary.account_assignments, "console-assignments", "/console/assignments"),
    ]
}
