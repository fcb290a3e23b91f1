//! The grammar of policy documents, read strictly: an element that is unknown, missing, doubled or of the wrong kind is an error that
//! names the statement. What is not understood is never ignored: an ignored condition would be a hole. Knows nothing of requests.

use model::fault::Fault;
use serde_json::{Map, Value};

use crate::arn_pattern;
use crate::condition::Condition;
pub use crate::effect::Effect;
use crate::flaw::{Flaw, Place, Wrong};
use crate::json;
use crate::principal::PrincipalPattern;
use crate::variable::Template;
use crate::whom;

/// Characters of a document at most: the largest that AWS takes (an inline policy of a permission set).
const DOCUMENT_MAX: usize = 32_768;
/// Statements of a document at most.
const STATEMENTS_MAX: usize = 512;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a role: says on which resources, never for whom.
    Identity,
    /// A role's trust policy: says who, never on what.
    Trust,
    /// An application's actor policy: says who may act for it, on nothing else.
    Actor,
}

/// `X` or `NotX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Any of these.
    Only(Vec<Template>),
    /// All but these.
    AllBut(Vec<Template>),
}

impl Selection {
    /// The texts that are named, either way.
    pub fn named(&self) -> &[Template] {
        let (Self::Only(list) | Self::AllBut(list)) = self;
        list
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`, for explanations.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Selection,
    /// `Resource` or `NotResource`; everything, in a trust policy and an actor policy.
    pub resources: Selection,
    /// Whom it is for, in a trust policy and an actor policy.
    pub principals: Vec<PrincipalPattern>,
    /// `Condition`: all must hold.
    pub conditions: Vec<Condition>,
}

/// A document; the default one says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The statements.
    pub statements: Vec<Statement>,
}

/// Bytes of a document that count towards the limit of an inline policy: white space does not.
pub fn weight(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).map(char::len_utf8).sum()
}

/// Characters of a document that count towards IAM's limits: white space does not.
pub fn length(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}

impl Document {
    /// Parses JSON text.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Fault> {
        Ok(Self::examine(text, kind)?)
    }

    /// Parses JSON text; says where it is wrong.
    pub fn examine(text: &str, kind: Kind) -> Result<Self, Flaw> {
        let characters = text.chars().count();
        if characters > DOCUMENT_MAX {
            let why = format!("{characters} characters, {DOCUMENT_MAX} at most");
            return Err(Flaw { why, statement: None, place: None });
        }
        let value = json::read(text).map_err(|error| {
            let place = Some(Place::of(text, error.at(text)));
            Flaw { why: format!("not JSON: {}", error.why), statement: None, place }
        })?;
        Self::read(&value, kind).map_err(|wrong| wrong.of(text))
    }

    /// Reads a parsed document.
    pub fn from_value(value: &Value, kind: Kind) -> Result<Self, Fault> {
        Ok(Self::read(value, kind).map_err(Wrong::of_value)?)
    }

    fn read(value: &Value, kind: Kind) -> Result<Self, Wrong> {
        let object = value.as_object().ok_or("not an object")?;
        known(object, &["Version", "Id", "Statement"])
            .map_err(|wrong| wrong.put(|why| format!("the document {why}")))?;
        let variables = match object.get("Version").map(Value::as_str) {
            Some(Some("2012-10-17")) => true,
            None | Some(Some("2008-10-17")) => false,
            _ => return Err(Wrong::from("Version must be 2012-10-17 or 2008-10-17").within("Version")),
        };
        if object.get("Id").is_some_and(|id| !id.is_string()) {
            return Err(Wrong::from("Id must be text").within("Id"));
        }
        let in_list = |wrong: Wrong| wrong.within("Statement");
        let list = match object.get("Statement") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err(in_list("Statement must be an object or a list of objects".into())),
        };
        if list.is_empty() {
            return Err(in_list("Statement is empty".into()));
        }
        if list.len() > STATEMENTS_MAX {
            return Err(in_list(format!("{} statements, {STATEMENTS_MAX} at most", list.len()).into()));
        }
        let mut statements: Vec<Statement> = Vec::with_capacity(list.len());
        for (at, value) in list.iter().enumerate() {
            let place = |wrong: Wrong| in_list(wrong.within(at));
            let statement = statement(value, kind, variables).map_err(place)?;
            if statement.sid.is_some() && statements.iter().any(|other| other.sid == statement.sid) {
                return Err(place(Wrong::from("its Sid is another statement's too").within("Sid")));
            }
            statements.push(statement);
        }
        Ok(Self { statements })
    }
}

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

fn statement(value: &Value, kind: Kind, variables: bool) -> Result<Statement, Wrong> {
    let object = value.as_object().ok_or("it is not an object")?;
    known(object, ELEMENTS)?;
    let effect = match object.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(Wrong::from("Effect must be Allow or Deny").within("Effect")),
    };
    let actions =
        selection(object, ["Action", "NotAction"], false)?.ok_or("Action or NotAction is missing")?;
    check_each(&actions, ["Action", "NotAction"], |action| check_action(action, kind))?;
    let (resources, principals) = match kind {
        Kind::Identity => (resources(object, variables)?, Vec::new()),
        Kind::Trust => (everything()?, whom::trusted(object)?),
        Kind::Actor => (everything()?, whom::actors(object)?),
    };
    let conditions = match object.get("Condition") {
        None => Vec::new(),
        Some(block) => Condition::read_all(block, variables).map_err(|wrong| wrong.within("Condition"))?,
    };
    Ok(Statement { sid: sid(object, kind)?, effect, actions, resources, principals, conditions })
}

fn sid(object: &Map<String, Value>, kind: Kind) -> Result<Option<String>, Wrong> {
    match object.get("Sid") {
        None => Ok(None),
        Some(Value::String(sid)) if sid.is_empty() => Ok(None),
        Some(Value::String(sid))
            if kind != Kind::Identity || sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            Ok(Some(sid.clone()))
        }
        Some(_) => Err(Wrong::from("Sid must be text of letters and digits").within("Sid")),
    }
}

fn resources(object: &Map<String, Value>, variables: bool) -> Result<Selection, Wrong> {
    if let Some(element) = ["Principal", "NotPrincipal"].into_iter().find(|name| object.contains_key(*name)) {
        return Err(Wrong::from("Principal is not allowed in an identity-based policy").within(element));
    }
    let names = ["Resource", "NotResource"];
    let resources = selection(object, names, variables)?.ok_or("Resource or NotResource is missing")?;
    check_each(&resources, names, |text| {
        arn_pattern::check(text, variables).map_err(|why| format!("resource {text:?} {why}"))
    })?;
    Ok(resources)
}

fn everything() -> Result<Selection, Wrong> {
    Ok(Selection::Only(vec![Template::read("*", false)?]))
}

fn known(object: &Map<String, Value>, allowed: &[&str]) -> Result<(), Wrong> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(unknown) => {
            Err(Wrong::from(format!("has the unknown element {unknown}")).within(unknown.as_str()))
        }
        None => Ok(()),
    }
}

fn selection(
    object: &Map<String, Value>,
    [only, all_but]: [&str; 2],
    variables: bool,
) -> Result<Option<Selection>, Wrong> {
    let texts = |value, element| texts(value, element, variables).map_err(|wrong| wrong.within(element));
    match (object.get(only), object.get(all_but)) {
        (Some(_), Some(_)) => Err(Wrong::from(format!("it has both {only} and {all_but}")).within(all_but)),
        (Some(value), None) => Ok(Some(Selection::Only(texts(value, only)?))),
        (None, Some(value)) => Ok(Some(Selection::AllBut(texts(value, all_but)?))),
        (None, None) => Ok(None),
    }
}

fn texts(value: &Value, element: &str, variables: bool) -> Result<Vec<Template>, Wrong> {
    let list = match value {
        Value::Array(many) => many.as_slice(),
        one => std::slice::from_ref(one),
    };
    // An empty NotAction would be every action.
    if list.is_empty() {
        return Err(format!("{element} is empty").into());
    }
    let mut all = Vec::with_capacity(list.len());
    for (at, one) in list.iter().enumerate() {
        let place = |why: String| Wrong::from(why).within(at);
        let text = one.as_str().ok_or_else(|| place(format!("{element} must be text or a list of texts")))?;
        all.push(Template::read(text, variables).map_err(|why| place(format!("{element} {why}")))?);
    }
    Ok(all)
}

/// Holds a check against each text; says at which it fails. `names`: of the element, either way.
fn check_each(
    selection: &Selection,
    [only, all_but]: [&str; 2],
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<(), Wrong> {
    let element = if matches!(selection, Selection::Only(_)) { only } else { all_but };
    for (at, text) in selection.named().iter().map(Template::source).enumerate() {
        check(text).map_err(|why| Wrong::from(why).within(at).within(element))?;
    }
    Ok(())
}

fn check_action(action: &str, kind: Kind) -> Result<(), String> {
    let (service, name) = match action.split_once(':') {
        None if action == "*" => ("*", "*"),
        Some(parts) => parts,
        None => return Err(format!("action {action:?} must be '*' or 'service:name'")),
    };
    let sane = |part: &str, also: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    let everything = (service, name) == ("*", "*");
    if !everything && service.contains(['*', '?']) {
        return Err(format!("action {action:?} must name its service in full, without wildcards"));
    }
    let fits = everything || (sane(service, b"-") && sane(name, b"-_*?"));
    if !fits {
        return Err(format!("action {action:?} must be '*' or 'service:name'"));
    }
    let (of, only) = match kind {
        Kind::Identity => return Ok(()),
        Kind::Trust => ("a trust policy", "sts"),
        Kind::Actor => ("an actor policy", "sso-oauth"),
    };
    if !service.eq_ignore_ascii_case(only) {
        return Err(format!("action {action:?}: {of} may only have actions of {only}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::fault::FaultKind;
    use serde_json::json;

    use super::*;

    fn read(kind: Kind, statement: &Value) -> Result<Document, Fault> {
        Document::from_value(&json!({"Version": "2012-10-17", "Statement": [statement]}), kind)
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (edit, why) in [
            (json!({"Resource": null}), "statement 1: Resource"),
            (json!({"Resource": []}), "Resource is empty"),
            (json!({"Resource": "instance/x"}), "\"instance/x\" must be '*' or an ARN"),
            (json!({"Resource": "arn:aws:sso:::instance/${aws:x"}), "variable without an end"),
            (json!({"Resource": "${aws:x}"}), "must be '*' or an ARN"),
            (json!({"Resource": ["*", "arn:awss:s3:::bucket"]}), "partition \"awss\""),
            (json!({"Resource": "arn:aws:s3::bucket"}), "5 parts"),
            (json!({"Resource": "arn:aws:iam::11112222333:role/x"}), "12 digits"),
            (json!({"Resource": "arn:aws:iam:us-east-1:111122223333:role/x"}), "Region"),
            (json!({"NotResource": "*"}), "both Resource and NotResource"),
            (json!({"Effect": "allow"}), "Effect"),
            (json!({"Effect": null}), "Effect"),
            (json!({"Action": "sso"}), "action \"sso\""),
            (json!({"Action": ["sso:*", "sso:"]}), "action \"sso:\""),
            (json!({"Action": "s*:Get"}), "\"s*:Get\" must name its service in full"),
            (json!({"Action": "*:Get*"}), "must name its service in full"),
            (json!({"Action": "ss?:*"}), "must name its service in full"),
            (json!({"Action": "ss_o:*"}), "must be '*' or 'service:name'"),
            (json!({"Action": "sso:List Instances"}), "must be"),
            (json!({"Action": [1]}), "list of texts"),
            (json!({"Action": []}), "Action is empty"),
            (json!({"NotAction": "x:y"}), "both Action and NotAction"),
            (json!({"Principal": "*"}), "Principal"),
            (json!({"NotPrincipal": "*"}), "Principal"),
            (json!({"Sid": 5}), "Sid"),
            (json!({"Sid": "Read all"}), "Sid"),
            (json!({"Conditions": {}}), "unknown element Conditions"),
            (json!({"Condition": []}), "Condition must be an object"),
            (json!({"Condition": {"StringLikes": {}}}), "StringLikes is unknown"),
            (json!({"Condition": {"NullIfExists": {"aws:x": true}}}), "NullIfExists is unknown"),
            (json!({"Condition": {"ForAllValues:Null": {"aws:x": true}}}), "ForAllValues:Null is unknown"),
            (json!({"Condition": {"ForEach:StringLike": {"aws:x": "a"}}}), "ForEach:StringLike is unknown"),
            (json!({"Condition": {"StringLike": {"x": "a"}}}), "'service:name'"),
            (json!({"Condition": {"StringLike": {"aws:x": {}}}}), "value or a list of values"),
            (json!({"Condition": {"StringLike": {"aws:x": "${a"}}}), "variable without an end"),
            (json!({"Condition": {"StringLike": {"aws:x": "a", "AWS:X": "b"}}}), "twice"),
            (json!({"Condition": {"NumericEquals": {"aws:x": "five"}}}), "\"five\" is not a value"),
            (json!({"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/40"}}}), "is not a value"),
            (json!({"Condition": {"Null": {"aws:x": "maybe"}}}), "\"maybe\" is not a value"),
            (json!({"Condition": {"NumericEquals": {"aws:x": "${aws:y}"}}}), "\"${aws:y}\" is not a value"),
        ] {
            let mut statement = json!({"Effect": "Allow", "Action": "sso:*", "Resource": "*"});
            assert!(read(Kind::Identity, &statement).is_ok());
            for (key, value) in edit.as_object().unwrap() {
                statement[key] = value.clone();
            }
            let fault = read(Kind::Identity, &statement).unwrap_err();
            assert!(fault.message().contains(why), "{} lacks {why}", fault.message());
            assert_eq!(fault.kind(), &FaultKind::Service("MalformedPolicyDocument"));
        }
    }

    #[test]
    fn a_trust_policy_says_who_and_never_on_what() {
        for (edit, why) in [
            (json!({"Principal": null}), "Principal"),
            (json!({"Principal": {"Human": "jane"}}), "unknown element Human"),
            (json!({"NotPrincipal": {"AWS": "*"}}), "NotPrincipal is not allowed"),
            (json!({"Resource": "*"}), "Resource is not allowed"),
            (json!({"Action": "*"}), "only have actions of sts"),
            (json!({"Action": ["sts:AssumeRole", "iam:PassRole"]}), "only have actions of sts"),
        ] {
            let mut statement =
                json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"});
            assert!(read(Kind::Trust, &statement).is_ok());
            for (key, value) in edit.as_object().unwrap() {
                statement[key] = value.clone();
            }
            let fault = read(Kind::Trust, &statement).unwrap_err();
            assert!(fault.message().contains(why), "{} lacks {why}", fault.message());
        }
    }

    #[test]
    fn an_actor_policy_says_who_may_act_for_its_application_and_nothing_else() {
        for (edit, why) in [
            (json!({"Principal": null}), "Principal"),
            (
                json!({"Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/P"}}),
                "must be AWS or Service",
            ),
            (json!({"NotPrincipal": {"AWS": "*"}}), "NotPrincipal is not allowed in an actor policy"),
            (json!({"Resource": "arn:aws:sso::111122223333:application/ssoins-1/apl-1"}), "must be \"*\""),
            (json!({"Resource": ["*", "*"]}), "must be \"*\""),
            (json!({"NotResource": "*"}), "NotResource is not allowed"),
            (json!({"Action": "*"}), "only have actions of sso-oauth"),
            (json!({"Action": "sts:AssumeRole"}), "only have actions of sso-oauth"),
            (json!({"Condition": {"StringLikes": {}}}), "StringLikes is unknown"),
        ] {
            let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": ["111122223333"], "Service": "redshift.amazonaws.com"},
                "Action": "sso-oauth:CreateTokenWithIAM", "Resource": ["*"]});
            assert!(read(Kind::Actor, &statement).is_ok());
            for (key, value) in edit.as_object().unwrap() {
                statement[key] = value.clone();
            }
            let fault = read(Kind::Actor, &statement).unwrap_err();
            assert!(fault.message().contains(why), "{} lacks {why}", fault.message());
        }
        let without = json!({"Effect": "Allow", "Principal": "*", "Action": "sso-oauth:*"});
        assert!(read(Kind::Actor, &without).unwrap_err().message().contains("Resource is missing"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_column() {
        for (text, at, wrong) in [
            ("{\n \"Statement\": [{\"Effect\": \"allow\"}]}", (2, 17), "\"Effect\": \"allow\""),
            ("{\"é\": 1,\n\"Statement\": {}}", (1, 2), "\"é\": 1"),
            (
                "{\"Id\": \"é\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": [\"sso:*\", \"sso\"], \"Resource\": \"*\"}}",
                (1, 65),
                "\"sso\"",
            ),
            (
                "{\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\",\n\"Condition\": {\"Bool\": {\"aws:x\": \"true\", \"aws:y\": [\"true\", \"no\"]}}}}",
                (2, 59),
                "\"no\"",
            ),
            ("{\"Statement\": {\"Effect\": \"Deny\"}}", (1, 2), "\"Statement\": {\"Effect\": \"Deny\"}"),
            ("{\n\n  x", (3, 3), "x"),
        ] {
            let flaw = Document::examine(text, Kind::Identity).unwrap_err();
            let place = flaw.place.clone().unwrap();
            assert_eq!((place.line, place.column), at, "{flaw}");
            assert_eq!(text.get(place.bytes).unwrap(), wrong, "{flaw}");
            let fault = Document::parse(text, Kind::Identity).unwrap_err();
            assert!(
                fault.message().ends_with(&format!("(line {}, column {})", at.0, at.1)),
                "{}",
                fault.message()
            );
        }
    }

    #[test]
    fn the_document_itself() {
        for (text, why) in [
            ("{", "not JSON"),
            ("[]", "not an object"),
            (r#"{"Version":"2013-01-01","Statement":[]}"#, "Version"),
            (r#"{"Version":"2012-10-17","Statement":[]}"#, "Statement is empty"),
            (r#"{"Version":"2012-10-17"}"#, "Statement"),
            (r#"{"Version":"2012-10-17","Statement":[],"Id":1}"#, "Id"),
            (r#"{"Version":"2012-10-17","Statement":[],"Statements":[]}"#, "unknown element Statements"),
            (
                r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                "Effect stands twice",
            ),
            (
                r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                "statement 2: its Sid",
            ),
        ] {
            let fault = Document::parse(text, Kind::Identity).unwrap_err();
            assert!(fault.message().contains(why), "{} lacks {why}", fault.message());
        }
        let long = format!(r#"{{"Version":"2012-10-17","Statement":[]{}}}"#, " ".repeat(DOCUMENT_MAX));
        assert!(Document::parse(&long, Kind::Identity).unwrap_err().message().contains("32768 at most"));
        let text = |letters: usize| {
            let tail = "é".repeat(letters);
            format!(r#"{{"Id":"{tail}","Statement":{{"Effect":"Allow","Action":"*","Resource":"*"}}}}"#)
        };
        let fits = DOCUMENT_MAX - text(0).len();
        assert!(Document::parse(&text(fits), Kind::Identity).is_ok(), "characters count, not bytes");
        assert!(Document::parse(&text(fits + 1), Kind::Identity).is_err());
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert_eq!(Document::parse(one, Kind::Identity).unwrap().statements.len(), 1);
    }
}
