//! Where a visitor lands after signing in: only places of our own, from a closed list, so that a link to our sign-in page can never lead
//! anywhere else.

use crate::form::encoded;
use crate::oidc_question;

/// Characters of a place at most.
const LENGTH_MAX: usize = 4_096;

/// `wanted` if it is a place of ours, the portal otherwise.
pub(crate) fn safe(wanted: &str) -> &str {
    let path = wanted.split('?').next().unwrap_or_default();
    let known = matches!(
        path,
        "/start"
            | "/start/keys"
            | "/start/console"
            | "/start/config"
            | "/start/application"
            | "/start/application/test"
            | "/saml/continue"
            | "/security"
            | "/security/add"
            | "/device"
            | "/authorize"
            | "/v1/authorize"
    ) || is_of_console(path)
        || oidc_question::asked_by(path).is_some();
    let plain =
        wanted.len() <= LENGTH_MAX && wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if known && plain { wanted } else { "/start" }
}

/// The address of a page of ours that leads to `back` afterwards, if that is [`safe`].
pub(crate) fn after(page: &str, back: &str) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}return_to={}", encoded(safe(back)))
}

/// Pages of the console are below one path, in plain words and ids.
fn is_of_console(path: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
    path.strip_prefix("/console").is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('/')) && rest.chars().all(plain) && !rest.contains("//")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_places() {
        for good in [
            "/start",
            "/start?q=x",
            "/security",
            "/security/add?kind=totp",
            "/device?user_code=ABCD-EFGH",
            "/authorize?client_id=x&state=//evil",
            "/v1/authorize?state=//evil",
            "/start/application?id=apl-0123456789abcdef",
            "/saml/continue?q=abc",
            "/oauth2/apl-0123456789abcdef/authorize?client_id=x&state=//evil",
            "/console",
            "/console/people/d-906712c1b4-11?token=x",
        ] {
            assert_eq!(safe(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/start",
            "/start\r\nX: y",
            "/signout",
            "/saml/logout/apl-0123456789abcdef",
            "/oauth2/apl-0123456789abcdef/logout",
            "/oauth2/apl-0123456789abcdef/x/authorize",
            "/oauth2//authorize",
            "/security/sessions",
            "javascript:alert(1)",
            "/start/../x",
            "/consoles",
            "/console/../x",
            "/console//evil.example",
            "/console/%2e%2e/x",
        ] {
            assert_eq!(safe(bad), "/start", "{bad}");
        }
    }
}
