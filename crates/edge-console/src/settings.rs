//! Settings: what is in force, where to change it, and the addresses that clients need.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use edge_portal::message::Frame;
use edge_portal::words::language::Language;
use model::fault::Fault;

use crate::asked::Asked;
use crate::desk::Desk;
use crate::page::{Room, Shell, frame, show as show_page};
use crate::settings_form::Fact;
use crate::{
    settings_factors, settings_instance, settings_notices, settings_passwords, settings_portal,
    settings_sessions,
};

/// A group of settings: what is in force, or why that is not shown.
struct Group {
    id: &'static str,
    heading: &'static str,
    /// The page that changes it.
    change: &'static str,
    facts: Result<Vec<Fact>, String>,
}

/// An address that clients need.
struct Address {
    id: &'static str,
    name: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    shell: Shell,
    groups: Vec<Group>,
    addresses: Vec<Address>,
    configuration: String,
    mails: bool,
}

/// What is in force. Whoever may not see a part of it sees the others.
pub(crate) async fn show(State(desk): State<Desk>, Asked { mut admin, query }: Asked) -> Response {
    let language = admin.visitor.language;
    let admin_ref = &mut admin;
    let mut groups = Vec::new();
    let instance = settings_instance::read(&desk, admin_ref).await;
    groups.push(group(language, "instance", instance.map(|now| settings_instance::facts(language, &now))));
    let portal = settings_portal::read(&desk, admin_ref).await;
    groups.push(group(language, "portal", portal.map(|now| settings_portal::facts(language, &now))));
    let sessions = settings_sessions::read(&desk, admin_ref).await;
    groups.push(group(language, "sessions", sessions.map(|now| settings_sessions::facts(language, &now))));
    let factors = settings_factors::read(&desk, admin_ref).await;
    groups.push(group(language, "factors", factors.map(|now| settings_factors::facts(language, &now))));
    let passwords = settings_passwords::read(&desk, admin_ref).await;
    groups.push(group(language, "passwords", passwords.map(|now| settings_passwords::facts(language, &now))));
    let notices = settings_notices::read(&desk, admin_ref).await;
    groups.push(group(language, "notices", notices.map(|people| settings_notices::facts(language, &people))));
    let page = SettingsPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::Settings).after(&admin, &query),
        groups,
        addresses: addresses(&desk),
        configuration: edge_portal::profile::shared(&desk.portal),
        mails: desk.portal.signin.mails,
    };
    show_page(&desk, &admin, &page)
}

fn group(language: Language, id: &'static str, facts: Result<Vec<(&'static str, Fact)>, Fault>) -> Group {
    let (heading, change) = match id {
        "instance" => ("settings-instance", "/console/settings/instance"),
        "portal" => ("settings-portal", "/console/settings/portal"),
        "sessions" => ("settings-sessions", "/console/settings/sessions"),
        "factors" => ("settings-factors", "/console/settings/factors"),
        "notices" => ("settings-notices", "/console/settings/notices"),
        _ => ("settings-passwords", "/console/settings/passwords"),
    };
    let facts = facts
        .map(|facts| facts.into_iter().map(|(_, fact)| fact).collect())
        .map_err(|why| language.told(&why));
    Group { id, heading, change, facts }
}

fn addresses(desk: &Desk) -> Vec<Address> {
    let (config, instance) = (&desk.portal.signin, &desk.portal.instance);
    [
        ("start-url", "settings-start-url", config.start_urls.nominal().to_owned()),
        ("portal-url", "settings-portal-url", config.portal_url()),
        ("endpoint", "settings-endpoint", config.endpoint.clone()),
        ("region", "settings-region", instance.region.clone()),
        ("device", "settings-device-url", config.device_url()),
        ("instance-arn", "settings-instance-arn", desk.instance_arn()),
        ("identity-store", "settings-identity-store", desk.identity_store_id().to_owned()),
        ("owner", "settings-owner", instance.owner.to_string()),
    ]
    .into_iter()
    .map(|(id, name, value)| Address { id, name, value })
    .collect()
}
