//! Addresses as people and machines write them: one reading, or none.

use std::net::IpAddr;

use http::Uri;
use outbound::address::Address;
use outbound::flaw::Flaw;
use proptest::prelude::*;

fn flaw(text: &str) -> Flaw {
    match Address::parse(text) {
        Err(flaw) => flaw,
        Ok(address) => panic!("{text:?} was taken as {address:?}"),
    }
}

#[test]
fn what_everybody_reads_alike_is_taken() {
    for (text, place, host) in [
        ("https://idp.example", "idp.example:443", "idp.example"),
        ("https://idp.example/", "idp.example:443", "idp.example"),
        ("https://idp.example?x=1", "idp.example:443", "idp.example"),
        ("HTTPS://IDP.Example:8443/a?b=c&d=%20", "idp.example:8443", "idp.example"),
        ("https://idp.example:443/a", "idp.example:443", "idp.example"),
        ("http://10.0.0.1", "10.0.0.1:80", "10.0.0.1"),
        ("https://[2001:db8::1]:8443/a", "[2001:db8::1]:8443", "2001:db8::1"),
        ("https://idp/a@b:c", "idp:443", "idp"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example:443", "xn--bcher-kva.example"),
        ("https://my_idp.example/", "my_idp.example:443", "my_idp.example"),
        ("https://idp.example:1/", "idp.example:1", "idp.example"),
        ("https://idp.example:65535/", "idp.example:65535", "idp.example"),
    ] {
        let address = Address::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"));
        assert_eq!((address.place().as_str(), address.host().as_str()), (place, host), "{text}");
    }
}

#[test]
fn ssrf_spellings_of_addresses_that_only_some_read_are_refused() {
    // What inet_aton, browsers or proxies take for 127.0.0.1, 169.254.169.254 or 10.0.0.1.
    for text in [
        "https://0x7f.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://127.0.0.256/",
        "https://1.2.3.4.5/",
        "https://0/",
        "https://00000000177.0.0.1/",
        "https://169.254.43518/",
        "https://0xA9FEA9FE/",
        "https://2852039166/",
        "https://%31%32%37.0.0.1/",
        "https://127%2e0.0.1/",
        "https://[::]:80]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[0000::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.x]/",
        "https://idp.example.0x7f/",
        "https://idp.example.1/",
        "https://1e3.0x/",
    ] {
        let said = flaw(text);
        assert!(
            matches!(
                said,
                Flaw::Spelling(_) | Flaw::Host | Flaw::Unreadable(_) | Flaw::DotAtEnd | Flaw::Port
            ),
            "{text}: {said:?}"
        );
    }
    assert_eq!(flaw("https://0x7f.1/"), Flaw::Spelling("127.0.0.1".to_owned()));
    assert!(flaw("https://2130706433/").to_string().contains("127.0.0.1"), "it says what it was read as");
}

#[test]
fn ssrf_hosts_that_two_parsers_see_differently_are_refused() {
    for text in [
        "https://idp.example\\@evil.example/",
        "https://evil.example\\.idp.example/",
        "https://idp.example@evil.example/",
        "https://user:password@idp.example/",
        "https://@idp.example/",
        "https://idp.example:80@evil.example/",
        "https://idp.example#@evil.example/",
        "https://idp.example/#",
        "https:///idp.example/",
        "https:/idp.example/",
        "https:idp.example",
        "https://",
        "https://:443/",
        "https://?x",
        "https:////idp.example/",
        "//idp.example/",
        "idp.example",
        "ftp://idp.example/",
        "file:///etc/passwd",
        "gopher://idp.example/",
        "jar:https://idp.example/",
        " https://idp.example/",
        "https://idp.example/ ",
        "https://idp .example/",
        "ht\ntps://idp.example/",
        "https://idp\t.example/",
        "https://idp.example/a\r\nHost: evil.example",
        "https://idp.example\u{0}.evil.example/",
        "https://\u{ff11}27.0.0.1/",
        "https://idp\u{3002}example/",
        "https://b\u{fc}cher.example/",
        "https://idp.example\u{ff0f}evil.example/",
        "https://idp.ex\u{ad}ample/",
        "https://idp.example:/",
        "https://idp.example:0/",
        "https://idp.example:65536/",
        "https://idp.example:+443/",
        "https://idp.example:443a/",
        "https://idp.example:443:443/",
        "https://idp.example./",
        "https://idp..example/",
        "https://.idp.example/",
        "https://-idp.example/",
        "https://idp-.example/",
        "https://*.example/",
        "https://idp.example,evil.example/",
        "https://idp;evil/",
        "https://idp.example/<",
        "https://idp.example/?\"",
        "https://idp.example/{id}",
        "https://idp.example/?a|b",
        "https://[::1/",
        "https://::1/",
        "https://[::1]evil.example/",
        "https://[127.0.0.1]/",
        "",
    ] {
        flaw(text);
    }
}

#[test]
fn a_flaw_is_called_by_its_name() {
    for (text, expected) in [
        ("https://user:password@idp.example/", Flaw::UserInfo),
        ("https://@idp.example/", Flaw::UserInfo),
        ("https://idp.example@127.1/", Flaw::UserInfo),
        ("https://idp.example./", Flaw::DotAtEnd),
        ("https://idp.example:0/", Flaw::Port),
        ("https://idp.example:/", Flaw::Port),
        ("https://idp.example/#a", Flaw::Fragment),
        ("idp.example", Flaw::Scheme),
        ("ftp://idp.example", Flaw::Scheme),
        ("https:///a", Flaw::Host),
        ("https://b\u{fc}cher.example/", Flaw::Character('\u{fc}')),
        ("https://idp.example\\a", Flaw::Character('\\')),
    ] {
        assert_eq!(flaw(text), expected, "{text}");
    }
}

#[test]
fn an_address_has_its_bounds() {
    let path = |length: usize| format!("https://idp.example/{}", "a".repeat(length - 20));
    assert!(Address::parse(&path(2_048)).is_ok());
    assert_eq!(flaw(&path(2_049)), Flaw::Length(2_049));
    let label = "a".repeat(63);
    assert!(Address::parse(&format!("https://{label}.example/")).is_ok());
    assert_eq!(flaw(&format!("https://{label}a.example/")), Flaw::Host);
    let name = |length: usize| {
        format!("https://{}{}/", "a.".repeat((length - 1) / 2), if length % 2 == 1 { "a" } else { "aa" })
    };
    assert!(Address::parse(&name(253)).is_ok());
    assert_eq!(flaw(&name(254)), Flaw::Host);
}

#[test]
fn no_sentence_repeats_what_may_be_secret() {
    for text in [
        "https://user:hunter2@idp.example/hunter2?hunter2",
        "https://0x7f.1/hunter2?token=hunter2",
        "https://idp.example/hunter2#hunter2",
        "https://idp.example:hunter2/hunter2",
        "hunter2://hunter2",
    ] {
        let said = flaw(text);
        assert!(
            !said.to_string().contains("hunter2") && !format!("{said:?}").contains("hunter2"),
            "{said:?}"
        );
    }
    let address = Address::parse("https://idp.example/hunter2?token=hunter2").unwrap();
    assert_eq!(format!("{address:?}"), "Address(\"idp.example:443\")");
}

/// Texts that are nearly addresses.
fn nearly() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![8 => Just("https://".to_owned()), 2 => Just("http://".to_owned()), 1 => "[a-z]{0,5}:?/{0,3}"];
    let piece = prop_oneof![
        4 => "[a-z0-9]{1,8}",
        2 => Just(".".to_owned()),
        1 => "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        1 => "\\[[0-9a-f:.]{2,20}\\]",
        1 => "0x[0-9a-f]{1,8}",
        1 => ":[0-9]{0,6}",
        1 => "[/?#@\\\\%\\[\\]:._-]",
        1 => "%[0-9a-fA-F]{2}",
        1 => "\\PC",
        1 => any::<char>().prop_map(String::from),
    ];
    (scheme, prop::collection::vec(piece, 0..8)).prop_map(|(scheme, pieces)| scheme + &pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// A second parser, which shares no code with the first, sees the same host and port; and an address that is one is so in its one spelling.
    #[test]
    fn what_is_taken_another_parser_reads_alike(text in nearly()) {
        let Ok(address) = Address::parse(&text) else { return Ok(()) };
        let uri: Uri = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        prop_assert_eq!(&address.host(), host);
        let usual = if address.is_encrypted() { 443 } else { 80 };
        prop_assert_eq!(address.port(), uri.port_u16().unwrap_or(usual));
        prop_assert_eq!(uri.scheme_str() == Some("https"), address.is_encrypted());
        prop_assert!(!uri.authority().unwrap().as_str().contains('@'));
        if let Ok(literal) = address.host().parse::<IpAddr>() {
            prop_assert_eq!(literal.to_string(), address.host());
        } else {
            let last = host.rsplit('.').next().unwrap_or_default().to_owned();
            // What no resolver takes for a number of inet_aton: 0x7f, 0177 or 2130706433.
            let digits = last.strip_prefix("0x").unwrap_or(&last);
            let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
                || (last.starts_with("0x") && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            prop_assert!(!is_number, "{}", text);
        }
    }

    /// Whatever it is, it is read or refused.
    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        if let Err(flaw) = Address::parse(&text) {
            prop_assert!(!flaw.to_string().is_empty());
        }
    }
}
