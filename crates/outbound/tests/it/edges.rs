//! Addresses of the network, at the edges of every range and in between: as IANA's registries have them, and as the standard library does where it
//! has an opinion that is stable.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use outbound::ranges::{Range, range_of};
use proptest::prelude::*;

/// First and last of each range of IPv4, and what is beside it.
const V4: &[(&str, &str, Range)] = &[
    ("0.0.0.0", "0.255.255.255", Range::Unspecified),
    ("10.0.0.0", "10.255.255.255", Range::Private),
    ("100.64.0.0", "100.100.100.199", Range::Shared),
    ("100.100.100.200", "100.100.100.200", Range::CloudMetadata),
    ("100.100.100.201", "100.127.255.255", Range::Shared),
    ("127.0.0.0", "127.255.255.255", Range::Loopback),
    ("168.63.129.16", "168.63.129.16", Range::CloudMetadata),
    ("169.254.0.0", "169.254.255.255", Range::LinkLocal),
    ("172.16.0.0", "172.31.255.255", Range::Private),
    ("192.0.0.0", "192.0.0.255", Range::Reserved),
    ("192.0.2.0", "192.0.2.255", Range::Documentation),
    ("192.88.99.0", "192.88.99.255", Range::Tunnel),
    ("192.168.0.0", "192.168.255.255", Range::Private),
    ("198.18.0.0", "198.19.255.255", Range::Benchmarking),
    ("198.51.100.0", "198.51.100.255", Range::Documentation),
    ("203.0.113.0", "203.0.113.255", Range::Documentation),
    ("224.0.0.0", "239.255.255.255", Range::Multicast),
    ("240.0.0.0", "255.255.255.254", Range::Reserved),
    ("255.255.255.255", "255.255.255.255", Range::Multicast),
];

fn v4(text: &str) -> u32 {
    text.parse::<Ipv4Addr>().unwrap().to_bits()
}

/// The same as numbers.
static BOUNDS: LazyLock<Vec<(u32, u32, Range)>> =
    LazyLock::new(|| V4.iter().map(|(first, last, range)| (v4(first), v4(last), *range)).collect());

/// What is expected, by comparing numbers, which shares nothing with prefixes.
fn expected_v4(address: Ipv4Addr) -> Option<Range> {
    let bits = address.to_bits();
    BOUNDS.iter().find(|(first, last, _)| (*first..=*last).contains(&bits)).map(|(_, _, range)| *range)
}

#[test]
fn ssrf_every_range_of_ipv4_begins_and_ends_where_the_registry_says() {
    for (first, last, _) in V4 {
        for bits in [v4(first).wrapping_sub(1), v4(first), v4(last), v4(last).wrapping_add(1)] {
            let address = Ipv4Addr::from_bits(bits);
            assert_eq!(range_of(address.into()), expected_v4(address), "{address}");
        }
    }
    // Each block of 256 addresses there is, by its first and its last.
    for block in 0..=0x00ff_ffff_u32 {
        for bits in [block << 8, block << 8 | 0xff] {
            let address = Ipv4Addr::from_bits(bits);
            assert_eq!(range_of(address.into()), expected_v4(address), "{address}");
        }
    }
}

#[test]
fn ssrf_ipv6_is_refused_unless_it_is_given_out_and_plain() {
    for (text, range) in [
        ("::", Some(Range::Unspecified)),
        ("::1", Some(Range::Loopback)),
        ("::2", Some(Range::WrappedIpv4)),
        ("::7f00:1", Some(Range::WrappedIpv4)),
        ("::ffff:127.0.0.1", Some(Range::WrappedIpv4)),
        ("::ffff:8.8.8.8", Some(Range::WrappedIpv4)),
        ("::ffff:0:127.0.0.1", Some(Range::WrappedIpv4)),
        ("64:ff9b::127.0.0.1", Some(Range::Loopback)),
        ("64:ff9b::10.0.0.1", Some(Range::Private)),
        ("64:ff9b::169.254.169.254", Some(Range::LinkLocal)),
        ("64:ff9b::224.0.0.1", Some(Range::Multicast)),
        ("64:ff9b::8.8.8.8", None),
        ("64:ff9b:0:0:0:1:808:808", Some(Range::Reserved)),
        ("64:ff9b:1::8.8.8.8", Some(Range::WrappedIpv4)),
        ("64:ff9b:2::8.8.8.8", Some(Range::Reserved)),
        ("100::1", Some(Range::Reserved)),
        ("1fff:ffff::", Some(Range::Reserved)),
        ("2000::1", None),
        ("2001::1", Some(Range::Tunnel)),
        ("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Some(Range::Tunnel)),
        ("2001:1::1", Some(Range::Reserved)),
        ("2001:2::1", Some(Range::Benchmarking)),
        ("2001:2:1::1", Some(Range::Reserved)),
        ("2001:20::1", Some(Range::Reserved)),
        ("2001:1ff:ffff::", Some(Range::Reserved)),
        ("2001:200::", None),
        ("2001:db7:ffff:ffff::", None),
        ("2001:db8::1", Some(Range::Documentation)),
        ("2001:db9::", None),
        ("2001:4860:4860::8888", None),
        ("2002:7f00:1::1", Some(Range::Tunnel)),
        ("2002:808:808::1", Some(Range::Tunnel)),
        ("2003::1", None),
        ("2606:4700::1111", None),
        ("3ffe:ffff::", None),
        ("3fff::1", Some(Range::Documentation)),
        ("3fff:fff:ffff::", Some(Range::Documentation)),
        ("3fff:1000::", None),
        ("4000::", Some(Range::Reserved)),
        ("5f00::1", Some(Range::Reserved)),
        ("fbff::1", Some(Range::Reserved)),
        ("fc00::1", Some(Range::Private)),
        ("fd00:ec1::254", Some(Range::Private)),
        ("fd00:ec2::254", Some(Range::CloudMetadata)),
        ("fd20:ce::254", Some(Range::CloudMetadata)),
        ("fdff:ffff::", Some(Range::Private)),
        ("fe00::1", Some(Range::Reserved)),
        ("fe80::1", Some(Range::LinkLocal)),
        ("febf:ffff::1", Some(Range::LinkLocal)),
        ("fec0::1", Some(Range::LinkLocal)),
        ("feff:ffff::1", Some(Range::LinkLocal)),
        ("ff00::", Some(Range::Multicast)),
        ("ff02::1", Some(Range::Multicast)),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(Range::Multicast)),
    ] {
        assert_eq!(range_of(text.parse().unwrap()), range, "{text}");
    }
}

