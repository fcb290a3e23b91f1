//! What an administrator allows although it is not for everybody: hosts by name, and networks. A network stands for addresses, wherever they come
//! from; a name stands for a host, which may then live in a private network and be asked without TLS.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use model::fault::Fault;

use crate::address::{Named, host_name};
use crate::ranges::{Allowance, Range, holds_v4, holds_v6};

/// The setting, as messages name it.
pub(crate) const SETTING: &str = "outbound.allow";
/// Entries at most: each address of each request is held against all of them.
const ENTRIES_MAX: usize = 1_000;
/// The shortest prefixes: those of the widest ranges that are refused. Whoever allows more means to have no guard at all.
const PREFIX_V4_MIN: u8 = 8;
const PREFIX_V6_MIN: u8 = 7;

/// Hosts and networks that are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    hosts: BTreeSet<String>,
    networks: Vec<Network>,
}

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Allowed {
    /// From entries such as `idp.internal.example`, `10.2.0.5` and `10.2.0.0/16`. An address alone is both: a host by that name, and a network of one.
    pub fn parse<I>(entries: I) -> Result<Self, Fault>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut allowed = Self::default();
        for (at, entry) in entries.into_iter().enumerate() {
            if at >= ENTRIES_MAX {
                return Err(Fault::validation(format!("{SETTING} has more than {ENTRIES_MAX} entries")));
            }
            allowed.add(entry.as_ref())?;
        }
        Ok(allowed)
    }

    fn add(&mut self, entry: &str) -> Result<(), Fault> {
        let refused = |why: &str| Fault::validation(format!("{SETTING}: {entry:?} {why}"));
        if let Some((base, prefix)) = entry.split_once('/') {
            let base = base.parse().map_err(|_| refused("is no network: it must be like 10.2.0.0/16"))?;
            let prefix = number(prefix).ok_or_else(|| refused("has no number of bits behind the slash"))?;
            self.networks.push(Network::checked(base, prefix).map_err(|why| refused(&why))?);
            return Ok(());
        }
        if let Ok(base) = entry.parse::<IpAddr>() {
            self.hosts.insert(base.to_string());
            let prefix = if base.is_ipv4() { 32 } else { 128 };
            self.networks.push(Network { base, prefix });
            return Ok(());
        }
        let name = host_name(entry).map_err(|_| {
            refused(
                "is neither a host's name (idp.internal.example, without https://, port or *) nor an address nor a network (10.2.0.0/16)",
            )
        })?;
        self.hosts.insert(name);
        Ok(())
    }

    /// Whether a host is allowed by its name, or by its address where that is how it is called.
    pub(crate) fn names(&self, host: &Named) -> bool {
        match host {
            Named::Name(name) => self.hosts.contains(name),
            Named::Literal(address) => self.hosts.contains(&address.to_string()),
        }
    }

    /// Whether an address of a range is allowed for a host.
    pub(crate) fn admits(&self, host: &Named, address: IpAddr, range: Range) -> bool {
        let by_network = || self.networks.iter().any(|network| network.holds(address));
        match range.allowance() {
            Allowance::Name => self.names(host) || by_network(),
            Allowance::Network => by_network(),
            Allowance::Nothing => false,
        }
    }
}

impl Network {
    fn checked(base: IpAddr, prefix: u8) -> Result<Self, String> {
        let (min, max, rest) = match base {
            IpAddr::V4(base) => {
                (PREFIX_V4_MIN, 32, base.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0)
            }
            IpAddr::V6(base) => {
                (PREFIX_V6_MIN, 128, base.to_bits().checked_shl(prefix.into()).unwrap_or(0) != 0)
            }
        };
        if !(min..=max).contains(&prefix) {
            return Err(format!("has {prefix} bits behind the slash: it must be {min} to {max}"));
        }
        if rest {
            return Err(format!(
                "names a machine in a network: behind the first {prefix} bits all must be 0"
            ));
        }
        Ok(Self { base, prefix })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => holds_v4(base, self.prefix, address),
            (IpAddr::V6(base), IpAddr::V6(address)) => holds_v6(base, self.prefix, address),
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.base, self.prefix)
    }
}

/// Digits only: `parse` would take a plus as well.
fn number(digits: &str) -> Option<u8> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
