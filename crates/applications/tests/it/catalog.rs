//! The catalog: that each file of the folder is part of the binary and holds, how it is listed and searched, and what must hold of all entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use applications::catalog::{self, Pattern, Protocol, Provider};

/// What a text may say of a person: AWS's, and what is only here.
const TOLD: [&str; 11] = [
    "subject",
    "email",
    "name",
    "givenName",
    "familyName",
    "middleName",
    "preferredUsername",
    "AD_GUID",
    "groups",
    "groupNames",
    "userId",
];

fn all() -> &'static [Provider] {
    catalog::page(None, usize::MAX).unwrap()
}

/// What an administrator could have filled in.
fn example(provider: &Provider) -> BTreeMap<String, String> {
    provider.values.iter().map(|value| (value.name.clone(), value.example.clone())).collect()
}

#[test]
fn every_file_of_the_folder_is_served() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let served: BTreeSet<String> = all().iter().map(|provider| format!("{}.json", provider.name)).collect();
    assert_eq!(files, served, "src/catalog/files.rs does not list what lies in catalog/");
}

#[test]
fn whoever_turns_the_pages_sees_everybody_once_the_custom_ones_first() {
    let mut seen: Vec<&str> = Vec::new();
    loop {
        let page = catalog::page(seen.last().copied(), 7).unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|provider| provider.name.as_str()));
    }
    assert_eq!(seen, all().iter().map(|provider| provider.name.as_str()).collect::<Vec<_>>());
    assert_eq!(seen.get(..2), Some(["custom", "custom-saml"].as_slice()));
    assert!(seen.iter().skip(2).is_sorted_by(|one, other| one < other), "not by name, or twice: {seen:?}");
}

#[test]
fn a_name_that_is_gone_is_a_place_in_the_list_all_the_same() {
    let after = catalog::page(Some("salesforce-of-before"), 1).unwrap();
    assert!(after.iter().all(|provider| provider.name.as_str() > "salesforce-of-before"));
    assert!(catalog::page(Some("~"), 10).unwrap().is_empty());
    assert!(catalog::page(None, 0).unwrap().is_empty());
}

#[test]
fn one_is_found_by_its_name_and_by_no_other() {
    let salesforce = catalog::find("salesforce").unwrap().unwrap();
    assert_eq!(salesforce.display_name, "Salesforce");
    assert_eq!(salesforce.protocol, Protocol::Saml);
    for other in ["Salesforce", "salesforce ", "", "sales"] {
        assert!(catalog::find(other).unwrap().is_none(), "{other}");
    }
}

#[test]
fn the_custom_ones_say_their_protocol_and_nothing_else() {
    for (name, protocol) in [("custom", Protocol::Oauth), ("custom-saml", Protocol::Saml)] {
        let custom = catalog::find(name).unwrap().unwrap();
        assert!(custom.is_custom());
        assert_eq!(custom.protocol, protocol);
        assert!(custom.saml.is_none() && custom.oauth.is_none() && custom.values.is_empty());
    }
}

#[test]
fn every_word_of_a_search_counts() {
    let names = |text: &str| -> Vec<&str> {
        catalog::search(text).unwrap().iter().map(|found| found.provider.name.as_str()).collect()
    };
    assert_eq!(names("  SALESFORCE ").first(), Some(&"salesforce"));
    assert!(names("customer relationship").contains(&"salesforce"));
    assert!(names("salesforce nowhere").is_empty());
    assert!(names("git saml").contains(&"gitlab") && !names("git saml").contains(&"gitlab-oidc"));
    assert!(names("git openid").contains(&"gitlab-oidc") && !names("git openid").contains(&"gitlab"));
    assert_eq!(names("").len(), all().len());
    // What begins with the text comes first, wherever the alphabet has it.
    let custom = names("custom");
    assert_eq!(custom.get(..2), Some(["custom", "custom-saml"].as_slice()));
}

