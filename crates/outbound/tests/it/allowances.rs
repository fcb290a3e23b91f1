//! What an administrator may allow, how it must be written, and what it then opens and what not.

use std::path::PathBuf;
use std::time::Duration;

use outbound::allowed::Allowed;
use outbound::client::Outbound;
use outbound::failure::Why;
use outbound::ranges::Range;
use outbound::terms::Terms;

use crate::server::{address, outbound, terms};

#[test]
fn entries_are_names_addresses_and_networks_and_nothing_else() {
    for good in [
        "idp.internal.example",
        "IDP.Internal.Example",
        "localhost",
        "10.2.0.5",
        "10.2.0.0/16",
        "10.0.0.0/8",
        "127.0.0.1/32",
        "::1",
        "fc00::/7",
        "fd12:3456::/32",
        "2001:db8::1/128",
    ] {
        Allowed::parse([good]).unwrap_or_else(|fault| panic!("{good}: {}", fault.message()));
    }
    for (bad, why) in [
        ("", "neither a host's name"),
        ("https://idp.example", "is no network"),
        ("idp.example:8443", "neither a host's name"),
        ("*.example", "neither a host's name"),
        ("idp.example.", "neither a host's name"),
        (" idp.example", "neither a host's name"),
        ("b\u{fc}cher.example", "neither a host's name"),
        ("[::1]", "neither a host's name"),
        ("127.1", "neither a host's name"),
        ("0x7f.1", "neither a host's name"),
        ("2130706433", "neither a host's name"),
        ("10.2.0.0/", "no number of bits"),
        ("10.2.0.0/+8", "no number of bits"),
        ("10.2.0.0/16/16", "no number of bits"),
        ("10.2.0.0/255.255.0.0", "no number of bits"),
        ("10.2.0.0/256", "no number of bits"),
        ("10.2.0.0/33", "8 to 32"),
        ("0.0.0.0/0", "8 to 32"),
        ("0.0.0.0/7", "8 to 32"),
        ("::/0", "7 to 128"),
        ("fc00::/129", "7 to 128"),
        ("10.2.3.4/16", "behind the first 16 bits"),
        ("fd00::1/64", "behind the first 64 bits"),
        ("10.2/16", "is no network"),
        ("idp.example/16", "is no network"),
        ("/", "is no network"),
    ] {
        let fault = Allowed::parse([bad]).unwrap_err();
        assert!(fault.message().contains(why), "{bad:?}: {}", fault.message());
        assert!(fault.message().contains("outbound.allow"), "the setting is named");
    }
    let many: Vec<String> = (0..=1_000).map(|at| format!("idp{at}.example")).collect();
    assert!(Allowed::parse(&many[1..]).is_ok());
    assert!(Allowed::parse(&many).unwrap_err().message().contains("1000 entries"));
}

fn refused(allow: &[&str], url: &str) -> Option<Why> {
    outbound(terms(allow)).admits(&address(url)).err().map(|failure| failure.why)
}

#[test]
fn without_tls_only_a_host_that_is_allowed_by_name_is_asked() {
    assert_eq!(refused(&[], "http://idp.example/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["other.example"], "http://idp.example/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["example"], "http://idp.example/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["idp.example"], "http://x.idp.example/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["IDP.example"], "http://idp.EXAMPLE:8080/"), None);
    assert_eq!(refused(&[], "https://idp.example/"), None);
    // A public address is no exception, nor is one of an allowed network: its name is what allows to do without.
    assert_eq!(refused(&[], "http://8.8.8.8/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["10.0.0.0/8"], "http://10.0.0.1/"), Some(Why::NotEncrypted));
    assert_eq!(refused(&["10.0.0.1"], "http://10.0.0.1/"), None);
    assert_eq!(refused(&["::1"], "http://[::1]:8080/"), None);
    let said =
        outbound(terms(&[])).admits(&address("http://idp.example/secret?secret")).unwrap_err().to_string();
    assert!(said.starts_with("idp.example:80: http:// is not encrypted"), "{said}");
    assert!(said.contains("outbound.allow") && !said.contains("secret"), "{said}");
}

#[test]
fn an_address_is_allowed_by_itself_or_its_network() {
    let is = |url: &str, range: Range| {
        let text = url.trim_start_matches("https://").trim_matches(['[', ']', '/']);
        Some(Why::Refused { address: text.parse().unwrap(), range })
    };
    for (allow, url, range) in [
        (&[][..], "https://10.0.0.1/", Some(Range::Private)),
        (&["10.0.0.0/8"], "https://10.0.0.1/", None),
        (&["10.0.0.1"], "https://10.0.0.1/", None),
        (&["10.0.0.2"], "https://10.0.0.1/", Some(Range::Private)),
        (&["10.1.0.0/16"], "https://10.0.0.1/", Some(Range::Private)),
        (&["fc00::/7"], "https://[fd00::1]/", None),
        (&["fc00::/7"], "https://10.0.0.1/", Some(Range::Private)),
        (&["127.0.0.0/8"], "https://127.1.2.3/", None),
        (&[], "https://[::1]/", Some(Range::Loopback)),
        // Where clouds hand out keys: named as such, not by the way.
        (&["169.254.0.0/16"], "https://169.254.169.254/", None),
        (&["169.254.169.254"], "https://169.254.169.254/", None),
        (&["idp.example"], "https://169.254.169.254/", Some(Range::LinkLocal)),
        // No server is there, whatever is allowed.
        (&["0.0.0.0/8"], "https://0.0.0.0/", Some(Range::Unspecified)),
        (&["224.0.0.0/8"], "https://224.0.0.1/", Some(Range::Multicast)),
        (&["255.255.255.255"], "https://255.255.255.255/", Some(Range::Multicast)),
        (&["::"], "https://[::]/", Some(Range::Unspecified)),
        (&[], "https://8.8.8.8/", None),
        (&[], "https://[2606:4700::1111]/", None),
    ] {
        let expected = range.and_then(|range| is(url, range));
        assert_eq!(refused(allow, url), expected, "{url} where {allow:?} is allowed");
    }
}

#[test]
fn terms_have_bounds_and_their_files_hold_certificates() {
    let refused = |terms: Terms| Outbound::new(terms).unwrap_err().message().to_owned();
    assert!(refused(Terms { timeout: Duration::ZERO, ..terms(&[]) }).contains("is 0 seconds"));
    assert!(refused(Terms { timeout: Duration::from_secs(61), ..terms(&[]) }).contains("at most 60"));
    assert!(refused(Terms { bytes_max: 0, ..terms(&[]) }).contains("is 0 bytes"));
    assert!(refused(Terms { bytes_max: 16 * 1_024 * 1_024 + 1, ..terms(&[]) }).contains("16777216"));
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for path in [
        scratch.path().join("none.pem"),
        scratch.path().to_owned(),
        file("empty.pem", ""),
        file("text.pem", "no certificate"),
        file("broken.pem", broken),
        file("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ] {
        let said = refused(Terms { ca_files: vec![path.clone()], ..terms(&[]) });
        assert!(said.contains("outbound.ca_files") && said.contains(path.to_str().unwrap()), "{said}");
    }
    assert!(Outbound::new(Terms::default()).is_ok());
}
