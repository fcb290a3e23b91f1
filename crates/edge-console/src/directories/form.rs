//! What is decided of a directory as a form has it: servers, bases and certificates one after another, rules with an equals sign.

use edge_portal::words::language::Language;
use serde_json::{Value, json};

use crate::field::Spec;
use crate::fields::Fields;
use crate::lines::{
    filled, lines, number, rule_text, rules, text, texts, typed_number, without_nulls, words,
};
use crate::sheet::{Blank, Choice, Sheet, word};

const fn spec(name: &'static str, label: &'static str, named: &'static str, kind: &'static str) -> Spec {
    Spec { name, label, named, required: false, kind }
}

const SCHEMA: Choice = Choice {
    name: "schema",
    label: "dir-schema",
    options: &[
        ("ACTIVE_DIRECTORY", "dir-schema-ad"),
        ("OPENLDAP", "dir-schema-openldap"),
        ("DS389", "dir-schema-ds389"),
    ],
};
const SECURITY: Choice = Choice {
    name: "dns_security",
    label: "dir-dns-security",
    options: &[("LDAPS", "dir-dns-ldaps"), ("START_TLS", "dir-dns-start-tls")],
};

/// Numbers: their names in the form and in the API.
const NUMBERS: [(&str, &str); 6] = [
    ("incremental_seconds", "IncrementalSeconds"),
    ("full_hours", "FullHours"),
    ("brake_percent", "BrakePercent"),
    ("remove_days", "RemoveAfterDays"),
    ("lockout_attempts", "LockoutAttempts"),
    ("lockout_minutes", "LockoutMinutes"),
];
/// Texts of a line, or of many that are one.
const TEXTS: [(&str, &str); 7] = [
    ("dns_domain", "DnsDomain"),
    ("bind_dn", "BindDn"),
    ("user_filter", "UserFilter"),
    ("group_filter", "GroupFilter"),
    ("user_name_from", "UserNameFrom"),
    ("domain", "Domain"),
    ("ca_certificates", "CaCertificates"),
];
/// Lists of lines.
const LISTS: [(&str, &str); 3] =
    [("servers", "Servers"), ("user_bases", "UserBases"), ("group_bases", "GroupBases")];
/// Switches.
const SWITCHES: [(&str, &str); 2] = [("watch", "Watch"), ("password_change", "PasswordChange")];

/// The form.
pub(crate) const BLANK: Blank = Blank {
    specs: &[
        Spec { name: "name", label: "dir-name", named: "name", required: true, kind: "text" },
        spec("servers", "dir-servers", "servers", "textarea"),
        spec("dns_domain", "dir-dns-domain", "dnsdomain", "text"),
        spec("ca_certificates", "dir-ca", "cacertificates", "textarea"),
        spec("pinned", "dir-pinned", "pinnedcertificates", "textarea"),
        spec("bind_dn", "dir-bind-dn", "binddn", "text"),
        spec("password_bind", "dir-bind-password", "bindpassword", "password"),
        spec("client_certificate", "dir-client-certificate", "clientcertificate", "textarea"),
        spec("password_client_key", "dir-client-key", "clientkey", "textarea"),
        Spec {
            name: "user_bases",
            label: "dir-user-bases",
            named: "userbases",
            required: true,
            kind: "textarea",
        },
        spec("group_bases", "dir-group-bases", "groupbases", "textarea"),
        spec("user_filter", "dir-user-filter", "userfilter", "text"),
        spec("group_filter", "dir-group-filter", "groupfilter", "text"),
        spec("user_name_from", "dir-user-name-from", "usernamefrom", "text"),
        spec("attributes", "dir-attributes", "attributes", "textarea"),
        spec("domain", "dir-domain", "domain", "text"),
        spec("incremental_seconds", "dir-incremental", "incrementalseconds", "number"),
        spec("full_hours", "dir-full", "fullhours", "number"),
        spec("brake_percent", "dir-brake", "brakepercent", "number"),
        spec("remove_days", "dir-remove", "removeafterdays", "number"),
        spec("lockout_attempts", "dir-lockout-attempts", "lockoutattempts", "number"),
        spec("lockout_minutes", "dir-lockout-minutes", "lockoutminutes", "number"),
    ],
    boxes: &["watch", "password_change"],
    choices: &[SCHEMA, SECURITY],
};

