//! How a role as it stands differs from the role that is wanted, property by property, in CloudFormation's words: what `steps` would change, and beside it
//! what it never changes, path and mark. Values only.

use std::collections::BTreeMap;

use model::accounts::account_drift::{DifferenceType, PropertyDifference};
use serde_json::Value;

use crate::aws::steps::{MARK, REVOKED, Standing, Wanted, only_denies};
use crate::local::INLINE_POLICY_NAME;

/// What differs; nothing where the role stands as it should.
pub fn differences(standing: &Standing, wanted: &Wanted) -> Vec<PropertyDifference> {
    let mut all = Vec::new();
    let mut compare = |path: &str, expected: Option<String>, actual: Option<String>| {
        all.extend(difference(path.to_owned(), expected, actual));
    };
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    compare("/Path", said(&wanted.path), said(&standing.path));
    compare(&format!("/Tags/{MARK}"), said(&wanted.mark), standing.mark.clone());
    compare("/Description", said(&wanted.description), said(&standing.description));
    let seconds = |of: i64| Some(of.to_string());
    compare(
        "/MaxSessionDuration",
        seconds(wanted.max_session_seconds),
        seconds(standing.max_session_seconds),
    );
    if wanted.trust != standing.trust {
        let text = |trust: &Value| Some(trust.to_string());
        compare("/AssumeRolePolicyDocument", text(&wanted.trust), text(&standing.trust));
    }
    compare("/PermissionsBoundary", wanted.boundary.clone(), standing.boundary.clone());
    for arn in wanted.attached.difference(&standing.attached) {
        compare("/ManagedPolicyArns", Some(arn.clone()), None);
    }
    for arn in standing.attached.difference(&wanted.attached) {
        compare("/ManagedPolicyArns", None, Some(arn.clone()));
    }
    let expected: BTreeMap<&str, &Value> =
        wanted.inline.iter().map(|text| (INLINE_POLICY_NAME, text)).collect();
    // What voids sessions comes and goes by itself.
    let told = standing.inline.iter().filter(|(name, text)| name != REVOKED || !only_denies(text));
    let actual: BTreeMap<&str, &Value> = told.map(|(name, text)| (name.as_str(), text)).collect();
    let mut names: Vec<&str> = expected.keys().chain(actual.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (should, is) = (expected.get(name), actual.get(name));
        if should != is {
            let text = |policy: Option<&&Value>| policy.map(ToString::to_string);
            compare(&format!("/Policies/{name}"), text(should), text(is));
        }
    }
    all
}

/// One property; nothing where both are the same.
pub fn difference(
    path: String,
    expected: Option<String>,
    actual: Option<String>,
) -> Option<PropertyDifference> {
    let kind = match (&expected, &actual) {
        _ if expected == actual => return None,
        (None, _) => DifferenceType::Add,
        (_, None) => DifferenceType::Remove,
        _ => DifferenceType::NotEqual,
    };
    Some(PropertyDifference { path, kind, expected, actual })
}
