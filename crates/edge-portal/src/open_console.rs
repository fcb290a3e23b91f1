//! `/start/console`: where AWS's deep links lead (aws-capabilities §2.2: `{start}/#/console?account_id=…&role_name=…&destination=…`). The script turns what stands behind
//! the `#` into this address, which needs no script and survives a sign-in. The account that the instance belongs to has a console here; of the others it is said
//! that they have none.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use model::accounts::account::AccountId;
use model::fault::{Fault, FaultKind};
use model::saying::Saying;

use crate::form::encoded;
use crate::listing::has_console;
use crate::message::{fault, no_console};
use crate::portal::Portal;
use crate::start::own_access;
use crate::visitor::Visitor;
use crate::{form, headers, sign_in};

/// The console of the instance.
pub(crate) const CONSOLE: &str = "/console";
/// Characters of a destination at most.
const DESTINATION_MAX: usize = 2_048;

pub(crate) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let visitor = visitor.doing("Federate");
    let raw = query.unwrap_or_default();
    if visitor.session.is_none() {
        return sign_in::first(&portal, &format!("/start/console?{raw}"));
    }
    let pairs = form::pairs(raw.as_bytes()).unwrap_or_default();
    let own = match own_access(&portal, &visitor).await {
        Ok(own) => own,
        Err(refused) => return *refused,
    };
    let field = |name| form::field(&pairs, name).unwrap_or_default();
    let Some((account, role)) = own.role(field("account_id"), field("role_name")) else {
        return fault(&portal, &visitor, &Fault::say(FaultKind::Forbidden, Saying::NoSuchRole));
    };
    visitor.saw(&portal, "Federate");
    if has_console(&portal, &account.id) {
        return headers::redirect(destination(field("destination")), portal.is_secure());
    }
    let keys = keys_address(&account.id, &role.name);
    no_console(&portal, &visitor, (&account.name, &keys))
}

/// The page of a role's keys.
pub(crate) fn keys_address(account: &AccountId, role: &str) -> String {
    format!("/start/keys?account={account}&role={}", encoded(role))
}

/// A place at the console, or the console where `wanted` is none: a link from elsewhere leads nowhere else.
fn destination(wanted: &str) -> &str {
    let path = wanted.split(['?', '#']).next().unwrap_or_default();
    let is_below = path.strip_prefix(CONSOLE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_plain = wanted.len() <= DESTINATION_MAX
        && wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !path.split('/').any(|part| part == "." || part == ".." || part.contains('%'));
    if is_below && is_plain { wanted } else { CONSOLE }
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn a_destination_is_a_place_at_the_console() {
        for good in ["/console", "/console/users", "/console/users?q=x", "/console#top", "/console/a/b?x=//y"]
        {
            assert_eq!(destination(good), good);
        }
        for bad in [
            "",
            "/consoles",
            "/console/../start",
            "/console/%2e%2e/start",
            "/console/./x",
            "//console",
            "https://console.aws.amazon.com/s3/home",
            "/console/x\r\nX: y",
            "/console\\@evil.example",
            "/start",
            "javascript:alert(1)",
        ] {
            assert_eq!(destination(bad), "/console", "{bad}");
        }
    }
}
