//! What becomes of letters. Whoever delivers them opens one by its job, and says how it went: it is sent at least once, or given up with a record,
//! when its recipient was refused, when it is not worth sending any more, or when nobody took it for three days. Knows nothing of how letters
//! travel.

use std::time::Duration;

use model::cx::Cx;
use model::event::{EventHead, Outcome};
use model::fault::Fault;
use model::job::Job;
use model::secret::Secret;
use model::signin::letter::{Letter, LetterKind, LetterState, Line, MailAddress};
use model::timestamp::Timestamp;
use serde::Deserialize;
use store::db::Store;
use store::sealing::Purpose;
use store::signin::mails::Mail;
use store::tx::{Rx, Tx};

use crate::invitations;

/// How long it stays known what became of a letter.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// After how long a letter is tried again while the server is the matter: whoever delivers waits as long as that takes.
const SERVER_AWAY: Duration = Duration::from_secs(10);
/// After how long a letter that was put off is tried again: twice as long each time, up to a limit.
const PUT_OFF: Duration = Duration::from_secs(15);
const PUT_OFF_MAX: Duration = Duration::from_secs(1_800);
/// What the trail calls a letter that was not delivered.
const NOT_DELIVERED: &str = "MailNotDelivered";

/// What is sealed of a letter: [`crate::mails`] writes it.
#[derive(Deserialize)]
struct Content {
    subject: String,
    text: String,
    html: String,
}

/// The letter that a job is about; `None` when there is nothing to deliver any more, and then the job is done.
pub async fn open(store: &Store, cx: &Cx, job: &Job) -> Result<Option<Letter>, Fault> {
    let found = store.read(|rx| {
        let mail = store::signin::mails::find(rx, &job.subject)?;
        let Some(mail) = mail.filter(|mail| mail.state == LetterState::Waiting) else { return Ok(None) };
        let why = why_over(rx, cx.now, &mail)?;
        Ok(Some((letter(rx, &mail), why)))
    })?;
    match found {
        Some((letter, None)) => letter.map(Some),
        Some((_, Some(why))) => {
            let job = job.clone();
            store.maintain(cx, move |tx, cx| give_up_in(tx, cx, &job.subject, why)).await?;
            Ok(None)
        }
        None => {
            let job = job.clone();
            store.maintain(cx, move |tx, _| store::jobs::take(tx, &job.id).map(|_| ())).await?;
            Ok(None)
        }
    }
}

/// Why a letter is not worth sending any more.
fn why_over(rx: &mut Rx<'_>, now: Timestamp, mail: &Mail) -> Result<Option<&'static str>, Fault> {
    if mail.expires_at <= now {
        return Ok(Some("the time for it is over"));
    }
    if mail.kind == LetterKind::Invitation && invitations::of_mail(rx, now, &mail.id)?.is_none() {
        return Ok(Some("the link in it is void"));
    }
    Ok(None)
}

fn letter(rx: &Rx<'_>, mail: &Mail) -> Result<Letter, Fault> {
    let broken = || Fault::internal(format!("the letter {} does not open", mail.id));
    let sealed = mail.sealed_content.as_deref().ok_or_else(broken)?;
    let opened = rx.keyring().open(Purpose::Letter, &mail.id, sealed).ok_or_else(broken)?;
    let content: Content = serde_json::from_slice(&opened).map_err(Fault::internal)?;
    Ok(Letter {
        id: mail.id.clone(),
        to: MailAddress::parse(&mail.recipient)?,
        subject: Line::new(&content.subject),
        text: Secret::new(content.text),
        html: Secret::new(content.html),
        written_at: mail.created_at,
    })
}

/// The server has a letter.
pub async fn sent(store: &Store, cx: &Cx, job: &Job) -> Result<(), Fault> {
    let done = job.clone();
    store
        .maintain(cx, move |tx, cx| {
            if store::jobs::take(tx, &done.id)? {
                store::signin::mails::end(tx, &done.subject, (LetterState::Sent, None), cx.now)?;
            }
            Ok(())
        })
        .await?;
    tracing::trace!(target: model::counted::TARGET, what = "mail", result = "sent");
    tracing::info!(mail = job.subject, "a letter was sent");
    Ok(())
}

/// How an attempt came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The server takes no letters now.
    ServerAway,
    /// It does not take this one now.
    PutOff,
    /// It will never take this one.
    Refused,
}

