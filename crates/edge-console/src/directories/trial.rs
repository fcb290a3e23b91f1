//! A directory tried step by step: what each step says, and what to do about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use edge_aws::inside::Op;
use edge_portal::message::Frame;
use model::fault::Fault;
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::directories::directory::{Directory, input};
use crate::directories::view;
use crate::fields::Fields;
use crate::page::{Room, Shell, frame, show};
use crate::sent::Sent;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trial {
    passed: bool,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Step {
    name: String,
    server: Option<String>,
    outcome: String,
    said: String,
}

impl Step {
    fn name(&self) -> &'static str {
        match self.name.as_str() {
            "DISCOVER" => "dir-step-discover",
            "RESOLVE" => "dir-step-resolve",
            "CONNECT" => "dir-step-connect",
            "TLS" => "dir-step-tls",
            "BIND" => "dir-step-bind",
            "BASE" => "dir-step-base",
            "PEOPLE" => "dir-step-people",
            "GROUPS" => "dir-step-groups",
            "CHANGES" => "dir-step-changes",
            "DELETIONS" => "dir-step-deletions",
            _ => "dir-step-watch",
        }
    }

    fn outcome(&self) -> (&'static str, &'static str) {
        match self.outcome.as_str() {
            "PASSED" => (" good", "dir-step-passed"),
            "WARNED" => (" warn", "dir-step-warned"),
            _ => (" bad", "dir-step-failed"),
        }
    }
}

#[derive(Template)]
#[template(path = "directories/trial.html")]
struct TrialPage {
    frame: Frame,
    shell: Shell,
    directory: Directory,
    trial: Trial,
}

/// Tries it.
pub(crate) async fn test(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Sent { mut admin, .. }: Sent,
) -> Response {
    let (directory, trial) = match look(&desk, &mut admin, &id).await {
        Ok(found) => found,
        Err(why) => return view::page(&desk, admin, &id, (&Fields::default(), Some(why))).await,
    };
    let page = TrialPage {
        frame: frame(&desk, &admin),
        shell: Shell::new(&desk, &admin, Room::IdentityProviders),
        directory,
        trial,
    };
    show(&desk, &admin, &page)
}

async fn look(desk: &Desk, admin: &mut Administrator, id: &str) -> Result<(Directory, Trial), Fault> {
    let directory = Directory::of(desk, admin, id).await?;
    let trial = admin.call(desk, Op("portico", "TestDirectory"), input(desk, id)).await?;
    Ok((directory, trial))
}
