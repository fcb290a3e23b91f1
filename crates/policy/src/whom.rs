//! Whom a statement is for, in policies that say so: trust policies of roles and actor policies of applications. Knows nothing of what they may do.

use serde_json::{Map, Value};

use crate::flaw::Wrong;
use crate::principal::{PrincipalKind, PrincipalPattern};

/// Of a role's trust policy, which is about nothing but the role.
pub(crate) fn trusted(object: &Map<String, Value>) -> Result<Vec<PrincipalPattern>, Wrong> {
    if let Some(element) = ["Resource", "NotResource"].into_iter().find(|name| object.contains_key(*name)) {
        return Err(Wrong::from("Resource is not allowed in a trust policy").within(element));
    }
    principals(object, "a trust policy")
}

/// Of an application's actor policy, which is about nothing but the application: `"Resource": "*"`, as AWS wants it written.
pub(crate) fn actors(object: &Map<String, Value>) -> Result<Vec<PrincipalPattern>, Wrong> {
    if object.contains_key("NotResource") {
        return Err(Wrong::from("NotResource is not allowed in an actor policy").within("NotResource"));
    }
    let resource = object.get("Resource").ok_or("Resource is missing")?;
    let named = resource.as_array().map_or(std::slice::from_ref(resource), Vec::as_slice);
    if named != [Value::from("*")] {
        let why = "Resource must be \"*\" in an actor policy, which is about its own application";
        return Err(Wrong::from(why).within("Resource"));
    }
    let all = principals(object, "an actor policy")?;
    // Whoever calls has AWS credentials, or is a service.
    if all.iter().any(|one| !matches!(one.kind, PrincipalKind::Aws | PrincipalKind::Service)) {
        return Err(Wrong::from("Principal of an actor policy must be AWS or Service").within("Principal"));
    }
    Ok(all)
}

fn principals(object: &Map<String, Value>, of: &str) -> Result<Vec<PrincipalPattern>, Wrong> {
    // IAM takes NotPrincipal in no role trust policy: all but one would be everybody in the world.
    if object.contains_key("NotPrincipal") {
        return Err(Wrong::from(format!("NotPrincipal is not allowed in {of}")).within("NotPrincipal"));
    }
    let element = object.get("Principal").ok_or("Principal is missing")?;
    PrincipalPattern::read_all(element).map_err(|why| Wrong::from(why).within("Principal"))
}
