//! The housekeeper: announces what expires soon, removes what has expired, and from the trail what has outlived its time. Beside the worker, so that neither waits for the
//! other; killing it anywhere loses nothing.

use std::sync::Arc;
use std::time::Duration;

use audit::retention::Retention;
use model::applications::application::ApplicationArn;
use model::caller::Caller;
use model::clock::Clock;
use model::cx::{Cx, Surroundings};
use model::event::EventHead;
use model::fault::Fault;
use signin::config::Config;
use signin::expiry_notices;
use signin::letters::{Ending, EndingKind};
use sources::expiring_credentials::{self, Credential, Expiring};
use store::db::Store;
use tokio::time::Instant;

/// How often expired rows are removed.
const EXPIRY: Duration = Duration::from_secs(20);
/// How often the trail is looked through.
const RETENTION: Duration = Duration::from_hours(1);

/// What the housekeeper works with.
#[derive(Debug)]
pub(crate) struct Housekeeper {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retention: Retention,
    pub(crate) signin: Config,
    /// Whether this is a Region that follows: what ends is announced by the primary.
    pub(crate) follows: bool,
}

impl Housekeeper {
    fn cx(&self) -> Cx {
        let caller = Caller::service(self.surroundings.owner.clone());
        Cx::new(&self.surroundings, caller, self.clock.now(), EventHead::default())
    }

    /// Works for as long as the process lives. Not by the clock: one that is set back would stop it until it has caught up.
    pub(crate) async fn run(self) {
        let mut looked_through: Option<Instant> = None;
        loop {
            tokio::time::sleep(EXPIRY).await;
            if let Err(fault) = signin::housekeeping::expire(&self.store, &self.cx()).await {
                tracing::warn!(%fault, context = fault.context(), "expired rows were not removed");
            }
            self.announce_expiry().await;
            self.give_up_letters().await;
            if looked_through.is_none_or(|at| at.elapsed() >= RETENTION) {
                looked_through = Some(Instant::now());
                self.retain().await;
            }
        }
    }

    async fn announce_expiry(&self) {
        match self.announce().await {
            Ok(0) => {}
            Ok(letters) => {
                tracing::info!(letters, "letters say what of identity providers and applications ends soon");
            }
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), "what ends soon was not announced");
            }
        }
    }

    async fn announce(&self) -> Result<usize, Fault> {
        if !self.signin.mails || self.follows {
            return Ok(0);
        }
        let cx = self.cx();
        let store_id = &self.signin.identity_store_id;
        let soon = expiring_credentials::soon(&self.store, &cx, store_id, expiry_notices::AHEAD)?;
        let ending = soon.into_iter().map(ending).collect();
        expiry_notices::announce(&self.store, &cx, &self.signin, ending).await
    }

    async fn give_up_letters(&self) {
        match signin::deliveries::give_up_overdue(&self.store, &self.cx()).await {
            Ok(0) => {}
            Ok(letters) => tracing::warn!(letters, "letters were given up: nobody took them in time"),
            Err(fault) => {
                tracing::warn!(%fault, context = fault.context(), "letters whose time is over wait");
            }
        }
    }

    async fn retain(&self) {
        match self.retention.apply(&self.store, &self.cx()).await {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "audit records whose time was over were removed"),
            Err(fault) => {
                tracing::error!(%fault, context = fault.context(), "audit records whose time is over stay");
            }
        }
    }
}

/// What ends, as letters say it.
fn ending(expiring: Expiring) -> Ending {
    let id = expiring.id();
    let (kind, name, page) = match expiring.credential {
        Credential::Token(token) => {
            let page = format!("/console/provisioning-tenants/{}", token.tenant_id);
            (EndingKind::Token, token.name, page)
        }
        Credential::Certificate { idp, .. } => {
            (EndingKind::Certificate, None, format!("/console/identity-providers/{idp}"))
        }
        Credential::ApplicationCertificate { application, .. } => {
            (EndingKind::ApplicationCertificate, None, page_of(&application, "certificates"))
        }
        Credential::ClientSecret(secret) => {
            (EndingKind::ClientSecret, secret.name, page_of(&secret.application, "secrets"))
        }
    };
    Ending { id, kind, name, source: expiring.source_name, page, at: expiring.expires_at }
}

/// A page of an application in the console.
fn page_of(application: &ApplicationArn, tab: &str) -> String {
    format!("/console/applications/{}/{}/{tab}", application.account_id, application.id)
}
