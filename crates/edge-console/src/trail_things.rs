//! From what a record names to its page in the console. By the form of ids alone: nothing is looked up.

use crate::page::encoded;

/// The permission set of a role that it became; any other role as it is called.
pub(crate) fn permission_set_of(role: &str) -> &str {
    let named = role.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
    named.map_or(role, |(name, _)| name)
}

/// What is told apart in an ARN: its last part.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit(['/', ':']).next().filter(|last| !last.is_empty()).unwrap_or(name)
}

/// The page of a thing, by its ARN, or of a person by their id.
pub(crate) fn page(name: &str) -> Option<String> {
    let room = match name.strip_prefix("arn:aws:") {
        None if is_uuid(name) => "people",
        Some(rest) if rest.starts_with("identitystore:::user/") => "people",
        Some(rest) if rest.starts_with("identitystore:::group/") => "groups",
        Some(rest) if rest.starts_with("sso:::permissionSet/") => "permission-sets",
        Some(rest) if rest.starts_with("organizations::") && rest.contains(":account/") => "accounts",
        _ => return None,
    };
    Some(format!("/console/{room}/{}", encoded(short(name))))
}

/// The page of what a parameter names.
pub(crate) fn page_of_member(name: &str, value: &str) -> Option<String> {
    match name {
        "userId" if is_uuid(value) => page(value),
        "groupId" if is_uuid(value) => Some(format!("/console/groups/{value}")),
        "accountId" | "targetId" if value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(format!("/console/accounts/{value}"))
        }
        _ if value.starts_with("arn:aws:") => page(value),
        _ => None,
    }
}

/// `8-4-4-4-12`, or with the ten digits of a directory before it.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    hex && matches!(*parts, [8, 4, 4, 4, 12] | [10, 8, 4, 4, 4, 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_lead_to_their_rooms() {
        let id = "11111111-1111-4111-8111-111111111111";
        for (name, expected) in [
            (format!("arn:aws:identitystore:::user/{id}"), Some(format!("/console/people/{id}"))),
            (format!("arn:aws:identitystore:::group/{id}"), Some(format!("/console/groups/{id}"))),
            (id.to_owned(), Some(format!("/console/people/{id}"))),
            (
                "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef".to_owned(),
                Some("/console/permission-sets/ps-1234567890abcdef".to_owned()),
            ),
            (
                "arn:aws:organizations::111122223333:account/o-abc/222233334444".to_owned(),
                Some("/console/accounts/222233334444".to_owned()),
            ),
            ("arn:aws:s3:::bucket".to_owned(), None),
            ("AKIAIOSFODNN7EXAMPLE".to_owned(), None),
        ] {
            assert_eq!(page(&name), expected, "{name}");
        }
        assert_eq!(
            page_of_member("targetId", "222233334444").as_deref(),
            Some("/console/accounts/222233334444")
        );
        assert_eq!(page_of_member("name", id), None);
    }

    #[test]
    fn a_role_is_called_as_its_permission_set() {
        assert_eq!(permission_set_of("AWSReservedSSO_Power_User_0123456789abcdef"), "Power_User");
        assert_eq!(permission_set_of("deploy"), "deploy");
    }

    #[test]
    fn the_last_part_is_short() {
        assert_eq!(short("arn:aws:iam::111122223333:root"), "root");
        assert_eq!(short("plain"), "plain");
    }
}
