//! `cargo xtask managed-policies MOTO`: facts of AWS managed policies into `api/managed-policies.txt`, one policy a line, sorted by path: the
//! path, a space, a JSON object.
//! They come from the list that PyPI's `moto` carries (module `moto.iam.aws_managed_policies`). Of each document stays what it says about
//! the services below, without its Sids; a statement about other services could match nothing here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

/// The prefixes of actions that are kept: of the services served here and of those that belong to them.
const SERVICES: &[&str] = &[
    "cloudtrail",
    "iam",
    "identity-sync",
    "identitystore",
    "identitystore-auth",
    "organizations",
    "signin",
    "sso",
    "sso-directory",
    "sso-oauth",
    "sts",
];
/// What a statement may have besides its actions.
const ELEMENTS: &[&str] = &["Effect", "Resource", "NotResource", "Condition"];

/// Writes the facts.
pub(crate) fn run(moto: &Path, root: &Path) -> anyhow::Result<()> {
    let path = moto.join("moto/iam/aws_managed_policies.py");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let json = text.split("\"\"\"").nth(1).context("the policies are no longer one text in three quotes")?;
    let policies: Map<String, Value> = serde_json::from_str(json)?;
    let mut lines = BTreeMap::new();
    for (name, policy) in &policies {
        let folder = policy["Path"].as_str().and_then(|path| path.strip_prefix('/'));
        let path = format!("{}{name}", folder.with_context(|| format!("{name} has no path"))?);
        let facts = facts(policy).with_context(|| path.clone())?;
        lines.insert(path, facts);
    }
    let lines: Vec<String> = lines.iter().map(|(path, facts)| format!("{path} {facts}")).collect();
    std::fs::write(root.join("api/managed-policies.txt"), lines.join("\n") + "\n")?;
    Ok(())
}

fn facts(policy: &Value) -> anyhow::Result<Value> {
    let document = &policy["Document"];
    if document["Version"] != "2012-10-17" {
        bail!("its document has another version of the language");
    }
    let mut whole = true;
    let mut statements = Vec::new();
    for statement in list(&document["Statement"]) {
        let (kept, all) = cut(statement)?;
        whole &= all;
        statements.extend(kept);
    }
    let mut facts = json!({
        "version": policy["DefaultVersionId"],
        "created": policy["CreateDate"],
        "updated": policy["UpdateDate"],
    });
    if whole {
        facts["whole"] = json!(true);
    }
    if !statements.is_empty() {
        facts["statements"] = json!(statements);
    }
    Ok(facts)
}

/// What a statement says about the services, and whether that is all it says.
fn cut(statement: &Value) -> anyhow::Result<(Option<Value>, bool)> {
    let mut kept = Map::new();
    for (element, value) in statement.as_object().context("a statement is no object")? {
        match element.as_str() {
            "Sid" | "Action" | "NotAction" => {}
            known if ELEMENTS.contains(&known) => {
                kept.insert(element.clone(), value.clone());
            }
            unknown => bail!("a statement has {unknown}"),
        }
    }
    let turned = statement.get("NotAction").is_some();
    let actions = list(&statement[if turned { "NotAction" } else { "Action" }]);
    let ours: Vec<&Value> = actions.iter().filter(|action| concerns(action)).collect();
    let all = ours.len() == actions.len();
    match (turned, ours.is_empty()) {
        (false, true) => return Ok((None, all)),
        // All but actions of other services is every action here.
        (true, true) => kept.insert("Action".to_owned(), json!("*")),
        (false, false) => kept.insert("Action".to_owned(), json!(ours)),
        (true, false) => kept.insert("NotAction".to_owned(), json!(ours)),
    };
    Ok((Some(Value::Object(kept)), all))
}

fn concerns(action: &Value) -> bool {
    let service = action.as_str().and_then(|action| action.split(':').next()).unwrap_or_default();
    service.contains('*') || SERVICES.iter().any(|ours| ours.eq_ignore_ascii_case(service))
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(many) => many,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}
