//! Signing in by an external identity provider: what it said is proved and its person is known here; this begins their session, or has them proved again
//! in the one that they have. A second factor of ours is not asked for, as AWS asks for none: the provider decides how its people prove themselves.

use std::collections::BTreeMap;

use model::caller::Caller;
use model::cx::Cx;
use model::directory::user::{UserId, UserStatus};
use model::entropy::uuid;
use model::event::Outcome;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::signin::directory_answer::AskedDirectory;
use model::signin::mfa::{Method, Proofs};
use model::sources::arrival::ExternalSession;
use model::timestamp::Timestamp;
use store::audit::audit_records;
use store::db::Store;
use store::tx::Tx;

use crate::config::Config;
use crate::flows::{SignedIn, portal_user};
use crate::sessions::{self, Outside};
use crate::sign_in::{Brought, device};
use crate::workflow::Workflow;
use crate::{directories, notices};

/// Somebody whom a provider sent.
#[derive(Debug, Clone)]
pub struct Entering {
    /// Who they are here.
    pub user_id: UserId,
    /// Who sent them, and what it calls person and session.
    pub external: ExternalSession,
    /// When it wants the session to end.
    pub until: Option<Timestamp>,
    /// Whether it says that two factors were given, and is believed.
    pub mfa: bool,
    /// What it said that becomes session tags.
    pub tags: BTreeMap<String, String>,
    /// What the browser brings along.
    pub brought: Brought,
}

fn over() -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::SignInOver)
}

fn proofs(cx: &Cx, entering: &Entering) -> Proofs {
    Proofs { methods: vec![Method::ExternalIdp], mfa_at: entering.mfa.then_some(cx.now) }
}

/// Whose directory is to be asked whether they may enter, before [`enter`]: a provider proves who they are, not that.
pub fn asks(store: &Store, user: &UserId) -> Result<Option<AskedDirectory>, Fault> {
    store.read(|rx| Ok(directories::of(rx, user)?.map(|(asked, _)| asked)))
}

/// Begins their session.
pub async fn enter(store: &Store, cx: &Cx, config: &Config, entering: Entering) -> Result<SignedIn, Fault> {
    let (config, token) = (config.clone(), crate::random::token(cx));
    let workflow = Workflow::new(cx, &config);
    let anonymous = cx.clone().with_caller(Caller::anonymous());
    let change = move |tx: &mut Tx<'_>, cx: &Cx| {
        let user = store::directory::users::find(tx, &config.identity_store_id, &entering.user_id)?;
        let user = user.filter(|user| user.status == UserStatus::Enabled).ok_or_else(over)?;
        let person = portal_user(cx, &user, uuid(cx.entropy()).to_string());
        let signed_in = cx.clone().with_caller(Caller::portal_user(person.clone()));
        let (device, known) = device(tx, cx, &user, entering.brought.device.as_deref())?;
        notices::sign_in_in(tx, &signed_in, &config, known)?;
        let outside = Outside {
            external: entering.external.clone(),
            until: entering.until,
            tags: entering.tags.clone(),
        };
        let brought = entering.brought.session.as_deref();
        let begun = (&proofs(cx, &entering), brought, Some(outside));
        let session = sessions::begin_by(tx, cx, &token, &person, begun)?;
        let step = workflow.authenticated(&signed_in, Method::ExternalIdp.as_str(), &person.user_name);
        step.event().add("IdentityProvider", entering.external.external_idp_id.as_str());
        audit_records::insert(tx, &step.record(Outcome::Success))?;
        Ok(SignedIn { session, token: Some(token.clone()), device: Some(device), remembered: None })
    };
    let entered = store.maintain(&anonymous, change).await;
    if entered.is_ok() {
        tracing::info!(source = &*cx.source_ip, "a person signed in with an external identity provider");
    }
    entered
}

/// They have proved themselves again, in the session of this id: it must be theirs, and of the same provider.
pub async fn prove_again(
    store: &Store,
    cx: &Cx,
    (config, session_id): (&Config, &str),
    entering: Entering,
) -> Result<(), Fault> {
    let (session_id, workflow) = (session_id.to_owned(), Workflow::new(cx, config));
    store
        .maintain(cx, move |tx, cx| {
            let session = sessions::live(tx, &session_id, cx.now)?.ok_or_else(over)?;
            let same = session
                .external
                .as_ref()
                .is_some_and(|external| external.external_idp_id == entering.external.external_idp_id);
            if session.user.user_id != entering.user_id || !same {
                return Err(over());
            }
            let given = proofs(cx, &entering);
            let all = Proofs {
                methods: session.proofs.methods.clone(),
                mfa_at: given.mfa_at.or(session.proofs.mfa_at),
            };
            store::signin::portal_sessions::verify(tx, &session_id, &all, cx.now)?;
            let signed_in = cx.clone().with_caller(Caller::portal_user(session.user.clone()));
            let of = (Method::ExternalIdp.as_str(), Some(session.user_name.as_str()));
            let step = workflow.step(&signed_in, "CredentialVerification", of, true);
            audit_records::insert(tx, &step.record(Outcome::Success))
        })
        .await
}
