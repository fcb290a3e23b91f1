//! What was asked of a provider, as the browser that asked keeps it: sealed, good for a while, and found again by what the answer names. Nothing is kept
//! here until a provider has answered, so that strangers can ask as often as they like.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::cx::Cx;
use model::fault::Fault;
use model::id::hex;
use model::secret::Secret;
use model::sources::external_idp::ExternalIdpId;
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use store::sealing::{Keyring, Purpose};

/// How long somebody may take to sign in at a provider.
pub const QUESTION: Duration = Duration::from_mins(15);
/// How far a provider's clock may be off.
pub(crate) const SKEW: Duration = Duration::from_secs(180);
/// What every question is sealed for.
const PLACE: &str = "external question";

/// What somebody goes to a provider for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To prove themselves again, in this session.
    Again(String),
    /// To see what the provider says of them, as the administrator of this session.
    Trial(String),
}

/// What is to be asked, and for whom.
#[derive(Debug, Clone)]
pub struct Asking {
    /// What for.
    pub errand: Errand,
    /// Where it goes on.
    pub back_to: String,
    /// The name that somebody typed, to spare them typing it there.
    pub hint: Option<String>,
}

impl Asking {
    /// Whether the person has to sign in there although they are signed in.
    pub(crate) const fn is_afresh(&self) -> bool {
        matches!(self.errand, Errand::Again(_))
    }
}

/// What was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// Of whom.
    pub(crate) external_idp_id: String,
    /// What for.
    pub errand: Errand,
    /// Where it goes on.
    pub back_to: String,
    /// What the answer names: the request's ID, or the state.
    pub(crate) named: String,
    /// What it was made with, where the protocol has such: nonce and verifier.
    pub(crate) proofs: Option<(String, String)>,
    /// Until when it may be answered, seconds.
    pub(crate) until: i64,
}

impl Question {
    pub(crate) fn new(cx: &Cx, idp: &ExternalIdpId, asking: Asking, named: String) -> Self {
        Self {
            external_idp_id: idp.as_str().to_owned(),
            errand: asking.errand,
            back_to: asking.back_to,
            named,
            proofs: None,
            until: cx.now.plus(QUESTION).seconds(),
        }
    }

    /// When it was asked, if the person had to sign in there for it although they were signed in.
    pub(crate) fn afresh_since(&self) -> Option<Timestamp> {
        let asked = Timestamp::from_seconds(self.until).minus(QUESTION);
        matches!(self.errand, Errand::Again(_)).then_some(asked)
    }

    /// As the browser keeps it, and the mark by which it is found.
    pub(crate) fn seal(&self, keyring: &Keyring, cx: &Cx) -> Result<Kept, Fault> {
        let text = serde_json::to_vec(self).map_err(Fault::internal)?;
        let sealed = keyring.seal(cx.entropy(), Purpose::Form, PLACE, &text)?;
        Ok(Kept { mark: mark(&self.named), value: Secret::new(URL_SAFE_NO_PAD.encode(sealed)) })
    }

    /// What a browser kept, if it is ours, still good, and answered by what names `named`.
    pub(crate) fn open(keyring: &Keyring, kept: &Secret, named: &str, now: Timestamp) -> Option<Self> {
        Self::kept(keyring, kept, now).filter(|question| question.named == named)
    }

    /// What a browser kept, if it is ours and still good.
    pub(crate) fn kept(keyring: &Keyring, kept: &Secret, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(kept.expose()).ok()?;
        let text = keyring.open(Purpose::Form, PLACE, &sealed)?;
        let question: Self = serde_json::from_slice(&text).ok()?;
        (now.seconds() < question.until).then_some(question)
    }
}

impl Question {
    /// Whether an administrator only wants to see what comes.
    pub const fn is_trial(&self) -> bool {
        matches!(self.errand, Errand::Trial(_))
    }
}

/// A question as the browser keeps it: a cookie whose name ends in the mark.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Tells apart what one browser asked side by side.
    pub mark: String,
    /// The sealed question.
    pub value: Secret,
}

/// The mark of the question that an answer names so.
pub(crate) fn mark(named: &str) -> String {
    hex(digest(&SHA256, named.as_bytes()).as_ref()).chars().take(12).collect()
}

/// Where a browser is sent.
#[derive(Debug, Clone)]
pub enum GoTo {
    /// To this address.
    Address(String),
    /// To this address, with a form.
    Form {
        /// Where.
        action: String,
        /// What.
        fields: Vec<(&'static str, String)>,
    },
}

/// A sign-in that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where the browser is sent.
    pub go_to: GoTo,
    /// What it keeps.
    pub kept: Kept,
}