/// A letter was not delivered, for the reason `why`: it is tried again, or given up.
pub async fn undelivered(
    store: &Store,
    cx: &Cx,
    job: &Job,
    (attempt, why): (Attempt, &str),
) -> Result<(), Fault> {
    let (job, reason) = (job.clone(), why.to_owned());
    if attempt == Attempt::Refused {
        return store.maintain(cx, move |tx, cx| give_up_in(tx, cx, &job.subject, &reason)).await;
    }
    tracing::trace!(target: model::counted::TARGET, what = "mail", result = "retried");
    tracing::warn!(
        mail = job.subject,
        attempts = job.attempts,
        reason,
        "a letter was not taken and is tried again"
    );
    let wait = match attempt {
        Attempt::ServerAway => SERVER_AWAY,
        _ => PUT_OFF.saturating_mul(1 << job.attempts.clamp(0, 10)).min(PUT_OFF_MAX),
    };
    store
        .maintain(cx, move |tx, cx| {
            store::signin::mails::note(tx, &job.subject, &reason)?;
            store::jobs::retry(tx, &job, cx.now.plus(wait))
        })
        .await
}

/// Gives a letter up, once: its record says why.
fn give_up_in(tx: &mut Tx<'_>, cx: &Cx, mail_id: &str, why: &str) -> Result<(), Fault> {
    // The job of a letter has the letter's id.
    store::jobs::take(tx, mail_id)?;
    let mail = store::signin::mails::find(tx, mail_id)?;
    let Some(mail) = mail.filter(|mail| mail.state == LetterState::Waiting) else { return Ok(()) };
    store::signin::mails::end(tx, mail_id, (LetterState::GivenUp, Some(why)), cx.now)?;
    let step = cx.of_service(EventHead::of_service("sso-directory.amazonaws.com", "SendMail"));
    step.event().touch("AWS::IdentityStore::User", mail.user_id.arn());
    step.event().add("MailId", mail_id);
    step.event().add("Kind", mail.kind.as_str());
    step.event().add("Attempts", mail.attempts);
    step.event().detail("SendMail", "Failure");
    let outcome = Outcome::Failure { code: NOT_DELIVERED, message: why };
    store::audit::audit_records::insert(tx, &step.record(outcome))?;
    tracing::trace!(target: model::counted::TARGET, what = "mail", result = "given_up");
    tracing::warn!(mail = mail_id, user = mail.user_id.as_str(), why, "a letter was given up");
    Ok(())
}

/// Gives up the letters whose time is over, whether or not anybody delivers letters; how many.
pub async fn give_up_overdue(store: &Store, cx: &Cx) -> Result<usize, Fault> {
    let mut given_up = 0_usize;
    loop {
        let overdue = store.read(|rx| Ok(store::signin::mails::overdue(rx, cx.now)?))?;
        if overdue.is_empty() {
            return Ok(given_up);
        }
        given_up = given_up.saturating_add(overdue.len());
        store
            .maintain(cx, move |tx, cx| {
                overdue.iter().try_for_each(|id| give_up_in(tx, cx, id, "nobody took it in time"))
            })
            .await?;
    }
}

/// Forgets letters that ended long ago; how many.
pub(crate) fn delete_ended(tx: &mut Tx<'_>, cx: &Cx) -> Result<u64, Fault> {
    store::signin::mails::delete_ended(tx, cx.now.minus(KEPT))
}
