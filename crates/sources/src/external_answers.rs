//! What SAML providers answered, on its way to the browser that asked: kept sealed under a ticket, because the provider's form comes from another site and
//! so without the browser's cookies; taken once, by the browser whose question it answers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::brief;
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;
use model::secret::Secret;
use model::sources::arrival::Arrival;
use model::sources::external_idp::{ExternalIdp, ExternalIdpId};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::accounts::used_assertions;
use store::db::Store;
use store::sealing::Purpose;
use store::sources::external_answers::{self, ExternalAnswer};
use store::tx::Rx;

use crate::external_idps::usable;
use crate::questions::{Question, SKEW, mark};

/// How long an answer waits for its browser.
const WAIT: Duration = Duration::from_mins(5);
/// What answers are sealed for.
const PLACE: &str = "external answer";

/// What a provider answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) arrival: Arrival,
    /// The question; none where nobody asked.
    pub(crate) named: Option<String>,
    /// When the person signed in there (AuthnInstant).
    pub(crate) signed_in_at: Option<Timestamp>,
}

/// An assertion that counts once.
#[derive(Debug, Clone)]
pub(crate) struct Once {
    pub(crate) issuer: String,
    pub(crate) id: String,
    pub(crate) until: Timestamp,
}

/// Why an answer was not taken, on its way to the browser that asked, which alone knows whether it may be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotTaken {
    /// What people know the provider by.
    pub provider: String,
    /// Why.
    pub why: String,
    /// The question that it seems to answer: nothing of it is proved.
    named: Option<String>,
}

/// What refusals are sealed for.
const REFUSAL: &str = "external refusal";

impl NotTaken {
    /// Of a provider's answer to what seems to be this question.
    pub(crate) fn new(idp: &ExternalIdp, named: Option<String>, why: &str) -> Self {
        Self { provider: idp.settings.name.clone(), why: brief::text(why, 1_000).to_owned(), named }
    }

    /// As it stands in an address.
    pub fn seal(&self, store: &Store, cx: &Cx) -> Result<String, Fault> {
        let text = serde_json::to_vec(self).map_err(Fault::internal)?;
        let sealed = store.keyring().seal(cx.entropy(), Purpose::Form, REFUSAL, &text)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// From an address.
    pub fn open(store: &Store, sealed: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = store.keyring().open(Purpose::Form, REFUSAL, &sealed)?;
        serde_json::from_slice(&text).ok()
    }

    /// The mark of the question.
    pub fn mark(&self) -> Option<String> {
        self.named.as_deref().map(mark)
    }

    /// Whether the browser only tried the provider, by the question that it kept: then it is told why.
    pub fn is_of_a_trial(&self, store: &Store, cx: &Cx, kept: &Secret) -> bool {
        let named = self.named.as_deref().unwrap_or_default();
        Question::open(store.keyring(), kept, named, cx.now).is_some_and(|question| question.is_trial())
    }
}

/// A sign-in that did not work, as people hear it: why is for the administrator.
pub fn failed(idp: &ExternalIdp, why: impl std::fmt::Display) -> Fault {
    let provider = idp.settings.name.clone();
    Fault::say(FaultKind::Unauthorized, Saying::ExternalFailed { provider }).with_context(why)
}

fn over() -> Fault {
    Fault::say(FaultKind::Unauthorized, Saying::SignInOver)
}

/// Keeps an answer whose assertion was not used before; the ticket that fetches it.
pub(crate) async fn keep(
    store: &Store,
    cx: &Cx,
    idp: &ExternalIdp,
    (answered, once): (Answered, Once),
) -> Result<Secret, Fault> {
    let ticket = Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>(cx.entropy())));
    let text = serde_json::to_vec(&answered).map_err(Fault::internal)?;
    let sealed = store.keyring().seal(cx.entropy(), Purpose::Form, PLACE, &text)?;
    let hash = store.keyring().hash_token(ticket.expose());
    let (idp, expires_at) = (idp.clone(), cx.now.plus(WAIT));
    store
        .maintain(cx, move |tx, _| {
            if !used_assertions::insert(tx, &once.issuer, &once.id, once.until)? {
                return Err(failed(&idp, format!("the assertion {} was used before", once.id)));
            }
            let new = ExternalAnswer { external_idp_id: idp.id.clone(), sealed: sealed.clone(), expires_at };
            external_answers::insert(tx, &hash, &new)
        })
        .await?;
    Ok(ticket)
}

/// An answer that waits, as its browser finds it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Whose it is.
    pub idp: ExternalIdp,
    /// The mark of the question that it answers; none where nobody asked.
    pub mark: Option<String>,
    answered: Answered,
    hash: [u8; 32],
}

impl Waiting {
    /// What the provider calls the person: shown before somebody who did not ask is signed in.
    pub fn subject(&self) -> &str {
        &self.answered.arrival.subject
    }
}

/// The answer behind a ticket. It stays until [`take`].
pub fn look(store: &Store, cx: &Cx, ticket: &Secret) -> Result<Waiting, Fault> {
    let hash = store.keyring().hash_token(ticket.expose());
    let (answer, idp) = store.read(|rx: &mut Rx<'_>| {
        let found = external_answers::find(rx, &hash)?.filter(|answer| cx.now < answer.expires_at);
        let answer = found.ok_or_else(over)?;
        let idp = usable(rx, answer.external_idp_id.as_str(), true)?;
        Ok((answer, idp))
    })?;
    let text = store.keyring().open(Purpose::Form, PLACE, &answer.sealed);
    let text = text.ok_or_else(|| Fault::internal("an answer does not open with this root key"))?;
    let answered: Answered = serde_json::from_slice(&text).map_err(Fault::internal)?;
    Ok(Waiting { idp, mark: answered.named.as_deref().map(mark), answered, hash })
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Who answered.
    pub idp: ExternalIdp,
    /// What it said.
    pub arrival: Arrival,
    /// What was asked; none where nobody asked.
    pub question: Option<Question>,
}

/// Takes an answer, by the browser that kept its question as `kept`; where nobody asked there is none.
pub async fn take(store: &Store, cx: &Cx, waiting: Waiting, kept: Option<&Secret>) -> Result<Taken, Fault> {
    let Waiting { idp, answered, hash, .. } = waiting;
    let question = match &answered.named {
        None => None,
        Some(named) => {
            let question = kept.and_then(|kept| Question::open(store.keyring(), kept, named, cx.now));
            Some(asked_of(question, &idp.id).ok_or_else(over)?)
        }
    };
    let is_trial = question.as_ref().is_some_and(Question::is_trial);
    if !idp.is_enabled() && !is_trial {
        return Err(failed(&idp, "the identity provider is disabled"));
    }
    // That it was asked to (ForceAuthn) says nothing: a request that is not signed may have lost it on the way.
    let since = question.as_ref().and_then(Question::afresh_since);
    if since.is_some_and(|since| answered.signed_in_at.is_none_or(|at| at.plus(SKEW) < since)) {
        return Err(failed(
            &idp,
            "the person did not sign in at the provider again (AuthnInstant): it has to take ForceAuthn",
        ));
    }
    let taken = store.maintain(cx, move |tx, _| external_answers::delete(tx, &hash)).await?;
    if !taken {
        return Err(over());
    }
    Ok(Taken { idp, arrival: answered.arrival, question })
}

/// The question, if it was asked of this provider.
fn asked_of(question: Option<Question>, id: &ExternalIdpId) -> Option<Question> {
    question.filter(|question| question.external_idp_id == id.as_str())
}
