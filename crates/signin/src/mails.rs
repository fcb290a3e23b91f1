//! Letters that are to be sent: each is a row with a job, written in the transaction of what causes it, so that neither is there without the other.
//! What becomes of it: [`crate::deliveries`].

use std::time::Duration;

use model::cx::Cx;
use model::directory::user::{User, UserId};
use model::entropy::uuid_by_time;
use model::fault::Fault;
use model::job::{JobKind, Queue};
use model::secret::Secret;
use model::signin::letter::{LetterKind, LetterState, MailAddress};
use model::timestamp::Timestamp;
use serde::Serialize;
use store::sealing::Purpose;
use store::signin::mails::Mail;
use store::tx::Tx;

use crate::letters::Text;

/// How long a letter is tried.
const TRIED: Duration = Duration::from_hours(72);

/// A letter to be sent.
pub(crate) struct NewLetter<'a> {
    pub(crate) kind: LetterKind,
    pub(crate) user: &'a UserId,
    pub(crate) to: &'a MailAddress,
    pub(crate) text: &'a Text,
    /// From when on it is not worth sending: the link in it is over.
    pub(crate) until: Option<Timestamp>,
}

/// What is sealed of a letter: [`crate::deliveries`] reads it.
#[derive(Serialize)]
struct Content<'a> {
    subject: &'a str,
    text: &'a str,
    html: &'a str,
}

/// The address that a person gets letters at, if they have one that is one.
pub(crate) fn address_of(user: &User) -> Option<MailAddress> {
    MailAddress::parse(user.profile.primary_email()?).ok()
}

/// Has a letter sent, once the transaction is committed; its id.
pub(crate) fn send_in(tx: &mut Tx<'_>, cx: &Cx, new: &NewLetter<'_>) -> Result<String, Fault> {
    let id = uuid_by_time(cx.entropy(), cx.now).to_string();
    let content = Content {
        subject: new.text.subject.as_str(),
        text: new.text.plain.expose(),
        html: new.text.html.expose(),
    };
    let content = Secret::new(serde_json::to_string(&content).map_err(Fault::internal)?);
    let sealed = tx.keyring().seal(cx.entropy(), Purpose::Letter, &id, content.expose().as_bytes())?;
    let latest = cx.now.plus(TRIED);
    let mail = Mail {
        id: id.clone(),
        kind: new.kind,
        user_id: new.user.clone(),
        recipient: new.to.as_str().to_owned(),
        sealed_content: Some(sealed),
        state: LetterState::Waiting,
        attempts: 0,
        created_at: cx.now,
        expires_at: new.until.map_or(latest, |until| until.min(latest)),
    };
    store::signin::mails::insert(tx, &mail)?;
    // A lane of its own: no letter waits for another.
    let (lanes, _) = Queue::Mail.lanes();
    store::jobs::insert(tx, &id, JobKind::Mail, (&format!("{lanes}{id}"), &id), cx.now)?;
    Ok(id)
}
