//! The caller's address: the connection's peer, or, when the peer is a reverse proxy that the administrator trusts, the last address
//! that proxy vouches for in `X-Forwarded-For`. Anyone else's header is ignored.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Whether a request came through our own listener's TLS: the listener says so among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct OverTls(pub bool);

/// The address to record, to limit and to show. `forwarded`: the values of every `X-Forwarded-For` header, in order, byte for byte: a
/// proxy appends its word to whatever the client sent.
pub fn client_address<'h>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'h [u8]>,
    trusted: &[IpAddr],
) -> IpAddr {
    let mut address = peer.to_canonical();
    let hops: Vec<&[u8]> = forwarded.flat_map(|value| value.split(|byte| *byte == b',')).collect();
    // From the nearest hop outwards: each is believed only because the one after it is trusted.
    for hop in hops.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        let Some(next) = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok())
        else {
            break;
        };
        address = next.to_canonical();
    }
    address
}

/// Whether the caller's side of the connection is TLS. For the peer itself, our listener knows (`tls`). A trusted proxy says it in
/// `X-Forwarded-Proto`, and nobody else; where several values stand there, one of them may be the stranger's own, so all must say so.
pub fn is_secure<'h>(
    peer: IpAddr,
    tls: bool,
    mut forwarded_proto: impl Iterator<Item = &'h [u8]>,
    trusted: &[IpAddr],
) -> bool {
    if !trusted.contains(&peer.to_canonical()) {
        return tls;
    }
    let mut said = false;
    let https = |word: &[u8]| word.trim_ascii().eq_ignore_ascii_case(b"https");
    let all = forwarded_proto.all(|value| {
        said = true;
        value.split(|byte| *byte == b',').all(https)
    });
    said && all
}

/// What counts as one source: an IPv4 address, or the /64 that one IPv6 customer commonly has.
pub fn network(address: IpAddr) -> IpAddr {
    networks(address).next().map_or(address, |network| network.address)
}

/// The widest of the [`networks`] around an address: what holds a share of something that is scarce for all.
pub fn site(address: IpAddr) -> IpAddr {
    networks(address).last().map_or(address, |network| network.address)
}

/// A network that holds a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// Its first address.
    pub address: IpAddr,
    /// How many bits of an address name it.
    pub prefix: u8,
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix)
    }
}

/// The networks that a source may have been given whole, the narrowest first: its [`network`], and for IPv6 the /56 and the /48 around it, since a
/// provider gives a customer any of the three (RFC 6177), and who holds a /48 is 65,536 sources.
pub fn networks(address: IpAddr) -> impl Iterator<Item = Network> {
    let address = address.to_canonical();
    let prefixes: &[u8] = if address.is_ipv6() { &[64, 56, 48] } else { &[32] };
    prefixes.iter().map(move |prefix| match address {
        IpAddr::V6(v6) => {
            let host_bits = 128_u32.saturating_sub(u32::from(*prefix));
            let first = v6.to_bits() >> host_bits << host_bits;
            Network { address: Ipv6Addr::from_bits(first).into(), prefix: *prefix }
        }
        IpAddr::V4(_) => Network { address, prefix: *prefix },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: [u8; 4], forwarded: impl AsRef<[u8]>) -> String {
        let forwarded = std::iter::once(forwarded.as_ref());
        client_address(peer.into(), forwarded, &[IpAddr::from([10, 0, 0, 1])]).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_for_its_nearest_stranger() {
        assert_eq!(seen([192, 0, 2, 9], "203.0.113.1"), "192.0.2.9");
        assert_eq!(seen([10, 0, 0, 1], "203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "6.6.6.6, 203.0.113.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "203.0.113.1, 10.0.0.1"), "203.0.113.1");
        assert_eq!(seen([10, 0, 0, 1], "nonsense"), "10.0.0.1");
        assert_eq!(
            seen([10, 0, 0, 1], b"\xff, 203.0.113.1"),
            "203.0.113.1",
            "whatever the stranger began with"
        );
        assert_eq!(seen([10, 0, 0, 1], b"203.0.113.1, \xff"), "10.0.0.1");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_tls() {
        let secure = |peer: [u8; 4], tls, said: &[&str]| {
            let said = said.iter().map(|value| value.as_bytes());
            is_secure(peer.into(), tls, said, &[IpAddr::from([10, 0, 0, 1])])
        };
        let (stranger, proxy) = ([192, 0, 2, 9], [10, 0, 0, 1]);
        for (peer, tls, said, want) in [
            (stranger, true, &[][..], true),
            (stranger, false, &["https"], false),
            (stranger, true, &["http"], true),
            (proxy, false, &["https"], true),
            (proxy, false, &["HTTPS, https"], true),
            (proxy, true, &[], false),
            (proxy, true, &["http"], false),
            (proxy, false, &["https, http"], false),
            (proxy, false, &["https", "http"], false),
            (proxy, false, &[""], false),
        ] {
            assert_eq!(secure(peer, tls, said), want, "{peer:?} {tls} {said:?}");
        }
    }

    #[test]
    fn an_ipv6_customer_is_one_source() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_source_is_counted_with_all_that_a_customer_may_have_been_given() {
        let of = |text: &str| {
            networks(text.parse().unwrap()).map(|network| network.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            of("2001:db8:1:2345::1"),
            ["2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]
        );
        assert_eq!(of("192.0.2.1"), ["192.0.2.1/32"]);
        assert_eq!(of("::ffff:192.0.2.1"), ["192.0.2.1/32"]);
    }
}
