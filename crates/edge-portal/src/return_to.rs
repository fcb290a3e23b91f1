//! Where a visitor lands after signing in: only places of our own, from a closed list, so that a link to our sign-in page can never lead
//! anywhere else.

/// Characters of a place at most.
const LENGTH_MAX: usize = 4_096;

/// `wanted` if it is a place of ours, the portal otherwise.
pub(crate) fn safe(wanted: &str) -> &str {
    let path = wanted.split('?').next().unwrap_or_default();
    let known = matches!(
        path,
        "/start"
            | "/start/keys"
            | "/start/config"
            | "/security"
            | "/security/add"
            | "/device"
            | "/authorize"
            | "/v1/authorize"
    );
    let plain =
        wanted.len() <= LENGTH_MAX && wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if known && plain { wanted } else { "/start" }
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
            "/security/sessions",
            "javascript:alert(1)",
            "/start/../x",
        ] {
            assert_eq!(safe(bad), "/start", "{bad}");
        }
    }
}
