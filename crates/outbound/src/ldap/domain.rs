//! By what name people of a domain are called before a backslash: `EXAMPLE\jane` is of the domain whose NetBIOS name that is (MS-ADTS §6.1.1.2.1.1).

use ldap::filter::Filter;
use ldap::request::{Depth, Search};

use crate::ldap::asking;
use crate::ldap::failure::Why;
use crate::ldap::root::Root;
use crate::ldap::session::Session;

/// Whether a domain is called so: by its short name or by its name in DNS. Case does not count.
pub(crate) async fn is_called(session: &mut Session, name: &str) -> Result<bool, Why> {
    let root = Root::read(session).await?;
    let (Some(domain), Some(configuration)) = (root.domain(), root.configuration()) else { return Ok(false) };
    if domain.dns_domain().is_some_and(|dns| dns.eq_ignore_ascii_case(name)) {
        return Ok(true);
    }
    let search = Search {
        base: format!("CN=Partitions,{configuration}"),
        depth: Depth::One,
        filter: Filter::equals(&asking::name("nCName")?, domain.as_str()),
        attributes: vec!["nETBIOSName".to_owned()],
        entries_max: 2,
        seconds_max: 0,
    };
    let found = asking::few(session, &search, &[]).await?;
    Ok(found
        .iter()
        .filter_map(|entry| entry.text("nETBIOSName"))
        .any(|short| short.eq_ignore_ascii_case(name)))
}
