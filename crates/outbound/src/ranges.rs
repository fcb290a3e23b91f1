//! What an address of the network is for, as IANA's special-purpose registries say (RFC 6890 and what updates it), and whether a server that others are
//! to reach can be there. IPv6 is the other way round: whatever is outside of what IANA gives out (2000::/3) is refused. Knows no names.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is refused unless it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range {
    /// This machine.
    Loopback,
    /// 10/8, 172.16/12, 192.168/16 (RFC 1918), fc00::/7 (RFC 4193).
    Private,
    /// 100.64/10 (RFC 6598): behind a carrier's translation, and inside of some clouds.
    Shared,
    /// 198.18/15, 2001:2::/48: for measuring (RFC 2544, 5180); some networks use it as private.
    Benchmarking,
    /// 169.254/16, fe80::/10 and what they replaced, fec0::/10. Clouds give keys to whoever asks there.
    LinkLocal,
    /// Where clouds serve a machine's own keys outside of the link-local range.
    CloudMetadata,
    /// For examples in text (RFC 5737, 3849, 9637).
    Documentation,
    /// IPv4 wrapped into IPv6 (::ffff:0:0/96, ::/96, ::ffff:0:0:0/96) or translated where nobody knows how (64:ff9b:1::/48).
    WrappedIpv4,
    /// Tunnels through IPv4, 6to4 (RFC 7526 ended it) and Teredo.
    Tunnel,
    /// "This network" and the unspecified address: mostly this machine.
    Unspecified,
    /// Many machines at once, broadcast included.
    Multicast,
    /// Given out to nobody, or to protocols.
    Reserved,
}

/// By what an administrator can allow an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// By the name of the host, or by its network.
    Name,
    /// Only by its network: a name that somebody else could point there must not be enough.
    Network,
    /// By nothing: no server can be there.
    Nothing,
}

impl Range {
    /// What it is, in a few words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Loopback => "this machine itself (loopback)",
            Self::Private => "a private network",
            Self::Shared => "a carrier's or a cloud's shared network (100.64.0.0/10)",
            Self::Benchmarking => "a network for measuring",
            Self::LinkLocal => "link-local, where clouds hand out the keys of a machine",
            Self::CloudMetadata => "where a cloud hands out the keys of a machine",
            Self::Documentation => "for examples in documentation",
            Self::WrappedIpv4 => "an IPv4 address in the clothes of IPv6",
            Self::Tunnel => "a tunnel through IPv4 (6to4 or Teredo)",
            Self::Unspecified => "no address of another machine",
            Self::Multicast => "multicast or broadcast",
            Self::Reserved => "reserved",
        }
    }

    pub(crate) const fn allowance(self) -> Allowance {
        match self {
            Self::Loopback | Self::Private | Self::Shared | Self::Benchmarking => Allowance::Name,
            Self::LinkLocal
            | Self::CloudMetadata
            | Self::Documentation
            | Self::WrappedIpv4
            | Self::Tunnel
            | Self::Reserved => Allowance::Network,
            Self::Unspecified | Self::Multicast => Allowance::Nothing,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.what())
    }
}

/// The first row that holds an address decides.
const V4: &[(Ipv4Addr, u8, Range)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, Range::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Range::Private),
    // Alibaba Cloud's metadata, within the shared range.
    (Ipv4Addr::new(100, 100, 100, 200), 32, Range::CloudMetadata),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Range::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Range::Loopback),
    // Azure's wire server: a public address that answers only from within.
    (Ipv4Addr::new(168, 63, 129, 16), 32, Range::CloudMetadata),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Range::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Range::Private),
    // IETF protocols; Oracle's cloud serves metadata at 192.0.0.192.
    (Ipv4Addr::new(192, 0, 0, 0), 24, Range::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Range::Documentation),
    // The relay of 6to4, ended by RFC 7526.
    (Ipv4Addr::new(192, 88, 99, 0), 24, Range::Tunnel),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Range::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Range::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Range::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Range::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Range::Multicast),
    (Ipv4Addr::BROADCAST, 32, Range::Multicast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Range::Reserved),
];

const V6: &[(Ipv6Addr, u8, Range)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, Range::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Range::Loopback),
    (Ipv6Addr::UNSPECIFIED, 96, Range::WrappedIpv4),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, Range::WrappedIpv4),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Range::WrappedIpv4),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Range::WrappedIpv4),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Range::Tunnel),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Range::Benchmarking),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Range::Reserved),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Range::Documentation),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Range::Tunnel),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Range::Documentation),
    // AWS's and Google's metadata over IPv6, within the unique local range.
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, Range::CloudMetadata),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0), 32, Range::CloudMetadata),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Range::Private),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 9, Range::LinkLocal),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Range::Multicast),
];

/// What IANA gives out of IPv6 (RFC 4291 §2.4).
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// IPv4 as machines that have only IPv6 reach it (RFC 6052 §2.1).
const TRANSLATED: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// The range in which an address is; none where anybody's server may be.
pub fn range_of(address: IpAddr) -> Option<Range> {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Option<Range> {
    V4.iter().find(|(network, prefix, _)| holds_v4(*network, *prefix, address)).map(|(_, _, range)| *range)
}

fn of_v6(address: Ipv6Addr) -> Option<Range> {
    if holds_v6(TRANSLATED.0, TRANSLATED.1, address) {
        let [.., a, b, c, d] = address.octets();
        return of_v4(Ipv4Addr::new(a, b, c, d));
    }
    if let Some((_, _, range)) = V6.iter().find(|(network, prefix, _)| holds_v6(*network, *prefix, address)) {
        return Some(*range);
    }
    (!holds_v6(GLOBAL_V6.0, GLOBAL_V6.1, address)).then_some(Range::Reserved)
}

/// Whether a network holds an address; a longer prefix than there are bits holds nothing.
pub(crate) fn holds_v4(network: Ipv4Addr, prefix: u8, address: Ipv4Addr) -> bool {
    let difference = network.to_bits() ^ address.to_bits();
    prefix <= 32 && difference.leading_zeros() >= u32::from(prefix)
}

/// The same for IPv6.
pub(crate) fn holds_v6(network: Ipv6Addr, prefix: u8, address: Ipv6Addr) -> bool {
    let difference = network.to_bits() ^ address.to_bits();
    prefix <= 128 && difference.leading_zeros() >= u32::from(prefix)
}