#[test]
fn every_pattern_is_an_address_once_the_examples_stand_in_it() {
    for provider in all() {
        for (what, pattern, address) in provider.patterns() {
            let filled = pattern.fill(&provider.values, &example(provider)).unwrap();
            let of = format!("{}: {what}: {filled}", provider.name);
            assert!(!filled.replace("${user:", "").contains('{'), "{of}");
            let own = what == "redirectUris" || filled.starts_with("http://127.0.0.1:");
            assert!(!address || own || filled.starts_with("https://"), "{of}");
        }
    }
}

#[test]
fn texts_say_only_what_is_known_of_a_person() {
    for provider in all() {
        for (what, pattern, _) in provider.patterns() {
            for told in pattern.as_str().split("${").skip(1) {
                let (name, _) = told.split_once('}').unwrap();
                let known = name.strip_prefix("user:").is_some_and(|name| TOLD.contains(&name));
                let may = ["nameId", "attributes"].contains(&what);
                assert!(known && may, "{}: {what}: {name}", provider.name);
            }
        }
        let Some(saml) = &provider.saml else { continue };
        assert!(saml.name_id.value.as_str().contains("${user:"), "{}: everybody is the same", provider.name);
        let mut names = BTreeSet::new();
        for attribute in &saml.attributes {
            assert!(names.insert(&attribute.name), "{}: {} twice", provider.name, attribute.name);
        }
    }
}

#[test]
fn those_that_everybody_asks_for_are_among_them() {
    let real = all().iter().filter(|provider| !provider.is_custom()).count();
    assert!(real >= 80, "{real} applications, 80 at least");
    for name in ["salesforce", "microsoft-365", "google-workspace", "slack", "gitlab", "grafana"] {
        assert!(catalog::find(name).unwrap().is_some(), "{name}");
    }
}

/// Written with `PORTICO_BLESS=1`.
#[test]
fn the_page_lists_every_application() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalog.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let mark = "| name | application | |\n|---|---|---|\n";
    let (before, _) = page.split_once(mark).unwrap();
    let mut list = format!("{before}{mark}");
    for provider in all() {
        let by = match provider.protocol {
            Protocol::Saml => "SAML",
            Protocol::Oauth => "OAuth",
        };
        writeln!(
            list,
            "| `{}` | {}: {} | {by} |",
            provider.name, provider.display_name, provider.description
        )
        .unwrap();
    }
    if blessed() {
        std::fs::write(&file, &list).unwrap();
    }
    assert!(blessed() || list == page, "docs/catalog.md is not of this catalog: PORTICO_BLESS=1 writes it");
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so; nothing that is served reads it"
)]
fn blessed() -> bool {
    std::env::var_os("PORTICO_BLESS").is_some_and(|value| value == "1")
}

#[test]
fn display_names_are_not_shared() {
    let mut names = BTreeSet::new();
    for provider in all() {
        assert!(names.insert(&provider.display_name), "{} is there twice", provider.display_name);
    }
}

#[test]
fn a_value_cannot_lead_elsewhere() {
    let salesforce = catalog::find("salesforce").unwrap().unwrap();
    let acs_url: &Pattern = salesforce.saml.as_ref().unwrap().acs_urls.first().unwrap();
    let fill = |value: &str| {
        acs_url.fill(&salesforce.values, &BTreeMap::from([("domain".to_owned(), value.to_owned())]))
    };
    assert_eq!(fill("acme").unwrap(), "https://acme.my.salesforce.com");
    for bad in
        ["", "evil.example/", "evil.example#", "a@b", "a.b", "-a", "a b", "ä", "{domain}", &"a".repeat(64)]
    {
        let refused = fill(bad).unwrap_err();
        assert!(refused.message().starts_with("domain is not one part of a host's name"), "{refused}");
    }
    let missing = acs_url.fill(&salesforce.values, &BTreeMap::new()).unwrap_err();
    assert_eq!(missing.message(), "domain is missing in https://{domain}.my.salesforce.com");
}
