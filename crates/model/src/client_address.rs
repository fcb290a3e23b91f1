//! The caller's address: the connection's peer, or, when the peer is a reverse proxy that the administrator trusts, the last address
//! that proxy vouches for in `X-Forwarded-For`. Anyone else's header is ignored.

use std::net::IpAddr;

/// The address to record, to limit and to show. `forwarded`: the values of every `X-Forwarded-For` header, in order.
pub fn client_address<'h>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'h str>,
    trusted: &[IpAddr],
) -> IpAddr {
    let mut address = peer.to_canonical();
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    // From the nearest hop outwards: each is believed only because the one after it is trusted.
    for hop in hops.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: [u8; 4], forwarded: &str) -> String {
        client_address(peer.into(), std::iter::once(forwarded), &[IpAddr::from([10, 0, 0, 1])]).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_for_its_nearest_stranger() {
        assert_eq!(seen([192, 0, 2, 9], "203.0.113.1"), "192.0.2.9");
        assert_eq!(seen([10, 0, 0, 1], "203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "6.6.6.6, 203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "203.0.113.1, 10.0.0.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "nonsense"), "10.0.0.1");
    }
}
