//! From a name to a connection: the addresses are found once, all of them are judged, and one of them, none else, is connected to. So a name that means
//! another machine a moment later (DNS rebinding) wins nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address::{Address, Named};
use crate::allowed::Allowed;
use crate::deadline::Deadline;
use crate::failure::{Step, Why};
use crate::names::Names;
use crate::ranges::range_of;
use crate::saying::short;

/// Addresses of a host that are tried, one after another.
const TRIED_MAX: usize = 4;
/// How long one of several may stay silent.
const SILENT_MAX: Duration = Duration::from_secs(3);

/// What can be judged of an address before anybody is asked.
pub(crate) fn admit(allowed: &Allowed, address: &Address) -> Result<(), Why> {
    if !address.is_encrypted() && !allowed.names(address.named()) {
        return Err(Why::NotEncrypted);
    }
    match address.named() {
        Named::Literal(literal) => judge(allowed, address.named(), *literal),
        Named::Name(_) => Ok(()),
    }
}

fn judge(allowed: &Allowed, host: &Named, address: IpAddr) -> Result<(), Why> {
    match range_of(address) {
        Some(range) if !allowed.admits(host, address, range) => Err(Why::Refused { address, range }),
        _ => Ok(()),
    }
}

/// The addresses of a host, each of which may be connected to. One that may not refuses them all: no name that is meant for everybody has both.
pub(crate) async fn judged(
    allowed: &Allowed,
    names: &Names,
    address: &Address,
    deadline: &Deadline,
) -> Result<Vec<IpAddr>, Why> {
    admit(allowed, address)?;
    let host = address.named();
    let name = match host {
        Named::Literal(literal) => return Ok(vec![*literal]),
        Named::Name(name) => name,
    };
    let finding = async { names.find(name).await.map_err(|error| Why::Resolve(short(&error.to_string()))) };
    let mut found: Vec<IpAddr> = Vec::new();
    for one in deadline.hold(Step::Resolve, finding).await? {
        judge(allowed, host, one)?;
        if !found.contains(&one) && found.len() < TRIED_MAX {
            found.push(one);
        }
    }
    if found.is_empty() { Err(Why::NoAddress) } else { Ok(found) }
}

/// A connection to the first that takes one. Each has its share of what time is left, so that a silent one leaves some to the others.
pub(crate) async fn connect(addresses: &[IpAddr], port: u16, deadline: &Deadline) -> Result<TcpStream, Why> {
    let mut last = Why::NoAddress;
    for (at, address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len().saturating_sub(at)).unwrap_or(u32::MAX);
        let is_last = others <= 1;
        let share = deadline.left().checked_div(others).unwrap_or_default();
        let place = SocketAddr::new(*address, port);
        let reaching =
            async { TcpStream::connect(place).await.map_err(|error| unreached(place, &error.to_string())) };
        let reached = if is_last {
            deadline.hold(Step::Connect, reaching).await
        } else {
            timeout(share.min(SILENT_MAX), reaching)
                .await
                .unwrap_or_else(|_| Err(unreached(place, "it stays silent")))
        };
        match reached {
            Ok(link) => {
                // Only a matter of speed.
                let _ = link.set_nodelay(true);
                return Ok(link);
            }
            Err(why) => last = why,
        }
    }
    Err(last)
}

fn unreached(place: SocketAddr, said: &str) -> Why {
    Why::Connect(short(&format!("{place}: {said}")))
}
