//! The servers of a domain, as DNS names them: `_ldap._tcp.dc._msdcs` for domain controllers (MS-ADTS §6.3.2.3), `_ldap._tcp` for others. DNS proves
//! nothing, so only machines whose names are within the domain count: whoever forges a record must also have a certificate for such a name.

use ldap::schema::Schema;

use crate::address::host_name;
use crate::client::Outbound;
use crate::failure::Why as LinkWhy;
use crate::ldap::failure::{Failure, Why};
use crate::ldap::settings::{SERVERS_MAX, Security, Server};
use crate::saying::short;

/// The servers of a domain, in the order in which they are to be tried: at most as many as a directory may have. Over TLS they are asked at 636, whatever port
/// is named: Active Directory names only the other one.
pub async fn servers(
    outbound: &Outbound,
    domain: &str,
    schema: Schema,
    security: Security,
) -> Result<Vec<Server>, Failure> {
    let failed = |why: LinkWhy| Failure { server: Some(short(domain)), why: Why::Link(why) };
    let domain = host_name(domain).map_err(|flaw| failed(LinkWhy::Address(flaw)))?;
    let names = match schema {
        Schema::ActiveDirectory => {
            vec![format!("_ldap._tcp.dc._msdcs.{domain}"), format!("_ldap._tcp.{domain}")]
        }
        Schema::OpenLdap | Schema::Ds389 => vec![format!("_ldap._tcp.{domain}")],
    };
    let within = format!(".{domain}");
    for name in names {
        let found = outbound.terms().services.find(&name).await;
        let found = found.map_err(|error| failed(LinkWhy::Resolve(short(&error.to_string()))))?;
        let servers: Vec<Server> = found
            .iter()
            .filter(|service| service.host.ends_with(&within) || service.host == domain)
            .filter_map(|service| {
                let text = match security {
                    Security::Tls => format!("ldaps://{}", service.host),
                    Security::StartTls => format!("ldap://{}:{}", service.host, service.port),
                };
                Server::parse(&text).ok()
            })
            .take(SERVERS_MAX)
            .collect();
        if !servers.is_empty() {
            return Ok(servers);
        }
    }
    Err(failed(LinkWhy::NoAddress))
}
