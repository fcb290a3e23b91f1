//! Somebody changes the password that their directory has of them: in a session, or because the directory wants another before they sign in. Wrong old ones are
//! bounded as those of sign-ins are; what the directory says comes in, and what it comes to here is decided: sessions end as with a password of ours.

use model::caller::{Caller, PortalUser};
use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::{Fault, FaultKind};
use model::name_key::name_key;
use model::saying::Saying;
use model::secret::Secret;
use model::signin::directory_answer::{AskedDirectory, NewPasswordAnswer};
use model::signin::portal_session::PortalSession;
use store::audit::audit_records;
use store::db::Store;
use store::signin::{consents, portal_sessions, remembered_browsers, sign_in_flows, sign_outs, unlocks};
use store::tx::Tx;

use crate::attempts::{Guess, Whom};
use crate::config::Config;
use crate::flows::{self, Next, Progress};
use crate::{directories, notices, random};

/// A change that waits for what the directory says.
#[derive(Debug, Clone)]
pub struct Changing {
    asked: AskedDirectory,
    guess: Guess,
    user: PortalUser,
}

/// Whether the person of a session has a password of a directory that they may change here.
pub fn is_changeable(store: &Store, session: &PortalSession) -> Result<bool, Fault> {
    store.read(|rx| Ok(directories::changeable(rx, &session.user.user_id)?.is_some()))
}

/// A change begins in a session; none where the password is not a directory's.
pub async fn begin_own(store: &Store, cx: &Cx, session: &PortalSession) -> Result<Option<Changing>, Fault> {
    if !is_changeable(store, session)? {
        return Ok(None);
    }
    begin(store, cx, &session.user).await.map(Some)
}

/// A change begins in a sign-in that wants it; none where it wants another password of ours, or something else.
pub async fn begin_in_flow(
    store: &Store,
    cx: &Cx,
    config: &Config,
    flow: &Secret,
) -> Result<Option<Changing>, Fault> {
    let pending = store.read(|rx| flows::require(rx, cx, config, flow))?;
    if pending.next != Next::NewPassword || !pending.changes_there() {
        return Ok(None);
    }
    begin(store, cx, &flows::portal_user(cx, &pending.user, String::new())).await.map(Some)
}

async fn begin(store: &Store, cx: &Cx, user: &PortalUser) -> Result<Changing, Fault> {
    let user = user.clone();
    let begin = move |tx: &mut Tx<'_>, cx: &Cx| {
        let Some((asked, lockout)) = directories::changeable(tx, &user.user_id)? else {
            return Err(Fault::invalid(Saying::DirectoryPasswordKept));
        };
        let key = name_key(&user.user_name);
        let whom = Whom { user: &key, unlocks: unlocks::times(tx, &user.user_id)? };
        let guess = Guess::signed_in(tx.keyring(), "old-password", user.user_id.as_str());
        let guess = guess.of_directory(tx.keyring(), whom, (lockout, true));
        guess.reserve(tx, cx.now)?;
        guess.pass_on(tx, cx.now)?;
        Ok(Changing { asked, guess, user: user.clone() })
    };
    store.maintain(cx, begin).await
}

impl Changing {
    /// Of whom, and which directory.
    pub const fn asked(&self) -> &AskedDirectory {
        &self.asked
    }

    /// Goes on in the session.
    pub async fn answered_own(
        self,
        store: &Store,
        cx: &Cx,
        config: &Config,
        answer: NewPasswordAnswer,
    ) -> Result<(), Fault> {
        self.require_done(store, cx, answer).await?;
        let config = config.clone();
        store
            .write(cx, move |tx, cx| {
                self.done_in(tx, cx, &config)?;
                let user = &self.user;
                for session in portal_sessions::list_by_user(tx, &user.user_id, cx.now, i64::MAX)? {
                    if session.user.session_id != user.session_id {
                        sign_outs::one(tx, &session.user.session_id)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Goes on in the sign-in.
    pub async fn answered_in_flow(
        self,
        store: &Store,
        cx: &Cx,
        (config, flow): (&Config, &Secret),
        answer: NewPasswordAnswer,
    ) -> Result<Progress, Fault> {
        let event = EventHead::of_service("sso-directory.amazonaws.com", "UpdatePassword");
        let step = cx.clone().with_caller(Caller::portal_user(self.user.clone())).with_event(event);
        step.event().name_user(&self.user.user_name);
        self.require_done(store, &step, answer).await?;
        let (flow, config, session_token) = (flow.clone(), config.clone(), random::token(cx));
        store
            .write(&step, move |tx, cx| {
                let mut pending = flows::require(tx, cx, &config, &flow)?;
                if pending.user.id != self.user.user_id {
                    return Err(Fault::say(FaultKind::Unauthorized, Saying::SignInOver));
                }
                self.done_in(tx, cx, &config)?;
                sign_outs::of_user(tx, &pending.user.id, cx.now)?;
                // That ended this sign-in too.
                pending.flow.must_change = false;
                pending.flow.brought = None;
                sign_in_flows::insert(tx, &pending.hash, &pending.flow)?;
                flows::advance(tx, cx, &config, &pending, (&flow, &session_token))
            })
            .await
    }

    fn name(&self, cx: &Cx) {
        cx.event().touch("AWS::IdentityStore::User", self.user.user_id.arn());
        cx.event().detail("directoryId", self.asked.directory_id.as_str());
    }

    /// What was decided by who knew the password before is over, as with one of ours.
    fn done_in(&self, tx: &mut Tx<'_>, cx: &Cx, config: &Config) -> Result<(), Fault> {
        let user = &self.user;
        self.guess.was_right(tx)?;
        self.name(cx);
        remembered_browsers::delete_by_user(tx, &user.user_id)?;
        consents::delete_by_user(tx, &user.user_id)?;
        notices::password_changed_in(tx, cx, config, (&user.identity_store_id, &user.user_id))
    }

    /// Refuses what the directory did, with a record that says why.
    async fn require_done(&self, store: &Store, cx: &Cx, answer: NewPasswordAnswer) -> Result<(), Fault> {
        let (reason, said, told, is_no_guess) = match answer {
            NewPasswordAnswer::Done => return Ok(()),
            NewPasswordAnswer::Refused { reason, said, told, is_no_guess } => {
                (reason, said, told, is_no_guess)
            }
            NewPasswordAnswer::Away { said, may_have_heard } => {
                ("AWAY", said, Saying::DirectoryAway, !may_have_heard)
            }
        };
        self.name(cx);
        cx.event().detail("directoryReason", reason);
        cx.event().detail("directorySaid", said.as_str());
        let fault = Fault::invalid(told);
        let outcome = Outcome::Failure { code: "ValidationException", message: fault.message() };
        let (record, guess) = (cx.record(outcome), self.guess.clone());
        let refuse = move |tx: &mut Tx<'_>, _: &Cx| {
            if is_no_guess {
                guess.was_no_guess(tx)?;
            }
            audit_records::insert(tx, &record)
        };
        store.maintain(cx, refuse).await?;
        Err(fault)
    }
}