/// What is in force: what DescribeDirectory answers of it.
pub(crate) fn of(language: Language, now: &Value) -> Sheet {
    let mut pairs = vec![
        ("name", text(now, "Name")),
        ("schema", text(now, "Schema")),
        ("dns_security", text(now, "DnsSecurity")),
        ("client_certificate", text(now, "ClientCertificate")),
        ("pinned", texts(&now["PinnedCertificates"])),
        ("attributes", lines(&now["Attributes"], |rule| rule_text(rule, ("Attribute", "From")))),
    ];
    pairs.extend(TEXTS.map(|(name, member)| (name, text(now, member))));
    pairs.extend(LISTS.map(|(name, member)| (name, texts(&now[member]))));
    pairs.extend(NUMBERS.map(|(name, member)| (name, number(now, member))));
    let ticked = |member: &str| if now[member] == "ENABLED" { "yes".to_owned() } else { String::new() };
    pairs.extend(SWITCHES.map(|(name, member)| (name, ticked(member))));
    Sheet::of(language, &BLANK, &pairs)
}

/// What the operations take, of what was typed.
pub(crate) fn configuration(typed: &Fields) -> Value {
    let mut all = json!({
        "Name": typed.text("name"),
        "Schema": word(&SCHEMA, typed),
        "DnsSecurity": typed.some("dns_domain").map(|_| word(&SECURITY, typed)),
        "ClientCertificate": typed.some("client_certificate").map(pem),
        "PinnedCertificates": words(typed.text("pinned")),
        "Attributes": rules(typed.whole("attributes"), ("Attribute", "From")),
    });
    for (name, member) in TEXTS {
        all[member] = typed.some(name).map_or(Value::Null, |text| text.replace("\r\n", "\n").into());
    }
    if let Some(authority) = typed.some("ca_certificates") {
        all["CaCertificates"] = pem(authority).into();
    }
    for (name, member) in LISTS {
        all[member] = filled(typed.whole(name)).collect::<Vec<_>>().into();
    }
    for (name, member) in NUMBERS {
        all[member] = typed_number(typed.text(name));
    }
    for (name, member) in SWITCHES {
        all[member] = if typed.is_ticked(name) { "ENABLED" } else { "DISABLED" }.into();
    }
    without_nulls(all)
}

/// What goes along to prove who we are, beside the configuration.
pub(crate) fn secrets(typed: &Fields) -> Value {
    json!({
        "BindPassword": Some(typed.whole("password_bind")).filter(|text| !text.is_empty()),
        "ClientKey": typed.some("password_client_key").map(pem),
    })
}

fn pem(text: &str) -> String {
    format!("{}\n", text.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_is_what_is_sent_again() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let now = json!({
            "Name": "Forest", "Schema": "OPENLDAP", "Servers": ["ldaps://a.example", "ldaps://b.example"],
            "DnsDomain": "ad.example", "DnsSecurity": "START_TLS", "BindDn": "cn=portico,dc=example",
            "ClientCertificate": pem, "UserBases": ["ou=people,dc=example"], "GroupBases": [],
            "UserFilter": "(a=b)", "GroupFilter": "(c=d)", "UserNameFrom": "uid",
            "Attributes": [{"Attribute": "title", "From": "description"}], "Domain": "EXAMPLE", "CaCertificates": pem,
            "PinnedCertificates": ["ab:cd"], "IncrementalSeconds": 10, "FullHours": 24, "BrakePercent": 10,
            "RemoveAfterDays": 0, "LockoutAttempts": 5, "LockoutMinutes": 0, "Watch": "ENABLED", "PasswordChange": "DISABLED",
        });
        let form = of(Language::English, &now);
        let texts =
            BLANK.specs.iter().filter_map(|spec| Some((spec.name, form.field(spec.name)?.value.as_str())));
        let words = BLANK.choices.iter().filter_map(|choice| {
            let options = &form.choice(choice.name)?.options;
            options.iter().find(|(.., is_it)| *is_it).map(|(word, ..)| (choice.name, *word))
        });
        let boxes = BLANK.boxes.iter().filter(|name| form.has(name)).map(|name| (*name, "yes"));
        assert_eq!(configuration(&Fields::of(texts.chain(words).chain(boxes))), now);
    }

    #[test]
    fn nobody_sees_a_password_or_a_key_twice() {
        let typed = Fields::of([("password_bind", "secret"), ("password_client_key", "KEY"), ("name", "x")]);
        let form = Sheet::typed(Language::English, &BLANK, &typed);
        for name in ["password_bind", "password_client_key"] {
            assert_eq!(form.field(name).unwrap().value, "");
        }
        assert_eq!(secrets(&typed), json!({"BindPassword": "secret", "ClientKey": "KEY\n"}));
        assert_eq!(secrets(&Fields::default()), json!({"BindPassword": null, "ClientKey": null}));
    }
}
