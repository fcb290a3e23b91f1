//! What forms of settings have in common: what they say beside their fields, what happens when somebody else was there first.

use edge_aws::inside::Op;
use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;
use http::StatusCode;
use model::fault::{ConflictReason, Fault, FaultKind};
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::moment::Moment;
use crate::seen;

/// Where a form goes on to once it is done.
pub(crate) const SAVED: &str = "/console/settings?done=saved";

/// A setting and what it is.
pub(crate) struct Fact {
    /// Its name in the catalogs.
    pub(crate) name: &'static str,
    pub(crate) value: String,
    /// The same for programs, where it is a moment.
    pub(crate) at: Option<Moment>,
}

/// What a form of settings says beside its fields.
#[derive(Default)]
pub(crate) struct Said {
    /// The marks of what was shown.
    pub(crate) seen: String,
    /// Why it was refused.
    pub(crate) trouble: Option<String>,
    /// Whether somebody else has changed it since.
    pub(crate) overtaken: bool,
    /// What they changed, as it is in force now.
    pub(crate) changed: Vec<Fact>,
}

/// How a form of settings was answered.
pub(crate) enum Outcome {
    /// It is in force.
    Done,
    /// It is shown again.
    Again(StatusCode, Said),
    /// There is no form to show.
    Refused(Fault),
}

impl Outcome {
    /// A form that was refused: what can be mended, or done as another role, is said at the form, what cannot is a page of its own.
    pub(crate) fn of(admin: &Administrator, seen: &str, why: Fault) -> Self {
        let language = admin.visitor.language;
        match why.kind() {
            FaultKind::AccessDenied => {
                let next = language.say("console-refused-next").with("role", &admin.role);
                let trouble = Some(format!("{} {next}", language.told(&why)));
                Self::Again(StatusCode::FORBIDDEN, Said { seen: seen.to_owned(), trouble, ..Said::default() })
            }
            FaultKind::Validation | FaultKind::Conflict(_) | FaultKind::QuotaExceeded => {
                let trouble = Some(language.told(&why));
                let said = Said { seen: seen.to_owned(), trouble, ..Said::default() };
                Self::Again(StatusCode::BAD_REQUEST, said)
            }
            _ => Self::Refused(why),
        }
    }
}

/// Whether a policy was refused because nobody could come in any more.
pub(crate) fn locks_out(why: &Fault) -> bool {
    matches!(why.kind(), FaultKind::Conflict(ConflictReason::State))
}

/// What somebody else has changed since the form was opened; `None` when it is as it was. Then nothing is changed: the form is shown again with what
/// was typed, and what is in force now.
pub(crate) fn overtaken(
    fields: &Fields,
    now: &Value,
    facts: impl Fn(&Value) -> Vec<(&'static str, Fact)>,
) -> Option<Said> {
    let names = seen::changed(fields.text("seen"), now);
    if names.is_empty() {
        return None;
    }
    let changed = facts(now).into_iter().filter(|(member, _)| names.iter().any(|name| name == member));
    let changed = changed.map(|(_, fact)| fact).collect();
    Some(Said { seen: seen::mark(now), trouble: None, overtaken: true, changed })
}

/// A text of the catalogs, as the value of a setting.
pub(crate) fn word(language: Language, name: &'static str) -> String {
    language.say(name).to_string()
}

/// `yes` or `no`.
pub(crate) fn yes_or_no(language: Language, value: Option<&Value>) -> String {
    let yes = value.and_then(Value::as_bool).unwrap_or_default();
    word(language, if yes { "settings-yes" } else { "settings-no" })
}

/// The member of an answer that holds the settings.
pub(crate) async fn read(
    desk: &Desk,
    admin: &mut Administrator,
    op: Op,
    member: &str,
) -> Result<Value, Fault> {
    let input = json!({ "IdentityStoreId": desk.identity_store_id() });
    let mut answer: Value = admin.call(desk, op, input).await?;
    Ok(answer.get_mut(member).map(Value::take).unwrap_or_default())
}

/// A sentence for a member of the settings, for the list of what has changed.
pub(crate) fn fact(
    member: &'static str,
    name: &'static str,
    value: impl Into<String>,
) -> (&'static str, Fact) {
    (member, Fact { name, value: value.into(), at: None })
}

/// The sentence or nothing.
pub(crate) fn beside(is_wrong: bool, language: Language, name: &'static str) -> Option<Sentence> {
    is_wrong.then(|| language.say(name))
}
