//! What an administrator says of a directory: its servers, whom to trust, as whom to ask, and who of it is meant. Values only.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use ldap::mapping::Mapping;
use ldap::schema::Schema;
use ldap::scope::Scope;
use model::fault::Fault;
use model::secret::Secret;

use crate::address::{Address, host_name};

/// Servers of one directory at most.
pub(crate) const SERVERS_MAX: usize = 10;
/// Bases of one directory at most, and pins.
const BASES_MAX: usize = 50;
const PINS_MAX: usize = 10;
/// How long an answer may be waited for.
const TIMEOUT_MAX: Duration = Duration::from_secs(300);

/// A directory.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The servers, in the order in which they are tried. All of them hold the same entries.
    pub servers: Servers,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// As whom it is asked.
    pub account: Account,
    /// What kind of directory it is.
    pub schema: Schema,
    /// Which attribute becomes what.
    pub mapping: Mapping,
    /// Who is meant.
    pub scope: Scope,
    /// How long a connection may take to be made, and each answer to come.
    pub timeout: Duration,
}

/// Where a directory is.
#[derive(Debug, Clone)]
pub enum Servers {
    /// At these servers.
    Named(Vec<Server>),
    /// At those that DNS names for a domain, whenever somebody asks.
    OfDomain {
        /// Its name.
        domain: String,
        /// How connections become safe.
        security: Security,
    },
}

/// A server, and how a connection to it becomes safe.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    address: Address,
    security: Security,
}

/// How a connection becomes safe. There is no other: a password in clear text is everybody's on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// By TLS from the first byte: `ldaps://`.
    Tls,
    /// By TLS once it was asked for: `ldap://`.
    StartTls,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The authorities of this system, and those of `outbound.ca_files`.
    pub system: bool,
    /// Authorities in PEM, for this directory alone.
    pub authorities: Option<String>,
    /// SHA-256 of certificates that are believed as they are, whoever issued them and for whatever name. Where there are some, no other is.
    pub pins: Vec<[u8; 32]>,
}

/// As whom the directory is asked.
#[derive(Debug, Clone)]
pub enum Account {
    /// By name (a distinguished name; in Active Directory also `reader@example.com`) and password.
    Simple {
        /// Who.
        name: String,
        /// With what.
        password: Secret,
    },
    /// As whom a certificate names (SASL EXTERNAL).
    Certificate {
        /// The certificate and those above it, in PEM.
        chain: String,
        /// Its key, in PEM.
        key: Secret,
    },
}

impl Servers {
    /// What tells them from others, in one text.
    pub(crate) fn mark(&self) -> String {
        match self {
            Self::Named(servers) => servers.iter().map(Server::place).collect::<Vec<_>>().join(" "),
            Self::OfDomain { domain, .. } => format!("DNS {}", domain.to_ascii_lowercase()),
        }
    }
}

impl Server {
    /// From `ldaps://dc1.example.com`, `ldap://dc1.example.com:3389`. Behind the host there is nothing but a port.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refused = |why: String| Fault::validation(format!("the server {text:?} cannot be used: {why}"));
        let lower = text.to_ascii_lowercase();
        let (security, port) = if lower.starts_with("ldaps://") {
            (Security::Tls, 636)
        } else if lower.starts_with("ldap://") {
            (Security::StartTls, 389)
        } else {
            return Err(refused("it must begin with ldaps:// or ldap:// (which uses StartTLS)".to_owned()));
        };
        let (_, place) = text.split_once("://").unwrap_or_default();
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains(['/', '?']) {
            return Err(refused("behind its host and port there must be nothing".to_owned()));
        }
        // With a colon that is not within the brackets of an IPv6 address there is a port.
        let has_port = place.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
        let place = if has_port { place.to_owned() } else { format!("{place}:{port}") };
        let address =
            Address::parse(&format!("https://{place}")).map_err(|flaw| refused(flaw.to_string()))?;
        Ok(Self { address, security })
    }

    /// Its host and port.
    pub fn place(&self) -> String {
        self.address.place()
    }

    /// How it becomes safe.
    pub fn security(&self) -> Security {
        self.security
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::Tls => "ldaps",
            Security::StartTls => "ldap",
        };
        write!(out, "{scheme}://{}", self.address.place())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let refused = |why: String| Err(Fault::validation(why));
        let count = |what: &str, is: usize, min: usize, max: usize| {
            if (min..=max).contains(&is) {
                Ok(())
            } else {
                Err(Fault::validation(format!("the directory has {is} {what}: it must have {min} to {max}")))
            }
        };
        match &self.servers {
            Servers::Named(servers) => count("servers", servers.len(), 1, SERVERS_MAX)?,
            Servers::OfDomain { domain, .. } => {
                if let Err(flaw) = host_name(domain) {
                    return refused(format!("the domain {domain:?} of the directory cannot be used: {flaw}"));
                }
            }
        }
        count("bases of people", self.scope.people.len(), 1, BASES_MAX)?;
        count("bases of groups", self.scope.groups.len(), 0, BASES_MAX)?;
        count("pinned certificates", self.trust.pins.len(), 0, PINS_MAX)?;
        if let Account::Simple { name, password } = &self.account
            && (name.is_empty() || password.expose().is_empty())
        {
            return refused("the account of the directory needs a name and a password".to_owned());
        }
        if self.timeout.is_zero() || self.timeout > TIMEOUT_MAX {
            let (is, max) = (self.timeout.as_secs_f64(), TIMEOUT_MAX.as_secs());
            return refused(format!(
                "the timeout of the directory is {is} seconds: it must be more than 0 and at most {max}"
            ));
        }
        if self.schema == Schema::ActiveDirectory
            && !self.mapping.id.as_str().eq_ignore_ascii_case("objectGUID")
        {
            let is = &self.mapping.id;
            return refused(format!(
                "the stable identifier in Active Directory must be objectGUID, which its deleted entries keep, not {is}"
            ));
        }
        if self.mapping.user_name.is_empty() || self.mapping.group_name.is_empty() {
            return refused("the mapping must say what user names and names of groups are".to_owned());
        }
        Ok(())
    }

    /// A mark of what is read and how: with other bases, filters or attributes a cursor would lie.
    pub(crate) fn mark(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        let mut add = |text: &str| {
            context.update(&text.len().to_be_bytes());
            context.update(text.as_bytes());
        };
        add(self.schema.as_str());
        for base in self.scope.people_bases() {
            add(base.key());
        }
        add("groups");
        for base in self.scope.group_bases() {
            add(base.key());
        }
        add(&self.scope.people_filter.to_string());
        add(&self.scope.group_filter.to_string());
        add(&format!("{:?}", self.mapping));
        let mut mark = [0; 32];
        mark.copy_from_slice(context.finish().as_ref());
        mark
    }
}
