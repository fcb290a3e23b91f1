//! What the account that administers the organization's instance for the management account reaches of it from its own: all but what concerns the management
//! account itself (user guide, "Delegated administration"). What its policies must allow besides is asked elsewhere.

use model::access::Resource;
use model::cx::Cx;

/// Whether the caller is of that account and may reach what belongs to the management account, by this action.
pub(crate) fn reaches(cx: &Cx, action: &str, resource: &Resource) -> bool {
    cx.caller.is_delegated()
        && resource.owner.as_ref() == Some(&cx.owner)
        && is_of_administration(action)
        && (is_read(action) || resource.arn != cx.owner.sso_arn())
}

/// Whether an action changes nothing.
pub fn is_read(action: &str) -> bool {
    let name = action.split_once(':').map_or("", |(_, name)| name);
    ["Describe", "Get", "List", "Search", "Preview", "Simulate", "IsMember"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

/// Of the identity center all but its end; not the keys of the management account's own programs, whose policies would lead beyond it. Of Organizations what
/// only reads.
fn is_of_administration(action: &str) -> bool {
    match action.split_once(':') {
        Some(("sso", name)) => name != "DeleteInstance",
        Some(("identitystore", _)) => true,
        // What accounts there are is the management account's, as in Organizations itself.
        Some(("portico", name)) if name.contains("Organization") => is_read(action),
        Some(("portico", name)) => !["ServiceUser", "AccessKey"].iter().any(|word| name.contains(word)),
        Some(("organizations", _)) => is_read(action),
        _ => false,
    }
}
