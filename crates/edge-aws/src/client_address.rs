//! The caller's address: the connection's peer, or, when the peer is a reverse proxy that the administrator trusts, the last address
//! that proxy vouches for in `X-Forwarded-For`. Anyone else's header is ignored.

use std::net::IpAddr;

use http::HeaderMap;

/// The address to record, to limit and to show.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer.to_canonical();
    if !trusted.contains(&address) {
        return address;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    // From the nearest hop outwards: each is believed only because the one after it is trusted.
    for hop in hops.iter().rev() {
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        address = next.to_canonical();
        if !trusted.contains(&address) {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: [u8; 4], forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        client_address(peer.into(), &headers, &[IpAddr::from([10, 0, 0, 1])]).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_for_its_nearest_stranger() {
        assert_eq!(seen([192, 0, 2, 9], "203.0.113.1"), "192.0.2.9");
        assert_eq!(seen([10, 0, 0, 1], "203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "6.6.6.6, 203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "nonsense"), "10.0.0.1");
    }
}
