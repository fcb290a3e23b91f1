//! What of a document cannot be honoured here and must therefore be refused when it is written: a Deny that hangs on a key without a
//! value either never forbids or forbids everything, and whoever wrote it meant neither. Documents that are stored already, and AWS's
//! own, are not asked.

use model::fault::Fault;

use crate::condition::Condition;
use crate::condition_keys::never_set;
use crate::document::{Document, Effect, Kind, Selection, Statement};
use crate::flaw::{Flaw, Wrong};
use crate::variable::Template;

impl Document {
    /// Parses an identity-based policy that somebody writes.
    pub fn parse_new(text: &str) -> Result<Self, Fault> {
        Ok(Self::examine_new(text)?)
    }

    /// [`Self::parse_new`]; says where it is wrong.
    pub fn examine_new(text: &str) -> Result<Self, Flaw> {
        Self::examine_new_of(text, Kind::Identity)
    }

    /// Parses a trust policy that somebody writes.
    pub fn parse_new_trust(text: &str) -> Result<Self, Fault> {
        Ok(Self::examine_new_of(text, Kind::Trust)?)
    }

    /// Parses an actor policy that somebody writes.
    pub fn parse_new_actor(text: &str) -> Result<Self, Fault> {
        Ok(Self::examine_new_of(text, Kind::Actor)?)
    }

    fn examine_new_of(text: &str, kind: Kind) -> Result<Self, Flaw> {
        let document = Self::examine(text, kind)?;
        for (at, statement) in document.statements.iter().enumerate() {
            check(statement).map_err(|wrong| wrong.within(at).within("Statement").of(text))?;
        }
        Ok(document)
    }
}

/// Statements about services that are not served here forbid nothing here anyway, and may say what they like.
fn check(statement: &Statement) -> Result<(), Wrong> {
    if statement.effect != Effect::Deny || !statement.concerns_us() {
        return Ok(());
    }
    let in_condition = |wrong: Wrong, condition: &Condition| {
        wrong.within(condition.key()).within(condition.name.as_str()).within("Condition")
    };
    for condition in &statement.conditions {
        if let Some(why) = never_set(condition.key()) {
            let why = format!(
                "a Deny cannot depend on the condition key {}, which has a value in no request here: {why}",
                condition.key()
            );
            return Err(in_condition(why.into(), condition));
        }
    }
    let element = if matches!(statement.resources, Selection::Only(_)) { "Resource" } else { "NotResource" };
    check_variables(statement.resources.named()).map_err(|wrong| wrong.within(element))?;
    for condition in &statement.conditions {
        check_variables(condition.values()).map_err(|wrong| in_condition(wrong, condition))?;
    }
    Ok(())
}

fn check_variables(texts: &[Template]) -> Result<(), Wrong> {
    for (at, text) in texts.iter().enumerate() {
        for variable in text.variables() {
            if let Some(why) = never_set(variable) {
                let why = format!(
                    "a Deny cannot depend on the variable ${{{variable}}}, which has a value in no request here: {why}"
                );
                return Err(Wrong::from(why).within(at));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(effect: &str, action: &str, edit: &Value) -> Result<Document, Fault> {
        let mut statement = json!({"Effect": effect, "Action": action, "Resource": "*"});
        for (element, value) in edit.as_object().unwrap() {
            statement[element] = value.clone();
        }
        Document::parse_new(&json!({"Version": "2012-10-17", "Statement": statement}).to_string())
    }

    #[test]
    fn a_deny_by_a_key_that_is_never_set_is_refused_by_name() {
        for (edit, named) in [
            (json!({"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}), "aws:SourceVpc"),
            (json!({"Condition": {"StringNotEqualsIfExists": {"AWS:sourcevpce": "x"}}}), "AWS:sourcevpce"),
            (json!({"Condition": {"Null": {"aws:AssumedRoot": "true"}}}), "aws:AssumedRoot"),
            (json!({"Condition": {"Bool": {"aws:SecureTransports": "false"}}}), "aws:SecureTransports"),
            (
                json!({"Condition": {"StringNotEquals": {"sts:SourceIdentities": "x"}}}),
                "sts:SourceIdentities",
            ),
            (
                json!({"Condition": {"ArnNotLike": {"lambda:SourceFunctionArn": "*"}}}),
                "lambda:SourceFunctionArn",
            ),
            (json!({"Resource": "arn:aws:sso:::instance/${aws:AssumedRoot}"}), "${aws:AssumedRoot}"),
            (
                json!({"Condition": {"StringEquals": {"aws:userid": "${aws:AssumedRoot}"}}}),
                "${aws:AssumedRoot}",
            ),
        ] {
            for action in ["*", "sso:*", "sso:CreateAccountAssignment", "*:*"] {
                let fault = read("Deny", action, &edit).unwrap_err();
                assert!(fault.message().contains(named), "{} lacks {named}", fault.message());
                assert!(read("Allow", action, &edit).is_ok(), "an Allow grants nothing by it: {edit}");
            }
            assert!(read("Deny", "s3:*", &edit).is_ok(), "forbids nothing here: {edit}");
        }
    }

    #[test]
    fn a_deny_by_what_requests_have_is_taken() {
        for edit in [
            json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
            json!({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1", "aws:resourceorgid": "o-1"}}}),
            json!({"Condition": {"StringNotEquals": {"aws:PrincipalTag/aws:username": "x"}}}),
            json!({"Condition": {"StringNotEquals": {"ec2:InstanceType": "x"}}}),
            json!({"Resource": "arn:aws:sso:::instance/${aws:AssumedRoot, 'nobody'}"}),
            json!({"Resource": "arn:aws:sso:::instance/${aws:PrincipalTag/x}"}),
        ] {
            assert!(read("Deny", "*", &edit).is_ok(), "{edit}");
        }
        let statement = json!({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:AssumedRoot": "true"}}});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        assert!(Document::parse_new(&document.to_string()).is_err(), "NotAction reaches what is served");
    }
}
