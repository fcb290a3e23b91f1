//! Ids, ARNs, page tokens, policies' patterns and addresses of callers: what is read is what was written.

use std::net::{IpAddr, Ipv4Addr};

use model::accounts::account::AccountId;
use model::accounts::permission_set::PermissionSetArn;
use model::client_address::client_address;
use model::directory::group::GroupId;
use model::directory::identity_store::IdentityStoreId;
use model::directory::membership::MembershipId;
use model::directory::user::UserId;
use model::instances::instance::InstanceId;
use model::page::PageScope;
use policy::variable::Template;
use policy::wildcard::{matches, matches_any_case, pattern};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for read in [
        AccountId::parse(text).map(|id| id.to_string()),
        GroupId::parse(text).map(|id| id.to_string()),
        IdentityStoreId::parse(text).map(|id| id.to_string()),
        InstanceId::parse(text).map(|id| id.to_string()),
        MembershipId::parse(text).map(|id| id.to_string()),
        UserId::parse(text).map(|id| id.to_string()),
    ]
    .into_iter()
    .flatten()
    {
        assert_eq!(read, text);
    }
    if let Some(arn) = PermissionSetArn::parse(text) {
        assert_eq!(arn.to_string(), text);
    }
    tokens(text);
    patterns(text);
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    client_address(loopback, text.split('\n').map(str::as_bytes), &[loopback]);
}

/// A token that is read is one that would be given; whatever a key is, it comes back, if a key can be it.
fn tokens(text: &str) {
    let scope = PageScope::new("ListUsers", &["d-1234567890"]);
    if let Ok(request) = scope.request(None, Some(text), 100)
        && let Some(after) = request.after
    {
        assert_eq!(scope.encode(&after), text);
    }
    let request = scope.request(None, Some(&scope.encode(text)), 100);
    let key = Some(text).filter(|text| !text.contains('\0'));
    assert_eq!(request.ok().and_then(|request| request.after).as_deref(), key);
}

fn patterns(text: &str) {
    let (wild, given) = text.split_once('\n').unwrap_or((text, text));
    let globs = pattern(wild);
    let exact = matches(&globs, given);
    assert!(!exact || matches_any_case(&globs, given), "a match that knows case is one that does not");
    if !wild.contains(['*', '?']) {
        assert_eq!(exact, wild == given);
    }
    if let Ok(template) = Template::read(wild, true) {
        assert_eq!(template.source(), wild);
        template.expand(&[("aws:username".to_owned(), vec![given.to_owned()])].into());
    }
}