/// What the standard library says of an address, where it says so without a feature.
fn by_std(address: IpAddr) -> Option<Range> {
    let private = match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let is_v4 = |judge: fn(&Ipv4Addr) -> bool| matches!(address, IpAddr::V4(address) if judge(&address));
    if address.is_loopback() {
        Some(Range::Loopback)
    } else if address.is_unspecified() {
        Some(Range::Unspecified)
    } else if address.is_multicast() || is_v4(Ipv4Addr::is_broadcast) {
        Some(Range::Multicast)
    } else if is_v4(Ipv4Addr::is_documentation) {
        Some(Range::Documentation)
    } else if private {
        Some(Range::Private)
    } else if link_local {
        Some(Range::LinkLocal)
    } else {
        None
    }
}

fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
    let near = (0..V4.len(), any::<bool>(), -2_i64..=2).prop_map(|(at, is_first, step)| {
        let edge = if is_first { V4[at].0 } else { V4[at].1 };
        Ipv4Addr::from_bits(v4(edge).wrapping_add_signed(i32::try_from(step).unwrap()))
    });
    prop_oneof![any::<u32>().prop_map(Ipv4Addr::from_bits), near]
}

fn any_v6() -> impl Strategy<Value = Ipv6Addr> {
    let beginnings = prop::sample::select(vec![
        [0, 0],
        [0x64, 0xff9b],
        [0x2001, 0],
        [0x2001, 0xdb8],
        [0x2002, 0],
        [0x3fff, 0],
        [0xfc00, 0],
        [0xfd00, 0xec2],
        [0xfe80, 0],
        [0xfec0, 0],
        [0xff02, 0],
    ]);
    let begun =
        (beginnings, any::<[u16; 8]>(), any::<[bool; 8]>()).prop_map(|([first, second], rest, kept)| {
            let mut segments: [u16; 8] = std::array::from_fn(|at| if kept[at] { rest[at] } else { 0 });
            (segments[0], segments[1]) = (first, second);
            Ipv6Addr::from(segments)
        });
    prop_oneof![any::<u128>().prop_map(Ipv6Addr::from_bits), begun]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn ssrf_ipv4_is_judged_as_the_standard_library_does(address in any_v4()) {
        prop_assert_eq!(range_of(address.into()), expected_v4(address));
        if let Some(range) = by_std(address.into()) {
            prop_assert_eq!(range_of(address.into()), Some(range));
        }
    }

    #[test]
    fn ssrf_ipv6_is_judged_as_the_standard_library_does(address in any_v6()) {
        let judged = range_of(address.into());
        match by_std(address.into()) {
            // The library does not know where clouds keep keys.
            Some(Range::Private) => prop_assert!(matches!(judged, Some(Range::Private | Range::CloudMetadata))),
            Some(range) => prop_assert_eq!(judged, Some(range)),
            None => {}
        }
        if address.to_ipv4().is_some() && !address.is_loopback() && !address.is_unspecified() {
            prop_assert_eq!(judged, Some(Range::WrappedIpv4));
        }
        // What is let through is given out by IANA, or is IPv4 that is let through.
        if judged.is_none() {
            let [first, second, ..] = address.segments();
            prop_assert!(first >> 13 == 1 || (first, second) == (0x64, 0xff9b));
        }
    }

    /// However it is wrapped, an address of IPv4 that is refused is refused.
    #[test]
    fn ssrf_wrapped_ipv4_is_no_better_than_what_it_wraps(address in any_v4()) {
        let [high, low] = [address.to_bits() >> 16, address.to_bits() & 0xffff].map(|half| u16::try_from(half).unwrap());
        let translated = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low);
        prop_assert_eq!(range_of(translated.into()), range_of(address.into()));
        for wrapped in [
            address.to_ipv6_mapped(),
            address.to_ipv6_compatible(),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low),
        ] {
            prop_assert!(range_of(wrapped.into()).is_some(), "{}", wrapped);
        }
    }
}
